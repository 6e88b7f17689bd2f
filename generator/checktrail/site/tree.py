"""Pages to files: a source tree that any Markdown site builder can read, and a manifest of what is ours.

In: pages and a folder that is ours alone. Out: `docs/` with one Markdown file per page, `docs/assets/checktrail/` with
style and script, `blocks/` with the HTML of each page, split at the headings. Only what changed is written, and what is
no longer made is taken away, so that a builder's own watch and cache see exactly what is new.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from types import MappingProxyType

from checktrail.blocks import SEPARATOR
from checktrail.errors import OutputError
from checktrail.site.folders import shipped
from checktrail.site.pages import Page

MANIFEST = "manifest.json"
NO_EXTRAS: Mapping[str, bytes] = MappingProxyType({})
ASSETS = "assets/checktrail"

_HEADING = re.compile(r'^<h([2-6]) id="([a-z0-9-]+)"( data-search-exclude="")?>(.*)</h\1>$', re.MULTILINE)
# STX and ETX would be read as places of Python-Markdown's own; none of these can stand in HTML anyway.
_NOT_IN_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PLAIN = re.compile(r"[^A-Za-z0-9 ]")


@dataclass(frozen=True, slots=True)
class Tree:
    """A written source tree: its folder, its pages' names with their titles, its assets' paths below `docs`."""

    folder: Path
    pages: Mapping[str, str]
    assets: tuple[str, ...]

    @property
    def docs(self) -> Path:
        """Where the Markdown is."""
        return self.folder / "docs"

    @property
    def blocks(self) -> Path:
        """Where the HTML is."""
        return self.folder / "blocks"


def write_tree(pages: Iterable[Page], folder: Path, extras: Mapping[str, bytes] = NO_EXTRAS) -> Tree:
    """Write the tree of some pages and other files of the site; the folder then holds exactly that.

    Raises:
        OutputError: the folder cannot be written.
    """
    titles: dict[str, str] = {}
    files: dict[str, bytes] = {}
    documents: dict[str, bytes] = {}
    for page in pages:
        if page.document:
            documents[f"{page.name}.json"] = page.document.encode("utf-8", "replace")
        titles[page.name] = page.title
        markdown, name, blocks = source(page)
        files[f"docs/{page.name}.md"] = markdown.encode()
        files[f"blocks/{name}.html"] = blocks.encode()
    assets = _assets() | dict(extras) | documents
    files |= {f"docs/{path}": content for path, content in assets.items()}
    try:
        _write(folder, files)
    except OSError as error:
        raise OutputError(
            f"the site's source tree cannot be written to {folder}: {error.strerror or error}",
            hint="set CHECKTRAIL_CACHE_DIR to a folder that can be written",
        ) from error
    return Tree(folder, titles, tuple(assets))


def source(page: Page) -> tuple[str, str, str]:
    """A page's Markdown, and the name and content of its block file."""
    html = _NOT_IN_HTML.sub("\ufffd", page.html)
    lines: list[str] = []
    parts: list[str] = []
    start = 0
    for heading in _HEADING.finditer(html):
        parts.append(html[start : heading.start()].strip("\n"))
        text = _markdown_text(unescape(heading[4]))
        apart = " data-search-exclude=yes" if heading[3] else ""
        lines.append(f"{'#' * int(heading[1])} {text} {{: #{heading[2]}{apart} }}")
        start = heading.end()
    parts.append(html[start:].strip("\n"))
    blocks = SEPARATOR.join(parts)
    name = sha256(blocks.encode()).hexdigest()[:32]
    body = [f"# {_markdown_text(page.title)}"]
    for number, part in enumerate(parts):
        if number:
            body.append(lines[number - 1])
        if part:
            body.append(f"<!-- checktrail:{name}-{number} -->")
    return _front_matter(page) + "\n\n".join(body) + "\n", name, blocks


def _front_matter(page: Page) -> str:
    """Title and description, as JSON strings, which YAML reads; escaped, since themes put them out as they are."""
    title, description = (
        json.dumps(escape(_NOT_IN_HTML.sub("\ufffd", text))) for text in (page.title, page.description)
    )
    boost = f"search: {{boost: {page.boost}}}\n" if page.boost != 1 else ""
    hide = f"hide: {json.dumps(page.hide)}\n" if page.hide else ""
    beside = f"document: {json.dumps(page.name + '.json')}\n" if page.document else ""
    return f"---\ntitle: {title}\ndescription: {description}\n{hide}{boost}{beside}---\n\n"


def _markdown_text(text: str) -> str:
    """Text as a Markdown heading's content that no extension reads anything into: every sign as an entity."""
    clean = " ".join(_NOT_IN_HTML.sub("\ufffd", text).split())
    return _PLAIN.sub(lambda sign: f"&#{ord(sign[0])};", clean) or "&#8230;"


def _assets() -> dict[str, bytes]:
    folder = shipped() / "assets"
    return {f"{ASSETS}/{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write what changed, then take away what an earlier run of ours made and this one did not."""
    before = _manifest(folder)
    folder.mkdir(parents=True, exist_ok=True)
    known = before | set(files)
    if known != before:
        # Named before they are made: a run that is killed leaves nothing behind that nobody knows.
        _put(folder / MANIFEST, json.dumps(sorted(known), indent=0).encode())
    for path, content in files.items():
        target = folder / path
        if not _holds(target, content):
            target.parent.mkdir(parents=True, exist_ok=True)
            _put(target, content)
    for path in known - set(files):
        (folder / path).unlink(missing_ok=True)
    if known != set(files):
        _put(folder / MANIFEST, json.dumps(sorted(files), indent=0).encode())


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
    return {
        path for path in listed if isinstance(path, str) and path.startswith(("docs/", "blocks/")) and ".." not in path
    }
