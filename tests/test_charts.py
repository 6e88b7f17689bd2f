"""Pictures: what they show, that they never lie at the ends, and that hostile text stays text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail import charts
from checktrail.charts.drawing import CHARACTER_WIDTH, Scale, measured, number, round_ticks, time_ticks

if TYPE_CHECKING:
    from collections.abc import Callable

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("1")</script>&\x00\x02\ud800'

moments = st.integers(min_value=-(2**40), max_value=2**45)


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 (our own drawing is what is tested)


def rects(svg: str, kind: str) -> list[ET.Element]:
    return [each for each in drawn(svg).iter(f"{SVG}rect") if each.get("class") == kind]


def every_chart(name: str) -> tuple[charts.Picture, ...]:
    return (
        charts.bars(name, name, [charts.Bar(name, 3, note=name), charts.Bar("b", 0)], unit="days"),
        charts.histogram(name, name, [charts.Bin(name, 3), charts.Bin("b", 0)]),
        charts.lines(name, name, [charts.Series(name, (charts.Point(0, 1, name), charts.Point(86400, 4)), dots=True)]),
        charts.heat_map(name, name, [name], ["Mon", name], {(0, 0): 4}),
        charts.matrix(name, name, [name], [name, "v2"], {(0, 0): charts.Cell("ticked", name)}),
        charts.release_timeline(name, name, [charts.Lane(name, (charts.Mark(5, "late", name),))], 9, name),
        charts.releases_timeline(name, name, [charts.ReleaseMark(5, name, "release", name, name)]),
    )


@pytest.mark.parametrize("index", range(7))
def test_every_picture_has_a_name_a_description_and_a_table_that_says_the_same(index: int) -> None:
    picture = every_chart("Tick & tag")[index]
    root = drawn(picture.svg)
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert picture.table is not None
    assert picture.table.rows
    assert {len(row) for row in picture.table.rows} == {len(picture.table.head)}
    assert "Tick &amp; tag" in charts.figure(picture)


@pytest.mark.parametrize("index", range(7))
def test_hostile_text_stays_text(index: int) -> None:
    picture = every_chart(HOSTILE)[index]
    html = charts.figure(picture)
    assert "<script" not in html
    assert "\x02" not in html
    html.encode("utf-8")
    assert not list(drawn(picture.svg).iter(f"{SVG}script"))


EMPTY: list[Callable[[], charts.Picture]] = [
    lambda: charts.bars("t", "d", []),
    lambda: charts.histogram("t", "d", []),
    lambda: charts.lines("t", "d", []),
    lambda: charts.heat_map("t", "d", [], [], {}),
    lambda: charts.matrix("t", "d", [], [], {}),
    lambda: charts.release_timeline("t", "d", [], 0, "v1"),
    lambda: charts.releases_timeline("t", "d", []),
]


@pytest.mark.parametrize("make", EMPTY)
def test_nothing_to_show_still_draws(make: Callable[[], charts.Picture]) -> None:
    drawn(make().svg)


@given(done=st.integers(0, 500), skipped=st.integers(0, 500), left=st.integers(0, 500))
def test_a_bar_is_full_only_when_all_is_settled_and_empty_only_when_nothing_is(
    done: int, skipped: int, left: int
) -> None:
    bar = charts.completion_bar(charts.Share(done, skipped, done + skipped + left), "All boxes")
    svg = bar.replace("<svg", f'<svg xmlns="{SVG.strip("{}")}"', 1)
    widths = [float(each.get("width", "0")) for kind in ("ct-p-ticked", "ct-p-na") for each in rects(svg, kind)]
    assert (sum(widths) >= 99.9) == (left == 0 and done + skipped > 0)
    assert bool(rects(svg, "ct-p-ticked")) == (done > 0)
    assert all(width > 0 for width in widths)


def test_a_bar_says_its_counts() -> None:
    svg = charts.completion_bar(charts.Share(34, 1, 41), "Before the tag")
    assert "Before the tag: 34 of 41 done, 1 not applicable" in svg


def test_the_tag_stands_between_what_came_before_and_after() -> None:
    day = 86400
    lane = charts.Lane("Boxes", (charts.Mark(0, "ticked", "first"), charts.Mark(10 * day, "follow-up", "last")))
    picture = charts.release_timeline("v1.0", "…", [lane], 5 * day, "v1.0")
    line = next(each for each in drawn(picture.svg).iter(f"{SVG}line") if each.get("class") == "ct-l-tag")
    circle = next(each for each in drawn(picture.svg).iter(f"{SVG}circle"))
    assert float(circle.get("cx", "0")) < float(line.get("x1", "0")) < 704
    assert picture.table is not None
    assert [row[-1] for row in picture.table.rows] == ["first", "v1.0 was tagged", "last"]


def test_marks_that_would_cover_each_other_become_one_that_says_how_many() -> None:
    marks = tuple(charts.Mark(100 + second, "ticked", f"box {second}") for second in range(5))
    far = charts.Mark(10**6, "ticked", "the last")
    svg = charts.release_timeline("t", "d", [charts.Lane("Boxes", (*marks, far))], 10**6, "v1").svg
    assert "5 times, first box 0" in svg
    assert len(list(drawn(svg).iter(f"{SVG}circle"))) == 2


@given(start=moments, end=moments)
def test_time_ticks_lie_inside_in_order_and_are_few(start: int, end: int) -> None:
    ticks = [at for at, _ in time_ticks(start, end)]
    assert len(ticks) <= 8
    assert ticks == sorted(set(ticks))
    assert all(start <= at <= end for at in ticks)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(1, "00:00"), (30, " Mar"), (365, "Apr 2024"), (3650, "2026")],
)
def test_time_ticks_have_names_that_fit_their_span(days: int, expected: str) -> None:
    start = 1709251200  # 2024-03-01
    assert expected in " ".join(name for _, name in time_ticks(start, start + days * 86400))


@given(high=st.floats(min_value=0, max_value=1e9))
def test_round_ticks_reach_the_highest_value(high: float) -> None:
    ticks = round_ticks(high)
    assert ticks[0] == 0
    assert ticks[-1] >= high * (1 - 1e-12)
    assert len(ticks) <= 7


@given(value=st.floats(min_value=-1e6, max_value=1e6))
def test_a_scale_maps_its_ends_to_the_drawing_s(value: float) -> None:
    scale = Scale(value, value + 10, 0, 100)
    assert scale(value) == 0
    assert round(scale(value + 10), 6) == 100
    assert Scale(value, value, 7, 9)(value) == 7


def test_numbers_are_short() -> None:
    assert [number(each) for each in (1.0, 0.25, -0.04, 12.34, 100)] == ["1", "0.2", "0", "12.3", "100"]


def test_one_of_a_thing_is_not_told_in_the_plural() -> None:
    drawn = charts.bars("t", "d", (charts.Bar("a", 1), charts.Bar("b", 2)), unit="boxes").svg
    assert ">1 box<" in drawn
    assert ">2 boxes<" in drawn
    assert measured(1, "releases") == "1 release"
    assert measured(1, "") == "1"


def test_a_heat_map_says_each_count_in_its_cell_and_in_the_table() -> None:
    picture = charts.heat_map("t", "d", ["r"], ["Mon", "Tue"], {(0, 0): 4})
    assert "<title>r, Mon: 4</title>" in picture.svg
    assert ">4</text>" in picture.svg
    assert picture.table is not None
    assert picture.table.rows == (("r", "4", "0"),)
    assert re.search(r' width="[1-9]', picture.svg)  # it keeps its size; others fill their place


def test_the_last_name_over_a_matrix_is_not_cut() -> None:
    names = [f"v{n}.0.0-rc.1" for n in range(9)]
    svg = charts.matrix("t", "d", ["r"], names, {(0, 0): charts.Cell("ticked", "done")}).svg
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])  # type: ignore[index]
    places = re.findall(r'<text x="([\d.]+)" y="14"[^>]*>([^<]+)<', svg)
    assert places
    assert all(float(x) + len(name) * CHARACTER_WIDTH <= width for x, name in places)


def test_rows_that_begin_alike_share_the_cells_they_begin_with() -> None:
    rows = (("Monday", "Ada", "1"), ("Monday", "Ada", "1"), ("Monday", "Ben", "1"), ("Tuesday", "Ben", "2"))
    html = charts.figure(charts.Picture("t", "d", "", charts.Table("c", ("a", "b", "c"), rows, shared=2)))
    written = re.findall(r"<tr>(<td.*?)</tr>", html)
    assert written == [
        '<td rowspan="3">Monday</td><td rowspan="2">Ada</td><td>1</td>',
        "<td>1</td>",
        "<td>Ben</td><td>1</td>",
        "<td>Tuesday</td><td>Ben</td><td>2</td>",
    ]


def test_long_names_stay_inside_their_pictures() -> None:
    name = "v1.0.0-" + "x" * 300
    lanes = [charts.Lane(name, (charts.Mark(5, "ticked", name),))]
    marks = [charts.ReleaseMark(at, name, "release", name, name) for at in (0, 900)]
    for picture in (
        charts.release_timeline("", "", lanes, 9, name),
        charts.releases_timeline("", "", marks),
        charts.matrix("", "", [name], [name, name], {(0, 1): charts.Cell("late", name)}),
    ):
        root = drawn(picture.svg)
        width = float(root.attrib["viewBox"].split()[2])
        labels = list(root.iter(f"{SVG}text"))
        assert any("…" in (each.text or "") for each in labels)
        for each in labels:
            long, share = (
                len(each.text or "") * 6,
                {"start": 0.0, "middle": 0.5, "end": 1.0}[each.attrib["text-anchor"]],
            )
            start = float(each.attrib["x"]) - share * long
            assert start > -10, each.text
            assert start + long <= width + 10, each.text
