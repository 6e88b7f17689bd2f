"""Holes that somebody is to fill: `[VERSION_NUMBER]`, `[Contact]`, `X.Y.Z`, `TBD`. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from checktrail.model import OddityKind, Placeholder
from checktrail.parse.oddities import line_starts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from checktrail.model import Item, Section
    from checktrail.parse.walk import Hidden

# In brackets: CAPITALS_WITH_JOINTS, or a word that names what belongs there. No link, no reference, no [JIRA-123].
_HOLE: Final = re.compile(
    r"(?<![\w\]\[!\\])\[(?:[A-Z][A-Z\d]*(?:_[A-Z\d]+)+"
    r"|(?i:contacts?(?: (?:info|name|details))?|(?:your |full )?names?|(?:release |due |target )?dates?"
    r"|(?:release )?version|(?:project|product|team|service|release)(?: name)?|e-?mail(?: address)?|phone(?: number)?"
    r"|link|url|person|role|owner|number|todo|tbd|tba|tbc|placeholder|fill in"
    r"|(?:insert|enter|describe|add|your)\b[^\[\]\n]{0,60}))"
    r"\](?![\[(:\w])"
    r"|(?<![\w.])v?X\.Y(?:\.Z)?(?![\w.]*\w)"
    r"|\bYYYY-MM-DD\b|\bTB[ADC]\b"
)

# Where a hole can begin: one test per character, where the whole expression would be ten.
_MAY_BEGIN: Final = re.compile(r"\[[A-Za-z]|X\.Y|YYYY-|TB[ADC]")


def placeholders(
    body: str, sections: Sequence[Section], items: Sequence[Item], hidden: Sequence[Hidden]
) -> tuple[Placeholder, ...]:
    """Every hole of a text, comments left out, with its section and the item it stands in."""
    found = list(_holes(body))
    if not found:
        return ()
    starts = line_starts(body)
    first_lines = [section.line for section in sections]
    item_of = {line: index for index, item in enumerate(items) for line in range(item.line, item.end_line + 1)}
    unseen = {
        block.line + offset
        for block in hidden
        if block.kind is OddityKind.BOX_IN_COMMENT
        for offset in range(block.text.count("\n") + 1)
    }
    lines = [bisect_right(starts, hole.start()) for hole in found]
    return tuple(
        Placeholder(hole.group(), line, bisect_right(first_lines, line) - 1, item_of.get(line))
        for hole, line in zip(found, lines, strict=True)
        if line not in unseen
    )


def _holes(body: str) -> Iterator[re.Match[str]]:
    for candidate in _MAY_BEGIN.finditer(body):
        start = candidate.start()
        hole = _HOLE.match(body, start - 1 if body[max(0, start - 1)] == "v" else start)
        if hole is not None:
            yield hole
