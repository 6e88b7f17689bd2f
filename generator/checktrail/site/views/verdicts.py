"""The audit as a whole: verdicts and the sign-off matrix. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from checktrail.audit.acts import Status
from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.audit.signoffs import SignOff
from checktrail.charts import Cell, figure, matrix
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
    Mark,
    audit_name,
    told,
    verdict_mark,
    verdict_sum,
)
from checktrail.site.views.shared import Link, Site, counted, shown
from checktrail.site.views.signoff import role_of

NEWEST = 40
"""So many releases stand in the picture of the matrix; the table has them all."""


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
    verdicts: tuple[Mark, ...]
    has_policy: bool
    rows: tuple[AuditRow, ...]
    roles: tuple[str, ...]
    matrix: Markup
    findings: tuple[FindingRow, ...]
    pages: tuple[Link, ...]


def audit_index(site: Site, audit: Audit) -> AuditIndex:
    """The index of the audit, the newest release first."""
    roles = tuple(dict.fromkeys(told(site, role_of(each)) for one in reversed(audit.releases) for each in one.signoffs))
    rows = tuple(_row(site, one, roles) for one in reversed(audit.releases))
    return AuditIndex(
        summary=f"{counted(len(audit.releases), 'release')} audited",
        verdicts=verdict_sum(audit.releases),
        has_policy=audit.has_policy,
        rows=rows,
        roles=roles,
        matrix=_matrix(rows, roles),
        findings=finding_rows(site, audit.findings, AUDIT),
        pages=_pages(site, audit),
    )


def _matrix(rows: tuple[AuditRow, ...], roles: tuple[str, ...]) -> Markup:
    """The matrix at a glance, of the newest releases from old to new; the table under it says the same with names."""
    newest = rows[:NEWEST][::-1]
    cells = {
        (place, column): Cell(cell[0].kind, cell[0].word)
        for column, row in enumerate(newest)
        for place, cell in enumerate(row.cells)
        if cell is not None
    }
    if len(newest) < 2 or not cells:  # noqa: PLR2004 (one column is no matrix)
        return Markup()
    told = f"The sign-offs of {counted(len(roles), 'role')} in {counted(len(newest), 'release')}, the newest last."
    drawn = matrix("Sign-offs by role and release", told, roles, tuple(row.audit.text for row in newest), cells)
    return Markup(figure(replace(drawn, table=None)))  # noqa: S704 (drawn by us; the page's own table says the same)


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
