"""Files of a source tree, each written in one step, where it is not yet as it shall be.

In: a path and bytes. Out: the file, and its stamp, which tells it from any other that may take its name.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from checktrail.site.leaves import stamp


def write(path: str, content: bytes) -> str:
    """Write a file that is not there yet as it shall be; its stamp."""
    return stamp_where(path, content.__eq__) or put(path, content)


def stamp_where(path: str, holds: Callable[[bytes], bool]) -> str:
    """The stamp of a file whose content is as it shall be; none of any other."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 -- paths of pathlib would cost as much as the file
            return stamp(os.fstat(file.fileno())) if holds(file.read()) else ""
    except OSError:
        return ""


def put(path: str, content: bytes) -> str:
    """In one step, so that a builder that reads at the same time never sees half a file; its stamp."""
    draft = f"{path}.{os.getpid()}.new"
    try:
        with opened(draft) as file:
            file.write(content)
            file.flush()
            written = stamp(os.fstat(file.fileno()))
        os.replace(draft, path)  # noqa: PTH105 -- as above
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)  # noqa: PTH108 -- as above
        raise
    return written


def opened(path: str) -> BinaryIO:
    """A file to write, its folder made where it is not there."""
    try:
        return open(path, "wb")  # noqa: PTH123 -- closed by who asks
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120 -- as above
        return open(path, "wb")  # noqa: PTH123 -- as above
