"""The stages that need no judgement: explicit ids, unchanged head and tail, equal keys. Pure."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar

from checktrail.identity.pairing import CERTAIN, Reason, Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checktrail.identity.rows import Row

K = TypeVar("K")
_TWINS: Final = 0.9
"""Confidence of the k-th of several equal items where their neighbours changed too."""
_SHUFFLED: Final = 0.5
"""The same where the items around them did not keep their order: then theirs says nothing."""
_FEW_TURNS: Final = 4
"""A list is in order when at most one step in so many goes back; of a shuffled one half of them do."""


def by_id(scratch: Scratch) -> None:
    """Explicit ids win: whoever wrote one wanted to say which item it is. One that stands twice says nothing."""
    old = _groups([(index, row.id) for index, row in enumerate(scratch.old) if row.id is not None])
    if not old:
        return
    new = _groups([(index, row.id) for index, row in enumerate(scratch.new) if row.id is not None])
    for id_, before in old.items():
        after = new.get(id_, [])
        if len(before) == len(after) == 1:
            scratch.bind(before[0], after[0], CERTAIN, Reason.ID)


def head_and_tail(scratch: Scratch) -> None:
    """What stands before and behind all change is bound by position.

    A key that also stands in the changed middle is not: one of two equal items may have gone or come there.
    """
    old, new = [row.key for row in scratch.old], [row.key for row in scratch.new]
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    changed = {*old[head : len(old) - tail], *new[head : len(new) - tail]}
    shift = len(new) - len(old)
    for index in (*range(head), *range(len(old) - tail, len(old))):
        if old[index] not in changed:
            scratch.bind(index, index if index < head else index + shift, CERTAIN, Reason.UNCHANGED)


def by_key(scratch: Scratch) -> None:
    """The same words in the same section, as often here as there: the k-th is the k-th.

    Where more or fewer sections have one path than before, nobody knows by the path which of them is which.
    """
    old = _groups([(index, scratch.old[index].key) for index in scratch.free_old()])
    new = _groups([(index, scratch.new[index].key) for index in scratch.free_new()]) if old else {}
    alike = [(before, new[key]) for key, before in old.items() if len(before) == len(new.get(key, ()))]
    if alike:
        unclear = _multiplied(scratch)
        alike = [both for both in alike if scratch.old[both[0][0]].path not in unclear]
    for before, after in alike:
        if len(before) == 1:
            scratch.bind(before[0], after[0], CERTAIN, Reason.SAME)
    for before, after in alike:
        if len(before) > 1:
            _twins(scratch, before, after)


def _multiplied(scratch: Scratch) -> set[tuple[str, ...]]:
    """The paths that more or fewer sections have than before."""
    old, new = (Counter({row.section: row.path for row in rows}.values()) for rows in (scratch.old, scratch.new))
    return {path for path in old.keys() & new.keys() if old[path] != new[path]}


def _twins(scratch: Scratch, before: list[int], after: list[int]) -> None:
    """Equal items of one section: by their neighbours, else by how they are written, by their state, by their order."""
    by_neighbours, by_order = (CERTAIN, _TWINS) if _in_order(scratch, before[0]) else (_TWINS, _SHUFFLED)
    for one in before:
        around = [other for other in after if _around(scratch.old, one) == _around(scratch.new, other)]
        if len(around) == 1:
            scratch.bind(one, around[0], by_neighbours, Reason.COUNTED)
    for one in before:
        written = [other for other in after if scratch.old[one].text == scratch.new[other].text]
        if len(written) == 1:
            scratch.bind(one, written[0], by_order, Reason.COUNTED)
    for one in before:
        if scratch.to_new[one] is None:
            free = [other for other in after if scratch.to_old[other] is None]
            alike = [other for other in free if scratch.old[one].state is scratch.new[other].state]
            scratch.bind(one, (alike or free)[0], by_order, Reason.COUNTED)


def _in_order(scratch: Scratch, twin: int) -> bool:
    """Whether most of a section's items that are bound stand in the order they stood in."""
    section = scratch.old[twin].section
    places = [new for new, row in zip(scratch.to_new, scratch.old, strict=True) if row.section == section]
    bound = [new for new in places if new is not None]
    return _FEW_TURNS * sum(one > other for one, other in pairwise(bound)) <= len(bound)


def _around(rows: Sequence[Row], index: int) -> tuple[str, str]:
    """The words of an item's neighbours."""
    before = rows[index - 1].normal if index else ""
    return before, rows[index + 1].normal if index + 1 < len(rows) else ""


def _groups(pairs: Iterable[tuple[int, K]]) -> dict[K, list[int]]:
    groups: dict[K, list[int]] = {}
    for index, key in pairs:
        groups.setdefault(key, []).append(index)
    return groups
