"""Text in, CommonMark block tokens out. Pure.

markdown-it-py's block rules with GFM's tables decide what is a list, a heading or code; its inline rules never run,
since nobody here needs them and they would double the time.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_NESTING: Final = 1000
"""How deep containers may nest; a list level takes two. markdown-it-py's own 20 drops the tenth list level silently."""

# Two frames per nested container, and room for whoever called us.
_DEEP_STACK: Final = 4 * MAX_NESTING


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark").enable("table")
    reader.options["maxNesting"] = MAX_NESTING
    return reader


_READER: Final = _reader()


def tokens(text: str) -> list[Token]:
    """The block tokens of a text whose line ends are plain newlines; their `map` counts lines from 0."""
    try:
        return _parse(text)
    except RecursionError:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(before + _DEEP_STACK)
        try:
            return _parse(text)
        finally:
            sys.setrecursionlimit(before)


def _parse(text: str) -> list[Token]:
    # A NUL is a replacement character to CommonMark (spec 2.3).
    return _READER.block.parse(text.replace("\0", "\ufffd"), _READER, {}, []) or []
