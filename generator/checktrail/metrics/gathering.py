"""Checklists at the tag and at close, with their trails, to `Cycle`s. Pure.

A tick belongs to a cycle when it turned the box and the base release does not hold it: boxes born ticked and boxes
still ticked from the last release have no act here. What is due after a tag and ticked after it belongs to that
release, also where a living list carries the tick on to the next one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import chain
from typing import NamedTuple, TypeVar

from checktrail.errors import InvariantError
from checktrail.history import Standing, Trails
from checktrail.history.trails import Since
from checktrail.metrics.cycles import Asked, Cycle, CycleItem, Roll, Said, Tick
from checktrail.model import Change, Checklist, Commit, Due, Item, State

_TICKS = (Change.TICKED, Change.TICKED_BY_MERGE)
_TICKED = State.TICKED  # asked of every item of every release: looked up by its name once
_T = TypeVar("_T")
_VERSION = re.compile(r"v?[0-9]+(?:[._-][0-9A-Za-z]+)*")
_ASIDE = re.compile(r"\([^()]*\)|[~*_`]|_{3,}|@[\w-]+|<!--.*?-->")
_SIGNED = re.compile(
    r"\b(?:sign(?:ed)?[- ]?off|approval|approved|obtained|received|given|complete[d]?|by|from|date)\b|[^\w\s/&-]",
    re.IGNORECASE,
)


class Page(NamedTuple):
    """A checklist as some commits have it; `standings` are aligned with its items."""

    path: str
    checklist: Checklist
    standings: Sequence[Standing]


@dataclass(frozen=True, slots=True)
class Span:
    """What one cycle is made of.

    `tag` and `commit` are those of the release, None in the current cycle. `base` is the commit of the release before,
    None for the first. `sheets` are the cycle's checklists, each as at the tag and as at close, None where it is not.
    """

    tag: str | None
    commit: str | None
    base: str | None
    sheets: tuple[tuple[Page | None, Page | None], ...]


def cycles(spans: Iterable[Span], trails: Trails, commits: Mapping[str, Commit]) -> tuple[Cycle, ...]:
    """The cycles of spans in the order of releases, the current one last."""
    boxes = Counter([event.commit for event in trails.events if event.kind in _TICKS])
    acts = _Acts(trails.is_ancestor, commits, boxes)
    spans = tuple(spans)
    found = tuple([_cycle(span, acts) for span in spans])
    return _related(tuple(_own_ticks(found)), _sources(spans))


def _sources(spans: Iterable[Span]) -> Mapping[str, str]:
    """Items that were copied, and what each was copied from."""
    found: dict[str, str] = {}
    for at_tag, at_close in (sheet for span in spans for sheet in span.sheets):
        for page in (at_tag, at_close if at_close is not at_tag else None):
            standings = page.standings if page is not None else ()
            found.update([(one.item, one.derived_from) for one in standings if one.derived_from is not None])
    return found


class _Told(NamedTuple):
    """What a checklist asks, and the states of its items."""

    roll: Roll
    states: tuple[State, ...]


@dataclass(frozen=True)
class _Acts:
    """What turns standings into acts, and checklists into what they ask: both are asked for by cycle after cycle."""

    is_ancestor: Callable[[str, str], bool]
    commits: Mapping[str, Commit]
    boxes: Mapping[str, int]

    def tick(self, commit: str, span: Span, *, before_tag: bool) -> Tick | None:
        """The act that ticked an item by a commit, if it is one of this cycle."""
        if span.base is not None and self.is_ancestor(commit, span.base):
            return None
        who, at = self.commits[commit].author.name, self.commits[commit].committed_at
        return Tick(who, at, commit, max(1, self.boxes.get(commit, 0)), before_tag)

    def told(self, page: Page) -> _Told:
        """What a checklist tells; a living one's releases mostly share one value, which the pages hold."""
        key = page.path, id(page.checklist)
        found = self._told.get(key)
        if found is None:
            items = page.checklist.items
            roll = self.roll(tuple([_asked(page, item) for item in items]))
            found = self._told[key] = _Told(roll, tuple([item.state for item in items]))
        return found

    def roll(self, asked: tuple[Asked, ...]) -> Roll:
        """The one value for all that ask the same."""
        return self._rolls.setdefault(asked, Roll(asked))

    def times(self, created: tuple[str, ...]) -> tuple[int, ...]:
        """When each of some commits was made."""
        if created not in self._times:
            self._times[created] = tuple([self.commits[commit].committed_at for commit in created])
        return self._times[created]

    @cached_property
    def _told(self) -> dict[tuple[str, int], _Told]:
        return {}

    @cached_property
    def _rolls(self) -> dict[tuple[Asked, ...], Roll]:
        return {}

    @cached_property
    def _times(self) -> dict[tuple[str, ...], tuple[int, ...]]:
        return {}


