"""What somebody typed in, the item that is meant out. Pure.

An item is named by its explicit id or, where nothing else is meant, by how that begins, by a number (`2.3`: the third
item of section 2), by `PATH:LINE`, or by a part of its text that no other item holds. `PATH:` before an id, a number or
a text narrows the search to that file. Among several that fit, those in templates and in checklists of past releases
give way to the one that somebody works on. What then still fits several items is refused with all of them: nobody's box
is ticked on a guess.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.errors import UsageError, shown
from checktrail.model import Binding, State

if TYPE_CHECKING:
    from checktrail.model import Checklist, Item, Section

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)+")
_NUMBERED_HEADING: Final = re.compile(r"(\d+(?:\.\d+)*)[.):]?(?:\s|$)")
_MARKUP: Final = re.compile(r"<!--.*?-->|\{#[\w.:-]+\}|[*_`~]")
_SHOWN: Final = 12


class Source(NamedTuple):
    """A checklist file that an item may stand in; `is_past` when it is of a version that is tagged already."""

    path: str
    checklist: Checklist
    binding: Binding
    is_past: bool = False

    @property
    def is_current(self) -> bool:
        """Whether somebody works on it: it is living, or of a release that is still to come."""
        return self.binding in (Binding.OWN, Binding.LIVING) and not self.is_past


class UnknownItemError(UsageError):
    """No item is called that."""


class Choice(NamedTuple):
    """An item, the file it stands in, and how many others fit as well and gave way."""

    source: Source
    item: Item
    gave_way: int = 0

    def __str__(self) -> str:
        box = {State.OPEN: "[ ]", State.TICKED: "[x]", State.NOT_APPLICABLE: "[-]"}[self.item.state]
        return f"{shown(self.source.path)}:{self.item.line}  {box} {shown(self.item.text)}"


def choose(wanted: str, sources: Sequence[Source], here: str = "", *, state: State | None = State.OPEN) -> Choice:
    """The one item that a name means; `here` is the folder that typed paths start from, relative to the root.

    `state` is the one that the item is to be taken out of: among copies of one item only those that are in it count.
    With None, whatever its state, an item is as good as its copy.

    Raises:
        UsageError: no item is meant, or several are.
    """
    rest, narrowed = _narrowed(wanted, sources, here)
    if not rest.strip():
        raise UsageError("the item's name is empty", hint="name it by PATH:LINE, id, number or a part of its text")
    for rank in _ranks(rest, is_in_file=narrowed is not sources):
        found = [Choice(source, item) for source in narrowed for item in rank(source)]
        meant = _meant(found, state)
        if meant is not None:
            return meant._replace(gave_way=len(found) - 1)
        if found:
            raise _ambiguous(wanted, found)
    if narrowed is not sources and rest.strip().isdecimal():
        raise UsageError(
            f"{shown(narrowed[0].path)} has no item on line {int(rest)}",
            hint="name the line of the item's bullet, as `checktrail log` shows it",
        )
    raise UnknownItemError(
        f"no item is called {shown(wanted)}",
        hint="name it by PATH:LINE, by its id, by a number like 2.3, or by a part of its text",
    )


def _meant(found: list[Choice], state: State | None) -> Choice | None:
    """The one that is meant among all that fit; None where none or several are."""
    current = [choice for choice in found if choice.source.is_current]
    if len(found) == 1 or len(current) == 1:
        return (current or found)[0]
    # Of copies the one that is left to do is meant. Other words are another item, though, whatever their state:
    # who misremembers a ticked sign-off must not tick somebody else's.
    if len({_plain(choice.item.text) for choice in current}) == 1:
        left = [choice for choice in current if choice.item.state is state]
        return left[0] if len(left) == 1 else None
    return None


def _narrowed(wanted: str, sources: Sequence[Source], here: str) -> tuple[str, Sequence[Source]]:
    """What is left of the name after its path, and the files that are then meant; all of them where it has no path."""
    for colon in re.finditer(":", wanted):
        typed = wanted[: colon.start()]
        paths = {posixpath.normpath(typed), posixpath.normpath(posixpath.join(here, typed))}
        found = [source for source in sources if source.path in paths]
        if found:
            return wanted[colon.end() :], found
    return wanted, sources


def _ranks(rest: str, *, is_in_file: bool) -> list[Callable[[Source], list[Item]]]:
    """The ways to read a name, the surest first; the first that finds anything decides."""
    ranks: list[Callable[[Source], list[Item]]] = [lambda source: _by_id(source, rest)]
    if is_in_file and rest.strip().isdecimal():
        # A line is a line: it never falls back to a text that happens to hold the number.
        return [lambda source: [item for item in source.checklist.items if item.line == int(rest)]]
    if _NUMBER.fullmatch(rest.strip()):
        ranks.append(lambda source: _by_number(source.checklist, rest.strip()))
    plain = _plain(rest)
    ranks.append(lambda source: [item for item in source.checklist.items if plain == _plain(item.text)])
    ranks.append(lambda source: [item for item in source.checklist.items if plain in _plain(item.text)])
    ranks.append(lambda source: _by_beginning(source, rest))
    return ranks


def _by_id(source: Source, wanted: str) -> list[Item]:
    name = wanted.strip().removeprefix("#")
    return [item for item in source.checklist.items if item.id is not None and item.id == name]


def _by_beginning(source: Source, wanted: str) -> list[Item]:
    name = wanted.strip().removeprefix("#")
    return [item for item in source.checklist.items if name and item.id is not None and item.id.startswith(name)]


def _by_number(checklist: Checklist, number: str) -> list[Item]:
    """The k-th item of each section that the number before the last point names.

    Headings that carry numbers of their own are taken at their word; where none does, sections with items are counted
    from 1, level by level.
    """
    name, _, ordinal = number.rpartition(".")
    numbered = [index for index, section in enumerate(checklist.sections) if _own_number(section) == name]
    counted = _counted(checklist, [int(part) for part in name.split(".")])
    found = []
    for index in numbered or counted:
        items = _items_under(checklist, index)
        found += items[int(ordinal) - 1 : int(ordinal)] if int(ordinal) else []
    return found


def _own_number(section: Section) -> str | None:
    match = _NUMBERED_HEADING.match(section.heading)
    return match[1] if match else None


def _counted(checklist: Checklist, ordinals: list[int]) -> list[int]:
    """The section at these positions, level by level, among those that hold items."""
    above: tuple[str, ...] | None = ()
    reached: list[int] = []
    parent: int | None = None
    for ordinal in ordinals:
        depth = len(above or ()) + 1
        level = [
            index
            for index, section in enumerate(checklist.sections)
            if len(section.path) == depth
            and (parent is None or parent in checklist.ancestors(index))
            and _items_under(checklist, index)
        ]
        if not 0 < ordinal <= len(level):
            return []
        parent = level[ordinal - 1]
        above = checklist.sections[parent].path
        reached = [parent]
    return reached


def _items_under(checklist: Checklist, index: int) -> list[Item]:
    return [item for item in checklist.items if index in checklist.ancestors(item.section)]


def _plain(text: str) -> str:
    """A text as one would type it: no markup, single spaces, letter case alike."""
    return " ".join(_MARKUP.sub("", text).casefold().split())


def _ambiguous(wanted: str, found: list[Choice]) -> UsageError:
    ordered = sorted(found, key=lambda choice: (not choice.source.is_current, choice.item.state is not State.OPEN))
    lines = [str(choice) for choice in ordered[:_SHOWN]]
    more = [f"… and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    listing = "\n    ".join([*lines, *more])
    return UsageError(f"{shown(wanted)} means {len(found)} items", hint=f"name one by PATH:LINE:\n    {listing}")
