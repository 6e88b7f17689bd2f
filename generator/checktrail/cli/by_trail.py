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


class _Then(NamedTuple):
    """Where an item stands at HEAD: its file, that file's blob, and its position there."""

    path: str
    blob: str
    position: int


def place_of(name: str, repository: Repository, files: Sequence[WorkingFile]) -> str | None:
    """The item's `PATH:LINE` in the files on disk; None where the name is no such id.

    Raises:
        ShallowCloneError: history is needed and cut off here.
        UsageError: the file has changed so that it is not certain which item is meant.
    """
    from checktrail.errors import UsageError, shown
    from checktrail.identity import CERTAIN, match
    from checktrail.parse import read

    then = _at_head(name, repository) if _ID.fullmatch(name) else None
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


def _at_head(name: str, repository: Repository) -> _Then | None:
    from checktrail.history import read_trails
    from checktrail.worktree import repository_settings

    head = repository.head.commit
    if head is None:
        return None
    repository.refuse_shallow()
    with door().working("Reading the history"):
        sheets = read_trails(repository, repository_settings(repository), door().store()).at(head)
    for path, tracked in sheets.items():
        for position, standing in enumerate(tracked.items):
            if standing.item == name:
                return _Then(path, tracked.blob, position)
    return None
