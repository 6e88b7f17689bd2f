"""Frames to finished pages: what MkDocs would make as before is kept from it, and put into the site as it was.

In: the source tree, and MkDocs' own files and navigation while it builds. Out: files that MkDocs copies in place of
pages it renders, with all that would have come of rendering them: entries of the search's index, anchors to link to,
their place on the site's map. What MkDocs does make is kept for the next time, but for pages that it warned of: those
are made, and warned of, every time.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from checktrail.blocks import filled
from checktrail.site.frames import Frame, Frames, common, dense
from checktrail.site.leaves import Leaf
from checktrail.site.tree import NOW, Tree, line

_LOGGERS = ("mkdocs", "properdocs")


class OurFile(File):
    """A page or file of ours; one whose page is finished already is copied, and is no page to MkDocs."""

    binder: Binder | None = None

    def is_documentation_page(self) -> bool:
        """Whether MkDocs is to make a page of it."""
        return self.binder is None and super().is_documentation_page()

    def copy_file(self, dirty: bool = False) -> None:  # noqa: FBT001, FBT002 (MkDocs' signature)
        """Put the finished page into the site."""
        if self.binder is None:
            super().copy_file(dirty)
            return
        target = Path(self.abs_dest_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.binder.finished(self).encode("utf-8", "xmlcharrefreplace"))


class Binder:
    """What is kept, found and made of one site in one build."""

    def __init__(self, tree: Tree, frames: Frames, files: Files, index: list[Any] | None) -> None:
        self._tree, self._frames, self._files, self._index = tree, frames, files, index
        self._entries: dict[str, tuple[Any, ...]] = {}
        self._start = 0
        self._ear = _Ear()
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self._ear)

    @classmethod
    def of(cls, tree: Tree, config: MkDocsConfig, nav: Navigation, files: Files) -> Binder | None:
        """The binder of a site, which has found what is kept; None where nobody knows what all its pages depend on."""
        shared = common(config, nav, tree.pages)
        if shared is None:
            return None
        frames = Frames(tree.folder / "frames", shared, config.site_url or "")
        binder = cls(tree, frames, files, _index(config))
        ours = [file for file in files.documentation_pages() if isinstance(file, OurFile)]
        frames.find({_name(file): tree.pages[_name(file)] for file in ours})
        for file in ours:
            if _name(file) in frames:
                binder._stand_in(file)
        return binder

    def _stand_in(self, file: OurFile) -> None:
        """Take a page from MkDocs, and leave what others show of it: its title and its addresses."""
        page, _ = file.page, (file.dest_uri, file.url)  # told while it is still a page
        if page is not None:
            page.markdown, page.meta = "", {"title": self._tree.pages[_name(file)].title}
        file.binder = self

    def begin(self, page: Page) -> None:
        """A page is read, or put into its frame."""
        self._ear.page = page.file.src_uri
        self._start = len(self._index or ())

    def searched(self, page: Page) -> None:
        """The search has seen a page."""
        self._entries[page.file.src_uri] = tuple((self._index or [])[self._start :])

    def bound(self, page: Page, html: str) -> str:
        """A framed page with its blocks; the frame is kept."""
        name, leaf = page.file.src_uri.removesuffix(".md"), self._tree.pages[page.file.src_uri.removesuffix(".md")]
        html = dense(html)
        whole = filled(html, self._tree.blocks)
        if page.file.src_uri not in self._ear.warned:
            hollow = html.replace(line(leaf.now), line(NOW)) if leaf.now else html
            anchors = tuple(sorted(page.present_anchor_ids or ()))
            self._frames.keep(name, leaf, Frame(hollow, anchors, self._entries[page.file.src_uri]))
        self._ear.page = ""
        return whole

    def finished(self, file: OurFile) -> str:
        """A page that MkDocs was kept from, with its blocks."""
        leaf: Leaf = self._tree.pages[_name(file)]
        frame = self._frames.take(_name(file))
        self._entries[file.src_uri] = frame.entries
        if file.page is not None:
            file.page.present_anchor_ids = set(frame.anchors)
        return filled(frame.html.replace(line(NOW), line(leaf.now)), self._tree.blocks)

    @property
    def pages(self) -> list[File]:
        """Every page of the site, made or kept, in MkDocs' order."""
        made = set(map(id, self._files.documentation_pages()))
        return [file for file in self._files if id(file) in made or (isinstance(file, OurFile) and file.binder)]

    def complete_search(self, config: MkDocsConfig) -> None:
        """Put the entries of the pages that were kept into the search's index, all in the order of the pages."""
        index = _index(config)
        if index is not None:
            index[:] = [entry for file in self._files for entry in self._entries.get(file.src_uri, ())]

    def close(self) -> None:
        """Put by what was made, and hear no more."""
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self._ear)
        self._frames.close()


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


def _index(config: MkDocsConfig) -> list[Any] | None:
    """The entries of the search's index, where there is one."""
    for name in ("search", "material/search"):
        found = getattr(getattr(config.plugins.get(name), "search_index", None), "entries", None)
        if isinstance(found, list):
            return found
    return None
