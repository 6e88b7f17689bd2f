"""Where a portfolio's pages come from: each repository's head, moment and reader; those that are missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from checktrail import __version__
from checktrail.portfolio.summary import Summary
from checktrail.portfolio.views.atlas import MADE, Atlas, BrokenRow, broken_row, repository_link
from checktrail.site.views.shared import Link, when


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What was read of a repository, at which commit, and by which version."""

    repository: Link
    head: str
    as_of: Markup
    version: str
    holds: str


@dataclass(frozen=True, slots=True)
class Made:
    """The provenance page."""

    version: str
    rows: tuple[SourceRow, ...]
    broken: tuple[BrokenRow, ...]
    is_public: bool


def made(it: Atlas) -> Made:
    """The provenance of a portfolio."""
    return Made(
        version=__version__,
        rows=tuple(
            SourceRow(
                repository_link(it, MADE, each),
                each.head,
                when(each.as_of),
                it.told(each.version),
                _holds(each),
            )
            for each in it.portfolio.repositories
        ),
        broken=tuple(broken_row(it, each) for each in it.portfolio.broken),
        is_public=it.portfolio.is_public,
    )


def _holds(repository: Summary) -> str:
    """What there is of it beside its releases."""
    has_audit = any(each.verdict is not None for each in repository.releases)
    parts = [
        ("audit", has_audit),
        ("metrics", repository.figures is not None),
        ("checklists in flight", repository.flights is not None),
    ]
    missing = [name for name, there in parts if not there]
    return f"without {', '.join(missing)}" if missing else "everything"
