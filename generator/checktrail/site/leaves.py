"""Pages as they were written the last time: one that says nothing new, and whose files nobody touched, stands.

In: what a page says, as a digest. Out: its leaf of the source tree, without a look into its files. A file is told by
its place on disk, its size, its time and its mode, taken while it was open: what another run put there meanwhile has
another place.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from checktrail.store import Store

_KIND, _VERSION = "leaf", "2"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page in the tree: its title as the front matter has it, its block file, and the one with what is said anew.

    The latter is empty where nothing is. `shape` stands for its Markdown but for the names of its block files, `words`
    for its Markdown, its blocks and what the search finds, but for what is said anew.
    """

    title: str
    own: str
    now: str
    shape: str
    words: str


class Noted(NamedTuple):
    """What a page said, as a digest, its leaf, and its files by their path in the tree, each with its stamp."""

    said: str
    leaf: Leaf
    files: Mapping[str, str]


class Leaves:
    """The pages of one source tree; without a store to note them in, none is known."""

    def __init__(self, store: Store, folder: Path, names: Iterable[str]) -> None:
        self._store, self._folder = store, folder
        self._place = sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()
        self._fresh: dict[str, bytes] = {}
        found = store.get(_KIND, _VERSION, map(self._key, names))
        self._last = {key: noted for key, content in found.items() if (noted := _read(content)) is not None}
        self._stamps = {path: stamp for noted in self._last.values() for path, stamp in noted.files.items()}

    def standing(self, name: str, said: str) -> Noted | None:
        """A page that stands as it would be written."""
        noted = self._last.get(self._key(name))
        is_same = noted is not None and noted.said == said and all(map(self.untouched, noted.files))
        return noted if is_same else None

    def untouched(self, path: str) -> str:
        """The stamp of a file of the tree, where it is the one that a page was noted with."""
        known = self._stamps.get(path, "")
        return known if known and known == stamp_at(f"{self._folder}/{path}") else ""

    def note(self, name: str, noted: Noted) -> None:
        """Note a page that was written."""
        leaf = noted.leaf
        plain = [noted.said, [leaf.title, leaf.own, leaf.now, leaf.shape, leaf.words], dict(noted.files)]
        self._fresh[self._key(name)] = json.dumps(plain).encode("ascii")

    def close(self) -> None:
        """Have all in the store that was noted."""
        self._store.put(_KIND, _VERSION, self._fresh)
        self._fresh = {}

    def _key(self, name: str) -> str:
        return f"{self._place} {name}"


def _read(content: bytes) -> Noted | None:
    try:
        said, leaf, files = json.loads(content)
        return Noted(said, Leaf(*leaf), dict(files))
    except (ValueError, TypeError):  # damaged: then the page is written
        return None


def stamp(file: os.stat_result) -> str:
    """What tells a file from any other that may take its name."""
    return f"{file.st_ino} {file.st_size} {file.st_mtime_ns} {file.st_mode}"


def stamp_at(path: str) -> str:
    """The stamp of the file at a path; none where there is no file."""
    try:
        return stamp(os.lstat(path))
    except OSError:
        return ""
