"""Curated text to parts: a version's section of a changelog, and its headings and bullets. Pure.

Headings are found line by line, in Markdown's two forms, in reStructuredText's underlines and as GNU NEWS writes them,
since a changelog is large and only one section of it is wanted; that section alone is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from checktrail.notes.parts import Change, Kind
from checktrail.releases.versions import Precedence, version_of

_VERSION = re.compile(r"(?<![\w.])v?(?P<version>[0-9]+(?:\.[0-9]+)+[0-9A-Za-z.+-]*|[0-9]{4}-[0-9]{2}-[0-9]{2})")
_ATX = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<text>.*?)[ \t#]*")
_UNDERLINE = re.compile(r"(?P<mark>[=\-~^*+\"'`#])(?P=mark){2,}[ \t]*")
_NEWS = re.compile(
    r"(?:\*[ \t]+)?(?:(?:noteworthy |major )?changes (?:in|for|since) |what's new in )?(?:\S{1,40} )?"
    r"(?:version |release )?"
    r"v?(?P<version>[0-9]+(?:\.[0-9]+)+[0-9A-Za-z.+-]*)\b[^.;,]{0,60}:?",
    re.IGNORECASE,
)
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})")
_LONGEST = 300  # a heading is shorter
_LONGEST_CHANGE = 4_000
_LEVELS = {"=": 1, "-": 2}
_ATX_LEVELS = 6
_WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.BREAKING, ("breaking", "incompatib", "removed", "removal")),
    (Kind.UPGRADE, ("upgrad", "migrat", "deprecat")),
    (Kind.KNOWN_ISSUES, ("known issue", "known problem", "known bug", "issues")),
    (Kind.SECURITY, ("security", "vulnerab")),
    (Kind.FIXES, ("fix", "bug")),
    (Kind.HIGHLIGHTS, ("highlight", "summary", "overview", "prelude")),
    (Kind.IMPROVEMENTS, ("improve", "enhance", "performance", "changed", "optimi")),
    (Kind.FEATURES, ("feature", "added", "new", "addition")),
)
_LABEL = re.compile(r"(?:\*\*|__)(?P<label>[^*_:]{3,40}):?(?:\*\*|__):?[ \t]+")
_BY_VERB: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.FIXES, ("fix", "fixed", "fixes")),
    (Kind.FEATURES, ("add", "added", "adds", "new", "introduce", "introduced")),
    (Kind.IMPROVEMENTS, ("improve", "improved", "improves")),
    (Kind.SECURITY, ("security",)),
    (Kind.BREAKING, ("breaking",)),
)
_PARSER = MarkdownIt("commonmark")


class Heading(NamedTuple):
    """A heading line of a changelog: where its section's text starts, and the version it names."""

    line: int
    body: int
    level: int
    version: Precedence | None


def section(text: str, wanted: Precedence) -> str | None:
    """The text under the heading that names a version; None when no heading does."""
    lines = text.splitlines()
    found = headings(lines)
    for place, heading in enumerate(found):
        if heading.version == wanted:
            following = (other for other in found[place + 1 :] if other.level <= heading.level or other.version)
            end = next((other.line for other in following), len(lines))
            return "\n".join(lines[heading.body : end]).strip("\n")
    return None


def headings(lines: Sequence[str]) -> tuple[Heading, ...]:
    """The headings of a changelog, outside fenced code."""
    return tuple(_headings(lines))


def changes(text: str, *, is_markdown: bool = True) -> tuple[Change, ...]:
    """The bullets and paragraphs of a text as changes, each of the kind that the heading above it says."""
    return tuple(_changes(_PARSER.parse(text), is_markdown=is_markdown))


def kind_of_heading(heading: str) -> Kind:
    """What a heading's words say stands under it."""
    words = heading.casefold()
    return next((kind for kind, signs in _WORDS if any(sign in words for sign in signs)), Kind.OTHER)


def _headings(lines: Sequence[str]) -> Iterator[Heading]:
    fence = ""
    for number, line in enumerate(lines):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark["mark"].startswith(fence) else fence or mark["mark"]
            continue
        if fence or not line.strip() or len(line) > _LONGEST:
            continue
        if atx := _ATX.fullmatch(line):
            yield Heading(number, number + 1, len(atx["marks"]), _named(atx["text"]))
        elif number + 1 < len(lines) and (under := _UNDERLINE.fullmatch(lines[number + 1])) and not line[0].isspace():
            yield Heading(number, number + 2, _LEVELS.get(under["mark"], _ATX_LEVELS), _named(line))
        elif line[0].isascii() and len(line) < 120 and (news := _NEWS.fullmatch(line.rstrip())):  # noqa: PLR2004 -- a heading is short
            yield Heading(number, number + 1, 1, _precedence(news["version"]))


def _named(text: str) -> Precedence | None:
    """The version that a heading names; where it names several, the first."""
    found = _VERSION.search(text.replace("\\", ""))
    return _precedence(found["version"]) if found else None


def _precedence(text: str) -> Precedence | None:
    version = version_of(text.rstrip(".+-"))
    return None if version is None else version.precedence


def _changes(tokens: Sequence[Token], *, is_markdown: bool) -> Iterator[Change]:
    heading: str | None = None
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "heading_open":
            heading = tokens[index + 1].content
        elif token.type == "list_item_open":
            end = _close(tokens, index)
            item = _joined(tokens[index:end])
            if item:
                yield _change(item, heading, is_markdown=is_markdown)
            index = end
        elif token.type == "paragraph_open":
            content = _folded(tokens[index + 1].content)
            if content:
                kind = Kind.HIGHLIGHTS if heading is None else None
                yield _change(content, heading, is_markdown=is_markdown, kind=kind)
        index += 1


def _change(text: str, heading: str | None, *, is_markdown: bool, kind: Kind | None = None) -> Change:
    said = kind_of_heading(heading) if heading is not None else kind
    if said in (None, Kind.OTHER):
        said = _kind_of_text(text)
    return Change(text, said or Kind.OTHER, breaking=said is Kind.BREAKING, is_markdown=is_markdown)


def _kind_of_text(text: str) -> Kind:
    label = _LABEL.match(text)
    if label and (kind := kind_of_heading(label["label"])) is not Kind.OTHER:
        return kind
    first = re.split(r"[^a-z]", text.casefold(), maxsplit=1)[0]
    return next((kind for kind, verbs in _BY_VERB if first in verbs), Kind.OTHER)


def _close(tokens: Sequence[Token], start: int) -> int:
    level = tokens[start].level
    closes = (
        index
        for index in range(start + 1, len(tokens))
        if tokens[index].type == "list_item_close" and tokens[index].level == level
    )
    return next(closes)


def _joined(tokens: Sequence[Token]) -> str:
    """An item's own text, with what is nested under it behind a colon."""
    texts = [_folded(token.content) for token in tokens if token.type == "inline"]
    texts = [text for text in texts if text]
    if len(texts) <= 1:
        return "".join(texts)
    return f"{texts[0].rstrip(':.')}: {'; '.join(texts[1:])}"


def _folded(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_CHANGE else f"{line[: _LONGEST_CHANGE - 1]}\N{HORIZONTAL ELLIPSIS}"
