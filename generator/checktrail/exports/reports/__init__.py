"""Findings to the forms that people and other tools read; each a pure function `Report` → text.

One report has the same findings in every form. Text in findings comes from files that anyone may have written: each
form escapes it in its own way, and none lets a control character through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from checktrail.exports.reports.github import github
from checktrail.exports.reports.gitlab import gitlab
from checktrail.exports.reports.junit import junit
from checktrail.exports.reports.markdown import markdown
from checktrail.exports.reports.report import Report, RuleText
from checktrail.exports.reports.sarif import sarif
from checktrail.exports.reports.terminal import concise, text

__all__ = ["FORMATS", "Report", "RuleText"]

FORMATS: Mapping[str, Callable[[Report], str]] = MappingProxyType(
    {
        "text": text,
        "concise": concise,
        "github": github,
        "gitlab": gitlab,
        "junit": junit,
        "sarif": sarif,
        "markdown": markdown,
    }
)
"""Every form by its name; JSON is each command's own document and stands beside them."""
