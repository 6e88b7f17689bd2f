"""What happened to one sign-off item, as one release sees it. Pure.

The effective sign-off for a tag is the last event that ticked the item among the tag's ancestors, with the box still
ticked in the tag's tree. An item that was there ticked from the start has no such event: nobody was seen to tick it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from checktrail.audit.evidence import Evidence, Spot, Tagged
from checktrail.model import Change, Event, State

TICKS: Final = frozenset({Change.TICKED, Change.TICKED_BY_MERGE})


class Status(StrEnum):
    """How a sign-off stands for a release."""

    RECORDED = "recorded"
    OPEN = "open"
    LATE = "late"
    BORN_TICKED = "born-ticked"
    CARRIED_OVER = "carried-over"
    NOT_REQUIRED = "not-required"


class Relation(StrEnum):
    """Where the ticking commit lies from the tag; by topology, never by date."""

    BEFORE_TAG = "before-tag"
    IN_TAG_COMMIT = "in-tag-commit"
    AFTER_TAG = "after-tag"
    NOT_REACHABLE = "not-reachable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Act:
    """One sign-off item and the event that ticked it, None where no commit was seen to.

    `later` is where the item stands when the release closes, None when it is gone by then; `text_now` its statement at
    HEAD. `events` are the item's events among the tag's ancestors and, after them, those up to the close.
    """

    spot: Spot
    status: Status
    event: Event | None
    relation: Relation
    later: Spot | None
    text_now: str | None
    events: tuple[Event, ...]

    @property
    def is_done(self) -> bool:
        """Whether somebody was seen to tick it for this release before the tag, or in it."""
        return self.status is Status.RECORDED


def act_of(evidence: Evidence, tagged: Tagged, spot: Spot) -> Act:
    """What happened to a sign-off item that stands in a tag's tree."""
    trails, tag = evidence.trails, tagged.release.commit
    close = tagged.closes[spot.sheet.path].commit
    later = evidence.scenes[close].spot_of(spot)
    now = evidence.now.spot_of(spot)
    before = trails.events_of(spot.standing, at=tag)
    after = tuple(
        event
        for event in trails.events_of((later or spot).standing)
        if not trails.is_ancestor(event.commit, tag) and trails.is_ancestor(event.commit, close)
    )
    status, event = _effective(evidence, tagged, spot, before)
    if status is Status.OPEN and later is not None and later.is_ticked:
        late = _last_tick(after)
        status, event = (Status.LATE, late) if late else (status, None)
    return Act(
        spot=spot,
        status=status,
        event=event,
        relation=relation(evidence, event, tag),
        later=later,
        text_now=now.item.text if now else None,
        events=before + after,
    )


def _effective(
    evidence: Evidence, tagged: Tagged, spot: Spot, before: tuple[Event, ...]
) -> tuple[Status, Event | None]:
    if spot.item.state is State.NOT_APPLICABLE or (spot.item.conditional and not spot.is_ticked):
        return Status.NOT_REQUIRED, None
    if not spot.is_ticked:
        return Status.OPEN, None
    since = spot.standing.since
    event = next((one for one in reversed(before) if one.kind in TICKS and one.commit == since.commit), None)
    if event is None:
        return Status.BORN_TICKED, None
    is_carried = tagged.base is not None and evidence.trails.is_ancestor(event.commit, tagged.base)
    return Status.CARRIED_OVER if is_carried else Status.RECORDED, event


def _last_tick(events: tuple[Event, ...]) -> Event | None:
    return next((event for event in reversed(events) if event.kind in TICKS), None)


def relation(evidence: Evidence, event: Event | None, tag: str) -> Relation:
    """Where an event's commit lies from a tagged one."""
    if event is None:
        return Relation.UNKNOWN
    if event.commit == tag:
        return Relation.IN_TAG_COMMIT
    if evidence.trails.is_ancestor(event.commit, tag):
        return Relation.BEFORE_TAG
    return Relation.AFTER_TAG if evidence.trails.is_ancestor(tag, event.commit) else Relation.NOT_REACHABLE
