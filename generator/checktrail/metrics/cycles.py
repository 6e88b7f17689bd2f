"""What metrics know of a release's checklists: its items, each with its states and the act that ticked it. Pure.

A cycle is the life of a release's checklists from their first tick to their close. `Cycle`s are values; whoever has the
record makes them (`checktrail.exports.metrics`), so that the figures need neither git nor the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from checktrail.model import Phase, State


class Tick(NamedTuple):
    """The act that ticked an item: the author's name, the committer's time, the commit, and how many boxes it ticked.

    `before_tag` is topology, never a date: the tag's history holds the commit.
    """

    who: str
    at: int
    commit: str
    boxes: int
    before_tag: bool


class Said(NamedTuple):
    """A `key: value` that stands in a checklist, with the headings it stands under."""

    key: str
    value: str
    section: tuple[str, ...]


class Asked(NamedTuple):
    """What a checklist asks by one item, whoever ticks it: its place and its words, and what they make of it.

    `role` is the office whose sign-off it is, None for other items. `conditional` items do not block. `parents` are the
    texts of the items above it, from its parent up.
    """

    path: str
    line: int
    text: str
    section: tuple[str, ...]
    phase: Phase
    conditional: bool = False
    role: str | None = None
    parents: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Everything that says what it is about: its headings, the items above it, its own text."""
        return " / ".join((*self.section, *self.parents, self.text))


class CycleItem(NamedTuple):
    """One item in one cycle.

    `item` is its identity; `kin` is shared by all copies of it from release to release. `at_tag` is its state in the
    tag's tree, None where it is not there (and in the current cycle); `at_close` likewise. `tick` is the act by which
    it stands ticked at the tag, else at close; None while it is open, and when no act of this cycle ticked it: born
    ticked, or carried over.
    """

    item: str
    kin: str
    asked: Asked
    at_tag: State | None
    at_close: State | None
    tick: Tick | None
    created_at: int

    @property
    def state(self) -> State | None:
        """Its state at the tag; in the current cycle, and where the tag does not have it, the latest one."""
        return self.at_close if self.at_tag is None else self.at_tag


@dataclass(frozen=True, eq=False)
class Roll:
    """All that the checklists of a cycle ask, in order: one value for all the cycles that ask the same."""

    asked: tuple[Asked, ...]

    def places(self, wanted: Callable[[Asked], bool]) -> tuple[int, ...]:
        """Where those stand that are wanted: looked for once, however many releases of a living list ask the same."""
        found = self._places.get(wanted)
        if found is None:
            found = self._places[wanted] = tuple([place for place, one in enumerate(self.asked) if wanted(one)])
        return found

    @cached_property
    def _places(self) -> dict[Callable[[Asked], bool], tuple[int, ...]]:
        return {}


@dataclass(frozen=True)
class Cycle:
    """The checklists of one release; `tag` is None for the current cycle, which has no release yet.

    It is kept by columns, all aligned with `roll.asked`: a living list has a million items over its releases, which
    share all but their ticks. `items` are identities, `kins`, `at_tag`, `at_close`, `ticks` and `created_at` are what
    `CycleItem` says of each.
    """

    tag: str | None
    roll: Roll
    items: tuple[str, ...]
    kins: tuple[str, ...]
    at_tag: tuple[State | None, ...]
    at_close: tuple[State | None, ...]
    ticks: tuple[Tick | None, ...]
    created_at: tuple[int, ...]
    said: tuple[Said, ...] = ()
    titles: tuple[str, ...] = ()

    def those(self, wanted: Callable[[Asked], bool]) -> list[CycleItem]:
        """The items of which something holds whatever their states, in document order."""
        return [
            CycleItem(
                self.items[place],
                self.kins[place],
                self.roll.asked[place],
                self.at_tag[place],
                self.at_close[place],
                self.ticks[place],
                self.created_at[place],
            )
            for place in self.roll.places(wanted)
        ]

    def ticks_of(self, wanted: Callable[[Asked], bool]) -> list[Tick]:
        """The ticks of the items of which something holds, one for each that has any, in document order."""
        ticks = self.ticks
        return [tick for place in self.roll.places(wanted) if (tick := ticks[place]) is not None]

    @cached_property
    def acts(self) -> tuple[Tick, ...]:
        """The ticks made in this cycle, each once though one act ticks many items, in document order."""
        return tuple([tick for tick in dict.fromkeys(self.ticks) if tick is not None])
