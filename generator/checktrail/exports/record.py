"""The whole record as JSON: `checktrail.record/1`. Pure.

In: a `Record` and how it was produced. Out: the document, and its text line by line. A checklist that many tags share
is made and written out once, then repeated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checktrail.closing import CloseReason
from checktrail.completion import Totals, totals
from checktrail.exports.notes import notes_form
from checktrail.exports.releases import release_form
from checktrail.exports.status import checklist_form, path_form, totals_form
from checktrail.exports.wire import document, text
from checktrail.history import Standing, Trails
from checktrail.notes import Notes
from checktrail.record import Record, ReleaseRecord, Revision

# What ends a release's cycle, from what ends it first to what leaves it open.
_LATER = {reason: place for place, reason in enumerate((CloseReason.RESET, CloseReason.RELEASE, CloseReason.HEAD))}


def record_document(record: Record, run: dict[str, Any]) -> dict[str, Any]:
    """Every release with what it froze at its tag and at its close, what is unreleased, and the tags that are none."""
    form = _memory(lambda revision: _checklist(revision, record.trails))
    places = {commit: place for place, commit in enumerate(record.commits)}
    return document(
        "record",
        {
            "run": run,
            "releases": [_release(release, form, places) for release in record.releases],
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
    release = _release(one, lambda revision: _checklist(revision, record.trails), places)
    body = {"release": release, "notes": None if notes is None else notes_form(notes)}
    return document("release", body, is_cut_off=record.facts.is_shallow)


def encoded_record(form: Mapping[str, Any]) -> Iterator[str]:
    """The document as JSON text, one checklist to a line, so that `grep` finds one; ASCII only."""
    known: dict[int, str] = {}
    yield "{\n"
    for index, (key, value) in enumerate(form.items()):
        yield (",\n" if index else "") + f"{_json(key)}: "
        if key != "releases":
            yield _json(value)
            continue
        for number, release in enumerate(value):
            yield (",\n" if number else "[\n") + _encoded_release(release, known)
        yield "\n]" if value else "[]"
    yield "\n}\n"


def _memory(make: Callable[[Revision], dict[str, Any]]) -> Callable[[Revision], dict[str, Any]]:
    """The same form for the same revision: many tags share one, and making it for each would be most of the work."""
    known: dict[int, dict[str, Any]] = {}

    def form(revision: Revision) -> dict[str, Any]:
        if id(revision) not in known:
            known[id(revision)] = make(revision)
        return known[id(revision)]

    return form


def _release(
    one: ReleaseRecord, form: Callable[[Revision], dict[str, Any]], places: Mapping[str, int]
) -> dict[str, Any]:
    return {
        **release_form(one.release),
        "closed": closed_form(one, places),
        "checklists": [form(revision) for revision in one.checklists],
    }


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
        "items": [
            {**item, **_standing(standing, trails)}
            for item, standing in zip(form["items"], revision.standings, strict=True)
        ],
    }


def _standing(standing: Standing, trails: Trails) -> dict[str, Any]:
    """Who an item is, and the event that put it into its state; `log` tells the rest of its trail."""
    since = standing.since
    return {
        "item": text(trails.name(standing.item)),
        "created": standing.created,
        "since": {"kind": since.kind.value, "commit": since.commit, "confidence": round(since.confidence, 4)},
    }


def _encoded_release(release: dict[str, Any], known: dict[int, str]) -> str:
    head = {key: value for key, value in release.items() if key != "checklists"}
    lines = []
    for checklist in release["checklists"]:
        if id(checklist) not in known:
            known[id(checklist)] = _json(checklist)
        lines.append(known[id(checklist)])
    body = ",\n".join(lines)
    return f'{_json(head)[:-1]}, "checklists": [{chr(10) if body else ""}{body}]}}'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)
