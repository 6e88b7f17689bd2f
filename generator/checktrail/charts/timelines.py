"""One release from its first tick to its last follow-up, and all releases on one axis. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from checktrail.charts.drawing import (
    CHARACTER_WIDTH,
    Picture,
    Scale,
    Table,
    drawing,
    element,
    label,
    mark,
    moment,
    shortened,
    time_ticks,
)

WIDTH = 720.0
RIGHT = 704.0
ROW = 28.0
TALL = 40.0
"""A lane whose marks carry their names above them."""
NAME = 180.0
"""How wide a name in the picture is at most; the table has it whole."""

KINDS = {
    "ticked": "ticked in time",
    "signoff": "sign-off",
    "late": "ticked late",
    "follow-up": "ticked after the tag, as it should be",
    "untick": "unticked or removed",
    "na": "marked as not applicable",
    "commit": "commit",
}


class Mark(NamedTuple):
    """Something that happened: when (seconds since 1970 UTC), what kind, in words, and by whom, empty for nobody."""

    at: int
    kind: str
    told: str
    by: str = ""

    @property
    def spoken(self) -> str:
        """What happened and by whom."""
        return f"{self.told} ({self.by})" if self.by else self.told


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the picture and what happened on it."""

    name: str
    marks: tuple[Mark, ...]


class ReleaseMark(NamedTuple):
    """A release on the axis of all: when, its tag, its kind (`release`, `candidate`, `failed`), its lane, in words."""

    at: int
    tag: str
    kind: str
    lane: str
    told: str


def release_timeline(title: str, description: str, lanes: Sequence[Lane], tagged_at: int, tag: str) -> Picture:
    """Lanes of marks over one axis of time, with the tag as a line through all of them."""
    times = [one.at for lane in lanes for one in lane.marks] + [tagged_at]
    left = _gutter([lane.name for lane in lanes])
    across = Scale(min(times), max(times), left + 8, RIGHT - 8)
    if across.low == across.high:
        across = Scale(across.low - 1, across.high + 1, left + 8, RIGHT - 8)
    top, bottom = 22.0, 22.0 + len(lanes) * ROW
    parts = _frame([lane.name for lane in lanes], left, top, ROW)
    parts += _axis(across, left, bottom)
    for index, lane in enumerate(lanes):
        parts += _marks(lane.marks, across, top + (index + 0.5) * ROW)
    parts += _tag_line(across(tagged_at), tagged_at, tag, bottom)
    rows = sorted(
        [(one.at, lane.name, one.by, one.told) for lane in lanes for one in lane.marks]
        + [(tagged_at, "Tag", "", f"{tag} was tagged")],
    )
    table = Table(title, ("When", "Where", "By", "What"), tuple((moment(at), *said) for at, *said in rows), shared=3)
    present = {one.kind for lane in lanes for one in lane.marks}
    key = tuple((kind, word) for kind, word in KINDS.items() if kind in present)
    return Picture(title, description, drawing(title, description, (WIDTH, bottom + 26), parts), table, key)


def releases_timeline(title: str, description: str, releases: Sequence[ReleaseMark]) -> Picture:
    """All releases on one axis, a lane for each release line, in the order in which the lanes first come."""
    lanes = tuple(dict.fromkeys(release.lane for release in releases))
    times = [release.at for release in releases]
    left = _gutter(lanes)
    across = Scale(min(times, default=0), max(times, default=0), left + 24, RIGHT - 24)
    bottom = max(1, len(lanes)) * TALL
    parts = _frame(lanes, left, 0, TALL)
    parts += _axis(across, left, bottom)
    for lane_index, lane in enumerate(lanes):
        held = sorted((each for each in releases if each.lane == lane), key=lambda each: each.at)
        y = (lane_index + 0.5) * TALL
        for release in held:
            told = f"{release.tag}, {moment(release.at)}: {release.told}"
            parts.append(mark(release.kind, across(release.at), y, told))
        parts += _names(held, across, y - 10)
    table = Table(
        title,
        ("When", "Release", "Line", "What"),
        tuple((moment(each.at), each.tag, each.lane, each.told) for each in releases),
    )
    words = {"release": "release", "candidate": "candidate", "failed": "failed release"}
    present = {release.kind for release in releases}
    key = tuple((kind, word) for kind, word in words.items() if kind in present)
    return Picture(title, description, drawing(title, description, (WIDTH, bottom + 26), parts), table, key)


def _names(held: Sequence[ReleaseMark], across: Scale, y: float) -> list[str]:
    """Names above the marks, finals before candidates, the newest first; none that would run into another."""
    taken: list[tuple[float, float]] = []
    drawn: list[str] = []
    for release in sorted(held, key=lambda each: (each.kind == "candidate", -each.at)):
        name = shortened(release.tag, NAME)
        # A long name at an end of the axis stays inside the picture.
        half = len(name) * 3 + 3
        x = min(max(across(release.at), half), WIDTH - half)
        if all(x + half <= start or x - half >= end for start, end in taken):
            taken.append((x - half, x + half))
            drawn.append(label(name, x, y, anchor="middle", kind="ct-label ct-label--small"))
    return drawn


def _gutter(names: Sequence[str]) -> float:
    return min(140.0, max((len(name) for name in names), default=0) * CHARACTER_WIDTH + 12)


def _frame(names: Sequence[str], left: float, top: float, row: float) -> list[str]:
    """A line and a name for each lane."""
    parts: list[str] = []
    for index, name in enumerate(names):
        y = top + (index + 0.5) * row
        parts += (
            element("line", x1=left, x2=RIGHT, y1=y, y2=y, class_="ct-p-grid"),
            label(shortened(name, left - 4), 0, y + 4),
        )
    return parts


def _axis(across: Scale, left: float, bottom: float) -> list[str]:
    parts = [element("line", x1=left, x2=RIGHT, y1=bottom, y2=bottom, class_="ct-p-axis")]
    for at, name in time_ticks(int(across.low), int(across.high), most=7):
        x = across(at)
        parts += (
            element("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="ct-p-axis"),
            label(name, x, bottom + 18, anchor="middle"),
        )
    return parts


def _marks(marks: Sequence[Mark], across: Scale, y: float) -> list[str]:
    """The marks of a lane; those that would cover each other become one that says how many it stands for."""
    groups: dict[tuple[str, int], list[Mark]] = {}
    for one in sorted(marks):
        groups.setdefault((one.kind, round(across(one.at) / 4)), []).append(one)
    drawn = []
    for (kind, _), group in groups.items():
        first = group[0]
        told = f"{moment(first.at)}: {first.spoken}"
        if len(group) > 1:
            told = f"{moment(first.at)}: {len(group)} times, first {first.spoken}"
        drawn.append(mark(kind, across(first.at), y, told, size=5 if len(group) == 1 else 6))
    return drawn


def _tag_line(x: float, at: int, tag: str, bottom: float) -> list[str]:
    name = shortened(tag, 200)
    width = len(name) * CHARACTER_WIDTH + 12
    start = min(max(0.0, x - width / 2), RIGHT - width)
    return [
        element("line", f"{tag} was tagged {moment(at)}", x1=x, x2=x, y1=16, y2=bottom, class_="ct-l-tag"),
        label(name, min(start + 6, RIGHT - 60), 12, kind="ct-label ct-label--tag"),
    ]
