"""What one commit did to one item: the next `Standing`, and the events that say why. Pure."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.history.trails import Since, Standing
from checktrail.identity.rows import worded
from checktrail.model import Change, Event, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checktrail.identity.rows import Row

_EMPHASIS: Final = re.compile(r"[*_]+|\\(?=[!-/:-@\[-`{-~])")
_VERSION: Final = re.compile(r"\d+[._]\d+")
_SOME: Final = 3
BIRTHS: Final = frozenset({Change.CREATED, Change.COPIED, Change.RESTORED})
"""How an item comes into the world."""


class Spot(NamedTuple):
    """An item in a file: where, and what it says there."""

    path: str
    nth: int
    line: int
    section: tuple[str, ...]
    row: Row


class Step(NamedTuple):
    """An item's way over one commit; `moved` when it stands in another section or file than before."""

    old: Spot
    new: Spot
    confidence: float
    moved: bool


def identity(commit: str, path: str, line: int) -> str:
    """12 hexadecimal digits over what makes an item unique: the creating commit, and path and line there."""
    named = f"{commit}\0{path}\0{line}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(named).hexdigest()[:12]


def born(commit: str, spot: Spot, kind: Change, certainty: float, source: str | None = None) -> Standing:
    """A new item's standing."""
    return Standing(identity(commit, spot.path, spot.line), commit, Since(kind, commit, certainty), source)


def birth(commit: str, spot: Spot, standing: Standing) -> Event:
    """The event of an item's creation."""
    return Event(
        kind=standing.since.kind,
        item=standing.item,
        commit=commit,
        path=spot.path,
        old_path=None,
        line=spot.line,
        section=spot.section,
        old_section=None,
        old_state=None,
        new_state=spot.row.state,
        old_text=None,
        new_text=spot.row.text,
        confidence=standing.since.confidence,
    )


def gone(commit: str, spot: Spot, standing: Standing) -> Event:
    """The event of an item's removal; its place is the one it had."""
    return Event(
        kind=Change.REMOVED,
        item=standing.item,
        commit=commit,
        path=spot.path,
        old_path=spot.path,
        line=spot.line,
        section=spot.section,
        old_section=spot.section,
        old_state=spot.row.state,
        new_state=None,
        old_text=spot.row.text,
        new_text=None,
    )


def advanced(standing: Standing, change: Change | None, commit: str, confidence: float) -> Standing:
    """An item's standing after a commit: a new `since` when its state changed, else the old one over this link too."""
    if change is not None:
        return standing._replace(since=Since(change, commit, confidence))
    if confidence < standing.since.confidence:
        return standing._replace(since=standing.since._replace(confidence=confidence))
    return standing


def state_change(old: State, new: State, *, is_reset: bool = False) -> Change | None:
    """What turned one state into another."""
    if old is new:
        return None
    if new is State.TICKED:
        return Change.TICKED
    if new is State.NOT_APPLICABLE:
        return Change.NOT_APPLICABLE
    return Change.RESET if is_reset and old is State.TICKED else Change.UNTICKED


def is_reset(path: str, unticked: int, ticked_before: int) -> bool:
    """Whether unticking so many boxes of a file at once begins a new cycle: most of them, and not one or two.

    A checklist with a version in its path belongs to one release and has no cycles: there it is a revocation.
    """
    most = unticked >= _SOME and 2 * unticked > ticked_before
    return most and not _VERSION.search(path)


def changes(commit: str, standing: Standing, step: Step, change: Change | None) -> Iterator[Event]:
    """The events of an item that went on: moved, reworded, and what became of its state, in this order."""
    old, new = step.old, step.new
    kinds = (
        Change.MOVED if step.moved else None,
        Change.REWORDED if is_reworded(old.row, new.row) else None,
        change,
    )
    for kind in kinds:
        if kind is not None:
            yield Event(
                kind=kind,
                item=standing.item,
                commit=commit,
                path=new.path,
                old_path=old.path,
                line=new.line,
                section=new.section,
                old_section=old.section,
                old_state=old.row.state,
                new_state=new.row.state,
                old_text=old.row.text,
                new_text=new.row.text,
                confidence=step.confidence,
            )


def renamed(commit: str, path: str, old: tuple[str, ...], new: tuple[str, ...], line: int) -> Event:
    """The one event of a section's new name; it belongs to no item."""
    return Event(
        kind=Change.SECTION_RENAMED,
        item=None,
        commit=commit,
        path=path,
        old_path=path,
        line=line,
        section=new,
        old_section=old,
        old_state=None,
        new_state=None,
        old_text=None,
        new_text=None,
    )


def event_order(event: Event) -> tuple[str, int]:
    """The place of an event among those of its commit; events of one place keep the order they were made in."""
    return event.path, event.line


def is_reworded(old: Row, new: Row) -> bool:
    """Whether the words changed; a formatter's choice of emphasis and escapes is no change, nor is a strike."""
    if old.text == new.text:
        return False
    return _unformatted(worded(old.text, old.state)) != _unformatted(worded(new.text, new.state))


@lru_cache(maxsize=1 << 14)
def _unformatted(text: str) -> str:
    return _EMPHASIS.sub("", text)
