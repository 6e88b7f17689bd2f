"""Releases, trees and closes to the spans that cycles are made of. Pure.

Which checklists speak for a release: its own, and the living ones; templates and other files with boxes do not. In
flight is what HEAD holds for releases that are not tagged yet: the lists of higher versions, and living lists that were
reset since the newest release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from checktrail.binding import Bound, belongs, closes_as
from checktrail.closing import Cycles
from checktrail.metrics.gathering import Page, Span
from checktrail.model import Binding, Release
from checktrail.releases.versions import Version, version_of


class Sheet(NamedTuple):
    """A checklist in a tree, and which release it belongs to."""

    page: Page
    bound: Bound


Tree = Mapping[str, Sheet]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What spans are made from.

    `releases` are those that are to have cycles, in order; `head` is HEAD's commit; `tree` gives any commit's
    checklists by path.
    """

    releases: tuple[Release, ...]
    closing: Cycles
    head: str
    tree: Callable[[str], Tree]


def spans(grounds: Grounds) -> Iterator[Span]:
    """The spans of releases that have checklists, in the order of releases."""
    commits = {release.tag: release.commit for release in grounds.closing.releases}
    for release in grounds.releases:
        sheets = tuple(_sheets(release, grounds))
        if sheets:
            yield Span(release.tag, release.commit, commits.get(release.base or ""), sheets)


def spans_in_flight(grounds: Grounds) -> tuple[Span, ...]:
    """The spans of releases that are not tagged yet, the lowest version first.

    Living lists that are in a new cycle are worked on for the next release, so they stand in the first span.
    """
    finals = [release for release in grounds.closing.releases if not release.prerelease]
    newest = _newest_here(finals, grounds)
    head = grounds.tree(grounds.head)
    begun = [
        sheet.page
        for path, sheet in head.items()
        if sheet.bound.binding is Binding.LIVING and _is_begun(path, newest, grounds)
    ]
    planned = _planned(head, finals)
    groups = [[*begun, *planned[0]], *planned[1:]] if planned else [begun]
    base = newest.commit if newest is not None else None
    return tuple(Span(None, None, base, tuple((None, page) for page in pages)) for pages in groups if pages)


def _newest_here(finals: Sequence[Release], grounds: Grounds) -> Release | None:
    """The newest release that HEAD's history holds: a later patch of an older line says nothing of HEAD's lists."""
    here = (release for release in reversed(finals) if grounds.closing.trails.is_ancestor(release.commit, grounds.head))
    return next(here, None)


def _sheets(release: Release, grounds: Grounds) -> Iterator[tuple[Page | None, Page | None]]:
    """A release's checklists as at its tag and as at their close; its own ones also when they came after the tag."""
    tree, head = grounds.tree(release.commit), grounds.tree(grounds.head)
    for path, sheet in tree.items():
        if belongs(sheet.bound, release):
            there = head.get(path)
            binding = closes_as(sheet.bound, there.bound if there is not None else None, release)
            later = grounds.tree(grounds.closing.close(release, path, binding).commit).get(path)
            is_same = later is not None and (sheet.bound.binding is not Binding.OWN or belongs(later.bound, release))
            yield sheet.page, later.page if later is not None and is_same else None
    for path, sheet in head.items():
        if path not in tree and belongs(sheet.bound, release) and sheet.bound.binding is Binding.OWN:
            yield None, sheet.page


def _planned(head: Tree, finals: Sequence[Release]) -> list[list[Page]]:
    """The lists of versions above every release, by version from the lowest up."""
    newest = max((known for release in finals if (known := version_of(release.version))), default=None)
    found: dict[Version, list[Page]] = {}
    for sheet in head.values():
        known = version_of(sheet.bound.release or "") if sheet.bound.binding is Binding.OWN else None
        if known is not None and (newest is None or known > newest):
            found.setdefault(known, []).append(sheet.page)
    return [found[version] for version in sorted(found)]


def _is_begun(path: str, newest: Release | None, grounds: Grounds) -> bool:
    """Whether a living list is in a cycle of its own since the newest release: reset, or added, after it."""
    if newest is None or path not in grounds.tree(newest.commit):
        return True
    trails = grounds.closing.trails
    resets = trails.resets_of(path, at=grounds.head)
    return bool(resets) and not trails.is_ancestor(resets[-1].commit, newest.commit)
