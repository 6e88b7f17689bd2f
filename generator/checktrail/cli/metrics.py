"""`checktrail metrics`: release metrics, each with its grade."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.git import Repository
    from checktrail.metrics import Metrics


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the answer.")
@click.option("--days", type=click.IntRange(min=1), help="Only releases of the last so many days before HEAD.")
@click.option("--explain", is_flag=True, help="Say for each figure what was left out and why.")
@click.option("--allow-shallow", is_flag=True, help="Answer in a shallow clone too; every figure is n/a there.")
def command(*, form: str, days: int | None, explain: bool, allow_shallow: bool) -> None:
    r"""Release metrics, each with its grade.

    How often, how fast, how stable: after DORA's definitions, from tags, commits and ticks alone. A figure is measured,
    declared (somebody wrote it down), a proxy (inferred), or n/a, which is never 0.

    \b
    Examples:
      checktrail metrics                     every figure of the whole history
      checktrail metrics --days 365          those of the last year
      checktrail metrics --explain           what was left out, and why
      checktrail metrics --format json       checktrail.metrics/1
    """
    here = door()
    repository = here.repository()
    here.heed_shallow(repository, allowed=allow_shallow)
    found, is_whole = _metrics(repository, days)
    if form == "json":
        from checktrail.exports.metrics import metrics_document
        from checktrail.exports.wire import encoded

        click.echo(encoded(metrics_document(found, is_cut_off=not is_whole)), nl=False)
    else:
        from checktrail.cli.measures import show

        show(found, here.console(), explain=explain)


def _metrics(repository: Repository, days: int | None) -> tuple[Metrics, bool]:
    """The metrics of a repository, and whether all of it could be read."""
    from checktrail.measuring import measured
    from checktrail.record import read_record
    from checktrail.worktree import repository_settings

    here = door()
    settings = repository_settings(repository)
    if days is not None:
        settings = replace(settings, metrics=replace(settings.metrics, window_days=days))
    with here.working("Reading the history"):
        record = read_record(repository, settings, here.store(), allow_shallow=True)
        found = measured(repository, record)
    unread = len(record.trails.unread)
    if unread and not repository.is_shallow:
        here.say(f"{unread} checklists could not be read at some commit, so figures of ticks are indeterminate.")
    return found, not (unread or repository.is_shallow)
