"""What a walk leaves behind, as bytes and back, so that the next run begins where this one ended. Pure.

A run's share is one segment: the commits it walked, with their events, what stood after them and how they hang
together. Segments are read one after the other and then say what a walk over all their commits would say. One is JSON
and after it columns of numbers, so that no code runs when it is read; strings are written once and named by their
number; values of one kind are written column by column, since a column is read without a step of Python for each value.
A file's state is written as what differs from the state it was made from, and every so often whole.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Sequence
from functools import partial
from itertools import accumulate, chain, compress, count, islice, pairwise, repeat
from operator import is_not
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from checktrail.history.trails import Reset, Since, Standing, Tracked, Unread
from checktrail.model import Change, Commit, Event, Person, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from checktrail.history.walk import Walk

FORMAT: Final = "9"
"""Changes whenever the same history would give another segment, or the same segment be read otherwise."""

_CHANGES: Final = tuple(Change)
_CHANGE_NUMBERS: Final = {change: number for number, change in enumerate(_CHANGES)}
_STATES: Final = (*State, None)
_STATE_NUMBERS: Final = {state: number for number, state in enumerate(_STATES)}
K = TypeVar("K")
T = TypeVar("T")
_JSON: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False)
_NONE: Final = -1
"""The number of nothing: in every table that may be asked for it, nothing is the last."""
_WHOLE_AFTER: Final = 16
"""So many states of a file are written as differences, then one whole: reading one needs few others."""

_HEAD: Final = 4
"""So many bytes say how long the JSON is."""

_Source = tuple[str, int, int, int, Sequence[int]]
"""A file's state as written: its blob, the state it differs from, how much is that one's at head and tail, its own."""


class Kept:
    """The numbers of the standings and file states that are written already; shared by all segments of a walk."""

    def __init__(self) -> None:
        self._standings: list[Standing] = []
        self._standing_numbers: dict[int, int] = {}
        self._tracked: list[Tracked | None] = []
        self._tracked_numbers: dict[int, int] = {}
        self._sources: list[_Source] = []
        self._depths: list[int] = []
        self._events = self._resets = self._names = self._unread = 0

    # --- to bytes ---------------------------------------------------------------------------------------------------

    def packed(self, walk: Walk, commits: Iterable[Commit]) -> bytes:
        """The segment of some commits, just walked."""
        strings = _Strings()
        graph, people, deltas = [], [], []
        first = len(self._sources), len(self._standings)
        for commit in commits:
            graph.append([strings.number(commit.id), *map(strings.number, commit.parents)])
            if commit.id in walk.deltas:
                people.append(commit)
                base, delta = walk.deltas[commit.id]
                states = [self._tracked_number(walk, tracked) for tracked in delta.values()]
                deltas.append((strings.number(commit.id), strings.number(base), [*map(strings.number, delta)], states))
        standings = self._standings[first[1] :]
        resets = islice(walk.resets, self._resets, None)
        segment = {
            "graph": graph,
            "commits": _commits(people, strings),
            "deltas": _columns(deltas),
            "also": [[nth, *map(strings.number, one.also)] for nth, one in enumerate(standings) if one.also],
            "resets": [[*map(strings.number, one[:3]), one.unticked] for one in resets],
            "names": [list(map(strings.number, one)) for one in islice(walk.names, self._names, None)],
            "unread": [list(map(strings.number, one)) for one in islice(walk.unread, self._unread, None)],
        }
        columns = [
            *_states(self._sources[first[0] :], strings),
            *_standings(standings, strings),
            *_written(walk.events[self._events :], strings),
        ]
        self._marks(walk)
        return _sealed({**segment, **strings.tables()}, columns)

    def _marks(self, walk: Walk) -> None:
        self._events, self._resets, self._names = len(walk.events), len(walk.resets), len(walk.names)
        self._unread = len(walk.unread)

    def _standing_number(self, standing: Standing) -> int:
        number = self._standing_numbers.get(id(standing))
        if number is None:
            number = self._standing_numbers[id(standing)] = len(self._standings)
            self._standings.append(standing)
        return number

    def _tracked_number(self, walk: Walk, tracked: Tracked | int | None) -> int:
        """The number of a file's state, written as what differs from the state it was made from."""
        if tracked is None or isinstance(tracked, int):
            return _NONE if tracked is None else tracked
        number = self._tracked_numbers.get(id(tracked))
        if number is not None:
            return number
        earlier = walk.previous(tracked)
        source = self._tracked_numbers.get(id(earlier), _NONE)
        if source != _NONE and self._depths[source] >= _WHOLE_AFTER:
            source = _NONE
        head, tail = _edges(earlier.items, tracked.items) if earlier is not None and source != _NONE else (0, 0)
        own = [self._standing_number(one) for one in tracked.items[head : len(tracked.items) - tail]]
        number = self._tracked_numbers[id(tracked)] = len(self._tracked)
        self._tracked.append(tracked)
        self._sources.append((tracked.blob, source, head, tail, own))
        self._depths.append(0 if source == _NONE else self._depths[source] + 1)
        return number

    # --- and back ---------------------------------------------------------------------------------------------------

    def unpack(self, walk: Walk, content: bytes, marked: Sequence[str] | set[str]) -> None:
        """Bring a walk to where it stood after a segment.

        Raises:
            ValueError, TypeError, KeyError, IndexError: the bytes are no segment that follows those before.
        """
        segment, columns = _opened(content)
        tables = _Tables(segment["strings"], segment["paths"], segment["sure"])
        self._take_states(columns[:6], tables)
        self._take_standings(columns[6:12], segment["also"], tables)
        _take_commits(walk, segment, tables, marked)
        walk.events += _events(columns[12:], tables)
        strings = tables.strings
        walk.resets += [Reset(strings[a], strings[b], strings[c], unticked) for a, b, c, unticked in segment["resets"]]
        walk.names += [(strings[a], strings[b], strings[c]) for a, b, c in segment["names"]]
        walk.unread += [Unread(*[strings[number] for number in one]) for one in segment["unread"]]
        self._marks(walk)

    def _take_states(self, columns: Sequence[array[int]], tables: _Tables) -> None:
        """The files' states, each made when it is asked for."""
        blobs, sources, heads, tails, lengths, standings = columns
        own = [standings[start:end] for start, end in pairwise(accumulate(lengths, initial=0))]
        self._sources += zip(tables.texts(blobs), sources, heads, tails, own, strict=True)
        self._tracked += [None] * len(blobs)
        for source in sources:
            self._depths.append(0 if source == _NONE else self._depths[source] + 1)

    def _take_standings(self, columns: Sequence[array[int]], others: Iterable[Sequence[int]], tables: _Tables) -> None:
        items, created, kinds, commits, sure, derived = columns
        sinces = _rows(Since, map(_CHANGES.__getitem__, kinds), tables.texts(commits), tables.sure(sure))
        nobody = repeat((), len(items))
        made = list(_rows(Standing, *map(tables.texts, (items, created)), sinces, tables.texts(derived), nobody))
        for nth, *also in others:
            made[nth] = made[nth]._replace(also=tuple(tables.texts(also)))
        self._standing_numbers.update(zip(map(id, made), count(len(self._standings))))
        self._standings += made

    def tracked(self, walk: Walk, number: int) -> Tracked:
        """A file's state by its number."""
        chain = []
        step = number
        while step >= 0 and self._tracked[step] is None:
            chain.append(step)
            step = self._sources[step][1]
        earlier = self._tracked[step] if step >= 0 else None
        for step in reversed(chain):
            blob, _, head, tail, own = self._sources[step]
            before = earlier.items if earlier is not None else ()
            middle = [self._standings[one] for one in own]
            made = Tracked(blob, (*before[:head], *middle, *before[len(before) - tail :]))
            self._tracked[step], self._tracked_numbers[id(made)] = made, step
            if earlier is not None:
                walk.follows(made, earlier)
            earlier = made
        assert earlier is not None  # noqa: S101 -- the chain ends at a state that is there
        return earlier


