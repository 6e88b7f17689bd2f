"""The Markdown extension that puts pre-rendered blocks into a page.

A line `<!-- checktrail:HASH-3 -->` becomes part 3 of the file `HASH.html` in the blocks folder: our pages are made by
templates of our own, and no site builder need read their HTML as Markdown. A builder that has a later moment for it may
let the extension keep such lines and call `filled` then: nothing of its own then reads through the blocks. The hash is
that of the content, so that every builder's own cache is right. Headings stay Markdown; `## Text {: #anchor }` keeps
its anchor even where the builder does not run the `attr_list` extension. Any Python-Markdown can run this one: it knows
no site builder.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

SEPARATOR = "\x1e\n"
"""Between the parts of a block file: a control character, which no part can hold."""

_LINE = re.compile(r"<!-- checktrail:([0-9a-f]{16,64})-(\d{1,6}) -->")
_ANCHOR = re.compile(r"\s*\{: #([a-z0-9-]+)( data-search-exclude=yes)? \}\s*$")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

# A name that MkDocs counts warnings under: with --strict, a page with a hole is no site.
_log = logging.getLogger("mkdocs.plugins.checktrail.blocks")


def filled(html: str, folder: Path, shaped: Callable[[str], str] = str) -> str:
    """HTML in which the lines that the extension kept are replaced by their blocks, or what `shaped` makes of them."""
    place = str(folder)
    return _LINE.sub(lambda match: shaped(_part(place, match)), html)


class BlocksExtension(Extension):
    """Reads blocks from a folder, given as the option `folder`; with `keep` the lines stay, for `filled`."""

    def __init__(self, **options: Any) -> None:
        self.config = {
            "folder": ["", "The folder of the block files"],
            "keep": [False, "Leave the lines as they are"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (Python-Markdown's name)
        """Take our place: behind fenced code (25), so that documentation can show such a line; before raw HTML (20)."""
        preprocessor = _Blocks(md, str(self.getConfig("folder")), keep=bool(self.getConfig("keep")))
        md.preprocessors.register(preprocessor, "checktrail-blocks", 24)
        # Behind inline rules (20), before attr_list (8) and the table of contents (5).
        md.treeprocessors.register(_Anchors(md, preprocessor), "checktrail-anchors", 9)


def makeExtension(**options: Any) -> BlocksExtension:  # noqa: N802 (Python-Markdown's name)
    """Python-Markdown's door."""
    return BlocksExtension(**options)


class _Blocks(Preprocessor):
    """Replaces each line of ours by its block."""

    def __init__(self, md: Markdown, folder: str, *, keep: bool) -> None:
        super().__init__(md)
        self._folder, self._keep = folder, keep
        self.found = False

    def run(self, lines: list[str]) -> list[str]:
        self.found = False
        return [self._replaced(line) for line in lines]

    def _replaced(self, line: str) -> str:
        match = _LINE.fullmatch(line) if line.startswith("<!-- checktrail:") else None
        if match is None:
            return line
        self.found = True
        block = line if self._keep else _part(self._folder, match)
        return str(self.md.htmlStash.store(block)) if block else ""


class _Anchors(Treeprocessor):
    """Gives headings of our pages the anchors that are written behind them."""

    def __init__(self, md: Markdown, blocks: _Blocks) -> None:
        super().__init__(md)
        self._blocks = blocks

    def run(self, root: Element) -> None:
        if not self._blocks.found:
            return
        for heading in root.iter():
            if heading.tag in _HEADINGS:
                _give_anchor(heading)


def _give_anchor(heading: Element) -> None:
    last = heading[-1] if len(heading) else None
    text = (heading.text if last is None else last.tail) or ""
    match = _ANCHOR.search(text)
    if match is None:
        return
    heading.set("id", match[1])
    if match[2]:
        heading.set("data-search-exclude", "yes")
    rest = text[: match.start()]
    if last is None:
        heading.text = rest
    else:
        last.tail = rest


def _part(folder: str, match: re.Match[str]) -> str:
    """The block that a line names; nothing, and a warning, when it is not there."""
    parts, number = _parts(folder, match[1]), int(match[2])
    if number >= len(parts):
        _log.warning("block %s-%s is not in %s", match[1], number, folder)
        return ""
    return parts[number]


@lru_cache(maxsize=16)
def _parts(folder: str, name: str) -> tuple[str, ...]:
    """The parts of a block file; none when it is not there. Cached, as a page asks for all its parts in turn."""
    try:
        return tuple(Path(folder, f"{name}.html").read_text(encoding="utf-8").split(SEPARATOR))
    except OSError:
        return ()
