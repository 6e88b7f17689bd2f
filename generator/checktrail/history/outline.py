"""A checklist's text in, its outline out: the items and where they stand, and nothing that a trail does not need. Pure.

A commit changes a line or two, so a text is read in parts, from one top-level heading to the next, and a part that was
read before is not read again. That is exact, not a guess: an ATX heading at the margin ends every block of CommonMark
but an open fence, an open HTML block or an open comment; a part is taken only when a heading put behind it is read as
one. Where it is not, the part reaches further. The outline therefore always says what a whole parse says.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.history.happened import Spot
from checktrail.identity.rows import Row, row
from checktrail.model import State
from checktrail.parse.blocks import tokens
from checktrail.parse.sections import heading_text
from checktrail.parse.source import decode, source
from checktrail.parse.walk import walk
from checktrail.parse.wording import explicit_id, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checktrail.parse.walk import Bullet

_HEADING: Final = re.compile(r"^(?=#{1,6}(?:[ \t\n]|\Z))", re.MULTILINE)
# A text without any of these holds no item, so it need not be read at all.
_MAY_HOLD_ITEMS: Final = re.compile(rb"\[(?:[ \txX~/-]|\r?\n[ \t>]*|\r)\]")
_PROBE: Final = "#\n"
_REACH: Final = 8
"""How many candidate parts an unclosed one is joined with before the rest of the text is read in one go."""


class Box(NamedTuple):
    """One item of a part; `line` counts from the part's first line, 0 being that; `section` its headings, 0 before."""

    line: int
    state: State
    text: str
    id: str | None
    section: int


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What stands from one top-level heading to the next; compared by identity, since equal texts share one part."""

    lines: int
    headings: tuple[tuple[int, str], ...]
    heading_lines: tuple[int, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The parts of one text, each with the line it starts at (from 1) and the paths of the sections in it.

    `paths[k][h]` is the path of the h-th section of part k; the 0th is what stands before the part's first heading.
    `starts[k]` is the index of part k's first item among all.
    """

    parts: tuple[Part, ...]
    lines: tuple[int, ...]
    paths: tuple[tuple[tuple[str, ...], ...], ...]
    starts: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many items there are."""
        return self.starts[-1]

    def rows(self, first: int = 0, last: int | None = None) -> list[Row]:
        """The items of some parts as the matcher sees them."""
        found: list[Row] = []
        for index in range(first, len(self.parts) if last is None else last):
            part, paths = self.parts[index], self.paths[index]
            found += [row(box.text, box.state, box.id, paths[box.section], (index, box.section)) for box in part.boxes]
        return found

    def spot(self, path: str, item: int) -> Spot:
        """One item, in a file of this text."""
        index = bisect_right(self.starts, item) - 1
        box, paths = self.parts[index].boxes[item - self.starts[index]], self.paths[index]
        section = paths[box.section]
        return Spot(
            path,
            item,
            self.lines[index] + box.line,
            section,
            row(box.text, box.state, box.id, section, (index, box.section)),
        )


_NOTHING: Final = Outline((), (1,), (), (0,))


class Reader:
    """Reads texts into outlines, and remembers every part it has read. Longer files than `max_bytes` hold no items."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._parts: dict[str, Part | None] = {}
        self._paths: dict[tuple[tuple[tuple[int, str], ...], ...], tuple[tuple[tuple[str, ...], ...], ...]] = {}

    def read(self, content: bytes) -> Outline:
        """The outline of a file's bytes. Never raises, whatever they are."""
        if len(content) > self._max_bytes or not _MAY_HOLD_ITEMS.search(content):
            return _NOTHING
        text = source(decode(content)[0]).body
        parts = self._split(text)
        lines, starts = [1], [0]
        for part in parts:
            lines.append(lines[-1] + part.lines)
            starts.append(starts[-1] + len(part.boxes))
        return Outline(tuple(parts), tuple(lines), self._section_paths(parts), tuple(starts))

    def _split(self, text: str) -> list[Part]:
        pieces = _HEADING.split(text)
        parts: list[Part] = []
        index = 0
        while index < len(pieces):
            for reach in (*range(1, _REACH), len(pieces)):
                end = min(index + reach, len(pieces))
                part = self._part("".join(pieces[index:end]), is_last=end == len(pieces))
                if part is not None:
                    parts.append(part)
                    break
            index = end
        return parts

    def _part(self, text: str, *, is_last: bool) -> Part | None:
        """A part, None when what follows it would not be read as a heading of its own."""
        try:
            found = self._parts[text]
        except KeyError:
            found = self._parts[text] = _read(text)
        return _read_open(text) if found is None and is_last else found

    def _section_paths(self, parts: Sequence[Part]) -> tuple[tuple[tuple[str, ...], ...], ...]:
        headings = tuple(part.headings for part in parts)
        found = self._paths.get(headings)
        if found is None:
            found = self._paths[headings] = _paths(headings)
        return found


def _read(text: str) -> Part | None:
    """A part that a heading can follow; None when it is open at its end."""
    closed = text if text.endswith("\n") or not text else text + "\n"
    blocks = tokens(closed + _PROBE)
    end = closed.count("\n")
    if not (
        blocks and blocks[-1].type == "heading_close" and blocks[-1].level == 0 and blocks[-3].map == [end, end + 1]
    ):
        return None
    layout = walk(blocks[:-3], closed.split("\n"))
    return _made(layout.headings, layout.bullets, end)


def _read_open(text: str) -> Part:
    layout = walk(tokens(text), text.split("\n"))
    return _made(layout.headings, layout.bullets, text.count("\n"))


def _made(headings: Sequence[tuple[int, int, str]], bullets: Sequence[Bullet], lines: int) -> Part:
    return Part(
        lines,
        tuple((level, heading_text(text)) for level, _, text in headings),
        tuple(line - 1 for _, line, _ in headings),
        tuple(_box(bullet) for bullet in bullets if bullet.marker is not None),
    )


def _box(bullet: Bullet) -> Box:
    words = wording(bullet.text)
    id_ = words.id or next((found for comment in bullet.comments if (found := explicit_id(comment))), None)
    marker = bullet.marker or " "
    if words.not_applicable or marker in "-~/":
        state = State.NOT_APPLICABLE
    else:
        state = State.TICKED if marker in "xX" else State.OPEN
    return Box(bullet.line - 1, state, words.text, id_, bullet.section)


def _paths(parts: Sequence[Sequence[tuple[int, str]]]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The section paths of each part; the title's own is empty."""
    levels = [level for part in parts for level, _ in part]
    titled = bool(levels) and (levels[0] == 1 or all(level > levels[0] for level in levels[1:]))
    open_: list[tuple[int, tuple[str, ...]]] = []
    seen = 0
    path: tuple[str, ...] = ()
    found = []
    for part in parts:
        own = [path]
        for level, text in part:
            while open_ and open_[-1][0] >= level:
                open_.pop()
            above = open_[-1][1] if open_ else ()
            path = () if seen == 0 and titled else (*above, text)
            seen += 1
            open_.append((level, path))
            own.append(path)
        found.append(tuple(own))
    return tuple(found)
