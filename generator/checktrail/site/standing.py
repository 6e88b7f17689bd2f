"""Whether the site that would be made stands already.

In: a site's place and the digest of what it is made from. Out: what is remembered of the run that put it there, when
that was made from the same and no file of the site was touched since. What is remembered lies in the cache folder, one
small file for each place, and may be deleted at any time: then the site is made.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from checktrail.store import cache_folder


@dataclass(frozen=True, slots=True)
class Standing:
    """A site that stands: the number of its pages, and what the builder warned of when it was made."""

    pages: int
    warnings: tuple[str, ...]


def standing(target: Path, inputs: str) -> Standing | None:
    """The site in a place, if it is the one that these inputs give."""
    if os.environ.get("CHECKTRAIL_NO_STORE") or not target.is_dir():
        return None
    try:
        kept = json.loads(_note(target).read_bytes())
        found = Standing(int(kept["pages"]), tuple(map(str, kept["warnings"])))
        same = kept["inputs"] == inputs and kept["files"] == _files(target)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if same else None


def remember(target: Path, inputs: str, found: Standing) -> None:
    """Keep what stands in a place now; without a cache to keep it in, nothing is remembered."""
    if os.environ.get("CHECKTRAIL_NO_STORE"):
        return
    note = _note(target)
    draft = note.with_name(f"{note.name}.{os.getpid()}.new")
    with contextlib.suppress(OSError):
        content = {"inputs": inputs, "pages": found.pages, "warnings": found.warnings, "files": _files(target)}
        note.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_text(json.dumps(content), encoding="utf-8")
            draft.replace(note)
        finally:
            draft.unlink(missing_ok=True)


def _note(target: Path) -> Path:
    name = sha256(str(target).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return cache_folder() / "site" / "standing" / f"{name}.json"


def _files(folder: Path) -> str:
    """Every file and folder of a site with its place on disk, size and times: whatever was touched shows."""
    found = sha256()
    waiting = [str(folder)]
    while waiting:
        here = waiting.pop()
        for entry in sorted(os.scandir(here), key=lambda one: one.name):
            at = entry.stat(follow_symlinks=False)
            line = f"{entry.path}\0{at.st_ino} {at.st_mode} {at.st_size} {at.st_mtime_ns} {at.st_ctime_ns}\n"
            found.update(line.encode("utf-8", "surrogateescape"))
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
    return found.hexdigest()
