"""A checklist's text in, its outline out: the items and where they stand, and nothing that a trail does not need. Pure.

A commit changes a line or two, so a text is read in parts, from one top-level heading to the next, and a part that was
read before is not read again. That is exact, not a guess: an ATX heading at the margin ends every block of CommonMark
but an open fence, an open HTML block or an open comment; a part is taken only when a heading put behind it is read as
one. Where it is not, the part reaches further. The outline therefore always says what a whole parse says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, count, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.history.happened import Spot
from checktrail.identity.rows import Row, plain_path, row
from checktrail.model import State
from checktrail.parse.layout import begins_piece, ends_piece, part, pieces
from checktrail.parse.plain import item_in_place
from checktrail.parse.sections import heading_text
from checktrail.parse.source import decode, may_hold_items, source
from checktrail.parse.wording import essence, explicit_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checktrail.parse.walk import Layout

_REACH: Final = 8
"""How many candidate parts an unclosed one is joined with before the rest of the text is read in one go."""

Path = tuple[str, ...]
"""Heading texts from the outermost in."""

Headings = tuple[tuple[int, str], ...]
"""Levels and texts."""


class Box(NamedTuple):
    """One item of a part; `line` counts from the part's first line, 0 being that; `section` its headings, 0 before."""

    line: int
    state: State
    text: str
    id: str | None
    section: int


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What stands from one top-level heading to the next; compared by identity, since equal texts share one part.

    `is_plain` when it was read without a parser for all of Markdown.
    """

    text: str
    lines: int
    headings: Headings
    heading_lines: tuple[int, ...]
    boxes: tuple[Box, ...]
    is_plain: bool


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where a part stands: the paths of its sections, as written and in plain form, and their numbers.

    `paths[h]` is that of the part's h-th section, the 0th what stands before its first heading. A text that has the
    same paths twice has two frames, so that a number tells a section from all others of its text.
    """

    paths: tuple[Path, ...]
    plain: tuple[Path, ...]
    sections: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A part in a frame: the same part in the same one is the same block, in every text."""

    part: Part
    frame: Frame
    rows: tuple[Row, ...]

    @property
    def plain_paths(self) -> frozenset[Path]:
        """The paths of its items' sections, in plain form."""
        return frozenset([row.path for row in self.rows])


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The blocks of one text, with the line (from 1) and the index of the item that each begins with.

    `is_distinct` when no two of its sections have one path in plain form.
    """

    blocks: tuple[Block, ...]
    lines: tuple[int, ...]
    starts: tuple[int, ...]
    is_distinct: bool = True

    @property
    def size(self) -> int:
        """How many items there are."""
        return self.starts[-1]

    def rows(self, first: int = 0, last: int | None = None) -> list[Row]:
        """The items of some blocks as the matcher sees them."""
        return list(chain.from_iterable([block.rows for block in self.blocks[first:last]]))

    def row(self, item: int) -> Row:
        """One item as the matcher sees it."""
        index = bisect_right(self.starts, item) - 1
        return self.blocks[index].rows[item - self.starts[index]]

    def spot(self, path: str, item: int) -> Spot:
        """One item, in a file of this text."""
        index = bisect_right(self.starts, item) - 1
        block = self.blocks[index]
        nth = item - self.starts[index]
        box = block.part.boxes[nth]
        return Spot(path, item, self.lines[index] + box.line, block.frame.paths[box.section], block.rows[nth])

    def heading_line(self, path: Path) -> int:
        """The line of a section's heading; 1 when there is none."""
        for block, line in zip(self.blocks, self.lines, strict=False):
            paths = block.frame.paths
            if path in paths[1:]:
                return line + block.part.heading_lines[paths.index(path, 1) - 1]
        return 1


NOTHING: Final = Outline((), (1,), (0,))
"""What stands for a text without items."""
TOO_LARGE: Final = Outline((), (1,), (0,))
"""What stands for a text that may hold items and is too large to be read."""


def _changed(like: Outline, text: str) -> tuple[int, int, str] | None:
    """How many blocks of an outline another text begins with, from which on it ends with them, what stands between.

    None when they do not tell where the blocks of the other text begin: then it is cut anew.
    """
    blocks, size = like.blocks, len(like.blocks)
    head, begin = 0, 0
    for block in blocks[:-1]:
        if not text.startswith(block.part.text, begin):
            break
        head, begin = head + 1, begin + len(block.part.text)
    tail, end = size, len(text)
    for block in reversed(blocks[head:]):
        if not text.endswith(block.part.text, begin, end):
            break
        tail, end = tail - 1, end - len(block.part.text)
    between = text[begin:end]
    if between and head and not begins_piece(between):
        head -= 1  # what stands between goes on with the part before it
        between = blocks[head].part.text + between
    # What follows begins with a heading, but for the first part, and stands on a line of its own.
    is_apart = tail == size or not between or (tail > 0 and between.endswith("\n") and ends_piece(between))
    return (head, tail, between) if is_apart else None


