"""A YAML document, walked strictly: every value is asked for by its type, every key is known. Pure.

In: text. Out: `Node`s, which know where they stand, so that each error names its place and the nearest right word.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, TypeVar

import yaml

from checktrail.errors import ConfigError

Word = TypeVar("Word", bound=StrEnum)

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(\d{1,9})\s*(s|m|h|d|w)[a-z]*", re.ASCII)
_ISO_DURATION: Final = re.compile(r"P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?)?", re.ASCII)
_DAY: Final = 86_400


class _Loader(yaml.SafeLoader):
    """YAML's safe part, in which a key may not stand twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        name = str(key.value)
        if name in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {name!r} stands twice", key.start_mark)
        seen.add(name)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(text: str, source: str) -> Node:
    """The root of a YAML document.

    Raises:
        ConfigError: it is no YAML, or a key stands twice.
    """
    try:
        # S506: the loader is the safe one, with a check for doubled keys.
        return Node(yaml.load(text, Loader=_Loader), source, "")  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}:" if error.problem_mark else ""
        raise ConfigError(f"{source}:{line} {error.problem or 'it is no YAML'}") from None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise ConfigError(f"{source}: it is no YAML: {str(error).splitlines()[0]}") from None


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the document, with the file it is from and the keys that lead to it."""

    value: Any
    source: str
    where: str

    @property
    def is_missing(self) -> bool:
        """Whether the document does not say."""
        return self.value is None

    def fault(self, sentence: str, hint: str = "") -> ConfigError:
        """An error that names this place."""
        return ConfigError(f"{self.source}: {self.where or 'the document'} {sentence}", hint=hint)

    def keyed(self, *known: str) -> dict[str, Node]:
        """The values under known keys; those that are not there are missing nodes.

        Raises:
            ConfigError: it is no mapping, or has a key that is not known; the nearest known one is named.
        """
        found = {} if self.value is None else self.value
        if not isinstance(found, dict):
            raise self.fault("must be a mapping")
        for key in found:
            if key not in known:
                raise self._unknown(str(key), known)
        return {key: self._child(key, found.get(key)) for key in known}

    def _unknown(self, key: str, known: tuple[str, ...]) -> ConfigError:
        near = get_close_matches(key, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        place = f" in {self.where}" if self.where else ""
        return ConfigError(f"{self.source}: there is no key {key}{place}", hint=hint)

    def _child(self, key: str, value: Any) -> Node:
        return Node(value, self.source, f"{self.where}.{key}" if self.where else key)

    def entries(self) -> Iterator[tuple[str, Node]]:
        """The values of a map by id."""
        found = {} if self.value is None else self.value
        if not isinstance(found, dict):
            raise self.fault("must be a map by id")
        for key, value in found.items():
            if not isinstance(key, str | int):
                raise self.fault(f"has an id that is no word: {key!r}")
            yield str(key), self._child(str(key), value)

    def each(self) -> Iterator[Node]:
        """The values of a list."""
        found = [] if self.value is None else self.value
        if not isinstance(found, list):
            raise self.fault("must be a list")
        for at, value in enumerate(found):
            yield Node(value, self.source, f"{self.where}[{at}]")

    def text(self) -> str:
        """A text that is not empty."""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            raise self.fault("is missing" if self.value is None else "must be a text")
        if not str(self.value).strip():
            raise self.fault("is empty")
        return str(self.value).strip()

    def optional_text(self) -> str | None:
        """A text, None when it is missing."""
        return None if self.value is None else self.text()

    def texts(self) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        if isinstance(self.value, str | float):
            return (self.text(),)
        return tuple(node.text() for node in self.each())

    def flag(self, *, default: bool) -> bool:
        """True or false."""
        if self.value is None:
            return default
        if not isinstance(self.value, bool):
            raise self.fault("must be true or false")
        return self.value

    def count(self) -> int:
        """A whole number from 1 up."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 1:
            raise self.fault("must be a whole number from 1 up")
        return self.value

    def word(self, words: type[Word], default: Word) -> Word:
        """One of a few words. YAML reads a bare `no` as false; here it is the word."""
        if self.value is None:
            return default
        written = "no" if self.value is False else str(self.value)
        known = [word.value for word in words]
        if written not in known:
            near = get_close_matches(written, known, n=1, cutoff=0.4)
            raise self.fault(f"is {written!r}", f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}")
        return words(written)

    def moment(self, *, is_end: bool = False) -> int | None:
        """Seconds since 1970 UTC; a time without an offset is UTC, and a date as an end is its last second."""
        value = self.value
        if value is None:
            return None
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value) if len(value) == len("2025-01-31") else datetime.fromisoformat(value)
            except ValueError:
                raise self.fault(
                    f"is {value!r}, which is no date", "write 2025-01-31 or 2025-01-31T12:00:00Z"
                ) from None
        if isinstance(value, datetime):
            aware = value.utctimetuple() if value.tzinfo else value.timetuple()
            return calendar.timegm(aware)
        if isinstance(value, date):
            return calendar.timegm(value.timetuple()) + (_DAY - 1 if is_end else 0)
        raise self.fault("must be a date", "write 2025-01-31 or 2025-01-31T12:00:00Z")

    def duration(self) -> int | None:
        """Seconds of `30m`, `24h`, `7d`, `2w` or ISO 8601's `P7D`; a number alone counts days."""
        if self.value is None:
            return None
        if isinstance(self.value, int) and not isinstance(self.value, bool) and self.value >= 0:
            return self.value * _DAY
        written = str(self.value).strip()
        if match := _DURATION.fullmatch(written.lower()):
            return int(match[1]) * _UNITS[match[2]]
        iso = _ISO_DURATION.fullmatch(written.upper())
        if iso and any(iso.groups()):
            weeks, days, hours, minutes = (int(part or 0) for part in iso.groups())
            return (weeks * 7 + days) * _DAY + hours * 3600 + minutes * 60
        raise self.fault(f"is {written!r}, which is no length of time", "write 30m, 24h, 7d or 2w")
