"""Block tokens to what stands where: headings, boxes, bullets, passages, tables, hidden boxes. Pure.

One pass, no judgement: what the words mean is for the modules after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.model import Command, OddityKind
from checktrail.parse.depth import MAX_NESTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

# GFM's task rule; `-`, `~` and `/` are no boxes for GitHub, but people mean "not applicable" by them.
# A paragraph's lines lose what they begin with (CommonMark 0.31, 4.8), a box that is broken over two of them as well.
_BOX: Final = re.compile(r"\[([ \txX~/-]|\n[ \t]*)\](?=[ \t\n])")
# The outermost containers that a deep block may stand in before the reader stops looking inside.
_DEEPEST: Final = MAX_NESTING - 1


class Start(NamedTuple):
    """Where a part of a text begins: how many lines, headings and bullets stand before it."""

    line: int = 0
    headings: int = 0
    bullets: int = 0


WHOLE: Final = Start()
"""Where a whole text begins."""


class Heading(NamedTuple):
    """A heading at the top level of a text."""

    level: int
    line: int
    text: str


@dataclass(slots=True)
class Bullet:
    """A list item; `marker` is None when it has no box, `number` None in an unordered list.

    `text` is its first paragraph's source, raw, after the box. `above` indexes the bullet it hangs under.
    """

    line: int
    end_line: int
    column: int
    marker: str | None
    number: int | None
    text: str
    section: int
    above: int | None
    commands: tuple[Command, ...] = ()
    comments: tuple[str, ...] = ()


class Passage(NamedTuple):
    """A paragraph outside lists, raw."""

    text: str
    line: int
    section: int


class Row(NamedTuple):
    """One row of a table; `header` is the row that heads it, itself not a Row."""

    cells: tuple[str, ...]
    header: tuple[str, ...]
    line: int
    section: int


class Hidden(NamedTuple):
    """Lines whose text is no Markdown: code, comments, other HTML; and boxes in table cells."""

    kind: OddityKind
    text: str
    line: int


@dataclass(slots=True)
class Layout:
    """Everything of a text, in its place; `section` k is the k-th heading, 0 what stands before the first.

    `is_plain` tells who read it: the reader of plain lines alone, as far as it is one part.
    """

    headings: list[Heading] = field(default_factory=list)
    bullets: list[Bullet] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    too_deep: int | None = None
    is_plain: bool = field(default=False, compare=False)

    def add(self, following: Layout) -> None:
        """Take in what stands in the text's next part."""
        self.headings += following.headings
        self.bullets += following.bullets
        self.passages += following.passages
        self.rows += following.rows
        self.hidden += following.hidden
        self.too_deep = self.too_deep or following.too_deep


def walk(blocks: Sequence[Token], lines: Sequence[str], start: Start = WHOLE) -> Layout:
    """What stands where in a text of these lines, or in a part of one that begins at `start`."""
    walker = _Walker(blocks, lines, start)
    for index, token in enumerate(blocks):
        visit = _VISITS.get(token.type)
        if visit is not None:
            visit(walker, token, index)
    return walker.layout


