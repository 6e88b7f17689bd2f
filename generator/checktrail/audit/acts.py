"""What happened to one sign-off item, as one release sees it. Pure.

The effective sign-off for a tag is the last event that ticked the item among the tag's ancestors, with the box still
ticked in the tag's tree. An item that was there ticked from the start has no such event: nobody was seen to tick it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from checktrail.audit.evidence import Evidence, Spot, Tagged
from checktrail.model import Change, Due, Event, State

TICKS: Final = frozenset({Change.TICKED, Change.TICKED_BY_MERGE})
_TAKES_BACK: Final = frozenset({Change.UNTICKED, Change.RESET, Change.DROPPED_BY_MERGE})
_OPENS: Final = frozenset({Change.CREATED, Change.UNTICKED, Change.RESET})
_MADE_AND_TICKED: Final = 2


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


class Act(NamedTuple):
    """One sign-off item and the event that ticked it, None where no commit was seen to.

    `later` is where the item stands when the release closes, None when it is gone by then; `text_now` its statement at
    HEAD. `within` are the item's events between base and tag, `after` those between tag and close. `withdrawn` took the
    tick back before the tag, though a merge shows it all the same; None as a rule. `is_eventful` is false where the
    item was opened, ticked and left alone: most are so, and most rules need not look at them.
    """

    spot: Spot
    status: Status
    event: Event | None
    relation: Relation
    later: Spot | None
    text_now: str | None
    within: tuple[Event, ...]
    after: tuple[Event, ...]
    withdrawn: Event | None = None
    is_eventful: bool = True

    @property
    def is_done(self) -> bool:
        """Whether somebody was seen to tick it for this release before the tag, or in it."""
        return self.status is Status.RECORDED


def act_of(evidence: Evidence, tagged: Tagged, spot: Spot) -> Act:
    """What happened to a sign-off item that stands in a tag's tree."""
    tag = tagged.release.commit
    later = evidence.scenes[tagged.closes[spot.sheet.path].commit].spot_of(spot)
    now = evidence.now.spot_of(spot)
    after = _after(evidence, tagged, later or spot)
    status, event = _effective(evidence, tagged, spot)
    if status is Status.OPEN and later is not None and later.is_ticked:
        event = _last_tick(after)
        # What is due when the release closes is not late by then.
        in_time = Status.RECORDED if spot.phase.due is Due.AT_CLOSE else Status.LATE
        status = in_time if event else status
    within = _among(evidence, spot, tagged.range)
    withdrawn = _withdrawn(evidence, tag, event, within if status is Status.RECORDED else None, spot)
    is_plain = status is Status.RECORDED and withdrawn is None and _is_plain(spot, event, later, within)
    return Act(
        spot=spot,
        status=status,
        event=event,
        relation=relation(evidence, event, tag),
        later=later,
        text_now=now.item.text if now else None,
        within=within,
        after=after,
        withdrawn=withdrawn,
        is_eventful=not is_plain,
    )


def _is_plain(spot: Spot, tick: Event | None, later: Spot | None, within: Sequence[Event]) -> bool:
    """Whether an item was made or opened again, ticked, and left alone until its release closed, nothing filled in."""
    item = spot.item
    return (
        tick is not None
        and later is not None
        and tick.kind is Change.TICKED
        and later.is_ticked
        and tick.new_text == item.text == later.item.text
        and (tick.path, tick.section) == (spot.sheet.path, spot.section)
        and not (item.typed_names or item.typed_dates or item.blanks)
        and len(within) <= _MADE_AND_TICKED
        and all(event is tick or event.kind in _OPENS for event in within)
    )


def _effective(evidence: Evidence, tagged: Tagged, spot: Spot) -> tuple[Status, Event | None]:
    if spot.item.state is State.NOT_APPLICABLE:
        return Status.NOT_REQUIRED, None
    if not spot.is_ticked and (spot.item.conditional or spot.phase.due is Due.NEVER):
        return Status.NOT_REQUIRED, None
    if not spot.is_ticked:
        return Status.OPEN, None
    event = _last_tick(_among(evidence, spot, (spot.standing.since.commit,)))
    if event is None:
        return Status.BORN_TICKED, None
    is_carried = tagged.base is not None and evidence.trails.is_ancestor(event.commit, tagged.base)
    return Status.CARRIED_OVER if is_carried else Status.RECORDED, event


def _withdrawn(
    evidence: Evidence, tag: str, tick: Event | None, within: Sequence[Event] | None, spot: Spot
) -> Event | None:
    """What took a tick back on the way from it to the tag: a merge then chose the side that had not heard of it.

    `within` are the events to look at, None for all of the item's: what follows a tick of this release is of this
    release too.
    """
    if tick is None or not spot.is_ticked:
        return None
    is_ancestor = evidence.trails.is_ancestor
    for event in evidence.trails.events_of(spot.standing) if within is None else within:
        is_later = event.kind in _TAKES_BACK and event.commit != tick.commit
        if is_later and is_ancestor(tick.commit, event.commit) and is_ancestor(event.commit, tag):
            return event
    return None


def _after(evidence: Evidence, tagged: Tagged, spot: Spot) -> tuple[Event, ...]:
    """The item's events between tag and close, oldest first."""
    commits = tagged.after.get(spot.sheet.path)
    if commits is not None:
        return _among(evidence, spot, commits)
    # A checklist of the release's own closes at HEAD: its items have few events, and the way there is long.
    trails, tag = evidence.trails, tagged.release.commit
    close = evidence.head or tag
    return tuple(
        event
        for event in trails.events_of(spot.standing)
        if not trails.is_ancestor(event.commit, tag) and trails.is_ancestor(event.commit, close)
    )


def _among(evidence: Evidence, spot: Spot, commits: Iterable[str]) -> tuple[Event, ...]:
    """The item's events in some commits, oldest first."""
    standing = spot.standing
    found: list[Event] = []
    for item in (standing.item, *standing.also) if standing.also else (standing.item,):
        here = _by_commit(evidence, item)
        for commit in commits:
            if commit in here:
                found += here[commit]
    if len(found) > 1:
        found.sort(key=lambda event: evidence.trails.places[event.commit])
    return tuple(found)


@lru_cache(maxsize=1 << 14)
def _by_commit(evidence: Evidence, item: str) -> Mapping[str, Sequence[Event]]:
    """An item's events by commit, for all releases: a living checklist's items have events in every one of them."""
    found: dict[str, list[Event]] = {}
    for event in evidence.trails.by_item.get(item, ()):
        found.setdefault(event.commit, []).append(event)
    return found


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
