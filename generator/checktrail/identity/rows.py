"""One item as the matcher sees it: its words in three forms, and its section. Pure.

The normal form drops what a formatter or a typist may change without meaning anything: emphasis, letter case, the full
stop at the end. The soft form also drops what is written *about* an item: "(if applicable)", "(see #12)", a tick mark,
"-- done by …". Both are remembered, since most items stand unchanged in thousands of revisions.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from checktrail.model import State

_MARKS: Final = re.compile(r"[*_~`\\]+")
_EDGES: Final = " .,;:!?\u2026"
_ABOUT: Final = re.compile(
    r"\((?:(?:only )?if |optional|required|when |where |as |see |done|[^()]*(?:#\d|@\w|https?:))[^()]*\)"
    r"|\(\[[^\]]*\]\([^()]*\)\)|\[[^\]]*\]\(https?:[^()]*\)"
    r"|\s(?:--+|[\u2013\u2014])\s.*$"
    r"|[\u2705\u2713\u2714\u2611\U0001f389]"
)
_STRUCK: Final = re.compile(
    r"[*_]*(?:~~(?P<a>.+?)~~|~(?P<b>[^~]+)~|<(?P<tag>del|s|strike)>(?P<c>.+?)</(?P=tag)>)[*_]*"
    r"\s*(?:[-\u2013\u2014:(\[]*\s*(?:n/?a\b|not\s+applicable\b).*)?",
    re.IGNORECASE | re.DOTALL,
)
_LEADING: Final = re.compile(r"[*_(\[]*(?:n/a|not\s+applicable)[*_)\]]*\s*[:,;.\u2013\u2014-]*\s*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.):]?\s+|(?:step|phase|part)\s+\d+\s*[.):-]\s*)", re.IGNORECASE)

Key = tuple[tuple[str, ...], str]
"""What two items have in common that are the same words in the same place: their section's path and the normal form."""


class Row(NamedTuple):
    """One item: its words, its state, its explicit id, its section's path in normal form, and which section it is.

    `section` is a number that tells the sections of one text apart, also those of the same path.
    """

    text: str
    normal: str
    soft: str
    state: State
    id: str | None
    path: tuple[str, ...]
    section: int
    key: Key


def row(text: str, state: State, id_: str | None, path: tuple[str, ...], section: int) -> Row:
    """One item of a text; its section's path in normal form."""
    normal, soft = forms(text if state is not State.NOT_APPLICABLE else worded(text, state))
    return Row(text, normal, soft, state, id_, path, section, (path, normal))


def worded(text: str, state: State) -> str:
    """An item's words without what says that it is not applicable: to strike them out is no rewording."""
    return _applicable(text) if state is State.NOT_APPLICABLE else text


@lru_cache(maxsize=1 << 12)
def _applicable(text: str) -> str:
    if struck := _STRUCK.fullmatch(text):
        return struck["a"] or struck["b"] or struck["c"]
    return _LEADING.sub("", text, count=1) or text


@lru_cache(maxsize=1 << 16)
def forms(text: str) -> tuple[str, str]:
    """The normal and the soft form of an item's words; never empty where the words are not."""
    bare = " ".join(_MARKS.sub("", text).casefold().split())
    normal = bare.strip(_EDGES) or bare
    soft = " ".join(_ABOUT.sub(" ", bare).split()).strip(_EDGES)
    return normal, soft or normal


@lru_cache(maxsize=1 << 12)
def plain_path(path: tuple[str, ...]) -> tuple[str, ...]:
    """A section's path without numbers, emphasis and letter case."""
    return tuple(" ".join(_MARKS.sub("", _NUMBER.sub("", part)).casefold().split()).strip(_EDGES) for part in path)
