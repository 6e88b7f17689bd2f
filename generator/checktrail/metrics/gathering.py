"""Checklists at the tag and at close, with their trails, to `Cycle`s. Pure.

A tick belongs to a cycle when it turned the box and the base release does not hold it: boxes born ticked and boxes
still ticked from the last release have no act here. What is due after a tag and ticked after it belongs to that
release, also where a living list carries the tick on to the next one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import chain
from typing import NamedTuple

from checktrail.errors import InvariantError
from checktrail.history import Standing, Trails
from checktrail.metrics.cycles import Asked, Cycle, CycleItem, Roll, Said, Tick
from checktrail.model import Change, Checklist, Commit, Due, Item, State

_TICKS = (Change.TICKED, Change.TICKED_BY_MERGE)
_TICKED = State.TICKED  # asked of every item of every release: looked up by its name once
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
    acts = _Acts(trails.is_ancestor, commits, boxes, {}, {})
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


@dataclass(frozen=True)
class _Acts:
    """What turns standings into acts, and checklists into what they ask: both are asked for by cycle after cycle."""

    is_ancestor: Callable[[str, str], bool]
    commits: Mapping[str, Commit]
    boxes: Mapping[str, int]
    known: dict[tuple[str, int], tuple[Asked, ...]]
    rolls: dict[tuple[Asked, ...], Roll]

    def tick(self, commit: str, span: Span, *, before_tag: bool) -> Tick | None:
        """The act that ticked an item by a commit, if it is one of this cycle."""
        if span.base is not None and self.is_ancestor(commit, span.base):
            return None
        who, at = self.commits[commit].author.name, self.commits[commit].committed_at
        return Tick(who, at, commit, max(1, self.boxes.get(commit, 0)), before_tag)

    def asked(self, page: Page) -> tuple[Asked, ...]:
        """What a checklist asks; a living one's releases mostly share one value, which the pages hold."""
        key = page.path, id(page.checklist)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = tuple([_asked(page, item) for item in page.checklist.items])
        return found

    def roll(self, items: Iterable[CycleItem]) -> Roll:
        """All that is asked by items; items that ask the same share one value."""
        asked = tuple([item.asked for item in items])
        return self.rolls.setdefault(asked, Roll(asked))


def _asked(page: Page, item: Item) -> Asked:
    checklist, section = page.checklist, page.checklist.sections[item.section]
    role = _role(item.text, section.role) if item.signoff else None
    above = _above(checklist, item)
    return Asked(page.path, item.line, item.text, section.path, section.phase, item.conditional, role, above)


class _Ticks(NamedTuple):
    """The acts of one cycle by the commits that made them, as seen at the tag and at the close.

    One commit ticks many items, and is looked at once.
    """

    at_tag: Callable[[str], Tick | None]
    at_close: Callable[[str], Tick | None]


def _cycle(span: Span, acts: _Acts) -> Cycle:
    at_tag = cache(partial(acts.tick, span=span, before_tag=True))
    afterwards = cache(partial(acts.tick, span=span, before_tag=False))
    ticks = _Ticks(at_tag, at_tag if span.commit is None else afterwards)
    items = tuple(chain.from_iterable(_items(*sheet, ticks, acts) for sheet in span.sheets))
    latest = [page for at_tag, at_close in span.sheets if (page := at_close or at_tag) is not None]
    return Cycle(
        span.tag,
        items,
        acts.roll(items),
        tuple([said for page in latest for said in _said(page.checklist)]),
        tuple([page.checklist.title for page in latest]),
    )


class _Seat(NamedTuple):
    """One item of a page and where it stands."""

    asked: Asked
    state: State
    standing: Standing


def _items(at_tag: Page | None, at_close: Page | None, ticks: _Ticks, acts: _Acts) -> Iterator[CycleItem]:
    """The items of one checklist: those of the tag in its order, then those that came until the close."""
    if at_close is at_tag:  # as in most releases of a living list: reset right after the tag
        return _closed_at_the_tag(at_tag, ticks, acts) if at_tag is not None else iter(())
    return _closed_later(at_tag, at_close, ticks, acts)


