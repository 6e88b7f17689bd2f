"""Names of any kind to page names and relative links. Pure.

A page is named by its source path without `.md`: `releases/v1.0`. Tags, paths and items come from anybody, so a page
name keeps only what every file system and address bar takes, and two names never share one, letter case aside.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

HOME = "index"
RELEASES = "releases/index"
CHECKLISTS = "checklists/index"
MADE = "made"

_LONGEST = 80
# Separators that people put into tags and paths turn into "-" without making the name another one.
_SEPARATORS = re.compile(r"[/@+: ]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# "index" and "readme" are a folder's own page to the site builders; the rest are devices to one file system.
_RESERVED = frozenset(
    {"index", "readme", "con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
)
_MARKDOWN = re.compile(r"\.(?:md|markdown|mdown|mkd)$", re.IGNORECASE)
_NOT_IN_ANCHOR = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where every page is, for one style of addresses.

    `releases` maps tags, `checklists` paths, `years` years to page names. With `folders`, a page is `releases/v1.0/`,
    as web servers like it; without, it is `releases/v1.0.html`, as it must be for `file://`.
    """

    releases: Mapping[str, str]
    checklists: Mapping[str, str]
    folders: bool = False
    home: str = HOME

    def link(self, here: str, there: str, anchor: str = "") -> str:
        """The relative link from one page to another; to an anchor of the same page only the anchor."""
        if here == there:
            return f"#{anchor}" if anchor else self._file(here)
        target = f"{self._relative(here, self.url(there))}"
        return f"{target}#{anchor}" if anchor else target

    def asset(self, here: str, path: str) -> str:
        """The relative link from a page to a file of the site."""
        return self._relative(here, path)

    def url(self, page: str) -> str:
        """A page's address below the site's root; empty for the root itself when it is a folder."""
        if not self.folders:
            return f"{page}.html"
        folder, _, name = page.rpartition("/")
        if name == "index":
            return f"{folder}/" if folder else ""
        return f"{page}/"

    def _file(self, page: str) -> str:
        """A link of a page to itself."""
        return "./" if self.folders else posixpath.basename(self.url(page))

    def _relative(self, here: str, target: str) -> str:
        start = posixpath.dirname(self.url(here)) if not self.folders else self.url(here).rstrip("/")
        relative = _relative_path(target or ".", start or ".")
        ends_in_folder = target == "" or target.endswith("/")
        return f"{relative}/" if ends_in_folder and relative != "." else ("./" if relative == "." else relative)


@lru_cache(maxsize=65536)
def _relative_path(target: str, start: str) -> str:
    """As `relpath`, which takes long for how often the same is asked."""
    return posixpath.relpath(target, start)


def addresses(tags: Iterable[str], paths: Iterable[str], *, folders: bool = False, home: str = HOME) -> Addresses:
    """Page names for all releases and checklists.

    The order of the names matters where two would share a page: the first keeps the plain name. Give the oldest first,
    so that a new release never moves an old one's page.
    """
    return Addresses(
        named("releases", tags, lambda tag: tag),
        named("checklists", paths, _checklist_name),
        folders,
        home,
    )


def page_name(name: str) -> str:
    """A name as one part of a path: the same name always, a hash behind it where characters had to go."""
    plain = _SEPARATORS.sub("-", name).strip("-")
    safe = _UNSAFE.sub("-", plain).strip(".-")
    is_whole = safe == plain and safe and len(safe) <= _LONGEST and safe.casefold().split(".")[0] not in _RESERVED
    return safe if is_whole else f"{safe[:_LONGEST].rstrip('.-') or 'page'}-{digest(name)}"


def item_anchor(identity: str | None, line: int, *, within: str = "") -> str:
    """The anchor of an item: its identity where it has one that a link can carry, else its line.

    `within` tells apart the checklists that stand on one page.
    """
    plain = _NOT_IN_ANCHOR.sub("-", identity.lower()).strip("-") if identity else ""
    return f"item-{within}{plain or f'line-{line}'}"


class Anchors:
    """Anchors of headings on one page: readable, each given once."""

    def __init__(self, prefix: str = "s-") -> None:
        self._prefix = prefix
        self._given: set[str] = set()

    def give(self, text: str) -> str:
        """The next anchor for a heading's text."""
        plain = self._prefix + (_NOT_IN_ANCHOR.sub("-", text.lower()).strip("-")[:60] or "section")
        anchor, number = plain, 1
        while anchor in self._given:
            number += 1
            anchor = f"{plain}-{number}"
        self._given.add(anchor)
        return anchor


def digest(name: str) -> str:
    """Eight hexadecimal digits that stand for a name, whatever its characters."""
    return sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def _checklist_name(path: str) -> str:
    """The path without its ending and without the folder that says what it is anyway."""
    return _MARKDOWN.sub("", path.removeprefix("checklists/"))


def named(folder: str, names: Iterable[str], shown: Callable[[str], str]) -> Mapping[str, str]:
    """Names to pages in a folder, by what is shown of each; of two that would share one the first keeps it."""
    pages: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        page = page_name(shown(name))
        if page.casefold() in taken:
            page = f"{page}-{digest(name)}"
        taken.add(page.casefold())
        pages[name] = f"{folder}/{page}"
    return pages
