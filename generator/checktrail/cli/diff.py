"""`checktrail diff BASE [HEAD]`: what a change does to the checklists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door
from checktrail.cli.reach import root_of

if TYPE_CHECKING:
    from checktrail.diff import ItemChange
    from checktrail.exports.diff import StillOpen
    from checktrail.git import Repository
    from checktrail.model import Checklist


@click.command(short_help="What a change does to the checklists.")
@click.argument("base", metavar="BASE")
@click.argument("head", metavar="[HEAD]", required=False)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="The form of the answer."
)
@click.option("--merge-base", is_flag=True, help="Compare with the commit at which HEAD left BASE, as a host does.")
@click.option("--worktree", is_flag=True, help="Compare BASE with the files as they stand on disk.")
@click.option("--exit-code", is_flag=True, help="Exit 1 where something changed.")
def command(  # noqa: PLR0913 -- one parameter per option
    base: str, head: str | None, *, form: str, merge_base: bool, worktree: bool, exit_code: bool
) -> None:
    r"""What a change does to the checklists.

    Items are followed by their identity: a reworded item is the same item, and a line that moved is no change. HEAD is
    the current commit where none is named; BASE..HEAD is the same in one word, and BASE...HEAD means --merge-base. Two
    files can stand in the place of revisions, in or out of a repository.

    \b
    Examples:
      checktrail diff main                        what the current branch does
      checktrail diff main --merge-base --format markdown
      checktrail diff v1.0.0 v1.1.0 --format json
      checktrail diff old.md new.md
      git difftool --extcmd "checktrail diff" v1.0.0 -- checklists/release.md
    """
    if worktree and (head is not None or merge_base):
        raise click.UsageError("--worktree stands in the place of HEAD and knows no merge base")
    found, commit = _changes(base, head, merge_base=merge_base, worktree=worktree)
    still_open = _still_open(commit, found) if form == "markdown" and commit is not None else ()
    click.echo(_formed(found, form, still_open), nl=False)
    if exit_code and found:
        click.get_current_context().exit(1)


def _formed(found: Sequence[ItemChange], form: str, still_open: Sequence[StillOpen]) -> str:
    from checktrail.exports.diff import as_markdown, as_text, document
    from checktrail.exports.wire import encoded

    if form == "json":
        return encoded(document(found))
    return as_markdown(found, still_open) if form == "markdown" else as_text(found)


def _changes(
    base: str, head: str | None, *, merge_base: bool, worktree: bool
) -> tuple[tuple[ItemChange, ...], str | None]:
    """What changed, and the commit that the new side is; None for files."""
    from checktrail.comparing import against_files, between
    from checktrail.diff import changes
    from checktrail.worktree import repository_settings

    if head is not None and (files := _two_files(base, head)) is not None:
        return changes(*files), None
    repository = door().repository()
    left, dots, right = base.partition("...") if "..." in base else base.partition("..")
    if dots and head is None and not worktree:
        base, head, merge_base = left or "HEAD", right or "HEAD", merge_base or dots == "..."
    settings = repository_settings(repository)
    if worktree:
        root_of(repository)
        return changes(*against_files(repository, settings, repository.resolve(base))), None
    old, new = repository.resolve(base), repository.resolve(head or "HEAD")
    if merge_base:
        old = _merge_base(repository, old, new)
    return changes(*between(repository, settings, old, new)), new


def _still_open(commit: str, found: Sequence[ItemChange]) -> tuple[StillOpen, ...]:
    """The open items of the files that the change touches, each with its habit; none where history is cut off."""
    repository = door().repository()
    if repository.is_shallow:
        door().say("  habits are left out: this is a shallow clone")
        return ()
    return _with_habits(repository, commit, {change.path for change in found})


def _with_habits(repository: Repository, commit: str, paths: set[str]) -> tuple[StillOpen, ...]:
    from checktrail.comparing import read_files
    from checktrail.exports.diff import StillOpen
    from checktrail.measuring import measured
    from checktrail.model import State
    from checktrail.record import read_record
    from checktrail.worktree import repository_settings

    with door().working("Reading the history"):
        record = read_record(repository, repository_settings(repository), door().store())
        known = measured(repository, record).habits
    try:
        tracked = record.trails.at(commit)
    except KeyError:
        return ()  # a commit that no branch or tag leads to has no trails
    checklists = read_files(repository, {path: tracked[path].blob for path in sorted(paths & tracked.keys())})
    return tuple(
        StillOpen(path, item.line, item.text, known[standing.item].sentence)
        for path, checklist in checklists.items()
        for item, standing in zip(checklist.items, tracked[path].items, strict=True)
        if item.state is State.OPEN and standing.item in known
    )


def _two_files(base: str, head: str) -> tuple[Mapping[str, Checklist], Mapping[str, Checklist]] | None:
    """Both sides where two files are named; a name that is no file (`/dev/null`) is an empty side."""
    from checktrail.parse import read

    names = [Path(door().directory, name) for name in (base, head)]
    if not all(name.exists() and not name.is_dir() for name in names):
        return None
    old, new = (read(_bytes(name)) for name in names)
    # One file in two states, whatever the two are called: git hands over temporary names.
    return {head: old}, {head: new}


def _bytes(file: Path) -> bytes:
    from checktrail.errors import InputError, shown

    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{shown(file)} cannot be read: {error.strerror or error}") from None


def _merge_base(repository: Repository, old: str, new: str) -> str:
    """The newest commit that both have among their ancestors.

    Raises:
        ShallowCloneError: history is cut off here.
        UsageError: they share no history.
    """
    from checktrail.errors import UsageError

    repository.refuse_shallow()
    parents = {commit.id: commit.parents for commit in repository.commits()}
    shared = _ancestors(old, parents) & _ancestors(new, parents)
    # Parents come first in that order, so the last shared commit has no shared descendant.
    last = next((commit for commit in reversed(parents) if commit in shared), None)
    if last is None:
        raise UsageError("the two revisions share no history", hint="compare them without --merge-base")
    return last


def _ancestors(commit: str, parents: Mapping[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    pending = [commit]
    while pending:
        each = pending.pop()
        if each not in found:
            found.add(each)
            pending += parents.get(each, ())
    return found
