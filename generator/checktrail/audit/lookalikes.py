"""Lines that a reader takes for a box and that are none: other brackets, other letters, drawn boxes. Pure.

GitHub's rule knows a space, `x` and `X` between square brackets alone. A Cyrillic letter, wide brackets, a check mark
or a drawn box look ticked or open and count as nothing, so that an open item can hide among them, or a sign-off seem
to be there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from checktrail.model import Checklist

_BULLET: Final = re.compile(r"^[ \t>]*(?:[-*+\u2022\u2013\u2014]|\d{1,9}[.)])[ \t]+(\S.*)$")
_OPENING: Final = "\uff3b\u3010\u3014\u2772"
_CLOSING: Final = "\uff3d\u3011\u3015\u2773"
_BRACKETED: Final = re.compile(rf"^([\[{_OPENING}])([^\[\]{_CLOSING}]{{0,4}})([\]{_CLOSING}])(?=[ \t])")
_LETTERED: Final = re.compile(r"\[[^\[\]\n]{0,3}[vVyY*][^\[\]\n]{0,3}\]")
_DRAWN: Final = frozenset("☐☑☒✅✔✓❌⬜🔲🔳🗹🗷✗✘")
_MARKS: Final = frozenset("vVyY*✓✔")


class LookAlike(NamedTuple):
    """A line that looks like a box, and what exactly was seen."""

    line: int
    detail: str


def look_alikes(text: str, checklist: Checklist) -> tuple[LookAlike, ...]:
    """The lines of a text that look like a box and hold no item."""
    if text.isascii() and _LETTERED.search(text) is None:
        return ()
    items = {item.line for item in checklist.items}
    return tuple(found for found in _candidates(text) if found.line not in items)


@lru_cache(maxsize=512)
def _candidates(text: str) -> tuple[LookAlike, ...]:
    found: list[LookAlike] = []
    for number, line in enumerate(text.split("\n"), 1):
        bullet = _BULLET.match(line)
        seen = _seen(bullet[1]) if bullet else ""
        if seen:
            found.append(LookAlike(number, seen))
    return tuple(found)


def _seen(words: str) -> str:
    if words[0] in _DRAWN:
        return f"{words[0]} is drawn, and no box"
    match = _BRACKETED.match(words)
    if match is None:
        return ""
    opening, inside, closing = match.groups()
    odd = [character for character in opening + inside + closing if not character.isascii() or character in _MARKS]
    if not odd:
        return ""
    return f"{opening}{inside}{closing} is no box: {unicodedata.name(odd[0], f'U+{ord(odd[0]):04X}').lower()}"
