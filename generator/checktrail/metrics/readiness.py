"""Readiness over time: how much of what is due at the tag was ticked, and when. Pure.

A cycle in, a curve out. The curve begins at the cycle's first tick and ends where the cycle is ready: everything
required is ticked, or the team tagged it. Boxes born ticked or carried over stand ticked from the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from checktrail.metrics.cycles import Asked, Cycle, CycleItem
from checktrail.model import Due, State

_TICKED, _OPEN = State.TICKED, State.OPEN  # asked of every item of every release: looked up by their names once


class Step(NamedTuple):
    """How many required items were there and how many were ticked, from a time (seconds since 1970 UTC) on."""

    at: int
    required: int
    ticked: int

    @property
    def share(self) -> float:
        """The share ticked, 0 to 1; 0 of none."""
        return self.ticked / self.required if self.required else 0.0


def burn_up(cycle: Cycle) -> tuple[Step, ...]:
    """What was required and what was ticked, over time: the picture of the current cycle.

    An item that came late raises what is required from its creation on, but not before the first tick: a list copied
    for this release was there whole.
    """
    items = [item for item in cycle.those(_is_due_at_tag) if item.state is not State.NOT_APPLICABLE]
    moves = sorted({*_tick_times(items), *(item.created_at for item in items)})
    began = min(_tick_times(items), default=max(moves, default=None))
    return () if began is None else tuple(_at(items, moment) for moment in moves if moment >= began)


def curve(cycle: Cycle, tagged_at: int) -> tuple[Step, ...]:
    """Readiness of a past cycle up to its tag, against what the tag required; empty when nothing was ticked in it.

    A tick whose date lies after the tag's, though the tag holds it, is taken as made at the tag: order is topology.
    """
    at_tag = cycle.at_tag
    asked = cycle.roll.places(_is_due_at_tag)
    ticked = [place for place in asked if at_tag[place] is _TICKED]
    required = len(ticked) + len([place for place in asked if at_tag[place] is _OPEN])
    times = sorted([min(tick.at, tagged_at) for place in ticked if (tick := cycle.ticks[place]) is not None])
    standing = len(ticked) - len(times)
    return tuple(Step(at, required, standing + n) for n, at in enumerate(times, start=1))


def ready_at(steps: tuple[Step, ...], tagged_at: int) -> int:
    """When a past cycle was ready: when everything required was ticked, else when it was tagged as it was."""
    return next((step.at for step in steps if step.ticked == step.required), tagged_at)


def _is_due_at_tag(asked: Asked) -> bool:
    """Whether it must be done before the tag, if it is applicable."""
    return asked.phase.due is Due.AT_TAG and not asked.conditional


def _tick_times(items: list[CycleItem]) -> Iterator[int]:
    return (item.tick.at for item in items if item.tick is not None)


def _at(items: list[CycleItem], moment: int) -> Step:
    there = [item for item in items if item.created_at <= moment or (item.tick and item.tick.at <= moment)]
    return Step(moment, len(there), sum(_is_ticked(item, moment) for item in there))


def _is_ticked(item: CycleItem, moment: int) -> bool:
    return item.tick.at <= moment if item.tick is not None else item.state is State.TICKED
