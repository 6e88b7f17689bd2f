"""Pages of frozen releases are kept: what is taken from the shelf is what would be made, after any change."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from checktrail.blocks import filled
from checktrail.config import Settings, SiteSettings
from checktrail.git import Repository
from checktrail.record import read_record
from checktrail.site.digests import Digests
from checktrail.site.pages import drafts, environment
from checktrail.site.shelf import Keys, Sources
from checktrail.site.source import chapters
from checktrail.site.tree import write_drafts
from checktrail.site.views.shared import Site, site
from checktrail.store import Store
from site_story import CHECKLIST, harbour
from story import Story

POLICY = """\
version: 1
requirements:
  - id: qa
    match: {text: "QA lead*"}
"""


def whole(story: Story, settings: Settings) -> Site:
    """All that is known of a story's repository."""
    repository = Repository.open(story.root)
    record = read_record(repository, settings, Store(None))
    return site(record, chapters(repository, record))


def written(made_for: Site, folder: Path, store: Store | None) -> dict[str, str]:
    """Every file of the source tree, blocks in their places; with or without what is kept."""
    sources = Sources(store or Store(None))
    found = tuple(drafts(made_for, environment(), Keys(made_for, "program" if store else ""), sources))
    tree = write_drafts(found, folder, sources)
    sources.close()
    return {
        path.relative_to(tree.docs).as_posix(): filled(path.read_text(encoding="utf-8"), tree.blocks)
        for path in tree.docs.rglob("*")
        if path.suffix in {".md", ".json"}
    }


def kept(folder: Path) -> int:
    with sqlite3.connect(next(folder.glob("store-*.sqlite"))) as connection:
        return int(connection.execute("SELECT count(*) FROM remembered WHERE kind = 'source'").fetchone()[0])


def living(folder: Path) -> Story:
    """One list for all releases, reset after each."""
    story, path = Story(folder, bare_name="pier"), "RELEASE.md"
    story.write(path, CHECKLIST.format(version="")).commit("Start", on="2024-01-01")
    for number in range(3):
        story.tick(path, "Unit tests", "QA lead").commit("Ticked", by="Ben", on=f"2024-0{number + 2}-01")
        story.tag(f"v1.{number}.0", on=f"2024-0{number + 2}-02")
        story.tick(path, "Announcement").commit("Announced", by="Dana", on=f"2024-0{number + 2}-03")
        story.write(path, CHECKLIST.format(version="")).commit("Reset", on=f"2024-0{number + 2}-04")
    return story


def _merged(story: Story) -> None:
    """A tick that a merge brings in."""
    story.git("checkout", "--quiet", "-b", "side")
    story.tick("checklists/v1.2.0.md", "QA lead").commit("QA", by="Cleo", on="2024-05-05T10:00:00Z")
    story.git("checkout", "--quiet", "-")
    story.git("merge", "--quiet", "--no-ff", "--message", "Merge side", "side")


Change: TypeAlias = Callable[[Story], object]


def _ticked(story: Story) -> None:
    story.tick("checklists/v1.2.0.md", "Changelog").commit("feat!: it has a changelog", by="Ben", on="2024-05-04")


def _tagged(story: Story) -> None:
    story.tag("v1.2.0", on="2024-05-06")


def _late(story: Story) -> None:
    story.git("branch", "-m", "trunk")
    story.tick("checklists/v1.1.0.md", "Announcement").commit("Late", by="Dana", on="2024-05-07")


def _renamed(story: Story) -> None:
    story.git("mv", "checklists/v1.0.0.md", "checklists/harbour-v1.0.0.md")
    story.commit("Renamed", on="2024-05-08")
    story.git("tag", "v1.2.1")


def _policy(story: Story) -> None:
    story.write("checktrail-policy.yml", POLICY).commit("A policy", on="2024-05-09")


def _elsewhere(story: Story) -> None:
    story.git("remote", "add", "origin", "https://github.com/example/harbour")
    story.git("tag", "--delete", "v1.1.0")


def _back(story: Story) -> None:
    story.git("checkout", "--quiet", "HEAD~3")


def _reset(story: Story) -> None:
    story.tick("RELEASE.md", "QA lead").commit("Late", by="Cleo", on="2024-06-03")
    story.write("RELEASE.md", CHECKLIST.format(version="")).commit("Reset", on="2024-06-04")


