"""Trails as JSON: `checktrail.log/1`, and the same for a terminal. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checktrail.exports.wire import document, moment, text
from checktrail.history import Standing, Trails, Unread
from checktrail.model import Checklist, Commit, Event, Item, State


@dataclass(frozen=True, slots=True)
class ItemTrail:
    """One item at a revision: what it says, where it stands, and what happened to it up to there."""

    path: str
    item: Item
    section: tuple[str, ...]
    standing: Standing
    events: tuple[Event, ...]


def item_trails(trails: Trails, commit: str, checklists: Mapping[str, Checklist]) -> tuple[ItemTrail, ...]:
    """Every item of some checklists at a commit, by path and then in document order."""
    sheets = trails.at(commit)
    return tuple(
        ItemTrail(path, item, checklist.section_of(item).path, standing, trails.events_of(standing, commit))
        for path, checklist in sorted(checklists.items())
        for item, standing in zip(checklist.items, sheets[path].items, strict=True)
    )


def log_document(
    trails: Trails,
    revision: str | None,
    items: Iterable[ItemTrail],
    events: Sequence[Event] | None,
    *,
    is_cut_off: bool = False,
) -> dict[str, Any]:
    """The document `checktrail.log/1`, to be put out in parts; top-level `events` only where they were asked for."""
    body: dict[str, Any] = {"revision": revision, "items": (_item(trails, one, revision) for one in items)}
    if events is not None:
        body["events"] = (
            _landed(trails, event, None if event.item is None else trails.name(event.item), revision)
            for event in events
        )
    body["unread"] = [_unread(one) for one in trails.unread]
    return document("log", body, is_cut_off=is_cut_off)


def shown_id(trail: ItemTrail) -> str:
    """What names an item: its explicit id, else its identity."""
    return trail.item.id or trail.standing.item


def _item(trails: Trails, trail: ItemTrail, revision: str | None) -> dict[str, Any]:
    standing, since = trail.standing, trail.standing.since
    name = shown_id(trail)
    return {
        "id": text(name),
        **_path("path", trail.path),
        "line": trail.item.line,
        "text": text(trail.item.text),
        "section": [text(heading) for heading in trail.section],
        "state": trail.item.state.value,
        "created": _act(trails.commits[standing.created]),
        "since": {
            "kind": since.kind.value,
            **_act(trails.commits[since.commit]),
            "confidence": round(since.confidence, 4),
            "reached": _reached(trails, since.commit, revision),
        },
        "derived_from": None if standing.derived_from is None else text(trails.name(standing.derived_from)),
        "events": [_landed(trails, event, name, revision) for event in trail.events],
    }


def _landed(trails: Trails, event: Event, name: str | None, revision: str | None) -> dict[str, Any]:
    return event_form(trails, event, name) | {"reached": _reached(trails, event.commit, revision)}


def _reached(trails: Trails, commit: str, revision: str | None) -> str | None:
    """The commit that brought another into the revision's own line; null where there is none."""
    return None if revision is None else trails.landing(commit, revision)


def _act(commit: Commit) -> dict[str, Any]:
    return {
        "commit": commit.id,
        "author": text(commit.author.name),
        "email": text(commit.author.email),
        "at": moment(commit.committed_at),
    }


def event_form(trails: Trails, event: Event, name: str | None) -> dict[str, Any]:
    """An event as it stands in every document; `name` is what people call its item by."""
    commit = trails.commits[event.commit]
    return {
        "kind": event.kind.value,
        "item": None if name is None else text(name),
        "commit": event.commit,
        "subject": text(commit.subject),
        "author": text(commit.author.name),
        "email": text(commit.author.email),
        "committer": text(commit.committer.name),
        "authored_at": moment(commit.authored_at),
        "committed_at": moment(commit.committed_at),
        **_path("path", event.path),
        **_path("old_path", event.old_path),
        "line": event.line,
        "section": [text(heading) for heading in event.section],
        "old_section": None if event.old_section is None else [text(heading) for heading in event.old_section],
        "old_state": _state(event.old_state),
        "new_state": _state(event.new_state),
        "old_text": None if event.old_text is None else text(event.old_text),
        "new_text": None if event.new_text is None else text(event.new_text),
        "confidence": round(event.confidence, 4),
    }


def _state(state: State | None) -> str | None:
    return None if state is None else state.value


def _unread(unread: Unread) -> dict[str, Any]:
    return {"commit": unread.commit, **_path("path", unread.path), "blob": unread.blob, "reason": unread.reason}


def _path(key: str, path: str | None) -> dict[str, str | None]:
    if path is None or text(path) == path:
        return {key: path}
    return {key: text(path), f"{key}_bytes": base64.b64encode(path.encode("utf-8", "surrogateescape")).decode("ascii")}
