"""Random repositories in every form of clone: each answers like a plain clone, or says in one sentence what it lacks.

`CHECKTRAIL_REPOSITORIES` says how many random repositories are told, each cloned in every form; one if it says nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from amounts import amount_of
from clone_forms import FEWER, SAME, clone, git, loose
from odd_repository import odd_repository
from said import Said, said
from story import Story

SEEDS = range(amount_of("CHECKTRAIL_REPOSITORIES", whole=20, quick=1))
MANY = len(SEEDS) > 1
DOCUMENTS: tuple[tuple[str, ...], ...] = (("status",), ("releases",), ("log", "--events"), ("audit",))
# What a clone rightly tells of itself and not of the history.
ITS_OWN = ("run",)
LACKS = {
    "shallow": "shallow clone", "blobless": "missing", "treeless": "partial clone", "bare_blobless": "missing",
    "bare_treeless": "partial clone", "limited": "missing", "damaged": "missing",
}  # fmt: skip
PLACEHOLDER = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{12})\b")


@pytest.fixture(scope="module", params=SEEDS)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random repository with many references and no files."""
    return odd_repository(tmp_path_factory.mktemp("odd") / "source.git", request.param)


@pytest.fixture(scope="module")
def plain(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, ...], dict[str, Any]]:
    """What a plain clone answers, by command."""
    folder = tmp_path_factory.mktemp("plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKTRAIL_CACHE_DIR", str(folder / "cache"))
        here = clone(source, folder / "clone")
        return {asked: documented(said(here, *asked, "--format", "json")) for asked in DOCUMENTS}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))


def documented(found: Said) -> dict[str, Any]:
    """The document of a run that found nothing wrong with how it was asked."""
    assert found.code in {0, 3}, found.err
    document: dict[str, Any] = json.loads(found.out)
    return {key: value for key, value in document.items() if key not in ITS_OWN}


def refused(found: Said) -> str:
    """The sentence and way out of a run that could not answer."""
    assert (found.code, found.out) == (2, b""), found
    first, *more = found.err.splitlines()
    assert first.startswith("checktrail: "), found.err
    assert len(more) == 1, found.err
    assert more[0].startswith("  "), found.err
    return found.err


@pytest.mark.parametrize("form", SAME)
def test_every_clone_answers_alike(
    form: str, source: Path, plain: Mapping[tuple[str, ...], dict[str, Any]], tmp_path: Path
) -> None:
    here = SAME[form](source, tmp_path / form)
    for asked, expected in plain.items():
        found = documented(said(here, *asked, "--format", "json"))
        if asked == ("audit",) and form in ("replaced", "grafted"):
            codes = [finding["code"] for finding in found["findings"]]
            assert codes == ["EV003", *(finding["code"] for finding in expected["findings"])]
            assert all(release["verdict"] == "indeterminate" for release in found["releases"])
        elif asked == ("status",) and form == "sparse":
            shown = {sheet["path"] for sheet in found["checklists"]}
            left_out = said(here, "status").err
            assert all(
                sheet["path"] in shown or f"{printable(sheet['path'])} is kept away by the sparse checkout" in left_out
                for sheet in expected["checklists"]
            )
        else:
            assert found == expected, asked
    if MANY:
        assert said(here, "export", "--to", f"{tmp_path / 'out'}/").code == 0
        assert said(here, "verify", str(tmp_path / "out" / "evidence.zip")).code == 0


def printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


@pytest.mark.parametrize("form", FEWER)
def test_a_clone_that_lacks_something_says_so(
    form: str, source: Path, plain: Mapping[tuple[str, ...], dict[str, Any]], tmp_path: Path
) -> None:
    here = FEWER[form](source, tmp_path / form)
    for asked, expected in plain.items():
        found = said(here, *asked, "--format", "json")
        if found.code == 2:
            assert LACKS[form] in refused(found)
        elif documented(found) != expected:
            assert found.code == 3 or LACKS[form] in found.err, (asked, found.err)
    audit = said(here, "audit", "--format", "json", *(("--allow-shallow",) if form == "shallow" else ()))
    if form == "damaged":  # what was lost, no release may hold
        assert (audit.code == 3) is any('"EV005"' in line for line in audit.text.splitlines())
    elif audit.code != 2:
        releases = json.loads(audit.out)["releases"]
        assert {release["verdict"] for release in releases} <= {"indeterminate"}
        assert audit.code == (3 if releases else 0)
    for asked in (("export", "--to", f"{tmp_path / 'out'}/"), ("metrics", "--format", "json")):
        found = said(here, *asked)
        if found.code == 2:
            refused(found)
        else:
            assert "could not be read" in found.err or form == "damaged"


