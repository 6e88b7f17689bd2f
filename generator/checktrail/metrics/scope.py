"""Which releases count, and when each one happened. Pure.

In: releases and cycles. Out: one `Scope` that every figure of a run shares, so that all of them speak of the same
releases. A release happened when its deployment was ticked off; without such a tick when it was tagged; and for a bare
tag reference, which has no date, at the tagged commit's date, which is marked as inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from checktrail.config import MetricsSettings
from checktrail.metrics.cycles import Asked, Cycle, Roll, Tick
from checktrail.metrics.figures import DAY, Excluded, Window, left_out
from checktrail.model import Phase, Release, State
from checktrail.releases import Membership

ALIAS = "another tag on the same commit"
CANDIDATE = "release candidate"
OUTSIDE = "outside the window"

_DEPLOY = re.compile(
    r"\b(?:deploy(?:s|ed|ing|ments?)?|roll(?:s|ed|ing)?[ -]?out|(?:go|goes|went|gone)[ -]live|in(?:to)? production"
    r"|to production)\b",
    re.IGNORECASE,
)


class Clue(StrEnum):
    """What a release's time rests on; `inferred` where only the tagged commit has a date."""

    DEPLOYED = "deployed"
    TAGGED = "tagged"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Dated:
    """A release, when it happened (seconds since 1970 UTC), what that rests on, and its cycle if it has one."""

    release: Release
    at: int
    clue: Clue
    cycle: Cycle | None

    @property
    def tag(self) -> str:
        """The release's tag."""
        return self.release.tag


@dataclass(frozen=True, slots=True)
class Scope:
    """The releases that count, oldest first, and the time they cover.

    `releases` and `excluded` together are all releases. `earlier` are releases that would count but for the window: a
    change that one of them shipped is not shipped first by a later one. `judged_until`: a release after it is too young
    to be called free of failure.
    """

    releases: tuple[Dated, ...]
    earlier: tuple[Dated, ...]
    excluded: tuple[Excluded, ...]
    window: Window
    judged_until: int

    def is_young(self, dated: Dated) -> bool:
        """Whether it is too early to say that a release did not fail."""
        return dated.at > self.judged_until


def scope(membership: Membership, cycles: Mapping[str, Cycle], as_of: int, settings: MetricsSettings) -> Scope:
    """The releases that count. A tag made after `as_of` (HEAD's date) moves the end of the window to its own time."""
    reasons = [reason for release in membership.releases if (reason := _refusal(release, settings))]
    dated = sorted(
        (
            _dated(release, cycles.get(release.tag))
            for release in membership.releases
            if not _refusal(release, settings)
        ),
        key=lambda one: one.at,
    )
    end = max([as_of, *(one.at for one in dated)])
    start = end - settings.window_days * DAY if settings.window_days > 0 else None
    inside = tuple(one for one in dated if start is None or one.at >= start)
    earlier = tuple(one for one in dated if start is not None and one.at < start)
    opened = start if start is not None else next((one.at for one in inside), None)
    return Scope(
        releases=inside,
        earlier=earlier,
        excluded=left_out([*reasons, *(OUTSIDE for _ in earlier)]),
        window=Window(opened, end),
        judged_until=end - settings.maturity_days * DAY,
    )


def shipped(membership: Membership, scope: Scope) -> dict[str, Dated]:
    """For each released commit the first release that counts and holds it; the window plays no part in this.

    A commit that a candidate held first was shipped by the first final release that holds it, unless candidates count.
    """
    counted = {one.tag: one for one in (*scope.earlier, *scope.releases)}
    found: dict[str, Dated] = {}
    for place, release in enumerate(membership.releases):
        if release.tag in counted:
            found.update(dict.fromkeys(release.new, counted[release.tag]))
            continue
        # Nothing before the candidate holds what it shipped first, and the release after it mostly holds it all.
        later = [one.tag for one in membership.releases[place + 1 :] if one.tag in counted] if release.new else []
        for commit in release.new:
            first = next((tag for tag in later if membership.contains(tag, commit)), None)
            if first is not None:
                found[commit] = counted[first]
    return found


class Alike(NamedTuple):
    """Cycles that ask the same of the same items, and when each one's release was tagged."""

    roll: Roll
    kins: tuple[str, ...]
    cycles: list[Cycle]
    tagged_at: list[int]


def alike(releases: Iterable[Dated]) -> Iterable[Alike]:
    """Releases that have checklists by what these ask: mostly all those of a living list are alike.

    Both they and those in each keep the order of releases.
    """
    found: dict[tuple[Roll, tuple[str, ...]], Alike] = {}
    for dated in releases:
        if dated.cycle is not None:
            key = dated.cycle.roll, dated.cycle.kins
            group = found.setdefault(key, Alike(*key, [], []))
            group.cycles.append(dated.cycle)
            group.tagged_at.append(dated.release.at)
    return found.values()


def deployment_ticks(cycle: Cycle) -> tuple[Tick, ...]:
    """The ticks by which a deployment is done; none while a box of it that does not depend on anything is open."""
    items = cycle.those(_is_deploying)
    firm = [item for item in items if not item.asked.conditional and item.at_close is not State.NOT_APPLICABLE]
    if not firm or any(item.tick is None for item in firm):
        return ()
    return tuple(item.tick for item in items if item.tick is not None)


def _is_deploying(asked: Asked) -> bool:
    # The document's own words decide: the item's, or those of the heading right above it.
    told = (asked.text, asked.section[-1] if asked.section else "")
    return asked.phase is Phase.RELEASE and any(map(_tells_of_deploying, told))


@lru_cache(maxsize=4096)
def _tells_of_deploying(words: str) -> bool:
    """Whether words do; a list says the same ones in release after release."""
    return _DEPLOY.search(words) is not None


def _refusal(release: Release, settings: MetricsSettings) -> str:
    """Why a release does not count; empty when it does."""
    if release.alias_of is not None:
        return ALIAS
    return CANDIDATE if release.prerelease and not settings.prereleases else ""


def _dated(release: Release, cycle: Cycle | None) -> Dated:
    ticks = deployment_ticks(cycle) if cycle is not None else ()
    if ticks:
        return Dated(release, max(tick.at for tick in ticks), Clue.DEPLOYED, cycle)
    clue = Clue.TAGGED if release.at_basis == "tagger" else Clue.INFERRED
    return Dated(release, release.at, clue, cycle)
