"""Revisions in, trails out: what happened to every item, and where each stands at any commit. Pure.

`Trails` (see `trails.py` for how to ask it) is made by

    read_trails(repository, settings, store) -> Trails

A commit is walked once, parents before children; a merge is compared with every parent; what stands at a commit is
made from its ancestors alone.

    plain       the plain lines that most lists are, read without a parser
    outline     a blob to its items, changed parts alone
    comparison  two outlines to what became of each item
    ordinary    a commit with one parent: its standings and events
    merging     a merge, the same
    search      a merge's items, looked for in every parent
    across      items that changed files
    happened    what one commit did to one item
    ancestry    which commit descends from which
    landing     which merge brought which commit in
    walk        all of it, over a whole history
    kept        a walk as bytes, for the next run
    resuming    where the last run ended and this one begins
    trails      what comes of it
"""

from __future__ import annotations

import heapq
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from checktrail.garbage import uncollected
from checktrail.history.landing import landings
from checktrail.history.resuming import Outlines, walk_all, walked
from checktrail.history.trails import Reset, Since, Standing, Tracked, Trails, Unread
from checktrail.history.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from checktrail.config import Settings
    from checktrail.git import FileChange, Repository
    from checktrail.model import Commit, Event
    from checktrail.store import Store

__all__ = ["Reset", "Since", "Standing", "Tracked", "Trails", "Unread", "read_trails", "trails"]


def read_trails(repository: Repository, settings: Settings, store: Store) -> Trails:
    """The trails of every item of a repository, from all branches, remotes, tags and HEAD."""
    with uncollected():
        return _trails(walked(repository, settings, store))


def trails(
    history: Sequence[tuple[Commit, Sequence[FileChange]]],
    contents: Iterable[tuple[str, bytes]],
    max_bytes: int,
    marked: Iterable[str] = (),
) -> Trails:
    """The trails of a history, parents first.

    `contents` gives every blob that can be read, in the order of first use; longer ones than `max_bytes` are named and
    not read. `marked` are commits that will be asked about: the heads and tags.
    """
    walk = Walk()
    walk.outline = Outlines(contents, max_bytes).get
    walk_all(walk, history, set(marked))
    return _trails(walk)


_LANDINGS = 4
"""The landings on so many lines are remembered: those on HEAD's are asked about again and again."""


def _trails(walk: Walk) -> Trails:
    order = _order(walk)
    place = {commit: number for number, commit in enumerate(order)}
    events = sorted(walk.events, key=lambda event: place[event.commit])
    by_item: dict[str, list[Event]] = {}
    for event in events:
        if event.item is not None:
            by_item.setdefault(event.item, []).append(event)
    names = sorted(walk.names, key=lambda named: place[named[1]])
    return Trails(
        commits=MappingProxyType({commit: walk.touched[commit] for commit in order}),
        events=tuple(events),
        resets=tuple(sorted(walk.resets, key=lambda reset: (place[reset.commit], reset.path))),
        unread=tuple(sorted(walk.unread)),
        by_item=MappingProxyType({item: tuple(found) for item, found in by_item.items()}),
        standings=walk.at,
        names=MappingProxyType({item: name for item, _, name in names}),
        places=MappingProxyType(place),
        ancestry=walk.ancestry.is_ancestor,
        landings=lru_cache(_LANDINGS)(lambda end: landings(walk.ancestry.parents, end)),
    )


def _order(walk: Walk) -> list[str]:
    """The commits that touched checklists, parents first; of those that are free to come next the oldest, then by id.

    New commits never change the order of those before, whatever way the walk came.
    """
    above = _above(walk)
    below: dict[str, list[str]] = {commit: [] for commit in above}
    for commit, parents in above.items():
        for parent in parents:
            below[parent].append(commit)
    missing = {commit: len(parents) for commit, parents in above.items()}
    ready = [(walk.touched[commit].committed_at, commit) for commit, count in missing.items() if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, commit = heapq.heappop(ready)
        order.append(commit)
        for child in below[commit]:
            missing[child] -= 1
            if not missing[child]:
                heapq.heappush(ready, (walk.touched[child].committed_at, child))
    return order


def _above(walk: Walk) -> Mapping[str, set[str]]:
    """Each touching commit's nearest touching ancestors."""
    nearest: dict[str, frozenset[str]] = {}
    above: dict[str, set[str]] = {}
    for commit, parents in walk.ancestry.graph():
        found = (
            frozenset().union(*(nearest[parent] for parent in parents)) if len(parents) != 1 else nearest[parents[0]]
        )
        if commit in walk.touched:
            above[commit] = set(found)
            found = frozenset((commit,))
        nearest[commit] = found
    return above
