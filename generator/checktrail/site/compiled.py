"""Templates that were compiled, kept while the process lives: `serve` makes the same ones at every rebuild.

In: a template's source. Out: its code. Nothing of it is written anywhere, since code that is read back would be run.
"""

from __future__ import annotations

import os
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket


class Compiled(jinja2.BytecodeCache):
    """The code of templates by name and source, for environments of one kind."""

    def __init__(self) -> None:
        self._codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, where it was compiled from the same source before."""
        if bucket.key in self._codes:
            bucket.bytecode_from_string(self._codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code."""
        self._codes[bucket.key] = bucket.bytecode_to_string()


class Visible(jinja2.FileSystemLoader):
    """A theme's templates, of which it lists those that no hidden folder holds: Material hides fourteen thousand icons.

    MkDocs lists all of a theme for what it is to copy, and copies nothing hidden.
    """

    def list_templates(self) -> list[str]:
        """Their names, sorted."""
        found: set[str] = set()
        for place in self.searchpath:
            for folder, folders, names in os.walk(place, followlinks=self.followlinks):
                folders[:] = [name for name in folders if not name.startswith(".")]
                found.update((Path(folder) / name).relative_to(place).as_posix() for name in names)
        return sorted(found)
