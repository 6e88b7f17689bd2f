"""What a page's HTML must hold: parsed by the standard's own rules, and by those that no parser knows. No network."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import html5lib  # type: ignore[import-untyped]
from html5lib.constants import E  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_SVG = "{http://www.w3.org/2000/svg}"
_REFERRING = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "headers", "list", "form")
_INTERACTIVE = frozenset({"a", "button", "input", "select", "textarea", "label", "details"})
_FIELDS = frozenset({"button", "input", "meter", "output", "progress", "select", "textarea"})
_CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"dt", "dd", "div"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"},
    "tr": {"td", "th"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "details": None,
}


def faults(html: str) -> list[str]:
    """What is wrong with a whole page's HTML, in words."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(html)
    found = [f"line {line}: {E[code] % given}" for (line, _), code, given in parser.errors]
    return [*found, *_ids(root), *_nesting(root), *_figures(root), *_attributes(root)]


def anchors(html: str) -> set[str]:
    """Every place in a page that a link can lead to."""
    return set(re.findall(r'\sid="([^"]*)"', html))


def _ids(root: Element) -> Iterator[str]:
    by_id = {each.get("id"): each for each in root.iter() if each.get("id")}
    counts = Counter(each.get("id") for each in root.iter() if each.get("id") is not None)
    yield from (f"the id {name!r} is given {times} times" for name, times in counts.items() if times > 1)
    yield from ("an id is empty or holds a space" for name in counts if not name or " " in name)
    for each in root.iter():
        for attribute in _REFERRING:
            for name in (each.get(attribute) or "").split():
                if name not in by_id:
                    yield f"{attribute}={name!r} of <{each.tag}> leads nowhere"
        target = by_id.get(each.get("for"))
        if each.tag == "label" and target is not None and target.tag not in _FIELDS:
            yield f"a label is for <{target.tag}>, which is no field"


def _nesting(root: Element) -> Iterator[str]:
    for each in root.iter():
        allowed = _CHILDREN.get(str(each.tag))
        if allowed is not None:
            yield from (f"<{each.tag}> holds <{child.tag}>" for child in each if str(child.tag) not in allowed)
        if each.tag in {"a", "button"}:
            inside = (child for child in each.iter() if child is not each and child.tag in _INTERACTIVE)
            yield from (f"<{each.tag}> holds <{child.tag}>" for child in inside)
        if each.tag == "details" and (len(each) == 0 or each[0].tag != "summary"):
            yield "<details> does not begin with its <summary>"


def _figures(root: Element) -> Iterator[str]:
    for figure in root.iter("figure"):
        captions = [place for place, child in enumerate(figure) if child.tag == "figcaption"]
        if captions not in ([], [0], [len(figure) - 1]):
            yield "<figcaption> stands in the middle of its <figure>"
    for picture in root.iter(f"{_SVG}svg"):
        if picture.get("role") == "img" and (len(picture) == 0 or picture[0].tag != f"{_SVG}title"):
            yield "a picture does not begin with its title"


def _attributes(root: Element) -> Iterator[str]:
    for each in root.iter():
        if each.tag == "input" and each.get("type") in {"checkbox", "radio"} and each.get("autocomplete"):
            yield "a box is to be completed"
        tab = each.get("tabindex")
        if tab is not None and not re.fullmatch(r"-?\d+", tab):
            yield f"tabindex={tab!r} of <{each.tag}> is no number"
        if each.tag == "img" and each.get("alt") is None:
            yield "a picture has no words"
