"""From one release to another: what somebody who upgrades must read of every release on the way. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checktrail.errors import UsageError, shown
from checktrail.model import Release
from checktrail.notes.parts import UPGRADING, Change, Notes, Part, arranged
from checktrail.releases import Membership
from checktrail.releases.versions import Version, version_of


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What lies between two releases: the releases on the way, oldest first, and the parts, newest first."""

    old: str
    new: str
    releases: tuple[str, ...]
    parts: tuple[Part, ...]


def between(old: Release, new: Release, membership: Membership) -> tuple[Release, ...]:
    """The releases somebody passes: the finals of the component above `old` up to `new` that came no later than it.

    Ancestry does not decide here, since a release of a maintenance branch is often no ancestor of the next minor one.

    Raises:
        UsageError: they are of two components, or the second is not the higher version.
    """
    low, high = _version(old), _version(new)
    if old.component != new.component:
        raise UsageError(f"{shown(old.tag)} and {shown(new.tag)} are releases of two components")
    if not low < high:
        raise UsageError(
            f"{shown(new.tag)} is no higher version than {shown(old.tag)}",
            hint=f"an upgrade goes up: try {shown(new.tag)}..{shown(old.tag)}",
        )
    passed = membership.releases[: membership.releases.index(new)]
    return (*(
        release
        for release in passed
        if release.component == new.component and not release.prerelease and low < _version(release) < high
    ), new)  # fmt: skip


def pairs(membership: Membership) -> tuple[tuple[Release, Release], ...]:
    """The upgrades that matter: each final release from its base, and the latest from the last of each earlier line."""
    finals = [release for release in membership.releases if not release.prerelease and release.alias_of is None]
    found: dict[tuple[str, str], tuple[Release, Release]] = {}
    lines: dict[str | None, dict[str, Release]] = {}
    for release in finals:
        base = membership.release(release.base) if release.base else None
        if base is not None and _version(base) < _version(release):
            found[base.tag, release.tag] = (base, release)
        line = lines.setdefault(release.component, {})
        version = _version(release)
        if version.line not in line or _version(line[version.line]) < version:
            line[version.line] = release
    for line in lines.values():
        latest = max(line.values(), key=_version)
        for other in line.values():
            is_before = membership.releases.index(other) < membership.releases.index(latest)
            if _version(other) < _version(latest) and is_before:
                found[other.tag, latest.tag] = (other, latest)
    return tuple(found.values())


def upgrade(old: Release, new: Release, membership: Membership, notes: Callable[[Release], Notes]) -> Upgrade:
    """The union of breaking changes, upgrade notes, known issues and security entries between two releases.

    Raises:
        UsageError: they are of two components, or the second is not the higher version.
    """
    passed = between(old, new, membership)
    found = [change for release in reversed(passed) for change in matters(notes(release))]
    return Upgrade(old.tag, new.tag, tuple(release.tag for release in passed), arranged(_once(found)))


def matters(notes: Notes) -> Iterator[Change]:
    """The curated changes that matter, then those made from commits that no curated change tells."""
    untold = set(notes.drift.commits_without_change)
    for part in notes.parts:
        yield from (change._replace(release=notes.tag) for change in part.changes if part.kind in UPGRADING)
    for part in notes.generated:
        for change in part.changes:
            if part.kind in UPGRADING and untold.intersection(change.commits):
                yield change._replace(release=notes.tag)


def _once(changes: list[Change]) -> Iterator[Change]:
    """Each change once: a release on two lines tells it twice."""
    seen: set[tuple[object, ...]] = set()
    for change in changes:
        key = (change.kind, change.text)
        if key not in seen:
            seen.add(key)
            yield change


def _version(release: Release) -> Version:
    found = version_of(release.version)
    if found is None:
        raise UsageError(f"{shown(release.tag)} has no version that can be compared")
    return found
