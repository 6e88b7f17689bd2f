"""Which checklists are of past releases: they belong to one version, and that version is tagged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checktrail.model import Binding
from checktrail.releases.naming import parse_version
from checktrail.releases.versions import Version, version_with

if TYPE_CHECKING:
    from checktrail.binding import Bound
    from checktrail.config import Settings
    from checktrail.git import Repository
    from checktrail.summaries import Summary


@dataclass(frozen=True, slots=True)
class TaggedVersions:
    """The versions that have a tag, each with its tags as (component, name), by name."""

    tags: Mapping[Version, Sequence[tuple[str | None, str]]]
    components: frozenset[str | None]

    def tag_of(self, path: str, bound: Bound | Summary) -> str | None:
        """The tag, as people wrote it, of the past release that a checklist is of; None when it is of none."""
        version = version_with(None, bound.release) if bound.binding is Binding.OWN and bound.release else None
        if version is None:
            return None
        return next((name for component, name in self.tags.get(version, ()) if self._speaks_for(component, path)), None)

    def _speaks_for(self, component: str | None, path: str) -> bool:
        """Among several components a tag speaks only for the files whose path names its own."""
        return component is None or len(self.components) == 1 or component.rpartition("/")[2] in path

    @property
    def finals(self) -> int:
        """How many versions that are no candidates are tagged."""
        return sum(not version.prerelease for version in self.tags)


NO_TAGS = TaggedVersions({}, frozenset())


def tagged_versions(repository: Repository | None, settings: Settings) -> TaggedVersions:
    """The versions that a repository's tags say; none without a repository."""
    if repository is None:
        return NO_TAGS
    return versions_of((tag.name for tag in repository.tags() if tag.commit is not None), settings)


def versions_of(names: Iterable[str], settings: Settings) -> TaggedVersions:
    """The versions that tags of these names say."""
    found: dict[Version, list[tuple[str | None, str]]] = {}
    for name in sorted(names):
        if version := parse_version(name, settings):
            found.setdefault(version, []).append((version.component, name))
    components = frozenset(component for tags in found.values() for component, _ in tags)
    return TaggedVersions(found, components)
