"""Two outlines in, what became of each item out; made once for each pair of blobs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from checktrail.identity import CERTAIN, pair
from checktrail.identity.rows import plain_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.history.outline import Outline
    from checktrail.identity import Link


class Renaming(NamedTuple):
    """A section that changed its name (or that of one above it), with the line of its new heading."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    line: int


class Comparison(NamedTuple):
    """What became of the items between two texts.

    `links` is old index and confidence per new index, None for a new item. `changed` are the new indices whose state,
    words or section are not the old one's, or whose link is not certain. `gone` are old indices, `births` how certain
    the newness of each new index without a link is.
    """

    links: tuple[tuple[int, float] | None, ...]
    changed: tuple[int, ...]
    gone: tuple[int, ...]
    births: Mapping[int, float]
    renamings: tuple[Renaming, ...]
    carried: frozenset[tuple[tuple[int, int], tuple[int, int]]]


def compared(old: Outline, new: Outline) -> Comparison:
    """What became of the items of one text in another."""
    before, after = old.rows(), new.rows()
    pairing = pair(before, after)
    links: list[tuple[int, float] | None] = [None] * len(after)
    for link in pairing.links:
        links[link.new] = (link.old, link.confidence)
    changed = [
        link.new
        for link in pairing.links
        if link.confidence < CERTAIN
        or before[link.old].text != after[link.new].text
        or before[link.old].state is not after[link.new].state
        or before[link.old].path != after[link.new].path
        or before[link.old].id != after[link.new].id
    ]
    bound = {link.old for link in pairing.links}
    renamings, carried = _renamings(old, new, pairing.links)
    gone = tuple(index for index in range(len(before)) if index not in bound)
    return Comparison(tuple(links), tuple(changed), gone, pairing.births, renamings, carried)


def _renamings(
    old: Outline, new: Outline, links: Sequence[Link]
) -> tuple[tuple[Renaming, ...], frozenset[tuple[tuple[int, int], tuple[int, int]]]]:
    """Sections whose items went on together under another name; and all pairs of sections that carry on."""
    before, after = old.rows(), new.rows()
    votes: dict[tuple[tuple[int, int], tuple[int, int]], int] = {}
    sizes: dict[tuple[int, int], int] = {}
    new_sizes: dict[tuple[int, int], int] = {}
    for link in links:
        one, other = before[link.old].section, after[link.new].section
        votes[one, other] = votes.get((one, other), 0) + 1
        sizes[one] = sizes.get(one, 0) + 1
        new_sizes[other] = new_sizes.get(other, 0) + 1
    standing = {row.path for row in before} & {row.path for row in after}
    carried = set()
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], Renaming] = {}
    for (one, other), count in votes.items():
        if 2 * count <= sizes[one] or 2 * count <= new_sizes[other]:
            continue
        path, new_path = old.paths[one[0]][one[1]], new.paths[other[0]][other[1]]
        if plain_path(path) == plain_path(new_path):
            carried.add((one, other))
            continue
        if plain_path(path) in standing or plain_path(new_path) in standing:
            continue  # the old name still stands, or the new one did before: items moved between sections
        carried.add((one, other))
        for renaming in _steps(path, new_path, new):
            found.setdefault((renaming.old, renaming.new), renaming)
    return tuple(sorted(found.values(), key=lambda renaming: renaming.line)), frozenset(carried)


def _steps(old: tuple[str, ...], new: tuple[str, ...], outline: Outline) -> list[Renaming]:
    """The headings of two paths that differ, from the outermost in; paths of unlike length differ as a whole."""
    if len(old) != len(new):
        return [Renaming(old, new, _heading_line(outline, new))]
    return [
        Renaming(old[: depth + 1], new[: depth + 1], _heading_line(outline, new[: depth + 1]))
        for depth in range(len(old))
        if plain_path(old[depth : depth + 1]) != plain_path(new[depth : depth + 1])
    ]


def _heading_line(outline: Outline, path: tuple[str, ...]) -> int:
    for part, line, paths in zip(outline.parts, outline.lines, outline.paths, strict=False):
        for index, own in enumerate(paths[1:]):
            if own == path:
                return line + part.heading_lines[index]
    return 1