class _Numbers(dict[K | None, int], Generic[K]):
    """Values numbered in the order in which they are first asked for; nothing has the number of nothing."""

    def __init__(self) -> None:
        super().__init__({None: _NONE})

    def __missing__(self, value: K | None) -> int:
        number = self[value] = len(self) - 1
        return number


class _Strings:
    """Strings and section paths by number, each written once."""

    def __init__(self) -> None:
        self._numbers: _Numbers[str] = _Numbers()
        self._paths: _Numbers[tuple[str, ...]] = _Numbers()
        self._sure: _Numbers[float] = _Numbers()
        self.number = self._numbers.__getitem__

    def numbers(self, texts: Iterable[str | None]) -> list[int]:
        return list(map(self.number, texts))

    def paths(self, paths: Iterable[tuple[str, ...] | None]) -> list[int]:
        return list(map(self._paths.__getitem__, paths))

    def sure(self, confidences: Iterable[float]) -> list[int]:
        return list(map(self._sure.__getitem__, confidences))

    def tables(self) -> dict[str, Any]:
        paths = [[self.number(heading) for heading in path] for path in self._paths if path is not None]
        sure = [confidence for confidence in self._sure if confidence is not None]
        return {"paths": paths, "sure": sure, "strings": [text for text in self._numbers if text is not None]}


