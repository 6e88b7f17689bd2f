"""The whole record as JSON: `checktrail.record/1`. Pure.

In: a `Record` and how it was produced. Out: the document's outline, and its text piece by piece. All items of all tags'
trees at once would be more than memory holds: they are made as they are written. A checklist that many tags share is
made and written out once, then repeated, as long as it is remembered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from checktrail.closing import CloseReason
from checktrail.completion import Totals, totals
from checktrail.exports.notes import notes_form
from checktrail.exports.releases import release_form
from checktrail.exports.remembered import Remembered
from checktrail.exports.status import checklist_form, item_forms, path_form, totals_form
from checktrail.exports.wire import document, text
from checktrail.history import Standing, Trails
from checktrail.notes import Notes
from checktrail.record import Record, ReleaseRecord, Revision

# What ends a release's cycle, from what ends it first to what leaves it open.
_LATER = {reason: place for place, reason in enumerate((CloseReason.RESET, CloseReason.RELEASE, CloseReason.HEAD))}
_MOST_TEXT: Final = 48_000_000
"""Characters of encoded checklists to remember: a tree of a thousand checklists of a hundred items each."""


def record_outline(record: Record, run: dict[str, Any]) -> dict[str, Any]:
    """Every release with what it froze at its tag and at its close, what is unreleased, and the tags that are none.

    Of its checklists it tells what identifies them, and their counts; their items stand in the text of
    `encoded_record` alone.
    """
    known: dict[int, dict[str, Any]] = {}
    places = {commit: place for place, commit in enumerate(record.commits)}
    return document(
        "record",
        {
            "run": run,
            "releases": [
                {**_head(release, places), "checklists": [_outline(one, known) for one in release.checklists]}
                for release in record.releases
            ],
            "unreleased": list(record.membership.unreleased),
            "ignored_tags": [
                {"tag": text(ignored.tag), "reason": text(ignored.reason)} for ignored in record.membership.ignored
            ],
            "unread": [
                {"commit": one.commit, **path_form(one.path), "blob": one.blob, "reason": text(one.reason)}
                for one in record.trails.unread
            ],
        },
        is_cut_off=record.facts.is_shallow,
    )


def release_document(
    one: ReleaseRecord, notes: Notes | None, record: Record, places: Mapping[str, int]
) -> dict[str, Any]:
    """One release with what it froze, and its notes: `checktrail.release/1`.

    `places` are the commits' places in their order.
    """
    checklists = [_checklist(revision, record.trails) for revision in one.checklists]
    body = {
        "release": {**_head(one, places), "checklists": checklists},
        "notes": None if notes is None else notes_form(notes),
    }
    return document("release", body, is_cut_off=record.facts.is_shallow)


def encoded_record(outline: Mapping[str, Any], record: Record) -> Iterator[str]:
    """The whole document as JSON text, one checklist to a line, so that `grep` finds one; ASCII only."""
    known: Remembered[str] = Remembered(_MOST_TEXT, len)
    yield "{\n"
    for index, (key, value) in enumerate(outline.items()):
        yield (",\n" if index else "") + f"{_json(key)}: "
        if key != "releases":
            yield _json(value)
            continue
        for number, (own, form) in enumerate(zip(record.releases, value, strict=True)):
            yield ",\n" if number else "[\n"
            yield from _encoded_release(own, form, record.trails, known)
        yield "\n]" if value else "[]"
    yield "\n}\n"


def _encoded_release(
    own: ReleaseRecord, form: Mapping[str, Any], trails: Trails, known: Remembered[str]
) -> Iterator[str]:
    head = {key: value for key, value in form.items() if key != "checklists"}
    yield f'{_json(head)[:-1]}, "checklists": ['
    for index, revision in enumerate(own.checklists):
        yield ",\n" if index else "\n"
        yield known.get(id(revision), partial(_encoded, revision, trails))
    yield "]}"


def _encoded(revision: Revision, trails: Trails) -> str:
    return _json(_checklist(revision, trails))


def _outline(revision: Revision, known: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """A checklist by what identifies it, and its counts; the same for the same revision."""
    if id(revision) not in known:
        known[id(revision)] = {
            **path_form(revision.path),
            "title": text(revision.checklist.title),
            "binding": revision.bound.binding.value,
            "totals": totals_form(totals(revision.checklist)),
            "blob": revision.blob,
        }
    return known[id(revision)]


def _head(one: ReleaseRecord, places: Mapping[str, int]) -> dict[str, Any]:
    return {**release_form(one.release), "closed": closed_form(one, places)}


def closed_form(release: ReleaseRecord, places: Mapping[str, int]) -> dict[str, Any]:
    """When a release's cycle ended: with the last of its checklists, whose counts at their closes it adds up.

    `places` are the commits' places in their order.
    """
    closed = release.closed
    closes = (one.close for one in closed)
    last = max(closes, key=lambda close: (_LATER[close.reason], places[close.commit]), default=release.end)
    there = [totals(one.revision.checklist) for one in closed if one.revision is not None]
    return {
        "commit": last.commit,
        "reason": last.reason.value,
        "totals": _totals_at_close(sum(there, Totals())),
        "checklists": [
            {
                **path_form(one.path),
                "commit": one.close.commit,
                "reason": one.close.reason.value,
                "blob": one.revision.blob if one.revision else None,
                "totals": _totals_at_close(totals(one.revision.checklist)) if one.revision else None,
            }
            for one in closed
        ],
    }


def _totals_at_close(count: Totals) -> dict[str, int]:
    return {
        **totals_form(count),
        "required_at_close": count.required_at_close,
        "required_at_close_ticked": count.required_at_close_ticked,
    }


def _checklist(revision: Revision, trails: Trails) -> dict[str, Any]:
    form = checklist_form(revision.path, revision.checklist, revision.bound)
    return {
        **form,
        "blob": revision.blob,
        "binding_reason": text(revision.bound.reason),
        "items": _standing_items(form["items"], revision, trails),
    }


def standing_items(revision: Revision, trails: Trails) -> list[dict[str, Any]]:
    """The items of a checklist, each with who it is and what put it into its state."""
    return _standing_items(item_forms(revision.checklist), revision, trails)


def _standing_items(items: Iterable[dict[str, Any]], revision: Revision, trails: Trails) -> list[dict[str, Any]]:
    return [{**item, **_standing(standing, trails)} for item, standing in zip(items, revision.standings, strict=True)]


def _standing(standing: Standing, trails: Trails) -> dict[str, Any]:
    """Who an item is, and the event that put it into its state; `log` tells the rest of its trail."""
    since = standing.since
    return {
        "item": text(trails.name(standing.item)),
        "created": standing.created,
        "since": {"kind": since.kind.value, "commit": since.commit, "confidence": round(since.confidence, 4)},
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)
