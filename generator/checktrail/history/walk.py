"""Commits with their changed files in, parents first; standings and events out. Pure.

An ordinary commit is compared with its parent file by file, then across files (`ordinary.py`); a merge with every
parent (`merging.py`). What stands at a commit is kept as what differs from its first parent, so that memory grows with
what was changed and not with what there is.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from checktrail.history.ancestry import Ancestry
from checktrail.history.comparison import Comparison, compared
from checktrail.history.happened import BIRTHS, birth, born, gone
from checktrail.history.kept import Kept
from checktrail.history.merging import Merge
from checktrail.history.ordinary import Ordinary
from checktrail.history.outline import TOO_LARGE
from checktrail.history.trails import Reset, Sheets, Standing, Tracked, Unread
from checktrail.identity import CERTAIN
from checktrail.identity.rows import forms, worded
from checktrail.model import Change, Commit, Event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from checktrail.git import FileChange
    from checktrail.history.happened import Spot
    from checktrail.history.outline import Outline

Delta = dict[str, Tracked | int | None]
"""The files that a commit changed; a number stands for a state that an earlier run left behind, None for no more."""

MISSING: Final = "the object is missing"

_REMEMBERED: Final = 16
_MOST_COMPARISONS: Final = 5000
_STEPS: Final = 200
"""How far back a file's states are followed; beyond, a merge looks at every item, with the same outcome."""


