"""Runs of the command line in forks of one process that has everything imported, to be killed in the middle of work.

As a script: one JSON list of arguments a line on standard input; for each, a fork in a session of its own, its process
id on standard output, and when it is over its exit code (negative: the signal that ended it).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self


class Forked:
    """The forking process; used with `with`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(environment)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(self, *arguments: str) -> int:
        """Start a run; its process id, which is its group's too."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(arguments)}\n")
        self._process.stdin.flush()
        return self._number()

    def ended(self) -> int:
        """Wait for the run's end; its exit code."""
        return self._number()

    def _number(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


def _serve() -> None:
    from importlib import import_module

    from checktrail.cli import run

    # Imported once for all forks, so that they are killed at work and not on their way to it.
    for name in ("git", "mkdocs.commands.build", "checktrail.exports.exporting", "checktrail.site.build"):
        import_module(name)

    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.setsid()
            log = Path(os.environ["FORKED_LOG"]).open("ab")  # noqa: SIM115 (open as long as the fork is)
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            code = 70
            try:
                code = run(json.loads(line))
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        print(child, file=answers, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    _serve()
