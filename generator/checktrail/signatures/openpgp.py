"""What an OpenPGP signature says of itself, and what gpg makes of it.

The packet is read in process, so that a signature by a key that the keyring does not hold costs no process at all: on
public repositories that is most of them. Source: RFC 9580, section 5.2; GnuPG's doc/DETAILS for its status lines.
The keyring gives key material only; whose key it is, the policy says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from checktrail.signatures.verification import Armor, Outcome, Verification, Window
from checktrail.signatures.wire import Fields, MalformedError, decode_base64

_CREATED, _ISSUER, _ISSUER_FINGERPRINT = 2, 16, 33
_SIGNATURE_PACKET: Final = 2
_ONE_OCTET, _TWO_OCTETS = 192, 255
_TIMEOUT: Final = 30


@dataclass(frozen=True, slots=True)
class Claim:
    """What the signature's own packet says; nothing of it is proved. `key` is a fingerprint or a key id, upper case."""

    key: str | None
    signed_at: int | None


def read_claim(armored: bytes) -> Claim:
    """Who and when, out of an armored signature; both None when the packet cannot be read."""
    try:
        return _claim(Fields(_dearmored(armored)))
    except MalformedError:
        return Claim(None, None)


def _dearmored(armored: bytes) -> bytes:
    lines = [line.strip() for line in armored.strip().split(b"\n")]
    begin = next((at for at, line in enumerate(lines) if not line), None)
    if begin is None:
        raise MalformedError("its armor has no head")
    body = [line for line in lines[begin + 1 :] if line and not line.startswith((b"=", b"-----"))]
    return decode_base64(b"".join(body))


def _claim(fields: Fields) -> Claim:
    packet = Fields(_packet_body(fields))
    version = packet.byte()
    if version not in (4, 6):
        raise MalformedError(f"its version {version} is not read")
    packet.take(3)
    parts: dict[int, bytes] = {}
    for _ in range(2):
        length = packet.uint32() if version == 6 else int.from_bytes(packet.take(2), "big")  # noqa: PLR2004 - version
        parts = dict(_subpackets(Fields(packet.take(length)))) | parts
    created = parts.get(_CREATED)
    key = parts[_ISSUER_FINGERPRINT][1:] if _ISSUER_FINGERPRINT in parts else parts.get(_ISSUER)
    return Claim(key.hex().upper() if key else None, int.from_bytes(created, "big") if created else None)


def _packet_body(fields: Fields) -> bytes:
    head = fields.byte()
    if head & 0x40:
        if head & 0x3F != _SIGNATURE_PACKET:
            raise MalformedError("it is no signature packet")
        return fields.take(_length(fields))
    if (head >> 2) & 0x0F != _SIGNATURE_PACKET or head & 3 == 3:  # noqa: PLR2004 - an open-ended length
        raise MalformedError("it is no signature packet")
    return fields.take(int.from_bytes(fields.take(1 << (head & 3)), "big"))


def _length(fields: Fields) -> int:
    first = fields.byte()
    if first < _ONE_OCTET:
        return first
    if first < _TWO_OCTETS:
        return ((first - _ONE_OCTET) << 8) + fields.byte() + _ONE_OCTET
    return fields.uint32()


def _subpackets(fields: Fields) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while not fields.is_done:
        content = fields.take(_length(fields))
        if content:
            found.setdefault(content[0] & 0x7F, content[1:])
    return found


@dataclass(frozen=True, slots=True)
class KeyringKey:
    """One primary key of the keyring, with its own validity."""

    fingerprint: str
    window: Window
    revoked: bool


@dataclass(frozen=True, slots=True)
class Gpg:
    """A gpg program and the keys it knows, by fingerprint and by key id of primary keys and subkeys alike."""

    program: str
    keys: Mapping[str, KeyringKey]

    def verify(self, object_id: str, armored: bytes, payload: bytes, claim: Claim) -> Verification:
        """What gpg makes of a signature. The present time plays no part: validity is judged at the release's."""
        key = self.keys.get(claim.key or "")
        with tempfile.NamedTemporaryFile(suffix=".asc") as signature:
            signature.write(armored)
            signature.flush()
            run = _run(self.program, "--verify", signature.name, "-", stdin=payload)
        return _from_status(object_id, run.stdout.decode("utf-8", "replace"), claim, key)


