"""`checktrail export`: the record in machine-readable forms."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checktrail.exports.exporting import Exported

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
    left_out = _exported(target, _wanted(target, forms), allow_shallow=allow_shallow)
    if left_out:
        click.echo(f"checktrail: there is no evidence.zip: {left_out}", err=True)


def _exported(target: str, wanted: frozenset[str], *, allow_shallow: bool) -> str:
    """Make the files of some forms and put them where they go; why there is no bundle among them, if that is so."""
    from checktrail.errors import shown
    from checktrail.writing import drafts, put_in_place, refuse_detour

    place = Path(door().directory, target)
    refuse_detour(door().repository().worktree, place)
    with drafts(Path(tempfile.gettempdir()) if target == _STDOUT else place) as folder:
        names, left_out = _made(wanted, folder, allow_shallow=allow_shallow)
        if target == _STDOUT:
            with (folder / _one(target, wanted, names)).open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            return left_out
        placed = _placed(target, wanted, names)
        told = [f"wrote {shown(path)} ({(folder / name).stat().st_size} bytes)" for path, name in placed.items()]
        put_in_place({path: folder / name for path, name in placed.items()})
    for line in told:
        door().say(line)
    return left_out


def _wanted(target: str, forms: tuple[str, ...]) -> frozenset[str]:
    """The forms asked for, by name or by the target's name; for a folder all that need no extra."""
    if forms:
        return frozenset(forms)
    form = _BY_NAME.get(Path(target).name.lower()) or _BY_SUFFIX.get(Path(target).suffix.lower())
    return frozenset(_FORMS) - _ONLY_BY_NAME if form is None or _is_folder(target) else frozenset((form,))


def _is_folder(target: str) -> bool:
    return target.endswith(("/", os.sep)) or Path(door().directory, target).is_dir()


def _made(wanted: frozenset[str], folder: Path, *, allow_shallow: bool) -> Exported:
    """The files of the forms asked for, which are put into a folder."""
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
        return exported(repository, record, wanted, folder, is_given_epoch=is_given)


def _placed(target: str, wanted: frozenset[str], names: Sequence[str]) -> dict[Path, str]:
    """Where each file goes."""
    path = Path(door().directory, target)
    if _is_folder(target) or (not _BY_SUFFIX.get(path.suffix.lower()) and len(names) > 1):
        return {path / name: name for name in names}
    return {path: _one(target, wanted, names)}


def _one(target: str, wanted: frozenset[str], names: Sequence[str]) -> str:
    """The file that goes where only one can.

    Raises:
        UsageError: there are several.
    """
    found = [name for name in names if len(names) == 1 or name == Path(target).name]
    if len(found) == 1:
        return found[0]
    from checktrail.errors import UsageError, shown

    there = ", ".join(sorted(names)[:_MANY])
    raise UsageError(
        f"{shown(target)} is one file, and {' and '.join(sorted(wanted))} make {len(names)}",
        hint=f"name a folder (with a / at its end), or one of its files: {there}",
    )
