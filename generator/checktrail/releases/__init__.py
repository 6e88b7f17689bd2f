"""Tags and the commit graph to releases: which commits are in which release, exactly, on every branch. Pure.

In: tags, commits parents first, settings, HEAD. Out: a `Membership`. One order (`graph.ranked`), one sweep of bit masks
(`Graph.containing`), one walk for each release's range; no date ever overrides ancestry. What a page of notes could get
wrong is computed twice, from the masks and by walking, and compared in each run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from checktrail.config import Settings
from checktrail.errors import InvariantError
from checktrail.model import AlsoIncluded, Commit, IgnoredTag, Node, Release, Tag
from checktrail.releases.base import Base, Candidate, bases
from checktrail.releases.graph import Containment, Graph, bits, ranked
from checktrail.releases.naming import UNPARSABLE, parse_version, refusal
from checktrail.releases.versions import Version

__all__ = ["Membership", "Version", "check_page", "check_partition", "parse_version", "releases"]


@dataclass(frozen=True, slots=True)
class Membership:
    """All releases in order, and where every commit went.

    `releases` are in the order of contracts.md; `unreleased` are the commits reachable from HEAD or a tag that no
    release holds, newest first; `ignored` are the tags that are no releases, by name.
    """

    releases: tuple[Release, ...]
    unreleased: tuple[str, ...]
    ignored: tuple[IgnoredTag, ...]
    _contents: Containment = field(repr=False, compare=False)
    _groups: tuple[tuple[str, ...], ...] = field(repr=False, compare=False)
    _by_tag: Mapping[str, Release] = field(repr=False, compare=False)
    _bit_of: Mapping[str, int] = field(repr=False, compare=False)
    _first: Mapping[str, str] = field(repr=False, compare=False)

    def release(self, tag: str) -> Release | None:
        """The release of a tag; None when the tag is none."""
        return self._by_tag.get(tag)

    def first_release(self, commit: str) -> str | None:
        """The canonical tag of the first release that holds a commit; None when it is unreleased or unknown."""
        return self._first.get(commit)

    def containing(self, commit: str) -> tuple[str, ...]:
        """Every release that holds a commit, in order; aliases after their canonical tag."""
        position = self._contents.graph.position.get(commit)
        if position is None:
            return ()
        return tuple(tag for bit in bits(self._contents.masks[position]) for tag in self._groups[bit])

    def contains(self, tag: str, commit: str) -> bool:
        """Whether a release holds a commit."""
        position = self._contents.graph.position.get(commit)
        return position is not None and self._contents.holds(self._bit_of[tag], position)

    def between(self, base: str | None, tag: str) -> tuple[str, ...]:
        """The commits of base..tag, newest first, as `git rev-list` has them; all that the tag holds without a base."""
        graph = self._contents.graph
        bit = None if base is None else self._bit_of[base]
        return tuple(
            [graph.ids[number] for number in self._contents.between(bit, graph.position[self._by_tag[tag].commit])]
        )


class _Node(NamedTuple):
    """A tagged commit: its place in the graph and its tags in the order of claimed date, version, name."""

    position: int
    candidates: tuple[Candidate, ...]

    @property
    def canonical(self) -> Candidate:
        """Final before candidate, then component, then name."""
        return min(
            self.candidates,
            key=lambda one: (one.version.prerelease, one.version.component or "", one.tag.name),
        )


def releases(tags: Iterable[Tag], commits: Iterable[Node | Commit], settings: Settings, head: str | None) -> Membership:
    """Which tags are releases, in which order, and which commits each one shipped first.

    Args:
        tags: every tag, peeled.
        commits: parents first, at least as nodes; all that HEAD and the tags reach, and any more.
        settings: which tags count, and which bases are set by hand.
        head: HEAD's commit, None in a repository without one.

    Raises:
        ConfigError: a setting names a tag that is no release, or is no regular expression.
        InvariantError: a commit is in two places or in none, or a release's page is not base..tag.
    """
    tags = tuple(tags)
    known = tuple(commits)
    graph = Graph(known)
    candidates, ignored = _candidates(tags, known, graph, settings)
    nodes = _nodes(candidates, graph)
    order = ranked(
        graph.nearest([node.position for node in nodes]),
        [(one.at, one.version, one.tag.name) for one in (node.candidates[0] for node in nodes)],
    )
    ordered = [nodes[index] for index, _ in order]
    contents = Containment(graph, graph.containing([node.position for node in ordered]))
    reachable = _reachable(graph, tags, head)
    shipped = _Shipped.of(contents, reachable, len(ordered))
    chosen = [was_chosen for _, was_chosen in order]
    found = tuple(_releases(contents, ordered, chosen, shipped, settings.releases.base))
    check_partition(found, shipped.unreleased, reachable)
    groups = tuple(_group(node) for node in ordered)
    return Membership(
        found, tuple([graph.ids[number] for number in shipped.unreleased]), ignored, contents, groups,
        {release.tag: release for release in found},
        {tag: bit for bit, group in enumerate(groups) for tag in group},
        {commit: release.tag for release in found for commit in release.new},
    )  # fmt: skip


def _candidates(
    tags: Sequence[Tag], commits: Sequence[Node | Commit], graph: Graph, settings: Settings
) -> tuple[tuple[Candidate, ...], tuple[IgnoredTag, ...]]:
    """The tags that are releases, and the others with a reason each."""
    candidates: list[Candidate] = []
    ignored: list[IgnoredTag] = []
    for tag in tags:
        if tag.commit is None:
            ignored.append(IgnoredTag(tag.name, f"it leads to a {tag.target_type}, not to a commit"))
        elif tag.commit not in graph.position:
            ignored.append(IgnoredTag(tag.name, "its commit is not in this clone"))
        elif reason := refusal(tag.name, settings):
            ignored.append(IgnoredTag(tag.name, reason))
        elif (version := parse_version(tag.name, settings)) is None:
            ignored.append(IgnoredTag(tag.name, UNPARSABLE))
        else:
            claimed = tag.tagged_at
            at = commits[graph.position[tag.commit]].committed_at if claimed is None else claimed
            candidates.append(Candidate(tag, tag.commit, version, at, "commit" if claimed is None else "tagger"))
    return tuple(candidates), tuple(sorted(ignored))


def _nodes(candidates: Sequence[Candidate], graph: Graph) -> tuple[_Node, ...]:
    """The tagged commits. Tags on one commit are names of one release, so nothing is ever ordered between them."""
    at_position: dict[int, list[Candidate]] = {}
    for one in sorted(candidates, key=lambda one: (one.at, one.version, one.tag.name)):
        at_position.setdefault(graph.position[one.commit], []).append(one)
    return tuple(_Node(position, tuple(group)) for position, group in at_position.items())


def _group(node: _Node) -> tuple[str, ...]:
    """A commit's tags, the canonical one first."""
    canonical = node.canonical.tag.name
    return (canonical, *(one.tag.name for one in node.candidates if one.tag.name != canonical))


