"""The record's trees → the sheets the audit looks at, each unchanged one made once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from checktrail.audit.evidence import Sheet
from checktrail.audit.lookalikes import look_alikes
from checktrail.model import Binding
from checktrail.record import Record, Revision


class Sheets:
    """The checklists of the trees that a record holds."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._made: dict[int, Sheet] = {}

    def at(self, commit: str) -> Mapping[str, Sheet]:
        """The checklists of a commit, by path; none of a commit that the record does not hold."""
        return MappingProxyType({one.path: self._sheet(one) for one in self._record.trees.get(commit, ())})

    def _sheet(self, one: Revision) -> Sheet:
        # The record shares a revision among all trees in which it is the same, and keeps it alive.
        key = id(one)
        if key not in self._made:
            seen = look_alikes(self._record.texts.get(one.blob, ""), one.checklist) if _counts(one) else ()
            self._made[key] = Sheet(one.path, one.blob, one.checklist, one.standings, one.bound.binding, seen)
        return self._made[key]


def _counts(one: Revision) -> bool:
    """Whether a checklist can speak for a release."""
    return one.bound.binding in (Binding.OWN, Binding.LIVING)
