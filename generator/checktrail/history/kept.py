"""What a walk leaves behind, as bytes and back, so that the next run begins where this one ended. Pure.

A run's share is one segment: the commits it walked, with their events, what stood after them and how they hang
together. Segments are read one after the other and then say what a walk over all their commits would say. JSON, so that
no code runs when it is read; strings are written once and named by their number; a file's state is written as what
differs from the state it was made from.
"""

from __future__ import annotations

import json
from itertools import islice
from operator import is_
from typing import TYPE_CHECKING, Any, Final

from checktrail.history.trails import Reset, Since, Standing, Tracked, Unread
from checktrail.model import Change, Commit, Event, Person, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from checktrail.history.walk import Walk

FORMAT: Final = "3"
"""Changes whenever the same history would give another segment, or the same segment be read otherwise."""

_CHANGES: Final = tuple(Change)
_CHANGE_NUMBERS: Final = {change: number for number, change in enumerate(_CHANGES)}
_STATES: Final = (None, *State)
_STATE_NUMBERS: Final = {state: number for number, state in enumerate(_STATES)}


class Kept:
    """The numbers of the standings and file states that are written already; shared by all segments of a walk."""

    def __init__(self) -> None:
        self._standings: list[Standing] = []
        self._standing_numbers: dict[int, int] = {}
        self._tracked: list[Tracked | None] = []
        self._tracked_numbers: dict[int, int] = {}
        self._sources: list[tuple[str, int, int, int, list[int]]] = []
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
                people.append(_commit(commit, strings))
                base, delta = walk.deltas[commit.id]
                states = [
                    (strings.number(path), self._tracked_number(walk, tracked)) for path, tracked in delta.items()
                ]
                deltas.append([strings.number(commit.id), -1 if base is None else strings.number(base), states])
        segment = {
            "graph": graph,
            "commits": people,
            "deltas": deltas,
            "states": [
                [strings.number(blob), *rest, *own] for blob, *rest, own in islice(self._sources, first[0], None)
            ],
            "standings": [_standing(one, strings) for one in islice(self._standings, first[1], None)],
            "events": [_event(event, strings) for event in islice(walk.events, self._events, None)],
            "resets": [
                [strings.number(one.path), strings.number(one.commit), strings.number(one.before), one.unticked]
                for one in islice(walk.resets, self._resets, None)
            ],
            "names": [list(map(strings.number, one)) for one in islice(walk.names, self._names, None)],
            "unread": [list(map(strings.number, one)) for one in islice(walk.unread, self._unread, None)],
        }
        self._marks(walk)
        return json.dumps({**segment, **strings.tables()}, separators=(",", ":")).encode("ascii")

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
        """The number of a file's state, written as what differs from the state it was made from; -1 for none."""
        if tracked is None or isinstance(tracked, int):
            return -1 if tracked is None else tracked
        number = self._tracked_numbers.get(id(tracked))
        if number is not None:
            return number
        earlier = walk.previous(tracked)
        source = self._tracked_numbers.get(id(earlier), -1)
        head, tail = _edges(earlier.items, tracked.items) if earlier is not None and source >= 0 else (0, 0)
        own = [self._standing_number(one) for one in tracked.items[head : len(tracked.items) - tail]]
        number = self._tracked_numbers[id(tracked)] = len(self._tracked)
        self._tracked.append(tracked)
        self._sources.append((tracked.blob, source, head, tail, own))
        return number

    # --- and back ---------------------------------------------------------------------------------------------------

    def unpack(self, walk: Walk, content: bytes, marked: Sequence[str] | set[str]) -> None:
        """Bring a walk to where it stood after a segment.

        Raises:
            ValueError, TypeError, KeyError, IndexError: the bytes are no segment that follows those before.
        """
        segment: dict[str, Any] = json.loads(content)
        strings: list[str] = segment["strings"]
        paths = [tuple([strings[number] for number in path]) for path in segment["paths"]]
        for blob, source, head, tail, *own in segment["states"]:
            self._sources.append((strings[blob], source, head, tail, own))
            self._tracked.append(None)
        for item, created, kind, commit, sure, derived, *also in segment["standings"]:
            since = Since(_CHANGES[kind], strings[commit], sure)
            made = Standing(
                strings[item],
                strings[created],
                since,
                None if derived < 0 else strings[derived],
                tuple([strings[number] for number in also]),
            )
            self._standing_numbers[id(made)] = len(self._standings)
            self._standings.append(made)
        touched = {strings[row[0]]: _read_commit(row, strings) for row in segment["commits"]}
        deltas = {
            strings[commit]: (
                None if base < 0 else strings[base],
                {strings[path]: None if state < 0 else state for path, state in states},
            )
            for commit, base, states in segment["deltas"]
        }
        for commit, *parents in segment["graph"]:
            name = strings[commit]
            walk.resume(name, tuple([strings[one] for one in parents]), deltas.get(name), marked=name in marked)
            if name in touched:
                walk.touched[name] = touched[name]._replace(parents=tuple([strings[one] for one in parents]))
        walk.events += [_read_event(row, strings, paths) for row in segment["events"]]
        walk.resets += [Reset(strings[a], strings[b], strings[c], unticked) for a, b, c, unticked in segment["resets"]]
        walk.names += [(strings[a], strings[b], strings[c]) for a, b, c in segment["names"]]
        walk.unread += [Unread(*[strings[number] for number in one]) for one in segment["unread"]]
        self._marks(walk)

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


