"""What each item is worth: how it fared in release after release. Pure.

An item that nobody ever ticks is dead, one that is always ticked after the release comes too late to help, and one
that only ever goes with a heap of others in one commit is rubber-stamped. One that depends on something ("if
applicable") and is never ticked never applies. An untouched contingency item is a good sign, so such items are not
judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from checktrail.metrics.cycles import CycleItem
from checktrail.metrics.scope import Scope
from checktrail.model import Due, Phase, State

_TICKED = State.TICKED  # asked of every item of every release: looked up by its name once


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
    found: defaultdict[str, dict[int, CycleItem]] = defaultdict(dict)
    for nth, dated in enumerate(reversed(scope.releases)):  # the newest first: it gives order, place and words
        for item in dated.cycle.items if dated.cycle is not None else ():
            found[item.kin].setdefault(nth, item)  # a list that asks the same thing twice still asks one thing
    return tuple(_worth(items.values(), bulk, enough) for items in found.values())


def _worth(items: Collection[CycleItem], bulk: int, enough: int) -> Worth:
    """How one item fared in the releases that had it, the newest first."""
    newest = next(iter(items))
    path, line, text, section, phase, *_ = newest.asked
    # Its last state is that at close, or at the tag if it was gone by then; a tick that was there once counts.
    ticked = [item for item in items if item.at_tag is _TICKED or item.at_close is _TICKED]
    rest = [item for item in items if item.at_tag is not _TICKED and item.at_close is not _TICKED]
    acts = [(item.tick, item.asked.phase) for item in ticked if item.tick is not None]
    not_applicable = [item.at_close or item.at_tag for item in rest].count(State.NOT_APPLICABLE)
    counts = Worth(
        kin=newest.kin,
        path=path,
        line=line,
        section=section,
        text=text,
        phase=phase,
        releases=len(items),
        ticked=len(ticked),
        late=sum(phase.due is Due.AT_TAG for tick, phase in acts if not tick.before_tag),
        in_bulk=len([tick for tick, _ in acts if tick.boxes >= bulk]),
        not_applicable=not_applicable,
        open=len(rest) - not_applicable,
        judgement=Judgement.UNKNOWN,
    )
    return _judged(counts, enough, conditional=all(item.asked.conditional for item in items))


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
