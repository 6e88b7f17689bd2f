"""EVxxx: whether the evidence is whole. Codes EV001 to EV006 make a verdict indeterminate. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from checktrail.audit.case import Case, GeneralRule, Remark, Rule, Topic, on
from checktrail.audit.evidence import Evidence, entries_by_tag
from checktrail.audit.people import mapped
from checktrail.audit.signing import NOT_LOOKED_AT, Signing, Worth
from checktrail.history import Unread
from checktrail.model import OddityKind, Person, Place, Severity

_MOST_NAMED: Final = 20
_HIDDEN: Final = frozenset(
    {
        OddityKind.BOX_IN_CODE,
        OddityKind.BOX_IN_COMMENT,
        OddityKind.BOX_IN_HTML,
        OddityKind.BOX_IN_TABLE,
        OddityKind.BIDI_CONTROL,
        OddityKind.TOO_DEEP,
        OddityKind.TOO_LARGE,
    }
)


def shallow_clone(evidence: Evidence) -> Iterator[Remark]:
    """EV001: the clone's history is cut off."""
    if evidence.flags.is_shallow:
        yield Remark("the clone is shallow: earlier commits and tags are missing", Place())


def partial_clone(evidence: Evidence) -> Iterator[Remark]:
    """EV002: the clone asked for a part of the objects only."""
    if evidence.flags.is_partial:
        yield Remark("the clone is partial: objects may be missing, and none are fetched", Place())


def replaced_history(evidence: Evidence) -> Iterator[Remark]:
    """EV003: replace references or grafts show other tools another history."""
    if evidence.flags.has_replacements:
        yield Remark("replace references or grafts change the history that git shows; they are not followed", Place())


def tags_missing(evidence: Evidence) -> Iterator[Remark]:
    """EV004: no tag is a release, though a changelog names versions."""
    if not evidence.releases and evidence.changelog_versions:
        versions = evidence.changelog_versions
        named = ", ".join(versions[:3])
        yield Remark(f"no tag is a release, though the changelog names {named}: were tags fetched?", Place())


def unreadable_object(case: Case) -> Iterator[Remark]:
    """EV005: a sign-off's commit, the tag's object or the policy's file is not there, or is not what its name says."""
    release, found, lost = case.tagged.release, case.scene.policy, case.proof.lost
    if found is None and not lost:
        return
    place = Place(commit=release.commit, release=release.tag)
    if case.evidence.override is None and found is not None and found.is_lost:
        yield Remark(f"the policy in the tag's tree cannot be read: {found.fault}", place, evidence=(found.blob,))
    ticking = (commit for one in case.signoffs for commit, _ in one.signings)
    born = (act.born_in or "" for _, act in case.eventful)
    for identity in dict.fromkeys([release.tag_object or "", *ticking, *born]) if lost else ():
        if identity in lost:
            yield Remark(f"the object {identity} {lost[identity]}", place, evidence=(identity,))


def unread_checklist(case: Case) -> Iterator[Remark]:
    """EV005: a checklist could not be read within this release's range, or before it and stands so still."""
    for unread in case.evidence.trails.unread:
        if case.is_new(unread.commit) or _still_unread(case, unread):
            place = Place(path=unread.path, commit=unread.commit, release=case.tagged.release.tag)
            yield Remark(f"{unread.path} could not be read: {unread.reason}", place, evidence=(unread.blob,))


def _still_unread(case: Case, unread: Unread) -> bool:
    """Whether what stands at the tag is what was read last before something that could not be read."""
    trails, tag = case.evidence.trails, case.tagged.release.commit
    if not trails.is_ancestor(unread.commit, tag):
        return False
    then, now = (trails.at(commit).get(unread.path) for commit in (unread.commit, tag))
    return (then and then.blob) == (now and now.blob)


def verifier_missing(case: Case) -> Iterator[Remark]:
    """EV006: a signature could not be checked, or a trust file or the policy could not be read."""
    release, found = case.tagged.release, case.scene.policy
    faults, has_signatures = case.proof.faults.get(release.commit, ()), Topic.SIGNATURES in case.topics
    if found is None and not faults and not has_signatures:
        return
    place = Place(commit=release.commit, release=release.tag)
    for fault in faults:
        yield Remark(fault, place)
    if case.evidence.override is None and found is not None and found.policy is None and not found.is_lost:
        yield Remark(f"the policy in the tag's tree cannot be read: {found.fault}", place, evidence=(found.blob,))
    if case.tag_signing is not None and _is_open(case.tag_signing):
        yield Remark(f"the tag's signature could not be checked: {case.tag_signing.reason}", place)
    for one in case.signoffs if has_signatures else ():
        for commit, signed in one.signings:
            if _is_open(signed):
                yield on(case, one, "EV006", f"the commit's signature could not be checked: {signed.reason}", commit)


