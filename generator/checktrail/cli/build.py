"""`checktrail build`: the release site."""

from __future__ import annotations

from pathlib import Path

import click

from checktrail.cli.door import door
from checktrail.config import ENGINES


@click.command(short_help="Build the release site.")
@click.option(
    "--site-dir", type=click.Path(path_type=Path), help="Where the site goes; default: `site` in the repository."
)
@click.option("--engine", type=click.Choice(ENGINES), help="The site builder; default: the setting `site.engine`.")
@click.option("--strict", is_flag=True, help="Fail on any warning, and leave the site that is there.")
@click.option("--open", "show", is_flag=True, help="Open the finished site in a browser.")
@click.option("--allow-shallow", is_flag=True, help="Build a shallow clone's site too; every page says so.")
def command(*, site_dir: Path | None, engine: str | None, strict: bool, show: bool, allow_shallow: bool) -> int:
    r"""Build the release site.

    Needs no configuration: a repository with checklists and tags is enough. Where the repository has a `mkdocs.yml`
    that names the `checktrail` plugin, the pages are added to that site; Zensical runs no plugins and builds our pages
    alone. The new site replaces the old one whole.

    \b
    Examples:
      checktrail build
      checktrail -C ../service build --site-dir /tmp/service --open
      checktrail build --strict
      checktrail build --engine zensical
    """
    from checktrail.site.build import build

    asked = door()
    repository = asked.repository()
    asked.heed_shallow(repository, allowed=allow_shallow)
    folder = repository.worktree or repository.git_dir
    with asked.working("Building the site"):
        built = build(
            folder, site_dir or folder / "site", strict=strict, allow_shallow=allow_shallow, engine=engine or ""
        )
    for warning in built.warnings:
        asked.say(f"warning: {warning}")
    if strict and built.warnings:
        click.echo(f"checktrail: not put in place: {len(built.warnings)} warnings with --strict", err=True)
        return 1
    asked.say(f"{built.pages} pages in {built.folder}")
    if show:
        click.launch((built.folder / "index.html").as_uri())
    return 0
