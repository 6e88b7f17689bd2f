"""Who usually ticks an item, and when relative to the tag: "usually Dana, 2 days before the tag, 7 of 8". Pure.

A habit rests on acts alone: boxes born ticked or carried over show nobody's. It is silent with few past cycles, and
names nobody who did not tick it in more than half of them. Names only, never addresses.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from checktrail.metrics.cycles import Tick
from checktrail.metrics.figures import DAY, HOUR, quantile
from checktrail.metrics.scope import Scope, alike


@dataclass(frozen=True, slots=True)
class Habit:
    """How an item was ticked in `cycles` past cycles.

    `who` ticked it in `times` of them, more than half; None where nobody did, and `times` is `cycles` then. `lead` is
    the median time in seconds from the tick to the tag, over those times; negative after the tag.
    """

    who: str | None
    times: int
    cycles: int
    lead: int

    @property
    def sentence(self) -> str:
        """The habit in words; `who` is anyone's text and not escaped."""
        if self.who is None:
            return f"usually {_relative(self.lead)}, {self.cycles} cycles"
        return f"usually {self.who}, {_relative(self.lead)}, {self.times} of {self.cycles}"


def habits(scope: Scope, *, enough: int) -> Mapping[str, Habit]:
    """Kin to habit, for every item that at least `enough` past cycles saw ticked."""
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for _, kins, cycles, tagged_at in alike(scope.releases):
        for kin, ticks in _by_kin(kins, zip(*[cycle.ticks for cycle in cycles], strict=True)).items():
            acts = zip(ticks, tagged_at, strict=True)
            found[kin].extend([(tick.who, at - tick.at) for tick, at in acts if tick is not None])
    return MappingProxyType({kin: _habit(acts) for kin, acts in found.items() if len(acts) >= enough})


def _by_kin(kins: Sequence[str], columns: Iterable[Sequence[Tick | None]]) -> Mapping[str, Sequence[Tick | None]]:
    """Kin to its tick in each of some releases: the last one, where a list asks the same thing twice."""
    found: dict[str, Sequence[Tick | None]] = {}
    for kin, ticks in zip(kins, columns, strict=True):
        before = found.get(kin)
        found[kin] = ticks if before is None else [last or first for first, last in zip(before, ticks, strict=True)]
    return found


def _habit(acts: Sequence[tuple[str, int]]) -> Habit:
    (who, times), *_ = sorted(Counter([who for who, _ in acts]).items(), key=lambda pair: (-pair[1], pair[0]))
    if times * 2 <= len(acts):
        return Habit(None, len(acts), len(acts), _median([lead for _, lead in acts]))
    return Habit(who, times, len(acts), _median([lead for name, lead in acts if name == who]))


def _median(leads: Sequence[int]) -> int:
    return round(quantile(leads, 0.5) or 0)


def _relative(lead: int) -> str:
    """A time relative to the tag, in the largest unit that says something."""
    side = "before" if lead >= 0 else "after"
    if abs(lead) < HOUR:
        return f"within the hour {side} the tag" if lead else "with the tag"
    hours = round(abs(lead) / HOUR)
    n, unit = (hours, "hour") if hours * HOUR < DAY else (round(abs(lead) / DAY), "day")
    return f"{n} {unit}{'s' if n != 1 else ''} {side} the tag"
