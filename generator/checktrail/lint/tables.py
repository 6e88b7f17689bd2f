"""CL301 to CL304: the completion table that somebody keeps by hand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from checktrail.completion import DeclaredCount, uncovered
from checktrail.completion import declared as counted
from checktrail.lint.blocks import Kind, blocks
from checktrail.lint.page import Edit, Fix, Flaw, Line, Page, safe, unsafe
from checktrail.parse.sections import plain_heading

_MARKER: Final = re.compile(r"<!--\s*(/?)checktrail:completion\s*-->")
_PIPE: Final = re.compile(r"(?<!\\)\|")
_DELIMITERS: Final = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_ITEMS: Final = re.compile(r"items?|total|tasks?|count|#|boxes", re.IGNORECASE)
_TICKED: Final = re.compile(r"complete|done|ticked|checked|finished", re.IGNORECASE)


class Region(NamedTuple):
    """The lines from an opening marker to its closing one, both among them; `end` is None when it is never closed."""

    start: int
    end: int | None


def regions(page: Page) -> tuple[tuple[Region, ...], tuple[int, ...]]:
    """The regions that are kept by the tool, and the lines of closing markers that close nothing.

    A region opens with `<!-- checktrail:completion -->` and closes with `<!-- /checktrail:completion -->` or with the
    opening marker once more.
    """
    if "checktrail:completion" not in page.text:
        return (), ()
    tree = blocks(page.text)
    found: list[Region] = []
    stray: list[int] = []
    start: int | None = None
    for line in page.lines:
        for marker in _MARKER.finditer(line.text):
            if tree.kind(line.number) is Kind.CODE:
                continue
            if start is not None:
                found.append(Region(start, line.number))
                start = None
            elif marker[1]:
                stray.append(line.number)
            else:
                start = line.number
    if start is not None:
        found.append(Region(start, None))
    return tuple(found), tuple(stray)


def wrong_row(page: Page) -> Iterator[Flaw]:
    """CL301: a row's numbers are not those of the section it names."""
    for count in _declared(page):
        if not count.row.is_total and count.section is not None and not count.agrees:
            yield Flaw(f"row “{count.row.row}” says {_said(count)}", count.row.line, fix=_fix(page, count))


def wrong_total(page: Page) -> Iterator[Flaw]:
    """CL302: the total row is not the count of all boxes."""
    for count in _declared(page):
        if count.row.is_total and not count.agrees:
            missing = [section.heading or "the preamble" for section in uncovered(page.checklist)]
            hint = f"; no row counts {', '.join(missing[:5])}" if missing else ""
            yield Flaw(f"the total says {_said(count)}{hint}", count.row.line, fix=_fix(page, count))


def unknown_row(page: Page) -> Iterator[Flaw]:
    """CL303: a row's name is no section's."""
    for count in _declared(page):
        if not count.row.is_total and count.section is None and not _is_shortened(page, count.row.row):
            yield Flaw(f"row “{count.row.row}” names no section of this checklist", count.row.line)


def _is_shortened(page: Page, name: str) -> bool:
    """Whether a row says nothing, or the beginning of a heading: "1. Setup" for "1. Setup & Tools"."""
    words = plain_heading(name)
    return any(plain_heading(section.heading).startswith(words) for section in page.checklist.sections)


def broken_markers(page: Page) -> Iterator[Flaw]:
    """CL304: the markers around a kept table do not pair up, or hold no table."""
    found, stray = regions(page)
    for line in stray:
        yield Flaw("this marker closes nothing", line)
    for region in found:
        if region.end is None:
            yield Flaw("this marker is never closed", region.start)
        elif any(item.line in range(region.start, region.end) for item in page.checklist.items):
            yield Flaw("items stand between the markers of a kept table", region.start)


def _declared(page: Page) -> tuple[DeclaredCount, ...]:
    """The rows of the tables that count boxes, beside what the boxes say.

    A table of features, tests or platforms has such columns too: one counts boxes when the tool keeps it, or when at
    least half of its rows name a section that holds some.
    """
    if not page.checklist.declared:
        return ()
    kept = regions(page)[0]
    tables: list[list[DeclaredCount]] = []
    for count in counted(page.checklist):
        if not tables or tables[-1][-1].row.line != count.row.line - 1:
            tables.append([])
        tables[-1].append(count)
    return tuple(
        count
        for table in tables
        if _counts_boxes(table) or any(region.end and region.start < table[0].row.line < region.end for region in kept)
        for count in table
    )


def _counts_boxes(table: Sequence[DeclaredCount]) -> bool:
    rows = [count for count in table if not count.row.is_total]
    return 2 * sum(bool(count.counted_items) for count in rows) >= len(rows) > 0


def _said(count: DeclaredCount) -> str:
    pairs = ((count.row.items, count.counted_items, "items"), (count.row.ticked, count.counted_ticked, "completed"))
    wrong = [f"{says} {what}, the boxes {has}" for says, has, what in pairs if says is not None and says != has]
    return " and ".join(wrong)


def _fix(page: Page, count: DeclaredCount) -> Fix | None:
    """The row's two numbers as the boxes say; safe only where the table is the tool's own."""
    line = page.line(count.row.line)
    header = _header(page, line.number)
    if header is None or count.counted_items is None or count.counted_ticked is None:
        return None
    edits = [
        edit
        for name, says, has in (
            (_ITEMS, count.row.items, count.counted_items),
            (_TICKED, count.row.ticked, count.counted_ticked),
        )
        if says is not None and says != has and (edit := _cell_edit(header, line, name, says, has))
    ]
    if not edits:
        return None
    found, _ = regions(page)
    kept = any(region.end and region.start < line.number < region.end for region in found)
    return safe(*edits) if kept else unsafe(*edits)


def _header(page: Page, number: int) -> Line | None:
    for above in range(number - 1, 1, -1):
        text = page.line(above).text
        if not _PIPE.search(text):
            return None
        if _DELIMITERS.fullmatch(text):
            return page.line(above - 1)
    return None


def _cell_edit(header: Line, row: Line, name: re.Pattern[str], says: int, has: int) -> Edit | None:
    names, cells = _cells(header.text), _cells(row.text)
    for (start, end), (cell_start, cell_end) in zip(names, cells, strict=False):
        if not name.search(header.text[start:end]):
            continue
        number = re.search(rf"(?<!\d){says}(?!\d)", row.text[cell_start:cell_end])
        if number:
            at = row.start + cell_start
            return Edit(at + number.start(), at + number.end(), str(has))
    return None


def _cells(text: str) -> list[tuple[int, int]]:
    """The spans between the pipes, an outer pipe or none being the same."""
    pipes = [match.start() for match in _PIPE.finditer(text)]
    first = 0 if text.lstrip(" \t>").startswith("|") else -1
    bounds = pipes if first == 0 else [-1, *pipes]
    return [(start + 1, end) for start, end in zip(bounds, [*bounds[1:], len(text)], strict=True)]
