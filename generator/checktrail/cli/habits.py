"""What `status` knows of who usually ticks an open item, and when: from the trail, where there are enough releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from checktrail.cli.door import door
from checktrail.errors import ChecktrailError, shown

if TYPE_CHECKING:
    from checktrail.cli.checklists import Found
    from checktrail.git import Repository
    from checktrail.history import Tracked
    from checktrail.metrics.habits import Habit
    from checktrail.model import Checklist, Item
    from checktrail.summaries import Summary


def habit_sentences(
    waiting: Sequence[tuple[Summary, Item]], repository: Repository, found: Found
) -> Mapping[tuple[str, int], str]:
    """The habit of each item that has one, in words, by path and line; said why when history cannot be read."""
    head = repository.head.commit
    if head is None or not waiting:
        return {}
    try:
        return _read(waiting, repository, found, head)
    except ChecktrailError as error:
        door().say(f"  habits are left out: {shown(error.sentence)}")
        return {}


def _read(
    waiting: Sequence[tuple[Summary, Item]], repository: Repository, found: Found, head: str
) -> Mapping[tuple[str, int], str]:
    from checktrail.measuring import measured
    from checktrail.record import read_record

    with door().working("Reading the history"):
        record = read_record(repository, found.settings, door().store())
        known = measured(repository, record).habits
        tracked = record.trails.at(head)
    said: dict[tuple[str, int], str] = {}
    for summary in {summary.path: summary for summary, _ in waiting}.values():
        if summary.path in tracked:
            now = found.checklist(summary)
            habits = _by_line(now, summary.blob, tracked[summary.path], repository, known)
            said |= {(summary.path, line): habit.sentence for line, habit in habits.items()}
    return said


def _by_line(
    now: Checklist, blob: str, tracked: Tracked, repository: Repository, known: Mapping[str, Habit]
) -> Mapping[int, Habit]:
    """The habits of a checklist's items, which may stand elsewhere on disk than at HEAD."""
    items = now.items
    if tracked.blob == blob:
        pairs = zip(items, tracked.items, strict=True)
        return {item.line: known[standing.item] for item, standing in pairs if standing.item in known}
    from checktrail.identity import CERTAIN, match
    from checktrail.parse import read

    then = read(repository.contents([tracked.blob])[tracked.blob])
    return {
        items[link.new].line: known[tracked.items[link.old].item]
        for link in match(then, now)
        if link.confidence >= CERTAIN and tracked.items[link.old].item in known
    }
