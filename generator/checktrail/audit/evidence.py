"""Everything the audit is given; nothing of it is looked up later. Pure.

It comes in two steps: first what the tags froze and the trails (`Evidence`), from which the audit tells which objects
it wants to see (`Wanted`); then what came of them (`Proof`). Order is topology: the trails' `is_ancestor` decides,
never a date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar

from checktrail.audit.lookalikes import LookAlike
from checktrail.audit.policy import Policy
from checktrail.closing import Close
from checktrail.history import Standing, Trails
from checktrail.model import Binding, Checklist, Commit, IgnoredTag, Item, Phase, Release, State, Tag
from checktrail.signatures.verification import Verification

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One checklist in one tree. `standings` are aligned with `checklist.items`; `look_alikes` are no items."""

    path: str
    blob: str
    checklist: Checklist
    standings: tuple[Standing, ...]
    binding: Binding
    look_alikes: tuple[LookAlike, ...] = ()

    def spots(self, which: Iterable[int]) -> list[Spot]:
        """Some of its items, counted from 0, where they stand."""
        items, standings = self.checklist.items, self.standings
        return [Spot(self, items[nth], standings[nth], nth) for nth in which]


class Spot(NamedTuple):
    """One item where it stands in one tree: the `nth` of its checklist, counted from 0."""

    sheet: Sheet
    item: Item
    standing: Standing
    nth: int

    @property
    def is_ticked(self) -> bool:
        """Whether its box is ticked here."""
        return self.item.state is State.TICKED

    @property
    def section(self) -> tuple[str, ...]:
        """The headings it stands under."""
        return self.sheet.checklist.section_of(self.item).path

    @property
    def phase(self) -> Phase:
        """What its section is for."""
        return self.sheet.checklist.phase_of(self.item)

    @property
    def name(self) -> str:
        """What people call the item by: its explicit id, else its identity."""
        return self.item.id or self.standing.item


class PolicyFile(NamedTuple):
    """A policy as one tree has it: its blob, and what it says or why it cannot be read.

    `is_lost`: the tree names the blob, and the repository does not have it, or not as its name says.
    """

    blob: str
    policy: Policy | None
    fault: str = ""
    is_lost: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One tree as the audit sees it: its checklists by path, its policy, its trust files and mailmap.

    `trust` is path to blob of the trust files that the tree's policy names, None where one is not there; `mailmap` is
    the text of `.mailmap`, empty without one; `tree` the tree's own id, empty where that was not looked at.
    """

    commit: str
    sheets: Mapping[str, Sheet]
    policy: PolicyFile | None = None
    trust: tuple[tuple[str, str | None], ...] = ()
    mailmap: str = ""
    tree: str = ""

    def spots(self, paths: Iterable[str] | None = None) -> Iterable[Spot]:
        """The items of the checklists at some paths, in the order of paths and lines; all by default."""
        for path in self.sheets if paths is None else paths:
            sheet = self.sheets[path]
            yield from sheet.spots(range(len(sheet.standings)))

    def spot_of(self, elsewhere: Spot) -> Spot | None:
        """Where an item of another tree stands in this one; None when it is gone."""
        there, _, standing, nth = elsewhere
        sheet = self.sheets.get(there.path)
        # Most often it is still in its place, or at least in its file.
        if sheet is there:
            return elsewhere
        if sheet is not None and nth < len(sheet.standings) and sheet.standings[nth].item == standing.item:
            return Spot(sheet, sheet.checklist.items[nth], sheet.standings[nth], nth)
        wanted = {elsewhere.standing.item, *elsewhere.standing.also}
        if sheet is not None:
            for spot in self.spots((elsewhere.sheet.path,)):
                if wanted & {spot.standing.item, *spot.standing.also}:
                    return spot
        found = _by_identity(self)
        return next((found[item] for item in sorted(wanted) if item in found), None)


@lru_cache(maxsize=4)
def _by_identity(scene: Scene) -> Mapping[str, Spot]:
    """Every item of a tree by each of its identities; kept for the few trees that many releases look into."""
    return {item: spot for spot in scene.spots() for item in (spot.standing.item, *spot.standing.also)}


NOWHERE: Final = Scene("", MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Tagged:
    """A release, the checklists that speak for it (its own and the living ones), and where each of them closes.

    `base` is the commit of the release it is compared with, None for a first one; `range` are the commits between it
    and the tag. `after` are the commits between tag
    and close of each living checklist; one of the release's own closes at HEAD, and stands not in it.

    `judged_at` is the time at which policy, roles, keys and waivers are judged: the tag's, or that of the commit it
    names, or of a base which that descends from, where one of these is later: it cannot be older than what it holds.
    """

    release: Release
    paths: tuple[str, ...]
    closes: Mapping[str, Close]
    base: str | None
    range: tuple[str, ...]
    judged_at: int
    after: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


class LedgerEntry(NamedTuple):
    """One line of the ledger: a tag as it was seen, chained to the line before by its SHA-256.

    `head` is the tip of the branch on which it was seen, None when HEAD was on none.
    """

    tag: str
    tag_object: str | None
    commit: str | None
    checklists: tuple[tuple[str, str], ...]
    policy: str | None
    verdict: str | None
    tool_version: str
    rules_digest: str
    first_seen: str
    head: str | None
    previous: str


class Ledger(NamedTuple):
    """The ledger's lines in order, and where its chain is broken: a sentence each.

    `lost` are lines that the file held at an earlier commit and that it no longer has.
    """

    entries: tuple[LedgerEntry, ...] = ()
    faults: tuple[str, ...] = ()
    lost: tuple[LedgerEntry, ...] = ()

    @property
    def seen(self) -> tuple[LedgerEntry, ...]:
        """All that was ever told of a tag, what is lost before what stands: taking a line away hides nothing."""
        return (*self.lost, *self.entries)


NO_LEDGER: Final = Ledger()


@lru_cache(maxsize=2)
def entries_by_tag(evidence: Evidence) -> Mapping[str, tuple[LedgerEntry, ...]]:
    """The ledger's lines by the tag they saw, in order; each release asks for its own."""
    found: dict[str, list[LedgerEntry]] = {}
    for entry in evidence.ledger.seen:
        found.setdefault(entry.tag, []).append(entry)
    return {tag: tuple(entries) for tag, entries in found.items()}


