"""The nouns of release notes, and the fixed order of their parts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from checktrail.model import AlsoIncluded


class Kind(StrEnum):
    """What a part of release notes tells, in the order in which parts stand."""

    HIGHLIGHTS = "highlights"
    FEATURES = "features"
    IMPROVEMENTS = "improvements"
    FIXES = "fixes"
    BREAKING = "breaking"
    UPGRADE = "upgrade"
    KNOWN_ISSUES = "known-issues"
    SECURITY = "security"
    OTHER = "other"


TITLES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.HIGHLIGHTS: "Highlights",
        Kind.FEATURES: "New features",
        Kind.IMPROVEMENTS: "Improvements",
        Kind.FIXES: "Bug fixes",
        Kind.BREAKING: "Breaking changes",
        Kind.UPGRADE: "Upgrade notes",
        Kind.KNOWN_ISSUES: "Known issues",
        Kind.SECURITY: "Security",
        Kind.OTHER: "Other changes",
    }
)

# What somebody who upgrades must read of every release on the way.
UPGRADING = (Kind.BREAKING, Kind.UPGRADE, Kind.KNOWN_ISSUES, Kind.SECURITY)


class Link(NamedTuple):
    """A reference in a text, and where it leads."""

    text: str
    url: str


class Change(NamedTuple):
    """One line of release notes. A NamedTuple, since there is one for every landing.

    `text` is Markdown where `is_markdown`, else plain text from a commit or tag. `commits` are those it stands for, the
    landing first. `scope` is a Conventional Commits scope. `first_release` names the candidate that shipped it first,
    `also_in` the releases of other lines that hold the same change as another commit.
    """

    text: str
    kind: Kind
    commits: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    breaking: bool = False
    scope: str | None = None
    is_markdown: bool = False
    first_release: str | None = None
    also_in: tuple[str, ...] = ()
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Changes of one kind under a title."""

    kind: Kind
    title: str
    changes: tuple[Change, ...]


class SourceKind(StrEnum):
    """Where curated notes were found."""

    FILE = "file"
    CHANGELOG = "changelog"
    FRAGMENTS = "fragments"
    TAG = "tag"
    COMMITS = "commits"


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the notes. `path` is None for the tag's message and for commits.

    `added` and `removed` are the lines by which the text of today differs from that in the tag's own tree;
    `is_later` says that the tag's tree did not have it at all.
    """

    kind: SourceKind
    path: str | None = None
    is_later: bool = False
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Contributor(NamedTuple):
    """A person by the name that the mailmap gives, and whether no earlier release holds work of theirs."""

    name: str
    first_time: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """Curated changes that no commit stands for, and commits that users would notice but no curated change tells."""

    changes_without_commit: tuple[str, ...] = ()
    commits_without_change: tuple[str, ...] = ()


class Reverted(NamedTuple):
    """A change that came and went within one release, with its commits and those that took it back."""

    text: str
    commits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notes:
    """The release notes of one tag.

    `parts` are curated where there is a curated source, else made from commits; `generated` is the list made from
    commits that stands under curated parts, empty otherwise.
    """

    tag: str
    base: str | None
    base_reason: str
    sources: tuple[Source, ...]
    parts: tuple[Part, ...]
    generated: tuple[Part, ...]
    contributors: tuple[Contributor, ...]
    drift: Drift
    reverted: tuple[Reverted, ...]
    also_included: tuple[AlsoIncluded, ...]


def arranged(changes: Iterable[Change]) -> tuple[Part, ...]:
    """Changes as parts in the fixed order; within a part they keep theirs, and empty parts are left out."""
    by_kind: dict[Kind, list[Change]] = {kind: [] for kind in Kind}
    for change in changes:
        by_kind[change.kind].append(change)
    return tuple(Part(kind, TITLES[kind], tuple(found)) for kind, found in by_kind.items() if found)
