"""`checktrail diff BASE [HEAD]`: what a change does to the checklists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

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
    from checktrail.diff import changes

    if head is not None and (files := _two_files(base, head)) is not None:
        return changes(*files), None
    repository = door().repository()
    left, dots, right = base.partition("...") if "..." in base else base.partition("..")
    if dots and head is None and not worktree:
        base, head, merge_base = left or "HEAD", right or "HEAD", merge_base or dots == "..."
    if worktree:
        return changes(*_against_files(repository, repository.resolve(base))), None
    old, new = repository.resolve(base), repository.resolve(head or "HEAD")
    if merge_base:
        old = _merge_base(repository, old, new)
    return changes(*_between(repository, old, new)), new


def _still_open(commit: str, found: Sequence[ItemChange]) -> tuple[StillOpen, ...]:
    """The open items of the files that the change touches, each with its habit; none where history is cut off."""
    repository = door().repository()
    if repository.is_shallow:
        door().say("  habits are left out: this is a shallow clone")
        return ()
    return _with_habits(repository, commit, {change.path for change in found})


def _with_habits(repository: Repository, commit: str, paths: set[str]) -> tuple[StillOpen, ...]:
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
    checklists = _read(repository, {path: tracked[path].blob for path in sorted(paths & tracked.keys())})
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


def _between(repository: Repository, old: str, new: str) -> tuple[Mapping[str, Checklist], Mapping[str, Checklist]]:
    """The checklists of two commits, those left out that are the same in both."""
    sides = [_blobs(repository, commit) for commit in (old, new)]
    unchanged = dict(sides[0].items() & sides[1].items())
    wanted = [{path: blob for path, blob in side.items() if path not in unchanged} for side in sides]
    return _read(repository, wanted[0]), _read(repository, wanted[1])


def _against_files(repository: Repository, old: str) -> tuple[Mapping[str, Checklist], Mapping[str, Checklist]]:
    from checktrail.binding import excluded
    from checktrail.cli.reach import tracked_and_new
    from checktrail.parse import read
    from checktrail.worktree import repository_settings

    before, settings = _blobs(repository, old), repository_settings(repository)
    files = [file for file in tracked_and_new(repository) if not excluded(file.path, settings)]
    same = {file.path for file in files if before.get(file.path) == file.blob}
    changed = {path: blob for path, blob in before.items() if path not in same}
    return _read(repository, changed), {file.path: read(file.content) for file in files if file.path not in same}


def _blobs(repository: Repository, commit: str) -> dict[str, str]:
    """The checklists of a commit that the settings do not leave out, and other Markdown: path to blob."""
    from checktrail.binding import excluded
    from checktrail.git import MARKDOWN_SUFFIXES
    from checktrail.worktree import repository_settings

    settings = repository_settings(repository)
    return {
        blob.path: blob.id
        for blob in repository.tree(commit)
        if blob.path.lower().endswith(MARKDOWN_SUFFIXES) and not excluded(blob.path, settings)
    }


def _read(repository: Repository, files: Mapping[str, str]) -> Mapping[str, Checklist]:
    from checktrail.errors import MissingObjectError, shown
    from checktrail.parse import read

    contents = dict(repository.blobs(set(files.values())))
    missing = next((path for path, blob in files.items() if blob not in contents), None)
    if missing is not None:
        hint = repository.missing(files[missing]).hint
        raise MissingObjectError(f"{shown(missing)} is missing from this repository", hint=hint)
    return {path: read(contents[blob]) for path, blob in files.items()}


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
