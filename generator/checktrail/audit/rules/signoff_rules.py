"""SOxxx: what was signed off, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

from checktrail.audit.acts import Act, Status, events_after
from checktrail.audit.case import Case, Remark, Rule, Topic, at_signoff, for_candidate, on, title
from checktrail.audit.requirements import Shortfall
from checktrail.audit.roles import role_of
from checktrail.audit.rules.checklist_rules import became_of, checklist_deleted, checklist_renamed, removed_open
from checktrail.audit.signoffs import SignOff
from checktrail.audit.times import iso_day, seconds_of_day
from checktrail.binding import release_in
from checktrail.model import Change, Due, Place, Severity, State
from checktrail.parse.sections import plain_heading

_EVENTS: Final = frozenset((Topic.EVENTS,))
_SHORTFALLS: Final = frozenset((Topic.SHORTFALLS,))
_COMMON_TICKS: Final = frozenset((Topic.COMMON_TICKS,))
_DAY: Final = 86_400
_RECORDED: Final = Status.RECORDED
_FLIPS: Final = {Change.TICKED: True, Change.TICKED_BY_MERGE: True, Change.UNTICKED: False, Change.RESET: False}
_TICKED_AT_TAG: Final = (Status.RECORDED, Status.BORN_TICKED, Status.CARRIED_OVER)


def _unmet(case: Case, code: str) -> Iterator[Remark]:
    """What stands in a requirement's way under a code."""
    for answer in case.answers:
        for shortfall in answer.shortfalls:
            if shortfall.code == code:
                yield _shortfall(case, answer.requirement.id, shortfall)


def _shortfall(case: Case, requirement: str, shortfall: Shortfall) -> Remark:
    one = shortfall.signoff
    release = case.tagged.release
    place = at_signoff(case, one) if one else Place(commit=release.commit, release=release.tag)
    return Remark(
        f"{title(one) if one else requirement}: {shortfall.sentence}",
        place,
        requirement,
        shortfall.evidence,
        is_unmet=True,
        subjects=tuple(person.key for person in one.people) if one else (),
    )


def absent(case: Case) -> Iterator[Remark]:
    """SO201: a required sign-off, or a file it needs, is not there."""
    yield from _unmet(case, "SO201")


def open_signoff(case: Case) -> Iterator[Remark]:
    """SO202: a required sign-off was open in the tag's tree."""
    yield from _unmet(case, "SO202")


def no_quorum(case: Case) -> Iterator[Remark]:
    """SO203: fewer people than asked for signed off."""
    yield from _unmet(case, "SO203")


def ticked_late(case: Case) -> Iterator[Remark]:
    """SO204: a sign-off was ticked after the tag, or nearer to it than the policy lets it be."""
    yield from _unmet(case, "SO204")
    for one in case.signoffs:
        due = one.act.spot.phase.due
        if one.status is Status.LATE and due is Due.AT_TAG and not _is_answered(case, one):
            yield on(case, one, "SO204", "it was ticked only after the tag", severity=for_candidate(case))


def _is_answered(case: Case, one: SignOff) -> bool:
    """Whether a requirement has its own say on a sign-off: it stands in its way, or lets it be late."""
    return one.requirement is not None and (case.unmet("SO204", one) or any(
        answer.requirement is one.requirement and answer.met for answer in case.answers
    ))  # fmt: skip


def born_ticked(case: Case) -> Iterator[Remark]:
    """SO205: a sign-off was there ticked from the start."""
    for one in case.signoffs:
        if one.status is Status.BORN_TICKED:
            yield on(case, one, "SO205", "it was there ticked from the start, so nobody was seen to tick it")


def ticked_by_merge(case: Case) -> Iterator[Remark]:
    """SO206: a merge alone ticked a sign-off: no parent had the box ticked, or the tick had been taken back."""
    for one, act in case.eventful:
        if act.withdrawn is not None:
            words = f"{act.withdrawn.commit[:12]} took its tick back, and only a merge shows it again"
            yield on(case, one, "SO206", words, act.withdrawn.commit, act=act)
        if act.is_done and act.event and act.event.kind is Change.TICKED_BY_MERGE:
            yield on(
                case, one, "SO206", "the merge itself ticked it; no parent had it ticked", act.event.commit, act=act
            )


