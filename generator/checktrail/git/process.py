"""Git as a process: how it is called, in which environment, and what its failure says."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from checktrail.errors import GitError, shown

CHUNK = 1 << 18

# What a repository's own configuration, replace references, grafts or a background daemon could change.
_SETTINGS = (
    "core.quotePath=false",
    "core.fsmonitor=false",
    "core.commitGraph=true",
    "log.showSignature=false",
    "log.mailmap=false",
    "log.follow=false",
    "i18n.logOutputEncoding=UTF-8",
    f"diff.orderFile={os.devnull}",
    "diff.renames=false",
)

PARTIAL = "this is a partial clone: clone it again without `--filter`"

# How a git that is too old answers what it does not know.
_UNKNOWN = ("unrecognized argument", "unknown option", "unknown switch", "usage:", "invalid option")


class Git:
    """The way to run git on one repository, reading only."""

    def __init__(self, git_dir: Path, worktree: Path | None) -> None:
        self._git_dir = git_dir
        self._worktree = worktree

    def _command(self, arguments: Sequence[str]) -> list[str]:
        options = [part for setting in _SETTINGS for part in ("-c", setting)]
        return [
            "git",
            f"--git-dir={self._git_dir}",
            "--no-replace-objects",
            "--no-optional-locks",
            "--no-pager",
            *options,
            *arguments,
        ]

    def process(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """One finished run, whatever its exit code."""
        return subprocess.run(
            self._command(arguments),
            capture_output=True,
            check=False,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            cwd=self._worktree,
        )

    def run(self, *arguments: str, ok: tuple[int, ...] = (0,)) -> bytes:
        """What a run printed.

        Raises:
            GitError: its exit code is none of `ok`.
        """
        found = self.process(*arguments)
        if found.returncode not in ok:
            raise failure(arguments, found.stderr)
        return found.stdout

    def text(self, *arguments: str) -> str:
        """What a run printed, as text; bytes that are not UTF-8 as lone surrogates."""
        return self.run(*arguments).decode("utf-8", "surrogateescape")

    @contextmanager
    def stream(self, arguments: Sequence[str], feed: bytes = b"") -> Iterator[IO[bytes]]:
        """One git process whose output is read as it comes; its failure is raised at the end."""
        process = subprocess.Popen(
            self._command(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=_environment(), bufsize=CHUNK, cwd=self._worktree,
        )  # fmt: skip
        assert process.stdin is not None  # noqa: S101 -- PIPE was asked for; this tells the type checker
        assert process.stdout is not None  # noqa: S101 -- as above
        assert process.stderr is not None  # noqa: S101 -- as above
        complaints: list[bytes] = []
        # Both other pipes are served beside us: a full one would stop git, and us with it.
        threads = [
            threading.Thread(target=_feed, args=(process.stdin, feed), daemon=True),
            threading.Thread(target=_collect, args=(process.stderr, complaints), daemon=True),
        ]
        for thread in threads:
            thread.start()
        finished = False
        try:
            yield process.stdout
            finished = True
        finally:
            if not finished:
                process.kill()
            process.stdout.close()
            code = process.wait()
            for thread in threads:
                thread.join()
            process.stderr.close()
        if code:
            raise failure(arguments, b"".join(complaints))


@cache
def version(_program: str | None) -> str:
    """The version of the git at a path, which is the one that is found; no repository is needed for it."""
    return Git(Path(os.devnull), None).text("version").removeprefix("git version ").strip()


def _environment() -> dict[str, str]:
    """The environment git runs in: no one's configuration, no prompts, no fetching, UTC, plain messages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_GRAFT_FILE": os.path.join(os.devnull, "none"),  # noqa: PTH118 -- a path that cannot exist, not one to open
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "GIT_ALLOW_PROTOCOL": "none",
        "LC_ALL": "C",
        "TZ": "UTC",
    }


def failure(arguments: Sequence[str], complaint: bytes) -> GitError:
    """The error of a run that failed, in git's own first words."""
    said = _first_line(complaint.decode("utf-8", "replace")) or "no reason given"
    hint = "try `git fsck` in the repository"
    if said.startswith(_UNKNOWN):
        hint = "install git 2.31 or later and make sure it is on PATH"
    elif "promisor" in said:
        hint = PARTIAL
    return GitError(f"git {arguments[0]} failed: {said}", hint=hint)


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("hint:", "warning:"))]
    return shown(lines[0].removeprefix("fatal: ").removeprefix("error: ")) if lines else ""


def _feed(pipe: IO[bytes], content: bytes) -> None:
    try:
        pipe.write(content)
        pipe.close()
    except BrokenPipeError:
        pass  # git ended early; its exit code says why


def _collect(pipe: IO[bytes], into: list[bytes]) -> None:
    into.append(pipe.read())
