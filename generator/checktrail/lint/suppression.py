"""CL001 and CL002: remarks that somebody has answered with a reason. Pure.

A comment `<!-- checktrail: ignore CL401 because the version is not decided yet -->` at the end of a line speaks for
that line (and for the item it belongs to), on a line of its own for the next line with words, and as `ignore-file`
for the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from checktrail.lint.blocks import Kind, blocks
from checktrail.lint.page import LONGEST, Page

_COMMENT: Final = re.compile(
    r"<!--[ \t]*checktrail:[ \t]*ignore(?P<file>-file)?[ \t]+"
    r"(?P<codes>[A-Z]{2}\d{0,3}(?:[ \t]*,?[ \t]*[A-Z]{2}\d{1,3})*)[ \t]*(?P<reason>.*?)[ \t]*-->"
)
_BECAUSE: Final = re.compile(r"because\b[ \t]*(?P<why>.*\w.*)")


class Suppression(NamedTuple):
    """A comment that answers findings: `lines` it speaks for (empty: the whole file), its codes, and why."""

    line: int
    codes: tuple[str, ...]
    reason: str
    lines: frozenset[int]
    whole_file: bool

    def covers(self, code: str, line: int) -> bool:
        """Whether it answers a finding; one without a reason answers none."""
        return bool(self.reason) and self.names(code) and (self.whole_file or line in self.lines)

    def names(self, code: str) -> bool:
        """Whether it speaks of a code, by the code itself or by its beginning."""
        return any(code.startswith(named) for named in self.codes)


def suppressions(page: Page) -> tuple[Suppression, ...]:
    """The suppression comments of a page, in order; those in code are examples."""
    if "checktrail:" not in page.text:
        return ()
    return tuple(_suppressions(page))


def _suppressions(page: Page) -> Iterator[Suppression]:
    for line in page.lines:
        for found in _COMMENT.finditer(line.text[-LONGEST:]) if "checktrail:" in line.text else ():
            if blocks(page.text).kind(line.number) is Kind.CODE or _is_in_backticks(line.text, found.start()):
                continue
            why = _BECAUSE.fullmatch(found["reason"])
            codes = tuple(re.findall(r"[A-Z]{2}\d{0,3}", found["codes"]))
            alone = not _COMMENT.sub("", line.text).strip(" \t>")
            lines = _covered(page, _following(page, line.number) if alone else line.number)
            yield Suppression(line.number, codes, why["why"] if why else "", lines, bool(found["file"]))


def _is_in_backticks(text: str, at: int) -> bool:
    return text[:at].count("`") % 2 == 1


def _following(page: Page, number: int) -> int:
    for line in page.lines[number:]:
        if _COMMENT.sub("", line.text).strip(" \t>"):
            return line.number
    return number


def _covered(page: Page, number: int) -> frozenset[int]:
    item = next((item for item in page.checklist.items if item.line <= number <= item.end_line), None)
    return frozenset({number, item.line} if item else {number})
