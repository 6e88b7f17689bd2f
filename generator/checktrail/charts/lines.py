"""Lines and steps over time: burn-up, trends. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from checktrail.charts.drawing import (
    Picture,
    Scale,
    Table,
    day,
    drawing,
    element,
    label,
    mark,
    measured,
    number,
    path,
    round_ticks,
    time_ticks,
)

WIDTH, HEIGHT = 640.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 628.0, 12.0, 206.0


class Point(NamedTuple):
    """A value at a time (seconds since 1970 UTC), with words for whoever points at it."""

    at: int
    value: float
    told: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Points in the order of time. `kind` gives colour and dash; with `steps` the value stays until it moves."""

    name: str
    points: tuple[Point, ...]
    kind: str = "accent"
    steps: bool = False
    dots: bool = False


def lines(title: str, description: str, series: Sequence[Series], *, unit: str = "", now: int | None = None) -> Picture:
    """One or more series over one axis of time, values from 0 up."""
    every = [point for one in series for point in one.points]
    times = [point.at for point in every] + ([now] if now is not None else [])
    start, end = min(times, default=0), max(times, default=0)
    ticks = round_ticks(max((point.value for point in every), default=0))
    across, up = Scale(start, end, LEFT, RIGHT), Scale(0, ticks[-1], BOTTOM, TOP)
    parts = [_level(tick, up) for tick in ticks]
    parts += [_instant(at, name, across) for at, name in time_ticks(start, end)]
    if now is not None:
        parts.append(
            element("line", f"as of {day(now)}", x1=across(now), x2=across(now), y1=TOP, y2=BOTTOM, class_="ct-l-now")
        )
    for one in series:
        parts += _drawn(one, across, up, unit)
    table = Table(
        title,
        ("Series", "Day", unit.capitalize() or "Value", "Note"),
        tuple((one.name, day(point.at), number(point.value), point.told) for one in series for point in one.points),
    )
    key = tuple((one.kind, one.name) for one in series)
    return Picture(title, description, drawing(title, description, (WIDTH, HEIGHT), parts), table, key)


def _level(tick: float, up: Scale) -> str:
    line = element("line", x1=LEFT, x2=RIGHT, y1=up(tick), y2=up(tick), class_="ct-p-grid")
    return line + label(number(tick), LEFT - 6, up(tick) + 4, anchor="end")


def _instant(at: int, name: str, across: Scale) -> str:
    line = element("line", x1=across(at), x2=across(at), y1=BOTTOM, y2=BOTTOM + 4, class_="ct-p-grid")
    return line + label(name, across(at), BOTTOM + 18, anchor="middle")


def _drawn(one: Series, across: Scale, up: Scale, unit: str) -> list[str]:
    placed = [(across(point.at), up(point.value)) for point in one.points]
    drawn = [element("path", one.name, d=path(placed, steps=one.steps), class_=f"ct-line ct-l-{one.kind}")]
    if one.dots or len(placed) == 1:
        drawn += [
            mark(one.kind, x, y, f"{one.name}, {day(point.at)}: {measured(point.value, unit)}", size=4)
            for point, (x, y) in zip(one.points, placed, strict=True)
        ]
    return drawn
