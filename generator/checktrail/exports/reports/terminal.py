"""Findings for people at a terminal, and one line each for `grep` and editors. Pure."""

from __future__ import annotations

from itertools import groupby

from checktrail.errors import shown
from checktrail.exports.reports.report import WORDS, Report, where
from checktrail.model import Finding


def text(report: Report) -> str:
    """Findings under their files, the counts below."""
    parts: list[str] = []
    for name, group in groupby(report.findings, key=where):
        findings = list(group)
        places = [_position(finding) for finding in findings]
        width = max(len(place) for place in places)
        rows = [
            f"  {place:>{width}}  {WORDS[finding.severity]:<7}  {finding.code}  {_message(finding)}"
            for place, finding in zip(places, findings, strict=True)
        ]
        parts += [name, *rows, ""]
    return "\n".join([*parts, report.summary]) + "\n"


def concise(report: Report) -> str:
    """One line for each finding: `path:line:column: severity code message`."""
    lines = [
        f"{':'.join(part for part in (where(finding), _position(finding)) if part)}:"
        f" {finding.severity} {finding.code} {_message(finding)}"
        for finding in report.findings
    ]
    return "".join(f"{line}\n" for line in lines)


def _position(finding: Finding) -> str:
    place = finding.place
    return ":".join(str(number) for number in (place.line, place.column) if number is not None)


def _message(finding: Finding) -> str:
    mark = f" [fix: {finding.fix}]" if finding.fix else ""
    return shown(finding.message) + mark
