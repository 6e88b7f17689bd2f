"""`checktrail export`: the record in machine-readable forms."""

from __future__ import annotations

import os
from pathlib import Path

import click

from checktrail.cli.door import door

_FORMS = ("json",)


@click.command()
@click.option("--to", "target", metavar="DIR|FILE", required=True, help="Where to write; a folder, or one file.")
@click.option("--as", "forms", type=click.Choice(_FORMS), multiple=True, help="The form; may be given again.")
def command(target: str, forms: tuple[str, ...]) -> None:
    r"""The record in machine-readable forms.

    \b
    Examples:
      checktrail export --as json --to record.json    checktrail.record/1
    """
    del forms
    from checktrail.config import read_settings
    from checktrail.exports.objects import files_in_force
    from checktrail.exports.provenance import run_form
    from checktrail.exports.record import encoded_record, record_document
    from checktrail.record import read_record
    from checktrail.writing import replace_file

    here = door()
    repository = here.repository()
    repository.refuse_shallow()
    settings = read_settings(repository.worktree)
    with here.working("Reading the history"):
        record = read_record(repository, settings, here.store())
    files = files_in_force(repository, settings)
    is_given = os.environ.get("SOURCE_DATE_EPOCH", "").isdigit()
    run = run_form(record, files, ["export", "--as=json"], is_given_epoch=is_given)
    path = Path(here.directory, target)
    content = "".join(encoded_record(record_document(record, run)))
    replace_file(path.parent, path.name, content.encode("ascii"))
