"""What every chart is drawn with: elements, scales, and the picture with its table. Pure.

Text of any origin goes in as it is and comes out escaped; numbers come out short and the same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

CHARACTER_WIDTH = 6.4
"""The mean width of a character in the charts' 11 px text, in units of the drawing; measured on DejaVu Sans."""

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Table:
    """The same figures as a table: every row has as many cells as `head`.

    Rows that follow each other and begin alike share their first cells, but none behind the first `shared` columns.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with its name, what it shows in a sentence, and the table that says the same (None for a mere bar)."""

    title: str
    description: str
    svg: str
    table: Table | None = None
    key: tuple[tuple[str, str], ...] = ()


class Scale(NamedTuple):
    """A straight map from `low`…`high` to `start`…`end`; everything falls on `start` when low equals high."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value stands in the drawing."""
        if self.high == self.low:
            return self.start
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def figure(picture: Picture) -> str:
    """The picture as HTML: a figure with its title, what it shows, its key in words and, in a fold, its table.

    Screen readers are told what it shows by the drawing itself.
    """
    key = "".join(
        f'<li><svg class="ct-key" viewBox="0 0 14 14" aria-hidden="true">{mark(kind, 7, 7)}</svg> {text(word)}</li>'
        for kind, word in picture.key
    )
    return "".join(
        (
            '<figure class="ct-figure">',
            f"<figcaption>{text(picture.title)}</figcaption>",
            f'<p class="ct-told" aria-hidden="true">{text(picture.description)}</p>',
            f'<div class="ct-scroll" tabindex="0" role="group" aria-label="{text(picture.title)}">{picture.svg}</div>',
            f'<ul class="ct-keys">{key}</ul>' if key else "",
            "" if picture.table is None else _fold(picture.table),
            "</figure>",
        )
    )


