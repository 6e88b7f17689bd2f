"""The metrics page: every figure with its grade, n and what was left out; pictures; items worth a look. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from checktrail.charts import figure as drawn
from checktrail.charts.drawing import day
from checktrail.metrics import Metrics
from checktrail.metrics.failures import Failure
from checktrail.metrics.figures import Excluded, Figure, Grade
from checktrail.metrics.forecast import Forecast
from checktrail.metrics.pictures import pictures
from checktrail.metrics.wording import family, point, spoken
from checktrail.metrics.worth import Worth
from checktrail.model import Phase
from checktrail.site.markup import inline
from checktrail.site.views.habits import tick_map
from checktrail.site.views.shared import PHASES, Link, Site, counted, release_link, shown

METRICS = "metrics"

GRADES = {
    Grade.MEASURED: "counted from ticks and tags",
    Grade.DECLARED: "somebody wrote it down in git",
    Grade.PROXY: "inferred",
    Grade.NOT_AVAILABLE: "nothing in git says so; never 0",
}


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A family of figures: its value (the median where it is a spread) with the percentiles."""

    name: str
    is_part: bool
    value: str
    p75: str
    p90: str
    grade: str
    n: int
    left_out: str


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A release that failed, what shows it, and when it was mended."""

    link: Link
    is_declared: bool
    evidence: str
    mended: str


@dataclass(frozen=True, slots=True)
class WorthRow:
    """How one item fared over releases."""

    text: Markup
    where: Link
    phase: str
    releases: int
    ticked: int
    late: int
    in_bulk: int
    not_applicable: int
    open: int
    judgement: str
    is_fault: bool


@dataclass(frozen=True, slots=True)
class MetricsPage:
    """The metrics of a repository as a page."""

    summary: str
    left_out: str
    forecast: str
    figures: tuple[FigureRow, ...]
    unknown: tuple[str, ...]
    pictures: tuple[Markup, ...]
    failures: tuple[FailureRow, ...]
    worth: tuple[WorthRow, ...]
    grades: tuple[tuple[str, str], ...]


def metrics_page(site: Site, metrics: Metrics) -> MetricsPage:
    """The page of a site's metrics."""
    window = metrics.window
    span = f" from {day(window.start)} to {day(window.end)}" if window.start and window.end else ""
    return MetricsPage(
        summary=f"{counted(len(metrics.releases), 'release')}{span}.",
        left_out=_reasons(metrics.excluded),
        forecast=_forecast(metrics),
        figures=tuple(_rows(metrics)),
        unknown=tuple(dict.fromkeys(family(each) for each in metrics.figures if each.value is None and not each.of)),
        pictures=(
            *(Markup(drawn(picture)) for picture in pictures(metrics)),  # noqa: S704 (drawn by us)
            *(each for each in (tick_map(site),) if each),
        ),
        failures=tuple(_failure(site, each) for each in metrics.failures),
        worth=tuple(_worth(site, each) for each in metrics.worth),
        grades=tuple((grade.value, words) for grade, words in GRADES.items()),
    )


def _rows(metrics: Metrics) -> Iterator[FigureRow]:
    known = [each for each in metrics.figures if each.value is not None]
    everywhere = set(metrics.excluded)
    for (name, of), group in groupby(known, key=lambda each: (family(each), each.of)):
        by_point = {point(each): each for each in group}
        first = by_point.get("", by_point.get("median"))
        if first is not None:
            yield FigureRow(
                shown(of) if of is not None else name,
                of is not None,
                spoken(first),
                _point(by_point.get("p75")),
                _point(by_point.get("p90")),
                first.grade.value,
                first.n,
                _reasons([each for each in first.excluded if each not in everywhere]),
            )


def _point(figure: Figure | None) -> str:
    return spoken(figure) if figure is not None else ""


def _reasons(excluded: Sequence[Excluded]) -> str:
    return ", ".join(f"{each.reason} ({each.n:,})" for each in excluded)


def _forecast(metrics: Metrics) -> str:
    found = metrics.forecast
    if not isinstance(found, Forecast):
        return ""
    return (
        f"The current cycle ({found.readiness.ticked} of {found.readiness.required} before the tag) is ready between "
        f"{day(found.earliest)} and {day(found.latest)} with a probability of {found.coverage:.0%}, "
        f"if it goes like the {found.n} past ones."
    )


def _failure(site: Site, failure: Failure) -> FailureRow:
    told = dict.fromkeys(f"{each.sign.value} ({shown(each.told)})" for each in failure.evidence)
    return FailureRow(
        release_link(site, METRICS, failure.tag),
        failure.is_declared,
        "; ".join(told),
        day(failure.mended_at) if failure.mended_at is not None else "",
    )


def _worth(site: Site, worth: Worth) -> WorthRow:
    page = site.addresses.checklists.get(worth.path)
    return WorthRow(
        inline(worth.text),
        Link(shown(worth.path), site.addresses.link(METRICS, page) if page else ""),
        PHASES[Phase(worth.phase)],
        worth.releases,
        worth.ticked,
        worth.late,
        worth.in_bulk,
        worth.not_applicable,
        worth.open,
        worth.judgement.value,
        is_fault=worth.judgement.value not in {"sound", "unknown"},
    )
