"""`checktrail table`: the completion table kept in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.worktree import WorkingFile


@click.command(short_help="The completion table kept in a file.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--check", is_flag=True, help="Exit 1 where a kept table disagrees with the boxes; write nothing.")
@click.option("--write", is_flag=True, help="Count every kept table anew.")
def command(paths: tuple[str, ...], *, check: bool, write: bool) -> None:
    r"""The completion table kept in a file.

    A table between <!-- checktrail:completion --> and <!-- /checktrail:completion --> is counted by --write; names,
    order, Notes and other columns stay. Without --check or --write the table that the boxes make is printed, for
    files without markers too. Without PATH every tracked file with markers is meant.

    Kept in git, a total row lets two branches conflict that tick different sections: the site counts anyway.

    \b
    Examples:
      checktrail table checklists/v1.2.0.md
      checktrail table --write
      checktrail table --check
    """
    if check and write:
        raise click.UsageError("--check and --write cannot stand together")
    root, files = _files(paths)
    if check:
        click.get_current_context().exit(_checked(files))
    elif write:
        _written(root, files)
    else:
        _printed(files)


def _files(paths: tuple[str, ...]) -> tuple[Path, tuple[WorkingFile, ...]]:
    """The root that paths are relative to, and the files that are meant."""
    from checktrail.cli.reach import files_to_edit
    from checktrail.edit.table import is_kept

    root, files = files_to_edit(paths)
    return root, files if paths else tuple(file for file in files if is_kept(file.content))


def _checked(files: tuple[WorkingFile, ...]) -> int:
    from checktrail.errors import shown

    stale = [file.path for file in files if _rewritten(file) != file.content]
    for path in stale:
        click.echo(f"{shown(path)}: the completion table disagrees with the boxes; run `checktrail table --write`")
    if not stale:
        door().say(_count(files))
    return 1 if stale else 0


def _written(root: Path, files: tuple[WorkingFile, ...]) -> None:
    from checktrail.errors import shown
    from checktrail.writing import replace_file

    edited = [(file, _rewritten(file)) for file in files]
    changed = [(file, content) for file, content in edited if content != file.content]
    for file, content in changed:
        replace_file(root, file.path, content, was=file.content)
        click.echo(f"{shown(file.path)}: counted anew")
    if not changed:
        door().say(_count(files))


def _printed(files: tuple[WorkingFile, ...]) -> None:
    from checktrail.edit.table import counted
    from checktrail.errors import shown

    for number, file in enumerate(files):
        if len(files) > 1:
            click.echo(f"{'' if number == 0 else chr(10)}{shown(file.path)}\n")
        click.echo(str(counted(file.content)))
    if not files:
        door().say("no file keeps a completion table; name one to see what its boxes make")


def _rewritten(file: WorkingFile) -> bytes:
    from checktrail.edit.table import rewritten
    from checktrail.errors import UsageError, shown

    try:
        return rewritten(file.content)
    except UsageError as error:
        raise UsageError(f"{shown(file.path)}: {error.sentence}", hint=error.hint) from None


def _count(files: tuple[WorkingFile, ...]) -> str:
    if not files:
        return "no file keeps a completion table"
    return (
        "one completion table, in step with its boxes"
        if len(files) == 1
        else f"{len(files)} completion tables, all in step with their boxes"
    )