def _closed_at_the_tag(page: Page, ticks: _Ticks, acts: _Acts) -> Iterator[CycleItem]:
    """The items of a checklist that stands at its close as it did at the tag: tens of thousands in a living list."""
    commits = acts.commits
    for asked, item, standing in zip(acts.asked(page), page.checklist.items, page.standings, strict=True):
        state, identity = item.state, standing.item
        act = _act(standing, ticks.at_tag) if state is _TICKED else None
        yield CycleItem(identity, identity, asked, state, state, act, commits[standing.created].committed_at)


def _closed_later(at_tag: Page | None, at_close: Page | None, ticks: _Ticks, acts: _Acts) -> Iterator[CycleItem]:
    before, after = ({seat.standing.item: seat for seat in _seats(page, acts)} for page in (at_tag, at_close))
    for identity in (*before, *(other for other in after if other not in before)):
        then, later = before.get(identity), after.get(identity)
        act = None  # by which it stands ticked at the tag, else at close
        if then is not None and then.state is _TICKED:
            act = _act(then.standing, ticks.at_tag)
        elif later is not None and later.state is _TICKED:
            act = _act(later.standing, ticks.at_close)
        asked, _, standing = then or later or _nowhere()
        made_at = acts.commits[standing.created].committed_at
        yield CycleItem(identity, identity, asked, then and then.state, later and later.state, act, made_at)


def _act(standing: Standing, made: Callable[[str], Tick | None]) -> Tick | None:
    """The act that ticked an item which stands ticked, if it is one of the cycle whose acts were made."""
    since = standing.since
    return made(since.commit) if since.kind in _TICKS else None


def _seats(page: Page | None, acts: _Acts) -> Iterator[_Seat]:
    if page is not None:
        for asked, item, standing in zip(acts.asked(page), page.checklist.items, page.standings, strict=True):
            yield _Seat(asked, item.state, standing)


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
    times = Counter([commit for cycle in cycles for commit in {tick.commit for tick in cycle.ticks}])
    shared = {commit for commit, n in times.items() if n > 1}
    seen: set[tuple[str, str]] = set()
    for cycle in cycles:
        if shared.isdisjoint([tick.commit for tick in cycle.ticks]):
            yield cycle
            continue
        ticked = [(item.item, item.tick.commit) for item in cycle.items if item.tick is not None]
        acts = {act for act in ticked if act[1] in shared}
        again = acts & seen
        seen |= acts
        yield replace(cycle, items=tuple([_without(item, again) for item in cycle.items])) if again else cycle


def _without(item: CycleItem, again: set[tuple[str, str]]) -> CycleItem:
    if item.tick is not None and (item.item, item.tick.commit) in again and item.asked.phase.due is not Due.AT_TAG:
        return item._replace(tick=None)
    return item


def _related(cycles: Sequence[Cycle], sources: Mapping[str, str]) -> tuple[Cycle, ...]:
    """Cycles whose items share their `kin` with their copies.

    A copy's kin is its source's. Lists that were begun anew for each release have no source: there the same words in
    the same section of a file that differs in its version only are the same item.
    """
    # Most releases of a living list say of the same items the same, and so nothing new of who is whose kin.
    told = {(cycle.roll, tuple([item.item for item in cycle.items])): None for cycle in cycles}
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
    if not sources and all(root == kin for root, kin in roots.items()):
        return tuple(cycles)  # a living list's items are their own kin: a million of them need no copies
    return tuple(
        replace(cycle, items=tuple([_kindred(item, roots[roots_of[item.item]]) for item in cycle.items]))
        for cycle in cycles
    )


def _kindred(item: CycleItem, kin: str) -> CycleItem:
    return item if item.kin == kin else item._replace(kin=kin)


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
