"""The rows of each table, from the record, the audit and their documents. Pure.

In: `Sources`. Out: per table an iterator of rows, each a mapping that has at least the table's columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, NamedTuple

from checktrail.audit.auditing import Audit
from checktrail.audit.signoffs import SignOff
from checktrail.completion import Totals, totals
from checktrail.exports.audit import ASSURANCES
from checktrail.exports.audit_text import attributed
from checktrail.exports.record import standing_items
from checktrail.exports.remembered import Remembered
from checktrail.exports.status import path_form, totals_form
from checktrail.exports.wire import moment, text
from checktrail.history import Trails
from checktrail.model import Change, Commit, Event
from checktrail.record import Record, ReleaseRecord, Revision

Row = dict[str, Any]
_NO_OLD_PATH: Row = {"old_path": None, "old_path_bytes": None}
_TICKS = (Change.TICKED, Change.TICKED_BY_MERGE)
_MOST_STATES: Final = 100_000
"""Rows of states to remember: those of a tree of a thousand checklists of a hundred items each."""
_UNDER = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


class Sources(NamedTuple):
    """What the forms are made of: the record and its document's outline, the audit of all releases and its document."""

    record: Record
    frozen: Mapping[str, Any]
    audit: Audit
    audited: Mapping[str, Any]


def run(sources: Sources) -> Iterator[Row]:
    """How it was produced: keys and values."""
    for key, value in sources.frozen["run"].items():
        if key == "counts":
            yield from ({"key": f"counts.{name}", "value": str(count)} for name, count in value.items())
        else:
            yield {"key": key, "value": value if isinstance(value, str) else json.dumps(value)}


def tags(sources: Sources) -> Iterator[Row]:
    """Every tag, and why it is no release where it is none."""
    reasons = {ignored.tag: ignored.reason for ignored in sources.record.membership.ignored}
    for tag in sources.record.tags:
        yield {
            "tag": text(tag.name),
            "kind": tag.kind.value,
            "tag_object": tag.tag_object,
            "commit_id": tag.commit,
            "is_release": tag.name not in reasons,
            "ignored_because": text(reasons[tag.name]) if tag.name in reasons else None,
        }


def commits(sources: Sources) -> Iterator[Row]:
    """Every commit, parents first, with the first release that holds it."""
    membership = sources.record.membership
    for commit in sources.record.commits.values():
        release = membership.first_release(commit.id)
        yield {"commit_id": commit.id, "first_release": None if release is None else text(release), **_claims(commit)}


def _claims(commit: Commit) -> Row:
    return {
        "author": text(commit.author.name),
        "author_email": text(commit.author.email),
        "authored_at": moment(commit.authored_at),
        "committer": text(commit.committer.name),
        "committer_email": text(commit.committer.email),
        "committed_at": moment(commit.committed_at),
        "parents": len(commit.parents),
        "subject": text(commit.subject),
    }


def releases(sources: Sources) -> Iterator[Row]:
    """The releases in order, with what belongs to each, counted at its tag and at its close."""
    for own, form, audit in _pairs(sources):
        closed = form["closed"]
        yield {
            **form,
            "commit_id": form["commit"],
            "new_commits": len(form["new"]),
            "also_included_commits": len(form["also_included"]),
            "verdict": audit["verdict"],
            "recorded_verdict": audit["recorded"]["verdict"] if audit["recorded"] else None,
            "checklists": len(own.closed),
            **_counts(totals_form(_at_tag(own))),
            "closed_commit": closed["commit"],
            "closed_because": closed["reason"],
            "required_at_close": closed["totals"]["required_at_close"],
            "required_at_close_ticked": closed["totals"]["required_at_close_ticked"],
            "signoffs": len(audit["signoffs"]),
            "findings": len(audit["findings"]),
        }


def _pairs(sources: Sources) -> Iterator[tuple[ReleaseRecord, Mapping[str, Any], Mapping[str, Any]]]:
    """Each release with its two documents."""
    yield from zip(sources.record.releases, sources.frozen["releases"], sources.audited["releases"], strict=True)


