"""The audit's way to its evidence: what the record holds, and then the objects that the audit asks to see.

In: a repository and its record. Out: `Audit`, with the evidence it rests on. Reads only.

    sheets.py   the checklists of trees
    scenes.py   trees as the audit sees them: checklists, policy, trust files
    proof.py    what the audit asks to see, looked at
    ways.py     from one commit to another
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType

from checktrail.audit.auditing import Audit, audit, drafts
from checktrail.audit.evidence import Evidence, Ledger, Proof, RepositoryFlags, Span, Tagged
from checktrail.audit.policy import Policy
from checktrail.closing import Close, CloseReason
from checktrail.garbage import uncollected
from checktrail.git import Repository
from checktrail.inquiry.proof import prove
from checktrail.inquiry.scenes import changelog_versions, scenes, seen_tags, tops
from checktrail.inquiry.ways import ways
from checktrail.model import Binding, Release
from checktrail.record import Record, ReleaseRecord, RepositoryFacts
from checktrail.releases.graph import Graph

__all__ = ["Inquiry", "inquire"]

_PATH, _OLD_PATH = attrgetter("path"), attrgetter("old_path")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What an audit came to, and the evidence it rests on."""

    audit: Audit
    evidence: Evidence
    proof: Proof
    facts: RepositoryFacts


def inquire(
    repository: Repository,
    record: Record,
    *,
    tags: Container[str] | None = None,
    override: Policy | None = None,
    ledger: Ledger | None = None,
) -> Inquiry:
    """The audit of all releases, or of some.

    Args:
        repository: where objects are read.
        record: what is known of it.
        tags: only these releases, all by default.
        override: a policy that stands for every release, in place of the ones in their trees.
        ledger: what the ledger says; by default the one in the working tree, else the one at HEAD.

    Raises:
        ConfigError: HEAD's policy cannot be read.
    """
    with uncollected():
        graph = Graph(tuple(record.commits.values()))
        found = _evidence(repository, record, graph, override, ledger)
        drafted = drafts(found, tags)
        proof = prove(repository, graph, found, drafted)
        return Inquiry(audit(found, drafted, proof), found, proof, record.facts)


def _evidence(
    repository: Repository, record: Record, graph: Graph, override: Policy | None, ledger: Ledger | None
) -> Evidence:
    head, settings = record.facts.head, record.settings
    releases = record.membership.releases
    commit_of = {release.tag: release.commit for release in releases}
    tagged = [_tagged(record, one, graph, commit_of) for one in record.releases]
    closes = {close.commit for one in tagged for close in one.closes.values()}
    commits = dict.fromkeys([*commit_of.values(), *([head] if head else [])])
    events = record.trails.events
    trees = tops(repository, list(commits))
    seen = ledger if ledger is not None else seen_tags(repository, settings, trees, head)
    return Evidence(
        flags=RepositoryFlags(record.facts.is_shallow, record.facts.is_partial, record.facts.has_replacements),
        releases=tuple(tagged),
        head=head,
        scenes=MappingProxyType(scenes(repository, record, trees, closes - set(commits), override)),
        commits=record.commits,
        trails=record.trails,
        as_of=record.as_of,
        tags=record.tags,
        ignored=record.membership.ignored,
        changelog_versions=changelog_versions(repository, settings, head) if not releases else (),
        ledger=seen,
        override=override,
        policy_path=settings.audit.policy,
        branch=record.facts.branch,
        tips=_tips(repository, record) if any(entry.head is not None for entry in seen.entries) else (),
        checklist_paths=frozenset(filter(None, {*map(_PATH, events), *map(_OLD_PATH, events)})),
    )


def _tips(repository: Repository, record: Record) -> tuple[str, ...]:
    """The commits of HEAD and of all branches, here and of remotes."""
    branches = (one.target for one in repository.references() if one.name.startswith(("refs/heads/", "refs/remotes/")))
    return tuple(dict.fromkeys(tip for tip in (record.facts.head or "", *branches) if tip in record.commits))


def _tagged(record: Record, one: ReleaseRecord, graph: Graph, commit_of: Mapping[str, str]) -> Tagged:
    release = one.release
    closes = {closed.path: _close(record, release, closed.close) for closed in one.closed}
    owned = {each.path for each in one.checklists if each.bound.binding is Binding.OWN}
    living = {path for path in closes if path not in owned or closes[path].reason is not CloseReason.HEAD}
    until = {path: Span(release.commit, close.commit) for path, close in closes.items() if path in living}
    after = ways(graph, dict.fromkeys(until.values()))
    base = commit_of.get(release.base) if release.base else None
    held = (release.commit, base if release.base_is_ancestor else None)
    return Tagged(
        release=release,
        paths=tuple(closes),
        closes=MappingProxyType(closes),
        base=base,
        range=(*release.new, *(also.commit for also in release.also_included)),
        judged_at=max(release.at, *(record.commits[commit].committed_at for commit in held if commit)),
        after=MappingProxyType({path: after[span] for path, span in until.items()}),
    )


def _close(record: Record, release: Release, close: Close) -> Close:
    """Where a checklist closes: never before its tag, on whatever branch HEAD is."""
    is_after = record.trails.is_ancestor(release.commit, close.commit)
    return close if is_after else Close(release.commit, close.reason)
