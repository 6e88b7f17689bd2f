"""Templates that were compiled: a theme's are kept while the process lives, the program's own beside them.

In: a template's source. Out: its code. What is read back is run, so that code is written only where Python keeps that
of the program's modules, under the same conditions, and never into a cache folder.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from checktrail.site.putting import put


class Beside(jinja2.BytecodeCache):
    """The code of the program's own templates: `__pycache__` beside them, or wherever Python is told to keep such."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Where the code of a template is."""
        return cache_from_source(filename or name)

    def get_source_checksum(self, source: str) -> str:
        """A digest of all that the code of a template of ours is made from: its source, and who compiles."""
        return sha256(f"{sys.version}\n{jinja2.__version__}\n{source}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, where it was compiled from the same source before."""
        with suppress(OSError, ValueError, EOFError, TypeError):
            content, head = Path(bucket.key).read_bytes(), bucket.checksum.encode()
            if content.startswith(head):
                bucket.code = marshal.loads(content[len(head) :])  # noqa: S302 -- what lies here is the program

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code, where Python may keep such, too."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                put(bucket.key, bucket.checksum.encode() + marshal.dumps(bucket.code))


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
