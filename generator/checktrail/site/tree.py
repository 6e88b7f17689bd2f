"""Pages to files: a source tree that any Markdown site builder can read, and a manifest of what is ours.

In: drafts and a folder that is ours alone. Out: `docs/` with one Markdown file per page, `docs/assets/checktrail/` with
style and script, `blocks/` with the HTML of each page, split at the headings. Only what changed is written, and what is
no longer made is taken away, so that a builder's own watch and cache see exactly what is new. A draft whose page is
kept and whose block file is as it was is not made again; what it says anew lies in a block file of its own. One that
says nothing anew and whose files are as they were written is not even looked up. What one that is kept says anew waits
until the tree is settled, with its Markdown and the JSON beside it: not every builder needs the files.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from checktrail.blocks import SEPARATOR, filled
from checktrail.errors import OutputError
from checktrail.site.drafts import (
    NO_SLOTS,
    Content,
    Draft,
    Page,
    Slots,
    document_filled,
    has_marks,
    hollow,
    html_filled,
)
from checktrail.site.folders import shipped
from checktrail.site.leaves import Leaf, Leaves, Noted
from checktrail.site.putting import put, stamp_where, write
from checktrail.site.searched import words
from checktrail.site.shelf import Kept, Sources
from checktrail.store import Store

MANIFEST = "manifest.json"
NO_EXTRAS: Mapping[str, bytes] = MappingProxyType({})
ASSETS = "assets/checktrail"
_BLOCKS = "blocks"

_HEADING = re.compile(r'^<h([2-6]) id="([a-z0-9-]+)"( data-search-exclude="")?>(.*)</h\1>$', re.MULTILINE)
# STX and ETX would be read as places of Python-Markdown's own; none of these can stand in HTML anyway.
_NOT_IN_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PLAIN = re.compile(r"[^A-Za-z0-9 ]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_BLOCK_FILE = re.compile(r"[0-9a-f]{32}\.html")
NOW, OWN = "0" * 32, "f" * 32
"""What stands for the names of the block files, with what is said anew and with the rest, where they do not count."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A source tree: its folder, its pages by name, its assets' paths below `docs`; it is whole once it is settled."""

    folder: Path
    pages: Mapping[str, Leaf]
    assets: tuple[str, ...]
    _writer: _Writer

    @property
    def docs(self) -> Path:
        """Where the Markdown is."""
        return self.folder / "docs"

    @property
    def blocks(self) -> Path:
        """Where the HTML is."""
        return self.folder / _BLOCKS

    def settle(self, names: Iterable[str] | None = None) -> None:
        """Write what waits of some pages, or of all.

        Raises:
            OutputError: the folder cannot be written.
        """
        with _writing(self.folder):
            self._writer.settle(self.pages if names is None else names)

    def document(self, path: str) -> bytes | None:
        """The JSON at a path below `docs`, where it waits and no file has it."""
        waiting = self._writer.waiting.get(path.removesuffix(".json"))
        return waiting.document if waiting and path.endswith(".json") else None

    def filled(self, html: str, name: str, shaped: Callable[[str], str] = str) -> str:
        """A page's HTML with its blocks, or what `shaped` makes of them, in the place of their lines."""
        waiting = self._writer.waiting.get(name)
        for number, part in enumerate(waiting.now if waiting else ()):
            html = html.replace(line(self.pages[name].now, number), shaped(part))
        return filled(html, self.blocks, shaped)


def write_tree(pages: Iterable[Page], folder: Path) -> Tree:
    """Write the tree of pages that are made already; the folder then holds exactly that.

    Raises:
        OutputError: the folder cannot be written.
    """
    return write_drafts(tuple(map(Draft.of, pages)), folder, Sources(Store(None)))


def write_drafts(
    drafts: tuple[Draft, ...], folder: Path, sources: Sources, extras: Mapping[str, bytes] = NO_EXTRAS
) -> Tree:
    """Write the tree of some pages and other files of the site; the folder then holds exactly that.

    Raises:
        OutputError: the folder cannot be written.
    """
    tree = lay_drafts(drafts, folder, sources, extras)
    tree.settle()
    return tree


def lay_drafts(
    drafts: tuple[Draft, ...], folder: Path, sources: Sources, extras: Mapping[str, bytes] = NO_EXTRAS
) -> Tree:
    """The same, but that what pages that are kept say anew waits until the tree is settled.

    Raises:
        OutputError: the folder cannot be written.
    """
    assets = _assets() | dict(extras)
    documents = [f"{draft.name}.json" for draft in drafts if draft.has_document]
    paths = {f"docs/{path}" for path in (*assets, *documents, *(f"{draft.name}.md" for draft in drafts))}
    known = Leaves(sources.store, folder, [draft.name for draft in drafts if draft.key])
    with _writing(folder), _manifest_of(folder, paths):
        for path, content in assets.items():
            write(f"{folder}/docs/{path}", content)
        writer = _Writer(folder, _Blocks(folder, known), sources, known)
        leaves = {draft.name: writer.written(draft) for draft in drafts}
        writer.blocks.prune()
    known.close()
    return Tree(folder, leaves, (*assets, *documents), writer)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"the site's source tree cannot be written to {folder}: {error.strerror or error}",
            hint="set CHECKTRAIL_CACHE_DIR to a folder that can be written",
        ) from error