class Reader:
    """Reads texts into outlines, and remembers every part it has read. Longer files than `max_bytes` are not read."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._parts: dict[str, Part | None] = {}
        self._framings: dict[tuple[Headings, ...], tuple[tuple[Frame, ...], bool]] = {}
        self._frames: dict[tuple[tuple[Path, ...], int], Frame] = {}
        self._blocks: dict[tuple[Part, Frame], Block] = {}
        self._sections = count()

    def read(self, content: bytes, like: Outline = NOTHING) -> Outline:
        """The outline of a file's bytes, or `TOO_LARGE`. Never raises, whatever they are.

        Of a text much `like` this one, as a file's version before is, only what changed is read; that tells no other
        outline.
        """
        if not may_hold_items(content):
            return NOTHING
        if len(content) > self._max_bytes:
            return TOO_LARGE
        text = _body(content)
        return self._spliced(like, text) or self._laid(self._parts_of(pieces(text)))

    def _spliced(self, like: Outline, text: str) -> Outline | None:
        """The outline of a text of which most is another's; None when it is to be read as a whole."""
        changed = _changed(like, text) if like.blocks else None
        if changed is None:
            return None
        head, tail, between = changed
        cut = pieces(between) if between else []
        before, replaced, after = like.blocks[:head], like.blocks[head:tail], like.blocks[tail:]
        if len(cut) == len(replaced) == 1:
            self._take_over(replaced[0].part, cut[0])
        parts = self._parts_of(cut) if tail == len(like.blocks) else self._alone(cut)
        if parts is None:
            return None
        if not head or [part.headings for part in parts] != [block.part.headings for block in replaced]:
            return self._laid([block.part for block in before] + parts + [block.part for block in after])
        middle = [self._block(part, block.frame, block) for part, block in zip(parts, replaced, strict=True)]
        return _outline((*before, *middle, *after), is_distinct=like.is_distinct)

    def _take_over(self, like: Part, text: str) -> None:
        """Remember a part that is like another but for one item's line: most changes are no more than that."""
        found = _with_one_item_changed(like, text) if text not in self._parts else None
        if found is not None:
            self._parts[text] = found

    def _alone(self, cut: Sequence[str]) -> list[Part] | None:
        """The parts of pieces that others follow; None when one is open at its end."""
        parts = [self._part(piece, is_last=False) for piece in cut]
        found = [part for part in parts if part is not None]
        return found if len(found) == len(cut) else None

    def _parts_of(self, cut: Sequence[str]) -> list[Part]:
        """The parts of a text's pieces up to its end."""
        parts: list[Part] = []
        following = 0
        for index, known in enumerate(map(self._parts.get, cut)):
            if index < following:
                continue  # it was joined to one before
            if known is not None:
                parts.append(known)
            else:
                joined, following = self._joined(cut, index)
                parts.append(joined)
        return parts

    def _joined(self, cut: Sequence[str], start: int) -> tuple[Part, int]:
        """The part that begins with a piece and takes in as many others as it must; where the next one begins."""
        for reach in (*range(1, _REACH), len(cut)):
            end = min(start + reach, len(cut))
            found = self._part("".join(cut[start:end]), is_last=end == len(cut))
            if found is not None:
                return found, end
        raise AssertionError  # the last reach takes in the last piece, and then there is a part

    def _part(self, text: str, *, is_last: bool) -> Part | None:
        """A part, None when what follows it would not be read as a heading of its own."""
        try:
            found = self._parts[text]
        except KeyError:
            found = self._parts[text] = _read(text)
        return _read(text, is_last=True) if found is None and is_last else found

    def _laid(self, parts: Sequence[Part]) -> Outline:
        """The outline of parts that follow each other."""
        frames, is_distinct = self._framed(tuple([part.headings for part in parts]))
        if parts[0].boxes and parts[0].boxes[0].section == 0:
            is_distinct = False  # what stands before every heading has the title's path
        return _outline(tuple(map(self._block, parts, frames)), is_distinct=is_distinct)

    def _framed(self, headings: tuple[Headings, ...]) -> tuple[tuple[Frame, ...], bool]:
        """The frames of parts with these headings, and whether all paths in them differ."""
        found = self._framings.get(headings)
        if found is None:
            seen: Counter[tuple[Path, ...]] = Counter()
            frames = []
            for paths in _paths(headings):
                frames.append(self._frame(paths, seen[paths]))
                seen[paths] += 1
            plain = [path for frame in frames for path in frame.plain[1:]]
            found = self._framings[headings] = tuple(frames), len(set(plain)) == len(plain)
        return found

    def _frame(self, paths: tuple[Path, ...], before: int) -> Frame:
        """The frame of a part with these paths, behind so many others that have the same."""
        found = self._frames.get((paths, before))
        if found is None:
            sections = tuple([next(self._sections) for _ in paths])
            found = self._frames[paths, before] = Frame(paths, tuple(map(plain_path, paths)), sections)
        return found

    def _block(self, part: Part, frame: Frame, like: Block | None = None) -> Block:
        """A part in a frame; a `like` block is one in the same frame, which may have many of its items."""
        found = self._blocks.get((part, frame))
        if found is None:
            found = self._blocks[part, frame] = Block(part, frame, tuple(_rows(part, frame, like)))
        return found


