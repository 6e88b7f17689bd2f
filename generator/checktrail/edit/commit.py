"""A commit of one file, by the person who asked for it.

In: a repository's root, a path and a message. Out: the new commit's id. This is the one place that runs git with the
user's own configuration: the commit is theirs, with their name, signature and hooks.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from checktrail.errors import GitError, UsageError, shown


def refuse_other_changes(root: Path, path: str) -> None:
    """Stop where a commit of this file would take along more than the edit that is about to be made.

    Raises:
        UsageError: the file holds changes that are not committed, is not in git yet, or a merge is under way.
    """
    if _git(root, "rev-parse", "--verify", "--quiet", "MERGE_HEAD").returncode == 0:
        raise UsageError("a merge is under way", hint="finish it first, or leave --commit out")
    if _git(root, "ls-files", "--error-unmatch", "--", path).returncode:
        raise UsageError(f"{shown(path)} is not in git yet", hint="commit it first, or leave --commit out")
    if _git(root, "diff", "--quiet", "HEAD", "--", path).returncode:
        raise UsageError(
            f"{shown(path)} holds other changes that are not committed", hint="commit them first, or leave --commit out"
        )


def commit_file(root: Path, path: str, message: str) -> str:
    """Commit one file as it stands; what else is staged stays staged.

    Raises:
        GitError: git refuses, for want of a name or by a hook; the file keeps its edit.
    """
    done = _git(root, "commit", "--quiet", "--only", f"--message={message}", "--", path)
    if done.returncode:
        said = shown(" ".join(done.stderr.decode("utf-8", "replace").split()))
        raise GitError(f"the tick is made, but git did not commit it: {said}", hint="commit the file yourself")
    return _git(root, "rev-parse", "HEAD").stdout.decode().strip()


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["git", "--literal-pathspecs", *arguments], cwd=root, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
