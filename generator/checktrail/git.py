"""Git objects to commits, tags and text; the only module that runs git.

In: a folder. Out: `Commit`, `Tag`, `Blob` values and streams of object contents, each from one git process however many
are asked for. Reads only: no checkout, no lock, no fetch, no write. Neither the user's nor the system's git
configuration is read, and what of the repository's own could change output is switched off, so that the same
repository gives the same answer everywhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import IO, NamedTuple

from checktrail.errors import GitError, NoRepositoryError, ShallowCloneError, UsageError, shown
from checktrail.model import Blob, Commit, Person, Tag, TagKind

MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_REGULAR_MODES = (b"100644", b"100755", b"100664")
_CHUNK = 1 << 18

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
_COMMIT_FIELDS = 9
_COMMIT_FORMAT = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B%x00"
_TAG_FORMAT = (
    "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
    "%00%(taggername)%00%(taggeremail)%00%(taggerdate:unix)%00%(contents)%00"
)


class FileChange(NamedTuple):
    """A file that a commit changed against its first parent; `blob` is None when it is gone (or no regular file)."""

    path: str
    blob: str | None
    mode: str


class Reference(NamedTuple):
    """A reference and the object it leads to."""

    name: str
    target: str


class RawObject(NamedTuple):
    """An object as git keeps it: `kind` is `commit`, `tree`, `blob` or `tag`, or `missing`."""

    id: str
    kind: str
    content: bytes


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
        gitpython = _gitpython()
        try:
            with gitpython.Repo(folder, search_parent_directories=True) as found:
                worktree = None if found.bare or not found.working_tree_dir else Path(found.working_tree_dir)
                return cls(Path(found.git_dir), worktree, Path(found.common_dir))
        except (gitpython.InvalidGitRepositoryError, gitpython.NoSuchPathError):
            raise NoRepositoryError(
                f"there is no git repository in {shown(folder)} or above it",
                hint="go into one, name one with -C DIR, or give `status` the files themselves",
            ) from None

    # --- facts about the repository ---------------------------------------------------------------------------------

    @property
    def is_bare(self) -> bool:
        """Whether there are no files beside the history."""
        return self.worktree is None

    @cached_property
    def is_shallow(self) -> bool:
        """Whether history is cut off."""
        return self._text("rev-parse", "--is-shallow-repository").strip() == "true"

    @cached_property
    def is_partial(self) -> bool:
        """Whether objects may be missing because the clone asked for a part only."""
        found = self._run(
            "config", "--local", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$", ok=(0, 1)
        )
        return bool(found.strip())

    @cached_property
    def has_replacements(self) -> bool:
        """Whether replace references or grafts would show another history to other tools."""
        grafts = self.common_dir / "info" / "grafts"
        return bool(self._text("for-each-ref", "--count=1", "refs/replace/").strip()) or grafts.is_file()

    @cached_property
    def object_format(self) -> str:
        """`sha1` or `sha256`."""
        return self._text("rev-parse", "--show-object-format").strip()

    @cached_property
    def head(self) -> Head:
        """Where HEAD points."""
        branch = self._run("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1)).decode("utf-8", "replace").strip()
        commit = (
            self._run("rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}", ok=(0, 1))
            .decode()
            .strip()
        )
        return Head(commit or None, branch or None)

    @cached_property
    def remote_url(self) -> str | None:
        """The address of `origin` (else of the only remote), without a user name or password in it."""
        names = self._text("remote").split()
        name = "origin" if "origin" in names else (names[0] if len(names) == 1 else None)
        if name is None:
            return None
        url = (
            self._run("config", "--local", "--get", f"remote.{name}.url", ok=(0, 1)).decode("utf-8", "replace").strip()
        )
        return _without_secrets(url) or None

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

    @cached_property
    def git_version(self) -> str:
        """The version of the git that reads."""
        return self._text("version").removeprefix("git version ").strip()

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
        found = self._run(
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
        """Every reference with the object it holds, sorted by name; replace references left out."""
        listing = self._text("for-each-ref", "--format=%(refname)%00%(objectname)")
        pairs = (line.split("\0") for line in listing.splitlines())
        return tuple(Reference(name, target) for name, target in pairs if not name.startswith("refs/replace/"))

    def tags(self) -> tuple[Tag, ...]:
        """Every tag, peeled (nested tags through to the end), sorted by name."""
        tokens = self._run("for-each-ref", _TAG_FORMAT, "refs/tags/").decode("utf-8", "surrogateescape").split("\0")
        width = _TAG_FORMAT.count("%00")
        rows = (tokens[start : start + width] for start in range(0, len(tokens) - width, width))
        tags = [_tag(row) for row in rows]
        nested = [tag for tag in tags if tag.target_type == "tag"]
        if not nested:
            return tuple(tags)
        peeled = self._peel([tag.tag_object or "" for tag in nested])
        return tuple(_repeeled(tag, peeled) if tag.target_type == "tag" else tag for tag in tags)

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
        for commit, _ in self._log(("--no-patch",)):
            yield commit

    def history(self, suffixes: tuple[str, ...] = MARKDOWN_SUFFIXES) -> Iterator[tuple[Commit, tuple[FileChange, ...]]]:
        """Every commit, parents first, with the files it changed against its first parent.

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
        for commit, changes in self._log(raw):
            yield commit, tuple(change for change in changes if change.path.lower().endswith(suffixes))

    def _log(self, options: tuple[str, ...]) -> Iterator[tuple[Commit, Sequence[FileChange]]]:
        heads = ("--branches", "--remotes", "--tags", *(("HEAD",) if self.head.commit else ()))
        if not self.head.commit and not self.references():
            return
        arguments = (
            "log",
            "-z",
            "--topo-order",
            "--reverse",
            "--encoding=UTF-8",
            _COMMIT_FORMAT,
            *options,
            *heads,
            "--",
        )
        with self._stream(arguments) as output:
            yield from _read_log(output)

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether one commit is another's ancestor or the same (asked of git; for many, use the graph in hand)."""
        found = self._process("merge-base", "--is-ancestor", "--end-of-options", ancestor, descendant)
        if found.returncode not in (0, 1):
            raise _failure(("merge-base",), found.stderr)
        return found.returncode == 0

    def tracked(self) -> tuple[str, ...]:
        """The paths of the files in the index, sorted by path bytes; none in a bare repository."""
        if self.worktree is None:
            return ()
        entries = self._run("ls-files", "-z", "--stage").split(b"\0")[:-1]
        paths = (entry.split(b"\t", 1) for entry in entries)
        regular = {path for head, path in paths if head.split()[0] in _REGULAR_MODES}
        return tuple(path.decode("utf-8", "surrogateescape") for path in sorted(regular))

    # --- objects ----------------------------------------------------------------------------------------------------

    def tree(self, revision: str) -> tuple[Blob, ...]:
        """Every regular file in a revision's tree, sorted by path bytes."""
        listing = self._run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", self.resolve(revision))
        blobs = []
        for entry in listing.split(b"\0")[:-1]:
            head, path = entry.split(b"\t", 1)
            mode, kind, identity = head.split()
            if kind == b"blob" and mode in _REGULAR_MODES:
                blobs.append(Blob(path.decode("utf-8", "surrogateescape"), identity.decode(), mode.decode()))
        return tuple(blobs)

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of many blobs through one process, in the order asked; missing ones are left out."""
        for found in self.objects(ids):
            if found.kind == "blob":
                yield found.id, found.content

    def objects(self, ids: Iterable[str]) -> Iterator[RawObject]:
        """Many objects through one process, in the order asked; one that is not there has the kind `missing`."""
        wanted = list(ids)
        if not wanted:
            return
        # In a partial clone git would fetch what is missing, and stop when it may not: so only what is here is asked.
        asked_of_git = [one for one in wanted if one in self._present] if self.is_partial else wanted
        here = set(asked_of_git)
        feed = "".join(f"{identity}\n" for identity in asked_of_git).encode()
        with self._stream(("cat-file", "--batch", "--buffer"), feed) as output:
            for asked in wanted:
                if asked not in here:
                    yield RawObject(asked, "missing", b"")
                    continue
                header = output.readline().split()
                if len(header) != 3:  # noqa: PLR2004 -- "<id> missing" has two words, "<id> <type> <size>" three
                    yield RawObject(asked, "missing", b"")
                    continue
                size = int(header[2])
                content = output.read(size)
                output.read(1)
                yield RawObject(header[0].decode(), header[1].decode(), content)

    @cached_property
    def _present(self) -> frozenset[str]:
        """The ids of all objects that are here; asked only of a partial clone."""
        listing = self._text("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
        return frozenset(listing.split())

    def differences(self, spans: Iterable[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
        """The paths that differ between two commits, for many pairs through one process, in the order asked.

        Where both are the same commit, the paths that it changed itself against its parent; none for a merge.
        """
        wanted = list(spans)
        if not wanted:
            return
        # For git a commit followed by another is that commit with the other as its parent.
        feed = "".join(f"{end}\n" if start == end else f"{end} {start}\n" for start, end in wanted).encode()
        options = ("--stdin", "--raw", "-r", "-z", "--root", "--always", "--no-renames", "--ignore-submodules=none")
        found: list[str] | None = None
        with self._stream(("diff-tree", *options), feed) as output:
            tokens = _tokens(output)
            for token in tokens:
                if token.startswith(b":"):
                    path = next(tokens).decode("utf-8", "surrogateescape")
                    if found is not None:
                        found.append(path)
                elif token:
                    if found is not None:
                        yield tuple(found)
                    found = []
        if found is not None:
            yield tuple(found)

    # --- running git ------------------------------------------------------------------------------------------------

    def _command(self, arguments: Sequence[str]) -> list[str]:
        options = [part for setting in _SETTINGS for part in ("-c", setting)]
        return [
            "git",
            f"--git-dir={self.git_dir}",
            "--no-replace-objects",
            "--no-optional-locks",
            "--no-pager",
            *options,
            *arguments,
        ]

    def _process(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self._command(arguments),
            capture_output=True,
            check=False,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            cwd=self.worktree,
        )

    def _run(self, *arguments: str, ok: tuple[int, ...] = (0,)) -> bytes:
        found = self._process(*arguments)
        if found.returncode not in ok:
            raise _failure(arguments, found.stderr)
        return found.stdout

    def _text(self, *arguments: str) -> str:
        return self._run(*arguments).decode("utf-8", "surrogateescape")

    @contextmanager
    def _stream(self, arguments: Sequence[str], feed: bytes = b"") -> Iterator[IO[bytes]]:
        """One git process whose output is read as it comes; its failure is raised at the end."""
        process = subprocess.Popen(
            self._command(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=_environment(), bufsize=_CHUNK, cwd=self.worktree,
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
            raise _failure(arguments, b"".join(complaints))


def _gitpython() -> ModuleType:
    """GitPython, without the git process that its import would start, and whatever GIT_* variables a hook has set."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import git

    return git


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


