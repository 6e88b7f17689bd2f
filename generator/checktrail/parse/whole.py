"""The parts of a text put together into its `Checklist`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checktrail.model import Checklist, Oddity, OddityKind, Phase, Section
from checktrail.parse.front import front
from checktrail.parse.holes import placeholders
from checktrail.parse.items import items, own_items, steps
from checktrail.parse.layout import layout as layout_of
from checktrail.parse.oddities import oddities
from checktrail.parse.parts import Kind, parts
from checktrail.parse.sections import heading_text, sections
from checktrail.parse.source import source
from checktrail.parse.tables import declared_rows
from checktrail.parse.version import bound_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checktrail.model import Fact, Item

LARGEST: Final = 32 * 1024 * 1024
"""Longer texts, in characters, are not read: no person wrote them, and their tokens would fill a machine's memory."""


def whole(text: str) -> Checklist:
    """Everything one Markdown text says; of one that is too large only that it is."""
    if len(text) > LARGEST:
        odd = Oddity(OddityKind.TOO_LARGE, 1, f"{len(text):,} characters, and {LARGEST:,} are read at most")
        return Checklist("", None, (Section((), 0, 1, Phase.PREPARE),), (), oddities=(odd,), lines=text.count("\n") + 1)
    origin = source(text)
    said = front(origin.front)
    layout = layout_of(origin.body)
    frame = sections(layout.headings, own_items(layout.bullets, len(layout.headings) + 1), said.phases)
    boxes = items(layout.bullets, frame)
    found = parts(layout, frame)
    facts = (*said.facts, *found.facts)
    first = layout.headings[0] if layout.headings else None
    title = heading_text(first.text) if first is not None else ""
    return Checklist(
        title=title,
        title_line=first.line if first is not None else None,
        sections=frame,
        items=boxes,
        steps=steps(layout.bullets),
        declared=declared_rows(layout.rows, frame),
        facts=facts,
        contacts=tuple(found.contacts),
        triggers=found.of(Kind.TRIGGERS),
        notes=found.of(Kind.NOTES),
        resources=found.of(Kind.RESOURCES),
        tracked_figures=found.of(Kind.FIGURES),
        purpose=found.of(Kind.PURPOSE),
        prose=found.of(Kind.PROSE),
        placeholders=placeholders(origin.body, frame, boxes, layout.hidden),
        oddities=said.oddities + oddities(text, origin.body, layout),
        version=bound_version(title, _of_the_whole(facts, frame, boxes), facts),
        lines=len(origin.lines),
    )


def _of_the_whole(facts: Sequence[Fact], frame: Sequence[Section], boxes: Sequence[Item]) -> tuple[Fact, ...]:
    """The facts that are about the whole text: at its head or foot. Among its items a version is that of a part."""
    if not boxes:
        return tuple(facts)
    first, last = boxes[0].line, boxes[-1].line
    return tuple(fact for fact in facts if not frame[fact.section].path or not first < fact.line < last)
