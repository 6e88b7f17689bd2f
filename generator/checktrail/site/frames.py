"""Frames: what the site builder's theme puts around our pages, kept between runs.

In: the builder's configuration and navigation, and pages of the source tree. Out: for a page whose frame is kept, the
finished HTML and what else the builder would have made of it. A frame holds the lines that blocks replace, so that it
depends on a page's outline alone: its title, its headings, the navigation, the configuration and the theme. It is kept
under a digest of all of these; where they cannot all be known, no frame is kept. What the search finds depends on what
the blocks say, too: it is kept beside the frame and found anew without it. This module imports no site builder.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
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

_KIND, _VERSION = "frame", "5"
_BATCH = 200
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


class Heading(NamedTuple):
    """A heading in a page's table of contents, as the search asks for it."""

    title: str
    id: str
    children: tuple[Heading, ...]

    @property
    def url(self) -> str:
        """Where it is on its page."""
        return f"#{self.id}"


class Outline(NamedTuple):
    """A page as the builder has read it, before its frame: HTML with the lines that blocks replace, and its names."""

    content: str
    title: str
    meta: Mapping[str, Any]
    toc: tuple[Heading, ...]


class _Kept(NamedTuple):
    """What is kept of a page: digests of its frame and of its words, and these, compressed."""

    frame_of: bytes
    words_of: bytes
    words: bytes
    outline: bytes
    frame: bytes

    @classmethod
    def read(cls, content: bytes) -> _Kept:
        """What was packed."""
        frame_of, words_of, words, outline = _HEAD.unpack_from(content)
        begin, end = _HEAD.size + words, _HEAD.size + words + outline
        return cls(frame_of, words_of, content[_HEAD.size : begin], content[begin:end], content[end:])

    def packed(self) -> bytes:
        head = _HEAD.pack(self.frame_of, self.words_of, len(self.words), len(self.outline))
        return head + self.words + self.outline + self.frame


_HEAD = struct.Struct(">32s32sII")


class Frames:
    """The frames of one site's pages, one for each page's name."""

    def __init__(self, store: Store, common: Common, address: str) -> None:
        self._store = store
        self._common, self._address = common, address
        self._found: dict[str, _Kept] = {}
        self._fresh: dict[str, bytes] = {}

    def find(self, leaves: Mapping[str, Leaf]) -> None:
        """Look for the frames of some pages."""
        names = {self._name(page): page for page in leaves}
        found = self._store.get(_KIND, _VERSION, names)
        for name, content in found.items():
            page, kept = names[name], _Kept.read(content)
            if kept.frame_of == self._digest(page, leaves[page]):
                self._found[page] = kept

    def __contains__(self, page: str) -> bool:
        """Whether a page's frame was found."""
        return page in self._found

    def words(self, page: str) -> Words:
        """What a kept page is to those that look for it; where it says other words by now, its anchors alone count."""
        anchors, entries = json.loads(zlib.decompress(self._found[page].words))
        return Words(tuple(anchors), tuple(entries))

    def is_said(self, page: str, leaf: Leaf) -> bool:
        """Whether the words of a kept page are still what it says."""
        return self._found[page].words_of == bytes.fromhex(leaf.words)

    def outline(self, page: str) -> Outline:
        """A kept page as it was read."""
        content, title, meta, toc = json.loads(zlib.decompress(self._found[page].outline))
        return Outline(content, title, meta, _headings(toc))

    def html(self, page: str) -> str:
        """A kept page's frame."""
        return zlib.decompress(self._found[page].frame).decode()

    def source(self, page: str, leaf: Leaf) -> str:
        """A digest of all that a finished page is made from."""
        return hashlib.sha256(self._digest(page, leaf) + f"{leaf.own} {leaf.now}".encode()).hexdigest()

    def keep(self, page: str, leaf: Leaf, html: str, words: Words, outline: Outline) -> None:
        """Put by what the builder made of a page: the page but for its blocks, its words, and what it was made from."""
        frame = zlib.compress(html.encode("utf-8", "xmlcharrefreplace"), 1)  # as MkDocs writes it
        plain = _packed(outline)
        self._keep(page, _Kept(self._digest(page, leaf), bytes.fromhex(leaf.words), _packed(words), plain, frame))

    def keep_words(self, page: str, leaf: Leaf, words: Words) -> None:
        """Put by what a page whose frame is kept says now."""
        self._keep(page, self._found[page]._replace(words_of=bytes.fromhex(leaf.words), words=_packed(words)))

    def _keep(self, page: str, kept: _Kept) -> None:
        self._fresh[self._name(page)] = kept.packed()
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
        return hashlib.sha256(f"{self._common.of(page)} {leaf.shape}".encode()).digest()


def _packed(plain: object) -> bytes:
    return zlib.compress(json.dumps(plain).encode("ascii"), 1)


def _headings(plain: Iterable[Any]) -> tuple[Heading, ...]:
    return tuple(Heading(title, anchor, _headings(children)) for title, anchor, children in plain)


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


def is_known(config: MkDocsConfig) -> bool:
    """Whether a configuration names nothing that may read more than is known of it."""
    if config.theme.name != "material" or config.theme.custom_dir or config.hooks:
        return False
    if not PLUGINS.issuperset(config.plugins) or not EXTENSIONS.issuperset(set(config.markdown_extensions) - {OURS}):
        return False
    return not any(plugin.config.get(name) for plugin in config.plugins.values() for name in DICTIONARIES)


def common(config: MkDocsConfig, nav: Navigation, leaves: Mapping[str, Leaf]) -> Common | None:
    """What all frames of a site depend on; None where more may be read than is known.

    That is so with another's plugin or extension, a hook, templates of the site's own, or another theme than Material.
    """
    if not is_known(config):
        return None
    theme = config.theme
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
