"""`checktrail status`: where every checklist stands, and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checktrail.config import Settings
    from checktrail.git import Repository
    from checktrail.record import Revision
    from checktrail.worktree import WorkingFile


@click.command(short_help="Completion of the checklists, and what to do next.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the answer.")
@click.option("--require-complete", is_flag=True, help="Exit 1 unless everything due before the tag is ticked.")
def command(*, paths: tuple[str, ...] = (), form: str = "text", require_complete: bool = False) -> int:
    r"""Completion of the checklists, and what to do next.

    Without a PATH every tracked Markdown file that holds boxes is read, as it stands on disk; release checklists make
    the headline, other files with boxes are counted apart. A PATH may be any file or folder, in or out of a repository.

    \b
    Examples:
      checktrail status                              where every checklist stands
      checktrail status checklists/v1.2.0.md         one of them, section by section
      checktrail status --require-complete           the gate before a tag
      checktrail status --format json                checktrail.status/1
    """
    from checktrail.cli.reach import repository_or_none

    repository = repository_or_none(needed=not paths)
    revisions = _revisions(paths, repository)
    _say_oddities(revisions)
    if form == "json":
        from checktrail.exports.status import encoded_status

        for part in encoded_status(revisions):
            click.echo(part, nl=False)
    else:
        from checktrail.cli.standing import show

        show(revisions, door().console(), named=bool(paths))
    return _gate(revisions, named=bool(paths)) if require_complete else 0


def _revisions(paths: Sequence[str], repository: Repository | None) -> list[Revision]:
    """The files as checklists; of those nobody named only the ones that hold items."""
    from checktrail.binding import bind, excluded
    from checktrail.config import Settings
    from checktrail.model import Phase
    from checktrail.parse import with_phases
    from checktrail.reading import checklists
    from checktrail.record import Revision
    from checktrail.worktree import repository_settings

    settings = repository_settings(repository) if repository is not None else Settings()
    files = _readable(_files(paths, repository, settings), settings, named=bool(paths))
    with door().working(f"Reading {len(files)} files"):
        parsed = checklists({file.blob: file.content for file in files}, door().store())
    phases = {heading: Phase(phase) for heading, phase in settings.checklists.phases.items()}
    found = []
    for file in files:
        checklist = with_phases(parsed[file.blob], phases)
        if paths or (checklist.items and not excluded(file.path, settings)):
            found.append(Revision(file.path, file.blob, checklist, bind(file.path, checklist, settings)))
    return found


def _files(paths: Sequence[str], repository: Repository | None, settings: Settings) -> tuple[WorkingFile, ...]:
    from checktrail.cli.reach import named
    from checktrail.worktree import tracked_files

    if paths or repository is None:
        return named(paths, repository)
    if repository.worktree is None:
        return _in_head(repository)
    _say_too_large(repository, settings)
    return tracked_files(repository, settings)


def _say_too_large(repository: Repository, settings: Settings) -> None:
    """Tracked files that are left out for their size: nothing is left out in silence."""
    from checktrail.errors import shown
    from checktrail.git import MARKDOWN_SUFFIXES

    limit = settings.checklists.max_bytes
    for path in repository.tracked():
        file = (repository.worktree or Path()) / path
        if path.lower().endswith(MARKDOWN_SUFFIXES) and file.is_file() and file.stat().st_size > limit:
            size = file.stat().st_size
            door().say(
                f"{shown(path)} is {size:,} bytes, more than `checklists.max_bytes` ({limit:,}), and was not read"
            )


def _in_head(repository: Repository) -> tuple[WorkingFile, ...]:
    """The Markdown files of HEAD's tree: a bare repository has no others."""
    from checktrail.git import MARKDOWN_SUFFIXES
    from checktrail.worktree import WorkingFile

    if repository.head.commit is None:
        return ()
    blobs = [blob for blob in repository.tree("HEAD") if blob.path.lower().endswith(MARKDOWN_SUFFIXES)]
    contents = dict(repository.blobs(dict.fromkeys(blob.id for blob in blobs)))
    return tuple(WorkingFile(blob.path, contents[blob.id], blob.id) for blob in blobs if blob.id in contents)


def _readable(files: Sequence[WorkingFile], settings: Settings, *, named: bool) -> list[WorkingFile]:
    """The files that are not too large, and of those nobody named only the ones that may hold boxes.

    Raises:
        InputError: a file that somebody named is too large.
    """
    from checktrail.errors import InputError, shown

    limit = settings.checklists.max_bytes
    found = []
    for file in files:
        if len(file.content) > limit:
            sentence = (
                f"{shown(file.path)} is {len(file.content):,} bytes, more than `checklists.max_bytes` ({limit:,})"
            )
            if named:
                raise InputError(sentence, hint="raise the setting, or name another file")
            door().say(f"{sentence}, and was not read")
        elif named or b"]" in file.content:
            found.append(file)
    return found


def _say_oddities(revisions: Sequence[Revision]) -> None:
    """What kept a file from being read as it was meant, on standard error."""
    from checktrail.errors import shown
    from checktrail.model import OddityKind

    serious = {
        OddityKind.NOT_UTF8: "is not UTF-8",
        OddityKind.TOO_DEEP: "is nested too deep to be read whole",
        OddityKind.TOO_LARGE: "is too large to be read",
        OddityKind.CONFLICT_MARKER: "holds a conflict marker",
        OddityKind.BAD_FRONT_MATTER: "has front matter that cannot be read",
    }
    for revision in revisions:
        told = {oddity.kind: oddity for oddity in reversed(revision.checklist.oddities) if oddity.kind in serious}
        for kind, oddity in sorted(told.items()):
            door().say(f"{shown(revision.path)}:{oddity.line} {serious[kind]}: {shown(oddity.detail)}")


def _gate(revisions: Sequence[Revision], *, named: bool) -> int:
    """1 when something due before the tag is open, or when there is nothing that could prove it is not."""
    from checktrail.completion import totals
    from checktrail.model import Binding

    counts = [
        totals(revision.checklist)
        for revision in revisions
        if named or revision.bound.binding in (Binding.OWN, Binding.LIVING)
    ]
    if not any(count.items for count in counts):
        door().say("Nothing proves completeness: no release checklist holds an item.")
        return 1
    return int(any(count.required_ticked < count.required for count in counts))
