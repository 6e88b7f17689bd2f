"""Tables and folded texts without the blanks that a terminal's renderer leaves at the ends of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

# A style may end behind the blanks it covers: its mark stays.
_BLANKS: Final = re.compile(r" +((?:\x1b\[[0-9;]*m| )*)$", re.MULTILINE)


@contextmanager
def trimmed(console: Console) -> Iterator[Console]:
    """A console whose lines are put out at the end, each without the blanks behind its last word."""
    with console.capture() as captured:
        yield console
    text = _BLANKS.sub(lambda found: found[1].replace(" ", ""), captured.get())
    console.file.write(text)
    console.file.flush()
