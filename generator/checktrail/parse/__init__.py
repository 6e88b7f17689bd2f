"""A Markdown text in, a `Checklist` out: sections, items and every other part, each with its line. Pure.

What is an item follows GitHub's rule (GFM spec 0.29, "Task list items"): a list item whose first block is a paragraph
that begins with a box, white space and text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checktrail.parse.blocks import tokens
from checktrail.parse.outline import outline, plain_heading
from checktrail.parse.source import decode, source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checktrail.model import Checklist, Phase, Section

__all__ = ["PARSER_VERSION", "decode", "parse", "read", "with_phases"]

PARSER_VERSION: Final = "1"
"""Changes whenever the same text would give another `Checklist`, so that nothing remembered outlives its reading."""


def parse(text: str) -> Checklist:
    """Everything one Markdown text says. Never raises, whatever the text."""
    origin = source(text)
    return outline(tokens(origin.body), origin)


def read(data: bytes) -> Checklist:
    """Everything a file's bytes say: decoded, parsed, and the remarks of both joined."""
    text, oddities = decode(data)
    checklist = parse(text)
    return replace(checklist, oddities=oddities + checklist.oddities) if oddities else checklist


def with_phases(checklist: Checklist, overrides: Mapping[str, Phase]) -> Checklist:
    """The checklist with the phases that a configuration gives to headings, and to their subsections after them.

    Keys are heading texts or whole paths joined by " / "; letter case and numbering do not matter.
    """
    if not overrides:
        return checklist
    wanted = {plain_heading(name): phase for name, phase in overrides.items()}
    sections: list[Section] = []
    changed: set[int] = set()
    for index, section in enumerate(checklist.sections):
        phase = wanted.get(plain_heading(" / ".join(section.path)), wanted.get(plain_heading(section.heading)))
        if phase is None and section.parent is not None and section.parent in changed:
            phase = sections[section.parent].phase
        if phase is not None:
            changed.add(index)
        sections.append(section if phase is None else replace(section, phase=phase))
    return replace(checklist, sections=tuple(sections))
