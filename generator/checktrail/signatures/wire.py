"""The length-prefixed fields of SSH keys and signatures (RFC 4251, section 5). Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct


class MalformedError(ValueError):
    """The bytes are not what their format says; the message says where."""


class Fields:
    """Reads one field after the other from a byte string."""

    __slots__ = ("_at", "_bytes")

    def __init__(self, content: bytes) -> None:
        self._bytes = content
        self._at = 0

    def take(self, length: int) -> bytes:
        """The next `length` bytes.

        Raises:
            MalformedError: fewer are left.
        """
        end = self._at + length
        if end > len(self._bytes):
            raise MalformedError("it ends in the middle of a field")
        part = self._bytes[self._at : end]
        self._at = end
        return part

    def byte(self) -> int:
        """The next byte as a number."""
        return self.take(1)[0]

    def uint32(self) -> int:
        """The next four bytes as a number."""
        return int(struct.unpack(">I", self.take(4))[0])

    def uint64(self) -> int:
        """The next eight bytes as a number."""
        return int(struct.unpack(">Q", self.take(8))[0])

    def string(self) -> bytes:
        """The next string: four bytes of length, then its bytes."""
        return self.take(self.uint32())

    def text(self) -> str:
        """The next string as ASCII.

        Raises:
            MalformedError: it holds other bytes.
        """
        try:
            return self.string().decode("ascii")
        except UnicodeDecodeError as error:
            raise MalformedError("a name in it is not ASCII") from error

    def mpint(self) -> int:
        """The next whole number, which must not be negative.

        Raises:
            MalformedError: it is negative.
        """
        content = self.string()
        if content and content[0] & 0x80:
            raise MalformedError("a number in it is negative")
        return int.from_bytes(content, "big")

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._bytes)


def string(content: bytes) -> bytes:
    """A byte string with its length before it."""
    return struct.pack(">I", len(content)) + content


def decode_base64(text: bytes) -> bytes:
    """Base64 with white space left out.

    Raises:
        MalformedError: it holds other characters, or is cut off.
    """
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise MalformedError("it is not base64") from error


def fingerprint(public_key: bytes) -> str:
    """`SHA256:…` of a public key's bytes, as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public_key).digest()).decode("ascii").rstrip("=")
