"""CL201 to CL207: items and headings among themselves. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from checktrail.lint.page import LONGEST, Edit, Fix, Flaw, Page, unsafe
from checktrail.model import Checklist, Item, OddityKind, Section, Severity, State

_STRIKES: Final = str.maketrans("", "", "*_`~")
_BULLET: Final = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_BOX: Final = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX~/-]\][ \t]")
_CHOICE: Final = re.compile(r"(?:if|when|in case)\b|.*\b(?:either|one of|choose|pick one|any of)\b", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(\d{1,3})[.)]\s+\S")
# "Date: 2024-03-02", "Any risks? None" and "Stop here until it is green." hold their own content.
_SAYS_ALL: Final = re.compile(r"[:?]\s*\S|\w\.\Z")
_STRUCK_OUT: Final = re.compile(r"~~.+~~")
# "— not needed", "and reviewed": the item says itself why it is open, or that it is another step.
_LEFT_OUT: Final = re.compile(
    r"\A[*_]*(?:optional(?:ly)?|skipped|deferred|and|then)\b"
    # "Required if the API changed", "(when a key is at hand)": it waits for something that may never come.
    r"|\b(?:required|needed|necessary|mandatory|only)\s+(?:if|when|where|for|on)\b"
    r"|[(\[]\s*(?:when|once|where|unless|until)\b|\bwhen\b[^.;]{0,80}\b(?:available|possible|ready)\b"
    r"|[(\[][^)\]]{0,200}\b(?:omit(?:ted)?|chose not to|decided (?:against|not to))\b"
    r"|(?:[(\[–—:]|\s-)\s*[*_]*"  # noqa: RUF001 -- dashes as people type them
    r"(?:optional|recommended|skipped|deferred|postponed|n/?a|not (?:needed|required|applicable)"
    r"|nice[- ]to[- ]have|future|later|blocked|pending|awaiting|requires|needs|leave)\b"
    # "Put off" in other languages, wherever it stands.
    r"|\b(?:reportée?s?|aplazad[ao]s?|pospuest[ao]s?|adiad[ao]s?|rinviat[aeio]|verschoben|zurückgestellt)\b",
    re.IGNORECASE,
)
# "(deploy when ready)", "(phase 2)": what it ends with may say so in any language; an address after a link does not.
_REMARKED: Final = re.compile(r"(?<!\])[(（][^()（）]{2,100}[)）][\W_]*\Z|\s\[[^\[\]]{2,100}\][\W_]*\Z")  # noqa: RUF001 -- brackets as people type them
_EXAMPLE: Final = re.compile(r"\bexamples?\b|\bsamples?\b|\bdemos?\b", re.IGNORECASE)
# "<<<<<<< GENERATED" is how some tool marks its part of a file; git names a branch, a commit or HEAD.
_REGION: Final = re.compile(r"(?:<{7}|>{7}) (?!HEAD\b)[A-Z]{3,}\s*")
_RULE: Final = re.compile(r"[ \t]{0,3}(?:=+|-+|(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})[ \t]*")
_SHORTEST: Final = 3


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """An item's text without marks, case and white space, for telling whether two say the same."""
    return " ".join(text.translate(_STRIKES).casefold().split()).rstrip(".;:, ")


