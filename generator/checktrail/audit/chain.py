"""The ledger's lines: a hash chain of tags as they were seen. Pure.

In: the text of the ledger, and the texts it had before. Out: its entries, where the chain is broken, and what it no
longer tells; and the way back, an entry's line. Each line is one JSON object with sorted keys; `previous` is the
SHA-256 of the line before, without its line end, and of nothing for the first. The chain shows a line that was changed,
and git's own history a chain that was written anew. It is trust on first use: what was already false when a tag was
first seen stays unseen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from checktrail.audit.evidence import Ledger, LedgerEntry

FIRST: Final = hashlib.sha256(b"").hexdigest()
_KEYS: Final = frozenset(LedgerEntry._fields)
_MAY_BE_NULL: Final = frozenset({"tag_object", "commit", "policy", "verdict", "head"})


def read_ledger(text: str, earlier: Iterable[str] = ()) -> Ledger:
    """The entries of a ledger; a line that cannot be read, or does not follow from the one before, is a fault.

    `earlier` are the texts that the file had at the commits before: what they told and `text` does not tell is lost.
    """
    entries: list[LedgerEntry] = []
    faults: list[str] = []
    previous = FIRST
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is None:
            faults.append(f"line {number} is no entry")
        elif entry.previous != previous:
            faults.append(f"line {number} does not follow from the line before")
        if entry is not None:
            entries.append(entry)
        previous = digest(line)
    return Ledger(tuple(entries), tuple(faults), tuple(_lost(text, entries, earlier)))


def _lost(text: str, entries: Iterable[LedgerEntry], earlier: Iterable[str]) -> Iterator[LedgerEntry]:
    """What earlier texts told of tags and these entries do not tell, in the order in which it was told."""
    # A ledger that only grew begins with every text it had before; lines are looked at where it does not.
    lines = dict.fromkeys(line for one in earlier if not text.startswith(one) for line in one.split("\n"))
    told = {_told(entry) for entry in entries}
    for line in lines:
        entry = _entry(line)
        if entry is not None and _told(entry) not in told:
            told.add(_told(entry))
            yield entry


def _told(entry: LedgerEntry) -> LedgerEntry:
    """What a line says of a tag, whenever it was written and wherever it stood: a merge may write it once more."""
    return entry._replace(tool_version="", rules_digest="", first_seen="", head=None, previous="")


def digest(line: str) -> str:
    """What the next line must name as its `previous`."""
    return hashlib.sha256(line.rstrip("\r").encode("utf-8", "surrogatepass")).hexdigest()


def _entry(line: str) -> LedgerEntry | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != _KEYS:
        return None
    checklists = found.pop("checklists")
    if not isinstance(checklists, dict) or not all(isinstance(blob, str) for blob in checklists.values()):
        return None
    if not all(isinstance(value, str) or (value is None and key in _MAY_BE_NULL) for key, value in found.items()):
        return None
    return LedgerEntry(**found, checklists=tuple(sorted(checklists.items())))


def line_of(entry: LedgerEntry) -> str:
    """An entry's line, without a line end; ASCII, so that no reader can see it otherwise."""
    form: dict[str, Any] = entry._asdict()
    form["checklists"] = dict(entry.checklists)
    return json.dumps(form, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def appended(text: str, entries: Iterable[LedgerEntry]) -> str:
    """The lines to append to a ledger's text for some entries, each chained to the one before it."""
    last = next((line for line in reversed(text.split("\n")) if line.strip()), None)
    previous = digest(last) if last is not None else FIRST
    lines: list[str] = [] if text.endswith("\n") or not text else [""]
    for entry in entries:
        line = line_of(entry._replace(previous=previous))
        lines.append(line)
        previous = digest(line)
    return "".join(f"{line}\n" for line in lines)
