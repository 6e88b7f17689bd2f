"""The curated files of many releases, read at once. In: a way to ask git for objects. Out: texts per release.

Trees are read as git keeps them, level by level, so that a thousand tags cost three streams and nothing is listed that
nobody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from checktrail.config import NotesSettings
from checktrail.model import Release

_ENTRY = {size: re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{%d})" % size, re.DOTALL) for size in (20, 32)}
_TREE_MODE = b"40000"
_FILE_MODES = frozenset({b"100644", b"100755", b"100664"})
_LARGEST = 8 * 1024 * 1024


class Stored(Protocol):
    """An object as git keeps it."""

    @property
    def id(self) -> str:
        """Its full id."""

    @property
    def kind(self) -> str:
        """`tree`, `blob`, or another."""

    @property
    def content(self) -> bytes:
        """Its bytes."""


Ask = Callable[[Iterable[str]], Iterator[Stored]]


class File(NamedTuple):
    """A file's path and text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """What curated files say of one release: in the tag's own tree, and at HEAD. None where there is no such file.

    `own` is the release's own file, `changelog` the changelog as a whole; `fragments` are the files of the fragment
    folders in the tag's tree that the base's tree does not hold.
    """

    own: File | None = None
    own_now: File | None = None
    changelog: File | None = None
    changelog_now: File | None = None
    fragments: tuple[File, ...] = ()


NOTHING = Texts()


def texts(
    releases: Sequence[Release], commit_of: Mapping[str, str], head: str | None, ask: Ask, settings: NotesSettings
) -> Mapping[str, Texts]:
    """The curated texts of releases, by tag.

    Args:
        releases: those that are asked about.
        commit_of: every release tag's commit, for the bases.
        head: HEAD's commit, None where there is none.
        ask: answers object names in the order asked (`Repository.objects`).
        settings: where curated texts are.
    """
    commits = {release.commit for release in releases} | ({head} if head else set())
    commits |= {commit_of[release.base] for release in releases if release.base is not None}
    own_path = {release.tag: f"{settings.folder.strip('/')}/{release.tag}.md" for release in releases}
    folders = [folder.strip("/") for folder in settings.fragments]
    paths = {commit: [*settings.changelog, *(f"{folder}/" for folder in folders)] for commit in sorted(commits)}
    for release in releases:
        for commit in {release.commit, head or release.commit}:
            paths[commit].append(own_path[release.tag])
    trees = _Trees(paths, ask)
    found = {
        release.tag: _Found(
            own=trees.find(release.commit, [own_path[release.tag]]),
            own_now=trees.find(head, [own_path[release.tag]]),
            changelog=trees.find(release.commit, settings.changelog),
            changelog_now=trees.find(head, settings.changelog),
            fragments=trees.fresh(release.commit, commit_of.get(release.base or ""), folders),
        )
        for release in releases
    }
    read = _read(sorted({file.id for each in found.values() for file in each.files()}), ask)
    return {tag: each.texts(read) for tag, each in found.items()}


class _Blob(NamedTuple):
    path: str
    id: str

    def file(self, read: Mapping[str, str]) -> File | None:
        """The file, None where it is gone, too large, or not there to read."""
        return File(self.path, read[self.id]) if self.id in read else None


class _Found(NamedTuple):
    """Where the texts of one release are."""

    own: _Blob | None
    own_now: _Blob | None
    changelog: _Blob | None
    changelog_now: _Blob | None
    fragments: tuple[_Blob, ...]

    def files(self) -> Iterator[_Blob]:
        yield from (file for file in (self.own, self.own_now, self.changelog, self.changelog_now) if file)
        yield from self.fragments

    def texts(self, read: Mapping[str, str]) -> Texts:
        return Texts(
            own=self.own and self.own.file(read),
            own_now=self.own_now and self.own_now.file(read),
            changelog=self.changelog and self.changelog.file(read),
            changelog_now=self.changelog_now and self.changelog_now.file(read),
            fragments=tuple(file for blob in self.fragments if (file := blob.file(read))),
        )


def _read(ids: Sequence[str], ask: Ask) -> dict[str, str]:
    return {
        asked: found.content.decode("utf-8", "replace").replace("\r\n", "\n").removeprefix("\ufeff")
        for asked, found in zip(ids, ask(ids), strict=True)
        if found.kind == "blob" and len(found.content) <= _LARGEST
    }


class _Entry(NamedTuple):
    mode: bytes
    id: str


class _Trees:
    """The trees of commits, as far as each one's paths lead into them; a path that ends in `/` is a folder's own."""

    def __init__(self, paths: Mapping[str, Iterable[str]], ask: Ask) -> None:
        self._trees: dict[str, _Tree] = {}
        self._roots: dict[str, str] = {}
        for commit, found in zip(paths, ask(f"{commit}^{{tree}}" for commit in paths), strict=True):
            if found.kind == "tree":
                self._roots[commit] = found.id
                self._trees.setdefault(found.id, _Tree(found.content, len(found.id) // 2))
        pending = {(root, tuple(path.split("/"))) for commit, root in self._roots.items() for path in paths[commit]}
        while pending:
            pending = self._deeper(pending, ask)

    def _deeper(self, pending: Iterable[tuple[str, tuple[str, ...]]], ask: Ask) -> set[tuple[str, tuple[str, ...]]]:
        deeper = {
            (entry.id, step[1:])
            for tree, step in pending
            if len(step) > 1 and (entry := self._trees[tree].get(step[0])) and entry.mode == _TREE_MODE
        }
        missing = sorted({tree for tree, _ in deeper} - self._trees.keys())
        for tree, found in zip(missing, ask(missing), strict=True):
            self._trees[tree] = _Tree(found.content if found.kind == "tree" else b"", len(tree) // 2)
        return deeper

    def find(self, commit: str | None, paths: Iterable[str]) -> _Blob | None:
        """The first of some files that a commit's tree holds."""
        for path in paths:
            *folders, name = path.split("/")
            tree = self._tree(commit, folders)
            entry = tree.get(name)
            if entry and entry.mode in _FILE_MODES:
                return _Blob(path, entry.id)
        return None

    def fresh(self, commit: str, base: str | None, folders: Iterable[str]) -> tuple[_Blob, ...]:
        """The files of some folders that a commit's tree holds and its base's does not, by path."""
        found = []
        for folder in folders:
            there, before = self._tree(commit, folder.split("/")), self._tree(base, folder.split("/"))
            for name, entry in there.besides(before):
                if entry.mode in _FILE_MODES:
                    found.append(_Blob(f"{folder}/{name}", entry.id))
        return tuple(sorted(found))

    def _tree(self, commit: str | None, folders: Iterable[str]) -> _Tree:
        tree = self._trees.get(self._roots.get(commit or "", ""), _NO_TREE)
        for folder in folders:
            entry = tree.get(folder)
            tree = self._trees.get(entry.id, _NO_TREE) if entry else _NO_TREE
        return tree


class _Tree:
    """A tree as git keeps it, taken apart only when a name that is asked for is in it."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content = content
        self._size = size

    @cached_property
    def _entries(self) -> Mapping[bytes, tuple[bytes, bytes]]:
        return {name: (mode, identity) for mode, name, identity in _ENTRY[self._size].findall(self._content)}

    def get(self, name: str) -> _Entry | None:
        """The entry of a name."""
        wanted = name.encode("utf-8", "surrogateescape")
        if b" %b\0" % wanted not in self._content or wanted not in self._entries:
            return None
        mode, identity = self._entries[wanted]
        return _Entry(mode, identity.hex())

    def besides(self, other: _Tree) -> Iterator[tuple[str, _Entry]]:
        """The entries, with their names, of which another tree holds none."""
        if self is not other:
            for name in self._entries.keys() - other._entries.keys():
                mode, identity = self._entries[name]
                yield name.decode("utf-8", "surrogateescape"), _Entry(mode, identity.hex())


_NO_TREE = _Tree(b"", 20)
