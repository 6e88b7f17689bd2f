"""Releases in, their notes out: reads commits, the mailmap and the curated texts that notes are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from checktrail.config import NotesSettings, Settings
from checktrail.garbage import uncollected
from checktrail.git import Repository
from checktrail.model import Commit, Release
from checktrail.notes import NOTHING, Notes, Past, notes
from checktrail.notes.links import Web
from checktrail.notes.texts import Texts, texts
from checktrail.releases import Membership, releases


def read_past(repository: Repository, settings: Settings, web: Web | None) -> Past:
    """What the notes of all releases of a repository share, read from it.

    Raises:
        GitError: git cannot read it.
        ConfigError: a setting names a tag that is no release, or is no regular expression.
        InvariantError: what must hold of every release does not.
    """
    with uncollected():
        commits = tuple(repository.commits())
        return past_of(repository, releases(repository.tags(), commits, settings, repository.head.commit), commits, web)


def past_of(repository: Repository, membership: Membership, commits: Iterable[Commit], web: Web | None) -> Past:
    """What the notes of all releases share; people are named by the mailmap in HEAD's tree."""
    return Past(membership, commits, _mailmap(repository), web)


def notes_of(
    repository: Repository, past: Past, wanted: Sequence[Release], settings: NotesSettings
) -> Mapping[str, Notes]:
    """The notes of some releases, by tag; their texts are read together."""
    with uncollected():
        found = _texts(repository, past, wanted, settings)
        return {release.tag: notes(release, past, settings, found.get(release.tag, NOTHING)) for release in wanted}


def _mailmap(repository: Repository) -> str:
    if repository.head.commit is None or repository.is_partial:
        return ""
    found = next(repository.objects([f"{repository.head.commit}:.mailmap"]))
    return found.content.decode("utf-8", "replace") if found.kind == "blob" else ""


def _texts(
    repository: Repository, past: Past, wanted: Sequence[Release], settings: NotesSettings
) -> Mapping[str, Texts]:
    """The curated texts; in a partial clone none, since asking for a file would fetch it."""
    if repository.is_partial:
        return {}
    commit_of = {release.tag: release.commit for release in past.membership.releases}
    return texts(wanted, commit_of, repository.head.commit, repository.objects, settings)
