"""RLxxx: the tag itself, and what its tree holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Final

from checktrail.audit.case import Case, GeneralRule, Remark, Rule, Topic, for_candidate
from checktrail.audit.evidence import Asked, Evidence, LedgerEntry, PolicyFile, entries_by_tag
from checktrail.audit.policy import Policy
from checktrail.audit.policy import Rule as Separated
from checktrail.audit.signing import Worth
from checktrail.model import Checklist, Due, Item, Place, Severity, State, TagKind

_MOST_NAMED: Final = 20
_SIGNATURES: Final = frozenset((Topic.SIGNATURES,))
_LEDGER: Final = frozenset((Topic.LEDGER,))


def _tag_place(case: Case) -> Place:
    return Place(commit=case.tagged.release.commit, release=case.tagged.release.tag)


def lightweight_tag(case: Case) -> Iterator[Remark]:
    """RL101: the tag is a bare reference: nobody says who tagged, or when."""
    if case.tagged.release.kind is not TagKind.LIGHTWEIGHT:
        return
    words = "the tag is lightweight: it does not say who tagged, or when"
    apart = next((rule for rule in case.rules.separation if rule.rule is Separated.NOT_TAGGER), None)
    if apart is None:
        yield Remark(words, _tag_place(case), severity=_demanded(case))
    else:
        known = f"{words}, and {apart.id} keeps the tagger apart"
        yield Remark(known, _tag_place(case), is_unmet=True, subjects=(apart.id,))


def _demanded(case: Case) -> Severity | None:
    """What a missing signature weighs where the policy demands signatures of sign-offs; else the rule's own."""
    return Severity.WARNING if case.demands_signatures else None


def unsigned_tag(case: Case) -> Iterator[Remark]:
    """RL102: the tag object carries no signature."""
    if case.tag_signing is not None and case.tag_signing.worth is Worth.UNSIGNED:
        yield Remark("the tag is not signed", _tag_place(case), severity=_demanded(case))


def bad_tag_signature(case: Case) -> Iterator[Remark]:
    """RL103: the tag's signature does not hold, or was made for a tag of another name."""
    signed = case.tag_signing
    if signed is not None and signed.worth is Worth.BAD:
        yield Remark(f"the tag's signature is bad: {signed.reason}", _tag_place(case))
    elif signed is not None and signed.worth is not Worth.UNSIGNED and (name := _other_name(case)):
        yield Remark(f"the tag's signature was made for {name}, not for this tag", _tag_place(case), evidence=(name,))


def _other_name(case: Case) -> str | None:
    """The name that the tag's object carries when it is neither this release's nor that of an alias of it."""
    release = case.tagged.release
    name = case.proof.named.get(release.tag_object or "")
    return None if name is None or name == release.tag or name in release.aliases else name


def _seen(case: Case) -> tuple[LedgerEntry, ...]:
    return entries_by_tag(case.evidence).get(case.tagged.release.tag, ())


def tag_moved(case: Case) -> Iterator[Remark]:
    """RL104: the ledger saw the tag at another commit."""
    release = case.tagged.release
    for commit in dict.fromkeys(entry.commit for entry in _seen(case) if entry.commit):
        if commit != release.commit:
            message = f"the ledger saw {release.tag} at {commit[:12]}; it is at {release.commit[:12]} now"
            yield Remark(message, _tag_place(case), evidence=(commit,))


def tag_recreated(case: Case) -> Iterator[Remark]:
    """RL105: the ledger saw another tag object at the same commit, or the tagger's date precedes the commit's."""
    release = case.tagged.release
    for other in _other_objects(case) if case.topics >= _LEDGER else ():
        yield Remark(
            f"the ledger saw another tag object {other[:12]} at this commit", _tag_place(case), evidence=(other,)
        )
    name = _other_name(case)
    if name and (case.tag_signing is None or case.tag_signing.worth is Worth.UNSIGNED):
        yield Remark(f"the tag object says that it is {name}", _tag_place(case), evidence=(name,))
    committed = case.evidence.commits[release.commit].committed_at
    if release.at_basis == "tagger" and release.at < committed - case.rules.signatures.max_clock_skew:
        yield Remark("the tagger's date precedes the tagged commit's", _tag_place(case))


