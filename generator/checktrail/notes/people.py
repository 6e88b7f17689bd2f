"""Who worked on a release, by the mailmap, and for whom it was the first time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from checktrail.model import Commit, Person
from checktrail.notes.parts import Contributor
from checktrail.releases import Membership

_MAILMAP = re.compile(r"(?P<name>[^<#]*)<(?P<email>[^>]*)>(?:(?P<old_name>[^<#]*)<(?P<old_email>[^>]*)>)?")
# What may repeat is bounded or never given back, so that no line of a hostile message costs more than its length.
_CO_AUTHOR = re.compile(
    r"^co-authored-by:[ \t]*+(?P<name>[^<\n]{1,200}+)<(?P<email>[^>\n]{0,200}+)>", re.IGNORECASE | re.MULTILINE
)


class People:
    """The people of a history under its mailmap (gitmailmap(5)), and the release that first held work of each."""

    def __init__(self, mailmap: str, membership: Membership, commits: Mapping[str, Commit]) -> None:
        self._mapped = dict(_entries(mailmap))
        self._known: dict[Person, tuple[Person, ...]] = {}
        self._first: dict[str, str] = {}
        self._debuts: dict[Person, frozenset[str | None]] = {}
        for release in membership.releases:
            at_work = {self._workers(commits[commit]) for commit in release.new}
            for person in {person for people in at_work for person in people}:
                for key in _keys(person):
                    self._first.setdefault(key, release.tag)

    def contributors(self, own: Iterable[Commit], tags: frozenset[str]) -> tuple[Contributor, ...]:
        """Authors and co-authors of commits by name; first-timers are those whose first release is among `tags`.

        Merging is no authorship, and programs (`name[bot]`) are left out. A person counts as known by name or address.
        """
        people: dict[str, Contributor] = {}
        at_work = dict.fromkeys(map(self._workers, own))
        for person in dict.fromkeys(chain.from_iterable(at_work)):
            if person.name.endswith("[bot]") or not person.name:
                continue
            is_first = tags.issuperset(self._debut(person))
            key = person.name.casefold()
            before = people.get(key)
            if before is None:
                people[key] = Contributor(person.name, is_first)
            elif before.first_time and not is_first:
                people[key] = Contributor(before.name, first_time=False)
        return tuple(people[key] for key in sorted(people))

    def _debut(self, person: Person) -> frozenset[str | None]:
        """The releases that first held work under a person's name and address."""
        found = self._debuts.get(person)
        if found is None:
            found = self._debuts[person] = frozenset(self._first.get(key) for key in _keys(person))
        return found

    def _workers(self, commit: Commit) -> tuple[Person, ...]:
        """Who worked on a commit; nearly always one, and then it is the same tuple each time."""
        author = self._person(commit.author) if len(commit.parents) <= 1 else ()
        if "uthored-" not in commit.message and "UTHORED-" not in commit.message:
            return author
        co_authors = (Person(found["name"].strip(), found["email"]) for found in _CO_AUTHOR.finditer(commit.message))
        return tuple(chain(author, *map(self._person, co_authors)))

    def _person(self, claimed: Person) -> tuple[Person, ...]:
        """Who somebody is by the mailmap, alone."""
        known = self._known.get(claimed)
        if known is None:
            email = claimed.email.casefold()
            name, address = (
                self._mapped.get((claimed.name.casefold(), email)) or self._mapped.get((None, email)) or (None, None)
            )
            person = Person(" ".join((name or claimed.name).split()), address or claimed.email)
            known = self._known[claimed] = (person,)
        return known


def _keys(person: Person) -> Iterator[str]:
    yield f"name {person.name.casefold()}"
    if person.email:
        yield f"address {person.email.casefold()}"


def _entries(mailmap: str) -> Iterator[tuple[tuple[str | None, str], tuple[str | None, str | None]]]:
    """(old name or None, old address) to (name or None, address or None); the old ones in lower case."""
    for line in mailmap.split("\n"):  # where git ends a line, and nowhere else
        found = _MAILMAP.match(line.strip())
        if found is None or line.lstrip().startswith("#"):
            continue
        name = found["name"].strip() or None
        if found["old_email"] is None:
            yield (None, found["email"].strip().casefold()), (name, None)
        else:
            old = (found["old_name"] or "").strip().casefold() or None
            yield (old, found["old_email"].strip().casefold()), (name, found["email"].strip() or None)