def _reachable(graph: Graph, tags: Sequence[Tag], head: str | None) -> bytearray:
    """For each commit 1 when HEAD or any tag reaches it."""
    reached = bytearray(len(graph.ids))
    for root in (head, *(tag.commit for tag in tags)):
        if root in graph.position:
            reached[graph.position[root]] = 1
    parents = graph.parents
    for number in range(len(reached) - 1, -1, -1):
        if reached[number]:
            for parent in parents[number]:
                reached[parent] = 1
    return reached


class _Shipped(NamedTuple):
    """What was first released where: `first` aligned with the commits, `new` with the tagged commits, newest first."""

    first: Sequence[int | None]
    new: Sequence[Sequence[int]]
    unreleased: Sequence[int]

    @classmethod
    def of(cls, contents: Containment, reachable: bytearray, count: int) -> _Shipped:
        """Of all commits; `unreleased` are those that are reachable and in no release."""
        first = contents.first()
        new: list[list[int]] = [[] for _ in range(count)]
        unreleased: list[int] = []
        for number in range(len(reachable) - 1, -1, -1):
            place = first[number]
            if place is not None:
                new[place].append(number)
            elif reachable[number]:
                unreleased.append(number)
        return cls(first, new, unreleased)


def _releases(
    contents: Containment,
    nodes: Sequence[_Node],
    chosen: Sequence[bool],
    shipped: _Shipped,
    overrides: Mapping[str, str],
) -> Iterator[Release]:
    """The releases in order. `chosen` and what was shipped are aligned with `nodes`."""
    base_of = bases([(node.candidates, node.canonical) for node in nodes], overrides)
    bit_of = {one.tag.name: bit for bit, node in enumerate(nodes) for one in node.candidates}
    groups = [_group(node) for node in nodes]
    ids, first = contents.graph.ids, shipped.first
    shipped_by = {bit: group[0] for bit, group in enumerate(groups)}
    for bit, node in enumerate(nodes):
        follows = bit == 0 or contents.holds(bit, nodes[bit - 1].position)
        is_fixed = len(node.candidates) == 1 and follows and not chosen[bit]
        canonical = node.canonical
        for one in node.candidates:
            base = base_of[one.tag.name]
            base_bit = None if base.tag is None else bit_of[base.tag]
            own = shipped.new[bit] if one is canonical else ()
            page = contents.between(base_bit, node.position)
            also = [
                (number, shipper)
                for number in page
                if (shipper := first[number]) is not None and (shipper != bit or not own)
            ]
            if not base.is_override:
                check_page(one.tag.name, own, also, page)
            yield _release(
                one, base, groups[bit],
                order_basis="ancestry" if is_fixed else "date",
                base_is_ancestor=base_bit is not None and contents.holds(bit, nodes[base_bit].position),
                new=tuple([ids[number] for number in own]),
                also=tuple([AlsoIncluded(ids[number], shipped_by[shipper]) for number, shipper in also]),
            )  # fmt: skip