class _Strings:
    """Strings and section paths by number, each written once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._paths: dict[tuple[str, ...], int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def path(self, path: tuple[str, ...] | None) -> int:
        return -1 if path is None else self._paths.setdefault(path, len(self._paths))

    def optional(self, text: str | None) -> int:
        return -1 if text is None else self.number(text)

    def tables(self) -> dict[str, Any]:
        paths = [[self.number(heading) for heading in path] for path in self._paths]
        return {"paths": paths, "strings": list(self._numbers)}


def _edges(old: Sequence[Standing], new: Sequence[Standing]) -> tuple[int, int]:
    """How many standings are the same objects at the head and at the tail."""
    shorter = min(len(old), len(new))
    head = _same(old, new, shorter)
    return head, _same(old[::-1], new[::-1], shorter - head)


def _same(old: Sequence[Standing], new: Sequence[Standing], most: int) -> int:
    """How many of the first standings are the same objects, found by halving."""
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        if all(map(is_, old[low:middle], new[low:middle])):
            low = middle
        else:
            most = middle - 1
    return low


def _commit(commit: Commit, strings: _Strings) -> list[int]:
    number = strings.number
    author, committer = commit.author, commit.committer
    return [
        number(commit.id), number(author.name), number(author.email), commit.authored_at,
        number(committer.name), number(committer.email), commit.committed_at, number(commit.message),
    ]  # fmt: skip


def _read_commit(row: Sequence[int], strings: Sequence[str]) -> Commit:
    name, author, mail, authored, committer, committer_mail, committed, message = row
    return Commit(
        strings[name], (), Person(strings[author], strings[mail]), authored,
        Person(strings[committer], strings[committer_mail]), committed, strings[message],
    )  # fmt: skip


def _standing(standing: Standing, strings: _Strings) -> list[int | float]:
    since = standing.since
    return [
        strings.number(standing.item), strings.number(standing.created), _CHANGE_NUMBERS[since.kind],
        strings.number(since.commit), since.confidence, strings.optional(standing.derived_from),
        *map(strings.number, standing.also),
    ]  # fmt: skip


def _event(event: Event, strings: _Strings) -> list[int | float]:
    return [
        _CHANGE_NUMBERS[event.kind], strings.optional(event.item), strings.number(event.commit),
        strings.number(event.path), strings.optional(event.old_path), event.line, strings.path(event.section),
        strings.path(event.old_section), _STATE_NUMBERS[event.old_state], _STATE_NUMBERS[event.new_state],
        strings.optional(event.old_text), strings.optional(event.new_text), event.confidence,
    ]  # fmt: skip


def _read_event(row: Sequence[Any], strings: Sequence[str], paths: Sequence[tuple[str, ...]]) -> Event:
    kind, item, commit, path, old_path, line, section, old_section, old, new, old_text, new_text, sure = row
    return Event(
        _CHANGES[kind],
        None if item < 0 else strings[item],
        strings[commit],
        strings[path],
        None if old_path < 0 else strings[old_path],
        line,
        paths[section],
        None if old_section < 0 else paths[old_section],
        _STATES[old],
        _STATES[new],
        None if old_text < 0 else strings[old_text],
        None if new_text < 0 else strings[new_text],
        sure,
    )
