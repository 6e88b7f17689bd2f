"""How long the process takes, from its ticks: deployment, the whole cycle, sign-offs. Pure.

Several ticks of one commit have one time: what lies between them is not measurable, which is not 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from checktrail.metrics.cycles import Asked, Cycle
from checktrail.metrics.figures import Basis, Excluded, Figure, Grade, Unit, adding, figure, left_out, spread
from checktrail.metrics.scope import Dated, Scope
from checktrail.model import Phase, State

_NOT_APPLICABLE = State.NOT_APPLICABLE  # asked of every sign-off: looked up by its name once

NO_CHECKLIST = "no checklist"
NO_TICK = "no tick of its own cycle"
AFTERWARDS = "ticked only after the release"
SAME_COMMIT = "not measurable (same commit)"
NO_GATE = "nothing was done before it"


class Latency(NamedTuple):
    """A sign-off's role, the release, and the seconds since the gate before it."""

    role: str
    tag: str
    seconds: int


def process(scope: Scope) -> tuple[Figure, ...]:
    """The figures of how the checklists were worked through."""
    return (
        *_durations("deployment-duration", scope, [deployment_duration(one) for one in scope.releases]),
        *_durations("process-time", scope, [process_time(one) for one in scope.releases]),
        *_latencies(scope),
        _late(scope),
    )


def deployment_duration(dated: Dated) -> int | str:
    """Seconds from the first to the last tick of the `release` phase, or why there is no saying."""
    if dated.cycle is None:
        return NO_CHECKLIST
    ticks = set(dated.cycle.ticks_of(_is_release))  # one act ticks many items
    if not ticks:
        return NO_TICK
    if len({tick.commit for tick in ticks}) == 1:
        return SAME_COMMIT
    return max(tick.at for tick in ticks) - min(tick.at for tick in ticks)


def process_time(dated: Dated) -> int | str:
    """Seconds from the cycle's first tick to the release, or why there is no saying."""
    if dated.cycle is None:
        return NO_CHECKLIST
    first = min((tick.at for tick in dated.cycle.acts), default=None)
    if first is None:
        return NO_TICK
    return dated.at - first if first <= dated.at else AFTERWARDS


def latencies(dated: Dated) -> Iterator[Latency | str]:
    """For each role that signed off, in the order of time, the seconds since the gate before it, or why there are none.

    Gates are the last preparing tick before the sign-off, and the sign-offs of other roles. A role has signed with the
    last of its ticks.
    """
    if dated.cycle is None:
        return
    gates = {(tick.at, tick.commit) for tick in set(dated.cycle.ticks_of(_is_preparing))}
    in_time = sorted(_signed(dated.cycle).items(), key=itemgetter(1))
    for signed, roles in groupby(in_time, key=itemgetter(1)):
        (first, _), *others = roles
        before = [gate for gate in gates if gate[0] <= signed[0]]
        gates.add(signed)
        last = max(before, default=None)
        if last is None:
            yield NO_GATE
        elif last[1] == signed[1] or signed in before:
            yield SAME_COMMIT
        else:
            yield Latency(first, dated.tag, signed[0] - last[0])
        yield from (SAME_COMMIT for _ in others)


def _signed(cycle: Cycle) -> dict[str, tuple[int, str]]:
    """Role to when it signed, and the commit; roles that signed only in part are left out."""
    found: dict[str, tuple[int, str]] = {}
    partly: set[str] = set()
    asked, at_tag, at_close, ticks = cycle.roll.asked, cycle.at_tag, cycle.at_close, cycle.ticks
    for place in cycle.roll.places(_is_firm_signoff):
        role, tick = asked[place].role or "", ticks[place]
        if (at_tag[place] or at_close[place]) is _NOT_APPLICABLE:
            continue
        if tick is None:
            partly.add(role)
        else:
            act = (tick.at, tick.commit)
            found[role] = max(act, found.get(role, act))
    return {role: act for role, act in found.items() if role not in partly}


def _is_release(asked: Asked) -> bool:
    return asked.phase is Phase.RELEASE


def _is_preparing(asked: Asked) -> bool:
    return asked.phase is Phase.PREPARE and asked.role is None


def _is_signoff(asked: Asked) -> bool:
    return asked.role is not None


def _is_firm_signoff(asked: Asked) -> bool:
    return asked.role is not None and not asked.conditional


def _durations(name: str, scope: Scope, found: Sequence[int | str]) -> tuple[Figure, ...]:
    values = [one for one in found if isinstance(one, int)]
    excluded = left_out([one for one in found if isinstance(one, str)])
    basis = Basis(Grade.MEASURED, len(values), _joined(scope.excluded, excluded), scope.window)
    return spread(name, values, Unit.SECONDS, basis)


def _joined(some: Sequence[Excluded], others: Sequence[Excluded]) -> tuple[Excluded, ...]:
    return left_out(Counter({one.reason: one.n for one in some}) + Counter({one.reason: one.n for one in others}))


def _latencies(scope: Scope) -> Iterator[Figure]:
    """Sign-off latency over all roles, then of each role that signed more than once."""
    found = [latency for dated in scope.releases for latency in latencies(dated)]
    values = [one for one in found if isinstance(one, Latency)]
    excluded = left_out([one for one in found if isinstance(one, str)])
    basis = Basis(Grade.MEASURED, len(values), excluded, scope.window)
    yield from spread("signoff-latency", [one.seconds for one in values], Unit.SECONDS, basis)
    roles = Counter(one.role for one in values)
    for role in sorted(role for role, n in roles.items() if n > 1):
        own = [one.seconds for one in values if one.role == role]
        yield from spread("signoff-latency", own, Unit.SECONDS, Basis(Grade.MEASURED, len(own), (), scope.window, role))


def _late(scope: Scope) -> Figure:
    """The share of sign-offs ticked after the release; topology says so, not a date."""
    cycles = [one.cycle for one in scope.releases if one.cycle]
    signoffs = sum(len(cycle.roll.places(_is_signoff)) for cycle in cycles)
    ticks = [tick for cycle in cycles for tick in cycle.ticks_of(_is_signoff)]
    late = sum(not tick.before_tag for tick in ticks)
    excluded = adding((), NO_TICK, signoffs - len(ticks))
    basis = Basis(Grade.MEASURED, len(ticks), excluded, scope.window)
    return figure("late-signoffs", late / len(ticks) if ticks else None, Unit.SHARE, basis)
