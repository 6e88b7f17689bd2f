"""The source tree to a finished site, swapped in whole.

In: a repository's folder and where the site shall be. Out: the site, built beside its place and renamed into it in one
step, so that a reader meets the old site or the new one and a run that is killed leaves the old. The builder is MkDocs,
run in this process, or another that is asked for: with the repository's own `mkdocs.yml` where that names our plugin,
else with one made here. Where the site that would be made stands already, nothing is made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from checktrail.errors import OutputError, UsageError
from checktrail.git import Repository
from checktrail.site.engine import dated, failure, made_config, run_mkdocs
from checktrail.site.folders import tree_folder
from checktrail.site.inputs import digest
from checktrail.site.places import beside, free_place, swap
from checktrail.site.standing import Standing, remember, standing
from checktrail.worktree import repository_settings
from checktrail.writing import refuse_detour, sweep

Runner: TypeAlias = Callable[[Path, Path, Path, int | None], tuple[str, ...]]
"""A site builder: from a configuration into a folder that takes another's place, dated by seconds since 1970; what it
warned of."""
CONFIG_NAMES = ("mkdocs.yml", "mkdocs.yaml")


@dataclass(frozen=True, slots=True)
class Built:
    """A finished site: its folder, the number of its pages, and what the builder warned of."""

    folder: Path
    pages: int
    warnings: tuple[str, ...]
    config: Path


def build(
    folder: Path, site_dir: Path, *, strict: bool = False, allow_shallow: bool = False, engine: str = ""
) -> Built:
    """Build the site of the repository that holds a folder, and put it in place.

    With `strict`, a site that the builder warned of is not put in place; the warnings say why. With `allow_shallow`, a
    clone whose history is cut off has a site too, and every page says that all of it is indeterminate. `engine` names
    the site builder, by default the one that the settings name.

    Raises:
        ChecktrailError: the repository cannot be read.
        OutputError: the place cannot be written or holds something that is no site; it is left as it was.
    """
    repository = Repository.open(folder)
    if not allow_shallow:
        repository.refuse_shallow()
    target, config = _place(site_dir, repository), config_file(repository)
    engine = engine or repository_settings(repository).site.engine
    made_from = _inputs(repository, config, engine)
    before = standing(target, made_from) if made_from else None
    if before is not None:
        sweep(target)
        return Built(target, before.pages, before.warnings, config)
    run = _runner(engine, repository, {"allow_shallow": allow_shallow})
    found = built(config, target, _head_date(repository), strict=strict, run=run)
    # What changed while the site was made may be in it or not: then the next run makes it again.
    if made_from and not (strict and found.warnings) and made_from == _inputs(Repository.open(folder), config, engine):
        remember(target, made_from, Standing(found.pages, found.warnings))
    return found


def _inputs(repository: Repository, config: Path, engine: str) -> str | None:
    """A digest of what the site is made from, and by what; None where that cannot be known."""
    own = repository.worktree is not None and config.parent == repository.worktree
    found = digest(repository, repository_settings(repository), config, made=not own)
    return f"{engine} {found}" if found else None


def _runner(engine: str, repository: Repository, options: Mapping[str, Any]) -> Runner:
    """How a site builder is run. Zensical runs no plugins, so it is given our pages alone.

    Raises:
        UsageError: it is not installed.
    """
    if engine == "mkdocs":
        return partial(run_mkdocs, options=options)
    from checktrail.site.builders import need, run_properdocs, run_zensical

    need(engine)
    if engine == "properdocs":
        return partial(run_properdocs, options=options)
    return lambda _config, site_dir, _stands, at: run_zensical(repository, site_dir, at, options)


def built(config: Path, target: Path, at: int | None, *, strict: bool = False, run: Runner = run_mkdocs) -> Built:
    """Run a site builder beside a site's place, and put what it made there; with `strict`, only without a warning.

    Raises:
        ChecktrailError: the site cannot be built or written; what stood in its place still stands.
    """
    with beside(target) as fresh:
        warnings = run(config, fresh, target, at)
        found = Built(target, _pages(fresh), warnings, config)
        if not (strict and warnings):
            swap(fresh, target)
    return found


def _pages(site: Path) -> int:
    return sum(name.endswith(".html") for _, _, names in os.walk(site) for name in names)


def _place(site_dir: Path, repository: Repository) -> Path:
    """The real folder of the site, which is not in git's own folder and does not hold it."""
    refuse_detour(repository.worktree, site_dir)
    target = free_place(site_dir, [repository.git_dir])
    if repository.git_dir.resolve() in (target, *target.parents):
        raise OutputError(
            f"{site_dir} lies in git's own folder",
            hint="name an empty folder or one that holds a site with --site-dir",
        )
    return target


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
    return made_config(
        tree_folder(repository, folders=False, home="index"),
        settings.title or repository.name,
        settings.url,
        {"repository": str(repository.worktree or repository.git_dir)},
    )


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
    with dated(_head_date(repository)):
        try:
            mkdocs_serve(str(config_file(repository)), dev_addr=address, open_in_browser=show)
        except MkDocsException as error:
            raise failure(error, "") from error
        except OSError as error:
            raise UsageError(
                f"cannot serve on {address}: {error.strerror or error}", hint="name another --address"
            ) from error


def _head_date(repository: Repository) -> int | None:
    """When the head was committed; None where there is none."""
    head = repository.head.commit
    return _committed_at(repository, head) if head is not None else None


def _committed_at(repository: Repository, commit: str) -> int:
    """A commit's date, from the raw object: one object need not cost a history."""
    for raw in repository.objects([commit]):
        for line in raw.content.split(b"\n\n", 1)[0].split(b"\n"):
            words = line.split()
            if line.startswith(b"committer ") and len(words) > 1 and words[-2].isdigit():
                return int(words[-2])
    return 0
