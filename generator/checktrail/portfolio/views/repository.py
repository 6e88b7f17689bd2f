"""One repository of the portfolio: what stands on its own site in full, in short and linked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from checktrail.charts import ReleaseMark, figure, releases_timeline
from checktrail.charts.drawing import day
from checktrail.portfolio.summary import Flight, ReleaseLine, Summary
from checktrail.portfolio.views.atlas import (
    METRIC_PAGE,
    Atlas,
    ReleaseRow,
    own_link,
    release_row,
    verdict,
)
from checktrail.portfolio.views.figures import FigureRow, rows_of
from checktrail.site.addresses import HOME
from checktrail.site.views.shared import Link, Tally, all_boxes, before_tag, counted, when


@dataclass(frozen=True, slots=True)
class FlightRow:
    """A checklist on its way to its release."""

    name: str
    release: str
    before_tag: Tally
    all_boxes: Tally


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """The page of a repository; `flights` and `figures` are None where its document does not say."""

    lead: str
    own: Link
    is_indeterminate: bool
    flights: tuple[FlightRow, ...] | None
    timeline: Markup
    releases: tuple[ReleaseRow, ...]
    figures: tuple[FigureRow, ...] | None
    metrics: Link
    facts: tuple[tuple[str, Markup], ...]


def repository_page(it: Atlas, repository: Summary) -> RepositoryPage:
    """The page of one repository."""
    here = it.page(repository)
    latest = repository.latest
    since = f"; {counted(repository.unreleased, 'commit')} not released yet" if latest else ""
    return RepositoryPage(
        lead=f"{counted(len(repository.releases), 'release')} as of {day(repository.as_of)}{since}.",
        own=own_link(it, here, repository, HOME, "Its own site"),
        is_indeterminate=repository.is_indeterminate,
        flights=None if repository.flights is None else tuple(_flight(it, each) for each in repository.flights),
        timeline=_timeline(it, repository),
        releases=tuple(release_row(it, here, repository, each) for each in reversed(repository.releases)),
        figures=None if repository.figures is None else rows_of(repository),
        metrics=Link("All repositories side by side", it.to.link(here, METRIC_PAGE)),
        facts=(
            ("Head", Markup("<code>{}</code>").format(repository.head or "none: there is no commit yet")),
            ("As of", when(repository.as_of)),
            ("Commits", escape(f"{repository.commits:,}")),
            ("Tags that are no release", escape(f"{repository.ignored_tags:,}")),
            ("Read by", Markup("checktrail {}").format(it.told(repository.version))),
        ),
    )


def _flight(it: Atlas, flight: Flight) -> FlightRow:
    return FlightRow(
        it.told(flight.title) or it.told(flight.path),
        it.told(flight.release) or "the next release",
        before_tag(flight.totals),
        all_boxes(flight.totals),
    )


def _timeline(it: Atlas, repository: Summary) -> Markup:
    """The picture of its releases; nothing for fewer than two."""
    if len(repository.releases) < 2:  # noqa: PLR2004 (one point is no line)
        return Markup()
    marks = tuple(
        ReleaseMark(
            each.at, it.told(each.tag), "candidate" if each.is_prerelease else "release", _line(it, each), _told(each)
        )
        for each in repository.releases
    )
    first, last = (day(end(one.at for one in marks)) for end in (min, max))
    told = f"{counted(len(marks), 'release')} from {first} to {last}"
    return Markup(figure(releases_timeline("Releases over time", told, marks)))  # noqa: S704 (drawn by us)


def _line(it: Atlas, release: ReleaseLine) -> str:
    major = release.version.split(".")[0]
    return it.told(release.component) or (f"{major}.x" if major.isdigit() else "releases")


def _told(release: ReleaseLine) -> str:
    done = f"before the tag {before_tag(release.totals).words}" if release.totals else "no checklist"
    return f"{done}, {verdict(release).word}"
