"""Completion bars, horizontal bars and histograms. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from checktrail.charts.drawing import (
    Picture,
    Scale,
    Table,
    drawing,
    element,
    label,
    measured,
    number,
    round_ticks,
    shortened,
    text,
)

WIDTH = 640.0


class Share(NamedTuple):
    """How many are done, how many do not apply, and how many of all there are."""

    done: int
    not_applicable: int
    all: int


class Bar(NamedTuple):
    """One horizontal bar: its name, its value, the kind that colours it, and what stands behind the value in words."""

    name: str
    value: float
    kind: str = "accent"
    note: str = ""


class Bin(NamedTuple):
    """One column of a histogram: the range's name and how many fell into it."""

    name: str
    amount: int
    kind: str = "accent"


def completion_bar(share: Share, name: str) -> str:
    """A thin bar that fills its place: done, not applicable, open. An SVG alone; the words stand beside it.

    A bar with one item open never looks full and a bar with one item done never looks empty.
    """
    spoken = f"{name}: {share.done} of {share.all} done"
    if share.not_applicable:
        spoken += f", {share.not_applicable} not applicable"
    if not share.all:
        spoken = f"{name}: no items"
    done, skipped = _widths(share)
    # A page has dozens of these: what is so without saying is not said.
    parts = [element("rect", width=100, height=8, class_="ct-p-track")]
    if done:
        parts.append(element("rect", width=done, height=8, class_="ct-p-ticked"))
    if skipped:
        parts.append(element("rect", x=done, width=skipped, height=8, class_="ct-p-na"))
    return (
        '<svg class="ct-bar" role="img" viewBox="0 0 100 8" preserveAspectRatio="none">'
        f"{element('title', '', text(spoken))}{''.join(parts)}</svg>"
    )


def _widths(share: Share) -> tuple[float, float]:
    """How wide done and not-applicable are drawn, of 100; at least 1 for something, at most 99 together for not all."""
    if share.all <= 0:
        return 0.0, 0.0
    done = max(1.0, 100 * share.done / share.all) if share.done else 0.0
    skipped = max(1.0, 100 * share.not_applicable / share.all) if share.not_applicable else 0.0
    room = 100.0 if share.done + share.not_applicable >= share.all else 98.0
    over = max(0.0, done + skipped - room)
    return (done - over, skipped) if done >= skipped else (done, skipped - over)


def bars(title: str, description: str, values: Sequence[Bar], *, unit: str = "") -> Picture:
    """Horizontal bars, one line each, longest value to the right edge."""
    names, row = 200.0, 24.0
    scale = Scale(0, max((bar.value for bar in values), default=0) or 1, 0, WIDTH - names - 90)
    parts: list[str] = []
    for index, bar in enumerate(values):
        top = index * row
        told = f"{bar.name}: {measured(bar.value, unit)}{bar.note and ', ' + bar.note}"
        width = max(scale(bar.value), 1 if bar.value else 0)
        parts += (
            label(shortened(bar.name, names - 10), names - 8, top + 16, anchor="end"),
            element("rect", told, x=names, y=top + 5, width=width, height=14, rx=2, class_=f"ct-p-{bar.kind}"),
            label(measured(bar.value, unit), names + width + 6, top + 16),
        )
    table = Table(
        title,
        ("Name", unit.capitalize() or "Value", "Note"),
        tuple((bar.name, number(bar.value), bar.note) for bar in values),
    )
    return Picture(title, description, drawing(title, description, (WIDTH, max(1, len(values)) * row), parts), table)


def histogram(title: str, description: str, bins: Sequence[Bin], *, unit: str = "") -> Picture:
    """Columns side by side over a shared base line, with the counts on the left."""
    left, top, bottom, height = 36.0, 10.0, 160.0, 190.0
    ticks = round_ticks(max((each.amount for each in bins), default=0))
    scale = Scale(0, ticks[-1], bottom, top)
    parts = [
        element("line", x1=left, x2=WIDTH, y1=scale(tick), y2=scale(tick), class_="ct-p-grid")
        + label(number(tick), left - 6, scale(tick) + 4, anchor="end")
        for tick in ticks
        if tick == int(tick)
    ]
    step = (WIDTH - left) / max(1, len(bins))
    # Names that would run into each other are left out evenly; the table has them all.
    every = max(1, -(-int(max((len(each.name) for each in bins), default=1) * 6.8 + 8) // max(1, int(step))))
    for index, each in enumerate(bins):
        x = left + index * step
        told = f"{each.name}: {measured(each.amount, unit)}"
        bar = element(
            "rect",
            told,
            x=x + step * 0.1,
            y=scale(each.amount),
            width=step * 0.8,
            height=bottom - scale(each.amount),
            class_=f"ct-p-{each.kind}",
        )
        parts.append(bar)
        if index % every == 0:
            parts.append(label(each.name, x + step / 2, bottom + 16, anchor="middle"))
    table = Table(title, ("Range", unit.capitalize() or "Count"), tuple((each.name, str(each.amount)) for each in bins))
    return Picture(title, description, drawing(title, description, (WIDTH, height), parts), table)
