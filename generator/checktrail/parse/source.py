"""Bytes to text, and a text to the lines that are Markdown. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from checktrail.model import Oddity, OddityKind

_MAY_HOLD_ITEMS: Final = re.compile(rb"\[(?:[ \txX~/-]|(?:\r\n?|\n)[ \t>]*)\]")
_LINE_END: Final = re.compile(r"\r\n?")
_FENCE: Final = re.compile(r"---[ \t]*")
_FENCE_END: Final = re.compile(r"(?:---|\.\.\.)[ \t]*")
_KEY: Final = re.compile(r"[\w.\"'-]+\s*:(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Source:
    """A text made ready: one kind of line end, front matter blanked out of `body` so that every line keeps its number.

    `front` is the front matter's own text without its fences; empty when there is none.
    """

    body: str
    lines: tuple[str, ...]
    front: str


def may_hold_items(data: bytes) -> bool:
    """Whether a file's bytes can hold an item at all; one that cannot need not be parsed to know that."""
    return _MAY_HOLD_ITEMS.search(data) is not None


def decode(data: bytes) -> tuple[str, tuple[Oddity, ...]]:
    """The text of a file's bytes, a byte order mark dropped, and what was odd about the bytes.

    Bytes that are not UTF-8 become U+FFFD, each with its line named: nothing is skipped in silence.
    """
    oddities: list[Oddity] = []
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
        oddities.append(Oddity(OddityKind.BYTE_ORDER_MARK, 1, "UTF-8 byte order mark"))
    try:
        return data.decode("utf-8"), tuple(oddities)
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        oddities.append(Oddity(OddityKind.NOT_UTF8, line, f"byte 0x{data[fault.start]:02x} is not UTF-8"))
        return data.decode("utf-8", errors="replace"), tuple(oddities)


def source(text: str) -> Source:
    """A text with its front matter set apart."""
    body = _LINE_END.sub("\n", text.removeprefix("\ufeff"))
    lines = tuple(body.split("\n"))
    end = _front_matter_end(lines)
    if end is None:
        return Source(body, lines, "")
    blanked = "\n" * (end + 1) + "\n".join(lines[end + 1 :])
    return Source(blanked, lines, "\n".join(lines[1:end]))


def _front_matter_end(lines: tuple[str, ...]) -> int | None:
    """The index of the closing fence; None when the text only begins with a rule."""
    if not _FENCE.fullmatch(lines[0]):
        return None
    end = next((index for index, line in enumerate(lines[1:], 1) if _FENCE_END.fullmatch(line)), None)
    if end is None:
        return None
    first = next((line for line in lines[1:end] if line.strip() and not line.startswith("#")), None)
    is_empty = first is None and end == 1
    return end if is_empty or (first is not None and _KEY.match(first)) else None
