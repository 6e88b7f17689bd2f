"""The command line: commands, and the one place that catches errors and chooses exit codes.

Each command is a module of this folder with an object `command`; it is imported when it runs, so that `--help` starts
at once. Data goes to standard output, talk and progress to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from checktrail import __version__
from checktrail.cli.door import Door
from checktrail.errors import ChecktrailError, shown
from checktrail.garbage import seldom

# Name to (part of the help, one line, module); the line must equal the command's own, which a test checks.
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "status": ("Daily", "Completion of the checklists, and what to do next."),
        "build": ("Daily", "Build the release site."),
        "serve": ("Daily", "Serve the release site and rebuild it as you edit."),
        "lint": ("Daily", "Check the checklists, and fix what is safe to fix."),
        "diff": ("Daily", "What a change does to the checklists."),
        "tick": ("Daily", "Tick one item, byte for byte."),
        "new": ("Release", "Start the checklist of the next release."),
        "releases": ("Release", "The releases, one line each."),
        "notes": ("Release", "The release notes of a tag, or from one to another."),
        "metrics": ("Release", "Release metrics, each with its grade."),
        "audit": ("Audit", "Sign-offs and findings of releases; the gate."),
        "log": ("Audit", "The trail of an item or a checklist."),
        "ledger": ("Audit", "The tags seen, as a hash chain."),
        "export": ("Audit", "The record in machine-readable forms."),
        "verify": ("Audit", "Check an evidence bundle offline."),
        "init": ("Set up", "Set up checktrail in a repository."),
        "demo": ("Set up", "Write a scripted repository in which every feature has something to show."),
        "table": ("Set up", "The completion table kept in a file."),
        "rule": ("Set up", "What a rule means and how to satisfy it."),
        "config": ("Set up", "The settings and where each comes from."),
        "completion": ("Set up", "Completion for bash, zsh or fish."),
        "portfolio": ("Set up", "One site over many repositories."),
    }
)


_WIDEST_HELP, _NARROWEST_HELP = 100, 50
# As a shell reports a program that SIGPIPE ended, git among them.
_UNREAD = 141


class _ReaderLeftError(Exception):
    """Whoever reads our output went away; click would take an `OSError` for findings and leave with 1."""


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise _ReaderLeftError from None


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """The context of a run; the help may be what is written here."""
        with _reader_may_leave():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and bring out all that it wrote."""
        with _reader_may_leave():
            outcome = super().invoke(ctx)
            sys.stdout.flush()
            return outcome

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the help."""
        del ctx
        folder = os.path.dirname(__file__)  # noqa: PTH120 -- pathlib costs start-up time
        return [name for name in COMMANDS if os.path.exists(os.path.join(folder, f"{name}.py"))]  # noqa: PTH110, PTH118 -- as above

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"checktrail.cli.{cmd_name}").command
        return _unwrapped(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; a misspelt one is answered with the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if near:
                sentence = f"{error.message.rstrip('.')}; did you mean {near[0]}?"
                raise click.UsageError(sentence, error.ctx) from None
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings, without importing them."""
        parts: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            part, line = COMMANDS[name]
            parts.setdefault(part, []).append((name, line))
        for part, rows in parts.items():
            with formatter.section(part):
                formatter.write_dl(rows)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDEST_HELP},
    epilog="Exit codes: 0 fine, 1 findings, 2 could not run, 3 evidence incomplete (audit).",
)
@click.option("-C", "directory", metavar="DIR", default=".", help="Run as if started in DIR, as in git.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour in the terminal; NO_COLOR and FORCE_COLOR are heeded too.",
)
@click.option("-q", "--quiet", is_flag=True, help="No talk and no progress on standard error.")
@click.option("-v", "--verbose", is_flag=True, help="Say on standard error what is being done.")
@click.version_option(__version__, message="checktrail %(version)s")
@click.pass_context
def group(ctx: click.Context, directory: str, color: str, quiet: bool, verbose: bool) -> None:  # noqa: FBT001 -- click's way
    r"""What was ticked when a release went out, by whom, and was it before the tag?

    checktrail answers from git alone. Without a command it shows the status.

    \b
    Examples:
      checktrail                             where every checklist stands
      checktrail build --site-dir site       the release site of this repository
      checktrail -C ../service releases      another repository's releases
    """
    ctx.obj = Door(directory=directory, color=color, quiet=quiet, verbose=verbose)
    if ctx.invoked_subcommand is None:
        ctx.invoke(import_module("checktrail.cli.status").command)


def _unwrapped(command: click.Command) -> click.Command:
    """The command with its help's examples left as they stand: in raw docstrings the mark for that is text."""
    if command.help:
        command.help = command.help.replace("\\b\n", "\b\n")
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _unwrapped(inner)
    return command


_unwrapped(group)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a terminal that cannot show a character shows its number
    seldom()
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; its exit code."""
    try:
        outcome = group.main(
            args=arguments, prog_name="checktrail", standalone_mode=False, terminal_width=_help_width()
        )
    except click.exceptions.Abort:
        return _say("stopped", "", 130)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"see `{context.command_path} --help`" if context is not None else ""
        return _say(error.format_message(), hint, 2)
    except ChecktrailError as error:
        return _say(error.sentence, error.hint, error.exit_code)
    except _ReaderLeftError:  # `| head` has seen enough; what stands in the buffer has nowhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD
    return outcome if isinstance(outcome, int) else 0


def _help_width() -> int:
    """How wide the help is, as click would say it, which imports archives and compression to ask for the terminal."""
    columns = os.environ.get("COLUMNS", "")
    if not columns.isdecimal() or not int(columns):
        try:
            columns = str(os.get_terminal_size(sys.__stdout__.fileno()).columns)  # type: ignore[union-attr] # caught
        except (AttributeError, ValueError, OSError):
            columns = "80"
    return max(min(int(columns) or 80, _WIDEST_HELP) - 2, _NARROWEST_HELP)


def _say(sentence: str, hint: str, code: int) -> int:
    click.echo(f"checktrail: {shown(sentence)}", err=True)
    for line in hint.splitlines():
        click.echo(f"  {shown(line)}", err=True)
    return code
