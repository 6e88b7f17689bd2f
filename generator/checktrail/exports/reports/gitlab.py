"""Findings as a GitLab code quality report. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from checktrail.errors import shown
from checktrail.exports.reports.report import Report, where
from checktrail.model import Finding, Severity

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def gitlab(report: Report) -> str:
    """A JSON list with one object for each finding."""
    rows = [
        {
            "check_name": f"{finding.code} {finding.name}",
            "description": shown(finding.message),
            "fingerprint": fingerprint,
            "location": {"lines": {"begin": finding.place.line or 1}, "path": where(finding)},
            "severity": _SEVERITIES[finding.severity],
        }
        for finding, fingerprint in zip(report.findings, fingerprints(report.findings), strict=True)
    ]
    return json.dumps(rows, indent=2, sort_keys=True) + "\n"


def fingerprints(findings: tuple[Finding, ...]) -> list[str]:
    """A name for each finding that stays when lines move: of its file, code and words, equal ones counted through."""
    seen: Counter[str] = Counter()
    named: list[str] = []
    for finding in findings:
        key = "\0".join((where(finding), finding.code, shown(finding.message)))
        seen[key] += 1
        named.append(hashlib.sha256(f"{key}\0{seen[key]}".encode()).hexdigest())
    return named
