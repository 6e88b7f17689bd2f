"""Badges: a label and a value as a small SVG. Pure.

Widths are those of a plain sans-serif at 11 pixels, so that a badge needs no font of its own and looks alike anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape

from checktrail.completion import Totals, percent
from checktrail.errors import shown
from checktrail.model import Release

_PADDING = 6
_HEIGHT = 20
_LONGEST = 60
_NARROW = frozenset("fijlrtI.,:;|!'()[]- ")
_WIDE = frozenset("mwMWQOG@%&")


class Tone(StrEnum):
    """What a badge's colour says; every pair of it with white text has a contrast of 4.5 or more."""

    GOOD = "#2a7d3f"
    WARNING = "#8a6100"
    BAD = "#b3261e"
    NEUTRAL = "#4a5a68"


@dataclass(frozen=True, slots=True)
class Badge:
    """A label, a value, and how the value is meant."""

    label: str
    value: str
    tone: Tone = Tone.NEUTRAL


def completion_badge(totals: Totals) -> Badge:
    """How much of what a release requires is ticked; `n/a` where nothing is required."""
    share = percent(totals.required_ticked, totals.required)
    if not totals.required:
        return Badge("checklist", share)
    return Badge("checklist", share, Tone.GOOD if totals.required_ticked == totals.required else Tone.WARNING)


_VERDICTS = {"pass": Tone.GOOD, "pass-with-waivers": Tone.GOOD, "fail": Tone.BAD, "indeterminate": Tone.WARNING}


def verdict_badge(verdict: str) -> Badge:
    """The audit's verdict on a release."""
    return Badge("sign-off", verdict, _VERDICTS.get(verdict, Tone.NEUTRAL))


def release_badge(release: Release | None) -> Badge:
    """The latest release."""
    return Badge("release", "none" if release is None else release.tag, Tone.NEUTRAL)


def latest(releases: tuple[Release, ...]) -> Release | None:
    """The latest release: the last final one, else the last of all; None where there is none."""
    finals = (release for release in reversed(releases) if not release.prerelease)
    return next(finals, releases[-1] if releases else None)


def svg(badge: Badge) -> str:
    """A badge as an SVG document with a text alternative."""
    label, value = _short(badge.label), _short(badge.value)
    left, right = _width(label), _width(value)
    name = escape(f"{label}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" '
        f'aria-label="{name}"><title>{name}</title>'
        f'<rect width="{left}" height="{_HEIGHT}" fill="#2b3137"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{badge.tone.value}"/>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - 2 * _PADDING}">{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - 2 * _PADDING}">{escape(value)}</text>'
        "</g></svg>\n"
    )


def _short(text: str) -> str:
    plain = shown(text)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _width(text: str) -> int:
    return 2 * _PADDING + round(sum(4 if char in _NARROW else 10 if char in _WIDE else 7 for char in text))
