"""The audit's findings as one report, for the forms that other tools read. Pure."""

from __future__ import annotations

from checktrail import __version__
from checktrail.audit.auditing import Audit
from checktrail.audit.verdict import Judged
from checktrail.exports.reports import Report
from checktrail.exports.rules import rule_texts
from checktrail.model import Finding, Severity


def audit_report(audit: Audit) -> Report:
    """Every finding on one list, each led by its release's tag; a waived one is a note that names the reason."""
    judged = [*audit.findings, *(one for release in audit.releases for one in release.findings)]
    findings = tuple(map(_flat, judged))
    paths = tuple(dict.fromkeys(path for release in audit.releases for path in release.tagged.paths))
    return Report("audit", __version__, findings, paths, rules=rule_texts(finding.code for finding in findings))


def _flat(one: Judged) -> Finding:
    tag = one.finding.place.release
    named = f"{tag}: {one.finding.message}" if tag else one.finding.message
    if one.granted is None:
        return one.finding._replace(message=named)
    return one.finding._replace(severity=Severity.INFO, message=f"{named} (waived: {one.granted.waiver.reason})")
