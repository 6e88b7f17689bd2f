"""The files as they stand in a folder, in or out of a repository.

In: a repository, or paths that somebody named. Out: `WorkingFile` values with their bytes and the blob id that git
would give them, so that what was parsed once from history is known here too. A symbolic link is no checklist.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from checktrail.config import FILE_NAME, Settings, read_settings, settings_from
from checktrail.errors import ConfigError, InputError, shown
from checktrail.git import MARKDOWN_SUFFIXES, Repository


class WorkingFile(NamedTuple):
    """A file on disk: `path` as it is shown (relative to the repository's root, else as named) and its bytes."""

    path: str
    content: bytes
    blob: str


def repository_settings(repository: Repository) -> Settings:
    """The settings of a repository: from its files, or from HEAD's tree when it is bare.

    Raises:
        ConfigError: a setting is unknown or holds what it cannot hold.
    """
    if repository.worktree is not None:
        return read_settings(repository.worktree)
    if repository.head.commit is None:
        return Settings()
    import tomllib

    wanted = (FILE_NAME, "pyproject.toml")
    named = {blob.id: blob.path for blob in repository.tree("HEAD") if blob.path in wanted}
    contents = {named[blob]: content for blob, content in repository.blobs(named)}
    if FILE_NAME in named.values() and FILE_NAME not in contents:
        raise ConfigError(f"{FILE_NAME} is not in this clone", hint="fetch it whole: `git clone` without `--filter`")
    try:
        if FILE_NAME in contents:
            return settings_from(tomllib.loads(contents[FILE_NAME].decode("utf-8")), FILE_NAME)
        project = tomllib.loads(contents.get("pyproject.toml", b"").decode("utf-8", "replace"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if FILE_NAME in contents:
            raise ConfigError(f"{FILE_NAME} is not TOML: {error}") from None
        return Settings()
    return settings_from(project.get("tool", {}).get("checktrail", {}), "pyproject.toml [tool.checktrail]")


def tracked_files(repository: Repository, settings: Settings) -> tuple[WorkingFile, ...]:
    """The tracked Markdown files as they stand on disk, sorted by path, without those that are gone or too large."""
    return working_files(repository, settings)[0]


def working_files(repository: Repository, settings: Settings) -> tuple[tuple[WorkingFile, ...], dict[str, str]]:
    """The tracked Markdown files as they stand on disk, sorted by path; and those left out, with the reason.

    Left out without a word is what somebody deleted on disk, which is no more, and what is no regular file. What a
    sparse checkout keeps away still is, and so is what is too large.
    """
    if repository.worktree is None:
        return (), {}
    found: list[WorkingFile] = []
    left_out: dict[str, str] = {}
    for path in repository.tracked():
        if not path.lower().endswith(MARKDOWN_SUFFIXES):
            continue
        target = os.path.join(repository.worktree, path)  # noqa: PTH118 -- a Path costs as much as reading the file
        try:
            status = os.lstat(target)
        except OSError:
            if _is_sparse(repository):
                left_out[path] = "is kept away by the sparse checkout"
            continue
        if status.st_size > settings.checklists.max_bytes:
            limit = settings.checklists.max_bytes
            left_out[path] = f"is {status.st_size:,} bytes, more than `checklists.max-bytes` ({limit:,}),"
        elif stat.S_ISREG(status.st_mode):
            found.append(_read(target, path, repository.object_format))
    return tuple(found), left_out


def _is_sparse(repository: Repository) -> bool:
    return (repository.git_dir / "info" / "sparse-checkout").is_file()


def tracked_and_new(repository: Repository, settings: Settings) -> tuple[WorkingFile, ...]:
    """The tracked checklists, and files beside them that git does not know yet: `new` has just made one."""
    root = repository.worktree
    if root is None:
        return ()
    tracked = tracked_files(repository, settings)
    known = {file.path for file in tracked}
    folders = {root / Path(path).parent for path in known}
    if not (own := root / "checklists").is_symlink():
        folders.add(own)
    beside = [file for folder in folders for file in folder.glob("*.md") if file.is_file() and not file.is_symlink()]
    new = named_files(sorted(str(file) for file in beside), repository)
    return tracked + tuple(file for file in new if file.path not in known)


def named_files(
    paths: Iterable[str], repository: Repository | None, suffixes: tuple[str, ...] = MARKDOWN_SUFFIXES
) -> tuple[WorkingFile, ...]:
    """Files somebody named, folders searched for Markdown; each path shown relative to the repository it stands in.

    A file is read once, however often it is named. In a folder, links are passed over, and so are hidden folders but
    for those that the repository keeps files in (`.github`).

    Raises:
        InputError: a path is not there or cannot be read.
    """
    found: dict[str, WorkingFile] = {}
    for name in paths:
        target = Path(name)
        files = sorted(_walk(target, suffixes, repository)) if target.is_dir() else [target]
        for file in files:
            path = _relative(file, repository)
            if path not in found:
                found[path] = _read(file, path, _format(repository))
    return tuple(found.values())


def _folders_of(repository: Repository | None) -> frozenset[str]:
    """The folders that hold tracked files, at any depth."""
    paths = repository.tracked() if repository is not None else ()
    return frozenset(folder.as_posix() for path in paths for folder in Path(path).parents)


def blob_id(content: bytes, object_format: str = "sha1") -> str:
    """The id that git gives to a file's content."""
    digest = hashlib.new(object_format, usedforsecurity=False)
    digest.update(b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


def _format(repository: Repository | None) -> str:
    return repository.object_format if repository else "sha1"


def _relative(file: Path, repository: Repository | None) -> str:
    if repository is not None and repository.worktree is not None:
        try:
            return file.resolve().relative_to(repository.worktree.resolve()).as_posix()
        except ValueError:
            pass
    return file.as_posix()


def _walk(folder: Path, suffixes: tuple[str, ...], repository: Repository | None) -> Iterable[Path]:
    tracked = _folders_of(repository)
    for base, folders, names in os.walk(folder):
        folders[:] = [
            name for name in folders if not name.startswith(".") or _relative(Path(base, name), repository) in tracked
        ]
        files = (Path(base, name) for name in names if name.lower().endswith(suffixes))
        yield from (file for file in files if not file.is_symlink())


def _read(file: Path | str, path: str, object_format: str) -> WorkingFile:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 -- as above
            content = stream.read()
    except OSError as error:
        raise InputError(
            f"{shown(file)} cannot be read: {error.strerror or error}", hint="name a Markdown file or a folder"
        ) from None
    return WorkingFile(path, content, blob_id(content, object_format))
