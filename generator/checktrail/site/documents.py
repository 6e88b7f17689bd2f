"""The JSON beside the pages: each says what its page says, for programs. Pure.

They are the documents that the commands print, narrowed to the page's own thing, so that a schema and a word mean the
same here and there. Without line breaks, as nobody reads them by eye. Hollow ones have marks where the head stands that
they were made at, or how they were made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checktrail import __version__
from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.audit.evidence import Proof
from checktrail.closing import Close, CloseReason
from checktrail.exports.audit import audit_document, audit_run, people
from checktrail.exports.metrics import metrics_document
from checktrail.exports.notes import upgrade_document
from checktrail.exports.record import release_document
from checktrail.exports.releases import backports_document, releases_document
from checktrail.exports.rules import rules_document
from checktrail.exports.status import status_document
from checktrail.exports.wire import document, moment, text
from checktrail.inquiry import Inquiry
from checktrail.metrics import Metrics
from checktrail.notes import Past
from checktrail.notes.backports import backports
from checktrail.notes.upgrade import Upgrade
from checktrail.record import ReleaseRecord, Revision
from checktrail.site.drafts import mark
from checktrail.site.views.made import counts, sums
from checktrail.site.views.shared import Site, own

_RELEASES = '"releases":['
_NO_RELEASES = f"{_RELEASES}]}}\n"


@dataclass(frozen=True, slots=True)
class Documents:
    """Writes the document of any page of a site; `places` are the commits' places in their order."""

    site: Site
    places: Mapping[str, int]

    @property
    def _is_cut_off(self) -> bool:
        return self.site.record.facts.is_shallow

    @classmethod
    def of(cls, site: Site) -> Documents:
        """The documents of a site."""
        places = {commit: place for place, commit in enumerate(site.record.commits)}
        return cls(site, places | {mark(0): places.get(site.record.facts.head or "", 0)})

    def checklists(self, revisions: Iterable[Revision]) -> str:
        """Some checklists as they stand: `checktrail.status/1`."""
        return _written(status_document(tuple(revisions)))

    def releases(self) -> str:
        """All releases: `checktrail.releases/1`."""
        return _written(releases_document(self.site.record.membership, is_cut_off=self._is_cut_off))

    def release(self, recorded: ReleaseRecord) -> str:
        """One release with its own checklists as at the tag and its notes: `checktrail.release/1`."""
        held = replace(recorded, checklists=own(recorded))
        notes = self.site.chapters.notes.get(recorded.release.tag)
        return _written(release_document(held, notes, self.site.record, self.places))

    def hollow_release(self, recorded: ReleaseRecord) -> str:
        """The same with a mark in place of the head where that is where the release's cycle stands."""
        closed = tuple(replace(each, close=self._hollow(each.close)) for each in recorded.closed)
        return self.release(replace(recorded, closed=closed, end=self._hollow(recorded.end)))

    def heads(self, recorded: ReleaseRecord) -> int:
        """How often a release's hollow document has the mark of the head."""
        closes = [each.close for each in recorded.closed]
        open_ones = sum(self._hollow(close) is not close for close in closes)
        is_open = bool(open_ones) if closes else self._hollow(recorded.end) is not recorded.end
        return open_ones + is_open

    def _hollow(self, close: Close) -> Close:
        is_head = close.reason is CloseReason.HEAD and close.commit == self.site.record.facts.head
        return replace(close, commit=mark(0)) if is_head else close

    def upgrade(self, each: Upgrade) -> str:
        """What lies between two releases: `checktrail.notes/1`."""
        return _written(upgrade_document(each, self.site.chapters.notes[each.new], is_cut_off=self._is_cut_off))

    def upgrades(self, found: Iterable[Upgrade]) -> str:
        """The upgrades that have a page, the newest first: `checktrail.upgrades/1`."""
        rows = [
            {
                "old": text(each.old),
                "new": text(each.new),
                "releases": [text(tag) for tag in each.releases],
                "changes": sum(len(part.changes) for part in each.parts),
            }
            for each in found
        ]
        return _written(document("upgrades", {"upgrades": rows}, is_cut_off=self._is_cut_off))

    def made(self) -> str:
        """What the pages were made from, what was counted, and that it adds up: `checktrail.made/1`."""
        facts = self.site.record.facts
        body = {
            "tool": "checktrail",
            "version": __version__,
            "git_version": facts.git_version,
            "repository": text(facts.name),
            "branch": None if facts.branch is None else text(facts.branch),
            "head": facts.head,
            "as_of": moment(self.site.record.as_of),
            "references_digest": facts.references_digest,
            "object_format": facts.object_format,
            "shallow": facts.is_shallow,
            "partial": facts.is_partial,
            "replacements": facts.has_replacements,
            "audience": self.site.record.settings.site.audience,
            "counts": {each.name: each.number for each in counts(self.site)},
            "accounts": [
                {"name": each.name, "parts": each.numbers, "whole": each.total, "balances": each.balances}
                for each in sums(self.site)
            ],
        }
        return _written(document("made", body, is_cut_off=self._is_cut_off))

    def rules(self) -> str:
        """The catalogue of rules: `checktrail.rules/1`."""
        return _written(rules_document())

    def backports(self, past: Past) -> str:
        """What was carried between release lines: `checktrail.backports/1`."""
        components = dict.fromkeys(release.component for release in self.site.record.membership.releases)
        found = (backports(past, component) for component in components)
        return _written(backports_document(tuple(each for each in found if each.rows)))

    def metrics(self, metrics: Metrics) -> str:
        """Every figure with its grade: `checktrail.metrics/1`."""
        return _written(metrics_document(metrics, is_cut_off=self._is_cut_off))

    def audit(self, audit: Audit, each: Iterable[str]) -> str:
        """The audit of all releases: `checktrail.audit/1`; nothing without the evidence it rests on.

        `each` are the documents of the audits of each release, whose last part is all that this one has of it.
        """
        found = self._inquiry(audit)
        if found is None:
            return ""
        bare = replace(found, audit=replace(audit, releases=()))
        whole = {"run": audit_run(found, [], None), "people": [] if self.site.is_public else people(audit)}
        head = _written(audit_document(bare, []) | whole)
        return head.removesuffix(_NO_RELEASES) + f"{_RELEASES}{','.join(map(_release_part, each))}]}}\n"

    def audit_of(self, audit: Audit, one: ReleaseAudit) -> str:
        """The audit of one release, in the same way."""
        found = self._inquiry(replace(audit, releases=(one,)))
        return _written(audit_document(found, [one.release.tag])) if found else ""

    def hollow_audit(self, audit: Audit, one: ReleaseAudit) -> str:
        """The same with a mark in place of the head where something was found, and of how it was made."""
        found = self._inquiry(replace(audit, releases=(one,)))
        if found is None:
            return ""
        told = audit_document(found, [one.release.tag]) | {"run": mark(1)}
        for finding in (*told["findings"], *told["releases"][0]["findings"]):
            finding["commit"] = mark(0) if finding["commit"] == found.facts.head else finding["commit"]
        return _written(told)

    def audit_run(self, audit: Audit, one: ReleaseAudit) -> str:
        """How the audit of one release was made."""
        found = self._inquiry(replace(audit, releases=(one,)))
        return _text(audit_run(found, [one.release.tag], None)) if found else ""

    def _inquiry(self, about: Audit) -> Inquiry | None:
        evidence = self.site.chapters.evidence
        return Inquiry(about, evidence, Proof(), self.site.record.facts) if evidence else None


def _release_part(document: str) -> str:
    """What an audit's document says of its one release: in a text, quotation marks are escaped."""
    return document[document.index(_RELEASES) + len(_RELEASES) : -len("]}\n")]


def _written(document: dict[str, Any]) -> str:
    return _text(document) + "\n"


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
