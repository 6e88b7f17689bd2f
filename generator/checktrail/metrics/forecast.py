"""When the current cycle will be ready, by how past cycles went on from the same readiness; with its uncertainty. Pure.

No model: past cycles are asked how long they took from the readiness that the current one has, and those that were
ready sooner than this one has waited already are left out. The answer is a range between two of the times that remain.
If the current cycle is like the past ones (exchangeable with them), its time falls between the k-th shortest and the
k-th longest of n with probability (n + 1 - 2k) / (n + 1), whatever their distribution; that probability is given with
the range. With few past cycles nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checktrail.metrics.cycles import Cycle
from checktrail.metrics.figures import Excluded, left_out, quantile
from checktrail.metrics.readiness import Step, burn_up, curve, ready_at
from checktrail.metrics.scope import Dated, Scope

NO_CHECKLIST = "no checklist, or nothing ticked in it"
LESS_READY = "tagged before it was as ready as this one is"
FASTER = "was ready sooner than this one has waited already"
_WANTED = 0.8  # the range is widened until it holds four of five future cycles, if the history is long enough


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the current cycle will be ready: times in seconds since 1970 UTC.

    `coverage` is the probability that the time falls between `earliest` and `latest`, if this cycle is like the `n`
    past ones it rests on. `readiness` is what the forecast starts from, reached at `reached_at`.
    """

    earliest: int
    median: int
    latest: int
    coverage: float
    readiness: Step
    reached_at: int
    n: int
    excluded: tuple[Excluded, ...]


@dataclass(frozen=True, slots=True)
class Silent:
    """Why there is no forecast."""

    reason: str
    n: int = 0
    excluded: tuple[Excluded, ...] = ()


def forecast(current: Cycle | None, scope: Scope, as_of: int, *, enough: int) -> Forecast | Silent:
    """The forecast of the current cycle's ready date, or why there is none.

    Args:
        current: the cycle without a release yet.
        scope: the past releases.
        as_of: the only "now", in seconds since 1970 UTC.
        enough: how many past cycles must be left to speak at all.
    """
    steps = burn_up(current) if current is not None else ()
    if not steps:
        return Silent("no cycle is under way: nothing that is due at a tag is ticked")
    now = steps[-1]
    if now.ticked == now.required:
        return Silent("everything that is due at the tag is ticked")
    reached = next(step.at for step in steps if step.share >= now.share)
    found = list(_remaining(scope, now, max(0, as_of - reached)))
    times = sorted(one for one in found if isinstance(one, int))
    excluded = left_out([one for one in found if isinstance(one, str)])
    if len(times) < enough:
        return Silent(f"fewer than {enough} past cycles went on from here", len(times), excluded)
    k, coverage = _range(len(times))
    middle = round(quantile(times, 0.5) or 0)
    return Forecast(
        reached + times[k - 1], reached + middle, reached + times[-k], coverage, now, reached, len(times), excluded
    )


def _remaining(scope: Scope, now: Step, waited: int) -> Iterator[int | str]:
    """For each past cycle the seconds from this readiness to ready, or why it does not compare."""
    for dated in scope.releases:
        steps = curve(dated.cycle, dated.release.at) if dated.cycle is not None else ()
        reached = next((step.at for step in steps if step.share >= now.share), None)
        if not steps:
            yield NO_CHECKLIST
        elif reached is None:
            yield LESS_READY
        else:
            yield _since(dated, steps, reached, waited)


def _since(dated: Dated, steps: tuple[Step, ...], reached: int, waited: int) -> int | str:
    remaining = ready_at(steps, dated.release.at) - reached
    return remaining if remaining > waited else FASTER


def _range(n: int) -> tuple[int, float]:
    """The narrowest k-th shortest to k-th longest of n times that covers as much as is wanted; at least the whole."""
    k = max(1, int((n + 1) * (1 - _WANTED) / 2 + 1e-9))
    return k, (n + 1 - 2 * k) / (n + 1)
