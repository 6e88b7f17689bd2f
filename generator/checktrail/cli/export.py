"""`checktrail export`: the record in machine-readable forms."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMS = ("json", "audit", "portfolio", "csv", "sqlite", "in-toto", "oscal", "sarif", "junit", "bundle", "parquet")
_ONLY_BY_NAME = frozenset({"parquet"})  # it needs an extra
_BY_NAME = {"audit.json": "audit", "portfolio.json": "portfolio"}
_BY_SUFFIX = {
    ".json": "json",
    ".csv": "csv",
    ".sqlite": "sqlite",
    ".db": "sqlite",
    ".jsonl": "in-toto",
    ".sarif": "sarif",
    ".xml": "junit",
    ".zip": "bundle",
    ".parquet": "parquet",
}
_STDOUT = "-"
_MANY = 20


@click.command()
@click.option("--to", "target", metavar="DIR|FILE", required=True, help="Where to write; `-` is standard output.")
@click.option(
    "--as",
    "forms",
    type=click.Choice(_FORMS),
    metavar="FORM",
    multiple=True,
    help=f"Once or more: {', '.join(_FORMS)}. By default all but parquet.",
)
@click.option("--allow-shallow", is_flag=True, help="Export a shallow clone too; verdicts are indeterminate.")
def command(*, target: str, forms: tuple[str, ...], allow_shallow: bool) -> None:
    r"""The record in machine-readable forms.

    \b
    json      checktrail.record/1: every release with what it froze
    audit     checktrail.audit/1: sign-offs, findings and verdicts
    portfolio checktrail.portfolio/1: what `checktrail portfolio` needs
    csv       the tables of record and audit, safe in a spreadsheet
    sqlite    the same as a database, with views
    in-toto   a Statement per release, as JSON lines
    oscal     OSCAL assessment results
    sarif     the audit's findings for code scanning
    junit     the audit's findings for CI
    bundle    all of it with the git objects it rests on, for `checktrail verify`
    parquet   the tables for DuckDB; made only by name, with `checktrail[parquet]`

    A form that is one file goes to FILE, or into a folder that is there or ends in `/`. Without --as, FILE's name
    tells the form, and a folder gets all but parquet. The same repository gives the same bytes; SOURCE_DATE_EPOCH,
    where it is set, stands as the time in place of HEAD's.

    \b
    Examples:
      checktrail export --to evidence.zip          what to keep of a release
      checktrail export --as json --to record.json
      checktrail export --as csv --to tables/      one file a table
      checktrail export --as csv --to signoffs.csv
      checktrail export --to portfolio.json        for one site over many
      checktrail export --to record/               every form
    """
    from checktrail.errors import shown
    from checktrail.writing import refuse_detour, replace_file

    wanted = _wanted(target, forms)
    refuse_detour(door().repository().worktree, Path(door().directory, target))
    for path, content in _placed(target, wanted, _made(wanted, allow_shallow=allow_shallow)).items():
        if path is None:
            sys.stdout.buffer.write(content)
        else:
            replace_file(path.parent, path.name, content)
            door().say(f"wrote {shown(path)} ({len(content)} bytes)")


def _wanted(target: str, forms: tuple[str, ...]) -> frozenset[str]:
    """The forms asked for, by name or by the target's name; for a folder all that need no extra."""
    if forms:
        return frozenset(forms)
    form = _BY_NAME.get(Path(target).name.lower()) or _BY_SUFFIX.get(Path(target).suffix.lower())
    return frozenset(_FORMS) - _ONLY_BY_NAME if form is None or _is_folder(target) else frozenset((form,))


def _is_folder(target: str) -> bool:
    return target.endswith(("/", os.sep)) or Path(door().directory, target).is_dir()


def _made(wanted: frozenset[str], *, allow_shallow: bool) -> dict[str, bytes]:
    """The files of the forms asked for, by name."""
    from checktrail.exports.exporting import exported
    from checktrail.record import read_record
    from checktrail.worktree import repository_settings

    here = door()
    repository = here.repository()
    settings = repository_settings(repository)
    with here.working("Reading the history"):
        record = read_record(repository, settings, here.store(), allow_shallow=allow_shallow)
    if record.trails.unread:
        here.say(f"{len(record.trails.unread)} checklists could not be read at some commit; see `unread` in the record")
    with here.working("Exporting"):
        is_given = os.environ.get("SOURCE_DATE_EPOCH", "").isdigit()
        return exported(repository, record, wanted, is_given_epoch=is_given)


def _placed(target: str, wanted: frozenset[str], made: Mapping[str, bytes]) -> dict[Path | None, bytes]:
    """Where each file goes; None is standard output.

    Raises:
        UsageError: several files are to go into one.
    """
    path = Path(door().directory, target)
    if target != _STDOUT and (_is_folder(target) or (not _BY_SUFFIX.get(path.suffix.lower()) and len(made) > 1)):
        return {path / name: content for name, content in made.items()}
    one = [name for name in made if len(made) == 1 or name == path.name]
    if len(one) != 1:
        from checktrail.errors import UsageError, shown

        names = ", ".join(sorted(made)[:_MANY])
        raise UsageError(
            f"{shown(target)} is one file, and {' and '.join(sorted(wanted))} make {len(made)}",
            hint=f"name a folder (with a / at its end), or one of its files: {names}",
        )
    return {None if target == _STDOUT else path: made[one[0]]}
