"""A scripted repository of six releases in which every feature has something to show.

In: an empty folder. Out: a git repository with its files, the same object ids on every machine: times, people and keys
are part of the script. `chapters.py` tells the story; `scribe.py` writes it down as git objects; this module alone
touches the disk, and it runs git without anybody's configuration.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from checktrail.demo.chapters import story
from checktrail.demo.objects import pack
from checktrail.demo.scribe import Scribe
from checktrail.errors import GitError, OutputError


def write_demo(folder: Path) -> str:
    """Write the demo repository into a folder, which is made; gives the id of its HEAD commit.

    Raises:
        OutputError: the folder is there and not empty, or cannot be written.
        GitError: git is missing or refuses.
    """
    _make_empty(folder)
    scribe = story()
    _git(folder, "init", "--quiet", "--template=", f"--initial-branch={scribe.branch}")
    _git(folder, "index-pack", "--stdin", "--strict", feed=pack(scribe.objects))
    _git(folder, "update-ref", "--stdin", feed=_references(scribe))
    _git(folder, "reset", "--quiet", "--hard")
    return scribe.head


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made: {error.strerror}", hint="name a folder that can be written"
        ) from None
    if taken:
        raise OutputError(f"{folder} is not empty", hint="name a folder that does not exist yet")


def _references(scribe: Scribe) -> bytes:
    lines = [f"create {name} {target}\n" for name, target in sorted(scribe.references.items())]
    return "".join(lines).encode()


def _git(folder: Path, *arguments: str, feed: bytes = b"") -> None:
    # Neither the user's configuration nor an outer repository's variables may change what is written.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    clean |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    settings = ["-c", "core.autocrlf=false", "-c", "core.hooksPath=" + os.devnull]
    try:
        done = subprocess.run(
            ["git", *settings, *arguments], cwd=folder, env=clean, input=feed, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise GitError("git is not installed", hint="install git and make sure it is on PATH") from None
    if done.returncode:
        raise GitError(f"git {arguments[0]} failed in {folder}: {done.stderr.decode(errors='replace').strip()}")
