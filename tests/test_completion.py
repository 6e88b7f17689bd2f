"""Counts that add up and percentages that tell the truth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.completion import NONE, Totals, own_totals, percent, phase_totals, section_totals, totals
from checktrail.model import Phase
from checktrail.parse import parse

MIXED = """# Release

- [x] top

## Pre-release
- [x] a
- [ ] b
- [ ] c (if applicable)
- [-] d
### Deep
- [x] e

## Deployment
- [ ] f
  - [x] g

## Emergency rollback
- [ ] Deploy the last image
"""


def test_a_parent_counts_once_and_so_does_each_child() -> None:
    assert totals(parse(MIXED)) == Totals(
        items=9,
        ticked=4,
        open=4,
        not_applicable=1,
        conditional=1,
        required=4,
        required_ticked=3,
        required_at_close=6,
        required_at_close_ticked=4,
    )


def test_a_section_counts_with_its_subsections() -> None:
    checklist = parse(MIXED)
    counts = dict(zip((section.heading for section in checklist.sections), section_totals(checklist), strict=True))
    assert (counts["Pre-release"].items, counts["Deep"].items, counts["Deployment"].items) == (5, 1, 2)
    assert own_totals(checklist)[1].items == 1


def test_phases_that_hold_nothing_are_left_out() -> None:
    assert list(phase_totals(parse(MIXED))) == [Phase.PREPARE, Phase.RELEASE, Phase.CONTINGENCY]


@pytest.mark.parametrize(
    ("done", "whole", "said"),
    [
        (0, 0, "n/a"),
        (0, 3, "0%"),
        (3, 3, "100%"),
        (1, 1000, "1%"),
        (999, 1000, "99%"),
        (199, 200, "99%"),
        (1, 2, "50%"),
        (2, 3, "67%"),
    ],
)
def test_percentages(done: int, whole: int, said: str) -> None:
    assert percent(done, whole) == said


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_hundred_percent_means_all_and_nought_means_none(done: int, more: int) -> None:
    whole = done + more
    said = percent(done, whole)
    assert (said == "100%") == (whole > 0 and done == whole)
    assert (said == "0%") == (whole > 0 and done == 0)
    assert (said == "n/a") == (whole == 0)


_LINES = st.lists(
    st.sampled_from(
        [
            "# T",
            "## Pre-release",
            "## Release process",
            "### Deep",
            "## Rollback",
            "- [ ] open",
            "- [x] ticked",
            "  - [x] child",
            "- [-] left out",
            "- [ ] maybe (if needed)",
            "- [ ] If rollback:",
            "",
            "text",
        ]
    ),
    max_size=40,
).map("\n".join)


@given(_LINES)
def test_parts_sum_to_the_whole(text: str) -> None:
    checklist = parse(text)
    whole = totals(checklist)
    assert whole.items == whole.ticked + whole.open + whole.not_applicable == len(checklist.items)
    assert sum(own_totals(checklist), NONE) == whole
    assert sum(phase_totals(checklist).values(), NONE) == whole
    outermost = [
        count
        for section, count in zip(checklist.sections, section_totals(checklist), strict=True)
        if section.parent is None
    ]
    assert sum(outermost, NONE) == whole
    assert whole.required_ticked <= whole.required <= whole.required_at_close <= whole.items
