"""One release under audit, and what a rule says of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from checktrail.audit.acts import Act
from checktrail.audit.evidence import Evidence, Proof, Scene, Tagged
from checktrail.audit.people import People
from checktrail.audit.policy import NO_POLICY, Policy, Signed
from checktrail.audit.requirements import Answer
from checktrail.audit.signing import Signing
from checktrail.audit.signoffs import SignOff
from checktrail.model import Commit, Place, Severity


class Topic(StrEnum):
    """What a release may give a rule to speak of; most give little."""

    RELEASE = "release"
    SIGNATURES = "signatures"
    SHORTFALLS = "shortfalls"
    EVENTS = "events"
    LEDGER = "ledger"
    COMMON_TICKS = "common-ticks"


_SHORTFALLS: Final = Topic.SHORTFALLS


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A release with everything that is known of it. `policy` is the one in force at the tag, None when there is none.

    `tag_signing` is the worth of the tag's own signature, None for a lightweight tag. `eventful` are the sign-offs'
    items to which more happened than their tick, each with its sign-off. `ticking` is each ticking commit with the
    first sign-off it ticked. `topics` are what there is to speak of: `common-ticks` where a commit ticked several
    sign-offs, `ledger` where the ledger saw the tag.
    """

    evidence: Evidence
    tagged: Tagged
    policy: Policy | None
    people: People
    signoffs: tuple[SignOff, ...]
    answers: tuple[Answer, ...]
    tag_signing: Signing | None
    proof: Proof
    eventful: tuple[tuple[SignOff, Act], ...]
    ticking: tuple[tuple[SignOff, Commit], ...]
    topics: frozenset[Topic]

    @property
    def scene(self) -> Scene:
        """The tag's tree."""
        return self.evidence.scenes[self.tagged.release.commit]

    @property
    def base(self) -> Scene | None:
        """The base release's tree; None for a first release."""
        return self.evidence.scenes[self.tagged.base] if self.tagged.base else None

    @property
    def rules(self) -> Policy:
        """The policy in force, or one that asks for nothing."""
        return self.policy or NO_POLICY

    @property
    def demands_signatures(self) -> bool:
        """Whether the policy wants a sign-off signed by the person."""
        return any(requirement.signed is Signed.REQUIRED for requirement in self.rules.requirements)

    def is_new(self, commit: str) -> bool:
        """Whether a commit is among the tag's ancestors and not among its base's."""
        trails, tagged = self.evidence.trails, self.tagged
        is_old = tagged.base is not None and trails.is_ancestor(commit, tagged.base)
        return not is_old and trails.is_ancestor(commit, tagged.release.commit)

    def unmet(self, code: str, signoff: SignOff) -> bool:
        """Whether a requirement is unmet because of what a code stands for at a sign-off."""
        return _SHORTFALLS in self.topics and any(
            shortfall.code == code and shortfall.signoff is signoff
            for answer in self.answers
            for shortfall in answer.shortfalls
        )


class Remark(NamedTuple):
    """What a rule says of one place. `is_unmet`: a requirement or separation rule of the policy fails by it.

    `severity` is set where the rule's own does not hold here.
    """

    message: str
    place: Place
    requirement: str | None = None
    evidence: tuple[str, ...] = ()
    is_unmet: bool = False
    severity: Severity | None = None
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule about one release: a stable code, a readable name, how much it weighs, and the function that looks.

    `about`: it has nothing to say where a release gives none of these topics.
    """

    code: str
    name: str
    severity: Severity
    check: Callable[[Case], Iterator[Remark]]
    about: frozenset[Topic] = frozenset((Topic.RELEASE,))


@dataclass(frozen=True, slots=True)
class GeneralRule:
    """A rule about the repository as a whole; its remarks belong to no release that there is."""

    code: str
    name: str
    severity: Severity
    check: Callable[[Evidence], Iterator[Remark]]


def at_signoff(case: Case, one: SignOff, act: Act | None = None) -> Place:
    """Where a sign-off (or one item of it) stands in the tag's tree, with the commit that ticked it."""
    about = act or one.act
    spot, event = about.spot, about.event
    sheet, item, standing, _ = spot
    commit = event.commit if event else None
    return Place(sheet.path, item.line, None, commit, case.tagged.release.tag, item.id or standing.item)


def on(  # noqa: PLR0913 -- what is told, and the two things that are seldom otherwise
    case: Case,
    one: SignOff,
    code: str,
    message: str,
    *evidence: str,
    act: Act | None = None,
    severity: Severity | None = None,
) -> Remark:
    """A remark about a sign-off, which is an unmet requirement where this code stands in a requirement's way.

    `act` is the item it is about, where the sign-off has several; `severity` as in `Remark`.
    """
    about = f"{title(one)}, {act.spot.item.text[:80]!r}" if act is not None and len(one.acts) > 1 else title(one)
    return Remark(
        f"{about}: {message}",
        at_signoff(case, one, act),
        one.requirement.id if one.requirement else None,
        evidence,
        case.unmet(code, one),
        severity,
        tuple([person.key for person in one.people]),
    )


def for_candidate(case: Case) -> Severity | None:
    """How much it weighs in a candidate's audit that what can still be done before its release is not done yet."""
    return Severity.INFO if case.tagged.release.prerelease else None


def title(one: SignOff) -> str:
    """What a sign-off is called in a sentence: its role, else its words."""
    return one.role or one.act.spot.item.text[:80] or "a sign-off"
