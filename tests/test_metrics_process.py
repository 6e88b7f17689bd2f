"""Deployment duration, process time, sign-offs, the worth of items, habits."""

from __future__ import annotations

import pytest

from checktrail.metrics import Metrics
from checktrail.metrics.cycles import Cycle
from checktrail.metrics.habits import Habit
from checktrail.metrics.process import AFTERWARDS, NO_CHECKLIST, NO_GATE, NO_TICK, SAME_COMMIT
from checktrail.metrics.scope import CANDIDATE
from checktrail.metrics.worth import Judgement, Worth
from checktrail.model import Phase, State
from past import DAY, HOUR, Past, cycle, figure, item, left_out, tick


def past_of(count: int) -> Past:
    """Releases v1.0, v1.1, … on the first of each month of 2024, at one o'clock."""
    past = Past()
    for number in range(count):
        past.release(f"v1.{number}", f"2024-{number + 1:02}-01")
    return past


# --- durations --------------------------------------------------------------------------------------------------------


def test_deployment_duration_is_from_the_first_to_the_last_tick_of_the_release_phase() -> None:
    timed = cycle(
        "v1.0",
        item("Build pushed", tick("2024-01-01T14:00", before_tag=False), Phase.RELEASE),
        item("Package published", tick("2024-01-01T14:45", before_tag=False), Phase.RELEASE),
        item("Checked", tick("2024-01-02T14:45", before_tag=False), Phase.VERIFY),
    )
    heap = cycle(
        "v1.1",
        item("Build pushed", tick("2024-02-01T14:00", commit="c", before_tag=False), Phase.RELEASE),
        item("Package published", tick("2024-02-01T14:00", commit="c", before_tag=False), Phase.RELEASE),
    )
    past = past_of(4)
    past.tag("v2.0-rc1", "2024-05-01")
    past.commit("More", "2024-05-02")
    found = past.metrics(timed, heap, cycle("v1.2", item("Build pushed", None, Phase.RELEASE)))
    duration = figure(found, "deployment-duration-median")
    assert (duration.value, duration.n) == (45 * 60, 1)
    assert left_out(duration) == {SAME_COMMIT: 1, NO_TICK: 1, NO_CHECKLIST: 1, "another tag on the same commit": 1}
    assert CANDIDATE not in left_out(duration)  # its commit is that of a final release


def test_process_time_is_from_the_first_tick_to_the_release() -> None:
    past = past_of(3)
    found = past.metrics(
        cycle("v1.0", item("Tests pass", tick("2023-12-30T13:00")), item("Docs", tick("2023-12-31"))),
        cycle("v1.1", item("Tests pass", tick("2024-02-04", before_tag=False))),
    )
    time = figure(found, "process-time-median")
    assert (time.value, time.n, left_out(time)) == (2 * DAY, 1, {AFTERWARDS: 1, NO_CHECKLIST: 1})


def test_signoff_latency_is_from_the_gate_before() -> None:
    def signed(tag: str, day: str) -> Cycle:
        return cycle(
            tag,
            item("Tests pass", tick(f"{day}T08:00")),
            item("QA sign-off", tick(f"{day}T10:00"), Phase.SIGNOFF, role="QA"),
            item("Product sign-off", tick(f"{day}T11:00"), Phase.SIGNOFF, role="Product"),
            item("Late docs", tick(f"{day}T12:00")),
        )

    found = past_of(2).metrics(signed("v1.0", "2024-01-01"), signed("v1.1", "2024-02-01"))
    assert figure(found, "signoff-latency-median").value == 1.5 * HOUR
    assert figure(found, "signoff-latency-median").n == 4
    assert figure(found, "signoff-latency-p90", "QA").value == 2 * HOUR
    assert figure(found, "signoff-latency-p90", "Product").value == HOUR


def test_a_signoff_with_no_gate_before_it_or_in_the_gates_own_commit_has_no_latency() -> None:
    found = past_of(2).metrics(
        cycle("v1.0", item("QA", tick("2024-01-01"), Phase.SIGNOFF, role="QA")),
        cycle(
            "v1.1",
            item("Tests", tick("2024-02-01", commit="c")),
            item("QA", tick("2024-02-01", commit="c"), Phase.SIGNOFF, role="QA"),
        ),
    )
    latency = figure(found, "signoff-latency-median")
    assert (latency.value, left_out(latency)) == (None, {NO_GATE: 1, SAME_COMMIT: 1})


def test_a_role_with_several_attestations_has_signed_with_the_last() -> None:
    both = cycle(
        "v1.0",
        item("Tests pass", tick("2024-01-01T08:00")),
        item("Scan read", tick("2024-01-01T09:00"), Phase.SIGNOFF, role="Security"),
        item("Secrets rotated", tick("2024-01-01T11:00"), Phase.SIGNOFF, role="Security"),
    )
    partly = cycle("v1.1", item("Tests pass", tick("2024-02-01T08:00")),
                   item("Scan read", tick("2024-02-01T09:00"), Phase.SIGNOFF, role="Security"),
                   item("Secrets rotated", None, Phase.SIGNOFF, role="Security"))  # fmt: skip
    latency = figure(past_of(2).metrics(both, partly), "signoff-latency-median")
    assert (latency.value, latency.n) == (3 * HOUR, 1)


