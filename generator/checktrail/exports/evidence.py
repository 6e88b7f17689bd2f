"""What an evidence bundle shows, and which git objects show it: `checktrail.evidence/1`. Pure.

In: the record and its audit. Out: the bundle's index. It names tags with their commits, files with the trees they stand
in, the boxes of every sign-off at its tick, at the tag and now, and a chain of parents for everything that is said to
come before or after something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

from checktrail.audit.acts import Act, Relation
from checktrail.audit.evidence import Scene, Spot
from checktrail.errors import InvariantError
from checktrail.exports.provenance import FileInForce
from checktrail.exports.status import path_form
from checktrail.exports.wire import document, text
from checktrail.history import Trails
from checktrail.inquiry import Inquiry
from checktrail.model import Event
from checktrail.record import Record

_AT_TAG: Final = "checklist-at-tag"


class Shown(NamedTuple):
    """A file at a commit that a bundle shows, and what for."""

    use: str
    commit: str
    path: str
    blob: str


class Grounds(NamedTuple):
    """What a bundle over all releases rests on: the record, its audit, and the files in force at HEAD."""

    record: Record
    found: Inquiry
    files: tuple[FileInForce, ...]


def index_document(grounds: Grounds, run: dict[str, Any]) -> dict[str, Any]:
    """The index of a bundle over all releases; what grows with releases times checklists is made as it is asked for."""
    record, found = grounds.record, grounds.found
    return document(
        "evidence",
        {
            "run": run,
            "references": [
                {"tag": text(one.release.tag), "tag_object": one.release.tag_object, "commit": one.release.commit}
                for one in record.releases
            ],
            "files": (
                {"use": one.use, "commit": one.commit, **path_form(one.path), "blob": one.blob}
                for one in shown(grounds)
            ),
            "ticks": _ticks(found),
            "chains": (
                {"descendant": each[0], "ancestor": each[-1], "commits": each} for each in chains(record, found)
            ),
        },
    )


def shown(grounds: Grounds) -> Iterator[Shown]:
    """Every file that a bundle shows, each once."""
    record, found, files = grounds
    trees = {one.release.commit: one.checklists for one in record.releases}
    for commit, sheets in trees.items():
        yield from (Shown(_AT_TAG, commit, sheet.path, sheet.blob) for sheet in sheets)
    # Most files are those of the tags' trees, too many to remember each.
    tree = lru_cache(maxsize=1)(lambda commit: {(sheet.path, sheet.blob) for sheet in trees.get(commit, ())})
    told: set[Shown] = set()
    for one in chain(_of_releases(found), _of_head(record, files), _of_ticks(found)):
        if one not in told and not (one.use == _AT_TAG and (one.path, one.blob) in tree(one.commit)):
            told.add(one)
            yield one


def _of_releases(found: Inquiry) -> Iterator[Shown]:
    """Each release's own checklists at their close, and the policy and trust files of its tree and its base's."""
    evidence = found.evidence
    for one in evidence.releases:
        scene = evidence.scenes[one.release.commit]
        for path in one.paths:
            close = one.closes[path].commit
            sheet = evidence.scenes[close].sheets.get(path)
            if sheet is not None:
                yield Shown("checklist-at-close", close, path, sheet.blob)
        yield from _rules(found, scene)
        if one.base is not None:
            yield from _rules(found, evidence.scenes[one.base])


def _rules(found: Inquiry, scene: Scene) -> Iterator[Shown]:
    if scene.policy is not None:
        yield Shown("policy", scene.commit, found.evidence.policy_path, scene.policy.blob)
    for path, blob in scene.trust:
        if blob is not None:
            yield Shown("trust", scene.commit, path, blob)


def _of_head(record: Record, files: tuple[FileInForce, ...]) -> Iterator[Shown]:
    head = record.facts.head
    for file in files if head else ():
        yield Shown(file.use.value, str(head), file.path, file.id)


def _acts(found: Inquiry) -> Iterator[tuple[int, int, Act, bool]]:
    """Every act with its release's and its sign-off's number, and whether it dates the sign-off."""
    for number, release in enumerate(found.audit.releases):
        for k, one in enumerate(release.signoffs):
            for act in one.acts:
                yield number, k, act, act is one.act


def _ticks(found: Inquiry) -> Iterator[dict[str, Any]]:
    evidence = found.evidence
    for number, k, act, dates in _acts(found):
        now = evidence.now.spot_of(act.spot)
        tag = found.audit.releases[number].release.commit
        yield {
            "release": number,
            "signoff": k,
            "item": text(act.spot.name),
            "status": act.status.value,
            "dates": dates,
            "tick": _at_tick(act, evidence.trails) if act.event else None,
            "tag": _place(tag, act.spot),
            "now": _place(evidence.now.commit, now) if now else None,
        }


def _at_tick(act: Act, trails: Trails) -> dict[str, Any] | None:
    event = act.event
    if event is None:
        return None
    # One commit may tick and reword: its box then has the later event's words.
    events = trails.by_item.get(event.item or "", ())
    said = [one.new_text for one in events if one.commit == event.commit and one.new_text is not None]
    return {
        "commit": event.commit,
        **path_form(event.path),
        "blob": _blob(event, trails),
        "line": event.line,
        "text": text(said[-1] if said else event.new_text or ""),
    }


def _blob(event: Event, trails: Trails) -> str:
    return trails.at(event.commit)[event.path].blob


def _place(commit: str, spot: Spot) -> dict[str, Any]:
    return {
        "commit": commit,
        **path_form(spot.sheet.path),
        "blob": spot.sheet.blob,
        "line": spot.item.line,
        "text": text(spot.item.text),
    }


def _of_ticks(found: Inquiry) -> Iterator[Shown]:
    evidence = found.evidence
    for number, _, act, _ in _acts(found):
        tag = found.audit.releases[number].release.commit
        yield Shown(_AT_TAG, tag, act.spot.sheet.path, act.spot.sheet.blob)
        if act.event is not None:
            yield Shown("checklist-at-tick", act.event.commit, act.event.path, _blob(act.event, evidence.trails))
        now = evidence.now.spot_of(act.spot)
        if now is not None:
            yield Shown("checklist-now", evidence.now.commit, now.sheet.path, now.sheet.blob)


def chains(record: Record, found: Inquiry) -> Iterator[list[str]]:
    """For each tick told to lie before or after its tag, the commits from the later of them to the earlier."""
    asked: dict[tuple[str, str], None] = {}
    for number, _, act, _ in _acts(found):
        tag = found.audit.releases[number].release.commit
        if act.event is None:
            continue
        if act.relation is Relation.BEFORE_TAG:
            asked[tag, act.event.commit] = None
        elif act.relation is Relation.AFTER_TAG:
            asked[act.event.commit, tag] = None
    yield from (list(way(record, descendant, ancestor)) for descendant, ancestor in asked)


def way(record: Record, descendant: str, ancestor: str) -> Iterator[str]:
    """A way from a commit to its ancestor by parents, both ends included.

    Raises:
        InvariantError: it is no ancestor.
    """
    commit = descendant
    yield commit
    while commit != ancestor:
        parents = record.commits[commit].parents
        found = next((parent for parent in parents if record.trails.is_ancestor(ancestor, parent)), None)
        if found is None:
            raise InvariantError(f"{ancestor} is no ancestor of {descendant}")
        commit = found
        yield commit
