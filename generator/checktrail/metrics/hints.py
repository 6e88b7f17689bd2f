"""Hints that a release failed where nobody wrote it down: later reverts, and patches of fixes alone. Pure.

In: releases, commits and which release shipped each. Out: per failed release what hints at it. A hint is a proxy and is
never mixed with what was declared.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from checktrail.metrics.figures import DAY
from checktrail.metrics.scope import Dated
from checktrail.model import Commit
from checktrail.releases.versions import Version, version_of

_REVERTS = re.compile(r"This reverts commit ([0-9a-f]{7,64})")
_FIX = re.compile(r"(?:fix(?:e[sd])?|bug-?fix(?:es)?|hot-?fix(?:es)?|revert)\b", re.IGNORECASE)
# What any release holds besides its reason: the version's bump, the changelog, tests, documents.
_CHORE = re.compile(
    r"(?:(?:chore|docs?|ci|tests?|build|style|release)(?:\([^)]*\))?!?:|bump\b|prepare\b|release\b|version\b|v?[0-9]+\.[0-9]"
    r"|(?:update|add|prepare|edit)\b.*\b(?:change ?log|version|release notes|news|readme|docs|documentation|tests?)\b"
    r"|(?:tick|check|untick)\b)",
    re.IGNORECASE,
)


class Hint(NamedTuple):
    """The release that reverts, and the reverting commit."""

    by: str
    commit: str


class Hints(NamedTuple):
    """By tag of the release that a hint concerns: reverts in later releases, and the patches that mend it."""

    reverted: Mapping[str, tuple[Hint, ...]]
    patched: Mapping[str, tuple[str, ...]]


def hints(
    releases: Sequence[Dated], commits: Mapping[str, Commit], shipped: Mapping[str, Dated], fix_days: int
) -> Hints:
    """What hints at failures among releases (oldest first)."""
    return Hints(_reverted(commits, shipped), _patched(releases, commits, shipped, fix_days))


def _reverted(commits: Mapping[str, Commit], shipped: Mapping[str, Dated]) -> Mapping[str, tuple[Hint, ...]]:
    """Reverts of what an earlier release shipped first.

    A revert that its own release takes back never shipped. A revert of an earlier release's revert brings a change back
    and says nothing of that release.
    """
    reverts = _reverts(commits)
    void: set[str] = set()
    # Commits come parents first, so that from the last on a revert is judged after what takes it back.
    for revert in reversed(reverts):
        if revert not in void:
            void.update(target for target in reverts[revert] if _same(shipped, revert, target))
    found: dict[str, list[Hint]] = {}
    for revert, targets in reverts.items():
        for target in targets:
            if revert in void or target in reverts or not _is_later(shipped, revert, target):
                continue
            found.setdefault(shipped[target].tag, []).append(Hint(shipped[revert].tag, revert))
    return MappingProxyType({tag: tuple(some) for tag, some in found.items()})


def _reverts(commits: Mapping[str, Commit]) -> dict[str, tuple[str, ...]]:
    """Each reverting commit with the commits it reverts, in the order of commits."""
    said = {
        commit.id: _REVERTS.findall(commit.message)
        for commit in commits.values()
        if "This reverts commit " in commit.message
    }
    ordered = sorted(commits) if said else []
    whole = {
        revert: tuple(found for name in names if (found := _full(name, ordered)) is not None)
        for revert, names in said.items()
    }
    return {revert: targets for revert, targets in whole.items() if targets}


def _full(name: str, ordered: Sequence[str]) -> str | None:
    """The one commit whose id begins with a name; None when there is none or more than one."""
    at = bisect_left(ordered, name)
    if at == len(ordered) or not ordered[at].startswith(name):
        return None
    is_alone = at + 1 == len(ordered) or not ordered[at + 1].startswith(name)
    return ordered[at] if is_alone else None


def _same(shipped: Mapping[str, Dated], one: str, other: str) -> bool:
    left, right = shipped.get(one), shipped.get(other)
    return (left.tag if left else None) == (right.tag if right else None)


def _is_later(shipped: Mapping[str, Dated], revert: str, target: str) -> bool:
    """Whether the revert went out in a release of its own, after the target's."""
    if revert not in shipped or target not in shipped:
        return False
    return shipped[revert].tag != shipped[target].tag and shipped[revert].at >= shipped[target].at


def _patched(
    releases: Sequence[Dated], commits: Mapping[str, Commit], shipped: Mapping[str, Dated], fix_days: int
) -> Mapping[str, tuple[str, ...]]:
    """Releases whose next patch came within days and holds only fixes."""
    contents: dict[str, list[Commit]] = {}
    for commit, dated in shipped.items():
        contents.setdefault(dated.tag, []).append(commits[commit])
    lines: dict[tuple[str | None, str], list[tuple[Version, Dated]]] = {}
    for dated in releases:
        version = version_of(dated.tag)
        if version is not None and not dated.release.prerelease:
            lines.setdefault((version.component, version.line), []).append((version, dated))
    found: dict[str, tuple[str, ...]] = {}
    for line in lines.values():
        ordered = [dated for _, dated in sorted(line, key=lambda pair: (pair[0], pair[1].at))]
        for failed, patch in pairwise(ordered):
            soon = 0 <= patch.at - failed.at <= fix_days * DAY
            if soon and _holds_only_fixes(contents.get(patch.tag, ())):
                found[failed.tag] = (patch.tag,)
    return MappingProxyType(found)


def _holds_only_fixes(commits: Collection[Commit]) -> bool:
    subjects = [commit.subject for commit in commits if len(commit.parents) <= 1]
    fixes = sum(bool(_FIX.match(subject)) for subject in subjects)
    return fixes > 0 and all(_FIX.match(subject) or _CHORE.match(subject) for subject in subjects)
