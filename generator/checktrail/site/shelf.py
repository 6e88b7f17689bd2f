"""Pages of frozen releases, kept between runs by a digest of all that they are made from.

In: a site, and what else every page depends on as one digest. Out: a key for a page, and the HTML that was put by under
it. A key stands for content, so that nothing kept can be stale; without a key a page is made anew.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from checktrail.audit.auditing import ReleaseAudit
from checktrail.closing import CloseReason
from checktrail.model import Event
from checktrail.record import Closed, ReleaseRecord
from checktrail.site.addresses import page_name
from checktrail.site.digests import Digests
from checktrail.site.views.shared import Site
from checktrail.store import Store

_KIND, _VERSION = "page", "1"
_BATCH = 100
_FEW = 16
"""A living list's item has a history as long as the project: its release is told by HEAD."""


class Shelf:
    """Keeps the HTML of a site's pages in a store. `common` is what all pages depend on; empty: nothing is kept."""

    def __init__(self, site: Site, store: Store, common: str) -> None:
        self._site, self._store, self._common = site, store, common
        self._digests = Digests()
        self._audits: dict[str, str] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._found: Mapping[str, bytes] = {}
        self._fresh: dict[str, bytes] = {}

    def fetch(self, keys: Iterable[str]) -> None:
        """Look for what is kept under some keys, all at once."""
        self._found = self._store.get(_KIND, _VERSION, [key for key in keys if key])

    def html(self, key: str, make: Callable[[], str]) -> str:
        """What is kept under a key, else what is made, which is then kept."""
        if key in self._found:
            return zlib.decompress(self._found[key]).decode()
        made = make()
        if key:
            self._fresh[key] = zlib.compress(made.encode("utf-8", "replace"), 1)
            if len(self._fresh) >= _BATCH:
                self.close()
        return made

    def close(self) -> None:
        """Put by what was made."""
        self._store.put(_KIND, _VERSION, self._fresh)
        self._fresh = {}

    def release(self, recorded: ReleaseRecord) -> str:
        """The key of a release's page: its record up to its close, its notes, its audit, where its links lead."""
        tag = recorded.release.tag
        if ("release", tag) not in self._keys:
            self._keys["release", tag] = self._release(recorded)
        return self._keys["release", tag]

    def _release(self, recorded: ReleaseRecord) -> str:
        site, release = self._site, recorded.release
        base = site.record.membership.release(release.base) if release.base else None
        return self._key(
            "release",
            (release, recorded.checklists),
            [self._cycle(recorded, each) for each in recorded.closed],
            base.commit if base else None,
            self._landed(recorded),
            [site.addresses.checklists.get(each.path) for each in recorded.checklists],
            site.chapters.notes.get(release.tag),
            site.audits.get(release.tag),
        )

    def _landed(self, recorded: ReleaseRecord) -> tuple[object, ...]:
        """The merges that brought ticks into HEAD's own line, and its name, where there are any."""
        record = self._site.record
        head = record.facts.head
        commits = {standing.since.commit for each in recorded.checklists for standing in each.standings}
        landings = {commit: record.trails.landing(commit, head) for commit in commits} if head else {}
        found = sorted((commit, landed) for commit, landed in landings.items() if landed not in (None, commit))
        return (record.facts.branch, found) if found else ()

    def _cycle(self, recorded: ReleaseRecord, closed: Closed) -> tuple[object, ...]:
        """How a checklist closed, with what happened to its items until then.

        While its cycle is open, that is by each event, not by HEAD: else every commit would be news to every release.
        """
        until: object = closed.close.commit
        if closed.close.reason is CloseReason.HEAD:
            until = self._events(recorded, closed) or until
        return closed.path, closed.close.reason, closed.revision, until

    def _events(self, recorded: ReleaseRecord, closed: Closed) -> list[tuple[Event, bool]]:
        """The events of a checklist's items, and whether HEAD has them; none where they are as many as the project."""
        trails = self._site.record.trails
        revision = next(each for each in recorded.checklists if each.path == closed.path)
        found: list[tuple[Event, bool]] = []
        for standing in revision.standings:
            for identity in (standing.item, *standing.also):
                events = trails.by_item.get(identity, ())
                if len(events) > _FEW:
                    return []
                found += [(event, trails.is_ancestor(event.commit, closed.close.commit)) for event in events]
        return found

    def audit(self, one: ReleaseAudit, slots: Sequence[str]) -> str:
        """The key of an audit's page but for what changes with every commit, for which it has slots by these names."""
        evidence = self._site.chapters.evidence
        scenes = evidence.scenes if evidence else {}
        policies = [scenes[commit].policy for commit in (one.release.commit, one.tagged.base or "") if commit in scenes]
        general = self._site.chapters.audit.findings if self._site.chapters.audit else ()
        return self._key("audit", one, slots, policies, general, evidence.policy_path if evidence else None)

    def _key(self, kind: str, *parts: object) -> str:
        if not self._common:
            return ""
        try:
            return self._digests.of(kind, self._everywhere, *map(self._told, parts))
        except TypeError:
            return ""

    def _told(self, part: object) -> object:
        """An audit goes into two pages and is looked at once."""
        if not isinstance(part, ReleaseAudit):
            return part
        tag = part.release.tag
        if tag not in self._audits:
            told = (part.verdict, part.requirements, part.signoffs, part.findings, part.witness, part.tag_signing)
            basis = (part.release, part.policy, part.tagged.paths, part.tagged.base, part.recorded)
            self._audits[tag] = self._digests.of(*told, *basis)
        return self._audits[tag]

    @cached_property
    def _everywhere(self) -> str:
        """What every page depends on: the program, the settings, the host, the form of addresses."""
        chapters, to = self._site.chapters, self._site.addresses
        moved = {tag: page for tag, page in to.releases.items() if page != f"releases/{page_name(tag)}"}
        has_policy = chapters.audit.has_policy if chapters.audit else None
        form = (self._site.host, to.folders, to.home, moved, has_policy, chapters.evidence is not None)
        return self._digests.of(self._common, self._site.record.settings, *form)
