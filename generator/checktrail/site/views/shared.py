"""What several pages show, and the site they are made for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType

from markupsafe import Markup, escape

from checktrail.audit.acts import Status
from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.audit.evidence import Evidence
from checktrail.binding import belongs
from checktrail.charts import Share, completion_bar
from checktrail.charts.drawing import day, moment
from checktrail.completion import Totals, percent, totals
from checktrail.diff import ItemChange
from checktrail.metrics import Metrics
from checktrail.model import Checklist, Commit, Due, Event, Item, Phase, Section, State
from checktrail.notes import Notes, Past
from checktrail.record import Record, ReleaseRecord, Revision, in_flight
from checktrail.site.addresses import HOME, Addresses, addresses
from checktrail.site.hosts import Host, host
from checktrail.site.markup import inline, plain_text

PHASES: Mapping[Phase, str] = {
    Phase.PREPARE: "Preparation",
    Phase.SIGNOFF: "Sign-off",
    Phase.RELEASE: "Release",
    Phase.VERIFY: "Verification",
    Phase.FOLLOW_UP: "Follow-up",
    Phase.CONTINGENCY: "Contingency",
}
_TURNING = re.compile(
    "[\u0590-\u08ff\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""What is written from right to left, and what turns the direction of writing."""
_ISOLATES = re.compile("[\u2066-\u2069]")
DUE: Mapping[Due, str] = {
    Due.AT_TAG: "before the tag",
    Due.AT_CLOSE: "before the close",
    Due.NEVER: "only when needed",
}


@dataclass(frozen=True, slots=True)
class Chapters:
    """What later stages say of the record, each of which may be left out.

    Notes by tag with what they share, metrics, the audit with the evidence it rests on, the definitions (Markdown) of
    lint's and its rules by code, and what the files on disk hold that no commit does.
    """

    notes: Mapping[str, Notes] = field(default_factory=lambda: MappingProxyType({}))
    past: Past | None = None
    metrics: Metrics | None = None
    audit: Audit | None = None
    evidence: Evidence | None = None
    definitions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    uncommitted: tuple[ItemChange, ...] = ()


NO_CHAPTERS = Chapters()


@dataclass(frozen=True, slots=True)
class Site:
    """A record with what every page of its site needs.

    Addresses, the host, each text's counts by blob, each commit's events, the tags each checklist speaks for by its
    path, the newest first, each release's audit by tag, and the checklists whose items the search finds: those in
    flight, since the items of all releases ever would outweigh all else in its index.
    """

    record: Record
    addresses: Addresses
    host: Host | None
    totals: Mapping[str, Totals]
    events: Mapping[str, tuple[Event, ...]]
    releases_of: Mapping[str, list[str]]
    audits: Mapping[str, ReleaseAudit]
    chapters: Chapters
    searched: frozenset[str]

    @property
    def is_public(self) -> bool:
        """Names only: no e-mail addresses, no contacts."""
        return self.record.settings.site.audience == "public"

    def total(self, revisions: Iterable[Revision]) -> Totals:
        """The counts of some checklists together."""
        return sum((self.totals[revision.blob] for revision in revisions), Totals())


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead; nowhere when `href` is empty."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of so many: in words, in percent and as a bar. `words` reads "nothing due" when there is nothing."""

    name: str
    done: int
    all: int
    words: str
    percent: str
    bar: Markup

    @property
    def state(self) -> State:
        """Done when all is done."""
        return State.TICKED if self.done == self.all and self.all else State.OPEN


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An item that still waits: its text, where it stands, and who is to do it."""

    text: Markup
    href: str
    where: str
    owners: tuple[str, ...]
    habit: str = ""


@dataclass(frozen=True, slots=True)
class CommitRow:
    """One commit as a line: its short name, its page at the host, subject, author, day."""

    id: str
    short: str
    href: str
    subject: str
    author: str
    day: str


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """The counts of one phase."""

    name: str
    due: str
    tally: Tally
    conditional: int


def site(record: Record, chapters: Chapters = NO_CHAPTERS, *, folders: bool = False, home: str = HOME) -> Site:
    """The site of a record and of what later stages say of it."""
    revisions = {each.blob: each for tree in record.trees.values() for each in tree}
    return Site(
        record,
        addresses(
            (each.release.tag for each in record.releases),
            (each.path for each in record.checklists),
            folders=folders,
            home=home,
        ),
        host(record.facts.remote_url),
        {blob: totals(each.checklist) for blob, each in revisions.items()},
        _events(record),
        _releases_of(record),
        {each.release.tag: each for each in chapters.audit.releases} if chapters.audit else {},
        chapters,
        frozenset(each.path for each in in_flight(record)[: record.settings.site.recent]),
    )


def _events(record: Record) -> Mapping[str, tuple[Event, ...]]:
    found: dict[str, list[Event]] = {}
    for commit, events in groupby(record.trails.events, key=attrgetter("commit")):
        found.setdefault(commit, []).extend(events)
    return {commit: tuple(events) for commit, events in found.items()}


def _releases_of(record: Record) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for recorded in reversed(record.releases):
        for revision in own(recorded):
            found.setdefault(revision.path, []).append(recorded.release.tag)
    return found


def before_tag(counts: Totals) -> Tally:
    """The headline: what is due at the tag."""
    return tally("Before the tag", counts.required_ticked, counts.required)


def before_close(counts: Totals) -> Tally:
    """What is due at close, the tag's part included."""
    return tally("Before the close", counts.required_at_close_ticked, counts.required_at_close)


