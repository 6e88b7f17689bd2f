"""How deep a text may nest: a limit that the reader of blocks and all who walk them share. Pure."""

from __future__ import annotations

from typing import Final

MAX_NESTING: Final = 1000
"""How deep containers may nest; a list level takes two. markdown-it-py's own 20 drops the tenth list level silently."""
