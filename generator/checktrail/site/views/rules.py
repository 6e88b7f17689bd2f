"""The catalogue of rules, lint's and the audit's, by family. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup

from checktrail.audit.auditing import Audit
from checktrail.audit.rules import registry
from checktrail.exports.rules import catalogue
from checktrail.model import Severity
from checktrail.site.markup import render
from checktrail.site.views.marks import SEVERITIES, Mark
from checktrail.site.views.shared import counted

_FAMILIES = (
    ("EV", "evidence", "Evidence: is there enough to tell"),
    ("RL", "releases", "Releases: tags, trees and what they hold"),
    ("SO", "signoffs", "Sign-offs: who took responsibility, and when"),
    ("ID", "identity", "Identity: signatures, roles and persons"),
    ("TM", "time", "Time: dates that cannot be"),
    ("CL", "checklists", "Checklists: what lint says of their text"),
)


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule of the catalogue. `found` is how often it was found here, empty for lint's, which looks at files."""

    code: str
    anchor: str
    name: str
    mark: Mark
    body: Markup
    found: str


@dataclass(frozen=True, slots=True)
class Family:
    """Rules of one kind."""

    title: str
    anchor: str
    rules: tuple[RuleText, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """The catalogue. `digest` is over the audit's rules; verdicts keep it."""

    families: tuple[Family, ...]
    digest: str


def times_found(audit: Audit) -> Mapping[str, str]:
    """How often each rule of the audit was found, in words, by its code."""
    judged = (*audit.findings, *(each for one in audit.releases for each in one.findings))
    times = Counter(each.finding.code for each in judged)
    return {
        code: f"found {counted(times[code], 'time')} here" if times[code] else "not found here"
        for code, _, _ in registry.codes()
    }


def rules_page(times: Mapping[str, str], definitions: Mapping[str, str]) -> Rules:
    """Every rule with its definition, the audit's with how often it was found here."""
    rules = [
        _rule(code, name, severity, definitions, times.get(code, "")) for code, (name, severity) in catalogue().items()
    ]
    families = (Family(title, anchor, tuple(_of(rules, prefix))) for prefix, anchor, title in _FAMILIES)
    return Rules(tuple(each for each in families if each.rules), registry.rules_digest())


def _of(rules: Iterable[RuleText], prefix: str) -> Iterable[RuleText]:
    return (rule for rule in rules if rule.code.startswith(prefix))


def _rule(code: str, name: str, severity: Severity, definitions: Mapping[str, str], found: str) -> RuleText:
    mark = Mark(SEVERITIES[severity], severity.value)
    return RuleText(code, code.lower(), name, mark, _definition(definitions.get(code, "")), found)


@cache
def _definition(text: str) -> Markup:
    """A rule's definition without its title; its headings become bold words. `serve` shows the same ones each time."""
    html = Markup()
    for part in render(text, {}):
        if part.level > 1:
            html += Markup("<p><strong>{}</strong></p>").format(part.heading)
        html += part.body
    return html
