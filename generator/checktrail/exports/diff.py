"""What a change does to the checklists: `checktrail.diff/1`, text for a terminal, Markdown for a comment. Pure.

Item texts come from whoever proposes the change: in text they lose their control characters, in Markdown they stand in
code spans, where nothing is a link, a mention, an image or HTML.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from checktrail.diff import ItemChange, Kind, Summary, summary
from checktrail.errors import shown
from checktrail.exports.wire import document as opened
from checktrail.exports.wire import text
from checktrail.model import State

COMMENT_MARK: Final = "<!-- checktrail:diff -->"
_BACKTICKS: Final = re.compile(r"`+")
_LONG: Final = 300
_MANY: Final = 200
_FEW: Final = 25
_SYMBOLS: Final = {
    Kind.TICKED: "[x]",
    Kind.UNTICKED: "[ ]",
    Kind.NOT_APPLICABLE: "[-]",
    Kind.REWORDED: " ~ ",
    Kind.ADDED: " + ",
    Kind.REMOVED: " - ",
    Kind.MOVED: " > ",
}


def document(found: Sequence[ItemChange]) -> dict[str, Any]:
    """The document `checktrail.diff/1`."""
    return opened("diff", {"changes": [_change(change) for change in found], "summary": summary(found)._asdict()})


def headline(found: Sequence[ItemChange]) -> str:
    """One sentence: `3 ticked, 1 unticked, 2 reworded while ticked, 1 added, 0 removed`."""
    return _headline(summary(found))


def as_text(found: Sequence[ItemChange]) -> str:
    """The headline and, per file, one line per change; ends in a line end."""
    lines = [headline(found)]
    for path, group in _by_path(found):
        lines += ["", shown(path), *(line for change in group for line in _text_lines(change))]
    return "\n".join(lines) + "\n"


class StillOpen(NamedTuple):
    """An item that the change leaves open, and who usually ticks it, and when, in words."""

    path: str
    line: int
    text: str
    habit: str


def as_markdown(found: Sequence[ItemChange], still_open: Sequence[StillOpen] = ()) -> str:
    """A comment for a pull request; at most two hundred changes are listed, the rest counted."""
    lines = [COMMENT_MARK, f"**Checklists: {headline(found)}**"]
    for path, group in _by_path(found[:_MANY]):
        lines += ["", code(path), "", *(f"- {line}" for change in group for line in _markdown_lines(change))]
    if len(found) > _MANY:
        lines += ["", f"… and {len(found) - _MANY} more changes"]
    if still_open:
        lines += ["", "Still open:", "", *(_open_line(item) for item in still_open[:_FEW])]
    if len(still_open) > _FEW:
        lines += ["", f"… and {len(still_open) - _FEW} more open items with a habit"]
    return "\n".join(lines) + "\n"


def code(value: str) -> str:
    """Any text as a Markdown code span: nothing in it is a link, a mention, a table cell's end or HTML."""
    plain = " ".join(shown(value[:_LONG] + "…" if len(value) > _LONG else value).split()) or " "
    longest = max((len(run) for run in _BACKTICKS.findall(plain)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if plain[0] == "`" or plain[-1] == "`" else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def _change(change: ItemChange) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        **_path("path", change.path),
        **_path("old_path", change.old_path),
        "line": change.line,
        "old_line": change.old_line,
        "old_text": None if change.old_text is None else text(change.old_text),
        "new_text": None if change.new_text is None else text(change.new_text),
        "section": [text(heading) for heading in change.section],
        "confidence": round(change.confidence, 4),
    }


def _path(key: str, path: str | None) -> dict[str, str | None]:
    if path is None or text(path) == path:
        return {key: path}
    return {key: text(path), f"{key}_bytes": base64.b64encode(path.encode("utf-8", "surrogateescape")).decode("ascii")}


def _headline(count: Summary) -> str:
    parts = [f"{count.ticked} ticked", f"{count.unticked} unticked"]
    optional = (
        (count.reworded - count.reworded_ticked, "reworded"),
        (count.reworded_ticked, "reworded while ticked"),
        (count.not_applicable, "not applicable"),
        (count.moved, "moved"),
    )
    parts += [f"{number} {words}" for number, words in optional if number]
    return ", ".join([*parts, f"{count.added} added", f"{count.removed} removed"])


def _by_path(found: Sequence[ItemChange]) -> Iterator[tuple[str, list[ItemChange]]]:
    for path, group in groupby(found, key=lambda change: change.path):
        yield path, list(group)


def _text_lines(change: ItemChange) -> Iterator[str]:
    words = shown(change.new_text if change.new_text is not None else change.old_text)
    yield f"  {_SYMBOLS[change.kind]} {words}  ({', '.join(_remarks(change))})"
    if change.kind is Kind.REWORDED:
        yield f"      was: {shown(change.old_text)}"


def _markdown_lines(change: ItemChange) -> Iterator[str]:
    words = code(change.new_text if change.new_text is not None else change.old_text or "")
    was = f", was {code(change.old_text or '')}" if change.kind is Kind.REWORDED else ""
    yield f"{' · '.join(_remarks(change))}: {words}{was}"


def _open_line(item: StillOpen) -> str:
    return f"- {code(item.text)} ({code(f'{item.path}:{item.line}')}): {code(item.habit)}"


def _remarks(change: ItemChange) -> Iterator[str]:
    """What happened, where, and how sure that is."""
    yield "reworded while ticked" if change.is_under_tick else change.kind.value.replace("-", " ")
    if change.kind is Kind.ADDED and change.new_state is State.TICKED:
        yield "already ticked"
    if change.kind is Kind.REMOVED and change.old_state is State.TICKED:
        yield "was ticked"
    yield f"line {change.line}" if change.line is not None else f"was line {change.old_line}"
    if change.confidence < 1:
        yield f"{min(99, int(100 * change.confidence))} % sure"
