"""Allowed signers and revoked keys, as OpenSSH writes them. Pure.

In: the text of an allowed-signers file and the bytes of a revocation file (a key revocation list, or plain public
keys). Out: frozen values that can be asked about one key. Source: ssh-keygen(1), "ALLOWED SIGNERS" and "KEY REVOCATION
LISTS"; OpenSSH's PROTOCOL.krl.

A line that cannot be read is a fault with its number, never skipped in silence: OpenSSH stops reading there.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from checktrail.signatures.verification import Voucher, Window
from checktrail.signatures.wire import Fields, MalformedError, decode_base64

_TIME: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z?)", re.ASCII)
_HEXADECIMAL: Final = re.compile(r"0x([0-9a-fA-F]{1,16})", re.ASCII)
_OPTION: Final = re.compile(r'([a-zA-Z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|$)')
_KEY_TYPE: Final = re.compile(r"(?:sk-)?(?:ssh|ecdsa|rsa|webauthn)[a-z0-9.@-]*", re.ASCII)
_KRL_MAGIC: Final = b"SSHKRL\n\0"
_KRL_CERTIFICATES, _KRL_KEYS, _KRL_SHA1, _KRL_SIGNATURE, _KRL_SHA256 = 1, 2, 3, 4, 5


class Fault(NamedTuple):
    """A line of a trust file that cannot be relied on, and why; line 0 is the file as a whole."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class AllowedSigner:
    """One line: who may sign with which key, for what, when. `namespaces` is None when it is for everything."""

    principals: tuple[str, ...]
    key: bytes
    window: Window
    namespaces: tuple[str, ...] | None
    is_authority: bool
    line: int


@dataclass(frozen=True, slots=True)
class AllowedSigners:
    """An allowed-signers file; empty when there is none."""

    signers: tuple[AllowedSigner, ...] = ()
    faults: tuple[Fault, ...] = ()

    def vouchers(self, key: bytes, namespace: str) -> tuple[Voucher, ...]:
        """The lines that vouch for a plain key in a namespace, at whatever time."""
        return tuple(
            Voucher(signer.principals, signer.window, signer.line)
            for signer in self.signers
            if signer.key == key and not signer.is_authority and _matches(namespace, signer.namespaces)
        )

    def has_authority(self) -> bool:
        """Whether a line trusts a certificate authority."""
        return any(signer.is_authority for signer in self.signers)


def _matches(namespace: str, patterns: tuple[str, ...] | None) -> bool:
    """OpenSSH's pattern list: one match is needed, and a match with `!` before it forbids; an empty list has none."""
    if patterns is None:
        return True
    if any(_fits(namespace, pattern[1:]) for pattern in patterns if pattern.startswith("!")):
        return False
    return any(_fits(namespace, pattern) for pattern in patterns)


def _fits(name: str, pattern: str) -> bool:
    """OpenSSH knows `*` and `?` alone; a bracket is itself."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))


def read_allowed_signers(text: str) -> AllowedSigners:
    """An allowed-signers file; lines that cannot be read stand in `faults`."""
    signers: list[AllowedSigner] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            signer, remark = _read_line(line.strip(), number)
        except MalformedError as error:
            faults.append(Fault(number, str(error)))
            continue
        signers.append(signer)
        if remark:
            faults.append(Fault(number, remark))
    return AllowedSigners(tuple(signers), tuple(faults))


def _read_line(line: str, number: int) -> tuple[AllowedSigner, str]:
    """A line and a remark on what of it depends on the reader's place; empty when nothing does."""
    principals, _, rest = _first_word(line)
    options: dict[str, str] = {}
    if not _KEY_TYPE.fullmatch(rest.split(None, 1)[0] if rest.split() else ""):
        options, rest = _options(rest)
    words = rest.split()
    if len(words) < 2 or not _KEY_TYPE.fullmatch(words[0]):  # noqa: PLR2004 - a key's type and its base64
        raise MalformedError("it names no public key")
    key = decode_base64(words[1].encode("ascii", "replace"))
    if Fields(key).text() != words[0]:
        raise MalformedError("its key is of another type than it says")
    start, local_start = _moment(options.get("valid-after"))
    end, local_end = _moment(options.get("valid-before"))
    window = Window(start, end)
    if start is not None and end is not None and start >= end:
        raise MalformedError("its validity ends before it begins")
    signer = AllowedSigner(
        tuple(part for part in principals.split(",") if part),
        key,
        window,
        tuple(part for part in options["namespaces"].split(",") if part) if "namespaces" in options else None,
        "cert-authority" in options,
        number,
    )
    is_local = local_start or local_end
    return signer, "a time without Z depends on the reader's time zone; read as UTC" if is_local else ""


def _first_word(line: str) -> tuple[str, str, str]:
    """The principals, which may stand in quotation marks, and what follows them."""
    if not line.startswith('"'):
        return line.partition(" ") if " " in line else line.partition("\t")
    inside, mark, rest = line[1:].partition('"')
    if not mark:
        raise MalformedError("a quotation mark is not closed")
    return inside, mark, rest.lstrip()


