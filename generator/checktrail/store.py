"""What is remembered between runs: a SQLite file of values by content, safe to delete at any time.

In: a kind, a version and a content key (an object id). Out: the bytes put there before, or nothing. A key names
content, so that a remembered value can never be stale; a value's version is part of its key, so that a new reader never
meets an old one's; a sum before each value tells one that rotted on its disk, which is then not known. Two runs may
share the file. When it cannot be used (read-only, full, damaged, of another format), it is simply not used: results are
the same with and without it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.01
_FORMAT = 1
_BATCH = 500
_SUM_BYTES = 4
_PRIMARY_CODE = 0xFF  # the low byte of SQLite's extended error codes
_MAX_BYTES = 2 * 1024**3
T = TypeVar("T")


def cache_folder() -> Path:
    """Where everything that can be made again is kept: `CHECKTRAIL_CACHE_DIR`, else the platform's cache folder."""
    named = os.environ.get("CHECKTRAIL_CACHE_DIR")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("checktrail", appauthor=False))


class Store:
    """Remembered values; one that could not be opened remembers nothing and says so in `why_not`."""

    def __init__(self, connection: sqlite3.Connection | None, why_not: str = "") -> None:
        self._connection = connection
        if connection is not None:
            weakref.finalize(self, connection.close)  # from 3.13 on Python warns of one that is dropped open
        self.why_not = why_not

    @classmethod
    def open(cls, folder: Path | None = None) -> Store:
        """The store in a folder (default: the cache folder), made when it is not there."""
        if os.environ.get("CHECKTRAIL_NO_STORE"):
            return cls(None, "switched off by CHECKTRAIL_NO_STORE")
        path = (folder or cache_folder()) / f"store-{_FORMAT}.sqlite"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return cls(_connect(path))
        except (OSError, sqlite3.Error) as error:
            return cls(None, f"{path} cannot be used: {error}")

    def get(self, kind: str, version: str, keys: Iterable[str]) -> dict[str, bytes]:
        """What is remembered under some keys; those that are not are left out."""
        found: dict[str, bytes] = {}
        if self._connection is None:
            return found
        wanted = list(keys)
        try:
            for start in range(0, len(wanted), _BATCH):
                batch = wanted[start : start + _BATCH]
                marks = ",".join("?" * len(batch))
                query = f"SELECT key, value FROM remembered WHERE kind = ? AND version = ? AND key IN ({marks})"  # noqa: S608 -- question marks only
                for key, value in self._connection.execute(query, (kind, version, *batch)):
                    if isinstance(value, bytes) and value[:_SUM_BYTES] == _sum(value[_SUM_BYTES:]):
                        found[key] = value[_SUM_BYTES:]
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def put(self, kind: str, version: str, values: Mapping[str, bytes]) -> None:
        """Remember some values, all or none."""
        if self._connection is None or not values:
            return
        try:
            with self._connection:
                rows = ((kind, version, key, _sum(value) + value) for key, value in values.items())
                self._connection.executemany("INSERT OR REPLACE INTO remembered VALUES (?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def remembered(
        self,
        kind: str,
        version: str,
        keys: Sequence[str],
        make: Callable[[Sequence[str]], Iterator[tuple[str, T]]],
        of: type[T],
    ) -> dict[str, T]:
        """Frozen values by content key: remembered ones unpacked, the others made and then remembered.

        `make` is given the keys that are not remembered and yields (key, value); a key it leaves out is left out.
        """
        distinct = list(dict.fromkeys(keys))
        found: dict[str, T] = {}
        for key, content in self.get(kind, version, distinct).items():
            with contextlib.suppress(ValueError, TypeError, KeyError, IndexError):  # a damaged value is made again
                found[key] = unpack(content, of)
        missing = [key for key in distinct if key not in found]
        made: dict[str, bytes] = {}
        for key, value in make(missing) if missing else ():
            found[key] = value
            made[key] = pack(value)
            if len(made) >= _BATCH:
                self.put(kind, version, made)
                made = {}
        self.put(kind, version, made)
        return found

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _give_up(self, error: sqlite3.Error) -> None:
        self.why_not = f"the store cannot be used: {error}"
        self.close()


