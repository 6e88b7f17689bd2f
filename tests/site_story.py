"""A repository with releases in flight and past, as a story, and its pages without any site builder."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from checktrail.git import Repository
from checktrail.record import Record, read_record
from checktrail.site.drafts import Page
from checktrail.site.folders import shipped
from checktrail.site.pages import environment, pages
from checktrail.site.source import chapters
from checktrail.site.views.shared import site
from checktrail.store import Store
from story import Story

if TYPE_CHECKING:
    from pathlib import Path

    from checktrail.config import Settings

CHECKLIST = """\
# Harbour {version} release checklist

## Preparation

- [ ] Unit tests pass (`make test`)
- [ ] Changelog is written (owner: Ben)
- [ ] Migration guide (if applicable)

## Sign-off

- [ ] QA lead sign-off obtained
- [ ] Product owner sign-off obtained

## Release

1. Stop the service

   ```bash
   systemctl stop harbour
   ```

2. Start it again

   ```bash
   systemctl start harbour
   ```

- [ ] Announcement sent

## Completion

| Category | Items | Completed | Notes |
|---|---|---|---|
| Preparation | 4 | 0 | one too many |
| Sign-off | 2 | 0 | |
| **Total** | 6 | 0 | |
"""


def harbour(folder: Path) -> Story:
    """Two releases behind, one on its way, a roadmap beside."""
    story = Story(folder, bare_name="harbour")
    first = "checklists/v1.0.0.md"
    story.write(first, CHECKLIST.format(version="v1.0.0")).write("README.md", "# Harbour\n").commit(
        "Start", on="2024-03-01"
    )
    story.tick(first, "Unit tests", "Changelog").commit("Tests and changelog", by="Ben", on="2024-03-04")
    story.tick(first, "QA lead").commit("QA has looked", by="Cleo", on="2024-03-05")
    story.tag("v1.0.0", message="Harbour 1.0.0", by="Dana", on="2024-03-06")
    story.tick(first, "Product owner", "Announcement").commit("Late, but done", by="Dana", on="2024-03-08")
    second = "checklists/v1.1.0.md"
    story.write(second, CHECKLIST.format(version="v1.1.0")).commit("Start 1.1.0", on="2024-04-01")
    story.tick(second, "Unit tests", "Changelog", "QA lead", "Product owner").commit("Ready", by="Ben", on="2024-04-09")
    story.tag("v1.1.0", on="2024-04-10")
    third = "checklists/v1.2.0.md"
    story.write(third, CHECKLIST.format(version="v1.2.0")).write("docs/roadmap.md", "# Roadmap\n\n- [ ] More piers\n")
    story.tick(third, "Unit tests").commit("Start 1.2.0", by="Ben", on="2024-05-02")
    return story


POLICY = """\
version: 1
people:
  cleo: {name: Cleo, emails: [cleo@example.org]}
roles:
  qa: {title: QA lead, members: [{person: cleo}]}
requirements:
  - {id: qa, match: {text: QA lead}, role: qa, when: before-tag}
"""


def whole_harbour(folder: Path) -> Story:
    """A history from which every kind of page is made: the above, a policy, breaking changes, a back-port, readers of
    the house."""
    story = harbour(folder)
    story.write("checktrail-policy.yml", POLICY).write("checktrail.toml", '[site]\naudience = "internal"\n')
    story.commit("feat!: piers are numbered from 1", by="Eli", on="2024-05-06")
    story.write("pier", "fixed").commit("fix: the pier", by="Eli", on="2024-05-07T08:00")
    fix = story.git("rev-parse", "HEAD")
    story.tag("v2.0.0", on="2024-05-08")
    story.branch("maintenance", "v1.1.0")
    story.at("2024-05-09")
    story.git("cherry-pick", "-x", fix)
    story.tag("v1.1.1", on="2024-05-10")
    story.checkout("main")
    story.tick("checklists/v1.2.0.md", "Changelog").commit("Changelog", by="Ben", on="2024-05-11")
    return story


_KINDS = {
    "index": "home",
    "releases/index": "releases",
    "checklists/index": "checklists",
    "upgrades/index": "upgrades",
    "upgrades/back-ports": "backports",
    "audit/index": "audits",
    **{f"audit/{name}": name for name in ("findings", "population", "people", "rules")},
}
_FOLDERS = {"releases/": "release", "checklists/": "checklist", "upgrades/": "upgrade", "audit/releases/": "audit"}


def kind_of(name: str) -> str:
    """The kind of a page, which is the name of its template."""
    return _KINDS.get(name) or next((kind for start, kind in _FOLDERS.items() if name.startswith(start)), name)


def every_kind() -> set[str]:
    """All kinds of pages: the templates that come with the product, without those that are parts of pages."""
    return {path.stem for path in shipped().glob("*.j2")} - {"macros", "foot", "uncommitted"}


def record_of(story: Story, settings: Settings) -> Record:
    """What is known of a story's repository."""
    return read_record(Repository.open(story.root), settings, Store(None))


def pages_of(story: Story, settings: Settings, *, folders: bool = False) -> dict[str, Page]:
    """Every page of a story's site by name."""
    record, repository = record_of(story, settings), Repository.open(story.root)
    made_for = site(record, chapters(repository, record), folders=folders)
    return {page.name: page for page in pages(made_for, environment())}


def words(html: str) -> str:
    """What a reader reads: the text without its tags, white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
