"""The nouns, all frozen, tuples all the way down. Pure.

In the order the data walks: what git holds (`Person`, `Commit`, `Tag`), what a checklist holds (`Checklist` and its
parts), what happened (`Event`), what was frozen (`Release`), what is remarked (`Finding`). Every type is complete when
made: no field is filled in later. Types that only one later stage knows (notes, figures, sign-offs) live with it. It
is over 400 lines since the nouns are read together, and cutting them apart would hide how they hang together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

# --- what git holds -------------------------------------------------------------------------------------------------


class Person(NamedTuple):
    """A name and an e-mail address as a commit or tag claims them; raw, never mapped by a mailmap."""

    name: str
    email: str


class Commit(NamedTuple):
    """One commit. A NamedTuple, since a history has a hundred thousand of them and they are made in a hot loop.

    Times are seconds since 1970 in UTC, as claimed by the commit; order is topology, never a date.
    `message` is the whole message, decoded as UTF-8 with U+FFFD for bytes that are not.
    """

    id: str
    parents: tuple[str, ...]
    author: Person
    authored_at: int
    committer: Person
    committed_at: int
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        message = self.message
        end = message.find("\n")
        return (message[:end] if end > 0 else message.lstrip("\n").split("\n", 1)[0]).strip()


class Node(NamedTuple):
    """A commit as no more than its place in the graph and when its committer says it was made, as in `Commit`."""

    id: str
    parents: tuple[str, ...]
    committed_at: int


class TagKind(StrEnum):
    """How a tag is kept: as an object of its own, or as a bare reference."""

    ANNOTATED = "annotated"
    LIGHTWEIGHT = "lightweight"


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag reference, peeled.

    `name` is without `refs/tags/`. `commit` is None when the tag does not lead to a commit (`target_type` says what it
    leads to). `tag_object`, `tagger`, `tagged_at` and `message` are None for a lightweight tag.
    """

    name: str
    kind: TagKind
    commit: str | None
    target_type: str
    tag_object: str | None = None
    tagger: Person | None = None
    tagged_at: int | None = None
    message: str | None = None


class Blob(NamedTuple):
    """A file in a tree: `path` relative to the root with `/`, the object's id, and its mode (`100644`, `100755`).

    Path bytes that are not UTF-8 stand as lone surrogates (`surrogateescape`), so that they lead back to the file.
    """

    path: str
    id: str
    mode: str


# --- what a checklist holds -----------------------------------------------------------------------------------------


class State(StrEnum):
    """The state of an item."""

    OPEN = "open"
    TICKED = "ticked"
    NOT_APPLICABLE = "not-applicable"


class Due(StrEnum):
    """When what a phase asks for must be done."""

    AT_TAG = "at-tag"
    AT_CLOSE = "at-close"
    NEVER = "never"


class Phase(StrEnum):
    """What a section is for."""

    PREPARE = "prepare"
    SIGNOFF = "signoff"
    RELEASE = "release"
    VERIFY = "verify"
    FOLLOW_UP = "follow-up"
    CONTINGENCY = "contingency"

    @property
    def due(self) -> Due:
        """When its items are due: nobody can tick "Push tag" in the tag's own tree, so `release` waits."""
        return _DUE[self]


