"""A merge and what stands at each of its parents, in; what stands after it, and what it did itself, out. Pure.

Every item of the merge is looked for in every parent (`search.py`). What the parents say of one item is then made one:
the oldest creation; and of the attributions that have the merged state, the one that no other descends from.
"""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING

from checktrail.history.happened import Spot, Step, changes, event_order, is_reworded
from checktrail.history.search import Search, Seen, Side, Slot
from checktrail.history.trails import Since, Standing, Tracked
from checktrail.identity import CERTAIN
from checktrail.model import Change, Commit, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checktrail.git import FileChange
    from checktrail.history.outline import Outline
    from checktrail.history.trails import Sheets
    from checktrail.history.walk import Walk

_KIND = {
    State.TICKED: Change.TICKED_BY_MERGE,
    State.OPEN: Change.DROPPED_BY_MERGE,
    State.NOT_APPLICABLE: Change.NOT_APPLICABLE,
}
"""What a merge did that made a state no parent has."""

_UNSURE = 0.9
"""How certain it is that an item is new in a merge that left out others."""


class Merge:
    """A commit with several parents."""

    def __init__(self, walk: Walk, commit: Commit) -> None:
        self.walk = walk
        self.commit = commit
        sheets = [walk.sheets(parent) for parent in commit.parents]
        self.sides = [Side(n, parent, own) for n, (parent, own) in enumerate(zip(commit.parents, sheets, strict=True))]
        self.blobs: dict[str, str] = {}
        self.search = Search(walk, self.sides, set(), self.blobs)

    def sheets(self, files: Sequence[FileChange]) -> Sheets:
        """What stands after the merge."""
        after = dict(self.sides[0].sheets)
        events_before = len(self.walk.events)
        differing = self._open(files, after)
        if self._adopted(differing, after):
            return after
        self.search = Search(self.walk, self.sides, differing, self.blobs)
        self.search.run()
        for path in sorted(self.blobs):
            after[path] = self._tracked(path)
        self._removals()
        self.walk.events[events_before:] = sorted(self.walk.events[events_before:], key=event_order)
        return after

    def _open(self, files: Sequence[FileChange], after: Sheets) -> set[str]:
        """The paths that the parents or the merge do not all agree on; the blobs of those in the merge are noted."""
        first = self.sides[0].sheets
        changed = {change.path: change.blob for change in files}
        differing = {path for path in changed if path in first or changed[path]}
        for side in self.sides[1:]:
            if side.sheets is not first:
                differing |= {path for path, tracked in first.items() if side.sheets.get(path) is not tracked}
                differing |= side.sheets.keys() - first.keys()
        for path in sorted(differing):  # a set has another order in every process
            before = first.get(path)
            blob = changed.get(path, before.blob if before is not None else None)
            outline = self.walk.readable(self.commit.id, path, blob, before) if blob is not None else None
            if blob is not None and outline is None:
                self._as_last_read(path, after)
                continue
            after.pop(path, None)
            if blob is not None and outline is not None and outline.size:
                self.blobs[path] = blob
        return differing

    def _adopted(self, differing: set[str], after: Sheets) -> bool:
        """Whether every file is as one parent has it, and all others had it before: that parent alone touched it.

        Then it is that parent's own: it has the latest word on every item, and the merge did nothing itself.
        """
        if len(self.blobs) < len(differing):
            return False
        for path, blob in self.blobs.items():
            sheets = [side.sheets.get(path) for side in self.sides]
            chosen = next(
                (
                    sheet
                    for sheet in sheets
                    if sheet is not None
                    and sheet.blob == blob
                    and all(other is not None and self.walk.descends(sheet, other) for other in sheets)
                ),
                None,
            )
            if chosen is None:
                return False
            after[path] = chosen
        return True

    def _as_last_read(self, path: str, after: Sheets) -> None:
        for side in self.sides:
            if path in side.sheets:
                after[path] = side.sheets[path]
                side.claimed[path] = set(range(len(side.sheets[path].items)))

    def _tracked(self, path: str) -> Tracked:
        """A file of the merge: a parent's own where nothing differs, so that it is known as the same later."""
        items, blob = self._resolved(path), self.blobs[path]
        for side in self.sides:
            sheet = side.sheets.get(path)
            if sheet is not None and sheet.blob == blob and all(map(is_, sheet.items, items)):
                return sheet
        made, first = Tracked(blob, items), self.sides[0].sheets.get(path)
        return made if first is None else self.walk.follows(made, first)

    def _resolved(self, path: str) -> tuple[Standing, ...]:
        outline, slots, settled = self.walk.known(self.blobs[path]), self.search.slots[path], self.search.settled[path]
        certainty = _UNSURE if any(self._left(side) for side in self.sides) else CERTAIN
        homeless = {index: certainty for index, slot in slots.items() if not slot}
        copied = {index: self.search.copied[path, index] for index in homeless if (path, index) in self.search.copied}
        newborn = self.walk.newborn(self.commit, path, homeless, outline, copied) if homeless else {}
        return tuple(
            settled[index] if index in settled else newborn.get(index) or self._one(outline, path, index, slots[index])
            for index in range(outline.size)
        )

    def _left(self, side: Side) -> bool:
        """Whether the merge left out an item of a parent that no other had let go."""
        return any(
            self.search.is_live(side, path, index)
            for path in self.search.differing & side.sheets.keys()
            for index in side.free(path)
        )

    def _one(self, outline: Outline, path: str, index: int, slot: Slot) -> Standing:
        seen = [slot[number] for number in sorted(slot)]
        first = seen[0]
        row = outline.row(index)
        texts = [self.walk.known(self.sides[number].sheets[slot[number].path].blob) for number in sorted(slot)]
        rows = [text.row(one.nth) for text, one in zip(texts, seen, strict=True)]
        agreed = all(other.standing is first.standing and other.confidence == CERTAIN for other in seen)
        if agreed and all(old is row for old in rows):
            return self._doubted(first.standing, slot)
        new = outline.spot(path, index)
        olds = [text.spot(one.path, one.nth) for text, one in zip(texts, seen, strict=True)]
        if agreed and all(old.state is row.state for old in rows):
            standing, change = first.standing, None
        else:
            standing, change = self._unified(seen, olds, new)
        standing = self._doubted(standing, slot)
        self.walk.name(self.commit.id, standing, new)
        made_here = standing.since.commit == self.commit.id
        sure = min(first.confidence, standing.since.confidence) if made_here else first.confidence
        self._events(standing, olds, new, change, sure)
        return standing

    def _doubted(self, standing: Standing, slot: Slot) -> Standing:
        """A standing as certain as that the item is new where a parent does not know it: else that one had a say."""
        certainty = self.walk.newness.get(standing.item, CERTAIN)
        if certainty >= standing.since.confidence:
            return standing
        if all(side.number in slot or self.search.knew(side, standing) for side in self.sides):
            return standing
        return standing._replace(since=standing.since._replace(confidence=certainty))

    def _unified(self, seen: list[Seen], olds: list[Spot], new: Spot) -> tuple[Standing, Change | None]:
        oldest = seen[0].standing
        for other in seen[1:]:
            if other.standing.created != oldest.created and self._is_ancestor(other.standing.created, oldest.created):
                oldest = other.standing
        names = dict.fromkeys(item for one in seen for item in (one.standing.item, *one.standing.also))
        also = tuple(item for item in names if item != oldest.item)
        same = [one for one, old in zip(seen, olds, strict=True) if old.row.state is new.row.state]
        change: Change | None = None
        if same:
            since = self._since(same)
            if self._is_dropped(seen, olds, new, since):
                change = Change.DROPPED_BY_MERGE
        else:
            change = _KIND[new.row.state]
            since = Since(change, self.commit.id, max(one.confidence for one in seen))
        made = oldest._replace(since=since, also=also)
        return next((one.standing for one in seen if one.standing == made), made), change

    def _is_dropped(self, seen: list[Seen], olds: list[Spot], new: Spot, since: Since) -> bool:
        """Whether a parent's tick is lost that the item's present state does not descend from."""
        return new.row.state is State.OPEN and any(
            old.row.state is State.TICKED and not self._is_ancestor(one.standing.since.commit, since.commit)
            for one, old in zip(seen, olds, strict=True)
        )

    def _since(self, same: list[Seen]) -> Since:
        """The attribution that is no ancestor of another; of unrelated ones the first parent's."""
        best = same[0].standing.since
        for one in same[1:]:
            since = one.standing.since
            if since.commit != best.commit and self._is_ancestor(best.commit, since.commit):
                best = since
        sure = max(
            min(one.confidence, one.standing.since.confidence)
            for one in same
            if one.standing.since.commit == best.commit
        )
        return best._replace(confidence=sure)

    def _is_ancestor(self, one: str, other: str) -> bool:
        return self.walk.ancestry.is_ancestor(one, other)

    def _events(
        self, standing: Standing, olds: list[Spot], new: Spot, change: Change | None, confidence: float
    ) -> None:
        """What the merge itself did: nothing that one of its parents had done."""
        reworded = all(is_reworded(old.row, new.row) for old in olds)
        moved = all(old.row.path[-1:] != new.row.path[-1:] for old in olds) or all(old.path != new.path for old in olds)
        old = olds[0]
        if change is Change.DROPPED_BY_MERGE:
            old = next(spot for spot in olds if spot.row.state is State.TICKED)
        if reworded or moved or change is not None:
            for event in changes(self.commit.id, standing, Step(old, new, confidence, moved), change):
                if event.kind is not Change.REWORDED or reworded:
                    self.walk.events.append(event)

    def _removals(self) -> None:
        """Items that a merge itself left out: none that a parent had let go."""
        kept = {
            item
            for slots in self.search.slots.values()
            for slot in slots.values()
            for seen in slot.values()
            for item in (seen.standing.item, *seen.standing.also)
        }
        for side in self.sides:
            for path in sorted(self.search.differing & side.sheets.keys()):
                outline = self.walk.known(side.sheets[path].blob)
                for index in side.free(path):
                    standing = side.sheets[path].items[index]
                    if standing.item not in kept and self.search.is_live(side, path, index):
                        kept.add(standing.item)
                        self.walk.removal(self.commit, path, index, standing, outline)