def _options(rest: str) -> tuple[dict[str, str], str]:
    found: dict[str, str] = {}
    word = _quoted_word(rest)
    at = 0
    while at < len(word):
        match = _OPTION.match(word, at)
        if match is None:
            raise MalformedError(f"its option {word[at:]!r} cannot be read")
        name = match[1].lower()
        if name not in {"cert-authority", "namespaces", "valid-after", "valid-before"}:
            raise MalformedError(f"its option {name!r} is unknown")
        if name in found:
            raise MalformedError(f"its option {name!r} stands twice")
        if (match[2] is None) is not (name == "cert-authority"):
            raise MalformedError(f"its option {name!r} is not written as it must be")
        found[name] = match[2] or ""
        at = match.end()
    return found, rest[len(word) :].lstrip()


def _quoted_word(rest: str) -> str:
    """The text up to the first white space outside quotation marks."""
    inside = False
    for at, character in enumerate(rest):
        if character == '"' and (at == 0 or rest[at - 1] != "\\"):
            inside = not inside
        elif character in " \t" and not inside:
            return rest[:at]
    return rest


def _moment(written: str | None) -> tuple[int | None, bool]:
    """Seconds since 1970 UTC of `YYYYMMDD[HHMM[SS]][Z]` or `0x…`, and whether it leaves the time zone open."""
    if written is None:
        return None, False
    if number := _HEXADECIMAL.fullmatch(written):
        return int(number[1], 16), False
    match = _TIME.fullmatch(written)
    if match is None:
        raise MalformedError(f"its time {written!r} cannot be read")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    in_range = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(max(year, 1), month)[1]  # noqa: PLR2004 - months
    if not in_range or hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - a clock's hands
        raise MalformedError(f"its time {written!r} does not exist")
    return calendar.timegm((year, month, day, hour, minute, second)), not match[7]


@dataclass(frozen=True, slots=True)
class RevokedKeys:
    """A revocation file; empty when there is none. Digests are of the keys' wire form."""

    keys: frozenset[bytes] = frozenset()
    sha1: frozenset[bytes] = frozenset()
    sha256: frozenset[bytes] = frozenset()
    faults: tuple[Fault, ...] = ()

    def holds(self, key: bytes) -> bool:
        """Whether a key is revoked."""
        return (
            key in self.keys
            or hashlib.sha1(key).digest() in self.sha1  # noqa: S324 - the list's own form
            or hashlib.sha256(key).digest() in self.sha256
        )


def read_revoked_keys(content: bytes) -> RevokedKeys:
    """A revocation file: a key revocation list, or public keys one to a line."""
    if not content.startswith(_KRL_MAGIC):
        return _plain_keys(content.decode("utf-8", "replace"))
    try:
        return _revocation_list(Fields(content[len(_KRL_MAGIC) :]))
    except MalformedError as error:
        return RevokedKeys(faults=(Fault(0, f"the revocation list is broken: {error}"),))


def _plain_keys(text: str) -> RevokedKeys:
    keys: set[bytes] = set()
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            keys.add(_plain_key(line.split()))
        except MalformedError as error:
            faults.append(Fault(number, str(error)))
    return RevokedKeys(keys=frozenset(keys), faults=tuple(faults))


def _plain_key(words: list[str]) -> bytes:
    kind = next((at for at, word in enumerate(words[:-1]) if _KEY_TYPE.fullmatch(word)), None)
    if kind is None:
        raise MalformedError("it names no public key")
    return decode_base64(words[kind + 1].encode("ascii", "replace"))


def _revocation_list(fields: Fields) -> RevokedKeys:
    if (version := fields.uint32()) != 1:
        raise MalformedError(f"its version {version} is unknown")
    for _ in range(3):
        fields.uint64()
    fields.string()
    fields.string()
    found: dict[int, set[bytes]] = {_KRL_KEYS: set(), _KRL_SHA1: set(), _KRL_SHA256: set()}
    faults: list[Fault] = []
    while not fields.is_done:
        kind, section = fields.byte(), Fields(fields.string())
        if kind == _KRL_SIGNATURE:
            fields.string()
        elif kind == _KRL_CERTIFICATES:
            faults.append(Fault(0, "the revocation list names certificates, which are not looked at"))
        elif kind in found:
            found[kind].update(_strings(section))
        else:
            raise MalformedError(f"its section {kind} is unknown")
    return RevokedKeys(
        frozenset(found[_KRL_KEYS]), frozenset(found[_KRL_SHA1]), frozenset(found[_KRL_SHA256]), tuple(faults)
    )


def _strings(section: Fields) -> Iterator[bytes]:
    while not section.is_done:
        yield section.string()


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom a repository trusts: both files, each None where the policy names none or it cannot be found."""

    allowed: AllowedSigners | None = None
    revoked: RevokedKeys | None = None
