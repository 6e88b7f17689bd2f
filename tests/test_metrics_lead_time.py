"""Change lead time: examples, and every figure against an independent slow computation on random graphs."""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import amount
from checktrail.metrics import Metrics
from checktrail.metrics.lead_time import MERGE, NEGATIVE, TWIN, UNRELEASED
from checktrail.metrics.scope import OUTSIDE
from past import DAY, HOUR, Past, at, figure, left_out


def lead(found: Metrics) -> tuple[float | None, int]:
    median = figure(found, "change-lead-time-median")
    return median.value, median.n


def test_from_the_commit_to_its_first_release() -> None:
    past = Past()
    past.commit("Add a thing", "2024-01-01")
    past.commit("Add another", "2024-01-03")
    past.tag("v1.0", "2024-01-05")
    past.commit("Later", "2024-01-06")
    past.tag("v1.1", "2024-01-07")
    found = past.metrics()
    assert lead(found) == (2 * DAY, 3)
    assert figure(found, "change-lead-time-p90").value == pytest.approx(3.6 * DAY)
    assert [release.lead_times for release in found.releases] == [(2 * DAY, 4 * DAY), (DAY,)]


def test_merges_and_unreleased_commits_are_left_out_and_counted() -> None:
    past = Past()
    root = past.commit("Begin", "2024-01-01")
    side = past.commit("Side", "2024-01-02", parents=(root,))
    past.commit("Main", "2024-01-03", parents=(root,))
    past.commit("Merge side", "2024-01-04", parents=(past.head or "", side))
    past.tag("v1.0", "2024-01-04")
    past.commit("Not yet", "2024-01-05")
    found = past.metrics()
    assert lead(found) == (2 * DAY, 3)
    assert left_out(figure(found, "change-lead-time-p75")) == {MERGE: 1, UNRELEASED: 1}


def test_a_commit_dated_after_its_release_is_left_out_and_counted() -> None:
    past = Past()
    past.commit("Good clock", "2024-01-01")
    past.commit("Bad clock", "2031-01-01")
    past.tag("v1.0", "2024-01-02")
    found = past.metrics()
    assert lead(found) == (DAY, 1)
    assert left_out(figure(found, "change-lead-time-median")) == {NEGATIVE: 1}


@pytest.mark.parametrize(
    ("original", "pick"),
    [
        ("Fix it", "Fix it too\n\n(cherry picked from commit {})"),
        ("Fix it\n\nChange-Id: I0123456789abcdef", "Mend it\n\nChange-Id: I0123456789abcdef"),
        ("Fix it", "Fix it\n\nSame author, same date, same subject"),
    ],
)
def test_a_cherry_picked_change_counts_once_from_its_first_commit_to_its_first_release(
    original: str, pick: str
) -> None:
    past = Past()
    base = past.release("v1.0", "2024-01-01")
    fix = past.commit(original, "2024-01-10")
    past.commit("New feature", "2024-01-11")
    past.tag("v2.0", "2024-02-10")
    past.commit(pick.format(fix), "2024-01-15", parents=(base,), authored=at("2024-01-10"))
    past.tag("v1.0.1", "2024-01-20")
    past.head = fix
    found = past.metrics()
    assert left_out(figure(found, "change-lead-time-median")) == {TWIN: 1}
    assert {release.tag: release.lead_times for release in found.releases} == {
        "v1.0": (HOUR,),
        "v1.0.1": (10 * DAY,),
        "v2.0": (30 * DAY,),
    }


def test_a_candidate_ships_to_nobody_unless_candidates_count() -> None:
    past = Past()
    past.commit("Add a thing", "2024-01-01")
    past.tag("v1.0-rc1", "2024-01-03")
    past.commit("Mend a thing", "2024-01-04")
    past.tag("v1.0", "2024-01-05")
    assert [release.lead_times for release in past.metrics().releases] == [(DAY, 4 * DAY)]
    assert [release.lead_times for release in past.metrics(prereleases=True).releases] == [(2 * DAY,), (DAY,)]


def test_a_change_shipped_before_the_window_is_not_shipped_again_by_a_later_release() -> None:
    past = Past()
    past.release("v1.0", "2023-01-01")
    past.release("v1.1", "2024-01-01")
    found = past.metrics(window_days=30)
    assert lead(found) == (HOUR, 1)
    assert left_out(figure(found, "change-lead-time-median")) == {OUTSIDE: 1}


# --- against a slow computation, on random graphs ---------------------------------------------------------------------


def random_past(seed: int) -> Past:
    chance = random.Random(seed)  # noqa: S311 -- graphs, not secrets
    past = Past()
    made: list[str] = []
    for number in range(chance.randint(1, 30)):
        width = chance.choice((0, 1, 1, 1, 1, 2, 3)) if number else 0
        parents = tuple(chance.sample(made[-6:], min(width, len(made[-6:]))))
        made.append(past.commit(f"Change {number}", chance.randint(0, 400) * HOUR, parents=parents))
    for number in range(chance.randint(0, 8)):
        name = f"v{chance.randint(0, 2)}.{number}" + chance.choice(("", "", "", "-rc1"))
        past.tag(name, chance.choice((None, chance.randint(0, 500) * HOUR)), commit=chance.choice(made))
    past.head = chance.choice(made)
    return past


def ancestors(past: Past, commit: str | None) -> set[str]:
    waiting, found = [commit] if commit else [], set()
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(past.commits[one].parents)
    return found


def slow_lead_times(past: Past) -> tuple[list[int], int]:
    """Every lead time, and how many commits there are in all: by whole ancestor sets, one release after the other."""
    every = past.sources().membership.releases
    order = [release for release in every if not release.prerelease and release.alias_of is None]
    heads = [past.head, *(tag.commit for tag in past.tags)]
    reached = set().union(*(ancestors(past, head) for head in heads))
    times = []
    for name in reached:
        commit = past.commits[name]
        first = next((release for release in order if name in ancestors(past, release.commit)), None)
        if first is not None and len(commit.parents) < 2 and first.at >= commit.committed_at:
            times.append(first.at - commit.committed_at)
    return times, len(reached)


@given(st.integers(0, 10**6))
@settings(max_examples=amount(150), deadline=None)
def test_lead_times_agree_with_a_slow_computation_and_nothing_is_lost(seed: int) -> None:
    past = random_past(seed)
    found = past.metrics()
    times, reached = slow_lead_times(past)
    median = figure(found, "change-lead-time-median")
    assert median.n == len(times)
    assert median.value == (pytest.approx(statistics.median(times)) if times else None)
    assert sorted(time for release in found.releases for time in release.lead_times) == sorted(times)
    assert median.n + sum(left_out(median).values()) == reached
    assert len(found.releases) + sum(one.n for one in found.excluded) == len(past.tags)


@given(st.integers(0, 10**6))
@settings(max_examples=amount(60), deadline=None)
def test_an_unrelated_branch_changes_nothing(seed: int) -> None:
    past = random_past(seed)
    head, before = past.head, past.metrics()
    for number, message in enumerate(("Other work", "This reverts commit " + (head or ""), "Hotfix-For: v1.0")):
        past.commit(message, number * DAY, parents=() if number == 0 else (past.head or "",))
    past.head = head
    assert past.metrics() == before
