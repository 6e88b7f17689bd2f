"""The words of the audit's pages: their names, and how states, weights and verdicts are shown. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checktrail.audit.acts import Status
from checktrail.audit.auditing import ReleaseAudit
from checktrail.audit.verdict import Verdict
from checktrail.audit.witness import Voice
from checktrail.model import Person, Severity
from checktrail.site.views.shared import Link, Site, shown

AUDIT = "audit/index"
FINDINGS = "audit/findings"
RULES = "audit/rules"
POPULATION = "audit/population"
PEOPLE = "audit/people"

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.PASS: ("ticked", "pass"),
    Verdict.PASS_WITH_WAIVERS: ("ticked", "pass with waivers"),
    Verdict.FAIL: ("failed", "fail"),
    Verdict.INDETERMINATE: ("warning", "indeterminate"),
    Verdict.NO_POLICY: ("note", "no policy"),
}
STATUSES: Mapping[Status, tuple[str, str]] = {
    Status.RECORDED: ("ticked", "recorded"),
    Status.OPEN: ("open", "open"),
    Status.LATE: ("late", "late"),
    Status.BORN_TICKED: ("born", "born ticked"),
    Status.CARRIED_OVER: ("carried", "carried over"),
    Status.NOT_REQUIRED: ("not-applicable", "not required"),
}
SEVERITIES: Mapping[Severity, str] = {Severity.ERROR: "failed", Severity.WARNING: "warning", Severity.INFO: "note"}
VOICES: Mapping[Voice, tuple[str, str]] = {
    Voice.SHOWS: ("ticked", "shows"),
    Voice.CONTRADICTS: ("failed", "contradicts"),
    Voice.CANNOT_TELL: ("note", "cannot tell"),
}
# The last label starts with a letter, so that a component's tag (`part@1.2.0`) is no address.
_IN_BRACKETS = re.compile(r"\s*<[^<>\s]*@[^<>\s]*>")
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z][\w-]*")


@dataclass(frozen=True, slots=True)
class Mark:
    """A state: the kind that gives icon and colour, and the word."""

    kind: str
    word: str


def audit_name(site: Site, tag: str) -> str:
    """The page of a release's audit."""
    return f"audit/{site.addresses.releases[tag]}"


def audit_link(site: Site, here: str, tag: str) -> Link:
    """A release by its tag, linked to its audit where that has a page."""
    known = tag in site.addresses.releases
    return Link(shown(tag), site.addresses.link(here, audit_name(site, tag)) if known else "")


def rule_link(site: Site, here: str, code: str) -> Link:
    """A code, linked to its rule."""
    return Link(code, site.addresses.link(here, RULES, code.lower()))


def verdict_sum(audited: Iterable[ReleaseAudit]) -> tuple[Mark, ...]:
    """How many releases have which verdict, as marks; in the order of the verdicts, those that nobody has left out."""
    counts = Counter(one.verdict for one in audited)
    return tuple(
        Mark(kind, f"{counts[verdict]:,} {word}") for verdict, (kind, word) in VERDICTS.items() if counts[verdict]
    )


def verdict_mark(one: ReleaseAudit) -> Mark:
    """A verdict as icon, word and colour."""
    return Mark(*VERDICTS[one.verdict])


def told(site: Site, text: str) -> str:
    """Text for this site's readers: a public one shows no e-mail address."""
    plain = shown(text)
    if not site.is_public or "@" not in plain:
        return plain
    return _ADDRESS.sub("(e-mail address not shown)", _IN_BRACKETS.sub("", plain))


def person(site: Site, one: Person) -> str:
    """A name as a commit claims it, with the address where readers are of the house."""
    name = told(site, one.name) or "(no name)"
    return name if site.is_public or not one.email else f"{name} <{shown(one.email)}>"