def _next(story: Story) -> None:
    story.tick("RELEASE.md", "Unit tests").commit("Ticked", by="Ben", on="2024-06-01")
    story.tag("v1.3.0", on="2024-06-02")


OWN: tuple[Change, ...] = (_ticked, _merged, _tagged, _late, _renamed, _policy, _elsewhere, _back)
LIVING: tuple[Change, ...] = (_next, _reset)


@pytest.mark.parametrize(("begin", "changes"), [(harbour, OWN), (living, LIVING)], ids=["own", "living"])
def test_what_is_kept_is_what_would_be_made(
    tmp_path: Path, begin: Callable[[Path], Story], changes: tuple[Change, ...]
) -> None:
    story, store = begin(tmp_path), Store.open(tmp_path / "store")
    settings = Settings()
    for change in (lambda _: None, *changes):
        change(story)
        made_for = whole(story, settings)
        assert written(made_for, tmp_path / "kept", store) == written(made_for, tmp_path / "made", None)
        _spoil(tmp_path / "kept")
    made_for = whole(story, replace(settings, site=SiteSettings(title="Piers", audience="internal")))
    assert written(made_for, tmp_path / "kept", store) == written(made_for, tmp_path / "made", None)
    store.close()


def _spoil(tree: Path) -> None:
    """Other words in one file of a page that stands, another one and a block file gone."""
    page = tree / "docs" / "releases" / "v1.0.0.md"
    block = page.read_text(encoding="utf-8").partition("<!-- checktrail:")[2][:32]
    page.write_bytes(page.read_bytes().replace(b"e", b"3"))
    (tree / "docs" / "audit" / "releases" / "v1.0.0.json").unlink()
    (tree / "blocks" / f"{block}.html").unlink(missing_ok=True)


def test_a_frozen_release_is_never_made_twice(tmp_path: Path) -> None:
    story, store = harbour(tmp_path), Store.open(tmp_path / "store")
    written(whole(story, Settings()), tmp_path / "tree", store)
    first = kept(tmp_path / "store")
    assert first == 7  # two releases, two audits, the findings, the population, the rules
    _ticked(story)
    story.write("README.md", "# Harbor\n").commit("Spelling", on="2024-05-05")
    written(whole(story, Settings()), tmp_path / "tree", store)
    assert kept(tmp_path / "store") == first
    _tagged(story)
    written(whole(story, Settings()), tmp_path / "tree", store)
    # The release, its audit, two upgrades to it, which say something, the findings, and the population.
    assert kept(tmp_path / "store") == first + 6
    store.close()


def test_a_page_that_says_nothing_new_is_not_looked_up(tmp_path: Path) -> None:
    story, store = living(tmp_path), Store.open(tmp_path / "store")
    written(whole(story, Settings()), tmp_path / "tree", store)
    page = tmp_path / "tree" / "docs" / "releases" / "v1.0.0.md"
    before = page.stat()
    page.write_bytes(page.read_bytes().replace(b"e", b"3"))
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))  # nothing tells that it was touched
    _next(story)
    written(whole(story, Settings()), tmp_path / "tree", store)
    assert b"# v1&#46;0&#46;0" in page.read_bytes()
    assert b"e" not in page.read_bytes()
    store.close()


def test_a_text_that_looks_like_a_slot_is_shown_as_it_is(tmp_path: Path) -> None:
    story, store = harbour(tmp_path), Store.open(tmp_path / "store")
    text = CHECKLIST.format(version="v1.3.0").replace("QA lead sign-off obtained", "QA \ue0000; sign-off obtained")
    story.write("checklists/v1.3.0.md", text).commit("Odd", on="2024-05-10")
    story.tag("v1.3.0", on="2024-05-11")
    for _ in range(2):
        pages = written(whole(story, Settings()), tmp_path / "tree", store)
        assert "QA \ue0000; sign-off" in pages["audit/releases/v1.3.0.md"]
    store.close()


def test_equal_values_have_equal_digests_and_others_have_not() -> None:
    one, two = Digests(), Digests()
    assert one.of(("a", 1), {"x": None}) == two.of(["a", 1], {"x": None})
    assert one.of({"a", "b"}) == two.of({"b", "a"})
    different = [1, "1", None, True, b"1", (1,), ((1,),), {"1": 1}, {1}, Settings(), SiteSettings()]
    assert len({one.of(value) for value in different}) == len(different)
    with pytest.raises(TypeError, match="of which there is no digest"):
        one.of(object())
