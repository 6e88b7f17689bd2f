"""CL112 to CL114: items that GitHub shows and MkDocs does not. Pure.

Python-Markdown, which renders a MkDocs site, wants a blank line before a list and four spaces for each level, and does
not know `1)`. So these hold only for files in the site's own documentation folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from checktrail.lint.blocks import Blocks, Kind, Row, blocks
from checktrail.lint.page import Edit, Flaw, Page, safe

_INDENT: Final = re.compile(r" *")
_QUOTE: Final = re.compile(r"[ \t]*(?:>[ \t]?)*")
_BULLET: Final = re.compile(r"(?:[-*+]|\d{1,9}[.)]) *")
_DEEPEST_TEXT: Final = 5


def _task_rows(page: Page, tree: Blocks) -> Iterator[Row]:
    lines = {item.line for item in page.checklist.items}
    return (row for row in tree.rows if row.line in lines)


def not_set_off(page: Page) -> Iterator[Flaw]:
    """CL112: MkDocs reads a list right below a paragraph as more of the paragraph."""
    if not page.in_docs:
        return
    tree = blocks(page.text)
    lists = {row.list for row in _task_rows(page, tree)}
    for row in tree.rows:
        if not (row.first and row.top and row.list in lists and row.line > 1) or _is_set_off_later(page, tree, row):
            continue
        if tree.kind(row.line - 1) is Kind.PROSE:
            line = page.line(row.line)
            quote = _QUOTE.match(line.text)
            prefix = quote[0].rstrip() if quote and ">" in quote[0] else ""
            fix = safe(Edit(line.start, line.start, prefix + page.line_end))
            yield Flaw("no blank line before the list: MkDocs shows its boxes as text", row.line, fix=fix)


def _is_set_off_later(page: Page, tree: Blocks, first: Row) -> bool:
    """Whether a blank line stands between the list's first item and its first box: there MkDocs begins the list."""
    end = max(row.end for row in tree.siblings(first))
    box = min((item.line for item in page.checklist.items if first.line <= item.line <= end), default=first.line)
    return any(not line.text.strip(" \t>") for line in page.lines[first.line : box - 1])


def shallow_nesting(page: Page) -> Iterator[Flaw]:
    """CL113: MkDocs puts an item nested by fewer than four spaces beside its parent."""
    if not page.in_docs:
        return
    tree = blocks(page.text)
    lists = {row.list for row in _task_rows(page, tree)}
    for row in tree.rows:
        if row.parent is None or not row.first or row.list not in lists:
            continue
        wanted = _wanted_indent(page, tree, row)
        if wanted is None or _indent(page, row) >= wanted:
            continue
        edits = tuple(
            Edit(page.line(number).start, page.line(number).start, " " * (wanted - _indent(page, row)))
            for sibling in tree.siblings(row)
            for number in range(sibling.line, sibling.end + 1)
            if number <= len(page.lines) and page.line(number).text.strip()
        )
        message = f"nested by fewer than {page.nested_indent} spaces: MkDocs shows it beside its parent, not below"
        yield Flaw(message, row.line, fix=safe(*edits))


def _indent(page: Page, row: Row) -> int:
    found = _INDENT.match(page.line(row.line).text)
    return len(found[0]) if found else 0


def _wanted_indent(page: Page, tree: Blocks, row: Row) -> int | None:
    """Where the bullet must stand; None when the line begins with something other than spaces and a bullet."""
    if row.parent is None:
        return None
    parent = tree.rows[row.parent]
    line, above = page.line(row.line).text, page.line(parent.line).text
    at, parent_at = _indent(page, row), _indent(page, parent)
    bullet = _BULLET.match(above, parent_at)
    if parent.line == row.line or bullet is None or not _BULLET.match(line, at):
        return None
    level = 0
    while row.parent is not None:
        level, row = level + 1, tree.rows[row.parent]
    return max(page.nested_indent * level, bullet.end() if bullet.end() - parent_at <= _DEEPEST_TEXT else 0)


def round_delimiter(page: Page) -> Iterator[Flaw]:
    """CL114: MkDocs knows `1.` and not `1)`."""
    if not page.in_docs:
        return
    for row in _task_rows(page, blocks(page.text)):
        line = page.line(row.line)
        found = re.match(r"([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*?\d{1,9})\)[ \t]", line.text)
        if row.ordered and row.mark == ")" and found:
            at = line.start + found.end(1)
            yield Flaw("MkDocs does not know `1)`: write `1.`", row.line, fix=safe(Edit(at, at + 1, ".")))