def _other_objects(case: Case) -> Iterable[str]:
    """What else the ledger saw this tag be at its commit."""
    release = case.tagged.release
    here = [entry.tag_object for entry in _seen(case) if entry.commit == release.commit]
    return dict.fromkeys([one or "a lightweight tag" for one in here if one != release.tag_object])


def no_checklist(case: Case) -> Iterator[Remark]:
    """RL107: no checklist speaks for the release."""
    if not case.tagged.paths:
        yield Remark("no checklist in the tag's tree speaks for this release", _tag_place(case))


def open_at_tag(case: Case) -> Iterator[Remark]:
    """RL108: items due at the tag were open in its tree."""
    tag, wanting = case.tagged.release.commit, _WANTING.of(case.evidence)
    for path in case.tagged.paths:
        items = wanting(case.scene.sheets[path]).get(Due.AT_TAG)
        if items:
            found = _open(case, Place(path=path, commit=tag), items, ("due at the tag", "in its tree"))
            yield found._replace(severity=for_candidate(case))


def open_at_close(case: Case) -> Iterator[Remark]:
    """RL113: items due when the release closes were open then."""
    wanting = _WANTING.of(case.evidence)
    for path in case.tagged.paths:
        close = case.tagged.closes[path].commit
        if close == case.tagged.release.commit and close != case.evidence.head:
            continue  # on a branch that HEAD knows nothing of, nobody can tell what was done after the tag
        sheet = case.evidence.scenes[close].sheets.get(path)
        items = wanting(sheet).get(Due.AT_CLOSE) if sheet else None
        if items:
            yield _open(case, Place(path=path, commit=close), items, ("due after the release", "when it closed"))


def _wanting(checklist: Checklist) -> dict[Due, list[Item]]:
    """The open items of a checklist, by when they are due."""
    found: dict[Due, list[Item]] = {}
    for item in checklist.items:
        if item.state is State.OPEN and not item.conditional:
            found.setdefault(checklist.phase_of(item).due, []).append(item)
    return found


_WANTING: Final = Asked(_wanting)


def _open(case: Case, place: Place, items: list[Item], words: tuple[str, str]) -> Remark:
    due, when = words
    texts = tuple(f"line {item.line}: {item.text[:200]}" for item in items[:_MOST_NAMED])
    were = f"{len(items)} items {due} were" if len(items) > 1 else f"1 item {due} was"
    whole = place._replace(line=items[0].line, release=case.tagged.release.tag)
    return Remark(f"{were} open {when}", whole, evidence=texts)


def tag_deleted(evidence: Evidence) -> Iterator[Remark]:
    """RL109: the ledger saw a tag that is gone."""
    names = {tag.name for tag in evidence.tags}
    last = {entry.tag: entry for entry in evidence.ledger.seen if entry.tag not in names}
    for name, entry in sorted(last.items()):
        place = Place(commit=entry.commit, release=name)
        yield Remark(f"the ledger saw the tag {name} on {entry.first_seen[:10]}, and it is gone", place)


def deleted_and_rewritten(evidence: Evidence) -> Iterator[Remark]:
    """EV007: the ledger saw a tag, gone now, at a commit that is no longer in the history."""
    names = {tag.name for tag in evidence.tags}
    for entry in evidence.ledger.seen:
        if entry.tag not in names and entry.commit and entry.commit not in evidence.commits:
            place = Place(commit=entry.commit, release=entry.tag)
            yield Remark(f"the ledger saw {entry.tag} at {entry.commit[:12]}, which is no longer in the history", place)


def rewritten_branch(evidence: Evidence) -> Iterator[Remark]:
    """EV007: the branch on which the ledger was written no longer holds the commit that was its tip then."""
    entry = lost_head(evidence)
    if entry is not None and entry.head is not None:
        place = Place(commit=entry.head)
        yield Remark(f"the ledger saw {entry.tag} on a branch at {entry.head[:12]}, which no branch holds now", place)


