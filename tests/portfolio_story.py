"""Repositories and documents for a portfolio: a few that tell something, and many that are cheap."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from checktrail.cli import run
from checktrail.demo import write_demo
from checktrail.git import Repository
from checktrail.portfolio.gathering import gathered
from checktrail.portfolio.listing import read_listing
from checktrail.portfolio.pages import pages
from checktrail.portfolio.processes import read_in_processes
from checktrail.portfolio.summary import Portfolio, portfolio
from checktrail.portfolio.views.atlas import atlas
from checktrail.site.drafts import Page
from checktrail.site.pages import environment
from export_story import export
from site_story import harbour
from story import Story

HOSTILE = '<img src="https://elsewhere.example/x.png" onerror="document.title=1">'
MAIL = "ada@secret.example"


@contextmanager
def cached(folder: Path) -> Iterator[None]:
    """Remember in a folder of the test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKTRAIL_CACHE_DIR", str(folder))
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        yield


def several(folder: Path) -> Path:
    """A list of three that can be read, one of them hostile, and three that cannot; the list's file."""
    write_demo(folder / "tidepool")
    story = harbour(folder)
    story.write("checktrail.toml", '[site]\nurl = "https://harbour.example/site/"\n').commit(
        "Settings", on="2024-05-03"
    )
    exported = folder / "artifacts" / "pier"
    exported.mkdir(parents=True)
    assert export(story.root, exported / "portfolio.json") == 0
    _made_hostile(exported / "portfolio.json")
    story.git("clone", "--quiet", "--depth=1", f"file://{folder / 'tidepool'}", str(folder / "cut"))
    (folder / "artifacts" / "broken.json").write_text('{"schema": "checktrail.portfolio/1"}', encoding="utf-8")
    (folder / "portfolio.toml").write_text(
        'title = "Harbour Works"\n'
        '[[repository]]\npath = "tidepool"\nsite = "sites/{name}/"\n'
        '[[repository]]\npath = "harbour"\n'
        '[[repository]]\npath = "artifacts/*"\n'
        '[[repository]]\npath = "cut"\n'
        '[[repository]]\npath = "nowhere"\n',
        encoding="utf-8",
    )
    return folder / "portfolio.toml"


def _made_hostile(path: Path) -> None:
    """Names and texts of a document that try to be more, and an address where a name may stand."""
    document = json.loads(path.read_bytes())
    (own,) = document["repositories"]
    own |= {"name": f"../../../{HOSTILE}", "title": f"{HOSTILE} {MAIL}", "site": "javascript:alert(1)"}
    own["releases"][0] |= {"tag": f"../../{HOSTILE}/v1", "component": HOSTILE, "version": HOSTILE}
    own["releases"][1]["tag"] = f"v2 <{MAIL}>"
    own["in_flight"][0] |= {"title": f"{HOSTILE} ask {MAIL}", "release": HOSTILE, "path": f"../{HOSTILE}.md"}
    path.write_text(json.dumps(document), encoding="utf-8")


def many(folder: Path, number: int, broken: int) -> Path:
    """A folder of tiny clones, one of which lost its objects; the folder."""
    story = Story(folder / "first", bare_name="tiny")
    text = "# Release checklist v1.0.0\n\n## Preparation\n- [x] Tests pass\n\n## Sign-off\n- [ ] QA lead sign-off\n"
    story.write("checklists/v1.0.0.md", text).commit("Start", on="2024-03-01")
    story.tick("checklists/v1.0.0.md", "QA lead").commit("Signed", by="Ben", on="2024-03-02")
    story.tag("v1.0.0", on="2024-03-03")
    shutil.rmtree(story.root / ".git" / "hooks")
    for index in range(number):
        shutil.copytree(story.root, folder / "clones" / f"clone-{index:03}")
    shutil.rmtree(folder / "clones" / f"clone-{broken:03}" / ".git" / "objects")
    return folder / "clones"


def made(*arguments: str) -> int:
    """Run `checktrail portfolio`; its exit code."""
    return run(["portfolio", *arguments])


def document_of(path: Path) -> dict[str, Any]:
    """The document of a list, gathered as the command does."""
    return gathered(read_listing(path), lambda places: read_in_processes(places, 2, 120))


def portfolio_of(path: Path) -> Portfolio:
    """The values of a list."""
    return portfolio(document_of(path))


def pages_of(document: Mapping[str, Any]) -> dict[str, Page]:
    """Every page of a document's site by name."""
    return {page.name: page for page in pages(atlas(portfolio(document)), environment())}


def head(folder: Path) -> str | None:
    """The commit of a clone's head."""
    return Repository.open(folder).head.commit


def files(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
