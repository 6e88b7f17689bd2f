"""What tables are printed on."""

from __future__ import annotations

from rich.console import Console


class Terminal(Console):
    """A terminal of rich that leaves the exit code to us when its reader goes away."""

    def on_broken_pipe(self) -> None:
        """Let the error go on, which rich would turn into exit code 1."""
        raise  # noqa: PLE0704 -- rich calls this where it handles the error
