"""Signing keys of the demo's people: a name in, an SSH key and signatures out. Pure.

The keys are made from the names in the open, so that the same name signs the same bytes everywhere: they prove nothing
outside the demo. Format: OpenSSH's PROTOCOL.sshsig, with Ed25519, whose signatures are deterministic.
"""

from __future__ import annotations

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_KIND = b"ssh-ed25519"
_MAGIC = b"SSHSIG"
_NAMESPACE = b"git"
_HASH = b"sha512"


def public_key(owner: str) -> str:
    """The owner's public key as one line of an allowed-signers file shows it: type and base64."""
    return f"{_KIND.decode()} {base64.b64encode(_public_blob(owner)).decode()}"


def fingerprint(owner: str) -> str:
    """The fingerprint of the owner's key as OpenSSH prints it: `SHA256:` and base64 without padding."""
    digest = hashlib.sha256(_public_blob(owner)).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def sign(owner: str, text: str) -> str:
    """The armored SSH signature by the owner over a commit's or tag's text, in git's namespace."""
    digest = hashlib.sha512(text.encode()).digest()
    signed = _MAGIC + _string(_NAMESPACE) + _string(b"") + _string(_HASH) + _string(digest)
    signature = _string(_KIND) + _string(_private_key(owner).sign(signed))
    blob = _MAGIC + struct.pack(">I", 1) + _string(_public_blob(owner))
    blob += _string(_NAMESPACE) + _string(b"") + _string(_HASH) + _string(signature)
    letters = base64.b64encode(blob).decode()
    lines = [letters[start : start + 70] for start in range(0, len(letters), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----"]) + "\n"


def _private_key(owner: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"checktrail demo key of {owner}".encode()).digest())


def _public_blob(owner: str) -> bytes:
    raw = _private_key(owner).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return _string(_KIND) + _string(raw)


def _string(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content
