"""Who did what: everybody who signed off or ticked, for readers of the house only. Pure.

Without a policy an address is a person; with one, a person is who HEAD's policy says, under any of their addresses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from checktrail.audit.acts import TICKS
from checktrail.audit.auditing import Audit
from checktrail.audit.evidence import Evidence
from checktrail.audit.people import Identity, People
from checktrail.audit.signoffs import SignOff
from checktrail.audit.verdict import head_policy
from checktrail.model import Person
from checktrail.site.views.marks import PEOPLE, STATUSES, Mark, audit_link, rule_link
from checktrail.site.views.shared import Link, Site, shown, when
from checktrail.site.views.signoff import ASSURANCES, role_of


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with what they did. `findings` are codes with how often, of commits that are theirs."""

    name: str
    addresses: tuple[str, ...]
    standing: str
    roles: tuple[str, ...]
    signoffs: int
    ticks: int
    last: Markup
    last_at: int
    findings: tuple[tuple[Link, int], ...]


@dataclass(frozen=True, slots=True)
class ActRow:
    """One sign-off of one person."""

    name: str
    role: str
    meaning: str
    release: Link
    mark: Mark
    when: Markup
    at: int
    assurance: int
    assured: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Everybody, by name, and every sign-off, the newest release first."""

    people: tuple[PersonRow, ...]
    acts: tuple[ActRow, ...]


class _Did(NamedTuple):
    """One thing that somebody did: a tick, a sign-off in a role, or a commit that a finding names by its code."""

    who: Identity
    email: str
    at: int | None = None
    role: str = ""
    code: str = ""


def people_page(site: Site, audit: Audit, evidence: Evidence) -> PeoplePage:
    """Everybody who ticked or signed off, and every sign-off that is somebody's."""
    people = People(head_policy(evidence))
    by_person: dict[str, list[_Did]] = {}
    for did in (*_ticks(people, evidence), *_signoffs(people, audit), *_findings(people, audit, evidence)):
        by_person.setdefault(did.who.key, []).append(did)
    rows = (_row(site, did) for did in by_person.values())
    return PeoplePage(
        people=tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.addresses))),
        acts=tuple(
            _act(site, release.release.tag, signoff, _known(people, identity))
            for release in reversed(audit.releases)
            for signoff in release.signoffs
            for identity in signoff.people
        ),
    )


def _ticks(people: People, evidence: Evidence) -> Iterator[_Did]:
    for event in evidence.trails.events:
        if event.kind in TICKS:
            commit = evidence.commits[event.commit]
            yield _Did(people.of(commit.author), commit.author.email, commit.committed_at)


def _signoffs(people: People, audit: Audit) -> Iterator[_Did]:
    for release in audit.releases:
        for signoff in release.signoffs:
            for identity in signoff.people:
                yield _Did(_known(people, identity), "", role=role_of(signoff))


def _findings(people: People, audit: Audit, evidence: Evidence) -> Iterator[_Did]:
    for release in audit.releases:
        for judged in release.findings:
            commit = evidence.commits.get(judged.finding.place.commit or "")
            if commit is not None:
                yield _Did(people.of(commit.author), commit.author.email, code=judged.finding.code)


def _known(people: People, identity: Identity) -> Identity:
    """A person as HEAD's policy knows them, whoever an earlier one said they were."""
    if identity.person is not None:
        return identity
    return people.of(Person(identity.name, identity.key if "@" in identity.key else ""))


def _row(site: Site, did: Sequence[_Did]) -> PersonRow:
    identity = did[0].who
    known = identity.person.emails if identity.person else ()
    used = (each.email.strip().lower() for each in did if each.email.strip())
    standing = "in the policy" if identity.person else "known by an address only"
    ticks = [each.at for each in did if each.at is not None]
    codes = Counter(each.code for each in did if each.code)
    roles = [each.role for each in did if each.role]
    return PersonRow(
        name=shown(identity.name) or "(no name)",
        addresses=tuple(shown(each) for each in dict.fromkeys((*known, *used))),
        standing=f"{standing}, a bot" if identity.is_bot else standing,
        roles=tuple(dict.fromkeys(roles)),
        signoffs=len(roles),
        ticks=len(ticks),
        last=when(max(ticks)) if ticks else Markup(),
        last_at=max(ticks, default=0),
        findings=tuple((rule_link(site, PEOPLE, code), times) for code, times in sorted(codes.items())),
    )


def _act(site: Site, tag: str, one: SignOff, identity: Identity) -> ActRow:
    at = one.commit.committed_at if one.commit else None
    return ActRow(
        name=shown(identity.name) or "(no name)",
        role=role_of(one),
        meaning=one.meaning.value,
        release=audit_link(site, PEOPLE, tag),
        mark=Mark(*STATUSES[one.status]),
        when=when(at) if at is not None else Markup(),
        at=at or 0,
        assurance=one.assurance,
        assured=ASSURANCES[one.assurance].partition(":")[0],
    )
