"""Lint findings as `checktrail.lint/1`. Pure."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from checktrail.exports.wire import document as opened
from checktrail.exports.wire import text
from checktrail.model import Finding, Severity


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """The document; `fixable` counts the findings that a safe or an unsafe fix would mend."""
    body = {
        "findings": [_finding(finding) for finding in findings],
        "summary": {
            "errors": sum(finding.severity is Severity.ERROR for finding in findings),
            "warnings": sum(finding.severity is Severity.WARNING for finding in findings),
            "infos": sum(finding.severity is Severity.INFO for finding in findings),
            "fixable": sum(finding.fix is not None for finding in findings),
        },
    }
    return opened("lint", body)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        **_path(finding.place.path or ""),
        "line": finding.place.line,
        "column": finding.place.column,
        "message": text(finding.message),
        "fix": finding.fix.value if finding.fix else None,
    }


def _path(path: str) -> dict[str, str]:
    if text(path) == path:
        return {"path": path}
    raw = path.encode("utf-8", "surrogateescape")
    return {"path": text(path), "path_bytes": base64.b64encode(raw).decode("ascii")}
