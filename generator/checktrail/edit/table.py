"""The completion table kept between markers: a file's bytes in, the file's bytes with its table counted out. Pure.

Between `<!-- checktrail:completion -->` and `<!-- /checktrail:completion -->` the numbers are ours and the rest is not:
names of rows, the order of rows and columns, the Notes and every other column stay as somebody wrote them. A table
whose cells are right already keeps its bytes, however a formatter has padded it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.completion import Totals, percent, section_totals, totals
from checktrail.errors import UsageError
from checktrail.lint.page import Page, exact_bytes, exact_text, lines_of
from checktrail.lint.tables import Region, regions
from checktrail.parse import read
from checktrail.parse.sections import plain_heading

if TYPE_CHECKING:
    from checktrail.model import Checklist, DeclaredRow, Section

OPENING: Final = "<!-- checktrail:completion -->"
CLOSING: Final = "<!-- /checktrail:completion -->"
_MARKER: Final = re.compile(r"<!--\s*/?checktrail:completion\s*-->")
_HEADER: Final = ("Category", "Items", "Completed", "Notes")
_PIPE: Final = re.compile(r"(?<!\\)\|")
_DELIMITER: Final = re.compile(r":?-+:?")
_TICKED: Final = re.compile(r"complete|done|ticked|checked|finished", re.IGNORECASE)
_PERCENT: Final = re.compile(r"%|percent|progress", re.IGNORECASE)
_ITEMS: Final = re.compile(r"items?|total|tasks?|count|#|boxes", re.IGNORECASE)


class Table(NamedTuple):
    """A table's cells: the header, the line of dashes, and the rows."""

    header: tuple[str, ...]
    dashes: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return "\n".join(
            f"| {' | '.join(cells)} |".replace("  |", " |") for cells in (self.header, self.dashes, *self.rows)
        )


def counted(content: bytes) -> Table:
    """The table that a checklist's boxes make, one row per section of the outermost level."""
    return _counted(read(content), None, {})


def is_kept(content: bytes) -> bool:
    """Whether a file holds a table between markers."""
    return b"checktrail:completion" in content and bool(_kept(_page(content))[0])


def rewritten(content: bytes) -> bytes:
    """The file with every kept table counted anew.

    Raises:
        UsageError: it holds no markers, or they do not pair up.
    """
    page = _page(content)
    found, stray = _kept(page)
    if stray or any(region.end is None for region in found):
        line = stray[0] if stray else next(region.start for region in found if region.end is None)
        raise UsageError(f"the marker on line {line} has no partner", hint=f"write {OPENING} … {CLOSING}")
    if not found:
        raise UsageError("no completion table is kept here", hint=f"put {OPENING} and {CLOSING} around it")
    text = page.text
    for region in reversed(found):
        # Between the markers only: the lines after the opening one and before the closing one.
        text = _with_table(page, text, region.start + 1, region.end or region.start)
    return exact_bytes(text)


def _page(content: bytes) -> Page:
    text = exact_text(content)
    return Page("", text, lines_of(text), read(content))


def _kept(page: Page) -> tuple[list[Region], list[int]]:
    """The regions and stray closing markers that stand on lines of their own: prose may speak of markers."""
    found, stray = regions(page)
    alone = {line.number for line in page.lines if _MARKER.fullmatch(line.text.strip())}
    kept = [region for region in found if region.start in alone and (region.end is None or region.end in alone)]
    return [region for region in kept if region.end != region.start], [line for line in stray if line in alone]


def _with_table(page: Page, text: str, start: int, end: int) -> str:
    """The text with the table among lines `start` to before `end` counted anew; other lines there stay."""
    inner = page.lines[start - 1 : end - 1]
    rows = _table_lines([line.text for line in inner])
    if rows is None:
        # Blank lines make way for the table; words do not.
        last_words = max((line.number for line in inner if line.text.strip()), default=start - 1)
        before, after = page.line(last_words + 1).start, page.line(end).start
        lines = ["", *str(_counted(page.checklist, None, {})).split("\n"), ""]
        return text[:before] + "".join(line + page.line_end for line in lines) + text[after:]
    first, last = inner[rows[0]], inner[rows[1] - 1]
    old = _read([line.text for line in inner[rows[0] : rows[1]]])
    declared = {row.line: row for row in page.checklist.declared}
    new = _counted(
        page.checklist, old, {index: declared.get(first.number + 2 + index) for index in range(len(old.rows))}
    )
    if new == old:
        return text
    return text[: first.start] + str(new).replace("\n", page.line_end) + text[last.start + len(last.text) :]


