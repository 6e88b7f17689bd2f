"""The source tree to a finished site, swapped in whole.

In: a repository's folder and where the site shall be. Out: the site, built beside its place and renamed into it in one
step, so that a reader meets the old site or the new one and a run that is killed leaves the old. The builder is MkDocs,
run in this process: with the repository's own `mkdocs.yml` where that names our plugin, else with one made here.
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from checktrail.errors import ChecktrailError, OutputError, UsageError
from checktrail.git import Repository
from checktrail.site.source import tree_folder
from checktrail.worktree import repository_settings

CONFIG_NAMES = ("mkdocs.yml", "mkdocs.yaml")
_MARK = ".checktrail-site"
"""A file in every site we made, so that the next build knows what it may replace."""
_EXCHANGE = 2  # renameat2's RENAME_EXCHANGE
_HERE = -100  # AT_FDCWD
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, after which Python knows no dates."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished site: its folder, the number of its pages, and what the builder warned of."""

    folder: Path
    pages: int
    warnings: tuple[str, ...]
    config: Path


def build(folder: Path, site_dir: Path, *, strict: bool = False) -> Built:
    """Build the site of the repository that holds a folder, and put it in place.

    With `strict`, a site that the builder warned of is not put in place; the warnings say why.

    Raises:
        ChecktrailError: the repository cannot be read.
        OutputError: the place cannot be written or holds something that is no site; it is left as it was.
    """
    repository = Repository.open(folder)
    repository.refuse_shallow()
    target = _place(site_dir, repository)
    config = config_file(repository)
    with _beside(target) as fresh:
        warnings = _mkdocs(config, fresh, repository)
        (fresh / _MARK).touch()
        found = Built(target, sum(1 for _ in fresh.rglob("*.html")), warnings, config)
        if not (strict and warnings):
            _swap(fresh, target)
    return found


def config_file(repository: Repository) -> Path:
    """The configuration to build with: the repository's own where it names our plugin, else one made in the cache.

    Raises:
        OutputError: the cache cannot be written.
    """
    root = repository.worktree
    for name in CONFIG_NAMES if root is not None else ():
        own = Path(root or "") / name
        if own.is_file() and _names_us(own):
            return own
    return _made_config(repository)


def _names_us(path: Path) -> bool:
    """Whether a MkDocs configuration lists our plugin, read without running anything that it names."""
    text = path.read_bytes().decode("utf-8", "replace")
    try:
        loaded = yaml.load(text, Loader=_Tolerant)  # noqa: S506 (a safe loader, see below)
    except yaml.YAMLError:
        return "checktrail" in text  # MkDocs then says what is wrong with it
    plugins = loaded.get("plugins") if isinstance(loaded, Mapping) else None
    if isinstance(plugins, Mapping):
        return "checktrail" in plugins
    entries = plugins if isinstance(plugins, list) else []
    return any(entry == "checktrail" or (isinstance(entry, Mapping) and "checktrail" in entry) for entry in entries)


class _Tolerant(yaml.SafeLoader):
    """Reads MkDocs' files without their tags: `!ENV` and `!!python/name:…` become nothing."""


_Tolerant.add_multi_constructor("", lambda _loader, _suffix, _node: None)


def _made_config(repository: Repository) -> Path:
    """A `mkdocs.yml` of ours for a repository that has none."""
    settings = repository_settings(repository).site
    folder = tree_folder(repository, folders=False, home="index")
    config = {
        "site_name": _plain(settings.title or repository.name),
        "site_url": settings.url,
        "site_description": f"Releases of {_plain(settings.title or repository.name)}",
        "docs_dir": "none",
        "use_directory_urls": False,
        "copyright": "Made by checktrail from git alone.",
        "theme": THEME,
        "extra": {"generator": False},
        "plugins": [
            {"checktrail": {"repository": str(repository.worktree or repository.git_dir), "policy": True}},
            "search",
            "offline",
        ],
    }
    try:
        (folder / "none").mkdir(parents=True, exist_ok=True)
        path = folder / "mkdocs.yml"
        path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"the cache cannot be written: {folder}: {error.strerror or error}",
            hint="set CHECKTRAIL_CACHE_DIR to a folder that can be written",
        ) from error
    return path


def _plain(name: str) -> str:
    """A name that a theme may put out unescaped, anywhere."""
    return "".join("_" if sign in "<>&\"'" or not sign.isprintable() else sign for sign in name) or "Releases"


THEME: Mapping[str, Any] = {
    "name": "material",
    "font": False,
    "icon": {"logo": "material/check-decagram"},
    "features": ["navigation.tabs", "navigation.indexes", "navigation.top", "toc.follow", "search.highlight"],
    "palette": [
        {
            "media": "(prefers-color-scheme: light)",
            "scheme": "default",
            "primary": "blue grey",
            "accent": "indigo",
            "toggle": {"icon": "material/weather-night", "name": "Switch to dark colours"},
        },
        {
            "media": "(prefers-color-scheme: dark)",
            "scheme": "slate",
            "primary": "blue grey",
            "accent": "indigo",
            "toggle": {"icon": "material/weather-sunny", "name": "Switch to light colours"},
        },
    ],
}


