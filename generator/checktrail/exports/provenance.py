"""How an export was produced: the `run` that stands in every one of them, with counts that reconcile. Pure.

`generated_at` stands here alone. It is no clock's time but the record's own moment: SOURCE_DATE_EPOCH where that is
set, else HEAD's committer date; `generated_at_basis` says which. So the same repository, settings and tools give the
same bytes whenever it is asked, and a build that knows its own time says it by SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from checktrail import __version__
from checktrail.completion import Totals, totals
from checktrail.config import Settings
from checktrail.errors import InvariantError
from checktrail.exports.status import path_form
from checktrail.exports.wire import moment, text
from checktrail.record import Record, RepositoryFacts, Revision


class Use(StrEnum):
    """What a file that the answers depend on is for."""

    POLICY = "policy"
    TRUST = "trust"
    LEDGER = "ledger"


class FileInForce(NamedTuple):
    """A file at HEAD that the answers depend on; `content` is as git keeps it, `id` its blob's."""

    use: Use
    path: str
    id: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The content's SHA-256, which anybody can make without git."""
        return hashlib.sha256(self.content).hexdigest()


class Sum(NamedTuple):
    """Two ways to count the same: a sentence, and both numbers."""

    says: str
    left: int
    right: int


def run_form(
    record: Record, files: Sequence[FileInForce], arguments: Sequence[str], *, is_given_epoch: bool
) -> dict[str, Any]:
    """How a record was produced.

    Args:
        record: what was read.
        files: policy, trust files and ledger at HEAD.
        arguments: what was asked for, without where it was to be written.
        is_given_epoch: whether SOURCE_DATE_EPOCH gave the moment.

    Raises:
        InvariantError: counts that must agree do not.
    """
    facts = record.facts
    found = counts(record)
    return {
        "tool": "checktrail",
        "version": __version__,
        "git_version": text(facts.git_version),
        "arguments": [text(argument) for argument in arguments],
        "generated_at": moment(record.as_of),
        "generated_at_basis": "source-date-epoch" if is_given_epoch else "head-commit",
        "as_of": moment(record.as_of),
        **_repository_form(facts),
        "settings_digest": settings_digest(record.settings),
        "files": [
            {"use": file.use.value, **path_form(file.path), "blob": file.id, "sha256": file.sha256} for file in files
        ],
        "shallow": facts.is_shallow,
        "partial": facts.is_partial,
        "replacements": facts.has_replacements,
        "counts": found,
        "reconciled": [
            {"says": one.says, "left": one.left, "right": one.right} for one in reconciled(sums(record, found))
        ],
    }


def _repository_form(facts: RepositoryFacts) -> dict[str, Any]:
    """Which repository was read, and where its references stood."""
    return {
        "repository": text(facts.name),
        "remote_url": None if facts.remote_url is None else text(facts.remote_url),
        "branch": None if facts.branch is None else text(facts.branch),
        "head": facts.head,
        "object_format": facts.object_format,
        "references_digest": facts.references_digest,
    }


def counts(record: Record) -> dict[str, int]:
    """How much there is: of the repository, and of all checklists in all tags' trees."""
    membership = record.membership
    frozen = [revision for release in record.releases for revision in release.checklists]
    whole = _whole(frozen)
    new = {commit for release in membership.releases for commit in release.new}
    return {
        "commits": len(record.commits),
        "commits_released": len(new),
        "commits_unreleased": len(membership.unreleased),
        "commits_elsewhere": len(record.commits.keys() - new - set(membership.unreleased)),
        "tags": len(record.tags),
        "releases": len(membership.releases),
        "ignored_tags": len(membership.ignored),
        "checklists": len(frozen),
        "items": whole.items,
        "items_ticked": whole.ticked,
        "items_open": whole.open,
        "items_not_applicable": whole.not_applicable,
        "trails": len(record.trails.by_item),
        "events": len(record.trails.events),
        "unread": len(record.trails.unread),
    }


def sums(record: Record, found: Mapping[str, int]) -> tuple[Sum, ...]:
    """What must agree, counted in two ways each."""
    shipped = sum(len(release.new) for release in record.membership.releases)
    followed = sum(len(revision.standings) for release in record.releases for revision in release.checklists)
    in_trails = sum(len(events) for events in record.trails.by_item.values())
    of_sections = sum(event.item is None for event in record.trails.events)
    return (
        Sum("tags = releases + ignored tags", found["tags"], found["releases"] + found["ignored_tags"]),
        Sum(
            "commits = new in a release + unreleased + on other branches alone",
            found["commits"],
            shipped + found["commits_unreleased"] + found["commits_elsewhere"],
        ),
        Sum(
            "items = ticked + open + not applicable",
            found["items"],
            found["items_ticked"] + found["items_open"] + found["items_not_applicable"],
        ),
        Sum("items in tags' trees = items followed there", found["items"], followed),
        Sum("events = events of items + renamed sections", found["events"], in_trails + of_sections),
    )


def reconciled(found: Iterable[Sum]) -> tuple[Sum, ...]:
    """The sums, which agree.

    Raises:
        InvariantError: one does not.
    """
    checked = tuple(found)
    for one in checked:
        if one.left != one.right:
            raise InvariantError(f"counts do not reconcile: {one.says}, but {one.left} is not {one.right}")
    return checked


def settings_digest(settings: Settings) -> str:
    """SHA-256 over every setting by name, wherever it was set."""
    return hashlib.sha256(json.dumps(_plain(settings), sort_keys=True).encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _whole(revisions: Iterable[Revision]) -> Totals:
    """The counts of many checklists; the same one in many tags is counted through once."""
    known: dict[int, Totals] = {}
    whole = Totals()
    for revision in revisions:
        key = id(revision)
        if key not in known:
            known[key] = totals(revision.checklist)
        whole += known[key]
    return whole
