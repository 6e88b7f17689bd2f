"""Where things of the site are: the templates that come with the product, a repository's source tree in the cache."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import checktrail
from checktrail.git import Repository
from checktrail.store import cache_folder


def shipped() -> Path:
    """The folder of the templates that come with the product: beside the package, or at its repository's root."""
    package = Path(checktrail.__file__).resolve().parent
    beside = package / "templates"
    return (beside if beside.is_dir() else package.parent.parent / "templates") / "pages"


def tree_folder(repository: Repository, *, folders: bool, home: str) -> Path:
    """Where the tree of a repository is kept: one for each form of addresses."""
    name = sha256(str(repository.git_dir).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return cache_folder() / "site" / f"{name}-{'folders' if folders else 'files'}-{home}"
