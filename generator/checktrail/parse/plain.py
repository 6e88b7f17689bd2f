"""Plain lines in, what stands where out, without a Markdown parser; None for what is not plain beyond doubt. Pure.

Most parts of most checklists are a heading, blank lines, bullets, and prose that begins with a letter. For such lines
CommonMark leaves no choice, so they are read line by line, ten times faster than by a parser for all of Markdown.
Whatever else stands in a part (quotes, tables, tabs, code in a list, odd indentation) hands it to the parser. A test
holds both against each other on every file there is and on generated text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.model import OddityKind
from checktrail.parse.walk import Bullet, Heading, Hidden, Layout, Passage, Start, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADING: Final = re.compile(r"(#{1,6}) ([^#\n]*[^#\n\s]) *")
# The words end in no white space but spaces, since readers of Markdown do not agree on what else they trim.
_BULLET: Final = re.compile(
    r"( *)([-+*]|[1-9][0-9]{0,8}[.)]) (?:\[([ xX~/-])\](?= \S)|(?=(?:\*\*)?[^\W\d_]))([^\n\t]*(?<!\s)) *"
)
_PROSE: Final = re.compile(r"( *)((?:\(|(?:\*\*)?[^\W\d_])[^\n]*(?<!\s)) *")
_FENCE: Final = re.compile(r"```[\w-]*")
_FENCE_END: Final = re.compile(r" {0,3}`{3,}[ \t]*")
_MOST_EXTRA: Final = 3
"""Spaces beyond an item's content from the fourth on make code."""
_MOST_OPEN: Final = 64
"""Deeper lists are for the parser, which says where it stops."""


def plain(text: str, start: Start) -> Layout | None:
    """What stands where in a part of plain lines that begins at `start`; None when it is not one."""
    if "\0" in text:
        return None
    lines = text.split("\n")
    reading = _Reading(lines, start)
    number = 0
    while 0 <= number < len(lines):
        number = reading.after(number)
    return None if number < 0 else reading.layout


def item_in_place(lines: Sequence[str], number: int, old: str) -> tuple[str, str] | None:
    """The box and the words of an item whose line stands in the place of an old one's in a plain part.

    None where the change could change how other lines are read: it does not when both lines begin an item that hangs
    and counts alike, and no line goes on with its words.
    """
    before, after = _bullet(old), _bullet(lines[number])
    following = lines[number + 1] if number + 1 < len(lines) else ""
    if before is None or after is None or after.box is None or before[:_PLACE] != after[:_PLACE]:
        return None
    is_alone = not following.strip(" ") or _bullet(following) is not None
    return (after.box, after.words) if is_alone else None


class _Line(NamedTuple):
    """A line that begins a list item: where its mark and its content begin, its mark's last character, its words.

    `column` is where its box opens, -1 without one. `is_later` is true of a number that is not 1.
    """

    indent: int
    content: int
    mark: str
    number: int | None
    is_later: bool
    column: int
    box: str | None
    words: str


_PLACE: Final = _Line._fields.index("box")
"""The fields before this say how a line hangs together with others."""


@lru_cache(maxsize=1 << 14)
def _bullet(line: str) -> _Line | None:
    """A line as one that begins a list item; most lines recur, in copies of a list and from commit to commit."""
    found = _BULLET.fullmatch(line)
    if found is None:
        return None
    spaces, mark, box, words = found.groups()
    number = int(mark[:-1]) if len(mark) > 1 else None
    content = len(spaces) + len(mark) + 1
    column = -1 if box is None else content
    return _Line(len(spaces), content, mark[-1], number, number not in (None, 1), column, box, words)


