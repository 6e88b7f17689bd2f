"""Release metrics side by side: every value with its grade and what it rests on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checktrail.charts.drawing import day
from checktrail.metrics.figures import Figure
from checktrail.metrics.wording import named, spoken
from checktrail.portfolio.summary import Summary
from checktrail.portfolio.views.atlas import METRIC_PAGE, Atlas, repository_link
from checktrail.site.views.metrics import GRADES
from checktrail.site.views.shared import Link, shown

SHOWN = (
    "release-interval-median",
    "change-lead-time-median",
    "change-fail-rate",
    "change-fail-rate-proxy",
    "failed-deployment-recovery-time-median",
    "rework-rate",
    "process-time-median",
    "signoff-latency-median",
    "late-signoffs",
)
"""The figures that stand side by side; a repository's own page has them all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure: its value in words, its grade, how many it rests on, and the number to sort by."""

    value: str
    grade: str
    n: int
    sort: str


@dataclass(frozen=True, slots=True)
class FiguresRow:
    """A repository's figures, aligned with the columns; None where its document holds none."""

    repository: Link
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The page of metrics."""

    columns: tuple[str, ...]
    rows: tuple[FiguresRow, ...]
    grades: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of one repository, whole."""

    name: str
    cell: Cell
    left_out: str
    window: str


def side_by_side(it: Atlas) -> SideBySide:
    """The page of a portfolio's metrics; figures that no repository has are no column."""
    found = it.portfolio.repositories
    names = [name for name in SHOWN if any(_has(each.figures, name) for each in found)]
    return SideBySide(
        columns=tuple(named(name) for name in names),
        rows=tuple(_row(it, each, names) for each in found),
        grades=tuple((grade.value, words) for grade, words in GRADES.items()),
    )


def _has(figures: Mapping[str, Figure] | None, name: str) -> bool:
    return figures is not None and name in figures and figures[name].value is not None


def _row(it: Atlas, repository: Summary, names: list[str]) -> FiguresRow:
    known = repository.figures or {}
    cells = tuple(cell(known[name]) if name in known else None for name in names)
    return FiguresRow(repository_link(it, METRIC_PAGE, repository), cells)


def cell(figure: Figure) -> Cell:
    """A figure as a cell."""
    return Cell(spoken(figure), figure.grade.value, figure.n, "" if figure.value is None else f"{figure.value:g}")


def rows_of(repository: Summary) -> tuple[FigureRow, ...]:
    """All of a repository's figures that have a value and that this version knows."""
    return tuple(
        FigureRow(
            named(figure.name),
            cell(figure),
            shown(", ".join(f"{each.reason} ({each.n:,})" for each in figure.excluded)),
            " to ".join(day(end) for end in figure.window if end is not None),
        )
        for figure in (repository.figures or {}).values()
        if figure.value is not None and named(figure.name)
    )
