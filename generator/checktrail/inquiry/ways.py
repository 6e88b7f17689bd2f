"""From one commit to another: the commits on the way, as `git rev-list start..end` lists them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush

from checktrail.audit.evidence import Span
from checktrail.releases.graph import Graph


def ways(graph: Graph, spans: Iterable[Span]) -> dict[Span, tuple[str, ...]]:
    """The commits of each span, newest first; none where an end of it is not in the graph."""
    by_end: dict[str, list[Span]] = {}
    for span in spans:
        by_end.setdefault(span.end, []).append(span)
    found: dict[Span, tuple[str, ...]] = {}
    for end, mine in by_end.items():
        found.update(_ways_to(graph, mine, end))
    return found


def _ways_to(graph: Graph, spans: Sequence[Span], end: str) -> dict[Span, tuple[str, ...]]:
    """The ways of spans with one end: by one walk where they begin on a line of single parents, as they mostly do."""
    position, parents, ids = graph.position, graph.parents, graph.ids
    found: dict[Span, tuple[str, ...]] = dict.fromkeys(spans, ())
    wanted = {position[start]: span for span in spans if (start := span.start) in position}
    if end not in position or not wanted:
        return found
    number, lowest = position[end], min(wanted)
    line: list[str] = []
    while number > lowest:
        if number in wanted:
            found[wanted.pop(number)] = tuple(line)
        line.append(ids[number])
        if len(parents[number]) != 1:
            break
        number = parents[number][0]
    if number in wanted:
        found[wanted.pop(number)] = tuple(line)
    for place, span in wanted.items():
        found[span] = tuple([ids[one] for one in _own(graph, place, position[end])])
    return found


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
