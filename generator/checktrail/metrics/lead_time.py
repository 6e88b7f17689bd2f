"""Change lead time: from a change's commit to its first release. Pure.

A change is a commit that is no merge, with all its cherry-picks: it counts once, from the earliest commit date in its
class to the earliest release that ships one of them. After DORA's change lead time; the date of a commit is a claim, so
negative lead times are left out and counted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from checktrail.metrics.figures import Basis, Excluded, Figure, Grade, Unit, left_out, spread
from checktrail.metrics.scope import OUTSIDE, Dated, Scope
from checktrail.model import Commit
from checktrail.releases.picks import twins

MERGE = "merge"
UNRELEASED = "in no release that counts"
TWIN = "cherry-pick of a change that is counted once"
NEGATIVE = "committed after its release, by its own date"


class LeadTime(NamedTuple):
    """A change, the release that shipped it first, and the seconds between."""

    commit: str
    tag: str
    seconds: int


class LeadTimes(NamedTuple):
    """Every change's lead time in the order of commits given, and what was left out; together all the commits."""

    changes: tuple[LeadTime, ...]
    excluded: tuple[Excluded, ...]


def lead_times(commits: Collection[Commit], shipped: Mapping[str, Dated], scope: Scope) -> LeadTimes:
    """The lead times of commits.

    Args:
        commits: every commit that HEAD or a tag reaches.
        shipped: commit to the first release that counts and holds it.
        scope: the releases to report on; changes first shipped by others are left out.
    """
    reasons: dict[str, int] = {}
    plain = [commit for commit in commits if len(commit.parents) <= 1]
    reasons[MERGE] = len(commits) - len(plain)
    reported = {one.tag for one in scope.releases}
    found: list[LeadTime] = []
    for change in _changes(plain):
        reason = _one(change, shipped, reported)
        if isinstance(reason, LeadTime):
            found.append(reason)
        else:
            reasons[reason] = reasons.get(reason, 0) + 1
        reasons[TWIN] = reasons.get(TWIN, 0) + len(change) - 1
    return LeadTimes(tuple(found), left_out(reasons))


def lead_time(times: LeadTimes, scope: Scope) -> tuple[Figure, ...]:
    """The figures of change lead time."""
    basis = Basis(Grade.MEASURED, len(times.changes), times.excluded, scope.window)
    return spread("change-lead-time", [change.seconds for change in times.changes], Unit.SECONDS, basis)


def _changes(commits: Collection[Commit]) -> tuple[tuple[Commit, ...], ...]:
    """Commits by change, a change's cherry-picks together."""
    same = twins(commits)
    by_id = {commit.id: commit for commit in commits}
    classes = dict.fromkeys(same.get(commit.id, (commit.id,)) for commit in commits)
    return tuple(tuple(by_id[commit] for commit in change) for change in classes)


def _one(change: Sequence[Commit], shipped: Mapping[str, Dated], reported: Collection[str]) -> LeadTime | str:
    """A change's lead time, or why it has none."""
    releases = [shipped[commit.id] for commit in change if commit.id in shipped]
    if not releases:
        return UNRELEASED
    first = min(releases, key=lambda dated: dated.at)
    if first.tag not in reported:
        return OUTSIDE
    seconds = first.at - min(commit.committed_at for commit in change)
    return LeadTime(change[0].id, first.tag, seconds) if seconds >= 0 else NEGATIVE
