"""Readiness over time and the forecast: what it says, how often it is right, and when it is silent."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.metrics.cycles import Cycle
from checktrail.metrics.figures import DAY
from checktrail.metrics.forecast import FASTER, LESS_READY, NO_CHECKLIST, Forecast, Silent
from checktrail.metrics.readiness import Step, burn_up, curve, ready_at
from checktrail.model import Phase, State
from past import HOUR, Past, at, cycle, item, tick

ITEMS = 10


def past_cycle(tag: str | None, began: int, paces: list[int]) -> Cycle:
    """A cycle whose k-th item was ticked after so many hours; those that would come later are open."""
    items = [item(f"item {k}", tick(began + hours * HOUR, commit=f"{tag} {k}")) for k, hours in enumerate(paces)]
    return cycle(tag, *items, *(item(f"item {k}", None) for k in range(len(paces), ITEMS)))


def history(remaining: list[int]) -> tuple[Past, list[Cycle]]:
    """Past cycles, half ready at once and ready so many hours later."""
    past, cycles = Past(), []
    for number, hours in enumerate(remaining):
        began = at("2020-01-01") + number * 60 * DAY
        past.commit(f"Work {number}", began)
        past.tag(f"v1.{number}", began + hours * HOUR)
        cycles.append(past_cycle(f"v1.{number}", began, [0] * 5 + [hours] * 5))
    return past, cycles


def forecast(remaining: list[int], waited: int = 0, done: int = 5) -> Forecast | Silent:
    past, cycles = history(remaining)
    now = at("2024-01-01")
    current = past_cycle(None, now, [0] * done)
    return past.metrics(*cycles, current=current, as_of=now + waited * HOUR).forecast


# --- readiness --------------------------------------------------------------------------------------------------------


def test_the_burn_up_counts_only_what_is_due_at_the_tag() -> None:
    current = cycle(
        None,
        item("Tests", tick("2024-01-02"), created_at=at("2024-01-01")),
        item("Docs", None, created_at=at("2024-01-01")),
        item("Found late", tick("2024-01-06"), created_at=at("2024-01-04")),
        item("If applicable", tick("2024-01-03"), conditional=True),
        item("Does not apply", None, state=State.NOT_APPLICABLE),
        item("Push the tag", tick("2024-01-03"), Phase.RELEASE),
    )
    assert burn_up(current) == (
        Step(at("2024-01-02"), 2, 1),
        Step(at("2024-01-04"), 3, 1),
        Step(at("2024-01-06"), 3, 2),
    )


def test_a_past_curve_begins_with_what_stood_ticked_and_ends_at_the_tag() -> None:
    tagged = at("2024-01-10")
    made = cycle(
        "v1.0",
        item("Born ticked", None, state=State.TICKED),
        item("Tests", tick("2024-01-02")),
        item("Clock ahead", tick("2024-02-02")),
        item("Late", tick("2024-01-12", before_tag=False)),
    )
    steps = curve(made, tagged)
    assert steps == (Step(at("2024-01-02"), 4, 2), Step(tagged, 4, 3))
    assert ready_at(steps, tagged) == tagged  # the team called it ready
    assert ready_at((Step(5, 2, 1), Step(9, 2, 2)), tagged) == 9


# --- the forecast -----------------------------------------------------------------------------------------------------


def test_the_range_is_between_two_past_times_with_its_probability() -> None:
    found = forecast([10, 20, 30, 40, 50])
    assert isinstance(found, Forecast)
    began = at("2024-01-01")
    assert (found.earliest, found.median, found.latest) == (began + 10 * HOUR, began + 30 * HOUR, began + 50 * HOUR)
    assert found.coverage == pytest.approx(4 / 6)
    assert (found.n, found.readiness.ticked, found.readiness.required) == (5, 5, 10)


@pytest.mark.parametrize(("n", "k"), [(5, 1), (9, 1), (19, 2), (29, 3)])
def test_a_longer_history_narrows_the_range_to_four_of_five(n: int, k: int) -> None:
    found = forecast([10 * (place + 1) for place in range(n)])
    assert isinstance(found, Forecast)
    assert found.earliest == at("2024-01-01") + 10 * k * HOUR
    assert found.coverage == pytest.approx((n + 1 - 2 * k) / (n + 1))


def test_cycles_that_were_ready_sooner_than_this_one_has_waited_are_left_out() -> None:
    found = forecast([10, 20, 30, 40, 50, 60, 70], waited=20)
    assert isinstance(found, Forecast)
    assert found.n == 5
    assert found.earliest == at("2024-01-01") + 30 * HOUR
    assert left_out_of(found) == {FASTER: 2}


@pytest.mark.parametrize(
    ("remaining", "waited", "reasons"),
    [([10, 20, 30, 40], 0, {}), ([10, 20, 30, 40, 50], 25, {FASTER: 2})],
)
def test_it_is_silent_with_too_little_history(remaining: list[int], waited: int, reasons: dict[str, int]) -> None:
    found = forecast(remaining, waited)
    assert isinstance(found, Silent)
    assert left_out_of(found) == reasons
    assert found.n + sum(reasons.values()) == len(remaining)


def test_cycles_that_do_not_compare_are_counted() -> None:
    past, cycles = history([10, 20, 30, 40, 50])
    past.release("v2.0", "2023-01-01")
    unready = past_cycle("v2.0", at("2022-12-01"), [0, 1])
    past.release("v2.1", "2023-02-01")
    now = at("2024-01-01")
    found = past.metrics(*cycles, unready, current=past_cycle(None, now, [0] * 5), as_of=now).forecast
    assert left_out_of(found) == {LESS_READY: 1, NO_CHECKLIST: 1}


def test_it_is_silent_when_nothing_is_under_way_or_all_is_done() -> None:
    past, cycles = history([10, 20, 30, 40, 50])
    assert isinstance(past.metrics(*cycles).forecast, Silent)
    for done in (0, ITEMS):
        assert isinstance(forecast([10, 20, 30, 40, 50], done=done), Silent)


def left_out_of(found: Forecast | Silent) -> dict[str, int]:
    return {one.reason: one.n for one in found.excluded}


@given(st.lists(st.integers(1, 1000), min_size=5, max_size=40), st.integers(0, 1000))
def test_the_range_never_lies_in_the_past_and_holds_its_median(remaining: list[int], waited: int) -> None:
    found = forecast(remaining, waited)
    if isinstance(found, Forecast):
        assert at("2024-01-01") + waited * HOUR < found.earliest <= found.median <= found.latest
        assert 0.5 < found.coverage < 1
    assert found.n + sum(one.n for one in found.excluded) == len(remaining)


@pytest.mark.parametrize("n", [6, 12])
def test_the_range_is_right_as_often_as_it_says(n: int) -> None:
    chance = random.Random(n)  # noqa: S311 -- times, not secrets
    hits, rounds, coverage = 0, 300, 0.0
    for _ in range(rounds):
        *known, truth = [int(chance.lognormvariate(4, 1)) + 1 for _ in range(n + 1)]
        found = forecast(known)
        assert isinstance(found, Forecast)
        coverage = found.coverage
        hits += found.earliest <= at("2024-01-01") + truth * HOUR <= found.latest
    assert hits / rounds == pytest.approx(coverage, abs=0.07)
