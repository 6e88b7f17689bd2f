"""The audit of a release as a page to print and keep, and findings as lines. Pure.

Nothing unsigned is called signed: a tick below assurance 3 is "recorded as ticked by … (claimed)".
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from checktrail.audit.acts import Relation, Status
from checktrail.audit.auditing import ReleaseAudit
from checktrail.audit.requirements import Answer, spoken
from checktrail.audit.signoffs import SignOff
from checktrail.audit.verdict import Judged, Verdict
from checktrail.audit.witness import Testimony, Voice
from checktrail.model import Severity
from checktrail.site.markup import inline
from checktrail.site.views.shared import CommitRow, Link, Site, commit_row, counted, release_link, shown, when

AUDIT = "audit/index"
FINDINGS = "audit/findings"
RULES = "audit/rules"

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.PASS: ("ticked", "pass"),
    Verdict.PASS_WITH_WAIVERS: ("ticked", "pass with waivers"),
    Verdict.FAIL: ("failed", "fail"),
    Verdict.INDETERMINATE: ("late", "indeterminate"),
    Verdict.NO_POLICY: ("note", "no policy"),
}
STATUSES: Mapping[Status, tuple[str, str]] = {
    Status.RECORDED: ("ticked", "recorded"),
    Status.OPEN: ("open", "open"),
    Status.LATE: ("late", "late"),
    Status.BORN_TICKED: ("late", "born ticked"),
    Status.CARRIED_OVER: ("late", "carried over"),
    Status.NOT_REQUIRED: ("not-applicable", "not required"),
}
SEVERITIES: Mapping[Severity, str] = {Severity.ERROR: "failed", Severity.WARNING: "late", Severity.INFO: "note"}
VOICES: Mapping[Voice, tuple[str, str]] = {
    Voice.SHOWS: ("ticked", "shows"),
    Voice.CONTRADICTS: ("failed", "contradicts"),
    Voice.CANNOT_TELL: ("note", "cannot tell"),
}
ASSURANCES = (
    "none: no observable act",
    "claimed: an unsigned commit claims it",
    "unvouched: signed by the platform, or by a key nobody vouches for",
    "personal: signed by a key bound to that person at that time",
    "timestamped: an independent time agrees",
)
CAVEAT = "A tick is a record of what a commit claims; it is not by itself an electronic signature under 21 CFR Part 11."
_PERSONAL = 3
_FEW_PATHS = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """A state: the kind that gives icon and colour, and the word."""

    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class SignoffRecord:
    """One sign-off, everything inline."""

    role: str
    meaning: str
    requirement: str
    mark: Mark
    who: str
    when: Markup
    relation: str
    statement: Markup
    ticked_as: Markup
    now: Markup
    place: Link
    commit: CommitRow | None
    committer: str
    assurance: str
    signature: str
    items: int
    since: str
    command: str
    corroboration: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as a line."""

    mark: Mark
    code: str
    rule: str
    name: str
    message: str
    release: Link
    place: str
    waiver: str


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """Whether one requirement of the policy holds."""

    id: str
    mark: Mark
    meaning: str
    reason: str
    controls: str


@dataclass(frozen=True, slots=True)
class WitnessRow:
    """What git says to one ticked item."""

    mark: Mark
    text: Markup
    sentence: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The audit of one release, to print and keep."""

    tag: str
    release: Link
    verdict: Mark
    when: Markup
    facts: tuple[tuple[str, Markup], ...]
    requirements: tuple[RequirementRow, ...]
    signoffs: tuple[SignoffRecord, ...]
    witness: tuple[WitnessRow, ...]
    findings: tuple[FindingRow, ...]
    caveat: str
    command: str


def audit_name(site: Site, tag: str) -> str:
    """The page of a release's audit."""
    return f"audit/{site.addresses.releases[tag]}"


def verdict_mark(one: ReleaseAudit) -> Mark:
    """A verdict as icon, word and colour."""
    return Mark(*VERDICTS[one.verdict])


def audit_page(site: Site, one: ReleaseAudit) -> AuditPage:
    """The audit of a release as a page."""
    release = one.release
    here = audit_name(site, release.tag)
    return AuditPage(
        tag=shown(release.tag),
        release=release_link(site, here, release.tag),
        verdict=verdict_mark(one),
        when=when(release.at),
        facts=_facts(site, one),
        requirements=tuple(_requirement(each) for each in one.requirements),
        signoffs=tuple(_record(site, one, each) for each in one.signoffs),
        witness=tuple(_testimony(each) for each in one.witness),
        findings=finding_rows(site, one.findings, here),
        caveat=CAVEAT,
        command=f"checktrail audit {shlex.quote(shown(release.tag))}",
    )


def finding_rows(site: Site, judged: Iterable[Judged], here: str) -> tuple[FindingRow, ...]:
    """Findings as lines, the heaviest first."""
    order = tuple(Severity)
    return tuple(
        _finding(site, each, here) for each in sorted(judged, key=lambda one: order.index(one.finding.severity))
    )


def role_of(one: SignOff) -> str:
    """The role of a sign-off; one without is an attestation."""
    return shown(one.role or "Attestation")


def _facts(site: Site, one: ReleaseAudit) -> tuple[tuple[str, Markup], ...]:
    release = one.release
    row = commit_row(site, site.record.commits[release.commit])
    tagger = f" by {shown(release.tagger.name)} (claimed)" if release.tagger else ""
    signing = f", {one.tag_signing.worth.value}" if one.tag_signing else ""
    facts = [
        ("Tag", Markup("{}{}{}").format(release.kind.value, tagger, signing)),
        ("Commit", Markup("<code>{}</code>").format(row.id)),
        ("Compared with", Markup("{}").format(shown(release.base or "nothing: it is the first"))),
        ("Checklists", Markup(", ").join(shown(path) for path in one.tagged.paths) or Markup("none in the tag's tree")),
        ("Policy", escape("in force" if one.policy else "none: there is nothing to pass")),
    ]
    if one.recorded is not None:
        facts.append(
            ("Recorded", Markup("{} ({})").format(shown(one.recorded.verdict or ""), shown(one.recorded.tool_version)))
        )
    return tuple(facts)


