"""`checktrail log`: the trail of an item or a checklist."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.edit.selection import Source
    from checktrail.exports.log import ItemTrail
    from checktrail.git import Repository
    from checktrail.history import Tracked, Trails
    from checktrail.model import Checklist, Event


@click.command(short_help="The trail of an item or a checklist.")
@click.argument("what", metavar="[PATH[:LINE]|ITEM|TEXT]", required=False)
@click.option("--at", "revision", metavar="REV", default="HEAD", help="Ask at a revision, from its ancestors only.")
@click.option("--events", "every", is_flag=True, help="Every event of all branches and tags, oldest first.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the answer.")
@click.option("--allow-shallow", is_flag=True, help="Answer in a shallow clone too; what is cut off stays unknown.")
def command(*, what: str | None, revision: str, every: bool, form: str, allow_shallow: bool) -> None:
    r"""The trail of an item or a checklist: who did what to it, when, in which commit.

    PATH is a checklist or a folder of them, PATH:LINE one item by its line, ITEM one by its id or the id's beginning,
    TEXT one by a part of its words, as in `checktrail tick`.
    A trail goes through renames, copies, merges, moves and rewording; a tick is the commit that made it, and of a merge
    that brought it in it says "reached main in". What two versions alone cannot decide is marked with "?" and its
    confidence.

    \b
    Examples:
      checktrail log                               where items stand, since when
      checktrail log checklists/v1.2.0.md:14       all that happened to one item
      checktrail log "QA lead sign-off"            the same, found by its words
      checktrail log checklists/ --at v1.2.0       as it stood at a tag
      checktrail log --events --format json        checktrail.log/1, every event
    """
    here = door()
    repository = here.repository()
    here.heed_shallow(repository, allowed=allow_shallow)
    commit = _commit(repository, revision)
    with here.working("Reading the history"):
        trails, asked = _followed(repository, commit, what)
    if form == "json":
        events = asked.events if every or (asked.alone and not asked.items) else None
        _put_document(trails, commit, asked.items, events, is_cut_off=repository.is_shallow)
    else:
        from checktrail.cli.trail import Line, show_events, show_items
        from checktrail.cli.trimmed import trimmed

        with trimmed(here.console()) as console:
            if every:
                show_events(trails, asked.events, console)
            else:
                show_items(trails, asked, Line(_line_name(repository, revision), commit), console)
    for one in trails.unread:
        here.say(f"{one.path} at {one.commit[:12]} could not be read: {one.reason}")


def _followed(repository: Repository, commit: str | None, what: str | None) -> tuple[Trails, Asked]:
    """The trails, and what was asked of them.

    Raises:
        UsageError: it means nothing at the revision.
    """
    from checktrail.errors import MissingObjectError
    from checktrail.history import read_trails
    from checktrail.store import Store
    from checktrail.worktree import repository_settings

    settings = repository_settings(repository)
    trails = read_trails(repository, settings, door().store())
    try:
        return trails, _asked(repository, trails, commit, what)
    except MissingObjectError:  # lost since an earlier run followed it: without memory, what is missing is told
        trails = read_trails(repository, settings, Store(None))
        return trails, _asked(repository, trails, commit, what)


def _put_document(
    trails: Trails,
    commit: str | None,
    items: tuple[ItemTrail, ...],
    events: tuple[Event, ...] | None,
    *,
    is_cut_off: bool,
) -> None:
    """Put `checktrail.log/1` out part by part: a long history's is too much to hold."""
    from checktrail.exports.log import log_document
    from checktrail.exports.wire import encoded_in_parts

    for part in encoded_in_parts(log_document(trails, commit, items, events, is_cut_off=is_cut_off)):
        click.echo(part, nl=False)


class Asked(NamedTuple):
    """What was asked about: its items at the revision, whether one of them alone, and the events of all branches."""

    items: tuple[ItemTrail, ...]
    alone: bool
    events: tuple[Event, ...]


def _commit(repository: Repository, revision: str) -> str | None:
    """The commit asked about; None in a repository without commits."""
    if revision == "HEAD" and repository.head.commit is None:
        return None
    return repository.resolve(revision)


def _line_name(repository: Repository, revision: str) -> str:
    """What people call the line of commits that ends at a revision: the branch's name where HEAD is on one."""
    return (repository.head.branch or revision) if revision == "HEAD" else revision


