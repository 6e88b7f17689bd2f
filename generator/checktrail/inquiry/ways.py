"""From one commit to another: the commits on the way, as `git rev-list start..end` lists them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush

from checktrail.audit.evidence import Span
from checktrail.releases.graph import Graph


def ways(graph: Graph, spans: Iterable[Span]) -> dict[Span, tuple[str, ...]]:
    """The commits of each span, newest first; none where an end of it is not in the graph."""
    starts: dict[str, list[str]] = {}
    for start, end in spans:
        starts.setdefault(end, []).append(start)
    return {Span(start, end): way for end, found in starts.items() for start, way in _ways_to(graph, found, end)}


def _ways_to(graph: Graph, starts: Sequence[str], end: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The ways from some commits to one: by one walk where they lie on a line of single parents, as they mostly do."""
    position, parents, ids = graph.position, graph.parents, graph.ids
    if end not in position:
        yield from ((start, ()) for start in starts)
        return
    wanted = {position[start]: start for start in starts if start in position}
    yield from ((start, ()) for start in starts if start not in position)
    number, lowest = position[end], min(wanted, default=0)
    line: list[str] = []
    while number > lowest:
        if number in wanted:
            yield wanted.pop(number), tuple(line)
        line.append(ids[number])
        if len(parents[number]) != 1:
            break
        number = parents[number][0]
    if number in wanted:
        yield wanted.pop(number), tuple(line)
    for place, start in wanted.items():
        yield start, tuple([ids[one] for one in _own(graph, place, position[end])])


def _own(graph: Graph, start: int, end: int) -> Iterator[int]:
    """What an end has and a start has not, by way of merges too.

    Children stand above their parents, so the highest of those waiting is never reached again; when only ancestors of
    the start wait, nothing of the end's own is left.
    """
    old, waiting, fresh = {start}, [-start, -end] if start != end else [], 1
    heapify(waiting)
    queued = {start, end}
    while fresh and waiting:
        number = -heappop(waiting)
        is_old = number in old
        if not is_old:
            fresh -= 1
            yield number
        for parent in graph.parents[number]:
            if is_old and parent not in old:
                fresh -= parent in queued
                old.add(parent)
            elif not is_old and parent not in queued and parent not in old:
                fresh += 1
            if parent not in queued:
                queued.add(parent)
                heappush(waiting, -parent)