def _asked(page: Page, item: Item) -> Asked:
    checklist, section = page.checklist, page.checklist.sections[item.section]
    role = _role(item.text, section.role) if item.signoff else None
    above = _above(checklist, item)
    return Asked(page.path, item.line, item.text, section.path, section.phase, item.conditional, role, above)


class _Ticks(dict[Since, Tick | None]):
    """The acts by which the items of one cycle stand ticked: one ticks many items, and is looked at once."""

    def __init__(self, act: Callable[[str], Tick | None]) -> None:
        super().__init__()
        self._act = act

    def __missing__(self, since: Since) -> Tick | None:
        self[since] = found = self._act(since.commit) if since.kind in _TICKS else None
        return found


class _Part(NamedTuple):
    """What one checklist is of a cycle, by columns as there."""

    roll: Roll
    items: tuple[str, ...]
    at_tag: tuple[State | None, ...]
    at_close: tuple[State | None, ...]
    ticks: tuple[Tick | None, ...]
    created_at: tuple[int, ...]


def _cycle(span: Span, acts: _Acts) -> Cycle:
    at_tag = _Ticks(partial(acts.tick, span=span, before_tag=True))
    at_close = at_tag if span.commit is None else _Ticks(partial(acts.tick, span=span, before_tag=False))
    # Most releases of a living list are reset right after the tag, where it stands as at its close.
    parts = [
        _closed_at_the_tag(then, at_tag, acts)
        if then is not None and later is then
        else _closed_later(tuple(_later(then, later, (at_tag, at_close), acts)), acts)
        for then, later in span.sheets
    ]
    part = parts[0] if len(parts) == 1 else _joined(parts, acts)
    latest = [page for then, later in span.sheets if (page := later or then) is not None]
    return Cycle(
        span.tag,
        part.roll,
        part.items,
        part.items,
        part.at_tag,
        part.at_close,
        part.ticks,
        part.created_at,
        tuple([said for page in latest for said in _said(page.checklist)]),
        tuple([page.checklist.title for page in latest]),
    )


def _joined(parts: Sequence[_Part], acts: _Acts) -> _Part:
    return _Part(
        acts.roll(_flat([part.roll.asked for part in parts])),
        _flat([part.items for part in parts]),
        _flat([part.at_tag for part in parts]),
        _flat([part.at_close for part in parts]),
        _flat([part.ticks for part in parts]),
        _flat([part.created_at for part in parts]),
    )


def _flat(columns: Iterable[tuple[_T, ...]]) -> tuple[_T, ...]:
    return tuple(chain.from_iterable(columns))


def _closed_at_the_tag(page: Page, ticks: _Ticks, acts: _Acts) -> _Part:
    """A checklist that stands at its close as it did at the tag."""
    roll, states = acts.told(page)
    stood = list(zip(states, page.standings, strict=True))
    return _Part(
        roll,
        tuple([one.item for _, one in stood]),
        states,
        states,
        tuple([ticks[one.since] if state is _TICKED else None for state, one in stood]),
        acts.times(tuple([one.created for _, one in stood])),
    )


def _closed_later(items: Sequence[CycleItem], acts: _Acts) -> _Part:
    return _Part(
        acts.roll(tuple([one.asked for one in items])),
        tuple([one.item for one in items]),
        tuple([one.at_tag for one in items]),
        tuple([one.at_close for one in items]),
        tuple([one.tick for one in items]),
        tuple([one.created_at for one in items]),
    )


def _later(
    at_tag: Page | None, at_close: Page | None, ticks: tuple[_Ticks, _Ticks], acts: _Acts
) -> Iterator[CycleItem]:
    """The items of one checklist: those of the tag in its order, then those that came until the close."""
    before, after = _seats(at_tag, acts), _seats(at_close, acts)
    for identity in (*before, *(other for other in after if other not in before)):
        then, later = before.get(identity), after.get(identity)
        act = None  # by which it stands ticked at the tag, else at close
        if then is not None and then.state is _TICKED:
            act = ticks[0][then.standing.since]
        elif later is not None and later.state is _TICKED:
            act = ticks[1][later.standing.since]
        asked, _, standing = then or later or _nowhere()
        made_at = acts.commits[standing.created].committed_at
        yield CycleItem(identity, identity, asked, then and then.state, later and later.state, act, made_at)


class _Seat(NamedTuple):
    """One item of a page and where it stands."""

    asked: Asked
    state: State
    standing: Standing


