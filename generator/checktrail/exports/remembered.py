"""What was made last and is likely asked for again, up to a weight. Pure but for what it keeps.

Many tags share a checklist, and its form is most of the work; but all forms of a long history at once are more than a
machine should need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Remembered(Generic[Made]):
    """Values by key; those that were not asked for the longest go when all together weigh more than `most`."""

    def __init__(self, most: int, weigh: Callable[[Made], int]) -> None:
        self._most, self._weigh = most, weigh
        self._weight = 0
        self._kept: dict[int, Made] = {}

    def get(self, key: int, make: Callable[[], Made]) -> Made:
        """The value of a key, made when it is not there; what is larger than all that is kept is not kept."""
        if key in self._kept:
            value = self._kept.pop(key)
        else:
            value = make()
            self._weight += self._weigh(value)
        self._kept[key] = value  # the last one now
        while self._weight > self._most and self._kept:
            self._weight -= self._weigh(self._kept.pop(next(iter(self._kept))))
        return value