def shown(text: str, length: int = 60) -> str:
    """An item's text for a message, cut to `length` characters."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _pairs(page: Page) -> Iterator[tuple[Item, Item]]:
    """Each item that says what one before it says in the same list, and that one: the nearest of them."""
    names = [(item.section, item.parent, plain(item.text)) for item in page.checklist.items]
    if len(set(names)) == len(names) or "template" in page.path.casefold():
        return
    groups: dict[tuple[int, int | None, str], list[Item]] = defaultdict(list)
    for name, item in zip(names, page.checklist.items, strict=True):
        groups[name].append(item)
    for (_, _, words), items in groups.items():
        if len(items) == 1 or len(words) < _SHORTEST:
            continue
        nearest: dict[str, Item] = {}
        for item in items:
            body = _body(page, item)
            before = nearest.get(body)
            if before is not None and not _are_apart(page, before, item) and not _is_repeated_step(before, item):
                yield before, item
            nearest[body] = item


def _is_repeated_step(first: Item, second: Item) -> bool:
    """Whether a command is run again after other steps: "Run `make check`" may stand before and after the merge."""
    return first.state is second.state and "`" in second.text and second.line > first.end_line + 1


def _body(page: Page, item: Item) -> str:
    """What hangs under an item, boxes left out: "Feature gate" over two names is two items, not one twice."""
    indent = _indent(page.source(item).text)
    lines: list[str] = []
    for line in page.lines[item.end_line :]:
        if line.text.strip() and (_indent(line.text) <= indent or _BOX.match(line.text)):
            break
        lines.append(line.text.strip())
    return plain(" ".join(lines))


def _are_apart(page: Page, first: Item, second: Item) -> bool:
    """Whether a label, a paragraph or another parent stands between, so that the two may mean different things."""
    indent = _indent(page.source(first).text)
    between = page.lines[first.end_line : second.line - 1]
    return any(
        line.text.strip()
        and (
            _indent(line.text) < indent
            or (
                _indent(line.text) == indent
                and not _BULLET.match(line.text)
                and not line.text.lstrip().startswith("<!--")
            )
        )
        for line in between
    )


def _indent(text: str) -> int:
    return len(text.expandtabs(4)) - len(text.expandtabs(4).lstrip())


def duplicate(page: Page) -> Iterator[Flaw]:
    """CL201: the same item twice in a section."""
    for first, second in _pairs(page):
        if {first.state, second.state} != {State.OPEN, State.TICKED}:
            yield Flaw(f"the same item stands in line {first.line}: {shown(second.text)}", second.line)


def contradiction(page: Page) -> Iterator[Flaw]:
    """CL202: the same item ticked and open side by side, or the marks of an unresolved merge."""
    for first, second in _pairs(page):
        if {first.state, second.state} == {State.OPEN, State.TICKED}:
            states = f"{second.state} here and {first.state} in line {first.line}"
            message = f"{states}, as a bad merge leaves it: {shown(second.text)}"
            yield Flaw(message, second.line, severity=_outside(page))
    for oddity in page.checklist.oddities:
        if oddity.kind is OddityKind.CONFLICT_MARKER and not _REGION.fullmatch(page.line(oddity.line).text):
            yield Flaw("an unresolved merge conflict", oddity.line)


def _children(checklist: Checklist) -> dict[int, list[Item]]:
    children: dict[int, list[Item]] = defaultdict(list)
    for item in checklist.items:
        if item.parent is not None:
            children[item.parent].append(item)
    return children


def _is_choice(item: Item) -> bool:
    return item.conditional or bool(_CHOICE.match(item.text))


def is_settled(item: Item) -> bool:
    """Whether an open item asks for nothing now, or may say so: conditional, struck out, for later, with a remark."""
    text = item.text[:LONGEST]
    return item.conditional or bool(_STRUCK_OUT.match(item.text) or _LEFT_OUT.search(text) or _REMARKED.search(text))


def _is_example(page: Page, item: Item) -> bool:
    """Whether an item stands under a heading that says it only shows what boxes look like."""
    return any(_EXAMPLE.search(heading) for heading in page.section(item.section).path)


def open_child(page: Page) -> Iterator[Flaw]:
    """CL203: a ticked item with an open one under it."""
    for index, children in _children(page.checklist).items():
        parent = page.checklist.items[index]
        open_ones = [child for child in children if child.state is State.OPEN and not is_settled(child)]
        if any(child.conditional and child.state is State.TICKED for child in children):
            continue  # "If there is no runner, check by hand" is ticked, so another way was gone
        if parent.state is State.TICKED and open_ones and not (_is_choice(parent) or _is_example(page, parent)):
            many = f"{len(open_ones)} items under it are" if len(open_ones) > 1 else "an item under it is"
            message = f"ticked, but {many} open (line {open_ones[0].line}): {shown(parent.text)}"
            told = all(_body(page, child) for child in open_ones)  # what hangs under it may say why it is open
            yield Flaw(message, parent.line, severity=Severity.WARNING if told else _outside(page))


def _outside(page: Page) -> Severity | None:
    """What a doubtful state weighs outside of checklists: there a tick may stand for "there is one", and more."""
    return None if page.is_to_be_ticked else Severity.WARNING


def open_parent(page: Page) -> Iterator[Flaw]:
    """CL204: everything under an open item is ticked."""
    for index, children in _children(page.checklist).items():
        parent = page.checklist.items[index]
        if parent.state is not State.OPEN or _is_choice(parent):
            continue
        if any(child.state is State.OPEN for child in children) or all(c.state is not State.TICKED for c in children):
            continue
        line = page.source(parent)
        fix = None
        if parent.column >= 0 and line.text[parent.column : parent.column + 3] == "[ ]":
            at = line.start + parent.column + 1
            fix = unsafe(Edit(at, at + 1, "x"))
        yield Flaw(f"open, though everything under it is ticked: {shown(parent.text)}", parent.line, fix=fix)


def number_skips(page: Page) -> Iterator[Flaw]:
    """CL205: numbered headings side by side skip or repeat a number."""
    groups: dict[tuple[int | None, int], list[tuple[Section, int]]] = defaultdict(list)
    for section in page.checklist.sections:
        found = _NUMBERED.match(section.heading)
        if found and not section.is_template:
            groups[section.parent, section.level].append((section, int(found[1])))
    for numbered in groups.values():
        fix: Fix | None = _renumbered(page, numbered)
        for (_, before), (section, number) in pairwise(numbered):
            if number != before + 1:
                yield Flaw(f"heading number {number} follows {before}", section.line, fix=fix)
                # One fix counts them all through; a second would undo the first.
                fix = None


def _renumbered(page: Page, numbered: Sequence[tuple[Section, int]]) -> Fix:
    edits: list[Edit] = []
    for wanted, (section, number) in enumerate(numbered, start=numbered[0][1]):
        line = page.line(section.line)
        at = line.text.find(str(number))
        if number != wanted and at >= 0:
            edits.append(Edit(line.start + at, line.start + at + len(str(number)), str(wanted)))
    return unsafe(*edits)


def empty_section(page: Page) -> Iterator[Flaw]:
    """CL206: a heading with nothing under it."""
    sections = page.checklist.sections
    for index, section in enumerate(sections[1:], start=1):
        following = sections[index + 1] if index + 1 < len(sections) else None
        if section.line - 1 == page.checklist.title_line:
            continue  # right below the title, without a blank line: its second line
        if section.is_template or (following and following.level > section.level) or _SAYS_ALL.search(section.heading):
            continue
        end = following.line - 1 if following else len(page.lines)
        if all(not line.text.strip() or _RULE.fullmatch(line.text) for line in page.lines[section.line : end]):
            yield Flaw(f"nothing stands under “{shown(section.heading or page.checklist.title)}”", section.line)


def level_jump(page: Page) -> Iterator[Flaw]:
    """CL207: a heading more than one level below the one before."""
    sections = page.checklist.sections[1:]
    for before, section in pairwise(sections):
        if section.level > before.level + 1 and not section.is_template:
            yield Flaw(f"heading level {section.level} right below level {before.level}", section.line)