def dropped_by_merge(case: Case) -> Iterator[Remark]:
    """SO207: a merge dropped a tick that one of its parents had."""
    for one, act in case.eventful:
        drops = [event.commit for event in act.within if event.kind is Change.DROPPED_BY_MERGE]
        if drops and not act.spot.is_ticked:
            yield on(case, one, "SO207", f"the merge {drops[-1][:12]} dropped its tick", *drops, act=act)


def revoked(case: Case) -> Iterator[Remark]:
    """SO208: a sign-off was ticked at the tag and is open or gone by the close."""
    for one, act in _ticked_at_tag(case):
        path = act.spot.sheet.path
        if act.later is None and became_of(case, path) != "deleted":
            yield on(case, one, "SO208", "it was ticked at the tag and is gone since", *_after_tag(case, act), act=act)
        elif act.later is not None and act.later.item.state is State.OPEN:
            yield on(case, one, "SO208", "it was ticked at the tag and is open since", *_after_tag(case, act), act=act)


def _ticked_at_tag(case: Case) -> Iterator[tuple[SignOff, Act]]:
    """The ticked items of sign-offs, where the policy freezes checklists after the tag and its grace is over."""
    freeze = case.rules.freeze
    if not freeze.after_tag:
        return
    for one, act in case.eventful:
        if act.status in _TICKED_AT_TAG and act.spot.is_ticked and not _in_grace(case, act):
            yield one, act


def _in_grace(case: Case, act: Act) -> bool:
    """Whether all that happened to an item since the tag happened within the policy's grace."""
    grace = case.rules.freeze.grace
    commits = _after_tag(case, act) if grace else ()
    latest = max([case.evidence.commits[commit].committed_at for commit in commits], default=None)
    return latest is not None and latest <= case.tagged.release.at + grace


def _after_tag(case: Case, act: Act) -> tuple[str, ...]:
    """The commits between tag and close that did something to an item."""
    return tuple(dict.fromkeys(event.commit for event in events_after(case.evidence, case.tagged, act)))


def reworded(case: Case) -> Iterator[Remark]:
    """SO209: a statement is not the one that was ticked."""
    for one, act in case.eventful:
        if act.status not in _TICKED_AT_TAG or not act.spot.is_ticked:
            continue
        ticked, at_tag = act.event.new_text if act.event else None, act.spot.item.text
        later = act.later.item.text if act.later and act.later.is_ticked and not _in_grace(case, act) else None
        if ticked is not None and _differ(ticked, at_tag):
            yield on(case, one, "SO209", "it was reworded between its tick and the tag", ticked, at_tag, act=act)
        elif moved := _moved(case, one, act):
            yield on(case, one, "SO209", *moved, act=act)
        elif later is not None and case.rules.freeze.after_tag and _differ(later, at_tag):
            yield on(case, one, "SO209", "it was reworded after the tag", at_tag, later, act=act)


def _moved(case: Case, one: SignOff, act: Act) -> tuple[str, ...]:
    """In words what was put around a ticked statement that was not there at its tick, with both; mostly nothing."""
    event, spot = act.event, act.spot
    if event is None or (event.path == spot.sheet.path and event.section == spot.section):
        return ()
    before, after = " / ".join(event.section), " / ".join(spot.section)
    by_heading = role_of(event.new_text or "") is None or case.unmet("SO209", one)
    if by_heading and plain_heading(before) != plain_heading(after):
        return f"it was ticked under {before or 'no heading'}, and stands under {after or 'no heading'}", before, after
    released = release_in(event.path) if act.status is Status.RECORDED else None
    if released is not None and release_in(spot.sheet.path) not in {None, released}:
        return f"it was ticked in {event.path}, another release's checklist", event.path, spot.sheet.path
    return ()


def _differ(one: str, other: str) -> bool:
    """Whether two texts differ in more than white space."""
    return one != other and one.split() != other.split()


