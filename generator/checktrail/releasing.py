"""A repository in, its releases out: reads tags and the graph, and nothing of what people wrote into commits."""

from __future__ import annotations

from checktrail.config import Settings
from checktrail.garbage import uncollected
from checktrail.git import Repository
from checktrail.releases import Membership, releases


def read_releases(repository: Repository, settings: Settings) -> Membership:
    """Which tags of a repository are releases, in which order, and which commits each one shipped first.

    Raises:
        GitError: git cannot read it.
        ConfigError: a setting names a tag that is no release, or is no regular expression.
        InvariantError: what must hold of every release does not.
    """
    with uncollected():
        tags = repository.tags()
        return releases(tags, repository.graph(tags), settings, repository.head.commit)
