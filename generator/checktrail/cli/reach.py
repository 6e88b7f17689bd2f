"""Which files an editing command may reach: in a repository or, for files that are named, without one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.git import Repository
    from checktrail.worktree import WorkingFile


def repository_or_none(*, needed: bool, reads_files: str = "") -> Repository | None:
    """The repository; None where there is none and none is needed. A command that `reads_files` without one says so.

    Raises:
        NoRepositoryError: there is none and one is needed.
    """
    from checktrail.errors import NoRepositoryError

    try:
        return door().repository()
    except NoRepositoryError as error:
        if not needed:
            return None
        if reads_files:
            hint = f"{error.hint}, or give `checktrail {reads_files}` the files themselves"
            raise NoRepositoryError(error.sentence, hint=hint) from None
        raise


def root_of(repository: Repository | None) -> Path:
    """The folder that files are written below.

    Raises:
        UsageError: the repository is bare.
    """
    if repository is None:
        return Path(door().directory)
    if repository.worktree is None:
        from checktrail.errors import UsageError

        raise UsageError("a bare repository holds no files to edit", hint="run this in a clone with files")
    return repository.worktree


def here(repository: Repository | None) -> str:
    """The folder that typed paths start from, relative to the root; empty when it is the root."""
    root, folder = root_of(repository).resolve(), Path(door().directory).resolve()
    inside = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else "."
    return "" if inside == "." else inside


def files_to_edit(paths: Sequence[str]) -> tuple[Path, tuple[WorkingFile, ...]]:
    """The root, and the named files relative to it; every checklist of the repository where none is named."""
    repository = repository_or_none(needed=not paths)
    if paths:
        return root_of(repository), named(paths, repository)
    assert repository is not None  # noqa: S101 -- it was needed; this tells the type checker
    return root_of(repository), tracked_and_new(repository)


def named(paths: Sequence[str], repository: Repository | None) -> tuple[WorkingFile, ...]:
    """Files named on the command line, which starts at `-C`; their paths are relative to the root."""
    from checktrail.worktree import named_files

    found = named_files([str(Path(door().directory, path)) for path in paths], repository)
    if repository is not None:
        return found
    base = Path(door().directory)
    return tuple(file._replace(path=_below(Path(file.path), base)) for file in found)


def tracked_and_new(repository: Repository) -> tuple[WorkingFile, ...]:
    """The tracked checklists, and files beside them that git does not know yet: `new` has just made one.

    Raises:
        UsageError: the repository is bare.
    """
    from checktrail import worktree

    root_of(repository)
    return worktree.tracked_and_new(repository, worktree.repository_settings(repository))


def _below(file: Path, base: Path) -> str:
    """A file's path below a folder, as it was named where it does not lie there."""
    return file.relative_to(base).as_posix() if file.is_relative_to(base) else file.as_posix()
