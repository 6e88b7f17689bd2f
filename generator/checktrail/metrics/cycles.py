"""What metrics know of a release's checklists: its items, each with its states and the act that ticked it. Pure.

A cycle is the life of a release's checklists from their first tick to their close. `Cycle`s are values; whoever has the
record makes them (`checktrail.exports.metrics`), so that the figures need neither git nor the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from checktrail.model import Due, Phase, State


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


class CycleItem(NamedTuple):
    """One item in one cycle.

    `item` is its identity; `kin` is shared by all copies of it from release to release. `role` is the office whose
    sign-off it is, None for other items. `conditional` items do not block. `at_tag` is its state in the tag's tree,
    None where it is not there (and in the current cycle); `at_close` likewise. `tick` is the act by which it stands
    ticked at the tag, else at close; None while it is open, and when no act of this cycle ticked it: born ticked, or
    carried over.
    """

    item: str
    kin: str
    path: str
    line: int
    text: str
    section: tuple[str, ...]
    phase: Phase
    at_tag: State | None
    at_close: State | None
    tick: Tick | None
    created_at: int
    conditional: bool = False
    role: str | None = None
    parents: tuple[str, ...] = ()

    @property
    def is_required(self) -> bool:
        """Whether it must be done before the tag: due there, not conditional, and applicable."""
        return self.phase.due is Due.AT_TAG and not self.conditional and State.NOT_APPLICABLE is not self.state

    @property
    def state(self) -> State | None:
        """Its state at the tag; in the current cycle, and where the tag does not have it, the latest one."""
        return self.at_close if self.at_tag is None else self.at_tag

    @property
    def words(self) -> str:
        """Everything that says what it is about: its headings, the items above it, its own text."""
        return " / ".join((*self.section, *self.parents, self.text))


@dataclass(frozen=True, slots=True)
class Cycle:
    """The checklists of one release; `tag` is None for the current cycle, which has no release yet."""

    tag: str | None
    items: tuple[CycleItem, ...]
    said: tuple[Said, ...] = ()
    titles: tuple[str, ...] = ()

    def ticks(self) -> Iterator[Tick]:
        """The ticks made in this cycle, in document order."""
        return (item.tick for item in self.items if item.tick is not None)
