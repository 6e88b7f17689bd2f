"""A merge's items and its parents, in; what each parent has for each of them, out. Pure.

Every item of the merge is looked for in every parent: where the whole file is the parent's; then by identity, since an
item that one parent knows under a new name may stand under its old one in another; then by its words, and last by
likeness.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from operator import is_
from typing import TYPE_CHECKING, NamedTuple

from checktrail.history.across import moves
from checktrail.identity import CERTAIN, Link, Reason, pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from checktrail.history.trails import Sheets, Standing
    from checktrail.history.walk import Walk
    from checktrail.identity import Row


class Seen(NamedTuple):
    """An item of the merge as one parent has it, and how certain that is."""

    standing: Standing
    confidence: float
    path: str
    nth: int


Slot = dict[int, Seen]
"""One item of the merge: what each parent, by its number, has for it."""


@dataclass(slots=True)
class Side:
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


class Search:
    """The items of a merge, looked for in every parent; only in the files that they do not all agree on.

    `slots` are by path and index what the parents have for an item; `settled` the items that are one thing to all and
    need no slot; `copied` the second of two items that are one thing to a parent, with the first one's identity.
    """

    def __init__(self, walk: Walk, sides: Sequence[Side], differing: set[str], blobs: Mapping[str, str]) -> None:
        self.walk = walk
        self.sides = sides
        self.differing = differing
        self.blobs = blobs
        self.slots: dict[str, dict[int, Slot]] = {}
        self.settled: dict[str, dict[int, Standing]] = {}
        self.copied: dict[tuple[str, int], str] = {}
        self._owners: dict[str, tuple[str, int]] = {}

    def run(self) -> None:
        """Look, from what is plain to what is only likely; each stage leaves the rest to the next."""
        for side in self.sides:
            for path in self.differing & side.sheets.keys():
                side.claimed.setdefault(path, set())
        self._settle()
        self._name_places()
        self._whole_files()
        self._same_words()
        self._alike()
        self._across()

    def is_live(self, side: Side, path: str, index: int) -> bool:
        """Whether an item of a parent was not let go by another that knew it."""
        standing = side.sheets[path].items[index]
        others = (other for other in self.sides if other is not side)
        return not any(self.knew(other, standing) and standing.item not in other.places for other in others)

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

    def _unsettled(self, path: str) -> dict[int, Slot]:
        settled = self.settled[path]
        return {index: {} for index in range(self.walk.known(self.blobs[path]).size) if index not in settled}

    def _name_places(self) -> None:
        """Where each parent has each identity, among what is not settled."""
        for side in self.sides:
            for path in self.differing & side.sheets.keys():
                items = side.sheets[path].items
                for index in side.free(path):
                    for item in (items[index].item, *items[index].also):
                        side.places.setdefault(item, (path, index))

    def _whole_files(self) -> None:
        """A file that is a parent's own has that parent's items."""
        for side in self.sides:
            for path in sorted(self.slots):
                tracked = side.sheets.get(path)
                if tracked is not None and tracked.blob == self.blobs[path]:
                    for index in self.slots[path]:
                        self._bind(side, path, index, (path, index), CERTAIN)

    def _same_words(self) -> None:
        """The certain links of a comparison with each parent's version of the file, the nearest parent's first.

        What stands where it stood in the version that a merge all but took says more than equal words in another.
        """
        for path, slots in self.slots.items():
            asked = [
                (there, side)
                for side in self.sides
                if (there := self._counterpart(side, path)) is not None
                and not all(side.number in slot for slot in slots.values())
            ]
            certain = [
                (there, side, [*self.walk.compare(side.sheets[there].blob, self.blobs[path]).certain()])
                for there, side in asked
            ]
            for there, side, links in sorted(certain, key=lambda one: -len(one[2])):
                for old, index in links:
                    if index in slots:
                        self._bind(side, path, index, (there, old), CERTAIN)

    def _alike(self) -> None:
        """What is left of the file: links by likeness, with what is bound as context."""
        for path in self.slots:
            for side in self.sides:
                there = self._counterpart(side, path)
                if there is not None:
                    for found in self._likely(side, path, there):
                        self._bind(side, path, found.new, (there, found.old), found.confidence)

    def _counterpart(self, side: Side, path: str) -> str | None:
        """A parent's file that is a file of the merge: by its path, else the one that has most of its items so far."""
        if path in side.sheets:
            return path
        found = Counter(slot[side.number].path for slot in self.slots[path].values() if side.number in slot)
        most = min(found, key=lambda other: (-found[other], other), default=None)
        return most if most is not None and most not in self.blobs else None

    def _likely(self, side: Side, path: str, there: str) -> Iterable[Link]:
        slots = self.slots[path]
        new = [i for i, slot in slots.items() if side.number in slot or self._may_be_in(side, slot)]
        if all(side.number in slots[index] for index in new):
            return ()
        free = {index for index in side.free(there) if self.is_live(side, there, index)}
        if not free:
            return ()
        bound = {
            seen.nth: index
            for index in new
            if (seen := slots[index].get(side.number)) is not None and seen.path == there
        }
        old = sorted(free | bound.keys())
        before, after = self.walk.known(side.sheets[there].blob).rows(), self.walk.known(self.blobs[path]).rows()
        new = [index for index in new if side.number not in slots[index] or index in bound.values()]
        known = [Link(old.index(one), new.index(other), CERTAIN, Reason.KNOWN) for one, other in bound.items()]
        pairing = pair([before[index] for index in old], [after[index] for index in new], known)
        return [
            link._replace(old=old[link.old], new=new[link.new])
            for link in pairing.links
            if link.reason is not Reason.KNOWN
        ]

    def _may_be_in(self, side: Side, slot: Slot) -> bool:
        """Whether a parent may have an item without our knowing: not when it knew it and let it go."""
        return not any(self.knew(side, seen.standing) for seen in slot.values())

    def knew(self, side: Side, standing: Standing) -> bool:
        """Whether an item was made among the ancestors of a parent."""
        return self.walk.ancestry.is_ancestor(standing.created, side.commit)

    def _across(self) -> None:
        """Items that no parent has in this file may come from another file of theirs."""
        for side in self.sides:
            appeared: dict[str, dict[int, Row]] = {}
            for path, slots in self.slots.items():
                homeless = [index for index, slot in slots.items() if not slot]
                if homeless:
                    outline = self.walk.known(self.blobs[path])
                    appeared[path] = {index: outline.row(index) for index in homeless}
            gone: dict[str, dict[int, Row]] = {}
            for path in self.differing & side.sheets.keys() if appeared else ():
                free = [index for index in side.free(path) if self.is_live(side, path, index)]
                if free:
                    rows = self.walk.known(side.sheets[path].blob).rows()
                    gone[path] = {index: rows[index] for index in free}
            for found in list(moves(gone, appeared, {})):
                self._bind(side, found.path, found.new, (found.old_path, found.old), found.confidence)

    def _bind(self, side: Side, path: str, index: int, place: tuple[str, int], confidence: float) -> None:
        """Bind an item of the merge to one of a parent, and by identity to those of the others."""
        slot = self.slots[path][index]
        if side.number in slot or place[1] in side.claimed[place[0]]:
            return
        standing = side.sheets[place[0]].items[place[1]]
        names = (standing.item, *standing.also)
        owner = next((self._owners[name] for name in names if name in self._owners), (path, index))
        if owner != (path, index):  # one thing cannot stand in two places: the second is a copy
            self.copied.setdefault((path, index), standing.item)
            return
        self._owners.update(dict.fromkeys(names, owner))
        slot[side.number] = Seen(standing, confidence, *place)
        side.claimed[place[0]].add(place[1])
        for other in self.sides:
            if other.number not in slot:
                for item in names:
                    found = other.places.get(item)
                    if found is not None and found[1] not in other.claimed[found[0]]:
                        # What ties it to the other is no surer than what it went through on this side.
                        self._bind(other, path, index, found, min(confidence, standing.since.confidence))
                        break
