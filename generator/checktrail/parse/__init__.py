"""A Markdown text in, a `Checklist` out: sections, items and every other part, each with its line. Pure.

What is an item follows GitHub's rule (GFM spec 0.29, "Task list items"): a list item whose first block is a paragraph
that begins with a box, white space and text. In the order of reading:

    source      bytes to text; front matter set apart
    layout      text to what stands where, part by part: plain ones by `plain`, others by the two below
    blocks      text to CommonMark tokens, as deep as `depth` allows
    walk        tokens to what stands where
    sections    headings to sections, with the phases of `phases`
    items       bullets to items and steps, with the words of `wording`
    front, parts, tables, holes, version, oddities     everything beside them
    whole       all of it, put together

What is remembered needs no reading, so nothing of this is imported before the first text is parsed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checktrail.parse.source import decode, may_hold_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checktrail.model import Checklist, Phase

__all__ = ["PARSER_VERSION", "decode", "may_hold_items", "parse", "read", "with_phases"]

PARSER_VERSION: Final = "14"
"""Changes whenever the same text would give another `Checklist`, so that nothing remembered outlives its reading."""


def parse(text: str) -> Checklist:
    """Everything one Markdown text says. Never raises, whatever the text."""
    from checktrail.parse.whole import whole

    return whole(text)


def read(data: bytes) -> Checklist:
    """Everything a file's bytes say: decoded, parsed, and the remarks of both joined."""
    text, odd = decode(data)
    checklist = parse(text)
    return replace(checklist, oddities=odd + checklist.oddities) if odd else checklist


def with_phases(checklist: Checklist, overrides: Mapping[str, Phase]) -> Checklist:
    """The checklist with the phases that a configuration gives to headings, and to what stands under those.

    Keys are heading texts or whole paths joined by " / "; letter case and numbering do not matter. The nearest wins.
    """
    if not overrides:
        return checklist
    from checktrail.parse.sections import overridden

    return replace(checklist, sections=overridden(checklist.sections, overrides))
