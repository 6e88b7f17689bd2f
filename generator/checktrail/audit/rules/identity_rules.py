"""IDxxx: who signed, with whose key, in which roles. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from checktrail.audit.acts import Status
from checktrail.audit.case import Case, Remark, Rule, Topic, on, title
from checktrail.audit.people import Identity, is_platform, trailers
from checktrail.audit.policy import Rule as Separated
from checktrail.audit.policy import Separation, Signed
from checktrail.audit.requirements import WORTH_CODES
from checktrail.audit.rules.signoff_rules import commits_with_roles, role_key, with_roles
from checktrail.audit.signing import Worth
from checktrail.audit.signoffs import SignOff
from checktrail.model import Place, Severity

_WITH_REASON: Final = (Worth.UNTRUSTED, Worth.BAD, Worth.PLATFORM)
_SIGNATURES: Final = frozenset((Topic.SIGNATURES,))
_SHORTFALLS: Final = frozenset((Topic.SHORTFALLS,))
_COMMON_TICKS: Final = frozenset((Topic.COMMON_TICKS,))
_OF_ROLES: Final = (Separated.DISTINCT_PEOPLE, Separated.MAX_ROLES_PER_PERSON)
_ACTED: Final = (Status.RECORDED, Status.LATE, Status.CARRIED_OVER)


def _of_worth(case: Case, worth: Worth) -> Iterator[Remark]:
    """The sign-offs with a commit whose signature is worth just that."""
    code, sentence = WORTH_CODES[worth]
    for one in case.signoffs:
        for commit, signed in one.signings if one.status in _ACTED else ():
            if signed.worth is worth:
                why = f" ({signed.reason})" if signed.reason and worth in _WITH_REASON else ""
                yield on(case, one, code, f"{sentence}{why}", commit, severity=_preferred(one))


def _preferred(one: SignOff) -> Severity | None:
    """A signature that the policy prefers and does not get is a warning, whatever else it would be."""
    return Severity.WARNING if one.requirement is not None and one.requirement.signed is Signed.PREFERRED else None


def unsigned(case: Case) -> Iterator[Remark]:
    """ID301: a ticking commit is not signed."""
    yield from _of_worth(case, Worth.UNSIGNED)


def untrusted(case: Case) -> Iterator[Remark]:
    """ID302: a ticking commit, or the tag, is signed by a key that nobody vouches for."""
    yield from _of_worth(case, Worth.UNTRUSTED)
    yield from _of_tag(case, Worth.UNTRUSTED, "the tag is signed by a key that nobody vouches for")


def bad(case: Case) -> Iterator[Remark]:
    """ID303: a ticking commit's signature does not hold."""
    yield from _hard(case, Worth.BAD)


def out_of_validity(case: Case) -> Iterator[Remark]:
    """ID304: a key was not valid at the release's time."""
    yield from _hard(case, Worth.OUT_OF_VALIDITY)
    yield from _of_tag(case, Worth.OUT_OF_VALIDITY, "the tag is signed by a key that was not valid at its time")


def revoked_key(case: Case) -> Iterator[Remark]:
    """ID305: a key is revoked."""
    yield from _hard(case, Worth.REVOKED)
    yield from _of_tag(case, Worth.REVOKED, "the tag is signed by a revoked key")


def _hard(case: Case, worth: Worth) -> Iterator[Remark]:
    """As `_of_worth`, where a preference of the policy does not soften what is wrong in itself."""
    for remark in _of_worth(case, worth):
        yield remark._replace(severity=None)


def _of_tag(case: Case, worth: Worth, message: str) -> Iterator[Remark]:
    if case.tag_signing is not None and case.tag_signing.worth is worth:
        why = f" ({case.tag_signing.reason})" if case.tag_signing.reason and worth is Worth.UNTRUSTED else ""
        yield Remark(f"{message}{why}", Place(commit=case.tagged.release.commit, release=case.tagged.release.tag))


def other_signer(case: Case) -> Iterator[Remark]:
    """ID306: the key that signed is not the committer's, or the tagger's."""
    for one in case.signoffs:
        for commit_id, signed in one.signings if one.status in _ACTED else ():
            committer = case.evidence.commits[commit_id].committer
            if signed.signer is not None and signed.signer.key != case.people.of(committer).key:
                message = f"{signed.signer.name} signed a commit of {committer.name}"
                yield on(case, one, "ID306", message, commit_id)
    yield from _other_tagger(case)


