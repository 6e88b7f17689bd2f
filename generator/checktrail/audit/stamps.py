"""When a tick was there, by a clock that is not the ticker's: the time inside a hosting platform's signature. Pure.

Dates of commits and tags are claims of whoever makes them. An OpenPGP signature holds the time at which it was made, by
the clock of whoever holds the key: where that is the platform, and the commit it signed descends from the tick, the
tick was there by then. All of this must hold, and where any of it is in doubt there is no stamp:

- the signature is good, its key is one of the policy's `platform_keys` at the tag and at the base, was valid when it
  signed, is not revoked, and is nobody's in particular;
- the time stands inside the signature (SSH signatures have none), and the commit's own date agrees with it;
- the committer is nobody whom the policy knows;
- the signed commit descends from the tick, and the tag from it;
- the tick's claimed time agrees with it within `max_clock_skew`, before or after;
- the tag has a time of its own, and that is not earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checktrail.audit.evidence import Evidence, Proof, Tagged
from checktrail.audit.people import People
from checktrail.audit.policy import Policy
from checktrail.audit.signing import is_key_of, owner_of
from checktrail.model import Commit
from checktrail.signatures.verification import Outcome, Verification


class Stamp(NamedTuple):
    """The commit that a platform signed, and when by its clock, in seconds since 1970."""

    commit: str
    at: int


def stamping(evidence: Evidence, tagged: Tagged, policy: Policy | None, ticks: Iterable[str]) -> Iterator[str]:
    """The commits that may bear a stamp for some ticks, to be looked at."""
    if policy is None or tagged.release.at_basis != "tagger":
        return
    reach = 2 * policy.signatures.max_clock_skew
    times = [(tick, evidence.commits[tick].committed_at) for tick in ticks]
    known = People(policy)
    for commit_id in tagged.range if times else ():
        commit = evidence.commits[commit_id]
        near = [tick for tick, at in times if abs(at - commit.committed_at) <= reach and tick != commit_id]
        is_unknown = bool(near) and known.of(commit.committer).person is None
        if is_unknown and any(evidence.trails.is_ancestor(tick, commit_id) for tick in near):
            yield commit_id


def stamp(evidence: Evidence, tagged: Tagged, policy: Policy | None, proof: Proof, tick: Commit) -> Stamp | None:
    """The earliest stamp of a tick, None when nothing but claims says when it was."""
    found = [
        Stamp(commit_id, signed_at)
        for commit_id in stamping(evidence, tagged, policy, (tick.id,))
        if (signed_at := _signed_at(evidence, tagged, proof, commit_id)) is not None
        and abs(signed_at - tick.committed_at) <= _skew(policy)
        and signed_at <= tagged.release.at
    ]
    return min(found, key=lambda one: (one.at, one.commit), default=None)


def _skew(policy: Policy | None) -> int:
    return policy.signatures.max_clock_skew if policy else 0


def _signed_at(evidence: Evidence, tagged: Tagged, proof: Proof, commit_id: str) -> int | None:
    """When the platform signed a commit, None when it did not or anything about it is in doubt."""
    found = proof.verifications.get((commit_id, tagged.release.commit))
    if found is None or found.outcome is not Outcome.VALID or found.signed_at is None or found.revoked:
        return None
    policies = _policies(evidence, tagged)
    if not policies or not all(_is_platforms_alone(found, policy) for policy in policies):
        return None
    agrees = abs(found.signed_at - evidence.commits[commit_id].committed_at) <= _skew(policies[0])
    return found.signed_at if agrees and found.key_window.holds(found.signed_at) else None


def _policies(evidence: Evidence, tagged: Tagged) -> tuple[Policy, ...]:
    """The policies of tag and base: a release cannot appoint its own clock."""
    if evidence.override is not None:
        return (evidence.override,)
    scenes = (evidence.scenes[commit] for commit in (tagged.release.commit, tagged.base) if commit)
    return tuple(scene.policy.policy for scene in scenes if scene.policy and scene.policy.policy)


def _is_platforms_alone(found: Verification, policy: Policy) -> bool:
    """Whether a key is the platform's, and no person's as well."""
    is_platforms = any(is_key_of(key, found) for key in policy.signatures.platform_keys)
    return is_platforms and not found.vouchers and owner_of(found, People(policy))[0] is None
