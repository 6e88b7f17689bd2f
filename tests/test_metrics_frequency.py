"""Which releases count, when each happened, and how often that is; checked against a slow count of days."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.metrics.figures import Grade
from checktrail.metrics.frequency import FIRST, NOT_DEPLOYED
from checktrail.metrics.scope import ALIAS, CANDIDATE, OUTSIDE, Clue
from checktrail.model import Phase
from past import DAY, HOUR, Past, at, cycle, figure, item, left_out, tick


def test_releases_per_week_count_the_empty_weeks() -> None:
    past = Past()
    past.release("v1.0", "2024-01-01")  # a Monday
    past.release("v1.1", "2024-01-03")
    past.release("v1.2", "2024-01-22")
    found = past.metrics(as_of="2024-01-28")
    frequency = figure(found, "release-frequency")
    assert (frequency.value, frequency.n, frequency.grade) == (0.75, 3, Grade.MEASURED)
    mondays = [at("2024-01-01T00:00"), at("2024-01-22T00:00")]
    assert [(week.monday, week.releases) for week in found.weeks] == list(zip(mondays, (2, 1), strict=True))
    assert figure(found, "release-days-per-week-median").value == 0.5
    assert figure(found, "release-interval-median").value == (2 + 19) * DAY / 2
    assert left_out(figure(found, "release-interval-p90")) == {FIRST: 1}


def test_one_release_makes_no_rhythm() -> None:
    past = Past()
    past.release("v1.0", "2024-01-01")
    found = past.metrics()
    for name in ("release-frequency", "release-days-per-week-median", "release-interval-median"):
        assert figure(found, name).value is None
        assert figure(found, name).grade is Grade.NOT_AVAILABLE


def test_no_release_at_all() -> None:
    past = Past()
    past.commit("Work", "2024-01-01")
    found = past.metrics()
    assert all(one.value is None and one.n == 0 for one in found.figures)
    assert not found.weeks
    assert not found.releases


def test_aliases_and_candidates_do_not_count_and_are_counted_as_left_out() -> None:
    past = Past()
    past.commit("Work", "2024-01-01")
    past.tag("v1.0-rc1", "2024-01-01")
    past.release("v1.0", "2024-01-08")
    past.tag("stable-v1.0", "2024-01-09")
    found = past.metrics()
    assert [release.tag for release in found.releases] == ["v1.0"]
    assert {one.reason: one.n for one in found.excluded} == {ALIAS: 1, CANDIDATE: 1}
    counted = past.metrics(prereleases=True)
    assert [release.tag for release in counted.releases] == ["v1.0-rc1", "v1.0"]


def test_the_window_leaves_old_releases_out_and_says_so() -> None:
    past = Past()
    past.release("v1.0", "2023-01-01")
    past.release("v1.1", "2024-01-01")
    past.release("v1.2", "2024-01-20")
    found = past.metrics(window_days=90)
    assert [release.tag for release in found.releases] == ["v1.1", "v1.2"]
    assert {one.reason: one.n for one in found.excluded} == {OUTSIDE: 1}
    assert found.window.start == at("2024-01-20") + HOUR - 90 * DAY


def test_a_tag_made_after_the_last_commit_is_not_lost() -> None:
    past = Past()
    past.commit("Work", "2024-01-01")
    past.tag("v1.0", "2024-02-01")
    found = past.metrics()
    assert found.window.end == at("2024-02-01")
    assert [release.at for release in found.releases] == [at("2024-02-01")]


def test_the_deployment_tick_is_the_time_of_a_release_else_the_tag_else_the_commit() -> None:
    past = Past()
    past.commit("Work", "2024-01-01")
    past.tag("v1.0")
    past.release("v1.1", "2024-01-08")
    past.release("v1.2", "2024-01-15")
    deployed = cycle(
        "v1.2",
        item("Deploy to staging", tick("2024-01-15T14:00", before_tag=False), Phase.RELEASE),
        item("Deploy to production", tick("2024-01-16T09:00", before_tag=False), Phase.RELEASE),
        item("Announce", tick("2024-01-20", before_tag=False), Phase.RELEASE),
        item("Deploy the mirror", None, Phase.RELEASE, conditional=True),
    )
    found = past.metrics(deployed)
    assert [(release.clue, release.at) for release in found.releases] == [
        (Clue.INFERRED, at("2024-01-01")),
        (Clue.TAGGED, at("2024-01-08") + HOUR),
        (Clue.DEPLOYED, at("2024-01-16T09:00")),
    ]
    assert figure(found, "release-times-inferred").value == pytest.approx(1 / 3)
    assert left_out(figure(found, "deployment-frequency")) == {NOT_DEPLOYED: 2}


def test_a_deployment_with_an_open_box_is_not_done() -> None:
    past = Past()
    past.release("v1.0", "2024-01-08")
    half = cycle(
        "v1.0",
        item("Deploy to staging", tick("2024-01-09", before_tag=False), Phase.RELEASE),
        item("Deploy to production", None, Phase.RELEASE),
    )
    assert past.metrics(half).releases[0].clue is Clue.TAGGED


def test_deployment_frequency_needs_deployment_ticks() -> None:
    past = Past()
    cycles = []
    for number, day in enumerate(("2024-01-01", "2024-01-08", "2024-01-15")):
        past.release(f"v1.{number}", day)
        done = tick(f"{day}T20:00", before_tag=False)
        cycles.append(cycle(f"v1.{number}", item("Deployed", done, Phase.RELEASE)))
    assert figure(past.metrics(), "deployment-frequency").value is None
    assert figure(past.metrics(*cycles), "deployment-frequency").value == 1.0


@given(st.lists(st.integers(0, 300), min_size=2, max_size=25), st.integers(0, 60))
def test_figures_agree_with_a_slow_count_of_days(days: list[int], quiet: int) -> None:
    monday = datetime(2024, 1, 1, 12, tzinfo=UTC)
    moments = sorted(monday + timedelta(days=day) for day in days)
    past = Past()
    for number, moment in enumerate(moments):
        past.commit(f"Work {number}", int(moment.timestamp()))
        past.tag(f"v1.{number}", int(moment.timestamp()))
    end = moments[-1] + timedelta(days=quiet)
    found = past.metrics(as_of=int(end.timestamp()))

    weeks: dict[tuple[int, int], set[object]] = {}
    day = moments[0]
    while day <= end + timedelta(days=6 - end.weekday()):
        weeks.setdefault(day.isocalendar()[:2], set())
        day += timedelta(days=1)
    for moment in moments:
        weeks[moment.isocalendar()[:2]].add(moment.date())
    assert figure(found, "release-frequency").value == pytest.approx(len(moments) / len(weeks))
    assert figure(found, "release-days-per-week-median").value == statistics.median(map(len, weeks.values()))
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    assert figure(found, "release-interval-median").value == statistics.median(gaps)
    assert sum(week.releases for week in found.weeks) == len(moments)
