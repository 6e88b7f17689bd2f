"""How often releases happen: per week, from one to the next, on how many days of a week. Pure.

Weeks are ISO 8601 weeks in UTC and the empty ones count, from the first release (or the window's beginning) to its end.
"Deployment frequency" is said only of releases whose deployment was ticked off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from checktrail.metrics.figures import (
    DAY,
    Basis,
    Figure,
    Grade,
    Unit,
    Window,
    adding,
    figure,
    quantile,
    spread,
)
from checktrail.metrics.scope import Clue, Dated, Scope

NOT_DEPLOYED = "no tick says that it was deployed"
FIRST = "nothing before the first release"

# 1970-01-01 was a Thursday: ISO weeks begin three days before it.
_TO_MONDAY = 3


class Week(NamedTuple):
    """An ISO week by its Monday (seconds since 1970 UTC), and how many releases fell into it."""

    monday: int
    releases: int


def frequency(scope: Scope) -> tuple[Figure, ...]:
    """The figures of release frequency."""
    releases = scope.releases
    intervals = [later.at - earlier.at for earlier, later in pairwise(releases)]
    basis = Basis(Grade.MEASURED, len(releases), scope.excluded, scope.window)
    between = Basis(Grade.MEASURED, len(intervals), adding(scope.excluded, FIRST, min(len(releases), 1)), scope.window)
    return (
        figure("release-frequency", _per_week(releases, scope.window), Unit.PER_WEEK, basis),
        *spread("release-interval", intervals, Unit.SECONDS, between),
        figure("release-days-per-week-median", _release_days(releases, scope.window), Unit.DAYS, basis),
        _deployments(scope),
        _inferred(scope),
    )


def weeks(scope: Scope) -> tuple[Week, ...]:
    """The weeks that have releases, oldest first; a date is a claim, so the empty ones between could be any number."""
    counts = Counter(_week(one.at) for one in scope.releases)
    return tuple(Week((week * 7 - _TO_MONDAY) * DAY, n) for week, n in sorted(counts.items()))


def _deployments(scope: Scope) -> Figure:
    deployed = [one for one in scope.releases if one.clue is Clue.DEPLOYED]
    excluded = adding(scope.excluded, NOT_DEPLOYED, len(scope.releases) - len(deployed))
    # Weeks before anybody ticked deployments say nothing of how often there were any.
    window = scope.window._replace(start=deployed[0].at) if deployed else scope.window
    basis = Basis(Grade.MEASURED, len(deployed), excluded, window)
    return figure("deployment-frequency", _per_week(deployed, window), Unit.PER_WEEK, basis)


def _inferred(scope: Scope) -> Figure:
    """How many of the releases' times are only the tagged commit's date: how far the figures of time can be trusted."""
    inferred = sum(one.clue is Clue.INFERRED for one in scope.releases)
    n = len(scope.releases)
    basis = Basis(Grade.MEASURED, n, scope.excluded, scope.window)
    return figure("release-times-inferred", inferred / n if n else None, Unit.SHARE, basis)


def _per_week(releases: Sequence[Dated], window: Window) -> float | None:
    # One release makes no rhythm: a rate needs a second one.
    return len(releases) / len(_weeks(releases, window)) if len(releases) > 1 else None


def _release_days(releases: Sequence[Dated], window: Window) -> float | None:
    if len(releases) <= 1:
        return None
    days = Counter(_week(day * DAY) for day in {one.at // DAY for one in releases})
    empty = len(_weeks(releases, window)) - len(days)
    # So many zeros as lie in the middle say the same as all of them, however far apart two claimed dates are.
    surplus = max(0, empty - len(days) - 2)
    return 0.0 if surplus else quantile([*days.values(), *(0 for _ in range(empty))], 0.5)


def _weeks(releases: Sequence[Dated], window: Window) -> range:
    """The weeks, counted from the one of 1970-01-01, that the window covers."""
    if not releases or window.start is None or window.end is None:
        return range(0)
    return range(_week(window.start), _week(window.end) + 1)


def _week(at: int) -> int:
    return (at // DAY + _TO_MONDAY) // 7
