"""One place to what a portfolio needs of it, or why there is nothing.

In: a clone, or what was exported elsewhere. Out: `Read` or `Failed`, either of which travels between processes and
machines. What goes wrong in one place stays there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from checktrail.errors import ChecktrailError, InputError, NoRepositoryError, shown
from checktrail.portfolio.foreign import is_export, read_export


@dataclass(frozen=True, slots=True)
class Read:
    """What a portfolio needs of a place, as one `checktrail.portfolio/1` document."""

    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a place gives nothing: a slug and a sentence."""

    slug: str
    sentence: str


Reading: TypeAlias = Read | Failed


def read_place(place: str) -> Reading:
    """What a place gives; what stops a run is a value here, and a bug of ours stays one."""
    try:
        return Read(_document(Path(place)))
    except ChecktrailError as error:
        return Failed(error.slug, f"{error.sentence}{f' ({error.hint})' if error.hint else ''}")


def _document(place: Path) -> dict[str, Any]:
    if not os.path.lexists(place):
        raise _MissingError(f"{shown(place)} is not there")
    if not place.is_dir() or (is_export(place) and not (place / ".git").exists()):
        return read_export(place)
    return _of_clone(place)


class _MissingError(InputError):
    """A place of a list is not there."""

    slug = "missing"


def _of_clone(place: Path) -> dict[str, Any]:
    from checktrail.exports.exporting import exported_portfolio
    from checktrail.git import Repository
    from checktrail.record import read_record
    from checktrail.store import Store
    from checktrail.worktree import repository_settings

    repository = Repository.open(place)
    # git looks for a repository further up, too: that would be another one's record under this one's name.
    if place.resolve() not in {Path(repository.worktree or repository.git_dir).resolve(), repository.git_dir.resolve()}:
        raise NoRepositoryError(
            f"{shown(place)} holds neither a repository nor an export",
            hint="name a clone, or what was exported from one",
        )
    record = read_record(repository, repository_settings(repository), Store.open())
    return exported_portfolio(repository, record)
