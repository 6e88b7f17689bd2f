"""Which releases an audit is asked about: by name, by period, by sample."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from checktrail.errors import UsageError, shown

if TYPE_CHECKING:
    from checktrail.model import Release
    from checktrail.releases import Membership


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for; nothing asked for is every release."""

    names: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    sample: int | None = None
    seed: str = "0"

    @property
    def arguments(self) -> list[str]:
        """What was asked for, as it would be asked again."""
        options = (("--from", self.start), ("--to", self.end), ("--sample", self.sample))
        given = [f"{name}={value}" for name, value in options if value is not None]
        return [*self.names, *given, *((f"--seed={self.seed}",) if self.sample else ())]

    def tags_of(self, membership: Membership) -> frozenset[str]:
        """The tags of the releases asked about.

        Raises:
            UsageError: a name is no release's, or a date is no date.
        """
        found = [_named(name, membership) for name in self.names] or list(membership.releases)
        start, end = _day(self.start, "--from"), _day(self.end, "--to")
        within = [
            release
            for release in found
            if (start is None or release.at >= start) and (end is None or release.at < end + _DAY)
        ]
        return frozenset(release.tag for release in self._drawn(within))

    def _drawn(self, releases: list[Release]) -> list[Release]:
        """The sample: those whose digest with the seed comes first, so that anybody can draw it again."""
        if self.sample is None:
            return releases
        return sorted(releases, key=lambda release: _lot(self.seed, release.tag))[: self.sample]

    def sample_form(self, population: int) -> dict[str, Any] | None:
        """The sample as documents tell it; None when all were looked at."""
        return {"size": self.sample, "seed": self.seed, "population": population} if self.sample else None


_DAY = int(timedelta(days=1).total_seconds())


def _lot(seed: str, tag: str) -> str:
    return hashlib.sha256(f"{seed}\0{tag}".encode("utf-8", "surrogateescape")).hexdigest()


def _named(name: str, membership: Membership) -> Release:
    release = membership.release(name)
    if release is not None:
        return release
    ignored = next((one for one in membership.ignored if one.tag == name), None)
    if ignored is not None:
        raise UsageError(f"the tag {shown(name)} is no release: {shown(ignored.reason)}")
    near = get_close_matches(name, [one.tag for one in membership.releases], n=1, cutoff=0.5)
    raise UsageError(
        f"there is no release {shown(name)}",
        hint=f"did you mean {shown(near[0])}?" if near else "see `checktrail releases`; in CI, fetch tags too",
    )


def _day(written: str | None, option: str) -> int | None:
    if written is None:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise UsageError(f"{option} {shown(written)} is no date", hint="write 2025-01-31") from None
    return int(datetime.combine(day, time(), tzinfo=UTC).timestamp())