def _is_open(signed: Signing) -> bool:
    """Whether a signature is there and could not be checked; of an object that is not there, EV005 tells."""
    return signed.worth is Worth.UNCHECKED and signed is not NOT_LOOKED_AT


def history_rewritten(case: Case) -> Iterator[Remark]:
    """EV007: the ledger saw this tag at a commit that is no longer in the history."""
    release = case.tagged.release
    gone = {
        entry.commit
        for entry in entries_by_tag(case.evidence).get(release.tag, ())
        if entry.commit and entry.commit not in case.evidence.commits
    }
    for commit in sorted(gone):
        place = Place(commit=commit, release=release.tag)
        yield Remark(f"the ledger saw {release.tag} at {commit[:12]}, which is no longer in the history", place)


def mailmap_changes_signer(case: Case) -> Iterator[Remark]:
    """EV008: a mailmap makes somebody else of a signer."""
    if not case.scene.mailmap and not case.evidence.now.mailmap:
        return
    seen: set[tuple[str, Person]] = set()
    for one in case.signoffs:
        for act in one.acts:
            commit = case.evidence.commits[act.event.commit] if act.event else None
            for raw in (commit.author, commit.committer) if commit else ():
                other = _remapped(case, raw)
                if other is not None and (commit_id := commit.id if commit else "") and (commit_id, raw) not in seen:
                    seen.add((commit_id, raw))
                    yield on(
                        case, one, "EV008",
                        f"a mailmap shows {raw.name} <{raw.email}> as {other.name} <{other.email}>", commit_id,
                        severity=Severity.WARNING if case.demands_signatures else None,
                    )  # fmt: skip


def _remapped(case: Case, raw: Person) -> Person | None:
    """Whom a mailmap at the tag or at HEAD makes of somebody, when the policy takes the two for different people."""
    for mailmap in (case.scene.mailmap, case.evidence.now.mailmap):
        other = mapped(mailmap, raw)
        if other != raw and (case.policy is None or case.people.of(other).key != case.people.of(raw).key):
            return other
    return None


def hidden_box(case: Case) -> Iterator[Remark]:
    """EV009: the release's checklists hold something that looks like a box and counts as none; told once for a kind."""
    for path in case.tagged.paths:
        sheet = case.scene.sheets[path]
        seen: dict[str, list[tuple[int, str]]] = {}
        for line, detail in sheet.look_alikes:
            seen.setdefault("look-alike of a box", []).append((line, detail))
        for oddity in sheet.checklist.oddities:
            if oddity.kind in _HIDDEN:
                seen.setdefault(oddity.kind.value.replace("-", " "), []).append((oddity.line, oddity.detail))
        for words, places in seen.items():
            more = f", and {len(places) - 1} more" if len(places) > 1 else ""
            line, detail = places[0]
            message = f"{words}: {detail}{more}" if detail else f"{words}{more}"
            evidence = tuple(f"line {number}: {what}" for number, what in places[:_MOST_NAMED])
            yield Remark(message, Place(path=path, line=line, release=case.tagged.release.tag), evidence=evidence)


GENERAL: Final = (
    GeneralRule("EV001", "shallow-clone", Severity.WARNING, shallow_clone),
    GeneralRule("EV002", "partial-clone", Severity.WARNING, partial_clone),
    GeneralRule("EV003", "replaced-history", Severity.WARNING, replaced_history),
    GeneralRule("EV004", "tags-missing", Severity.WARNING, tags_missing),
)
RULES: Final = (
    Rule("EV005", "unreadable-object", Severity.WARNING, unreadable_object),
    Rule("EV005", "unreadable-object", Severity.WARNING, unread_checklist),
    Rule("EV006", "verifier-missing", Severity.WARNING, verifier_missing),
    Rule("EV007", "history-rewritten", Severity.ERROR, history_rewritten, frozenset((Topic.LEDGER,))),
    Rule("EV008", "mailmap-changes-signer", Severity.INFO, mailmap_changes_signer),
    Rule("EV009", "hidden-box", Severity.WARNING, hidden_box),
)
