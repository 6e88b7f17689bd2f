"""Findings as Markdown for a job summary or a comment. Pure.

Findings quote what anyone may have written into a checklist, and a comment speaks with a bot's name: so every sign of
Markdown or HTML is written as a character reference, and `@` and `#` are kept from mentioning anybody or anything.
"""

from __future__ import annotations

import re
from typing import Final

from checktrail.errors import shown
from checktrail.exports.reports.report import WORDS, Report, where
from checktrail.model import Finding

_SIGN: Final = re.compile(r"[!-/:-@\[-`{-~]")
_MENTION: Final = re.compile(r"[@#]")
# Between the sign and the name: invisible, and no part of a user's name or a number.
_WORD_JOINER: Final = "&#8288;"
_HARMLESS: Final = frozenset(",;?%'")
LIMIT: Final = 500
"""GitHub cuts a comment at 65,536 characters; more rows than this nobody reads."""


def markdown(report: Report) -> str:
    """The counts, then a table of all findings, changed lines first."""
    title = f"### checktrail {report.command}: {report.summary}\n"
    if not report.findings:
        return title
    ordered = sorted(report.findings, key=lambda finding: not report.is_changed(finding))
    rows = "".join(_row(finding) for finding in ordered[:LIMIT])
    rest = len(ordered) - LIMIT
    more = f"\n… and {rest} more.\n" if rest > 0 else ""
    return f"{title}\n| Where | | Rule | What |\n|---|---|---|---|\n{rows}{more}"


def _row(finding: Finding) -> str:
    line = f":{finding.place.line}" if finding.place.line else ""
    fix = f" *({finding.fix} fix)*" if finding.fix else ""
    cells = (
        harmless(where(finding)) + line,
        WORDS[finding.severity],
        f"{finding.code} {finding.name}",
        harmless(finding.message) + fix,
    )
    return f"| {' | '.join(cells)} |\n"


def harmless(text: str) -> str:
    """Any text as Markdown that shows exactly this text: no markup, no HTML, no link, no mention."""
    return _SIGN.sub(_reference, shown(text))


def _reference(sign: re.Match[str]) -> str:
    if sign[0] in _HARMLESS:
        return sign[0]
    joiner = _WORD_JOINER if _MENTION.match(sign[0]) else ""
    return f"&#{ord(sign[0])};{joiner}"
