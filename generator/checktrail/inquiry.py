"""The audit's way to its evidence: what the record holds, and then the objects that the audit asks to see.

In: a repository, its history as already read, and settings. Out: `Audit`. Reads only. Policies and trust files are read
from the trees of tags, never from the folder where this runs; the ledger alone is read from the working tree where
there is one, since it is what CI appends to.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from types import MappingProxyType
from typing import Final

from checktrail.audit.auditing import Audit, Draft, audit, drafts, wanted
from checktrail.audit.chain import read_ledger
from checktrail.audit.evidence import (
    Evidence,
    Landed,
    Ledger,
    PolicyFile,
    Proof,
    RepositoryFlags,
    Scene,
    Sheet,
    Span,
    Tagged,
    Wanted,
)
from checktrail.audit.policy import Policy
from checktrail.audit.reading import read_policy
from checktrail.binding import Bound, bind
from checktrail.closing import Close, Cycles
from checktrail.config import Settings
from checktrail.errors import ConfigError
from checktrail.git import RawObject, Repository
from checktrail.history import Tracked, Trails
from checktrail.model import Binding, Checklist, Commit, Phase, Release, Tag
from checktrail.parse import read, with_phases
from checktrail.releases import Membership
from checktrail.releases.graph import Graph
from checktrail.releases.versions import version_with
from checktrail.signatures.check import verify
from checktrail.signatures.trust import Trust, read_allowed_signers, read_revoked_keys
from checktrail.signatures.verification import Verification

_VERSION_HEADING: Final = re.compile(r"^#{1,4}\s*\[?v?(\d+\.\d+[\w.+-]*)\]?", re.MULTILINE)
_MAILMAP: Final = ".mailmap"
_MOST_VERSIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Known:
    """What has been read of a repository before the audit begins. `commits` are parents first."""

    commits: Mapping[str, Commit]
    tags: tuple[Tag, ...]
    membership: Membership
    trails: Trails
    head: str | None
    as_of: int
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What an audit came to, and the evidence it rests on."""

    audit: Audit
    evidence: Evidence
    proof: Proof


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
    proof = _proof(repository, known, found, drafted)
    return Inquiry(audit(found, drafted, proof), found, proof)


def _evidence(
    repository: Repository, settings: Settings, known: Known, override: Policy | None, ledger: Ledger | None
) -> Evidence:
    releases = known.membership.releases
    sheets = _Sheets(repository, settings, known.trails)
    commit_of = {release.tag: release.commit for release in releases}
    sheets.read([*commit_of.values(), *([known.head] if known.head else [])])
    tagged = [_tagged(release, releases, sheets, known, commit_of) for release in releases]
    closes = {close.commit for one in tagged for close in one.closes.values()}
    commits = list(dict.fromkeys([*commit_of.values(), *sorted(closes), *([known.head] if known.head else [])]))
    sheets.read(commits)
    scenes = _scenes(repository, settings, commits, sheets, known.head, override)
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
        changelog_versions=_changelog_versions(repository, settings, known) if not releases else (),
        ledger=ledger if ledger is not None else _ledger(repository, settings, known.head),
        override=override,
        policy_path=settings.audit.policy,
        checklist_paths=frozenset(
            path for event in known.trails.events for path in (event.path, event.old_path) if path
        ),
    )


class _Sheets:
    """The checklists of trees, each blob parsed once and each unchanged sheet made once."""

    def __init__(self, repository: Repository, settings: Settings, trails: Trails) -> None:
        self._repository, self._settings, self._trails = repository, settings, trails
        self._parsed: dict[str, Checklist] = {}
        self._bound: dict[tuple[str, str], Bound] = {}
        self._made: dict[tuple[str, int], Sheet] = {}
        self._trees: dict[str, Mapping[str, Sheet]] = {}

    def read(self, commits: Iterable[str]) -> None:
        """Read the trees of some commits."""
        trees = {commit: self._trails.at(commit) for commit in commits if commit not in self._trees}
        blobs = {tracked.blob for tree in trees.values() for tracked in tree.values()} - self._parsed.keys()
        self._parsed |= parsed(self._repository, self._settings, sorted(blobs))
        for commit, tree in trees.items():
            self._trees[commit] = MappingProxyType(
                {path: self._sheet(path, tracked) for path, tracked in tree.items() if tracked.blob in self._parsed}
            )

    def at(self, commit: str) -> Mapping[str, Sheet]:
        """The checklists of a commit that was read, by path."""
        return self._trees[commit]

    def bound(self, sheet: Sheet) -> Bound:
        """Which release a checklist belongs to."""
        key = (sheet.path, sheet.blob)
        if key not in self._bound:
            self._bound[key] = bind(sheet.path, sheet.checklist, self._settings)
        return self._bound[key]

    def _sheet(self, path: str, tracked: Tracked) -> Sheet:
        key = (path, id(tracked))
        if key not in self._made:
            checklist = self._parsed[tracked.blob]
            bound = bind(path, checklist, self._settings)
            self._bound[path, tracked.blob] = bound
            self._made[key] = Sheet(path, tracked.blob, checklist, tracked.items, bound.binding)
        return self._made[key]


