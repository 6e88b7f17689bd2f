"""Changes against release lines: is this fix in 2.4.7? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from checktrail.model import Release
from checktrail.notes import Past
from checktrail.releases.versions import version_of


class Shipped(NamedTuple):
    """The first release of a line that holds a change, and the commit by which it does."""

    tag: str
    commit: str


@dataclass(frozen=True, slots=True)
class Row:
    """One change: its text, the commit asked about, and per line where it is, None where it is not."""

    text: str
    commit: str
    shipped: tuple[Shipped | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Changes against the lines of one component (`2.4`), the newest line first."""

    component: str | None
    lines: tuple[str, ...]
    rows: tuple[Row, ...]


def backports(past: Past, component: str | None) -> Matrix:
    """Every change that was carried from one line to another as a commit of its own, newest first."""
    seen: set[str] = set()
    picked: list[str] = []
    for commit in reversed(past.commits):
        group = past.twins.get(commit)
        if group and commit not in seen:
            seen.update(group)
            picked.append(commit)
    matrix = matrix_of(past, component, picked)
    carried = tuple(row for row in matrix.rows if len({cell.commit for cell in row.shipped if cell}) > 1)
    return Matrix(component, matrix.lines, carried)


def matrix_of(past: Past, component: str | None, commits: Iterable[str]) -> Matrix:
    """Some changes against every line of a component: where each one or a pick of it is."""
    lines: dict[str, list[Release]] = {}
    for release in past.membership.releases:
        version = version_of(release.version)
        if release.component == component and version is not None:
            lines.setdefault(version.line, []).append(release)
    names = sorted(lines, key=lambda line: tuple(map(int, line.split("."))), reverse=True)
    rows = (Row(past.say(commit).text, commit, tuple(_cells(past, commit, names, lines))) for commit in commits)
    return Matrix(component, tuple(names), tuple(rows))


def releases_with(past: Past, commit: str) -> tuple[Shipped, ...]:
    """Every release that holds a commit or a pick of it, in order, with the commit that it holds."""
    held: dict[str, str] = {}
    for one in dict.fromkeys((commit, *past.twins.get(commit, ()))):
        for tag in past.membership.containing(one):
            held.setdefault(tag, one)
    return tuple(Shipped(tag, held[tag]) for tag in sorted(held, key=past.place.__getitem__))


def _cells(past: Past, commit: str, names: Iterable[str], lines: dict[str, list[Release]]) -> Iterator[Shipped | None]:
    shipped = {found.tag: found for found in releases_with(past, commit)}
    for name in names:
        yield next((shipped[release.tag] for release in lines[name] if release.tag in shipped), None)
