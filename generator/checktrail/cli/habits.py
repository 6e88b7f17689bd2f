"""What `status` knows of who usually ticks an open item, and when: from the trail, where there are enough releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from checktrail.cli.door import door
from checktrail.errors import ChecktrailError, shown

if TYPE_CHECKING:
    from checktrail.config import Settings
    from checktrail.git import Repository
    from checktrail.history import Tracked
    from checktrail.metrics.habits import Habit
    from checktrail.model import Item
    from checktrail.record import Revision


def habit_sentences(
    waiting: Sequence[tuple[Revision, Item]], repository: Repository, settings: Settings
) -> Mapping[tuple[str, int], str]:
    """The habit of each item that has one, in words, by path and line; said why when history cannot be read."""
    head = repository.head.commit
    if head is None or not waiting:
        return {}
    try:
        return _read(waiting, repository, settings, head)
    except ChecktrailError as error:
        door().say(f"  habits are left out: {shown(error.sentence)}")
        return {}


def _read(
    waiting: Sequence[tuple[Revision, Item]], repository: Repository, settings: Settings, head: str
) -> Mapping[tuple[str, int], str]:
    from checktrail.measuring import measured
    from checktrail.record import read_record

    with door().working("Reading the history"):
        record = read_record(repository, settings, door().store())
        known = measured(repository, record).habits
        tracked = record.trails.at(head)
    found: dict[tuple[str, int], str] = {}
    for revision in {revision.path: revision for revision, _ in waiting}.values():
        if revision.path in tracked:
            habits = _by_line(revision, tracked[revision.path], repository, known)
            found |= {(revision.path, line): habit.sentence for line, habit in habits.items()}
    return found


def _by_line(
    revision: Revision, tracked: Tracked, repository: Repository, known: Mapping[str, Habit]
) -> Mapping[int, Habit]:
    """The habits of a checklist's items, which may stand elsewhere on disk than at HEAD."""
    items = revision.checklist.items
    if tracked.blob == revision.blob:
        pairs = zip(items, tracked.items, strict=True)
        return {item.line: known[standing.item] for item, standing in pairs if standing.item in known}
    from checktrail.identity import CERTAIN, match
    from checktrail.parse import read

    then = read(repository.contents([tracked.blob])[tracked.blob])
    return {
        items[link.new].line: known[tracked.items[link.old].item]
        for link in match(then, revision.checklist)
        if link.confidence >= CERTAIN and tracked.items[link.old].item in known
    }