class _Blocks:
    """The block files of a tree, each named by its content; those that no page of this run has are pruned."""

    def __init__(self, tree: Path, known: Leaves) -> None:
        self._tree, self._known = tree, known
        self.stamps: dict[str, str] = {}
        (tree / _BLOCKS).mkdir(parents=True, exist_ok=True)

    def holds(self, name: str) -> bool:
        """Whether a block file is there as it was written; then it stays."""
        path = block_path(name)
        found = self._known.untouched(path) or stamp_where(f"{self._tree}/{path}", lambda held: _name(held) == name)
        if found:
            self.stamps[path] = found
        return bool(found)

    def put(self, content: bytes) -> str:
        """A block file's name; it is written where it is not there."""
        name = _name(content)
        self.stamps[block_path(name)] = write(f"{self._tree}/{block_path(name)}", content)
        return name

    def prune(self) -> None:
        """Take away what an earlier run had and this one did not."""
        for file in os.scandir(self._tree / _BLOCKS):
            if f"{_BLOCKS}/{file.name}" not in self.stamps and _BLOCK_FILE.fullmatch(file.name):
                os.unlink(file.path)  # noqa: PTH108 -- a thousand at a time


class _Waiting(NamedTuple):
    """A page of which Markdown, JSON and what is said anew are to be written; and what is to be noted of it."""

    page: bytes
    document: bytes | None
    now: tuple[str, ...]
    noted: Noted


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the pages of a tree: where they go, what is kept of them, and which of them stand already."""

    folder: Path
    blocks: _Blocks
    sources: Sources
    leaves: Leaves
    waiting: dict[str, _Waiting] = field(default_factory=dict)

    def written(self, draft: Draft) -> Leaf:
        """Write one page: not at all where it stands, as it is kept, else as it is made, which is then kept."""
        said = _said(draft)
        standing = self.leaves.standing(draft.name, said) if draft.key else None
        if standing is not None:
            self.blocks.stamps.update(standing.files)
            return standing.leaf
        kept = self.sources.get(draft.key)
        if kept is not None and self.blocks.holds(kept.block):
            return self._laid(draft, kept, draft.slots, said)
        content = hollow(draft) if draft.key else None
        if content is None:
            return self._laid(draft, _kept(draft.make(), self.blocks), NO_SLOTS, "")
        kept = _kept(content, self.blocks)
        self.sources.keep(draft.key, kept)
        return self._laid(draft, kept, draft.slots, said)

    def _laid(self, draft: Draft, kept: Kept, slots: Slots, said: str) -> Leaf:
        """Lay a page's files, its slots filled; with what it `said` it will be noted."""
        now = tuple(_NOT_IN_HTML.sub("\ufffd", html_filled(part, slots)) for part in kept.now)
        name = _name(_joined(now)) if now else ""
        head = _head(draft)
        page = (head + kept.body.replace(line(NOW), line(name))).encode()
        files = {block_path(kept.block): self.blocks.stamps[block_path(kept.block)]}
        document = document_filled(kept.document, slots).encode("utf-8", "replace") if draft.has_document else None
        shape = (head, kept.body.replace(line(kept.block), line(OWN)))
        words = (head, kept.body, *(html_filled(part, slots) for part in kept.searched))
        leaf = Leaf(_escaped(draft.title), kept.block, name, _digest(shape), _digest(words))
        self.waiting[draft.name] = _Waiting(page, document, now, Noted(said if draft.key else "", leaf, files))
        if not now:
            self._settle(draft.name)
        return leaf

    def settle(self, names: Iterable[str]) -> None:
        """Write what waits of some pages."""
        for name in names:
            if name in self.waiting:
                self._settle(name)
        self.leaves.close()

    def _settle(self, name: str) -> None:
        page, document, now, noted = self.waiting.pop(name)
        files = dict(noted.files)
        if now:
            path = block_path(self.blocks.put(_joined(now)))
            files[path] = self.blocks.stamps[path]
        for path, content in ((f"docs/{name}.md", page), (f"docs/{name}.json", document)):
            if content is not None:
                files[path] = write(f"{self.folder}/{path}", content)
        if noted.said:
            self.leaves.note(name, noted._replace(files=files))


