"""Evidence → Audit: every release with its sign-offs, requirements, findings and verdict. Pure; start reading here.

In three steps, since the audit says itself which objects it wants to see:

    drafts(evidence)                   what each tag's tree holds of sign-offs
    wanted(evidence, drafts)           the commits and tags to verify, and the spans to compare
    audit(evidence, drafts, proof)     the audit
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
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
        tagged, policy, found = draft
        tag, tag_object = tagged.release.commit, tagged.release.tag_object
        if tag_object:
            objects[tag_object, tag] = None
        if tagged.base and _compares(evidence, draft):
            spans[Span(tagged.base, tag)] = None
        acts = [act for group in found for act in group.acts]
        ticks = dict.fromkeys([act.event.commit for act in acts if act.event])
        for commit in ticks:
            objects[commit, tag] = None
            if commit != tag:
                spans[Span(commit, tag)] = None
        born = [act.born_in for act in acts if not act.event]
        for commit in (*stamping(evidence, tagged, policy, ticks), *filter(None, born)):
            objects[commit, tag] = None
        if policy and any(rule.rule is Rule.NOT_CONTRIBUTOR for rule in policy.separation):
            commits.update(dict.fromkeys(tagged.range))
        if policy and any(requirement.evidence for requirement in policy.requirements):
            trees[tag] = None
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
    signed = tuple([(one, commit, found) for one in records for commit, found in one.signings])
    ticking = _ticking(evidence, signed)
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
        topics=frozenset(
            (*_topics(signed, answered, tag_signing, eventful), *_common(evidence, release, signed, ticking))
        ),
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


_Signed = tuple[tuple[SignOff, str, Signing], ...]
"""Each sign-off with each of its ticking commits, and what its signature is worth."""


def _ticking(evidence: Evidence, signed: _Signed) -> tuple[tuple[SignOff, Commit], ...]:
    first: dict[str, SignOff] = {}
    for one, commit, _ in signed:
        first.setdefault(commit, one)
    return tuple([(one, evidence.commits[commit]) for commit, one in first.items()])


def _topics(
    signed: _Signed,
    answered: Iterable[Answer],
    tag_signing: Signing | None,
    eventful: Collection[tuple[SignOff, Act]],
) -> Iterator[Topic]:
    yield Topic.RELEASE
    if eventful:
        yield Topic.EVENTS
    if any(answer.shortfalls for answer in answered):
        yield Topic.SHORTFALLS
    if (tag_signing or NOT_SIGNED) is not NOT_SIGNED or [one for _, _, one in signed if one is not NOT_SIGNED]:
        yield Topic.SIGNATURES


def _common(
    evidence: Evidence, release: Release, signed: _Signed, ticking: Collection[tuple[SignOff, Commit]]
) -> Iterator[Topic]:
    if len(signed) > len(ticking):
        yield Topic.COMMON_TICKS
    if release.tag in entries_by_tag(evidence):
        yield Topic.LEDGER


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
