"""A merge and what stands at each of its parents, in; what stands after it, and what it did itself, out. Pure.

Every item of the merge is looked for in every parent: where the whole file is the parent's; then by identity, since an
item that one parent knows under a new name may stand under its old one in another; then by its words, and last by
likeness. What the parents say of one item is then made one: the oldest creation; and of the attributions that have the
merged state, the one that no other descends from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import is_
from typing import TYPE_CHECKING, NamedTuple

from checktrail.history.across import moves
from checktrail.history.happened import Spot, Step, changes, event_order, is_reworded
from checktrail.history.trails import Since, Standing, Tracked
from checktrail.identity import CERTAIN, Link, Reason, pair
from checktrail.model import Change, Commit, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from checktrail.git import FileChange
    from checktrail.history.outline import Outline
    from checktrail.history.trails import Sheets
    from checktrail.history.walk import Walk
    from checktrail.identity import Row

_KIND = {
    State.TICKED: Change.TICKED_BY_MERGE,
    State.OPEN: Change.DROPPED_BY_MERGE,
    State.NOT_APPLICABLE: Change.NOT_APPLICABLE,
}
"""What a merge did that made a state no parent has."""


_UNSURE = 0.9
"""How certain it is that an item is new in a merge that left out others."""


class _Seen(NamedTuple):
    """An item of the merge as one parent has it."""

    standing: Standing
    confidence: float
    path: str
    nth: int


_Slot = dict[int, _Seen]
"""One item of the merge: what each parent, by its number, has for it."""


@dataclass(slots=True)
class _Side:
    """One parent: what stands there in the files that differ between the parents or the merge."""

    number: int
    commit: str
    sheets: Sheets
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    claimed: dict[str, set[int]] = field(default_factory=dict)

    def free(self, path: str) -> Iterator[int]:
        """The items of a file that nothing in the merge has been found to be."""
        claimed = self.claimed[path]
        return (index for index in range(len(self.sheets[path].items)) if index not in claimed)


class Merge:
    """A commit with several parents."""

    def __init__(self, walk: Walk, commit: Commit) -> None:
        self.walk = walk
        self.commit = commit
        sheets = [walk.sheets(parent) for parent in commit.parents]
        self.sides = [_Side(n, parent, own) for n, (parent, own) in enumerate(zip(commit.parents, sheets, strict=True))]
        self.differing: set[str] = set()
        self.blobs: dict[str, str] = {}
        self.slots: dict[str, dict[int, _Slot]] = {}
        self.settled: dict[str, dict[int, Standing]] = {}
        self.owners: dict[str, tuple[str, int]] = {}
        self.copied: dict[tuple[str, int], str] = {}

    def sheets(self, files: Sequence[FileChange]) -> Sheets:
        """What stands after the merge."""
        first = self.sides[0].sheets
        after = dict(first)
        events_before = len(self.walk.events)
        differing = self.differing = self._open(files, after)
        if self._adopted(differing, after):
            return after
        for side in self.sides:
            for path in differing & side.sheets.keys():
                side.claimed.setdefault(path, set())
        self._settle()
        for side in self.sides:
            for path in differing & side.sheets.keys():
                items = side.sheets[path].items
                for index in side.free(path):
                    for item in (items[index].item, *items[index].also):
                        side.places.setdefault(item, (path, index))
        self._whole_files()
        self._same_words()
        self._alike()
        self._across(differing)
        for path in sorted(self.slots):
            after[path] = self._tracked(path)
        self._removals(differing)
        self.walk.events[events_before:] = sorted(self.walk.events[events_before:], key=event_order)
        return after

    def _open(self, files: Sequence[FileChange], after: Sheets) -> set[str]:
        """The paths that the parents or the merge do not all agree on; slots are made for those in the merge."""
        first = self.sides[0].sheets
        changed = {change.path: change.blob for change in files}
        differing = {path for path in changed if path in first or changed[path]}
        for side in self.sides[1:]:
            if side.sheets is not first:
                differing |= {path for path, tracked in first.items() if side.sheets.get(path) is not tracked}
                differing |= side.sheets.keys() - first.keys()
        for path in differing:
            blob = changed[path] if path in changed else (first[path].blob if path in first else None)
            outline = self.walk.readable(self.commit.id, path, blob) if blob is not None else None
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

    # --- finding each item in each parent ---------------------------------------------------------------------------

    def _settle(self) -> None:
        """What stands unchanged in all parents and in the merge, and is one thing to all, needs no looking for."""
        for path, blob in self.blobs.items():
            sheets = [side.sheets.get(path) for side in self.sides]
            known = [sheet for sheet in sheets if sheet is not None]
            settled = self.settled[path] = {}
            if len(known) < len(sheets):
                continue
            texts = [self.walk.known(sheet.blob) for sheet in known]
            places = [
                {id(block): start for block, start in zip(text.blocks, text.starts, strict=False)} for text in texts
            ]
            outline = self.walk.known(blob)
            for block, start in zip(outline.blocks, outline.starts, strict=False):
                starts = [place.get(id(block)) for place in places]
                if None not in starts and block.rows:
                    spans = [(begin or 0, (begin or 0) + len(block.rows)) for begin in starts]
                    columns = [sheet.items[slice(*span)] for sheet, span in zip(known, spans, strict=True)]
                    if all(all(map(is_, column, columns[0])) for column in columns[1:]):
                        settled.update(enumerate(columns[0], start))
                        for side, span in zip(self.sides, spans, strict=True):
                            side.claimed[path].update(range(*span))
        self.slots = {path: self._unsettled(path) for path in self.blobs}

    def _unsettled(self, path: str) -> dict[int, _Slot]:
        settled = self.settled[path]
        return {index: {} for index in range(self.walk.known(self.blobs[path]).size) if index not in settled}

    def _whole_files(self) -> None:
        """A file that is a parent's own has that parent's items."""
        for side in self.sides:
            for path in sorted(self.slots):
                tracked = side.sheets.get(path)
                if tracked is not None and tracked.blob == self.blobs[path]:
                    for index in self.slots[path]:
                        self._bind(side, path, index, (path, index), CERTAIN)

    def _same_words(self) -> None:
        """The certain links of a comparison with each parent's version of the file."""
        for path, slots in self.slots.items():
            for side in self.sides:
                tracked = side.sheets.get(path)
                if tracked is None or all(side.number in slot for slot in slots.values()):
                    continue
                for old, index in self.walk.compare(tracked.blob, self.blobs[path]).certain():
                    if index in slots:
                        self._bind(side, path, index, (path, old), CERTAIN)

    def _alike(self) -> None:
        """What is left of the file: links by likeness, with what is bound as context."""
        for path in self.slots:
            for side in self.sides:
                if path in side.sheets:
                    for found in self._likely(side, path):
                        self._bind(side, path, found.new, (path, found.old), found.confidence)

    def _likely(self, side: _Side, path: str) -> Iterable[Link]:
        slots = self.slots[path]
        new = [i for i, slot in slots.items() if side.number in slot or self._may_be_in(side, slot)]
        if all(side.number in slots[index] for index in new):
            return ()
        free = {index for index in side.free(path) if self._stands_elsewhere(side, path, index)}
        if not free:
            return ()
        bound = {
            seen.nth: index
            for index in new
            if (seen := slots[index].get(side.number)) is not None and seen.path == path
        }
        old = sorted(free | bound.keys())
        before, after = self.walk.known(side.sheets[path].blob).rows(), self.walk.known(self.blobs[path]).rows()
        new = [index for index in new if side.number not in slots[index] or index in bound.values()]
        known = [Link(old.index(one), new.index(other), CERTAIN, Reason.KNOWN) for one, other in bound.items()]
        pairing = pair([before[index] for index in old], [after[index] for index in new], known)
        return [
            link._replace(old=old[link.old], new=new[link.new])
            for link in pairing.links
            if link.reason is not Reason.KNOWN
        ]

    def _may_be_in(self, side: _Side, slot: _Slot) -> bool:
        """Whether a parent may have an item without our knowing: not when it knew it and let it go."""
        return not any(self._knew(side, seen.standing) for seen in slot.values())

    def _stands_elsewhere(self, side: _Side, path: str, index: int) -> bool:
        """Whether no other parent knew an item of this one and let it go."""
        standing = side.sheets[path].items[index]
        others = (other for other in self.sides if other is not side)
        return not any(self._knew(other, standing) and standing.item not in other.places for other in others)

    def _knew(self, side: _Side, standing: Standing) -> bool:
        return self.walk.ancestry.is_ancestor(standing.created, side.commit)

    def _across(self, differing: set[str]) -> None:
        """Items that no parent has in this file may come from another file of theirs."""
        for side in self.sides:
            appeared: dict[str, dict[int, Row]] = {}
            for path, slots in self.slots.items():
                homeless = [index for index, slot in slots.items() if not slot]
                if homeless:
                    outline = self.walk.known(self.blobs[path])
                    appeared[path] = {index: outline.row(index) for index in homeless}
            gone: dict[str, dict[int, Row]] = {}
            for path in differing & side.sheets.keys() if appeared else ():
                free = [index for index in side.free(path) if self._stands_elsewhere(side, path, index)]
                if free:
                    rows = self.walk.known(side.sheets[path].blob).rows()
                    gone[path] = {index: rows[index] for index in free}
            for found in list(moves(gone, appeared, {})):
                self._bind(side, found.path, found.new, (found.old_path, found.old), found.confidence)

    def _bind(self, side: _Side, path: str, index: int, place: tuple[str, int], confidence: float) -> None:
        """Bind an item of the merge to one of a parent, and by identity to those of the others."""
        slot = self.slots[path][index]
        if side.number in slot or place[1] in side.claimed[place[0]]:
            return
        standing = side.sheets[place[0]].items[place[1]]
        names = (standing.item, *standing.also)
        owner = next((self.owners[name] for name in names if name in self.owners), (path, index))
        if owner != (path, index):  # one thing cannot stand in two places: the second is a copy
            self.copied.setdefault((path, index), standing.item)
            return
        self.owners.update(dict.fromkeys(names, owner))
        slot[side.number] = _Seen(standing, confidence, *place)
        side.claimed[place[0]].add(place[1])
        for other in self.sides:
            if other.number not in slot:
                for item in names:
                    found = other.places.get(item)
                    if found is not None and found[1] not in other.claimed[found[0]]:
                        # What ties it to the other is no surer than what it went through on this side.
                        self._bind(other, path, index, found, min(confidence, standing.since.confidence))
                        break

    # --- making one of what the parents say -------------------------------------------------------------------------

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
        outline, slots, settled = self.walk.known(self.blobs[path]), self.slots[path], self.settled[path]
        certainty = _UNSURE if any(self._left(side) for side in self.sides) else CERTAIN
        homeless = {index: certainty for index, slot in slots.items() if not slot}
        copied = {index: self.copied[path, index] for index in homeless if (path, index) in self.copied}
        newborn = self.walk.newborn(self.commit, path, homeless, outline, copied) if homeless else {}
        return tuple(
            settled[index] if index in settled else newborn.get(index) or self._one(outline, path, index, slots[index])
            for index in range(outline.size)
        )

    def _left(self, side: _Side) -> bool:
        """Whether the merge left out an item of a parent that no other had let go."""
        return any(
            self._stands_elsewhere(side, path, index)
            for path in self.differing & side.sheets.keys()
            for index in side.free(path)
        )

    def _one(self, outline: Outline, path: str, index: int, slot: _Slot) -> Standing:
        seen = [slot[number] for number in sorted(slot)]
        first = seen[0]
        row = outline.row(index)
        texts = [self.walk.known(self.sides[number].sheets[slot[number].path].blob) for number in sorted(slot)]
        rows = [text.row(one.nth) for text, one in zip(texts, seen, strict=True)]
        agreed = all(other.standing is first.standing and other.confidence == CERTAIN for other in seen)
        if agreed and all(old is row for old in rows):
            return first.standing
        new = outline.spot(path, index)
        olds = [text.spot(one.path, one.nth) for text, one in zip(texts, seen, strict=True)]
        if agreed and all(old.state is row.state for old in rows):
            standing, change = first.standing, None
        else:
            standing, change = self._unified(seen, olds, new)
        self.walk.name(self.commit.id, standing, new)
        self._events(standing, olds, new, change, first.confidence)
        return standing

    def _unified(self, seen: list[_Seen], olds: list[Spot], new: Spot) -> tuple[Standing, Change | None]:
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

    def _is_dropped(self, seen: list[_Seen], olds: list[Spot], new: Spot, since: Since) -> bool:
        """Whether a parent's tick is lost that the item's present state does not descend from."""
        return new.row.state is State.OPEN and any(
            old.row.state is State.TICKED and not self._is_ancestor(one.standing.since.commit, since.commit)
            for one, old in zip(seen, olds, strict=True)
        )

    def _since(self, same: list[_Seen]) -> Since:
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

    def _removals(self, differing: set[str]) -> None:
        """Items that a merge itself left out: none that a parent had let go."""
        kept = {
            item
            for slots in self.slots.values()
            for slot in slots.values()
            for seen in slot.values()
            for item in (seen.standing.item, *seen.standing.also)
        }
        for side in self.sides:
            for path in sorted(differing & side.sheets.keys()):
                outline = self.walk.known(side.sheets[path].blob)
                for index in side.free(path):
                    standing = side.sheets[path].items[index]
                    if standing.item not in kept and self._stands_elsewhere(side, path, index):
                        kept.add(standing.item)
                        self.walk.removal(self.commit, path, index, standing, outline)
