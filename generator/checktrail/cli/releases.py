"""`checktrail releases`: the releases, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from rich.table import Table

    from checktrail.git import Repository
    from checktrail.notes import Past
    from checktrail.notes.backports import Matrix
    from checktrail.releases import Membership

_MANY = 5
_SHORT = 10


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the answer.")
@click.option("-n", "--last", type=click.IntRange(min=1), help="Only the newest N, in the text form.")
@click.option("--contains", metavar="REV", help="Only: which releases hold this commit, or a cherry-pick of it?")
@click.option("--backports", is_flag=True, help="Only: changes that were carried between release lines, as a table.")
@click.option("--allow-shallow", is_flag=True, help="Answer in a shallow clone too; what is cut off stays unknown.")
def command(*, form: str, last: int | None, contains: str | None, backports: bool, allow_shallow: bool) -> None:
    r"""The releases, one line each.

    A release is a tag that reads as a version. Newest first in the text form; each is compared with its base, the
    highest lower version before it.

    \b
    Examples:
      checktrail releases                    every release, newest first
      checktrail releases -n 5               the newest five
      checktrail releases --contains 1a2b3c  is this fix in 2.4.7?
      checktrail releases --format json      checktrail.releases/1
    """
    repository = door().repository()
    door().heed_shallow(repository, allowed=allow_shallow)
    if contains is not None or backports:
        _show_carried(repository, contains, form)
    else:
        _show_releases(repository, last, form)


def _show_carried(repository: Repository, contains: str | None, form: str) -> None:
    """Which releases hold a commit, or all that was carried between release lines."""
    from checktrail.noting import read_past
    from checktrail.worktree import repository_settings

    with door().working("Reading the history"):
        past = read_past(repository, repository_settings(repository), None)
    _show(_matrices(past, None if contains is None else repository.resolve(contains)), form)


def _show_releases(repository: Repository, last: int | None, form: str) -> None:
    from checktrail.releasing import read_releases
    from checktrail.worktree import repository_settings

    here = door()
    with here.working("Reading the history"):
        found = read_releases(repository, repository_settings(repository))
    if form == "json":
        from checktrail.exports.releases import releases_document
        from checktrail.exports.wire import encoded

        click.echo(encoded(releases_document(found, is_cut_off=repository.is_shallow)), nl=False)
    else:
        if found.releases:
            here.console().print(_table(found, last))
        else:
            here.say(_nothing(found))
        _say_ignored(found)


def _matrices(past: Past, commit: str | None) -> tuple[Matrix, ...]:
    """The matrix of every component, of one commit or of all that was carried; without the empty ones."""
    from checktrail.notes.backports import backports, matrix_of

    components = dict.fromkeys(release.component for release in past.membership.releases)
    matrices = (
        backports(past, component) if commit is None else matrix_of(past, component, (commit,))
        for component in components
    )
    return tuple(matrix for matrix in matrices if matrix.rows)


def _show(matrices: tuple[Matrix, ...], form: str) -> None:
    from checktrail.errors import shown

    if form == "json":
        from checktrail.exports.releases import backports_document
        from checktrail.exports.wire import encoded

        click.echo(encoded(backports_document(matrices)), nl=False)
        return
    for matrix in matrices:
        if matrix.component is not None:
            click.echo(shown(matrix.component))
        for row in matrix.rows:
            click.echo(f"{row.commit[:_SHORT]}  {shown(row.text)}")
            for line, cell in zip(matrix.lines, row.shipped, strict=True):
                pick = "" if cell is None or cell.commit == row.commit else f"  as {cell.commit[:_SHORT]}"
                where = "no" if cell is None else f"since {shown(cell.tag)}{pick}"
                click.echo(f"  {line:10} {where}")
    if not matrices:
        door().say("No change was carried from one release line to another.")


def _table(found: Membership, last: int | None) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from checktrail.errors import shown
    from checktrail.exports.wire import moment

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Release", no_wrap=True)
    table.add_column("Date", no_wrap=True)
    table.add_column("New", justify="right")
    table.add_column("From others", justify="right")
    table.add_column("Compared with")
    newest = found.releases[::-1]
    for release in newest[:last]:
        tag = Text(shown(release.tag), style="dim" if release.prerelease else "bold")
        new = f"= {shown(release.alias_of)}" if release.alias_of else str(len(release.new))
        off_line = "" if release.base is None or release.base_is_ancestor else " (another line)"
        table.add_row(
            tag,
            moment(release.at)[:10],
            new,
            str(len(release.also_included) or ""),
            f"{shown(release.base or '-')}{off_line}",
        )
    if last is None or last >= len(newest):
        table.add_row("unreleased", "", str(len(found.unreleased)), "", "", style="dim")
    return table


def _nothing(found: Membership) -> str:
    if found.ignored:
        return "No tag of this repository reads as a version."
    return "This repository has no tags; a release is a tag that reads as a version, such as v1.0.0."


def _say_ignored(found: Membership) -> None:
    from checktrail.cli.wording import counted
    from checktrail.errors import shown

    if not found.ignored:
        return
    door().say(f"{counted(len(found.ignored), 'tag is no release', 'tags are no releases')}:")
    for ignored in found.ignored[:_MANY]:
        door().say(f"  {shown(ignored.tag)}: {shown(ignored.reason)}")
    if len(found.ignored) > _MANY:
        door().say("  and more: see ignored_tags in `checktrail releases --format json`")
