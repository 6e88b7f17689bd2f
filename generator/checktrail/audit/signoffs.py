"""Acts → sign-off records: in which role, meaning what, by whom, when, in which commit, and how certain that is. Pure.

A record is one item, or all items under a heading that names an office: the role has then signed when every required
one of them is ticked; the last of them dates it, and everyone who ticked is named. Policy requirements say which items
belong together for them, by a section or a path; items that no requirement matches make records of their own.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, NamedTuple

from checktrail.audit.acts import Act, Relation, Status, act_of, courses_of
from checktrail.audit.evidence import NOTHING_LANDED, Asked, Evidence, Landed, Proof, Sheet, Span, Spot, Tagged
from checktrail.audit.people import Identity, People, Trailer, trailers
from checktrail.audit.policy import Attribution, Match, Meaning, Policy, Requirement
from checktrail.audit.roles import meaning_of, role_of
from checktrail.audit.signing import NOT_SIGNED, Signing, Worth, signing
from checktrail.audit.stamps import Stamp, stamp
from checktrail.model import Checklist, Commit, Event
from checktrail.parse.sections import plain_heading

PERSONAL: Final = 3
TIMESTAMPED: Final = 4
_LONGEST = 2000
_AUTHOR: Final = Attribution.AUTHOR
_BY_THE_TAG = (Relation.BEFORE_TAG, Relation.IN_TAG_COMMIT)


class Group(NamedTuple):
    """The acts that make one sign-off, before anything about commits and keys is known."""

    requirement: Requirement | None
    role: str | None
    meaning: Meaning
    acts: tuple[Act, ...]

    @property
    def required(self) -> tuple[Act, ...]:
        """The acts that the sign-off waits for: the conditional ones too where there are no others."""
        return tuple(act for act in self.acts if act.status is not Status.NOT_REQUIRED)


class SignOff(NamedTuple):
    """One sign-off of one release.

    `people` are those whose act it counts as, in the order they ticked. `act` is the one that dates it: the last tick,
    or the first item that stands in its way. `at` and `lead_seconds` are of its commit's date, a claim. `signings` are
    aligned with the commits of `acts` that have an event. `landed` is what came between it and the tag. `stamp` is the
    time by a platform's clock of the tick that dates it, at assurance 4 alone.
    """

    requirement: Requirement | None
    role: str | None
    meaning: Meaning
    status: Status
    people: tuple[Identity, ...]
    act: Act
    acts: tuple[Act, ...]
    commit: Commit | None
    signing: Signing | None
    signings: tuple[tuple[str, Signing], ...]
    relation: Relation
    lead_seconds: int | None
    assurance: int
    landed: Landed | None
    corroboration: tuple[Trailer, ...]
    stamp: Stamp | None = None

    @property
    def event(self) -> Event | None:
        """The event that dates it."""
        return self.act.event

    @property
    def name(self) -> str | None:
        """The printed names of everyone whose act it counts as; None when nobody was seen to tick."""
        return ", ".join(person.name for person in self.people) or None

    @property
    def is_met(self) -> bool:
        """Whether somebody was seen to tick all of it by the tag, or nothing of it is required."""
        return self.status in (Status.RECORDED, Status.NOT_REQUIRED)


class _Together(NamedTuple):
    """The sign-off items of one text that make one record, counted from 0; their role and meaning by their words."""

    items: tuple[int, ...]
    role: str | None
    meaning: Meaning


def _unrequired(checklist: Checklist) -> tuple[_Together, ...]:
    """The items under a heading that names an office stand together; any other stands alone."""
    by_office: dict[int, list[int]] = {}
    for nth, item in enumerate(checklist.items):
        if item.signoff:
            has_office = checklist.sections[item.section].role is not None
            by_office.setdefault(item.section if has_office else -1 - item.line, []).append(nth)
    return tuple([_together(checklist, found) for found in by_office.values()])


def _together(checklist: Checklist, items: Sequence[int]) -> _Together:
    first = checklist.items[items[0]]
    section = checklist.sections[first.section]
    role = role_of(first.text) if len(items) == 1 else None
    return _Together(tuple(items), role or section.role, meaning_of(first.text, section.path))


_UNREQUIRED: Final = Asked(_unrequired)


def groups(evidence: Evidence, tagged: Tagged, policy: Policy | None) -> tuple[Group, ...]:
    """The sign-offs of a release as its tag's tree has them: those that requirements match, then the others."""
    scene = evidence.scenes[tagged.release.commit]
    courses = courses_of(evidence, tagged)
    # Two paths may share one parsed checklist, so an item is known by where it stands.
    acts: dict[tuple[str, int], Act] = {}
    found: list[Group] = []
    if policy is not None and policy.requirements:
        spots = list(scene.spots(tagged.paths))
        for requirement in policy.requirements:
            for together in _matching(requirement.match, spots, policy):
                for spot in together:
                    place = (spot.sheet.path, spot.item.line)
                    acts[place] = acts.get(place) or act_of(courses[spot.sheet.path], spot)
                mine = [acts[spot.sheet.path, spot.item.line] for spot in together]
                found.append(_required(requirement, policy, mine))
    unrequired = _UNREQUIRED.of(evidence)
    for path, course in courses.items():
        sheet = scene.sheets[path]
        for words in unrequired(sheet):
            free = _free(sheet, words, acts) if acts else words
            if free is not None:
                items, role, meaning = free
                found.append(Group(None, role, meaning, tuple([act_of(course, spot) for spot in sheet.spots(items)])))
    return tuple(found)


