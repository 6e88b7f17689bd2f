"""What each item is worth: how it fared in release after release. Pure.

An item that nobody ever ticks is dead, one that is always ticked after the release comes too late to help, and one
that only ever goes with a heap of others in one commit is rubber-stamped. One that depends on something ("if
applicable") and is never ticked never applies. An untouched contingency item is a good sign, so such items are not
judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from checktrail.metrics.cycles import CycleItem
from checktrail.metrics.scope import Scope
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
    found: dict[str, list[CycleItem]] = {}
    for dated in reversed(scope.releases):  # the newest first: it gives order, place and words
        for kin, item in _once(dated.cycle.items if dated.cycle is not None else ()).items():
            found.setdefault(kin, []).append(item)
    return tuple(_worth(items, bulk, enough) for items in found.values())


def _once(items: Iterable[CycleItem]) -> Mapping[str, CycleItem]:
    """Kin to item, one a release: a list that asks the same thing twice still asks one thing."""
    found: dict[str, CycleItem] = {}
    for item in items:
        found.setdefault(item.kin, item)
    return found


def _worth(items: Sequence[CycleItem], bulk: int, enough: int) -> Worth:
    newest = items[0]
    finals = [_final(item) for item in items]
    ticked = [item for item, final in zip(items, finals, strict=True) if final is State.TICKED]
    acts = [(item.tick, item.phase) for item in ticked if item.tick is not None]
    not_applicable = finals.count(State.NOT_APPLICABLE)
    counts = Worth(
        kin=newest.kin,
        path=newest.path,
        line=newest.line,
        section=newest.section,
        text=newest.text,
        phase=newest.phase,
        releases=len(items),
        ticked=len(ticked),
        late=sum(phase.due is Due.AT_TAG for tick, phase in acts if not tick.before_tag),
        in_bulk=sum(tick.boxes >= bulk for tick, _ in acts),
        not_applicable=not_applicable,
        open=len(items) - len(ticked) - not_applicable,
        judgement=Judgement.UNKNOWN,
    )
    return _judged(counts, enough, conditional=all(item.conditional for item in items))


def _final(item: CycleItem) -> State | None:
    """Its last state: at close, or at the tag if it was gone by then; a tick that was there once counts."""
    at_tag, at_close = item.at_tag, item.at_close
    if at_tag is State.TICKED or at_close is State.TICKED:
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
