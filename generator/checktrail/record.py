"""read_record(): a repository and its settings in, everything known of it out. Start reading here.

The one middle that both doors share: git is read once, in streams; every distinct text is parsed once in its life; from
there on all is pure. Reading never writes to the repository.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

from checktrail.binding import Bound, belongs, bind, closes_as
from checktrail.closing import Close, Cycles
from checktrail.config import Settings
from checktrail.errors import InvariantError, MissingObjectError
from checktrail.git import Repository
from checktrail.history import Standing, Trails, read_trails
from checktrail.model import Binding, Checklist, Commit, Phase, Release, Tag
from checktrail.parse import decode, may_hold_items, with_phases
from checktrail.reading import checklists
from checktrail.releases import Membership, releases
from checktrail.store import Store


@dataclass(frozen=True, slots=True)
class Revision:
    """One checklist at one commit: where it stood, what it says, which release it belongs to and why.

    `standings` say who each item is and since when it stands as it does, aligned with `checklist.items`; they are empty
    where history was not read (the working tree, a single file).
    """

    path: str
    blob: str
    checklist: Checklist
    bound: Bound
    standings: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """A release's checklist when its cycle ended: where that was, and the checklist there, wherever it had moved to.

    `path` is the one in the tag's tree; `revision` is None when it was gone, or another release's by then.
    """

    path: str
    close: Close
    revision: Revision | None


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release, every Markdown file with items in its tag's tree, and how its own checklists closed, each by path.

    `end` is where its cycle ends that no checklist ends sooner or later.
    """

    release: Release
    checklists: tuple[Revision, ...]
    closed: tuple[Closed, ...]
    end: Close


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
    the order of contracts.md, the oldest first. `checklists` stand in HEAD's tree, sorted by path. `trees` are the same
    for every commit that was looked at: those of tags, of closes and around resets, and HEAD. `texts` gives the decoded
    source of every blob among them.
    """

    facts: RepositoryFacts
    settings: Settings
    as_of: int
    commits: Mapping[str, Commit]
    tags: tuple[Tag, ...]
    membership: Membership
    trails: Trails
    releases: tuple[ReleaseRecord, ...]
    checklists: tuple[Revision, ...]
    trees: Mapping[str, tuple[Revision, ...]]
    texts: Mapping[str, str]


def read_record(repository: Repository, settings: Settings, store: Store, *, allow_shallow: bool = False) -> Record:
    """Everything known of a repository; of a shallow one only when that is allowed, and then of what is there.

    Raises:
        ShallowCloneError: its history is cut off, and that was not allowed.
        GitError: git cannot read it.
        InvariantError: what must hold of every release does not.
    """
    if not allow_shallow:
        repository.refuse_shallow()
    tags, head = repository.tags(), repository.head.commit
    commits = {commit.id: commit for commit in repository.commits()}
    membership = releases(tags, commits.values(), settings, head)
    trails = read_trails(repository, settings, store)
    apart = _apart(membership)
    try:
        trees, texts = _trees(repository, store, _looked_at(membership, trails, head), trails, settings, apart)
    except MissingObjectError:  # lost since an earlier run followed it: without memory, what is missing is told
        trails = read_trails(repository, settings, Store(None))
        trees, texts = _trees(repository, store, _looked_at(membership, trails, head), trails, settings, apart)
    return Record(
        facts=repository_facts(repository),
        settings=settings,
        as_of=_as_of(commits, head),
        commits=MappingProxyType(commits),
        tags=tags,
        membership=membership,
        trails=trails,
        releases=_releases(membership, trails, trees, head),
        checklists=trees[head] if head else (),
        trees=MappingProxyType(trees),
        texts=MappingProxyType(texts),
    )


def in_flight(record: Record) -> tuple[Revision, ...]:
    """The checklists that lead to a release still to come: those of a release without a tag, then living ones."""
    released = [each.release for each in record.releases if not each.release.prerelease]
    own = [
        each
        for each in record.checklists
        if each.bound.binding is Binding.OWN and not any(belongs(each.bound, release) for release in released)
    ]
    return (*own, *(each for each in record.checklists if each.bound.binding is Binding.LIVING))


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
    if epoch.isascii() and epoch.isdigit():
        return int(epoch)
    return commits[head].committed_at if head else 0


def _looked_at(membership: Membership, trails: Trails, head: str | None) -> tuple[str, ...]:
    """The commits whose trees matter: the tags', HEAD's, and those on both sides of a reset."""
    tagged = (release.commit for release in membership.releases)
    around = (commit for reset in trails.resets for commit in (reset.before, reset.commit))
    return tuple(dict.fromkeys((*tagged, *around, *((head,) if head else ()))))


def _apart(membership: Membership) -> tuple[str, ...]:
    """The components that are released apart from each other, or from the whole; none where there is but one."""
    found = {release.component for release in membership.releases}
    return tuple(sorted(component for component in found if component)) if len(found) > 1 else ()


def _trees(  # noqa: PLR0913, PLR0917 -- what is read, and all that decides what it is taken for
    repository: Repository,
    store: Store,
    commits: Iterable[str],
    trails: Trails,
    settings: Settings,
    components: tuple[str, ...],
) -> tuple[dict[str, tuple[Revision, ...]], dict[str, str]]:
    """Commit to its checklists, sorted by path; and blob to text for all of them."""
    tracked = {commit: trails.at(commit) for commit in commits}
    blobs = dict.fromkeys(sheet.blob for tree in tracked.values() for sheet in tree.values())
    contents = {}
    for found, content in repository.blobs(blobs):
        del blobs[found]
        if may_hold_items(content):
            contents[found] = content
    for lost in blobs:
        raise repository.missing(lost)
    phases = {heading: Phase(phase) for heading, phase in settings.checklists.phases.items()}
    read = {blob: with_phases(checklist, phases) for blob, checklist in checklists(contents, store).items()}
    # Trails share what did not change between commits, so that one value is one revision, however many tags show it.
    known: dict[tuple[str, int], Revision] = {}
    trees: dict[str, tuple[Revision, ...]] = {}
    for commit, tree in tracked.items():
        revisions = []
        for path, sheet in sorted(tree.items()):
            key = (path, id(sheet))
            if key not in known:
                checklist = read[sheet.blob]
                bound = bind(path, checklist, settings, components)
                known[key] = _revision(path, sheet.blob, checklist, sheet.items, bound)
            revisions.append(known[key])
        trees[commit] = tuple(revisions)
    return trees, {blob: decode(contents[blob])[0] for blob in read}


def _revision(path: str, blob: str, checklist: Checklist, standings: tuple[Standing, ...], bound: Bound) -> Revision:
    if len(standings) != len(checklist.items):
        raise InvariantError(f"{path!r}: {len(checklist.items)} items were read and {len(standings)} were followed")
    return Revision(path, blob, checklist, bound, standings)


def _releases(
    membership: Membership, trails: Trails, trees: Mapping[str, tuple[Revision, ...]], head: str | None
) -> tuple[ReleaseRecord, ...]:
    cycles = Cycles(membership.releases, trails, head)

    @cache
    def tree(commit: str) -> _Tree:
        return _Tree({revision.path: revision for revision in trees.get(commit, ())})

    return tuple(
        ReleaseRecord(release, trees[release.commit], tuple(_closed(release, cycles, tree)), cycles.end(release))
        for release in membership.releases
    )


def _closed(release: Release, cycles: Cycles, tree: Callable[[str], _Tree]) -> Iterable[Closed]:
    """How the checklists that belong to a release closed."""
    for revision in tree(release.commit).by_path.values():
        if belongs(revision.bound, release):
            there = tree(cycles.head).by_path.get(revision.path) if cycles.head else None
            binding = closes_as(revision.bound, there.bound if there else None, release)
            close = cycles.close(release, revision.path, binding)
            found = tree(close.commit).revision_of(revision)
            is_others = found is not None and found.bound.binding is Binding.OWN and not belongs(found.bound, release)
            yield Closed(revision.path, close, None if is_others else found)


@dataclass(frozen=True)
class _Tree:
    """The checklists of one commit, by path."""

    by_path: Mapping[str, Revision]

    def revision_of(self, other: Revision) -> Revision | None:
        """What became of a checklist of another commit: the file of its path, else the one most of its items are in."""
        if other.path in self.by_path:
            return self.by_path[other.path]
        places = Counter(self._places[one.item] for one in other.standings if one.item in self._places)
        path, items = max(places.items(), key=lambda place: (place[1], place[0]), default=("", 0))
        return self.by_path[path] if items and 2 * items >= len(other.standings) else None

    @cached_property
    def _places(self) -> Mapping[str, str]:
        return {one.item: path for path, revision in self.by_path.items() for one in revision.standings}
