"""Completion tables that somebody keeps by hand: their rows, and the sections these mean. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.model import DeclaredRow
from checktrail.parse.sections import plain_heading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.model import Section
    from checktrail.parse.walk import Row

_ITEMS: Final = re.compile(r"\b(?:items?|total|count|tasks|checks|steps|boxes)\b")
_TICKED: Final = re.compile(r"\b(?:completed?|done|ticked|checked|finished|progress)\b")
_NOTES: Final = re.compile(r"\b(?:notes?|comments?|remarks?)\b")
_TOTAL: Final = re.compile(r"(?:grand |overall )?(?:total|totals|sum|overall|all)")
_OF: Final = re.compile(r"(\d{1,9})\s*(?:/|of)\s*(\d{1,9})")
_NUMBER: Final = re.compile(r"\d{1,9}")
_LINK: Final = re.compile(r"\[([^\[\]]+)\](?:\([^()]*\)|\[[^\[\]]*\])")


class _Columns(NamedTuple):
    items: int | None
    ticked: int | None
    notes: int | None


def declared_rows(rows: Sequence[Row], sections: Sequence[Section]) -> tuple[DeclaredRow, ...]:
    """The rows of every table that counts items by section: one with a column of items and one of completed ones."""
    counting = [(row, columns) for row in rows if row.cells and (columns := _columns(row.header)) is not None]
    named = _named(sections) if counting else {}
    return tuple(_row(row, columns, named) for row, columns in counting)


def _columns(header: Sequence[str]) -> _Columns | None:
    """Which column holds what; the first names the row. None when the table counts nothing."""
    names = [name.strip("*_` ").casefold() for name in header]
    ticked = next((index for index, name in enumerate(names) if index and _TICKED.search(name)), None)
    items = next((index for index, name in enumerate(names) if index not in (0, ticked) and _ITEMS.search(name)), None)
    notes = next((index for index, name in enumerate(names) if index and _NOTES.search(name)), None)
    return _Columns(items, ticked, notes) if ticked is not None and (items is not None or notes is not None) else None


def _row(row: Row, columns: _Columns, named: Mapping[str, int]) -> DeclaredRow:
    name = _LINK.sub(r"\1", row.cells[0]).strip("*_` ")
    ticked_cell = _cell(row, columns.ticked)
    of = _OF.fullmatch(ticked_cell)
    is_total = bool(_TOTAL.fullmatch(name.casefold()))
    return DeclaredRow(
        row=name,
        line=row.line,
        items=_count(_cell(row, columns.items)) if columns.items is not None else (int(of[2]) if of else None),
        ticked=int(of[1]) if of else _count(ticked_cell),
        notes=_cell(row, columns.notes, strip=""),
        section=None if is_total else named.get(plain_heading(name)),
        is_total=is_total,
    )


def _named(sections: Sequence[Section]) -> dict[str, int]:
    """Every heading and every path that a row can name; of two with one name the outer, then the first."""
    named: dict[str, int] = {}
    order = sorted(range(len(sections)), key=lambda index: (len(sections[index].path), index))
    for index in order:
        section = sections[index]
        if section.path:
            named.setdefault(plain_heading(section.heading), index)
            for joint in (" / ", " > ", ": ", " - "):
                named.setdefault(plain_heading(joint.join(section.path)), index)
    return named


def _cell(row: Row, column: int | None, strip: str = "*_` ") -> str:
    return row.cells[column].strip(strip or None) if column is not None and column < len(row.cells) else ""


def _count(cell: str) -> int | None:
    return int(cell) if _NUMBER.fullmatch(cell) else None
