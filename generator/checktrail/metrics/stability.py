"""Failed releases as figures: change fail rate, recovery time, rework rate, rollback frequency. Pure.

After DORA's instability metrics of 2024 to 2026 and its failed deployment recovery time. A release counts 0 or 1. What
nobody wrote down, where nobody could have, is `n/a` and not a rate of 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from checktrail.metrics.failures import Failures
from checktrail.metrics.figures import Basis, Excluded, Figure, Grade, Unit, adding, figure, spread
from checktrail.metrics.scope import Dated, Scope

YOUNG = "too young to judge"
UNOBSERVED = "nothing in it could say that it failed"
NO_ROLLBACK_LIST = "its checklists hold no rollback list"
UNDECLARED = "no hotfix was ever declared"
OPEN = "not recovered as far as is known"
EARLY = "recovered before it went out, by the dates"


def stability(scope: Scope, failures: Failures) -> tuple[Figure, ...]:
    """The figures of failed releases."""
    declared = {one.tag for one in failures.failed if one.is_declared}
    hinted = {one.tag for one in failures.failed if one.is_hinted}
    rolled_back = {one.tag for one in failures.failed if one.is_rolled_back}
    old = [one for one in scope.releases if not scope.is_young(one)]
    excluded = adding(scope.excluded, YOUNG, len(scope.releases) - len(old))
    # What was declared failed was observed, whatever its checklists hold.
    seen = [one for one in old if one.tag in failures.observed | declared]
    could_roll_back = [one for one in old if one.tag in failures.with_rollback_list]
    unseen = adding(excluded, UNOBSERVED, len(old) - len(seen))
    without_list = adding(excluded, NO_ROLLBACK_LIST, len(old) - len(could_roll_back))
    planned = scope.releases if failures.hotfixes else ()
    unknown = adding(scope.excluded, UNDECLARED, len(scope.releases) - len(planned))
    return (
        figure("change-fail-rate", _share(declared, seen), Unit.SHARE, _declared(scope, seen, unseen)),
        figure(
            "change-fail-rate-proxy",
            _share(hinted, old),
            Unit.SHARE,
            Basis(Grade.PROXY, len(old), excluded, scope.window),
        ),
        *_recovery(scope, failures),
        figure("rework-rate", _share(failures.hotfixes, planned), Unit.SHARE, _declared(scope, planned, unknown)),
        figure(
            "rollback-frequency",
            _share(rolled_back, could_roll_back, whole=100),
            Unit.PER_HUNDRED,
            _declared(scope, could_roll_back, without_list),
        ),
    )


def _recovery(scope: Scope, failures: Failures) -> tuple[Figure, ...]:
    """From the failing release to its first remedy."""
    declared = [one for one in failures.failed if one.is_declared]
    times = [one.mended_at - one.dated.at for one in declared if one.mended_at is not None]
    recovered = [seconds for seconds in times if seconds >= 0]
    excluded = adding((), OPEN, len(declared) - len(times))
    excluded = adding(excluded, EARLY, len(times) - len(recovered))
    basis = Basis(Grade.DECLARED, len(recovered), excluded, scope.window)
    return spread("failed-deployment-recovery-time", recovered, Unit.SECONDS, basis)


def _declared(scope: Scope, releases: Sequence[Dated], excluded: tuple[Excluded, ...]) -> Basis:
    return Basis(Grade.DECLARED, len(releases), excluded, scope.window)


def _share(tags: Collection[str], releases: Sequence[Dated], whole: int = 1) -> float | None:
    return whole * sum(one.tag in tags for one in releases) / len(releases) if releases else None