def _free(sheet: Sheet, words: _Together, taken: Container[tuple[str, int]]) -> _Together | None:
    """What is left of the items that make one record, where requirements took some by where they stand."""
    checklist = sheet.checklist
    left = [nth for nth in words.items if (sheet.path, checklist.items[nth].line) not in taken]
    if len(left) == len(words.items):
        return words
    return _together(checklist, left) if left else None


def _matching(match: Match, spots: Sequence[Spot], policy: Policy | None) -> Iterator[list[Spot]]:
    """The items a requirement means: each alone, or all of a file together when it names only a section or a path."""
    scope = policy.scope.checklists if policy else ()
    hits = [spot for spot in spots if (not scope or fits(spot.sheet.path, scope)) and _matches(match, spot)]
    if match.text is not None or match.regex is not None or match.id is not None:
        yield from ([spot] for spot in hits)
        return
    by_path: dict[str, list[Spot]] = {}
    for spot in hits:
        by_path.setdefault(spot.sheet.path, []).append(spot)
    yield from by_path.values()


def _matches(match: Match, spot: Spot) -> bool:
    return (
        says(match, spot.item.text, spot.section)
        and (match.id is None or match.id in (spot.item.id, spot.standing.item))
        and (match.path is None or fits(spot.sheet.path, (match.path,)))
        and (match.section is not None or match.text is not None or match.regex is not None or match.id is not None
             or spot.item.signoff)
    )  # fmt: skip


def says(match: Match, statement: str, section: tuple[str, ...]) -> bool:
    """Whether a statement and its headings are what a requirement looks for, as far as words go."""
    text = statement[:_LONGEST]
    return (
        (match.text is None or _plain(match.text) in _plain(text))
        and (match.regex is None or re.search(match.regex, text) is not None)
        and (match.section is None or _in_section(match.section, section))
    )


@lru_cache(maxsize=1 << 13)
def _plain(text: str) -> str:
    return " ".join(text.replace("*", "").replace("`", "").replace("_", " ").casefold().split())


def _in_section(wanted: str, section: tuple[str, ...]) -> bool:
    """Whether a heading is among these, given by its text or by a path of headings joined by " / "."""
    headings = [plain_heading(heading) for heading in section]
    path = " / ".join(headings)
    plain = plain_heading(wanted)
    return plain in headings or f" / {path} / ".find(f" / {plain} / ") >= 0


def fits(path: str, globs: Iterable[str]) -> bool:
    """Whether a path is what one of some globs means; `**/` stands for any folders, and for none."""
    return any(fnmatchcase(path, glob) or fnmatchcase(path, glob.removeprefix("**/")) for glob in globs)


def _required(requirement: Requirement, policy: Policy, acts: Sequence[Act]) -> Group:
    _, role, meaning = _together(acts[0].spot.sheet.checklist, [act.spot.nth for act in acts])
    held = policy.role(requirement.role)
    return Group(requirement, held.title if held else role, requirement.meaning or meaning, tuple(acts))


def signoffs(
    evidence: Evidence, tagged: Tagged, policy: Policy | None, grouped: Iterable[Group], proof: Proof
) -> tuple[SignOff, ...]:
    """The sign-off records of a release."""
    people = People(policy)
    return tuple([_signoff(evidence, tagged, people, group, proof) for group in grouped])


def _signoff(evidence: Evidence, tagged: Tagged, people: People, group: Group, proof: Proof) -> SignOff:
    requirement, role, meaning, acts = group
    status, act = _standing(evidence, group)
    event, relation = act.event, act.relation
    signings = _signings(tagged, people, acts, proof)
    ticks = _ticks(evidence, people, group, status, signings)
    assurance, stamps = _assured(evidence, tagged, people.policy, proof, ticks)
    persons = [person for _, _, person in ticks if person]
    named = tuple(persons if len(persons) < 2 else {one.key: one for one in persons}.values())  # noqa: PLR2004 - two
    if event is None:
        return SignOff(
            requirement, role, meaning, status, named, act, acts, None, None, tuple(signings.items()), relation,
            None, assurance, None, (),
        )  # fmt: skip
    commit = evidence.commits[event.commit]
    return SignOff(
        requirement, role, meaning, status, named, act, acts, commit, signings[event.commit], tuple(signings.items()),
        relation, tagged.release.at - commit.committed_at, assurance,
        _landed(proof, event.commit, tagged.release.commit) if relation in _BY_THE_TAG else None,
        trailers(commit.message),
        stamps.get(commit.id) if assurance == TIMESTAMPED else None,
    )  # fmt: skip


