"""Tables as CSV that no spreadsheet runs. Pure.

A cell that would begin a formula gets a `'` before it, and so does one that has such a quote already: taking one off is
the way back. A cell is always one line; characters that would move a terminal's cursor are shown by their pictures.
Sources: RFC 4180; OWASP, "CSV Injection", for what begins a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from checktrail.exports.tables import Cell, Table

_FORMULA: Final = frozenset("=+-@＝＋－＠")  # noqa: RUF001 -- spreadsheets take the wide forms too
_BREAKS: Final = frozenset("\t\r\n")
_AT_ONCE: Final = 4096
_PICTURES: Final = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}


def encoded_csv(table: Table) -> Iterator[bytes]:
    """A table as UTF-8 with a heading line, CRLF line ends and every cell quoted; some thousand lines at a time."""
    lines = ([cell(value) for value in row] for row in table.rows)
    yield _lines([[column.name for column in table.columns]])
    while rows := list(islice(lines, _AT_ONCE)):
        yield _lines(rows)


def _lines(rows: list[list[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode("utf-8", "replace")


def cell(value: Cell) -> str:
    """A cell's text, which no spreadsheet takes for a formula and no terminal for a command; empty for nothing."""
    if value is None:
        return ""
    return _written(str(value))


# The same words stand in many rows.
@lru_cache(maxsize=65_536)
def _written(text: str) -> str:
    guard = "'" if _may_be_formula(text) else ""
    return guard + (text if text.isprintable() else "".join(map(_visible, text)))


def _may_be_formula(text: str) -> bool:
    # Some spreadsheets skip white space and a quote before they look.
    bare = text.lstrip().lstrip("'").lstrip()
    return text[:1] in _BREAKS or bare[:1] in _FORMULA


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    if ord(character) in _PICTURES:
        return chr(_PICTURES[ord(character)])
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
