"""A checklist's text for a page: headings in the page's outline, items with their anchors. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from markupsafe import Markup

from checktrail.completion import section_totals
from checktrail.model import Checklist, Item
from checktrail.record import Revision
from checktrail.site.addresses import Anchors, item_anchor
from checktrail.site.hosts import Host
from checktrail.site.markup import ItemMark, Part, render
from checktrail.site.views.shared import PHASES, Site, Tally, all_boxes

_OUTERMOST, _DEEPEST = 3, 6


@dataclass(frozen=True, slots=True)
class TextPart:
    """A heading of the checklist with what stands under it. `level` is the page's; 0 is the text before any heading."""

    level: int
    heading: str
    anchor: str
    phase: str
    tally: Tally | None
    body: Markup


def text_parts(
    made_for: Site,
    revision: Revision,
    *,
    at: str,
    within: str = "",
    after: Callable[[Item], Markup] | None = None,
) -> tuple[TextPart, ...]:
    """The whole text in its own order, its outermost headings at the third level.

    `at` is the commit or tag it is shown at; `within` tells apart several checklists on one page; `after` gives what a
    page says behind an item.
    """
    checklist = revision.checklist
    parts = _rendered(made_for, revision, _item_marks(revision, within, after), at)
    sections = {section.line: index for index, section in enumerate(checklist.sections) if section.level}
    counts, names = section_totals(checklist), Anchors(f"s-{within}")
    levels = outline([part.level for part in parts if part.level and part.line != checklist.title_line], _OUTERMOST)
    found: list[TextPart] = []
    for part in parts:
        index = sections.get(part.line)
        is_title = part.level == 0 or part.line == checklist.title_line
        if is_title:
            if part.body.strip():
                found.append(TextPart(0, "", "", "", None, part.body))
            continue
        phase, boxes = "", None
        if index is not None and counts[index].items:
            phase, boxes = PHASES[checklist.sections[index].phase], all_boxes(counts[index])
        heading, anchor = part.heading or "(no heading)", names.give(part.heading)
        found.append(TextPart(next(levels), heading, anchor, phase, boxes, part.body))
    return tuple(found)


def _item_marks(revision: Revision, within: str, after: Callable[[Item], Markup] | None) -> Mapping[int, ItemMark]:
    anchors = anchors_of(revision, within=within)
    return {
        item.line: ItemMark(anchors[item.line], item.state, after(item) if after else Markup())
        for item in revision.checklist.items
    }


def _rendered(made_for: Site, revision: Revision, marks: Mapping[int, ItemMark], at: str) -> tuple[Part, ...]:
    text = made_for.record.texts.get(revision.blob, "")
    shown = public_text(text, revision.checklist) if made_for.is_public else text
    return render(shown, marks, resolve=_resolver(made_for.host, at, revision.path), public=made_for.is_public)


def anchors_of(revision: Revision, *, within: str = "") -> Mapping[int, str]:
    """The anchor of every item by its line: its identity, so that a link outlives rewording; else its line."""
    items = revision.checklist.items
    identities: list[str | None] = [standing.item for standing in revision.standings]
    identities = identities or [None] * len(items)
    return {
        item.line: item_anchor(identity, item.line, within=within)
        for item, identity in zip(items, identities, strict=True)
    }


def outline(levels: list[int], top: int) -> Iterator[int]:
    """Heading levels as a page may have them: starting at `top`, never deeper than one below the one before."""
    open_: list[int] = []
    for level in levels:
        while open_ and open_[-1] >= level:
            open_.pop()
        open_.append(level)
        yield min(top + len(open_) - 1, _DEEPEST)


def public_text(text: str, checklist: Checklist) -> str:
    """The text without the contacts it lists: a public site shows names only."""
    if not checklist.contacts:
        return text
    lines = re.split(r"(\r\n|\r|\n)", text)
    for contact in checklist.contacts:
        at = (contact.line - 1) * 2
        if contact.value and at < len(lines):
            lines[at] = lines[at].replace(contact.value, "(not on the public site)")
    return "".join(lines)


def _resolver(host: Host | None, at: str, path: str) -> Callable[[str], str | None]:
    """Where a relative link of a checklist leads: to the file at the host, as it was at that commit."""

    def resolve(href: str) -> str | None:
        target = re.split("[?#]", href, maxsplit=1)[0]
        if host is None or not target:
            return None
        full = normpath(target.lstrip("/") if target.startswith("/") else join(dirname(path), target))
        return None if full.startswith("..") else host.file(at, full)

    return resolve