def _at_tag(own: ReleaseRecord) -> Totals:
    """The counts, at the tag, of the checklists that belong to a release."""
    paths = {one.path for one in own.closed}
    return sum((totals(sheet.checklist) for sheet in own.checklists if sheet.path in paths), Totals())


def _counts(told: Mapping[str, int]) -> Row:
    kept = ("items", "required", "required_ticked")
    return {key if key in kept else f"items_{key}": count for key, count in told.items()}


def checklists(sources: Sources) -> Iterator[Row]:
    """Every Markdown file with items in each tag's tree."""
    for number, (release, form, _) in enumerate(_pairs(sources), 1):
        closed = {one.path: one for one in release.closed}
        for sheet, told in zip(release.checklists, form["checklists"], strict=True):
            close = closed.get(sheet.path)
            yield {
                **told,
                "release_id": number,
                "release": form["tag"],
                "path_bytes": told.get("path_bytes"),
                "belongs": close is not None,
                **_counts(told["totals"]),
                "closed_commit": close.close.commit if close else None,
                "closed_because": close.close.reason.value if close else None,
                "closed_blob": close.revision.blob if close and close.revision else None,
            }


def states(sources: Sources) -> Iterator[Row]:
    """Every item of those files as it stood in that tree."""
    checklist_id = 0
    known: Remembered[list[Row]] = Remembered(_MOST_STATES, len)  # many tags share a checklist
    for number, release in enumerate(sources.record.releases, 1):
        tag = text(release.release.tag)
        for revision in release.checklists:
            checklist_id += 1
            head = {"release_id": number, "release": tag, "checklist_id": checklist_id}
            states = known.get(id(revision), partial(_states, revision, sources.record.trails))
            yield from (head | state for state in states)


def _states(revision: Revision, trails: Trails) -> list[Row]:
    path = text(revision.path)
    return [_state(path, item) for item in standing_items(revision, trails)]


def _state(path: str, item: Mapping[str, Any]) -> Row:
    since = item["since"]
    kept = ("line", "item", "state", "text", "phase", "conditional", "signoff", "depth")
    return {
        "path": path,
        **{key: item[key] for key in kept},
        "owners": json.dumps(item["owners"], ensure_ascii=False),
        "section": _headings(item["section"]),
        "since": since["kind"],
        "since_commit": since["commit"],
        "confidence": since["confidence"],
    }


def items(sources: Sources) -> Iterator[Row]:
    """Every item there ever was, by its last event."""
    trails, commits = sources.record.trails, sources.record.commits
    for identity, events in trails.by_item.items():
        first, last = events[0], events[-1]
        said = next((event.new_text for event in reversed(events) if event.new_text is not None), None)
        yield {
            "item": text(trails.name(identity)),
            "identity": identity,
            "created_commit": first.commit,
            "created_at": moment(commits[first.commit].committed_at),
            **_place(last.path),
            "section": _headings([text(heading) for heading in last.section]),
            "last_text": None if said is None else text(said),
            "last_state": last.new_state.value if last.new_state else None,
            "last_at": moment(commits[last.commit].committed_at),
            "events": len(events),
            "ticks": sum(event.kind in _TICKS for event in events),
        }


def events(sources: Sources) -> Iterator[Row]:
    """Everything that happened to an item, parents first."""
    trails, commits = sources.record.trails, sources.record.commits
    for event in trails.events:
        yield {
            "kind": event.kind.value,
            "item": None if event.item is None else text(trails.name(event.item)),
            "identity": event.item,
            "commit_id": event.commit,
            "release": _first_release(sources, event),
            **_claims(commits[event.commit]),
            **_place(event.path),
            **(_place(event.old_path, "old_path") if event.old_path is not None else _NO_OLD_PATH),
            "line": event.line,
            "section": _headings([text(heading) for heading in event.section]),
            "old_state": event.old_state.value if event.old_state else None,
            "new_state": event.new_state.value if event.new_state else None,
            "old_text": None if event.old_text is None else text(event.old_text),
            "new_text": None if event.new_text is None else text(event.new_text),
            "confidence": round(event.confidence, 4),
        }


