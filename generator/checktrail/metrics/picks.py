"""Which commits are the same change: cherry-picks, as Gerrit and git name them. Pure.

In: commits. Out: classes of commits. Two commits are one change when they bear the same `Change-Id`, when one says that
it was cherry-picked from the other, or when author, author's date and subject agree, which a pick keeps.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence

from checktrail.model import Commit

_CHANGE_ID = re.compile(r"^Change-Id:[ \t]*(I[0-9a-f]{8,64})[ \t]*$", re.MULTILINE)
_PICKED = re.compile(r"\(cherry picked from commit ([0-9a-f]{7,64})\)")


def classes(commits: Collection[Commit]) -> tuple[tuple[str, ...], ...]:
    """The commits by change: classes of ids, each in the order given, as are the classes by their first commit."""
    head: dict[str, str] = {commit.id: commit.id for commit in commits}
    for group in _groups(commits):
        for other in group[1:]:
            head[_root(head, other)] = _root(head, group[0])
    members: dict[str, list[str]] = {}
    for commit in commits:
        members.setdefault(_root(head, commit.id), []).append(commit.id)
    return tuple(map(tuple, members.values()))


def _root(head: dict[str, str], commit: str) -> str:
    while head[commit] != commit:
        head[commit] = head[head[commit]]
        commit = head[commit]
    return commit


def _groups(commits: Collection[Commit]) -> Iterator[Sequence[str]]:
    """Sets of commits that one of the three signs makes the same change."""
    known = {commit.id for commit in commits}
    for commit in commits:
        if "(cherry picked from commit" in commit.message:
            sources = [source for source in _PICKED.findall(commit.message) if source in known]
            yield [commit.id, *sources]
    yield from _keyed((_change_id(commit), commit.id) for commit in commits).values()
    parents = {commit.id: commit.parents for commit in commits}
    for group in _keyed(
        ((commit.author, commit.authored_at, commit.subject), commit.id) for commit in commits
    ).values():
        if not _is_row(group, parents):
            yield group


def _keyed(pairs: Iterable[tuple[Hashable, str]]) -> Mapping[Hashable, list[str]]:
    found: dict[Hashable, list[str]] = {}
    for key, commit in pairs:
        if key is not None:
            found.setdefault(key, []).append(commit)
    return {key: group for key, group in found.items() if len(group) > 1}


def _change_id(commit: Commit) -> str | None:
    if "Change-Id:" not in commit.message:
        return None
    named = _CHANGE_ID.findall(commit.message)
    return named[-1] if named else None  # quoted messages come first, a commit's own trailer last


def _is_row(group: Collection[str], parents: Mapping[str, Collection[str]]) -> bool:
    """Whether one follows directly on another: a script that commits twice in one second picks nothing."""
    members = set(group)
    return any(not members.isdisjoint(parents[commit]) for commit in group)
