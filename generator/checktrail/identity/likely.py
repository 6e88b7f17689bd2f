"""The stage that judges: the same words elsewhere, words that differ in remarks alone, words that are alike. Pure.

Every pair of free items has a likeness, and a place that speaks for it or not; the best pair is bound, its neighbours
are weighed anew, and so on. In whole files that were reworked this is as good as an optimal assignment, and cheaper.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.identity.pairing import Reason, Scratch
from checktrail.model import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from checktrail.identity.rows import Row
    from checktrail.identity.sections import Sections

# Likeness that is enough anywhere, and into a section that is itself new.
_ANYWHERE: Final = 0.48
_INTO_NEW: Final = 0.75


class _Enough(NamedTuple):
    """Likeness that is enough in the section that the old one became: there, beside a bound neighbour, between two.

    Unrelated lines of one real checklist have a likeness under 0.08 in three of four cases, under 0.19 in nine of ten.
    """

    in_section: float
    beside: float
    pinned: float


_OPEN: Final = _Enough(0.3, 0.2, 0.05)
# A tick speaks for the words it was put to: it goes on to other words only where more than chance says that they are
# the same statement. Pinned between neighbours, a box that stays ticked was hardly put there with a new one; a box that
# is open again probably was.
_TICKED: Final = _Enough(0.4, 0.3, 0.12)
_UNTICKED: Final = _Enough(0.4, 0.35, 0.35)

_LEAST_KEPT: Final = 0.2
"""The share of a ticked item's words that must still be there, however the rest was written anew."""

# Likeness of the same words, of words that differ in remarks alone, and the most that other words can have.
_SAME: Final = 1.0
_REMARKED: Final = 0.95
_MOST: Final = 0.9

_SURE: Final = 0.99
_UNSURE: Final = 0.6
_CLEAR: Final = 0.04
"""By how much a pair must beat its rivals to be the clear choice."""
_WHOLE: Final = 1000
_MANY: Final = 40_000
"""More pairs than this are weighed only where they share a rare word."""


class _Context(NamedTuple):
    """How well two items' places agree: mapped section, path, neighbours before and behind, state, nearness."""

    mapped: bool
    path: bool
    before: bool
    behind: bool
    state: bool
    nearness: float

    @property
    def weight(self) -> float:
        # In all less than the likeness of a changed word: the same words elsewhere beat other words in place, but words
        # with a remark added in place beat the same words elsewhere.
        place = 0.12 * self.mapped + 0.02 * self.path + 0.06 * (self.before + self.behind)
        return place + 0.02 * self.state + 0.02 * self.nearness


def by_likeness(scratch: Scratch, mapped: Sections) -> None:
    """Bind the pair that speaks most for itself, look again at what that says of its neighbours, and so on."""
    scratch.likeness.update(_weighed(scratch))
    worth = [pair for pair, like in scratch.likeness.items() if like >= _OPEN.pinned]
    waiting = [entry for pair in worth if (entry := _standing(scratch, mapped, *pair))]
    heapq.heapify(waiting)
    while waiting:
        negative, old, new, reason = heapq.heappop(waiting)
        if scratch.to_new[old] is None and scratch.to_old[new] is None:
            margin = -negative - _best_rival(scratch, mapped, old, new)
            scratch.bind(old, new, _confidence(scratch.likeness[old, new], margin), reason)
            for step in (-1, 1):
                if (old + step, new + step) in scratch.likeness:
                    entry = _standing(scratch, mapped, old + step, new + step)
                    if entry:
                        heapq.heappush(waiting, entry)


def _weighed(scratch: Scratch) -> Iterator[tuple[tuple[int, int], float]]:
    """The likeness of the pairs of free items."""
    olds, news = list(scratch.free_old()), list(scratch.free_new())
    if len(olds) == len(news) == 1:  # nothing to weigh against
        here, there = scratch.old[olds[0]], scratch.new[news[0]]
        sizes = {row.soft: len(_words(row.soft)) for row in (here, there)}
        yield (olds[0], news[0]), _likeness(here, there, _Evenly(), sizes)
        return
    rarity = _rarity(row.soft for rows in (scratch.old, scratch.new) for row in rows)
    weights = {
        row.soft: sum(rarity[word] for word in _words(row.soft))
        for row in (*(scratch.old[old] for old in olds), *(scratch.new[new] for new in news))
    }
    pairs = (
        ((old, new) for old in olds for new in news)
        if len(olds) * len(news) <= _MANY
        else _sharing(scratch, olds, news, rarity)
    )
    for old, new in pairs:
        yield (old, new), _likeness(scratch.old[old], scratch.new[new], rarity, weights)


class _Evenly(dict[str, int]):
    """Every word as rare as another."""

    def __missing__(self, word: str) -> int:
        return 1