@dataclass(slots=True)
class _Walker:
    blocks: Sequence[Token]
    lines: Sequence[str]
    start: Start
    layout: Layout = field(default_factory=Layout)
    above: list[int] = field(default_factory=list)
    numbers: list[int | None] = field(default_factory=list)
    taken: int = -1
    header: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    row: int = 0
    in_header: bool = False

    @property
    def section(self) -> int:
        return self.start.headings + len(self.layout.headings)

    def line(self, token: Token) -> int:
        """The number of the line that a block begins in, from 1."""
        return self.start.line + _start(token) + 1

    def heading(self, token: Token, index: int) -> None:
        if token.level == 0:
            text = fold(self.blocks[index + 1].content)
            self.layout.headings.append(Heading(int(token.tag[1]), self.line(token), text))

    def open_list(self, token: Token, _: int) -> None:
        start = token.attrs.get("start", 1) if token.type == "ordered_list_open" else None
        self.numbers.append(int(start) if start is not None else None)

    def close_list(self, _token: Token, _: int) -> None:
        self.numbers.pop()

    def open_item(self, token: Token, index: int) -> None:
        if token.level >= _DEEPEST and self.layout.too_deep is None:
            self.layout.too_deep = self.line(token)
        bullet = self._bullet(token, index)
        self.above.append(len(self.layout.bullets))
        self.layout.bullets.append(bullet)

    def _bullet(self, token: Token, index: int) -> Bullet:
        line = end_line = self.line(token)
        column, marker, text = -1, None, ""
        if self.blocks[index + 1].type == "paragraph_open":
            self.taken = index + 1
            paragraph = self.blocks[index + 2]
            start, end = paragraph.map or (_start(token), _start(token) + 1)
            end_line = self.start.line + end
            text = paragraph.content
            if box := _BOX.match(text):
                column = _column(self.lines[start], text)
                if _is_first(self.lines[start], column):
                    marker, text = box.group(1)[0], text[box.end() :]
        above = self.start.bullets + self.above[-1] if self.above else None
        return Bullet(line, end_line, column, marker, self._number(), text, self.section, above)

    def _number(self) -> int | None:
        number = self.numbers[-1]
        if number is not None:
            self.numbers[-1] = number + 1
        return number

    def close_item(self, _token: Token, _: int) -> None:
        self.above.pop()

    def paragraph(self, token: Token, index: int) -> None:
        if index != self.taken and not self.above:
            text = self.blocks[index + 1].content
            self.layout.passages.append(Passage(text, self.line(token), self.section))

    def code(self, token: Token, _: int) -> None:
        self.layout.hidden.append(Hidden(OddityKind.BOX_IN_CODE, token.content, self.line(token) + bool(token.markup)))
        if self.above:
            bullet = self.layout.bullets[self.above[-1]]
            language = token.info.split()[0] if token.info.strip() else ""
            bullet.commands += (Command(language, token.content.rstrip("\n")),)

    def html(self, token: Token, _: int) -> None:
        is_comment = token.content.lstrip().startswith("<!--")
        kind = OddityKind.BOX_IN_COMMENT if is_comment else OddityKind.BOX_IN_HTML
        self.layout.hidden.append(Hidden(kind, token.content, self.line(token)))
        if is_comment and self.above:
            self.layout.bullets[self.above[-1]].comments += (token.content,)

    def open_table(self, _token: Token, _: int) -> None:
        self.header = []

    def open_row(self, token: Token, _: int) -> None:
        self.cells, self.row = [], self.line(token)

    def cell(self, token: Token, index: int) -> None:
        self.in_header = token.type == "th_open"
        self.cells.append(fold(self.blocks[index + 1].content))

    def close_row(self, _token: Token, _: int) -> None:
        if self.in_header:
            self.header = self.cells
            return
        self.layout.rows.append(Row(tuple(self.cells), tuple(self.header), self.row, self.section))
        self.layout.hidden.append(Hidden(OddityKind.BOX_IN_TABLE, " ".join(self.cells), self.row))


_VISITS: Final = {
    "heading_open": _Walker.heading,
    "bullet_list_open": _Walker.open_list,
    "ordered_list_open": _Walker.open_list,
    "bullet_list_close": _Walker.close_list,
    "ordered_list_close": _Walker.close_list,
    "list_item_open": _Walker.open_item,
    "list_item_close": _Walker.close_item,
    "paragraph_open": _Walker.paragraph,
    "fence": _Walker.code,
    "code_block": _Walker.code,
    "html_block": _Walker.html,
    "table_open": _Walker.open_table,
    "tr_open": _Walker.open_row,
    "th_open": _Walker.cell,
    "td_open": _Walker.cell,
    "tr_close": _Walker.close_row,
}


def fold(text: str) -> str:
    """A text with every run of white space made one space."""
    return " ".join(text.split())


def _start(token: Token) -> int:
    return token.map[0] if token.map else 0


def _is_first(line: str, column: int) -> bool:
    """Whether nothing but spaces and tabs stands before the box: the blocks' reader drops other white space too."""
    return column < 1 or line[column - 1] in " \t" or not line[column - 1].isspace()


def _column(line: str, content: str) -> int:
    """Where the box opens in its line; -1 when the line does not end as the paragraph's first line does."""
    first, bare = content.partition("\n")[0].rstrip(), line.rstrip()
    return len(bare) - len(first) if bare.endswith(first) else -1
