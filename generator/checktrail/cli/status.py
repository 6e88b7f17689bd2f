"""`checktrail status`: where every checklist stands, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.cli.checklists import Found


@click.command(short_help="Completion of the checklists, and what to do next.")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the answer.")
@click.option("--require-complete", is_flag=True, help="Exit 1 unless everything due before the tag is ticked.")
def command(*, paths: tuple[str, ...] = (), form: str = "text", require_complete: bool = False) -> int:
    r"""Completion of the checklists, and what to do next.

    Without a PATH every tracked Markdown file that holds boxes is read, as it stands on disk; release checklists make
    the headline, other files with boxes are counted apart. A PATH may be any file or folder, in or out of a repository.

    \b
    Examples:
      checktrail status                              where every checklist stands
      checktrail status checklists/v1.2.0.md         one of them, section by section
      checktrail status --require-complete           the gate before a tag
      checktrail status --format json                checktrail.status/1
    """
    from checktrail.cli.checklists import found_checklists
    from checktrail.cli.reach import repository_or_none

    found = found_checklists(paths, repository_or_none(needed=not paths))
    if form == "json":
        from checktrail.exports.status import encoded_status

        for part in encoded_status(found.revisions):
            click.echo(part, nl=False)
    else:
        from checktrail.cli.standing import show

        show(found.revisions, door().console(), named=bool(paths))
    return _gate(found, named=bool(paths)) if require_complete else 0


def _gate(found: Found, *, named: bool) -> int:
    """1 when something due before the tag is open, or when there is nothing that could prove it is not."""
    from checktrail.completion import totals
    from checktrail.errors import shown
    from checktrail.model import Binding

    counts = [
        totals(revision.checklist)
        for revision in found.revisions
        if named or revision.bound.binding in (Binding.OWN, Binding.LIVING)
    ]
    if not any(count.items for count in counts):
        door().say("Nothing proves completeness: no release checklist holds an item.")
        return 1
    for path in found.unread:
        door().say(f"Nothing proves completeness: {shown(path)} could not be read whole.")
    return int(bool(found.unread) or any(count.required_ticked < count.required for count in counts))
