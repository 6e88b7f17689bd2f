"""A Markdown text in, a `Checklist` out: sections, items and every other part, each with its line. Pure.

What is an item follows GitHub's rule (GFM spec 0.29, "Task list items"): a list item whose first block is a paragraph
that begins with a box, white space and text. In the order of reading:

    source      bytes to text; front matter set apart
    blocks      text to CommonMark tokens
    walk        tokens to what stands where
    sections    headings to sections, with the phases of `phases`
    items       bullets to items and steps, with the words of `wording`
    front, parts, tables, holes, version, oddities     everything beside them
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checktrail.model import Checklist
from checktrail.parse.blocks import tokens
from checktrail.parse.front import front
from checktrail.parse.holes import placeholders
from checktrail.parse.items import items, own_items, steps
from checktrail.parse.oddities import oddities
from checktrail.parse.parts import Kind, parts
from checktrail.parse.sections import heading_text, overridden, sections
from checktrail.parse.source import decode, source
from checktrail.parse.tables import declared_rows
from checktrail.parse.version import bound_version
from checktrail.parse.walk import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checktrail.model import Phase

__all__ = ["PARSER_VERSION", "decode", "parse", "read", "with_phases"]

PARSER_VERSION: Final = "3"
"""Changes whenever the same text would give another `Checklist`, so that nothing remembered outlives its reading."""


def parse(text: str) -> Checklist:
    """Everything one Markdown text says. Never raises, whatever the text."""
    origin = source(text)
    said = front(origin.front)
    layout = walk(tokens(origin.body), origin.lines)
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
        version=bound_version(title, facts),
        lines=len(origin.lines),
    )


def read(data: bytes) -> Checklist:
    """Everything a file's bytes say: decoded, parsed, and the remarks of both joined."""
    text, odd = decode(data)
    checklist = parse(text)
    return replace(checklist, oddities=odd + checklist.oddities) if odd else checklist


def with_phases(checklist: Checklist, overrides: Mapping[str, Phase]) -> Checklist:
    """The checklist with the phases that a configuration gives to headings, and to what stands under those.

    Keys are heading texts or whole paths joined by " / "; letter case and numbering do not matter. The nearest wins.
    """
    return replace(checklist, sections=overridden(checklist.sections, overrides)) if overrides else checklist
