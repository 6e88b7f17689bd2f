"""An evidence bundle: everything an auditor takes away, as one file that can be checked again years later. Pure.

A BagIt bag in a zip (RFC 8493): the exports, the git objects that they rest on, and what checks it all without us. The
same payload gives the same bytes: names are sorted, times fixed, and the comment at the end seals every byte before it.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import IO, Any, Final, NamedTuple

from checktrail.errors import OutputError
from checktrail.exports.provenance import FileInForce
from checktrail.exports.verify_bundle import DECLARATION, MOST_AT_ONCE, MOST_BYTES, MOST_FILES, SEAL, SEAL_LENGTH, shown

# The earliest time a zip can tell, and a plain file that everybody may read.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644
_UNIX: Final = 3
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_PAYLOAD: Final = "data/"
_BESIDE: Final = 256
"""More bytes than the line of a file in a manifest has, and more files than stand beside the payload."""
_CHUNK: Final = 1 << 20
_SCHEMAS: Final = ("record", "audit", "evidence")

VERIFY: Final = """\
# How to check this bundle

This bundle shows what the releases of a git repository rested on: which checklist items were ticked when each was
tagged, by whom as far as git can tell, and what an audit found. It can be checked without the repository, without a
network and without the tool that made it.

    python3 verify.py                     # in the unpacked folder
    python3 verify.py BUNDLE.zip          # the zip as it is
    checktrail verify BUNDLE.zip          # the same with the tool

Python 3.11 or later is all that `verify.py` needs. It makes the digest of every file and the id of every git object
anew, follows each tag to its commit, each checklist through its commit's trees, and each sign-off to its box and to the
commit that ticked it; then it compares what the JSON, CSV, SQLite, in-toto, OSCAL and SARIF files say. It ends with 0
when nothing differs and with 1 when anything does.

## What is in it

| file | holds |
|---|---|
| `data/record.json` | every release with its checklists as the tag froze them, and how it was all produced (`run`) |
| `data/audit.json` | sign-offs, requirements, findings and verdicts of every release |
| `data/csv/`, `data/checktrail.sqlite` | the same as tables; the database has views on the usual questions |
| `data/releases.intoto.jsonl` | an in-toto Statement per release |
| `data/oscal-assessment-results.json` | OSCAL assessment results |
| `data/audit.sarif`, `data/audit.junit.xml` | the findings, as code scanning and CI read them |
| `data/index.json` | which file, box and chain of commits shows what |
| `data/objects/` | commits, tags, trees and blobs of git, byte for byte, by their ids |
| `data/in-force/` | policy, trust files and ledger as they stood at HEAD |
| `data/schemas/` | JSON Schemas of the JSON files |

## By hand

The id of a git object is the digest of its kind, its size and its bytes:

    f=data/objects/commit/ID; (printf 'commit %s\\0' "$(wc -c < $f)"; cat $f) | sha1sum

The digests of all files: `sha256sum --check manifest-sha256.txt tagmanifest-sha256.txt`.

## What it cannot show

- That the tags are those that everybody else has. Compare the ids under `references` in `data/index.json` with
  `git ls-remote --tags` of the repository that counts. A lightweight tag has no object of its own, so that nothing here
  binds its name to its commit.
- That a time is true. Times in commits and tags are claims; only what descends from what is proved.
- That somebody signed. A tick is a record; it is a signature only where `assurance` is 3 or 4. The commit by which the
  platform told the time (`stamp`) is in the repository, not in here.
- That the verdicts follow from the evidence. Run `checktrail audit` on a clone.
"""


def bag_name(run: Mapping[str, Any]) -> str:
    """The name of the bag's folder, after the repository."""
    return f"{_NO_NAME.sub('-', run['repository']).strip('.-') or 'repository'}-evidence"


class Amount(NamedTuple):
    """How many bytes a payload has, in how many files; the words of BagIt's Payload-Oxum."""

    octets: int
    streams: int


class Member(NamedTuple):
    """A file of the payload: its name in the bag, how long it is, and its bytes, piece by piece."""

    name: str
    size: int
    pieces: Callable[[], Iterable[bytes]]


def held(name: str, content: bytes) -> Member:
    """A member whose bytes are at hand."""
    return Member(name, len(content), lambda: (content,))


