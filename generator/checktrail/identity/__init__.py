"""Two revisions in, which item is which out: one-to-one links, each with its confidence and its reason. Pure.

The stages, in their order; each binds what it can and leaves the rest to the next:

    exact.by_id             an explicit id, unique on both sides, says it
    exact.head_and_tail     what stands before and behind all change, in the same sections with the same words
    exact.by_key            the same words in the same section, as often here as there: k-th to k-th
    sections.sections       which section became which, by the votes of their items
    likely.by_likeness      the same words elsewhere, the same but for remarks about them, or reworded: like enough
                            anywhere, less in the mapped section, least between bound neighbours

A link is certain (1.0) when nothing else could be meant. What two texts alone cannot decide (a large reword against a
replacement, equal items that changed places) is linked or not by what is likelier, with a confidence below 1.0; so is
the newness of an item that might be a reworded older one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checktrail.identity.exact import by_id, by_key, head_and_tail
from checktrail.identity.likely import by_likeness
from checktrail.identity.pairing import CERTAIN, Link, Pairing, Reason, Scratch
from checktrail.identity.rows import Row, plain_path, row
from checktrail.identity.sections import sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checktrail.model import Checklist

__all__ = ["CERTAIN", "Link", "Pairing", "Reason", "Row", "match", "pair", "rows"]


def match(old: Checklist, new: Checklist) -> tuple[Link, ...]:
    """Which item of one revision is which of another: links of indices into `items`, sorted by the new one."""
    return pair(rows(old), rows(new)).links


def rows(checklist: Checklist) -> list[Row]:
    """A checklist's items as the matcher sees them."""
    return [
        row(item.text, item.state, item.id, plain_path(checklist.sections[item.section].path), item.section)
        for item in checklist.items
    ]


def pair(old: Sequence[Row], new: Sequence[Row], known: Iterable[Link] = ()) -> Pairing:
    """The links between two lists of items, those already `known` among them; and how certain the others are new."""
    scratch = Scratch(old, new)
    for link in known:
        scratch.bind(link.old, link.new, link.confidence, link.reason)
    by_id(scratch)
    head_and_tail(scratch)
    by_key(scratch)
    if scratch.is_undecided:
        mapped = sections(scratch)
        by_likeness(scratch, mapped)
    return scratch.pairing()
