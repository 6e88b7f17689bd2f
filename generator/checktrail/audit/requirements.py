"""Whether each requirement of the policy holds for a release, and why or why not. Pure.

In: the sign-off records and the policy in force. Out: an answer per requirement. What stands in the way are
`Shortfall`s, each with the code of the finding that says so: an unmet requirement weighs as an error whichever code it
is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from checktrail.audit.acts import Relation, Status
from checktrail.audit.evidence import Evidence, Proof, Span, Tagged
from checktrail.audit.people import Identity
from checktrail.audit.policy import DAY, Policy, Requirement, Role, Signed, When
from checktrail.audit.signing import Signing, Worth
from checktrail.audit.signoffs import SignOff, fits, says
from checktrail.model import Change, State
from checktrail.parse.wording import wording


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One thing that a requirement lacks: the code that stands for it, a sentence, and the sign-off it is about."""

    code: str
    sentence: str
    signoff: SignOff | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one requirement holds for one release. `shortfalls` is empty when it is met or does not apply."""

    requirement: Requirement
    applies: bool
    met: bool
    reason: str
    signoffs: tuple[SignOff, ...]
    shortfalls: tuple[Shortfall, ...] = ()


_AFTER = (Relation.AFTER_TAG, Relation.NOT_REACHABLE)
WORTH_CODES = {
    Worth.UNSIGNED: ("ID301", "its commit is not signed"),
    Worth.UNCHECKED: ("EV006", "its commit's signature could not be checked"),
    Worth.UNTRUSTED: ("ID302", "its commit is signed by a key that nobody vouches for"),
    Worth.BAD: ("ID303", "its commit's signature is bad"),
    Worth.OUT_OF_VALIDITY: ("ID304", "its commit is signed by a key that was not valid at the release's time"),
    Worth.REVOKED: ("ID305", "its commit is signed by a revoked key"),
    Worth.PLATFORM: ("ID307", "only the platform signed its commit"),
}


def answers(
    evidence: Evidence, tagged: Tagged, policy: Policy | None, signoffs: Sequence[SignOff], proof: Proof
) -> tuple[Answer, ...]:
    """An answer per requirement, in the policy's order; none without a policy."""
    if policy is None:
        return ()
    return tuple(
        _answer(
            evidence,
            tagged,
            policy,
            requirement,
            tuple(one for one in signoffs if one.requirement is requirement),
            proof,
        )
        for requirement in policy.requirements
    )


def _answer(  # noqa: PLR0913, PLR0917 - the whole of what decides, and nothing that could be left out
    evidence: Evidence,
    tagged: Tagged,
    policy: Policy,
    requirement: Requirement,
    mine: tuple[SignOff, ...],
    proof: Proof,
) -> Answer:
    if not _applies(tagged, requirement, proof):
        paths = ", ".join(requirement.changed_paths)
        return Answer(requirement, applies=False, met=True, reason=f"nothing under {paths} changed", signoffs=mine)
    lacking = tuple(_missing_files(tagged, requirement, proof))
    if not mine:
        absent = Shortfall("SO201", "no item of the release's checklists matches it")
        return Answer(
            requirement, applies=True, met=False, reason=absent.sentence, signoffs=(), shortfalls=(absent, *lacking)
        )
    asked = [one for one in mine if one.status is not Status.NOT_REQUIRED or _is_struck(one) or _was_plain(one)]
    if not asked and not any(act.spot.item.conditional for one in mine for act in one.acts):
        asked = list(mine)  # all of it stands where nothing is ever due: the policy's word goes before a heading's
    if not asked:
        return Answer(
            requirement, applies=True, met=not lacking, reason="it is conditional and was not required",
            signoffs=mine, shortfalls=lacking,
        )  # fmt: skip
    faults = {id(one): tuple(_shortfalls(evidence, tagged, policy, requirement, one)) for one in asked}
    good = [one for one in asked if not faults[id(one)]]
    persons = {person.key: person for one in good for person in one.people}
    short = _lacking_people(requirement, asked, good, len(persons), faults)
    if not short and not lacking:
        praise = _praise(good, _names(policy, requirement, persons.values()))
        return Answer(requirement, applies=True, met=True, reason=praise, signoffs=mine)
    found = (*short, *lacking)
    reason = "; ".join(dict.fromkeys(shortfall.sentence for shortfall in found))
    return Answer(requirement, applies=True, met=False, reason=reason, signoffs=mine, shortfalls=found)


