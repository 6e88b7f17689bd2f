"""What of a raw git object was signed, and by which kind of signature. Pure.

In: an object's type and bytes, as `git cat-file` gives them. Out: the bytes that the signature covers, and the
signature. Classified by its first line before anything is verified: one signature of a kind that git does not know
makes `git log --format=%G?` fail for every commit.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from checktrail.signatures.verification import Armor

ARMORS: Final = (
    (b"-----BEGIN SSH SIGNATURE-----", Armor.SSH),
    (b"-----BEGIN PGP SIGNATURE-----", Armor.OPENPGP),
    (b"-----BEGIN PGP MESSAGE-----", Armor.OPENPGP),
    (b"-----BEGIN SIGNED MESSAGE-----", Armor.X509),
)
_OWN_HEADER: Final = {40: b"gpgsig", 64: b"gpgsig-sha256"}
_SIGNATURE_HEADERS: Final = frozenset(_OWN_HEADER.values())
_ANY_HEADER: Final = b"gpgsig"
_ANY_ARMOR: Final = b"-----BEGIN "


class Signed(NamedTuple):
    """A raw object taken apart: `payload` is what `signature` covers, `fault` why it cannot be right."""

    armor: Armor
    payload: bytes
    signature: bytes
    fault: str = ""


def classify(signature: bytes) -> Armor:
    """The kind of a signature by its first line."""
    if not signature.strip():
        return Armor.NONE
    return next((armor for mark, armor in ARMORS if signature.startswith(mark)), Armor.UNKNOWN)


def is_plainly_unsigned(object_type: str, raw: bytes) -> bool:
    """Whether a commit or a tag has nothing in it that a signature begins with, as most have not."""
    return (_ANY_HEADER if object_type == "commit" else _ANY_ARMOR) not in raw


def signed_parts(object_id: str, object_type: str, raw: bytes) -> Signed:
    """What was signed in a commit or a tag; any other type is unsigned.

    Source: gitformat-signature(5). A commit's signature is a header, a tag's stands at the end of its message.
    """
    if object_type == "commit":
        return _signed_commit(raw, _OWN_HEADER.get(len(object_id), b"gpgsig"))
    if object_type == "tag":
        return _signed_tag(raw)
    return Signed(Armor.NONE, raw, b"")


def _signed_commit(raw: bytes, own: bytes) -> Signed:
    head, gap, body = raw.partition(b"\n\n")
    kept, signatures = _split_headers(head, own)
    if not signatures:
        return Signed(Armor.NONE, raw, b"")
    payload = b"\n".join(kept) + gap + body
    fault = "the commit carries more than one signature" if len(signatures) > 1 else ""
    return Signed(classify(signatures[0]), payload, signatures[0], fault)


def _split_headers(head: bytes, own: bytes) -> tuple[list[bytes], list[bytes]]:
    """A head's lines without any signature header, and the signatures that stand under the name `own`."""
    kept: list[bytes] = []
    signatures: list[list[bytes]] = []
    lines: list[bytes] | None = None
    for line in head.split(b"\n"):
        name, _, rest = line.partition(b" ")
        if line.startswith(b" ") and lines is not None:
            lines.append(line[1:])
        elif name in _SIGNATURE_HEADERS:
            lines = [rest]
            if name == own:
                signatures.append(lines)
        else:
            lines = None
            kept.append(line)
    return kept, [b"\n".join(part) for part in signatures]


def _signed_tag(raw: bytes) -> Signed:
    """The last line that opens a signature parts the message from it, as git does it."""
    at = _last_armor(raw)
    if at is None:
        return Signed(Armor.NONE, raw, b"")
    payload, signature = raw[:at], raw[at:]
    head, gap, body = payload.partition(b"\n\n")
    kept, _ = _split_headers(head, b"")
    return Signed(classify(signature), b"\n".join(kept) + gap + body, signature)


def _last_armor(raw: bytes) -> int | None:
    found: int | None = None
    start = 0
    for line in raw.split(b"\n"):
        if line.startswith(_ANY_ARMOR) and (classify(line) is not Armor.UNKNOWN or _looks_signed(line)):
            found = start
        start += len(line) + 1
    return found


def _looks_signed(line: bytes) -> bool:
    return line.endswith((b" SIGNATURE-----", b" SIGNED MESSAGE-----"))
