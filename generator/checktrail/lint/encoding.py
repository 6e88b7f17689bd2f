"""CL701 and CL702: the characters themselves. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from checktrail.lint.page import BYTE_ORDER_MARK, Edit, Fix, Flaw, Page, safe, unsafe
from checktrail.model import OddityKind

_RUN: Final = re.compile(r"[^\x00-\x7f]{2,}")
_ODD: Final = {
    OddityKind.BIDI_CONTROL: "a bidirectional control: the text may read otherwise than it is shown",
    OddityKind.REPLACEMENT_CHARACTER: "a replacement character: a letter was lost",
    OddityKind.NOT_UTF8: "not UTF-8",
}


def mojibake(page: Page) -> Iterator[Flaw]:
    """CL701: letters that come from reading UTF-8 as something else."""
    for oddity in page.checklist.oddities:
        if oddity.kind is not OddityKind.MOJIBAKE or oddity.line > len(page.lines):
            continue
        line = page.line(oddity.line)
        edits = tuple(
            Edit(line.start + run.start(), line.start + run.end(), mended)
            for run in _RUN.finditer(line.text)
            if (mended := _mended(run[0])) is not None
        )
        yield Flaw(f"mojibake: {oddity.detail}", oddity.line, fix=unsafe(*edits) if edits else None)


def _mended(run: str) -> str | None:
    """What the letters were before UTF-8 was read as Windows-1252; None when that does not explain them."""
    try:
        return b"".join(_byte(letter) for letter in run).decode("utf-8")
    except UnicodeError:
        return None


def _byte(letter: str) -> bytes:
    # Windows-1252 leaves five bytes undefined, which readers pass through as control characters.
    return bytes([ord(letter)]) if "\x80" <= letter <= "\x9f" else letter.encode("cp1252")


def odd_characters(page: Page) -> Iterator[Flaw]:
    """CL702: a byte order mark, mixed line ends, bidirectional controls, letters that were lost."""
    for oddity in page.checklist.oddities:
        if oddity.kind is OddityKind.BYTE_ORDER_MARK:
            fix = safe(Edit(0, 1, "")) if page.text.startswith(BYTE_ORDER_MARK) else None
            yield Flaw("a byte order mark at the start of the file", 1, fix=fix)
        elif oddity.kind is OddityKind.MIXED_LINE_ENDS:
            yield Flaw(f"mixed line ends: {oddity.detail}", oddity.line, fix=_one_line_end(page))
        elif oddity.kind in _ODD:
            yield Flaw(f"{_ODD[oddity.kind]} ({oddity.detail})", oddity.line)


def _one_line_end(page: Page) -> Fix | None:
    wanted = page.line_end
    edits = tuple(
        Edit(line.start + len(line.text), line.start + len(line.text) + len(line.end), wanted)
        for line in page.lines
        if line.end not in ("", wanted)
    )
    return safe(*edits) if edits else None
