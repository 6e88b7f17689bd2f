"""MkDocs, run in this process: a configuration to HTML, with what it warned of.

In: a configuration file and a folder. Out: the folder filled. The date that MkDocs writes into its pages is given, so
that the same input gives the same bytes.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from checktrail.errors import ChecktrailError, OutputError, UsageError

_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, after which Python knows no dates."""

NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})

EXTRA: Mapping[str, Any] = {"generator": False, "homepage": "index.html"}
"""What the theme is told beside its options: the logo leads to a file, as a folder opens no page without a server."""

THEME: Mapping[str, Any] = {
    "name": "material",
    "font": False,
    "icon": {"logo": "material/check-decagram"},
    "features": [
        "navigation.tabs",
        "navigation.indexes",
        "navigation.prune",  # an old release's page does not list the newest ones, nor change with them
        "navigation.top",
        "toc.follow",
        "search.highlight",
    ],
    "palette": [
        {
            "media": "(prefers-color-scheme: light)",
            "scheme": "default",
            "primary": "blue grey",
            "accent": "indigo",
            "toggle": {"icon": "material/brightness-4", "name": "Switch to dark colours"},
        },
        {
            "media": "(prefers-color-scheme: dark)",
            "scheme": "slate",
            "primary": "blue grey",
            "accent": "indigo",
            "toggle": {"icon": "material/brightness-7", "name": "Switch to light colours"},
        },
    ],
}


def made_config(folder: Path, title: str, url: str, plugin: Mapping[str, Any]) -> Path:
    """A `mkdocs.yml` of ours in a folder of the cache, with our plugin's options; the site has no pages of its own.

    Raises:
        OutputError: the cache cannot be written.
    """
    config = {
        **common_config(title, url),
        "docs_dir": "none",
        "theme": THEME,
        "extra": dict(EXTRA),
        "plugins": [{"checktrail": {**plugin, "policy": True}}, "search", "offline"],
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


def common_config(title: str, url: str) -> dict[str, Any]:
    """What every configuration of ours says, for whichever builder."""
    return {
        "site_name": _plain(title),
        "site_url": url,
        "site_description": f"Releases of {_plain(title)}",
        "use_directory_urls": False,
        "copyright": "Made by checktrail from git alone.",
    }


def _plain(name: str) -> str:
    """A name that a theme may put out unescaped, anywhere."""
    return "".join("_" if sign in "<>&\"'" or not sign.isprintable() else sign for sign in name) or "Releases"


def run_mkdocs(
    config: Path, site_dir: Path, stands: Path, at: int | None, options: Mapping[str, Any] = NO_OPTIONS
) -> tuple[str, ...]:
    """Run MkDocs into a folder, dated `at` (seconds since 1970); what it warned of.

    Where a site `stands` whose place the new one takes, its unchanged files are taken over. `options` are our plugin's,
    over those of the configuration.

    Raises:
        ChecktrailError: the site cannot be built.
    """
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    with _heard() as warnings, dated(at):
        try:
            loaded = load_config(str(config), site_dir=str(site_dir))
            if (plugin := loaded.plugins.get("checktrail")) is not None:
                plugin.config.update(options)
                plugin.stands = stands
            loaded.plugins.on_startup(command="build", dirty=False)
            try:
                mkdocs_build(loaded)
            finally:
                loaded.plugins.on_shutdown()
        except MkDocsException as error:
            raise failure(error, "; ".join(warnings[-3:])) from error
    return tuple(warnings)


def failure(error: Exception, hint: str) -> ChecktrailError:
    """What stopped MkDocs; our own errors come through it inside its own ones, and are told as they were raised."""
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
def dated(at: int | None) -> Iterator[None]:
    """Let MkDocs date its pages while this lasts: with SOURCE_DATE_EPOCH where that is set, else with a date given."""
    name = "SOURCE_DATE_EPOCH"
    before = os.environ.get(name)
    given = before if before is not None and before.isdigit() else None
    if given is None and at is not None:
        given = str(at)
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
