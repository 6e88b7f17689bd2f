"""`checktrail tick ITEM`: one box, byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.edit.boxes import Edited
    from checktrail.edit.selection import Choice, Source
    from checktrail.git import Repository
    from checktrail.model import State
    from checktrail.worktree import WorkingFile


@click.command(short_help="Tick one item, byte for byte.")
@click.argument("item", metavar="ITEM")
@click.option("--undo", is_flag=True, help="Untick it.")
@click.option("--na", metavar="REASON", help="Mark it as not applicable, with the reason.")
@click.option("--commit", is_flag=True, help="Commit that file alone, as you.")
@click.option("-m", "--message", metavar="TEXT", help="The commit's message; says what was ticked by default.")
def command(item: str, *, undo: bool, na: str | None, commit: bool, message: str | None) -> None:
    r"""Tick one item, byte for byte.

    ITEM is an id, written in the item or as `checktrail log` prints it (its first characters will do, from four on),
    a number such as 2.3 (the third item of section 2), PATH:LINE, or a part of the text that no other item holds;
    PATH:TEXT looks in one file only. Templates and checklists of versions that are tagged already give way to the one
    that is being worked on. Where several are still meant, all are listed and none is ticked.

    One character changes, and nothing else in the file; --na also wraps the item's words: ~~text~~ (N/A: reason).
    A file with conflict markers is refused.

    \b
    Examples:
      checktrail tick checklists/v1.2.0.md:14
      checktrail tick "QA lead sign-off" --commit
      checktrail tick 2.3 --undo
      checktrail tick "Helm charts" --na "no charts in this release"
    """
    from checktrail.cli.reach import repository_or_none
    from checktrail.cli.wording import counted
    from checktrail.errors import shown
    from checktrail.model import State

    if undo and na is not None:
        raise click.UsageError("--undo and --na cannot stand together")
    if message is not None and not commit:
        raise click.UsageError("--message needs --commit")
    in_file = _named_file(item)
    repository = repository_or_none(needed=in_file is None)
    file, choice = _meant(item, in_file, repository, State.TICKED if undo else State.OPEN)
    if choice.gave_way:
        door().say(
            f"In {shown(choice.source.path)}; left alone: {counted(choice.gave_way, 'more item')} that the name fits."
        )
    edited = _edit(file.content, choice.item.line, undo=undo, reason=na)
    _change(repository, file, edited, commit=commit, message=message)


def _meant(
    item: str, in_file: _InFile | None, repository: Repository | None, state: State
) -> tuple[WorkingFile, Choice]:
    """The one item that a name means, and its file.

    Raises:
        UsageError: no item is meant, or several are.
    """
    from checktrail.cli.by_trail import is_id, place_of
    from checktrail.cli.reach import here, named, tracked_and_new
    from checktrail.edit.selection import UnknownItemError, choose

    if in_file is not None:
        files = named([in_file.path], repository)
        item = f"{files[0].path}:{in_file.rest}"
    else:
        assert repository is not None  # noqa: S101 -- it was needed; this tells the type checker
        files = tracked_and_new(repository)
        item = (place_of(item, repository, files) if is_id(item) else None) or item
    sources = _sources(files, repository)
    try:
        choice = choose(item, sources, here(repository), state=state)
    except UnknownItemError:
        # What begins an id from the trail may be a word as well: only when no item says it is history read.
        is_whole = repository is not None and in_file is None and not repository.is_shallow
        place = place_of(item, repository, files) if is_whole and repository is not None else None
        if place is None:
            raise
        choice = choose(place, sources, state=state)
    return next(file for file in files if file.path == choice.source.path), choice


def _edit(content: bytes, line: int, *, undo: bool, reason: str | None) -> Edited:
    from checktrail.edit.boxes import not_applicable, tick, untick

    if reason is not None:
        return not_applicable(content, line, reason)
    return untick(content, line) if undo else tick(content, line)


def _change(
    repository: Repository | None, file: WorkingFile, edited: Edited, *, commit: bool, message: str | None
) -> None:
    from checktrail.cli.reach import root_of
    from checktrail.edit.commit import commit_file, refuse_other_changes
    from checktrail.errors import UsageError, shown
    from checktrail.writing import replace_file

    root = root_of(repository)
    place = f"{shown(file.path)}:{edited.after.line}"
    if edited.content == file.content:
        click.echo(f"{place}  is {_STATES[edited.after.state.value]} already: {shown(edited.after.text)}")
        return
    if commit and repository is None:
        raise UsageError("there is no repository to commit to", hint="leave --commit out")
    if commit:
        refuse_other_changes(root, file.path)
    replace_file(root, file.path, edited.content, was=file.content)
    click.echo(f"{place}  {_BOXES[edited.after.state.value]} {shown(edited.after.text)}")
    if commit:
        made = commit_file(root, file.path, message or _message(edited, file.path))
        door().say(f"  committed as {made[:12]}")


_STATES = {"open": "open", "ticked": "ticked", "not-applicable": "not applicable"}
_BOXES = {"open": "[ ]", "ticked": "[x]", "not-applicable": "[-]"}
_VERBS = {"open": "Untick", "ticked": "Tick", "not-applicable": "Mark as not applicable"}
_SUBJECT_LENGTH = 72


def _message(edited: Edited, path: str) -> str:
    text = (
        edited.before.text if len(edited.before.text) <= _SUBJECT_LENGTH else f"{edited.before.text[:_SUBJECT_LENGTH]}…"
    )
    return f"{_VERBS[edited.after.state.value]} “{text}”\n\n{path}:{edited.after.line}"


class _InFile(NamedTuple):
    """A file that is there and stands before a colon of the item's name, and what stands behind it."""

    path: str
    rest: str


def _named_file(item: str) -> _InFile | None:
    colons = [index for index, character in enumerate(item) if character == ":"]
    typed = (_InFile(item[:colon], item[colon + 1 :]) for colon in reversed(colons))
    return next((found for found in typed if Path(door().directory, found.path).is_file()), None)


def _sources(files: tuple[WorkingFile, ...], repository: Repository | None) -> list[Source]:
    from checktrail.binding import bind
    from checktrail.cli.past import tagged_versions
    from checktrail.config import Settings
    from checktrail.edit.selection import Source
    from checktrail.reading import checklists
    from checktrail.worktree import repository_settings

    settings = Settings() if repository is None else repository_settings(repository)
    parsed = checklists({file.blob: file.content for file in files}, door().store())
    versions = tagged_versions(repository, settings)
    found = [(file.path, parsed[file.blob]) for file in files]
    bound = [(path, checklist, bind(path, checklist, settings)) for path, checklist in found if checklist.items]
    return [
        Source(path, checklist, one.binding, is_past=versions.tag_of(path, one) is not None)
        for path, checklist, one in bound
    ]
