"""The commit graph and what contains what, by bit masks: one sweep for all tags on all branches. Pure.

In: commits, parents first. Out: for each commit a mask whose bit k says that the k-th tip contains it. Masks are
numbers that neighbouring commits share, so that a hundred thousand commits and a thousand tags fit in little memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeVar

from checktrail.model import Commit, Node

_Key = TypeVar("_Key", bound=tuple[object, ...])


class Graph:
    """Commits by position, parents first. A parent that is not in hand (a cut-off history) is left out.

    `ids[n]` is the commit at position n and `position[id]` the way back; `parents[n]` are positions below n.
    """

    __slots__ = ("ids", "parents", "position")

    def __init__(self, commits: Sequence[Node | Commit]) -> None:
        position = {commit.id: number for number, commit in enumerate(commits)}
        self.position = position
        self.ids: tuple[str, ...] = tuple(position)
        above = [commit.parents for commit in commits]
        try:
            found = [
                (position[parents[0]],) if len(parents) == 1 else tuple([position[parent] for parent in parents])
                for parents in above
            ]
        except KeyError:
            found = [tuple([position[parent] for parent in parents if parent in position]) for parents in above]
        self.parents: tuple[tuple[int, ...], ...] = tuple(found)

    def containing(self, tips: Sequence[int]) -> list[int]:
        """For each commit the mask of the tips that contain it: bit k for `tips[k]`, 0 for none."""
        masks = [0] * len(self.parents)
        for bit, tip in enumerate(tips):
            masks[tip] |= 1 << bit
        parents = self.parents
        for number in range(len(parents) - 1, -1, -1):
            mask = masks[number]
            if mask:
                for parent in parents[number]:
                    held = masks[parent]
                    # The same object where nothing is added: a line of commits shares one number.
                    if not held:
                        masks[parent] = mask
                    elif held is not mask:
                        both = held | mask
                        masks[parent] = mask if both == mask else both
        return masks

    def nearest(self, tips: Sequence[int]) -> list[int]:
        """For each tip the mask of tips that it descends from with no further tip between on some way."""
        bit_at = {tip: 1 << bit for bit, tip in enumerate(tips)}
        seen = [0] * len(self.parents)
        below: dict[int, int] = {}
        for number, parents in enumerate(self.parents):
            if len(parents) == 1:
                mask = seen[parents[0]]
            else:
                mask = 0
                for parent in parents:
                    mask |= seen[parent]
            if number in bit_at:
                below[number] = mask
                mask = bit_at[number]
            seen[number] = mask
        return [below[tip] for tip in tips]

    def range(self, tip: int, excluded: Sequence[int] | None = None, bits: int = 0) -> list[int]:
        """The positions reachable from a tip, newest first, but for those whose mask has one of some bits.

        Whatever is excluded has excluded ancestors.
        """
        if excluded is not None and excluded[tip] & bits:
            return []
        parents = self.parents
        seen = {tip}
        stack = [tip]
        while stack:
            for parent in parents[stack.pop()]:
                if parent not in seen and not (excluded is not None and excluded[parent] & bits):
                    seen.add(parent)
                    stack.append(parent)
        return sorted(seen, reverse=True)


@dataclass(frozen=True, slots=True)
class Containment:
    """Which of some tips contain which commit: `masks[n]` has bit k set where tip k contains the commit at n."""

    graph: Graph
    masks: Sequence[int]

    def first(self) -> list[int | None]:
        """For each commit the first tip that contains it; None when none does."""
        found: list[int | None] = []
        last, first = 0, None
        for mask in self.masks:
            if mask is not last:  # neighbours share one number
                last, first = mask, ((mask & -mask).bit_length() - 1 if mask else None)
            found.append(first)
        return found

    def holds(self, tip: int, number: int) -> bool:
        """Whether a tip contains a commit."""
        return bool(self.masks[number] >> tip & 1)

    def between(self, base: int | None, position: int) -> list[int]:
        """The positions of base..position, newest first, as `git rev-list` lists them; all below it without a base."""
        if base is None:
            return self.graph.range(position)
        return self.graph.range(position, self.masks, 1 << base)


def ranked(below: Sequence[int], keys: Sequence[_Key]) -> tuple[tuple[int, bool], ...]:
    """Kahn's order of tips: after all that it descends from, and among the ready ones the least key first.

    Args:
        below: for each tip the mask of the tips right below it (`Graph.nearest`).
        keys: for each tip what decides among those that are ready.

    Returns:
        For each place the tip's index, and whether there was a choice (several were ready).
    """
    waiting = [mask.bit_count() for mask in below]
    above: list[list[int]] = [[] for _ in below]
    for tip, mask in enumerate(below):
        for lower in bits(mask):
            above[lower].append(tip)
    ready: list[tuple[_Key, int]] = []
    for tip, count in enumerate(waiting):
        if not count:
            heappush(ready, (keys[tip], tip))
    order: list[tuple[int, bool]] = []
    while ready:
        chosen = len(ready) > 1
        _, tip = heappop(ready)
        order.append((tip, chosen))
        for higher in above[tip]:
            waiting[higher] -= 1
            if not waiting[higher]:
                heappush(ready, (keys[higher], higher))
    return tuple(order)


def bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