class Walk:
    """One pass over a history, parents first. `outline` gives a blob's outline, None when it cannot be read.

    `names` are an item, the commit that gave it an explicit id, and the id. `newness` says of the items that may be
    older ones reworded how certain it is that they are new. `kept` is what an earlier run left behind.
    """

    def __init__(self) -> None:
        self.outline: Callable[[str, str | None], Outline | None] = _nothing
        self.kept = Kept()
        self.ancestry = Ancestry()
        self.touched: dict[str, Commit] = {}
        self.deltas: dict[str, tuple[str | None, Delta]] = {}
        self.events: list[Event] = []
        self.resets: list[Reset] = []
        self.unread: list[Unread] = []
        self.names: list[tuple[str, str, str]] = []
        self.removed: dict[str, list[tuple[str, str]]] = {}
        self.newness: dict[str, float] = {}
        self._previous: dict[int, Tracked] = {}
        self._base: dict[str, str | None] = {}
        self._maps: dict[str, Sheets] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._comparisons: dict[tuple[str, str], Comparison] = {}
        self._asked: dict[str, Mapping[str, Tracked]] = {}

    def step(self, commit: Commit, files: Sequence[FileChange], *, marked: bool) -> None:
        """Go on to a commit whose parents have been walked; `marked` ones are found as ancestors at once."""
        parents = commit.parents
        before = self.sheets(parents[0]) if parents else {}
        after, events_before = before, len(self.events)
        if files or any(self.sheets(parent) is not before for parent in parents[1:]):
            after = Merge(self, commit).sheets(files) if len(parents) > 1 else Ordinary(self, commit).sheets(files)
        base = self._base[parents[0]] if parents else None
        delta = difference(before, after) if after is not before else {}
        if not delta:
            after = before  # the same object, however it was found to be the same
        is_touched = bool(delta) or len(self.events) > events_before
        self.ancestry.add(commit.id, parents, numbered=is_touched or marked)
        self._maps[commit.id] = after
        self._base[commit.id] = commit.id if is_touched else base
        if is_touched:
            self.touched[commit.id] = commit
            self.deltas[commit.id] = base, delta

    def let_go(self, commit: str) -> None:
        """Forget what stands at a commit whose children have all been walked."""
        self._maps.pop(commit, None)

    def resume(
        self, commit: str, parents: tuple[str, ...], delta: tuple[str | None, Delta] | None, *, marked: bool
    ) -> None:
        """Take a commit as an earlier run left it."""
        self.ancestry.add(commit, parents, numbered=delta is not None or marked)
        self._base[commit] = commit if delta is not None else (self._base[parents[0]] if parents else None)
        if delta is not None:
            self.deltas[commit] = delta

    def at(self, commit: str) -> Mapping[str, Tracked]:
        """What stands in a commit's tree.

        Raises:
            KeyError: the commit was not walked.
        """
        found: dict[str, Tracked | int | None] = {}
        step = start = self._base[commit]
        while step is not None:
            known = self._asked.get(step)
            if known is not None:
                found = {**known, **found}
                break
            step, delta = self.deltas[step]
            for path, tracked in delta.items():
                found.setdefault(path, tracked)
        tree = {
            path: self.kept.tracked(self, tracked) if isinstance(tracked, int) else tracked
            for path, tracked in sorted(found.items())
            if tracked is not None
        }
        if start is not None:
            self._remember(start, tree)
        return tree

    def _remember(self, commit: str, tree: Mapping[str, Tracked]) -> None:
        """Keep the last few answers: releases are asked about in a row, and each builds on the one before."""
        self._asked[commit] = tree
        if len(self._asked) > _REMEMBERED:
            del self._asked[next(iter(self._asked))]

    def sheets(self, commit: str) -> Sheets:
        """What stands at a commit; the same object each time while it is needed."""
        found = self._maps.get(commit)
        if found is None:
            found = self._maps[commit] = dict(self.at(commit))
        return found

    def compare(self, old: str, new: str) -> Comparison:
        """What became of the items of one blob in another; both have been read."""
        found = self._comparisons.get((old, new))
        if found is None:
            found = self._comparisons[old, new] = compared(self.known(old), self.known(new))
            if len(self._comparisons) > _MOST_COMPARISONS:
                del self._comparisons[next(iter(self._comparisons))]
        return found

    def known(self, blob: str) -> Outline:
        """The outline of a blob that was read before."""
        found = self.outline(blob, None)
        assert found is not None  # noqa: S101 -- only readable blobs are tracked
        return found

    def follows(self, later: Tracked, earlier: Tracked) -> Tracked:
        """Note that one state of a file was made from another; the later one."""
        self._previous[id(later)] = earlier  # both live as long as the walk does, in its deltas
        return later

    def previous(self, tracked: Tracked) -> Tracked | None:
        """The state that one was made from, where that is known."""
        return self._previous.get(id(tracked))

    def descends(self, later: Tracked, earlier: Tracked) -> bool:
        """Whether one state of a file is known to have come from another, or is the same."""
        step: Tracked | None = later
        for _ in range(_STEPS):
            if step is None or step is earlier:
                return step is earlier
            step = self._previous.get(id(step))
        return False

    def words(self, blob: str) -> frozenset[str]:
        """The words of a blob's items, in soft form."""
        found = self._words.get(blob)
        if found is None:
            found = self._words[blob] = frozenset(row.soft for row in self.known(blob).rows())
        return found

    def readable(self, commit: str, path: str, blob: str, before: Tracked | None) -> Outline | None:
        """The outline of a blob; one that cannot be read, or is too large to be, is named.

        `before` is the file as it was.
        """
        found = self.outline(blob, before.blob if before is not None else None)
        if found is None:
            self.unread.append(Unread(commit, path, blob, MISSING))
        elif found is TOO_LARGE:
            self.unread.append(Unread(commit, path, blob, "it is larger than `checklists.max-bytes`"))
            return None
        return found

    def is_restored(self, commit: Commit, path: str, words: str) -> bool:
        """Whether an item of these words was removed before, from this file, among a new commit's ancestors."""
        return any(
            removed_path == path and any(self.ancestry.is_ancestor(removing, parent) for parent in commit.parents)
            for removed_path, removing in self.removed.get(words, ())
        )

    def newborn(
        self,
        commit: Commit,
        path: str,
        items: Mapping[int, float],
        outline: Outline,
        copied: Mapping[int, str] = MappingProxyType({}),
    ) -> dict[int, Standing]:
        """New items of a file, with the events of their creation; `copied` ones have a source."""
        found = {}
        for index, certainty in items.items():
            spot = outline.spot(path, index)
            kind = Change.COPIED if index in copied else Change.CREATED
            if kind is Change.CREATED and self.is_restored(commit, path, spot.row.normal):
                kind = Change.RESTORED
            found[index] = self.birth(commit, spot, kind, certainty, copied.get(index))
        return found

    def birth(self, commit: Commit, spot: Spot, kind: Change, certainty: float, source: str | None) -> Standing:
        """A new item, with its event."""
        standing = born(commit.id, spot, kind, certainty, source)
        self.name(commit.id, standing, spot)
        self.events.append(birth(commit.id, spot, standing))
        if certainty < CERTAIN:
            self.newness[standing.item] = certainty
        return standing

    def name(self, commit: str, standing: Standing, spot: Spot) -> None:
        """Remember an item's explicit id, if it has one."""
        if spot.row.id is not None:
            self.names.append((standing.item, commit, spot.row.id))

    def removal(self, commit: Commit, path: str, item: int, standing: Standing, outline: Outline) -> None:
        """An item that is gone, with its event."""
        spot = outline.spot(path, item)
        self.events.append(gone(commit.id, spot, standing))
        self._gone(path, commit.id, spot.row.normal)

    def recall(self) -> None:
        """Remember the removals and the doubtful births of earlier runs, before going on."""
        for event in self.events:
            if event.kind in BIRTHS and event.confidence < CERTAIN and event.item is not None:
                self.newness[event.item] = event.confidence
            if event.kind is Change.REMOVED and event.old_text is not None and event.old_state is not None:
                words = worded(event.old_text, event.old_state)
                self._gone(event.path, event.commit, forms(words)[0])

    def _gone(self, path: str, commit: str, words: str) -> None:
        self.removed.setdefault(words, []).append((path, commit))


def _nothing(_blob: str, _like: str | None) -> Outline | None:
    return None


def difference(before: Sheets, after: Sheets) -> Delta:
    """The files of one tree that are not another's, None for those that are gone."""
    if before.keys() == after.keys():
        return {path: after[path] for path, tracked in before.items() if after[path] is not tracked}
    delta: Delta = {path: tracked for path, tracked in after.items() if before.get(path) is not tracked}
    delta.update({path: None for path in before if path not in after})
    return delta
