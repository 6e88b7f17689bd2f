"""Everything that a site is made from, as one digest: the same digest, the same site.

In: a repository and the configuration it is built with. Out: a digest of what its site depends on, or None where
nobody can know that: another's plugins and hooks may read anything. Objects of git need no look, their names stand for
them; files that are read from a folder are told by their content or, where they are many, by their place on disk, size
and times.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

import checktrail
from checktrail.config import FILE_NAME, Settings
from checktrail.git import Repository
from checktrail.site.folders import shipped

PLUGINS = frozenset({"checktrail", "search", "offline", "material/search", "material/offline"})
"""Plugins that read nothing but the pages."""
EXTENSIONS = frozenset({
    "abbr", "admonition", "attr_list", "codehilite", "def_list", "fenced_code", "footnotes", "md_in_html", "meta",
    "nl2br", "sane_lists", "smarty", "tables", "toc", "pymdownx.betterem", "pymdownx.caret", "pymdownx.critic",
    "pymdownx.details", "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.keys", "pymdownx.mark",
    "pymdownx.smartsymbols", "pymdownx.superfences", "pymdownx.tabbed", "pymdownx.tasklist", "pymdownx.tilde",
})  # fmt: skip
"""Extensions that read nothing but the text they are given."""
DICTIONARIES = ("jieba_dict", "jieba_dict_user")
"""Options of the search that name files, which it reads."""
_ELSEWHERE = frozenset({"repository", "portfolio"})
"""Options of our plugin with which a site is of something else than the repository that holds its configuration."""
_ENVIRONMENT = ("SOURCE_DATE_EPOCH", "GNUPGHOME", "HOME", "LANG", "LC_ALL", "TZ")


def digest(repository: Repository, settings: Settings, config: Path, *, made: bool) -> str | None:
    """What a site is made from; None where that cannot be known. `made`: the configuration is one of ours."""
    if repository.is_partial or repository.is_shallow:
        return None
    theirs = () if made else _own_site(config)
    if theirs is None:
        return None
    found = sha256()
    parts = (_program(), _machine(), _git(repository), _folder(repository, settings), [_content(config)], theirs)
    for number, part in enumerate(parts):
        for line in part:
            found.update(f"{number} {line}\n".encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def program(templates: Path | None) -> str:
    """What every page depends on beside what it says: the code, what is installed, page templates of one's own."""
    found = sha256()
    for line in (*_program(), *(_stamps(templates) if templates else ())):
        found.update(f"{line}\n".encode("utf-8", "surrogateescape"))
    return found.hexdigest()


@cache
def _program() -> tuple[str, ...]:
    """The code and the templates, and what is installed beside them, when first asked for: it is what this run has."""
    places = filter(os.path.isdir, sys.path)  # entries of it may be no paths at all
    installed = (sorted(each.name for each in Path(place).glob("*.dist-info")) for place in places)
    ours = (_stamps(folder) for folder in (Path(checktrail.__file__).parent, shipped()))
    return (sys.version, *chain.from_iterable(ours), *chain.from_iterable(installed))


def _machine() -> Iterator[str]:
    """The environment's variables that are read, and gpg with its keys."""
    for name in _ENVIRONMENT:
        yield f"{name}={os.environ.get(name)}"
    yield f"gpg={shutil.which('gpg')}"
    keys = Path(os.environ.get("GNUPGHOME") or Path("~/.gnupg").expanduser())
    for place in (keys, keys / "public-keys.d"):
        yield from (_stamp(file) for file in _files(place))


def _git(repository: Repository) -> Iterator[str]:
    """The references and what else of a repository is not named by its content."""
    head = repository.head
    yield f"{repository.git_dir} {repository.worktree} {repository.name} {head.commit} {head.branch}"
    yield f"{repository.remote_url} {repository.object_format} {repository.git_version} {repository.has_replacements}"
    yield from (_content(folder / "config") for folder in (repository.git_dir, repository.common_dir))
    yield from (f"{reference.name} {reference.target}" for reference in repository.references())


def _folder(repository: Repository, settings: Settings) -> Iterator[str]:
    """What is read from the working tree: settings, the ledger, page templates."""
    if repository.worktree is None:
        return
    root = repository.worktree
    yield from (_content(root / name) for name in (FILE_NAME, "pyproject.toml", settings.audit.ledger))
    if settings.site.templates:
        yield from _stamps(root / settings.site.templates)


def _own_site(config: Path) -> list[str] | None:
    """What a site of somebody's own is made from beside our pages; None where more than that may be read."""
    text = config.read_text(encoding="utf-8", errors="replace")
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError:  # a tag stands in it, which may read anything
        return None
    if not isinstance(loaded, Mapping) or not _is_closed(loaded):
        return None
    theme = loaded.get("theme")
    custom = theme.get("custom_dir") if isinstance(theme, Mapping) else None
    folders = [loaded.get("docs_dir", "docs"), *([custom] if custom else [])]
    return [line for folder in folders for line in _stamps(config.parent / str(folder))]


def _is_closed(config: Mapping[str, Any]) -> bool:
    """Whether a configuration names only what reads nothing else."""
    plugins, extensions = set(_names(config.get("plugins"))), set(_names(config.get("markdown_extensions")))
    if _ELSEWHERE & set(_options(config.get("plugins"), "checktrail")):
        return False
    if any(set(DICTIONARIES) & set(_options(config.get("plugins"), name)) for name in ("search", "material/search")):
        return False
    return not {"hooks", "INHERIT"} & set(config) and plugins <= PLUGINS and extensions <= EXTENSIONS


def _options(plugins: Any, name: str) -> Iterator[str]:
    """The names of a plugin's options."""
    for entry in [plugins] if isinstance(plugins, Mapping) else plugins or ():
        options = entry.get(name) if isinstance(entry, Mapping) else None
        yield from options if isinstance(options, Mapping) else ()


def _names(listed: Any) -> Iterator[str]:
    """The names of a list or mapping of things with options."""
    for entry in listed or ():
        yield from map(str, entry) if isinstance(entry, Mapping) else (str(entry),)


def _content(file: Path) -> str:
    """A small file's content as a digest, behind its path."""
    try:
        return f"{file} {sha256(file.read_bytes()).hexdigest()}"
    except OSError as error:
        return f"{file} {error.errno}"


def _stamps(folder: Path) -> Iterator[str]:
    """Every file below a folder with its place on disk, size and times, links followed as the site builder does."""
    for base, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (_stamp(Path(base, name)) for name in sorted(names))


def _files(folder: Path) -> Iterable[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return ()


def _stamp(file: Path) -> str:
    try:
        found = file.stat()
    except OSError as error:
        return f"{file} {error.errno}"
    return f"{file} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
