"""A template's text in, a checklist for one release out. Pure.

Placeholders are filled where a value is known and stay where none is. Lists become loose: with a blank line between two
boxes, branches that tick neighbours merge without a conflict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from checktrail.errors import UsageError, shown
from checktrail.model import Phase, State
from checktrail.parse import parse
from checktrail.parse.blocks import tokens
from checktrail.parse.source import source

if TYPE_CHECKING:
    from checktrail.model import Checklist, Item

# `[KEY]`, but no link, no reference, no definition and no box.
_HOLE: Final = re.compile(r"(?<![\w\]!\\])\[([A-Za-z][\w /-]*)\](?![\[(:\w])")
_NUMBER: Final = re.compile(r"(?<![\w.])(v?)X\.Y\.Z(?![\w.]*\w)")
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BOX: Final = re.compile(r"\[[ xX]\]\s")
_NOT_A_WORD: Final = re.compile(r"[\s/-]+")

# What templates call the same thing, ours and other people's.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "VERSION": ("VERSION_NUMBER", "RELEASE_VERSION", "NEW_VERSION", "VERSION_NAME"),
    "PRODUCT": ("PRODUCT_NAME", "PROJECT", "PROJECT_NAME", "SERVICE", "SERVICE_NAME"),
    "PREVIOUS_VERSION": ("LAST_VERSION", "OLD_VERSION"),
    "RELEASE_DATE": ("DATE", "TARGET_DATE"),
}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; a key fills `[KEY]` in any case, with spaces or underscores.

    `VERSION` also fills `X.Y.Z` (without its leading v) and `vX.Y.Z`.

    Raises:
        UsageError: a value holds a line end or another control character.
    """
    known = _known(values)
    text = _HOLE.sub(lambda hole: _value(hole, known, values), text)
    number = known.get("VERSION", "").rpartition("/")[2].removeprefix("v")
    return _NUMBER.sub(lambda hole: f"{hole[1]}{number}", text) if number else text


def reopened(text: str) -> tuple[str, int]:
    """The text with every ticked box open, and how many were: what was ticked for another release is not done for this.

    Only characters in boxes change. A box that its line does not show plainly stays as it is.
    """
    lines = _LINE.findall(text)
    opened = 0
    for item in parse(text).items:
        if item.state is not State.TICKED or item.column < 0:
            continue
        box = slice(item.column, item.column + 3)
        for number in range(item.line - 1, item.end_line):
            if lines[number][box] == f"[{item.marker}]":
                lines[number] = f"{lines[number][: item.column]}[ ]{lines[number][item.column + 3 :]}"
                opened += 1
                break
    return "".join(lines), opened


def loosened(text: str) -> str:
    """The text with a blank line before every item that follows another line of its list, in the same line ends.

    What the items are never changes: where it would, the text is left as it is.
    """
    if "\r" in text.replace("\r\n", ""):
        return text  # lines of an old kind, which nobody writes checklists in
    lines = text.split("\n")
    wanted = [number for number in _crowded(text) if lines[number - 1].strip()]
    for number in reversed(wanted):
        lines.insert(number, "\r" if lines[number - 1].endswith("\r") else "")
    loose = "\n".join(lines)
    return loose if _items(parse(loose)) == _items(parse(text)) else text


def with_follow_ups(text: str, last: Checklist, release: str) -> str:
    """The text with the open follow-ups of the last release's checklist behind it, in a section of their own."""
    carried = follow_ups(last)
    if not carried:
        return text
    blocks = [f"## Follow-up from {release}", *(f"- [ ] {item.text}" for item in carried)]
    end = "\r\n" if "\r\n" in text else "\n"
    return (end * 2).join([text.rstrip(), *blocks]) + end


def follow_ups(checklist: Checklist) -> tuple[Item, ...]:
    """The open items that a release left to be followed up; conditional ones are no debt."""
    return tuple(
        item
        for item in checklist.items
        if item.state is State.OPEN and not item.conditional and checklist.phase_of(item) is Phase.FOLLOW_UP
    )


def holes(text: str) -> tuple[str, ...]:
    """The placeholders that are left outside sections which are templates themselves, each once, in their order."""
    checklist = parse(text)
    left = (hole.text for hole in checklist.placeholders if not checklist.sections[hole.section].is_template)
    return tuple(dict.fromkeys(left))


def _known(values: Mapping[str, str]) -> dict[str, str]:
    known = {_key(key): value for key, value in values.items()}
    for key, value in known.items():
        if not value.isprintable():
            raise UsageError(f"the value of {shown(key)} holds a control character", hint="give it in one line")
    for name, others in ALIASES.items():
        if name in known:
            known |= {other: known[name] for other in others if other not in known}
    return known


def _value(hole: re.Match[str], known: Mapping[str, str], values: Mapping[str, str]) -> str:
    key = _key(hole[1])
    # Behind a box "[Date]" is when somebody signs, and nobody has signed yet.
    if key == "DATE" and key not in map(_key, values) and _BOX.search(_line_around(hole)):
        return hole[0]
    return known.get(key, hole[0])


def _line_around(hole: re.Match[str]) -> str:
    start = hole.string.rfind("\n", 0, hole.start()) + 1
    return hole.string[start : hole.start()]


def _key(name: str) -> str:
    return _NOT_A_WORD.sub("_", name.strip("[]{}<> ")).upper()


def _crowded(text: str) -> Iterator[int]:
    """The line indices of boxes that stand right below another line, and of what stands right below a box's item."""
    body = source(text).body
    lines = body.split("\n")
    boxes = {item.line - 1 for item in parse(text).items}
    above: list[int | None] = []
    for token in tokens(body):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            above.append(None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            above.pop()
        elif token.type == "list_item_open" and token.map is not None:
            start, before = token.map[0], above[-1]
            above[-1] = start
            # In a block quote a blank line would end the quote; two lists that open on one line have no line between.
            is_plain = lines[start].lstrip()[:1] in tuple("-*+0123456789")
            if start > 0 and is_plain and (start in boxes or before in boxes) and before != start:
                yield start


def _items(checklist: Checklist) -> list[tuple[str, str, tuple[str, ...], int]]:
    return [(item.marker, item.text, checklist.sections[item.section].path, item.depth) for item in checklist.items]


def values_of(pairs: Iterable[str]) -> dict[str, str]:
    """`KEY=VALUE` arguments as values.

    Raises:
        UsageError: one has no `=` or no key.
    """
    values = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{shown(pair)} is not KEY=VALUE", hint='write --set contact="@dana"')
        values[key] = value.strip()
    return values