@dataclass(frozen=True, slots=True)
class RepositoryFlags:
    """What would make the evidence incomplete."""

    is_shallow: bool = False
    is_partial: bool = False
    has_replacements: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A repository as the audit sees it.

    `scenes` is commit to tree for every tag, base, close and HEAD. `tags` are all tags there are, `ignored` those that
    are no release. `changelog_versions` are the versions that a changelog at HEAD names. `as_of` is the only "now".
    `override` is a policy given by hand, which then stands in every tree. `branch` is the one HEAD
    is on, `tips` are the commits of HEAD and of all branches here and of remotes, none where no ledger knows a branch.
    `checklist_paths` are all paths at which a checklist ever stood.
    """

    flags: RepositoryFlags
    releases: tuple[Tagged, ...]
    head: str | None
    scenes: Mapping[str, Scene]
    commits: Mapping[str, Commit]
    trails: Trails
    as_of: int
    tags: tuple[Tag, ...] = ()
    ignored: tuple[IgnoredTag, ...] = ()
    changelog_versions: tuple[str, ...] = ()
    ledger: Ledger = NO_LEDGER
    override: Policy | None = None
    policy_path: str = "checktrail-policy.yml"
    branch: str | None = None
    tips: tuple[str, ...] = ()
    checklist_paths: frozenset[str] = frozenset()

    @property
    def now(self) -> Scene:
        """HEAD's tree; an empty one in a repository without commits."""
        return self.scenes[self.head] if self.head else NOWHERE


@dataclass(frozen=True, eq=False)
class Asked(Generic[_Answer]):
    """A question about a checklist that depends on its text alone, asked once of each text.

    A living checklist says the same at many tags.
    """

    answer: Callable[[Checklist], _Answer]

    def of(self, evidence: Evidence) -> Callable[[Sheet], _Answer]:
        """What is true of a sheet."""
        return _answering(evidence, self)


@lru_cache(maxsize=16)
def _answering(evidence: Evidence, asked: Asked[_Answer]) -> Callable[[Sheet], _Answer]:
    """The answers to one question about the texts of an evidence, by blob."""
    del evidence
    known: dict[str, _Answer] = {}

    def answer(sheet: Sheet) -> _Answer:
        if sheet.blob not in known:
            known[sheet.blob] = asked.answer(sheet.checklist)
        return known[sheet.blob]

    return answer


class Span(NamedTuple):
    """From one commit to another."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the audit asks to see.

    `objects` are commits and tags to verify, with the commit whose policy names the trust files; `spans` are pairs of
    commits to compare; `commits` those whose changed paths are asked for; `trees` those whose every path is.
    """

    objects: tuple[tuple[str, str], ...] = ()
    spans: tuple[Span, ...] = ()
    commits: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()


class Landed(NamedTuple):
    """What came between two commits: the commits, newest first, and the paths that differ."""

    commits: tuple[str, ...]
    paths: tuple[str, ...]


NOTHING_LANDED: Final = Landed((), ())


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of what the audit asked for.

    `verifications` by object and by the tagged commit whose trust files counted; `landed` by span; `changed` are a
    commit's own paths; `trees` every path of a tree; `faults` say which trust file of a tagged commit is missing or
    broken; `named` is the name that a tag object itself carries, which a signature covers and a reference does not;
    `lost` are the commits and tags that the repository does not have, not as their names say, or in a form that git's
    tools read differently, and which it is.
    """

    verifications: Mapping[tuple[str, str], Verification] = field(default_factory=lambda: MappingProxyType({}))
    landed: Mapping[Span, Landed] = field(default_factory=lambda: MappingProxyType({}))
    changed: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    trees: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    named: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    lost: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
