"""Revisions in, trails out: what happened to every item, and where each stands at any commit. Pure.

`Trails` (see `trails.py` for how to ask it) is made by

    read_trails(repository, settings, store) -> Trails

A commit is walked once, parents before children; a merge is compared with every parent; what stands at a commit is
made from its ancestors alone.

    outline     a blob to its items, changed parts alone
    comparison  two outlines to what became of each item
    ordinary    a commit with one parent: its standings and events
    merging     a merge, the same
    across      items that changed files
    happened    what one commit did to one item
    ancestry    which commit descends from which
    walk        all of it, over a whole history
    trails      what comes of it
"""

from __future__ import annotations

import gc
from contextlib import closing, contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from checktrail.history.outline import Outline, Reader
from checktrail.history.trails import Reset, Since, Standing, Tracked, Trails, Unread
from checktrail.history.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from checktrail.config import Settings
    from checktrail.git import FileChange, Repository
    from checktrail.model import Commit, Event
    from checktrail.store import Store

__all__ = ["Reset", "Since", "Standing", "Tracked", "Trails", "Unread", "read_trails", "trails"]


def read_trails(repository: Repository, settings: Settings, store: Store) -> Trails:
    """The trails of every item of a repository, from all branches, remotes, tags and HEAD."""
    del store
    history = list(repository.history())
    wanted = dict.fromkeys(change.blob for _, changes in history for change in changes if change.blob)
    marked = {reference.target for reference in repository.references()} | {tag.commit for tag in repository.tags()}
    with closing(repository.blobs(wanted)) as contents:
        return trails(history, contents, settings.checklists.max_bytes, marked)


def trails(
    history: Iterable[tuple[Commit, Sequence[FileChange]]],
    contents: Iterable[tuple[str, bytes]],
    max_bytes: int,
    marked: Container[str | None] = (),
) -> Trails:
    """The trails of a history, parents first.

    `contents` gives every blob that can be read, in the order of first use; longer ones than `max_bytes` are no
    checklists. `marked` are commits that will be asked about: the heads and tags.
    """
    outlines = _Outlines(iter(contents), max_bytes)
    walk = Walk(outlines.get)
    with _uncollected():
        for commit, changes in history:
            walk.step(commit, changes, marked=commit.id in marked)
    by_item: dict[str, list[Event]] = {}
    for event in walk.events:
        if event.item is not None:
            by_item.setdefault(event.item, []).append(event)
    return Trails(
        commits=MappingProxyType(walk.touched),
        events=tuple(walk.events),
        resets=tuple(walk.resets),
        unread=tuple(walk.unread),
        by_item=MappingProxyType({item: tuple(events) for item, events in by_item.items()}),
        standings=walk.at,
        names=MappingProxyType(walk.names),
        places=MappingProxyType({commit: place for place, commit in enumerate(walk.touched)}),
        ancestry=walk.ancestry.is_ancestor,
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: it would search hundreds of thousands of frozen values for circles, in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Outlines:
    """Outlines by blob, read from a stream no further than is asked for."""

    def __init__(self, contents: Iterator[tuple[str, bytes]], max_bytes: int) -> None:
        self._contents = contents
        self._reader = Reader(max_bytes)
        self._read: dict[str, Outline] = {}

    def get(self, blob: str) -> Outline | None:
        """A blob's outline, None when it cannot be read."""
        while blob not in self._read:
            following = next(self._contents, None)
            if following is None:
                return None
            identity, content = following
            self._read[identity] = self._reader.read(content)
        return self._read[blob]