def _signings(tagged: Tagged, people: People, acts: Iterable[Act], proof: Proof) -> dict[str, Signing]:
    """What the signatures of the commits that ticked some items are worth, in the order of their names."""
    tag, at, found = tagged.release.commit, tagged.judged_at, proof.verifications
    commits = [act.event.commit for act in acts if act.event]
    ordered = commits if len(commits) < 2 else sorted(set(commits))  # noqa: PLR2004 - several
    return {commit: signing(found.get((commit, tag)), people, at) for commit in ordered}


def _landed(proof: Proof, commit: str, tag: str) -> Landed | None:
    """What came between a tick by the tag and the tag: nothing where the tick is in the tagged commit."""
    return NOTHING_LANDED if commit == tag else proof.landed.get(Span(commit, tag))


_IN_THE_WAY = (Status.OPEN, Status.LATE, Status.BORN_TICKED, Status.CARRIED_OVER)
_SEEN = (Status.RECORDED, Status.CARRIED_OVER)


def _standing(evidence: Evidence, group: Group) -> tuple[Status, Act]:
    """How a group stands and the act that says so: the first in the way, else the last tick."""
    first = group.acts[0]
    if len(group.acts) == 1:
        return first.status, first
    required = group.required
    if not required:
        return Status.NOT_REQUIRED, first
    if len(required) == 1:
        return required[0].status, required[0]
    for status in _IN_THE_WAY:
        held_up = [act for act in required if act.status is status]
        if held_up:
            return status, _last(evidence, held_up)
    last = _last(evidence, required)
    return last.status, last


def _last(evidence: Evidence, acts: Sequence[Act]) -> Act:
    """The act that no other descends from; among unrelated ones the one with the later claimed date."""
    best = acts[0]
    for act in acts[1:]:
        if act.event and best.event and act.event.commit != best.event.commit:
            one, other = best.event.commit, act.event.commit
            follows = evidence.trails.is_ancestor(one, other)
            unrelated = not follows and not evidence.trails.is_ancestor(other, one)
            is_later = evidence.commits[other].committed_at > evidence.commits[one].committed_at
            if follows or (unrelated and is_later):
                best = act
    return best


class _Tick(NamedTuple):
    """A ticking commit, what its signature is worth, and whose act it counts as; None when nobody can be named."""

    commit: Commit
    signing: Signing
    person: Identity | None


def _ticks(
    evidence: Evidence, people: People, group: Group, status: Status, signings: Mapping[str, Signing]
) -> list[_Tick]:
    """The ticks by which a sign-off stands as it does, in the order of their claimed times."""
    attribution = group.requirement.attribution if group.requirement else _AUTHOR
    alike = _SEEN if status in _SEEN else (status,)
    found = []
    for act in group.acts:
        event = act.event
        if event is not None and act.status in alike and act.withdrawn is None:
            commit, signed = evidence.commits[event.commit], signings[event.commit]
            found.append(_Tick(commit, signed, _person(commit, attribution, signed, people)))
    if len(found) > 1:
        found.sort(key=lambda tick: tick.commit.committed_at)
    return found


def _person(commit: Commit, attribution: Attribution, signed: Signing, people: People) -> Identity | None:
    if attribution is _AUTHOR:
        return people.of(commit.author)
    if attribution is Attribution.COMMITTER:
        return people.of(commit.committer)
    return signed.signer if signed.worth is Worth.PERSONAL else None


def _assured(
    evidence: Evidence, tagged: Tagged, policy: Policy | None, proof: Proof, ticks: Sequence[_Tick]
) -> tuple[int, Mapping[str, Stamp]]:
    """How certain it is that all of some ticks were made, and their stamps where every one of them has one."""
    least = _assurance(ticks[0]) if len(ticks) == 1 else min(map(_assurance, ticks), default=0)
    if least < PERSONAL:
        return least, {}
    stamps = {one.commit.id: stamp(evidence, tagged, policy, proof, one.commit) for one in ticks}
    found = {commit: one for commit, one in stamps.items() if one is not None}
    return (TIMESTAMPED, found) if len(found) == len(stamps) else (least, {})


def _assurance(tick: _Tick) -> int:
    """How certain it is that somebody ticked, whatever any clock says."""
    _, signed, person = tick
    if signed is NOT_SIGNED:
        return 1
    if signed.worth is Worth.PERSONAL and signed.signer and person and signed.signer.key == person.key:
        return PERSONAL
    return 2 if signed.is_proved and signed.worth is not Worth.BAD else 1
