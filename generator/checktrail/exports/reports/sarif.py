"""Findings as SARIF 2.1.0 (OASIS), for code scanning and editors. Pure."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from checktrail.errors import shown
from checktrail.exports.reports.gitlab import fingerprints
from checktrail.exports.reports.report import Report, RuleText
from checktrail.model import Finding, Severity

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT: Final = "%SRCROOT%"


def sarif(report: Report) -> str:
    """A log with one run; columns count code points."""
    names = {finding.code: finding.name for finding in report.findings}
    codes = sorted(names)
    driver = {
        "name": "checktrail",
        "version": report.version,
        "rules": [_rule(code, names[code], report.rules.get(code)) for code in codes],
    }
    marks = fingerprints(report.findings)
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"checktrail/{report.command}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [
            _outcome(finding, codes.index(finding.code), mark)
            for finding, mark in zip(report.findings, marks, strict=True)
        ],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _rule(code: str, name: str, words: RuleText | None) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": code, "name": "".join(part.capitalize() for part in name.split("-"))}
    if words:
        rule["shortDescription"] = {"text": words.summary}
        rule["help"] = {"text": words.help, "markdown": words.help}
    return rule


def _outcome(finding: Finding, index: int, mark: str) -> dict[str, Any]:
    outcome: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": shown(finding.message)},
        "partialFingerprints": {"checktrailFinding/v1": mark},
    }
    place = finding.place
    if place.path is not None:
        uri = quote(place.path.encode("utf-8", "surrogateescape"))
        physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}}
        if place.line is not None:
            physical["region"] = {"startLine": place.line}
            if place.column is not None:
                physical["region"]["startColumn"] = place.column
        outcome["locations"] = [{"physicalLocation": physical}]
    if place.release is not None:
        outcome["properties"] = {"release": shown(place.release)}
    return outcome
