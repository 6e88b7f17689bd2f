"""What came of looking at one object's signature: values that the audit reads. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


class Armor(StrEnum):
    """Which kind of signature an object carries, told by its first line alone."""

    NONE = "none"
    SSH = "ssh"
    OPENPGP = "openpgp"
    X509 = "x509"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What the bytes prove. `VALID` says that this key signed these bytes, and nothing of whose key it is."""

    UNSIGNED = "unsigned"
    VALID = "valid"
    BAD = "bad"
    UNVERIFIABLE = "unverifiable"
    UNKNOWN_KEY = "unknown-key"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in seconds since 1970 UTC, both ends included; None is open-ended."""

    start: int | None = None
    end: int | None = None

    def holds(self, at: int) -> bool:
        """Whether a moment lies within."""
        return (self.start is None or self.start <= at) and (self.end is None or at <= self.end)


ALWAYS: Final = Window()


@dataclass(frozen=True, slots=True)
class Voucher:
    """One line of a trust file that vouches for a key: for whom, when, and where it stands.

    `principals` are the line's patterns as written (`ana@example.org`, `*@example.org`).
    """

    principals: tuple[str, ...]
    window: Window
    line: int


class Verification(NamedTuple):
    """What came of one object's signature.

    `fingerprint` is `SHA256:…` for SSH and 40 or 64 upper-case hexadecimal digits for OpenPGP (the primary key's;
    a key id of 16 digits where nothing more is known). `signed_at` is the time inside the signature; SSH has none.
    `vouchers` are the lines of allowed signers that name this key for git; `key_window` is the key's own validity.
    `reason` says in words why the outcome is what it is; empty when it is plain.
    """

    object_id: str
    armor: Armor
    outcome: Outcome
    reason: str = ""
    key_type: str | None = None
    fingerprint: str | None = None
    signed_at: int | None = None
    vouchers: tuple[Voucher, ...] = ()
    key_window: Window = ALWAYS
    revoked: bool = False

    @property
    def is_signed(self) -> bool:
        """Whether the object carries a signature of any kind, good or not."""
        return self.armor is not Armor.NONE

    def vouched_at(self, at: int) -> tuple[Voucher, ...]:
        """The vouchers whose window holds at a moment."""
        return tuple(voucher for voucher in self.vouchers if voucher.window.holds(at))
