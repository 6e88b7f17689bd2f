"""From one release to another, and fixes across release lines: upgrade pages and the back-port matrix. Pure."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checktrail.model import Release
from checktrail.notes import Past
from checktrail.notes.backports import Matrix, backports
from checktrail.notes.upgrade import Upgrade, matters, upgrade
from checktrail.releases.versions import Version, version_of
from checktrail.site.addresses import page_name
from checktrail.site.views.notes import NotesPart, parts_view
from checktrail.site.views.shared import CommitRow, Link, Site, commit_row, counted, release_link, shown

BACKPORTS = "upgrades/back-ports"
UPGRADES = "upgrades/index"


@dataclass(frozen=True, slots=True)
class UpgradePage:
    """What somebody who upgrades must read."""

    old: Link
    new: Link
    passed: tuple[Link, ...]
    parts: tuple[NotesPart, ...]
    index: Link


@dataclass(frozen=True, slots=True)
class UpgradeRow:
    """An upgrade as a line of the index."""

    link: Link
    old: str
    new: str
    releases: str
    changes: int


@dataclass(frozen=True, slots=True)
class Upgrades:
    """The upgrades that have a page."""

    rows: tuple[UpgradeRow, ...]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One change against the release lines: where it is, None where it is not."""

    text: str
    commit: CommitRow
    cells: tuple[Link | None, ...]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """The matrix of one component."""

    component: str
    anchor: str
    lines: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class Backports:
    """The back-port page: a matrix for each component that has one."""

    matrices: tuple[MatrixView, ...]


def upgrades(site: Site) -> tuple[Upgrade, ...]:
    """The upgrades that matter and have something to say.

    From each release's base, and from the last of each earlier minor line to the newest release of its component.
    """
    membership, notes = site.record.membership, site.chapters.notes
    if not notes:
        return ()
    telling = _telling(site)
    pairs = [pair for pair in dict.fromkeys(_pairs(site)) if _passes(*pair, telling)]
    found = (upgrade(old, new, membership, lambda release: notes[release.tag]) for old, new in pairs)
    return tuple(each for each in found if each.parts)


def _telling(site: Site) -> Mapping[str | None, list[Version]]:
    """The versions, by component and in order, of the releases whose notes hold something for an upgrade."""
    found: dict[str | None, list[Version]] = {}
    for release in site.record.membership.releases:
        version = version_of(release.version)
        if version is not None and any(matters(site.chapters.notes[release.tag])):
            insort(found.setdefault(release.component, []), version)
    return found


def _passes(old: Release, new: Release, telling: Mapping[str | None, list[Version]]) -> bool:
    """Whether an upgrade passes such a release, or may: most do not, and need no closer look."""
    low, high, versions = version_of(old.version), version_of(new.version), telling.get(new.component, [])
    return low is not None and high is not None and bisect_right(versions, low) < bisect_right(versions, high)


def upgrade_name(each: Upgrade) -> str:
    """The page of an upgrade."""
    return f"upgrades/{page_name(f'{each.old}..{each.new}')}"


def upgrade_page(site: Site, each: Upgrade) -> UpgradePage:
    """An upgrade as a page."""
    here = upgrade_name(each)
    return UpgradePage(
        release_link(site, here, each.old),
        release_link(site, here, each.new),
        tuple(release_link(site, here, tag) for tag in each.releases),
        parts_view(site, each.parts, here),
        Link("All upgrades", site.addresses.link(here, UPGRADES)),
    )


def upgrade_index(site: Site, found: tuple[Upgrade, ...]) -> Upgrades:
    """The index of upgrades, the newest first."""
    return Upgrades(
        tuple(
            UpgradeRow(
                Link(f"{shown(each.old)} to {shown(each.new)}", site.addresses.link(UPGRADES, upgrade_name(each))),
                shown(each.old),
                shown(each.new),
                counted(len(each.releases), "release"),
                sum(len(part.changes) for part in each.parts),
            )
            for each in reversed(found)
        ),
    )


def backport_page(site: Site, past: Past) -> Backports:
    """The back-port matrices that have rows."""
    components = dict.fromkeys(release.component for release in site.record.membership.releases)
    found = (backports(past, component) for component in components)
    return Backports(tuple(_matrix(site, each, number) for number, each in enumerate(found, 1) if each.rows))


def _pairs(site: Site) -> Iterator[tuple[Release, Release]]:
    membership = site.record.membership
    finals = [each for each in membership.releases if not each.prerelease and each.alias_of is None]
    finals = [each for each in finals if version_of(each.version) is not None]
    newest: dict[str | None, Release] = {}
    last_of_line: dict[tuple[str | None, str], Release] = {}
    for release in finals:
        base = membership.release(release.base) if release.base else None
        if base is not None and not base.prerelease and _is_below(base, release):
            yield base, release
        top = newest.get(release.component)
        if top is None or _is_below(top, release):
            newest[release.component] = release
        line = (release.component, _line(release))
        if line not in last_of_line or _is_below(last_of_line[line], release):
            last_of_line[line] = release
    for (component, _), old in last_of_line.items():
        if _is_below(old, newest[component]):
            yield old, newest[component]


def _line(release: Release) -> str:
    version = version_of(release.version)
    return version.line if version is not None else ""


def _is_below(one: Release, other: Release) -> bool:
    low, high = version_of(one.version), version_of(other.version)
    return one.component == other.component and low is not None and high is not None and low < high


def _matrix(site: Site, matrix: Matrix, number: int) -> MatrixView:
    return MatrixView(
        shown(matrix.component or ""),
        f"component-{number}",
        matrix.lines,
        tuple(
            MatrixRow(
                shown(row.text),
                commit_row(site, site.record.commits[row.commit]),
                tuple(release_link(site, BACKPORTS, cell.tag) if cell is not None else None for cell in row.shipped),
            )
            for row in matrix.rows
        ),
    )
