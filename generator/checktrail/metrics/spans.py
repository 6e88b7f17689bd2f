"""Releases, trees and closes to the spans that cycles are made of. Pure.

Which checklists speak for a release: its own, and the living ones; templates and other files with boxes do not. The
current cycle is what HEAD holds for a release that is not tagged yet: the list of the next version, and living lists
that were reset since the newest release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from checktrail.binding import Bound, belongs
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

    `releases` are those that are to have cycles, in order; `tree` gives any commit's checklists by path.
    """

    releases: tuple[Release, ...]
    closing: Cycles
    tree: Callable[[str], Tree]


def spans(grounds: Grounds) -> Iterator[Span]:
    """The spans of releases that have checklists, in the order of releases."""
    commits = {release.tag: release.commit for release in grounds.closing.releases}
    for release in grounds.releases:
        sheets = tuple(_sheets(release, grounds))
        if sheets:
            yield Span(release.tag, release.commit, commits.get(release.base or ""), sheets)


def current_span(grounds: Grounds) -> Span | None:
    """The span of the cycle that has no release yet; None when nothing is under way."""
    finals = [release for release in grounds.closing.releases if not release.prerelease]
    newest = finals[-1] if finals else None
    head = grounds.tree(grounds.closing.head)
    following = _following(head, finals)
    pages = [
        sheet.page
        for path, sheet in head.items()
        if (sheet.bound.binding is Binding.OWN and sheet.bound.release in following)
        or (sheet.bound.binding is Binding.LIVING and _is_begun(path, newest, grounds))
    ]
    if not pages:
        return None
    return Span(None, None, newest.commit if newest is not None else None, tuple((None, page) for page in pages))


def _sheets(release: Release, grounds: Grounds) -> Iterator[tuple[Page | None, Page | None]]:
    """A release's checklists as at its tag and as at their close; its own ones also when they came after the tag."""
    tree, head = grounds.tree(release.commit), grounds.tree(grounds.closing.head)
    for path, sheet in tree.items():
        if belongs(sheet.bound, release):
            close = grounds.closing.close(release, path, sheet.bound.binding)
            later = grounds.tree(close.commit).get(path)
            yield sheet.page, later.page if later is not None else None
    for path, sheet in head.items():
        if path not in tree and sheet.bound.binding is Binding.OWN and belongs(sheet.bound, release):
            yield None, sheet.page


def _following(head: Tree, finals: Sequence[Release]) -> tuple[str, ...]:
    """The next version that has a checklist of its own and no tag: the lowest above every release; as written."""
    newest = max((known for release in finals if (known := version_of(release.version))), default=None)
    written = {sheet.bound.release for sheet in head.values() if sheet.bound.binding is Binding.OWN}
    planned: list[tuple[Version, str]] = [
        (known, text) for text in written if text and (known := version_of(text)) and (newest is None or known > newest)
    ]
    lowest = min(planned, default=None)
    return tuple(text for known, text in planned if lowest is not None and known == lowest[0])


def _is_begun(path: str, newest: Release | None, grounds: Grounds) -> bool:
    """Whether a living list is in a cycle of its own since the newest release: reset, or added, after it."""
    if newest is None or path not in grounds.tree(newest.commit):
        return True
    trails = grounds.closing.trails
    resets = trails.resets_of(path, at=grounds.closing.head)
    return bool(resets) and not trails.is_ancestor(resets[-1].commit, newest.commit)
