"""Paths in a terminal: a line ends after a slash, else after a mark inside a name, and in mid-word only at the last.

Nothing is cut off: the lines of a path, joined, are the path.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.measure import Measurement
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_FOLDERS: Final = re.compile(r"[^/]*/|[^/]+$")
_MARKS: Final = re.compile(r"[^-_.:]*[-_.:]+|[^-_.:]+$")


def broken(path: str, width: int) -> str:
    """The path over as many lines as it takes to be no wider than `width` cells, as far as its words allow."""
    return "\n".join(_filled(_FOLDERS.findall(path), width, finer=True))


def _filled(parts: list[str], width: int, *, finer: bool) -> list[str]:
    lines = [""]
    for part in parts:
        if cell_len(lines[-1]) + cell_len(part) <= width:
            lines[-1] += part
        elif finer and cell_len(part) > width:
            lines += _filled(_MARKS.findall(part), width, finer=False)
        else:
            lines.append(part)
    return [line for line in lines if line]


class PathCell:
    """A path in a table: as wide as there is room for."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """The lines that fit into the column."""
        yield Text(broken(self.path, options.max_width), overflow="fold")

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        """From its widest folder or name to the whole of it."""
        widest = max(map(cell_len, _FOLDERS.findall(self.path)), default=0)
        return Measurement(widest, cell_len(self.path)).with_maximum(options.max_width)
