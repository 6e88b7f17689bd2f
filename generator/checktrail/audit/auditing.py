"""Evidence → Audit: every release with its sign-offs, requirements, findings and verdict. Pure; start reading here.

In three steps, since the audit says itself which objects it wants to see:

    drafts(evidence)                   what each tag's tree holds of sign-offs
    wanted(evidence, drafts)           the commits and tags to verify, and the spans to compare
    audit(evidence, drafts, proof)     the audit
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from checktrail.audit.acts import Act
from checktrail.audit.case import Case, Topic
from checktrail.audit.evidence import Evidence, LedgerEntry, Proof, Span, Tagged, Wanted, entries_by_tag
from checktrail.audit.people import People
from checktrail.audit.policy import Policy, Rule
from checktrail.audit.requirements import Answer, answers
from checktrail.audit.rules.registry import INCOMPLETE
from checktrail.audit.signing import NOT_SIGNED, Signing, signing
from checktrail.audit.signoffs import Group, SignOff, groups, signoffs
from checktrail.audit.stamps import stamping
from checktrail.audit.verdict import (
    Judged,
    Verdict,
    head_policy,
    judge,
    judge_repository,
    policy_in_force,
    verdict,
)
from checktrail.audit.witness import Testimony, makes_claims, testimonies
from checktrail.model import Commit, Release


class Draft(NamedTuple):
    """A release with the policy in force and its sign-offs, before any object was verified."""

    tagged: Tagged
    policy: Policy | None
    groups: tuple[Group, ...]


class ReleaseAudit(NamedTuple):
    """One release's audit. `recorded` is the ledger's last entry for its tag at this commit, None without one."""

    release: Release
    tagged: Tagged
    policy: Policy | None
    verdict: Verdict
    requirements: tuple[Answer, ...]
    signoffs: tuple[SignOff, ...]
    findings: tuple[Judged, ...]
    witness: tuple[Testimony, ...]
    tag_signing: Signing | None
    recorded: LedgerEntry | None


@dataclass(frozen=True, slots=True)
class Audit:
    """All releases asked for, in order, and the findings of none. `has_policy`: HEAD has one, or one was given."""

    releases: tuple[ReleaseAudit, ...]
    findings: tuple[Judged, ...]
    has_policy: bool

    @property
    def fails(self) -> bool:
        """Whether a release fails, or the repository does under a policy."""
        by_release = any(one.verdict is Verdict.FAIL for one in self.releases)
        return by_release or (self.has_policy and any(one.weighs for one in self.findings))

    @property
    def is_incomplete(self) -> bool:
        """Whether evidence was missing."""
        return any(one.verdict is Verdict.INDETERMINATE for one in self.releases) or any(
            one.finding.code in INCOMPLETE for one in self.findings
        )


def drafts(evidence: Evidence, tags: Container[str] | None = None) -> tuple[Draft, ...]:
    """The sign-offs of each release, or of those with some tags."""
    chosen = [tagged for tagged in evidence.releases if tags is None or tagged.release.tag in tags]
    found: list[Draft] = []
    for tagged in chosen:
        policy = policy_in_force(evidence, tagged)
        found.append(Draft(tagged, policy, groups(evidence, tagged, policy)))
    return tuple(found)


def wanted(evidence: Evidence, drafted: Iterable[Draft]) -> Wanted:
    """What the audit has to see for these releases."""
    objects: dict[tuple[str, str], None] = {}
    spans: dict[Span, None] = {}
    commits: dict[str, None] = {}
    trees: dict[str, None] = {}
    for draft in drafted:
        release = draft.tagged.release
        if release.tag_object:
            objects[release.tag_object, release.commit] = None
        if draft.tagged.base and _compares(evidence, draft):
            spans[Span(draft.tagged.base, release.commit)] = None
        ticks = dict.fromkeys(act.event.commit for group in draft.groups for act in group.acts if act.event)
        for commit in ticks:
            objects[commit, release.commit] = None
            if commit != release.commit:
                spans[Span(commit, release.commit)] = None
        born = (act.born_in for group in draft.groups for act in group.acts)
        for commit in (*stamping(evidence, draft.tagged, draft.policy, ticks), *filter(None, born)):
            objects[commit, release.commit] = None
        rules = {rule.rule for rule in draft.policy.separation} if draft.policy else set()
        if Rule.NOT_CONTRIBUTOR in rules:
            commits.update(dict.fromkeys(draft.tagged.range))
        if draft.policy and any(requirement.evidence for requirement in draft.policy.requirements):
            trees[release.commit] = None
    return Wanted(tuple(objects), tuple(spans), tuple(commits), tuple(trees))


def _compares(evidence: Evidence, draft: Draft) -> bool:
    """Whether anything hangs on what changed since the base: a requirement that says so, or a claim in a checklist."""
    requirements = draft.policy.requirements if draft.policy else ()
    return any(requirement.changed_paths for requirement in requirements) or makes_claims(evidence, draft.tagged)


def audit(evidence: Evidence, drafted: Iterable[Draft], proof: Proof) -> Audit:
    """The audit of the releases drafted."""
    general = judge_repository(evidence)
    return Audit(
        tuple(_audited(evidence, draft, proof, general) for draft in drafted),
        general,
        head_policy(evidence) is not None,
    )


def _audited(evidence: Evidence, draft: Draft, proof: Proof, general: tuple[Judged, ...]) -> ReleaseAudit:
    tagged, policy = draft.tagged, draft.policy
    release = tagged.release
    people = People(policy)
    records = signoffs(evidence, tagged, policy, draft.groups, proof)
    tag_signing = _tag_signing(release, people, proof, tagged.judged_at)
    answered = answers(evidence, tagged, policy, records, proof)
    ticking = _ticking(evidence, records)
    eventful = tuple([(one, act) for one in records for act in one.acts if act.is_eventful])
    case = Case(
        evidence=evidence,
        tagged=tagged,
        policy=policy,
        people=people,
        signoffs=records,
        answers=answered,
        tag_signing=tag_signing,
        proof=proof,
        eventful=eventful,
        ticking=ticking,
        topics=_topics(records, answered, tag_signing, eventful) | _common(evidence, release, records, ticking),
    )
    findings = judge(case)
    return ReleaseAudit(
        release=release,
        tagged=tagged,
        policy=policy,
        verdict=verdict(policy, findings, general),
        requirements=case.answers,
        signoffs=records,
        findings=findings,
        witness=testimonies(case),
        tag_signing=case.tag_signing,
        recorded=_recorded(evidence, release),
    )


def _ticking(evidence: Evidence, records: Iterable[SignOff]) -> tuple[tuple[SignOff, Commit], ...]:
    found: dict[str, SignOff] = {}
    for one in records:
        for commit, _ in one.signings:
            found.setdefault(commit, one)
    return tuple([(one, evidence.commits[commit]) for commit, one in found.items()])


def _topics(
    records: Iterable[SignOff],
    answered: Iterable[Answer],
    tag_signing: Signing | None,
    eventful: Collection[tuple[SignOff, Act]],
) -> frozenset[Topic]:
    found = [Topic.RELEASE]
    if eventful:
        found.append(Topic.EVENTS)
    if any(answer.shortfalls for answer in answered):
        found.append(Topic.SHORTFALLS)
    signings = [signed for one in records for _, signed in one.signings]
    if any(one is not NOT_SIGNED for one in (*signings, tag_signing or NOT_SIGNED)):
        found.append(Topic.SIGNATURES)
    return frozenset(found)


def _common(
    evidence: Evidence, release: Release, records: Iterable[SignOff], ticking: Collection[tuple[SignOff, Commit]]
) -> frozenset[Topic]:
    found = []
    if sum([len(one.signings) for one in records]) > len(ticking):
        found.append(Topic.COMMON_TICKS)
    if release.tag in entries_by_tag(evidence):
        found.append(Topic.LEDGER)
    return frozenset(found)


def _tag_signing(release: Release, people: People, proof: Proof, at: int) -> Signing | None:
    if release.tag_object is None:
        return None
    found = proof.verifications.get((release.tag_object, release.commit))
    return signing(found, people, at)


def _recorded(evidence: Evidence, release: Release) -> LedgerEntry | None:
    entries = [
        entry
        for entry in entries_by_tag(evidence).get(release.tag, ())
        if entry.commit == release.commit and entry.verdict
    ]
    return entries[-1] if entries else None
