"""Frozen values to digests: equal values, equal digests, in every run. Pure.

In: what a page is made from. Out: a digest. What git names by content counts by that name: a commit is its id, a
checklist its blob. A value of a kind that is not known here has none, and whoever asks does without.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum, StrEnum
from functools import cache
from hashlib import sha256
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from checktrail.audit.acts import Act
from checktrail.audit.evidence import Sheet, Spot
from checktrail.audit.policy import Policy, Requirement
from checktrail.model import Commit, Place
from checktrail.record import Revision

_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False)
_ALONE = frozenset({str, int, float, bool, type(None)})
_SHARED = (Act, Sheet, Policy, Requirement, Revision)
"""What many pages hold, or one holds many times: each is looked at once."""


class Digests:
    """Digests of values that live as long as this does."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}
        self._ways: dict[type, Callable[[Any], Any]] = {}

    def of(self, *values: object) -> str:
        """One digest of some values.

        Raises:
            TypeError: one of them, or what it holds, is of a kind that is not known here.
        """
        plain = _JSON.encode([self._plain(value) for value in values])
        return sha256(plain.encode("ascii")).hexdigest()

    def _plain(self, value: Any) -> Any:
        kind = type(value)
        if kind in _ALONE:
            return value
        way = self._ways.get(kind)
        if way is None:
            way = self._ways[kind] = self._way(kind)
        return way(value)

    def _way(self, kind: Any) -> Callable[[Any], Any]:
        """How values of a type are written."""
        if _is_plain(kind):
            return _as_it_is  # words, and tuples of words all the way down: most of what there is
        names = _names_of(kind)
        if not names:
            return self._other(kind)
        written = self._fields(kind, names)
        if issubclass(kind, _SHARED):
            return lambda value: self._once(value, written)
        return written

    def _fields(self, kind: type[Any], names: tuple[str, ...]) -> Callable[[Any], list[Any]]:
        """How a value with names is written: a look at each field that its type does not say to be plain already."""
        name, hints = kind.__qualname__, get_type_hints(kind)
        every = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
        inner = [index for index, each in enumerate(names, 1) if not _is_plain(hints.get(each, Any))]

        def written(value: Any) -> list[Any]:
            row = [name, *every(value)]
            for index in inner:
                row[index] = self._plain(row[index])
            return row

        return written

    def _once(self, value: Any, written: Callable[[Any], list[Any]]) -> str:
        if id(value) not in self._known:
            plain = _JSON.encode(written(value))
            self._known[id(value)] = sha256(plain.encode("ascii")).hexdigest()
        return self._known[id(value)]

    def _other(self, kind: type[Any]) -> Callable[[Any], Any]:
        if issubclass(kind, Enum):
            return lambda value: [kind.__qualname__, value.name]
        if issubclass(kind, str):
            return str
        if issubclass(kind, bytes):
            return lambda value: ["bytes", value.hex()]
        if issubclass(kind, (tuple, list)):
            return lambda value: list(map(self._plain, value))
        if issubclass(kind, (set, frozenset)):
            return lambda value: ["set", *sorted(json.dumps(self._plain(each)) for each in value)]
        if issubclass(kind, Mapping):
            return lambda value: ["map", *sorted(json.dumps([*map(self._plain, pair)]) for pair in value.items())]
        raise TypeError(f"a page depends on a {kind.__qualname__}, of which there is no digest")


def _as_it_is(value: Any) -> Any:
    return value


_COUNTING: Mapping[type[Any], tuple[str, ...]] = {
    Commit: ("id",),
    Sheet: ("path", "blob", "binding", "look_alikes"),  # of its standings each spot tells its own
    Spot: ("sheet", "nth", "standing"),
    Place: ("path", "line", "release"),  # its commit is shown nowhere, and is HEAD where a cycle is open
    Revision: ("path", "blob", "bound", "standings"),
}
"""What counts of values that git names by content, or that pages show in part."""


def _names_of(kind: type[Any]) -> tuple[str, ...]:
    """What of a value with names counts; nothing for a type without."""
    names: tuple[str, ...] = getattr(kind, "_fields", ())
    if is_dataclass(kind):
        names = tuple(one.name for one in fields(kind))
    return _COUNTING.get(kind, names)


@cache
def _is_plain(hint: Any) -> bool:
    """Whether JSON writes all values of a type as they are: words and numbers, and tuples of them.

    It does not tell one kind of tuple from another, so that where there may be two kinds, neither is plain.
    """
    parts = [part for part in get_args(hint) if part is not Ellipsis]
    if get_origin(hint) in {Union, UnionType}:
        return all(map(_is_plain, parts)) and sum(not _is_word(part) for part in parts) <= 1
    if get_origin(hint) is tuple:
        return all(map(_is_plain, parts))
    if isinstance(hint, type) and hasattr(hint, "_fields"):
        return hint not in _COUNTING and all(map(_is_plain, get_type_hints(hint).values()))
    return _is_word(hint)


def _is_word(hint: Any) -> bool:
    return hint in _ALONE or (isinstance(hint, type) and issubclass(hint, StrEnum))
