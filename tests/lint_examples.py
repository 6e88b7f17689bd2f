"""The examples of the lint rules' definitions, as the tests read them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from checktrail.binding import bind
from checktrail.config import Settings
from checktrail.exports.rules import definition
from checktrail.lint.driver import Found, check, mended, page, words
from checktrail.lint.page import Page, Template
from checktrail.lint.selection import Selection
from checktrail.model import Repair, State
from checktrail.parse import parse, read

RELEASED = frozenset({"1.0.0"})
SAFE = frozenset({Repair.SAFE})
_PART = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\w+)(?: path=(?P<path>\S+))?\n(?P<text>.*?)\n(?P=fence)$|^## (?P<heading>[^\n]+)$",
    re.MULTILINE | re.DOTALL,
)


class Example(NamedTuple):
    path: str
    text: str


def examples(code: str, heading: str) -> list[Example]:
    """The fenced examples under one heading of a rule's definition; none where it has none."""
    found: list[Example] = []
    under = ""
    for part in _PART.finditer(definition(code) or ""):
        if part["heading"]:
            under = part["heading"]
        elif under == heading and part["language"] == "markdown":
            found.append(Example(part["path"] or "checklists/release-checklist.md", part["text"] + "\n"))
    return found


def template_of(code: str) -> Template | None:
    found = examples(code, "Template")
    return Template("templates/release.md", parse(found[0].text), found[0].text) if found else None


def page_of(path: str, content: bytes | str, template: Template | None = None) -> Page:
    content = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    checklist = read(content)
    bound = bind(path, checklist, Settings())
    return replace(
        page(path, content, checklist),
        binding=bound.binding,
        release=bound.release,
        tagged=bound.release in RELEASED,
        in_docs=path.startswith("docs/"),
        template=template,
    )


def found(text: str | bytes, path: str = "checklists/release-checklist.md") -> tuple[Found, ...]:
    return check(page_of(path, text), Selection())


def codes(text: str | bytes, path: str = "checklists/release-checklist.md") -> list[str]:
    return [one.finding.code for one in found(text, path)]


def ticked(page: Page) -> int:
    return sum(item.state is State.TICKED for item in page.checklist.items)


def check_law(page: Page) -> None:
    """Safe fixes never tick, never hide an item, keep everybody's words, and twice is as once."""
    once = mended(page, Selection(), read, repairs=SAFE)
    assert ticked(once) <= ticked(page)
    assert len(once.checklist.items) >= len(page.checklist.items)
    assert words(once) == words(page)
    # What comes back itself has no fix left: the same question would have the same answer.
    assert once is page or mended(once, Selection(), read, repairs=SAFE).text == once.text