def members_in_force(files: Iterable[FileInForce]) -> Iterator[Member]:
    """The files in force at HEAD."""
    for number, file in enumerate(files, 1):
        yield held(f"data/in-force/{number}-{file.use.value}", file.content)


def schemas() -> Iterator[Member]:
    """The schemas of the JSON files."""
    folder = resources.files("checktrail") / "schemas"
    for kind in _SCHEMAS:
        name = f"{kind}-1.schema.json"
        yield held(f"data/schemas/{name}", (folder / name).read_bytes())


class TooLargeError(OutputError):
    """A bundle would hold more than whoever checks it reads."""


def write_bundle(stream: IO[bytes], members: Sequence[Member], run: Mapping[str, Any]) -> None:
    """A payload as a sealed bag.

    Args:
        stream: a file that is empty, and can be read and sought in.
        members: the payload, sorted by name; their bytes are asked for one after the other.
        run: how it was produced.

    Raises:
        TooLargeError: it could not be checked.
    """
    amount = Amount(sum(member.size for member in members), len(members))
    _refuse_too_large(amount, max((member.size for member in members), default=0))
    tags = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": _info(amount, run).encode(),
        "VERIFY.md": VERIFY.encode(),
        "verify.py": (resources.files("checktrail") / "exports" / "verify_bundle.py").read_bytes(),
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        bag = _Bag(archive, bag_name(run))
        for name in sorted(tags):
            if name < _PAYLOAD:
                bag.put(held(name, tags[name]))
        tags["manifest-sha256.txt"] = "".join(map(bag.put, members)).encode("ascii")
        sums = (f"{hashlib.sha256(tags[name]).hexdigest()}  {name}\n" for name in sorted(tags))
        tags["tagmanifest-sha256.txt"] = "".join(sums).encode("ascii")
        for name in sorted(tags):
            if name > _PAYLOAD:
                bag.put(held(name, tags[name]))
        archive.comment = b"-" * SEAL_LENGTH
    _seal(stream)


def _refuse_too_large(amount: Amount, largest: int) -> None:
    whole = amount.octets + _BESIDE * (amount.streams + _BESIDE)
    if whole > MOST_BYTES or largest > MOST_AT_ONCE or amount.streams + _BESIDE > MOST_FILES:
        raise TooLargeError(
            f"a bundle of {amount.octets} bytes in {amount.streams} files, the largest of {largest}, could not be"
            f" checked: {MOST_BYTES} bytes, {MOST_AT_ONCE} in one file, are the most",
            hint="name other forms with --as: they have no such limit",
        )


class _Bag(NamedTuple):
    """A bag that is being filled."""

    archive: zipfile.ZipFile
    name: str

    def put(self, member: Member) -> str:
        """Write a member; its line in a manifest."""
        entry = zipfile.ZipInfo(f"{self.name}/{member.name}", _TIME)
        entry.create_system = _UNIX
        entry.external_attr = _MODE << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.file_size = member.size
        digest = hashlib.sha256()
        with self.archive.open(entry, "w") as file:
            for piece in member.pieces():
                digest.update(piece)
                file.write(piece)
        return f"{digest.hexdigest()}  {member.name}\n"


def _seal(stream: IO[bytes]) -> None:
    """Put the digest of all that stands before it into the zip's comment."""
    left = stream.seek(0, io.SEEK_END) - SEAL_LENGTH
    stream.seek(0)
    digest = hashlib.sha256()
    while left:
        chunk = stream.read(min(left, _CHUNK))
        digest.update(chunk)
        left -= len(chunk)
    stream.seek(-SEAL_LENGTH, io.SEEK_END)
    stream.write(SEAL + digest.hexdigest().encode())


def _info(amount: Amount, run: Mapping[str, Any]) -> str:
    told = {
        "Bag-Software-Agent": f"checktrail {run['version']}",
        "Bagging-Date": run["as_of"][:10],
        "External-Identifier": run["head"] or "no commit",
        "Internal-Sender-Identifier": shown(run["repository"]),
        "Payload-Oxum": f"{amount.octets}.{amount.streams}",
    }
    return "".join(f"{name}: {value}\n" for name, value in told.items())
