"""What all JSON documents share: how a document opens, how times and undecodable text are written. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = int((datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
_LAST = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds())


def document(kind: str, body: dict[str, Any], *, is_cut_off: bool = False) -> dict[str, Any]:
    """A document of a kind, opened by its schema's name; one of a history that is cut off says `indeterminate`."""
    return {"schema": f"checktrail.{kind}/1", **({"indeterminate": True} if is_cut_off else {}), **body}


def encoded(value: dict[str, Any]) -> str:
    """A document as JSON text with a line end; ASCII only, so that no terminal and no locale can spoil it."""
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"


def encoded_in_parts(value: dict[str, Any]) -> Iterator[str]:
    """The same, member by member: what an iterator gives is an array, of which one element is made at a time."""
    opening = "{"
    for key, held in value.items():
        yield f"{opening}\n{json.dumps(key)}: "
        opening = ","
        if isinstance(held, Iterator):
            yield "["
            yield from (f"{',' if number else ''}\n{json.dumps(each)}" for number, each in enumerate(held))
            yield "\n]"
        else:
            yield json.dumps(held)
    yield "\n}\n"


def indented_in_parts(value: dict[str, Any]) -> Iterator[str]:
    """What `encoded` gives, in parts as `encoded_in_parts` gives them."""
    opening = "{"
    for key, held in value.items():
        yield f"{opening}\n  {json.dumps(key)}: "
        opening = ","
        if isinstance(held, Iterator):
            before, after = "[\n    ", "[]"
            for each in held:
                yield before + json.dumps(each, indent=2).replace("\n", "\n    ")
                before, after = ",\n    ", "\n  ]"
            yield after
        else:
            yield json.dumps(held, indent=2).replace("\n", "\n  ")
    yield "\n}\n"


@lru_cache(maxsize=4096)
def moment(seconds: int) -> str:
    """Seconds since 1970 as UTC with `Z`; what a commit claims outside the years 1 to 9999 is held to them."""
    held = min(max(seconds, _FIRST), _LAST)
    return (_EPOCH + timedelta(seconds=held)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def text(value: str) -> str:
    """Text with U+FFFD for bytes that did not decode."""
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
