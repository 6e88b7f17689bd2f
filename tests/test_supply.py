"""What is shipped besides our own code: every package that the wheel brings has a licence that lets it be used so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

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