def _other_tagger(case: Case) -> Iterator[Remark]:
    release, signed = case.tagged.release, case.tag_signing
    signer = signed.signer if signed is not None and signed.is_proved else None
    if signer is not None and (release.tagger is None or signer.key != case.people.of(release.tagger).key):
        named = release.tagger.name if release.tagger else "nobody"
        place = Place(commit=release.commit, release=release.tag)
        yield Remark(f"{signer.name} signed a tag of {named}", place, subjects=(signer.key,))


def platform_signed(case: Case) -> Iterator[Remark]:
    """ID307: only the hosting platform signed a ticking commit."""
    yield from _of_worth(case, Worth.PLATFORM)


def _of_people(case: Case, code: str) -> Iterator[Remark]:
    for answer in case.answers:
        for shortfall in answer.shortfalls:
            if shortfall.code == code and shortfall.signoff is not None:
                yield on(case, shortfall.signoff, code, shortfall.sentence)


def not_in_role(case: Case) -> Iterator[Remark]:
    """ID309: somebody signed in a role that is not theirs."""
    yield from _of_people(case, "ID309")


def not_at_that_time(case: Case) -> Iterator[Remark]:
    """ID310: somebody signed in a role that was not theirs at the time."""
    yield from _of_people(case, "ID310")


def bot(case: Case) -> Iterator[Remark]:
    """ID311: a bot signed off."""
    for one in case.signoffs:
        for person in one.people if one.status in _ACTED else ():
            if person.is_bot:
                yield on(case, one, "ID311", f"{person.name} is a bot")


def several_roles(case: Case) -> Iterator[Remark]:
    """ID312: one person signed off in several roles."""
    rules = [rule for rule in case.rules.separation if rule.rule in _OF_ROLES]
    if not rules:
        yield from _unasked(case)
    for rule in rules:
        limit = 1 if rule.rule is Separated.DISTINCT_PEOPLE else rule.limit
        for person, mine in _by_person(case, rule):
            roles = {role_key(case, one): one for one in mine}
            if len(roles) > limit:
                yield _together(case, person, list(roles.values()), rule)


def _unasked(case: Case) -> Iterator[Remark]:
    """Without a rule: who stands for several required roles, unless a squash leaves open who that was."""
    persons = [person.key for one in case.signoffs for person in one.people]
    if len(set(persons)) == len(persons):
        return
    squashed = {commit for commit, _ in _squashes(case)}
    held: dict[str, tuple[Identity, dict[str, SignOff]]] = {}
    for one, key in with_roles(case):
        for person in one.people if one.status is Status.RECORDED else ():
            if not squashed.intersection(commit for commit, _ in one.signings):
                held.setdefault(person.key, (person, {}))[1].setdefault(key, one)
    for person, roles in held.values():
        if len(roles) > 1:
            yield _together(case, person, list(roles.values()), None)


def _together(case: Case, person: Identity, mine: list[SignOff], rule: Separation | None) -> Remark:
    first = mine[0]
    remark = on(case, first, "ID312", "")
    roles = ", ".join(title(one) for one in mine)
    asked = f"; {rule.id} keeps them apart" if rule else ""
    return Remark(
        f"{person.name} signed off as {roles}{asked}",
        remark.place,
        remark.requirement,
        tuple(dict.fromkeys(one.commit.id for one in mine if one.commit)),
        is_unmet=rule is not None,
        subjects=(
            *((rule.id,) if rule else ()),
            person.key,
            person.name,
            *(one.requirement.id for one in mine if one.requirement),
        ),
    )


def _by_person(case: Case, rule: Separation) -> Iterable[tuple[Identity, list[SignOff]]]:
    """The sign-offs of a rule's requirements by everybody who had a hand in them: author, committer and signer."""
    found: dict[str, tuple[Identity, list[SignOff]]] = {}
    for one in case.signoffs:
        if one.requirement is None or one.requirement.id not in rule.requirements or one.status not in _ACTED:
            continue
        for person in hands(case, one):
            found.setdefault(person.key, (person, []))[1].append(one)
    return found.values()


def hands(case: Case, one: SignOff) -> tuple[Identity, ...]:
    """Author, committer and signer of a sign-off's commits; a platform is nobody."""
    found: dict[str, Identity] = {}
    for commit_id, signed in one.signings:
        commit = case.evidence.commits[commit_id]
        claimed = [commit.author, commit.committer]
        persons = [case.people.of(person) for person in claimed if not is_platform(person)]
        for person in (*persons, *((signed.signer,) if signed.signer else ())):
            found.setdefault(person.key, person)
    return tuple(found.values())


