"""What is an item, decided a second time: by the blocks of another CommonMark parser, and GitHub's rule in few lines.

GFM spec 0.29, "Task list items". Nothing of the product is used, so that the two agree by what they read alone.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from commonmark.blocks import Parser

_BOX = re.compile(r"\[([ \txX\n])\](?:[ \t]*\n[ \t]*\S|[ \t]+\S)")


class ReferenceItem(NamedTuple):
    """The line of an item's bullet, from 1, and whether the box is ticked."""

    line: int
    is_ticked: bool


class _Blocks(Parser):  # type: ignore[misc]  # the library has no types
    """Blocks alone: what stands in a paragraph is kept as it was written, without its link definitions."""

    def processInlines(self, block: Any) -> None:  # noqa: N802 -- the library's name
        del block


def reference_items(text: str) -> list[ReferenceItem]:
    """The items of a text, in the order in which they stand."""
    found = []
    for node, entering in _Blocks().parse(text).walker():
        if entering and node.t == "item" and node.first_child is not None and node.first_child.t == "paragraph":
            box = _BOX.match((node.first_child.string_content or "").lstrip(" \t"))
            if box is not None:
                found.append(ReferenceItem(node.sourcepos[0][0], box[1] in "xX"))
    return found
