"""Commits and their parents in, "is this one that one's ancestor?" out, for any two and at once. Pure.

Every commit that touches a checklist has a number, and every commit the set of numbers it descends from. The sets are
kept in pages that parents and children share, so that a long history costs little more than its own length.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_PAGE_BITS: Final = 10
_IN_PAGE: Final = (1 << _PAGE_BITS) - 1

Pages = tuple[int, ...]


class Ancestry:
    """The graph as far as it has been walked, parents first."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._pages: dict[str, Pages] = {}
        self._parents: dict[str, tuple[str, ...]] = {}

    def __contains__(self, commit: str) -> bool:
        return commit in self._pages

    def add(self, commit: str, parents: tuple[str, ...], *, numbered: bool) -> None:
        """Add a commit whose parents have been added; only a numbered one is found as an ancestor at once."""
        self._parents[commit] = parents
        pages: Pages = self._pages.get(parents[0], ()) if parents else ()
        for parent in parents[1:]:
            pages = _joined(pages, self._pages.get(parent, ()))
        if numbered:
            number = self._number[commit] = len(self._number)
            page, bit = number >> _PAGE_BITS, 1 << (number & _IN_PAGE)
            padded = pages + (0,) * (page + 1 - len(pages))
            pages = (*padded[:page], padded[page] | bit)  # no page is above that of the latest number
        self._pages[commit] = pages

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether a commit is another's ancestor, or the same."""
        if ancestor == descendant:
            return True
        number = self._number.get(ancestor)
        if number is None:
            return self._is_found(ancestor, descendant)
        pages = self._pages.get(descendant, ())
        page = number >> _PAGE_BITS
        return page < len(pages) and bool(pages[page] >> (number & _IN_PAGE) & 1)

    def parents(self, commit: str) -> tuple[str, ...]:
        """A commit's parents.

        Raises:
            KeyError: the commit has not been walked.
        """
        return self._parents[commit]

    def graph(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Every commit with its parents, parents first."""
        return self._parents.items()

    def _is_found(self, ancestor: str, descendant: str) -> bool:
        """The same by looking: for commits that touch no checklist, which are rarely asked about."""
        seen = {descendant}
        waiting = [descendant]
        while waiting:
            for parent in self._parents.get(waiting.pop(), ()):
                if parent == ancestor:
                    return True
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return False


def _joined(one: Pages, other: Pages) -> Pages:
    if one == other:
        return one
    if len(one) < len(other):
        one, other = other, one
    return tuple(mine | yours for mine, yours in zip(one, other, strict=False)) + one[len(other) :]
