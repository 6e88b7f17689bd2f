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
    def born_in(self) -> str | None:
        """The commit with which an item came ticked, where nobody was seen to tick it; None for any other."""
        return self.spot.standing.since.commit if self.status is Status.BORN_TICKED else None

    @property
    def is_done(self) -> bool:
        """Whether somebody was seen to tick it for this release before the tag, or in it."""
        return self.status is Status.RECORDED


class Course(NamedTuple):
    """One checklist of one release on its way from the base by the tag to its close; what its items' acts are told of.

    `range` are the commits between base and tag, `after` those between tag and close, None where that is HEAD; only
    such as touched checklists, parents first. `fresh` are those of the range, to look one up.
    """

    evidence: Evidence
    tag: str
    base: str | None
    range: tuple[str, ...]
    close: Scene
    now: Scene
    after: tuple[str, ...] | None
    fresh: frozenset[str]


def course_of(evidence: Evidence, tagged: Tagged, path: str) -> Course:
    """The course of a checklist in a tag's tree."""
    close, after = evidence.scenes[tagged.closes[path].commit], tagged.after.get(path)
    on_the_way = _touching(evidence, tagged.range)
    return Course(
        evidence, tagged.release.commit, tagged.base, on_the_way, close, evidence.now,
        None if after is None else _touching(evidence, after), frozenset(on_the_way),
    )  # fmt: skip


def _touching(evidence: Evidence, commits: Iterable[str]) -> tuple[str, ...]:
    """Those of some commits that touched checklists, parents first."""
    places = evidence.trails.places
    return tuple(sorted([commit for commit in commits if commit in places], key=places.__getitem__))


def act_of(course: Course, spot: Spot) -> Act:
    """What happened to a sign-off item that stands in a tag's tree."""
    standing = spot.standing
    later, now = course.close.spot_of(spot), course.now.spot_of(spot)
    known = _events(course.evidence, standing)
    after = _after(course, spot if later is None else later, spot, known)
    status, event = _effective(course, spot, known)
    if status is Status.OPEN and later is not None and later.is_ticked:
        event = _last_tick(after)
        # What is due when the release closes is not late by then.
        in_time = Status.RECORDED if spot.phase.due is Due.AT_CLOSE else Status.LATE
        status = in_time if event else status
    within = _among(known, course.range)
    withdrawn = _withdrawn(course, event, within if status is Status.RECORDED else None, spot)
    is_plain = status is Status.RECORDED and withdrawn is None and _is_plain(spot, event, later, within)
    return Act(
        spot, status, event, _relation(course, event), later, now.item.text if now else None,
        within, after, withdrawn, not is_plain,
    )  # fmt: skip


def _is_plain(spot: Spot, tick: Event | None, later: Spot | None, within: Sequence[Event]) -> bool:
    """Whether an item was made or opened again, ticked, and left alone until its release closed, nothing filled in."""
    sheet, item, _, _ = spot
    return (
        tick is not None
        and later is not None
        and tick.kind is Change.TICKED
        and later.item.state is State.TICKED
        and tick.new_text == item.text == later.item.text
        and tick.path == sheet.path
        and tick.section == sheet.checklist.sections[item.section].path
        and not (item.typed_names or item.typed_dates or item.blanks)
        and len(within) <= _MADE_AND_TICKED
        and not [event for event in within if event is not tick and event.kind not in _OPENS]
    )


def _effective(course: Course, spot: Spot, known: _Events) -> tuple[Status, Event | None]:
    item = spot.item
    if item.state is State.NOT_APPLICABLE:
        return Status.NOT_REQUIRED, None
    if item.state is State.OPEN:
        is_never_due = item.conditional or spot.phase.due is Due.NEVER
        return Status.NOT_REQUIRED if is_never_due else Status.OPEN, None
    event = _last_tick(known.get(spot.standing.since.commit, ()))
    if event is None:
        return Status.BORN_TICKED, None
    is_carried = (
        event.commit not in course.fresh
        and course.base is not None
        and course.evidence.trails.is_ancestor(event.commit, course.base)
    )
    return Status.CARRIED_OVER if is_carried else Status.RECORDED, event


def _withdrawn(course: Course, tick: Event | None, within: Sequence[Event] | None, spot: Spot) -> Event | None:
    """What took a tick back on the way from it to the tag: a merge then chose the side that had not heard of it.

    `within` are the events to look at, None for all of the item's: what follows a tick of this release is of this
    release too.
    """
    if tick is None or not spot.is_ticked:
        return None
    trails = course.evidence.trails
    if within and within[-1] is tick:
        return None  # parents come first: nothing before the tick descends from it
    for event in trails.events_of(spot.standing) if within is None else within:
        is_later = event.kind in _TAKES_BACK and event.commit != tick.commit
        if is_later and trails.is_ancestor(tick.commit, event.commit) and trails.is_ancestor(event.commit, course.tag):
            return event
    return None


def _after(course: Course, later: Spot, spot: Spot, known: _Events) -> tuple[Event, ...]:
    """The item's events between tag and close, oldest first; `known` are those of the item as the tag has it."""
    evidence, commits, tag, standing = course.evidence, course.after, course.tag, later.standing
    if commits is not None:
        is_same = standing.item == spot.standing.item and standing.also == spot.standing.also
        return _among(known if is_same else _events(evidence, standing), commits)
    # A checklist of the release's own closes at HEAD: its items have few events, and the way there is long.
    trails = evidence.trails
    close = evidence.head or tag
    return tuple(
        event
        for event in trails.events_of(standing)
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
    tag, is_ancestor = course.tag, course.evidence.trails.is_ancestor
    if event.commit == tag:
        return Relation.IN_TAG_COMMIT
    if event.commit in course.fresh or is_ancestor(event.commit, tag):
        return Relation.BEFORE_TAG
    return Relation.AFTER_TAG if is_ancestor(tag, event.commit) else Relation.NOT_REACHABLE