def parsed(repository: Repository, settings: Settings, blobs: Sequence[str]) -> dict[str, Checklist]:
    """The checklists of some blobs; those that are missing or too large are left out."""
    phases = {heading: Phase(phase) for heading, phase in settings.checklists.phases.items()}
    return {
        blob: with_phases(read(content), phases)
        for blob, content in repository.blobs(blobs)
        if len(content) <= settings.checklists.max_bytes
    }


def _tagged(
    release: Release, releases: tuple[Release, ...], sheets: _Sheets, known: Known, commit_of: Mapping[str, str]
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


# --- files of trees ---------------------------------------------------------------------------------------------------


def _scenes(  # noqa: PLR0913, PLR0917 - a tree is made of all of these
    repository: Repository,
    settings: Settings,
    commits: Sequence[str],
    sheets: _Sheets,
    head: str | None,
    override: Policy | None,
) -> dict[str, Scene]:
    policies = _policies(repository, settings, commits, head) if override is None else {}
    mailmaps = _files(repository, commits, _MAILMAP)
    named: dict[str, list[str]] = {}
    for commit in commits:
        policy = override or (policies[commit].policy if commit in policies else None)
        named[commit] = [path for path in _trust_paths(policy) if path]
    blobs = _many_files(repository, [(commit, path) for commit, paths in named.items() for path in paths])
    scenes = {}
    for commit in commits:
        mailmap = mailmaps.get(commit)
        scenes[commit] = Scene(
            commit=commit,
            sheets=sheets.at(commit),
            policy=policies.get(commit),
            trust=tuple((path, blobs[commit, path].id if (commit, path) in blobs else None) for path in named[commit]),
            mailmap=mailmap.content.decode("utf-8", "replace") if mailmap else "",
        )
    return scenes


def _trust_paths(policy: Policy | None) -> tuple[str | None, ...]:
    return (policy.signatures.allowed_signers, policy.signatures.revocation_file) if policy else ()


def _policies(
    repository: Repository, settings: Settings, commits: Sequence[str], head: str | None
) -> dict[str, PolicyFile]:
    """Each tree's policy. One that cannot be read stops the run at HEAD, and is a gap in the evidence elsewhere."""
    found = _files(repository, commits, settings.audit.policy)
    by_blob: dict[str, PolicyFile] = {}
    for commit, file in found.items():
        if file.id in by_blob and commit != head:
            continue
        try:
            policy = read_policy(file.content.decode("utf-8", "replace"), settings.audit.policy)
            by_blob[file.id] = PolicyFile(file.id, policy)
        except ConfigError as error:
            if commit == head:
                raise
            by_blob[file.id] = PolicyFile(file.id, None, error.sentence)
    return {commit: by_blob[file.id] for commit, file in found.items()}


def _files(repository: Repository, commits: Iterable[str], path: str) -> dict[str, RawObject]:
    """A path's file in each tree that has it."""
    return {commit: file for (commit, _), file in _many_files(repository, [(one, path) for one in commits]).items()}


def _many_files(repository: Repository, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], RawObject]:
    """The files at some paths of some trees that are there; through one process."""
    plain = [place for place in places if not any(character.isspace() for character in place[1])]
    found = zip(plain, repository.objects(f"{commit}:{path}" for commit, path in plain), strict=True)
    files = {place: file for place, file in found if file.kind == "blob"}
    # A path with white space cannot be told apart in the batch's answer, so its tree is listed.
    for commit, path in (place for place in places if place not in plain):
        blob = next((blob.id for blob in repository.tree(commit) if blob.path == path), None)
        if blob is not None:
            files[commit, path] = next(iter(repository.objects([blob])))
    return files


def _ledger(repository: Repository, settings: Settings, head: str | None) -> Ledger:
    """The ledger of the working tree, else the one at HEAD."""
    if repository.worktree is not None:
        path = repository.worktree / settings.audit.ledger
        if path.is_file():
            return read_ledger(path.read_text(encoding="utf-8", errors="replace"))
    file = _files(repository, [head], settings.audit.ledger).get(head) if head else None
    return read_ledger(file.content.decode("utf-8", "replace")) if file else Ledger()


def _changelog_versions(repository: Repository, settings: Settings, known: Known) -> tuple[str, ...]:
    """The versions that the headings of a changelog at HEAD name."""
    places = [(known.head, path) for path in settings.notes.changelog] if known.head else []
    for file in _many_files(repository, places).values():
        found = _VERSION_HEADING.findall(file.content.decode("utf-8", "replace"))
        if found:
            return tuple(found[:_MOST_VERSIONS])
    return ()


