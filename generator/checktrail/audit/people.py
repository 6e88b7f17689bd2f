"""Who is who: the names and addresses that commits claim, as persons. Pure.

With a policy a person is who the policy says, under any of their addresses; without one, an address is a person.
Names are read raw: a mailmap can make anybody anybody, so what it would change is itself a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from checktrail.audit.policy import Policy, PolicyPerson
from checktrail.model import Person

_PLATFORM_ADDRESSES: Final = frozenset({"noreply@github.com", "noreply@gitlab.com", "noreply@bitbucket.org"})
_BOT: Final = re.compile(r"\[bot\]$|\[bot\]@", re.IGNORECASE)
_MAILMAP_LINE: Final = re.compile(r"^([^<>]*)<([^<>]*)>(?:([^<>]*)<([^<>]*)>)?\s*(?:#.*)?$")
_TRAILER: Final = re.compile(
    r"^(reviewed-by|approved-by|acked-by|co-authored-by)\s*:\s*([^<>]*)<([^<>]+)>\s*$", re.IGNORECASE
)


class Identity(NamedTuple):
    """A person: `key` is the policy's id for them, else their address in lower case; `person` what the policy says."""

    key: str
    name: str
    is_bot: bool
    person: PolicyPerson | None


@dataclass(frozen=True, slots=True)
class People:
    """Everybody a policy knows, by address; without a policy, nobody."""

    policy: Policy | None

    def of(self, claimed: Person) -> Identity:
        """Whose name and address these are."""
        if self.policy is None:
            return _unknown(claimed)
        email = claimed.email.strip().lower()
        for person in self.policy.people:
            if email and email in person.emails:
                return Identity(person.id, person.name, person.bot, person)
        return _unknown(claimed)

    def named(self, principal: str) -> Identity:
        """Whom a line of allowed signers means by a principal: an address or a policy's id."""
        known = self.policy.person(principal) if self.policy else None
        if known is not None:
            return Identity(known.id, known.name, known.bot, known)
        return self.of(Person(principal, principal))


@lru_cache(maxsize=1 << 13)
def _unknown(claimed: Person) -> Identity:
    """Who somebody is of whom no policy knows: the same few people in every release."""
    email = claimed.email.strip().lower()
    is_bot = bool(_BOT.search(claimed.name) or _BOT.search(email))
    return Identity(email or claimed.name.strip().lower(), claimed.name.strip() or email, is_bot, None)


def is_platform(claimed: Person) -> bool:
    """Whether a hosting platform, and no person, stands as the committer."""
    return claimed.email.strip().lower() in _PLATFORM_ADDRESSES


class Trailer(NamedTuple):
    """A line at a message's end by which somebody else is named: its kind in lower case, and whom it names."""

    kind: str
    person: Person


def trailers(message: str) -> tuple[Trailer, ...]:
    """The reviewers, approvers and co-authors that a message's last paragraph names."""
    if "<" not in message:
        return ()
    last = message.rstrip().rsplit("\n\n", 1)[-1]
    found = (_TRAILER.match(line.strip()) for line in last.split("\n"))
    return tuple(Trailer(match[1].lower(), Person(match[2].strip(), match[3].strip())) for match in found if match)


def mapped(mailmap: str, claimed: Person) -> Person:
    """Whom a mailmap makes of a claimed person. Source: gitmailmap(5).

    Lines for an address add to each other, later ones first; a line that names the person by name too beats them all.
    """
    if not mailmap:
        return claimed
    by_address = by_name = Person("", "")
    for line in mailmap.split("\n"):
        entry = _entry(line.strip())
        if entry is None or entry.old.email.lower() != claimed.email.lower():
            continue
        if not entry.old.name:
            by_address = Person(entry.new.name or by_address.name, entry.new.email or by_address.email)
        elif entry.old.name.lower() == claimed.name.lower():
            by_name = Person(entry.new.name or by_name.name, entry.new.email or by_name.email)
    found = by_name if any(by_name) else by_address
    return Person(found.name or claimed.name, found.email or claimed.email)


class _Mapping(NamedTuple):
    """One line of a mailmap: whom it makes of whom; what it does not say is empty."""

    new: Person
    old: Person


def _entry(line: str) -> _Mapping | None:
    match = _MAILMAP_LINE.match(line)
    if match is None or line.startswith("#"):
        return None
    name, email = match[1].strip(), match[2].strip()
    if match[4] is None:
        return _Mapping(Person(name, ""), Person("", email))
    return _Mapping(Person(name, email), Person((match[3] or "").strip(), match[4].strip()))
