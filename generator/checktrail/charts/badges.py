"""Badges: two words side by side, for pages that are not ours. Pure.

A badge stands in other people's pages, where our style sheet is not, so that it alone has colours of its own; each is
dark enough for white text (4.5 to 1 and more).
"""

from __future__ import annotations

from checktrail.charts.drawing import number, text
from checktrail.errors import shown

COLOURS = {"ticked": "#1a7f37", "open": "#8f5f00", "failed": "#b3261e", "note": "#2a5db0", "none": "#57606a"}
_HEIGHT = 20


def badge(name: str, value: str, kind: str = "note") -> str:
    """A badge as an SVG file: the name on grey, the value on the colour of its kind."""
    name, value = shown(name), shown(value)
    left, right = (len(part) * 6.6 + 12 for part in (name, value))
    spoken = text(f"{name}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{spoken}" width="{number(left + right)}" '
        f'height="{_HEIGHT}"><title>{spoken}</title>'
        f'<rect width="{number(left + right)}" height="{_HEIGHT}" rx="3" fill="#3b4250"/>'
        f'<rect x="{number(left)}" width="{number(right)}" height="{_HEIGHT}" rx="3" '
        f'fill="{COLOURS.get(kind, COLOURS["none"])}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{number(left / 2)}" y="14">{text(name)}</text>'
        f'<text x="{number(left + right / 2)}" y="14">{text(value)}</text></g></svg>\n'
    )
