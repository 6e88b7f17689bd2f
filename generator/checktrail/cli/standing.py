"""How `checktrail status` speaks in a terminal: a headline, tables, what to do next."""

from __future__ import annotations

from itertools import islice
from operator import itemgetter
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text

from checktrail.cli.paths import PathCell, broken
from checktrail.cli.wording import counted
from checktrail.completion import (
    NONE,
    declared,
    own_totals,
    percent,
    section_totals,
    totals_that_do_not_add_up,
    uncovered,
)
from checktrail.errors import shown
from checktrail.model import Binding, Due
from checktrail.releases.versions import version_with
from checktrail.summaries import WAITING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

    from checktrail.completion import Totals
    from checktrail.model import Checklist, Item
    from checktrail.summaries import Summary

    Habits = Callable[[Sequence[tuple[Summary, Item]]], Mapping[tuple[str, int], str]]

_NARROW = 70
_ROWS = 40  # more checklists than this are summed up
_DETAILED = 3  # up to this many are shown section by section
_OTHERS = 3
_TAGS = 5


class Standings(NamedTuple):
    """What is to be shown: the checklists, and the tag of the past release that each is of, by path.

    What somebody `named` makes the headline, whatever it is.
    """

    summaries: Sequence[Summary]
    tags: Mapping[str, str | None]
    checklist: Callable[[Summary], Checklist]
    named: bool

    @property
    def past(self) -> Sequence[Summary]:
        """The checklists of versions that are tagged already."""
        return [one for one in self.summaries if self.tags.get(one.path) is not None]

    @property
    def ours(self) -> Sequence[Summary]:
        """The checklists that somebody works on, or asked about."""
        return [
            one
            for one in self.summaries
            if self.named or (one.binding in (Binding.OWN, Binding.LIVING) and self.tags.get(one.path) is None)
        ]


def show(standings: Standings, console: Console, habits: Habits) -> None:
    """Print where the checklists stand; `habits` is asked about the open items that are shown, by path and line."""
    ours = standings.ours
    if not ours:
        _flow(_nothing(standings), console)
    else:
        counts = [(one, one.totals) for one in ours]
        whole = sum((count for _, count in counts), NONE)
        _headline(counts, whole, console)
        for summary in ours if len(ours) <= _DETAILED else ():
            checklist = standings.checklist(summary)
            _sections(summary, checklist, console)
            _declared(checklist, console)
        _next(ours, whole, console, habits)
    if not standings.named:
        _past(standings, console)
        _apart(standings.summaries, console)


def _nothing(standings: Standings) -> Text:
    if standings.named:
        return Text("No checklist there: no Markdown file.")
    if standings.past:
        return Text("Every release checklist here is of a past release: `checktrail new VERSION` starts the next one.")
    why = (
        "No release checklist here: no file's name, title or sections speak of a release."
        if standings.summaries
        else "No checklist here: no tracked Markdown file holds an item such as `- [ ] Tests pass`."
    )
    return Text(
        f"{why}\n`checktrail new VERSION` starts the checklist of a release; `checktrail init` sets up the rest, too."
    )


def _flow(text: Text, console: Console, indent: int = 0) -> None:
    """Print a text, every line of it indented, and no line with blanks at its end."""
    for line in text.wrap(console, max(1, console.width - indent), overflow="fold"):
        line.rstrip()
        console.print(Text(" " * indent) + line, soft_wrap=True)


# --- the headline ---------------------------------------------------------------------------------------------------


def _headline(counts: list[tuple[Summary, Totals]], whole: Totals, console: Console) -> None:
    if len(counts) > _ROWS:
        counts.sort(key=lambda pair: pair[1].required_ticked >= pair[1].required)
    if console.width < _NARROW:
        for summary, count in counts[:_ROWS]:
            _flow(Text(broken(shown(summary.path), console.width), style="bold"), console)
            _lines(count, console)
    else:
        console.print(_table(counts[:_ROWS], whole))
    if len(counts) > _ROWS:
        done = sum(count.required_ticked >= count.required for _, count in counts)
        console.print(Text(f"{len(counts) - _ROWS} more are not shown; of all {len(counts)}, {done} are complete."))
    if console.width < _NARROW and len(counts) > 1:
        console.print(Text(f"All {len(counts)} checklists", style="bold"))
        _lines(whole, console)


def _lines(count: Totals, console: Console) -> None:
    done, wanted = count.required_ticked, count.required
    console.print(Text(f"  before the tag {_of(done, wanted)} {percent(done, wanted)}", style=_style(done, wanted)))
    console.print(Text(f"  all boxes {_of(count.ticked, count.items)}"))


def _table(counts: Sequence[tuple[Summary, Totals]], whole: Totals) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=len(counts) > 1)
    table.add_column("Checklist", "All")
    table.add_column("Release", overflow="fold")
    for heading, total in zip(("Before the tag", "", "At close", "All boxes"), _cells(whole), strict=True):
        table.add_column(heading, total, justify="right", no_wrap=True)
    for summary, count in counts:
        binding = shown(summary.release) if summary.release else summary.binding.value
        table.add_row(PathCell(shown(summary.path)), Text(binding), *_cells(count))
    return table


def _cells(count: Totals) -> tuple[Text, Text, Text, Text]:
    done, wanted = count.required_ticked, count.required
    return (
        Text(_of(done, wanted), style=_style(done, wanted)),
        Text(percent(done, wanted), style=_style(done, wanted)),
        Text(_of(count.required_at_close_ticked, count.required_at_close)),
        Text(_of(count.ticked, count.items)),
    )


