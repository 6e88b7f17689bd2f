"""The last verdicts of each repository. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from checktrail.audit.verdict import Verdict
from checktrail.portfolio.summary import ReleaseLine, Summary
from checktrail.portfolio.views.atlas import VERDICT_PAGE, Atlas, repository_link, signoffs, tag_link, verdict
from checktrail.site.views.marks import VERDICTS, Mark
from checktrail.site.views.shared import Link, Tally, counted

BEFORE = 5


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier release with its verdict."""

    link: Link
    verdict: Mark


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A repository: the verdict of its latest release, what was found there, and the verdicts before it."""

    repository: Link
    latest: Link
    verdict: Mark
    signoffs: Tally | None
    errors: int | None
    warnings: int | None
    waived: int | None
    before: tuple[Past, ...]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The page of verdicts, and how many repositories have which."""

    summary: tuple[tuple[Mark, str], ...]
    rows: tuple[VerdictRow, ...]


def verdicts(it: Atlas) -> Verdicts:
    """The page of a portfolio's verdicts."""
    released = [each for each in it.portfolio.repositories if each.latest is not None]
    latest = Counter(each.latest.verdict for each in released if each.latest is not None)
    words = [(Mark(*VERDICTS[each]), latest[each]) for each in Verdict] + [(verdict(None), latest[None])]
    return Verdicts(
        summary=tuple((mark, counted(n, "repository", "repositories")) for mark, n in words if n),
        rows=tuple(_row(it, each, each.latest) for each in released if each.latest is not None),
    )


def _row(it: Atlas, repository: Summary, latest: ReleaseLine) -> VerdictRow:
    here, found = VERDICT_PAGE, latest.findings
    place = repository.releases.index(latest)
    before = [each for each in reversed(repository.releases[:place]) if not each.alias_of and not each.is_prerelease]
    return VerdictRow(
        repository=repository_link(it, here, repository),
        latest=tag_link(it, here, repository, latest),
        verdict=verdict(latest),
        signoffs=signoffs(latest),
        errors=None if found is None else found.error,
        warnings=None if found is None else found.warning,
        waived=None if found is None else found.waived,
        before=tuple(Past(tag_link(it, here, repository, each), verdict(each)) for each in before[:BEFORE]),
    )
