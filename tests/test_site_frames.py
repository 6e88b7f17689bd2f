"""What MkDocs made of a page is kept: the site is the same as one that is made whole, after any change."""

from __future__ import annotations

import logging
import logging.handlers
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checktrail import plugin
from checktrail.blocks import SEPARATOR
from checktrail.site import frames
from checktrail.site.build import build
from checktrail.site.source import Made, make
from site_story import harbour
from story import Story

pytestmark = pytest.mark.build
CONFIG = """\
site_name: Harbour
site_url: https://docs.example.org/
theme: {name: material, font: false, features: [navigation.prune]}
plugins: [checktrail, search]
"""
RECENT = "[site]\nrecent = 1\n"
"""The navigation lists one release."""
GUIDE = "# Guide\n\nThe [first release](releases/v1.0.0.md#sign-offs).\n"


def _tick(story: Story) -> None:
    story.tick("checklists/v1.2.0.md", "Changelog").commit("Changelog", by="Ben", on="2024-05-04")


def _tagged(story: Story) -> None:
    """The release before the newest leaves the navigation; those that are not in it need not know."""
    story.tag("v1.2.0", on="2024-05-05")


def _moved(story: Story) -> None:
    """A tag that moves, a tick that is taken back, and a title that every page shows."""
    story.write("docs/guide.md", GUIDE.replace("Guide", "The pilot's guide") + "\n[lost](releases/v1.0.0.md#nowhere)\n")
    story.write("mkdocs.yml", CONFIG + "validation: {links: {anchors: warn}}\n").commit("A guide", on="2024-05-06")
    story.git("tag", "--force", "v1.2.0", "HEAD~3")
    path = story.root / "checklists" / "v1.2.0.md"
    story.write("checklists/v1.2.0.md", path.read_text().replace("- [x] Changelog", "- [ ] Changelog"))
    story.commit("Not yet", on="2024-05-07")


def _named(story: Story) -> None:
    """A navigation of the site's own, another title, and an address at a host; nothing is pruned."""
    story.write("checktrail.toml", RECENT + 'title = "Piers"\naudience = "internal"\n')
    config = CONFIG.replace(", features: [navigation.prune]", "")
    story.write("mkdocs.yml", config + "nav: [{Pilots: guide.md}, {First: releases/v1.0.0.md}, index.md]\n")
    story.git("remote", "add", "origin", "https://github.com/example/harbour")


def _claimed(story: Story) -> None:
    """A page of the site's own in the place of one of ours, beside which our JSON stays."""
    story.write("docs/audit/releases/v1.0.0.md", "# Seen\n").commit("Seen by the harbour master", on="2024-05-08")


def _overridden(story: Story) -> None:
    """Templates of the site's own may read anything."""
    override = '{% extends "base.html" %}{% block footer %}{{ pages | length }}{% endblock %}'
    story.write("overrides/main.html", override)
    story.write("mkdocs.yml", CONFIG.replace("font: false", "font: false, custom_dir: overrides"))


ALL = frozenset(f"{kind}/v{version}" for kind in ("releases", "audit/releases") for version in ("1.0.0", "1.1.0"))
NONE: frozenset[str] = frozenset()
CHANGES: tuple[tuple[Callable[[Story], None], frozenset[str]], ...] = (
    (_tick, NONE),
    (_tagged, frozenset(page for page in ALL if page.endswith("v1.1.0"))),
    (_moved, ALL),
    (_named, ALL),
    (_claimed, frozenset({"audit/releases/v1.0.0"})),
    (_overridden, ALL),
)
"""Changes, and the pages of the first releases that are made anew."""


class Builds:
    """Builds of a story's site, with what is kept and without."""

    def __init__(self, story: Story, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._story, self._folder, self._patch = story, folder, patch

    def kept(self) -> set[str]:
        """Build with what is kept; the pages of releases and audits that MkDocs made."""
        self._patch.setenv("CHECKTRAIL_CACHE_DIR", str(self._folder / "cache"))
        log, heard = logging.getLogger("mkdocs.commands.build"), logging.handlers.BufferingHandler(10_000)
        before = log.level
        log.addHandler(heard)
        log.setLevel(logging.DEBUG)  # and no attribute set: loggers remember what they are enabled for
        self.warnings = build(self._story.root, self._folder / "kept").warnings
        log.setLevel(before)
        log.removeHandler(heard)
        said = "\n".join(record.getMessage() for record in heard.buffer)
        self.built = set(re.findall(r"^Building page (.*)\.md$", said, re.MULTILINE))
        return {page for page in self.built if re.search(r"/v\d", page) and not page.startswith("checklists/")}

    def is_as_made(self) -> bool:
        """Whether the site is the one that is made with nothing kept, with the same warnings."""
        with self._patch.context() as apart:
            apart.setenv("CHECKTRAIL_CACHE_DIR", str(self._folder / "other"))
            apart.setenv("CHECKTRAIL_NO_STORE", "1")
            warnings = build(self._story.root, self._folder / "made").warnings
        return warnings == self.warnings and files(self._folder / "made") == files(self._folder / "kept")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_site_with_kept_pages_is_the_one_that_would_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = harbour(tmp_path / "harbour")
    story.write("mkdocs.yml", CONFIG).write("docs/guide.md", GUIDE).write("checktrail.toml", RECENT)
    story.commit("A site", on="2024-05-03")
    builds = Builds(story, tmp_path, monkeypatch)
    assert builds.kept() == ALL
    taken = [tmp_path / "kept" / name for name in ("releases/v1.0.0/index.html", "assets/checktrail/checktrail.css")]
    touched = tmp_path / "kept" / "releases" / "v1.1.0" / "index.html"
    places = [path.stat().st_ino for path in taken]
    touched.write_bytes(touched.read_bytes().replace(b"e", b"3"))
    for change, anew in CHANGES:
        change(story)
        assert builds.kept() & ALL == anew, change
        assert builds.is_as_made(), change
        if change is _tick:
            assert builds.built == {"guide", "roadmap", "index"}  # the site's own, and home, which has a new heading
            assert [path.stat().st_ino for path in taken] == places
    monkeypatch.setattr(frames, "program", lambda _: "another Material")
    story.write("mkdocs.yml", CONFIG)
    assert builds.kept() >= ALL


def test_a_page_that_was_warned_of_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = harbour(tmp_path / "harbour")
    builds = Builds(story, tmp_path, monkeypatch)
    with monkeypatch.context() as once:
        once.setattr(plugin, "make", _make_with_a_hole)
        builds.kept()
    assert builds.warnings
    _tick(story)
    assert builds.kept() == {"releases/v1.0.0"}
    assert builds.warnings == ()


def _make_with_a_hole(*places: Any, **options: Any) -> Made:
    """A source tree in which a block of one page is not there."""
    made = make(*places, **options)
    text = (made.tree.docs / "releases" / "v1.0.0.md").read_text(encoding="utf-8")
    block = made.tree.blocks / f"{text.partition('<!-- checktrail:')[2][:32]}.html"
    parts = block.read_text(encoding="utf-8").split(SEPARATOR)
    block.write_text(SEPARATOR.join(parts[:-1]), encoding="utf-8")
    return made
