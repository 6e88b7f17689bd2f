"""What every form of a report is made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from checktrail.errors import shown
from checktrail.model import Finding, Repair, Severity

WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class RuleText(NamedTuple):
    """What a rule is about, in one sentence, and at length as Markdown."""

    summary: str
    help: str


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, and what a form may want to say around them.

    `command` is what was run ("lint", "audit"), `files` what was looked at, findings or not. `changed` holds the lines
    that the change under review touched, by path, so that they can be shown first. `rules` says what each code means.
    """

    command: str
    version: str
    findings: tuple[Finding, ...]
    files: tuple[str, ...] = ()
    changed: Mapping[str, frozenset[int]] = field(default_factory=dict)
    rules: Mapping[str, RuleText] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """How many findings weigh that much."""
        return sum(finding.severity is severity for finding in self.findings)

    def fixable(self, repair: Repair = Repair.SAFE) -> int:
        """How many findings can be mended, safely unless asked otherwise."""
        return sum(finding.fix is repair for finding in self.findings)

    def is_changed(self, finding: Finding) -> bool:
        """Whether a finding stands on a line that the change touched."""
        return finding.place.line in self.changed.get(finding.place.path or "", frozenset())

    @property
    def summary(self) -> str:
        """The counts in one line."""
        counts = [
            f"{count} {word}{'' if count == 1 else 's'}"
            for severity, word in WORDS.items()
            if (count := self.count(severity))
        ]
        if not counts and not self.files:
            return "no checklist here"
        if not counts:
            return f"nothing to remark in {len(self.files)} file{'' if len(self.files) == 1 else 's'}"
        fixes = [
            f"{count} can be mended with {flag}"
            for repair, flag in ((Repair.SAFE, "--fix"), (Repair.UNSAFE, "--unsafe-fixes"))
            if (count := self.fixable(repair))
        ]
        return "; ".join([", ".join(counts), *fixes])


def where(finding: Finding) -> str:
    """A finding's path, release or commit, whichever it has."""
    place = finding.place
    return shown(place.path or place.release or place.commit or "repository")
