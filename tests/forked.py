"""Runs of the command line in forks of one process that has everything imported: quick, and to be killed at work.

As a script with the arguments of a first run, which is no fork: what it leaves in memory, compiled templates above all,
the forks need not make again. Then one JSON object a line on standard input, either a run to start or the process whose
end is waited for; on standard output a number for each, the process or its exit code (negative: the signal that ended
it).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self


class Run(NamedTuple):
    """A run that was started: its process, which is its group's too, and the files that it speaks into."""

    process: int
    out: Path
    err: Path
    steps: Path


class Forked:
    """The forking process, which begins with a run of its own; used with `with`."""

    def __init__(self, folder: Path, *first: str, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._count = 0
        self._process = subprocess.Popen(
            [sys.executable, __file__, *first], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=dict(environment),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(
        self,
        *arguments: str,
        cwd: Path,
        environment: Mapping[str, str],
        dies_before: int = -1,
    ) -> Run:
        """Start a run; it is killed before the step of that number, from 1. With 0 its steps are written down alone."""
        self._count += 1
        files = [self._folder / f"{self._count}.{name}" for name in ("out", "err", "steps")]
        question = {
            "arguments": arguments, "cwd": str(cwd), "environment": dict(environment),
            "dies_before": dies_before, "files": [*map(str, files)],
        }  # fmt: skip
        return Run(self._asked(question), *files)

    def ended(self, run: Run) -> subprocess.CompletedProcess[str]:
        """Wait for a run's end; what came of it."""
        code = self._asked({"process": run.process})
        return subprocess.CompletedProcess([], code, *(file.read_bytes().decode() for file in (run.out, run.err)))

    def _asked(self, question: Mapping[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(question)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _serve(first: Sequence[str]) -> None:
    from checktrail.cli import run

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    assert run(first) == 0
    for line in sys.stdin:
        question = json.loads(line)
        if "process" in question:
            _, status = os.waitpid(question["process"], 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            answer = os.fork()
            if not answer:
                _fork(run, question)
        print(answer, file=answers, flush=True)


def _fork(run: Callable[[Sequence[str]], int], question: Mapping[str, Any]) -> None:
    """What the fork does; it never returns."""
    code = 70
    try:
        os.setsid()
        os.chdir(question["cwd"])
        os.environ.clear()
        os.environ.update(question["environment"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        *spoken, steps = (os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND) for name in question["files"])
        for number, file in enumerate(spoken, 1):
            os.dup2(file, number)
        if question["dies_before"] >= 0:
            _watch(steps, question["dies_before"])
        code = run(question["arguments"])
    except BaseException:  # noqa: BLE001 -- as at the end of any process
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


_CHANGES = frozenset({"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "sqlite3.connect"})
_VERB = re.compile(r"[a-z]+(?:-[a-z]+)*")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _watch(file: int, dies_before: int) -> None:
    """Write down whatever changes files or starts git before it does, a line each; die before one of them."""
    count = 0

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event == "subprocess.Popen":
            what = next((word for word in arguments[1][1:] if _VERB.fullmatch(word)), "")
        elif event in _CHANGES or (event == "open" and arguments[2] & _WRITES and isinstance(arguments[0], str)):
            what = arguments[0]
        else:
            return
        if what == os.devnull:
            return
        count += 1
        os.write(file, f"{event} {what}\n".encode(errors="backslashreplace"))
        if count == dies_before:
            os.killpg(0, signal.SIGKILL)

    sys.addaudithook(step)


if __name__ == "__main__":
    _serve(sys.argv[1:])
