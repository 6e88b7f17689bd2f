"""What every command is handed: where to look, and how to speak."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from checktrail.git import Repository
    from checktrail.store import Store


@dataclass(frozen=True, slots=True)
class Door:
    """The options that stand before the command."""

    directory: str = "."
    color: str = "auto"
    quiet: bool = False
    verbose: bool = False

    def repository(self) -> Repository:
        """The repository asked about.

        Raises:
            NoRepositoryError: there is none.
        """
        from checktrail.git import Repository

        return Repository.open(self.directory)

    def heed_shallow(self, repository: Repository, *, allowed: bool) -> None:
        """Refuse a history that is cut off; where it is allowed, say that nothing of it is certain.

        Raises:
            ShallowCloneError: history is cut off, and that is not allowed.
        """
        if not allowed:
            repository.refuse_shallow()
        elif repository.is_shallow:
            self.say("This clone is shallow: commits and tags are missing, so all of this is indeterminate.")

    def store(self) -> Store:
        """What is remembered between runs; said when it cannot be used."""
        from checktrail.store import Store

        store = Store.open()
        if store.why_not and self.verbose:
            self.say(f"running without a store: {store.why_not}")
        return store

    def console(self, *, stderr: bool = False) -> Console:
        """A terminal to print tables on, coloured as asked; rich heeds NO_COLOR and FORCE_COLOR itself."""
        from checktrail.cli.terminal import Terminal

        force = {"always": True, "never": False}.get(self.color)
        plain = self.color == "never" or (self.color == "auto" and bool(os.environ.get("NO_COLOR")))
        return Terminal(
            file=sys.stderr if stderr else sys.stdout,
            force_terminal=force,
            no_color=plain or None,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=False,
        )

    def say(self, sentence: str) -> None:
        """Talk, on standard error, unless asked to be quiet."""
        if not self.quiet:
            click.echo(sentence, err=True)

    @contextmanager
    def working(self, sentence: str) -> Iterator[None]:
        """A spinner on standard error while something slow runs, where somebody watches."""
        if self.quiet or not sys.stderr.isatty():
            yield
            return
        with self.console(stderr=True).status(sentence):
            yield

    @contextmanager
    def counting(self, sentence: str, whole: int) -> Iterator[Callable[[int], None]]:
        """A bar on standard error while something slow is counted through, where somebody watches."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda _: None
            return
        from rich.progress import Progress

        with Progress(console=self.console(stderr=True), transient=True) as progress:
            bar = progress.add_task(sentence, total=whole)
            yield lambda done: progress.update(bar, completed=done)


def door() -> Door:
    """The door of the command that is running."""
    found = click.get_current_context().find_object(Door)
    return found if found is not None else Door()
