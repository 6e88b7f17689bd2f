"""Pages of frozen releases, kept between runs by a digest of all that they are made from.

In: a site, and what else every page depends on as one digest. Out: a key for a page, and what was put by under it. A
key stands for content, so that nothing kept can be stale; without a key a page is made anew.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.closing import CloseReason
from checktrail.model import Event
from checktrail.notes.upgrade import Upgrade
from checktrail.record import Closed, ReleaseRecord, Revision
from checktrail.site.addresses import page_name
from checktrail.site.digests import Digests
from checktrail.site.views.shared import Site
from checktrail.store import Store

_KIND, _VERSION = "source", "2"
_BATCH, _LENGTH_BYTES = 200, 4
_DAMAGED = (ValueError, TypeError, zlib.error)
_FEW = 16
"""A living list's item has a history as long as the project: its release is told by HEAD."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a page: its Markdown below the title, the name of the block file, and what has marks in it.

    `now` are the parts of its HTML with marks, in their order, `searched` the words of those that the search is to
    find; `document` is the JSON, empty for none. The block file itself lies in the source tree, named by its content.
    """

    body: str
    block: str
    now: tuple[str, ...]
    searched: tuple[str, ...]
    document: str


class Sources:
    """What is kept of pages, in a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._fresh: dict[str, bytes] = {}
        self._found: dict[str, bytes] = {}

    def find(self, keys: Iterable[str]) -> None:
        """Look what is kept under some keys, of each of which the page will be asked for, in one go."""
        self._found |= self.store.get(_KIND, _VERSION, filter(None, keys))

    def get(self, key: str) -> Kept | None:
        """What is kept under a key; nothing without one."""
        content = self._found.pop(key, b"") or self._content(key)
        with contextlib.suppress(*_DAMAGED):
            end = _end_of_page(content)
            body, block, now, searched = json.loads(zlib.decompress(content[_LENGTH_BYTES:end]))
            return Kept(body, block, tuple(now), tuple(searched), _text(content[end:]))
        return None

    def document(self, key: str) -> str | None:
        """The JSON alone of what is kept under a key."""
        content = self._found.get(key) or self._content(key)
        with contextlib.suppress(*_DAMAGED):
            return _text(content[_end_of_page(content) :])
        return None

    def _content(self, key: str) -> bytes:
        return self.store.get(_KIND, _VERSION, [key]).get(key, b"") if key else b""

    def keep(self, key: str, kept: Kept) -> None:
        """Put by what was made: the page, and the JSON behind it, which is written as it is."""
        if key:
            page = zlib.compress(json.dumps((kept.body, kept.block, kept.now, kept.searched)).encode("ascii"), 1)
            document = zlib.compress(kept.document.encode("utf-8", "surrogatepass"), 1)
            self._fresh[key] = len(page).to_bytes(_LENGTH_BYTES, "big") + page + document
            if len(self._fresh) >= _BATCH:
                self.close()

    def close(self) -> None:
        """Have all in the store that was put by."""
        self.store.put(_KIND, _VERSION, self._fresh)
        self._fresh = {}


def _end_of_page(content: bytes) -> int:
    return _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "big")


def _text(packed: bytes) -> str:
    return zlib.decompress(packed).decode("utf-8", "surrogatepass")


class Keys:
    """The keys of a site's pages. `common` is what all pages depend on; empty: no page has a key."""

    def __init__(self, site: Site, common: str) -> None:
        self._site, self._common = site, common
        self._digests = Digests()
        self._audits: dict[str, str] = {}
        self._records = {each.release.tag: each for each in site.record.releases}

    def release(self, recorded: ReleaseRecord) -> str:
        """The key of a release's page: its record up to its close, its notes, its audit, where its links lead."""
        site, release = self._site, recorded.release
        base = site.record.membership.release(release.base) if release.base else None
        return self._key(
            "release",
            (release, self._frozen(recorded.checklists)),
            [self._cycle(recorded, each) for each in recorded.closed],
            self._end(recorded),
            base.commit if base else None,
            self._landed(recorded),
            self._names(recorded),
            [site.addresses.checklists.get(each.path) for each in recorded.checklists],
            site.chapters.notes.get(release.tag),
            site.audits.get(release.tag),
        )

    def _end(self, recorded: ReleaseRecord) -> tuple[str, str] | None:
        """Where the cycle of a release without checklists ended."""
        end = recorded.end
        return None if recorded.closed or end.reason is CloseReason.HEAD else (end.reason, end.commit)

    def _landed(self, recorded: ReleaseRecord) -> tuple[object, ...]:
        """The merges that brought ticks into HEAD's own line, and its name, where there are any."""
        record = self._site.record
        head = record.facts.head
        commits = {standing.since.commit for each in recorded.checklists for standing in each.standings}
        landings = {commit: record.trails.landing(commit, head) for commit in commits} if head else {}
        found = sorted((commit, landed) for commit, landed in landings.items() if landed not in (None, commit))
        return (record.facts.branch, found) if found else ()

    def _names(self, recorded: ReleaseRecord) -> list[tuple[str, str]]:
        """What the items of a release are called that have names of their own."""
        names = self._site.record.trails.names
        items = {standing.item for each in recorded.checklists for standing in each.standings} if names else set()
        return sorted((item, names[item]) for item in items & names.keys())

    def _cycle(self, recorded: ReleaseRecord, closed: Closed) -> tuple[object, ...]:
        """How a checklist closed, with what happened to its items until then.

        While its cycle is open, that is by each event, not by HEAD: else every commit would be news to every release.
        """
        until: object = closed.close.commit
        if closed.close.reason is CloseReason.HEAD:
            until = self._events(recorded, closed) or until
            return closed.path, closed.close.reason, closed.revision, until
        return closed.path, closed.close.reason, self._frozen((closed.revision,) if closed.revision else ()), until

    def _frozen(self, revisions: tuple[Revision, ...]) -> object:
        """Checklists at a commit that the key names: what led there stands in its ancestors, whose names it holds."""
        record = self._site.record
        if record.facts.has_replacements or record.trails.unread:
            return revisions
        return [(each.path, each.blob, each.bound) for each in revisions]

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
        names, where = self._names(self._records[one.release.tag]), evidence.policy_path if evidence else None
        head = self._site.record.facts.head
        commits = [each.finding.place.commit for each in (*one.findings, *general)]
        heads = ["" if commit == head else commit for commit in commits]
        return self._key("audit", one, slots, policies, general, heads, names, where)

    def findings(self, audit: Audit) -> str:
        """The key of the page of all findings: the audits, and where its links lead."""
        return self._key("findings", *audit.releases, audit.findings, self._site.addresses.releases)

    def population(self, audit: Audit) -> str:
        """The key of the page of all tags: what each tag is, the releases' verdicts, and where its links lead."""
        verdicts = [(one.release.tag, one.release.at, one.release.prerelease, one.verdict) for one in audit.releases]
        record = self._site.record
        return self._key("population", record.tags, record.membership.ignored, verdicts, self._site.addresses.releases)

    def rules(self, codes: Sequence[str]) -> str:
        """The key of the catalogue of rules: the audit's codes, and what each rule means."""
        return self._key("rules", codes, self._site.chapters.definitions)

    def upgrade(self, each: Upgrade) -> str:
        """The key of an upgrade's page: what lies between two releases, and the notes of the second."""
        return self._key("upgrade", each, self._site.chapters.notes.get(each.new))

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
