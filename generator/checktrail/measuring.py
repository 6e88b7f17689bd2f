"""A record in, its metrics out: reads the changelog, and makes cycles of the checklists that the record holds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import chain
from types import MappingProxyType

from checktrail.closing import Cycles
from checktrail.garbage import uncollected
from checktrail.git import Repository
from checktrail.metrics import Metrics, Sources, metrics
from checktrail.metrics.cycles import Cycle
from checktrail.metrics.failures import yanked_versions
from checktrail.metrics.figures import unsaid
from checktrail.metrics.gathering import Page, cycles
from checktrail.metrics.spans import Grounds, Sheet, Tree, spans, spans_in_flight
from checktrail.model import Release
from checktrail.parse import decode
from checktrail.record import Record


def measured(repository: Repository, record: Record) -> Metrics:
    """The metrics of a repository; where its history is cut off no figure can be said."""
    with uncollected():
        past, in_flight = record_cycles(record)
        found = metrics(
            Sources(
                membership=record.membership,
                commits=record.commits,
                cycles=past,
                in_flight=in_flight,
                yanked=_yanked(repository, record),
                as_of=record.as_of,
            ),
            record.settings.metrics,
        )
    if not record.facts.is_shallow:
        return found
    return replace(found, figures=tuple(unsaid(figure, "history is cut off here") for figure in found.figures))


def record_cycles(record: Record) -> tuple[tuple[Cycle, ...], tuple[Cycle, ...]]:
    """The cycles of the releases that count, in order, and those that have no release yet, the next one first."""
    head = record.facts.head
    if head is None:
        return (), ()
    counted = tuple(release for release in record.membership.releases if _counts(release, record))

    # Trees share the revisions that did not change between them, and so do the sheets.
    revisions = {id(one): one for tree in record.trees.values() for one in tree}
    sheets = {key: Sheet(Page(one.path, one.checklist, one.standings), one.bound) for key, one in revisions.items()}

    @cache
    def tree(commit: str) -> Tree:
        return MappingProxyType({one.path: sheets[id(one)] for one in record.trees[commit]})

    grounds = Grounds(counted, Cycles(record.membership.releases, record.trails, head), head, tree)
    found = cycles((*spans(grounds), *spans_in_flight(grounds)), record.trails, record.commits)
    past = tuple(cycle for cycle in found if cycle.tag is not None)
    return past, found[len(past) :]


def _counts(release: Release, record: Record) -> bool:
    return release.alias_of is None and (record.settings.metrics.prereleases or not release.prerelease)


def _yanked(repository: Repository, record: Record) -> frozenset[str]:
    """The versions that the changelog at HEAD calls yanked; none in a partial clone, where asking would fetch."""
    if record.facts.head is None or repository.is_partial:
        return frozenset()
    names = [f"{record.facts.head}:{name}" for name in record.settings.notes.changelog]
    found = (decode(one.content)[0] for one in repository.objects(names) if one.kind == "blob")
    return frozenset(chain.from_iterable(yanked_versions(text) for text in list(found)[:1]))
