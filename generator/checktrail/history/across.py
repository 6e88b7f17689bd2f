"""Items that left one file and items that appeared in another, in; which of them are the same, out. Pure.

Files are paired by what their items share, never by git's own similarity, which cannot see items. An item that is gone
from its file and found in another has moved; one that still stands where it stood was copied with its file.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.identity import CERTAIN, pair
from checktrail.identity.likely import likeness

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checktrail.identity import Row
    from checktrail.identity.rows import Key

_ALIKE: Final = 0.5
"""The share of words two files must have in common for fuzzy links between them."""
_STRAY: Final = 0.8
"""At most this certain: a single item whose words left one file and turned up in another."""
_SURE: Final = 0.62
EITHER: Final = 0.8
"""At most this certain: where an item went whose words turned up in two files; and that it did not go to the other."""
_LIKE: Final = 0.5
"""Words of an item that left one file and of one that is new in another, so much alike, leave a doubt."""
_MANY: Final = 20_000
"""More pairs than this are not looked at for doubt."""
_FEW: Final = 2


class Found(NamedTuple):
    """An old item, by path and index, that is a new one, by path and index; how certain that is."""

    old_path: str
    old: int
    path: str
    new: int
    confidence: float


Pool = dict[str, dict[int, "Row"]]
"""Items by path and index."""

Newness = dict[str, dict[int, float]]
"""How certain it is that an item is new, by path and index; those not in it are."""


class Source(NamedTuple):
    """A file that stands and that a new one was copied from, and the places where it had its items."""

    path: str
    places: frozenset[Key]


_NONE: Final[Mapping[str, Source]] = MappingProxyType({})


def moves(gone: Pool, appeared: Pool, newness: Newness, copied: Mapping[str, Source] = _NONE) -> Iterator[Found]:
    """The items of `gone` that are in `appeared`; both pools shrink by what was found.

    File by file, those that share most first; but one of the `copied` files gives way to a file with as good a claim.
    How certain it is that the others are new is noted in `newness`.
    """
    tried: set[tuple[str, str]] = set()
    homes = _homes(appeared)
    taken: set[str] = set()
    while (best := _most_shared(gone, appeared, tried, copied)) is not None:
        old_path, path = best
        tried.add(best)
        before, after = gone[old_path], appeared[path]
        alike = _shared(before, after) >= max(_FEW, _ALIKE * min(len(before), len(after)))
        olds, news = sorted(before), sorted(_come(old_path, before, after, copied.get(path)))
        pairing = pair([before[index] for index in olds], [after[index] for index in news])
        found = [Found(old_path, olds[link.old], path, news[link.new], link.confidence) for link in pairing.links]
        together = _together(found, after)
        for one in found:
            if one.new in together and (alike or one.confidence >= _SURE):
                words = before.pop(one.old).normal
                del after[one.new]
                taken.add(words)
                most = min(CERTAIN if alike else _STRAY, EITHER if homes.get(words, set()) - {path} else CERTAIN)
                yield one._replace(confidence=min(most, one.confidence))
        if alike:
            _note(newness, path, {news[index]: certain for index, certain in pairing.births.items()})
    for path, rows in appeared.items():
        _note(newness, path, {index: EITHER for index, row in rows.items() if row.normal in taken})
    _doubt(gone, appeared, newness)


def _come(
    old_path: str, before: Mapping[int, Row], after: Mapping[int, Row], source: Source | None
) -> Mapping[int, Row]:
    """What may have come from a file into a new one: of a copy only what does not stand where its source had it.

    What does was copied with the rest; unless most of the copy is what the other file has lost.
    """
    if source is None or (old_path != source.path and 2 * _shared(before, after) >= len(after)):
        return after
    return {index: row for index, row in after.items() if row.key not in source.places}


def _doubt(gone: Pool, appeared: Pool, newness: Newness) -> None:
    """A new item whose words are like those of one that left another file may be it, too little as speaks for that."""
    left = [(path, row.soft) for path, rows in gone.items() for row in rows.values()]
    for path, rows in appeared.items():
        for index, row in rows.items() if len(left) * len(rows) <= _MANY else ():
            like = max((likeness(row.soft, words) for old_path, words in left if old_path != path), default=0.0)
            if like >= _LIKE:
                _note(newness, path, {index: CERTAIN - min(like, EITHER)})


def _homes(appeared: Pool) -> Mapping[str, set[str]]:
    """The files in which each item's words turned up."""
    found: dict[str, set[str]] = {}
    for path, rows in appeared.items():
        for row in rows.values():
            found.setdefault(row.normal, set()).add(path)
    return found


def _note(newness: Newness, path: str, births: Mapping[int, float]) -> None:
    """Note how certain it is that items are new; the least that was ever said counts."""
    certainty = newness.setdefault(path, {})
    for index, certain in births.items():
        certainty[index] = min(certain, certainty.get(index, CERTAIN))


def _together(found: Sequence[Found], appeared: Mapping[int, Row]) -> set[int]:
    """The found items whose section came with them: one stray among many new ones has their words by chance."""
    whole = Counter(row.section for row in appeared.values())
    came = Counter(appeared[one.new].section for one in found)
    return {one.new for one in found if 2 * came[section := appeared[one.new].section] >= whole[section]}


def source(appeared: Mapping[int, Row], words: Mapping[str, frozenset[str]]) -> str | None:
    """The file that a new one was copied from: the one that holds most of its items' words, and at least half."""
    wanted = {row.soft for row in appeared.values()}
    best, most = None, 0
    for path in sorted(words):
        shared = len(wanted & words[path])
        if shared > most:
            best, most = path, shared
    enough = most >= _ALIKE * len(wanted) and most >= min(_FEW, len(wanted))
    return best if enough else None


def copies(old_path: str, before: Sequence[Row], path: str, appeared: Mapping[int, Row]) -> Iterator[Found]:
    """Which item of the source each item of a copy was made from."""
    news = sorted(appeared)
    for link in pair(before, [appeared[index] for index in news]).links:
        yield Found(old_path, link.old, path, news[link.new], link.confidence)


def _most_shared(
    gone: Pool, appeared: Pool, tried: set[tuple[str, str]], copied: Mapping[str, Source]
) -> tuple[str, str] | None:
    """The pair of files that share most: words first, then words with section and state, then the path's own."""
    ranked = [
        (
            path in copied and _is_contested(before, appeared, path, copied),
            -shared,
            -_shared_wholly(before, after),
            -likeness(old_path, path),
            path,
            old_path,
        )
        for path, after in appeared.items()
        for old_path, before in gone.items()
        if old_path != path and (old_path, path) not in tried and (shared := _shared(before, after))
    ]
    if not ranked:
        return None
    *_, path, old_path = min(ranked)
    return old_path, path


def _is_contested(before: Mapping[int, Row], appeared: Pool, path: str, copied: Mapping[str, Source]) -> bool:
    """Whether a file that is no copy has at least half as much of what a copy has of the items that are gone."""
    shared = _shared(before, appeared[path])
    return any(2 * _shared(before, rows) >= shared for other, rows in appeared.items() if other not in copied)


def _shared(before: Mapping[int, Row], after: Mapping[int, Row]) -> int:
    return len({row.soft for row in before.values()} & {row.soft for row in after.values()})


def _shared_wholly(before: Mapping[int, Row], after: Mapping[int, Row]) -> int:
    old = {(row.path, row.text, row.state) for row in before.values()}
    return len(old & {(row.path, row.text, row.state) for row in after.values()})
