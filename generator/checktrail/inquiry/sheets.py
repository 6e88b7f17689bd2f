"""The record's trees → the sheets the audit looks at, each unchanged one made once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from checktrail.audit.evidence import Sheet
from checktrail.audit.lookalikes import look_alikes
from checktrail.model import Binding
from checktrail.record import Record, Revision

_SPEAKING: Final = (Binding.OWN, Binding.LIVING)


class Sheets:
    """The checklists of the trees that a record holds."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._made: dict[int, Sheet] = {}

    def at(self, commit: str) -> Mapping[str, Sheet]:
        """The checklists of a commit, by path; none of a commit that the record does not hold."""
        made = self._made
        here = self._record.trees.get(commit, ())
        return MappingProxyType({one.path: made.get(id(one)) or self._sheet(one) for one in here})

    def _sheet(self, one: Revision) -> Sheet:
        # The record shares a revision among all trees in which it is the same, and keeps it alive.
        seen = look_alikes(self._record.texts.get(one.blob, ""), one.checklist) if _counts(one) else ()
        sheet = Sheet(one.path, one.blob, one.checklist, one.standings, one.bound.binding, seen)
        self._made[id(one)] = sheet
        return sheet


def _counts(one: Revision) -> bool:
    """Whether a checklist can speak for a release."""
    return one.bound.binding in _SPEAKING
