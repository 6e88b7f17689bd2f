"""`checktrail ledger`: the tags seen, as a hash chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.config import Settings
    from checktrail.git import Repository
    from checktrail.inquiry import Inquiry


@click.group(short_help="The tags seen, as a hash chain.")
def command() -> None:
    r"""The tags seen, as a hash chain.

    A fresh clone cannot show that a tag was moved. The ledger can: each line tells a tag as it was first seen and names
    the digest of the line before. It is trust on first use: what was false by then stays unseen. Let CI append to it
    and commit it to a protected branch.

    \b
    Examples:
      checktrail ledger update        append the tags that are new or changed
      checktrail ledger verify        exit 1: a tag moved, or the chain is broken
    """


@command.command(short_help="Append the tags that are new or changed.")
@click.option("--dry-run", is_flag=True, help="Print the lines and write nothing.")
def update(dry_run: bool) -> int:  # noqa: FBT001 -- click's way
    """Append the tags that are new, changed, or judged otherwise than before."""
    from checktrail.audit.chain import appended
    from checktrail.errors import OutputError, UsageError, shown
    from checktrail.ledger import contradictions, entries

    written = _ledger()
    repository, settings, found = _looked()
    for one in contradictions(found.evidence):
        door().say(f"{one.code} {shown(one.tag)}: {shown(one.sentence)}")
    text = written.decode("utf-8", "replace")
    lines = appended(text, entries(found.evidence, found.audit))
    if dry_run or not lines.strip():
        click.echo(lines.lstrip("\n"), nl=False)
        door().say("the ledger is up to date" if not lines.strip() else "nothing was written")
        return 0
    if repository.worktree is None:
        raise UsageError("a bare repository has no files to write to", hint="run this in a clone with files")
    if found.evidence.ledger.faults or found.evidence.ledger.lost:
        raise OutputError(
            "the ledger's chain is broken or lost lines, so nothing is appended to it",
            hint="see `checktrail ledger verify`, and restore the file from history",
        )
    from checktrail.writing import replace_file

    path = repository.worktree / settings.audit.ledger
    replace_file(repository.worktree, path, (text + lines).encode("utf-8"), was=written)
    count = lines.strip().count("\n") + 1
    door().say(f"{count} line{'s' if count != 1 else ''} appended to {shown(settings.audit.ledger)}; now commit it")
    return 0


@command.command(short_help="Compare the tags with what the ledger saw.")
def verify() -> int:
    """Compare the tags with what the ledger saw; exit 1 when they differ or its chain is broken."""
    from checktrail.errors import shown
    from checktrail.ledger import contradictions

    _, settings, found = _looked()
    ledger = found.evidence.ledger
    contrary = list(contradictions(found.evidence))
    for one in contrary:
        about = f"{shown(one.tag)}: " if one.tag else ""
        click.echo(f"{one.code}  {about}{shown(one.sentence)}")
    if contrary:
        return 1
    if not ledger.entries:
        door().say(f"{shown(settings.audit.ledger)} has seen no tag yet; begin it with `checktrail ledger update`")
        return 0
    click.echo(f"{len(ledger.entries)} lines hold, each chained to the one before (trust on first use)")
    return 0


def _looked() -> tuple[Repository, Settings, Inquiry]:
    from checktrail.config import read_settings
    from checktrail.inquiry import inquire
    from checktrail.record import read_record

    here = door()
    repository = here.repository()
    settings = read_settings(repository.worktree)
    with here.working("Reading the history"):
        record = read_record(repository, settings, here.store())
        return repository, settings, inquire(repository, record)


def _ledger() -> bytes:
    """The ledger's file as it stands, read before anything is compared with it: no other run's lines are lost."""
    from checktrail.config import read_settings

    root = door().repository().worktree
    path = root / read_settings(root).audit.ledger if root is not None else None
    return path.read_bytes() if path is not None and path.is_file() else b""
