"""A checklist's text to HTML, in place, whatever the text. Pure.

In: the Markdown and what is known of its items. Out: one `Part` per heading, its HTML safe to put into a page: raw HTML
comes out as text, pictures as links (a page loads nothing from elsewhere), links only where they can lead somewhere,
items as an icon with a hidden word, never as an input. The block rules are those that `parse` reads items with.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from checktrail.model import State
from checktrail.parse.depth import MAX_NESTING
from checktrail.parse.source import source

WORDS: Mapping[State, str] = {
    State.TICKED: "done",
    State.OPEN: "open",
    State.NOT_APPLICABLE: "not applicable",
}
"""The word that every page says for a state."""

_BOX = re.compile(r"\[[ \t\nxX~/-]\][ \t\n]+")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SCHEMES = frozenset({"http", "https", "mailto"})
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NO_MAIL = "(e-mail address not shown)"


@dataclass(frozen=True, slots=True)
class ItemMark:
    """What a page says about one item beside its text: its anchor, its state, and ready HTML behind the text."""

    anchor: str
    state: State
    after: Markup = field(default_factory=Markup)


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands under it, up to the next heading. `line` counts from 1; level 0 is the preamble."""

    line: int
    level: int
    heading: str
    body: Markup


def no_link(_path: str) -> str | None:
    """Where a relative link leads when nobody knows the host: nowhere."""
    return None


def render(
    text: str,
    marks: Mapping[int, ItemMark],
    *,
    resolve: Callable[[str], str | None] = no_link,
    public: bool = False,
) -> tuple[Part, ...]:
    """The text as parts in its own order.

    `marks` are by the line of the item's bullet; `resolve` turns a relative link into an address, or None.
    `public` leaves e-mail addresses out of everything but code, where `deploy@host` is a command's.
    """
    env: dict[str, Any] = {"resolve": resolve, "public": public}
    tokens = _block_tokens(source(text).body, env)
    _mark_items(tokens, marks)
    _parse_inlines(tokens, env)
    parts: list[Part] = []
    line, level, heading, start = 1, 0, "", 0
    for index, token in enumerate(tokens):
        if token.type != "heading_open" or token.level != 0:
            continue
        parts.append(Part(line, level, heading, _html(tokens[start:index], env)))
        line, level = (token.map[0] + 1 if token.map else line), int(token.tag[1])
        heading, start = plain(tokens[index + 1]), index + 3
    parts.append(Part(line, level, heading, _html(tokens[start:], env)))
    return tuple(parts)


@lru_cache(maxsize=1 << 14)
def inline(text: str) -> Markup:
    """One line of Markdown as safe HTML: an item's text in a table, a commit's subject never (that is plain text)."""
    env: dict[str, Any] = {"resolve": no_link, "public": True}
    token = Token("inline", "", 0, content=text, children=[])
    _parse_inlines([token], env)
    return Markup(_RENDERER.renderInline(token.children or [], _INLINE.options, env))  # noqa: S704 (rendered by our rules)


def plain(token: Token) -> str:
    """An inline token's text without its Markdown."""
    return " ".join("".join(_words(token.children or ())).split())


@lru_cache(maxsize=1 << 14)
def plain_text(text: str) -> str:
    """One line of Markdown as the words a reader sees."""
    token = Token("inline", "", 0, content=text, children=[])
    _parse_inlines([token], {})
    return plain(token)


def _words(tokens: Sequence[Token]) -> list[str]:
    words = []
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        elif token.type == "html_inline":
            words.append(_COMMENT.sub("", token.content))
        elif token.type == "image":
            words += _words(token.children or ())
        else:
            words.append(token.content)
    return words


def _block_tokens(body: str, env: MutableMapping[str, Any]) -> list[Token]:
    """Block tokens, whatever the depth: two frames per nested container are more than Python's usual stack."""
    body = body.replace("\0", "\ufffd")
    try:
        return _BLOCKS.block.parse(body, _BLOCKS, env, []) or []
    except RecursionError:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(before + 4 * MAX_NESTING)
        try:
            return _BLOCKS.block.parse(body, _BLOCKS, env, []) or []
        finally:
            sys.setrecursionlimit(before)


def _mark_items(tokens: Sequence[Token], marks: Mapping[int, ItemMark]) -> None:
    """Take the box off every item's text and note the item's mark at its list item and its text."""
    for index, token in enumerate(tokens):
        if token.type != "list_item_open" or token.map is None:
            continue
        mark = marks.get(token.map[0] + 1)
        following = tokens[index + 1 : index + 3]
        if mark is None or len(following) < 2 or following[0].type != "paragraph_open":  # noqa: PLR2004 (open, inline)
            continue
        box = _BOX.match(following[1].content)
        if box is None:
            continue
        token.meta["mark"] = mark
        following[1].content = following[1].content[box.end() :]
        following[1].meta["mark"] = mark


def _parse_inlines(tokens: Sequence[Token], env: MutableMapping[str, Any]) -> None:
    for token in tokens:
        if token.type == "inline":
            children = _children(token.content, env)
            mark = token.meta.get("mark")
            if mark is not None:
                before, after = (Token(kind, "", 0, meta={"mark": mark}) for kind in ("item_state", "item_after"))
                children = [before, *children, after]
            token.children = children


