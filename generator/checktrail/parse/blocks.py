"""Text in, CommonMark block tokens out. Pure.

markdown-it-py's block rules with GFM's tables decide what is a list, a heading or code; its inline rules never run,
since nobody here needs them and they would double the time.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

from checktrail.parse.depth import MAX_NESTING

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_RULE: Final = re.compile(r"([*_-])(?:[ \t]*\1){2,}[ \t]*")

# Two frames per nested container, and room for whoever called us.
_DEEP_STACK: Final = 4 * MAX_NESTING


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark").enable("table")
    reader.options["maxNesting"] = MAX_NESTING
    # A line of ten thousand dashes is a list in a list in a list, and each level asks again whether it is a rule.
    reader.block.ruler.at("hr", _thematic_break, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    return reader


def _thematic_break(state: StateBlock, line: int, _end: int, silent: bool) -> bool:  # noqa: FBT001 -- the ruler's way
    """A thematic break (CommonMark 0.31, 4.1), found by one expression instead of a loop over characters."""
    start = state.bMarks[line] + state.tShift[line]
    if state.is_code_block(line) or not (found := _RULE.fullmatch(state.src, start, state.eMarks[line])):
        return False
    if not silent:
        state.line = line + 1
        token = state.push("hr", "hr", 0)
        token.map = [line, line + 1]
        token.markup = found.group(1)
    return True


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