class _Reading:
    """Where the reading of a part stands.

    `open` holds the open list items from the outermost in: where the content of each begins, which bullet it is, its
    mark, and the number of the next item of its list. `goes_on` is the paragraph that the next line may continue: a
    bullet's, a passage's, or none; `indent` is where it stands. `first` is the number of the part's first line.
    """

    __slots__ = ("bullets", "first", "goes_on", "indent", "layout", "lines", "open", "section")

    def __init__(self, lines: Sequence[str], start: Start) -> None:
        self.lines = lines
        self.first = start.line + 1
        self.bullets = start.bullets
        self.section = start.headings
        self.layout = Layout(is_plain=True)
        self.open: list[tuple[int, int, str, int | None]] = []
        self.goes_on: Bullet | Passage | None = None
        self.indent = 0

    def after(self, number: int) -> int:
        """Read the line of a number, or the block that begins there: the next line's number, -1 for no plain line."""
        line = self.lines[number]
        bullet = _bullet(line)
        if bullet is not None:
            return number + 1 if self._bullet(number + self.first, bullet) else -1
        if not line.strip(" "):
            self.goes_on = None
            return number + 1
        prose = _PROSE.fullmatch(line)
        if prose is not None:
            return number + 1 if self._prose(number, line, prose) else -1
        return self._block(number, line)

    def _bullet(self, number: int, line: _Line) -> bool:
        indent, content, mark, counted, is_later, column, box, words = line
        above = self.open
        # Of numbers only the first may end a paragraph (CommonMark 0.31, "Lists").
        if is_later and self.goes_on is not None and not above:
            return False
        before = None
        while above and indent < above[-1][0]:
            before = above.pop()
        if above:
            margin, parent, _, _ = above[-1]
            if is_later or len(above) >= _MOST_OPEN:
                return False
        else:
            margin, parent = 0, None
        if indent - margin > _MOST_EXTRA:
            return False
        if before is not None and before[2] == mark:
            counted = before[3]
        bullet = Bullet(number, number, column, box, counted, words, self.section, parent)
        above.append((content, self.bullets, mark, None if counted is None else counted + 1))
        self.bullets += 1
        self.layout.bullets.append(bullet)
        self.goes_on, self.indent = bullet, content
        return True

    def _prose(self, number: int, line: str, prose: re.Match[str]) -> bool:
        if self.goes_on is None:
            self._close()
            self.goes_on, self.indent = Passage(prose[2], self.first + number, self.section), 0
            self.layout.passages.append(self.goes_on)
            return not prose[1]
        # Spaces at the end of a line belong to the paragraph when another line follows.
        before = self.lines[number - 1]
        spaces = " " * (len(before) - len(before.rstrip(" ")))
        text = f"{self.goes_on.text}{spaces}\n{line[min(len(prose[1]), self.indent) :].rstrip(' ')}"
        if isinstance(self.goes_on, Bullet):
            self.goes_on.text = text
            self.goes_on.end_line += 1
        else:
            self.goes_on = self.layout.passages[-1] = self.goes_on._replace(text=text)
        return True

    def _block(self, number: int, line: str) -> int:
        """A heading, a rule, a fence or a comment at the margin; the line after it, -1 for anything else."""
        heading = _HEADING.fullmatch(line)
        if heading is None and line == "---" and self.goes_on is not None:
            return -1  # it makes a heading of the paragraph
        self._close()
        if heading is not None:
            self.layout.headings.append(Heading(len(heading[1]), self.first + number, fold(heading[2])))
            self.section += 1
            return number + 1
        if line == "---":
            return number + 1
        if _FENCE.fullmatch(line):
            return self._code(number)
        return self._comment(number) if line.startswith("<!--") else -1

    def _code(self, number: int) -> int:
        end = next((n for n in range(number + 1, len(self.lines)) if _FENCE_END.fullmatch(self.lines[n])), None)
        if end is None:
            return -1
        text = "".join([f"{line}\n" for line in self.lines[number + 1 : end]])
        self.layout.hidden.append(Hidden(OddityKind.BOX_IN_CODE, text, self.first + number + 1))
        return end + 1

    def _comment(self, number: int) -> int:
        end = next((n for n in range(number, len(self.lines)) if "-->" in self.lines[n]), None)
        if end is None:
            return -1
        text = "\n".join(self.lines[number : end + 1]) + ("\n" if end + 1 < len(self.lines) else "")
        self.layout.hidden.append(Hidden(OddityKind.BOX_IN_COMMENT, text, self.first + number))
        return end + 1

    def _close(self) -> None:
        self.open, self.goes_on = [], None
