"""Everything the audit is given; nothing of it is looked up later. Pure.

`record` puts it together in two steps: first what the tags froze and the trails (`Evidence`), from which the audit
tells which objects it wants to see; then what came of them (`Proof`). Order is topology: `is_ancestor` decides, never
a date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from checktrail.audit.policy import Policy
from checktrail.model import Checklist, Commit, Event, IgnoredTag, Item, Release, State, Tag
from checktrail.signatures.verification import Verification


@dataclass(frozen=True, slots=True)
class Sheet:
    """One checklist in one tree. `items` holds each item's identity, aligned with `checklist.items`.

    `belongs` tells whether it speaks for the release it is seen at: its own one, or a living one.
    """

    path: str
    blob: str
    checklist: Checklist
    items: tuple[str, ...]
    belongs: bool


class Spot(NamedTuple):
    """One item where it stands in one tree."""

    sheet: Sheet
    item: Item
    identity: str

    @property
    def is_ticked(self) -> bool:
        """Whether its box is ticked here."""
        return self.item.state is State.TICKED

    @property
    def section(self) -> tuple[str, ...]:
        """The headings it stands under."""
        return self.sheet.checklist.section_of(self.item).path


class PolicyFile(NamedTuple):
    """A policy as one tree has it: its blob, and what it says or why it cannot be read."""

    blob: str
    policy: Policy | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """One tree as the audit sees it: its checklists by path, its policy, its trust files and mailmap.

    `trust` is path to blob of the files the policy names, None where one is not there. `mailmap` is its text.
    """

    commit: str
    sheets: tuple[Sheet, ...]
    policy: PolicyFile | None = None
    trust: tuple[tuple[str, str | None], ...] = ()
    mailmap: str = ""

    def spots(self) -> Iterable[Spot]:
        """Every item of every checklist here."""
        for sheet in self.sheets:
            for item, identity in zip(sheet.checklist.items, sheet.items, strict=True):
                yield Spot(sheet, item, identity)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A release with the trees that its audit compares. `base` is None for a first release.

    `changed` are the paths that differ between base and tag, None where that was not asked for.
    `paths` are all paths of the tag's tree, None where no requirement asks for files.
    """

    release: Release
    at_tag: Scene
    base: Scene | None
    at_close: Scene
    changed: tuple[str, ...] | None = None
    paths: frozenset[str] | None = None


class LedgerEntry(NamedTuple):
    """One line of the ledger: a tag as it was seen, chained to the line before by its SHA-256."""

    tag: str
    tag_object: str | None
    commit: str | None
    checklists: tuple[tuple[str, str], ...]
    policy: str | None
    verdict: str | None
    tool_version: str
    rules_digest: str
    first_seen: str
    previous: str


class Ledger(NamedTuple):
    """The ledger's lines in order, and where its chain is broken: a sentence each."""

    entries: tuple[LedgerEntry, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepositoryFlags:
    """What would make the evidence incomplete. `unreadable` are ids of objects that git could not give."""

    is_shallow: bool = False
    is_partial: bool = False
    has_replacements: bool = False
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A repository as the audit sees it.

    `trails` is item to its events, in the order of history (parents first). `tags` are all tags there are, `ignored`
    those that are no release. `changelog_versions` are the versions that a changelog at HEAD names. `policy_override`
    is a policy given by hand, which then stands for all trees.
    """

    flags: RepositoryFlags
    releases: tuple[Tagged, ...]
    now: Scene | None
    commits: Mapping[str, Commit]
    trails: Mapping[str, tuple[Event, ...]]
    is_ancestor: Callable[[str, str], bool]
    tags: tuple[Tag, ...] = ()
    ignored: tuple[IgnoredTag, ...] = ()
    changelog_versions: tuple[str, ...] = ()
    ledger: Ledger | None = None
    policy_override: Policy | None = None


@dataclass(frozen=True, slots=True)
class Landed:
    """What came between a sign-off and the tag: how many commits, and the paths that differ."""

    commits: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of the objects that the audit asked for.

    `verifications` by object id; `landed` by (ticking commit, tagged commit); `trust_faults` say which trust file could
    not be found or read, by the commit whose tree was to hold it.
    """

    verifications: Mapping[str, Verification] = field(default_factory=lambda: MappingProxyType({}))
    landed: Mapping[tuple[str, str], Landed] = field(default_factory=lambda: MappingProxyType({}))
    trust_faults: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
