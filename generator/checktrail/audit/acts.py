"""What happened to one sign-off item, as one release sees it. Pure.

The effective sign-off for a tag is the last event that ticked the item among the tag's ancestors, with the box still
ticked in the tag's tree. An item that was there ticked from the start has no such event: nobody was seen to tick it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from checktrail.audit.evidence import Evidence, Scene, Spot, Tagged
from checktrail.history import Standing
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


# Asked for with every item: Python 3.11 finds a module's name thirty times as fast as an enum's member.
_RECORDED, _IN_TAG_COMMIT, _BEFORE_TAG = Status.RECORDED, Relation.IN_TAG_COMMIT, Relation.BEFORE_TAG
_TICKED, _BY_HAND = State.TICKED, Change.TICKED


class Act(NamedTuple):
    """One sign-off item and the event that ticked it, None where no commit was seen to.

    `later` is where the item stands when the release closes, None when it is gone by then; `text_now` its statement at
    HEAD. `within` are the item's events between base and tag; those after it are asked for by `events_after`.
    `withdrawn` took the tick back before the tag, though a merge shows it all the same; None as a rule. `is_eventful`
    is false where the item was opened, ticked and left alone: most are so, and most rules need not look at them.
    """

    spot: Spot
    status: Status
    event: Event | None
    relation: Relation
    later: Spot | None
    text_now: str | None
    within: tuple[Event, ...]
    withdrawn: Event | None = None
    is_eventful: bool = True

    @property
    def born_in(self) -> str | None:
        """The commit with which an item came ticked, where nobody was seen to tick it; None for any other."""
        return self.spot.standing.since.commit if self.status is Status.BORN_TICKED else None

    @property
    def is_done(self) -> bool:
        """Whether somebody was seen to tick it for this release before the tag, or in it."""
        return self.status is Status.RECORDED


class Course(NamedTuple):
    """One checklist of one release on its way from the base by the tag to its close; what its items' acts are told of.

    `range` are the commits between base and tag that touched checklists, parents first; `fresh` the same, to look one
    up.
    """

    evidence: Evidence
    tagged: Tagged
    close: Scene
    now: Scene
    range: tuple[str, ...]
    fresh: frozenset[str]


def courses_of(evidence: Evidence, tagged: Tagged) -> dict[str, Course]:
    """The courses of a release's checklists, by their paths in the tag's tree."""
    on_the_way = _touching(evidence, tagged.range)
    fresh = frozenset(on_the_way)
    return {
        path: Course(evidence, tagged, evidence.scenes[close.commit], evidence.now, on_the_way, fresh)
        for path, close in tagged.closes.items()
    }


def _touching(evidence: Evidence, commits: Iterable[str]) -> tuple[str, ...]:
    """Those of some commits that touched checklists, parents first."""
    places = evidence.trails.places
    return tuple(sorted([commit for commit in commits if commit in places], key=places.__getitem__))


def act_of(course: Course, spot: Spot) -> Act:
    """What happened to a sign-off item that stands in a tag's tree."""
    later, now = course.close.spot_of(spot), course.now.spot_of(spot)
    known = _events(course.evidence, spot.standing)
    within = _among(known, course.range)
    status, event = _effective(course, spot, later, known)
    is_recorded = status is _RECORDED
    # Parents come first: where the tick is the last of them, nothing took it back.
    is_last = is_recorded and bool(within) and within[-1] is event
    withdrawn = None if is_last else _withdrawn(course, event, within if is_recorded else None, spot)
    is_plain = is_recorded and withdrawn is None and _is_plain(spot, event, later, within)
    return Act(
        spot, status, event, _relation(course, event), later, now.item.text if now else None,
        within, withdrawn, not is_plain,
    )  # fmt: skip


def _effective(course: Course, spot: Spot, later: Spot | None, known: _Events) -> tuple[Status, Event | None]:
    """How an item stands for the release, and the event by which it does."""
    state = spot.item.state
    if state is not _TICKED:
        return _unticked(course, spot, later)
    event = _last_tick(known.get(spot.standing.since.commit, ()))
    if event is None:
        return Status.BORN_TICKED, None
    if event.commit in course.fresh:
        return _RECORDED, event
    evidence, base = course.evidence, course.tagged.base
    is_carried = base is not None and evidence.trails.is_ancestor(event.commit, base)
    return Status.CARRIED_OVER if is_carried else _RECORDED, event


