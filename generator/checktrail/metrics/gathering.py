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
from typing import NamedTuple

from checktrail.errors import InvariantError
from checktrail.history import Standing, Trails
from checktrail.history.trails import Since
from checktrail.metrics.cycles import Cycle, CycleItem, Said, Tick
from checktrail.model import Change, Checklist, Commit, Due, Item, Phase, State

_TICKS = (Change.TICKED, Change.TICKED_BY_MERGE)
_VERSION = re.compile(r"v?[0-9]+(?:[._-][0-9A-Za-z]+)*")
_ASIDE = re.compile(r"\([^()]*\)|[~*_`]|_{3,}|@[\w-]+|<!--.*?-->")
_SIGNED = re.compile(
    r"\b(?:sign(?:ed)?[- ]?off|approval|approved|obtained|received|given|complete[d]?|by|from|date)\b|[^\w\s/&-]",
    re.IGNORECASE,
)


class Page(NamedTuple):
    """A checklist at a commit; `standings` are aligned with its items."""

    path: str
    commit: str
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
    boxes = Counter(event.commit for event in trails.events if event.kind in _TICKS)
    acts = _Acts(trails.is_ancestor, commits, boxes, {})
    sources: dict[str, str] = {}
    spans = tuple(spans)
    for page in _pages(spans):
        sources.update({one.item: one.derived_from for one in page.standings if one.derived_from is not None})
    found = tuple(_cycle(span, acts) for span in spans)
    return _related(tuple(_own_ticks(found)), sources)


class _Words(NamedTuple):
    """What a checklist says of one item, at whatever commit."""

    line: int
    text: str
    section: tuple[str, ...]
    phase: Phase
    conditional: bool
    role: str | None
    above: tuple[str, ...]


@dataclass(frozen=True)
class _Acts:
    """What turns standings into acts, and checklists into words: both are asked again by cycle after cycle."""

    is_ancestor: Callable[[str, str], bool]
    commits: Mapping[str, Commit]
    boxes: Mapping[str, int]
    known: dict[int, tuple[_Words, ...]]

    def tick(self, since: Since, span: Span, *, before_tag: bool) -> Tick | None:
        """The act that ticked an item, if it is one of this cycle."""
        if since.kind not in _TICKS or (span.base is not None and self.is_ancestor(since.commit, span.base)):
            return None
        commit = self.commits[since.commit]
        boxes = max(1, self.boxes.get(commit.id, 0))
        return Tick(commit.author.name, commit.committed_at, commit.id, boxes, before_tag)

    def words(self, checklist: Checklist) -> tuple[_Words, ...]:
        """What a checklist says of its items; a living one's releases mostly share one value, which the pages hold."""
        found = self.known.get(id(checklist))
        if found is None:
            found = self.known[id(checklist)] = tuple(_words(checklist, item) for item in checklist.items)
        return found


def _words(checklist: Checklist, item: Item) -> _Words:
    section = checklist.sections[item.section]
    role = _role(item.text, section.role) if item.signoff else None
    above = _above(checklist, item)
    return _Words(item.line, item.text, section.path, section.phase, item.conditional, role, above)


def _pages(spans: Iterable[Span]) -> Iterator[Page]:
    return (page for span in spans for sheet in span.sheets for page in sheet if page is not None)


def _cycle(span: Span, acts: _Acts) -> Cycle:
    latest = [at_close or at_tag for at_tag, at_close in span.sheets]
    return Cycle(
        span.tag,
        tuple(item for at_tag, at_close in span.sheets for item in _items(at_tag, at_close, span, acts)),
        tuple(said for page in latest if page is not None for said in _said(page.checklist)),
        tuple(page.checklist.title for page in latest if page is not None),
    )


class _Seat(NamedTuple):
    """One item of a page and where it stands."""

    path: str
    words: _Words
    state: State
    standing: Standing