def _release(  # noqa: PLR0913 -- what is passed by name here is what `Release` holds
    one: Candidate,
    base: Base,
    group: Sequence[str],
    *,
    order_basis: str,
    base_is_ancestor: bool,
    new: tuple[str, ...],
    also: tuple[AlsoIncluded, ...],
) -> Release:
    tag = one.tag
    return Release(
        tag=tag.name,
        version=one.version.text,
        component=one.version.component,
        prerelease=one.version.prerelease,
        commit=one.commit,
        tag_object=tag.tag_object,
        kind=tag.kind,
        tagger=tag.tagger,
        at=one.at,
        at_basis=one.at_basis,
        order_basis=order_basis,
        base=base.tag,
        base_reason=base.reason,
        base_is_ancestor=base_is_ancestor,
        alias_of=None if tag.name == group[0] else group[0],
        aliases=tuple(name for name in group if name != tag.name),
        new=new,
        also_included=also,
        message=tag.message,
    )


def check_page(tag: str, new: Sequence[int], also: Collection[object], page: Collection[int]) -> None:
    """Hold a release to its range: what the masks say is new, with the others, is what walking base..tag finds.

    Raises:
        InvariantError: it is not.
    """
    if len(new) + len(also) != len(page) or not set(new).issubset(page):
        raise InvariantError(
            f"{tag}: {len(new)} new and {len(also)} other commits do not make the {len(page)} of its range",
            hint="please report this with the output of `git log --graph --oneline --decorate`",
        )


def check_partition(found: Sequence[Release], unreleased: Sequence[int], reachable: bytearray) -> None:
    """Hold all releases to the whole: every commit that HEAD or a tag reaches is new in one of them or unreleased.

    Raises:
        InvariantError: one is in two places, or in none.
    """
    placed = [commit for release in found for commit in release.new]
    whole = sum(reachable)
    if len(set(placed)) != len(placed) or len(placed) + len(unreleased) != whole:
        raise InvariantError(
            f"{len(placed)} released and {len(unreleased)} unreleased commits do not make the {whole} reachable",
            hint="please report this with the output of `git log --graph --oneline --decorate`",
        )