def _unticked(course: Course, spot: Spot, later: Spot | None) -> tuple[Status, Event | None]:
    """The same of an item that the tag's tree does not show as ticked; one ticked by the close was ticked late."""
    item, due = spot.item, spot.phase.due
    if item.state is State.NOT_APPLICABLE or item.conditional or due is Due.NEVER:
        return Status.NOT_REQUIRED, None
    event = None
    if later is not None and later.is_ticked:
        event = _last_tick(_after(course.evidence, course.tagged, spot, later))
    if event is None:
        return Status.OPEN, None
    # What is due when the release closes is not late by then.
    return _RECORDED if due is Due.AT_CLOSE else Status.LATE, event


def _is_plain(spot: Spot, tick: Event | None, later: Spot | None, within: Sequence[Event]) -> bool:
    """Whether an item was made or opened again, ticked, and left alone until its release closed, nothing filled in."""
    sheet, item, _, _ = spot
    return (
        tick is not None
        and later is not None
        and tick.kind is _BY_HAND
        and later.item.state is _TICKED
        and tick.new_text == item.text == later.item.text
        and tick.path == sheet.path
        and tick.section == sheet.checklist.sections[item.section].path
        and not (item.typed_names or item.typed_dates or item.blanks)
        and len(within) <= _MADE_AND_TICKED
        and not [event for event in within if event is not tick and event.kind not in _OPENS]
    )


def _withdrawn(course: Course, tick: Event | None, within: Sequence[Event] | None, spot: Spot) -> Event | None:
    """What took a tick back on the way from it to the tag: a merge then chose the side that had not heard of it.

    `within` are the events to look at, None for all of the item's: what follows a tick of this release is of this
    release too.
    """
    if tick is None or not spot.is_ticked:
        return None
    trails, tag = course.evidence.trails, course.tagged.release.commit
    for event in trails.events_of(spot.standing) if within is None else within:
        is_later = event.kind in _TAKES_BACK and event.commit != tick.commit
        if is_later and trails.is_ancestor(tick.commit, event.commit) and trails.is_ancestor(event.commit, tag):
            return event
    return None


def events_after(evidence: Evidence, tagged: Tagged, act: Act) -> tuple[Event, ...]:
    """An item's events between tag and close, oldest first."""
    return _after(evidence, tagged, act.spot, act.later or act.spot)


def _after(evidence: Evidence, tagged: Tagged, spot: Spot, later: Spot) -> tuple[Event, ...]:
    """The same, of the item as it stands at the close."""
    commits = tagged.after.get(spot.sheet.path)
    if commits is not None:
        return _among(_events(evidence, later.standing), _touching(evidence, commits))
    # A checklist of the release's own closes at HEAD: its items have few events, and the way there is long.
    trails, tag = evidence.trails, tagged.release.commit
    close = evidence.head or tag
    return tuple(
        event
        for event in trails.events_of(later.standing)
        if not trails.is_ancestor(event.commit, tag) and trails.is_ancestor(event.commit, close)
    )


_Events = Mapping[str, tuple[Event, ...]]
"""An item's events by commit."""


def _among(known: _Events, commits: Iterable[str]) -> tuple[Event, ...]:
    """The events in some commits, in the order of these."""
    found = [known[commit] for commit in commits if commit in known]
    return found[0] if len(found) == 1 else tuple(chain.from_iterable(found))


def _events(evidence: Evidence, standing: Standing) -> _Events:
    """An item's events by commit, under all of its identities."""
    if not standing.also:
        return _by_commit(evidence, standing.item)
    found: dict[str, tuple[Event, ...]] = {}
    for item in (standing.item, *standing.also):
        for commit, events in _by_commit(evidence, item).items():
            found[commit] = (*found.get(commit, ()), *events)
    return found


@lru_cache(maxsize=1 << 14)
def _by_commit(evidence: Evidence, item: str) -> _Events:
    """An item's events by commit, for all releases: a living checklist's items have events in every one of them."""
    found: dict[str, tuple[Event, ...]] = {}
    for event in evidence.trails.by_item.get(item, ()):
        commit = event.commit
        found[commit] = (*found[commit], event) if commit in found else (event,)
    return found


def _last_tick(events: Sequence[Event]) -> Event | None:
    for event in reversed(events):
        if event.kind in TICKS:
            return event
    return None


def _relation(course: Course, event: Event | None) -> Relation:
    """Where an event's commit lies from the tagged one."""
    if event is None:
        return Relation.UNKNOWN
    tag, commit, is_ancestor = course.tagged.release.commit, event.commit, course.evidence.trails.is_ancestor
    if commit == tag:
        return _IN_TAG_COMMIT
    if commit in course.fresh or is_ancestor(commit, tag):
        return _BEFORE_TAG
    return Relation.AFTER_TAG if is_ancestor(tag, commit) else Relation.NOT_REACHABLE
