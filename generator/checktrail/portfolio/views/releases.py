"""The calendar of releases over all repositories, and all releases by year. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from checktrail.charts import Count, figure, named_heat_map
from checktrail.charts.drawing import calendar
from checktrail.portfolio.summary import ReleaseLine, Summary
from checktrail.portfolio.views.atlas import RELEASES, Atlas, ReleaseRow, latest_first, release_row, year_of
from checktrail.site.views.shared import Link, counted

MONTHS = 12
_NAMED = 4
"""So many tags are named in a cell of the calendar; the rest is counted."""

Pair = tuple[Summary, ReleaseLine]


@dataclass(frozen=True, slots=True)
class Releases:
    """Releases of a time: the calendar, the table, and the pages of the years."""

    summary: str
    calendar: Markup
    rows: tuple[ReleaseRow, ...]
    years: tuple[Link, ...]


def years(it: Atlas) -> tuple[str, ...]:
    """The years that have releases, the newest first."""
    return tuple(dict.fromkeys(year_of(release.at) for _, release in latest_first(it)))


def year_page(year: str) -> str:
    """The page of a year."""
    return f"releases/year-{year}"


def newest(it: Atlas) -> Releases:
    """The releases of the last twelve months before the portfolio's moment, and what is dated later."""
    last = _month(it.portfolio.as_of)
    found = [pair for pair in latest_first(it) if last - _month(pair[1].at) < MONTHS]
    last = max([last, *(_month(release.at) for _, release in found)]) if found else last
    months = range(last - MONTHS + 1, last + 1)
    return _page(it, RELEASES, found, months, "in the last twelve months")


def of_year(it: Atlas, year: str) -> Releases:
    """The releases of a year."""
    found = [pair for pair in latest_first(it) if year_of(pair[1].at) == year]
    first = int(year) * 12 if year.isdigit() else 0
    months = range(first, first + 12) if year.isdigit() else range(0)
    return _page(it, year_page(year), found, months, f"in {year}")


def _page(it: Atlas, here: str, found: Sequence[Pair], months: range, time: str) -> Releases:
    repositories = counted(len({repository.name for repository, _ in found}), "repository", "repositories")
    return Releases(
        summary=f"{counted(len(found), 'release')} of {repositories} {time}",
        calendar=_calendar(it, found, months, time),
        rows=tuple(release_row(it, here, *pair) for pair in found),
        years=tuple(Link(year, it.to.link(here, year_page(year))) for year in years(it) if year_page(year) != here),
    )


def _calendar(it: Atlas, found: Sequence[Pair], months: range, time: str) -> Markup:
    """The picture of repositories by months; nothing where no month has a release."""
    names = sorted({repository.name for repository, _ in found}, key=lambda name: (name.casefold(), name))
    places = {name: place for place, name in enumerate(names)}
    held: dict[tuple[int, int], list[str]] = {}
    for repository, release in reversed(found):
        if _month(release.at) in months:
            cell = (places[repository.name], _month(release.at) - months.start)
            held.setdefault(cell, []).append(it.told(release.tag))
    if not held:
        return Markup()
    picture = named_heat_map(
        f"Releases {time}",
        "A row for each repository, a column for each month; the darker a cell, the more releases.",
        [it.told(name) for name in names],
        [f"{month // 12:04}-{month % 12 + 1:02}" for month in months],
        {cell: Count(len(tags), _told(tags)) for cell, tags in held.items()},
    )
    return Markup(figure(picture))  # noqa: S704 (drawn by us, escaped there)


def _told(tags: Sequence[str]) -> str:
    rest = f" and {len(tags) - _NAMED} more" if len(tags) > _NAMED else ""
    return f"{len(tags)}: {_joined(tags[:_NAMED])}{rest}"


def _joined(tags: Iterable[str]) -> str:
    return ", ".join(tags)


def _month(at: int) -> int:
    """The number of a moment's month, counted from the year 0; far in the past where the calendar ends."""
    found = calendar(at)
    return found.year * 12 + found.month - 1 if found else -(10**6)
