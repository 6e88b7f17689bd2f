"""Releases and their checklists' trails to figures with a grade. Pure.

In: a `Sources`. Out: one `Metrics`: figures, and what the pictures and tables beside them are drawn from. The
definitions follow DORA as of 2024 to 2026; each stands in `docs/reference/metrics.md`.

    figures     what a figure is: value, unit, grade, n, exclusions, window
    cycles      a release's items with their states and ticks
    gathering   checklists and trails to cycles
    scope       which releases count, and when each happened
    frequency   how often
    lead_time   from commit to release
    failures    which releases failed, and what shows it
    hints       what hints at it where nobody wrote it down
    stability   change fail rate, recovery, rework, rollbacks
    process     deployment duration, process time, sign-offs
    worth       how each item fared over releases
    habits      who usually ticks an item, and when
    readiness   burn-up of a cycle
    forecast    when the current cycle will be ready
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checktrail.config import MetricsSettings
from checktrail.metrics.cycles import Cycle
from checktrail.metrics.failures import Failure, Shipment, failures
from checktrail.metrics.figures import Excluded, Figure, Window
from checktrail.metrics.forecast import Forecast, Silent, forecast
from checktrail.metrics.frequency import Week, frequency, weeks
from checktrail.metrics.habits import Habit, habits
from checktrail.metrics.lead_time import LeadTime, lead_time, lead_times
from checktrail.metrics.process import deployment_duration, process, process_time
from checktrail.metrics.readiness import Step, burn_up
from checktrail.metrics.scope import Clue, Dated, Scope, scope, shipped
from checktrail.metrics.stability import stability
from checktrail.metrics.worth import Worth, worth
from checktrail.model import Commit
from checktrail.releases import Membership

__all__ = ["Metrics", "Sources", "Timing", "metrics"]


@dataclass(frozen=True, slots=True)
class Sources:
    """What metrics are taken from.

    `commits` holds at least all that HEAD or a tag reaches. `cycles` are those of releases that have checklists;
    `in_flight` those that have no release yet, the next one first. `yanked` are versions the changelog calls yanked.
    `as_of` is the only "now", in seconds since 1970 UTC.
    """

    membership: Membership
    commits: Mapping[str, Commit]
    cycles: tuple[Cycle, ...]
    in_flight: tuple[Cycle, ...]
    yanked: frozenset[str]
    as_of: int


@dataclass(frozen=True, slots=True)
class Timing:
    """One release in time, for the pictures: seconds since 1970 UTC, durations in seconds, None where unknown.

    `lead_times` are those of the changes it shipped first, shortest first. `is_young`: too young to be called free of
    failure.
    """

    tag: str
    at: int
    clue: Clue
    lead_times: tuple[int, ...]
    deployment_duration: int | None
    process_time: int | None
    is_young: bool


@dataclass(frozen=True, slots=True)
class Metrics:
    """Every figure of a repository, and what stands behind the pictures.

    `releases` are those that count, oldest first; `excluded` says why others do not. `habits` are by the identity of
    items, in cycles in flight and in past ones. `burn_up` and `forecast` are those of the next release.
    """

    figures: tuple[Figure, ...]
    window: Window
    excluded: tuple[Excluded, ...]
    releases: tuple[Timing, ...]
    weeks: tuple[Week, ...]
    failures: tuple[Failure, ...]
    worth: tuple[Worth, ...]
    habits: Mapping[str, Habit]
    burn_up: tuple[Step, ...]
    forecast: Forecast | Silent


def metrics(sources: Sources, settings: MetricsSettings) -> Metrics:
    """The metrics of a repository."""
    by_tag = {cycle.tag: cycle for cycle in sources.cycles if cycle.tag is not None}
    counted = scope(sources.membership, by_tag, sources.as_of, settings)
    carriers = shipped(sources.membership, counted)
    commits = _reached(sources)
    times = lead_times(tuple(commits.values()), carriers, counted)
    current = next(iter(sources.in_flight), None)
    found = failures(counted, Shipment(commits, carriers, sources.yanked, settings.fix_days))
    return Metrics(
        figures=(
            *frequency(counted),
            *lead_time(times, counted),
            *stability(counted, found),
            *process(counted),
        ),
        window=counted.window,
        excluded=counted.excluded,
        releases=_timings(counted, times.changes),
        weeks=weeks(counted),
        failures=found.failed,
        worth=worth(counted, bulk=settings.bulk_ticks, enough=settings.habit_cycles),
        habits=_habits(sources, counted, settings),
        burn_up=burn_up(current) if current is not None else (),
        forecast=forecast(current, counted, sources.as_of, enough=settings.forecast_cycles),
    )


def _reached(sources: Sources) -> Mapping[str, Commit]:
    """The commits that HEAD or a tag reaches, parents first: other branches must not move any figure."""
    membership = sources.membership
    reached = {commit for release in membership.releases for commit in release.new} | set(membership.unreleased)
    return {commit.id: commit for commit in sources.commits.values() if commit.id in reached}


def _timings(counted: Scope, changes: tuple[LeadTime, ...]) -> tuple[Timing, ...]:
    by_tag: dict[str, list[int]] = {}
    for change in changes:
        by_tag.setdefault(change.tag, []).append(change.seconds)
    return tuple(_timing(dated, counted, tuple(sorted(by_tag.get(dated.tag, ())))) for dated in counted.releases)


def _timing(dated: Dated, counted: Scope, lead: tuple[int, ...]) -> Timing:
    deployment, worked = deployment_duration(dated), process_time(dated)
    return Timing(
        dated.tag,
        dated.at,
        dated.clue,
        lead,
        deployment if isinstance(deployment, int) else None,
        worked if isinstance(worked, int) else None,
        counted.is_young(dated),
    )


def _habits(sources: Sources, counted: Scope, settings: MetricsSettings) -> Mapping[str, Habit]:
    """Habits by identity of the items that are shown with them: those of cycles in flight, and of past ones."""
    by_kin = habits(counted, enough=settings.habit_cycles)
    shown = dict.fromkeys([(cycle.items, cycle.kins) for cycle in (*sources.cycles, *sources.in_flight)])
    return {item: by_kin[kin] for columns in shown for item, kin in zip(*columns, strict=True) if kin in by_kin}
