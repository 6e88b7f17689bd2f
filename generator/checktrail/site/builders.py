"""The site builders beside MkDocs, each in a process of its own: ProperDocs and Zensical.

In: a configuration or a repository, and a folder. Out: the folder filled, and what the builder warned of. ProperDocs
continues MkDocs and runs our plugin. Zensical runs no plugins, so it is given a source tree inside the repository's
folder, in `.checktrail/site/`, which ignores itself, and our Markdown extension.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from checktrail.errors import OutputError, UsageError
from checktrail.git import Repository
from checktrail.site.engine import EXTRA, THEME, common_config, dated
from checktrail.site.folders import tree_folder
from checktrail.site.places import beside
from checktrail.site.source import Made, make
from checktrail.site.tree import ASSETS
from checktrail.worktree import repository_settings

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WARNED = re.compile(r"^(?:WARNING\s+-|Warning:)\s+(.*)$(?:\n\W*\[ (\S+:\d+:\d+) \]$)?", re.MULTILINE)
_FAILED = re.compile(r"^(?:ERROR\s+-\s+|Error:\s+)(.*)$", re.MULTILINE)


def need(engine: str) -> None:
    """Make sure that a site builder is installed.

    Raises:
        UsageError: it is not.
    """
    if importlib.util.find_spec(engine) is None:
        raise UsageError(f"the site builder {engine} is not installed", hint=f"`pip install {engine}`, or leave it out")


def run_properdocs(
    config: Path, site_dir: Path, _stands: Path, at: int | None, options: Mapping[str, Any]
) -> tuple[str, ...]:
    """Run ProperDocs into a folder, dated `at`; what it warned of.

    Raises:
        UsageError: the site cannot be built.
    """
    if options.get("allow_shallow"):
        raise UsageError(
            "ProperDocs is not told on the command line that a shallow clone is allowed",
            hint="set the plugin's option `allow_shallow` in mkdocs.yml, or build with MkDocs",
        )
    return _ran("properdocs", ["build", "-f", str(config), "-d", str(site_dir)], at)


def run_zensical(repository: Repository, site_dir: Path, at: int | None, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Write the source tree where Zensical may read it, and run that into a folder; what it warned of.

    Raises:
        ChecktrailError: the repository cannot be read, the tree cannot be written, or the site cannot be built.
    """
    place = zensical_folder(repository)
    made = make(repository.worktree or repository.git_dir, place=place, **options)
    made.tree.settle()
    config = _zensical_config(repository, made, place)
    # It reads and builds within its project alone: beside the file that people use, each run has one of its own.
    mine = place / f"mkdocs.{os.getpid()}.yml"
    with beside(place / "out") as out:
        try:
            (place / ".gitignore").write_text("*\n", encoding="utf-8")
            _put(place / "mkdocs.yml", config)
            _put(mine, {**config, "site_dir": str(out.relative_to(place.resolve()))})
            warnings = _ran("zensical", ["build", "-f", str(mine)], at)
        except OSError as error:
            raise OutputError(
                f"the site's source tree cannot be written to {place}: {error.strerror or error}",
                hint="check that the folder can be written, or build with MkDocs",
            ) from error
        finally:
            mine.unlink(missing_ok=True)
        shutil.copytree(out, site_dir, dirs_exist_ok=True)
    return warnings


def zensical_folder(repository: Repository) -> Path:
    """Where the tree for Zensical is: in the repository's folder; in the cache where there is none."""
    if repository.worktree is None:
        return tree_folder(repository, folders=False, home="zensical")
    return repository.worktree / ".checktrail" / "site"


def _zensical_config(repository: Repository, made: Made, place: Path) -> Mapping[str, Any]:
    return {
        **common_config(made.title, repository_settings(repository).site.url),
        "docs_dir": "docs",
        "site_dir": "site",
        "theme": {**THEME, "variant": "classic"},
        # Its offline plugin would fetch a polyfill of this name from elsewhere.
        "extra": {**EXTRA, "polyfills": [f"{ASSETS}/iframe-worker.js"]},
        "extra_css": [f"{ASSETS}/checktrail.css"],
        "extra_javascript": [f"{ASSETS}/checktrail.js"],
        "markdown_extensions": [{"checktrail.blocks": {"folder": str(place / "blocks")}}],
        "plugins": ["search", "offline"],
        "nav": made.navigation,
    }


def _put(path: Path, config: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(config), sort_keys=False), encoding="utf-8")


def _ran(engine: str, arguments: list[str], at: int | None) -> tuple[str, ...]:
    """Run a builder; what it warned of, each in one line."""
    with dated(at):
        environment = {**os.environ, "NO_COLOR": "1", "NO_MKDOCS_2_WARNING": "1"}
        command = [sys.executable, "-m", engine, *arguments]
        ran = subprocess.run(command, env=environment, capture_output=True, check=False)
    said = _COLOUR.sub("", (ran.stdout + ran.stderr).decode("utf-8", "replace"))
    if ran.returncode:
        failed = _FAILED.findall(said) or [line for line in said.splitlines() if line.strip()][-1:]
        why = failed[0] if failed else f"exit {ran.returncode}"
        raise UsageError(f"{engine} could not build the site: {why}", hint="build with MkDocs, or mend what it names")
    return tuple(f"{place}: {what}" if place else what for what, place in _WARNED.findall(said))
