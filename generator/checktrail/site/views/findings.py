"""Findings as lines, and the page of them all. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

from checktrail.audit.auditing import Audit
from checktrail.audit.verdict import Judged
from checktrail.model import Finding, Severity
from checktrail.site.views.marks import FINDINGS, SEVERITIES, Mark, audit_link, rule_link, told
from checktrail.site.views.shared import Link, Site, counted, shown

_MANY = {Severity.INFO: "info"}
"""The severities that have no plural with an s."""


_ELSEWHERE = frozenset({"SO211", "RL113"})
"""The rules whose lines do not count in the tag's tree: of a removed item, and of one that was open at the close."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as a line."""

    mark: Mark
    code: str
    rule: str
    name: str
    message: str
    release: Link
    place: Link
    waiver: str


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often one code was found."""

    rule: Link
    name: str
    mark: Mark
    found: int
    waived: int


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings of all releases and of none."""

    rows: tuple[FindingRow, ...]
    codes: tuple[CodeCount, ...]
    summary: str
    weights: tuple[Mark, ...]


def findings_page(site: Site, audit: Audit) -> Findings:
    """Every finding, the heaviest first; of the same weight those of releases newest first, then those of none."""
    judged = [each for one in reversed(audit.releases) for each in one.findings] + list(audit.findings)
    weights = [each.finding.severity for each in judged]
    waived = sum(each.granted is not None for each in judged)
    return Findings(
        finding_rows(site, judged, FINDINGS),
        _by_code(site, judged),
        f"{counted(len(judged), 'finding')} over all releases{f', {waived:,} of them waived' if waived else ''}",
        tuple(
            Mark(SEVERITIES[weight], counted(weights.count(weight), weight.value, _MANY.get(weight, "")))
            for weight in Severity
            if weight in weights
        ),
    )


def finding_rows(site: Site, judged: Iterable[Judged], here: str) -> tuple[FindingRow, ...]:
    """Findings as lines, the heaviest first."""
    order = tuple(Severity)
    # Thousands of them name the same few rules and releases.
    rule, audited = cache(partial(rule_link, site, here)), cache(partial(audit_link, site, here))
    return tuple(
        _finding(site, each, rule(each.finding.code), audited)
        for each in sorted(judged, key=lambda one: order.index(one.finding.severity))
    )


def _finding(site: Site, judged: Judged, rule: Link, audited: Callable[[str], Link]) -> FindingRow:
    finding, place = judged.finding, judged.finding.place
    waiver = judged.granted.waiver if judged.granted else None
    after = ", granted after the release" if judged.granted and judged.granted.after_release else ""
    where = f"{shown(place.path)}:{place.line}" if place.path and place.line else shown(place.path or "")
    return FindingRow(
        mark=Mark(SEVERITIES[finding.severity], finding.severity.value),
        code=finding.code,
        rule=rule.href,
        name=finding.name,
        message=told(site, finding.message),
        release=audited(place.release) if place.release else Link(""),
        place=Link(told(site, where), _at_host(site, finding)),
        waiver=f"waived by {told(site, waiver.approved_by)}{after}: {told(site, waiver.reason)}" if waiver else "",
    )


def _at_host(site: Site, finding: Finding) -> str:
    """Where the line of a finding is seen at the host, in the tag's tree; nowhere without host, line or release."""
    place = finding.place
    release = site.record.membership.release(place.release) if place.release else None
    if site.host is None or release is None or not place.path or not place.line or finding.code in _ELSEWHERE:
        return ""
    return site.host.file(release.commit, place.path, place.line)


def _by_code(site: Site, judged: Iterable[Judged]) -> tuple[CodeCount, ...]:
    found: dict[str, list[Judged]] = {}
    for each in judged:
        found.setdefault(each.finding.code, []).append(each)
    order = tuple(Severity)
    rows: list[CodeCount] = []
    for code, those in sorted(found.items()):
        heaviest = min((each.finding.severity for each in those), key=order.index)
        mark = Mark(SEVERITIES[heaviest], heaviest.value)
        waived = sum(each.granted is not None for each in those)
        rows.append(CodeCount(rule_link(site, FINDINGS, code), those[0].finding.name, mark, len(those), waived))
    return tuple(rows)
