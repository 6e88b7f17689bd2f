"""Remarks → findings with their weight and waivers → a verdict. Pure.

A verdict is never `pass` on incomplete evidence: codes EV001 to EV006 make it `indeterminate`, and no waiver makes them
whole. Without a policy there is nothing to pass: the verdict is `no-policy`, whatever else is remarked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from typing import NamedTuple

from checktrail.audit.case import Case, GeneralRule, Remark, Rule, Topic
from checktrail.audit.evidence import Evidence, Tagged
from checktrail.audit.policy import NO_POLICY, Policy, Waiver
from checktrail.audit.rules.registry import GENERAL_RULES, INCOMPLETE, POLICY_CHANGED, RULES
from checktrail.model import Finding, Release, Severity


class Verdict(StrEnum):
    """What the audit makes of a release."""

    PASS = "pass"  # noqa: S105 - a verdict
    PASS_WITH_WAIVERS = "pass-with-waivers"  # noqa: S105 - the same
    FAIL = "fail"
    INDETERMINATE = "indeterminate"
    NO_POLICY = "no-policy"


@dataclass(frozen=True, slots=True)
class Granted:
    """A waiver that covers a finding; `after_release` when only HEAD's policy has it."""

    waiver: Waiver
    after_release: bool


class Judged(NamedTuple):
    """A finding and the waiver that covers it, None when nothing does."""

    finding: Finding
    granted: Granted | None

    @property
    def weighs(self) -> bool:
        """Whether it makes a verdict fail: an error that nobody waived, and no gap in the evidence."""
        is_error = self.finding.severity is Severity.ERROR
        return is_error and self.granted is None and self.finding.code not in INCOMPLETE


def policy_in_force(evidence: Evidence, tagged: Tagged) -> Policy | None:
    """The policy a release is held against: its tag's, else its base's; None where neither speaks of it.

    So a release cannot exempt itself by a change of the policy that it brings along.
    """
    if evidence.override is not None:
        return evidence.override if _speaks_of(evidence.override, tagged) else None
    scenes = [evidence.scenes[commit] for commit in (tagged.release.commit, tagged.base) if commit]
    found = [scene.policy for scene in scenes if scene.policy is not None]
    if not found or found[0].policy is None:
        return None
    return next((one.policy for one in found if one.policy and _speaks_of(one.policy, tagged)), None)


def _speaks_of(policy: Policy, tagged: Tagged) -> bool:
    scope, release = policy.scope, tagged.release
    if policy.effective_from is not None and tagged.judged_at < policy.effective_from:
        return False
    if any(fnmatchcase(release.tag, glob) for glob in scope.exclude):
        return False
    return not scope.tags or any(fnmatchcase(release.tag, glob) for glob in (*scope.tags, *scope.exception))


def judge(case: Case) -> tuple[Judged, ...]:
    """Every finding about a release, in the order of codes, then of places."""
    found = [
        (_finding(rule, remark, _weighing(case, rule)), remark)
        for rule in _rules(case.topics)
        for remark in rule.check(case)
    ]
    found.sort(key=_order)
    if not _may_grant(case):
        return tuple([Judged(finding, None) for finding, _ in found])
    return tuple([Judged(finding, _granted(case, finding, remark)) for finding, remark in found])


@cache
def _rules(topics: frozenset[Topic]) -> tuple[Rule, ...]:
    """The rules that have something to say of some topics."""
    return tuple(rule for rule in RULES if rule.about & topics)


def _may_grant(case: Case) -> bool:
    """Whether there is anything at all that could waive a finding."""
    later = head_policy(case.evidence)
    return bool(case.rules.waivers or case.rules.scope.exception or (later and later.waivers))


def _weighing(case: Case, rule: Rule) -> Policy:
    """The policy that says what a finding weighs: what a change of it weighs, the one before the change says."""
    before = case.base.policy if rule.code == POLICY_CHANGED and case.base else None
    return before.policy if before and before.policy and case.evidence.override is None else case.rules


def judge_repository(evidence: Evidence) -> tuple[Judged, ...]:
    """Every finding about the repository as a whole, held against HEAD's policy."""
    policy = head_policy(evidence) or NO_POLICY
    found = [(_finding(rule, remark, policy), remark) for rule in GENERAL_RULES for remark in rule.check(evidence)]
    return tuple(
        Judged(finding, _of_list(policy.waivers, finding, remark, None, evidence.as_of))
        for finding, remark in sorted(found, key=_order)
    )


def head_policy(evidence: Evidence) -> Policy | None:
    """The policy at HEAD, or the one given by hand."""
    if evidence.override is not None:
        return evidence.override
    return evidence.now.policy.policy if evidence.now.policy else None


def _finding(rule: Rule | GeneralRule, remark: Remark, policy: Policy) -> Finding:
    """A remark with its weight: the policy's word first, then what an unmet requirement weighs, then the rule's."""
    message, place, requirement, evidence, is_unmet, severity, _ = remark
    weight = Severity.ERROR if is_unmet else severity or rule.severity
    if policy.severity:
        weight = policy.severity.get(rule.code, weight)
    return Finding(rule.code, rule.name, weight, message, place, requirement, evidence)


def _order(found: tuple[Finding, Remark]) -> tuple[str, str, int, str]:
    finding, _ = found
    place = finding.place
    return finding.code, place.path or "", place.line or 0, finding.message


def _granted(case: Case, finding: Finding, remark: Remark) -> Granted | None:
    """The waiver that covers a finding: of the policy in force, of an exception release, or of HEAD's policy."""
    release = case.tagged.release
    at = case.tagged.judged_at
    waiver = _of_list(case.rules.waivers, finding, remark, release, at)
    if waiver is not None:
        return waiver
    if finding.severity is Severity.ERROR and finding.code not in INCOMPLETE:
        globs = case.rules.scope.exception
        if any(fnmatchcase(release.tag, glob) for glob in globs):
            reason = "the policy counts this tag among its exception releases"
            return Granted(Waiver(finding.code, (release.tag,), None, reason, "the policy"), after_release=False)
    later = head_policy(case.evidence)
    found = _of_list(later.waivers, finding, remark, release, at) if later and later.waivers else None
    return Granted(found.waiver, after_release=True) if found else None


def _of_list(
    waivers: Sequence[Waiver], finding: Finding, remark: Remark, release: Release | None, at: int
) -> Granted | None:
    if not waivers or finding.code in INCOMPLETE:
        return None
    place = finding.place
    names = {place.item, place.path, place.commit, finding.requirement, *remark.subjects} - {None}
    tag = release.tag if release else place.release or ""
    for waiver in waivers:
        in_scope = not waiver.releases or any(fnmatchcase(tag, glob) for glob in waiver.releases)
        in_time = waiver.expires is None or at <= waiver.expires
        if waiver.code == finding.code and in_scope and in_time and waiver.subject in {None, *names}:
            return Granted(waiver, after_release=False)
    return None


def verdict(policy: Policy | None, findings: Iterable[Judged], general: Iterable[Judged]) -> Verdict:
    """What a release's findings, and those about the whole repository, come to."""
    own = list(findings)
    # What is missing may be what a requirement waits for: so neither a pass nor a failure can be told.
    if any(one.finding.code in INCOMPLETE for one in (*own, *general)):
        return Verdict.INDETERMINATE
    if policy is None:
        return Verdict.NO_POLICY
    if any(one.weighs for one in own):
        return Verdict.FAIL
    waived = any(one.granted is not None and one.finding.severity is Severity.ERROR for one in own)
    return Verdict.PASS_WITH_WAIVERS if waived else Verdict.PASS
