"""Files written whole or not at all.

In: a root, a path below it and the bytes, or a finished draft beside it. Out: the file, which a reader sees in its old
or its new form and nothing between. A symbolic link that leads out of the root is refused: what a pull request puts
there must not aim our pen. What somebody else wrote since we read is never written over.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from checktrail.errors import OutputError, UsageError, shown

_NEW_FILE_MODE = 0o666
_DRAFTS = "checktrail"
_NEW_FOLDER_HINT = "check that the folder can be written and the disk is not full"


def replace_file(root: Path, path: Path | str, content: bytes, *, was: bytes | None = None) -> None:
    """Write a file anew, or for the first time; its mode is kept.

    `was` is what the new content was made from, empty where no file was: when something else stands there by now, it is
    left alone. None looks at nothing.

    Raises:
        OutputError: it lies outside the root, cannot be written, or was changed; what stood there still stands.
    """
    target = _inside(root, Path(path))
    _write(target, content, lambda draft: _put(draft, target, was))


def create_file(root: Path, path: Path | str, content: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        UsageError: something stands there already; it is left alone.
        OutputError: it would lie outside the root or cannot be written.
    """
    target = _inside(root, Path(path))
    if os.path.lexists(target):
        raise _taken(path)
    _write(target, content, lambda draft: _link(draft, target, path))


@contextmanager
def drafts(target: Path) -> Iterator[Path]:
    """A folder for what is to be put at a place once it is whole: on its file system, and gone afterwards.

    It lies in the folder that the place is or will be in; what killed runs left there is swept away.

    Raises:
        OutputError: something cannot be written.
    """
    around = next(folder for folder in (target, *target.parents) if folder.is_dir())
    try:
        sweep(around / _DRAFTS)
        folder = Path(tempfile.mkdtemp(prefix=f".{_DRAFTS}.{os.getpid()}.", dir=around))
    except OSError as error:
        raise _unwritable(target, error) from None
    try:
        yield folder
    except BrokenPipeError:  # whoever reads our output went away
        raise
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(target: Path) -> None:
    """Take away the folders that killed runs left beside a target: `.NAME.PROCESS.…`."""
    for left in target.parent.glob(f".{target.name}.*.*"):
        owner = left.name.removeprefix(f".{target.name}.").split(".")[0]
        if owner.isdigit() and left.is_dir() and not _runs(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def put_in_place(finished: Mapping[Path, Path]) -> None:
    """Give finished drafts their places, each by its place: none before all are safe on the disk.

    Raises:
        OutputError: one would lie outside its folder, or cannot be written.
    """
    targets = {_inside(place.parent, Path(place.name)): draft for place, draft in finished.items()}
    for target, draft in targets.items():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("r+b") as file:
                os.fsync(file.fileno())
            draft.chmod(_mode(target))
        except OSError as error:
            raise _unwritable(target, error) from None
    for target, draft in targets.items():
        try:
            draft.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            raise _unwritable(target, error) from None


def refuse_detour(root: Path | None, path: Path) -> None:
    """Refuse a place that is named inside a root and lies outside of it: the link that leads there may be anyone's.

    Raises:
        OutputError: it is such a place.
    """
    if root is None:
        return
    base, named = root.resolve(), Path(os.path.abspath(path))  # noqa: PTH100 -- as it is named, links and all
    if any(above.resolve() == base for above in named.parents) and not named.resolve().is_relative_to(base):
        raise OutputError(f"{shown(path)} leads out of {shown(base)}", hint="name the place that the link leads to")


def checkout(folder: Path) -> Path | None:
    """The top of the checkout that a folder lies in, told by its `.git`; None where there is none."""
    whole = folder.resolve()
    return next((each for each in (whole, *whole.parents) if (each / ".git").exists()), None)


def _inside(root: Path, path: Path) -> Path:
    """The real place of a path, which must lie below the root and outside `.git`."""
    base = root.resolve()
    asked = path if path.is_absolute() else base / path
    target = asked.parent.resolve() / asked.name
    if target.is_symlink():
        target = target.resolve()
    if not target.is_relative_to(base) or target == base:
        raise OutputError(f"{shown(path)} leads out of {shown(base)}", hint="name a file inside the repository")
    if ".git" in target.relative_to(base).parts:
        raise OutputError(f"{shown(path)} lies in git's own folder", hint="name a file among the repository's own")
    return target


def _write(target: Path, content: bytes, put: Callable[[Path], object]) -> None:
    """Write beside the target, make it durable, then put it in place in one step."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", dir=target.parent)
    except OSError as error:
        raise _unwritable(target, error) from None
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(_mode(target))
        put(draft)
        _sync_folder(target.parent)
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        draft.unlink(missing_ok=True)


def _put(draft: Path, target: Path, was: bytes | None) -> None:
    """Give a finished draft the place of a file, unless that has changed."""
    if was is None:
        draft.replace(target)
        return
    with _alone_in(target.parent):
        if (target.read_bytes() if target.exists() else b"") != was:
            raise OutputError(
                f"{shown(target)} was changed meanwhile", hint="it is left as it is; run the command again"
            )
        draft.replace(target)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs of ours from writing into a folder, where the system can; the lock ends with the process."""
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with suppress(OSError):  # not every file system knows locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _link(draft: Path, target: Path, named: Path | str) -> None:
    """Give a finished draft its name, unless somebody was faster."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise _taken(named) from None
    except OSError:  # a file system without hard links: the name is claimed first, then filled
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _NEW_FILE_MODE))
        except FileExistsError:
            raise _taken(named) from None
        draft.replace(target)


def _mode(target: Path) -> int:
    with suppress(OSError):
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return _NEW_FILE_MODE & ~mask


def _sync_folder(folder: Path) -> None:
    # Not every system lets a folder be opened; the file itself is durable by then.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _taken(named: Path | str) -> UsageError:
    return UsageError(f"{shown(named)} is there already", hint="it is left as it is; choose another name or move it")


def _unwritable(target: Path, error: OSError) -> OutputError:
    return OutputError(f"{shown(target)} cannot be written: {error.strerror or error}", hint=_NEW_FOLDER_HINT)