def _table_lines(lines: Sequence[str]) -> tuple[int, int] | None:
    """Where the first table among lines starts and ends."""
    for index in range(1, len(lines)):
        if all(_DELIMITER.fullmatch(cell) for cell in _cells(lines[index])) and _PIPE.search(lines[index - 1]):
            end = next((at for at in range(index, len(lines)) if not _PIPE.search(lines[at])), len(lines))
            return index - 1, end
    return None


def _read(lines: Sequence[str]) -> Table:
    header, dashes, *rows = (_cells(line) for line in lines)
    return Table(header, dashes, tuple(_fitted(row, len(header)) for row in rows))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in _PIPE.split(line.strip().removeprefix("|").removesuffix("|")))


def _fitted(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    return (*row, *[""] * (width - len(row)))[:width]


def _counted(checklist: Checklist, old: Table | None, declared: dict[int, DeclaredRow | None]) -> Table:
    """The old table with its numbers put right and rows added for what no row counts; a new one where there is none."""
    header = old.header if old else _HEADER
    dashes = old.dashes if old else ("---",) * len(header)
    counts = section_totals(checklist)
    rows: list[tuple[str, ...]] = []
    total: tuple[str, ...] = ("**Total**", *[""] * (len(header) - 1))
    covered: set[int] = set()
    for index, cells in enumerate(old.rows if old else ()):
        row = declared.get(index)
        if row is not None and row.is_total:
            total = cells
        elif row is not None and row.section is not None:
            covered.add(row.section)
            rows.append(_filled(header, cells, counts[row.section]))
        else:
            # A name that means no section: the words stay, and the linter asks about it.
            rows.append(cells)
    for index in _missing(checklist, covered):
        name = _name(checklist, index)
        if name is not None:
            rows.append(_filled(header, (_escaped(name), *[""] * (len(header) - 1)), counts[index]))
    return Table(header, dashes, (*rows, _filled(header, total, totals(checklist))))


def _missing(checklist: Checklist, covered: set[int]) -> list[int]:
    """The outermost sections that no row counts; where rows count parts of one, its other parts instead."""
    parts = {above for index in covered for above in checklist.ancestors(index)}
    found: list[int] = []
    for index in sorted({item.section for item in checklist.items}):
        line = [above for above in checklist.ancestors(index) if checklist.sections[above].path]
        if line and not covered.intersection(line):
            whole = [above for above in line if above not in parts]
            found.append(whole[-1] if whole else index)
    return list(dict.fromkeys(found))


def _name(checklist: Checklist, index: int) -> str | None:
    """What a row has to say to mean this section: its heading, else its path; None where another has the same path.

    Items before the first section have no row: the total alone counts them.
    """
    section = checklist.sections[index]
    for name in (section.heading, " / ".join(section.path)):
        if [other for other in checklist.sections if plain_heading(name) in _names(other)] == [section]:
            return name
    return None


def _names(section: Section) -> tuple[str, str]:
    return plain_heading(section.heading), plain_heading(" / ".join(section.path))


def _filled(header: tuple[str, ...], cells: tuple[str, ...], count: Totals) -> tuple[str, ...]:
    """A row with its numbers put in; the first column and those that are no numbers stay."""
    is_bold = cells[0].startswith("**")
    pairs = zip(header[1:], cells[1:], strict=True)
    return (cells[0], *(_cell(name, cell or "****" * is_bold, count) for name, cell in pairs))


def _cell(name: str, cell: str, count: Totals) -> str:
    if _PERCENT.search(name):
        number = percent(count.ticked, count.items)
    elif _TICKED.search(name):
        number = str(count.ticked)
    elif _ITEMS.search(name):
        number = str(count.items)
    else:
        return cell.removeprefix("****")
    stars = "**" if cell.startswith("**") else ""
    return f"{stars}{number}{stars}"


def _escaped(text: str) -> str:
    # Also one that a backslash stands before already: a table takes one backslash away and leaves the heading's own.
    return text.replace("|", r"\|")
