"""Figures in words, the same in the terminal and on the site. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from checktrail.completion import percent
from checktrail.metrics.figures import DAY, HOUR, MINUTE, Figure, Unit

# A figure's family, without its percentile, to what people call it.
_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "release-frequency": "Release frequency",
        "release-interval": "Time between releases",
        "release-days-per-week": "Days with a release, per week",
        "deployment-frequency": "Deployment frequency",
        "release-times-inferred": "Releases whose time is inferred",
        "change-lead-time": "Change lead time",
        "change-fail-rate": "Change fail rate",
        "change-fail-rate-proxy": "Change fail rate, inferred",
        "failed-deployment-recovery-time": "Failed deployment recovery time",
        "rework-rate": "Rework rate",
        "rollback-frequency": "Rollback frequency",
        "deployment-duration": "Deployment duration",
        "process-time": "Process time",
        "signoff-latency": "Sign-off latency",
        "late-signoffs": "Late sign-offs",
    }
)
_POINTS: Mapping[str, str] = MappingProxyType({"median": "median", "p75": "75th percentile", "p90": "90th percentile"})
_MANY_DAYS = 3


def title(figure: Figure) -> str:
    """What people call a figure: "Change lead time, 75th percentile"; a role's name is anyone's text, not escaped."""
    known = point(figure)
    named = f"{family(figure)}, {_POINTS[known]}" if known else family(figure)
    return named if figure.of is None else f"{named}: {figure.of}"


def family(figure: Figure) -> str:
    """What people call all percentiles of a figure: "Change lead time"."""
    return _TITLES[figure.name.removesuffix(f"-{point(figure)}")]


def named(name: str) -> str:
    """What people call the figure of a name: "Change lead time, median"; empty where nobody knows it."""
    known = _point(name)
    title = _TITLES.get(name.removesuffix(f"-{known}"), "")
    return f"{title}, {_POINTS[known]}" if title and known else title


def point(figure: Figure) -> str:
    """Which percentile a figure is: `median`, `p75` or `p90`; empty for none."""
    return _point(figure.name)


def _point(name: str) -> str:
    last = name.rpartition("-")[2]
    return last if last in _POINTS else ""


def spoken(figure: Figure) -> str:
    """A figure's value with its unit; `n/a` where it has none."""
    value = figure.value
    if value is None:
        return "n/a"
    match figure.unit:
        case Unit.SECONDS:
            return duration(value)
        case Unit.SHARE:
            return percent(round(value * figure.n), figure.n)
        case Unit.PER_WEEK:
            return f"{_short(value)} a week"
        case Unit.DAYS:
            return f"{_short(value)} {'day' if value == 1 else 'days'}"
        case Unit.PER_HUNDRED:
            return f"{_short(value)} per 100 releases"


def duration(seconds: float) -> str:
    """A length of time in the largest unit that says enough: "4.5 days", "30 hours", "12 minutes"."""
    for size, unit, least in ((DAY, "day", _MANY_DAYS * DAY), (HOUR, "hour", HOUR), (MINUTE, "minute", MINUTE)):
        if abs(seconds) >= least:
            amount = _short(seconds / size)
            return f"{amount} {unit}{'' if amount == '1' else 's'}"
    return f"{_short(seconds)} seconds"


def _short(value: float) -> str:
    """A number with as many places as its size deserves."""
    # Below one, two places; below ten, one; nothing that counts is rounded away to 0.
    places = 0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 2  # noqa: PLR2004 -- the sentence above
    text = f"{value:.{places}f}"
    if value and not float(text):
        return f"{value:.1e}"
    return text.rstrip("0").rstrip(".") if "." in text else text