def _items(at_tag: Page | None, at_close: Page | None, span: Span, acts: _Acts) -> Iterator[CycleItem]:
    """The items of one checklist: those of the tag in its order, then those that came until the close."""
    # One commit ticks many items, and is looked at once.
    tick = cache(partial(acts.tick, span=span))
    if at_close is at_tag:  # as in most releases of a living list: reset right after the tag
        if at_tag is not None:
            yield from _closed_at_the_tag(at_tag, tick, acts)
        return
    before, after = ({seat.standing.item: seat for seat in _seats(page, acts)} for page in (at_tag, at_close))
    for identity in (*before, *(other for other in after if other not in before)):
        then, later = before.get(identity), after.get(identity)
        act = None  # by which it stands ticked at the tag, else at close
        if then is not None and then.state is State.TICKED:
            act = tick(then.standing.since, before_tag=True)
        elif later is not None and later.state is State.TICKED:
            act = tick(later.standing.since, before_tag=span.commit is None)
        yield _item(then or later or _nowhere(), then and then.state, later and later.state, act, acts)


def _closed_at_the_tag(page: Page, tick: Callable[..., Tick | None], acts: _Acts) -> Iterator[CycleItem]:
    """The items of a checklist that stands at its close as it did at the tag: tens of thousands in a living list."""
    commits, path = acts.commits, page.path
    for words, item, standing in zip(acts.words(page.checklist), page.checklist.items, page.standings, strict=True):
        line, text, section, phase, conditional, role, above = words
        state, identity = item.state, standing.item
        act = tick(standing.since, before_tag=True) if state is State.TICKED else None
        made_at = commits[standing.created].committed_at
        yield CycleItem(
            identity, identity, path, line, text, section, phase, state, state, act, made_at, conditional, role, above
        )


def _seats(page: Page | None, acts: _Acts) -> Iterator[_Seat]:
    if page is not None:
        for words, item, standing in zip(acts.words(page.checklist), page.checklist.items, page.standings, strict=True):
            yield _Seat(page.path, words, item.state, standing)


def _item(seat: _Seat, at_tag: State | None, at_close: State | None, act: Tick | None, acts: _Acts) -> CycleItem:
    path, words, _, standing = seat
    identity = standing.item
    line, text, section, phase, conditional, role, above = words
    made_at = acts.commits[standing.created].committed_at
    return CycleItem(
        identity, identity, path, line, text, section, phase, at_tag, at_close, act, made_at, conditional, role, above
    )


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


def _own_ticks(cycles: Iterable[Cycle]) -> Iterator[Cycle]:
    """Cycles in order, each without the ticks after a tag that an earlier one has already."""
    seen: set[tuple[str, str]] = set()
    for cycle in cycles:
        acts = {(item.item, item.tick.commit) for item in cycle.items if item.tick is not None}
        again = acts & seen
        seen |= acts
        yield replace(cycle, items=tuple(_without(item, again) for item in cycle.items)) if again else cycle


def _without(item: CycleItem, again: set[tuple[str, str]]) -> CycleItem:
    if item.tick is not None and (item.item, item.tick.commit) in again and item.phase.due is not Due.AT_TAG:
        return item._replace(tick=None)
    return item


def _related(cycles: Sequence[Cycle], sources: Mapping[str, str]) -> tuple[Cycle, ...]:
    """Cycles whose items share their `kin` with their copies.

    A copy's kin is its source's. Lists that were begun anew for each release have no source: there the same words in
    the same section of a file that differs in its version only are the same item.
    """
    roots_of = {item.item: item.item for cycle in cycles for item in cycle.items}
    roots_of |= {item: _root(item, sources) for item in sources}
    words: dict[tuple[object, ...], dict[str, None]] = {}
    roots: dict[str, str] = {}
    for cycle in cycles:
        own = [(roots_of[item.item], _wording(item.path, item.section, item.text)) for item in cycle.items]
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
