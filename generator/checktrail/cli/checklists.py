"""Which checklists `status` tells of: files on disk, in HEAD's tree, or named; and which of them could not be read.

Nothing is left out in silence: what is not read, or not read whole, is said on standard error, and `unread` names the
release checklists among it, so that no gate passes for what nobody looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from checktrail.cli.door import door
from checktrail.cli.reach import named
from checktrail.config import Settings
from checktrail.errors import InputError, shown
from checktrail.git import MARKDOWN_SUFFIXES
from checktrail.model import Binding, OddityKind
from checktrail.reading import known
from checktrail.summaries import SERIOUS, Summary, Told, checklist_of, summaries
from checktrail.worktree import WorkingFile, repository_settings, working_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.git import Repository
    from checktrail.model import Checklist

_SAID = {
    OddityKind.NOT_UTF8: "is not UTF-8",
    OddityKind.TOO_DEEP: "is nested too deep to be read whole",
    OddityKind.TOO_LARGE: "is too large to be read",
    OddityKind.CONFLICT_MARKER: "holds a conflict marker",
    OddityKind.BAD_FRONT_MATTER: "has front matter that cannot be read",
}
assert set(_SAID) == SERIOUS  # noqa: S101 -- what is kept is what is said
_HIDING = (OddityKind.TOO_DEEP, OddityKind.TOO_LARGE, OddityKind.CONFLICT_MARKER)


class Found(NamedTuple):
    """The checklists in order of their paths, and the paths of release checklists that were not read, or not whole."""

    told: Sequence[Told]
    unread: Sequence[str]
    settings: Settings
    contents: Mapping[str, bytes]

    def checklist(self, summary: Summary) -> Checklist:
        """The whole checklist that a summary is of."""
        packed = known([summary.blob], door().store()).get(summary.blob)
        return checklist_of(self.contents[summary.blob], packed, self.settings)


def found_checklists(paths: Sequence[str], repository: Repository | None, *, as_json: bool = False) -> Found:
    """The checklists of a repository, of those that nobody named only the ones that hold items.

    Raises:
        InputError: a file that somebody named is not there, cannot be read or is too large.
    """
    settings = repository_settings(repository) if repository is not None else Settings()
    files, left_out = _files(paths, repository, settings)
    with door().working(f"Reading {len(files)} files"):
        told = summaries(files, settings, door().store(), as_json=as_json)
    found = []
    for file, one in zip(files, told, strict=True):
        is_shown = bool(paths) or (one.summary.totals.items > 0 and not _is_excluded(file.path, settings))
        if is_shown:
            found.append(one)
        if _hides(file, one.summary, is_shown=is_shown):
            left_out.append(file.path)
    unread = left_out if paths else [path for path in left_out if _is_ours(path, settings)]
    return Found(found, unread, settings, {file.blob: file.content for file in files})


def _is_excluded(path: str, settings: Settings) -> bool:
    if not settings.checklists.exclude:
        return False
    from checktrail.binding import excluded

    return excluded(path, settings)


def _is_ours(path: str, settings: Settings) -> bool:
    """Whether a file that nobody read is a release checklist by its name and place."""
    from checktrail.binding import bind
    from checktrail.parse import parse

    return bind(path, parse(""), settings).binding in (Binding.OWN, Binding.LIVING)


def _files(
    paths: Sequence[str], repository: Repository | None, settings: Settings
) -> tuple[list[WorkingFile], list[str]]:
    """The files to read, and the paths of those left out, each of which is said."""
    if paths or repository is None:
        return small_enough(named(paths, repository), settings), []
    if repository.worktree is None:
        files, left_out = _in_head(repository)
        left_out |= {file.path: f"is {len(file.content):,} bytes" for file in files if _is_large(file, settings)}
        files = tuple(file for file in files if file.path not in left_out)
    else:
        files, left_out = working_files(repository, settings)
    for path, why in left_out.items():
        door().say(f"{shown(path)} {why} and was not read")
    return [file for file in files if b"]" in file.content or b"\0" in file.content], list(left_out)


def small_enough(files: Sequence[WorkingFile], settings: Settings) -> list[WorkingFile]:
    """The files that somebody named.

    Raises:
        InputError: one is too large to be read.
    """
    for file in files:
        if _is_large(file, settings):
            limit = settings.checklists.max_bytes
            raise InputError(
                f"{shown(file.path)} is {len(file.content):,} bytes, more than `checklists.max-bytes` ({limit:,})",
                hint="raise the setting, or name another file",
            )
    return list(files)


def _is_large(file: WorkingFile, settings: Settings) -> bool:
    return len(file.content) > settings.checklists.max_bytes


def _in_head(repository: Repository) -> tuple[tuple[WorkingFile, ...], dict[str, str]]:
    """The Markdown files of HEAD's tree, for a bare repository has no others; and the paths of those not in it."""
    if repository.head.commit is None:
        return (), {}
    blobs = [blob for blob in repository.tree("HEAD") if blob.path.lower().endswith(MARKDOWN_SUFFIXES)]
    contents = dict(repository.blobs(dict.fromkeys(blob.id for blob in blobs)))
    files = (WorkingFile(blob.path, contents[blob.id], blob.id) for blob in blobs if blob.id in contents)
    return tuple(files), {blob.path: "is missing from this repository" for blob in blobs if blob.id not in contents}


def _hides(file: WorkingFile, summary: Summary, *, is_shown: bool) -> bool:
    """Say what kept a file from being read as it was meant; whether that may hide an item, or a box's true state."""
    told = {oddity.kind: oddity for oddity in summary.oddities}
    # A file of another encoding shows no boxes, and its NULs are all that tells it from plain prose.
    is_foreign = OddityKind.NOT_UTF8 in told and b"\0" in file.content
    if is_shown or is_foreign or OddityKind.TOO_LARGE in told:
        for kind, oddity in sorted(told.items()):
            door().say(f"{shown(file.path)}:{oddity.line} {_SAID[kind]}: {shown(oddity.detail)}")
    return is_foreign or any(kind in told for kind in _HIDING)
