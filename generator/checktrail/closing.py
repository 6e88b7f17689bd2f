"""When each release's checklists close: a release freezes twice, in the tag's own tree and when its cycle ends. Pure.

Contracts.md, "At close": a living checklist closes at the commit before its reset, else at the next release of its
component that descends from this tag, else at HEAD; one that belongs to a release closes at HEAD.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain, islice

from checktrail.history import Reset, Trails
from checktrail.model import Binding, Release


class CloseReason(StrEnum):
    """What ended a release's cycle."""

    RESET = "reset"
    RELEASE = "release"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Close:
    """The commit in whose tree a checklist's state for a release is final, and what ended the cycle there.

    With the reason `head` the cycle has not ended yet: more may still be ticked.
    """

    commit: str
    reason: CloseReason


@dataclass(frozen=True)
class Cycles:
    """All releases in the order of contracts.md, the trails that know of resets, and HEAD's commit, None before one.

    It is asked once per release and checklist, so what it finds out it keeps.
    """

    releases: tuple[Release, ...]
    trails: Trails
    head: str | None

    def close(self, release: Release, path: str, binding: Binding) -> Close:
        """Where one checklist closes for one release."""
        if binding is Binding.OWN:
            return self._at_head(release)
        reset = self._reset(release, path)
        return self.end(release) if reset is None else Close(reset.before, CloseReason.RESET)

    def end(self, release: Release) -> Close:
        """Where a release's cycle ends that no reset ends sooner, also without any checklist."""
        following = self.following(release)
        return self._at_head(release) if following is None else Close(following.commit, CloseReason.RELEASE)

    def _at_head(self, release: Release) -> Close:
        return Close(self.head or release.commit, CloseReason.HEAD)

    def following(self, release: Release) -> Release | None:
        """The next release of the same component that descends from this one; None when there is none yet.

        A candidate is one, also after a final release: what is ticked behind it is ticked for what it leads to.
        """
        if release.tag not in self._following:
            self._following[release.tag] = self._next(release)
        return self._following[release.tag]

    def _next(self, release: Release) -> Release | None:
        later = islice(self.releases, self._place[release.tag] + 1, None)
        return next((one for one in later if self._follows(one, release)), None)

    def _follows(self, one: Release, release: Release) -> bool:
        is_other = one.component == release.component and one.commit != release.commit
        return is_other and self.trails.is_ancestor(release.commit, one.commit)

    def _reset(self, release: Release, path: str) -> Reset | None:
        """The first reset of a checklist that ends a release's cycle.

        What its base has behind it a release has behind it too, so that is not looked at again: else each of a thousand
        releases would look at each of a thousand resets.
        """
        resets, following = self._resets.get(path, ()), self.following(release)
        base = release.base if release.base_is_ancestor else None
        skipped, start = self._ahead.get((path, base), ((), 0))
        ahead: list[int] = []
        for looked_at, nth in enumerate(chain(skipped, range(start, len(resets)))):
            if self._ends(resets[nth], release, following):
                self._ahead[path, release.tag] = (*ahead, *skipped[looked_at:]), max(start, nth)
                return resets[nth]
            if not self.trails.is_ancestor(resets[nth].commit, release.commit):
                ahead.append(nth)
        self._ahead[path, release.tag] = tuple(ahead), len(resets)
        return None

    def _ends(self, reset: Reset, release: Release, following: Release | None) -> bool:
        """Whether a reset ends this release's cycle: one that comes after the next release ends that one's.

        The parent that held the ticks must know of the release, else its ticks were made for another one.
        """
        if reset.commit == release.commit or not self.trails.is_ancestor(release.commit, reset.before):
            return False
        if following is None or following.commit == reset.commit:
            return True
        return not self.trails.is_ancestor(following.commit, reset.commit)

    @cached_property
    def _ahead(self) -> dict[tuple[str, str | None], tuple[tuple[int, ...], int]]:
        """By path and tag which resets, counted from 0, may end that release's cycle or a later one's.

        Some by number, and all from a number on.
        """
        return {}

    @cached_property
    def _following(self) -> dict[str, Release | None]:
        return {}

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {release.tag: place for place, release in enumerate(self.releases)}

    @cached_property
    def _resets(self) -> Mapping[str, tuple[Reset, ...]]:
        """Each checklist's resets, oldest first; not those of branches that neither HEAD nor a release holds."""
        found: dict[str, list[Reset]] = {}
        for reset in self.trails.resets:
            if any(self.trails.is_ancestor(reset.commit, tip) for tip in self._tips):
                found.setdefault(reset.path, []).append(reset)
        return {path: tuple(resets) for path, resets in found.items()}

    @cached_property
    def _tips(self) -> tuple[str, ...]:
        """HEAD, then the newest releases first: most resets are in the history of the first."""
        head = () if self.head is None else (self.head,)
        return tuple(dict.fromkeys((*head, *(release.commit for release in reversed(self.releases)))))
