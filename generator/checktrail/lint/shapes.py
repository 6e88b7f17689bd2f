"""Every line that looks like a box and is none, or not quite. Pure.

A regular expression over the whole text finds the few lines worth a look; only then are the text's blocks asked where
such a line stands, since the same signs in code, HTML, tables or links mean something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from checktrail.lint.blocks import Blocks, Kind, Row, blocks
from checktrail.lint.page import Line, lines_of

INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
ODD_SPACES: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_ODD: Final = f"{ODD_SPACES}{INVISIBLE}"
EMPTY_SIGNS: Final = "☐⬜🔲▢"
DONE_SIGNS: Final = "☑☒✅✔🗹"
SIGNS: Final = f"{EMPTY_SIGNS}{DONE_SIGNS}"
_BULLET: Final = r"(?:[-*+]|\d{1,9}[.)])"

_SHAPE: Final = re.compile(
    rf"(?P<lead>[ \t>]*(?:{_BULLET}[ \t]+)*?)(?P<bullet>{_BULLET})(?P<gap>[ \t{_ODD}]*)"
    rf"(?P<box>(?P<escape>\\?)\[(?P<inner>[^\[\]\n\r]{{0,3}}?)\\?\]|[{SIGNS}]\ufe0f?)(?P<after>.*)"
)
# A box in order: one blank or x, one blank after it, then a word. Everything else that starts like a box is looked at.
_IN_ORDER: Final = re.compile(rf"[ \t>]*(?:{_BULLET}[ \t]+)+\[[ x]\] [^\s{_ODD}]")
_SUSPECT: Final = re.compile(rf"^(?!{_IN_ORDER.pattern})(?={_SHAPE.pattern})", re.MULTILINE)
# What nobody would take for decoration or a colour: a real box, and the pictures made for boxes.
_BOX: Final = re.compile(r"\[[ xX\t\n]\]\s|[☐☑☒🔲🗹]")
_LIKE_BOX: Final = re.compile(r"\\?\[[^\w\]]{0,3}[xX]?[^\w\]]{0,3}\\?\](?![(:])|[☐☑☒🔲🗹]")
_BLANK_BOX: Final = re.compile(r"\[\s*\]\s*")
_DEFINITION: Final = re.compile(r"^ {0,3}\[([^\]\n]{1,3})\]:", re.MULTILINE)


class Shape(NamedTuple):
    """A line that looks like a box: its parts, where the box stands in the text, and the block it stands in.

    `row` is the list item whose first line it is, None when the line was swallowed by the paragraph before. `inner` is
    what stands between the brackets, `sign` the box's picture (☐) where it has no brackets. `goes_on` is true when the
    paragraph has a next line. `among_words` is true when its list has other items and none of them begins with
    something like a box, `in_form` when every item of its list is an open box without words, and there are other lists.
    """

    line: Line
    bullet: str
    gap: str
    box: str
    escaped: bool
    inner: str
    sign: str
    after: str
    start: int
    row: Row | None
    goes_on: bool
    among_boxes: bool
    among_words: bool
    in_form: bool

    @property
    def end(self) -> int:
        """The offset after the box."""
        return self.start + len(self.box)

    @property
    def column(self) -> int:
        """The box's column in its line, from 1."""
        return self.start - self.line.start + 1


@lru_cache(maxsize=8)
def shapes(text: str) -> tuple[Shape, ...]:
    """The suspicious lines of a page's text, in order."""
    starts = [match.start() for match in _SUSPECT.finditer(text.replace("\r", "\n"))]
    if not starts:
        return ()
    return tuple(_shapes(text, blocks(text)))


def _shapes(text: str, tree: Blocks) -> Iterator[Shape]:
    defined = {match[1].casefold() for match in _DEFINITION.finditer(text.replace("\r", "\n"))}
    boxes = {number: sum(_is_box(row) for row in rows) for number, rows in tree.lists.items()}
    for line in lines_of(text):
        match = _SHAPE.match(line.text)
        if match is None or _IN_ORDER.match(line.text) or tree.kind(line.number) is not Kind.PROSE:
            continue
        if (match["inner"] or "").casefold() in defined:
            continue
        row = tree.row_at.get(line.number)
        yield Shape(
            line=line,
            bullet=match["bullet"],
            gap=match["gap"],
            box=match["box"],
            escaped=bool(match["escape"]),
            inner=match["inner"] or "",
            sign="" if "[" in match["box"] else match["box"][0],
            after=match["after"],
            start=line.start + match.start("box"),
            row=row,
            goes_on=row is not None and "\n" in (row.content or ""),
            among_boxes=row is not None and boxes[row.list] > _is_box(row),
            among_words=row is not None and _is_among_words(row, tree.lists[row.list]),
            in_form=row is not None and _is_form(row, tree),
        )


def _is_among_words(row: Row, rows: Sequence[Row]) -> bool:
    return len(rows) > 1 and not any(_LIKE_BOX.match(other.content or "") for other in rows if other is not row)


def _is_form(row: Row, tree: Blocks) -> bool:
    blank = all(_BLANK_BOX.fullmatch(other.content or "") for other in tree.siblings(row))
    return blank and len(tree.rows) > 1


def _is_box(row: Row) -> bool:
    return bool(_BOX.match(row.content or ""))
