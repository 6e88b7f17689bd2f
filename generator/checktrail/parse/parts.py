"""What stands beside the items: metadata, contacts, triggers, notes, resources, figures to track, purpose. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from checktrail.model import Fact, Remark
from checktrail.parse.sections import plain_heading
from checktrail.parse.walk import Bullet, Passage, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checktrail.model import Section
    from checktrail.parse.walk import Layout, Row

# "Version: 1.0", "**Release Date**: TBD", "**Status:** done".
_PAIR: Final = re.compile(r"(?P<key>[^\W\d_][^:*_|`\[\]<>]{0,48}?)\s*:\s+(?P<value>\S.*)")
_BOLD_PAIR: Final = re.compile(r"(\*\*|__)(?P<key>[^*_:]{1,50}?)(?:\1\s*:|:\s*\1)\s*(?P<value>.*)")
_KEY_WORDS: Final = 4
_VALUE_LENGTH: Final = 80
_ASIDE: Final = frozenset(("note", "notes", "important", "warning", "caution", "tip", "hint", "example", "todo"))


class Kind(Enum):
    """What a section's plain text is."""

    CONTACTS = auto()
    TRIGGERS = auto()
    NOTES = auto()
    RESOURCES = auto()
    FIGURES = auto()
    PURPOSE = auto()
    PROSE = auto()


_KINDS: Final = (
    (Kind.CONTACTS, re.compile(r"\bcontacts?\b|\bescalation\b")),
    (
        Kind.TRIGGERS,
        re.compile(r"\btriggers?\b|\bwhen to (?:roll|abort|stop)|\b(?:rollback|abort) (?:criteria|conditions)\b"),
    ),
    (Kind.NOTES, re.compile(r"^(?:\w+ )?(?<!release )(?<!upgrade )(?:notes?|remarks|comments)$")),
    (Kind.RESOURCES, re.compile(r"\b(?:resources|references|links|see also|further reading|related doc\w*)\b")),
    (Kind.FIGURES, re.compile(r"\b(?:metrics?|kpis?|figures|indicators)\b")),
    (Kind.PURPOSE, re.compile(r"^(?:purpose|overview|about|introduction|goals?|objectives?|scope|summary)\b")),
)


@dataclass(slots=True)
class Parts:
    """The parts as they are found, each in document order."""

    facts: list[Fact] = field(default_factory=list)
    contacts: list[Fact] = field(default_factory=list)
    remarks: dict[Kind, list[Remark]] = field(default_factory=dict)

    def of(self, kind: Kind) -> tuple[Remark, ...]:
        """The remarks of one kind."""
        return tuple(self.remarks.get(kind, ()))


def parts(layout: Layout, sections: Sequence[Section]) -> Parts:
    """Everything of a text that is neither item, step nor completion table."""
    kinds = _section_kinds(sections)
    first_box = next((bullet.line for bullet in layout.bullets if bullet.marker is not None), None)
    found = Parts()
    pieces: list[Passage | Bullet | Row] = [*layout.passages, *layout.rows]
    pieces += [bullet for bullet in layout.bullets if bullet.marker is None]
    for piece in sorted(pieces, key=lambda piece: piece.line):
        # The head: under the title, before the first box.
        is_head = not sections[piece.section].path and (first_box is None or piece.line < first_box)
        _sort_in(found, piece, kinds[piece.section], is_head=is_head)
    return found


def _sort_in(found: Parts, piece: Passage | Bullet | Row, kind: Kind, *, is_head: bool) -> None:
    if kind is Kind.CONTACTS:
        found.contacts += _contacts(piece)
        return
    if not isinstance(piece, (Passage, Bullet)):
        return
    facts = tuple(_facts(piece, is_head=is_head))
    text = fold(piece.text)
    is_step = isinstance(piece, Bullet) and piece.number is not None
    if facts:
        found.facts += facts
    elif text and not (is_step and kind is Kind.PROSE):
        kind = Kind.PURPOSE if is_head and kind is Kind.PROSE else kind
        found.remarks.setdefault(kind, []).append(Remark(text, piece.line, piece.section))


def _facts(piece: Passage | Bullet, *, is_head: bool) -> Iterator[Fact]:
    """The pairs of a piece whose every line is one; plain pairs and bulleted ones only in the head."""
    if isinstance(piece, Bullet) and not is_head:
        return
    lines = [line.strip().rstrip("\\").rstrip() for line in piece.text.split("\n")]
    pairs = [_BOLD_PAIR.fullmatch(line) or (_plain_pair(line) if is_head else None) for line in lines]
    if not all(pair is not None and pair["key"].strip().casefold() not in _ASIDE for pair in pairs):
        return
    for offset, pair in enumerate(pair for pair in pairs if pair is not None):
        yield Fact(pair["key"].strip(), pair["value"].strip(), piece.line + offset, piece.section)


def _plain_pair(line: str) -> re.Match[str] | None:
    pair = _PAIR.fullmatch(line)
    if pair is None or len(pair["key"].split()) > _KEY_WORDS or len(pair["value"]) > _VALUE_LENGTH:
        return None
    return pair


def _contacts(piece: Passage | Bullet | Row) -> Iterator[Fact]:
    if isinstance(piece, (Passage, Bullet)):
        for offset, line in enumerate(piece.text.split("\n")):
            key, _, value = line.replace("**", "").replace("__", "").partition(":")
            if key.strip():
                yield Fact(key.strip(), value.strip().rstrip("\\").rstrip(), piece.line + offset, piece.section)
    elif piece.cells and piece.cells[0]:
        yield Fact(piece.cells[0], ", ".join(cell for cell in piece.cells[1:] if cell), piece.line, piece.section)


def _section_kinds(sections: Sequence[Section]) -> list[Kind]:
    """What each section's plain text is: by its own words, else as its parent's."""
    kinds: list[Kind] = []
    for section in sections:
        own = _kind(section.heading) if not section.is_template else Kind.PROSE
        inherited = kinds[section.parent] if section.parent is not None else Kind.PROSE
        kinds.append(inherited if own is Kind.PROSE else own)
    return kinds


@lru_cache(maxsize=4096)
def _kind(heading: str) -> Kind:
    words = plain_heading(heading)
    return next((kind for kind, pattern in _KINDS if pattern.search(words)), Kind.PROSE)
