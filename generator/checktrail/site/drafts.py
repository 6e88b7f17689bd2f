"""A page of ours, and a page that is yet to be made. Pure.

What a page says that changes with every commit has slots in it: the rest can then be kept, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

_SLOT = "\ue000"
_MARK = re.compile(f"{_SLOT}([0-9]+);")
_VALUE = re.compile(f'"{_SLOT}([0-9]+);"')


def mark(number: int) -> str:
    """The sign of a slot: in HTML as it is, in JSON as a value of its own."""
    return f"{_SLOT}{number};"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name (`releases/v1.0`), its title as plain text, what it is about, its HTML.

    `hide` names what Material leaves out beside it (`navigation`, `toc`), to give wide tables their room; `boost` says
    how much before others the search shows it. `document` is the JSON that stands beside it, empty for none.
    """

    name: str
    title: str
    description: str
    html: str
    hide: tuple[str, ...] = ()
    boost: int = 1
    document: str = ""


class Content(NamedTuple):
    """What a page says: HTML, and the JSON beside it, empty for none."""

    html: str
    document: str = ""


Make: TypeAlias = Callable[[], Content]


@dataclass(frozen=True, slots=True)
class Slots:
    """What goes into the slots by their numbers: pieces of HTML, and JSON values as text.

    `times` is how often the marks of all of them stand in the document.
    """

    html: tuple[str, ...] = ()
    json: tuple[str, ...] = ()
    times: int = 0


NO_SLOTS = Slots()


@dataclass(frozen=True, slots=True)
class Draft:
    """A page that is yet to be made: what it is called, and how it is made.

    `key` stands for all that it says but for what goes into its slots; a page without a key is always made. `hollow`
    makes it with the marks in their place; without slots that is the page as it is.
    """

    name: str
    title: str
    description: str
    make: Make
    hide: tuple[str, ...] = ()
    boost: int = 1
    has_document: bool = False
    key: str = ""
    hollow: Make | None = None
    slots: Slots = NO_SLOTS

    @classmethod
    def of(cls, page: Page) -> Draft:
        """A page that is made already."""
        return cls(
            page.name,
            page.title,
            page.description,
            lambda: Content(page.html, page.document),
            page.hide,
            page.boost,
            has_document=bool(page.document),
        )

    def page(self) -> Page:
        """The whole page."""
        content = self.make()
        return Page(self.name, self.title, self.description, content.html, self.hide, self.boost, content.document)


def hollow(draft: Draft) -> Content | None:
    """What a page says with its marks in their place; None where a text on it holds such signs itself."""
    slots, content = draft.slots, (draft.hollow or draft.make)()
    marks = [mark(number) for number in range(len(slots.html))]
    is_sound = all(content.html.count(each) == 1 for each in marks) and content.html.count(_SLOT) == len(marks)
    is_sound &= content.document.count(_SLOT) == slots.times == len(_VALUE.findall(content.document))
    return content if is_sound else None


def html_filled(html: str, slots: Slots) -> str:
    """HTML with its slots filled."""
    return _MARK.sub(lambda found: slots.html[int(found[1])], html) if slots.html else html


def document_filled(document: str, slots: Slots) -> str:
    """JSON with its slots filled."""
    return _VALUE.sub(lambda found: slots.json[int(found[1])], document) if slots.json else document


def has_marks(html: str) -> bool:
    """Whether a piece of hollow HTML has slots."""
    return _SLOT in html
