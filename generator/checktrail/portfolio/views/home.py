"""Where every repository stands: the first page. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checktrail.charts.drawing import day, moment
from checktrail.portfolio.summary import Summary
from checktrail.portfolio.views.atlas import (
    MADE,
    RELEASES,
    Atlas,
    BrokenRow,
    ReleaseRow,
    broken_row,
    latest_first,
    release_row,
    repository_link,
)
from checktrail.site.views.shared import Link, Tally, before_tag, counted

SHOWN_RELEASES = 12


@dataclass(frozen=True, slots=True)
class RepositoryRow:
    """A repository as a line: its latest release, and how far the next one is."""

    link: Link
    title: str
    latest: ReleaseRow | None
    flight: Tally | None
    flight_name: str
    unreleased: int
    as_of: str
    at: int
    is_indeterminate: bool


@dataclass(frozen=True, slots=True)
class Home:
    """The first page."""

    lead: str
    broken: tuple[BrokenRow, ...]
    rows: tuple[RepositoryRow, ...]
    releases: tuple[ReleaseRow, ...]
    releases_page: Link
    made_page: Link


def home(it: Atlas) -> Home:
    """The first page of a portfolio."""
    here, found, newest = it.to.home, it.portfolio, latest_first(it)
    repositories = counted(len(found.repositories), "repository", "repositories")
    return Home(
        lead=f"{repositories} with {counted(len(newest), 'release')}, as of {moment(found.as_of)}.",
        broken=tuple(broken_row(it, each) for each in found.broken),
        rows=tuple(_row(it, here, each) for each in found.repositories),
        releases=tuple(release_row(it, here, *pair) for pair in newest[:SHOWN_RELEASES]),
        releases_page=Link(f"All {counted(len(newest), 'release')}", it.to.link(here, RELEASES) if newest else ""),
        made_page=Link("Where this comes from", it.to.link(here, MADE)),
    )


def _row(it: Atlas, here: str, repository: Summary) -> RepositoryRow:
    latest = repository.latest
    flight = repository.flights[0] if repository.flights else None
    return RepositoryRow(
        link=repository_link(it, here, repository),
        title=it.told(repository.title) if repository.title != repository.name else "",
        latest=release_row(it, here, repository, latest) if latest is not None else None,
        flight=before_tag(flight.totals) if flight is not None else None,
        flight_name=it.told(flight.release) if flight is not None else "",
        unreleased=repository.unreleased,
        as_of=day(repository.as_of),
        at=repository.as_of,
        is_indeterminate=repository.is_indeterminate,
    )
