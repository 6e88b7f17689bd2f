"""Figures: values, percentiles, exclusions, and how they are said."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.errors import InvariantError
from checktrail.metrics.failures import Sign
from checktrail.metrics.figures import (
    DAY,
    HOUR,
    Basis,
    Excluded,
    Figure,
    Grade,
    Unit,
    Window,
    adding,
    figure,
    left_out,
    quantile,
    spread,
)
from checktrail.metrics.wording import duration, spoken, title
from checktrail.metrics.worth import Judgement
from past import Past

ALWAYS = Window(None, None)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=60))
def test_quantiles_are_those_of_the_standard_library(values: list[int]) -> None:
    hundredths = statistics.quantiles(values, n=100, method="inclusive")
    assert quantile(values, 0.5) == pytest.approx(statistics.median(values))
    assert quantile(values, 0.75) == pytest.approx(hundredths[74])
    assert quantile(values, 0.9) == pytest.approx(hundredths[89])


def test_a_quantile_of_one_is_that_one_and_of_nothing_is_nothing() -> None:
    assert quantile([7], 0.9) == 7
    assert quantile([], 0.5) is None


def test_a_figure_on_nothing_is_not_available_and_never_0() -> None:
    basis = Basis(Grade.MEASURED, 0, (Excluded("too young to judge", 4),), ALWAYS)
    for one in (figure("rework-rate", 0.0, Unit.SHARE, basis), *spread("process-time", [], Unit.SECONDS, basis)):
        assert one.value is None
        assert one.grade is Grade.NOT_AVAILABLE
        assert one.excluded == (Excluded("too young to judge", 4),)


@pytest.mark.parametrize(("value", "grade"), [(None, Grade.MEASURED), (0.0, Grade.NOT_AVAILABLE)])
def test_a_value_without_evidence_cannot_be_made(value: float | None, grade: Grade) -> None:
    with pytest.raises(InvariantError, match="rework-rate"):
        Figure("rework-rate", value, Unit.SHARE, grade, 1, (), ALWAYS)


@given(st.lists(st.sampled_from(("merge", "too young", "candidate"))), st.integers(0, 5))
def test_exclusions_count_everything_once_and_name_no_reason_that_never_applied(reasons: list[str], more: int) -> None:
    found = adding(left_out(reasons), "another", more)
    assert sum(one.n for one in found) == len(reasons) + more
    assert all(one.n for one in found)
    assert list(found) == sorted(found)


def test_a_window_holds_its_own_ends() -> None:
    window = Window(10, 20)
    assert [window.holds(at) for at in (9, 10, 20, 21)] == [False, True, True, False]
    assert ALWAYS.holds(0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"), (59, "59 seconds"), (60, "1 minute"), (90 * 60, "1.5 hours"), (HOUR, "1 hour"),
        (47 * HOUR, "47 hours"), (3 * DAY, "3 days"), (4.52 * DAY, "4.5 days"), (400 * DAY, "400 days"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("value", "unit", "n", "words"),
    [
        (None, Unit.SHARE, 0, "n/a"),
        (0.0, Unit.SHARE, 8, "0%"),
        (1 / 3, Unit.SHARE, 3, "33%"),
        (999 / 1000, Unit.SHARE, 1000, "99%"),  # 100% only when all are
        (1.0, Unit.SHARE, 2, "100%"),
        (0.0004, Unit.PER_WEEK, 2, "4.0e-04 a week"),
        (0.25, Unit.PER_WEEK, 2, "0.25 a week"),
        (1.0, Unit.DAYS, 2, "1 day"),
        (12.5, Unit.PER_HUNDRED, 8, "12 per 100 releases"),
        (86400.0, Unit.SECONDS, 8, "24 hours"),
    ],
)
def test_values_in_words(value: float | None, unit: Unit, n: int, words: str) -> None:
    assert spoken(figure("any", value, unit, Basis(Grade.MEASURED, n, (), ALWAYS))) == words


def test_a_title_names_its_percentile_and_its_role() -> None:
    basis = Basis(Grade.MEASURED, 1, (), ALWAYS, "QA Lead")
    assert title(spread("signoff-latency", [1], Unit.SECONDS, basis)[1]) == "Sign-off latency, 75th percentile: QA Lead"
    assert (
        title(figure("change-fail-rate-proxy", 0.5, Unit.SHARE, basis._replace(of=None)))
        == "Change fail rate, inferred"
    )


REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "metrics.md"


def test_the_reference_knows_every_figure_sign_grade_and_judgement() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    for one in Past().metrics().figures:
        family = one.name.removesuffix("-p75").removesuffix("-p90")
        known = f"`{family}`" if family == one.name else f"`{family}-median`"
        assert known in text, one.name
    assert all(f"| {sign.value} |" in text for sign in Sign)
    assert all(f"| `{word.value}` |" in text for word in (*Grade, *Judgement))
