"""A record in, its metrics out: reads the changelog, and makes cycles of the checklists that the record holds."""

from __future__ import annotations

from functools import cache
from itertools import chain
from types import MappingProxyType

from checktrail.closing import Cycles
from checktrail.git import Repository
from checktrail.metrics import Metrics, Sources, metrics
from checktrail.metrics.cycles import Cycle
from checktrail.metrics.failures import yanked_versions
from checktrail.metrics.gathering import Page, cycles
from checktrail.metrics.spans import Grounds, Sheet, Tree, current_span, spans
from checktrail.model import Release
from checktrail.parse import decode
from checktrail.record import Record


def measured(repository: Repository, record: Record) -> Metrics:
    """The metrics of a repository."""
    past, current = record_cycles(record)
    return metrics(
        Sources(
            membership=record.membership,
            commits=record.commits,
            cycles=past,
            current=current,
            yanked=_yanked(repository, record),
            as_of=record.as_of,
        ),
        record.settings.metrics,
    )


def record_cycles(record: Record) -> tuple[tuple[Cycle, ...], Cycle | None]:
    """The cycles of the releases that count, in order, and the one that is under way, if there is one."""
    head = record.facts.head
    if head is None:
        return (), None
    counted = tuple(release for release in record.membership.releases if _counts(release, record))

    @cache
    def tree(commit: str) -> Tree:
        return MappingProxyType(
            {
                one.path: Sheet(Page(one.path, commit, one.checklist, one.standings), one.bound)
                for one in record.trees[commit]
            }
        )

    grounds = Grounds(counted, Cycles(record.membership.releases, record.trails, head), tree)
    now = current_span(grounds)
    found = cycles((*spans(grounds), *([now] if now is not None else [])), record.trails, record.commits)
    return (found[:-1], found[-1]) if now is not None else (found, None)


def _counts(release: Release, record: Record) -> bool:
    return release.alias_of is None and (record.settings.metrics.prereleases or not release.prerelease)


def _yanked(repository: Repository, record: Record) -> frozenset[str]:
    """The versions that the changelog at HEAD calls yanked; none in a partial clone, where asking would fetch."""
    if record.facts.head is None or repository.is_partial:
        return frozenset()
    names = [f"{record.facts.head}:{name}" for name in record.settings.notes.changelog]
    found = (decode(one.content)[0] for one in repository.objects(names) if one.kind == "blob")
    return frozenset(chain.from_iterable(yanked_versions(text) for text in list(found)[:1]))