def _rows(part: Part, frame: Frame, like: Block | None) -> Iterator[Row]:
    if like is None or len(like.rows) != len(part.boxes):
        return map(_row, part.boxes, repeat(frame))
    known = zip(part.boxes, like.part.boxes, like.rows, strict=True)
    return (same if box is old else _row(box, frame) for box, old, same in known)


def _row(box: Box, frame: Frame) -> Row:
    return row(box.text, box.state, box.id, frame.plain[box.section], frame.sections[box.section])


def _outline(blocks: tuple[Block, ...], *, is_distinct: bool) -> Outline:
    lines = accumulate([block.part.lines for block in blocks], initial=1)
    starts = accumulate([len(block.rows) for block in blocks], initial=0)
    return Outline(blocks, tuple(lines), tuple(starts), is_distinct)


def _body(content: bytes) -> str:
    """A file's text with plain line ends, front matter blanked out."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = decode(content)[0]
    if text.startswith(("\ufeff", "---")) or "\r" in text:
        return source(decode(content)[0]).body
    return text


def _read(text: str, *, is_last: bool = False) -> Part | None:
    """A part that a heading can follow, or that is the last; None when it is open at its end."""
    layout = part(text, is_last=is_last)
    return None if layout is None else _made(text, layout)


def _made(text: str, layout: Layout) -> Part:
    boxes = [
        _box(bullet.line - 1, bullet.marker, bullet.text, bullet.section, bullet.comments)
        for bullet in layout.bullets
        if bullet.marker is not None
    ]
    headings = tuple((level, heading_text(text)) for level, _, text in layout.headings)
    heading_lines = tuple(line - 1 for _, line, _ in layout.headings)
    return Part(text, text.count("\n"), headings, heading_lines, tuple(boxes), layout.is_plain)


def _with_one_item_changed(like: Part, text: str) -> Part | None:
    """A part whose text differs from another's in the line of one item and is read alike otherwise; else None."""
    old, new = like.text.split("\n"), text.split("\n")
    if not like.is_plain or len(old) != len(new):
        return None
    changed = [number for number, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    nth = next((nth for nth, box in enumerate(like.boxes) if [box.line] == changed), None)
    said = item_in_place(new, changed[0], old[changed[0]]) if nth is not None else None
    if nth is None or said is None:
        return None
    box = _box(changed[0], *said, like.boxes[nth].section)
    boxes = (*like.boxes[:nth], box, *like.boxes[nth + 1 :])
    return Part(text, like.lines, like.headings, like.heading_lines, boxes, is_plain=True)


@lru_cache(maxsize=1 << 15)
def _box(line: int, marker: str, text: str, section: int, comments: tuple[str, ...] = ()) -> Box:
    """An item; most lines of a part that changed are as they were."""
    words = essence(text)
    id_ = words.id or next((found for comment in comments if (found := explicit_id(comment))), None)
    if words.not_applicable or marker in "-~/":
        state = State.NOT_APPLICABLE
    else:
        state = State.TICKED if marker in "xX" else State.OPEN
    return Box(line, state, words.text, id_, section)


def _paths(parts: Sequence[Sequence[tuple[int, str]]]) -> tuple[tuple[Path, ...], ...]:
    """The section paths of each part; the title's own is empty."""
    levels = [level for part in parts for level, _ in part]
    titled = bool(levels) and (levels[0] == 1 or all(level > levels[0] for level in levels[1:]))
    open_: list[tuple[int, Path]] = []
    seen = 0
    path: Path = ()
    found = []
    for headings in parts:
        own = [path]
        for level, text in headings:
            while open_ and open_[-1][0] >= level:
                open_.pop()
            above = open_[-1][1] if open_ else ()
            path = () if seen == 0 and titled else (*above, text)
            seen += 1
            open_.append((level, path))
            own.append(path)
        found.append(tuple(own))
    return tuple(found)
