"""The pictures of the metrics page: what they show, that they add up, and that no date can break them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import amount
from checktrail.charts import Picture
from checktrail.metrics import Metrics
from checktrail.metrics.pictures import pictures
from past import DAY, Past, at, cycle, item, tick


def named(found: Metrics, start: str) -> Picture:
    return next(picture for picture in pictures(found) if picture.title.startswith(start))


def rows(picture: Picture) -> dict[str, str]:
    assert picture.table is not None
    return {row[0]: row[1] for row in picture.table.rows}


def test_nothing_to_show_makes_no_picture() -> None:
    assert pictures(Past().metrics()) == ()


def test_the_finest_span_that_fits_is_taken() -> None:
    for days, span in ((20, "week"), (300, "month"), (1500, "quarter"), (8000, "year"), (40000, "5 years")):
        past = Past()
        for number, day in enumerate((0, days)):
            past.commit(f"Work {number}", at("2001-01-01") + day * DAY)
            past.tag(f"v1.{number}", at("2001-01-01") + day * DAY)
        picture = named(past.metrics(), "Releases per")
        assert picture.title == f"Releases per {span}"
        assert len(rows(picture)) <= 26
        assert sum(map(int, rows(picture).values())) == 2


def test_failed_releases_are_told_apart() -> None:
    past = Past()
    bad = past.release("v1.0", "2024-01-01")
    past.release("v1.1", "2024-02-01")
    past.commit(f"Revert\n\nThis reverts commit {bad}.", "2024-02-02")
    past.release("v2.0", "2024-03-01")
    past.release("v2.1", "2024-05-01")
    found = past.metrics(yanked=frozenset({"1.1"}), as_of="2024-05-02")
    assert rows(named(found, "Failed")) == {
        "No sign of failure": "1",
        "Declared failed": "1",
        "Only inferred": "1",
        "Too young to judge": "1",
    }


def test_the_burn_up_runs_to_now() -> None:
    past = Past()
    past.release("v1.0", "2024-01-01")
    current = cycle(None, item("Tests", tick("2024-02-01")), item("Docs", None))
    picture = named(past.metrics(current=current, as_of="2024-03-01"), "Burn-up")
    assert picture.table is not None
    assert [row[:3] for row in picture.table.rows] == [
        ("Due at the tag", "2024-02-01", "2"),
        ("Due at the tag", "2024-03-01", "2"),
        ("Ticked", "2024-02-01", "1"),
        ("Ticked", "2024-03-01", "1"),
    ]


def test_process_times_are_drawn_release_by_release() -> None:
    past = Past()
    past.release("v1.0", "2024-01-11")
    picture = named(past.metrics(cycle("v1.0", item("Tests", tick("2024-01-01T13:00")))), "Process")
    assert picture.table is not None
    assert picture.table.rows[0][2:] == ("10", "v1.0: 10 days")


@given(st.lists(st.tuples(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=amount(60))
def test_no_claimed_date_breaks_a_figure_or_a_picture(dates: list[tuple[int, int]]) -> None:
    past = Past()
    for number, (committed, tagged) in enumerate(dates):
        past.commit(f"Work {number}", committed)
        past.tag(f"v1.{number}", tagged)
    found = past.metrics()
    for picture in pictures(found):
        ET.fromstring(picture.svg)  # noqa: S314 -- our own
    frequency = named(found, "Releases per")
    assert sum(map(int, rows(frequency).values())) == len(dates)
    changes = sum(len(release.lead_times) for release in found.releases)
    if changes:
        assert sum(map(int, rows(named(found, "Change lead time")).values())) == changes


@pytest.mark.parametrize("title", ["Releases per", "Change lead time", "Process time", "Failed releases"])
def test_every_picture_has_a_table_and_a_sentence(title: str) -> None:
    past = Past()
    past.release("v1.0", "2024-01-11")
    past.release("v1.1", "2024-02-11")
    picture = named(past.metrics(cycle("v1.0", item("Tests", tick("2024-01-01")))), title)
    assert picture.table is not None
    assert picture.table.rows
    assert picture.description.endswith(".")
