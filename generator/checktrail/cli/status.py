"""`checktrail status`: where every checklist stands, and what to do next."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checktrail.cli.checklists import Found
    from checktrail.git import Repository
    from checktrail.model import Item
    from checktrail.summaries import Summary


@click.command(short_help="Completion of the checklists, and what to do next.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the answer.")
@click.option("--require-complete", is_flag=True, help="Exit 1 unless everything due before the tag is ticked.")
def command(*, paths: tuple[str, ...] = (), form: str = "text", require_complete: bool = False) -> int:
    r"""Completion of the checklists, and what to do next.

    Without a PATH every tracked Markdown file that holds boxes is read, as it stands on disk; release checklists make
    the headline. Those of versions that are tagged already are summed up in one line of the text form, and other files
    with boxes are counted apart. A PATH may be any file or folder, in or out of a repository.

    With three releases and more, "What to do next" says who usually ticks an item, and when. --require-complete judges
    every release checklist, those of past releases too, or the files that are named.

    \b
    Examples:
      checktrail status                            where every checklist stands
      checktrail status checklists/v1.2.0.md       one of them, section by section
      checktrail status --require-complete         the gate before a tag
      checktrail status --format json              checktrail.status/1
    """
    from checktrail.cli.checklists import found_checklists
    from checktrail.cli.reach import repository_or_none
    from checktrail.garbage import uncollected

    with uncollected():
        repository = repository_or_none(needed=not paths, reads_files="status")
        found = found_checklists(paths, repository, as_json=form == "json")
        if form == "json":
            _put_out(found)
        else:
            _show(found, repository, named=bool(paths))
        return _gate(found, named=bool(paths)) if require_complete else 0


def _put_out(found: Found) -> None:
    from checktrail.exports.status import encoded_status

    parts = encoded_status(one.line for one in found.told)
    while some := "".join(islice(parts, _AT_ONCE)):
        click.echo(some, nl=False)


def _show(found: Found, repository: Repository | None, *, named: bool) -> None:
    from checktrail.cli.past import tagged_versions
    from checktrail.cli.standing import Standings, show

    versions = tagged_versions(repository, found.settings)
    summaries = [one.summary for one in found.told]
    tags = {one.path: None if named else versions.tag_of(one.path, one) for one in summaries}

    def habits(waiting: Sequence[tuple[Summary, Item]]) -> Mapping[tuple[str, int], str]:
        """Silent where history cannot show a habit, so that it is not read in vain."""
        if repository is None or versions.finals < found.settings.metrics.habit_cycles:
            return {}
        if repository.is_shallow or repository.is_partial:
            return {}
        from checktrail.cli.habits import habit_sentences

        return habit_sentences(waiting, repository, found)

    show(Standings(summaries, tags, found.checklist, named=named), door().console(), habits)


def _gate(found: Found, *, named: bool) -> int:
    """1 when something due before the tag is open, or when there is nothing that could prove it is not."""
    from checktrail.errors import shown
    from checktrail.model import Binding

    counts = {
        one.summary.path: one.summary.totals
        for one in found.told
        if named or one.summary.binding in (Binding.OWN, Binding.LIVING)
    }
    if not any(count.items for count in counts.values()):
        door().say("Nothing proves completeness: no release checklist holds an item.")
        return 1
    for path in found.unread:
        door().say(f"Nothing proves completeness: {shown(path)} could not be read whole.")
    waiting = [path for path, count in counts.items() if count.required_ticked < count.required]
    if waiting:
        more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
        door().say(f"Not complete: {', '.join(map(shown, waiting[:_NAMED]))}{more}")
    return int(bool(found.unread or waiting))


_NAMED = 5
_AT_ONCE = 100
