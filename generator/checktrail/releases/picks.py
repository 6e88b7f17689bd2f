"""Which commits are one change: cherry-picks, forward ports and back-ports. Pure.

Two commits are one change when they carry the same `Change-Id`, when one says that it was cherry-picked from the other,
or when author, author's date and subject agree, which a pick keeps. Merges are never picks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from checktrail.model import Commit, Person

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
    by_change: dict[str, list[str]] = {}
    by_act: dict[tuple[Person, int], list[str]] = {}
    for commit in plain.values():
        message = commit.message
        if "(cherry picked from commit" in message:
            sources = [source for source in _PICKED.findall(message) if source in plain]
            if sources:
                yield [commit.id, *sources]
        if "Change-Id:" in message and (change := _change_id(message)):
            by_change.setdefault(change, []).append(commit.id)
        by_act.setdefault((commit.author, commit.authored_at), []).append(commit.id)
    # Subjects are compared last: hardly two commits are of one person and second.
    for group in (*by_change.values(), *_by_subject(by_act.values(), plain)):
        if len(group) > 1 and not _is_row(group, plain):
            yield group


def _change_id(message: str) -> str | None:
    """The last `Change-Id`: a quoted message comes first, a commit's own trailer last."""
    found = _CHANGE_ID.match(message, message.rfind("\nChange-Id:") + 1)
    if found:
        return found[1]
    named: list[str] = _CHANGE_ID.findall(message)
    return named[-1] if named else None


def _by_subject(acts: Iterable[Sequence[str]], commits: Mapping[str, Commit]) -> Iterator[Sequence[str]]:
    """The commits of each act that have one subject."""
    for act in acts:
        if len(act) > 1:
            by_subject: dict[str, list[str]] = {}
            for commit in act:
                by_subject.setdefault(commits[commit].subject, []).append(commit)
            yield from by_subject.values()


def _is_row(group: Sequence[str], commits: Mapping[str, Commit]) -> bool:
    """Whether one follows directly on another: a script that commits twice in one second picks nothing."""
    members = set(group)
    return any(not members.isdisjoint(commits[commit].parents) for commit in group)
