"""Frames to finished pages: what MkDocs would make as before is kept from it, and put into the site as it was.

In: the source tree, and MkDocs' own files and navigation while it builds. Out: files that MkDocs copies in place of
pages it renders, with all that would have come of rendering them: entries of the search's index, anchors to link to,
their place on the site's map. A page with other words under the headings of before is shown to the search, and no
theme is put around it again. One that stands in the site of before as it would be made is taken over from there. What
MkDocs does make is kept for the next time, but for pages that it warned of: those are made, and warned of, every time.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from checktrail.site.earlier import EarlierSite
from checktrail.site.frames import Common, Frames, Heading, Outline, Words, common, dense
from checktrail.site.leaves import Leaf, stamp_at
from checktrail.site.putting import opened
from checktrail.site.searched import words
from checktrail.site.tree import NOW, OWN, Tree, line
from checktrail.store import Store

_LOGGERS = ("mkdocs", "properdocs")


class OurFile(File):
    """A page or file of ours; one whose page is finished already is laid into the site, and is no page to MkDocs."""

    binder: Binder | None = None
    is_finished = False

    def is_documentation_page(self) -> bool:
        """Whether MkDocs is to make a page of it."""
        return not self.is_finished and super().is_documentation_page()

    def copy_file(self, dirty: bool = False) -> None:  # noqa: FBT001, FBT002 (MkDocs' signature)
        """Put the file, or the finished page, into the site."""
        if self.binder is None:
            super().copy_file(dirty)
        else:
            self.binder.lay(self)


class Binder:
    """What is kept, found and made of one site in one build; `stands` is where a site of before is, if anywhere."""

    def __init__(self, tree: Tree, common: Common, config: MkDocsConfig, files: Files, stands: Path | None) -> None:
        self._tree, self._files, self._search = tree, files, _search(config)
        self._store = Store.open(tree.folder / "frames")
        self._frames = Frames(self._store, common, config.site_url or "")
        self._earlier = EarlierSite(self._store, stands, config.site_url or "")
        self._entries: dict[str, tuple[Any, ...]] = {}
        self._bound: list[File] = []
        self._places = Counter(file.dest_uri for file in files)
        self._start = 0
        self._ear = _Ear()
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self._ear)

    @classmethod
    def of(cls, tree: Tree, config: MkDocsConfig, nav: Navigation, files: Files, stands: Path | None) -> Binder | None:
        """The binder of a site, which has found what is kept; None where nobody knows what all its pages depend on."""
        shared = common(config, nav, tree.pages)
        if shared is None:
            return None
        binder = cls(tree, shared, config, files, stands)
        ours = [file for file in files.documentation_pages() if isinstance(file, OurFile)]
        binder._frames.find({_name(file): tree.pages[_name(file)] for file in ours})
        for file in ours:
            if _name(file) in binder._frames:
                binder._stand_in(file)
        for each in files:
            if isinstance(each, OurFile) and not each.is_documentation_page():
                each.binder = binder
        return binder

    def _stand_in(self, file: OurFile) -> None:
        """Take a page from MkDocs, and leave what others show of it: its title, its addresses and its anchors."""
        page, _ = file.page, (file.dest_uri, file.url)  # told while it is still a page
        found = self._words(file)
        self._entries[file.src_uri] = found.entries
        if page is not None:
            page.markdown, page.meta = "", {"title": self._tree.pages[_name(file)].title}
            page.present_anchor_ids = set(found.anchors)
        file.is_finished = True

    def _words(self, file: OurFile) -> Words:
        """What a page is to those that look for it; other words than before are shown to the search."""
        name, leaf = _name(file), self._tree.pages[_name(file)]
        found = self._frames.words(name)
        if self._frames.is_said(name, leaf) or self._search is None:
            return found
        read = self._frames.outline(name)
        content = self._tree.filled(_whole(read.content, leaf), name, words)
        url = file.page.url if file.page is not None else file.url  # of the home page, they are not the same
        page = SimpleNamespace(**read._asdict() | {"content": content}, url=url)
        start = len(self._index)
        self._search.add_entry_from_context(page)
        found = Words(found.anchors, tuple(self._index[start:]))
        self._frames.keep_words(name, leaf, found)
        return found

    @property
    def _index(self) -> list[Any]:
        """The entries of the search's index; none where there is no search."""
        entries: list[Any] = [] if self._search is None else self._search.entries
        return entries

    def begin(self, page: Page) -> None:
        """A page is read, or put into its frame."""
        self._ear.page = page.file.src_uri
        self._start = len(self._index)

    def searched(self, page: Page) -> None:
        """The search has seen a page."""
        self._entries[page.file.src_uri] = tuple(self._index[self._start :])

    def bound(self, page: Page, html: str) -> str:
        """A framed page with its blocks; the frame is kept."""
        name, leaf = page.file.src_uri.removesuffix(".md"), self._tree.pages[page.file.src_uri.removesuffix(".md")]
        html = dense(html)
        whole = self._tree.filled(html, name)
        if page.file.src_uri not in self._ear.warned and leaf.own != leaf.now:
            found = Words(tuple(sorted(page.present_anchor_ids or ())), self._entries[page.file.src_uri])
            read = Outline(_hollow(page.content or "", leaf), str(page.title), page.meta, _headings(page.toc))
            self._frames.keep(name, leaf, _hollow(html, leaf), found, read)
            self._bound.append(page.file)
        self._ear.page = ""
        return whole

    def lay(self, file: OurFile) -> None:
        """Put a finished page, or a file beside the pages, into the site: as it stands there, else as it is kept."""
        path, target = file.dest_uri, str(file.abs_dest_path)
        source, content = self._made_of(file)
        # Whatever else is written to the same place would be written into the site that still stands, too.
        if self._places[path] == 1 and self._earlier.take_over(path, source, target):
            return
        with opened(target) as made:
            made.write(content())
        self._earlier.note(path, source, target)

    def _made_of(self, file: OurFile) -> tuple[str, Callable[[], bytes]]:
        """What tells what a file of the site is made from, and how it is made."""
        if file.is_finished:
            return self._source(file), partial(self._finished, _name(file))
        waiting, path = self._tree.document(file.src_uri), str(file.abs_src_path)
        if waiting is not None:
            return sha256(waiting).hexdigest(), lambda: waiting
        return stamp_at(path), lambda: Path(path).read_bytes()

    def _source(self, file: File) -> str:
        """A digest of what a page is made from."""
        return self._frames.source(_name(file), self._tree.pages[_name(file)])

    def _finished(self, page: str) -> bytes:
        """A page that MkDocs was kept from, with its blocks."""
        html = _whole(self._frames.html(page), self._tree.pages[page])
        return self._tree.filled(html, page).encode("utf-8", "xmlcharrefreplace")

    @property
    def pages(self) -> list[File]:
        """Every page of the site, made or kept, in MkDocs' order."""
        made = set(map(id, self._files.documentation_pages()))
        return [file for file in self._files if id(file) in made or (isinstance(file, OurFile) and file.is_finished)]

    def complete_search(self) -> None:
        """Put the entries of the pages that were kept into the search's index, all in the order of the pages."""
        self._index[:] = [entry for file in self._files for entry in self._entries.get(file.src_uri, ())]

    def close(self) -> None:
        """Put by what was made, and hear no more."""
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self._ear)
        self._frames.close()
        for file in self._bound:
            self._earlier.note(file.dest_uri, self._source(file), str(file.abs_dest_path))
        self._earlier.close()
        self._store.close()


class _Ear(logging.Handler):
    """Notes which pages were warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.page = ""
        self.warned: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 (logging's signature)
        self.warned.add(self.page)


def _name(file: File) -> str:
    """A page's name in the source tree."""
    return file.src_uri.removesuffix(".md")


def _hollow(html: str, leaf: Leaf) -> str:
    """HTML in which the block files of a page have no names."""
    bare = html.replace(line(leaf.now), line(NOW)) if leaf.now else html
    return bare.replace(line(leaf.own), line(OWN))


def _whole(hollow: str, leaf: Leaf) -> str:
    """The same with the names of a page's block files."""
    return hollow.replace(line(OWN), line(leaf.own)).replace(line(NOW), line(leaf.now))


def _headings(toc: Iterable[Any]) -> tuple[Heading, ...]:
    return tuple(Heading(each.title, each.id, _headings(each.children)) for each in toc)


def _search(config: MkDocsConfig) -> Any | None:
    """The index of the search, where there is one of Material's."""
    for name in ("search", "material/search"):
        found = getattr(config.plugins.get(name), "search_index", None)
        if isinstance(getattr(found, "entries", None), list):
            return found
    return None
