"""What a public site leaves out, whatever part of a page it came to: e-mail addresses. Pure.

The views hold contacts and people back where they are made; this is the net under them. Commands keep their addresses:
`git@host.example:harbour` is no person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

HIDDEN = "(e-mail address not shown)"

# Begun at the sign that is rare. What follows a component's tag (`part@1.2.0`, `part@v2.0.dev1`) is no domain.
_DOMAIN = re.compile(r"@(?!v?\d+\.\d+)[\w-]+(?:\.[\w-]+)*\.[A-Za-z][\w-]*")
_LOCAL = re.compile(r"[\w.+'-]+$")
_LONGEST = 64
_ATTRIBUTE = re.compile(r'([\w-]+)="[^"]*$')
_KEPT_ATTRIBUTES = frozenset({"href", "data-ct-copy"})


def without_addresses(text: str) -> str:
    """Plain text with a note in place of each e-mail address."""
    return _replaced(text, lambda _start: False)


def page_without_addresses(html: str) -> str:
    """A page's HTML in the same way; what stands in commands and in the targets of links stays."""
    return _replaced(html, lambda start: _is_kept(html, start))


def document_without_addresses(document: str) -> str:
    """A JSON document in the same way: the value of a key `email` is empty, nobody is listed under `people`."""
    if next(_addresses(document), None) is None:
        return document
    return json.dumps(_public(json.loads(document)), ensure_ascii=False, separators=(",", ":")) + "\n"


def _replaced(text: str, keeps: Callable[[int], bool]) -> str:
    if "@" not in text:
        return text
    parts: list[str] = []
    done = 0
    for start, end in _addresses(text):
        if not keeps(start):
            parts += (text[done:start], HIDDEN)
            done = end
    return "".join((*parts, text[done:]))


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    for domain in _DOMAIN.finditer(text):
        local = _LOCAL.search(text, max(0, domain.start() - _LONGEST), domain.start())
        if local is not None:
            yield local.start(), domain.end()


def _is_kept(html: str, start: int) -> bool:
    opened = html.rfind("<", 0, start)
    if opened > html.rfind(">", 0, start):
        attribute = _ATTRIBUTE.search(html, opened, start)
        return attribute is not None and attribute[1] in _KEPT_ATTRIBUTES
    return html.rfind("<code", 0, start) > html.rfind("</code>", 0, start)


def _public(value: Any) -> Any:
    if isinstance(value, str):
        return without_addresses(value)
    if isinstance(value, list):
        return [_public(each) for each in value]
    if isinstance(value, dict):
        empty = {"email": "", "people": []}
        return {key: empty[key] if key in empty and each else _public(each) for key, each in value.items()}
    return value