def _failure(arguments: Sequence[str], complaint: bytes) -> GitError:
    said = _first_line(complaint.decode("utf-8", "replace")) or "no reason given"
    return GitError(f"git {arguments[0]} failed: {said}", hint="try `git fsck` in the repository")


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("hint:", "warning:"))]
    return shown(lines[0].removeprefix("fatal: ").removeprefix("error: ")) if lines else ""


def _without_secrets(url: str) -> str:
    """An address without the user name and password that some hosts keep in it."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


def _feed(pipe: IO[bytes], content: bytes) -> None:
    try:
        pipe.write(content)
        pipe.close()
    except BrokenPipeError:
        pass  # git ended early; its exit code says why


def _collect(pipe: IO[bytes], into: list[bytes]) -> None:
    into.append(pipe.read())


def _tokens(stream: IO[bytes]) -> Iterator[bytes]:
    """What stands between NULs."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        first, *others = chunk.split(b"\0")
        rest += first
        if others:
            yield rest
            yield from others[:-1]
            rest = others[-1]
    if rest:
        yield rest


def _read_log(stream: IO[bytes]) -> Iterator[tuple[Commit, Sequence[FileChange]]]:
    """The commits of `git log -z` with `_COMMIT_FORMAT`: nine fields, an empty token, raw entries with paths."""
    people: dict[tuple[bytes, bytes], Person] = {}
    fields: list[bytes] = []
    changes: list[FileChange] = []
    entry = b""
    for token in _tokens(stream):
        if len(fields) < _COMMIT_FIELDS:
            fields.append(token)
        elif entry:
            changes.append(_change(entry, token))
            entry = b""
        elif token.startswith((b":", b"\n:")):
            entry = token
        elif token:
            yield _commit(fields, people), changes
            fields, changes = [token], []
    if len(fields) == _COMMIT_FIELDS:
        yield _commit(fields, people), changes