def anonymous(document: object) -> Any:
    """A document without the ids that a hash gives, its lists in an order of their own."""
    if isinstance(document, dict):
        return {key: anonymous(value) for key, value in document.items()}
    if isinstance(document, list):
        return sorted((anonymous(each) for each in document), key=lambda each: json.dumps(each, sort_keys=True))
    return PLACEHOLDER.sub("id", document) if isinstance(document, str) else document


def test_ids_of_another_length_change_no_answer(
    plain: Mapping[tuple[str, ...], dict[str, Any]], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    seed = request.node.callspec.params["source"]
    other = odd_repository(tmp_path / "sha256.git", seed, object_format="sha256")
    here = clone(other, tmp_path / "clone")
    for asked, expected in plain.items():
        found = documented(said(here, *asked, "--format", "json"))
        assert anonymous(found) == anonymous(expected), asked
    assert said(here, "export", "--to", str(tmp_path / "evidence.zip")).code == 0
    assert said(here, "verify", str(tmp_path / "evidence.zip")).code == 0


@pytest.mark.build
@pytest.mark.skipif(not MANY, reason="CHECKTRAIL_REPOSITORIES asks for few repositories")
@pytest.mark.parametrize("form", ["bare", "windows", "submodule"])
def test_every_clone_builds_the_same_site(form: str, source: Path, tmp_path: Path) -> None:
    sites = []
    for here in (clone(source, tmp_path / "plain"), SAME[form](source, tmp_path / form)):
        target = tmp_path / f"site-{here.name}"
        assert said(here, "build", "--site-dir", str(target), "--strict").code == 0
        sites.append({path.relative_to(target).as_posix() for path in target.rglob("*.html")})
    assert sites[0] == sites[1]
    assert len(sites[0]) > 20


# --- what an earlier run remembers, and a later one does not find any more --------------------------------------------


@cache
def _commands() -> tuple[tuple[str, ...], ...]:
    return (
        *((*asked, "--format", "json") for asked in DOCUMENTS), ("metrics", "--format", "json"),
        ("log", "--format", "json"), ("lint", "--base", "v2.1.0", "--format", "json"),
        ("diff", "v2.1.0", "HEAD", "--format", "json"), ("notes", "v2.1.0", "--format", "json"),
    )  # fmt: skip


@pytest.mark.parametrize("lost", ["blob", "tree", "commit"] if MANY else ["blob"])
def test_what_was_lost_since_the_last_run_is_never_passed_over(lost: str, source: Path, tmp_path: Path) -> None:
    here = loose(source, tmp_path / "clone")
    before = {asked: said(here, *asked) for asked in _commands()}
    rows = [row.split(" ", 1) for row in git(here, "rev-list", "--objects", "HEAD").splitlines()]
    ids = {
        "blob": [row[0] for row in rows if row[-1].endswith(".md") and git(here, "cat-file", "-t", row[0]) == "blob"],
        "tree": [git(here, "rev-parse", f"{tag}^{{tree}}") for tag in ("v2.1.0", "v2.2.0")],
        "commit": [git(here, "rev-parse", "v2.2.0^{commit}")],
    }[lost]
    for one in ids[::2]:
        (here / ".git" / "objects" / one[:2] / one[2:]).unlink(missing_ok=True)
    for asked, known in before.items():
        found = said(here, *asked)
        if found.code == 2:
            refused(found)
        else:
            told = (found.code, found.out) == (known.code, known.out) or found.code == 3 or "missing" in found.err
            assert told or "could not be read" in found.err, (asked, found)


# --- large ------------------------------------------------------------------------------------------------------------

LARGE = 100 * 1024 * 1024


def test_a_hundred_megabytes_are_named_and_not_read(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("RELEASE_CHECKLIST.md", "# Release checklist\n\n- [x] Tests\n").commit("Start")
    line = b"- [ ] An item of a list without an end\n"
    stream = b"commit refs/heads/main\ncommitter Ada <ada@example.org> 1704200000 +0000\ndata 5\nLarge\n"
    stream += b"from refs/heads/main^0\n"
    stream += (
        b"M 100644 inline checklists/large.md\ndata %d\n" % LARGE + (line * (LARGE // len(line) + 1))[:LARGE] + b"\n"
    )
    subprocess.run(["git", "-C", str(story.root), "fast-import", "--quiet"], input=stream, check=True)
    story.git("reset", "--quiet", "--hard")
    story.tag("v1.0.0")
    status = said(story.root, "status", "--require-complete")
    assert status.code == 1
    assert "checklists/large.md is 104,857,600 bytes" in status.err
    story.commit("feat: something else")
    story.tag("v1.1.0")
    for _ in ("read", "remembered"):
        audit = said(story.root, "audit", "--format", "json")
        assert audit.code == 3
        for release in json.loads(audit.out)["releases"]:
            assert release["verdict"] == "indeterminate"
            told = [finding["message"] for finding in release["findings"] if finding["code"] == "EV005"]
            assert told == ["checklists/large.md could not be read: it is larger than `checklists.max-bytes`"]
