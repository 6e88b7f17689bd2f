"""What is shipped besides our own code: every package that the wheel brings has a licence that lets it be used so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

AUDITED = Path(__file__).resolve().parent.parent / ".ci" / "audited.py"
ALLOWED = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Python-2\.0|MPL|Mozilla|Unlicense|0BSD|HPND", re.IGNORECASE
)


def brought(name: str, seen: dict[str, Distribution]) -> dict[str, Distribution]:
    """A package and all that it needs here, by name."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return seen  # needed on other systems only
    key = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
    if key not in seen:
        seen[key] = found
        for written in found.requires or ():
            requirement = Requirement(written)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                brought(requirement.name, seen)
    return seen


def licences(found: Distribution) -> Iterator[str]:
    """What a package says of its licence."""
    yield from found.metadata.get_all("License-Expression") or ()
    yield from (text[:200] for text in found.metadata.get_all("License") or ())
    yield from (line for line in found.metadata.get_all("Classifier") or () if line.startswith("License ::"))


def test_every_package_that_comes_along_may_be_used_so() -> None:
    packages = brought("checktrail", {})
    assert {"checktrail", "click", "mkdocs", "markdown-it-py", "mdurl"} <= packages.keys()
    said = {name: list(licences(found)) for name, found in packages.items()}
    assert {name: texts for name, texts in said.items() if not any(ALLOWED.search(text) for text in texts)} == {}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        (None, 3, "cannot be reached from here: nothing was audited"),
        ([{"name": "click", "version": "8.1", "vulns": []}], 0, "All 1 packages were audited"),
        ([{"name": "checktrail", "skip_reason": "?"}, {"name": "a", "skip_reason": "?"}], 3, "1 of 1 packages"),
        ([{"name": "a", "version": "1", "vulns": [{"id": "X-1"}]}, {"name": "b", "skip_reason": "?"}], 1, "a 1: X-1"),
    ],
)  # fmt: skip
def test_what_was_not_audited_is_no_pass(
    packages: list[dict[str, object]] | None, code: int, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "audit.json"
    if packages is not None:
        file.write_text(json.dumps({"dependencies": packages}))
    found = subprocess.run([sys.executable, "-I", AUDITED, file], capture_output=True, text=True, check=False)
    assert (found.returncode, words in found.stdout) == (code, True), found
