"""Two commits, or a commit and the files on disk, to the checklists that differ between them.

In: a repository and its settings. Out: two maps of paths to checklists, as `checktrail.diff` compares them; files that
are the same on both sides, and those that the settings leave out, are in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from checktrail.binding import excluded
from checktrail.errors import MissingObjectError, shown
from checktrail.git import MARKDOWN_SUFFIXES
from checktrail.parse import read
from checktrail.worktree import tracked_and_new

if TYPE_CHECKING:
    from checktrail.config import Settings
    from checktrail.git import Repository
    from checktrail.model import Checklist

Side: TypeAlias = "Mapping[str, Checklist]"
"""One of two states of a repository: the checklist at each path."""


def between(repository: Repository, settings: Settings, old: str, new: str) -> tuple[Side, Side]:
    """The checklists of two commits that differ.

    Raises:
        MissingObjectError: one of them is not in this clone.
    """
    sides = [_blobs(repository, settings, commit) for commit in (old, new)]
    unchanged = sides[0].items() & sides[1].items()
    wanted = [dict(side.items() - unchanged) for side in sides]
    return read_files(repository, wanted[0]), read_files(repository, wanted[1])


def against_files(repository: Repository, settings: Settings, old: str) -> tuple[Side, Side]:
    """The checklists of a commit and of the files on disk that differ; what git does not know yet is among the latter.

    Raises:
        MissingObjectError: a checklist of the commit is not in this clone.
        InputError: a file cannot be read.
    """
    before = _blobs(repository, settings, old)
    files = [file for file in tracked_and_new(repository, settings) if not excluded(file.path, settings)]
    same = {file.path for file in files if before.get(file.path) == file.blob}
    changed = {path: blob for path, blob in before.items() if path not in same}
    return read_files(repository, changed), {file.path: read(file.content) for file in files if file.path not in same}


def read_files(repository: Repository, files: Mapping[str, str]) -> Side:
    """The checklists at some paths, by their blobs.

    Raises:
        MissingObjectError: one of them is not in this clone.
    """
    contents = dict(repository.blobs(set(files.values())))
    missing = next((path for path, blob in files.items() if blob not in contents), None)
    if missing is not None:
        hint = repository.missing(files[missing]).hint
        raise MissingObjectError(f"{shown(missing)} is missing from this repository", hint=hint)
    return {path: read(contents[blob]) for path, blob in files.items()}


def _blobs(repository: Repository, settings: Settings, commit: str) -> dict[str, str]:
    """The checklists of a commit that the settings do not leave out, and other Markdown: path to blob."""
    return {
        blob.path: blob.id
        for blob in repository.tree(commit)
        if blob.path.lower().endswith(MARKDOWN_SUFFIXES) and not excluded(blob.path, settings)
    }
