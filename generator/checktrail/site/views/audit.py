"""The audit of a release as a page to print and keep. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup, escape

from checktrail import __version__
from checktrail.audit.auditing import ReleaseAudit
from checktrail.audit.evidence import Evidence
from checktrail.audit.requirements import Answer
from checktrail.audit.rules.registry import INCOMPLETE, rules_digest
from checktrail.audit.signing import Worth
from checktrail.audit.verdict import Verdict
from checktrail.audit.witness import Testimony
from checktrail.charts.drawing import day
from checktrail.exports.shell import word
from checktrail.model import Severity
from checktrail.parse import PARSER_VERSION
from checktrail.site.markup import inline
from checktrail.site.views.findings import FindingRow, finding_rows
from checktrail.site.views.marks import VERDICTS, VOICES, Mark, audit_name, person, rule_link, told, verdict_mark
from checktrail.site.views.shared import Link, Site, commit_row, counted, release_link, shown, when
from checktrail.site.views.signoff import SignoffRecord, signoff_record

Facts: TypeAlias = tuple[tuple[str, Markup], ...]
"""Names and values."""
CAVEAT = "A tick is a record of what a commit claims; it is not by itself an electronic signature under 21 CFR Part 11."


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
    place: Link
    sentence: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """The verdict that the ledger keeps beside today's."""

    words: str
    mark: Mark
    new: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The audit of one release, to print and keep. `why` is followed by the rules that it names."""

    tag: str
    release: Link
    verdict: Mark
    why: str
    because: tuple[Link, ...]
    recorded: Recorded | None
    when: Markup
    facts: tuple[tuple[str, Markup], ...]
    requirements: tuple[RequirementRow, ...]
    signoffs: tuple[SignoffRecord, ...]
    witness: tuple[WitnessRow, ...]
    findings: tuple[FindingRow, ...]
    general: tuple[FindingRow, ...]
    caveat: str
    provenance: Facts
    command: str
    running: str

    @property
    def has_controls(self) -> bool:
        """Whether the policy names a control at all."""
        return any(row.controls for row in self.requirements)


def audit_page(site: Site, one: ReleaseAudit) -> AuditPage:
    """The audit of a release as a page."""
    release = one.release
    here = audit_name(site, release.tag)
    audit, evidence = site.chapters.audit, site.chapters.evidence
    why, codes = reason(site, one)
    return AuditPage(
        tag=shown(release.tag),
        release=release_link(site, here, release.tag),
        verdict=verdict_mark(one),
        why=why,
        because=tuple(rule_link(site, here, code) for code in codes),
        recorded=_recorded(site, one, here),
        when=when(release.at),
        facts=_facts(site, one, evidence),
        requirements=tuple(_requirement(site, each) for each in one.requirements),
        signoffs=tuple(signoff_record(site, one, each) for each in one.signoffs),
        witness=tuple(_testimony(site, one, each) for each in one.witness),
        findings=finding_rows(site, one.findings, here),
        general=finding_rows(site, audit.findings if audit else (), here),
        caveat=CAVEAT,
        provenance=provenance(site, one, origin(site)),
        command=f"checktrail audit {word(release.tag)}",
        running=running(site, one),
    )


def running(site: Site, one: ReleaseAudit) -> str:
    """The line at the head of every printed sheet."""
    return (
        f"{shown(site.record.facts.name)} {shown(one.release.tag)} at {one.release.commit[:12]}: "
        f"audit as of {day(site.record.as_of)}, checktrail {__version__}"
    )


# --- the verdict ----------------------------------------------------------------------------------------------------


def reason(site: Site, one: ReleaseAudit) -> tuple[str, tuple[str, ...]]:
    """Why the verdict is what it is: one sentence, and the codes that it rests on."""
    applying = [each for each in one.requirements if each.applies]
    match one.verdict:
        case Verdict.INDETERMINATE:
            general = site.chapters.audit.findings if site.chapters.audit else ()
            missing = {each.finding.code for each in (*one.findings, *general)} & INCOMPLETE
            return "Evidence is incomplete, so neither a pass nor a failure can be told.", tuple(sorted(missing))
        case Verdict.NO_POLICY:
            return "No policy speaks of this release, so there is nothing to pass; facts are shown.", ()
        case Verdict.FAIL:
            weighing = [each.finding.code for each in one.findings if each.weighs]
            errors = counted(len(weighing), "error") + (" stands" if len(weighing) == 1 else " stand")
            return f"{errors} that nobody waived; {_held(applying)}.", tuple(dict.fromkeys(weighing))
        case Verdict.PASS_WITH_WAIVERS:
            return f"Every error was waived; {_held(applying)}.", _waived(one)
        case Verdict.PASS:
            return f"No error was found; {_held(applying)}.", ()


def _held(applying: list[Answer]) -> str:
    if not applying:
        return "the policy asks nothing of this release"
    met = sum(each.met for each in applying)
    return f"{met} of {counted(len(applying), 'requirement')} {'is' if met == 1 else 'are'} met"


def _waived(one: ReleaseAudit) -> tuple[str, ...]:
    errors = (each for each in one.findings if each.granted and each.finding.severity is Severity.ERROR)
    return tuple(dict.fromkeys(each.finding.code for each in errors))


def _recorded(site: Site, one: ReleaseAudit, here: str) -> Recorded | None:
    """The ledger keeps a verdict and not its findings; but after a pass every error of today is new."""
    entry = one.recorded
    if entry is None:
        return None
    then = next((words for kind, (_, words) in VERDICTS.items() if kind.value == entry.verdict), entry.verdict or "")
    now = VERDICTS[one.verdict][1]
    weighing = tuple(dict.fromkeys(each.finding.code for each in one.findings if each.weighs))
    new: tuple[str, ...] = ()
    if entry.verdict == Verdict.PASS.value:
        new = tuple(dict.fromkeys((*weighing, *_waived(one))))
    elif entry.verdict == Verdict.PASS_WITH_WAIVERS.value:
        new = weighing
    rules = "" if entry.rules_digest == rules_digest() else "; the rules have changed since"
    words = f"recorded: {told(site, then)} ({shown(entry.tool_version)}); now: {now} ({__version__}){rules}"
    same = entry.verdict == one.verdict.value
    mark = Mark("ticked", "as recorded") if same else Mark("warning", "other than recorded")
    return Recorded(words, mark, tuple(rule_link(site, here, code) for code in new))


# --- the facts ------------------------------------------------------------------------------------------------------


def _facts(site: Site, one: ReleaseAudit, evidence: Evidence | None) -> tuple[tuple[str, Markup], ...]:
    release = one.release
    href = site.host.commit(release.commit) if site.host else ""
    commit = Markup("<code>{}</code>").format(release.commit)
    row = commit_row(site, site.record.commits[release.commit])
    facts = [
        ("Tag", escape(_tag(site, one))),
        ("Tagged at", when(release.at)),
        (
            "Commit",
            (Markup('<a href="{}">{}</a>').format(href, commit) if href else commit) + f" {told(site, row.subject)}",
        ),
        ("Compared with", escape(f"{shown(release.base)}: {release.base_reason}" if release.base else "nothing")),
        ("Checklists", escape(", ".join(told(site, path) for path in one.tagged.paths) or "none in the tag's tree")),
    ]
    if release.tag_object:
        facts.insert(1, ("Tag object", Markup("<code>{}</code>").format(release.tag_object)))
    return (*facts, *_policy(one, evidence))


def _tag(site: Site, one: ReleaseAudit) -> str:
    release, signing = one.release, one.tag_signing
    if release.tagger is None or signing is None:
        return f"{release.kind.value}: nobody is named and nothing is signed"
    if signing.worth is Worth.PERSONAL and signing.signer is not None:
        return f"{release.kind.value}, signed by {told(site, signing.signer.name)}"
    worth = f"{signing.worth.value}{f': {told(site, signing.reason)}' if signing.reason else ''}"
    return f"{release.kind.value}, by {person(site, release.tagger)} (claimed); signature: {worth}"


def _policy(one: ReleaseAudit, evidence: Evidence | None) -> tuple[tuple[str, Markup], ...]:
    """Which policy the release was held against: the tag's, else the base's."""
    if evidence is None:
        return (("Policy", escape("in force" if one.policy else "none in force")),)
    at_tag = evidence.scenes[one.release.commit].policy
    at_base = evidence.scenes[one.tagged.base].policy if one.tagged.base else None
    held = "none in force: there is nothing to pass"
    if one.policy is not None:
        held = "the tag's" if at_tag is not None and at_tag.policy is not None else "the base's"
    elif at_tag is not None or at_base is not None:
        fault = next((each.fault for each in (at_tag, at_base) if each is not None and each.fault), "")
        held = f"cannot be read: {shown(fault)}" if fault else "there is one, but it does not speak of this release"
    rows = [("Policy", escape(f"{held} ({shown(evidence.policy_path)})" if at_tag or at_base else held))]
    for where, file in (("at the tag", at_tag), ("at the base", at_base)):
        words = Markup("blob <code>{}</code>").format(file.blob) if file else Markup("none")
        if where == "at the base" and not one.tagged.base:
            words = Markup("no earlier release to compare with")
        elif where == "at the base" and at_tag and file:
            words += " (the same)" if file.blob == at_tag.blob else " (another: it changed within this release)"
        rows.append((f"Policy {where}", words))
    return tuple(rows)


# --- requirements and witness ---------------------------------------------------------------------------------------


def _requirement(site: Site, answer: Answer) -> RequirementRow:
    mark = Mark("ticked", "met") if answer.met else Mark("failed", "unmet")
    if not answer.applies:
        mark = Mark("not-applicable", "does not apply")
    wanted = answer.requirement
    meaning = wanted.meaning.value if wanted.meaning else ""
    controls = ", ".join(map(shown, wanted.controls))
    return RequirementRow(shown(wanted.id), mark, meaning, told(site, answer.reason), controls)


def _testimony(site: Site, one: ReleaseAudit, said: Testimony) -> WitnessRow:
    href = site.host.file(one.release.commit, said.path, said.line) if site.host else ""
    place = Link(f"{told(site, said.path)}:{said.line}", href)
    return WitnessRow(Mark(*VOICES[said.voice]), inline(said.text), place, told(site, said.sentence))


# --- provenance -----------------------------------------------------------------------------------------------------


def provenance(site: Site, one: ReleaseAudit, alike: Facts) -> Facts:
    """What an audit was made from: the one part of its page that changes with every commit, with what is `alike`."""
    evidence = site.chapters.evidence
    if evidence is None:
        return alike
    trust = tuple(("Trust file", _blob(path, blob)) for path, blob in evidence.scenes[one.release.commit].trust)
    return (*alike, *trust, ("Counts", escape(_counts(one, evidence))))


def origin(site: Site) -> Facts:
    """What all audits of a site were made from alike."""
    record, facts = site.record, site.record.facts
    flags = [
        told_so
        for flag, told_so in (
            (facts.is_shallow, "shallow"),
            (facts.is_partial, "partial"),
            (facts.has_replacements, "with replaced objects"),
        )
        if flag
    ]
    code = Markup("<code>{}</code>").format
    return (
        ("Made by", escape(f"checktrail {__version__} (reading rules {PARSER_VERSION}), git {facts.git_version}")),
        ("Repository", escape(shown(facts.name))),
        ("Head", code(facts.head or "none")),
        ("As of", when(record.as_of) + " (the head's date)"),
        ("References", Markup("SHA-256 {}").format(code(facts.references_digest))),
        ("Rules", Markup("SHA-256 {}").format(code(rules_digest()))),
        ("Clone", escape(", ".join(flags) or "complete")),
    )


def _blob(path: str, blob: str | None) -> Markup:
    found = Markup("blob <code>{}</code>").format(blob) if blob else Markup("not in the tag's tree")
    return Markup("{}: {}").format(shown(path), found)


def _counts(one: ReleaseAudit, evidence: Evidence) -> str:
    tags, releases, ignored = len(evidence.tags), len(evidence.releases), len(evidence.ignored)
    sums = "=" if tags == releases + ignored else "≠"
    others = f"{ignored:,} that {'is' if ignored == 1 else 'are'} no release"
    return (
        f"{counted(len(evidence.commits), 'commit')}; {counted(len(evidence.trails.events), 'event')}; "
        f"{counted(len(evidence.trails.by_item), 'item')} in all history; "
        f"{counted(releases, 'release')} + {others} {sums} {counted(tags, 'tag')}; "
        f"here {counted(len(one.signoffs), 'sign-off')}, {counted(len(one.findings), 'finding')}"
    )
