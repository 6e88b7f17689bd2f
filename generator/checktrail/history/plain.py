"""Plain lines in, boxes out, without a Markdown parser; None for anything that is not plain beyond doubt. Pure.

Most parts of most checklists are a heading, blank lines, bullets, and prose that begins with a letter. For such lines
CommonMark leaves no choice, so they are read line by line, thirty times faster than by a parser for all of Markdown.
Whatever else stands in a part (code, HTML, quotes, tables, rules, tabs, odd indentation) hands it to the parser. A test
holds both against each other on every file there is and on generated text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_HEADING: Final = re.compile(r"(#{1,6}) ([^#\n\0]*[^#\n\0\s])[ ]*")
_BULLET: Final = re.compile(
    r"( *)([-+*]|[1-9][0-9]{0,8}[.)]) (?:\[([ xX~/-])\] (?=\S)|(?=(?:\*\*)?[^\W\d_]))([^\n\0\t]*)"
)
_PROSE: Final = re.compile(r"( *)(?:\(|(?:\*\*)?[^\W\d_])[^\n\0]*")
_FENCE: Final = re.compile(r"```[\w-]*")
_MOST_EXTRA: Final = 3
"""Spaces beyond an item's content from the fourth on make code."""


class PlainBox(NamedTuple):
    """One item: its line in the part (from 0), the character in its box, and its words, raw."""

    line: int
    marker: str
    text: str


class Plain(NamedTuple):
    """A part that was read plainly: its heading's level and text, None when it has none, and its items."""

    heading: tuple[int, str] | None
    boxes: tuple[PlainBox, ...]


def plain(text: str) -> Plain | None:
    """A part of plain lines; None when it is not one."""
    lines = text.split("\n")
    heading = None
    first = 0
    if lines[0].startswith("#"):
        found = _HEADING.fullmatch(lines[0])
        if found is None:
            return None
        heading, first = (len(found[1]), found[2]), 1
    reading = _Reading(lines)
    while 0 <= first < len(lines):
        first = reading.after(first)
    return None if first < 0 else Plain(heading, tuple(reading.boxes))


class _Bullet(NamedTuple):
    """A line that begins a list item: where its mark and its content begin, whether it has a number that is not 1."""

    indent: int
    content: int
    is_later: bool
    marker: str | None
    words: str


@lru_cache(maxsize=1 << 14)
def _bullet(line: str) -> _Bullet | None:
    """A line as one that begins a list item; most lines of a text that changed are as they were."""
    found = _BULLET.fullmatch(line)
    if found is None:
        return None
    spaces, mark, marker, words = found.groups()
    is_later = mark[0].isdigit() and mark[:-1] != "1"
    return _Bullet(len(spaces), len(spaces) + len(mark) + 1, is_later, marker, words)


class _Reading:
    """Where the reading of a part stands.

    `open` holds where the content of each open list item begins; `goes_on` says whether a paragraph is open that the
    next line may continue, `in_box` whether it is a box's.
    """

    __slots__ = ("boxes", "goes_on", "in_box", "lines", "open")

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.boxes: list[PlainBox] = []
        self.open: list[int] = []
        self.goes_on = self.in_box = False

    def after(self, number: int) -> int:
        """Read the line of a number, or the block that begins there: the next line's number, -1 for no plain line."""
        line = self.lines[number]
        if not line:
            self.goes_on = False
            return number + 1
        bullet = _bullet(line)
        if bullet is not None:
            return number + 1 if self._bullet(number, bullet) else -1
        prose = _PROSE.fullmatch(line)
        if prose is not None:
            return number + 1 if self._prose(line, prose) else -1
        return self._block(number, line)

    def _bullet(self, number: int, bullet: _Bullet) -> bool:
        indent, content, is_later, marker, words = bullet
        above = self.open
        follows = self.goes_on and not above
        while above and indent < above[-1]:
            above.pop()
        extra = indent - (above[-1] if above else 0)
        # Of numbers only the first may end a paragraph (CommonMark 0.31, "Lists").
        if extra > _MOST_EXTRA or (is_later and (above or follows)):
            return False
        above.append(content)
        self.goes_on, self.in_box = True, marker is not None
        if marker is not None:
            self.boxes.append(PlainBox(number, marker, words))
        return True

    def _prose(self, line: str, prose: re.Match[str]) -> bool:
        if not self.goes_on:
            self._close()
            self.goes_on, self.in_box = True, False
            return not prose[1]
        if self.in_box:
            last = self.boxes[-1]
            self.boxes[-1] = last._replace(text=f"{last.text}\n{line}")
        return True

    def _block(self, number: int, line: str) -> int:
        """A rule, a fence or a comment at the margin; what stands in it is nothing to us."""
        if line == "---" and not self.goes_on:
            self._close()
            return number + 1
        if _FENCE.fullmatch(line):
            end = next((n for n in range(number + 1, len(self.lines)) if self.lines[n] == "```"), -2)
        elif line.startswith("<!--"):
            end = next((n for n in range(number, len(self.lines)) if "-->" in self.lines[n]), -2)
        else:
            end = -2
        self._close()
        return end + 1

    def _close(self) -> None:
        self.open, self.goes_on = [], False
