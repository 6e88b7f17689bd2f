"""A release to its notes: what changed, for whom it matters, who worked on it. Pure.

In: the memberships and commits of a repository, and the curated texts of a release. Out: `Notes`. Curated text comes
first; the list made from commits always stands under it, so that neither can hide what the other leaves out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from checktrail.config import NotesSettings
from checktrail.model import Commit, Release
from checktrail.notes.curated import curated
from checktrail.notes.drift import TOLD, matched
from checktrail.notes.landings import Entry, entries
from checktrail.notes.links import Web, links
from checktrail.notes.messages import Message, message
from checktrail.notes.parts import Change, Drift, Kind, Notes, Part, Source, SourceKind, arranged
from checktrail.notes.people import People
from checktrail.notes.reverts import Settled, Trace, may_revert, named_target, quoted_subject, settled
from checktrail.notes.texts import NOTHING, Texts
from checktrail.releases import Membership
from checktrail.releases.picks import twins
from checktrail.releases.versions import Version, version_of

__all__ = ["NOTHING", "Notes", "Past", "notes"]

_SHORTEST_ID = 7


class Past:
    """What the notes of all releases of a repository share; each part is made when it is first asked for.

    Args:
        membership: which commits are in which release.
        commits: every commit.
        mailmap: the text of `.mailmap`, empty without one.
        web: where the repository is seen by people, None when unknown.
    """

    def __init__(
        self, membership: Membership, commits: Iterable[Commit], mailmap: str = "", web: Web | None = None
    ) -> None:
        self.membership = membership
        self.commits: dict[str, Commit] = {commit.id: commit for commit in commits}
        self.web = web
        self._mailmap = mailmap
        self._said: dict[str, Message] = {}

    @cached_property
    def people(self) -> People:
        """Who worked on what first."""
        return People(self._mailmap, self.membership, self.commits)

    @cached_property
    def twins(self) -> Mapping[str, tuple[str, ...]]:
        """Cherry-pick classes, for each commit in one."""
        return twins(self.commits.values())

    @cached_property
    def candidates(self) -> Mapping[str | None, tuple[tuple[Version, str], ...]]:
        """The versions and tags of the candidates of each component."""
        found: dict[str | None, list[tuple[Version, str]]] = {}
        for release in self.membership.releases:
            version = version_of(release.version)
            if release.prerelease and version is not None:
                found.setdefault(release.component, []).append((version, release.tag))
        return {component: tuple(every) for component, every in found.items()}

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Each release's place in the order."""
        return {release.tag: place for place, release in enumerate(self.membership.releases)}

    @cached_property
    def _sorted_ids(self) -> list[str]:
        return sorted(self.commits)

    @cached_property
    def _by_subject(self) -> Mapping[str, str]:
        return {commit.subject: commit.id for commit in self.commits.values()}

    def say(self, commit: str) -> Message:
        """What a commit's message says."""
        said = self._said.get(commit)
        if said is None:
            said = self._said[commit] = message(self.commits[commit])
        return said

    @cached_property
    def reverting(self) -> frozenset[str]:
        """The commits that may revert another, by a quick look."""
        return frozenset([commit.id for commit in self.commits.values() if may_revert(commit)])

    def find(self, short: str) -> str | None:
        """The commit of an id that may be shortened; None when it is none or several."""
        if short in self.commits:
            return short
        ids, place = self._sorted_ids, bisect_left(self._sorted_ids, short)
        fits = [found for found in ids[place : place + 2] if found.startswith(short)]
        return fits[0] if len(fits) == 1 and len(short) >= _SHORTEST_ID else None

    def target(self, commit: str) -> str | None:
        """The commit that a commit reverts; None when it reverts none that is known."""
        if commit not in self.reverting:
            return None
        found = self.commits[commit]
        short = named_target(found)
        if short is not None:
            return self.find(short)
        subject = quoted_subject(found)
        target = self._by_subject.get(subject) if subject else None
        return None if target == commit else target