def _seats(page: Page | None, acts: _Acts) -> Mapping[str, _Seat]:
    """The items of a page by their identities, in its order."""
    if page is None:
        return {}
    roll, states = acts.told(page)
    return {seat[2].item: _Seat(*seat) for seat in zip(roll.asked, states, page.standings, strict=True)}


def _nowhere() -> _Seat:
    raise InvariantError("an item of a cycle stands neither at its tag nor at its close")


@lru_cache(maxsize=1 << 14)
def _role(text: str, office: str | None) -> str:
    """Whose sign-off an item is: the office its heading names, else what is left of its own words."""
    own = " ".join(_SIGNED.sub(" ", _ASIDE.sub(" ", text)).split())
    return office or own or text


def _above(checklist: Checklist, item: Item) -> tuple[str, ...]:
    """The texts of the items above one, from its parent up."""
    if item.parent is None:
        return ()
    parent = checklist.items[item.parent]
    return (parent.text, *_above(checklist, parent))


def _said(checklist: Checklist) -> Iterator[Said]:
    return (Said(fact.key, fact.value, checklist.sections[fact.section].path) for fact in checklist.facts)


def _own_ticks(cycles: Sequence[Cycle]) -> Iterator[Cycle]:
    """Cycles in order, each without the ticks after a tag that an earlier one has already."""
    # Only what one commit ticked can be in two cycles, and most commits ticked for one.
    times = Counter([commit for cycle in cycles for commit in {tick.commit for tick in cycle.acts}])
    shared = {commit for commit, n in times.items() if n > 1}
    seen: set[tuple[str, str]] = set()
    for cycle in cycles:
        if shared.isdisjoint([tick.commit for tick in cycle.acts]):
            yield cycle
            continue
        ticked = [(item, tick.commit) for item, tick in zip(cycle.items, cycle.ticks, strict=True) if tick is not None]
        again = seen.intersection(ticked)
        seen.update(act for act in ticked if act[1] in shared)
        yield replace(cycle, ticks=_without(again, cycle)) if again else cycle


def _without(again: Collection[tuple[str, str]], cycle: Cycle) -> tuple[Tick | None, ...]:
    """A cycle's ticks without those of earlier cycles, save what is due at its own tag."""
    columns = zip(cycle.roll.asked, cycle.items, cycle.ticks, strict=True)
    return tuple(
        [
            None if tick is not None and (item, tick.commit) in again and asked.phase.due is not Due.AT_TAG else tick
            for asked, item, tick in columns
        ]
    )


def _related(cycles: Sequence[Cycle], sources: Mapping[str, str]) -> tuple[Cycle, ...]:
    """Cycles whose items share their `kin` with their copies.

    A copy's kin is its source's. Lists that were begun anew for each release have no source: there the same words in
    the same section of a file that differs in its version only are the same item.
    """
    # Most releases of a living list say of the same items the same, and so nothing new of who is whose kin.
    told = dict.fromkeys([(cycle.roll, cycle.items) for cycle in cycles])
    roots_of = {item: item for _, items in told for item in items}
    roots_of |= {item: _root(item, sources) for item in sources}
    words: dict[tuple[object, ...], dict[str, None]] = {}
    roots: dict[str, str] = {}
    for roll, items in told:
        asked = [_wording(one.path, one.section, one.text) for one in roll.asked]
        own = [(roots_of[item], wording) for item, wording in zip(items, asked, strict=True)]
        # Two items of one list that differ in a number alone ("Python 3.11", "Python 3.12") are two.
        taken = {roots[root] for root, _ in own if root in roots}
        free: dict[tuple[object, ...], Iterator[str]] = {}
        for root, wording in own:
            alike = words.setdefault(wording, {})
            if root not in roots:
                if wording not in free:
                    free[wording] = iter([kin for kin in alike if kin not in taken])
                roots[root] = next(free[wording], root)
            alike[roots[root]] = None
    kins = {items: tuple([roots[roots_of[item]] for item in items]) for _, items in told}
    return tuple([replace(cycle, kins=kins[cycle.items]) for cycle in cycles])


def _root(identity: str, sources: Mapping[str, str]) -> str:
    seen = {identity}
    while (source := sources.get(identity)) is not None and source not in seen:
        seen.add(source)
        identity = source
    return identity


@lru_cache(maxsize=1 << 16)
def _wording(path: str, section: tuple[str, ...], text: str) -> tuple[object, ...]:
    """What an item asks, and where, whatever version it names; each is asked again for every release."""
    words = " ".join(_ASIDE.sub(" ", _VERSION.sub("#", text)).split()).casefold()
    return (_VERSION.sub("#", path), tuple(_VERSION.sub("#", heading).casefold() for heading in section), words)
