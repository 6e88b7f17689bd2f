"""The documentation's pages as tests see them: blocks to run, links, headings. Pure but for reading the pages.

A fence is preceded by a comment where it is more than it looks: `<!-- no-run: why -->` (only shown), `<!-- exit: 1 -->`
(the block ends with that code), `<!-- file: checktrail.toml -->` (the block is that file's text), `<!-- prints -->`
(these lines stand in what the block before printed, in this order; `…` stands for lines left out).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown.extensions.toc import slugify, unique
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_MARK = re.compile(r"<!-- (no-run|exit|file|prints)(?:: (.+?))? -->\s*")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


class Block(NamedTuple):
    """A fenced block: its fence's line, its info string, its text, and the mark before it with the mark's value."""

    line: int
    language: str
    text: str
    mark: str
    value: str


def pages() -> list[Path]:
    """Every page of the documentation, and the README."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order; those in lists and quotes too."""
    before: Token | None = None
    for token in _tokens(page):
        if token.type == "fence":
            assert token.map is not None
            found = _MARK.fullmatch(before.content) if before is not None and before.type == "html_block" else None
            mark, value = (found[1], found[2] or "") if found else ("", "")
            yield Block(token.map[0] + 1, token.info, token.content, mark, value)
        before = token


@lru_cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors that a page's headings have on the site."""
    taken: set[str] = set()
    for title in headings(page):
        unique(slugify(re.sub(r"[`*]|\]\([^)]*\)|\[", "", title), "-"), taken)
    return frozenset(taken)


def headings(page: Path) -> Iterator[str]:
    """The text of each heading, as written."""
    tokens = _tokens(page)
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            yield token.content


def links(page: Path) -> Iterator[str]:
    """Where the links and pictures of a page lead."""
    for token in _tokens(page):
        for child in token.children or ():
            address = child.attrGet("href") or child.attrGet("src")
            if isinstance(address, str):
                yield address


@lru_cache
def _tokens(page: Path) -> Sequence[Token]:
    return _MARKDOWN.parse(page.read_text(encoding="utf-8"))


def prose(page: Path) -> str:
    """What a page says in words: without code, comments and addresses."""
    words: list[str] = []
    for token in _tokens(page):
        words += [child.content for child in token.children or () if child.type == "text"]
        words.append("")
    return "\n".join(words)