def _sharing(
    scratch: Scratch, olds: list[int], news: list[int], rarity: Mapping[str, int]
) -> Iterator[tuple[int, int]]:
    """The pairs that share the rarest word of one of them."""
    by_word: dict[str, list[int]] = {}
    for new in news:
        by_word.setdefault(_rarest(scratch.new[new].soft, rarity), []).append(new)
    for old in olds:
        for new in by_word.get(_rarest(scratch.old[old].soft, rarity), ())[:_FEW]:
            yield old, new


_FEW: Final = 50


def _rarest(text: str, rarity: Mapping[str, int]) -> str:
    return max(_words(text), key=lambda word: (rarity.get(word, 0), word), default="")


def _standing(scratch: Scratch, mapped: Sections, old: int, new: int) -> tuple[float, int, int, Reason] | None:
    """A pair with its weight, negative so that the best comes first; None when it is not enough for its place."""
    like = scratch.likeness[old, new]
    context = _context(scratch, mapped, old, new)
    weight = -like - context.weight
    if like >= _SAME:
        return weight, old, new, Reason.MOVED
    if like >= _REMARKED:
        return weight, old, new, Reason.REMARKED
    elsewhere = _ANYWHERE if scratch.new[new].section in mapped.values() else _INTO_NEW
    enough = _enough(scratch.old[old].state, scratch.new[new].state)
    if like >= elsewhere or (context.mapped and like >= enough.in_section):
        return weight, old, new, Reason.REWORDED
    if context.mapped and (context.before or context.behind) and like >= enough.beside:
        return weight, old, new, Reason.REWORDED
    is_pinned = context.mapped and context.before and context.behind
    if is_pinned and like >= enough.pinned and _speaks_on(scratch.old[old], scratch.new[new]):
        return weight, old, new, Reason.PINNED
    return None


def _speaks_on(before: Row, after: Row) -> bool:
    """Whether a tick, if there was one, finds enough of the words it was put to."""
    words = _words(before.soft)
    return before.state is State.OPEN or len(words & _words(after.soft)) >= _LEAST_KEPT * len(words)


def _enough(before: State, after: State) -> _Enough:
    if before is State.OPEN:
        return _OPEN
    return _TICKED if before is after else _UNTICKED


def _best_rival(scratch: Scratch, mapped: Sections, old: int, new: int) -> float:
    """The weight of the best other pair that one of two items could be bound in."""
    rivals = [(old, other) for other in scratch.free_new() if other != new]
    rivals += [(other, new) for other in scratch.free_old() if other != old]
    best = 0.0
    for pair in rivals:
        like = scratch.likeness.get(pair, 0.0)
        if like + _MOST_CONTEXT > best:
            best = max(best, like + _context(scratch, mapped, *pair).weight)
    return best


_MOST_CONTEXT: Final = 0.3


def _confidence(like: float, margin: float) -> float:
    return min(like, _SURE) if margin > _CLEAR else min(like, _UNSURE)


def _context(scratch: Scratch, mapped: Sections, old: int, new: int) -> _Context:
    here, there = scratch.old[old], scratch.new[new]
    return _Context(
        mapped=mapped.get(here.section) == there.section,
        path=here.path == there.path,
        before=_neighbours(scratch, old - 1, new - 1),
        behind=_neighbours(scratch, old + 1, new + 1),
        state=here.state is there.state,
        nearness=1 - abs(old / len(scratch.old) - new / len(scratch.new)),
    )


def _neighbours(scratch: Scratch, old: int, new: int) -> bool:
    """Whether two places hold the same item, or are both outside."""
    old_inside, new_inside = 0 <= old < len(scratch.old), 0 <= new < len(scratch.new)
    if not old_inside or not new_inside:
        return old_inside == new_inside
    return scratch.to_new[old] == new


def _likeness(old: Row, new: Row, rarity: Mapping[str, int], weights: Mapping[str, int]) -> float:
    """How alike two wordings are, 0 to 1: shared trigrams, and shared words weighed by their rarity."""
    if old.normal == new.normal:
        return _SAME
    if old.soft == new.soft:
        return _REMARKED
    weight = weights[old.soft] + weights[new.soft]
    shared = sum(rarity[word] for word in _words(old.soft) & _words(new.soft))
    by_word = 2 * shared / weight if weight else 0.0
    return _MOST * (by_word + likeness(old.soft, new.soft)) / 2


def likeness(one: str, other: str) -> float:
    """How many of their trigrams two texts share, 0 to 1."""
    trigrams, others = _trigrams(one), _trigrams(other)
    whole = len(trigrams) + len(others)
    return 2 * len(trigrams & others) / whole if whole else 0.0


def _rarity(texts: Iterable[str]) -> dict[str, int]:
    """The rarity of each word among some texts; whole numbers, so that their sum is the same in every order."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(_words(text))
        total += 1
    return {word: round(_WHOLE * math.log(1 + total / count)) for word, count in counts.items()}


@lru_cache(maxsize=1 << 15)
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@lru_cache(maxsize=1 << 15)
def _trigrams(text: str) -> frozenset[str]:
    padded = f"  {text} "
    return frozenset(padded[index : index + 3] for index in range(len(padded) - 2))
