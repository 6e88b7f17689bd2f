"""One item's box, byte for byte: a file's bytes and a line in, the file's bytes with that item changed out. Pure.

Ticking and unticking change one character. Marking as not applicable also wraps that item's words, in the one form
that every Markdown reader shows. Every edit is proved before it is handed out: read again, the file must hold the same
items, and no other may have changed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.errors import UsageError, shown
from checktrail.model import State
from checktrail.parse import read

if TYPE_CHECKING:
    from checktrail.model import Checklist, Item

_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_CONFLICT: Final = re.compile(rb"^(?:<{7}|\|{7}|>{7})(?: |\r|\n|\Z)", re.MULTILINE)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
# An explicit id is no word of the item: it stays outside the struck-through text.
_TAIL: Final = re.compile(rb"(?:\s*(?:<!--(?:(?!-->).)*-->|\{#[\w.:-]+\}))*\s*\Z", re.DOTALL)


class Edited(NamedTuple):
    """A file's bytes after an edit, and the item before and after; all as they were if it was so already."""

    content: bytes
    before: Item
    after: Item


def tick(content: bytes, line: int) -> Edited:
    """Tick the item whose bullet stands on a line.

    Raises:
        UsageError: there is no item, it is not applicable, its box cannot be reached, or the file is in conflict.
    """
    before, item = _item(content, line)
    if item.state is State.TICKED:
        return Edited(content, item, item)
    if item.state is State.NOT_APPLICABLE and item.marker == " ":
        raise UsageError(
            f"line {line} is marked as not applicable: {shown(item.text)}",
            hint="take the ~~ ~~ and the reason away first, if it applies after all",
        )
    return _proved(before, item, _with_marker(content, item, b"x"), State.TICKED)


def untick(content: bytes, line: int) -> Edited:
    """Untick the item whose bullet stands on a line.

    Raises:
        UsageError: as `tick`.
    """
    before, item = _item(content, line)
    if item.state is State.NOT_APPLICABLE and item.marker == " ":
        raise UsageError(
            f"line {line} is not ticked, but marked as not applicable: {shown(item.text)}",
            hint="take the ~~ ~~ and the reason away by hand",
        )
    if item.state is State.OPEN:
        return Edited(content, item, item)
    # A struck-through text keeps its item not applicable whatever the box says.
    wanted = State.NOT_APPLICABLE if item.marker in "xX" and item.state is State.NOT_APPLICABLE else State.OPEN
    return _proved(before, item, _with_marker(content, item, b" "), wanted)


def not_applicable(content: bytes, line: int, reason: str) -> Edited:
    """Mark the item whose bullet stands on a line as not applicable: `- [ ] ~~text~~ (N/A: reason)`.

    Raises:
        UsageError: as `tick`; or the reason is empty, or the item's words cannot be struck through.
    """
    why = " ".join(reason.split())
    if not why or not why.isprintable():
        raise UsageError("a reason is needed, in printable characters", hint='write --na "why it does not apply"')
    before, item = _item(content, line)
    if item.state is State.NOT_APPLICABLE and item.marker == " ":
        return Edited(content, item, item)
    opened = _with_marker(content, item, b" ")
    start, end = _words(opened, item)
    words = opened[start:end]
    # Tildes that touch ours, or a backslash before them, would make another mark of them.
    if b"~~" in words or words[:1] == b"~" or words[-1:] in (b"~", b"\\"):
        raise _unchangeable(item)
    struck = opened[:start] + b"~~" + opened[start:end] + f"~~ (N/A: {why})".encode() + opened[end:]
    return _proved(before, item, struck, State.NOT_APPLICABLE)


def _item(content: bytes, line: int) -> tuple[Checklist, Item]:
    if conflict := _CONFLICT.search(content):
        where = content.count(b"\n", 0, conflict.start()) + 1
        raise UsageError(f"line {where} holds a conflict marker", hint="resolve the merge first, then tick")
    checklist = read(content)
    found = next((item for item in checklist.items if item.line == line), None)
    if found is None:
        raise UsageError(f"line {line} holds no item", hint="name the line of the item's bullet, as `status` shows it")
    return checklist, found


def _with_marker(content: bytes, item: Item, marker: bytes) -> bytes:
    box = _box(content, item)
    return content[: box + 1] + marker + content[box + 2 :]


def _box(content: bytes, item: Item) -> int:
    """The offset of the box's `[`."""
    # Nothing but list and quote marks stands before a box, so columns of characters are columns of bytes.
    wanted = f"[{item.marker}]".encode()
    spans = _lines(content)[item.line - 1 : item.end_line]
    offsets = [start + item.column for start, _ in spans if item.column >= 0]
    found = next((offset for offset in offsets if content[offset : offset + len(wanted)] == wanted), None)
    if found is None or item.marker == "\n":
        raise UsageError(
            f"the box on line {item.line} is not written in one plain piece",
            hint="write it as `- [ ] text` by hand; `checktrail lint` shows what is odd about it",
        )
    return found


def _words(content: bytes, item: Item) -> tuple[int, int]:
    """The offsets between which an item's own words stand, without the white space and comments around them."""
    start = _box(content, replace(item, marker=" ")) + len("[ ]")
    first_line_end = _lines(content)[item.line - 1][1]
    end = _lines(content)[item.end_line - 1][1]
    text = content[start:end]
    tail = _TAIL.search(text)
    stop = start + (tail.start() if tail else len(text))
    begin = start + len(text) - len(text.lstrip(b" \t"))
    if begin >= min(stop, first_line_end):
        raise UsageError(f"the words of line {item.line} do not stand beside its box", hint="mark it by hand")
    return begin, stop


def _lines(content: bytes) -> list[tuple[int, int]]:
    """Where each line's text starts and where it ends, its line end left out; a byte order mark belongs to no line."""
    start = len(_BYTE_ORDER_MARK) if content.startswith(_BYTE_ORDER_MARK) else 0
    return [(match.start(), match.start() + len(match[0].rstrip(b"\r\n"))) for match in _LINE.finditer(content, start)]


def _proved(before: Checklist, item: Item, edited: bytes, wanted: State) -> Edited:
    """The edit, once reading it again has shown that it does what was asked and nothing else."""
    after = read(edited)
    now = next((found for found in after.items if found.line == item.line), None)
    if now is None or now.state is not wanted or _others(before, item.line) != _others(after, item.line):
        raise _unchangeable(item)
    return Edited(edited, item, now)


def _unchangeable(item: Item) -> UsageError:
    return UsageError(
        f"line {item.line} cannot be changed without changing how the text around it reads",
        hint="edit it by hand; `checktrail lint` shows what is odd about it",
    )


def _others(checklist: Checklist, line: int) -> list[tuple[int, State, str]]:
    return [(item.line, item.state, item.text) for item in checklist.items if item.line != line]