class _Tables:
    """The same, read: what each number stands for."""

    def __init__(self, strings: list[str], paths: Sequence[Sequence[int]], sure: list[float]) -> None:
        self.strings: list[Any] = [*strings, None]
        self._paths: list[Any] = [*(tuple(map(self.strings.__getitem__, path)) for path in paths), None]

        self._sure = sure

    def sure(self, numbers: Iterable[int]) -> Iterator[float]:
        return map(self._sure.__getitem__, numbers)

    def texts(self, numbers: Iterable[int]) -> Iterator[Any]:
        return map(self.strings.__getitem__, numbers)

    def paths(self, numbers: Iterable[int]) -> Iterator[Any]:
        return map(self._paths.__getitem__, numbers)


def _rows(kind: type[T], *columns: Iterable[Any]) -> Iterator[T]:
    """Named tuples from their columns; without a step of Python for each, as calling their type would take."""
    new: Any = tuple.__new__
    return map(partial(new, kind), zip(*columns, strict=True))


def _columns(rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """Rows as columns; none where there are no rows."""
    return list(zip(*rows, strict=True))


def _edges(old: Sequence[Standing], new: Sequence[Standing]) -> tuple[int, int]:
    """How many standings are the same objects at the head and at the tail."""
    shorter = min(len(old), len(new))
    head = next(compress(count(), map(is_not, old, new)), shorter)
    tail = next(compress(count(), map(is_not, reversed(old), reversed(new))), shorter)
    return head, min(tail, shorter - head)


def _commits(commits: Sequence[Commit], strings: _Strings) -> list[Sequence[Any]]:
    if not commits:
        return []
    ids, _, authors, authored, committers, committed, messages = zip(*commits, strict=True)
    people = (strings.numbers(texts) for side in (authors, committers) for texts in zip(*side, strict=True))
    author, mail, committer, committer_mail = people
    return [
        strings.numbers(ids),
        author,
        mail,
        authored,
        committer,
        committer_mail,
        committed,
        strings.numbers(messages),
    ]


def _take_commits(walk: Walk, segment: dict[str, Any], tables: _Tables, marked: Sequence[str] | set[str]) -> None:
    """The graph, and of the commits that touched checklists who made them and what they left behind."""
    texts, strings = tables.texts, tables.strings
    names, author, mail, authored, committer, committer_mail, committed, message = segment["commits"] or [[]] * 8
    authors = map(Person, texts(author), texts(mail))
    committers = map(Person, texts(committer), texts(committer_mail))
    people = dict(zip(names, zip(authors, authored, committers, committed, texts(message), strict=True), strict=True))
    commits, bases, paths, states = segment["deltas"] or [[]] * 4
    deltas = {
        commit: (base, {strings[path]: None if state == _NONE else state for path, state in zip(*delta, strict=True)})
        for commit, base, delta in zip(commits, texts(bases), zip(paths, states, strict=True), strict=True)
    }
    for commit, *above in segment["graph"]:
        name, parents = strings[commit], tuple(texts(above))
        walk.resume(name, parents, deltas.get(commit), marked=name in marked)
        if commit in people:
            walk.touched[name] = Commit(name, parents, *people[commit])


def _states(sources: Sequence[_Source], strings: _Strings) -> list[Sequence[int]]:
    blobs, earlier, heads, tails, own = zip(*sources, strict=True) if sources else [()] * 5
    return [strings.numbers(blobs), earlier, heads, tails, list(map(len, own)), list(chain.from_iterable(own))]


def _standings(standings: Sequence[Standing], strings: _Strings) -> list[Sequence[int]]:
    items, created, sinces, derived, _ = zip(*standings, strict=True) if standings else [()] * 5
    kinds, commits, sure = zip(*sinces, strict=True) if sinces else [()] * 3
    numbers = strings.numbers
    return [
        numbers(items), numbers(created), list(map(_CHANGE_NUMBERS.__getitem__, kinds)), numbers(commits),
        strings.sure(sure), numbers(derived),
    ]  # fmt: skip


def _written(events: Sequence[Event], strings: _Strings) -> list[Sequence[int]]:
    kinds, items, commits, paths, old_paths, lines, sections, old_sections, old, new, old_texts, new_texts, sure = (
        zip(*events, strict=True) if events else [()] * 13
    )
    numbers = strings.numbers
    return [
        list(map(_CHANGE_NUMBERS.__getitem__, kinds)), numbers(items), numbers(commits), numbers(paths),
        numbers(old_paths), lines, strings.paths(sections), strings.paths(old_sections),
        list(map(_STATE_NUMBERS.__getitem__, old)), list(map(_STATE_NUMBERS.__getitem__, new)), numbers(old_texts),
        numbers(new_texts), strings.sure(sure),
    ]  # fmt: skip


def _events(columns: Sequence[array[int]], tables: _Tables) -> Iterator[Event]:
    kinds, items, commits, paths, old_paths, lines, sections, old_sections, old, new, *texts, sure = columns
    return _rows(
        Event,
        map(_CHANGES.__getitem__, kinds),
        *map(tables.texts, (items, commits, paths, old_paths)),
        lines,
        *map(tables.paths, (sections, old_sections)),
        *(map(_STATES.__getitem__, states) for states in (old, new)),
        *map(tables.texts, texts),
        tables.sure(sure),
    )


def _sealed(told: dict[str, Any], columns: Sequence[Sequence[int]]) -> bytes:
    """A segment as bytes: how long the JSON is, the JSON, and each column's numbers, four bytes each."""
    head = _JSON.encode({**told, "lengths": list(map(len, columns))}).encode("ascii")
    return b"".join(
        [len(head).to_bytes(_HEAD, "little"), head, *(_ordered(array("i", one)).tobytes() for one in columns)]
    )


def _opened(content: bytes) -> tuple[dict[str, Any], list[array[int]]]:
    """The same, read."""
    end = _HEAD + int.from_bytes(content[:_HEAD], "little")
    told: dict[str, Any] = json.loads(content[_HEAD:end])
    numbers = array("i", content[end:])
    _ordered(numbers)
    places = list(accumulate(told["lengths"], initial=0))
    if places[-1] != len(numbers):
        raise ValueError("a segment that ends too soon or too late")
    return told, [numbers[start:stop] for start, stop in pairwise(places)]


def _ordered(numbers: array[int]) -> array[int]:
    """Numbers to be written or just read: the least significant byte stands first, whatever machine wrote it."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
