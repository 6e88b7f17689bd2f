"""Heat maps and matrices of states. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from checktrail.charts.drawing import CHARACTER_WIDTH, Picture, Table, drawing, element, label, mark, shortened

STRENGTHS = 4
"""Steps of shade in a heat map, beside "nothing": more than four are not told apart by eye."""
_SHORT = 48.0
"""Names of columns up to this width are all shown."""
_LONG = 130.0
"""How wide the name of a column is at most; its cells and the table have it whole."""


class Count(NamedTuple):
    """How many there are in a cell of a heat map, and what is said of them."""

    n: int
    told: str


_NOTHING = Count(0, "0")


class Cell(NamedTuple):
    """One cell of a matrix: the kind that gives shape and colour, and the words that say it."""

    kind: str
    word: str


def heat_map(
    title: str,
    description: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Mapping[tuple[int, int], int],
) -> Picture:
    """Counts by row and column, (row, column) → count; what is missing counts 0. Shades are quarters of the most.

    Columns are as wide as their names where these are short, so that all names stand there.
    """
    told = {place: Count(count, str(count)) for place, count in values.items()}
    return named_heat_map(title, description, rows, columns, told)


def named_heat_map(
    title: str,
    description: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Mapping[tuple[int, int], Count],
) -> Picture:
    """The same where each cell, and its place in the table, says more than a number."""
    left, top, tall = _gutter(rows), 22.0, 18.0
    widest = _widest(columns)
    side = max(tall, widest) if widest <= _SHORT else tall
    most = max((count.n for count in values.values()), default=0)
    parts = [
        label(shortened(name, left - 8), left - 6, top + index * tall + 13, anchor="end")
        for index, name in enumerate(rows)
    ]
    parts += _column_names(columns, left, side)
    for row, row_name in enumerate(rows):
        for column, column_name in enumerate(columns):
            count, x, y = values.get((row, column), _NOTHING), left + column * side, top + row * tall
            told, strength = f"{row_name}, {column_name}: {count.told}", _strength(count.n, most)
            kind = f"ct-heat-{strength}"
            parts.append(element("rect", told, x=x + 1, y=y + 1, width=side - 2, height=tall - 2, rx=2, class_=kind))
            if count.n and len(str(count.n)) * CHARACTER_WIDTH < side - 4:
                kind = f"ct-label ct-ink-{strength}"
                parts.append(label(str(count.n), x + side / 2, y + 13, anchor="middle", kind=kind))
    table = Table(
        title,
        ("", *columns),
        tuple(
            (name, *(values.get((row, column), _NOTHING).told for column in range(len(columns))))
            for row, name in enumerate(rows)
        ),
    )
    size = (left + max(len(columns) * side + _over(columns, side), 200.0 - left), top + len(rows) * tall + 2)
    return Picture(title, description, drawing(title, description, size, parts, kind="ct-chart--grid"), table)


def matrix(
    title: str,
    description: str,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[int, int], Cell],
) -> Picture:
    """States by row and column, (row, column) → cell; what is missing stays empty and reads "none" in the table."""
    left, side = _gutter(rows), 24.0
    top = 22.0
    parts = [
        label(shortened(name, left - 8), left - 6, top + index * side + 16, anchor="end")
        for index, name in enumerate(rows)
    ]
    parts += _column_names(columns, left, side)
    for row, row_name in enumerate(rows):
        y = top + row * side
        parts.append(element("line", x1=left, x2=left + len(columns) * side, y1=y, y2=y, class_="ct-p-grid"))
        for column, column_name in enumerate(columns):
            cell = cells.get((row, column))
            if cell is not None:
                told = f"{row_name}, {column_name}: {cell.word}"
                parts.append(mark(cell.kind, left + (column + 0.5) * side, y + side / 2, told, size=6))
    table = Table(
        title,
        ("", *columns),
        tuple(
            (name, *(_word(cells.get((row, column))) for column in range(len(columns))))
            for row, name in enumerate(rows)
        ),
    )
    key = tuple(dict.fromkeys((cell.kind, cell.word) for _, cell in sorted(cells.items())))
    size = (left + max(len(columns) * side + _over(columns, side), 200.0 - left), top + len(rows) * side + 2)
    return Picture(title, description, drawing(title, description, size, parts, kind="ct-chart--grid"), table, key)


def _word(cell: Cell | None) -> str:
    return cell.word if cell else "none"


def _strength(count: int, most: int) -> int:
    return 0 if count <= 0 else max(1, -(-count * STRENGTHS // most))


def _gutter(rows: Sequence[str]) -> float:
    return min(220.0, max((len(name) for name in rows), default=0) * CHARACTER_WIDTH + 16)


def _widest(columns: Sequence[str]) -> float:
    return max((len(shortened(name, _LONG)) for name in columns), default=1) * CHARACTER_WIDTH + 8


def _over(columns: Sequence[str], side: float) -> float:
    """How far the last name reaches beyond its column."""
    return max(0.0, _widest(columns) - side / 2) if columns and _widest(columns) > side else 0.0


def _column_names(columns: Sequence[str], left: float, side: float) -> list[str]:
    """Names over the columns; evenly thinned out where they would run into each other."""
    widest = _widest(columns)
    every = max(1, int(-(-widest // side)))
    return [
        label(shortened(name, _LONG), left + (index + 0.5) * side, 14.0, anchor="middle" if every == 1 else "start")
        for index, name in enumerate(columns)
        if index % every == 0
    ]
