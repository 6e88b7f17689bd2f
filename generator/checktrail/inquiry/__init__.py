"""The audit's way to its evidence: what the history holds, and then the objects that the audit asks to see.

In: a repository, its history as already read, and settings. Out: `Audit`, with the evidence it rests on. Reads only.

    known.py    what has been read before the audit begins
    sheets.py   the checklists of trees
    scenes.py   trees as the audit sees them: checklists, policy, trust files
    proof.py    what the audit asks to see, looked at
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from checktrail.audit.auditing import Audit, audit, drafts
from checktrail.audit.evidence import Evidence, Ledger, Proof, RepositoryFlags, Tagged
from checktrail.audit.policy import Policy
from checktrail.binding import Bound
from checktrail.closing import Close, Cycles
from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.inquiry import scenes as trees
from checktrail.inquiry.known import Known, known
from checktrail.inquiry.proof import prove
from checktrail.inquiry.sheets import Sheets
from checktrail.model import Binding, Release
from checktrail.record import RepositoryFacts, repository_facts
from checktrail.releases.versions import version_with

__all__ = ["Inquiry", "Known", "inquire", "known"]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What an audit came to, and the evidence it rests on."""

    audit: Audit
    evidence: Evidence
    proof: Proof
    facts: RepositoryFacts


def inquire(  # noqa: PLR0913 - three things to look at, and what of them is wanted
    repository: Repository,
    settings: Settings,
    known: Known,
    *,
    tags: Container[str] | None = None,
    override: Policy | None = None,
    ledger: Ledger | None = None,
) -> Inquiry:
    """The audit of all releases, or of some.

    Args:
        repository: where objects are read.
        settings: where policy and ledger lie, and what belongs to which release.
        known: the history as read.
        tags: only these releases, all by default.
        override: a policy that stands for every release, in place of the ones in their trees.
        ledger: what the ledger says; by default the one in the working tree, else the one at HEAD.

    Raises:
        ConfigError: HEAD's policy cannot be read.
    """
    found = _evidence(repository, settings, known, override, ledger)
    drafted = drafts(found, tags)
    proof = prove(repository, known, found, drafted)
    return Inquiry(audit(found, drafted, proof), found, proof, repository_facts(repository))


def _evidence(
    repository: Repository, settings: Settings, known: Known, override: Policy | None, ledger: Ledger | None
) -> Evidence:
    releases = known.membership.releases
    sheets = Sheets(repository, settings, known.trails)
    commit_of = {release.tag: release.commit for release in releases}
    sheets.read([*commit_of.values(), *([known.head] if known.head else [])])
    tagged = [_tagged(release, releases, sheets, known, commit_of) for release in releases]
    closes = {close.commit for one in tagged for close in one.closes.values()}
    commits = list(dict.fromkeys([*commit_of.values(), *sorted(closes), *([known.head] if known.head else [])]))
    sheets.read(commits)
    scenes = trees.scenes(repository, settings, commits, sheets, known.head, override)
    return Evidence(
        flags=RepositoryFlags(
            repository.is_shallow, repository.is_partial, repository.has_replacements, known.unreadable
        ),
        releases=tuple(tagged),
        head=known.head,
        scenes=MappingProxyType(scenes),
        commits=known.commits,
        trails=known.trails,
        as_of=known.as_of,
        tags=known.tags,
        ignored=known.membership.ignored,
        changelog_versions=trees.changelog_versions(repository, settings, known.head) if not releases else (),
        ledger=ledger if ledger is not None else trees.ledger(repository, settings, known.head),
        override=override,
        policy_path=settings.audit.policy,
        checklist_paths=frozenset(
            path for event in known.trails.events for path in (event.path, event.old_path) if path
        ),
    )


def _tagged(
    release: Release, releases: tuple[Release, ...], sheets: Sheets, known: Known, commit_of: Mapping[str, str]
) -> Tagged:
    mine = [sheet for sheet in sheets.at(release.commit).values() if _speaks_for(sheets.bound(sheet), release)]
    cycles = Cycles(releases, known.trails, known.head or release.commit)
    return Tagged(
        release=release,
        paths=tuple(sheet.path for sheet in mine),
        closes=MappingProxyType(
            {sheet.path: _close(cycles.close(release, sheet.path, sheet.binding), release, known) for sheet in mine}
        ),
        base=commit_of.get(release.base) if release.base else None,
    )


def _close(close: Close, release: Release, known: Known) -> Close:
    """Where a checklist closes: never before its tag, on whatever branch HEAD is."""
    return close if known.trails.is_ancestor(release.commit, close.commit) else Close(release.commit, close.reason)


def _speaks_for(bound: Bound, release: Release) -> bool:
    """Whether a checklist speaks for a release: a living one, its own, or for a candidate its final's."""
    if bound.binding is Binding.LIVING:
        return True
    if bound.binding is not Binding.OWN or bound.release is None:
        return False
    if bound.release in (release.tag, release.version):
        return True
    wanted, mine = version_with(None, release.version), version_with(None, bound.release)
    if wanted is None or mine is None:
        return False
    return wanted == mine or (release.prerelease and wanted.numbers == mine.numbers and not mine.prerelease)
