"""All tags by year, as an auditor draws from them: releases with verdicts, the others with why they are none. Pure.

A year's digest is over its releases' tags in order, one per line; `checktrail audit --from … --to …` gives the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.charts.drawing import calendar, day
from checktrail.model import Tag
from checktrail.site.views.marks import POPULATION, Mark, audit_link, told, verdict_mark, verdict_sum
from checktrail.site.views.shared import Link, Site, counted, shown

_SAMPLE = 25
_UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag of a period: a release with its verdict, or why it is none."""

    audit: Link
    at: int
    day: str
    kind: str
    verdict: Mark | None
    reason: str
    commit: str


@dataclass(frozen=True, slots=True)
class Period:
    """A year of tags. `command` audits its releases again, `sample` draws some of them; both empty without a date."""

    title: str
    anchor: str
    account: str
    verdicts: str
    digest: str
    rows: tuple[TagRow, ...]
    command: str
    sample: str


@dataclass(frozen=True, slots=True)
class Population:
    """Every period, the newest first."""

    account: str
    balances: bool
    digest: str
    periods: tuple[Period, ...]


def population_page(site: Site, audit: Audit) -> Population:
    """The population of a site's releases, by year."""
    record = site.record
    reasons = {one.tag: one.reason for one in record.membership.ignored}
    ignored = [tag for tag in record.tags if tag.name in reasons]
    releases = _by_year((_year(one.release.at), one) for one in audit.releases)
    others = _by_year((_year(_at(site, tag)), tag) for tag in ignored)
    years = sorted({*releases, *others}, reverse=True)
    parts, whole = len(audit.releases) + len(ignored), len(record.tags)
    return Population(
        account=f"{_account(len(audit.releases), len(ignored))} {'=' if parts == whole else '≠'} "
        f"{counted(whole, 'tag')} in the repository",
        balances=parts == whole,
        digest=_digest(audit.releases),
        periods=tuple(_period(site, year, releases.get(year, []), others.get(year, []), reasons) for year in years),
    )


_T = TypeVar("_T")


def _by_year(dated: Iterable[tuple[str, _T]]) -> Mapping[str, list[_T]]:
    found: dict[str, list[_T]] = {}
    for year, each in dated:
        found.setdefault(year, []).append(each)
    return found


def _at(site: Site, tag: Tag) -> int | None:
    """A tag's own date, else its commit's; None for a tag on a tree or a blob."""
    commit = site.record.commits.get(tag.commit or "")
    return tag.tagged_at if tag.tagged_at is not None else commit.committed_at if commit else None


def _year(at: int | None) -> str:
    found = calendar(at) if at is not None else None
    return f"{found.year:04}" if found else ""


def _period(
    site: Site, year: str, audited: list[ReleaseAudit], ignored: list[Tag], reasons: Mapping[str, str]
) -> Period:
    between = f"checktrail audit --from {year}-01-01 --to {year}-12-31" if year and audited else ""
    rows = [_release(site, one) for one in reversed(audited)] + [_ignored(site, tag, reasons) for tag in ignored]
    return Period(
        title=year or "Without a date",
        anchor=f"y{year}" if year else _UNDATED,
        account=f"{_account(len(audited), len(ignored))} = {counted(len(rows), 'tag')}",
        verdicts=", ".join(mark.word for mark in verdict_sum(audited)),
        digest=_digest(audited),
        rows=tuple(rows),
        command=f"{between} --format json" if between else "",
        sample=f"{between} --sample {_SAMPLE} --seed {year}" if len(audited) > _SAMPLE else "",
    )


def _account(releases: int, ignored: int) -> str:
    return f"{counted(releases, 'release')} + {ignored:,} that {'is' if ignored == 1 else 'are'} no release"


def _digest(audited: Iterable[ReleaseAudit]) -> str:
    return sha256("".join(f"{one.release.tag}\n" for one in audited).encode("utf-8", "replace")).hexdigest()


def _release(site: Site, one: ReleaseAudit) -> TagRow:
    release = one.release
    kind = "candidate" if release.prerelease else "release"
    link = audit_link(site, POPULATION, release.tag)
    return TagRow(link, release.at, day(release.at), kind, verdict_mark(one), "", release.commit[:10])


def _ignored(site: Site, tag: Tag, reasons: Mapping[str, str]) -> TagRow:
    at = _at(site, tag)
    reason = told(site, reasons[tag.name])
    return TagRow(
        Link(shown(tag.name)), at or 0, day(at) if at is not None else "", "", None, reason, (tag.commit or "")[:10]
    )
