"""`checktrail completion SHELL`: the script that completes commands and options."""

from __future__ import annotations

import click

_PROGRAM = "checktrail"
_VARIABLE = "_CHECKTRAIL_COMPLETE"


@click.command(short_help="Completion for bash, zsh or fish.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    r"""Completion for bash, zsh or fish.

    Prints a script for the shell to read when it starts. Commands and options are then completed by the program itself,
    so that the script stays right when checktrail is updated.

    \b
    Examples:
      checktrail completion bash > \
        ~/.local/share/bash-completion/completions/checktrail
      checktrail completion zsh > ~/.zfunc/_checktrail
      checktrail completion fish > ~/.config/fish/completions/checktrail.fish
    """
    from click.shell_completion import get_completion_class

    from checktrail.cli import group

    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover -- click has had all three since 8.0
        raise click.UsageError(f"click knows no completion for {shell}")
    maker = kind(group, {}, _PROGRAM, _VARIABLE)
    # Not `source()`: for bash that starts a shell to ask its version, and talks about it.
    click.echo(maker.source_template % maker.source_vars())
