"""Front matter to facts, and to the phases it gives. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from checktrail.model import Fact, Oddity, OddityKind, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The C reader is ten times as fast, and not in every build of PyYAML.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Front(NamedTuple):
    """What front matter says; `oddities` name what of it cannot be read."""

    facts: tuple[Fact, ...] = ()
    phases: Mapping[str, Phase] = MappingProxyType({})
    oddities: tuple[Oddity, ...] = ()


def front(text: str) -> Front:
    """The facts of a front matter's own text, whose first line is line 2 of the document."""
    if not text.strip():
        return Front()
    try:
        # YAML's own objects only: the safe loader makes no others.
        values = yaml.load(text, Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 2
        problem = getattr(fault, "problem", None) or "front matter is no YAML"
        return Front(oddities=(Oddity(OddityKind.BAD_FRONT_MATTER, line, str(problem)),))
    if not isinstance(values, dict):
        return Front(oddities=(Oddity(OddityKind.BAD_FRONT_MATTER, 2, "front matter is no mapping"),))
    lines = _lines_of_keys(text)
    facts = tuple(
        Fact(str(key), shown, lines.get(str(key), 2), 0)
        for key, value in values.items()
        if key != "phases" and (shown := _shown(value)) is not None
    )
    given, odd = _phases(values.get("phases"), lines.get("phases", 2))
    return Front(facts, given, odd)


def _phases(values: object, line: int) -> tuple[dict[str, Phase], tuple[Oddity, ...]]:
    if values is None:
        return {}, ()
    if not isinstance(values, dict):
        return {}, (Oddity(OddityKind.BAD_FRONT_MATTER, line, "`phases` is no mapping of headings to phases"),)
    given: dict[str, Phase] = {}
    unknown: list[Oddity] = []
    for heading, phase in values.items():
        try:
            given[str(heading)] = Phase(str(phase))
        except ValueError:
            known = ", ".join(Phase)
            unknown.append(Oddity(OddityKind.BAD_FRONT_MATTER, line, f"`{phase}` is no phase; known are {known}"))
    return given, tuple(unknown)


def _shown(value: object) -> str | None:
    """A scalar, or a list of scalars, as a person would write it; None for anything deeper."""
    if isinstance(value, list):
        parts = [_shown(part) for part in value if not isinstance(part, list)]
        return ", ".join(part for part in parts if part is not None)
    if isinstance(value, dict):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _lines_of_keys(text: str) -> dict[str, int]:
    return dict(_keys(text))


def _keys(text: str) -> Iterator[tuple[str, int]]:
    for line, content in enumerate(text.split("\n"), 2):
        key, colon, _ = content.partition(":")
        if colon and key and not key[0].isspace():
            yield key.strip("\"' "), line
