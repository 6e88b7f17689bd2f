"""Which repository a folder lies in, where all is as `git init` and `git clone` make it, bare ones among it.

Whatever is not plain beyond doubt (a linked worktree, a submodule, settings from elsewhere) is left to GitPython:
it knows those, and takes longer to import than most commands need for all they do. A test holds both against each
other.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_ELSEWHERE = frozenset(("GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"))
_REGULAR_HEAD = re.compile(rb"ref: refs/|[0-9a-fA-F]{40}")
_NOT_BARE = re.compile(rb"^\s*bare\s*=\s*false\s*$", re.MULTILINE)
_BARE = re.compile(rb"^\s*bare\s*=\s*true\s*$", re.MULTILINE)


def plainly_found(folder: Path) -> tuple[Path, Path | None, Path] | None:
    """Git folder, worktree and common folder of the repository that a folder lies in; None where it is not plain."""
    asked = os.fspath(folder)
    if "$" in asked or "~" in asked or not _ELSEWHERE.isdisjoint(os.environ):
        return None
    start = Path(os.path.abspath(asked))  # noqa: PTH100 -- links stay
    for here in (start, *start.parents):
        git_dir = here / ".git"
        if os.path.lexists(git_dir):
            return (git_dir, here, git_dir) if _is_plain(git_dir, _NOT_BARE) else None
        if (here / "HEAD").exists():  # a git folder itself
            return (here, None, here) if here == start and _is_plain(here, _BARE) else None
    return None


def _is_plain(git_dir: Path, kind: re.Pattern[bytes]) -> bool:
    try:
        head, config = (git_dir / "HEAD").read_bytes(), (git_dir / "config").read_bytes().lower()
    except OSError:
        return False
    is_whole = (git_dir / "objects").is_dir() and (git_dir / "refs").is_dir() and not (git_dir / "HEAD").is_symlink()
    is_usual = config.count(b"bare") == 1 and bool(kind.search(config)) and b"include" not in config
    is_usual = is_usual and (kind is _NOT_BARE or b"worktree" not in config)
    is_alone = not os.path.lexists(git_dir / "commondir") and not git_dir.is_symlink()
    return is_whole and is_usual and is_alone and bool(_REGULAR_HEAD.match(head))