def _change(entry: bytes, path: bytes) -> FileChange:
    _, mode, _, blob, _ = entry.split(b" ", 4)
    regular = mode in _REGULAR_MODES
    return FileChange(path.decode("utf-8", "surrogateescape"), blob.decode() if regular else None, mode.decode())


def _commit(fields: list[bytes], people: dict[tuple[bytes, bytes], Person]) -> Commit:
    identity, parents, name, email, authored, committer, committer_email, committed, message = fields
    return Commit(
        identity.decode(),
        tuple(parents.decode().split()),
        people.get((name, email)) or people.setdefault((name, email), _person(name, email)),
        _seconds(authored),
        people.get((committer, committer_email))
        or people.setdefault((committer, committer_email), _person(committer, committer_email)),
        _seconds(committed),
        message.decode("utf-8", "replace"),
    )


def _person(name: bytes, email: bytes) -> Person:
    return Person(name.decode("utf-8", "replace"), email.decode("utf-8", "replace"))


def _seconds(text: bytes) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0


def _tag(row: Sequence[str]) -> Tag:
    name, kind, identity, target_kind, target, tagger, email, date, message = row
    name = name.lstrip("\n").removeprefix("refs/tags/")
    if kind != "tag":
        return Tag(name, TagKind.LIGHTWEIGHT, identity if kind == "commit" else None, kind)
    person = Person(_clean(tagger), _clean(email).removeprefix("<").removesuffix(">")) if tagger or email else None
    return Tag(
        name, TagKind.ANNOTATED, target if target_kind == "commit" else None, target_kind,
        tag_object=identity, tagger=person, tagged_at=int(date) if date.lstrip("-").isdigit() else None,
        message=_clean(message),
    )  # fmt: skip


def _repeeled(tag: Tag, ends: dict[str, tuple[str, str]]) -> Tag:
    kind, target = ends.get(tag.tag_object or "", ("missing", ""))
    return Tag(
        tag.name, tag.kind, target if kind == "commit" else None, kind,
        tag_object=tag.tag_object, tagger=tag.tagger, tagged_at=tag.tagged_at, message=tag.message,
    )  # fmt: skip


def _clean(text: str) -> str:
    """Text with U+FFFD for bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
