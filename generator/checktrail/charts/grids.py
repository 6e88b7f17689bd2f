"""Heat maps and matrices of states. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from checktrail.charts.drawing import CHARACTER_WIDTH, Picture, Table, drawing, element, label, mark, shortened

STRENGTHS = 4
"""Steps of shade in a heat map, beside "nothing": more than four are not told apart by eye."""


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
    """Counts by row and column, (row, column) → count; what is missing counts 0. Shades are quarters of the most."""
    left, top, side = _gutter(rows), 22.0, 18.0
    most = max(values.values(), default=0)
    parts = [
        label(shortened(name, left - 8), left - 6, top + index * side + 13, anchor="end")
        for index, name in enumerate(rows)
    ]
    parts += _column_names(columns, left, side)
    for row, row_name in enumerate(rows):
        for column, column_name in enumerate(columns):
            count = values.get((row, column), 0)
            parts.append(
                element(
                    "rect",
                    f"{row_name}, {column_name}: {count}",
                    x=left + column * side + 1,
                    y=top + row * side + 1,
                    width=side - 2,
                    height=side - 2,
                    rx=2,
                    class_=f"ct-heat-{_strength(count, most)}",
                ),
            )
    table = Table(
        title,
        ("", *columns),
        tuple(
            (name, *(str(values.get((row, column), 0)) for column in range(len(columns))))
            for row, name in enumerate(rows)
        ),
    )
    size = (max(left + len(columns) * side, 200.0), top + len(rows) * side + 2)
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
    size = (max(left + len(columns) * side, 200.0), top + len(rows) * side + 2)
    return Picture(title, description, drawing(title, description, size, parts, kind="ct-chart--grid"), table, key)


def _word(cell: Cell | None) -> str:
    return cell.word if cell else "none"


def _strength(count: int, most: int) -> int:
    return 0 if count <= 0 else max(1, -(-count * STRENGTHS // most))


def _gutter(rows: Sequence[str]) -> float:
    return min(220.0, max((len(name) for name in rows), default=0) * CHARACTER_WIDTH + 16)


def _column_names(columns: Sequence[str], left: float, side: float) -> list[str]:
    """Names over the columns; evenly thinned out where they would run into each other."""
    widest = max((len(name) for name in columns), default=1) * CHARACTER_WIDTH + 8
    every = max(1, int(-(-widest // side)))
    return [
        label(name, left + (index + 0.5) * side, 14.0, anchor="middle" if every == 1 else "start")
        for index, name in enumerate(columns)
        if index % every == 0
    ]