def flip_flop(case: Case) -> Iterator[Remark]:
    """SO214: a sign-off turned twice or more within one release."""
    for one, act in case.eventful:
        states = [(_FLIPS[event.kind], event.commit) for event in act.within if event.kind in _FLIPS]
        turns = [commit for (before, _), (after, commit) in pairwise(states) if before != after]
        if len(turns) > 1:
            yield on(case, one, "SO214", f"its box turned {len(turns)} times within the release", *turns, act=act)


def code_changed_since(case: Case) -> Iterator[Remark]:
    """SO215: other files than checklists and policy changed between a sign-off and the tag."""
    paper = case.evidence.checklist_paths
    for one in case.signoffs:
        landed = one.landed if one.status is _RECORDED else None
        if landed is None or paper.issuperset(landed.paths):
            continue
        paths = [path for path in landed.paths if path not in paper and not _is_paperwork(case, path)]
        if paths:
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            yield on(case, one, "SO215", f"{paths[0]}{more} changed between it and the tag", *paths[:20])


def _is_paperwork(case: Case, path: str) -> bool:
    """Whether a path that never was a checklist is one here, the policy or one of its trust files, or ours."""
    trust = {name for scene in (case.scene, case.base) if scene for name, _ in scene.trust}
    return (
        path in case.scene.sheets
        or path == case.evidence.policy_path
        or path in trust
        or path.startswith(".checktrail/")
    )


def roles_in_one_commit(case: Case) -> Iterator[Remark]:
    """SO216: one commit ticked several required roles."""
    for commit, together in commits_with_roles(case).items():
        first = together[0]
        roles = ", ".join(dict.fromkeys(title(one) for one in together))
        remark = on(case, first, "SO216", f"one commit ticked several roles: {roles}", commit)
        yield Remark(
            remark.message.removeprefix(f"{title(first)}: "),
            remark.place,
            remark.requirement,
            remark.evidence,
            subjects=tuple(one.requirement.id for one in together if one.requirement),
        )


@lru_cache(maxsize=2)
def commits_with_roles(case: Case) -> Mapping[str, list[SignOff]]:
    """The commits that ticked sign-offs of two and more required roles, with those sign-offs."""
    found: dict[str, dict[str, SignOff]] = {}
    for one, key in with_roles(case):
        for act in one.acts:
            if act.event is not None and act.is_done:
                found.setdefault(act.event.commit, {}).setdefault(key, one)
    return {commit: list(roles.values()) for commit, roles in found.items() if len(roles) > 1}


@lru_cache(maxsize=2)
def with_roles(case: Case) -> tuple[tuple[SignOff, str], ...]:
    """The sign-offs of required roles, each with its role's key."""
    return tuple([(one, key) for one in case.signoffs if (key := role_key(case, one)) is not None])


def role_key(case: Case, one: SignOff) -> str | None:
    """The required role that a sign-off is of: its requirement's, or without a policy the one its words name."""
    if one.requirement is not None:
        return one.requirement.role or one.requirement.id
    if case.policy is not None and case.policy.requirements:
        return None
    is_required = one.role and not all(act.spot.item.conditional for act in one.acts)
    return one.role.casefold() if one.role and is_required else None


def typed_otherwise(case: Case) -> Iterator[Remark]:
    """SO217: a name or date typed into the line is not the commit's."""
    for one, act in case.eventful:
        if act.event is None or not act.spot.is_ticked:
            continue
        item, commit = act.spot.item, act.event.commit
        if item.typed_names and not any(_is_named(case, name, commit) for name in item.typed_names):
            names, author = ", ".join(item.typed_names), case.evidence.commits[commit].author.name
            yield on(case, one, "SO217", f"the line names {names}; the commit is {author}'s", commit, act=act)
        if item.typed_dates and not any(_is_dated(case, written, commit) for written in item.typed_dates):
            dates = ", ".join(item.typed_dates)
            yield on(
                case, one, "SO217", f"the line says {dates}; the commit is of {_day(case, commit)}", commit, act=act
            )


