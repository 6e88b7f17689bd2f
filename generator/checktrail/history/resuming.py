"""A repository and a store in, trails out: only what the last run had not seen is walked.

What was seen is kept per repository: the heads and tags it was seen from, and the segments of `kept`. It counts only
while every one of those commits can still be reached; after a rewritten history, in another format, damaged, or with
objects missing, everything is walked anew, with the same outcome.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.history.kept import FORMAT
from checktrail.history.outline import NOTHING, Outline, Reader
from checktrail.history.walk import MISSING, Walk
from checktrail.parse import PARSER_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from checktrail.config import Settings
    from checktrail.git import FileChange, Repository
    from checktrail.model import Commit
    from checktrail.store import Store

_HEADER: Final = "trails"
_SEGMENT: Final = "trail-segment"
_MOST_SEGMENTS: Final = 40
"""After so many all is walked anew and written as one."""
_MOST_TIPS: Final = 2000
"""More heads and tags than this would not fit on git's command line."""


class _Seen(NamedTuple):
    """What was seen before: the commits it was seen from, sorted, and the keys of its segments."""

    tips: list[str]
    segments: list[str]


def walked(repository: Repository, settings: Settings, store: Store) -> Walk:
    """A walk over the whole history, from all branches, remotes, tags and HEAD."""
    run = _Run(repository, store, settings.checklists.max_bytes, repository.tips())
    seen = run.seen()
    resumed = run.resumed(seen) if seen is not None else None
    return resumed if resumed is not None else run.anew()


class _Run(NamedTuple):
    """One run over a repository: where it reads, where it remembers, and the commits it begins at."""

    repository: Repository
    store: Store
    max_bytes: int
    tips: list[str]

    @property
    def version(self) -> str:
        """What must be the same for anything kept to count."""
        return f"{FORMAT}.{PARSER_VERSION}.{self.max_bytes}"

    @property
    def place(self) -> str:
        """What tells the repository from others in the store."""
        folder = str(self.repository.common_dir.resolve())
        return hashlib.sha256(folder.encode("utf-8", "surrogateescape")).hexdigest()

    def seen(self) -> _Seen | None:
        """What the last run saw."""
        content = self.store.get(_HEADER, self.version, [self.place]).get(self.place)
        try:
            tips, segments = json.loads(content or b"")
        except (ValueError, TypeError):
            return None
        parts = (tips, segments)
        is_sound = all(isinstance(part, list) and all(isinstance(one, str) for one in part) for part in parts)
        return _Seen(tips, segments) if is_sound else None

    def anew(self) -> Walk:
        """Everything walked."""
        walk = Walk()
        self._remember([], walk, self._walk(walk, ()))
        return walk

    def resumed(self, seen: _Seen) -> Walk | None:
        """The walk of the last run and what came since; None when that one cannot be built upon."""
        is_same = seen.tips == self.tips
        if not is_same and (len(seen.segments) >= _MOST_SEGMENTS or not self.repository.reaches(seen.tips)):
            return None
        walk, marked = Walk(), set(self.tips)
        contents = self.store.get(_SEGMENT, self.version, seen.segments)
        try:
            for key in seen.segments:
                walk.kept.unpack(walk, contents[key], marked)
        except (ValueError, TypeError, KeyError, IndexError):
            return None
        if not is_same:
            walk.recall()
            self._remember(seen.segments, walk, self._walk(walk, seen.tips))
        return walk

    def _walk(self, walk: Walk, known: Sequence[str]) -> list[Commit]:
        """Walk the commits that are not reached from known ones."""
        # Where a commit claims to be younger than its children, git tells some of the known ones all the same.
        history = [step for step in self.repository.history(known=known) if step[0].id not in walk.ancestry]
        new = (change.blob for _, changes in history for change in changes if change.blob)
        expected = dict.fromkeys([*_compared_with(walk, history), *new])

        def others(blob: str) -> Iterable[tuple[str, bytes]]:
            return () if blob in expected else tuple(self.repository.blobs([blob]))

        with closing(self.repository.blobs(expected)) as contents:
            walk.outline = Outlines(contents, self.max_bytes, others).get
            walk_all(walk, history, set(self.tips))
        return [commit for commit, _ in history]

    def _remember(self, segments: list[str], walk: Walk, commits: list[Commit]) -> None:
        """Keep a segment under its own digest, then say that it is there: a run in between sees the old or the new.

        What was missing may be there the next time, so that such a walk is not kept.
        """
        if any(one.reason == MISSING for one in walk.unread) or len(self.tips) > _MOST_TIPS:
            return
        segment = walk.kept.packed(walk, commits)
        key = hashlib.sha256(segment).hexdigest()
        self.store.put(_SEGMENT, self.version, {key: segment})
        header = json.dumps([self.tips, [*segments, key]]).encode("ascii")
        self.store.put(_HEADER, self.version, {self.place: header})


def _compared_with(walk: Walk, history: Sequence[tuple[Commit, Sequence[FileChange]]]) -> Iterator[str]:
    """The blobs before some commits that these will be compared with, as far as can be told before the walk.

    Those of the files that they change; of all files where one is new, which may be a copy of any, and at merges.
    """
    parents = {parent for commit, _ in history for parent in commit.parents if parent in walk.ancestry}
    trees = [walk.at(parent) for parent in sorted(parents)]
    changed = {change.path for _, changes in history for change in changes}
    is_any = any(len(commit.parents) > 1 for commit, _ in history) or any(changed - tree.keys() for tree in trees)
    for tree in trees:
        yield from (tracked.blob for path, tracked in tree.items() if is_any or path in changed)


def walk_all(walk: Walk, history: Sequence[tuple[Commit, Sequence[FileChange]]], marked: set[str]) -> None:
    """Walk some commits, parents first, letting go of what no later one needs."""
    waiting: dict[str, int] = {}
    for commit, _ in history:
        for parent in commit.parents:
            waiting[parent] = waiting.get(parent, 0) + 1
    for commit, changes in history:
        walk.step(commit, changes, marked=commit.id in marked)
        for parent in commit.parents:
            waiting[parent] -= 1
            if not waiting[parent]:
                walk.let_go(parent)


class Outlines:
    """Outlines by blob, read from a stream no further than is asked for; what is not in it from `others`."""

    def __init__(
        self,
        contents: Iterable[tuple[str, bytes]],
        max_bytes: int,
        others: Callable[[str], Iterable[tuple[str, bytes]]] = lambda _: (),
    ) -> None:
        self._contents: Iterator[tuple[str, bytes]] = iter(contents)
        self._others = others
        self._reader = Reader(max_bytes)
        self._read: dict[str, Outline] = {}

    def get(self, blob: str, like: str | None = None) -> Outline | None:
        """A blob's outline, None when it cannot be read; of a blob `like` one that was read only what changed is."""
        while blob not in self._read:
            following = next(self._contents, None) or next(iter(self._others(blob)), None)
            if following is None:
                return None
            identity, content = following
            self._read[identity] = self._reader.read(content, self._read.get(like or "", NOTHING))
        return self._read[blob]
