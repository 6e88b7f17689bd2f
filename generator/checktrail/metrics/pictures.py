"""Metrics to the pictures of the metrics page: each a drawing with a table that says the same. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from checktrail.charts import Bar, Bin, Picture, Point, Series, bars, histogram, lines
from checktrail.charts.drawing import day, measured
from checktrail.metrics import Metrics, Timing
from checktrail.metrics.figures import DAY, HOUR, WEEK
from checktrail.metrics.forecast import Forecast
from checktrail.metrics.wording import duration

_COLUMNS = 26
_LAST = 253_402_300_799  # the end of the year 9999
_EDGES = (
    (HOUR, "1 hour"), (DAY, "1 day"), (3 * DAY, "3 days"), (WEEK, "1 week"), (2 * WEEK, "2 weeks"),
    (30 * DAY, "30 days"), (90 * DAY, "90 days"), (365 * DAY, "1 year"),
)  # fmt: skip


def pictures(metrics: Metrics) -> tuple[Picture, ...]:
    """Every picture that has something to show, in the order of the page."""
    drawn = (_frequency, _lead_times, _failures, _process, _burn_up)
    return tuple(picture for draw in drawn if (picture := draw(metrics)) is not None)


def _releases(metrics: Metrics) -> str:
    return measured(len(metrics.releases), "releases")


# --- how often --------------------------------------------------------------------------------------------------------


def _frequency(metrics: Metrics) -> Picture | None:
    """Releases per week, month, quarter or span of years: the finest that fits into the picture."""
    if not metrics.releases:
        return None
    moments = [_moment(release.at) for release in metrics.releases]
    first, last = min(moments), max(*moments, _moment(metrics.window.end or 0))
    name, number, called = next(scale for scale in _scales(first, last) if scale[1](last) - scale[1](first) < _COLUMNS)
    counts = Counter(number(moment) for moment in moments)
    bins = tuple(Bin(called(n), counts[n]) for n in range(number(first), number(last) + 1))
    description = f"{_releases(metrics)}; one column per {name}, empty where there was none."
    return histogram(f"Releases per {name}", description, bins, unit="releases")


# A scale's name, the number of a moment's span, and what a span of that number is called.
_Scale = tuple[str, Callable[[datetime], int], Callable[[int], str]]


def _scales(first: datetime, last: datetime) -> Iterator[_Scale]:
    yield "week", lambda moment: (moment.toordinal() - 1) // 7, lambda n: str(datetime.fromordinal(n * 7 + 1).date())
    yield "month", _month, lambda n: f"{n // 12:04}-{n % 12 + 1:02}"
    yield "quarter", lambda moment: _month(moment) // 3, lambda n: f"{n // 4:04} Q{n % 4 + 1}"
    step = (last.year - first.year) // (_COLUMNS - 1) + 1
    name = "year" if step == 1 else f"{step} years"
    yield name, lambda moment: moment.year // step, lambda n: f"{n * step:04}"


def _month(moment: datetime) -> int:
    return moment.year * 12 + moment.month - 1


def _moment(at: int) -> datetime:
    """A claimed time as a date; claims before 1970 and after 9999 are held to these years."""
    return datetime.fromtimestamp(min(max(at, 0), _LAST), UTC)


# --- how fast ---------------------------------------------------------------------------------------------------------


def _lead_times(metrics: Metrics) -> Picture | None:
    times = [seconds for release in metrics.releases for seconds in release.lead_times]
    if not times:
        return None
    description = f"How long {measured(len(times), 'changes')} took from commit to first release."
    return histogram("Change lead time", description, tuple(_binned(times)), unit="changes")


def _binned(times: Sequence[int]) -> Iterator[Bin]:
    """Counts between edges that grow: lead times run from minutes to years."""
    below = 0
    for edge, name in _EDGES:
        yield Bin(f"≤ {name}", sum(below < seconds <= edge or (seconds == below == 0) for seconds in times))
        below = edge
    yield Bin(f"> {_EDGES[-1][1]}", sum(seconds > below for seconds in times))


def _process(metrics: Metrics) -> Picture | None:
    """Process time and deployment duration, release after release."""
    worked = _series("Process time", "accent", metrics.releases, lambda release: release.process_time)
    deployed = _series("Deployment duration", "ticked", metrics.releases, lambda release: release.deployment_duration)
    series = tuple(one for one in (worked, deployed) if one.points)
    if not series:
        return None
    description = (
        "Per release: days from the first tick to the release, and from the first deployment tick to the last."
    )
    return lines("Process time", description, series, unit="days")


def _series(name: str, kind: str, releases: Sequence[Timing], value: Callable[[Timing], int | None]) -> Series:
    points = (
        Point(release.at, seconds / DAY, f"{release.tag}: {duration(seconds)}")
        for release in releases
        if (seconds := value(release)) is not None
    )
    return Series(name, tuple(points), kind, dots=True)


# --- how stable -------------------------------------------------------------------------------------------------------


def _failures(metrics: Metrics) -> Picture | None:
    """Releases by what is known of their failure; the young ones apart, since nobody knows yet."""
    if not metrics.releases:
        return None
    declared = {one.tag for one in metrics.failures if one.is_declared}
    hinted = {one.tag for one in metrics.failures} - declared
    young = {release.tag for release in metrics.releases if release.is_young} - declared - hinted
    rest = len(metrics.releases) - len(declared) - len(hinted) - len(young)
    rows = (
        Bar("No sign of failure", rest, "ticked"),
        Bar("Declared failed", len(declared), "failed", ", ".join(sorted(declared))),
        Bar("Only inferred", len(hinted), "late", ", ".join(sorted(hinted))),
        Bar("Too young to judge", len(young), "muted", ", ".join(sorted(young))),
    )
    description = f"{_releases(metrics)} by what is known of failures."
    return bars("Failed releases", description, rows, unit="releases")


# --- the current cycle ------------------------------------------------------------------------------------------------


def _burn_up(metrics: Metrics) -> Picture | None:
    if not metrics.burn_up:
        return None
    required = tuple(Point(step.at, step.required) for step in metrics.burn_up)
    ticked = tuple(Point(step.at, step.ticked) for step in metrics.burn_up)
    now, last = metrics.window.end or metrics.burn_up[-1].at, metrics.burn_up[-1]
    series = (
        Series("Due at the tag", (*required, Point(max(now, last.at), last.required)), "muted", steps=True),
        Series("Ticked", (*ticked, Point(max(now, last.at), last.ticked)), "ticked", steps=True),
    )
    description = f"{last.ticked} of {last.required} boxes due at the tag are ticked.{_expected(metrics)}"
    return lines("Burn-up of the current cycle", description, series, unit="boxes", now=now)


def _expected(metrics: Metrics) -> str:
    found = metrics.forecast
    if not isinstance(found, Forecast):
        return ""
    return f" Ready between {day(found.earliest)} and {day(found.latest)} with a probability of {found.coverage:.0%}."