def _is_named(case: Case, typed: str, commit_id: str) -> bool:
    """Whether a typed name or handle can mean the author, the committer or somebody the message names."""
    commit = case.evidence.commits[commit_id]
    wanted = _words(typed)
    for person in (commit.author, commit.committer):
        known = case.people.of(person)
        address = person.email.split("@", 1)[0]
        own = _words(person.name) | _words(known.name) | _words(address) | {known.key.casefold()}
        spelled = {"".join(_ordered(person.name)), "".join(_ordered(address))}
        if wanted <= own or "".join(_ordered(typed)) in spelled:
            return True
    return False


def _words(text: str) -> set[str]:
    return set(_ordered(text))


def _ordered(text: str) -> list[str]:
    return "".join(character if character.isalnum() else " " for character in text.casefold()).split()


def _day(case: Case, commit: str) -> str:
    return iso_day(case.evidence.commits[commit].committed_at)


def _is_dated(case: Case, written: str, commit: str) -> bool:
    """Whether a typed day is the commit's, give or take one for time zones."""
    day = seconds_of_day(written)
    known = case.evidence.commits[commit]
    times = (known.authored_at, known.committed_at)
    return day is None or any(day - _DAY <= at < day + 2 * _DAY for at in times)


def ticked_with_blanks(case: Case) -> Iterator[Remark]:
    """SO218: a sign-off was ticked with its blanks unfilled."""
    for one, act in case.eventful:
        if act.spot.is_ticked and act.spot.item.blanks:
            yield on(case, one, "SO218", "it was ticked with blanks left in its line", act=act)


def carried_over(case: Case) -> Iterator[Remark]:
    """SO219: a sign-off was ticked for an earlier release."""
    for one in case.signoffs:
        if one.status is Status.CARRIED_OVER:
            yield on(case, one, "SO219", "it was ticked for an earlier release and carried over")


def too_old(case: Case) -> Iterator[Remark]:
    """SO221: a sign-off was older at the tag than the policy lets it be."""
    yield from _unmet(case, "SO221")


RULES: Final = (
    Rule("SO201", "signoff-absent", Severity.ERROR, absent, _SHORTFALLS),
    Rule("SO202", "signoff-open", Severity.ERROR, open_signoff, _SHORTFALLS),
    Rule("SO203", "no-quorum", Severity.ERROR, no_quorum, _SHORTFALLS),
    Rule("SO204", "ticked-late", Severity.WARNING, ticked_late, _SHORTFALLS | _EVENTS),
    Rule("SO205", "born-ticked", Severity.WARNING, born_ticked, _EVENTS),
    Rule("SO206", "ticked-by-merge", Severity.WARNING, ticked_by_merge, _EVENTS),
    Rule("SO207", "dropped-by-merge", Severity.WARNING, dropped_by_merge, _EVENTS),
    Rule("SO208", "revoked-after-release", Severity.WARNING, revoked, _EVENTS),
    Rule("SO209", "statement-reworded", Severity.WARNING, reworded, _EVENTS),
    Rule("SO211", "open-item-removed", Severity.WARNING, removed_open),
    Rule("SO212", "checklist-renamed", Severity.WARNING, checklist_renamed),
    Rule("SO213", "checklist-deleted", Severity.WARNING, checklist_deleted),
    Rule("SO214", "flip-flop", Severity.WARNING, flip_flop, _EVENTS),
    Rule("SO215", "changed-after-signoff", Severity.WARNING, code_changed_since),
    Rule("SO216", "roles-in-one-commit", Severity.WARNING, roles_in_one_commit, _COMMON_TICKS),
    Rule("SO217", "typed-otherwise", Severity.WARNING, typed_otherwise, _EVENTS),
    Rule("SO218", "ticked-with-blanks", Severity.WARNING, ticked_with_blanks, _EVENTS),
    Rule("SO219", "carried-over", Severity.WARNING, carried_over, _EVENTS),
    Rule("SO221", "too-old", Severity.WARNING, too_old, _SHORTFALLS),
)