def _of(done: int, whole: int) -> str:
    return f"{done} of {whole}" if whole else "none"


def _style(done: int, whole: int) -> str:
    return "green" if done == whole else "yellow"


# --- one checklist --------------------------------------------------------------------------------------------------


def _sections(summary: Summary, checklist: Checklist, console: Console) -> None:
    """One row per section with items of its own, and one per section above such."""
    own, below = own_totals(checklist), section_totals(checklist)
    console.print(Text(shown(checklist.title or summary.path), style="bold"))
    place = broken(f"{shown(summary.path)}:", console.width)
    _flow(Text(f"{place} {summary.binding}, since {shown(summary.reason)}"), console)
    if not checklist.items:
        console.print(Text("It holds no item."))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Section", overflow="fold")
    if console.width >= _NARROW:
        table.add_column("Phase", no_wrap=True)
    table.add_column("Ticked", justify="right", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    for section, alone, all_ in zip(checklist.sections, own, below, strict=True):
        count = all_ if section.path else alone
        if count.items:
            name = "  " * max(0, len(section.path) - 1) + shown(section.heading or "(under no heading)")
            style = _style(count.ticked, count.items) if section.phase.due is not Due.NEVER else "dim"
            ticked = (Text(_of(count.ticked, count.items)), Text(percent(count.ticked, count.items), style=style))
            phase = (Text(section.phase.value, style="dim"),) if console.width >= _NARROW else ()
            table.add_row(Text(name), *phase, *ticked)
    console.print(table)


def _declared(checklist: Checklist, console: Console) -> None:
    """Where a completion table kept by hand does not say what the boxes say."""
    wrong = [count for count in declared(checklist) if not count.agrees]
    for count in wrong:
        says = f"{_number(count.row.items)} items, {_number(count.row.ticked)} ticked"
        counted = (
            "and no section has that name"
            if count.counted_items is None
            else f"the boxes {count.counted_items} and {count.counted_ticked}"
        )
        console.print(Text(f"Line {count.row.line}: the table says {says} for {shown(count.row.row)}, {counted}."))
    for row, summed in totals_that_do_not_add_up(checklist):
        console.print(
            Text(f"Line {row.line}: the total row says {_number(row.items)} items, its own rows sum to {summed}.")
        )
    left = [section for section in uncovered(checklist) if section.path]
    if left:
        console.print(Text(f"No row of the table counts {', '.join(shown(section.heading) for section in left)}."))


def _number(count: int | None) -> str:
    return "no" if count is None else str(count)


# --- what next ------------------------------------------------------------------------------------------------------


def _next(ours: Sequence[Summary], whole: Totals, console: Console, habits: Habits) -> None:
    """The first items that the tag waits for, each with its place, ready for `tick`, and with its habit."""
    waiting = list(islice(((summary, item) for summary in ours for item in summary.waiting), WAITING))
    more = whole.required - whole.required_ticked - len(waiting)
    known = habits(waiting)
    console.print(Text("What to do next", style="bold"))
    for summary, item in waiting:
        owner = f" ({', '.join(shown(owner) for owner in item.owners)})" if item.owners else ""
        place = broken(f"{shown(summary.path)}:{item.line}", console.width - 2)
        _flow(Text(f"{place}  {shown(item.text)}{owner}"), console, indent=2)
        if habit := known.get((summary.path, item.line)):
            _flow(Text(shown(habit), style="dim"), console, indent=6)
    if more > 0:
        console.print(Text(f"  and {more} more before the tag"))
    if waiting:
        summary, item = waiting[0]
        place = quote(f"{'./' if summary.path.startswith('-') else ''}{shown(summary.path)}:{item.line}")
        _flow(Text(f"checktrail tick {broken(place, console.width - 2)}", style="dim"), console, indent=2)
    else:
        console.print(Text("  Everything due before the tag is done.", style="green"))


def _past(standings: Standings, console: Console) -> None:
    """The checklists of past releases in one line, the highest version first, each by its tag as people wrote it."""
    # All of them read as versions: how else would they have a tag?
    dated = [(version, one) for one in standings.past if (version := version_with(None, one.release or ""))]
    past = [one for _, one in sorted(dated, key=itemgetter(0), reverse=True)]
    if not past:
        return
    tags = list(dict.fromkeys(shown(standings.tags[one.path]) for one in past))
    said = ", ".join(tags[:_TAGS]) + (", …" if len(tags) > _TAGS else "")
    of_releases = "of a past release stands" if len(past) == 1 else "of past releases stand"
    _flow(Text(f"{counted(len(past), 'checklist')} {of_releases} apart: {said}"), console)


def _apart(summaries: Sequence[Summary], console: Console) -> None:
    """The files with boxes that the headline leaves out, so that nothing is left out in silence."""
    for binding, one, many in (
        (Binding.TEMPLATE, "template", "templates"),
        (Binding.OTHER, "other file with boxes", "other files with boxes"),
    ):
        paths = [shown(one.path) for one in summaries if one.binding is binding]
        if paths:
            shown_paths = ", ".join(broken(path, console.width - 2) for path in paths[:_OTHERS]) + (
                ", …" if len(paths) > _OTHERS else ""
            )
            _flow(Text(f"{counted(len(paths), one, many)} not counted: {shown_paths}"), console)
