"""Two outlines in, what became of each item out; made once for each pair of blobs. Pure.

Blocks that stand unchanged before and behind all change are the same items; only what lies between is matched. That is
what the matcher would say of the whole too, unless a section in the middle has the path of one outside it: then the
whole is matched.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.identity import CERTAIN, pair
from checktrail.identity.rows import plain_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checktrail.history.outline import Outline, Path
    from checktrail.identity import Link, Row


_NONE: Final[frozenset[tuple[int, int]]] = frozenset()


class Renaming(NamedTuple):
    """A section that changed its name, with the line of its new heading."""

    old: Path
    new: Path
    line: int


class Comparison(NamedTuple):
    """What became of the items between two texts.

    The first `head` and the last `tail` items are the same on both sides. `links` are old index and confidence of each
    new item between them, None for a new one. `changed` are the new indices whose state, words, id or section are not
    the old one's, or whose link is not certain. `gone` are old indices; `births` say how certain the newness of each
    new item is. `carried` are the pairs of sections that are one section still.
    """

    head: int
    tail: int
    old_size: int
    links: tuple[tuple[int, float] | None, ...]
    changed: tuple[int, ...]
    gone: tuple[int, ...]
    births: Mapping[int, float]
    renamings: tuple[Renaming, ...]
    carried: frozenset[tuple[int, int]]

    def certain(self) -> Iterator[tuple[int, int]]:
        """Old and new index of every certain link."""
        yield from ((index, index) for index in range(self.head))
        for index, link in enumerate(self.links, self.head):
            if link is not None and link[1] == CERTAIN:
                yield link[0], index
        size = self.head + len(self.links) + self.tail
        shift = size - self.old_size
        yield from ((index - shift, index) for index in range(size - self.tail, size))

    def link(self, new: int) -> tuple[int, float]:
        """Old index and confidence of a linked item of the middle."""
        found = self.links[new - self.head]
        assert found is not None  # noqa: S101 -- asked for linked items alone
        return found


def compared(old: Outline, new: Outline) -> Comparison:
    """What became of the items of one text in another."""
    head, tail = _unchanged(old, new)
    first, new_first = old.starts[head], new.starts[head]
    before = old.rows(head, len(old.blocks) - tail)
    after = new.rows(head, len(new.blocks) - tail)
    edges = first, new.size - new.starts[len(new.blocks) - tail], old.size
    if len(before) == len(after) and _tells_apart(before):
        touched = [nth for nth, (row, other) in enumerate(zip(before, after, strict=True)) if row is not other]
        if all(before[nth].key == after[nth].key and before[nth].id == after[nth].id for nth in touched):
            links = tuple([(first + nth, CERTAIN) for nth in range(len(before))])
            changed = tuple([new_first + nth for nth in touched if _differ(before[nth], after[nth])])
            return Comparison(*edges, links, changed, (), {}, (), _NONE)
    pairing = pair(before, after)
    found: list[tuple[int, float] | None] = [None] * len(after)
    changed_links = []
    unchanged = {section for block in {*old.blocks} & {*new.blocks} for section in block.frame.sections}
    for link in pairing.links:
        found[link.new] = (first + link.old, link.confidence)
        one, other = before[link.old], after[link.new]
        if _differ(one, other) or (link.confidence < CERTAIN and (one is not other or one.section not in unchanged)):
            changed_links.append(new_first + link.new)
    bound = {link.old for link in pairing.links}
    renamings, carried = _renamings((old, before), (new, after), pairing.links)
    return Comparison(
        *edges,
        tuple(found),
        tuple(changed_links),
        tuple(first + index for index in range(len(before)) if index not in bound),
        {new_first + index: certain for index, certain in pairing.births.items()},
        renamings,
        carried,
    )


def _tells_apart(rows: Sequence[Row]) -> bool:
    """Whether no explicit id stands twice: then equal keys in equal order are all there is to say."""
    ids = [row.id for row in rows if row.id is not None]
    return len(set(ids)) == len(ids)


def _unchanged(old: Outline, new: Outline) -> tuple[int, int]:
    """How many blocks are the same at the head and at the tail."""
    one, other = old.blocks, new.blocks
    shorter = min(len(one), len(other))
    head = 0
    while head < shorter and one[head] is other[head]:
        head += 1
    tail = 0
    while tail < shorter - head and one[-1 - tail] is other[-1 - tail]:
        tail += 1
    if old.is_distinct and new.is_distinct:
        return head, tail
    middle: set[Path] = set()
    for block in (*one[head : len(one) - tail], *other[head : len(other) - tail]):
        middle |= block.plain_paths
    outside = (*one[:head], *one[len(one) - tail :])
    return (head, tail) if all(block.plain_paths.isdisjoint(middle) for block in outside) else (0, 0)


def _differ(old: Row, new: Row) -> bool:
    return old.text != new.text or old.state is not new.state or old.path != new.path or old.id != new.id


def _renamings(
    old: tuple[Outline, Sequence[Row]], new: tuple[Outline, Sequence[Row]], links: Sequence[Link]
) -> tuple[tuple[Renaming, ...], frozenset[tuple[int, int]]]:
    """Sections whose items went on together under another name; and all pairs of sections that carry on."""
    before, (new_outline, after) = old[1], new
    if all(before[link.old].path == after[link.new].path for link in links):
        return (), frozenset()
    votes = Counter((before[link.old].section, after[link.new].section) for link in links)
    sizes = Counter(before[link.old].section for link in links)
    new_sizes = Counter(after[link.new].section for link in links)
    standing = {row.path for row in before} & {row.path for row in after}
    paths, new_paths = _section_paths(old), _section_paths(new)
    carried = set()
    found: dict[tuple[Path, Path], Renaming] = {}
    for (one, other), votes_for in votes.items():
        if 2 * votes_for <= sizes[one] or 2 * votes_for <= new_sizes[other]:
            continue
        path, new_path = paths[one], new_paths[other]
        if plain_path(path) != plain_path(new_path):
            if plain_path(path) in standing or plain_path(new_path) in standing:
                continue  # the old name still stands, or the new one did before: items moved between sections
            for renaming in _steps(path, new_path, new_outline):
                found.setdefault((renaming.old, renaming.new), renaming)
        carried.add((one, other))
    return tuple(sorted(found.values(), key=lambda renaming: renaming.line)), frozenset(carried)


def _section_paths(side: tuple[Outline, Sequence[Row]]) -> dict[int, Path]:
    """The written path of each section that holds items."""
    outline, rows = side
    wanted = {row.section for row in rows}
    return {
        row.section: block.frame.paths[box.section]
        for block in outline.blocks
        for row, box in zip(block.rows, block.part.boxes, strict=True)
        if row.section in wanted
    }


def _steps(old: Path, new: Path, outline: Outline) -> list[Renaming]:
    """The headings of two paths that differ, from the outermost in; paths of unlike length differ as a whole."""
    if len(old) != len(new):
        return [Renaming(old, new, outline.heading_line(new))]
    return [
        Renaming(old[: depth + 1], new[: depth + 1], outline.heading_line(new[: depth + 1]))
        for depth in range(len(old))
        if plain_path(old[depth : depth + 1]) != plain_path(new[depth : depth + 1])
    ]