def _connect(path: Path) -> sqlite3.Connection:
    """A connection to a sound store; a damaged or overgrown one is put away and made anew."""
    if path.is_file() and path.stat().st_size > _MAX_BYTES:
        path.unlink()
    try:
        return _patiently_prepared(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, read-only, full: not the file's fault
            raise
        path.unlink()
        return _patiently_prepared(path)


def _patiently_prepared(path: Path) -> sqlite3.Connection:
    """A prepared connection, tried again while others make the same new file.

    SQLite waits for a lock by itself, except while a journal mode changes: then it says "locked" at once.
    """
    last = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _prepared(path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
            time.sleep(_PAUSE_SECONDS)


def _prepared(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS remembered (kind TEXT NOT NULL, version TEXT NOT NULL, key TEXT NOT NULL,"
            " value BLOB NOT NULL, PRIMARY KEY (kind, version, key)) WITHOUT ROWID"
        )
        connection.commit()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _sum(value: bytes) -> bytes:
    return zlib.crc32(value).to_bytes(_SUM_BYTES, "big")


# --- frozen values to bytes and back --------------------------------------------------------------------------------
# JSON of plain lists in field order: no code runs when it is read (as it would with pickle), and the version in the
# key stands for the shape.


_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False)


def pack(value: object) -> bytes:
    """A frozen value as bytes; the same value gives the same bytes."""
    kind: Any = type(value)
    return _JSON.encode(encoder(kind)(value)).encode("ascii")


def unpack(content: bytes, of: type[T]) -> T:
    """The value of a type that `pack` made bytes of."""
    kind: Any = of
    decoded: T = decoder(kind)(json.loads(content))
    return decoded


@cache
def encoder(kind: Any) -> Callable[[Any], Any]:
    """How to write a type's plain form, built once per type: JSON writes a tuple as a list, an enum as its text."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _optional(encoder(next(part for part in get_args(kind) if part is not NoneType)))
    if origin is tuple:
        arguments = get_args(kind)
        if arguments[-1] is Ellipsis:
            return _many(encoder(arguments[0]))
        parts = tuple(encoder(part) for part in arguments)
        return lambda whole: [part(value) for part, value in zip(parts, whole, strict=True)]
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return _fields_of(kind)
    return _same


def _fields_of(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    names = kind._fields if hasattr(kind, "_fields") else _names(kind)
    every = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
    parts = [(index, encoder(hints[name])) for index, name in enumerate(names)]
    changed = [(index, part) for index, part in parts if part is not _same]

    def plain(value: Any) -> list[Any]:
        row = list(every(value))
        for index, part in changed:
            if row[index]:  # nothing, or nothing in it, is written as it is
                row[index] = part(row[index])
        return row

    return plain


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(part.name for part in fields(kind))


@cache
def decoder(kind: Any) -> Callable[[Any], Any]:
    """How to read a type's plain form; built once per type."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _optional(decoder(next(part for part in get_args(kind) if part is not NoneType)))
    if origin is tuple:
        arguments = get_args(kind)
        if arguments[-1] is Ellipsis:
            return _many(decoder(arguments[0]))
        parts = tuple(decoder(part) for part in arguments)
        return lambda plain: tuple(part(value) for part, value in zip(parts, plain, strict=True))
    if isinstance(kind, type) and issubclass(kind, Enum):
        members = {member.value: member for member in kind}
        return members.__getitem__
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return _record(kind)
    return _same


def _record(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    names = kind._fields if hasattr(kind, "_fields") else _names(kind)
    parts = [(index, decoder(hints[name])) for index, name in enumerate(names)]
    changed = [(index, part) for index, part in parts if part is not _same]

    def record(plain: list[Any]) -> Any:
        for index, part in changed:
            plain[index] = part(plain[index])
        return kind(*plain)

    return record


def _many(part: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return tuple if part is _same else lambda values: tuple([part(value) for value in values])


def _optional(part: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return part if part is _same else lambda plain: None if plain is None else part(plain)


def _same(plain: Any) -> Any:
    return plain
