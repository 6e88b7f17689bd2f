"""Findings as JUnit XML: a suite of one case per finding, and one passed case per file without any. Pure."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from checktrail.errors import shown
from checktrail.exports.reports.report import WORDS, Report, where
from checktrail.model import Finding, Severity


def junit(report: Report) -> str:
    """An XML document; errors and warnings fail their case, notes are told in a case that passes."""
    failures = sum(finding.severity is not Severity.INFO for finding in report.findings)
    named = {where(finding) for finding in report.findings}
    clean = [path for path in report.files if shown(path) not in named]
    counts = {"tests": str(len(report.findings) + len(clean)), "failures": str(failures), "errors": "0"}
    suites = ET.Element("testsuites", {"name": "checktrail", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": f"checktrail {report.command}", **counts, "skipped": "0"})
    for finding in report.findings:
        _case(suite, finding)
    for path in clean:
        ET.SubElement(suite, "testcase", {"classname": shown(path), "name": "nothing to remark"})
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _case(suite: ET.Element, finding: Finding) -> None:
    line = f" (line {finding.place.line})" if finding.place.line else ""
    case = ET.SubElement(
        suite, "testcase", {"classname": where(finding), "name": f"{finding.code} {finding.name}{line}"}
    )
    message = shown(finding.message)
    if finding.severity is Severity.INFO:
        ET.SubElement(case, "system-out").text = message
        return
    failure = ET.SubElement(case, "failure", {"message": message, "type": WORDS[finding.severity]})
    failure.text = f"{where(finding)}{line}: {finding.code} {message}"
