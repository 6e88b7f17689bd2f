"""What a signature is worth at a release's time: whose key it was, and whether anybody vouches for it. Pure.

A verification says which key signed; this says whose key that is by the policy and by the allowed signers of the tag's
tree. All is judged at the tag's time, since a committer's date is a claim that the holder of an expired key could make
up.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from checktrail.audit.people import Identity, People
from checktrail.audit.policy import HOSTING_KEYS, Key
from checktrail.signatures.verification import Armor, Outcome, Verification, Voucher

_KEY_ID: Final = 16
_WILD: Final = frozenset("*?")
_NO_ARMOR: Final = Armor.NONE


class Worth(StrEnum):
    """How far a signature carries."""

    UNSIGNED = "unsigned"
    UNCHECKED = "unchecked"
    BAD = "bad"
    UNTRUSTED = "untrusted"
    PLATFORM = "platform"
    OUT_OF_VALIDITY = "out-of-validity"
    REVOKED = "revoked"
    PERSONAL = "personal"


class Signing(NamedTuple):
    """A signature's worth, whose key it was where that is known, whether the bytes were proved, and why in words."""

    worth: Worth
    signer: Identity | None = None
    is_proved: bool = False
    reason: str = ""


NOT_SIGNED = Signing(Worth.UNSIGNED)
NOT_LOOKED_AT = Signing(Worth.UNCHECKED, reason="the object was not looked at")


def signing(verification: Verification | None, people: People, at: int) -> Signing:
    """What a signature is worth at a time.

    Args:
        verification: what came of the object, None when it could not be read.
        people: whom the policy in force knows.
        at: the release's time.
    """
    if verification is None:
        return NOT_LOOKED_AT
    if verification.armor is _NO_ARMOR:
        return NOT_SIGNED
    match verification.outcome:
        case Outcome.BAD:
            return Signing(Worth.BAD, reason=verification.reason)
        case Outcome.UNVERIFIABLE | Outcome.UNSIGNED:
            return Signing(Worth.UNCHECKED, reason=verification.reason)
        case Outcome.UNKNOWN_KEY if not _is_platform_key(verification, people):
            return _without_key(verification, people)
        case _:
            return _of_key(verification, people, at)


def _without_key(verification: Verification, people: People) -> Signing:
    """A signature by a key that is not at hand: a gap in the evidence when the policy knows whose it claims to be."""
    owner, _ = owner_of(verification, people)
    if owner is None:
        return Signing(Worth.UNTRUSTED, reason=verification.reason)
    return Signing(Worth.UNCHECKED, reason=f"{verification.reason}, which the policy says is {owner.name}'s")


def _of_key(verification: Verification, people: People, at: int) -> Signing:
    proved = verification.outcome is Outcome.VALID
    if _is_platform_key(verification, people):
        return Signing(Worth.PLATFORM, is_proved=proved, reason=verification.reason)
    owner, key = owner_of(verification, people)
    vouched = verification.vouched_at(at)
    signer, doubt = (owner, "") if owner else _vouched_for(vouched or verification.vouchers, people)
    if verification.revoked or (key is not None and key.revoked is not None and key.revoked <= at):
        return Signing(Worth.REVOKED, signer, proved, "the key is revoked")
    if signer is None:
        return Signing(Worth.UNTRUSTED, None, proved, doubt)
    in_time = key.term.holds(at) if key is not None else bool(vouched)
    if not in_time or not verification.key_window.holds(at):
        return Signing(Worth.OUT_OF_VALIDITY, signer, proved, "the key was not valid at the release's time")
    return Signing(Worth.PERSONAL, signer, proved)


def owner_of(verification: Verification, people: People) -> tuple[Identity | None, Key | None]:
    """Whose key it is by the policy, and which of theirs; nobody's when no person has it."""
    for person in people.policy.people if people.policy else ():
        for key in person.keys:
            if key.fingerprint and is_key_of(key.fingerprint, verification):
                return Identity(person.id, person.name, person.bot, person), key
    return None, None


def is_key_of(fingerprint: str, verification: Verification) -> bool:
    """Whether a fingerprint, as a policy writes it, is that of the key that signed, or claims to have."""
    return verification.fingerprint is not None and _same(fingerprint, verification.fingerprint)


def _same(wanted: str, found: str) -> bool:
    """Whether two fingerprints are one; a policy may give an OpenPGP key by its last sixteen digits or more."""
    if wanted == found or wanted.startswith("SHA256:"):
        return wanted == found
    bare = "".join(wanted.split()).upper().removeprefix("0X")
    shorter, longer = sorted((bare, found.upper()), key=len)
    return len(shorter) >= _KEY_ID and longer.endswith(shorter)


def _is_platform_key(verification: Verification, people: People) -> bool:
    keys = people.policy.signatures.platform_keys if people.policy else HOSTING_KEYS
    return any(is_key_of(key, verification) for key in keys)


def _vouched_for(lines: Iterable[Voucher], people: People) -> tuple[Identity | None, str]:
    """The one person whom lines of allowed signers bind to a key; else nobody, and why in words.

    A line for a pattern lets its key stand for anybody who fits, and so for nobody in particular; neither does a key
    that is several people's say which of them signed.
    """
    principals = [principal for line in lines for principal in line.principals if not principal.startswith("!")]
    if not principals:
        return None, ""
    pattern = next((principal for principal in principals if _WILD.intersection(principal)), None)
    if pattern is not None:
        return None, f"the line that vouches for the key is for {pattern}, and so for nobody in particular"
    persons = {person.key: person for person in map(people.named, principals)}
    if len(persons) > 1:
        names = ", ".join(person.name for person in persons.values())
        return None, f"the key is vouched for as that of several people: {names}"
    return next(iter(persons.values())), ""
