"""The audit as JSON: `checktrail.audit/1`. Pure.

Nothing unsigned is called signed: `assurance` says how far each sign-off is proved, and `signature` what came of its
commit's. Times are committers' claims; `relation` is topology.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from checktrail import __version__
from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.audit.evidence import Evidence
from checktrail.audit.people import Identity
from checktrail.audit.requirements import Answer
from checktrail.audit.rules.registry import rules_digest
from checktrail.audit.signoffs import SignOff
from checktrail.audit.verdict import Granted, Judged
from checktrail.audit.witness import Testimony
from checktrail.exports.log import event_form
from checktrail.exports.status import path_form
from checktrail.exports.wire import document, moment, text
from checktrail.inquiry import Inquiry
from checktrail.model import Person

ASSURANCES = ("none", "claimed", "unvouched", "personal", "timestamped")


def audit_document(found: Inquiry, arguments: list[str], sample: dict[str, Any] | None = None) -> dict[str, Any]:
    """The audit of the releases asked for.

    Args:
        found: the audit and the evidence it rests on.
        arguments: what was asked for on the command line.
        sample: size, seed and population, None when nothing was drawn.
    """
    audit, evidence = found.audit, found.evidence
    return document(
        "audit",
        {
            "run": audit_run(found, arguments, sample),
            "people": people(audit),
            "findings": [finding_form(one) for one in audit.findings],
            "releases": [_release(one, evidence) for one in audit.releases],
        },
        is_cut_off=found.facts.is_shallow,
    )


def audit_run(found: Inquiry, arguments: list[str], sample: dict[str, Any] | None) -> dict[str, Any]:
    """How an audit was made: tool, repository, references, policy, flags; the same for the same repository."""
    facts, evidence = found.facts, found.evidence
    digest = hashlib.sha256("".join(f"{one.release.tag}\n" for one in found.audit.releases).encode("utf-8", "replace"))
    return {
        "tool": "checktrail",
        "version": __version__,
        "git_version": facts.git_version,
        "arguments": arguments,
        "repository": facts.name,
        "head": facts.head,
        "as_of": moment(evidence.as_of),
        "references_digest": facts.references_digest,
        "object_format": facts.object_format,
        "policy": evidence.now.policy.blob if evidence.now.policy else None,
        "shallow": facts.is_shallow,
        "partial": facts.is_partial,
        "replacements": facts.has_replacements,
        "sample": sample,
        "population_digest": digest.hexdigest(),
        "rules_digest": rules_digest(),
        "counts": counts(found.audit, evidence),
    }


def counts(audit: Audit, evidence: Evidence) -> dict[str, int]:
    """How much was looked at. Every tag is a release or ignored: `tags = releases + ignored_tags`."""
    found = [*audit.findings, *(one for release in audit.releases for one in release.findings)]
    return {
        "commits": len(evidence.commits),
        "tags": len(evidence.tags),
        "releases": len(evidence.releases),
        "ignored_tags": len(evidence.ignored),
        "audited": len(audit.releases),
        "events": len(evidence.trails.events),
        "items": len(evidence.trails.by_item),
        "signoffs": sum(len(release.signoffs) for release in audit.releases),
        "findings": len(found),
        "waived": sum(one.granted is not None for one in found),
    }


def people(audit: Audit) -> list[dict[str, Any]]:
    """Everybody who signed off, by their key, with the roles and how often."""
    seen: dict[str, Identity] = {}
    roles: dict[str, set[str]] = {}
    times: Counter[str] = Counter()
    for release in audit.releases:
        for one in release.signoffs:
            for person in one.people:
                seen[person.key] = person
                times[person.key] += 1
                roles.setdefault(person.key, set()).update([one.role] if one.role else [])
    return [
        {
            "id": text(key),
            "name": text(seen[key].name),
            "bot": seen[key].is_bot,
            "in_policy": seen[key].person is not None,
            "roles": sorted(text(role) for role in roles[key]),
            "signoffs": times[key],
        }
        for key in sorted(seen)
    ]


def finding_form(one: Judged) -> dict[str, Any]:
    """A finding as it stands in the document."""
    finding, place = one.finding, one.finding.place
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": text(finding.message),
        "release": _text(place.release),
        "requirement": _text(finding.requirement),
        "item": _text(place.item),
        **({"path": None} if place.path is None else path_form(place.path)),
        "line": place.line,
        "commit": place.commit,
        "evidence": [text(part) for part in finding.evidence],
        "waiver": _waiver(one.granted),
    }


def _waiver(granted: Granted | None) -> dict[str, Any] | None:
    if granted is None:
        return None
    waiver = granted.waiver
    return {
        "reason": text(waiver.reason),
        "approved_by": text(waiver.approved_by),
        "expires": None if waiver.expires is None else moment(waiver.expires),
        "granted_after_release": granted.after_release,
    }


def _text(value: str | None) -> str | None:
    return None if value is None else text(value)


def _release(one: ReleaseAudit, evidence: Evidence) -> dict[str, Any]:
    release = one.release
    scene = evidence.scenes[release.commit]
    return {
        "tag": text(release.tag),
        "commit": release.commit,
        "tag_object": release.tag_object,
        "at": moment(release.at),
        "base": _text(release.base),
        "verdict": one.verdict.value,
        "recorded": _recorded(one),
        "policy": scene.policy.blob if scene.policy else None,
        "checklists": [text(path) for path in one.tagged.paths],
        "requirements": [_requirement(answer) for answer in one.requirements],
        "signoffs": [signoff_form(record, evidence) for record in one.signoffs],
        "findings": [finding_form(judged) for judged in one.findings],
        "witness": [_testimony(word) for word in one.witness],
    }


def _recorded(one: ReleaseAudit) -> dict[str, Any] | None:
    """The verdict that the ledger keeps, which may be another than today's."""
    entry = one.recorded
    if entry is None:
        return None
    return {
        "verdict": entry.verdict,
        "tool_version": text(entry.tool_version),
        "first_seen": text(entry.first_seen),
        "same_rules": entry.rules_digest == rules_digest(),
    }


