"""What a rule is given, and what it yields. Pure.

A `Page` is one file's text with its checklist and what is known of it from outside (its binding, the tags there are).
A rule yields `Flaw`s: a finding, and the edits that would mend it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from checktrail.model import Binding, Checklist, Finding, Item, Place, Repair, Section, Severity

BYTE_ORDER_MARK = "\ufeff"
LONGEST = 2000
"""No remark hangs on what stands further back in a line; a regular expression could be kept busy there for hours."""
_TEMPLATE_NAME = re.compile(r"(?<![a-z])templates?(?![a-z])", re.IGNORECASE)
_IS_CHECKLIST = re.compile(
    r"check[-_ ]?list|sign[-_ ]?off|go[-_ ]?live|releas(?:e|ing)[-_ ](?:gates?|readiness|steps|tasks|todos?)",
    re.IGNORECASE,
)
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


class Line(NamedTuple):
    """One line: its number from 1, the offset of its first character in the text, its words, and its line end."""

    number: int
    start: int
    text: str
    end: str


class Edit(NamedTuple):
    """Put `text` in the place of the characters from `start` to before `end` (offsets in the page's text)."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """The edits that mend one flaw; a safe one never makes a ticked box and never takes a person's words away."""

    repair: Repair
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What a rule found, without the rule's own code and name, which the driver adds.

    `grave` turns a draft's warning into an error: the item is ticked, the list says complete, or its tag exists.
    """

    message: str
    line: int
    column: int | None = None
    fix: Fix | None = None
    grave: bool = False
    item: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """The template that a checklist is measured against."""

    path: str
    checklist: Checklist
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One file as the rules see it.

    `text` holds every byte of the file (bytes that are not UTF-8 as lone surrogates), so that edits keep the rest.
    `release` is the version the file is bound to; `tagged` says that this release's tag exists. `in_docs` is true for
    a file that MkDocs itself renders, which nests lists by `nested_indent` spaces; `in_tests` for one in a folder of
    tests, where a malformed box may be what the test is about. `values` are what the user gave for
    placeholders. `signoff_required` asks for a sign-off section even where no template has one.
    """

    path: str
    text: str
    lines: tuple[Line, ...]
    checklist: Checklist
    binding: Binding = Binding.OTHER
    release: str | None = None
    tagged: bool = False
    in_docs: bool = False
    in_tests: bool = False
    nested_indent: int = 4
    template: Template | None = None
    signoff_required: bool = False
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_release_checklist(self) -> bool:
        """Whether the file is about a release: roadmaps and pull-request templates are judged by their boxes alone."""
        return self.binding in (Binding.OWN, Binding.LIVING)

    @property
    def calls_itself_a_checklist(self) -> bool:
        """Whether title, name or folder say so; what lies in a folder further up may be anything."""
        near = " ".join(self.path.split("/")[-2:])
        return bool(_IS_CHECKLIST.search(f"{self.checklist.title[:LONGEST]} {near}"))

    @property
    def is_to_be_ticked(self) -> bool:
        """Whether it is a checklist of a release, or calls itself one; in plans and designs a box may tell anything."""
        return self.is_release_checklist or self.calls_itself_a_checklist

    @property
    def is_named_template(self) -> bool:
        """Whether its name says that it is there to be copied and filled."""
        return _TEMPLATE_NAME.search(self.path.rpartition("/")[2]) is not None

    @property
    def line_end(self) -> str:
        """The line end that most lines have."""
        return prevailing_line_end(self.lines)

    def line(self, number: int) -> Line:
        """The line of that number."""
        return self.lines[number - 1]

    def source(self, item: Item) -> Line:
        """The line of an item's bullet."""
        return self.lines[item.line - 1]

    def section(self, index: int) -> Section:
        """The section of that index."""
        return self.checklist.sections[index]

    def finding(self, code: str, name: str, severity: Severity, flaw: Flaw) -> Finding:
        """A flaw as a finding of a rule."""
        place = Place(path=self.path, line=flaw.line, column=flaw.column, item=flaw.item)
        return Finding(code, name, severity, flaw.message, place, fix=flaw.fix.repair if flaw.fix else None)


def prevailing_line_end(lines: tuple[Line, ...]) -> str:
    r"""The line end that most lines have; `\n` where there is none or a draw."""
    counts = {"\n": 0, "\r\n": 0, "\r": 0}
    for line in lines:
        if line.end:
            counts[line.end] += 1
    return max(counts, key=lambda end: counts[end])


def lines_of(text: str) -> tuple[Line, ...]:
    r"""The lines of a text, ended as CommonMark ends them: `\n`, `\r\n`, `\r`, and nothing else.

    A byte order mark belongs to no line: the first line starts after it.
    """
    return tuple(_lines(text))


def _lines(text: str) -> Iterator[Line]:
    position = len(BYTE_ORDER_MARK) if text.startswith(BYTE_ORDER_MARK) else 0
    if "\r" not in text:
        yield from _plain_lines(text, position)
        return
    for number, match in enumerate(_LINE.finditer(text, position), start=1):
        if match.start() == len(text) and number > 1:
            return
        yield Line(number, match.start(), match[1], match[2])


def _plain_lines(text: str, position: int) -> Iterator[Line]:
    """The lines of a text whose line ends are all alike, as nearly every text's are."""
    *ended, last = text[position:].split("\n")
    for number, words in enumerate(ended, start=1):
        yield Line(number, position, words, "\n")
        position += len(words) + 1
    if last or not ended:
        yield Line(len(ended) + 1, position, last, "")


def exact_text(data: bytes) -> str:
    """The file's bytes as text that leads back to the same bytes (`exact_bytes`)."""
    return data.decode("utf-8", "surrogateescape")


def exact_bytes(text: str) -> bytes:
    """The bytes of a text made by `exact_text`, edited or not."""
    return text.encode("utf-8", "surrogateescape")


def safe(*edits: Edit) -> Fix:
    """A fix that keeps the ticked count and everybody's words."""
    return Fix(Repair.SAFE, edits)


def unsafe(*edits: Edit) -> Fix:
    """A fix that somebody must ask for by name."""
    return Fix(Repair.UNSAFE, edits)
