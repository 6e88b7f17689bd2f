"""How `checktrail metrics` speaks in a terminal: figures, failed releases, items worth a look, the forecast."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from checktrail.errors import shown
from checktrail.exports.wire import moment
from checktrail.metrics.figures import Grade
from checktrail.metrics.forecast import Forecast
from checktrail.metrics.scope import Clue
from checktrail.metrics.wording import family, point, spoken
from checktrail.metrics.worth import Judgement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from checktrail.metrics import Metrics
    from checktrail.metrics.failures import Failure
    from checktrail.metrics.figures import Excluded, Figure

_GRADES = {Grade.MEASURED: "green", Grade.DECLARED: "cyan", Grade.PROXY: "yellow", Grade.NOT_AVAILABLE: "dim"}
_FAULTS = (Judgement.DEAD, Judgement.NEVER_APPLIES, Judgement.ALWAYS_LATE, Judgement.RUBBER_STAMPED)
_ITEMS = 12


def show(metrics: Metrics, console: Console, *, explain: bool) -> None:
    """Print the metrics."""
    console.print(Text(_headline(metrics)))
    known = [figure for figure in metrics.figures if figure.value is not None]
    if known:
        console.print(_figures(known))
    unknown = dict.fromkeys(family(figure) for figure in metrics.figures if figure.value is None)
    if unknown and metrics.releases:
        console.print(Text(f"n/a, since nothing in git says so: {', '.join(unknown)}."))
    if explain:
        for line in _left_out(metrics):
            console.print(Text(line, style="dim"))
    for line in (*_failed(metrics.failures), *_worth(metrics), *_forecast(metrics)):
        console.print(Text(line))
    if not explain and metrics.releases:
        console.print(Text("What was left out, and why: `checktrail metrics --explain`.", style="dim"))


def _headline(metrics: Metrics) -> str:
    if not metrics.releases:
        return "No release counts yet: a release is a tag that reads as a version, such as v1.0.0."
    start, end = metrics.window
    inferred = sum(release.clue is Clue.INFERRED for release in metrics.releases)
    times = f"; the time of {inferred} is inferred from the commit" if inferred else ""
    return f"{len(metrics.releases)} releases from {_day(start)} to {_day(end)}{times}."


def _day(at: int | None) -> str:
    return "" if at is None else moment(at)[:10]


def _figures(figures: Sequence[Figure]) -> Table:
    """One row a family: its median with the percentiles beside it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("Figure", "Value", "p75", "p90", "Grade", "n"):
        table.add_column(column, justify="right" if column == "n" else "left", overflow="fold")
    for _, group in groupby(figures, key=lambda figure: (family(figure), figure.of)):
        known = {point(figure): figure for figure in group}
        first = known.get("", known.get("median"))
        if first is not None:
            table.add_row(
                ("  " if first.of is not None else "") + shown(first.of or family(first)),
                spoken(first),
                *(spoken(known[name]) if name in known and first.value is not None else "" for name in ("p75", "p90")),
                Text(first.grade.value, style=_GRADES[first.grade]),
                str(first.n),
            )
    return table


def _left_out(metrics: Metrics) -> Iterator[str]:
    if metrics.excluded:
        yield f"Releases left out of every figure: {_reasons(metrics.excluded)}."
    common = set(metrics.excluded)
    for name, group in groupby(metrics.figures, key=family):
        own = [one for one in next(group).excluded if one not in common]
        if own:
            yield f"{name}: {_reasons(own)}."


def _reasons(excluded: Sequence[Excluded]) -> str:
    return ", ".join(f"{one.n} {one.reason}" for one in excluded)


def _failed(failures: Sequence[Failure]) -> Iterator[str]:
    if failures:
        yield "Failed releases:"
    for failure in failures:
        known = ", ".join(dict.fromkeys(f"{one.sign.value} ({shown(one.told)})" for one in failure.evidence))
        mended = f"; recovered {_day(failure.mended_at)}" if failure.mended_at is not None else ""
        yield f"  {shown(failure.tag)}: {known}{mended if failure.is_declared else '; inferred'}"


def _worth(metrics: Metrics) -> Iterator[str]:
    faulty = [worth for worth in metrics.worth if worth.judgement in _FAULTS]
    if faulty:
        yield "Items worth a look:"
    for worth in faulty[:_ITEMS]:
        yield f"  {worth.judgement.value}, {worth.releases} releases: {shown(worth.text)} ({shown(worth.path)})"
    if len(faulty) > _ITEMS:
        yield f"  and {len(faulty) - _ITEMS} more: see worth in `checktrail metrics --format json`"


def _forecast(metrics: Metrics) -> Iterator[str]:
    found = metrics.forecast
    if isinstance(found, Forecast):
        share = f"{found.coverage:.0%}"
        done = f"{found.readiness.ticked} of {found.readiness.required}"
        span = f"between {_day(found.earliest)} and {_day(found.latest)}"
        yield f"The current cycle ({done} before the tag) is ready {span},"
        yield f"with a probability of {share} if it goes like the {found.n} past ones."
