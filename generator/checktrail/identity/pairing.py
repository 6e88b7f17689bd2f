"""What the stages of the matcher write on, and what comes out of it. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checktrail.identity.rows import Row

CERTAIN: Final = 1.0
_LEAST_DOUBT: Final = 0.01
"""Where an old item's fate is open, any new one may be it, however unlike."""


class Reason(StrEnum):
    """The stage that bound a link."""

    ID = "explicit id"
    UNCHANGED = "unchanged text around every change"
    SAME = "same words in the same section"
    COUNTED = "same words in the same section, in order"
    MOVED = "same words in another section"
    REMARKED = "same words but for remarks about them"
    REWORDED = "similar words"
    PINNED = "the one changed line between unchanged neighbours"
    SAME_BLOB = "same text"
    KNOWN = "the same item in another parent"


class Link(NamedTuple):
    """An item of the old list is one of the new: indices, confidence from 0 to 1, and why."""

    old: int
    new: int
    confidence: float
    reason: Reason


class Pairing(NamedTuple):
    """Links sorted by their new index; `births` says how certain each unlinked new item's newness is."""

    links: tuple[Link, ...]
    births: Mapping[int, float]


class Scratch:
    """Two lists of items and the links found so far: at most one per item."""

    def __init__(self, old: Sequence[Row], new: Sequence[Row]) -> None:
        self.old = old
        self.new = new
        self.to_new: list[int | None] = [None] * len(old)
        self.to_old: list[int | None] = [None] * len(new)
        self.links: dict[int, Link] = {}
        self.likeness: dict[tuple[int, int], float] = {}

    def bind(self, old: int, new: int, confidence: float, reason: Reason) -> None:
        """Bind two items that are both free; one that is taken keeps its link."""
        if self.to_new[old] is None and self.to_old[new] is None:
            self.to_new[old], self.to_old[new] = new, old
            self.links[new] = Link(old, new, confidence, reason)

    @property
    def is_undecided(self) -> bool:
        """Whether an item is free on both sides."""
        return None in self.to_new and None in self.to_old

    def free_old(self) -> Iterator[int]:
        """The old items without a link."""
        return (index for index, bound in enumerate(self.to_new) if bound is None)

    def free_new(self) -> Iterator[int]:
        """The new items without a link."""
        return (index for index, bound in enumerate(self.to_old) if bound is None)

    def pairing(self) -> Pairing:
        """What was found."""
        births = {index: self._newness(index) for index in self.free_new()}
        return Pairing(tuple(self.links[new] for new in sorted(self.links)), births)

    def _newness(self, new: int) -> float:
        """How certain it is that an item is new: any old one whose fate is not certain might be it."""
        like = [
            max(value, _LEAST_DOUBT)
            for (old, other), value in self.likeness.items()
            if other == new and ((bound := self.to_new[old]) is None or self.links[bound].confidence < CERTAIN)
        ]
        return CERTAIN - max(like, default=0.0)
