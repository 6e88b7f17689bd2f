"""An SSH signature, checked in process. Pure.

In: the armored signature and the bytes it covers. Out: the public key that signed, or why it did not.
Source: OpenSSH's PROTOCOL.sshsig, PROTOCOL.u2f and RFC 5656, 8332, 8709. Git signs under the namespace `git`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from checktrail.signatures.wire import Fields, MalformedError, decode_base64, fingerprint, string

NAMESPACE: Final = "git"
_BEGIN: Final = b"-----BEGIN SSH SIGNATURE-----"
_END: Final = b"-----END SSH SIGNATURE-----"
_MAGIC: Final = b"SSHSIG"
_VERSION: Final = 1
# OpenSSH refuses smaller keys, whoever signed with them.
_LEAST_RSA_BITS: Final = 1024
_DIGESTS: Final = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}
# The SHA-1 scheme `ssh-rsa` is left out, as in PROTOCOL.sshsig.
_RSA_HASHES: Final = {"rsa-sha2-256": hashes.SHA256(), "rsa-sha2-512": hashes.SHA512()}
_CURVES: Final[dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]]] = {
    "nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "nistp521": (ec.SECP521R1(), hashes.SHA512()),
}


@dataclass(frozen=True, slots=True)
class SshSignature:
    """A signature taken apart; `public_key` and `signature` are in SSH's wire form."""

    public_key: bytes
    key_type: str
    namespace: str
    reserved: bytes
    digest: str
    signature: bytes

    @property
    def fingerprint(self) -> str:
        """The signing key's fingerprint."""
        return fingerprint(self.public_key)

    @property
    def is_certificate(self) -> bool:
        """Whether the key is wrapped in a certificate of an authority."""
        return "-cert-v0" in self.key_type


class UnsupportedError(ValueError):
    """A key or scheme that exists and that this module does not check; the message names it."""


def read_signature(armored: bytes) -> SshSignature:
    """A signature out of its armor.

    Raises:
        MalformedError: it is cut off, holds too much, or is of another version.
    """
    start, end = armored.find(_BEGIN), armored.find(b"\n" + _END)
    if start != 0 or end < 0:
        raise MalformedError("its armor is cut off")
    fields = Fields(decode_base64(armored[len(_BEGIN) : end]))
    if fields.take(len(_MAGIC)) != _MAGIC:
        raise MalformedError("it does not open as an SSH signature")
    if (version := fields.uint32()) != _VERSION:
        raise MalformedError(f"its version {version} is unknown")
    public_key = fields.string()
    key_type = Fields(public_key).text()
    found = SshSignature(public_key, key_type, fields.text(), fields.string(), fields.text(), fields.string())
    if not fields.is_done:
        raise MalformedError("bytes follow its end")
    return found


def fault(found: SshSignature, payload: bytes, namespace: str = NAMESPACE) -> str:
    """Why a signature does not hold over a payload; empty when it holds.

    Raises:
        MalformedError: key or signature are not what they say they are.
        UnsupportedError: their kind is not checked here.
    """
    if found.namespace != namespace:
        return f"it was made for {found.namespace!r}, not for {namespace!r}"
    if found.digest not in _DIGESTS:
        raise MalformedError(f"its digest {found.digest!r} is unknown")
    signed = (
        _MAGIC
        + string(found.namespace.encode("ascii"))
        + string(found.reserved)
        + string(found.digest.encode("ascii"))
        + string(_DIGESTS[found.digest](payload).digest())
    )
    check = _CHECKS.get(found.key_type)
    if check is None:
        raise UnsupportedError(f"keys of type {found.key_type!r} are not checked")
    try:
        check(Fields(found.public_key), Fields(found.signature), signed)
    except InvalidSignature:
        return "the signature does not fit the content"
    except UnsupportedAlgorithm as error:
        raise UnsupportedError(f"keys of type {found.key_type!r} are not checked here") from error
    except MalformedError:
        raise
    except ValueError as error:
        raise MalformedError("the key in it is no key") from error
    return ""


