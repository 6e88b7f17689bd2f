"""`checktrail demo DIR`: a scripted repository to try everything on."""

from __future__ import annotations

from pathlib import Path

import click

from checktrail.cli.door import door


@click.command(short_help="Write a scripted repository in which every feature has something to show.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    r"""Write a scripted repository in which every feature has something to show.

    Six releases of a made-up service: candidates and a hotfix line, sign-offs in time, late and born ticked, a text
    reworded under its tick, a merge that ticks, a roll-back, signed commits, and a release in flight. It is the same
    repository on every machine. DIR is made, and must be empty if it is there.

    \b
    Examples:
      checktrail demo tidepool
      checktrail -C tidepool status
      checktrail -C tidepool audit v2.0.0
    """
    from checktrail.demo import write_demo
    from checktrail.writing import checkout, refuse_detour

    here = Path(door().directory)
    target = here / folder
    refuse_detour(checkout(here), target)
    head = write_demo(target)
    click.echo(f"{target}: six releases, HEAD at {head[:12]}")
    door().say(f"  next: `checktrail -C {target} status`, or `build` and open the site")