def all_boxes(counts: Totals) -> Tally:
    """Every box there is."""
    return tally("All boxes", counts.ticked, counts.items, counts.not_applicable)


@lru_cache(4096)
def tally(name: str, done: int, whole: int, skipped: int = 0) -> Tally:
    """A tally of any two counts; hundreds of releases show the same few."""
    words = f"{done} of {whole}" if whole else "nothing due"
    bar = Markup(completion_bar(Share(done, skipped, whole), name))  # noqa: S704 (drawn by us, escaped there)
    return Tally(name, done, whole, words, percent(done, whole), bar)


def own(release: ReleaseRecord) -> tuple[Revision, ...]:
    """The checklists that count for a release."""
    return tuple(each for each in release.checklists if belongs(each.bound, release.release))


def title(revision: Revision) -> str:
    """A checklist's title as words; its path when it has none."""
    return plain_text(revision.checklist.title) or shown(revision.path)


def shown(name: str) -> str:
    """A path or name as people can read it: bytes that are no text come out as U+FFFD."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def isolated(name: str) -> str:
    """A name that keeps its writing direction to itself: else what follows it, as a date, would be drawn elsewhere."""
    return f"\u2068{_ISOLATES.sub('', name)}\u2069" if _TURNING.search(name) else name


def where(checklist: Checklist, item: Item) -> str:
    """The headings an item stands under, as words."""
    return headings(checklist.section_of(item))


def headings(section: Section) -> str:
    """A section's headings from the outermost in, as words."""
    return " / ".join(plain_text(heading) for heading in section.path)


def signoff_tally(revisions: Iterable[Revision]) -> Tally:
    """How many sign-offs are there, of how many that are asked for, by what the boxes say.

    The items under a heading that names an office are one sign-off, done when all of them are; as in the audit.
    """
    done: dict[tuple[str, int], bool] = {}
    for revision in revisions:
        checklist = revision.checklist
        for item in checklist.items:
            asked = item.state is State.TICKED or (item.state is State.OPEN and not item.conditional)
            if item.signoff and asked:
                has_office = checklist.section_of(item).role is not None
                key = (revision.path, item.section if has_office else -1 - item.line)
                done[key] = done.get(key, True) and item.state is State.TICKED
    return tally("Sign-offs", sum(done.values()), len(done))


def recorded_tally(site: Site, recorded: ReleaseRecord) -> Tally:
    """How many of a release's sign-offs somebody was seen to tick before the tag, of how many that were asked for."""
    audited = site.audits.get(recorded.release.tag)
    if audited is None:
        return signoff_tally(own(recorded))
    asked = [each.status for each in audited.signoffs if each.status is not Status.NOT_REQUIRED]
    return tally("Sign-offs", asked.count(Status.RECORDED), len(asked))


def open_before_tag(checklist: Checklist) -> tuple[Item, ...]:
    """What is due at the tag and still open, in the order of the text."""
    return tuple(
        item
        for item in checklist.items
        if item.state is State.OPEN and not item.conditional and checklist.phase_of(item).due is Due.AT_TAG
    )


def role(checklist: Checklist, item: Item) -> str:
    """The office a sign-off is for, from its heading; empty when only the item's words tell."""
    for index in checklist.ancestors(item.section):
        found = checklist.sections[index].role
        if found:
            return found
    return ""


def commit_row(made_for: Site, commit: Commit) -> CommitRow:
    """A commit as a line."""
    return _commit_row(made_for.host, commit)


@lru_cache(maxsize=1 << 12)  # one commit ticks many items, each of which tells of it
def _commit_row(host: Host | None, commit: Commit) -> CommitRow:
    return CommitRow(
        commit.id,
        commit.id[:10],
        host.commit(commit.id) if host else "",
        isolated(shown(commit.subject)) or "(no subject)",
        isolated(shown(commit.author.name)) or "(no name)",
        day(commit.committed_at),
    )


def edit_link(made_for: Site, path: str) -> Link:
    """Where a checklist is edited on the branch that was read; nowhere without a known host or a branch."""
    branch = made_for.record.facts.branch
    return Link("Edit this checklist", made_for.host.edit(branch, path) if made_for.host and branch else "")


def release_link(made_for: Site, here: str, tag: str) -> Link:
    """A release by its tag, linked where it has a page."""
    page = made_for.addresses.releases.get(tag)
    return Link(shown(tag), made_for.addresses.link(here, page) if page else "")


def when(at: int) -> Markup:
    """A time as HTML that machines read, too."""
    return Markup('<time datetime="{}">{}</time>').format(iso(at), moment(at))


def iso(at: int) -> str:
    """A time as ISO 8601 in UTC; empty where the calendar ends."""
    from checktrail.charts.drawing import calendar

    found = calendar(at)
    return f"{found:%Y-%m-%dT%H:%M:%SZ}" if found else ""


def listed(values: Iterable[str]) -> Markup:
    """Words with commas between, escaped."""
    return Markup(", ").join(escape(value) for value in values)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 commit`, `3 commits`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def item_text(item: Item) -> Markup:
    """An item's own text as safe HTML."""
    return inline(item.text)
