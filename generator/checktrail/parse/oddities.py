"""What about a text a person would want to know before trusting it. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from checktrail.model import Oddity, OddityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checktrail.parse.walk import Hidden, Layout

_BOX_LINE: Final = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX]\](?=\s)", re.MULTILINE)
_BOX_IN_CELL: Final = re.compile(r"(?<!\S)\[[ xX]\](?!\S)")

# UTF-8 read as Windows-1252, then saved. The lead bytes are those that honest text hardly ever puts before such
# characters: two-byte forms of Latin letters, three-byte punctuation and signs, four-byte pictures.
_CONTINUED: Final = (
    "[\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
)
_MOJIBAKE: Final = re.compile(f"[\u00c2\u00c3]{_CONTINUED}|[\u00e2\u00ef]{_CONTINUED}{{2}}|\u00f0{_CONTINUED}{{3}}")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONFLICT: Final = re.compile(r"^<{7} .*|^>{7} .*", re.MULTILINE)


def oddities(text: str, body: str, layout: Layout) -> tuple[Oddity, ...]:
    """The oddities of a text (`body`: the same with plain line ends), by line."""
    found = [*_line_ends(text), *_characters(body), *_hidden_boxes(layout.hidden), *_conflicts(body, layout.hidden)]
    if layout.too_deep is not None:
        found.append(Oddity(OddityKind.TOO_DEEP, layout.too_deep, "nested deeper than is read"))
    return tuple(sorted(found, key=lambda oddity: (oddity.line, oddity.kind)))


def repaired(text: str) -> str | None:
    """What a mojibake text was before it was read as Windows-1252; None when it never was anything else."""
    try:
        return b"".join(_byte(character) for character in text).decode("utf-8")
    except UnicodeError:
        return None


def _byte(character: str) -> bytes:
    # Windows-1252 leaves five bytes without a character; editors show those as themselves.
    return character.encode("latin-1") if character <= "\xff" else character.encode("cp1252")


def _line_ends(text: str) -> Iterator[Oddity]:
    pairs, feeds, returns = text.count("\r\n"), text.count("\n"), text.count("\r")
    kinds = (("CR LF", pairs), ("LF", feeds - pairs), ("CR", returns - pairs))
    used = [f"{count} {name}" for name, count in kinds if count]
    if len(used) > 1:
        yield Oddity(OddityKind.MIXED_LINE_ENDS, 1, ", ".join(used))


def _characters(body: str) -> Iterator[Oddity]:
    if body.isascii():
        return
    starts = line_starts(body)
    for found in _MOJIBAKE.finditer(body):
        meant = repaired(found.group())
        if meant is not None:
            yield Oddity(OddityKind.MOJIBAKE, bisect_right(starts, found.start()), f"{found.group()} for {meant}")
    for found in _BIDI.finditer(body):
        line = bisect_right(starts, found.start())
        yield Oddity(OddityKind.BIDI_CONTROL, line, f"U+{ord(found.group()):04X}")
    for number, line_text in enumerate(body.split("\n"), 1) if "\ufffd" in body else ():
        if "\ufffd" in line_text:
            yield Oddity(OddityKind.REPLACEMENT_CHARACTER, number, "U+FFFD stands for what could not be read")


def _hidden_boxes(hidden: Sequence[Hidden]) -> Iterator[Oddity]:
    for block in hidden:
        if block.kind is OddityKind.BOX_IN_TABLE:
            if _BOX_IN_CELL.search(block.text):
                yield Oddity(block.kind, block.line, block.text)
            continue
        starts = line_starts(block.text) if "]" in block.text else []
        for found in _BOX_LINE.finditer(block.text) if starts else ():
            line = bisect_right(starts, found.start())
            seen = block.text[found.start() : starts[line] if line < len(starts) else None]
            yield Oddity(block.kind, block.line + line - 1, seen.strip())


def _conflicts(body: str, hidden: Sequence[Hidden]) -> Iterator[Oddity]:
    if "\n<<<<<<< " not in f"\n{body}" and "\n>>>>>>> " not in body:
        return
    starts = line_starts(body)
    quoted = {
        block.line + offset
        for block in hidden
        if block.kind is OddityKind.BOX_IN_CODE
        for offset in range(block.text.count("\n"))
    }
    for found in _CONFLICT.finditer(body):
        line = bisect_right(starts, found.start())
        if line not in quoted:
            yield Oddity(OddityKind.CONFLICT_MARKER, line, found.group())


def line_starts(body: str) -> list[int]:
    """Where each line begins, so that `bisect_right` of a position gives its line, counted from 1."""
    return [0, *(found.end() for found in re.finditer("\n", body))]