def notes(release: Release, past: Past, settings: NotesSettings, texts: Texts = NOTHING) -> Notes:
    """The release notes of a tag.

    Args:
        release: the release; an alias tells what its commit shipped.
        past: what all notes share.
        settings: whether a list is made from commits.
        texts: the curated texts of this release.
    """
    told = _told(release, past)
    own = dict.fromkeys(_own(release, past.membership, told))
    reach = {*release.new, *(also.commit for also in release.also_included)}
    found = entries(release.commit, own, reach, past.commits, past.say)
    reverting = past.reverting & own.keys()
    tracer = _tracer(past, own, reverting)
    standing = settled(found, tracer, _shipper(release, past), own, past.say) if reverting else Settled(found, ())
    by_hand = curated(release, texts)
    generated = arranged(change for entry in standing.entries for change in _changes(entry, release, past))
    sources = [by_hand.source] if by_hand.source else []
    parts, drift = generated, Drift()
    if by_hand.changes:
        parts, drift = _curated_parts(by_hand.changes, standing.entries, past)
    if by_hand.source and by_hand.source.kind is SourceKind.FRAGMENTS:
        # Each came into the tree by a commit of this very range, whatever that commit's words are.
        drift = replace(drift, changes_without_commit=())
    if settings.generated or not by_hand.changes:
        sources.append(Source(SourceKind.COMMITS))
    return Notes(
        tag=release.tag,
        base=release.base,
        base_reason=release.base_reason,
        sources=tuple(sources),
        parts=parts,
        generated=generated if by_hand.changes and settings.generated else (),
        contributors=past.people.contributors((past.commits[commit] for commit in own), told),
        drift=drift,
        reverted=standing.reverted,
        also_included=release.also_included,
    )


def _told(release: Release, past: Past) -> frozenset[str]:
    """The tags whose new commits a release tells of: its own, and of a final release its candidates' too."""
    own = release.alias_of or release.tag
    version = version_of(release.version)
    base = past.membership.release(release.base) if release.base else None
    floor = version_of(base.version) if base else None
    if release.prerelease or version is None:
        return frozenset({own})
    candidates = past.candidates.get(release.component, ())
    return frozenset({own, *(tag for one, tag in candidates if one < version and (floor is None or floor < one))})


def _own(release: Release, membership: Membership, told: frozenset[str]) -> Iterator[str]:
    """The commits of base..tag that a release tells of itself: its own, then its candidates'."""
    yield from release.new
    yield from (also.commit for also in release.also_included if membership.first_release(also.commit) in told)


def _tracer(past: Past, own: Collection[str], reverting: Container[str]) -> Callable[[str], Trace | None]:
    def trace(commit: str) -> Trace | None:
        """Follow a chain of reverts to what it is about, to the pick of it that is here where there is one."""
        if commit not in reverting:
            return None
        target = past.target(commit)
        if target is None:
            return None
        root, depth, seen = target, 1, {commit, target}
        while (further := past.target(root)) is not None and further not in seen:
            seen.add(further)
            root, depth = further, depth + 1
        here = next((twin for twin in past.twins.get(root, ()) if twin in own), root)
        return Trace(here, target, depth)

    return trace


def _shipper(release: Release, past: Past) -> Callable[[str], str | None]:
    def shipped_in(commit: str) -> str | None:
        """The release before this one that users know a commit from: the first final one, else the first."""
        membership = past.membership
        before = (tag for tag in membership.containing(commit) if past.place[tag] < past.place[release.tag])
        finals = (tag for tag in before if (one := membership.release(tag)) is not None and not one.prerelease)
        return next(finals, membership.first_release(commit))

    return shipped_in


def _changes(entry: Entry, release: Release, past: Past) -> Iterator[Change]:
    """The changes of an entry: itself, and each further note that its trailers give."""
    said = entry.said
    if said.is_silent:
        return
    first = past.membership.first_release(entry.commits[0])
    # By place and not by name, which costs twice as much: there is one for every landing.
    change = Change(
        said.text,
        Kind.BREAKING if said.breaking else said.kind or Kind.OTHER,
        entry.commits,
        links(said.text, past.web),
        said.breaking,
        said.scope,
        False,  # noqa: FBT003 -- plain text
        None if first in (release.tag, release.alias_of) else first,
        _also_in(entry, release, past),
    )
    yield change
    for kind, text in said.extra:
        yield change._replace(text=text, kind=kind, links=links(text, past.web), scope=None, breaking=False)


def _also_in(entry: Entry, release: Release, past: Past) -> tuple[str, ...]:
    """The releases that shipped the same change as another commit, in order."""
    twins = past.twins
    if not twins or twins.keys().isdisjoint(entry.commits):
        return ()
    first = past.membership.first_release
    others = (twin for commit in entry.commits for twin in past.twins.get(commit, ()) if twin not in entry.commits)
    shipped = (tag for twin in others if (tag := first(twin)) and tag not in (release.tag, release.alias_of))
    return tuple(sorted(set(shipped), key=past.place.__getitem__))


def _curated_parts(
    changes: tuple[Change, ...], entries_: tuple[Entry, ...], past: Past
) -> tuple[tuple[Part, ...], Drift]:
    subjects = {commit: past.commits[commit].subject for entry in entries_ for commit in entry.commits[:TOLD]}
    found = matched(changes, entries_, subjects)
    told = (
        change._replace(commits=commits, links=links(change.text, past.web))
        for change, commits in zip(changes, found.commits, strict=True)
    )
    return arranged(told), found.drift