def _requirement(answer: Answer) -> dict[str, Any]:
    return {
        "id": text(answer.requirement.id),
        "met": answer.met,
        "applies": answer.applies,
        "reason": text(answer.reason),
        "role": _text(answer.requirement.role),
        "controls": [text(control) for control in answer.requirement.controls],
        "signoffs": [text(one.act.spot.name) for one in answer.signoffs],
    }


def signoff_form(one: SignOff, evidence: Evidence) -> dict[str, Any]:
    """A sign-off as it stands in the document."""
    spot, commit = one.act.spot, one.commit
    return {
        "requirement": _text(one.requirement.id) if one.requirement else None,
        "role": _text(one.role),
        "meaning": one.meaning.value,
        "status": one.status.value,
        "name": _text(one.name),
        "item": text(spot.name),
        **path_form(spot.sheet.path),
        "line": spot.item.line,
        "section": [text(heading) for heading in spot.section],
        "text_tick": _text(one.event.new_text) if one.event else None,
        "text_tag": text(spot.item.text),
        "text_now": _text(one.act.text_now),
        "typed_names": [text(name) for name in spot.item.typed_names],
        "typed_dates": list(spot.item.typed_dates),
        "event": event_form(evidence.trails, one.event, spot.name) if one.event else None,
        "relation": one.relation.value,
        "lead_seconds": one.lead_seconds,
        "assurance": one.assurance,
        "stamp": {"commit": one.stamp.commit, "at": moment(one.stamp.at)} if one.stamp else None,
        "author": _person(commit.author) if commit else None,
        "committer": _person(commit.committer) if commit else None,
        "at": moment(commit.committed_at) if commit else None,
        "signature": one.signing.worth.value if one.signing else None,
        "items": [text(act.spot.name) for act in one.acts],
        "commits_after": None if one.landed is None else list(one.landed.commits),
        "paths_after": None if one.landed is None else [text(path) for path in one.landed.paths],
        "corroboration": [{"kind": trailer.kind, "name": text(trailer.person.name)} for trailer in one.corroboration],
    }


def _person(person: Person) -> dict[str, Any]:
    return {"name": text(person.name), "email": text(person.email)}


def _testimony(word: Testimony) -> dict[str, Any]:
    return {
        "voice": word.voice.value,
        **path_form(word.path),
        "line": word.line,
        "text": text(word.text),
        "sentence": text(word.sentence),
    }
