"""Who usually ticks an item, and when relative to the tag: "usually Dana, 2 days before the tag, 7 of 8". Pure.

A habit rests on acts alone: boxes born ticked or carried over show nobody's. It is silent with few past cycles, and
names nobody who did not tick it in more than half of them. Names only, never addresses.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from checktrail.metrics.figures import DAY, HOUR, quantile
from checktrail.metrics.scope import Scope


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
    found: defaultdict[str, dict[int, tuple[str, int]]] = defaultdict(dict)
    for nth, dated in enumerate(scope.releases):
        at, items = dated.release.at, dated.cycle.items if dated.cycle is not None else ()
        for item in items:
            tick = item.tick
            if tick is not None:
                found[item.kin][nth] = tick.who, at - tick.at  # one a release, also where a list asks it twice
    return MappingProxyType({kin: _habit(acts.values()) for kin, acts in found.items() if len(acts) >= enough})


def _habit(acts: Collection[tuple[str, int]]) -> Habit:
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
