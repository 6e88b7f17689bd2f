"""A text to what stands where: plain parts line by line, all others by Markdown's rules. Pure.

A text is read in parts, from one top-level heading to the next. That is exact, not a guess: an ATX heading at the
margin ends every block of CommonMark but an open fence, an open HTML block or an open comment; a part is taken only
when a heading put behind it is read as one. Where it is not, the part reaches further.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from checktrail.parse.plain import plain
from checktrail.parse.walk import WHOLE, Layout, Start, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

# What a top-level heading begins with, behind the end of a line: a literal first character is looked for fast.
_MARK: Final = r"#{1,6}(?:[ \t\n]|\Z)"
_BEGINS: Final = re.compile(_MARK)
_HEADING: Final = re.compile(rf"\n(?={_MARK})")
_FENCE: Final = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3}|~{3})", re.MULTILINE)
_PROBE: Final = "#\n"


def layout(body: str) -> Layout:
    """What stands where in a text whose line ends are plain newlines."""
    found = Layout()
    cut = pieces(body)
    line = index = 0
    while index < len(cut):
        start = Start(line, len(found.headings), len(found.bullets))
        following, reach = _reached(cut, index, start)
        found.add(following)
        line += sum(piece.count("\n") for piece in cut[index : index + reach])
        index += reach
    return found


def pieces(body: str) -> list[str]:
    """A text cut before each line that may be a top-level heading; a `#` between two fences most likely is none."""
    *others, last = _HEADING.split(body)
    cut = [*[f"{piece}\n" for piece in others], last]
    return list(_joined(cut)) if _may_have_fences(body) else cut


def begins_piece(text: str) -> bool:
    """Whether a text at the beginning of a line would be cut off from what stands before it, fences apart."""
    return bool(_BEGINS.match(text))


def ends_piece(text: str) -> bool:
    """Whether a text that begins with a piece would be cut off where it ends, should a top-level heading follow."""
    return not _may_have_fences(text) or len(_FENCE.findall(text)) % 2 == 0


def _may_have_fences(text: str) -> bool:
    return "```" in text or "~~~" in text


def _joined(cut: Sequence[str]) -> Iterator[str]:
    waiting = ""
    for piece in cut:
        waiting += piece
        if ends_piece(waiting):
            yield waiting
            waiting = ""
    if waiting:
        yield waiting


def part(text: str, start: Start = WHOLE, *, is_last: bool = False) -> Layout | None:
    """What stands where in a part that begins at `start`; None when a heading behind it would not be read as one."""
    found = plain(text, start)
    if found is not None:
        return found
    blocks = _tokens(text) if is_last else _closed(text)
    return None if blocks is None else walk(blocks, text.split("\n"), start)


def _reached(cut: Sequence[str], index: int, start: Start) -> tuple[Layout, int]:
    """The part that begins with a piece, and how many pieces it takes in."""
    left = len(cut) - index
    for reach in sorted({1, min(2, left), left}):
        found = part("".join(cut[index : index + reach]), start, is_last=reach == left)
        if found is not None:
            return found, reach
    raise AssertionError  # the last reach takes in the last piece, which nothing need follow


def _closed(text: str) -> list[Token] | None:
    """The blocks of a part that a heading can follow; None when it is open at its end."""
    whole = text if text.endswith("\n") or not text else f"{text}\n"
    blocks = _tokens(whole + _PROBE)
    end = whole.count("\n")
    if blocks and blocks[-1].type == "heading_close" and blocks[-1].level == 0 and blocks[-3].map == [end, end + 1]:
        return blocks[:-3]
    return None


def _tokens(text: str) -> list[Token]:
    """A part by Markdown's rules; their reader is loaded for the first that needs it."""
    from checktrail.parse.blocks import tokens

    return tokens(text)
