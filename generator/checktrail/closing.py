"""When each release's checklists close: a release freezes twice, in the tag's own tree and when its cycle ends. Pure.

Contracts.md, "At close": a living checklist closes at the commit before its reset, else at the next release of its
component that descends from this tag, else at HEAD; one that belongs to a release closes at HEAD.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from checktrail.history import Trails
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


@dataclass(frozen=True, slots=True)
class Cycles:
    """All releases in the order of contracts.md, the trails that know of resets, and HEAD's commit."""

    releases: tuple[Release, ...]
    trails: Trails
    head: str

    def close(self, release: Release, path: str, binding: Binding) -> Close:
        """Where one checklist closes for one release."""
        if binding is Binding.OWN:
            return Close(self.head, CloseReason.HEAD)
        following = self.following(release)
        for reset in self.trails.resets_of(path):
            if self._ends(reset.commit, release, following):
                return Close(reset.before, CloseReason.RESET)
        if following is not None:
            return Close(following.commit, CloseReason.RELEASE)
        return Close(self.head, CloseReason.HEAD)

    def following(self, release: Release) -> Release | None:
        """The next release of the same component that descends from this one; None when there is none yet.

        A candidate is followed by the next candidate or its final; a final by the next final, for the candidates
        between belong to that one's own cycle.
        """
        position = next(index for index, one in enumerate(self.releases) if one.tag == release.tag)
        for one in self.releases[position + 1 :]:
            counts = one.component == release.component and one.commit != release.commit
            is_kin = release.prerelease or not one.prerelease
            if counts and is_kin and self.trails.is_ancestor(release.commit, one.commit):
                return one
        return None

    def _ends(self, reset: str, release: Release, following: Release | None) -> bool:
        """Whether a reset ends this release's cycle: one that comes after the next release ends that one's."""
        if reset == release.commit or not self.trails.is_ancestor(release.commit, reset):
            return False
        return following is None or following.commit == reset or not self.trails.is_ancestor(following.commit, reset)
