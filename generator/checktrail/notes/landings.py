"""A release's commits to entries: one per landing on the first-parent line, branch commits folded under it. Pure.

Entries partition the release's own commits, so that nothing is told twice; what a back-merge brings in belongs to the
release that shipped it first and makes no entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from checktrail.model import Commit
from checktrail.notes.messages import Message
from checktrail.notes.parts import Kind

Say = Callable[[str], Message]

_WEIGHT = (
    Kind.SECURITY, Kind.FEATURES, Kind.FIXES, Kind.IMPROVEMENTS,
    Kind.UPGRADE, Kind.HIGHLIGHTS, Kind.KNOWN_ISSUES, Kind.OTHER,
)  # fmt: skip


class Landing(NamedTuple):
    """A commit of the first-parent line, and the commits that it brought in from beside it."""

    commit: str
    brought: tuple[str, ...]


class Entry(NamedTuple):
    """What one landing tells users, and the commits it stands for, the one that speaks first."""

    said: Message
    commits: tuple[str, ...]


def entries(
    tip: str, own: Collection[str], reach: Collection[str], commits: Mapping[str, Commit], say: Say
) -> tuple[Entry, ...]:
    """The entries of a release, newest first.

    Args:
        tip: the release's commit.
        own: the commits that this release tells of.
        reach: those of base..tag, among which the first-parent line is followed.
        commits: every commit by id.
        say: what a commit's message says.
    """
    found: list[Entry] = []
    for landing in landings(tip, reach, commits):
        commit = landing.commit
        if len(commits[commit].parents) > 1:
            found += _merged(landing, own, commits, say)
        elif commit in own:
            found.append(Entry(say(commit), (commit,)))
    return tuple(found)


def landings(tip: str, reach: Collection[str], commits: Mapping[str, Commit]) -> tuple[Landing, ...]:
    """The first-parent line within reach, newest first; each commit beside it is with the oldest merge that has it."""
    line: list[str] = []
    commit: str | None = tip
    while commit is not None and commit in reach:
        line.append(commit)
        parents = commits[commit].parents
        commit = parents[0] if parents else None
    taken = set(line)
    found = []
    for commit in reversed(line):
        beside = commits[commit].parents[1:]
        found.append(Landing(commit, _brought(beside, reach, commits, taken) if beside else ()))
    found.reverse()
    return tuple(found)


def _brought(
    beside: Sequence[str], reach: Collection[str], commits: Mapping[str, Commit], taken: set[str]
) -> tuple[str, ...]:
    found: list[str] = []
    stack = list(reversed(beside))
    while stack:
        commit = stack.pop()
        if commit in reach and commit not in taken:
            taken.add(commit)
            found.append(commit)
            stack.extend(reversed(commits[commit].parents))
    return tuple(found)


def _merged(landing: Landing, own: Collection[str], commits: Mapping[str, Commit], say: Say) -> Iterator[Entry]:
    """The entries of a merge."""
    brought = [commit for commit in landing.brought if commit in own]
    work = [commit for commit in brought if len(commits[commit].parents) <= 1]
    if not work:
        return
    merge = (landing.commit,) if landing.commit in own else ()
    said = say(landing.commit)
    if said.is_title:
        yield Entry(_strongest(said, list(map(say, work))), (*merge, *brought))
    else:
        yield from _unfolded(said, merge, brought, work, say)


def _unfolded(
    said: Message, merge: tuple[str, ...], brought: Sequence[str], work: Sequence[str], say: Say
) -> Iterator[Entry]:
    """The entries of a merge that says nothing itself: its classified commits each, the others as one."""
    telling = [commit for commit in work if say(commit).kind is not None or say(commit).extra or len(work) == 1]
    rest = [commit for commit in brought if commit not in telling]
    for place, commit in enumerate(telling):
        # With nothing left over, the merge itself goes with what it brought last.
        beside = merge if not place and not any(commit in work for commit in rest) else ()
        yield Entry(say(commit), (commit, *beside, *(rest if beside else ())))
    untold = [commit for commit in rest if commit in work]
    if len(untold) == 1:
        yield Entry(say(untold[0]), (*untold, *merge, *(commit for commit in rest if commit not in untold)))
    elif untold:
        yield Entry(said, (*merge, *rest))


def _strongest(said: Message, brought: Sequence[Message]) -> Message:
    """A merge's own title with the weightiest kind, the breaks and the further notes of what it brought."""
    kind, breaking = said.kind, said.breaking
    extra = dict.fromkeys(said.extra)
    for message in brought:
        breaking = breaking or message.breaking
        if message.extra:
            extra.update(dict.fromkeys(message.extra))
    if kind is None:
        kinds = {message.kind for message in brought}
        kind = next((kind for kind in _WEIGHT if kind in kinds), None)
    return Message(said.text, kind, said.scope, breaking, said.is_title, tuple(extra), said.is_silent)
