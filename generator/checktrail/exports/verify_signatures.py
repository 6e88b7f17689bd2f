"""Check the signatures in an evidence bundle again: what `verify.py` cannot do with the standard library alone.

In: a bag. Out: a fault for each sign-off whose commit's signature is not what the audit says. SSH signatures are
checked in process; OpenPGP ones through gpg, and left open where it has no key for them, as a bundle holds none.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from checktrail.audit.policy import Policy
from checktrail.audit.reading import read_policy
from checktrail.audit.signing import Worth
from checktrail.errors import ConfigError
from checktrail.exports.verify_bundle import Bag, Faults
from checktrail.signatures.check import verify
from checktrail.signatures.trust import Trust, read_allowed_signers
from checktrail.signatures.verification import Outcome, Verification

_OPEN = frozenset({Outcome.UNVERIFIABLE, Outcome.UNKNOWN_KEY})


def signatures(bag: Bag) -> Faults:
    """Each signed sign-off is signed by these bytes, and a personal one by a key that the tag's tree knows."""
    index, releases = bag.json("index.json"), bag.json("audit.json")["releases"]

    @lru_cache
    def known_at(commit: str) -> tuple[Trust, tuple[Policy, ...]]:
        return _trust(bag, index, commit), tuple(_policies(bag, index, commit))

    for tick in index["ticks"]:
        audit = releases[tick["release"]]
        said = audit["signoffs"][tick["signoff"]]["signature"]
        if not tick["dates"] or tick["tick"] is None or said in {None, Worth.UNSIGNED}:
            continue
        commit = tick["tick"]["commit"]
        trust, policies = known_at(audit["commit"])
        (found,) = verify([(commit, "commit", bag.object("commit", commit))], trust)
        fault = _fault(found, said, policies)
        yield f"{audit['tag']}: {commit} {fault}" if fault else None


def _fault(found: Verification, said: str, policies: tuple[Policy, ...]) -> str | None:
    if found.outcome in _OPEN:
        return None
    if (found.outcome is Outcome.BAD) is not (said == Worth.BAD):
        return f"has a signature that is {found.outcome.value}, not {said}"
    keys = {key.fingerprint for policy in policies for person in policy.people for key in person.keys}
    if said == Worth.PERSONAL and not found.vouchers and found.fingerprint not in keys:
        return "is signed by a key that nobody vouches for"
    return None


def _trust(bag: Bag, index: Any, commit: str) -> Trust:
    """The allowed signers of a tree: each trust file is read as such, and one of another kind vouches for nobody."""
    text = "\n".join(_files(bag, index, "trust", commit))
    return Trust(read_allowed_signers(text) if text else None, None)


def _policies(bag: Bag, index: Any, commit: str) -> Iterator[Policy]:
    """The policies that a tree may be held against: its own, and where it has none, any that is in the bundle."""
    for text in list(_files(bag, index, "policy", commit)) or list(_files(bag, index, "policy", None)):
        try:
            yield read_policy(text, "policy")
        except ConfigError:
            continue


def _files(bag: Bag, index: Any, use: str, commit: str | None) -> Iterator[str]:
    blobs = {one["blob"] for one in index["files"] if one["use"] == use and (commit is None or one["commit"] == commit)}
    yield from (bag.object("blob", blob).decode("utf-8", "replace") for blob in sorted(blobs))
