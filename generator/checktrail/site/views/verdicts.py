"""The audit as a whole: verdicts and the sign-off matrix. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checktrail.audit.acts import Status
from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.audit.signoffs import SignOff
from checktrail.charts.drawing import day
from checktrail.model import Severity
from checktrail.site.views.findings import FindingRow, finding_rows
from checktrail.site.views.marks import (
    AUDIT,
    FINDINGS,
    PEOPLE,
    POPULATION,
    RULES,
    STATUSES,
    VERDICTS,
    Mark,
    audit_name,
    told,
    verdict_mark,
)
from checktrail.site.views.shared import Link, Site, shown
from checktrail.site.views.signoff import role_of


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A release as a line of the audit's index, with a cell for each role."""

    audit: Link
    day: str
    at: int
    verdict: Mark
    requirements: str
    signoffs: str
    errors: int
    warnings: int
    cells: tuple[tuple[Mark, str] | None, ...]


@dataclass(frozen=True, slots=True)
class AuditIndex:
    """All verdicts and the sign-off matrix."""

    summary: str
    has_policy: bool
    rows: tuple[AuditRow, ...]
    roles: tuple[str, ...]
    findings: tuple[FindingRow, ...]
    pages: tuple[Link, ...]


def audit_index(site: Site, audit: Audit) -> AuditIndex:
    """The index of the audit, the newest release first."""
    roles = tuple(dict.fromkeys(told(site, role_of(each)) for one in reversed(audit.releases) for each in one.signoffs))
    counts: dict[str, int] = {}
    for one in audit.releases:
        word = VERDICTS[one.verdict][1]
        counts[word] = counts.get(word, 0) + 1
    return AuditIndex(
        summary=", ".join(f"{number} {word}" for word, number in counts.items()) or "no release",
        has_policy=audit.has_policy,
        rows=tuple(_row(site, one, roles) for one in reversed(audit.releases)),
        roles=roles,
        findings=finding_rows(site, audit.findings, AUDIT),
        pages=_pages(site, audit),
    )


def _pages(site: Site, audit: Audit) -> tuple[Link, ...]:
    """The other pages of the audit that are made."""
    has_findings = bool(audit.findings) or any(one.findings for one in audit.releases)
    there = (
        ("All findings", FINDINGS, has_findings),
        ("Population by year", POPULATION, True),
        ("People", PEOPLE, not site.is_public and site.chapters.evidence is not None),
        ("The rules", RULES, True),
    )
    return tuple(Link(words, site.addresses.link(AUDIT, page)) for words, page, is_made in there if is_made)


def _row(site: Site, one: ReleaseAudit, roles: tuple[str, ...]) -> AuditRow:
    release = one.release
    by_role: dict[str, list[SignOff]] = {}
    for each in one.signoffs:
        by_role.setdefault(told(site, role_of(each)), []).append(each)
    asked = [each for each in one.signoffs if each.status is not Status.NOT_REQUIRED]
    applying = [each for each in one.requirements if each.applies]
    met = sum(each.met for each in applying)
    weights = [each.finding.severity for each in one.findings if each.granted is None]
    return AuditRow(
        audit=Link(shown(release.tag), site.addresses.link(AUDIT, audit_name(site, release.tag))),
        day=day(release.at),
        at=release.at,
        verdict=verdict_mark(one),
        requirements=f"{met} of {len(applying)}" if applying else "none",
        signoffs=f"{sum(each.status is Status.RECORDED for each in asked)} of {len(asked)}" if asked else "none",
        errors=weights.count(Severity.ERROR),
        warnings=weights.count(Severity.WARNING),
        cells=tuple(_cell(site, by_role.get(role, [])) for role in roles),
    )


def _cell(site: Site, records: list[SignOff]) -> tuple[Mark, str] | None:
    """A role's sign-offs in one release: the one that is worst off speaks for all."""
    if not records:
        return None
    rank = (Status.OPEN, Status.LATE, Status.BORN_TICKED, Status.CARRIED_OVER, Status.RECORDED, Status.NOT_REQUIRED)
    worst = min(records, key=lambda each: rank.index(each.status))
    return Mark(*STATUSES[worst.status]), told(site, worst.name or "")
