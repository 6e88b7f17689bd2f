"""Every place read in a process of its own, so that one that crashes or hangs takes nothing along.

In: places. Out: what each gives, as soon as it is there. Processes are forked from one that has everything imported,
where the system can; each has this process's environment and folder.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final

from checktrail.portfolio.reading import Failed, Reading, read_place

# The door's own module too: each process would run it again to find what it is to call.
_IMPORTED: Final = (
    "__main__",
    "checktrail.exports.exporting",
    "checktrail.portfolio.reading",
    "checktrail.store",
    "jsonschema",
)


@dataclass(frozen=True, slots=True)
class _Running:
    index: int
    process: BaseProcess
    until: float


def read_in_processes(places: Sequence[str], jobs: int, timeout: float) -> Iterator[tuple[int, Reading]]:
    """Each place's index with what it gives, in the order in which they end; at most `jobs` at once.

    `timeout` is in seconds, for each place; 0 waits for ever.
    """
    context = _context()
    waiting = list(enumerate(places))[::-1]
    running: dict[Connection, _Running] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                index, place = waiting.pop()
                connection, process = _started(context, place)
                running[connection] = _Running(index, process, time.monotonic() + timeout if timeout else float("inf"))
            for connection in _ended(running):
                one = running.pop(connection)
                yield one.index, _reading(connection, one.process, timeout)
    finally:
        for one in running.values():
            _kill(one.process)


def _context() -> multiprocessing.context.BaseContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*_IMPORTED])
    return context


def _started(context: multiprocessing.context.BaseContext, place: str) -> tuple[Connection, BaseProcess]:
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(theirs, place, dict(os.environ)), daemon=True)  # type: ignore[attr-defined]  # every context has it
    process.start()
    theirs.close()
    return ours, process


def _read(connection: Connection, place: str, environment: Mapping[str, str]) -> None:
    """In the other process; a bug's traceback goes to standard error, and the silence afterwards tells of it."""
    if hasattr(os, "setsid"):
        os.setsid()  # so that what it started ends with it
    os.environ.clear()
    os.environ.update(environment)
    connection.send(read_place(place))
    connection.close()


def _ended(running: Mapping[Connection, _Running]) -> list[Connection]:
    """Those that answered, ended or have had their time; waits until there is one."""
    first = min(one.until for one in running.values())
    left = None if first == float("inf") else max(0.0, first - time.monotonic())
    answered = [each for each in wait(list(running), left) if isinstance(each, Connection)]
    now = time.monotonic()
    return answered or [each for each, one in running.items() if one.until <= now]


def _reading(connection: Connection, process: BaseProcess, timeout: float) -> Reading:
    try:
        found: Reading = (
            connection.recv() if connection.poll() else Failed("timeout", f"no answer in {timeout:g} seconds")
        )
    except EOFError:
        process.join()
        code = process.exitcode or 0
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        found = Failed("crash", f"its process ended {how} before it answered")
    finally:
        connection.close()
    _kill(process)
    process.join()
    process.close()
    return found


def _kill(process: BaseProcess) -> None:
    """End a process and everything that it started."""
    with suppress(OSError):
        if hasattr(os, "killpg") and process.pid is not None:
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
