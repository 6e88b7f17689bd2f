"""The JSON beside the pages: each says what its page says, for programs. Pure.

They are the documents that the commands print, narrowed to the page's own thing, so that a schema and a word mean the
same here and there. Without line breaks, as nobody reads them by eye.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.audit.evidence import Proof
from checktrail.exports.audit import audit_document
from checktrail.exports.metrics import metrics_document
from checktrail.exports.notes import upgrade_document
from checktrail.exports.record import release_document
from checktrail.exports.releases import backports_document, releases_document
from checktrail.exports.status import status_document
from checktrail.inquiry import Inquiry
from checktrail.metrics import Metrics
from checktrail.notes import Past
from checktrail.notes.backports import backports
from checktrail.notes.upgrade import Upgrade
from checktrail.record import ReleaseRecord, Revision
from checktrail.site.views.shared import Site, own


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
        return cls(site, {commit: place for place, commit in enumerate(site.record.commits)})

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

    def upgrade(self, each: Upgrade) -> str:
        """What lies between two releases: `checktrail.notes/1`."""
        return _written(upgrade_document(each, self.site.chapters.notes[each.new], is_cut_off=self._is_cut_off))

    def backports(self, past: Past) -> str:
        """What was carried between release lines: `checktrail.backports/1`."""
        components = dict.fromkeys(release.component for release in self.site.record.membership.releases)
        found = (backports(past, component) for component in components)
        return _written(backports_document(tuple(each for each in found if each.rows)))

    def metrics(self, metrics: Metrics) -> str:
        """Every figure with its grade: `checktrail.metrics/1`."""
        return _written(metrics_document(metrics, is_cut_off=self._is_cut_off))

    def audit(self, audit: Audit, one: ReleaseAudit | None = None) -> str:
        """The audit of all releases, or of one: `checktrail.audit/1`; nothing without the evidence it rests on."""
        evidence = self.site.chapters.evidence
        if evidence is None:
            return ""
        about = audit if one is None else replace(audit, releases=(one,))
        arguments = [] if one is None else [one.release.tag]
        return _written(audit_document(Inquiry(about, evidence, Proof(), self.site.record.facts), arguments))


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
