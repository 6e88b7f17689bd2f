"""How `checktrail log` speaks in a terminal: checklists with since when, one item's whole story, every event."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from checktrail.errors import shown
from checktrail.exports.log import shown_id
from checktrail.exports.wire import moment
from checktrail.model import Change, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from checktrail.cli.log import Asked
    from checktrail.exports.log import ItemTrail
    from checktrail.history import Trails
    from checktrail.model import Event

_BOXES: Final = {State.OPEN: "[ ]", State.TICKED: "[x]", State.NOT_APPLICABLE: "[-]"}
_STYLES: Final = {State.OPEN: "", State.TICKED: "green", State.NOT_APPLICABLE: "dim"}
_WORDS: Final = {
    Change.CREATED: "created",
    Change.COPIED: "copied",
    Change.RESTORED: "restored",
    Change.TICKED: "ticked",
    Change.UNTICKED: "unticked",
    Change.TICKED_BY_MERGE: "ticked by the merge itself",
    Change.DROPPED_BY_MERGE: "tick dropped by the merge",
    Change.REWORDED: "reworded",
    Change.MOVED: "moved",
    Change.NOT_APPLICABLE: "marked not applicable",
    Change.REMOVED: "removed",
    Change.SECTION_RENAMED: "section renamed",
    Change.RESET: "reset for a new cycle",
}
_SHORT: Final = 10


class Line(NamedTuple):
    """The line of first parents that a revision ends, by the name that people gave; no end where there is no commit."""

    name: str
    end: str | None


def show_items(trails: Trails, asked: Asked, line: Line, console: Console) -> None:
    """Print the items asked about: one with its story, many with since when they stand as they do."""
    if asked.alone and asked.items:
        _story(trails, asked.items[0], line, console)
    elif asked.alone:
        console.print(Text("This item does not stand there; what happened to it on any branch:"))
        show_events(trails, asked.events, console)
    elif not asked.items:
        console.print(Text("No checklist there: no tracked Markdown file holds an item such as `- [ ] Tests pass`."))
    for path, items in groupby(() if asked.alone else asked.items, key=lambda one: one.path):
        _sheet(trails, path, list(items), line, console)


def show_events(trails: Trails, events: Sequence[Event], console: Console) -> None:
    """Print events, oldest first."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("When", "Who", "Commit"):
        table.add_column(name, no_wrap=True)
    table.add_column("What", overflow="fold")
    table.add_column("Where", overflow="fold")
    for event in events:
        commit = trails.commits[event.commit]
        table.add_row(
            moment(commit.committed_at)[:10],
            Text(shown(commit.author.name)),
            event.commit[:_SHORT],
            _told(event),
            Text(f"{shown(event.path)}:{event.line}", style="dim"),
        )
    console.print(table)


def _sheet(trails: Trails, path: str, items: list[ItemTrail], line: Line, console: Console) -> None:
    """A checklist as a list: each item with its line, and under it since when it stands so."""
    console.print(Text(shown(path), style="bold"))
    section: tuple[str, ...] | None = None
    for one in items:
        if one.section != section:
            section = one.section
            console.print(Text(f"  {_path(section)}", style="bold dim"))
        since = one.standing.since
        commit = trails.commits[since.commit]
        indent = "  " * one.item.depth
        said = _item(one.item.state, one.item.text)
        told = f"{_WORDS[since.kind]}{_doubt(since.confidence)} {moment(commit.committed_at)[:10]}"
        made = f"{told} by {shown(commit.author.name)}, {since.commit[:_SHORT]}"
        by = f"{made}{_reached(trails, since.commit, line)}; id {shown(shown_id(one))}"
        console.print(Text(f"{one.item.line:>5} {indent}") + said)
        console.print(Padding(Text(by, style="dim"), (0, 0, 0, 10 + len(indent))))
    console.print()


def _story(trails: Trails, one: ItemTrail, line: Line, console: Console) -> None:
    console.print(_item(one.item.state, one.item.text, "bold"))
    place = f"{shown(one.path)}:{one.item.line}"
    console.print(Text(" / ".join([place, *map(shown, one.section)]), style="dim"))
    console.print(Text(f"id {shown(shown_id(one))}", style="dim"))
    if one.standing.derived_from is not None:
        console.print(Text(f"copied from {shown(trails.name(one.standing.derived_from))}", style="dim"))
    console.print()
    for event in one.events:
        commit = trails.commits[event.commit]
        who = shown(commit.author.name)
        if commit.committer.name != commit.author.name:
            who += f" (committed by {shown(commit.committer.name)})"
        console.print(Text(f"{moment(commit.committed_at)[:16].replace('T', ' ')}  ") + _told(event, brief=True))
        reached = _reached(trails, event.commit, line)
        console.print(Text(f"    {event.commit[:_SHORT]} {who}: {shown(commit.subject)}{reached}", style="dim"))
    later = [event for event in trails.events_of(one.standing) if event not in one.events]
    if later:
        console.print()
        console.print(Text(f"{len(later)} more on other branches or later: see `--events`", style="dim"))


def _reached(trails: Trails, commit: str, line: Line) -> str:
    """How a commit that was made on a side branch came in; nothing for one that was made on the line itself."""
    landed = trails.landing(commit, line.end) if line.end is not None else None
    return f", reached {shown(line.name)} in {landed[:_SHORT]}" if landed not in (None, commit) else ""


def _item(state: State, words: str, style: str = "") -> Text:
    return Text(f"{_BOXES[state]} ", style=_STYLES[state]) + Text(shown(words), style=style)


def _told(event: Event, *, brief: bool = False) -> Text:
    """One event in words: what happened, and what was before."""
    told = Text(_WORDS[event.kind] + _doubt(event.confidence), style="green" if event.new_state is State.TICKED else "")
    if event.kind is Change.SECTION_RENAMED:
        return told + Text(f": {_path(event.old_section)} -> {_path(event.section)}")
    if event.kind is Change.REWORDED:
        return told + Text(f": {shown(event.old_text)}\n  -> {shown(event.new_text)}", style="default")
    if event.kind is Change.MOVED:
        return told + Text(f": {_place(event.old_path, event.old_section)} -> {_place(event.path, event.section)}")
    born = event.kind in (Change.CREATED, Change.COPIED, Change.RESTORED)
    if born and event.new_state is State.TICKED:
        told += Text(", already ticked")
    if brief:
        return told + Text(f" in {shown(event.path)}:{event.line}" if born else "")
    return told + Text(f": {shown(event.new_text if event.new_text is not None else event.old_text)}", style="default")


def _doubt(confidence: float) -> str:
    return "" if confidence >= 1 else f" ?{confidence:.2f}"


def _path(section: tuple[str, ...] | None) -> str:
    return " / ".join(map(shown, section or ())) or "(top)"


def _place(path: str | None, section: tuple[str, ...] | None) -> str:
    return f"{shown(path)} / {_path(section)}"
