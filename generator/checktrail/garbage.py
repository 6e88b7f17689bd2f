"""Python's garbage collection, put off while a great many values are made that stay."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

_YOUNG = 20_000
"""So many new values are looked through at once, in place of 700: what we make stays or goes as a whole."""


def seldom() -> None:
    """Let collections be rare for the rest of the process."""
    gc.set_threshold(_YOUNG)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without garbage collection: it would search hundreds of thousands of frozen values for circles, in vain.

    Not for what is made and thrown away again: an indented JSON text, for one, leaves a circle behind each time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what was made stays: the next collection need not search it either
        if was_on:
            gc.enable()
