"""What has been read of a repository before its audit begins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.history import Trails, read_trails
from checktrail.model import Commit, Tag
from checktrail.releases import Membership, releases
from checktrail.store import Store


@dataclass(frozen=True, slots=True)
class Known:
    """What has been read of a repository before the audit begins. `commits` are parents first."""

    commits: Mapping[str, Commit]
    tags: tuple[Tag, ...]
    membership: Membership
    trails: Trails
    head: str | None
    as_of: int
    unreadable: tuple[str, ...] = ()


def known(repository: Repository, settings: Settings, store: Store) -> Known:
    """The history of a repository, read for its audit."""
    trails = read_trails(repository, settings, store)
    commits = {commit.id: commit for commit in repository.commits()}
    tags, head = repository.tags(), repository.head.commit
    membership = releases(tags, commits.values(), settings, head)
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    now = int(epoch) if epoch.isdigit() else (commits[head].committed_at if head in commits else 0)
    return Known(MappingProxyType(commits), tags, membership, trails, head, now)