def find_gpg(program: str = "gpg") -> Gpg | None:
    """The gpg on the search path with its keyring, None where there is none that can list it.

    Where nobody ever made a keyring gpg would rather stop than make one here; it is an empty one all the same.
    """
    path = shutil.which(program)
    if path is None:
        return None
    if not Path(os.environ.get("GNUPGHOME") or Path.home() / ".gnupg").is_dir():
        return Gpg(path, {})
    listing = _run(path, "--with-colons", "--fixed-list-mode", "--with-subkey-fingerprint", "--list-keys")
    if listing.returncode:
        return None
    return Gpg(path, _keys(listing.stdout.decode("utf-8", "replace")))


def _run(program: str, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """One gpg process that asks nobody, fetches nothing and heeds no options file."""
    quiet = ("--no-options", "--batch", "--no-tty", "--no-auto-key-retrieve", "--no-auto-key-locate")
    steady = ("--no-auto-check-trustdb", "--trust-model", "always", "--display-charset", "utf-8", "--status-fd", "1")
    environment = {name: value for name, value in os.environ.items() if name in {"HOME", "PATH", "GNUPGHOME", "TMPDIR"}}
    command = (program, *quiet, *steady, *arguments)
    try:
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT,
            env=environment | {"LC_ALL": "C", "TZ": "UTC"},
        )
    except (
        subprocess.TimeoutExpired,
        OSError,
    ):  # one that hangs or cannot run says nothing, and so vouches for nothing
        return subprocess.CompletedProcess(command, 2, b"", b"")


def _keys(listing: str) -> dict[str, KeyringKey]:
    """Source: GnuPG's doc/DETAILS: field 1 the kind, 2 the validity, 5 the key id, 6 and 7 the dates, 10 the digits."""
    found: dict[str, KeyringKey] = {}
    primary: KeyringKey | None = None
    window, revoked, is_primary = Window(), False, True
    for line in listing.split("\n"):
        fields = line.split(":")
        if fields[0] in {"pub", "sub"}:
            is_primary, revoked = fields[0] == "pub", fields[1] == "r"
            window = Window(_number(fields[5]), _number(fields[6]))
        elif fields[0] == "fpr":
            digits = fields[9]
            if is_primary:
                primary = KeyringKey(digits, window, revoked)
            if primary is not None:
                key = KeyringKey(primary.fingerprint, window, revoked or primary.revoked)
                found[digits] = found[digits[-16:]] = key
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _from_status(object_id: str, status: str, claim: Claim, key: KeyringKey | None) -> Verification:
    """The verdict of gpg's status lines; a key that has expired since still made a valid signature then."""
    # Not `splitlines`: a key's user name may hold U+2028 and behind it what looks like a line of status.
    lines = [line.split()[1:] for line in status.split("\n") if line.startswith("[GNUPG:] ")]
    words = {line[0]: line for line in lines if line}
    signed_at, fingerprint = claim.signed_at, key.fingerprint if key else claim.key
    outcome, reason = Outcome.UNVERIFIABLE, "gpg could not check the signature"
    # Two signatures in one armor would let one vouch for the other's bytes.
    good = sum(line[0] in {"GOODSIG", "EXPKEYSIG", "REVKEYSIG", "EXPSIG"} for line in lines if line)
    if "BADSIG" in words or good > 1:
        outcome, reason = Outcome.BAD, "the signature does not fit the content"
    elif "VALIDSIG" in words and good == 1:
        valid = words["VALIDSIG"]
        outcome, reason = Outcome.VALID, ""
        fingerprint, signed_at = valid[-1], _number(valid[3]) or signed_at
    elif "NO_PUBKEY" in words:
        outcome, reason = Outcome.UNKNOWN_KEY, "the keyring does not hold the key"
    return Verification(
        object_id,
        Armor.OPENPGP,
        outcome,
        reason,
        key_type="openpgp",
        fingerprint=fingerprint,
        signed_at=signed_at,
        key_window=key.window if key else Window(),
        revoked="REVKEYSIG" in words or bool(key and key.revoked),
    )
