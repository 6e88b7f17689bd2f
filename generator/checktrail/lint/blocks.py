"""The lines of a text by what Markdown makes of them: list items, prose, code, HTML, tables. Pure.

Only rules that saw something suspicious ask, so that a text in order is read by Markdown's rules once, by the parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.parse.blocks import tokens
from checktrail.parse.source import source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it.token import Token


class Kind(StrEnum):
    """What a line of text is part of."""

    BLANK = "blank"
    PROSE = "prose"
    HEADING = "heading"
    CODE = "code"
    HTML = "html"
    TABLE = "table"


_FENCE: Final = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_KINDS: Final = {
    "inline": Kind.PROSE,
    "heading_open": Kind.HEADING,
    "fence": Kind.CODE,
    "code_block": Kind.CODE,
    "html_block": Kind.HTML,
    "table_open": Kind.TABLE,
    "hr": Kind.HEADING,
}


class Row(NamedTuple):
    """A list item as a block: lines from 1, `end` the last; `content` is its first paragraph, None when it has none.

    `parent` is the index of the item it stands in, `list` tells which list it belongs to, `top` whether that list
    stands in no other item; `first` whether it opens its list. `mark` is the bullet (`-`) or the delimiter (`.`, `)`).
    """

    line: int
    end: int
    content: str | None
    content_line: int
    parent: int | None
    list: int
    first: bool
    ordered: bool
    mark: str

    @property
    def top(self) -> bool:
        """Whether its list stands in no other item."""
        return self.parent is None


@dataclass(frozen=True, slots=True)
class Blocks:
    """`kinds[n]` is what line n is (index 0 is unused); `rows` are the list items in document order.

    `row_at` gives the innermost list item that begins in a line, `lists` the items of each list.
    """

    kinds: tuple[Kind, ...]
    rows: tuple[Row, ...]
    row_at: Mapping[int, Row]
    lists: Mapping[int, tuple[Row, ...]]

    def kind(self, line: int) -> Kind:
        """What a line is part of; lines after the last are blank."""
        return self.kinds[line] if line < len(self.kinds) else Kind.BLANK

    def siblings(self, row: Row) -> tuple[Row, ...]:
        """The items of the same list, itself among them."""
        return self.lists[row.list]


@lru_cache(maxsize=8)
def fenced(text: str) -> frozenset[int]:
    """The lines between code fences, by the look of the lines alone: for rules that only want to stay out of code."""
    inside: set[int] = set()
    fence = ""
    for number, line in enumerate(source(text).lines, start=1) if "```" in text or "~~~" in text else ():
        found = _FENCE.match(line)
        if fence:
            inside.add(number)
            if found and found[1].startswith(fence) and not line.strip().strip("`~"):
                fence = ""
        elif found:
            fence = found[1]
    return frozenset(inside)


@lru_cache(maxsize=8)
def blocks(text: str) -> Blocks:
    """The blocks of a page's text."""
    body = source(text).body
    walk = _Walk([Kind.BLANK] * (body.count("\n") + 2))
    stream = tokens(body)
    for index, token in enumerate(stream):
        walk.step(token, stream[index + 1 : index + 3])
    lists: dict[int, list[Row]] = {}
    for row in walk.rows:
        lists.setdefault(row.list, []).append(row)
    return Blocks(
        tuple(walk.kinds),
        tuple(walk.rows),
        {row.line: row for row in walk.rows},
        {number: tuple(rows) for number, rows in lists.items()},
    )


@dataclass(slots=True)
class _Walk:
    kinds: list[Kind]
    rows: list[Row] = field(default_factory=list)
    lists: list[tuple[int, bool]] = field(default_factory=list)
    above: list[int] = field(default_factory=list)
    fresh: bool = False
    count: int = 0

    def step(self, token: Token, following: Sequence[Token]) -> None:
        kind = _KINDS.get(token.type)
        if (
            kind is not None
            and token.map
            and not (kind is Kind.PROSE and self.kinds[token.map[0] + 1] is not Kind.BLANK)
        ):
            self.kinds[token.map[0] + 1 : token.map[1] + 1] = [kind] * (token.map[1] - token.map[0])
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self.count += 1
            self.lists.append((self.count, token.type.startswith("ordered")))
            self.fresh = True
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        elif token.type == "list_item_open":
            self._open(token, following)
        elif token.type == "list_item_close":
            self.above.pop()

    def _open(self, token: Token, following: Sequence[Token]) -> None:
        start, end = token.map or (0, 1)
        paragraph = following[1] if following[0].type == "paragraph_open" else None
        number, ordered = self.lists[-1]
        content_line = paragraph.map[0] + 1 if paragraph and paragraph.map else start + 1
        self.above.append(len(self.rows))
        self.rows.append(
            Row(
                line=start + 1,
                end=end,
                content=paragraph.content if paragraph else None,
                content_line=content_line,
                parent=self.above[-2] if len(self.above) > 1 else None,
                list=number,
                first=self.fresh,
                ordered=ordered,
                mark=token.markup,
            )
        )
        self.fresh = False
