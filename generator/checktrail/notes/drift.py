"""Curated changes against commits: which belong together, and what only one side tells. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from rapidfuzz import fuzz, process

from checktrail.notes.landings import Entry
from checktrail.notes.links import numbers
from checktrail.notes.parts import Change, Drift

# Below, wording says nothing; found on real changelogs against the commits of their releases.
_ALIKE = 72.0
_COMPARED = 30
# Of a landing with more commits the first ones' subjects are looked at.
TOLD = 10
_SHORTEST_WORD = 3
_HASH = re.compile(r"\b[0-9a-f]{7,40}\b")
_WORD = re.compile(r"\w+")
_MARKS = re.compile(r"\[([^\]]*)\]\([^)]*\)|[`*_~]")
_NO_MARKS = str.maketrans("", "", "`*_~")


class Match(NamedTuple):
    """The commits of each curated change, aligned, and what is told on one side only."""

    commits: tuple[tuple[str, ...], ...]
    drift: Drift


def matched(changes: Sequence[Change], entries: Sequence[Entry], subjects: Mapping[str, str]) -> Match:
    """Match curated changes with a release's entries: by number or commit id, else by their words.

    Args:
        changes: the curated ones.
        entries: one per landing.
        subjects: the subjects of the first of their commits, as many as `TOLD` says.
    """
    sides = [_Side.of_entry(entry, subjects) for entry in entries]
    wording = _Wording(sides)
    hits = [_by_sign(change, sides) or wording.nearest(change.text) for change in changes]
    told = {place for found in hits for place in found}
    return Match(
        tuple(tuple(dict.fromkeys(commit for place in found for commit in entries[place].commits)) for found in hits),
        Drift(
            tuple(change.text for change, found in zip(changes, hits, strict=True) if not found),
            tuple(
                entry.commits[0]
                for place, entry in enumerate(entries)
                if place not in told and entry.said.is_user_facing
            ),
        ),
    )


class _Side(NamedTuple):
    """An entry as it is looked for."""

    numbers: frozenset[str]
    commits: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of_entry(cls, entry: Entry, subjects: Mapping[str, str]) -> _Side:
        texts = tuple(dict.fromkeys([entry.said.text, *[subjects[commit] for commit in entry.commits[:TOLD]]]))
        return cls(frozenset().union(*map(numbers, texts)), entry.commits, texts)


def _by_sign(change: Change, sides: Sequence[_Side]) -> list[int]:
    """The entries that a change names by number or commit id."""
    named = numbers(change.text)
    found = [place for place, side in enumerate(sides) if named & side.numbers] if named else []
    ids = tuple(found for found in _HASH.findall(change.text) if not found.isdigit())  # a bug's number is no commit
    if found or not ids:
        return found
    return [place for place, side in enumerate(sides) if any(commit.startswith(ids) for commit in side.commits)]


class _Wording:
    """What entries say, to be found by their words: those that share the largest part of theirs are compared.

    Made of the entries when something is looked for: a change that names a number or a commit needs no words.
    """

    def __init__(self, sides: Sequence[_Side]) -> None:
        self._sides = sides

    @cached_property
    def _said(self) -> Sequence[tuple[str, int]]:
        """What each entry says, with the entry's place; an entry says each wording once."""
        return [
            (words, place)
            for place, side in enumerate(self._sides)
            for words in dict.fromkeys(_words(text) for text in side.texts)
        ]

    @cached_property
    def _telling(self) -> Sequence[frozenset[str]]:
        return [_telling(words) for words, _ in self._said]

    @cached_property
    def _with_word(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for number, telling in enumerate(self._telling):
            for word in telling:
                found.setdefault(word, []).append(number)
        return found

    def nearest(self, text: str) -> list[int]:
        """The place of the entry that says nearly the same; none where none does."""
        words, telling = _words(text), self._telling
        shared = Counter(chain.from_iterable(self._with_word.get(word, ()) for word in _telling(words)))
        likely = _highest({number: times / len(telling[number]) for number, times in shared.items()})
        found = process.extractOne(
            words, [self._said[number][0] for number in likely], scorer=fuzz.token_set_ratio, processor=None,
            score_cutoff=_ALIKE,
        )  # fmt: skip
        return [] if found is None else [self._said[likely[found[2]]][1]]


def _highest(shares: Mapping[int, float]) -> list[int]:
    """The numbers with the highest shares, the lower number first among equals."""
    if len(shares) > _COMPARED:
        # Sorting plain numbers for the least that is enough is faster than keeping a heap of pairs.
        least = sorted(shares.values(), reverse=True)[_COMPARED - 1]
        shares = {number: share for number, share in shares.items() if share >= least}
    return sorted(shares, key=lambda number: (-shares[number], number))[:_COMPARED]


@lru_cache(maxsize=1 << 15)
def _telling(words: str) -> frozenset[str]:
    """The words that tell one text from another; a candidate's are asked for again by its final release."""
    return frozenset([word for word in words.split() if len(word) >= _SHORTEST_WORD])


@lru_cache(maxsize=1 << 15)
def _words(text: str) -> str:
    # A link is its own text, whatever marks stand in that.
    plain = _MARKS.sub(lambda found: found[1] or "", text) if "[" in text else text.translate(_NO_MARKS)
    return " ".join(_WORD.findall(plain.casefold()))