def _children(content: str, env: MutableMapping[str, Any]) -> list[Token]:
    # Without a bracket there is no link, so that the same words are the same tokens on every page.
    if "[" in content or "<" in content:
        found: list[Token] = []
        _INLINE.inline.parse(content, _INLINE, env, found)
        return found
    return list(_words_alone(content))


@lru_cache(maxsize=1 << 14)
def _words_alone(content: str) -> tuple[Token, ...]:
    found: list[Token] = []
    _INLINE.inline.parse(content, _INLINE, {}, found)
    return tuple(found)


def _html(tokens: Sequence[Token], env: MutableMapping[str, Any]) -> Markup:
    return Markup(_RENDERER.render(tokens, _BLOCKS.options, env))  # noqa: S704 (every rule below escapes)


class _Renderer(RendererHTML):
    """markdown-it's rules, but for everything that could load, run or mislead."""

    def text(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: Any) -> str:
        content = tokens[idx].content
        return str(escape(_MAIL.sub(_NO_MAIL, content) if env["public"] and "@" in content else content))

    def item_state(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        state = tokens[idx].meta["mark"].state
        return f"<i>{WORDS[state]}: </i>"  # hidden from eyes, which see the sign that the list item has

    def item_after(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        mark = tokens[idx].meta["mark"]
        return f' <a href="#{mark.anchor}" aria-label="This item">#</a>{mark.after}'

    def list_item_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        mark = tokens[idx].meta.get("mark")
        return f'<li class="ct-item--{mark.state}" id="{mark.anchor}">' if mark else "<li>"

    def html_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        shown = _COMMENT.sub("", tokens[idx].content).strip()
        return f'<p class="ct-raw">{escape(shown)}</p>\n' if shown else ""

    def html_inline(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        if _LINE_BREAK.fullmatch(tokens[idx].content):
            return "<br>"
        return str(escape(_COMMENT.sub("", tokens[idx].content)))

    def image(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: Any) -> str:
        token = tokens[idx]
        words = " ".join("".join(_words(token.children or ())).split()) or "picture"
        target = _target(str(token.attrGet("src") or ""), env["resolve"])
        name = f"Picture: {escape(words)}"
        return f'<a href="{escape(target)}" rel="noopener nofollow">{name}</a>' if target else f"<span>{name}</span>"

    def link_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: Any) -> str:
        target = _target(str(tokens[idx].attrGet("href") or ""), env["resolve"])
        if target is None or (env["public"] and target.lower().startswith("mailto:")):
            return '<span class="ct-nowhere">'
        tokens[idx].meta["target"] = target
        return f'<a href="{escape(target)}" rel="noopener nofollow">'

    def link_close(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        depth = 0
        for token in reversed(tokens[:idx]):
            depth += (token.type == "link_close") - (token.type == "link_open")
            if depth < 0:
                return "</a>" if "target" in token.meta else "</span>"
        return "</span>"

    def fence(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return _code(tokens[idx].content, tokens[idx].info.split()[0] if tokens[idx].info.split() else "")

    def code_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return _code(tokens[idx].content, "")

    def heading_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return '<p class="ct-inner-heading"><strong>'  # a heading in a list or quote is no part of the page's outline

    def heading_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return "</strong></p>\n"

    def table_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return '<div class="ct-scroll" tabindex="0" role="group" aria-label="Table"><table class="ct-table">\n'

    def table_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f'<th scope="col"{_aligned(tokens[idx])}>'

    def td_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: Any) -> str:
        return f"<td{_aligned(tokens[idx])}>"


def _aligned(token: Token) -> str:
    """A cell's alignment as a class: the site's policy forbids style attributes."""
    style = str(token.attrGet("style") or "")
    for side in ("center", "right"):
        if side in style:
            return f' class="ct-{side}"'
    return ""


def _code(content: str, language: str) -> str:
    shown = escape(content.rstrip("\n"))
    spoken = f"Commands ({escape(language)})" if language else "Commands"
    return (
        '<div class="ct-code"><button type="button" class="ct-copy" data-ct-copy hidden>Copy</button>'
        f'<pre tabindex="0" role="group" aria-label="{spoken}"><code>{shown}\n</code></pre></div>\n'
    )


def _target(href: str, resolve: Callable[[str], str | None]) -> str | None:
    """Where a link leads: the web and mail as they are, a path to where the file is seen, everything else nowhere."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    if parts.scheme:
        return href if parts.scheme.lower() in _SCHEMES else None
    if parts.netloc:
        return f"https:{href}"
    return resolve(href) if href else None


def _reader(deepest: int) -> MarkdownIt:
    # Raw HTML is recognised, so that items and blocks are where `parse` sees them, and then put out as text.
    reader = MarkdownIt("commonmark", {"html": True, "xhtmlOut": False}, renderer_cls=_Renderer).enable(
        ["table", "strikethrough"]
    )
    reader.options["maxNesting"] = deepest
    return reader


_BLOCKS = _reader(MAX_NESTING)
# Pictures in pictures recurse; nobody means fifty of them.
_INLINE = _reader(50)
_RENDERER = _Renderer()
