"""An ordinary commit: what stands at its parent, in; what stands after it, and what happened, out. Pure.

File by file first; what then left one file and appeared in another is the same item; a new file that is like one that
stands was copied from it; what is left was removed, restored or created.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checktrail.history.across import EITHER, Newness, Pool, Source, copies, moves, source
from checktrail.history.happened import (
    Step,
    advanced,
    changes,
    event_order,
    is_reset,
    renamed,
    state_change,
)
from checktrail.history.trails import Reset, Standing, Tracked
from checktrail.identity import CERTAIN
from checktrail.model import Change, Commit, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.git import FileChange
    from checktrail.history.comparison import Comparison
    from checktrail.history.outline import Outline
    from checktrail.history.trails import Sheets
    from checktrail.history.walk import Walk

_CONTESTED: Final = 0.9
"""Links less certain than this give way to the same words in another file."""
_COMPANY: Final = 2
"""How many items must have come together for their section to have come."""
_FEW: Final = 3
"""Fewer changed items than this begin no new cycle."""


class Ordinary:
    """A commit with one parent or none."""

    def __init__(self, walk: Walk, commit: Commit) -> None:
        self.walk = walk
        self.commit = commit
        self.before: Sheets = walk.sheets(commit.parents[0]) if commit.parents else {}
        self.after = dict(self.before)
        self.slots: dict[str, list[Standing | None]] = {}
        self.blobs: dict[str, str] = {}
        self.gone: Pool = {}
        self.appeared: Pool = {}
        self.newness: Newness = {}
        self.doubtful: list[tuple[Standing, Step]] = []
        self.went: set[str] = set()

    def sheets(self, files: Sequence[FileChange]) -> Sheets:
        """What stands after the commit."""
        events_before = len(self.walk.events)
        for change in files:
            self._file(change.path, change.blob)
        if not self.slots and len(self.after) == len(self.before):
            return self.before
        self._contest()
        if self.gone and self.appeared:
            self._moves()
        self._settle()
        for path in sorted(self.appeared):
            if path not in self.before:
                self._copies(path)
            self._births(path)
        self._removals()
        for path, slots in self.slots.items():
            made = self.after[path] = Tracked(self.blobs[path], tuple(filter(None, slots)))
            if path in self.before:
                self.walk.follows(made, self.before[path])
        self.walk.events[events_before:] = sorted(self.walk.events[events_before:], key=event_order)
        return self.after

    def _file(self, path: str, blob: str | None) -> None:
        old = self.before.get(path)
        if old is not None and old.blob == blob:
            return
        outline = self.walk.readable(self.commit.id, path, blob, old) if blob is not None else None
        if blob is not None and outline is None:
            return  # it cannot be read: its items stand as last read
        if outline is None or not outline.size:
            if old is not None:
                self.gone[path] = dict(enumerate(self.walk.known(old.blob).rows()))
                del self.after[path]
            return
        assert blob is not None  # noqa: S101 -- there is an outline
        self.blobs[path] = blob
        if old is None:
            self.slots[path] = [None] * outline.size
            self.appeared[path] = dict(enumerate(outline.rows()))
        else:
            self._compared(path, old, blob, outline)

    def _compared(self, path: str, old: Tracked, blob: str, outline: Outline) -> None:
        comparison = self.walk.compare(old.blob, blob)
        before = self.walk.known(old.blob)
        items = old.items
        middle = [None if link is None else items[link[0]] for link in comparison.links]
        self.slots[path] = [*items[: comparison.head], *middle, *items[len(items) - comparison.tail :]]
        if comparison.gone:
            self.gone[path] = {index: before.row(index) for index in comparison.gone}
        if comparison.births:
            self.appeared[path] = {index: outline.row(index) for index in comparison.births}
            self.newness[path] = dict(comparison.births)
        for renaming in comparison.renamings:
            self.walk.events.append(renamed(self.commit.id, path, renaming.old, renaming.new, renaming.line))
        reset = self._reset(path, comparison, before, outline)
        for index in comparison.changed:
            link = comparison.link(index)
            old_spot, new_spot = before.spot(path, link[0]), outline.spot(path, index)
            pair = old_spot.row.section, new_spot.row.section
            moved = old_spot.row.path != new_spot.row.path and pair not in comparison.carried
            step = Step(old_spot, new_spot, link[1], moved)
            if link[1] < _CONTESTED:
                self.doubtful.append((old.items[link[0]], step))
            else:
                self._advance(old.items[link[0]], step, reset=reset)

    def _advance(self, standing: Standing, step: Step, *, reset: bool = False) -> None:
        change = state_change(step.old.row.state, step.new.row.state, is_reset=reset)
        self.slots[step.new.path][step.new.nth] = advanced(standing, change, self.commit.id, step.confidence)
        self.walk.events += changes(self.commit.id, standing, step, change)
        self.walk.name(self.commit.id, standing, step.new)

    def _reset(self, path: str, comparison: Comparison, before: Outline, after: Outline) -> bool:
        """Whether this begins a new cycle of the file, which is then written down."""
        if len(comparison.changed) < _FEW:
            return False
        unticked = sum(
            before.row(comparison.link(index)[0]).state is State.TICKED and after.row(index).state is State.OPEN
            for index in comparison.changed
        )
        ticked = sum(row.state is State.TICKED for row in before.rows()) if unticked >= _FEW else 0
        if not is_reset(path, unticked, ticked):
            return False
        self.walk.resets.append(Reset(path, self.commit.id, self.commit.parents[0], unticked))
        return True

    def _contest(self) -> None:
        """A reworded item whose old words turned up in another file may rather have gone there."""
        contested = []
        for standing, step in self.doubtful:
            if self._went(step):
                contested.append((standing, step))
            else:
                self._advance(standing, step)
        for _, step in contested:
            self.gone.setdefault(step.old.path, {})[step.old.nth] = step.old.row
            self.appeared.setdefault(step.new.path, {})[step.new.nth] = step.new.row
            self.newness.setdefault(step.new.path, {})[step.new.nth] = CERTAIN - step.confidence
        self.doubtful = contested

    def _went(self, step: Step) -> bool:
        """Whether an item's old words stand in another file now, in a section that came there from its own file."""
        words = {row.normal for row in self.gone.get(step.old.path, {}).values()} | {step.old.row.normal}
        for path, rows in self.appeared.items():
            here = {row.section for row in rows.values() if row.normal == step.old.row.normal}
            if path != step.new.path and here:
                beside = [row.normal in words for row in rows.values() if row.section in here]
                if sum(beside) >= _COMPANY and 2 * sum(beside) >= len(beside):
                    return True
        return False

    def _settle(self) -> None:
        """Where it had not gone there, it was reworded after all."""
        for standing, step in self.doubtful:
            if step.old.nth in self.gone[step.old.path] and step.new.nth in self.appeared[step.new.path]:
                del self.gone[step.old.path][step.old.nth], self.appeared[step.new.path][step.new.nth]
                self._advance(standing, step)
            elif step.new.nth in self.appeared[step.new.path]:
                self.slots[step.new.path][step.new.nth] = None

    def _moves(self) -> None:
        """Items that left one file and are found in another keep their identity."""
        for found in list(moves(self.gone, self.appeared, self.newness, self._copied())):
            tracked = self.before[found.old_path]
            old = self.walk.known(tracked.blob).spot(found.old_path, found.old)
            new = self.walk.known(self.blobs[found.path]).spot(found.path, found.new)
            self._advance(tracked.items[found.old], Step(old, new, found.confidence, moved=True))
            self.went.add(old.row.normal)

    def _copied(self) -> Mapping[str, Source]:
        """The new files that say mostly what another says that stands, with that one."""
        fresh = [path for path in self.appeared if path not in self.before]
        if not fresh or not self.gone:
            return {}
        standing = {path: self.walk.words(self.blobs.get(path, tracked.blob)) for path, tracked in self.after.items()}
        sources = {path: source(self.appeared[path], standing) for path in fresh}
        return {
            path: Source(origin, frozenset(row.key for row in self.walk.known(self.before[origin].blob).rows()))
            for path, origin in sources.items()
            if origin is not None
        }

    def _copies(self, path: str) -> None:
        """The items of a new file that was copied from one that stands: new ones, each derived from its source."""
        rows = self.appeared[path]
        if not rows or all(self.walk.is_restored(self.commit, path, row.normal) for row in rows.values()):
            return
        origin = source(rows, {old: self.walk.words(tracked.blob) for old, tracked in self.before.items()})
        if origin is None:
            return
        outline = self.walk.known(self.blobs[path])
        left = {row.key for row in self.gone.get(origin, {}).values()}
        for found in copies(origin, self.walk.known(self.before[origin].blob).rows(), path, rows):
            spot = outline.spot(path, found.new)
            parent = self.before[origin].items[found.old]
            certainty = EITHER if spot.row.normal in self.went or spot.row.key in left else CERTAIN
            self.slots[path][found.new] = self.walk.birth(self.commit, spot, Change.COPIED, certainty, parent.item)
            del rows[found.new]

    def _births(self, path: str) -> None:
        known = self.newness.get(path, {})
        items = {index: known.get(index, CERTAIN) for index in self.appeared[path]}
        outline = self.walk.known(self.blobs[path])
        for index, standing in self.walk.newborn(self.commit, path, items, outline).items():
            self.slots[path][index] = standing

    def _removals(self) -> None:
        for path, items in self.gone.items():
            tracked = self.before[path]
            outline = self.walk.known(tracked.blob)
            for index in items:
                self.walk.removal(self.commit, path, index, tracked.items[index], outline)