def self_approval(case: Case) -> Iterator[Remark]:
    """ID313: somebody signed off what they wrote or tagged, where the policy keeps that apart."""
    for rule in case.rules.separation:
        if rule.rule is Separated.NOT_TAGGER:
            apart = dict.fromkeys(taggers(case), "tagged the release")
        elif rule.rule is Separated.NOT_CONTRIBUTOR:
            apart = dict.fromkeys(contributors(case), "contributed to the release")
        else:
            continue
        for one in case.signoffs:
            if one.requirement is None or one.requirement.id not in rule.requirements or one.status not in _ACTED:
                continue
            for person in hands(case, one):
                if person.key in apart:
                    remark = on(
                        case, one, "ID313", f"{person.name} also {apart[person.key]}; {rule.id} keeps that apart"
                    )
                    yield remark._replace(is_unmet=True, subjects=(rule.id, *remark.subjects))


def taggers(case: Case) -> set[str]:
    """Who tagged the release: whom the tag names, and whose key signed it."""
    tagger, signed = case.tagged.release.tagger, case.tag_signing
    found = {case.people.of(tagger).key} if tagger else set()
    return found | {signed.signer.key} if signed is not None and signed.signer is not None else found


def contributors(case: Case) -> set[str]:
    """Who wrote a commit between base and tag that changed more than checklists, alone or with others."""
    paper = case.evidence.checklist_paths
    found: set[str] = set()
    for commit_id in case.tagged.range:
        commit = case.evidence.commits.get(commit_id)
        if commit is None or len(commit.parents) > 1:
            continue
        changed = case.proof.changed.get(commit_id)
        if changed is None or any(path not in paper for path in changed):
            others = (one.person for one in trailers(commit.message) if one.kind == "co-authored-by")
            found.update(case.people.of(person).key for person in (commit.author, *others))
    return found


def squash(case: Case) -> Iterator[Remark]:
    """ID314: a squash hides who ticked several roles."""
    for commit_id, together in _squashes(case):
        first = together[0]
        commit = case.evidence.commits[commit_id]
        others = [one.person.name for one in trailers(commit.message) if one.kind == "co-authored-by"]
        roles = ", ".join(dict.fromkeys(title(one) for one in together))
        why = f"with co-authors {', '.join(others)}" if others else "committed by the platform"
        yield Remark(
            f"a squash hides who ticked {roles}: one commit {why}", on(case, first, "ID314", "").place,
            first.requirement.id if first.requirement else None, (commit_id,),
        )  # fmt: skip


def _squashes(case: Case) -> Iterator[tuple[str, list[SignOff]]]:
    for commit_id, together in commits_with_roles(case).items():
        commit = case.evidence.commits[commit_id]
        author = case.people.of(commit.author).key
        co_authors = [
            one for one in trailers(commit.message)
            if one.kind == "co-authored-by" and case.people.of(one.person).key != author
        ]  # fmt: skip
        if len(commit.parents) == 1 and (co_authors or is_platform(commit.committer)):
            yield commit_id, together


RULES: Final = (
    Rule("ID301", "unsigned-commit", Severity.INFO, unsigned),
    Rule("ID302", "untrusted-key", Severity.INFO, untrusted, _SIGNATURES),
    Rule("ID303", "bad-signature", Severity.ERROR, bad, _SIGNATURES),
    Rule("ID304", "key-out-of-validity", Severity.WARNING, out_of_validity, _SIGNATURES),
    Rule("ID305", "revoked-key", Severity.ERROR, revoked_key, _SIGNATURES),
    Rule("ID306", "other-signer", Severity.WARNING, other_signer, _SIGNATURES),
    Rule("ID307", "platform-signed", Severity.INFO, platform_signed, _SIGNATURES),
    Rule("ID309", "not-in-role", Severity.WARNING, not_in_role, _SHORTFALLS),
    Rule("ID310", "not-at-that-time", Severity.WARNING, not_at_that_time, _SHORTFALLS),
    Rule("ID311", "bot", Severity.WARNING, bot),
    Rule("ID312", "several-roles", Severity.WARNING, several_roles),
    Rule("ID313", "self-approval", Severity.WARNING, self_approval),
    Rule("ID314", "squashed-signoffs", Severity.WARNING, squash, _COMMON_TICKS),
)
