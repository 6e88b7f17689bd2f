"""Which section became which: by the votes of their items. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from checktrail.identity.pairing import Scratch
    from checktrail.identity.rows import Row

Sections: TypeAlias = dict[int, int]


def sections(scratch: Scratch) -> Sections:
    """Each old section's most likely new one.

    A bound item votes with its link, a free one for every section that holds its words; the path decides a tie, then
    the order in the texts (the sections' numbers depend on what was read before).
    """
    votes: Counter[tuple[int, int]] = Counter()
    for link in scratch.links.values():
        votes[scratch.old[link.old].section, scratch.new[link.new].section] += 2
    elsewhere: dict[str, list[Row]] = {}
    for index in scratch.free_new():
        elsewhere.setdefault(scratch.new[index].normal, []).append(scratch.new[index])
    for index in scratch.free_old():
        row = scratch.old[index]
        for other in elsewhere.get(row.normal, ()):
            votes[row.section, other.section] += 2
    paths = {row.section: row.path for row in scratch.old}
    new_paths = {row.section: row.path for row in scratch.new}
    for old, path in paths.items():
        for new, new_path in new_paths.items():
            if path == new_path:
                votes[old, new] += 1
    place = {section: number for number, section in enumerate(paths)}
    new_place = {section: number for number, section in enumerate(new_paths)}
    mapped: Sections = {}
    taken: set[int] = set()
    for _, _, _, old, new in sorted(
        (-count, place[old], new_place[new], old, new) for (old, new), count in votes.items()
    ):
        if old not in mapped and new not in taken:
            mapped[old] = new
            taken.add(new)
    return mapped
