"""`checktrail serve`: the release site, live."""

from __future__ import annotations

import click

from checktrail.cli.door import door


@click.command(short_help="Serve the release site and rebuild it as you edit.")
@click.option("--address", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--open", "show", is_flag=True, help="Open the site in a browser.")
def command(address: str, show: bool) -> None:  # noqa: FBT001 -- click's way
    r"""Serve the release site and rebuild it as you edit.

    A commit, a tag or an edit of a checklist rebuilds the pages. What no commit holds yet stands at the head of the
    pages that it concerns; all else is of commits. Stop with Ctrl-C.

    \b
    Examples:
      checktrail serve
      checktrail serve --address 127.0.0.1:8080 --open
    """
    from checktrail.site.build import serve

    asked = door()
    repository = asked.repository()
    asked.say(f"serving on http://{address}/, stop with Ctrl-C")
    serve(repository.worktree or repository.git_dir, address, show=show)