# --- what the audit asks to see ---------------------------------------------------------------------------------------


def _proof(repository: Repository, known: Known, evidence: Evidence, drafted: Sequence[Draft]) -> Proof:
    asked = wanted(drafted)
    trusts, faults = _trusts(repository, evidence, drafted)
    return Proof(
        verifications=MappingProxyType(_verifications(repository, asked, trusts)),
        landed=MappingProxyType(_landed(repository, known, asked)),
        changed=MappingProxyType(
            dict(zip(asked.commits, repository.differences([(one, one) for one in asked.commits]), strict=True))
        ),
        trees=MappingProxyType(
            {commit: frozenset(blob.path for blob in repository.tree(commit)) for commit in asked.trees}
        ),
        faults=MappingProxyType(faults),
    )


def _trusts(
    repository: Repository, evidence: Evidence, drafted: Sequence[Draft]
) -> tuple[dict[str, Trust], dict[str, tuple[str, ...]]]:
    """Whom each release's tree trusts, and what is wrong with its trust files."""
    commits = {draft.tagged.release.commit for draft in drafted}
    blobs = {blob for commit in commits for _, blob in evidence.scenes[commit].trust if blob}
    contents = dict(repository.blobs(sorted(blobs)))
    trusts, faults = {}, {}
    for draft in drafted:
        commit = draft.tagged.release.commit
        policy = draft.policy
        if policy is None:
            continue
        here = dict(evidence.scenes[commit].trust)
        signers, revoked = policy.signatures.allowed_signers, policy.signatures.revocation_file
        trust = Trust(
            read_allowed_signers(_text(contents, here.get(signers))) if signers and here.get(signers) else None,
            read_revoked_keys(contents.get(here[revoked] or "", b"")) if revoked and here.get(revoked) else None,
        )
        trusts[commit] = trust
        faults[commit] = tuple(_trust_faults(trust, signers, revoked))
    return trusts, {commit: found for commit, found in faults.items() if found}


def _text(contents: Mapping[str, bytes], blob: str | None) -> str:
    return contents.get(blob or "", b"").decode("utf-8", "replace")


def _trust_faults(trust: Trust, signers: str | None, revoked: str | None) -> Iterator[str]:
    for path, read_file in ((signers, trust.allowed), (revoked, trust.revoked)):
        if path is None:
            continue
        if read_file is None:
            yield f"{path}, which the policy names, is not in the tag's tree"
            continue
        for fault in read_file.faults:
            yield f"{path}:{fault.line}: {fault.reason}" if fault.line else f"{path}: {fault.reason}"


def _verifications(
    repository: Repository, asked: Wanted, trusts: Mapping[str, Trust]
) -> dict[tuple[str, str], Verification]:
    """What came of each object under the trust of its release's tree; each object is read once."""
    ids = list(dict.fromkeys(identity for identity, _ in asked.objects))
    raw = {found.id: found for found in repository.objects(ids) if found.kind in {"commit", "tag"}}
    by_trust: dict[Trust, dict[str, None]] = {}
    for identity, commit in asked.objects:
        if identity in raw:
            by_trust.setdefault(trusts.get(commit, Trust()), {})[identity] = None
    checked: dict[tuple[Trust, str], Verification] = {}
    for trust, mine in by_trust.items():
        objects = ((raw[one].id, raw[one].kind, raw[one].content) for one in mine)
        checked |= {(trust, found.object_id): found for found in verify(objects, trust)}
    return {
        (identity, commit): checked[trusts.get(commit, Trust()), identity]
        for identity, commit in asked.objects
        if identity in raw
    }


def _landed(repository: Repository, known: Known, asked: Wanted) -> dict[Span, Landed]:
    graph = Graph(tuple(known.commits.values()))
    paths = repository.differences(asked.spans)
    return {
        span: Landed(tuple(graph.ids[number] for number in between(graph, span)), changed)
        for span, changed in zip(asked.spans, paths, strict=True)
    }


def between(graph: Graph, span: Span) -> Iterator[int]:
    """The positions of start..end, newest first, as `git rev-list` lists them.

    Children stand above their parents, so the highest of those waiting is never reached again; when only ancestors of
    the start wait, nothing of the end's own is left.
    """
    if span.start not in graph.position or span.end not in graph.position:
        return
    start, end = graph.position[span.start], graph.position[span.end]
    old, waiting, fresh = {start}, [-start, -end] if start != end else [], 1
    heapify(waiting)
    queued = {start, end}
    while fresh and waiting:
        number = -heappop(waiting)
        is_old = number in old
        if not is_old:
            fresh -= 1
            yield number
        for parent in graph.parents[number]:
            if is_old and parent not in old:
                fresh -= parent in queued
                old.add(parent)
            elif not is_old and parent not in queued and parent not in old:
                fresh += 1
            if parent not in queued:
                queued.add(parent)
                heappush(waiting, -parent)
