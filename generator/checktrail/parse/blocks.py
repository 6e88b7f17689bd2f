"""Text in, CommonMark block tokens out. Pure.

markdown-it-py's block rules with GFM's tables decide what is a list, a heading or code; its inline rules never run,
since nobody here needs them and they would double the time.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import blockquote, fence, heading, html_block, list_block, table

from checktrail.parse.depth import MAX_NESTING

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_RULE: Final = re.compile(r"([*_-])(?:[ \t]*\1){2,}[ \t]*")
_SMALL_DECLARATION: Final = re.compile(r"<![a-z]")

# Two frames per nested container, and room for whoever called us.
_DEEP_STACK: Final = 4 * MAX_NESTING


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark").enable("table")
    reader.options["maxNesting"] = MAX_NESTING
    # A line of ten thousand dashes is a list in a list in a list, and each level asks again whether it is a rule.
    reader.block.ruler.at("hr", _thematic_break, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    reader.block.ruler.at("html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]})
    reader.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
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


def _html_block(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 -- the ruler's way
    """An HTML block (GFM 0.29, 4.6), of which a declaration begins with a capital; CommonMark 0.30 takes any letter."""
    start = state.bMarks[line] + state.tShift[line]
    return not _SMALL_DECLARATION.match(state.src, start) and html_block(state, line, end, silent)


def _table(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 -- the ruler's way
    """A table (GFM 0.29, 4.10): its head is a line that could be a paragraph's, where no item, comment or fence begins.

    markdown-it-py asks for tables first, and would take an item with a pipe for the head of one.
    """
    if not table(state, line, end, True):  # noqa: FBT003
        return False
    return not _begins_a_block(state, line, end) and (silent or table(state, line, end, False))  # noqa: FBT003


def _begins_a_block(state: StateBlock, line: int, end: int) -> bool:
    """Whether a line begins a block of another kind; right behind a paragraph, one that may interrupt it."""
    kept = state.parentType
    if state.tokens and state.tokens[-1].type == "paragraph_close" and (state.tokens[-3].map or [0])[-1] == line:
        state.parentType = "paragraph"
    begins = any(rule(state, line, end, True) for rule in _OTHERS)  # noqa: FBT003
    state.parentType = kept
    return begins


# What a line may begin that holds a pipe and is followed by a row of dashes.
_OTHERS: Final = (fence, blockquote, list_block, _html_block, heading)
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
