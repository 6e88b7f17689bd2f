"""What each item is worth: how it fared in release after release. Pure.

An item that nobody ever ticks is dead, one that is always ticked after the release comes too late to help, and one
that only ever goes with a heap of others in one commit is rubber-stamped. One that depends on something ("if
applicable") and is never ticked never applies. An untouched contingency item is a good sign, so such items are not
judged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from checktrail.metrics.cycles import Asked, Tick
from checktrail.metrics.scope import Scope, alike
from checktrail.model import Due, Phase, State


class Judgement(StrEnum):
    """What an item's past says of it; `unknown` while it has too little of a past."""

    UNKNOWN = "unknown"
    SOUND = "sound"
    DEAD = "dead"
    NEVER_APPLIES = "never applies"
    ALWAYS_LATE = "always late"
    RUBBER_STAMPED = "rubber-stamped"


@dataclass(frozen=True, slots=True)
class Worth:
    """One item over releases; its place and words are those of the newest release that has it.

    In `releases` releases it was `ticked` in this many (by an act or born so), of these `late` (after the tag, though
    due before) and `in_bulk` (with many others in one commit), in this many `not_applicable` and in this many `open`
    to the end: `releases = ticked + not_applicable + open`.
    """

    kin: str
    path: str
    line: int
    section: tuple[str, ...]
    text: str
    phase: Phase
    releases: int
    ticked: int
    late: int
    in_bulk: int
    not_applicable: int
    open: int
    judgement: Judgement


def worth(scope: Scope, *, bulk: int, enough: int) -> tuple[Worth, ...]:
    """Every item that releases had, in the order of the newest list that has it.

    Args:
        scope: the releases to look at.
        bulk: so many boxes or more ticked by one commit are ticked in bulk.
        enough: an item that fewer releases had is not judged.
    """
    found: defaultdict[str, list[_Course]] = defaultdict(list)
    for roll, kins, cycles, _ in alike(reversed(scope.releases)):  # the newest first: it gives order, place and words
        at_tag = zip(*[cycle.at_tag for cycle in cycles], strict=True)
        at_close = zip(*[cycle.at_close for cycle in cycles], strict=True)
        ticks = zip(*[cycle.ticks for cycle in cycles], strict=True)
        once: dict[str, _Course] = {}  # a list that asks the same thing twice still asks one thing
        for kin, course in zip(kins, map(_Course, roll.asked, at_tag, at_close, ticks), strict=True):
            once.setdefault(kin, course)
        for kin, course in once.items():
            found[kin].append(course)
    return tuple(_worth(kin, courses, bulk, enough) for kin, courses in found.items())


class _Course(NamedTuple):
    """What was asked by an item, and how it fared in each of some releases that asked just this."""

    asked: Asked
    at_tag: tuple[State | None, ...]
    at_close: tuple[State | None, ...]
    ticks: tuple[Tick | None, ...]


def _worth(kin: str, courses: Sequence[_Course], bulk: int, enough: int) -> Worth:
    """How one item fared in the releases that had it, the newest first."""
    path, line, text, section, phase, *_ = courses[0].asked
    pairs = Counter(chain.from_iterable(zip(one.at_tag, one.at_close, strict=True) for one in courses))
    finals = Counter[State | None]()
    for states, n in pairs.items():
        finals[_final(*states)] += n
    acts = [tick for one in courses for tick in one.ticks if tick is not None]
    due = [one.ticks for one in courses if one.asked.phase.due is Due.AT_TAG]
    counts = Worth(
        kin=kin,
        path=path,
        line=line,
        section=section,
        text=text,
        phase=phase,
        releases=finals.total(),
        ticked=finals[State.TICKED],
        late=len([tick for ticks in due for tick in ticks if tick is not None and not tick.before_tag]),
        in_bulk=len([tick for tick in acts if tick.boxes >= bulk]),
        not_applicable=finals[State.NOT_APPLICABLE],
        open=finals.total() - finals[State.TICKED] - finals[State.NOT_APPLICABLE],
        judgement=Judgement.UNKNOWN,
    )
    return _judged(counts, enough, conditional=all(one.asked.conditional for one in courses))


def _final(at_tag: State | None, at_close: State | None) -> State | None:
    """The last state: at close, or at the tag if it was gone by then; a tick that was there once counts."""
    if State.TICKED in {at_tag, at_close}:
        return State.TICKED
    return at_tag if at_close is None else at_close


def _judged(worth: Worth, enough: int, *, conditional: bool) -> Worth:
    if worth.releases < enough or worth.phase is Phase.CONTINGENCY:
        return worth
    judgement = Judgement.SOUND
    if worth.ticked == 0:
        is_let_off = conditional or worth.not_applicable == worth.releases
        judgement = Judgement.NEVER_APPLIES if is_let_off else Judgement.DEAD
    elif worth.late == worth.ticked:
        judgement = Judgement.ALWAYS_LATE
    elif worth.in_bulk == worth.ticked:
        judgement = Judgement.RUBBER_STAMPED
    return replace(worth, judgement=judgement)
