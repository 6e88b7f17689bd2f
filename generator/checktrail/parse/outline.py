"""Block tokens to sections and items, each in its place. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from checktrail.model import Checklist, Item, Phase, Section, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

    from checktrail.parse.source import Source

# GFM's task rule; `-`, `~` and `/` are no boxes for GitHub, but people mean "not applicable" by them.
_BOX: Final = re.compile(r"\[([ \t\nxX~/-])\](?=[ \t\n])")
_NUMBERING: Final = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.):]?|[A-Z][.)]|[ivx]+[.)])\s+")


def outline(blocks: Sequence[Token], origin: Source) -> Checklist:
    """The checklist that the blocks of a text make."""
    walk = _Walk(origin.lines)
    for index, token in enumerate(blocks):
        if token.type == "heading_open" and token.level == 0:
            walk.heading(token, blocks[index + 1])
        elif token.type == "list_item_open":
            walk.open_list_item(token, blocks[index + 1 : index + 3])
        elif token.type == "list_item_close":
            walk.above.pop()
    return walk.checklist()


@dataclass(slots=True)
class _Heading:
    level: int
    line: int
    text: str


@dataclass(slots=True)
class _Walk:
    """What has been seen so far."""

    lines: Sequence[str]
    headings: list[_Heading] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    above: list[int | None] = field(default_factory=list)
    item_headings: list[int] = field(default_factory=list)

    def heading(self, token: Token, inline: Token) -> None:
        line = token.map[0] + 1 if token.map else 1
        self.headings.append(_Heading(int(token.tag[1]), line, " ".join(inline.content.split())))

    def open_list_item(self, token: Token, following: Sequence[Token]) -> None:
        box = None
        if following[0].type == "paragraph_open":
            box = _BOX.match(following[1].content)
        if box is None:
            self.above.append(None)
            return
        self.items.append(self._item(token, following[1], box))
        self.above.append(len(self.items) - 1)

    def _item(self, token: Token, inline: Token, box: re.Match[str]) -> Item:
        parents = [index for index in self.above if index is not None]
        marker = box.group(1)
        line = token.map[0] if token.map else 0
        start, end = inline.map or (line, line + 1)
        return Item(
            line=line + 1,
            end_line=end,
            column=_column(self.lines[start], inline.content),
            state=_state(marker),
            marker=marker,
            text=" ".join(inline.content[box.end() :].split()),
            section=len(self.headings),
            depth=len(parents),
            parent=parents[-1] if parents else None,
        )

    def checklist(self) -> Checklist:
        title = self.headings[0] if self.headings else None
        return Checklist(
            title=title.text if title else "",
            title_line=title.line if title else None,
            sections=_sections(self.headings),
            items=tuple(self.items),
            lines=len(self.lines),
        )


def _sections(headings: Sequence[_Heading]) -> tuple[Section, ...]:
    """One section per heading, after the preamble, so that heading k stands at k + 1."""
    sections = [Section((), 0, 1, Phase.PREPARE)]
    open_: list[tuple[int, int]] = []
    for index, heading in enumerate(headings):
        while open_ and open_[-1][0] >= heading.level:
            open_.pop()
        dropped = index == 0 and (heading.level == 1 or all(other.level > heading.level for other in headings[1:]))
        parent = open_[-1][1] if open_ else None
        above = sections[parent].path if parent is not None else ()
        path = above if dropped else (*above, heading.text)
        sections.append(Section(path, heading.level, heading.line, Phase.PREPARE, parent))
        open_.append((heading.level, index + 1))
    return tuple(sections)


def _state(marker: str) -> State:
    if marker in "xX":
        return State.TICKED
    return State.NOT_APPLICABLE if marker in "-~/" else State.OPEN


def _column(line: str, content: str) -> int:
    first = content.partition("\n")[0].rstrip()
    bare = line.rstrip()
    return len(bare) - len(first) if first.startswith("[") and bare.endswith(first) else -1


def plain_heading(text: str) -> str:
    """A heading text, or a path of them, without numbering and case, for comparing names people typed."""
    return " / ".join(_NUMBERING.sub("", part).strip(" :.*_`").casefold() for part in text.split(" / "))