def _lacking_people(
    requirement: Requirement,
    asked: Sequence[SignOff],
    good: Sequence[SignOff],
    people: int,
    faults: Mapping[int, tuple[Shortfall, ...]],
) -> list[Shortfall]:
    """What is wrong with the sign-offs asked for, when too few of them are good; nothing when they are enough."""
    enough = requirement.quorum or 1
    if people >= enough and (requirement.quorum is not None or len(good) == len(asked)):
        return []
    short = [shortfall for one in asked for shortfall in faults[id(one)]]
    if people < enough and (requirement.quorum is not None or not short):
        short.append(Shortfall("SO203", f"{people} of {enough} people signed it off", asked[0]))
    return short


def _is_struck(one: SignOff) -> bool:
    """Whether a sign-off that the policy asks for was marked as not applicable, though its words leave no choice."""
    return any(act.spot.item.state is State.NOT_APPLICABLE and not act.spot.item.conditional for act in one.acts)


def _was_plain(one: SignOff) -> bool:
    """Whether an open item had no condition when the release began, and was given one on the way to its tag."""
    rewords = (event for act in one.acts for event in act.within if event.kind is Change.REWORDED)
    return any(
        event.old_text is not None and not wording(event.old_text).conditional
        for event in rewords
        if event.new_text is not None and wording(event.new_text).conditional
    )


def _applies(tagged: Tagged, requirement: Requirement, proof: Proof) -> bool:
    if not requirement.changed_paths or tagged.base is None:
        return True
    landed = proof.landed.get(Span(tagged.base, tagged.release.commit))
    # What is not known to be untouched counts as touched.
    return landed is None or any(fits(path, requirement.changed_paths) for path in landed.paths)


def _missing_files(tagged: Tagged, requirement: Requirement, proof: Proof) -> Iterator[Shortfall]:
    paths = proof.trees.get(tagged.release.commit, frozenset())
    for glob in requirement.evidence:
        wanted = glob.replace("{tag}", tagged.release.tag).replace("{version}", tagged.release.version)
        if not any(fits(path, (wanted,)) for path in paths):
            yield Shortfall("SO201", f"the evidence {wanted} is not in the tag's tree", None, (wanted,))


def _names(policy: Policy, requirement: Requirement, persons: Iterable[Identity]) -> str:
    """Who signed, with a word on those who hold the role only as a deputy."""
    role = policy.role(requirement.role)
    deputies = {member.person for member in role.members if member.deputy} if role else set()
    return ", ".join(f"{person.name}{' (deputy)' if person.key in deputies else ''}" for person in persons)


def _praise(good: Sequence[SignOff], names: str) -> str:
    if all(one.assurance >= 3 for one in good):  # noqa: PLR2004 - a personal signature
        return f"signed by {names}"
    return f"recorded as ticked by {names} (claimed)"


def _shortfalls(
    evidence: Evidence, tagged: Tagged, policy: Policy, requirement: Requirement, one: SignOff
) -> Iterator[Shortfall]:
    """What keeps one sign-off from counting for its requirement."""
    yield from _of_status(requirement, one)
    if one.commit is None:
        return
    yield from _of_words(requirement, one)
    yield from _of_time(evidence, requirement, one)
    yield from _of_role(tagged.judged_at, policy, requirement, one)
    if requirement.signed is Signed.REQUIRED:
        for commit, signed in one.signings:
            yield from _of_signature(evidence, one, commit, signed)