def serve(folder: Path, address: str, *, show: bool = False) -> None:
    """Serve the site of the repository that holds a folder, and rebuild it when something changes; until stopped.

    Raises:
        UsageError: the address is none, or taken.
        ChecktrailError: the repository cannot be read.
    """
    from mkdocs.commands.serve import serve as mkdocs_serve
    from mkdocs.exceptions import MkDocsException

    repository = Repository.open(folder)
    repository.refuse_shallow()
    with _dated(repository):
        try:
            mkdocs_serve(str(config_file(repository)), dev_addr=address, open_in_browser=show)
        except MkDocsException as error:
            raise _failure(error, "") from error
        except OSError as error:
            raise UsageError(
                f"cannot serve on {address}: {error.strerror or error}", hint="name another --address"
            ) from error


# --- the builder ----------------------------------------------------------------------------------------------------


def _mkdocs(config: Path, site_dir: Path, repository: Repository) -> tuple[str, ...]:
    """Run MkDocs into a folder; what it warned of."""
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    with _heard() as warnings, _dated(repository):
        try:
            loaded = load_config(str(config), site_dir=str(site_dir))
            loaded.plugins.on_startup(command="build", dirty=False)
            try:
                mkdocs_build(loaded)
            finally:
                loaded.plugins.on_shutdown()
        except MkDocsException as error:
            raise _failure(error, "; ".join(warnings[-3:])) from error
    return tuple(warnings)


def _failure(error: Exception, hint: str) -> ChecktrailError:
    """Our own errors come through MkDocs inside its own ones; they are told as they were raised."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ChecktrailError):
            return inner
        inner = inner.__cause__ or inner.__context__
    return UsageError(f"MkDocs could not build the site: {error}", hint=hint)


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What MkDocs and its plugins warn of while this lasts."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    ear = Ear(logging.WARNING)
    logger = logging.getLogger("mkdocs")
    propagates = logger.propagate
    logger.addHandler(ear)
    logger.propagate = False
    try:
        yield heard
    finally:
        logger.removeHandler(ear)
        logger.propagate = propagates


@contextmanager
def _dated(repository: Repository) -> Iterator[None]:
    """Let MkDocs date its pages with the head's date: the same repository gives the same bytes."""
    name = "SOURCE_DATE_EPOCH"
    before = os.environ.get(name)
    given = before if before is not None and before.isdigit() else None
    head = repository.head.commit
    if given is None:
        given = str(_committed_at(repository, head)) if head is not None else None
    try:
        if given is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = str(min(int(given), _LAST_SECOND))
        yield
    finally:
        if before is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = before


def _committed_at(repository: Repository, commit: str) -> int:
    """A commit's date, from the raw object: one object need not cost a history."""
    for raw in repository.objects([commit]):
        for line in raw.content.split(b"\n\n", 1)[0].split(b"\n"):
            words = line.split()
            if line.startswith(b"committer ") and len(words) > 1 and words[-2].isdigit():
                return int(words[-2])
    return 0


# --- the place ------------------------------------------------------------------------------------------------------


def _place(site_dir: Path, repository: Repository) -> Path:
    """The real folder of the site, which must be free, empty or a site already, and hold no repository."""
    target = site_dir.resolve()
    hint = "name an empty folder or one that holds a site with --site-dir"
    if target.is_dir():
        inside = [repository.git_dir.resolve(), Path.cwd()]
        if any(path.is_relative_to(target) for path in inside):
            raise OutputError(f"{site_dir} holds the repository or where you stand", hint=hint)
        if any(target.iterdir()) and not _is_site(target):
            raise OutputError(f"{site_dir} holds files that are no site; they are left as they are", hint=hint)
    elif target.exists():
        raise OutputError(f"{site_dir} is a file; it is left as it is", hint=hint)
    if repository.git_dir.resolve() in (target, *target.parents):
        raise OutputError(f"{site_dir} lies in git's own folder", hint=hint)
    return target


def _is_site(folder: Path) -> bool:
    """Whether a folder was made by us, or looks like a site that MkDocs made."""
    return (folder / _MARK).exists() or all((folder / name).exists() for name in ("index.html", "search", "assets"))


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder beside the target, on the same file system; gone afterwards, whatever happened."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
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


def _sweep(target: Path) -> None:
    """Take away what killed runs left beside the target."""
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


def _swap(fresh: Path, target: Path) -> None:
    """Put the new site in place of the old; what is replaced goes where the new one was."""
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
