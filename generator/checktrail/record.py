"""read_record(): a repository and its settings in, everything known of it out. Start reading here.

The one middle that both doors share: git is read once, in streams; every distinct text is parsed once in its life; from
there on all is pure. Reading never writes to the repository.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from checktrail.binding import Bound, bind
from checktrail.config import Settings
from checktrail.git import FileChange, Repository
from checktrail.model import Checklist, Commit, Phase, Release, Tag
from checktrail.parse import PARSER_VERSION, decode, read, with_phases
from checktrail.releases import Membership, releases
from checktrail.store import Store

# A text without any of these holds no item, so it need not be parsed at all.
_MAY_HOLD_ITEMS = re.compile(rb"\[(?:[ \txX~/-]|\r?\n[ \t>]*|\r)\]")


@dataclass(frozen=True, slots=True)
class Revision:
    """One checklist at one commit: where it stood, what it says, which release it belongs to and why."""

    path: str
    blob: str
    checklist: Checklist
    bound: Bound


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release and every Markdown file with items in its tag's tree, sorted by path."""

    release: Release
    checklists: tuple[Revision, ...]


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What the repository itself is, so that a reader can tell what was read.

    `references_digest` is SHA-256 over every reference with what it holds, sorted by name.
    """

    name: str
    head: str | None
    branch: str | None
    remote_url: str | None
    object_format: str
    is_shallow: bool
    is_partial: bool
    has_replacements: bool
    references_digest: str
    git_version: str


@dataclass(frozen=True, slots=True)
class Record:
    """Everything known of a repository at HEAD.

    `as_of` (seconds since 1970) is the only "now" in pages and figures. `commits` are parents first. `releases` are in
    the order of contracts.md, the oldest first. `checklists` stand in HEAD's tree, sorted by path. `texts` gives the
    decoded source of every blob among the checklists here and at the tags. `unreadable` are blobs git could not give.
    """

    facts: RepositoryFacts
    settings: Settings
    as_of: int
    commits: Mapping[str, Commit]
    tags: tuple[Tag, ...]
    membership: Membership
    releases: tuple[ReleaseRecord, ...]
    checklists: tuple[Revision, ...]
    texts: Mapping[str, str]
    unreadable: tuple[str, ...]


def read_record(repository: Repository, settings: Settings, store: Store) -> Record:
    """Everything known of a repository.

    Raises:
        ShallowCloneError: its history is cut off.
        GitError: git cannot read it.
        InvariantError: what must hold of every release does not.
    """
    repository.refuse_shallow()
    tags, head = repository.tags(), repository.head.commit
    wanted = {tag.commit for tag in tags if tag.commit} | ({head} if head else set())
    commits, trees = _walk(repository.history(), wanted)
    membership = releases(tags, commits.values(), settings, head)
    shown = [trees[release.commit] for release in membership.releases] + ([trees[head]] if head else [])
    checklists, texts, unreadable = _checklists(repository, store, shown, settings)
    return Record(
        facts=repository_facts(repository),
        settings=settings,
        as_of=_as_of(commits, head),
        commits=MappingProxyType(commits),
        tags=tags,
        membership=membership,
        releases=tuple(
            ReleaseRecord(release, _revisions(trees[release.commit], checklists, settings))
            for release in membership.releases
        ),
        checklists=_revisions(trees[head], checklists, settings) if head else (),
        texts=MappingProxyType(texts),
        unreadable=unreadable,
    )


def repository_facts(repository: Repository) -> RepositoryFacts:
    """What the repository itself is."""
    digest = hashlib.sha256()
    for reference in repository.references():
        digest.update(f"{reference.name}\0{reference.target}\n".encode("utf-8", "surrogateescape"))
    return RepositoryFacts(
        name=repository.name,
        head=repository.head.commit,
        branch=repository.head.branch,
        remote_url=repository.remote_url,
        object_format=repository.object_format,
        is_shallow=repository.is_shallow,
        is_partial=repository.is_partial,
        has_replacements=repository.has_replacements,
        references_digest=digest.hexdigest(),
        git_version=repository.git_version,
    )


def _as_of(commits: Mapping[str, Commit], head: str | None) -> int:
    """The only "now": SOURCE_DATE_EPOCH, else HEAD's committer date."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdigit():
        return int(epoch)
    return commits[head].committed_at if head else 0


def _walk(
    history: Iterator[tuple[Commit, Sequence[FileChange]]], wanted: set[str]
) -> tuple[dict[str, Commit], dict[str, Mapping[str, str]]]:
    """Every commit, and for the wanted ones their Markdown files as path to blob.

    A commit that touches no Markdown shares its first parent's map; a map lives as long as somebody needs it.
    """
    commits: dict[str, Commit] = {}
    trees: dict[str, dict[str, str]] = {}
    for commit, changes in history:
        commits[commit.id] = commit
        tree = trees[commit.parents[0]] if commit.parents else {}
        if changes:
            tree = dict(tree)
            for change in changes:
                if change.blob is None:
                    tree.pop(change.path, None)
                else:
                    tree[change.path] = change.blob
        trees[commit.id] = tree
    return commits, {commit: trees[commit] for commit in wanted if commit in trees}


def _checklists(
    repository: Repository, store: Store, trees: Iterable[Mapping[str, str]], settings: Settings
) -> tuple[dict[str, Checklist], dict[str, str], tuple[str, ...]]:
    """Blob to checklist for every blob that holds items, blob to text for the same, and the blobs that are missing."""
    blobs = list(dict.fromkeys(blob for tree in trees for blob in tree.values()))
    contents: dict[str, bytes] = {}
    seen: set[str] = set()
    for blob, content in repository.blobs(blobs):
        seen.add(blob)
        if len(content) <= settings.checklists.max_bytes and _MAY_HOLD_ITEMS.search(content):
            contents[blob] = content
    parsed = store.remembered(
        "checklist",
        PARSER_VERSION,
        list(contents),
        lambda keys: ((key, read(contents[key])) for key in keys),
        Checklist,
    )
    phases = {heading: Phase(phase) for heading, phase in settings.checklists.phases.items()}
    held = {blob: with_phases(checklist, phases) for blob, checklist in parsed.items() if checklist.items}
    texts = {blob: decode(contents[blob])[0] for blob in held}
    return held, texts, tuple(blob for blob in blobs if blob not in seen)


def _revisions(
    tree: Mapping[str, str], checklists: Mapping[str, Checklist], settings: Settings
) -> tuple[Revision, ...]:
    """The checklists of one tree, sorted by path."""
    return tuple(
        Revision(path, blob, checklists[blob], bind(path, checklists[blob], settings))
        for path, blob in sorted(tree.items())
        if blob in checklists
    )
