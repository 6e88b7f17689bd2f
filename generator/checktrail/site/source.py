"""A repository to its source tree: what both doors, the command line and the plugin, begin with.

In: a folder in a repository, and how addresses shall look. Out: the tree in the cache folder, its navigation, and what
to watch for changes. Reading the repository writes nothing to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from checktrail.comparing import against_files
from checktrail.config import Settings
from checktrail.diff import ItemChange, changes
from checktrail.exports.rules import codes, definition
from checktrail.garbage import uncollected
from checktrail.git import Repository
from checktrail.inquiry import inquire
from checktrail.measuring import measured
from checktrail.model import Binding
from checktrail.noting import notes_of, past_of
from checktrail.record import Record, read_record
from checktrail.site.addresses import CHECKLISTS, MADE, RELEASES
from checktrail.site.feeds import files as files_beside
from checktrail.site.folders import tree_folder
from checktrail.site.hosts import host
from checktrail.site.inputs import program
from checktrail.site.pages import drafts, environment, site_title
from checktrail.site.shelf import Keys, Sources
from checktrail.site.tree import Tree, lay_drafts
from checktrail.site.views.marks import AUDIT, FINDINGS, PEOPLE, POPULATION, RULES, audit_name
from checktrail.site.views.metrics import METRICS
from checktrail.site.views.shared import Chapters, Site, site
from checktrail.site.views.ways import BACKPORTS, UPGRADES
from checktrail.store import Store
from checktrail.worktree import repository_settings


@dataclass(frozen=True, slots=True)
class Made:
    """A written tree with what a builder needs beside it.

    `navigation` is as MkDocs wants it: pages by source path, sections as one-key mappings. `watched` are the files and
    folders whose change makes the tree old.
    """

    tree: Tree
    title: str
    as_of: int
    navigation: list[Any]
    watched: tuple[Path, ...]


def make(  # noqa: PLR0913 -- each is a choice of whoever opens the door
    folder: Path,
    *,
    folders: bool = False,
    home: str = "index",
    allow_shallow: bool = False,
    place: Path | None = None,
    files_too: bool = False,
) -> Made:
    """The source tree of the repository that holds a folder, laid anew where something changed; it is to be settled.

    A clone whose history is cut off is refused, unless that is allowed; every page then says so. The tree is in the
    cache, one for each form of addresses, or in a place that is given. With `files_too`, pages also say what the files
    on disk hold that is not committed yet.

    Raises:
        ChecktrailError: the repository cannot be read or the tree cannot be written.
    """
    repository = Repository.open(folder)
    root = repository.worktree
    settings = repository_settings(repository)
    store = Store.open()
    own = root / settings.site.templates if root is not None and settings.site.templates else None
    sources = Sources(store)
    with uncollected():
        record = read_record(repository, settings, store, allow_shallow=allow_shallow)
        told = chapters(repository, record)
        if files_too:
            told = replace(told, uncommitted=_uncommitted(repository, settings))
        made_for = site(record, told, folders=folders, home=home)
        found = tuple(drafts(made_for, environment(own), Keys(made_for, _common(record, own)), sources))
    place = place or tree_folder(repository, folders=folders, home=home)
    tree = lay_drafts(found, place, sources, files_beside(made_for, found))
    sources.close()
    return Made(tree, site_title(made_for), record.as_of, navigation(made_for, tree), _watched(repository, record))


def _common(record: Record, own: Path | None) -> str:
    """What all pages depend on beside what they say; nothing where history is cut off, so that no page is kept."""
    return "" if record.facts.is_shallow or record.facts.is_partial else program(own)


def chapters(repository: Repository, record: Record) -> Chapters:
    """What later stages say of a record."""
    past = past_of(repository, record.membership, record.commits.values(), host(record.facts.remote_url))
    inquiry = inquire(repository, record)
    return Chapters(
        notes=notes_of(repository, past, record.membership.releases, record.settings.notes),
        past=past,
        metrics=measured(repository, record),
        audit=inquiry.audit,
        evidence=inquiry.evidence,
        definitions=_definitions(),
    )


def _uncommitted(repository: Repository, settings: Settings) -> tuple[ItemChange, ...]:
    """What the files on disk hold that the head does not."""
    head = repository.head.commit
    if head is None or repository.worktree is None:
        return ()
    return changes(*against_files(repository, settings, head))


@cache
def _definitions() -> dict[str, str]:
    """What each rule of lint and of the audit is about, as Markdown by code: a part of the program."""
    return {code: definition(code) or "" for code in codes()}


def navigation(made_for: Site, tree: Tree) -> list[Any]:
    """At most five entries; of releases and checklists the newest, the rest through their index."""
    record, to = made_for.record, made_for.addresses
    newest = [to.releases[each.release.tag] for each in reversed(record.releases)][: record.settings.site.recent]
    order = tuple(Binding)
    # Versions stand in paths, so that the last of a binding is mostly the newest.
    latest = record.checklists[::-1]
    shown = sorted(latest, key=lambda each: order.index(each.bound.binding))[: record.settings.site.recent]
    entries = {
        "Status": (to.home, MADE),
        "Releases": (RELEASES, UPGRADES, BACKPORTS, *newest),
        "Checklists": (CHECKLISTS, *(to.checklists[each.path] for each in shown)),
        "Metrics": (METRICS,),
        "Audit": (AUDIT, FINDINGS, POPULATION, PEOPLE, RULES, *_audits(made_for, newest)),
    }
    there = {name: [f"{page}.md" for page in pages if page in tree.pages] for name, pages in entries.items()}
    return [{name: found if len(found) > 1 else found[0]} for name, found in there.items() if found]


def _audits(made_for: Site, releases: list[str]) -> list[str]:
    """The audits of some releases' pages."""
    by_page = {page: audit_name(made_for, tag) for tag, page in made_for.addresses.releases.items()}
    return [by_page[page] for page in releases]


def _watched(repository: Repository, record: Record) -> tuple[Path, ...]:
    """The checklists in the working tree, the head and the references."""
    root, git = repository.worktree, repository.git_dir
    files = [root / each.path for each in record.checklists] if root is not None else []
    shared = repository.common_dir
    places = [*files, git / "HEAD", git / "logs" / "HEAD", shared / "refs", shared / "packed-refs"]
    return tuple(place for place in places if place.exists())
