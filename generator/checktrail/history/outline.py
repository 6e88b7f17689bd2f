"""A checklist's text in, its outline out: the items and where they stand, and nothing that a trail does not need. Pure.

A commit changes a line or two, so a text is read in parts, from one top-level heading to the next, and a part that was
read before is not read again. That is exact, not a guess: an ATX heading at the margin ends every block of CommonMark
but an open fence, an open HTML block or an open comment; a part is taken only when a heading put behind it is read as
one. Where it is not, the part reaches further. The outline therefore always says what a whole parse says.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, count
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.history.happened import Spot
from checktrail.identity.rows import Row, plain_path, row
from checktrail.model import State
from checktrail.parse.layout import begins_piece, may_have_fences, part, pieces
from checktrail.parse.sections import heading_text
from checktrail.parse.source import decode, may_hold_items, source
from checktrail.parse.wording import essence, explicit_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checktrail.parse.walk import Bullet

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
    """What stands from one top-level heading to the next; compared by identity, since equal texts share one part."""

    lines: int
    headings: tuple[tuple[int, str], ...]
    heading_lines: tuple[int, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A part under certain headings: the same part under the same ones is the same block, in every text.

    `paths[h]` is the path of the part's h-th section, the 0th what stands before its first heading. `plain_paths` are
    those of its items.
    """

    part: Part
    paths: tuple[Path, ...]
    rows: tuple[Row, ...]
    plain_paths: frozenset[Path]


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
        return Spot(path, item, self.lines[index] + box.line, block.paths[box.section], block.rows[nth])

    def heading_line(self, path: Path) -> int:
        """The line of a section's heading; 1 when there is none."""
        for block, line in zip(self.blocks, self.lines, strict=False):
            if path in block.paths[1:]:
                return line + block.part.heading_lines[block.paths.index(path, 1) - 1]
        return 1


_NOTHING: Final = Outline((), (1,), (0,))
TOO_LARGE: Final = Outline((), (1,), (0,))
"""What stands for a text that may hold items and is too large to be read."""


class _Cut(NamedTuple):
    """A text without fences as it was cut: pieces that each are one part. All but the first begin with a heading."""

    cut: list[str]
    parts: list[Part]

    def changed(self, text: str) -> tuple[int, int, str] | None:
        """How many pieces another text begins with, from which on it ends with them, and what stands between.

        None when it ends otherwise, or has fences: then it is cut anew.
        """
        cut, most = self.cut, len(self.cut) - 1
        head = begin = 0
        while head < most and text.startswith(cut[head], begin):
            begin += len(cut[head])
            head += 1
        tail, end = most + 1, len(text)
        while tail > head and text.endswith(cut[tail - 1], begin, end):
            tail -= 1
            end -= len(cut[tail])
        between = text[begin:end]
        if tail > most or may_have_fences(between):
            return None
        if between and head and not begins_piece(between):
            head -= 1  # what stands between goes on with the piece before it
            between = cut[head] + between
        # What follows begins with a heading, but for the first piece, and stands on a line of its own.
        is_apart = not between or (tail > 0 and between.endswith("\n"))
        return (head, tail, between) if is_apart else None


class Reader:
    """Reads texts into outlines, and remembers every part it has read. Longer files than `max_bytes` are not read."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._parts: dict[str, Part | None] = {}
        self._paths: dict[tuple[Headings, ...], tuple[tuple[tuple[Path, ...], ...], bool]] = {}
        self._same: dict[tuple[Path, ...], tuple[Path, ...]] = {}
        self._blocks: dict[tuple[Part, int], Block] = {}
        self._sections = count()
        self._latest: dict[str, _Cut] = {}

    def read(self, content: bytes) -> Outline:
        """The outline of a file's bytes, or `TOO_LARGE`. Never raises, whatever they are."""
        if not may_hold_items(content):
            return _NOTHING
        if len(content) > self._max_bytes:
            return TOO_LARGE
        text = _body(content)
        parts = self._split(text)
        lines = accumulate([part.lines for part in parts], initial=1)
        starts = accumulate([len(part.boxes) for part in parts], initial=0)
        blocks, is_distinct = self._placed(parts)
        return Outline(blocks, tuple(lines), tuple(starts), is_distinct)

    def _split(self, text: str) -> list[Part]:
        """A text's parts; where it changed little since one of the same first line, those around the change are its."""
        first_line = text[: text.find("\n")]
        latest = self._latest.get(first_line)
        changed = latest.changed(text) if latest is not None else None
        if latest is None or changed is None:
            cut = pieces(text)
            parts = self._parts_of(cut)
        else:
            head, tail, between = changed
            middle = pieces(between) if between else []
            cut = [*latest.cut[:head], *middle, *latest.cut[tail:]]
            found = self._alone(middle)
            parts = [*latest.parts[:head], *found, *latest.parts[tail:]] if found is not None else self._parts_of(cut)
        if len(parts) == len(cut) > 1 and not may_have_fences(text):
            self._latest[first_line] = _Cut(cut, parts)
        else:
            self._latest.pop(first_line, None)
        return parts

    def _alone(self, cut: Sequence[str]) -> list[Part] | None:
        """The parts of pieces that others follow; None when one is open at its end."""
        parts = [self._part(piece, is_last=False) for piece in cut]
        found = [part for part in parts if part is not None]
        return found if len(found) == len(cut) else None

    def _parts_of(self, cut: Sequence[str]) -> list[Part]:
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

    def _placed(self, parts: Sequence[Part]) -> tuple[tuple[Block, ...], bool]:
        headings = tuple([part.headings for part in parts])
        found = self._paths.get(headings)
        if found is None:
            known_paths = tuple(self._same.setdefault(own, own) for own in _paths(headings))
            plain_paths = [plain_path(path) for own in known_paths for path in own[1:]]
            found = self._paths[headings] = known_paths, len(set(plain_paths)) == len(plain_paths)
        paths, is_distinct = found
        if parts[0].boxes and parts[0].boxes[0].section == 0:
            is_distinct = False  # what stands before every heading has the title's path
        keys = list(zip(parts, map(id, paths), strict=True))  # equal paths are one object, kept as long as this reader
        known = map(self._blocks.get, keys)
        blocks = [block or self._new_block(key, own) for block, key, own in zip(known, keys, paths, strict=True)]
        if len(set(blocks)) < len(blocks):  # the same section twice: still two sections
            seen: set[Block] = set()
            for index, block in enumerate(blocks):
                if block in seen:
                    blocks[index] = self._block(block.part, block.paths)
                seen.add(block)
        return tuple(blocks), is_distinct

    def _new_block(self, key: tuple[Part, int], paths: tuple[Path, ...]) -> Block:
        block = self._blocks[key] = self._block(key[0], paths)
        return block

    def _block(self, part: Part, paths: tuple[Path, ...]) -> Block:
        names = [next(self._sections) for _ in paths]
        rows = tuple([row(text, state, id_, paths[nth], names[nth]) for _, state, text, id_, nth in part.boxes])
        return Block(part, paths, rows, frozenset([one.path for one in rows]))


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
    return None if layout is None else _made(layout.headings, layout.bullets, text.count("\n"))


def _made(headings: Sequence[tuple[int, int, str]], bullets: Sequence[Bullet], lines: int) -> Part:
    return Part(
        lines,
        tuple((level, heading_text(text)) for level, _, text in headings),
        tuple(line - 1 for _, line, _ in headings),
        tuple(
            _box(bullet.line - 1, bullet.marker, bullet.text, bullet.section, tuple(bullet.comments))
            for bullet in bullets
            if bullet.marker is not None
        ),
    )


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