def _of_status(requirement: Requirement, one: SignOff) -> Iterator[Shortfall]:
    match one.status:
        case Status.NOT_REQUIRED if _was_plain(one):
            yield Shortfall("SO202", "it was open in the tag's tree, and its condition was added on the way to it", one)
        case Status.NOT_REQUIRED if not _is_struck(one):
            yield Shortfall("SO202", "it was open in the tag's tree, under a heading by which it is never due", one)
        case Status.NOT_REQUIRED:
            yield Shortfall("SO202", "it was marked as not applicable, and its words leave no choice", one)
        case Status.OPEN:
            yield Shortfall("SO202", "it was open in the tag's tree", one)
        case _ if one.relation in _AFTER and requirement.when is not When.ANY:
            yield Shortfall("SO202", "it was open in the tag's tree", one)
            yield Shortfall("SO204", "it was ticked only after the tag", one)
        case Status.BORN_TICKED:
            yield Shortfall("SO205", "it was there ticked from the start, so nobody was seen to tick it", one)
        case Status.CARRIED_OVER if requirement.max_age is None:
            yield Shortfall("SO219", "it was ticked for an earlier release and carried over", one)
        case _ if any(act.withdrawn for act in one.acts):
            yield Shortfall("SO206", "its tick had been taken back, and only a merge shows it again", one)
        case _ if not one.people and one.commit is not None:
            yield Shortfall("SO203", "nobody can be named for it as the policy wants it attributed", one)


def _of_words(requirement: Requirement, one: SignOff) -> Iterator[Shortfall]:
    """What was ticked must be what the requirement asks for: else somebody put other words under a tick."""
    for act in one.acts:
        event = act.event
        if event is not None and not says(requirement.match, event.new_text or "", event.section):
            yield Shortfall("SO209", "what was ticked were other words than those that the policy asks for", one)
            return


def _of_time(evidence: Evidence, requirement: Requirement, one: SignOff) -> Iterator[Shortfall]:
    latest, earliest = _leads(evidence, one)
    if requirement.when is When.BEFORE_TAG_COMMIT and any(act.relation is Relation.IN_TAG_COMMIT for act in one.acts):
        yield Shortfall("SO204", "it was ticked in the tagged commit itself, not before it", one)
    if requirement.min_lead is not None and latest < requirement.min_lead:
        yield Shortfall(
            "SO204", f"it was ticked {spoken(latest)} before the tag, not {spoken(requirement.min_lead)}", one
        )
    if requirement.max_age is not None and earliest > requirement.max_age:
        age = spoken(requirement.max_age)
        yield Shortfall("SO221", f"it was {spoken(earliest)} old at the tag, more than {age}", one)


def _leads(evidence: Evidence, one: SignOff) -> tuple[int, int]:
    """How long before the tag the last and the first of a sign-off's items were ticked, in claimed seconds."""
    tagged_at = (one.lead_seconds or 0) + (one.commit.committed_at if one.commit else 0)
    leads = [tagged_at - evidence.commits[commit].committed_at for commit, _ in one.signings]
    return min(leads, default=0), max(leads, default=0)


def spoken(seconds: int) -> str:
    """A length of time in its largest whole unit, as a person would say it."""
    size = abs(seconds)
    for unit, length in (("day", DAY), ("hour", 3600), ("minute", 60)):
        if size >= length:
            count = size // length
            return f"{'-' if seconds < 0 else ''}{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} second{'s' if size != 1 else ''}"


def _of_role(at: int, policy: Policy, requirement: Requirement, one: SignOff) -> Iterator[Shortfall]:
    role = policy.role(requirement.role)
    for person in one.people:
        fault = role_fault(role, person, at)
        if fault is not None:
            yield Shortfall(*fault, one)


def role_fault(role: Role | None, person: Identity, at: int) -> tuple[str, str] | None:
    """The code and sentence by which somebody may not sign in a role at a time; None when they may."""
    if person.is_bot:
        return "ID311", f"{person.name} is a bot"
    if person.person is not None and not person.person.active.holds(at):
        return "ID310", f"{person.name} was not active at the release's time"
    if role is None or not role.members:
        return None
    terms = [member.term for member in role.members if member.person == person.key]
    if not terms:
        return "ID309", f"{person.name} is not {role.title}"
    if not any(term.holds(at) for term in terms):
        return "ID310", f"{person.name} was not {role.title} at the release's time"
    return None


def _of_signature(evidence: Evidence, one: SignOff, commit: str, signed: Signing) -> Iterator[Shortfall]:
    if signed.worth in WORTH_CODES:
        code, sentence = WORTH_CODES[signed.worth]
        yield Shortfall(code, sentence, one, (commit,))
    elif signed.signer and signed.signer.key not in {person.key for person in one.people}:
        yield Shortfall("ID306", f"{signed.signer.name} signed a commit of {evidence.commits[commit].author.name}", one)
