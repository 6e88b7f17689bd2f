"""`checktrail portfolio`: one site over many repositories."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from checktrail.portfolio.reading import Reading

_FORMS = ("json", "csv", "parquet")
_ASKED = frozenset({"json", "csv"})
_AN_HOUR = 3600


@click.command(short_help="One site over many repositories.")
@click.argument("listing", metavar="[LIST]", type=click.Path(path_type=Path), default=Path("portfolio.toml"))
@click.option("--site-dir", type=click.Path(path_type=Path), help="Where the site goes; default: `site`, here.")
@click.option(
    "--export-to", type=click.Path(path_type=Path), metavar="DIR", help="Write the document and its tables there."
)
@click.option(
    "--as", "forms", type=click.Choice(_FORMS), multiple=True, help="What is exported; default: json and csv."
)
@click.option("--jobs", type=click.IntRange(1, 1024), help="How many are read at once; default: one a processor.")
@click.option("--timeout", type=click.FloatRange(0), default=_AN_HOUR, help="Seconds for each; 0: no limit.  [3600]")
@click.option(
    "--scheduler", type=click.Choice(["processes", "dask"]), default="processes", help="Who reads.  [processes]"
)
@click.option("--scheduler-address", metavar="ADDRESS", default="", help="A Dask scheduler that runs already.")
@click.option("--strict", is_flag=True, help="End with 1, and leave the site that is there, when one is not read.")
@click.option("--open", "show", is_flag=True, help="Open the finished site in a browser.")
def command(*, listing: Path, site_dir: Path | None, export_to: Path | None, strict: bool, **how: Any) -> int:
    r"""One site over many repositories.

    LIST is a TOML file, a file with one path a line, or a folder whose folders and JSON files are the list. A path
    leads to a clone, or to what was exported elsewhere: `portfolio.json`, or a folder with `record.json` and, beside
    it, `audit.json` and `metrics.json`. Nothing is cloned or fetched.

    Each is read by itself. One that cannot be is named, on standard error and on the site, and the others are there.

    \b
    title = "Harbour Works"
    site = "https://harbour.example/{name}/"     where each has its own site
    [[repository]]
    path = "../pilot"
    [[repository]]
    path = "artifacts/*"                         what CI jobs have exported

    \b
    Examples:
      checktrail portfolio                              the list in portfolio.toml
      checktrail portfolio artifacts/ --site-dir public
      checktrail portfolio repositories.txt --jobs 8 --strict
      checktrail portfolio --export-to tables/ --as parquet
      checktrail portfolio --scheduler dask --scheduler-address tcp://dask:8786
    """
    here = Path(door().directory)
    place, target = here / listing, here / (site_dir or "site")
    written = [each for each in (target, here / export_to if export_to else None) if each]
    _refuse_detours(here, written)
    document = _gathered(place, written, how)
    broken = document["broken"]
    if strict and broken:
        click.echo(f"checktrail: nothing put in place: {len(broken)} not read with --strict", err=True)
        return 1
    if export_to is not None:
        _export(document, here / export_to, how["forms"])
        if site_dir is None:
            return 0
    return _build(document, place, target, strict=strict, show=how["show"])


def _refuse_detours(here: Path, written: Iterable[Path]) -> None:
    from checktrail.writing import checkout, refuse_detour

    for each in written:
        refuse_detour(checkout(here), each)


def _gathered(place: Path, leave_out: Iterable[Path], how: Mapping[str, Any]) -> dict[str, Any]:
    """The document of the list; what is not in it is said."""
    from checktrail.errors import UsageError, shown
    from checktrail.portfolio.gathering import gathered, named_twice
    from checktrail.portfolio.listing import read_listing

    if how["scheduler_address"] and how["scheduler"] != "dask":
        raise UsageError("--scheduler-address goes with --scheduler dask")
    listing = read_listing(place, leave_out)
    whole = len(listing.members)
    with door().counting("Reading repositories", whole) as tell:
        document = gathered(listing, lambda places: _read(places, how), tell)
    for each in document["broken"]:
        click.echo(f"checktrail: {shown(each['name'])}: {shown(each['sentence'])}", err=True)
    for name in named_twice(document):
        door().say(f"several repositories are called {shown(name)}: give each a name in the list")
    missing = len(document["broken"])
    door().say(f"{len(document['repositories'])} repositories read" + (f", {missing} not" if missing else ""))
    return document


def _read(places: Sequence[str], how: Mapping[str, Any]) -> Iterable[tuple[int, Reading]]:
    jobs = min(how["jobs"] or os.cpu_count() or 1, len(places))
    if how["scheduler"] == "dask":
        from checktrail.portfolio.cluster import read_on_cluster

        return read_on_cluster(places, how["scheduler_address"], jobs, how["timeout"])
    from checktrail.portfolio.processes import read_in_processes

    return read_in_processes(places, jobs, how["timeout"])


def _export(document: Mapping[str, Any], target: Path, forms: tuple[str, ...]) -> None:
    from checktrail.errors import OutputError, shown
    from checktrail.portfolio.exporting import portfolio_files
    from checktrail.writing import drafts, put_in_place

    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{shown(target)} is no folder to write into: {error.strerror or error}") from None
    with drafts(target) as folder:
        made = {}
        for name, put in portfolio_files(document, forms or _ASKED):
            made[target / name] = folder / name
            put(folder / name)
        told = [f"wrote {shown(place)} ({draft.stat().st_size} bytes)" for place, draft in made.items()]
        put_in_place(made)
    for line in told:
        door().say(line)


def _build(document: Mapping[str, Any], place: Path, target: Path, *, strict: bool, show: bool) -> int:
    from checktrail.portfolio.building import build_portfolio

    with door().working("Building the site"):
        built = build_portfolio(document, place, target, strict=strict)
    for warning in built.warnings:
        door().say(f"warning: {warning}")
    if strict and built.warnings:
        click.echo(f"checktrail: not put in place: {len(built.warnings)} warnings with --strict", err=True)
        return 1
    door().say(f"{built.pages} pages in {built.folder}")
    if show:
        click.launch((target / "index.html").absolute().as_uri())
    return 0
