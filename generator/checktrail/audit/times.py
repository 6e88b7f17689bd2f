"""Days and moments in UTC, written and read. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(seconds: int) -> datetime:
    """A time of a commit; one beyond the calendar is moved to its edge."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if seconds > 0 else datetime.min.replace(tzinfo=UTC)


def iso_day(seconds: int) -> str:
    """`2025-03-02` of seconds since 1970."""
    return moment(seconds).date().isoformat()


def iso_time(seconds: int) -> str:
    """`2025-03-02T10:15:00Z` of seconds since 1970."""
    return moment(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of_day(written: str) -> int | None:
    """Seconds since 1970 of a day's beginning; None when no calendar has it."""
    try:
        return int((datetime.fromisoformat(written).replace(tzinfo=UTC) - _EPOCH).total_seconds())
    except ValueError:
        return None