def test_late_signoffs_are_those_the_tag_does_not_hold() -> None:
    found = past_of(1).metrics(
        cycle(
            "v1.0",
            item("QA", tick("2024-01-01"), Phase.SIGNOFF, role="QA"),
            # Its date lies before the tag's: only topology says that it came after.
            item("Product", tick("2023-12-01", before_tag=False), Phase.SIGNOFF, role="Product"),
            item("Legal", None, Phase.SIGNOFF, role="Legal"),
        )
    )
    late = figure(found, "late-signoffs")
    assert (late.value, late.n, left_out(late)) == (0.5, 2, {NO_TICK: 1})


# --- worth ------------------------------------------------------------------------------------------------------------


def worth_of(found: Metrics, text: str) -> Worth:
    return next(worth for worth in found.worth if worth.text == text)


def test_worth_finds_dead_late_and_rubber_stamped_items() -> None:
    cycles = [
        cycle(
            f"v1.{number}",
            item("Tests pass", tick(f"2024-0{number + 1}-01T09:00")),
            item("Never looked at", None),
            item("Docs", tick(f"2024-0{number + 1}-05", before_tag=False)),
            item("Stamped", tick(f"2024-0{number + 1}-01T10:00", boxes=12)),
            item("Old platform", None, state=State.NOT_APPLICABLE),
            item("Stop the roll-out", None, Phase.CONTINGENCY),
            item("Migrate (if needed)", None, conditional=True),
            item("Push", tick(f"2024-0{number + 1}-01T15:00", before_tag=False), Phase.RELEASE),
        )
        for number in range(3)
    ]
    found = past_of(3).metrics(*cycles)
    assert {worth.text: worth.judgement for worth in found.worth} == {
        "Tests pass": Judgement.SOUND,
        "Never looked at": Judgement.DEAD,
        "Docs": Judgement.ALWAYS_LATE,
        "Stamped": Judgement.RUBBER_STAMPED,
        "Old platform": Judgement.NEVER_APPLIES,
        "Migrate (if needed)": Judgement.NEVER_APPLIES,
        "Stop the roll-out": Judgement.UNKNOWN,  # an untouched contingency list is a good sign
        "Push": Judgement.SOUND,  # due after the tag
    }
    for worth in found.worth:
        assert worth.releases == 3
        assert worth.ticked + worth.open + worth.not_applicable == worth.releases


def test_worth_with_little_history_judges_nothing() -> None:
    found = past_of(2).metrics(cycle("v1.0", item("Dead", None)), cycle("v1.1", item("Dead", None)))
    assert worth_of(found, "Dead").judgement is Judgement.UNKNOWN
    assert worth_of(found, "Dead").open == 2


def test_a_box_born_ticked_is_ticked_but_by_no_act() -> None:
    found = past_of(1).metrics(cycle("v1.0", item("Born", None, state=State.TICKED)))
    assert (worth_of(found, "Born").ticked, worth_of(found, "Born").in_bulk) == (1, 0)


# --- habits -----------------------------------------------------------------------------------------------------------


def habit_of(*ticks: tuple[str, str], count: int | None = None) -> Habit | None:
    cycles = [cycle(f"v1.{number}", item("QA", tick(on, by=by))) for number, (by, on) in enumerate(ticks)]
    return past_of(count or len(ticks)).metrics(*cycles).habits.get("QA")


def test_a_habit_says_who_when_and_how_often() -> None:
    days = [f"2024-{month:02}-28T13:00" for month in range(1, 8)]
    ticks = [("Dana", "2023-12-30T13:00"), *(("Dana", day) for day in days[:6]), ("Ben", days[6])]
    habit = habit_of(*ticks)
    assert habit is not None
    assert (habit.who, habit.times, habit.cycles) == ("Dana", 7, 8)
    assert habit.sentence == "usually Dana, 3 days before the tag, 7 of 8"


def test_habits_are_silent_with_fewer_than_three_cycles() -> None:
    assert habit_of(("Dana", "2023-12-30"), ("Dana", "2024-01-30"), count=4) is None


def test_nobody_is_named_who_did_it_in_half_of_the_cycles_only() -> None:
    habit = habit_of(
        ("Dana", "2023-12-31"), ("Ben", "2024-01-31"), ("Dana", "2024-02-29"), ("Ben", "2024-03-31"),
    )  # fmt: skip
    assert habit == Habit(None, 4, 4, 25 * HOUR)
    assert habit.sentence == "usually 1 day before the tag, 4 cycles"


@pytest.mark.parametrize(
    ("lead", "words"),
    [
        (0, "with the tag"), (1800, "within the hour before the tag"), (-1800, "within the hour after the tag"),
        (5 * HOUR, "5 hours before the tag"), (-DAY, "1 day after the tag"), (15 * DAY, "15 days before the tag"),
    ],
)  # fmt: skip
def test_times_relative_to_the_tag(lead: int, words: str) -> None:
    assert words in Habit("Dana", 3, 3, lead).sentence


def test_the_current_items_carry_the_habits_of_their_kin() -> None:
    cycles = [cycle(f"v1.{number}", item("QA", tick(f"2024-0{number + 1}-01"))) for number in range(3)]
    found = past_of(3).metrics(*cycles, current=cycle(None, item("QA", None)))
    assert found.habits["QA"].times == 3
