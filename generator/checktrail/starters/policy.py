"""The sign-offs that history shows in, the draft of a policy that asks for the same out. Pure.

The draft is a person's to correct: it asks of the next release what the last ones had, and names as holders of a role
those who were seen to sign in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import yaml

_NO_WORD: Final = re.compile(r"[^a-z0-9]+")
_HEAD: Final = """\
# Who signs what before a release goes out. Drafted from the sign-offs that this repository's history shows:
# look at every name, then commit it. `checktrail audit` holds releases tagged from this day on against it.
"""


class Signer(NamedTuple):
    """Somebody who was seen to sign, as their commits claim."""

    name: str
    email: str


class Seen(NamedTuple):
    """A sign-off that a release had: the office, what it means, where it stands, and who signed.

    `section` is the heading that names the office; None where the item itself does, and `text` are its words.
    """

    role: str
    meaning: str
    section: str | None
    text: str
    signers: tuple[Signer, ...]


def policy_draft(seen: Sequence[Seen], *, effective_from: str) -> str | None:
    """The policy as YAML, oldest sign-offs first in `seen`; None where nobody was ever seen to sign in an office."""
    roles = _by_role(seen)
    if not roles:
        return None
    people = _people(signer for found in roles.values() for each in found for signer in each.signers)
    document: dict[str, Any] = {
        "version": 1,
        "effective_from": effective_from,
        "people": {
            person: {"name": holder.names[0], "emails": list(holder.emails)} for person, holder in people.items()
        },
        "roles": {
            key: {"title": found[-1].role, "members": [{"person": each} for each in _holders(found, people)]}
            for key, found in roles.items()
        },
        "requirements": [_requirement(key, found[-1]) for key, found in roles.items()],
    }
    return _HEAD + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _by_role(seen: Sequence[Seen]) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {}
    for each in seen:
        signers = tuple(Signer(signer.name.strip(), signer.email.strip()) for signer in each.signers)
        named = tuple(signer for signer in signers if signer.name)
        if named and _slug(each.role):
            found.setdefault(_slug(each.role), []).append(each._replace(signers=named))
    return found


def _requirement(role: str, newest: Seen) -> dict[str, Any]:
    """What the newest release had, asked for again."""
    match = {"section": newest.section} if newest.section is not None else {"text": newest.text}
    return {"id": role, "match": match, "meaning": newest.meaning, "role": role, "when": "before-tag"}


class Holder(NamedTuple):
    """One person of the draft, with every name and every address they signed under, the oldest first."""

    names: tuple[str, ...]
    emails: tuple[str, ...]

    def is_same(self, other: Holder) -> bool:
        """Whether two share a name or an address, which a policy can give to one person only."""
        return not {*self.names, *self.emails}.isdisjoint({*other.names, *other.emails})


def _people(signers: Iterable[Signer]) -> dict[str, Holder]:
    """Each person under an id; who shares a name or an address is one person."""
    holders: list[Holder] = []
    for signer in signers:
        one = Holder((signer.name,), (signer.email.lower(),) if signer.email else ())  # as a policy reads them
        same = [each for each in holders if each.is_same(one)]
        joined = _joined([*same, one])
        first = same[0] if same else None
        holders = [joined if each is first else each for each in holders if each is first or each not in same]
        if first is None:
            holders.append(joined)
    people: dict[str, Holder] = {}
    for holder in holders:
        people[_free(_slug(holder.names[0]) or "person", people)] = holder
    return people


def _joined(same: Sequence[Holder]) -> Holder:
    names = dict.fromkeys(name for each in same for name in each.names)
    emails = dict.fromkeys(email for each in same for email in each.emails)
    return Holder(tuple(names), tuple(emails))


def _holders(found: Sequence[Seen], people: dict[str, Holder]) -> list[str]:
    names = {signer.name for each in found for signer in each.signers}
    return [person for person, holder in people.items() if not names.isdisjoint(holder.names)]


def _free(wanted: str, taken: Iterable[str]) -> str:
    known = set(taken)
    numbered = (f"{wanted}-{number}" for number in range(2, len(known) + 3))
    return wanted if wanted not in known else next(name for name in numbered if name not in known)


def _slug(text: str) -> str:
    return _NO_WORD.sub("-", text.casefold()).strip("-")[:60]
