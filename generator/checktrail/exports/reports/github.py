"""Findings as GitHub workflow commands, which become annotations. Pure.

GitHub shows ten annotations of each kind for a step, in the order they are printed: so the lines that the pull request
changed come first. A data line's only escapes are percent, CR and LF; a property's also colon and comma.
"""

from __future__ import annotations

from checktrail.errors import shown
from checktrail.exports.reports.report import Report
from checktrail.model import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(report: Report) -> str:
    """One workflow command for each finding, changed lines first, then a line with the counts."""
    ordered = sorted(report.findings, key=lambda finding: not report.is_changed(finding))
    commands = "".join(f"{_command(finding)}\n" for finding in ordered)
    return f"{commands}checktrail {report.command}: {report.summary}\n"


def _command(finding: Finding) -> str:
    place = finding.place
    properties = {"file": place.path, "line": place.line, "col": place.column, "title": _title(finding)}
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value is not None)
    return f"::{_COMMANDS[finding.severity]} {told}::{_data(finding.message)}"


def _title(finding: Finding) -> str:
    return f"{finding.code} {finding.name}"


def _data(text: str) -> str:
    return shown(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
