"""SO211 to SO213: what became of a release's checklists and of the open items in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from checktrail.audit.case import Case, Remark
from checktrail.audit.evidence import Evidence
from checktrail.model import Change, Due, Event, Place, Severity, State
from checktrail.parse.wording import wording


def removed_open(case: Case) -> Iterator[Remark]:
    """SO211: an open item was removed before the tag, so that the rest looks complete."""
    paths = set(case.tagged.paths)
    last = {event.item or "": event for event in _removals(case) if event.path in paths or event.old_path in paths}
    if not last:
        return
    here = {spot.standing.item for spot in case.scene.spots()}
    here |= {other for spot in case.scene.spots() for other in spot.standing.also}
    for item, event in last.items():
        if item not in here and _was_due(case, event):
            place = Place(path=event.old_path or event.path, line=event.line, commit=event.commit,
                          release=case.tagged.release.tag, item=item)  # fmt: skip
            yield Remark(f"removed while it was open: {(event.old_text or '')[:200]}", place)


def _removals(case: Case) -> Iterator[Event]:
    """The removals of open items between base and tag."""
    release, removals = case.tagged.release, _removals_by_commit(case.evidence)
    if removals.keys().isdisjoint(case.tagged.range):
        return
    for commit in (*reversed(release.new), *(also.commit for also in release.also_included)):
        yield from removals.get(commit, ())


@lru_cache(maxsize=2)
def _removals_by_commit(evidence: Evidence) -> Mapping[str, tuple[Event, ...]]:
    """Every removal of an open item in the repository, by its commit."""
    found: dict[str, list[Event]] = {}
    removed = Change.REMOVED
    for event in [event for event in evidence.trails.events if event.kind is removed]:
        if event.old_state is State.OPEN:
            found.setdefault(event.commit, []).append(event)
    return {commit: tuple(events) for commit, events in found.items()}


def _was_due(case: Case, event: Event) -> bool:
    """Whether a removed item was due at the tag, as far as its words and the sections left behind tell."""
    if wording(event.old_text or "").conditional:
        return False
    section = event.old_section or event.section
    for path in case.tagged.paths:
        for known in case.scene.sheets[path].checklist.sections:
            if known.path == section:
                return known.phase.due is Due.AT_TAG
    return True


def became_of(case: Case, path: str) -> str:
    """What became of a checklist by its close: `kept`, `deleted`, or the path it moved to."""
    close = case.evidence.scenes[case.tagged.closes[path].commit]
    if path in close.sheets:
        return "kept"
    new = [spot.sheet.path for here in case.scene.spots((path,)) if (spot := close.spot_of(here)) is not None]
    return max(sorted(set(new)), key=new.count) if new else "deleted"


def checklist_renamed(case: Case) -> Iterator[Remark]:
    """SO212: a release's checklist has another path since."""
    for path in case.tagged.paths:
        became = became_of(case, path)
        if became not in {"kept", "deleted"}:
            yield _of_path(case, path, f"{path} is {became} since the release")


def checklist_deleted(case: Case) -> Iterator[Remark]:
    """SO213: a release's checklist is gone since."""
    for path in case.tagged.paths:
        if became_of(case, path) == "deleted":
            yield _of_path(case, path, f"{path} was deleted after the release")


def _of_path(case: Case, path: str, message: str) -> Remark:
    place = Place(path=path, commit=case.tagged.release.commit, release=case.tagged.release.tag)
    if not case.rules.freeze.after_tag:
        return Remark(message, place, severity=Severity.INFO)
    return Remark(message, place)
