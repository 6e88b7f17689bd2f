"""A program is measured as an installed one: its modules are compiled before it starts, whatever the environment."""

from __future__ import annotations

import compileall
from pathlib import Path

import checktrail


def compiled() -> None:
    """Compile the package's modules where they stand; an editable checkout may never have been."""
    compileall.compile_dir(Path(checktrail.__file__).parent, quiet=2)
