"""Pages to files: a source tree that any Markdown site builder can read, and a manifest of what is ours.

In: drafts and a folder that is ours alone. Out: `docs/` with one Markdown file per page, `docs/assets/checktrail/` with
style and script, `blocks/` with the HTML of each page, split at the headings. Only what changed is written, and what is
no longer made is taken away, so that a builder's own watch and cache see exactly what is new. A draft whose page is
kept and whose block file is as it was is not made again; what it says anew lies in a block file of its own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from types import MappingProxyType

from checktrail.blocks import SEPARATOR
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
from checktrail.site.searched import words
from checktrail.site.shelf import Kept, Sources
from checktrail.store import Store

MANIFEST = "manifest.json"
NO_EXTRAS: Mapping[str, bytes] = MappingProxyType({})
ASSETS = "assets/checktrail"

_HEADING = re.compile(r'^<h([2-6]) id="([a-z0-9-]+)"( data-search-exclude="")?>(.*)</h\1>$', re.MULTILINE)
# STX and ETX would be read as places of Python-Markdown's own; none of these can stand in HTML anyway.
_NOT_IN_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PLAIN = re.compile(r"[^A-Za-z0-9 ]")
_BLOCK_FILE = re.compile(r"[0-9a-f]{32}\.html")
NOW, _OWN = "0" * 32, "f" * 32
"""What stands for the names of the block files, with what is said anew and with the rest, until they are known."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page in the tree: its title as the front matter has it, and the block file with what is said anew, if any.

    `digest` stands for its Markdown, its blocks and what the search finds, but for what is said anew.
    """

    title: str
    now: str
    digest: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A written source tree: its folder, its pages by name, its assets' paths below `docs`."""

    folder: Path
    pages: Mapping[str, Leaf]
    assets: tuple[str, ...]

    @property
    def docs(self) -> Path:
        """Where the Markdown is."""
        return self.folder / "docs"

    @property
    def blocks(self) -> Path:
        """Where the HTML is."""
        return self.folder / "blocks"


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
    assets = _assets() | dict(extras)
    documents = [f"{draft.name}.json" for draft in drafts if draft.has_document]
    paths = {f"docs/{path}" for path in (*assets, *documents, *(f"{draft.name}.md" for draft in drafts))}
    try:
        with _manifest_of(folder, paths):
            blocks = _Blocks(folder / "blocks")
            for path, content in assets.items():
                _write(folder / "docs" / path, content)
            leaves = {draft.name: _written(draft, folder / "docs", blocks, sources) for draft in drafts}
            blocks.prune()
    except OSError as error:
        raise OutputError(
            f"the site's source tree cannot be written to {folder}: {error.strerror or error}",
            hint="set CHECKTRAIL_CACHE_DIR to a folder that can be written",
        ) from error
    return Tree(folder, leaves, (*assets, *documents))


class _Blocks:
    """The block files of a tree, each named by its content; those that no page of this run has are pruned."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def holds(self, name: str) -> bool:
        """Whether a block file is there as it was written; then it stays."""
        try:
            sound = _name((self._folder / f"{name}.html").read_bytes()) == name
        except OSError:
            return False
        if sound:
            self._used.add(f"{name}.html")
        return sound

    def put(self, content: bytes) -> str:
        """A block file's name; it is written where it is not there."""
        name = _name(content)
        self._used.add(f"{name}.html")
        _write(self._folder / f"{name}.html", content)
        return name

    def prune(self) -> None:
        """Take away what an earlier run had and this one did not."""
        for path in self._folder.iterdir():
            if path.name not in self._used and _BLOCK_FILE.fullmatch(path.name):
                path.unlink()


def _written(draft: Draft, docs: Path, blocks: _Blocks, sources: Sources) -> Leaf:
    """Write one page: as it is kept, else as it is made, which is then kept."""
    kept = sources.get(draft.key)
    if kept is not None and blocks.holds(kept.block):
        return _put_page(draft, kept, draft.slots, docs, blocks)
    content = hollow(draft) if draft.key else None
    if content is None:
        return _put_page(draft, _kept(draft.make(), blocks), NO_SLOTS, docs, blocks)
    kept = _kept(content, blocks)
    sources.keep(draft.key, kept)
    return _put_page(draft, kept, draft.slots, docs, blocks)


def _put_page(draft: Draft, kept: Kept, slots: Slots, docs: Path, blocks: _Blocks) -> Leaf:
    """Write a page's files, its slots filled."""
    now = [_NOT_IN_HTML.sub("\ufffd", html_filled(part, slots)) for part in kept.now]
    name = blocks.put(SEPARATOR.join(now).encode()) if now else ""
    head = f"{_front_matter(draft)}# {_markdown_text(draft.title)}\n\n"
    _write(docs / f"{draft.name}.md", (head + kept.body.replace(line(NOW), line(name))).encode())
    if draft.has_document:
        _write(docs / f"{draft.name}.json", document_filled(kept.document, slots).encode("utf-8", "replace"))
    said = (head, kept.body, *(html_filled(part, slots) for part in kept.searched))
    return Leaf(_escaped(draft.title), name, sha256("\n".join(said).encode("utf-8", "replace")).hexdigest())


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
            lines += [line(_OWN, len(own))] if part else []
            own.append(part)
    name = blocks.put(SEPARATOR.join(own).encode())
    body = "\n\n".join(lines).replace(line(_OWN), line(name)) + "\n"
    return Kept(body, name, tuple(now), tuple(searched), content.document)


def line(name: str, number: int | None = None) -> str:
    """The line that is replaced by a part of a block file, or how such lines begin."""
    return f"<!-- checktrail:{name}-" if number is None else f"<!-- checktrail:{name}-{number} -->"


def _name(content: bytes) -> str:
    """The name of a block file: its content's."""
    return sha256(content).hexdigest()[:32]


def _front_matter(page: Draft) -> str:
    """Title and description, as JSON strings, which YAML reads; escaped, since themes put them out as they are."""
    title, description = (json.dumps(_escaped(text)) for text in (page.title, page.description))
    boost = f"search: {{boost: {page.boost}}}\n" if page.boost != 1 else ""
    hide = f"hide: {json.dumps(page.hide)}\n" if page.hide else ""
    beside = f"document: {json.dumps(page.name + '.json')}\n" if page.has_document else ""
    return f"---\ntitle: {title}\ndescription: {description}\n{hide}{boost}{beside}---\n\n"


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
        _put(folder / MANIFEST, json.dumps(sorted(known), indent=0).encode())
    yield
    for path in known - paths:
        (folder / path).unlink(missing_ok=True)
    if known != paths:
        _put(folder / MANIFEST, json.dumps(sorted(paths), indent=0).encode())


def _write(path: Path, content: bytes) -> None:
    """Write a file that is not there yet as it shall be."""
    if not _holds(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, content)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _put(path: Path, content: bytes) -> None:
    """In one step, so that a builder that reads at the same time never sees half a file."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _manifest(folder: Path) -> set[str]:
    """The files that earlier runs made; paths that lead anywhere else are not ours."""
    try:
        listed = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return set()
    if not isinstance(listed, list):
        return set()
    return {path for path in listed if isinstance(path, str) and path.startswith("docs/") and ".." not in path}