def _done(*all_fields: Fields) -> None:
    if not all(fields.is_done for fields in all_fields):
        raise MalformedError("bytes follow the end of its key or signature")


def _same_type(key: Fields, signature: Fields) -> str:
    key_type, scheme = key.text(), signature.text()
    if scheme != key_type:
        raise MalformedError(f"a {key_type!r} key cannot make a {scheme!r} signature")
    return key_type


def _check_ed25519(key: Fields, signature: Fields, signed: bytes) -> None:
    _same_type(key, signature)
    public, proof = key.string(), signature.string()
    _done(key, signature)
    ed25519.Ed25519PublicKey.from_public_bytes(public).verify(proof, signed)


def _check_rsa(key: Fields, signature: Fields, signed: bytes) -> None:
    key.text()
    scheme = signature.text()
    if scheme not in _RSA_HASHES:
        raise MalformedError(f"the scheme {scheme!r} is not safe for signatures")
    exponent, modulus, proof = key.mpint(), key.mpint(), signature.string()
    _done(key, signature)
    if modulus.bit_length() < _LEAST_RSA_BITS:
        raise MalformedError("its RSA key is too short")
    size = (modulus.bit_length() + 7) // 8
    public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    # Some signers leave out leading zeros; OpenSSH puts them back, and so do we.
    public.verify(proof.rjust(size, b"\0"), signed, padding.PKCS1v15(), _RSA_HASHES[scheme])


def _point(key: Fields) -> tuple[ec.EllipticCurvePublicKey, hashes.HashAlgorithm]:
    name, encoded = key.text(), key.string()
    if name not in _CURVES:
        raise MalformedError(f"the curve {name!r} is unknown")
    curve, digest = _CURVES[name]
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, encoded), digest


def _der(pair: Fields) -> bytes:
    r, s = pair.mpint(), pair.mpint()
    _done(pair)
    return utils.encode_dss_signature(r, s)


def _check_ecdsa(key: Fields, signature: Fields, signed: bytes) -> None:
    _same_type(key, signature)
    public, digest = _point(key)
    proof = _der(Fields(signature.string()))
    _done(key, signature)
    public.verify(proof, signed, ec.ECDSA(digest))


def _security_key_message(application: bytes, signature: Fields, signed: bytes) -> bytes:
    """What the token signed: the application, its flags and counter, and the message, hashed (PROTOCOL.u2f)."""
    flags, counter = signature.take(1), signature.take(4)
    return hashlib.sha256(application).digest() + flags + counter + hashlib.sha256(signed).digest()


def _check_sk_ed25519(key: Fields, signature: Fields, signed: bytes) -> None:
    _same_type(key, signature)
    public, application, proof = key.string(), key.string(), signature.string()
    message = _security_key_message(application, signature, signed)
    _done(key, signature)
    ed25519.Ed25519PublicKey.from_public_bytes(public).verify(proof, message)


def _check_sk_ecdsa(key: Fields, signature: Fields, signed: bytes) -> None:
    _same_type(key, signature)
    public, digest = _point(key)
    application, proof = key.string(), _der(Fields(signature.string()))
    message = _security_key_message(application, signature, signed)
    _done(key, signature)
    public.verify(proof, message, ec.ECDSA(digest))


_CHECKS: Final[dict[str, Callable[[Fields, Fields, bytes], None]]] = {
    "ssh-ed25519": _check_ed25519,
    "ssh-rsa": _check_rsa,
    "ecdsa-sha2-nistp256": _check_ecdsa,
    "ecdsa-sha2-nistp384": _check_ecdsa,
    "ecdsa-sha2-nistp521": _check_ecdsa,
    "sk-ssh-ed25519@openssh.com": _check_sk_ed25519,
    "sk-ecdsa-sha2-nistp256@openssh.com": _check_sk_ecdsa,
}
