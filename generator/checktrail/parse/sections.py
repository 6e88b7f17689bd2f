"""Headings to sections: title, paths, parents, phases, roles. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from checktrail.model import Phase, Section
from checktrail.parse.phases import Headed, phases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.parse.walk import Heading

_ANCHOR: Final = re.compile(r"\s*(?:\{:?\s*#[^{}]*\}|<!--.*?-->)\s*$")
_NUMBERING: Final = re.compile(
    r"^\s*(?:(?:\d+(?:\.\d+)*[.):]?|[ivx]+[.)])\s+|(?:step|phase|part)\s+\d+\s*[.):-]\s*)", re.IGNORECASE
)
_TEMPLATE: Final = re.compile(r"\btemplates?\b", re.IGNORECASE)
_OFFICE: Final = re.compile(
    r"(?:\b(?:lead|leader|manager|owner|officer|director|engineer|architect|administrator|admin|developer|representative"
    r"|sponsor|coordinator|auditor|reviewer|approver|maintainer|scientist|analyst|counsel|president|captain|master|head)"
    r"|\b(?:cto|ceo|ciso|cio|coo|cpo|cfo|vp|dpo|dba|sre))$",
    re.IGNORECASE,
)
_OF_OFFICE: Final = re.compile(r"\W*\b(?:sign[- ]?offs?|approvals?|approves|signature)\b.*$", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\w\s+\b(?:of|for|to|from)\b|:", re.IGNORECASE)


def sections(
    headings: Sequence[Heading], items: Sequence[Sequence[str]], given: Mapping[str, Phase]
) -> tuple[Section, ...]:
    """One section per heading, behind the preamble; `items[k]` are the texts of section k's own items.

    `given` are the phases that the front matter gives to headings.
    """
    texts = ["", *(heading_text(heading.text) for heading in headings)]
    levels = [0, *(heading.level for heading in headings)]
    parents = _parents(levels)
    title = 1 if has_title(headings) else 0
    below = _below(items, parents)
    verdicts = phases(
        [Headed(text, parents[index], index > title, tuple(below[index])) for index, text in enumerate(texts)]
    )
    made: list[Section] = []
    for index, text in enumerate(texts):
        parent = parents[index]
        above = made[parent] if parent is not None else None
        path = above.path if above is not None else ()
        made.append(
            Section(
                path=(*path, text) if index > title else (),
                level=levels[index],
                line=headings[index - 1].line if index else 1,
                phase=verdicts[index],
                parent=parent,
                role=role(text) if index > title else None,
                is_template=index > title
                and (bool(_TEMPLATE.search(text)) or (above is not None and above.is_template)),
            )
        )
    return overridden(tuple(made), given)


def has_title(headings: Sequence[Heading]) -> bool:
    """Whether the first heading is the document's title alone and no section: of level 1, or above all others."""
    if not headings:
        return False
    first = headings[0].level
    return first == 1 or all(heading.level > first for heading in headings[1:])


def overridden(sections: tuple[Section, ...], given: Mapping[str, Phase]) -> tuple[Section, ...]:
    """The sections with the phases that somebody gave to headings, and to what stands under those.

    Keys are heading texts or whole paths joined by " / "; case, numbering and emphasis do not matter. The nearest wins.
    """
    if not given:
        return sections
    wanted = {plain_heading(name): phase for name, phase in given.items()}
    phase_of: list[Phase | None] = []
    for section in sections:
        own = wanted.get(plain_heading(" / ".join(section.path)), wanted.get(plain_heading(section.heading)))
        inherited = phase_of[section.parent] if section.parent is not None else None
        phase_of.append(own or inherited)
    return tuple(
        section if phase is None else replace(section, phase=phase)
        for section, phase in zip(sections, phase_of, strict=True)
    )


def plain_heading(text: str) -> str:
    """A heading, or a path of them joined by " / ", without numbering, emphasis and case: to compare typed names."""
    return " / ".join(_NUMBERING.sub("", part.strip(" *_`#")).strip(" :.*_`").casefold() for part in text.split(" / "))


def role(text: str) -> str | None:
    """The office that a heading names: "Security Lead" of "2. Security Lead Approval"; None when it names none."""
    bare = _OF_OFFICE.sub("", _NUMBERING.sub("", text).strip(" *_`")).strip(" *_`:-")
    return bare if bare and _OFFICE.search(bare) and not _SEVERAL.search(bare) else None


def heading_text(raw: str) -> str:
    """A heading's source without a trailing anchor or comment."""
    return _ANCHOR.sub("", raw)


def _parents(levels: Sequence[int]) -> tuple[int | None, ...]:
    """For each section the nearest one before it of a lower level; the preamble is nobody's parent."""
    found: list[int | None] = [None]
    open_: list[int] = []
    for index, level in enumerate(levels[1:], 1):
        while open_ and levels[open_[-1]] >= level:
            open_.pop()
        found.append(open_[-1] if open_ else None)
        open_.append(index)
    return tuple(found)


def _below(items: Sequence[Sequence[str]], parents: Sequence[int | None]) -> list[list[str]]:
    """The items of each section with its subsections'."""
    below = [list(texts) for texts in items]
    for index in range(len(below) - 1, 0, -1):
        parent = parents[index]
        if parent is not None:
            below[parent] += below[index]
    return below
