"""Change fragments to changes: towncrier's names, reno's YAML, changesets' front matter. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import yaml

from checktrail.notes.markdown import changes
from checktrail.notes.parts import Change, Kind

_LARGEST = 200_000
_LONGEST = 4_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RENO: Mapping[str, Kind] = MappingProxyType(
    {
        "prelude": Kind.HIGHLIGHTS, "features": Kind.FEATURES, "issues": Kind.KNOWN_ISSUES, "upgrade": Kind.UPGRADE,
        "deprecations": Kind.UPGRADE, "critical": Kind.FIXES, "security": Kind.SECURITY, "fixes": Kind.FIXES,
        "other": Kind.OTHER,
    }
)  # fmt: skip
_TOWNCRIER: Mapping[str, Kind] = MappingProxyType(
    {
        "feature": Kind.FEATURES, "enhancement": Kind.IMPROVEMENTS, "improvement": Kind.IMPROVEMENTS,
        "bugfix": Kind.FIXES, "bug": Kind.FIXES, "fix": Kind.FIXES, "fixed": Kind.FIXES, "added": Kind.FEATURES,
        "changed": Kind.IMPROVEMENTS, "removal": Kind.BREAKING, "removed": Kind.BREAKING, "breaking": Kind.BREAKING,
        "deprecation": Kind.UPGRADE, "deprecated": Kind.UPGRADE, "security": Kind.SECURITY,
        "doc": Kind.OTHER, "misc": Kind.OTHER, "other": Kind.OTHER,
    }
)  # fmt: skip
_BUMPS: Mapping[str, Kind] = MappingProxyType(
    {"major": Kind.BREAKING, "minor": Kind.FEATURES, "patch": Kind.FIXES}
)  # fmt: skip
_FRONT = re.compile(r"---[ \t]*\n(?P<front>.*?)\n---[ \t]*(?:\n|\Z)(?P<body>.*)", re.DOTALL)
_ISSUE = re.compile(r"[1-9][0-9]{0,8}")


@lru_cache(maxsize=1 << 12)
def fragment_changes(path: str, text: str) -> tuple[Change, ...]:
    """The changes that one fragment tells; none for a file that is no fragment (a README, a template).

    Remembered, since a candidate's fragments are its final release's too.
    """
    name = path.rsplit("/", 1)[-1]
    if len(text) > _LARGEST or name.casefold().startswith(("readme", ".", "template", "_template", "config")):
        return ()
    if name.endswith((".yaml", ".yml")):
        return tuple(_reno(text))
    front = _FRONT.fullmatch(text.replace("\r\n", "\n"))
    if front:
        return tuple(_changeset(front["front"], front["body"]))
    return tuple(_towncrier(name, text))


def _reno(text: str) -> Iterator[Change]:
    for section, value in _mapping(text).items():
        kind = _RENO.get(section)
        notes = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        for note in notes if kind else ():
            if isinstance(note, str) and kind is not None:
                yield _change(note, kind)


def _changeset(front: str, body: str) -> Iterator[Change]:
    bumps = [bump for bump in _mapping(front).values() if bump in _BUMPS]
    weightiest = next((bump for bump in _BUMPS if bump in bumps), None)
    if weightiest and body.strip():
        yield _change(body.strip().split("\n\n", 1)[0], _BUMPS[weightiest])


def _towncrier(name: str, text: str) -> Iterator[Change]:
    """`123.feature.md`, `+anything.bugfix.1.rst`: an issue or a name, then the kind."""
    words = name.split(".")
    kind = next((_TOWNCRIER[word] for word in words[1:] if word in _TOWNCRIER), None)
    if kind is None or not text.strip():
        return
    issue = words[0] if _ISSUE.fullmatch(words[0]) else ""
    first = changes(text)
    said = " ".join(change.text for change in first) or text
    yield _change(f"{said} (#{issue})" if issue and f"#{issue}" not in said else said, kind)


def _change(text: str, kind: Kind) -> Change:
    return Change(" ".join(text.split())[:_LONGEST], kind, breaking=kind is Kind.BREAKING, is_markdown=True)


def _mapping(text: str) -> Mapping[str, Any]:
    try:
        found = yaml.load(text, Loader=_LOADER)  # noqa: S506 -- it is the safe loader, in C where there is one
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}
