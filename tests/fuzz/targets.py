"""One target for each surface that takes in what others wrote: bytes in, and an exception where a law is broken.

Coverage-guided runs call them through `run.py`, the suite through `test_fuzz.py`. A target may be fed anything: what a
reader may raise is its own error alone; what a law says must hold whatever came in.
"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from checktrail.audit.chain import read_ledger
from checktrail.audit.reading import read_policy
from checktrail.config import settings_from
from checktrail.errors import ConfigError
from checktrail.exports.verify_bundle import Outcome, outcomes_of_bag, outcomes_of_zip, tree_entries
from checktrail.exports.verify_signatures import signatures
from checktrail.git.wire import TAG_FORMAT, read_log, read_tag
from checktrail.model import State
from checktrail.parse import parse, read
from checktrail.signatures.armor import signed_parts
from checktrail.signatures.openpgp import read_claim
from checktrail.signatures.ssh import UnsupportedError, fault, read_signature
from checktrail.signatures.trust import read_allowed_signers, read_revoked_keys
from checktrail.signatures.wire import MalformedError
from checktrail.store import pack, unpack
from fuzz.bundles import deceiving, mutated, small_bundle
from lint_examples import check_law, page_of
from reference_rule import ReferenceItem, reference_items

PATHS: Final = ("checklists/release-checklist.md", "docs/checklists/v1.0.0.md", "notes.md")
# Where two readings may differ: link definitions, a one written with noughts, a tag that continues a paragraph, tables,
# front matter, what is not plain. `test_fuzz.py` tells why.
_ELSEWHERE: Final = re.compile(
    r"\]:|\b0+1[.)]|[^\n]\n[ >]*</?[A-Za-z]|\|[^\n]*\n[ >]*[-:|][-:| ]*(?:\n|\Z)"
    r"|\A(?:---|\+\+\+)|[^\n\x20-\x7e]"
)


def parser(data: bytes) -> None:
    """Every item shows where it stands, a checklist survives the store, and the reference rule finds the same items."""
    checklist = read(data)
    lines = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for index, item in enumerate(checklist.items):
        assert 1 <= item.line <= item.end_line <= len(lines)
        assert "[" in "".join(lines[item.line - 1 : item.end_line])
        assert item.parent is None or item.parent < index
        assert (item.state is State.TICKED) <= (item.marker in "xX")
    assert unpack(pack(checklist), type(checklist)) == checklist
    text = data.decode("ascii", "replace")
    if not _ELSEWHERE.search(text):
        found = [ReferenceItem(item.line, item.marker in "xX") for item in parse(text).items if item.marker in " xX\n"]
        assert sorted(found) == sorted(reference_items(text))


def fixes(data: bytes) -> None:
    """A safe fix never ticks, never loses a word, and twice is as once."""
    check_law(page_of(PATHS[len(data) % len(PATHS)], data))


def policy(data: bytes) -> None:
    """A policy is read, or refused in one sentence."""
    with suppress(ConfigError):
        read_policy(data.decode("utf-8", "replace"), "checktrail-policy.yml")


def configuration(data: bytes) -> None:
    """Settings are read, or refused in one sentence."""
    with suppress(ConfigError, tomllib.TOMLDecodeError):
        settings_from(tomllib.loads(data.decode("utf-8", "replace")), "checktrail.toml")


def git_objects(data: bytes) -> None:
    """What git prints, objects as they lie, signatures, trust files, ledgers: read, or refused by the reader's word."""
    log_comes_back(data)
    fields = data.decode("utf-8", "surrogateescape").split("\0")
    width = TAG_FORMAT.count("%00")
    read_tag((fields + [""] * width)[:width])
    for kind in ("commit", "tag"):
        signed = signed_parts("0" * 40, kind, data)
        with suppress(MalformedError, UnsupportedError):
            fault(read_signature(signed.signature or data), signed.payload)
        with suppress(MalformedError, UnsupportedError):
            read_claim(signed.signature or data)
    with suppress(ValueError):
        tree_entries(data, 40)
    read_allowed_signers(data.decode("utf-8", "replace"))
    read_revoked_keys(data)
    read_ledger(data.decode("utf-8", "replace"))


def log_comes_back(data: bytes) -> None:
    """What people wrote into two commits and a path comes back from git's log whole, whatever it looks like."""
    name, email, authored, message, path = (data.split(b"\0") + [b""] * 5)[:5]
    name, email = name.replace(b"\n", b""), email.replace(b"\n", b"")  # they stand in one line of a commit
    one, other = b"a" * 40, b"b" * 40
    change = b":000000 100644 " + b"0" * 40 + b" " + one + b" A"
    said = [name + b"\n" + email, authored, email + b"\n" + name, b"1700000000", message]
    log = [one, b"", *said, b"", change, path or b"p", other, one, *said, b"", change, path or b"p", change, b":p", b""]
    first, second = read_log(io.BytesIO(b"\0".join(log)))
    assert (first[0].id, second[0].id, second[0].parents) == ("a" * 40, "b" * 40, ("a" * 40,))
    assert first[0].author.name == second[0].committer.email == name.decode("utf-8", "replace")
    assert first[0].message == second[0].message == message.decode("utf-8", "replace")
    assert [len(first[1]), len(second[1])] == [1, 2]
    assert second[1][0].path.encode("utf-8", "surrogateescape") == (path or b"p")


def bundle(data: bytes) -> None:
    """A zip in which a byte differs is refused; one that was made to deceive is judged, and stops nobody."""
    if data[:1] == b"z":
        whole = small_bundle()
        other = mutated(whole, data[1:])
        assert any_fault(outcomes_of_zip(io.BytesIO(other))) == (other != whole)
    elif data[:1] == b"r":
        assert any_fault(outcomes_of_zip(io.BytesIO(data[1:])))
    else:
        outcomes_of_bag(deceiving(data), (("signatures", signatures),))


def any_fault(outcomes: tuple[Outcome, ...]) -> bool:
    """Whether a bundle is refused."""
    return any(outcome.faults for outcome in outcomes)


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = MappingProxyType(
    {one.__name__: one for one in (parser, fixes, policy, configuration, git_objects, bundle)}
)
