"""What a repository asks of its releases: who may sign off what, when, and how. Pure.

All times are seconds since 1970 UTC; an end given as a bare date counts to the end of that day. Everything is judged at
the time of the release's tag. `reading.py` makes these values from YAML and is the only place that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from checktrail.model import Severity
from checktrail.signatures.verification import ALWAYS, Window

DAY: Final = 86_400
DEFAULT_SKEW: Final = 300
# The keys that GitHub signs with when somebody merges or edits in the browser.
# Source: https://github.com/web-flow.gpg
HOSTING_KEYS: Final = ("968479A1AFF927E37D1A566BB5690EEEBB952194", "5DE3E0509C47EA3CF04A42D34AEE18F83AFDEB23")


class Meaning(StrEnum):
    """What somebody takes upon them by a sign-off (21 CFR 11.50 asks for it in words)."""

    AUTHORSHIP = "authorship"
    REVIEW = "review"
    APPROVAL = "approval"
    RESPONSIBILITY = "responsibility"


class When(StrEnum):
    """When a sign-off must have happened."""

    BEFORE_TAG = "before-tag"
    BEFORE_TAG_COMMIT = "before-tag-commit"
    ANY = "any"


class Signed(StrEnum):
    """Whether the ticking commit must carry a signature of the person."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    NO = "no"


class Attribution(StrEnum):
    """Whose act a tick counts as."""

    AUTHOR = "author"
    COMMITTER = "committer"
    SIGNER = "signer"


class Rule(StrEnum):
    """What must be kept apart."""

    DISTINCT_PEOPLE = "distinct-people"
    NOT_CONTRIBUTOR = "not-contributor"
    NOT_TAGGER = "not-tagger"
    MAX_ROLES_PER_PERSON = "max-roles-per-person"


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is a person's: `fingerprint` for ssh and openpgp, `identity` and `issuer` for x509.

    `revoked` is the moment from which it no longer counts, 0 when it never does.
    """

    type: str
    fingerprint: str | None = None
    identity: str | None = None
    issuer: str | None = None
    term: Window = ALWAYS
    revoked: int | None = None


@dataclass(frozen=True, slots=True)
class PolicyPerson:
    """A person under their id, with all the addresses they commit under."""

    id: str
    name: str
    emails: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    active: Window = ALWAYS
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's time in a role."""

    person: str
    term: Window = ALWAYS
    deputy: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """An office and who holds it."""

    id: str
    title: str
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Which items a requirement means: all that are given must fit. `regex` is a source text that compiles."""

    text: str | None = None
    regex: str | None = None
    id: str | None = None
    section: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sign-off that a release needs. `min_lead` and `max_age` are seconds."""

    id: str
    match: Match
    meaning: Meaning | None = None
    role: str | None = None
    quorum: int | None = None
    when: When = When.BEFORE_TAG
    min_lead: int | None = None
    max_age: int | None = None
    signed: Signed = Signed.NO
    attribution: Attribution = Attribution.AUTHOR
    evidence: tuple[str, ...] = ()
    changed_paths: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Separation:
    """One separation of duties. `limit` is the most roles one person may hold, for that rule only."""

    id: str
    rule: Rule
    requirements: tuple[str, ...]
    limit: int = 1


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception that somebody has granted. Empty `releases` and `subject` mean every one."""

    code: str
    releases: tuple[str, ...]
    subject: str | None
    reason: str
    approved_by: str
    expires: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which releases and checklists the policy speaks of; empty is all. `exception` releases are emergencies."""

    tags: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    exception: tuple[str, ...] = ()
    checklists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignaturePolicy:
    """The trust files, whose key the platform's is, and how far clocks may differ, in seconds."""

    allowed_signers: str | None = None
    revocation_file: str | None = None
    platform_keys: tuple[str, ...] = HOSTING_KEYS
    max_clock_skew: int = DEFAULT_SKEW


@dataclass(frozen=True, slots=True)
class Freeze:
    """Whether a release's checklist may change after its tag, and for how many seconds that is still fine."""

    after_tag: bool = True
    grace: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that a policy file says."""

    effective_from: int | None = None
    scope: Scope = Scope()
    people: tuple[PolicyPerson, ...] = ()
    roles: tuple[Role, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    separation: tuple[Separation, ...] = ()
    signatures: SignaturePolicy = SignaturePolicy()
    freeze: Freeze = Freeze()
    severity: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    waivers: tuple[Waiver, ...] = ()

    def role(self, role_id: str | None) -> Role | None:
        """The role with an id, None when there is none."""
        return next((role for role in self.roles if role.id == role_id), None)

    def person(self, person_id: str | None) -> PolicyPerson | None:
        """The person with an id, None when there is none."""
        return next((person for person in self.people if person.id == person_id), None)


NO_POLICY: Final = Policy()