def lost_head(evidence: Evidence) -> LedgerEntry | None:
    """The last entry that knows its branch's tip, when no branch holds that any more; None when history only grew."""
    last = next((entry for entry in reversed(evidence.ledger.entries) if entry.head is not None), None)
    if last is None or last.head is None:
        return None
    return None if any(_holds(evidence, last.head, tip) for tip in evidence.tips) else last


def _holds(evidence: Evidence, commit: str, tip: str) -> bool:
    return commit in evidence.commits and evidence.trails.is_ancestor(commit, tip)


def broken_ledger(evidence: Evidence) -> Iterator[Remark]:
    """EV007: the ledger's own chain is broken, so what it says of the past cannot be relied on."""
    for fault in evidence.ledger.faults:
        yield Remark(f"the ledger's chain is broken: {fault}", Place())


def rewritten_ledger(evidence: Evidence) -> Iterator[Remark]:
    """EV007: the ledger no longer tells what it told at an earlier commit; its chain was written anew."""
    lost = evidence.ledger.lost
    if lost:
        tags = tuple(dict.fromkeys(entry.tag for entry in lost))
        named = ", ".join(tags[:_MOST_NAMED]) + (" and others" if len(tags) > _MOST_NAMED else "")
        yield Remark(f"the ledger no longer tells what an earlier commit of it told of {named}", Place(), evidence=tags)


def policy_changed(case: Case) -> Iterator[Remark]:
    """RL110: the policy, its roles or its keys changed between base and tag."""
    before, after = case.base, case.scene
    if before is None or case.evidence.override is not None or (before.policy is after.policy is None):
        return
    changed = _policy_parts(before.policy, after.policy)
    trust = sorted({path for path, _ in set(before.trust) ^ set(after.trust)})
    parts = (*changed, *trust)
    if parts:
        base = case.tagged.release.base
        yield Remark(f"changed since {base}: {', '.join(parts)}", _tag_place(case), evidence=parts)


def _policy_parts(before: PolicyFile | None, after: PolicyFile | None) -> tuple[str, ...]:
    if before == after or (before and after and before.blob == after.blob):
        return ()
    if before is None or after is None:
        return ("the policy was added",) if before is None else ("the policy was removed",)
    if before.policy is None or after.policy is None:
        return ("the policy",)
    return _differing(before.policy, after.policy)


def _differing(before: Policy, after: Policy) -> tuple[str, ...]:
    names = (field.name for field in fields(Policy))
    return tuple(name.replace("_", " ") for name in names if getattr(before, name) != getattr(after, name))


GENERAL: Final = (
    GeneralRule("EV007", "history-rewritten", Severity.ERROR, broken_ledger),
    GeneralRule("EV007", "history-rewritten", Severity.ERROR, rewritten_ledger),
    GeneralRule("EV007", "history-rewritten", Severity.ERROR, rewritten_branch),
    GeneralRule("EV007", "history-rewritten", Severity.ERROR, deleted_and_rewritten),
    GeneralRule("RL109", "tag-deleted", Severity.ERROR, tag_deleted),
)
RULES: Final = (
    Rule("RL101", "lightweight-tag", Severity.INFO, lightweight_tag),
    Rule("RL102", "unsigned-tag", Severity.INFO, unsigned_tag),
    Rule("RL103", "bad-tag-signature", Severity.ERROR, bad_tag_signature, _SIGNATURES),
    Rule("RL104", "tag-moved", Severity.ERROR, tag_moved, _LEDGER),
    Rule("RL105", "tag-recreated", Severity.WARNING, tag_recreated),
    Rule("RL107", "no-checklist", Severity.WARNING, no_checklist),
    Rule("RL108", "open-at-tag", Severity.WARNING, open_at_tag),
    Rule("RL110", "policy-changed", Severity.WARNING, policy_changed),
    Rule("RL113", "open-at-close", Severity.WARNING, open_at_close),
)
