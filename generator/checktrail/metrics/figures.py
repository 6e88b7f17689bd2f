"""What a figure is: a value with its grade, how many it rests on, and what was left out. Pure.

In go numbers, out come `Figure`s. A figure is never a bare number: it carries n, the reasons for which anything was
left out with their counts, the grade of its evidence and the time it covers. What cannot be said has no value and the
grade `n/a`; it is never 0.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from checktrail.errors import InvariantError

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY


class Grade(StrEnum):
    """How a figure is known: counted from ticks and tags, written down by somebody, inferred, or not at all."""

    MEASURED = "measured"
    DECLARED = "declared"
    PROXY = "proxy"
    NOT_AVAILABLE = "n/a"


class Unit(StrEnum):
    """What a figure's value counts. A share lies between 0 and 1."""

    SECONDS = "seconds"
    DAYS = "days"
    PER_WEEK = "per week"
    PER_HUNDRED = "per 100 releases"
    SHARE = "share"


class Excluded(NamedTuple):
    """What was left out of a figure: why, and how many."""

    reason: str
    n: int


class Window(NamedTuple):
    """The time a figure covers, in seconds since 1970 UTC, both ends included; None where there is no such end."""

    start: int | None
    end: int | None

    def holds(self, at: int) -> bool:
        """Whether a moment lies in the window."""
        return (self.start is None or self.start <= at) and (self.end is None or at <= self.end)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    `value` is None exactly when the grade is `n/a`. `n` counts what the value rests on; what it rests on and what was
    `excluded` together are everything that was looked at. `of` narrows the figure to one kind (a role), None for all.
    """

    name: str
    value: float | None
    unit: Unit
    grade: Grade
    n: int
    excluded: tuple[Excluded, ...]
    window: Window
    of: str | None = None

    def __post_init__(self) -> None:
        """Hold every figure to its promise: no value without evidence, and no evidence passed over."""
        if (self.value is None) is not (self.grade is Grade.NOT_AVAILABLE):
            raise InvariantError(f"figure {self.name}: value {self.value} does not go with grade {self.grade}")


class Basis(NamedTuple):
    """What a figure stands on besides its value: bundled, since figures of one kind share it."""

    grade: Grade
    n: int
    excluded: tuple[Excluded, ...]
    window: Window
    of: str | None = None


def figure(name: str, value: float | None, unit: Unit, basis: Basis) -> Figure:
    """A figure on a basis; without a value, or resting on nothing, its grade is `n/a` and it has no value."""
    if value is None or basis.n == 0:
        return Figure(name, None, unit, Grade.NOT_AVAILABLE, basis.n, basis.excluded, basis.window, basis.of)
    return Figure(name, value, unit, basis.grade, basis.n, basis.excluded, basis.window, basis.of)


def unsaid(figure: Figure, reason: str) -> Figure:
    """The figure without its value, and what it rested on among what was left out, with the reason."""
    excluded = adding(figure.excluded, reason, figure.n)
    return replace(figure, value=None, grade=Grade.NOT_AVAILABLE, n=0, excluded=excluded)


def spread(name: str, values: Sequence[float], unit: Unit, basis: Basis) -> tuple[Figure, ...]:
    """The median, 75th and 90th percentile of some values, as `NAME-median`, `NAME-p75` and `NAME-p90`.

    Never a mean: times of releases are skewed so far that one slow release would speak for all.
    """
    points = (("median", 0.5), ("p75", 0.75), ("p90", 0.9))
    return tuple(figure(f"{name}-{word}", quantile(values, share), unit, basis) for word, share in points)


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of the values lies; None of nothing.

    Linear interpolation between order statistics (Hyndman and Fan's type 7, the default of R and NumPy), so that the
    median of an even number of values is the mean of the middle two.
    """
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def left_out(reasons: Mapping[str, int] | Iterable[str]) -> tuple[Excluded, ...]:
    """Exclusions from counts, or from one reason per thing left out; sorted, reasons that never applied dropped."""
    counts = Counter(reasons)
    return tuple(Excluded(reason, n) for reason, n in sorted(counts.items()) if n)


def adding(excluded: Iterable[Excluded], reason: str, n: int) -> tuple[Excluded, ...]:
    """Exclusions and one more."""
    return left_out({**{one.reason: one.n for one in excluded}, reason: n})
