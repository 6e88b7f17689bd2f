"""Objects → verifications, one each, in the order they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from checktrail.signatures.armor import Signed, is_plainly_unsigned, signed_parts
from checktrail.signatures.openpgp import Gpg, find_gpg, read_claim
from checktrail.signatures.trust import Trust
from checktrail.signatures.verification import Armor, Outcome, Verification
from checktrail.signatures.wire import MalformedError

RawObject = tuple[str, str, bytes]


def verify(objects: Iterable[RawObject], trust: Trust) -> Iterator[Verification]:
    """What came of each object's signature. gpg is looked for only when the first OpenPGP signature comes by.

    Args:
        objects: full id, type (`commit`, `tag`) and bytes of each, as `git cat-file --batch` gives them.
        trust: the allowed signers and revoked keys to look a key up in.
    """
    gpg = cache(find_gpg)
    none, unsigned = Armor.NONE, Outcome.UNSIGNED
    for object_id, object_type, raw in objects:
        if is_plainly_unsigned(object_type, raw):
            yield Verification(object_id, none, unsigned)
            continue
        signed = signed_parts(object_id, object_type, raw)
        match signed.armor:
            case Armor.NONE:
                yield Verification(object_id, none, unsigned)
            case Armor.SSH:
                yield _ssh(object_id, signed, trust)
            case Armor.OPENPGP:
                yield _openpgp(object_id, signed, gpg())
            case Armor.X509:
                reason = "X.509 signatures are recognised, not checked"
                yield Verification(object_id, Armor.X509, Outcome.UNVERIFIABLE, reason, key_type="x509")
            case Armor.UNKNOWN:
                reason = "it is a signature of a kind that is not known"
                yield Verification(object_id, Armor.UNKNOWN, Outcome.UNVERIFIABLE, reason)


def _ssh(object_id: str, signed: Signed, trust: Trust) -> Verification:
    # Most histories have no such signature, and loading what checks one takes longer than reading a hundred commits.
    from checktrail.signatures.ssh import NAMESPACE, UnsupportedError, fault, read_signature

    try:
        found = read_signature(signed.signature)
    except MalformedError as error:
        return Verification(object_id, Armor.SSH, Outcome.BAD, f"the signature cannot be read: {error}")
    reason = signed.fault
    outcome = Outcome.BAD
    try:
        reason = reason or fault(found, signed.payload)
        outcome = Outcome.BAD if reason else Outcome.VALID
    except MalformedError as error:
        reason = f"the signature cannot be read: {error}"
    except UnsupportedError as error:
        outcome, reason = Outcome.UNVERIFIABLE, str(error)
    if found.is_certificate and outcome is Outcome.UNVERIFIABLE:
        reason = "it was made with a certificate of an authority, which is recognised, not checked"
    is_valid = outcome is Outcome.VALID
    return Verification(
        object_id,
        Armor.SSH,
        outcome,
        reason,
        key_type=found.key_type,
        fingerprint=found.fingerprint,
        vouchers=trust.allowed.vouchers(found.public_key, NAMESPACE) if is_valid and trust.allowed else (),
        revoked=trust.revoked.holds(found.public_key) if trust.revoked else False,
    )


def _openpgp(object_id: str, signed: Signed, gpg: Gpg | None) -> Verification:
    claim = read_claim(signed.signature)
    if signed.fault:
        return Verification(object_id, Armor.OPENPGP, Outcome.BAD, signed.fault)
    if gpg is None:
        outcome, reason = Outcome.UNVERIFIABLE, "gpg is not installed, or does not work"
    elif claim.key is not None and claim.key not in gpg.keys and claim.key[-16:] not in gpg.keys:
        outcome, reason = Outcome.UNKNOWN_KEY, "the keyring does not hold the key"
    else:
        return gpg.verify(object_id, signed.signature, signed.payload, claim)
    return Verification(
        object_id,
        Armor.OPENPGP,
        outcome,
        reason,
        key_type="openpgp",
        fingerprint=claim.key,
        signed_at=claim.signed_at,
    )