def _first_release(sources: Sources, event: Event) -> str | None:
    tag = sources.record.membership.first_release(event.commit)
    return None if tag is None else text(tag)


def requirements(sources: Sources) -> Iterator[Row]:
    """Whether each of the policy's requirements holds for each release."""
    for number, audit in enumerate(sources.audited["releases"], 1):
        for form in audit["requirements"]:
            yield {"release_id": number, "release": audit["tag"], **form, "requirement": form["id"]}


def signoffs(sources: Sources) -> Iterator[Row]:
    """The sign-off records of each release."""
    for number, release, one, form in _each_signoff(sources):
        event, author, committer = form["event"], form["author"], form["committer"]
        yield {
            "release_id": number,
            "release": release,
            **form,
            **_place(one.act.spot.sheet.path),
            "recorded_as": text(attributed(one)),
            "section": _headings(form["section"]),
            "commit_id": event["commit"] if event else None,
            "author": author["name"] if author else None,
            "author_email": author["email"] if author else None,
            "committer": committer["name"] if committer else None,
            "committer_email": committer["email"] if committer else None,
            "assurance_word": ASSURANCES[form["assurance"]],
            "commits_after": None if form["commits_after"] is None else len(form["commits_after"]),
            "paths_after": None if form["paths_after"] is None else len(form["paths_after"]),
        }


def signers(sources: Sources) -> Iterator[Row]:
    """Whose act each sign-off counts as, one row a person."""
    for signoff_id, (number, release, one, form) in enumerate(_each_signoff(sources), 1):
        for person in one.people:
            yield {
                "signoff_id": signoff_id,
                "release_id": number,
                "release": release,
                "person": text(person.key),
                "name": text(person.name),
                "role": form["role"],
                "status": form["status"],
            }


def _each_signoff(sources: Sources) -> Iterator[tuple[int, str, SignOff, Mapping[str, Any]]]:
    """Every sign-off with the number and tag of its release, and its form in the document."""
    pairs = zip(sources.audit.releases, sources.audited["releases"], strict=True)
    for number, (release, form) in enumerate(pairs, 1):
        for one, signoff in zip(release.signoffs, form["signoffs"], strict=True):
            yield number, form["tag"], one, signoff


def findings(sources: Sources) -> Iterator[Row]:
    """The findings, those of no release first."""
    audit, audited = sources.audit, sources.audited
    of_none = ((None, one, form) for one, form in zip(audit.findings, audited["findings"], strict=True))
    of_releases = (
        (number, one, form)
        for number, (release, told) in enumerate(zip(audit.releases, audited["releases"], strict=True), 1)
        for one, form in zip(release.findings, told["findings"], strict=True)
    )
    for number, one, form in (*of_none, *of_releases):
        path = one.finding.place.path
        waiver = form["waiver"] or {}
        yield {
            **form,
            **(_place(path) if path is not None else {"path_bytes": None}),
            "release_id": number,
            "commit_id": form["commit"],
            "waived": bool(waiver),
            "waiver_reason": waiver.get("reason"),
            "waiver_approved_by": waiver.get("approved_by"),
            "waiver_expires": waiver.get("expires"),
            "waived_after_release": waiver.get("granted_after_release"),
        }


def people(sources: Sources) -> Iterator[Row]:
    """Everybody who signed off."""
    for form in sources.audited["people"]:
        yield {**form, "person": form["id"]}


def figures(measured: Mapping[str, Any]) -> Iterator[Row]:
    """Release metrics, each with its grade and what it rests on."""
    for form in measured["figures"]:
        window = form["window"]
        yield {**form, "figure": form["name"], "window_from": window["from"], "window_to": window["to"]}


def _place(path: str, name: str = "path") -> Row:
    """A path, and its bytes where it is no UTF-8."""
    form = path_form(path)
    return {name: form["path"], f"{name}_bytes": form.get("path_bytes")}


def _headings(section: Iterable[str]) -> str:
    return _UNDER.join(section)
