"""Which commits are one change: cherry-picks, forward ports and back-ports. Pure.

Two commits are one change when they carry the same `Change-Id`, when one says that it was cherry-picked from the other,
or when author, author's date and subject agree, which a pick keeps. Merges are never picks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from types import MappingProxyType

from checktrail.model import Commit

_CHANGE_ID = re.compile(r"^Change-Id:[ \t]*(I[0-9a-f]{8,64})[ \t]*$", re.MULTILINE)
_PICKED = re.compile(r"\(cherry picked from commit ([0-9a-f]{40,64})\)")


def twins(commits: Collection[Commit]) -> Mapping[str, tuple[str, ...]]:
    """For each commit that has any: the whole class it is in, itself with it, in the order of `commits`."""
    head: dict[str, str] = {}
    for group in _groups(commits):
        for other in group[1:]:
            head[_root(head, other)] = _root(head, group[0])
    classes: dict[str, list[str]] = {}
    for commit in commits:
        if commit.id in head:
            classes.setdefault(_root(head, commit.id), []).append(commit.id)
    return MappingProxyType({member: tuple(group) for group in classes.values() for member in group if len(group) > 1})


def _root(head: dict[str, str], commit: str) -> str:
    while (above := head.setdefault(commit, commit)) != commit:
        head[commit] = head[above]
        commit = above
    return commit


def _groups(commits: Collection[Commit]) -> Iterator[Sequence[str]]:
    """Sets of commits that one of the three signs makes one change."""
    plain = {commit.id: commit for commit in commits if len(commit.parents) <= 1}
    by_sign: dict[Hashable, list[str]] = {}
    for commit in plain.values():
        if "(cherry picked from commit" in commit.message:
            sources = [source for source in _PICKED.findall(commit.message) if source in plain]
            if sources:
                yield [commit.id, *sources]
        if "Change-Id:" in commit.message and (named := _CHANGE_ID.findall(commit.message)):
            # A quoted message comes first, a commit's own trailer last.
            by_sign.setdefault(named[-1], []).append(commit.id)
        by_sign.setdefault((commit.author, commit.authored_at, commit.subject), []).append(commit.id)
    for group in by_sign.values():
        if len(group) > 1 and not _is_row(group, plain):
            yield group


def _is_row(group: Sequence[str], commits: Mapping[str, Commit]) -> bool:
    """Whether one follows directly on another: a script that commits twice in one second picks nothing."""
    members = set(group)
    return any(not members.isdisjoint(commits[commit].parents) for commit in group)
