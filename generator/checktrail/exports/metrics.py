"""Release metrics as JSON: `checktrail.metrics/1`. Pure."""

from __future__ import annotations

from typing import Any

from checktrail.exports.wire import document, moment, text
from checktrail.metrics import Metrics, Timing
from checktrail.metrics.failures import Failure
from checktrail.metrics.figures import Excluded, Figure, Window, quantile
from checktrail.metrics.forecast import Forecast, Silent
from checktrail.metrics.habits import Habit
from checktrail.metrics.readiness import Step
from checktrail.metrics.worth import Worth

_PLACES = 6


def metrics_document(metrics: Metrics, *, is_cut_off: bool = False) -> dict[str, Any]:
    """Every figure with its grade, and what the pictures and tables on the site are drawn from."""
    return document(
        "metrics",
        {
            "figures": [_figure(figure) for figure in metrics.figures],
            "window": _window(metrics.window),
            "excluded_releases": _excluded(metrics.excluded),
            "releases": [_timing(timing) for timing in metrics.releases],
            "weeks": [{"monday": moment(week.monday)[:10], "releases": week.releases} for week in metrics.weeks],
            "failures": [_failure(failure) for failure in metrics.failures],
            "worth": [_worth(worth) for worth in metrics.worth],
            "habits": [_habit(item, habit) for item, habit in sorted(metrics.habits.items())],
            "burn_up": [_step(step) for step in metrics.burn_up],
            "forecast": _forecast(metrics.forecast),
        },
        is_cut_off=is_cut_off,
    )


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "of": None if figure.of is None else text(figure.of),
        "value": _number(figure.value),
        "unit": figure.unit.value,
        "grade": figure.grade.value,
        "n": figure.n,
        "excluded": _excluded(figure.excluded),
        "window": _window(figure.window),
    }


def _number(value: float | None) -> float | None:
    """A value as JSON: whole numbers without a point, others to a millionth, so that no machine writes other digits."""
    if value is None:
        return None
    short = round(value, _PLACES)
    return int(short) if short == int(short) else short


def _excluded(excluded: tuple[Excluded, ...]) -> list[dict[str, Any]]:
    return [{"reason": one.reason, "n": one.n} for one in excluded]


def _window(window: Window) -> dict[str, str | None]:
    return {"from": _moment(window.start), "to": _moment(window.end)}


def _moment(at: int | None) -> str | None:
    return None if at is None else moment(at)


def _timing(timing: Timing) -> dict[str, Any]:
    lead = timing.lead_times
    return {
        "tag": text(timing.tag),
        "at": moment(timing.at),
        "at_basis": timing.clue.value,
        "changes": len(lead),
        "lead_time_median": _number(quantile(lead, 0.5)),
        "lead_time_p75": _number(quantile(lead, 0.75)),
        "lead_time_p90": _number(quantile(lead, 0.9)),
        "deployment_duration": timing.deployment_duration,
        "process_time": timing.process_time,
        "too_young": timing.is_young,
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "tag": text(failure.tag),
        "grade": "declared" if failure.is_declared else "proxy",
        "evidence": [
            {
                "sign": one.sign.value,
                "told": text(one.told),
                "commit": one.commit,
                "recovered_at": _moment(one.mended_at),
            }
            for one in failure.evidence
        ],
        "recovered_at": _moment(failure.mended_at),
    }


def _worth(worth: Worth) -> dict[str, Any]:
    return {
        "path": text(worth.path),
        "line": worth.line,
        "section": [text(heading) for heading in worth.section],
        "text": text(worth.text),
        "phase": worth.phase.value,
        "releases": worth.releases,
        "ticked": worth.ticked,
        "late": worth.late,
        "in_bulk": worth.in_bulk,
        "not_applicable": worth.not_applicable,
        "open": worth.open,
        "judgement": worth.judgement.value,
    }


def _habit(item: str, habit: Habit) -> dict[str, Any]:
    return {
        "item": item,
        "who": None if habit.who is None else text(habit.who),
        "times": habit.times,
        "cycles": habit.cycles,
        "lead_seconds": habit.lead,
    }


def _step(step: Step) -> dict[str, Any]:
    return {"at": moment(step.at), "required": step.required, "ticked": step.ticked}


def _forecast(forecast: Forecast | Silent) -> dict[str, Any]:
    """A forecast, or why there is none: the times are null then."""
    if isinstance(forecast, Silent):
        return {
            "earliest": None, "median": None, "latest": None, "coverage": None, "silent": forecast.reason,
            "n": forecast.n, "excluded": _excluded(forecast.excluded),
        }  # fmt: skip
    return {
        "earliest": moment(forecast.earliest),
        "median": moment(forecast.median),
        "latest": moment(forecast.latest),
        "coverage": _number(forecast.coverage),
        "silent": None,
        "n": forecast.n,
        "excluded": _excluded(forecast.excluded),
    }
