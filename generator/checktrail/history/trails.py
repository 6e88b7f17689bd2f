"""What the walk through a history comes to: where every item stands at a revision, and how it came there. Pure.

From a `Trails` value:

    trails.at(commit)                      path → Tracked, for every checklist in that commit's tree
    trails.at(commit)[path].items[k]       where the k-th item of the parsed checklist stands: who it is, since when
    trails.events_of(standing, at=commit)  that item's events among the commit's ancestors, oldest first
    trails.events_of(standing)             all of its events, those after the commit too
    trails.resets_of(path)                 where a living checklist's cycles begin
    trails.is_ancestor(one, other)         cheap, for any two commits of the repository
    trails.landing(commit, at)             the merge that brought a commit into a branch

`items` of a `Tracked` are aligned with `Checklist.items` of its blob, so line, text, section and state are the
checklist's own; what stands here is what no single text can say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from checktrail.model import Change, Commit, Event


class Since(NamedTuple):
    """The event that put an item into its present state.

    `confidence` is the least of the links between then and now; 1.0 when every one of them is certain. For a created
    item it is also that of its being new: below 1.0 when it may be a reworded older one.
    """

    kind: Change
    commit: str
    confidence: float


class Standing(NamedTuple):
    """Where one item stands at a revision.

    `item` is its identity: 12 hexadecimal digits, unique in the repository (an explicit id stands in the parsed item,
    need not be unique, and is what people are shown instead). `created` is the commit in which it first appeared in its
    own line of files; `derived_from` the identity it was copied from. `also` are identities that a merge found to be
    this same item, made on both sides.
    """

    item: str
    created: str
    since: Since
    derived_from: str | None = None
    also: tuple[str, ...] = ()


class Tracked(NamedTuple):
    """One checklist at one commit: its blob, and where each of its items stands, in document order."""

    blob: str
    items: tuple[Standing, ...]


Sheets = dict[str, Tracked]
"""The checklists of one tree by path."""


class Reset(NamedTuple):
    """A living checklist's new cycle: the commit that unticked most boxes of a file, and the parent that held them."""

    path: str
    commit: str
    before: str
    unticked: int


class Unread(NamedTuple):
    """A checklist that could not be read at a commit, and why: its items' trails may have a gap there."""

    commit: str
    path: str
    blob: str
    reason: str


@dataclass(frozen=True, slots=True)
class Trails:
    """Everything that happened to every item, and where each stands at the revisions asked about.

    `commits` are those that touched checklists, parents first; `events` those of all of them in the same order, within
    a commit by path and line. `names` are the explicit ids of the items that have one, `places`
    the commits' places in their order. `at`, `is_ancestor`,
    `landing` and `events_of` answer for every commit of the repository.
    """

    commits: Mapping[str, Commit]
    events: tuple[Event, ...]
    resets: tuple[Reset, ...]
    unread: tuple[Unread, ...]
    by_item: Mapping[str, tuple[Event, ...]]
    standings: Callable[[str], Mapping[str, Tracked]]
    ancestry: Callable[[str, str], bool]
    landings: Callable[[str], Mapping[str, str]]
    names: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    def at(self, commit: str) -> Mapping[str, Tracked]:
        """The checklists in a commit's tree, by path, with where each of their items stands.

        Raises:
            KeyError: the commit is none of this repository's heads, tags or their ancestors.
        """
        return self.standings(commit)

    def name(self, item: str) -> str:
        """What people are shown for an item's identity: its explicit id, else the identity itself."""
        return self.names.get(item, item)

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether a commit is another's ancestor, or the same."""
        return self.ancestry(ancestor, descendant)

    def landing(self, commit: str, at: str) -> str | None:
        """The commit of a revision's first-parent line that brought another in.

        Itself when it was made on that line; None when it is none of the revision's ancestors. The first answer for a
        revision costs one look at every commit, the others nothing.

        Raises:
            KeyError: the revision is none of this repository's commits.
        """
        return self.landings(at).get(commit)

    def events_of(self, standing: Standing, at: str | None = None) -> tuple[Event, ...]:
        """The events of an item, oldest first; only those among a revision's ancestors when one is given."""
        found = [event for item in (standing.item, *standing.also) for event in self.by_item.get(item, ())]
        if standing.also:
            found.sort(key=lambda event: self.places[event.commit])
        if at is not None:
            found = [event for event in found if self.ancestry(event.commit, at)]
        return tuple(found)

    def resets_of(self, path: str, at: str | None = None) -> tuple[Reset, ...]:
        """The resets of a checklist, oldest first; only those among a revision's ancestors when one is given."""
        found = (reset for reset in self.resets if reset.path == path)
        return tuple(reset for reset in found if at is None or self.ancestry(reset.commit, at))
