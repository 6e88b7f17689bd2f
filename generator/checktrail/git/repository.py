"""What can be asked of one git repository.

It is over 400 lines since all that readers may ask of git stands here, each question a few lines long.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import IO, NamedTuple

from checktrail.errors import GitError, MissingObjectError, NoRepositoryError, ShallowCloneError, UsageError, shown
from checktrail.git.finding import plainly_found
from checktrail.git.process import PARTIAL, Git, failure, version
from checktrail.git.wire import (
    COMMIT_FORMAT,
    REGULAR_MODES,
    TAG_FORMAT,
    TIME_FORMAT,
    FileChange,
    read_commits,
    read_differences,
    read_graph,
    read_log,
    read_tag,
    read_times,
    repeeled,
)
from checktrail.model import Blob, Commit, Node, Tag, TagKind

_SHA256_DIGITS = 64
_REPLACE = "refs/replace/"
_PROMISES = re.compile(r"extensions\.partialclone|remote\..*\.promisor", re.DOTALL)
_OF_A_REMOTE = re.compile(r"remote\.(.+)\.[^.]+", re.DOTALL)
MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")


class Reference(NamedTuple):
    """A reference and the object it leads to."""

    name: str
    target: str


class RawObject(NamedTuple):
    """An object as git keeps it: `kind` is `commit`, `tree`, `blob` or `tag`, or `missing`."""

    id: str
    kind: str
    content: bytes

    @property
    def is_intact(self) -> bool:
        """Whether its content is what its name says; git itself does not look, but for `git fsck`."""
        identity, kind, content = self
        digest = hashlib.sha256 if len(identity) == _SHA256_DIGITS else hashlib.sha1
        head = f"{kind} {len(content)}\0".encode()
        return digest(head + content).hexdigest() == identity


@dataclass(frozen=True, slots=True)
class Head:
    """Where HEAD points: `commit` is None in a repository without commits, `branch` None when detached."""

    commit: str | None
    branch: str | None


class Repository:
    """One git repository, opened for reading.

    Args:
        git_dir: the repository's own folder (`.git` or a bare repository).
        worktree: the root of its files, None when bare.
    """

    def __init__(self, git_dir: Path, worktree: Path | None, common_dir: Path) -> None:
        self.git_dir = git_dir
        self.worktree = worktree
        self.common_dir = common_dir
        self._git = Git(git_dir, worktree)

    @classmethod
    def open(cls, path: Path | str = ".") -> Repository:
        """The repository that a folder belongs to.

        Raises:
            NoRepositoryError: there is none here.
            GitError: git is missing.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise NoRepositoryError(f"{shown(folder)} is not a folder", hint="name a folder with -C DIR")
        if shutil.which("git") is None:
            raise GitError("git is not installed", hint="install git 2.31 or later and make sure it is on PATH")
        if found := plainly_found(folder):
            return cls(*found)
        gitpython = _gitpython()
        try:
            with gitpython.Repo(folder, search_parent_directories=True) as repo:
                worktree = None if repo.bare or not repo.working_tree_dir else Path(repo.working_tree_dir)
                return cls(Path(repo.git_dir), worktree, Path(repo.common_dir))
        except (gitpython.InvalidGitRepositoryError, gitpython.NoSuchPathError):
            raise NoRepositoryError(
                f"there is no git repository in {shown(folder)} or above it",
                hint="go into one, or name one with -C DIR",
            ) from None

    # --- facts about the repository ---------------------------------------------------------------------------------

    @property
    def is_bare(self) -> bool:
        """Whether there are no files beside the history."""
        return self.worktree is None

    @cached_property
    def is_shallow(self) -> bool:
        """Whether history is cut off."""
        return self._git.text("rev-parse", "--is-shallow-repository").strip() == "true"

    @cached_property
    def object_format(self) -> str:
        """`sha1` or `sha256`."""
        return self._git.text("rev-parse", "--show-object-format").strip()

    @cached_property
    def _settings(self) -> dict[str, str]:
        """The repository's own settings by git's full names for them; the last of those that stand several times.

        Asked for by a pattern that all names have: for a list of them git needs a file, and there may be none.
        """
        found = self._git.run("config", "--local", "-z", "--get-regexp", ".", ok=(0, 1))
        entries = found.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return {name: value for name, _, value in (entry.partition("\n") for entry in entries)}

    @property
    def is_partial(self) -> bool:
        """Whether objects may be missing because the clone asked for a part only."""
        return any(map(_PROMISES.fullmatch, self._settings))

    @cached_property
    def has_replacements(self) -> bool:
        """Whether replace references or grafts would show another history to other tools."""
        grafts = self.common_dir / "info" / "grafts"
        return any(one.name.startswith(_REPLACE) for one in self._references) or grafts.is_file()

    @cached_property
    def head(self) -> Head:
        """Where HEAD points."""
        branch = (
            self._git.run("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1)).decode("utf-8", "replace").strip()
        )
        commit = (
            self._git.run("rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}", ok=(0, 1))
            .decode()
            .strip()
        )
        return Head(commit or None, branch or None)

    @cached_property
    def remote_url(self) -> str | None:
        """The address of `origin` (else of the only remote), without a user name or password in it."""
        names = {found[1] for found in map(_OF_A_REMOTE.fullmatch, self._settings) if found}
        name = "origin" if "origin" in names or len(names) != 1 else names.pop()
        url = self._settings.get(f"remote.{name}.url", "")
        return _without_secrets(url.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()) or None

    @property
    def name(self) -> str:
        """The repository's name: its remote's, else its folder's."""
        if self.remote_url:
            last = (
                self.remote_url.rstrip("/")
                .replace(":", "/")
                .rsplit("/", 1)[-1]
                .removesuffix(".git")
                .removesuffix(".bundle")
            )
            if last:
                return last
        folder = self.worktree or self.git_dir
        return folder.name.removesuffix(".git") or "repository"

    @property
    def git_version(self) -> str:
        """The version of the git that reads."""
        return version(shutil.which("git"))

    def refuse_shallow(self) -> None:
        """Stop where a cut-off history would give wrong answers.

        Raises:
            ShallowCloneError: history is cut off here.
        """
        if self.is_shallow:
            raise ShallowCloneError(
                f"{shown(self.worktree or self.git_dir)} is a shallow clone, so earlier commits and tags are missing",
                hint="run `git fetch --unshallow --tags`; in CI, check out with `fetch-depth: 0`",
            )

    # --- references -------------------------------------------------------------------------------------------------

    def resolve(self, revision: str) -> str:
        """The full id of the commit that a revision names.

        Raises:
            UsageError: it names none.
        """
        found = self._git.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", ok=(0, 1, 128)
        )
        commit = found.decode("ascii", "replace").strip()
        if not commit:
            raise UsageError(
                f"{shown(revision)} names no commit in this repository",
                hint="see `git tag` and `git branch --all`; in CI, fetch it first (`fetch-depth: 0`)",
            )
        return commit

    def references(self) -> tuple[Reference, ...]:
        """Every reference with the object it holds, sorted by name; replace references left out.

        References, tags and HEAD are those of the moment when they were first asked for: one run has one answer.
        """
        return tuple(one for one in self._references if not one.name.startswith(_REPLACE))

    @cached_property
    def _references(self) -> tuple[Reference, ...]:
        listing = self._git.text("for-each-ref", "--format=%(refname)%00%(objectname)")
        # Not `splitlines`: a name may hold U+2028 and other ends of lines that git takes for letters.
        pairs = (line.split("\0") for line in listing.split("\n")[:-1])
        return tuple(Reference(name, target) for name, target in pairs)

    def tags(self) -> tuple[Tag, ...]:
        """Every tag, peeled (nested tags through to the end), sorted by name."""
        return self._tags

    @cached_property
    def _tags(self) -> tuple[Tag, ...]:
        tokens = self._git.run("for-each-ref", TAG_FORMAT, "refs/tags/").decode("utf-8", "surrogateescape").split("\0")
        width = TAG_FORMAT.count("%00")
        rows = (tokens[start : start + width] for start in range(0, len(tokens) - width, width))
        tags = [read_tag(row) for row in rows]
        nested = [tag for tag in tags if tag.target_type == "tag"]
        if not nested:
            return tuple(tags)
        peeled = self._peel([tag.tag_object or "" for tag in nested])
        return tuple(repeeled(tag, peeled) if tag.target_type == "tag" else tag for tag in tags)

    def _peel(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Object id to (type, id) of what it leads to in the end."""
        ends: dict[str, tuple[str, str]] = {}
        pending = {identity: identity for identity in ids}
        while pending:
            following: dict[str, str] = {}
            for start, found in zip(pending, self.objects(pending.values()), strict=True):
                if found.kind == "tag":
                    following[start] = (
                        found.content.split(b"\n", 1)[0].removeprefix(b"object ").decode("ascii", "replace")
                    )
                else:
                    ends[start] = (found.kind, found.id)
            pending = following
        return ends

    # --- history ----------------------------------------------------------------------------------------------------

    def commits(self) -> Iterator[Commit]:
        """Every commit of all branches, remotes, tags and HEAD, parents first."""
        with self._log(("--no-patch",)) as output:
            yield from read_commits(output)

    def graph(self, tags: Sequence[Tag]) -> tuple[Node, ...]:
        """The same as `commits` without what people wrote, for which git reads half as much.

        Times are git's reading of them, which knows no odd ones; those of the commits that lightweight tags lead to,
        which date a release, are exactly what `commits` says.
        """
        if self._is_empty:
            return ()
        dated = sorted({tag.commit for tag in tags if tag.commit and tag.kind is TagKind.LIGHTWEIGHT})
        times: dict[str, int] = {}
        if dated:
            feed = "".join(f"{commit}\n" for commit in dated).encode()
            with self._git.stream(("log", "--no-walk=unsorted", "--no-patch", TIME_FORMAT, "--stdin"), feed) as output:
                times = read_times(output)
        arguments = ("rev-list", "--topo-order", "--reverse", "--parents", "--timestamp", *self._heads(), "--")
        with self._git.stream(arguments) as output:
            return tuple(read_graph(output, times))

    def tips(self) -> list[str]:
        """The commits that `history` begins at, sorted: what branches, remotes, tags and HEAD lead to."""
        branches = [one for one in self.references() if one.name.startswith(("refs/heads/", "refs/remotes/"))]
        found = {one.target for one in branches} | {tag.commit for tag in self.tags()} | {self.head.commit}
        return sorted(commit for commit in found if commit)

    def reaches(self, commits: Sequence[str]) -> bool:
        """Whether all of some commits are there still, and reached from branches, remotes, tags or HEAD."""
        found = self._git.process("rev-list", "--max-count=1", *commits, "--not", *self._heads(), "--")
        return found.returncode == 0 and not found.stdout.strip()

    def history(
        self, suffixes: tuple[str, ...] = MARKDOWN_SUFFIXES, known: Sequence[str] = ()
    ) -> Iterator[tuple[Commit, tuple[FileChange, ...]]]:
        """Every commit, parents first, with the files it changed against its first parent.

        What is reached from the commits in `known` is left out.

        Only regular files whose name ends (in any case) with one of `suffixes` are told; symbolic links and submodules
        are no checklists, and a file that becomes one is gone.
        """
        raw = (
            "--raw",
            "--no-renames",
            "--no-abbrev",
            "--root",
            "--diff-merges=first-parent",
            "--ignore-submodules=none",
        )
        with self._log(raw, known) as output:
            for commit, changes in read_log(output):
                yield commit, tuple([change for change in changes if change.path.lower().endswith(suffixes)])

    def versions(self, path: str, commit: str) -> tuple[str, ...]:
        """The ids of all contents that a file has had in the history of a commit, on every branch that led to it."""
        every = ("--full-history", "--diff-merges=separate", "--raw", "--no-renames", "--no-abbrev", "--root")
        listing = self._git.run("log", "-z", "--format=", *every, commit, "--", f":(top,literal){path}").split(b"\0")
        entries = (entry.removeprefix(b":").split() for entry in listing if entry.startswith(b":"))
        return tuple(dict.fromkeys(new.decode() for _, mode, _, new, *_ in entries if mode in REGULAR_MODES))

    @property
    def _is_empty(self) -> bool:
        """Whether there is nothing to begin at; git would ask for a revision."""
        return not self.head.commit and not self.references()

    def _heads(self) -> tuple[str, ...]:
        return ("--branches", "--remotes", "--tags", *(("HEAD",) if self.head.commit else ()))

    @contextmanager
    def _log(self, options: tuple[str, ...], known: Sequence[str] = ()) -> Iterator[IO[bytes]]:
        """What `git log` prints, parents first; nothing where there is no reference to begin at."""
        if self._is_empty:
            yield BytesIO()
            return
        arguments = (
            "log",
            "-z",
            "--topo-order",
            "--reverse",
            "--encoding=UTF-8",
            COMMIT_FORMAT,
            *options,
            *self._heads(),
            *(("--not", *known) if known else ()),
            "--",
        )
        with self._git.stream(arguments) as output:
            yield output

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether one commit is another's ancestor or the same (asked of git; for many, use the graph in hand)."""
        found = self._git.process("merge-base", "--is-ancestor", "--end-of-options", ancestor, descendant)
        if found.returncode not in (0, 1):
            raise failure(("merge-base",), found.stderr)
        return found.returncode == 0

    def tracked(self) -> tuple[str, ...]:
        """The paths of the files in the index, sorted by path bytes; none in a bare repository."""
        if self.worktree is None:
            return ()
        entries = self._git.run("ls-files", "-z", "--stage").split(b"\0")[:-1]
        paths = (entry.split(b"\t", 1) for entry in entries)
        regular = {path for head, path in paths if head.split()[0] in REGULAR_MODES}
        return tuple(path.decode("utf-8", "surrogateescape") for path in sorted(regular))

    def untracked(self, *suffixes: str) -> tuple[str, ...]:
        """The files that git neither knows nor ignores and whose names end so, in any case, sorted by path bytes."""
        if self.worktree is None:
            return ()
        patterns = [f":(top,icase)*{suffix}" for suffix in suffixes]
        listing = self._git.run("ls-files", "-z", "--others", "--exclude-standard", "--", *patterns)
        return tuple(path.decode("utf-8", "surrogateescape") for path in sorted(listing.split(b"\0")[:-1]))

    # --- objects ----------------------------------------------------------------------------------------------------

    def tree(self, revision: str) -> tuple[Blob, ...]:
        """Every regular file in a revision's tree, sorted by path bytes."""
        listing = self._git.run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", self.resolve(revision))
        blobs = []
        for entry in listing.split(b"\0")[:-1]:
            head, path = entry.split(b"\t", 1)
            mode, kind, identity = head.split()
            if kind == b"blob" and mode in REGULAR_MODES:
                blobs.append(Blob(path.decode("utf-8", "surrogateescape"), identity.decode(), mode.decode()))
        return tuple(blobs)

    def blobs(self, ids: Iterable[str]) -> Generator[tuple[str, bytes], None, None]:
        """The contents of many blobs through one process, in the order asked; missing ones are left out."""
        for found in self.objects(ids):
            if found.kind == "blob":
                yield found.id, found.content

    def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The contents of blobs, every one of them.

        Raises:
            MissingObjectError: one is not here.
        """
        wanted = dict.fromkeys(ids)
        found = dict(self.blobs(wanted))
        for identity in wanted:
            if identity not in found:
                raise self.missing(identity)
        return found

    def missing(self, identity: str) -> MissingObjectError:
        """The error of an object that is not here."""
        hint = PARTIAL if self.is_partial else "try `git fsck`, and fetch it from a repository that has it"
        return MissingObjectError(f"the object {identity} is missing from this repository", hint=hint)

    def objects(self, ids: Iterable[str]) -> Iterator[RawObject]:
        """Many objects through one process, in the order asked; one that is not there has the kind `missing`."""
        wanted = list(ids)
        if not wanted:
            return
        # In a partial clone git would fetch what is missing, and stop when it may not: so only what is here is asked.
        asked_of_git = [one for one in wanted if one in self._present] if self.is_partial else wanted
        here = set(asked_of_git)
        feed = "".join(f"{identity}\n" for identity in asked_of_git).encode()
        with self._git.stream(("cat-file", "--batch", "--buffer"), feed) as output:
            for asked in wanted:
                if asked not in here:
                    yield RawObject(asked, "missing", b"")
                    continue
                header = output.readline().split()
                if len(header) != 3:  # noqa: PLR2004 -- "<id> missing" has two words, "<id> <type> <size>" three
                    yield RawObject(asked, "missing", b"")
                    continue
                size = int(header[2])
                content = output.read(size + 1)
                # Most are asked for by their ids; where one is the same string, it is quickly found again by it.
                identity = header[0].decode()
                yield RawObject(asked if identity == asked else identity, header[1].decode(), content[:size])

    @cached_property
    def _present(self) -> frozenset[str]:
        """The ids of all objects that are here; asked only of a partial clone."""
        listing = self._git.text("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
        return frozenset(listing.split())

    def differences(self, spans: Iterable[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
        """The paths that differ between two commits, or two trees, for many pairs through one process, in their order.

        Where both are the same commit, the paths that it changed itself against its parent; none for a merge.

        Raises:
            GitError: git cannot compare a pair, since something of it is missing.
        """
        wanted = list(spans)
        if not wanted:
            return
        # For git a commit followed by another is that commit with the other as its parent; trees are told apart either
        # way round.
        feed = "".join(f"{end}\n" if start == end else f"{end} {start}\n" for start, end in wanted).encode()
        options = ("--stdin", "--raw", "-r", "-z", "--root", "--always", "--no-renames", "--ignore-submodules=none")
        with self._git.stream(("diff-tree", *options), feed) as output:
            found = read_differences(output)
            for start, end in wanted:
                told, paths = next(found, ("", ()))
                # Git leaves a pair of trees out without a word when one of them is missing.
                if told not in (f"{end} {start}", end):
                    raise GitError(f"git cannot compare {start} with {end}", hint="try `git fsck` in the repository")
                yield paths


def _gitpython() -> ModuleType:
    """GitPython, without the git process that its import would start, and whatever GIT_* variables a hook has set."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import git

    return git


def _without_secrets(url: str) -> str:
    """An address without user name, password and query; nothing of one in which a password may stand elsewhere."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    authority, slash, path = rest.partition("?")[0].partition("#")[0].partition("/")
    host = authority.rpartition("@")[2]
    _, colon, port = host.rpartition(":")
    if colon and not host.endswith("]") and port and not port.isdigit():
        return ""  # what stands where a port should be is a password that holds a slash
    return f"{scheme}://{host}{slash}{path}"
