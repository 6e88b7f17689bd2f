"""An item's id from its trail, as `checktrail log` prints it, to where the item stands on disk now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.git import Repository
    from checktrail.worktree import WorkingFile

_ID = re.compile(r"[0-9a-f]{12}")
_BEGINNING = re.compile(r"[0-9a-f]{4,11}")
_SHOWN = 12


class _Then(NamedTuple):
    """Where an item stands at HEAD: its id, its file, that file's blob, and its position there."""

    id: str
    path: str
    blob: str
    position: int


def place_of(name: str, repository: Repository, files: Sequence[WorkingFile]) -> str | None:
    """The item's `PATH:LINE` in the files on disk; None where the name is no such id, nor the beginning of one.

    Raises:
        ShallowCloneError: history is needed and cut off here.
        UsageError: several ids begin so, or the file has changed so that it is not certain which item is meant.
    """
    from checktrail.errors import UsageError, shown
    from checktrail.identity import CERTAIN, match
    from checktrail.parse import read

    then = _only(name, _at_head(name, repository)) if is_id(name) or _BEGINNING.fullmatch(name) else None
    if then is None:
        return None
    file = next((file for file in files if file.path == then.path), None)
    if file is not None and file.blob == then.blob:
        return f"{file.path}:{read(file.content).items[then.position].line}"
    old = repository.contents([then.blob])[then.blob]
    links = match(read(old), read(file.content)) if file is not None else ()
    link = next((link for link in links if link.old == then.position), None)
    if file is None or link is None or link.confidence < CERTAIN:
        raise UsageError(
            f"{shown(then.path)} has changed since its last commit, and {name} is not certain to be found in it",
            hint="name the item by PATH:LINE",
        )
    return f"{file.path}:{read(file.content).items[link.new].line}"


def is_id(name: str) -> bool:
    """Whether a name has the form of a whole id."""
    return _ID.fullmatch(name) is not None


def _only(name: str, found: Sequence[_Then]) -> _Then | None:
    """The one item whose id begins so; None where there is none."""
    from checktrail.errors import UsageError, shown

    ids = {then.id for then in found}
    if len(ids) > 1:
        lines = [f"{then.id}  {shown(then.path)}" for then in found[:_SHOWN]]
        more = [f"… and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        listing = "\n    ".join([*lines, *more])
        sentence = f"{name} begins the ids of {len(ids)} items"
        raise UsageError(sentence, hint=f"write more of the one that is meant:\n    {listing}")
    return found[0] if found else None


def _at_head(name: str, repository: Repository) -> list[_Then]:
    """The items at HEAD whose ids begin with a name, by path and position."""
    from checktrail.history import read_trails
    from checktrail.worktree import repository_settings

    head = repository.head.commit
    if head is None:
        return []
    repository.refuse_shallow()
    with door().working("Reading the history"):
        sheets = read_trails(repository, repository_settings(repository), door().store()).at(head)
    return [
        _Then(standing.item, path, tracked.blob, position)
        for path, tracked in sorted(sheets.items())
        for position, standing in enumerate(tracked.items)
        if standing.item.startswith(name)
    ]
