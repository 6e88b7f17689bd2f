"""What stands in the files and in no commit yet: shown while a site is served, never in one that is built. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from checktrail.diff import ItemChange, Kind
from checktrail.model import Binding
from checktrail.site.markup import inline
from checktrail.site.views.shared import Link, Site, shown

SHOWN_EDITS = 12
_WORDS = {Kind.NOT_APPLICABLE: "marked as not applicable"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one item: what was done, the item's words, and its checklist where the page is not that one's."""

    what: str
    is_tick: bool
    item: Markup
    link: Link


@dataclass(frozen=True, slots=True)
class Uncommitted:
    """What is not committed yet and concerns a page."""

    edits: tuple[Edit, ...]
    more: str


def uncommitted(site: Site, here: str) -> Uncommitted | None:
    """What the page `here` says is not committed: a checklist's own, and all of it on the first page; else nothing."""
    found = [each for each in site.chapters.uncommitted if _concerns(site, each, here)]
    if not found:
        return None
    more = len(found) - SHOWN_EDITS
    return Uncommitted(
        tuple(_edit(site, each, here) for each in found[:SHOWN_EDITS]), f"and {more} more" if more > 0 else ""
    )


def _concerns(site: Site, change: ItemChange, here: str) -> bool:
    page = site.addresses.checklists.get(change.old_path or change.path)
    if here != site.addresses.home:
        return page == here
    bindings = {each.path: each.bound.binding for each in site.record.checklists}
    return bindings.get(change.old_path or change.path) is not Binding.OTHER


def _edit(site: Site, change: ItemChange, here: str) -> Edit:
    words = change.new_text if change.new_text is not None else change.old_text
    return Edit(
        _WORDS.get(change.kind, change.kind.value),
        change.kind is Kind.TICKED,
        inline(words or ""),
        _link(site, change, here),
    )


def _link(site: Site, change: ItemChange, here: str) -> Link:
    """The checklist's name, which leads to its page; none on that page itself. A new file has no page yet."""
    page = site.addresses.checklists.get(change.old_path or change.path)
    if page == here:
        return Link("")
    return Link(shown(change.path), site.addresses.link(here, page) if page is not None else "")