_DUE: Final[Mapping[Phase, Due]] = MappingProxyType(
    {
        Phase.PREPARE: Due.AT_TAG,
        Phase.SIGNOFF: Due.AT_TAG,
        Phase.RELEASE: Due.AT_CLOSE,
        Phase.VERIFY: Due.AT_CLOSE,
        Phase.FOLLOW_UP: Due.AT_CLOSE,
        Phase.CONTINGENCY: Due.NEVER,
    }
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, up to the next heading of any level.

    `path` holds the heading texts from the outermost in, without the document's title; the first section of every
    checklist is its preamble, with an empty path and line 1. `parent` is an index into `Checklist.sections`.
    `role` is the office that the heading names ("Security Lead"), if it names one.
    `is_template` marks a section that is there to be copied (a release-notes template): its placeholders are no fault.
    """

    path: tuple[str, ...]
    level: int
    line: int
    phase: Phase
    parent: int | None = None
    role: str | None = None
    is_template: bool = False

    @property
    def heading(self) -> str:
        """The section's own heading text; empty for the preamble."""
        return self.path[-1] if self.path else ""


class Command(NamedTuple):
    """A fenced or indented block of commands under a step or an item: its language word (may be empty) and its text."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    r"""One task item.

    `line` is the line of its bullet, counted from 1; `end_line` the last line of its own text, children left out;
    `column` the position of the box's `[` in the line, counted from 0, or -1 when the line does not show it plainly.
    `marker` is the character in the box (`\n` for any line end). `text` is the Markdown source after the box, white
    space folded to single spaces. `section` is an index into `Checklist.sections`, `parent` one into
    `Checklist.items`; `depth` counts the items above it. `conditional`: its own words or an "If …:" above it say so.
    `signoff`: somebody takes responsibility by it. `owners`: who is to do it (`@name`, `(owner: X)`, a role heading).
    `id` is the explicit id, if there is one. `blanks` counts the unfilled `____` in its text; `typed_names` and
    `typed_dates` (ISO) are what somebody wrote into it by hand. `commands` are the code blocks under it.
    """

    line: int
    end_line: int
    column: int
    state: State
    marker: str
    text: str
    section: int
    depth: int = 0
    parent: int | None = None
    conditional: bool = False
    signoff: bool = False
    owners: tuple[str, ...] = ()
    id: str | None = None
    blanks: int = 0
    typed_names: tuple[str, ...] = ()
    typed_dates: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A numbered procedure step without a box, with its commands."""

    line: int
    number: int
    text: str
    commands: tuple[Command, ...]
    section: int


@dataclass(frozen=True, slots=True)
class DeclaredRow:
    """One row of a completion table that somebody wrote by hand.

    `items` and `ticked` are None where the cell holds no number. `section` is the index of the section that the row's
    name means, None for the total row and for names that match nothing; `is_total` tells those two apart.
    """

    row: str
    line: int
    items: int | None
    ticked: int | None
    notes: str
    section: int | None
    is_total: bool = False


class Fact(NamedTuple):
    """A `key: value` that stands in the text: front matter, a line under the title, a footer, a contact."""

    key: str
    value: str
    line: int
    section: int


class Remark(NamedTuple):
    """A bulleted or prose line that is no item, in the place where it stands."""

    text: str
    line: int
    section: int


class Placeholder(NamedTuple):
    """A hole that somebody is to fill: `[VERSION_NUMBER]`, `[Contact]`, `X.Y.Z`, `TBD`. `item` indexes the items."""

    text: str
    line: int
    section: int
    item: int | None


class OddityKind(StrEnum):
    """What the reader noticed that a person would want to know."""

    NOT_UTF8 = "not-utf-8"
    MOJIBAKE = "mojibake"
    BYTE_ORDER_MARK = "byte-order-mark"
    MIXED_LINE_ENDS = "mixed-line-ends"
    BIDI_CONTROL = "bidirectional-control"
    REPLACEMENT_CHARACTER = "replacement-character"
    BOX_IN_CODE = "box-in-code"
    BOX_IN_COMMENT = "box-in-comment"
    BOX_IN_HTML = "box-in-html"
    BOX_IN_TABLE = "box-in-table"
    TOO_DEEP = "too-deep"
    TOO_LARGE = "too-large"
    CONFLICT_MARKER = "conflict-marker"
    BAD_FRONT_MATTER = "bad-front-matter"


class Oddity(NamedTuple):
    """Something odd about the text itself, with its line and what exactly was seen."""

    kind: OddityKind
    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """Everything one Markdown text says; knows neither its path nor its commit, so that it is parsed once per blob.

    `facts` are metadata (front matter, lines under the title, footers); `contacts`, `triggers`, `notes`, `resources`,
    `tracked_figures` (metrics to track) and `purpose` are what their sections list; `prose` is every other paragraph
    and bullet ("If critical issues are discovered:"). `declared` is every row of every completion table. `version` is
    a release version that the text itself binds to (front matter `release:`, title, metadata; never one beside "Last
    Updated"), None when it names none. `lines` counts the text's lines.
    """

    title: str
    title_line: int | None
    sections: tuple[Section, ...]
    items: tuple[Item, ...]
    steps: tuple[Step, ...] = ()
    declared: tuple[DeclaredRow, ...] = ()
    facts: tuple[Fact, ...] = ()
    contacts: tuple[Fact, ...] = ()
    triggers: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    resources: tuple[Remark, ...] = ()
    tracked_figures: tuple[Remark, ...] = ()
    purpose: tuple[Remark, ...] = ()
    prose: tuple[Remark, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    version: str | None = None
    lines: int = 0

    def section_of(self, item: Item) -> Section:
        """The section an item stands in."""
        return self.sections[item.section]

    def phase_of(self, item: Item) -> Phase:
        """The phase of the section an item stands in."""
        return self.sections[item.section].phase

    def ancestors(self, section: int) -> Iterator[int]:
        """The indices of a section and of those it stands in, innermost first."""
        index: int | None = section
        while index is not None:
            yield index
            index = self.sections[index].parent


class Binding(StrEnum):
    """Which releases a checklist belongs to."""

    OWN = "own"
    LIVING = "living"
    TEMPLATE = "template"
    OTHER = "other"


# --- what happened --------------------------------------------------------------------------------------------------


class Change(StrEnum):
    """What one commit did to one item."""

    CREATED = "created"
    COPIED = "copied"
    RESTORED = "restored"
    TICKED = "ticked"
    UNTICKED = "unticked"
    TICKED_BY_MERGE = "ticked-by-merge"
    DROPPED_BY_MERGE = "dropped-by-merge"
    REWORDED = "reworded"
    MOVED = "moved"
    NOT_APPLICABLE = "not-applicable"
    REMOVED = "removed"
    SECTION_RENAMED = "section-renamed"
    RESET = "reset"


class Event(NamedTuple):
    """What one commit did to one item (or, for a section's rename, to none: `item` is None then).

    A NamedTuple, as a commit is one: a long history has very many, and they are read back in a hot loop.

    `item` is the item's identity, `commit` the full id. `path`, `line`, `section`, `new_*` tell of the commit's own
    tree, `old_*` of the parent it is compared with. States and texts are None on the side where the item is not.
    `confidence` is that of the link between old and new, 1.0 when it is certain.
    """

    kind: Change
    item: str | None
    commit: str
    path: str
    old_path: str | None
    line: int
    section: tuple[str, ...]
    old_section: tuple[str, ...] | None
    old_state: State | None
    new_state: State | None
    old_text: str | None
    new_text: str | None
    confidence: float = 1.0


# --- what was frozen ------------------------------------------------------------------------------------------------


class IgnoredTag(NamedTuple):
    """A tag that is no release, and why."""

    tag: str
    reason: str


class AlsoIncluded(NamedTuple):
    """A commit of a release's range that an earlier release shipped first."""

    commit: str
    first_release: str


@dataclass(frozen=True, slots=True)
class Release:
    """A tag and what it froze: contracts.md, "Order and base of releases".

    `version` is the version text without component and leading `v`. `at` is seconds since 1970 UTC. `base` is a tag's
    name; `base_reason` says in words why it was chosen. `alias_of` names the canonical release on the same commit, and
    `aliases` the others there. `new` are the commits first released here, newest first, `also_included` those of the
    range base..tag that another release shipped first.
    """

    tag: str
    version: str
    component: str | None
    prerelease: bool
    commit: str
    tag_object: str | None
    kind: TagKind
    tagger: Person | None
    at: int
    at_basis: str
    order_basis: str
    base: str | None
    base_reason: str
    base_is_ancestor: bool
    alias_of: str | None
    aliases: tuple[str, ...]
    new: tuple[str, ...]
    also_included: tuple[AlsoIncluded, ...]
    message: str | None = None


# --- what is remarked -----------------------------------------------------------------------------------------------


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Repair(StrEnum):
    """How far a finding's fix may be trusted: a safe one never makes a ticked box and takes nobody's words away."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Place(NamedTuple):
    """Where a finding is: any part may be unknown. `line` and `column` are counted from 1."""

    path: str | None = None
    line: int | None = None
    column: int | None = None
    commit: str | None = None
    release: str | None = None
    item: str | None = None


class Finding(NamedTuple):
    """One rule's remark about one place. `code` is stable; `name` is the rule's readable slug."""

    code: str
    name: str
    severity: Severity
    message: str
    place: Place
    requirement: str | None = None
    evidence: tuple[str, ...] = ()
    fix: Repair | None = None
