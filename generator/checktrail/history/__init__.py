"""Revisions in, trails out: what happened to every item, and where each stands at any commit. Pure.

`Trails` (see `trails.py` for how to ask it) is made by

    read_trails(repository, settings, store) -> Trails

A commit is walked once, parents before children; a merge is compared with every parent; what stands at a commit is
made from its ancestors alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checktrail.history.trails import Reset, Since, Standing, Tracked, Trails, Unread

if TYPE_CHECKING:
    from checktrail.config import Settings
    from checktrail.git import Repository
    from checktrail.store import Store

__all__ = ["Reset", "Since", "Standing", "Tracked", "Trails", "Unread", "read_trails"]


def read_trails(repository: Repository, settings: Settings, store: Store) -> Trails:
    """The trails of every item of a repository, from all branches, remotes, tags and HEAD."""
    raise NotImplementedError  # the walk follows
