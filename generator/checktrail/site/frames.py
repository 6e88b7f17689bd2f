"""Frames: what the site builder's theme puts around our pages, kept between runs.

In: the builder's configuration and navigation, and pages of the source tree. Out: for a page whose frame is kept, the
finished HTML and what else the builder would have made of it. A frame holds the lines that blocks replace, so that it
depends on a page's words alone: its title, its headings, the navigation, the configuration and the theme. It is kept
under a digest of all of these; where they cannot all be known, no frame is kept. This module imports no site builder.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from checktrail.site.inputs import DICTIONARIES, EXTENSIONS, PLUGINS, program
from checktrail.site.leaves import Leaf
from checktrail.store import Store

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation

_KIND, _VERSION = "frame", "4"
_BATCH = 200
_DIGEST_BYTES, _LENGTH_BYTES = 32, 4
OURS = "checktrail.blocks"
_NOT_SHOWN = frozenset({
    "config_file_path", "dev_addr", "docs_dir", "draft_docs", "exclude_docs", "hooks", "nav", "not_in_nav", "plugins",
    "site_dir", "strict", "theme", "validation", "watch",
})  # fmt: skip
"""Settings of the builder that no page shows, or that count by what became of them."""


class Words(NamedTuple):
    """What a page is to those that look for it: its anchors, and its entries in the index of the search."""

    anchors: tuple[str, ...]
    entries: tuple[Any, ...]


class Frames:
    """The frames of one site's pages, one for each page's name."""

    def __init__(self, store: Store, common: Common, address: str) -> None:
        self._store = store
        self._common, self._address = common, address
        self._found: dict[str, bytes] = {}
        self._fresh: dict[str, bytes] = {}

    def find(self, leaves: Mapping[str, Leaf]) -> None:
        """Look for the frames of some pages."""
        names = {self._name(page): page for page in leaves}
        found = self._store.get(_KIND, _VERSION, names)
        for name, content in found.items():
            page = names[name]
            if content[:_DIGEST_BYTES] == self._digest(page, leaves[page]):
                self._found[page] = content[_DIGEST_BYTES:]

    def __contains__(self, page: str) -> bool:
        """Whether a page's frame was found."""
        return page in self._found

    def words(self, page: str) -> Words:
        """What a kept page is to those that look for it."""
        content = self._found[page]
        anchors, entries = json.loads(zlib.decompress(content[_LENGTH_BYTES : _end_of_words(content)]))
        return Words(tuple(anchors), tuple(entries))

    def html(self, page: str) -> str:
        """A kept page's frame."""
        content = self._found[page]
        return zlib.decompress(content[_end_of_words(content) :]).decode()

    def source(self, page: str, leaf: Leaf) -> str:
        """A digest of all that a finished page is made from."""
        return hashlib.sha256(self._digest(page, leaf) + leaf.now.encode()).hexdigest()

    def keep(self, page: str, leaf: Leaf, html: str, words: Words) -> None:
        """Put by what the builder made of a page: the page but for its blocks, and its words."""
        packed = zlib.compress(json.dumps(words).encode("ascii"), 1)
        frame = zlib.compress(html.encode("utf-8", "xmlcharrefreplace"), 1)  # as MkDocs writes it
        content = len(packed).to_bytes(_LENGTH_BYTES, "big") + packed + frame
        self._fresh[self._name(page)] = self._digest(page, leaf) + content
        if len(self._fresh) >= _BATCH:
            self._put()

    def close(self) -> None:
        """Have all in the store that was put by."""
        self._put()

    def _put(self) -> None:
        self._store.put(_KIND, _VERSION, self._fresh)
        self._fresh = {}

    def _name(self, page: str) -> str:
        return f"{self._address} {page}"

    def _digest(self, page: str, leaf: Leaf) -> bytes:
        return hashlib.sha256(f"{self._common.of(page)} {leaf.digest}".encode()).digest()


def _end_of_words(content: bytes) -> int:
    return _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "big")


@dataclass(frozen=True, slots=True)
class Common:
    """What frames of a site have in common, as digests: those of the pages in its navigation, and of the others."""

    listed: frozenset[str]
    of_listed: str
    of_others: str

    def of(self, page: str) -> str:
        """What a page's frame depends on beside the page's own words."""
        return self.of_listed if page in self.listed else self.of_others


_KEEPS_ITS_SPACE = re.compile(r"(<(pre|textarea|script|style)\b.*?</\2>)|\s*\n\s*", re.DOTALL)


def dense(frame: str) -> str:
    """A frame without the blanks that templates leave: they are half of it, and there is one for each page."""
    return _KEEPS_ITS_SPACE.sub(lambda found: found[1] or "\n", frame)


def common(config: MkDocsConfig, nav: Navigation, leaves: Mapping[str, Leaf]) -> Common | None:
    """What all frames of a site depend on; None where more may be read than is known.

    That is so with another's plugin or extension, a hook, templates of the site's own, or another theme than Material.
    """
    theme = config.theme
    if theme.name != "material" or theme.custom_dir or config.hooks:
        return None
    if not PLUGINS.issuperset(config.plugins) or not EXTENSIONS.issuperset(set(config.markdown_extensions) - {OURS}):
        return None
    if any(plugin.config.get(name) for plugin in config.plugins.values() for name in DICTIONARIES):
        return None
    settings = {name: value for name, value in config.items() if name not in _NOT_SHOWN}
    extensions = {name: value for name, value in config.mdx_configs.items() if name != OURS}
    try:
        parts = _plain(
            [
                type(config).__module__,
                program(None),
                settings | {"mdx_configs": extensions},
                dict(theme) | {"locale": str(theme.locale)},
                {name: dict(plugin.config) for name, plugin in config.plugins.items()},
                nav.homepage.url if nav.homepage else None,
            ]
        )
    except TypeError:
        return None
    whole = list(_told(nav.items, leaves))
    pruned = list(_pruned(nav.items, leaves)) if "navigation.prune" in theme.get("features", ()) else whole
    return Common(
        frozenset(page.file.src_uri.removesuffix(".md") for page in nav.pages),
        _digest(parts, whole),
        _digest(parts, pruned),
    )


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _told(items: Iterable[Any], leaves: Mapping[str, Leaf]) -> Iterator[Any]:
    """What is shown of a navigation: titles and addresses; of pages that are yet to be read, what they hold."""
    for item in items:
        if item.is_section:
            yield ["section", item.title, list(_told(item.children, leaves))]
        elif item.is_link:
            yield ["link", item.title, item.url]
        else:
            leaf = leaves.get(item.file.src_uri.removesuffix(".md"))
            is_ours = leaf is not None and item.file.generated_by is not None
            held = leaf.title if leaf and is_ours else hashlib.sha256(item.file.content_bytes).hexdigest()
            yield ["page", item.url, vars(item).get("title"), held]


def _pruned(items: Iterable[Any], leaves: Mapping[str, Leaf]) -> Iterator[Any]:
    """The same where a page beside the navigation is shown no more of a section than its title and its first page."""
    for item in items:
        first = item
        while first.is_section and first.children:
            first = first.children[0]
        yield ["pruned", item.title if item.is_section else None, *_told([first], leaves)]


def _plain(value: Any) -> Any:
    """A value as JSON has it.

    Raises:
        TypeError: it is of a kind that may hold more than it shows.
    """
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return ["map", *sorted([str(key), _plain(part)] for key, part in value.items())]
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (set, frozenset)):
        return ["set", *sorted(json.dumps(_plain(part)) for part in value)]
    raise TypeError(f"{type(value).__qualname__} has no digest")
