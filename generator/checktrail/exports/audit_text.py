"""The audit in words, for a terminal: what an auditor asks of a release, in the order they ask it. Pure.

Names, texts and messages come from anyone; each goes through `shown`, so that none can steer a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator

from checktrail.audit.acts import Relation, Status
from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.audit.requirements import Answer, Shortfall, spoken
from checktrail.audit.rules.registry import rules_digest
from checktrail.audit.signing import Worth
from checktrail.audit.signoffs import PERSONAL, SignOff
from checktrail.audit.times import iso_day, iso_time
from checktrail.audit.verdict import Granted, Judged
from checktrail.errors import shown
from checktrail.exports.shell import diff_command
from checktrail.model import Commit, Severity

CAVEAT = "A tick is a record of what a commit claims; it is not by itself an electronic signature under 21 CFR Part 11."
ASSURANCES = ("none", "claimed", "unvouched", "personal", "timestamped")
_SHORT = 12
_LONGEST = 160
_FEW = 5
_WEIGHTS = tuple(Severity)
_STATUS_WORDS = {
    Status.OPEN: "open at the tag",
    Status.LATE: "open at the tag, ticked later",
    Status.BORN_TICKED: "there ticked from the start; nobody was seen to tick it",
    Status.NOT_REQUIRED: "not required",
}


def audit_text(audit: Audit, version: str) -> str:
    """Each release with its verdict, requirements, sign-offs and findings, and the tally below."""
    parts = ["\n".join(_release(one, version)) for one in audit.releases]
    if audit.findings:
        parts.append("\n".join(["About the repository", *_findings(audit.findings)]))
    parts.append("\n".join([_tally(audit), CAVEAT]))
    return "\n\n".join(parts) + "\n"


def _tally(audit: Audit) -> str:
    counts: dict[str, int] = {}
    for one in audit.releases:
        counts[one.verdict.value] = counts.get(one.verdict.value, 0) + 1
    words = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return f"{len(audit.releases)} release{'s' if len(audit.releases) != 1 else ''}: {words or 'none in scope'}"


def _release(one: ReleaseAudit, version: str) -> Iterator[str]:
    release = one.release
    yield f"{shown(release.tag)}  {iso_day(release.at)}  {one.verdict.value.upper()}"
    base = f"compared with {shown(release.base)}" if release.base else "no earlier release to compare with"
    yield f"  commit {release.commit[:_SHORT]}, {release.kind.value} tag{_tagger(one)}; {base}"
    if one.recorded is not None:
        rules = "" if one.recorded.rules_digest == rules_digest() else "; the rules have changed since"
        told = f"{shown(one.recorded.verdict)} ({shown(one.recorded.tool_version)})"
        yield f"  recorded: {told}; now: {one.verdict.value} ({version}){rules}"
    if one.requirements:
        yield "  Requirements"
        yield from (_requirement(answer) for answer in one.requirements)
    if one.signoffs:
        yield "  Sign-offs"
        for record in one.signoffs:
            yield from _signoff(record, release.tag)
    if one.witness:
        yield "  Git as witness"
        for word in one.witness:
            yield f"    {word.voice.value:<11}  {_cut(word.text)}: {shown(word.sentence)}"
    if one.findings:
        yield "  Findings"
        yield from _findings(one.findings)


def _tagger(one: ReleaseAudit) -> str:
    if one.release.tagger is None or one.tag_signing is None:
        return ""
    signing = one.tag_signing
    named = shown(one.release.tagger.name)
    if signing.worth is Worth.PERSONAL and signing.signer is not None:
        return f" signed by {shown(signing.signer.name)}"
    return f" by {named} (claimed; {signing.worth.value})"


def _requirement(answer: Answer) -> str:
    mark = ("met" if answer.applies else "n/a") if answer.met else "UNMET"
    return f"    {mark:<5}  {shown(answer.requirement.id)}: {shown(answer.reason)}"


def attributed(one: SignOff) -> str:
    """Who signed off, in words that never call unsigned what is not signed."""
    if one.name is None or (one.status in _STATUS_WORDS and one.status is not Status.LATE):
        return _STATUS_WORDS.get(one.status, "nobody can be named")
    words = "signed by" if one.assurance >= PERSONAL else "recorded as ticked by"
    claim = "" if one.assurance >= PERSONAL else " (claimed)"
    carried = ", carried over from an earlier release" if one.status is Status.CARRIED_OVER else ""
    late = "open at the tag; later " if one.status is Status.LATE else ""
    return f"{late}{words} {shown(one.name)}{claim}{carried}"


def _signoff(one: SignOff, tag: str) -> Iterator[str]:
    spot = one.act.spot
    for_what = f" [{shown(one.requirement.id)}]" if one.requirement else ""
    yield f"    {shown(one.role or 'attestation')} ({one.meaning.value}){for_what}: {attributed(one)}"
    more = f", last of {len(one.acts)} items" if len(one.acts) > 1 else ""
    yield f'      "{_cut(spot.item.text)}"  {shown(spot.sheet.path)}:{spot.item.line}{more}'
    if one.commit is None:
        return
    commit = one.commit
    committer = "" if commit.committer == commit.author else f", committed by {shown(commit.committer.name)}"
    worth = one.signing.worth.value if one.signing else "unsigned"
    yield (
        f"      {iso_time(commit.committed_at)}, {_lead(one)}; commit {commit.id[:_SHORT]} by "
        f"{shown(commit.author.name)} <{shown(commit.author.email)}>{committer}; signature: {worth}; "
        f"assurance {one.assurance} ({ASSURANCES[one.assurance]})"
    )
    if one.stamp is not None:
        signed = one.stamp.commit[:_SHORT]
        yield f"      there by {iso_time(one.stamp.at)}, when the platform signed {signed} on top of it"
    if one.event and one.event.new_text and one.event.new_text != spot.item.text:
        yield f'      ticked as "{_cut(one.event.new_text)}"'
    if one.act.text_now != spot.item.text:
        now = f'reads "{_cut(one.act.text_now)}"' if one.act.text_now is not None else "is gone"
        yield f"      its statement {now} now"
    for trailer in one.corroboration:
        yield f"      {trailer.kind}: {shown(trailer.person.name)}"
    yield from _after(one, commit, tag)


def _after(one: SignOff, commit: Commit, tag: str) -> Iterator[str]:
    """What came between the tick and the tag, and the command that shows it; paths are named while they are few."""
    if one.relation is not Relation.BEFORE_TAG:
        return
    if one.landed is None:
        yield "      what came between it and the tag was not looked at"
    elif one.landed.commits:
        commits, paths = _many(len(one.landed.commits), "commit"), _many(len(one.landed.paths), "path")
        named = one.landed.paths if len(one.landed.paths) <= _FEW else ()
        yield f"      {commits} and {paths} came after it: {diff_command(commit.id[:_SHORT], tag, named)}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _lead(one: SignOff) -> str:
    lead = one.lead_seconds or 0
    match one.relation:
        case Relation.IN_TAG_COMMIT:
            return "in the tagged commit"
        case Relation.BEFORE_TAG:
            return f"{spoken(lead)} before the tag" if lead >= 0 else "before the tag (its date says after)"
        case Relation.AFTER_TAG:
            return f"{spoken(-lead)} after the tag"
        case Relation.NOT_REACHABLE:
            return "on another branch than the tag"
        case Relation.UNKNOWN:
            return "it is unknown whether before the tag"


def _findings(findings: tuple[Judged, ...]) -> Iterator[str]:
    for one in sorted(findings, key=lambda judged: _WEIGHTS.index(judged.finding.severity)):
        place = one.finding.place
        where = f"  {shown(place.path)}:{place.line}" if place.path and place.line else ""
        yield f"    {one.finding.severity.value:<7}  {one.finding.code}  {shown(one.finding.message)}{where}"
        if one.granted is not None:
            yield f"             {_waived(one.granted)}"


def _waived(granted: Granted) -> str:
    when = ", granted after the release" if granted.after_release else ""
    return f"waived by {shown(granted.waiver.approved_by)}{when}: {shown(granted.waiver.reason)}"


def _cut(text: str) -> str:
    plain = shown(text)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"


def explanation(one: ReleaseAudit, answer: Answer) -> str:
    """Why one requirement holds, or does not, for one release."""
    requirement = answer.requirement
    match = ", ".join(
        f"{name} {value!r}"
        for name, value in (
            ("text", requirement.match.text),
            ("regex", requirement.match.regex),
            ("id", requirement.match.id),
            ("section", requirement.match.section),
            ("path", requirement.match.path),
        )
        if value is not None
    )
    verdict = ("holds" if answer.applies else "does not apply") if answer.met else "does not hold"
    lines = [
        f"{shown(requirement.id)} {verdict} for {shown(one.release.tag)}: {shown(answer.reason)}",
        f"  it looks for {shown(match)} in {', '.join(shown(path) for path in one.tagged.paths) or 'no checklist'}",
        f"  it asks for: {_asked(answer)}",
        f"  {len(answer.signoffs)} sign-off{'s' if len(answer.signoffs) != 1 else ''} matched",
    ]
    for record in answer.signoffs:
        lines += _signoff(record, one.release.tag)
    if answer.shortfalls:
        lines.append("  In its way")
    for shortfall in answer.shortfalls:
        about = f" ({shown(shortfall.signoff.act.spot.item.text[:80])})" if shortfall.signoff else ""
        lines.append(f"    {shortfall.code}  {shown(shortfall.sentence)}{about}")
        lines += [f"           {_waived(granted)}" for granted in _grants(one, requirement.id, shortfall)]
    if requirement.controls:
        lines.append(f"  controls: {', '.join(shown(control) for control in requirement.controls)}")
    return "\n".join(lines) + "\n"


def _grants(one: ReleaseAudit, requirement: str, shortfall: Shortfall) -> Iterator[Granted]:
    """The waivers of what stands in a requirement's way."""
    for judged in one.findings:
        found, signoff = judged.finding, shortfall.signoff
        is_same = (found.code, found.requirement) == (shortfall.code, requirement)
        if judged.granted and is_same and (signoff is None or found.place.line == signoff.act.spot.item.line):
            yield judged.granted


def _asked(answer: Answer) -> str:
    wanted = answer.requirement
    parts = [f"a tick {wanted.when.value.replace('-', ' ')}"]
    if wanted.role:
        parts.append(f"by {shown(wanted.role)}")
    if wanted.quorum:
        parts.append(f"by {wanted.quorum} people")
    if wanted.min_lead is not None:
        parts.append(f"at least {spoken(wanted.min_lead)} before")
    if wanted.max_age is not None:
        parts.append(f"at most {spoken(wanted.max_age)} old")
    parts.append(f"signature {wanted.signed.value}")
    if wanted.evidence:
        parts.append(f"with {', '.join(shown(glob) for glob in wanted.evidence)}")
    return ", ".join(parts)