def _said(draft: Draft) -> str:
    """A digest of all that a page with a key says."""
    slots = draft.slots
    values = [slots.html, slots.json if slots.times else ()]
    return sha256(json.dumps([draft.key, _head(draft), values]).encode()).hexdigest()


def _kept(content: Content, blocks: _Blocks) -> Kept:
    """A page split at its headings: what stands between them goes into its block file, or with marks into another."""
    html = _NOT_IN_HTML.sub("\ufffd", content.html)
    headings = [None, *_HEADING.finditer(html)]
    ends = [*(heading.start() for heading in headings[1:] if heading), len(html)]
    lines: list[str] = []
    own: list[str] = []
    now: list[str] = []
    searched: list[str] = []
    for heading, end in zip(headings, ends, strict=True):
        part = html[heading.end() if heading else 0 : end].strip("\n")
        if heading:
            apart = " data-search-exclude=yes" if heading[3] else ""
            lines.append(f"{'#' * int(heading[1])} {_markdown_text(unescape(heading[4]))} {{: #{heading[2]}{apart} }}")
        if has_marks(part):
            lines.append(line(NOW, len(now)))
            now.append(part)
            searched += [] if heading and heading[3] else [words(part)]
        else:
            lines += [line(OWN, len(own))] if part else []
            own.append(part)
    name = blocks.put(_joined(own))
    body = "\n\n".join(lines).replace(line(OWN), line(name)) + "\n"
    return Kept(body, name, tuple(now), tuple(searched), content.document)


def _digest(texts: tuple[str, ...]) -> str:
    return sha256("\n".join(texts).encode("utf-8", "replace")).hexdigest()


def _joined(parts: Iterable[str]) -> bytes:
    """The content of a block file."""
    return SEPARATOR.join(parts).encode()


def block_path(name: str) -> str:
    """The path of a block file in the tree."""
    return f"{_BLOCKS}/{name}.html"


def line(name: str, number: int | None = None) -> str:
    """The line that is replaced by a part of a block file, or how such lines begin."""
    return f"<!-- checktrail:{name}-" if number is None else f"<!-- checktrail:{name}-{number} -->"


def _name(content: bytes) -> str:
    """The name of a block file: its content's."""
    return sha256(content).hexdigest()[:32]


def _head(page: Draft) -> str:
    """Title and description, as strings of YAML, and the heading.

    Both are escaped, since themes put them out as they are.
    """
    title, description = (_quoted(_escaped(text)) for text in (page.title, page.description))
    boost = f"search: {{boost: {page.boost}}}\n" if page.boost != 1 else ""
    hide = f"hide: {json.dumps(page.hide)}\n" if page.hide else ""
    beside = f"document: {json.dumps(page.name + '.json')}\n" if page.has_document else ""
    front = f"---\ntitle: {title}\ndescription: {description}\n{hide}{boost}{beside}---\n\n"
    return f"{front}# {_markdown_text(page.title)}\n\n"


def _quoted(text: str) -> str:
    """Text as YAML's string; JSON's own writes an emoji as two halves, which YAML does not join."""
    return _NOT_ASCII.sub(lambda sign: f"\\U{ord(sign[0]):08x}", json.dumps(text, ensure_ascii=False))


def _escaped(text: str) -> str:
    return escape(_NOT_IN_HTML.sub("\ufffd", text))


def _markdown_text(text: str) -> str:
    """Text as a Markdown heading's content that no extension reads anything into: every sign as an entity."""
    clean = " ".join(_NOT_IN_HTML.sub("\ufffd", text).split())
    return _PLAIN.sub(lambda sign: f"&#{ord(sign[0])};", clean) or "&#8230;"


def _assets() -> dict[str, bytes]:
    folder = shipped() / "assets"
    return {f"{ASSETS}/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


@contextmanager
def _manifest_of(folder: Path, paths: set[str]) -> Iterator[None]:
    """Have a folder's files written, then take away what an earlier run of ours made and this one did not."""
    before = _manifest(folder)
    folder.mkdir(parents=True, exist_ok=True)
    known = before | paths
    if known != before:
        # Named before they are made: a run that is killed leaves nothing behind that nobody knows.
        put(f"{folder}/{MANIFEST}", json.dumps(sorted(known), indent=0).encode())
    yield
    for path in known - paths:
        (folder / path).unlink(missing_ok=True)
    if known != paths:
        put(f"{folder}/{MANIFEST}", json.dumps(sorted(paths), indent=0).encode())


def _manifest(folder: Path) -> set[str]:
    """The files that earlier runs made; paths that lead anywhere else are not ours."""
    try:
        listed = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return set()
    if not isinstance(listed, list):
        return set()
    return {path for path in listed if isinstance(path, str) and path.startswith("docs/") and ".." not in path}