def _asked(repository: Repository, trails: Trails, commit: str | None, what: str | None) -> Asked:
    """What an argument means: a path, a path and a line, or an item.

    Raises:
        UsageError: it means nothing at the revision.
    """
    from checktrail.exports.log import item_trails

    sheets = _sheets(trails, commit)
    if what is None:
        items = item_trails(trails, commit, _checklists(repository, trails, commit, list(sheets))) if commit else ()
        return Asked(items, alone=False, events=trails.events)
    paths = _below(repository, what, list(sheets))
    if paths and commit:
        items = item_trails(trails, commit, _checklists(repository, trails, commit, paths))
        return Asked(items, alone=False, events=_of_paths(trails, paths))
    path, colon, line = what.rpartition(":")
    paths = _below(repository, path, list(sheets)) if colon and line.isdigit() else []
    if len(paths) == 1 and commit:
        items = item_trails(trails, commit, _checklists(repository, trails, commit, paths))
        return _alone(trails, [one for one in items if one.item.line <= int(line) <= one.item.end_line][-1:], what)
    checklists = _checklists(repository, trails, commit, list(sheets)) if commit else {}
    items = item_trails(trails, commit, checklists) if commit else ()
    return _by_id(trails, items, what) or _by_text(trails, items, what, _sources(repository, checklists))


def _sheets(trails: Trails, commit: str | None) -> Mapping[str, Tracked]:
    from checktrail.errors import UsageError

    try:
        return trails.at(commit) if commit else {}
    except KeyError:
        raise UsageError(
            f"{commit} is on no branch and under no tag, so that it has no trail", hint="make a branch or a tag of it"
        ) from None


def _by_id(trails: Trails, items: tuple[ItemTrail, ...], what: str) -> Asked | None:
    """The item of an id, else of the beginning of one, else one that is gone; None where it is no id at all."""
    from checktrail.exports.log import shown_id

    exact = [one for one in items if what in (shown_id(one), one.standing.item)]
    found = exact or [one for one in items if len(what) >= _SHORTEST and one.standing.item.startswith(what)]
    if found:
        return _alone(trails, found, what)
    gone = tuple(
        event for event in trails.events if event.item is not None and what in (event.item, trails.name(event.item))
    )
    return Asked((), alone=True, events=gone) if gone else None


def _by_text(trails: Trails, items: tuple[ItemTrail, ...], what: str, sources: Sequence[Source]) -> Asked:
    """The one item that holds these words, by the same rules as `tick` has.

    Raises:
        UsageError: no item holds them, or several do.
    """
    from checktrail.edit.selection import choose

    choice = choose(what, sources, state=None)
    place = choice.source.path, choice.item.line
    return _alone(trails, [one for one in items if (one.path, one.item.line) == place], what)


def _sources(repository: Repository, checklists: Mapping[str, Checklist]) -> Sequence[Source]:
    from checktrail.binding import bind
    from checktrail.cli.past import tagged_versions
    from checktrail.edit.selection import Source
    from checktrail.worktree import repository_settings

    settings = repository_settings(repository)
    versions = tagged_versions(repository, settings)
    bound = [(path, checklist, bind(path, checklist, settings)) for path, checklist in checklists.items()]
    return [
        Source(path, checklist, one.binding, is_past=versions.tag_of(path, one) is not None)
        for path, checklist, one in bound
    ]


_SHORTEST = 4


def _alone(trails: Trails, found: list[ItemTrail], what: str) -> Asked:
    from checktrail.errors import UsageError, shown

    if not found:
        raise UsageError(
            f"{shown(what)} is neither a checklist nor an item there",
            hint="`checktrail log` lists all items with their lines and ids",
        )
    events = [event for one in found for event in trails.events_of(one.standing)]
    return Asked(tuple(found), alone=len(found) == 1, events=tuple(events))


def _below(repository: Repository, what: str, paths: list[str]) -> list[str]:
    """The checklists that a typed path means, from where it was typed or from the root: one, or those of a folder."""
    from pathlib import Path, PurePosixPath

    typed = [PurePosixPath(what).as_posix()]
    if repository.worktree is not None:
        target, root = Path(door().directory, what).resolve(), repository.worktree.resolve()
        if target.is_relative_to(root):
            typed.insert(0, target.relative_to(root).as_posix())
    for name in typed:
        found = [path for path in paths if path == name or path.startswith(f"{name}/") or name == "."]
        if found:
            return found
    return []


def _of_paths(trails: Trails, paths: list[str]) -> tuple[Event, ...]:
    return tuple(event for event in trails.events if event.path in paths or event.old_path in paths)


def _checklists(repository: Repository, trails: Trails, commit: str, paths: list[str]) -> dict[str, Checklist]:
    """The checklists that stand at a commit, each parsed once in its life."""
    from checktrail.reading import checklists

    sheets = trails.at(commit)
    contents = repository.contents(sheets[path].blob for path in paths)
    parsed = checklists(contents, door().store())
    return {path: parsed[sheets[path].blob] for path in paths}