def _fold(table: Table) -> str:
    head = "".join(f'<th scope="col">{text(cell)}</th>' for cell in table.head)
    rows = "".join(f"<tr>{cells}</tr>" for cells in _cells(table.rows, table.shared))
    return (
        '<details class="ct-fold"><summary>The same as a table</summary>'
        f'<div class="ct-scroll" tabindex="0" role="group" aria-label="{text(table.caption)}, table">'
        f'<table class="ct-table"><caption>{text(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _cells(rows: Iterable[tuple[str, ...]], shared: int) -> Iterator[str]:
    """The cells of each row; those of the first columns may be shared with rows that begin alike."""
    if not shared:
        yield from ("".join(f"<td>{text(cell)}</td>" for cell in row) for row in rows)
        return
    for first, alike in groupby(rows, itemgetter(0)):
        rests = [row[1:] for row in alike]
        span = f' rowspan="{len(rests)}"' if len(rests) > 1 else ""
        behind = _cells(rests, shared - 1)
        yield f"<td{span}>{text(first)}</td>{next(behind)}"
        yield from behind


def drawing(title: str, description: str, size: tuple[float, float], parts: Sequence[str], *, kind: str = "") -> str:
    """An `<svg role="img">` of that size with its title and description first, as screen readers want them.

    One of a `kind` keeps its size; any other fills its place.
    """
    width, height = size
    own = f' width="{number(width)}" height="{number(height)}"' if kind else ""
    return (
        f'<svg class="ct-chart{" " + kind if kind else ""}" role="img"{own} '
        f'viewBox="0 0 {number(width)} {number(height)}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{text(title)}</title><desc>{text(description)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def element(tag: str, told: str = "", content: str = "", **attributes: float | str) -> str:
    """One SVG element; `told` becomes its `<title>`, `content` is markup of ours, `_` in a name stands for `-`."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{value if isinstance(value, str) else number(value)}"'
        for name, value in attributes.items()
    )
    inside = (f"<title>{text(told)}</title>" if told else "") + content
    return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"


def label(content: str, x: float, y: float, *, anchor: str = "start", kind: str = "ct-label") -> str:
    """A piece of text in the drawing."""
    return element("text", "", text(content), x=x, y=y, text_anchor=anchor, class_=kind)


def mark(kind: str, x: float, y: float, told: str = "", *, size: float = 5) -> str:
    """The mark of a kind: each has a shape of its own, so that no meaning hangs on colour alone."""
    style = f"ct-p-{kind}"
    if kind in {"late", "failed", "born"}:
        shape = f"M{number(x)} {number(y - size)}l{size} {size}l-{size} {size}l-{size} -{size}z"
        return element("path", told, d=shape, class_=style)
    if kind in {"signoff", "untick"}:
        return element(
            "rect", told, x=x - size + 1, y=y - size + 1, width=2 * size - 2, height=2 * size - 2, class_=style
        )
    if kind in {"follow-up", "candidate", "carried"}:
        up = -1 if kind == "carried" else 1
        shape = f"M{number(x)} {number(y - up * size)}l{size} {up * (2 * size - 1)}h-{2 * size}z"
        return element("path", told, d=shape, class_=style)
    if kind in {"na", "not-applicable"}:
        return element("rect", told, x=x - size, y=y - 1.5, width=2 * size, height=3, class_=style)
    if kind in {"tag", "now"}:
        return element("rect", told, x=x - 1, y=y - size - 1, width=2, height=2 * size + 2, class_=style)
    return element("circle", told, cx=x, cy=y, r=size - 1, class_=style)


def text(content: str) -> str:
    """Escaped text, safe between tags and in quoted attributes; what XML cannot hold becomes U+FFFD."""
    return escape(_NOT_TEXT.sub("\ufffd", content), quote=True)


def number(value: float) -> str:
    """A number with at most one decimal, no trailing zero, no minus before zero."""
    written = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if written in {"-0", ""} else written


def measured(value: float, unit: str) -> str:
    """A number with its unit, which is given in the plural: `1 release`, `2 releases`, `1 box`."""
    if not unit:
        return number(value)
    one = unit.removesuffix("es") if unit.endswith("xes") else unit.removesuffix("s")
    return f"{number(value)} {one if value == 1 else unit}"


def shortened(content: str, width: float) -> str:
    """The text cut to what fits into a width of the drawing, with an ellipsis where it was cut."""
    fits = max(1, int(width / CHARACTER_WIDTH))
    return content if len(content) <= fits else content[: fits - 1].rstrip() + "…"


def moment(at: int) -> str:
    """A time as people read it: `2024-03-05 14:02 UTC`. Times that no calendar has come out as a bare number."""
    when = calendar(at)
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else f"{at} s"


def day(at: int) -> str:
    """The UTC day of a time: `2024-03-05`."""
    when = calendar(at)
    return f"{when:%Y-%m-%d}" if when else f"{at} s"


def calendar(at: int) -> datetime | None:
    """The UTC time, None where the calendar ends: commits claim any number of seconds."""
    try:
        return datetime.fromtimestamp(at, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def time_ticks(start: int, end: int, *, most: int = 8) -> tuple[tuple[int, str], ...]:
    """Round times between start and end with their short names, at most `most` of them, in order."""
    first, last = calendar(start), calendar(end)
    if first is None or last is None or start >= end:
        return ()
    for step, form in _STEPS:
        ticks = tuple(_walk(first, last, step))
        if len(ticks) <= most:
            return tuple((int(tick.timestamp()), tick.strftime(form)) for tick in ticks)
    return ()


class _Step(NamedTuple):
    months: int = 0
    hours: int = 0


_STEPS: tuple[tuple[_Step, str], ...] = (
    (_Step(hours=1), "%H:%M"),
    (_Step(hours=3), "%d %b %H:%M"),
    (_Step(hours=6), "%d %b %H:%M"),
    (_Step(hours=24), "%d %b"),
    (_Step(hours=48), "%d %b"),
    (_Step(hours=24 * 7), "%d %b"),
    (_Step(months=1), "%b %Y"),
    (_Step(months=3), "%b %Y"),
    (_Step(months=6), "%b %Y"),
    (_Step(months=12), "%Y"),
    (_Step(months=24), "%Y"),
    (_Step(months=60), "%Y"),
    (_Step(months=120), "%Y"),
    (_Step(months=1200), "%Y"),
)


def _walk(first: datetime, last: datetime, step: _Step) -> Iterator[datetime]:
    """The round times of a step from first to last; stops early once there are more than anybody would draw."""
    tick = _round_down(first, step)
    for _ in range(64):
        if tick > last:
            return
        if tick >= first:
            yield tick
        following = _after(tick, step)
        if following is None:
            return
        tick = following


def _round_down(at: datetime, step: _Step) -> datetime:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if step.months:
        month = (at.month - 1) // step.months * step.months + 1 if step.months < 12 else 1  # noqa: PLR2004 (months)
        span = max(1, step.months // 12)
        return midnight.replace(year=max(1, at.year - at.year % span), month=month, day=1)
    if step.hours < 24:  # noqa: PLR2004 (hours of a day)
        return midnight.replace(hour=at.hour // step.hours * step.hours)
    days = step.hours // 24
    return midnight - timedelta(days=min(midnight.toordinal() % days, midnight.toordinal() - 1))


def _after(at: datetime, step: _Step) -> datetime | None:
    try:
        if step.hours:
            return at + timedelta(hours=step.hours)
        months = at.month - 1 + step.months
        return at.replace(year=at.year + months // 12, month=months % 12 + 1)
    except (OverflowError, ValueError):
        return None


def round_ticks(high: float, *, most: int = 5) -> tuple[float, ...]:
    """Round numbers from 0 up to the first at or above `high`; `(0, 1)` for (next to) nothing at all."""
    if high < 1e-6:  # noqa: PLR2004 (nothing that a figure of ours could show)
        return (0.0, 1.0)
    power = 1.0
    while power * 10 <= high:
        power *= 10
    while power > high:
        power /= 10
    for factor in (0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10):
        step = power * factor
        count = int(-(-high // step))
        if count <= most:
            return tuple(step * index for index in range(count + 1))
    return (0.0, high)


def path(points: Sequence[tuple[float, float]], *, steps: bool = False) -> str:
    """The `d` of a line through the points; with `steps`, level until the next point (a count stays until it moves)."""
    if not points:
        return ""
    start = f"M{number(points[0][0])} {number(points[0][1])}"
    moves = (
        f"H{number(x)}V{number(y)}" if steps else f"L{number(x)} {number(y)}" for (_, _), (x, y) in pairwise(points)
    )
    return start + "".join(moves)
