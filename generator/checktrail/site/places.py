"""Where a finished site goes: built beside its place, then put there in one step.

In: the folder asked for. Out: a fresh folder beside it that takes its place whole, so that a reader meets the old site
or the new one; what stood there stands until then, and nothing that is no site is ever replaced.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from checktrail.errors import OutputError
from checktrail.writing import sweep

_MARK = ".checktrail-site"
"""A file in every site we made, so that the next build knows what it may replace."""
_EXCHANGE = 2  # renameat2's RENAME_EXCHANGE
_HERE = -100  # AT_FDCWD


def free_place(site_dir: Path, keep: Iterable[Path]) -> Path:
    """The real folder of a site, which must be free, empty or a site already, and hold nothing that is to be kept.

    Raises:
        OutputError: it is none of that; it is left as it was.
    """
    target = site_dir.resolve()
    hint = "name an empty folder or one that holds a site with --site-dir"
    if target.is_dir():
        if any(path.resolve().is_relative_to(target) for path in (*keep, Path.cwd())):
            raise OutputError(f"{site_dir} holds the repository or where you stand", hint=hint)
        if any(target.iterdir()) and not _is_site(target):
            raise OutputError(f"{site_dir} holds files that are no site; they are left as they are", hint=hint)
    elif target.exists():
        raise OutputError(f"{site_dir} is a file; it is left as it is", hint=hint)
    return target


def _is_site(folder: Path) -> bool:
    """Whether a folder was made by us, or looks like a site that MkDocs made."""
    return (folder / _MARK).exists() or all((folder / name).exists() for name in ("index.html", "search", "assets"))


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A folder beside the target, on the same file system; gone afterwards, whatever happened."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target)
        around = Path(tempfile.mkdtemp(prefix=f".{target.name}.{os.getpid()}.", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from None
    try:
        fresh = around / "site"
        fresh.mkdir()
        yield fresh
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(around, ignore_errors=True)


def swap(fresh: Path, target: Path) -> None:
    """Put the new site in place of the old; what is replaced goes where the new one was."""
    (fresh / _MARK).touch()
    fresh.chmod(0o755)
    try:
        if not target.exists():
            fresh.rename(target)
        elif not _exchanged(fresh, target):
            # Not every system exchanges two names in one step: between these two a reader may meet no site.
            old = fresh.with_name("old")
            target.rename(old)
            try:
                fresh.rename(target)
            except OSError:
                old.rename(target)
                raise
    except OSError as error:
        raise _unwritable(target, error) from None


def put_aside(site: Path) -> Path:
    """Move a site that is built in place out of the way, and say where it is now; where none stands, nothing is."""
    aside = site.with_name(f"{site.name}.before")
    shutil.rmtree(aside, ignore_errors=True)
    with suppress(OSError):
        site.rename(aside)
    return aside


def put_back(aside: Path, site: Path) -> None:
    """Undo that, whatever has been built meanwhile."""
    if aside.is_dir():
        shutil.rmtree(site, ignore_errors=True)
        with suppress(OSError):
            aside.rename(site)


def _exchanged(fresh: Path, target: Path) -> bool:
    """Let two folders change names in one step, where the system can."""
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return bool(exchange(_HERE, os.fsencode(fresh), _HERE, os.fsencode(target), _EXCHANGE) == 0)


def _unwritable(target: Path, error: OSError) -> OutputError:
    return OutputError(
        f"the site cannot be written to {target}: {error.strerror or error}",
        hint="check that the folder can be written and the disk is not full; what stood there still stands",
    )
