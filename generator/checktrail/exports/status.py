"""Checklists as they stand, as `checktrail.status/1`. Pure.

The forms of totals, sections and items are those of every document that shows a checklist.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from checktrail.completion import declared, own_totals, rolled_up, totals, uncovered
from checktrail.exports.wire import document, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from checktrail.binding import Bound
    from checktrail.completion import DeclaredCount, Totals
    from checktrail.model import Checklist
    from checktrail.record import Revision


def status_document(revisions: Sequence[Revision]) -> dict[str, Any]:
    """The checklists in the order given, each whole."""
    forms = [checklist_form(revision.path, revision.checklist, revision.bound) for revision in revisions]
    return document("status", {"checklists": forms})


def encoded_status(checklists: Iterable[str]) -> Iterator[str]:
    """The document as JSON text, one encoded checklist to a line: a thousand of them need no gigabyte in all."""
    opening = json.dumps(document("status", {"checklists": []}), ensure_ascii=True)
    yield opening.removesuffix("]}")
    for index, line in enumerate(checklists):
        yield (",\n" if index else "\n") + line
    yield "\n]}\n"


def encoded_checklist(path: str, checklist: Checklist, bound: Bound) -> str:
    """One checklist as JSON text in one line, so that `grep` finds it."""
    return json.dumps(checklist_form(path, checklist, bound), ensure_ascii=True)


def checklist_form(path: str, checklist: Checklist, bound: Bound) -> dict[str, Any]:
    """One checklist with its counts, sections, items and declared counts."""
    return {
        **path_form(path),
        "title": text(checklist.title),
        "release": None if bound.release is None else text(bound.release),
        "binding": bound.binding.value,
        "totals": totals_form(totals(checklist)),
        "sections": section_forms(checklist),
        "items": item_forms(checklist),
        "declared": [_declared_form(count) for count in declared(checklist)],
        "uncovered": [_texts(section.path) for section in uncovered(checklist)],
    }


def path_form(path: str) -> dict[str, str]:
    """A path, and its bytes beside it where these are no UTF-8."""
    readable = text(path)
    if readable == path:
        return {"path": path}
    return {"path": readable, "path_bytes": base64.b64encode(path.encode("utf-8", "surrogateescape")).decode("ascii")}


def totals_form(count: Totals) -> dict[str, int]:
    """Counts; `required` is what is due at the tag."""
    return {
        "items": count.items,
        "ticked": count.ticked,
        "open": count.open,
        "not_applicable": count.not_applicable,
        "conditional": count.conditional,
        "required": count.required,
        "required_ticked": count.required_ticked,
    }


def section_forms(checklist: Checklist) -> list[dict[str, Any]]:
    """The sections that hold items, in document order, each with its subsections' counts.

    What stands under no heading but the title is a section with an empty path, counted alone.
    """
    own = own_totals(checklist)
    whole = rolled_up(checklist, own)
    return [
        {"path": _texts(section.path), "line": section.line, "phase": section.phase.value, "totals": totals_form(count)}
        for section, alone, all_ in zip(checklist.sections, own, whole, strict=True)
        if (count := all_ if section.path else alone).items
    ]


def item_forms(checklist: Checklist) -> list[dict[str, Any]]:
    """The items in document order."""
    paths = [_texts(section.path) for section in checklist.sections]
    return [
        {
            "line": item.line,
            "state": item.state.value,
            "text": text(item.text),
            "section": paths[item.section],
            "depth": item.depth,
            "parent_line": None if item.parent is None else checklist.items[item.parent].line,
            "conditional": item.conditional,
            "phase": checklist.sections[item.section].phase.value,
            "signoff": item.signoff,
            "owners": _texts(item.owners),
            "id": None if item.id is None else text(item.id),
            "marker": item.marker,
        }
        for item in checklist.items
    ]


def _declared_form(count: DeclaredCount) -> dict[str, Any]:
    return {
        "row": text(count.row.row),
        "section": None if count.section is None else _texts(count.section.path),
        "items": count.row.items,
        "ticked": count.row.ticked,
        "counted_items": count.counted_items,
        "counted_ticked": count.counted_ticked,
        "notes": text(count.row.notes),
        "line": count.row.line,
    }


def _texts(values: Sequence[str]) -> list[str]:
    return [text(value) for value in values]