def _requirement(answer: Answer) -> RequirementRow:
    mark = Mark("ticked", "met") if answer.met else Mark("failed", "unmet")
    if not answer.applies:
        mark = Mark("not-applicable", "does not apply")
    wanted = answer.requirement
    meaning = wanted.meaning.value if wanted.meaning else ""
    return RequirementRow(shown(wanted.id), mark, meaning, shown(answer.reason), ", ".join(map(shown, wanted.controls)))


def _record(site: Site, one: ReleaseAudit, signoff: SignOff) -> SignoffRecord:
    spot, commit = signoff.act.spot, signoff.commit
    row = commit_row(site, commit) if commit else None
    ticked = signoff.event.new_text if signoff.event else None
    now = signoff.act.text_now
    host = site.host
    file = host.file(one.release.commit, spot.sheet.path, spot.item.line) if host else ""
    return SignoffRecord(
        role=role_of(signoff),
        meaning=signoff.meaning.value,
        requirement=shown(signoff.requirement.id) if signoff.requirement else "",
        mark=Mark(*STATUSES[signoff.status]),
        who=_who(signoff),
        when=when(commit.committed_at) if commit else Markup(),
        relation=_relation(signoff) if commit else "",
        statement=inline(spot.item.text),
        ticked_as=inline(ticked) if ticked is not None and ticked != spot.item.text else Markup(),
        now=Markup("gone") if now is None else inline(now) if now != spot.item.text else Markup(),
        place=Link(f"{shown(spot.sheet.path)}:{spot.item.line}", file),
        commit=row,
        committer=shown(commit.committer.name) if commit and commit.committer != commit.author else "",
        assurance=f"{signoff.assurance}, {ASSURANCES[signoff.assurance]}",
        signature=signoff.signing.worth.value if signoff.signing else "",
        items=len(signoff.acts),
        since=_since(signoff),
        command=_command(signoff, one.release.tag),
        corroboration=tuple(f"{each.kind}: {shown(each.person.name)}" for each in signoff.corroboration),
    )


def _who(one: SignOff) -> str:
    if one.name is None or one.status in (Status.OPEN, Status.BORN_TICKED, Status.NOT_REQUIRED):
        return {
            Status.OPEN: "open at the tag",
            Status.BORN_TICKED: "there ticked from the start; nobody was seen to tick it",
            Status.NOT_REQUIRED: "not required",
        }.get(one.status, "nobody can be named")
    name = shown(one.name)
    words = f"signed by {name}" if one.assurance >= _PERSONAL else f"recorded as ticked by {name} (claimed)"
    if one.status is Status.LATE:
        return f"open at the tag; later {words}"
    return f"{words}, carried over from an earlier release" if one.status is Status.CARRIED_OVER else words


def _relation(one: SignOff) -> str:
    lead = one.lead_seconds or 0
    match one.relation:
        case Relation.IN_TAG_COMMIT:
            return "in the tagged commit"
        case Relation.BEFORE_TAG:
            return f"{spoken(lead)} before the tag" if lead >= 0 else "before the tag, though its date says after"
        case Relation.AFTER_TAG:
            return f"{spoken(-lead)} after the tag"
        case Relation.NOT_REACHABLE | Relation.UNKNOWN:
            return "on another branch than the tag"


def _since(one: SignOff) -> str:
    if one.landed is None or not one.landed.commits:
        return ""
    return f"{counted(len(one.landed.commits), 'commit')} and {counted(len(one.landed.paths), 'path')} came after it"


def _command(one: SignOff, tag: str) -> str:
    """What shows the difference between what the signer had in front of them and the tag."""
    if one.commit is None or one.landed is None or not one.landed.commits:
        return ""
    named = one.landed.paths if len(one.landed.paths) <= _FEW_PATHS else ()
    paths = "".join(f" {shlex.quote(shown(path))}" for path in named)
    return f"git diff {one.commit.id[:12]} {shlex.quote(shown(tag))}{f' --{paths}' if paths else ''}"


def _testimony(word: Testimony) -> WitnessRow:
    return WitnessRow(Mark(*VOICES[word.voice]), inline(word.text), shown(word.sentence))


def _finding(site: Site, judged: Judged, here: str) -> FindingRow:
    finding, place = judged.finding, judged.finding.place
    waiver = judged.granted.waiver if judged.granted else None
    after = ", granted after the release" if judged.granted and judged.granted.after_release else ""
    return FindingRow(
        mark=Mark(SEVERITIES[finding.severity], finding.severity.value),
        code=finding.code,
        rule=site.addresses.link(here, RULES, finding.code.lower()),
        name=finding.name,
        message=shown(finding.message),
        release=_audit_link(site, here, place.release) if place.release else Link(""),
        place=f"{shown(place.path)}:{place.line}" if place.path and place.line else shown(place.path or ""),
        waiver=f"waived by {shown(waiver.approved_by)}{after}: {shown(waiver.reason)}" if waiver else "",
    )


def _audit_link(site: Site, here: str, tag: str) -> Link:
    known = tag in site.addresses.releases
    return Link(shown(tag), site.addresses.link(here, audit_name(site, tag)) if known else "")
