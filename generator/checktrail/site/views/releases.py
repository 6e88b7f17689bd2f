"""The index of releases: every tag with its date, completion and commits. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from checktrail.charts import ReleaseMark, figure, releases_timeline
from checktrail.charts.drawing import calendar, day
from checktrail.model import IgnoredTag, Release
from checktrail.record import ReleaseRecord
from checktrail.site.addresses import RELEASES
from checktrail.site.views.marks import Mark, verdict_mark
from checktrail.site.views.shared import (
    Link,
    Site,
    Tally,
    all_boxes,
    before_tag,
    counted,
    own,
    recorded_tally,
    shown,
)

MANY = 60
"""From so many releases on, the index shows them by year."""


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release as a line of a table."""

    link: Link
    day: str
    at: int
    kind: str
    before_tag: Tally | None
    all_boxes: Tally | None
    signoffs: Tally
    commits: int
    since_base: str
    days_since_base: int | None
    verdict: Mark | None


@dataclass(frozen=True, slots=True)
class Year:
    """The releases of one year, the newest first; `open` when it is unfolded from the start."""

    name: str
    anchor: str
    rows: tuple[ReleaseRow, ...]


@dataclass(frozen=True, slots=True)
class Releases:
    """The index of releases."""

    summary: str
    timeline: Markup
    years: tuple[Year, ...]
    ignored: tuple[IgnoredTag, ...]


def releases(site: Site) -> Releases:
    """The index of a site's releases, the newest first."""
    newest = tuple(reversed(site.record.releases))
    rows = tuple(release_row(site, each, RELEASES) for each in newest)
    candidates = sum(each.release.prerelease for each in newest)
    return Releases(
        summary=counted(len(newest), "release") + _of_them(candidates),
        timeline=timeline(site, site.record.releases),
        years=_years(newest, rows),
        ignored=tuple(IgnoredTag(shown(each.tag), each.reason) for each in site.record.membership.ignored),
    )


def _of_them(candidates: int) -> str:
    """How many of the releases are candidates, behind their number."""
    if not candidates:
        return ""
    return ", 1 of them a candidate" if candidates == 1 else f", {candidates:,} of them candidates"


def release_row(site: Site, recorded: ReleaseRecord, here: str) -> ReleaseRow:
    """One release as a line on some page."""
    release = recorded.release
    held = own(recorded)
    counts = site.total(held)
    base = site.record.membership.release(release.base) if release.base else None
    days = (release.at - base.at) // 86400 if base else None
    return ReleaseRow(
        link=Link(shown(release.tag), site.addresses.link(here, site.addresses.releases[release.tag])),
        day=day(release.at),
        at=release.at,
        kind=kind(release),
        before_tag=before_tag(counts) if held else None,
        all_boxes=all_boxes(counts) if held else None,
        signoffs=recorded_tally(site, recorded),
        commits=len(release.new),
        since_base="" if days is None else counted(days, "day"),
        days_since_base=days,
        verdict=_verdict(site, release),
    )


def _verdict(site: Site, release: Release) -> Mark | None:
    """The verdict where there is a policy; without one there is nothing to pass, and no column."""
    audited, audit = site.audits.get(release.tag), site.chapters.audit
    return verdict_mark(audited) if audited is not None and audit is not None and audit.has_policy else None


def kind(release: Release) -> str:
    """What sort of release it is, in a word or two."""
    if release.alias_of:
        return f"same commit as {shown(release.alias_of)}"
    return "candidate" if release.prerelease else "release"


def timeline(site: Site, recorded: Sequence[ReleaseRecord]) -> Markup:
    """The picture of all releases; nothing for fewer than two."""
    if len(recorded) < 2:  # noqa: PLR2004 (one point is no line)
        return Markup()
    marks = tuple(
        ReleaseMark(
            each.release.at,
            shown(each.release.tag),
            "candidate" if each.release.prerelease else "release",
            _line(each.release),
            _told(site, each),
        )
        for each in recorded
    )
    first, last = min(mark.at for mark in marks), max(mark.at for mark in marks)
    told = f"{counted(len(marks), 'release')} from {day(first)} to {day(last)}"
    return Markup(figure(releases_timeline("Releases over time", told, marks)))  # noqa: S704 (drawn by us)


def _told(site: Site, recorded: ReleaseRecord) -> str:
    counts = site.total(own(recorded))
    return f"before the tag {before_tag(counts).words}" if counts.items else "no checklist"


def _line(release: Release) -> str:
    """The release line a release stands on: its component, or its major version."""
    if release.component:
        return shown(release.component)
    major = release.version.split(".")[0]
    return f"{major}.x" if major.isdigit() else "releases"


def _years(newest: Sequence[ReleaseRecord], rows: Sequence[ReleaseRow]) -> tuple[Year, ...]:
    """All in one while they are few, else by year."""
    if len(rows) < MANY:
        return (Year("", "all", tuple(rows)),) if rows else ()
    by_year: dict[str, list[ReleaseRow]] = {}
    for recorded, row in zip(newest, rows, strict=True):
        found = calendar(recorded.release.at)
        by_year.setdefault(f"{found:%Y}" if found else "Undated", []).append(row)
    return tuple(Year(name, f"year-{name.lower()}", tuple(each)) for name, each in by_year.items())
