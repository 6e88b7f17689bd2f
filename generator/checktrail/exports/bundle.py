"""An evidence bundle: everything an auditor takes away, as one file that can be checked again years later. Pure.

A BagIt bag in a zip (RFC 8493): the exports, the git objects that they rest on, and what checks it all without us. The
same payload gives the same bytes: names are sorted, times fixed, and the comment at the end seals every byte before it.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any, Final

from checktrail.exports.provenance import FileInForce
from checktrail.exports.verify_bundle import DECLARATION, SEAL, SEAL_LENGTH, shown
from checktrail.git import RawObject

# The earliest time a zip can tell, and a plain file that everybody may read.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644
_UNIX: Final = 3
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]+")
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


def payload(
    exported: Mapping[str, bytes], objects: Iterable[RawObject], files: Iterable[FileInForce]
) -> dict[str, bytes]:
    """The bag's payload by name: exports, objects, the files in force at HEAD, and the schemas."""
    found = {f"data/{name}": content for name, content in exported.items()}
    found |= {f"data/objects/{one.kind}/{one.id}": one.content for one in objects}
    for number, file in enumerate(files, 1):
        found[f"data/in-force/{number}-{file.use.value}"] = file.content
    schemas = resources.files("checktrail") / "schemas"
    for kind in _SCHEMAS:
        name = f"{kind}-1.schema.json"
        found[f"data/schemas/{name}"] = (schemas / name).read_bytes()
    return found


def encoded_bundle(files: Mapping[str, bytes], run: Mapping[str, Any]) -> bytes:
    """A payload as a sealed bag."""
    whole = {**files, **_tag_files(files, run)}
    prefix = bag_name(run)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(whole):
            entry = zipfile.ZipInfo(f"{prefix}/{name}", _TIME)
            entry.create_system = _UNIX
            entry.external_attr = _MODE << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, whole[name])
        archive.comment = b"-" * SEAL_LENGTH
    unsealed = memoryview(written.getbuffer())[:-SEAL_LENGTH]
    return b"".join((unsealed, SEAL, hashlib.sha256(unsealed).hexdigest().encode()))


def _tag_files(files: Mapping[str, bytes], run: Mapping[str, Any]) -> dict[str, bytes]:
    """What makes a folder a bag, and what checks it."""
    script = (resources.files("checktrail") / "exports" / "verify_bundle.py").read_bytes()
    found = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": _info(files, run).encode(),
        "manifest-sha256.txt": _manifest(files),
        "VERIFY.md": VERIFY.encode(),
        "verify.py": script,
    }
    return {**found, "tagmanifest-sha256.txt": _manifest(found)}


def _info(files: Mapping[str, bytes], run: Mapping[str, Any]) -> str:
    told = {
        "Bag-Software-Agent": f"checktrail {run['version']}",
        "Bagging-Date": run["as_of"][:10],
        "External-Identifier": run["head"] or "no commit",
        "Internal-Sender-Identifier": shown(run["repository"]),
        "Payload-Oxum": f"{sum(map(len, files.values()))}.{len(files)}",
    }
    return "".join(f"{name}: {value}\n" for name, value in told.items())


def _manifest(files: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode("ascii")
