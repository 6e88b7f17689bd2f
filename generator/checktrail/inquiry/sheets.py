"""Trees → the checklists in them, each blob parsed once and each unchanged sheet made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from checktrail.audit.evidence import Sheet
from checktrail.binding import Bound, bind
from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.history import Tracked, Trails
from checktrail.model import Checklist, Phase
from checktrail.parse import read, with_phases


class Sheets:
    """The checklists of trees, each blob parsed once and each unchanged sheet made once."""

    def __init__(self, repository: Repository, settings: Settings, trails: Trails) -> None:
        self._repository, self._settings, self._trails = repository, settings, trails
        self._parsed: dict[str, Checklist] = {}
        self._bound: dict[tuple[str, str], Bound] = {}
        self._made: dict[tuple[str, int], Sheet] = {}
        self._trees: dict[str, Mapping[str, Sheet]] = {}

    def read(self, commits: Iterable[str]) -> None:
        """Read the trees of some commits."""
        trees = {commit: self._trails.at(commit) for commit in commits if commit not in self._trees}
        blobs = {tracked.blob for tree in trees.values() for tracked in tree.values()} - self._parsed.keys()
        self._parsed |= parsed(self._repository, self._settings, sorted(blobs))
        for commit, tree in trees.items():
            self._trees[commit] = MappingProxyType(
                {path: self._sheet(path, tracked) for path, tracked in tree.items() if tracked.blob in self._parsed}
            )

    def at(self, commit: str) -> Mapping[str, Sheet]:
        """The checklists of a commit that was read, by path."""
        return self._trees[commit]

    def bound(self, sheet: Sheet) -> Bound:
        """Which release a checklist belongs to."""
        key = (sheet.path, sheet.blob)
        if key not in self._bound:
            self._bound[key] = bind(sheet.path, sheet.checklist, self._settings)
        return self._bound[key]

    def _sheet(self, path: str, tracked: Tracked) -> Sheet:
        key = (path, id(tracked))
        if key not in self._made:
            checklist = self._parsed[tracked.blob]
            bound = bind(path, checklist, self._settings)
            self._bound[path, tracked.blob] = bound
            self._made[key] = Sheet(path, tracked.blob, checklist, tracked.items, bound.binding)
        return self._made[key]


def parsed(repository: Repository, settings: Settings, blobs: Sequence[str]) -> dict[str, Checklist]:
    """The checklists of some blobs; those that are missing or too large are left out."""
    phases = {heading: Phase(phase) for heading, phase in settings.checklists.phases.items()}
    return {
        blob: with_phases(read(content), phases)
        for blob, content in repository.blobs(blobs)
        if len(content) <= settings.checklists.max_bytes
    }
