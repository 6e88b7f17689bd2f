"""Runs of the command line in this process, with what they said as bytes, as a pipe would get it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from checktrail.cli import run


class Said(NamedTuple):
    """A run's exit code, its standard output and its standard error."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Its standard output as text."""
        return self.out.decode()


@contextmanager
def streams() -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """Standard output and standard error as bytes."""
    kept = sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    sys.stdout = io.TextIOWrapper(out, "utf-8", errors="backslashreplace", newline="")
    sys.stderr = io.TextIOWrapper(err, "utf-8", errors="backslashreplace", newline="")
    try:
        yield out, err
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        out_of_test, err_of_test = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = kept
        out_of_test.detach()
        err_of_test.detach()


def said(folder: Path, *arguments: str) -> Said:
    """What a run in a folder says."""
    with streams() as (out, err):
        code = run(["-C", str(folder), *arguments])
    return Said(code, out.getvalue(), err.getvalue().decode())
