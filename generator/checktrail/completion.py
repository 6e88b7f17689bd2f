"""A `Checklist` in, counts that add up out. Pure.

An item counts once, and so does each of its children. `required` leaves out what is conditional or not applicable, and
asks only for what is due: at the tag, or at close.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from operator import add
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.model import DeclaredRow, Due, Phase, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.model import Checklist, Section


class Totals(NamedTuple):
    """Counts of items; two of them add with `+`. A NamedTuple, since a thousand checklists make a hundred thousand.

    `items = ticked + open + not_applicable`. `conditional` counts conditional items in any state. `required` and
    `required_ticked` are what is due at the tag; the `_at_close` pair adds what is due at close.
    """

    items: int = 0
    ticked: int = 0
    open: int = 0
    not_applicable: int = 0
    conditional: int = 0
    required: int = 0
    required_ticked: int = 0
    required_at_close: int = 0
    required_at_close_ticked: int = 0

    def __add__(self, other: tuple[int, ...]) -> Totals:  # type: ignore[override] # counts are added, not joined
        return Totals(*map(add, self, other))


NONE: Final = Totals()


@dataclass(frozen=True, slots=True)
class DeclaredCount:
    """A completion table's row beside what the boxes say; both counts are None when the row's name matches nothing."""

    row: DeclaredRow
    section: Section | None
    counted_items: int | None
    counted_ticked: int | None

    @property
    def agrees(self) -> bool:
        """Every number the row holds is what the boxes say."""
        if self.counted_items is None:
            return False
        return self.row.items in (None, self.counted_items) and self.row.ticked in (None, self.counted_ticked)


def totals(checklist: Checklist) -> Totals:
    """The counts of a whole checklist."""
    phases = [section.phase for section in checklist.sections]
    alike = Counter([(phases[item.section], item.state, item.conditional) for item in checklist.items])
    counts = (_count(n, state, phase, conditional=conditional) for (phase, state, conditional), n in alike.items())
    return sum(counts, NONE)


def section_totals(checklist: Checklist) -> tuple[Totals, ...]:
    """The counts of each section with its subsections', aligned with `checklist.sections`."""
    return rolled_up(checklist, own_totals(checklist))


def rolled_up(checklist: Checklist, own: Sequence[Totals]) -> tuple[Totals, ...]:
    """Each section's own counts with those of its subsections added."""
    counts = list(own)
    # Subsections stand after their parents, so going backwards hands each sum upwards once.
    for index in range(len(counts) - 1, 0, -1):
        parent = checklist.sections[index].parent
        if parent is not None:
            counts[parent] += counts[index]
    return tuple(counts)


def own_totals(checklist: Checklist) -> tuple[Totals, ...]:
    """The counts of each section's own items. Equal items are counted together: a hot path of large repositories."""
    counts = [NONE] * len(checklist.sections)
    alike = Counter([(item.section, item.state, item.conditional) for item in checklist.items])
    for (section, state, conditional), n in alike.items():
        counts[section] += _count(n, state, checklist.sections[section].phase, conditional=conditional)
    return tuple(counts)


def phase_totals(checklist: Checklist) -> Mapping[Phase, Totals]:
    """The counts of each phase that holds items, in the order of `Phase`."""
    counts = dict.fromkeys(Phase, NONE)
    for section, own in zip(checklist.sections, own_totals(checklist), strict=True):
        counts[section.phase] += own
    return {phase: count for phase, count in counts.items() if count.items}


def percent(done: int, whole: int) -> str:
    """`done` of `whole` in words: "100%" only when all are done, "0%" only when none is, "n/a" for none at all."""
    if whole == 0:
        return "n/a"
    if done in (0, whole):
        return "100%" if done else "0%"
    return f"{min(99, max(1, round(100 * done / whole)))}%"


def declared(checklist: Checklist) -> tuple[DeclaredCount, ...]:
    """Every row of the completion tables beside the counts of the section it names; a total row counts everything."""
    counts = section_totals(checklist) if checklist.declared else ()
    return tuple(_declared(row, checklist, counts) for row in checklist.declared)


def uncovered(checklist: Checklist) -> tuple[Section, ...]:
    """The sections with items of their own that no row of a completion table counts; none where there is no table."""
    rows = {row.section for row in checklist.declared if row.section is not None}
    if not checklist.declared:
        return ()
    holding = sorted({item.section for item in checklist.items})
    return tuple(
        checklist.sections[index] for index in holding if not any(above in rows for above in checklist.ancestors(index))
    )


def totals_that_do_not_add_up(checklist: Checklist) -> tuple[tuple[DeclaredRow, int], ...]:
    """The total rows that say another number of items than the rows above them sum to, each with that sum."""
    found: list[tuple[DeclaredRow, int]] = []
    summed = 0
    for row in checklist.declared:
        if not row.is_total:
            summed += row.items or 0
            continue
        if row.items is not None and row.items != summed:
            found.append((row, summed))
        summed = 0
    return tuple(found)


def _declared(row: DeclaredRow, checklist: Checklist, counts: tuple[Totals, ...]) -> DeclaredCount:
    if row.is_total:
        whole = totals(checklist)
        return DeclaredCount(row, None, whole.items, whole.ticked)
    if row.section is None:
        return DeclaredCount(row, None, None, None)
    count = counts[row.section]
    return DeclaredCount(row, checklist.sections[row.section], count.items, count.ticked)


def _count(n: int, state: State, phase: Phase, *, conditional: bool) -> Totals:
    ticked = n if state is State.TICKED else 0
    wanted = not conditional and state is not State.NOT_APPLICABLE
    at_tag = wanted and phase.due is Due.AT_TAG
    at_close = wanted and phase.due is not Due.NEVER
    return Totals(
        items=n,
        ticked=ticked,
        open=n if state is State.OPEN else 0,
        not_applicable=n if state is State.NOT_APPLICABLE else 0,
        conditional=n if conditional else 0,
        required=n if at_tag else 0,
        required_ticked=ticked if at_tag else 0,
        required_at_close=n if at_close else 0,
        required_at_close_ticked=ticked if at_close else 0,
    )
