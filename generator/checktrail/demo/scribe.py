"""The scribe who writes a history: edits, commits, branches, merges and tags in, git objects and references out. Pure.

Every time is written down in the story as the person's own wall clock, so that nothing depends on the machine's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NamedTuple, TypeAlias

from checktrail.demo.keys import sign
from checktrail.demo.objects import GitObject, Stamp, commit_text, tag_text, tree_objects, with_signature
from checktrail.errors import InvariantError
from checktrail.model import Person

Files: TypeAlias = dict[str, str]
Edit: TypeAlias = Callable[[Files], None]


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody in the story: name, address, minutes east of UTC, and whether their commits are signed from then on."""

    name: str
    email: str
    offset: int = 0

    def stamp(self, when: str) -> Stamp:
        """Their stamp at a wall-clock time such as `2025-01-06 09:15`."""
        clock = datetime.fromisoformat(when).replace(tzinfo=timezone(timedelta(minutes=self.offset)))
        return Stamp(Person(self.name, self.email), int(clock.timestamp()), self.offset)


class _Act(NamedTuple):
    """What a commit says besides its files: who, by whose hand, when, and why."""

    author: Author
    committer: Author
    when: str
    message: str


class Scribe:
    """Writes a history step by step; the current branch's files are what the next commit starts from."""

    def __init__(self) -> None:
        self.objects: list[GitObject] = []
        self.references: dict[str, str] = {}
        self.branch = "main"
        self.signers: set[str] = set()
        self._files: dict[str, Files] = {}
        self._forks: dict[str, str] = {}

    @property
    def head(self) -> str:
        """The commit that the current branch points to."""
        return self.references[f"refs/heads/{self.branch}"]

    def text(self, path: str) -> str:
        """A file's text on the current branch."""
        return self._files[self.head][path]

    def commit(self, author: Author, when: str, message: str, *edits: Edit, committer: Author | None = None) -> str:
        """Commit the edits on the current branch; gives the commit's id."""
        known = f"refs/heads/{self.branch}" in self.references
        parents = [self.head] if known else []
        files = dict(self._files[self.head]) if known else {}
        return self._record(parents, _edited(files, edits), _Act(author, committer or author, when, message))

    def switch(self, branch: str, start: str | None = None) -> None:
        """Go to a branch; with `start` (a tag, branch or commit id) it is made there."""
        if start is not None:
            commit = self._commit(start)
            self.references[f"refs/heads/{branch}"] = commit
            self._forks[branch] = commit
        self.branch = branch

    def merge(self, branch: str, author: Author, when: str, message: str, *edits: Edit) -> str:
        """Merge a branch into the current one with a merge commit; `edits` are what the merge itself changes."""
        theirs = self.references[f"refs/heads/{branch}"]
        base = self._files[self._forks[branch]]
        files = merged(base, self._files[self.head], self._files[theirs])
        self._forks[branch] = theirs
        return self._record([self.head, theirs], _edited(files, edits), _Act(author, author, when, message))

    def discard(self, branch: str) -> None:
        """Delete a branch, as a host does after a merge."""
        del self.references[f"refs/heads/{branch}"]

    def tag(self, name: str, tagger: Author | None = None, when: str = "", message: str = "") -> None:
        """Tag the current commit: annotated with a tagger, lightweight without."""
        target = self.head
        if tagger is not None:
            text = tag_text(self.head, "commit", name, tagger.stamp(when), message)
            text += sign(tagger.email, text) if tagger.email in self.signers else ""
            target = self._keep(GitObject("tag", text.encode()))
        self.references[f"refs/tags/{name}"] = target

    def tag_tree(self, name: str) -> None:
        """Tag the current commit's tree, which makes a tag that leads to no commit."""
        made = tree_objects({path: text.encode() for path, text in self._files[self.head].items()})
        self.references[f"refs/tags/{name}"] = made[-1].id

    def _record(self, parents: list[str], files: Files, act: _Act) -> str:
        made = tree_objects({path: text.encode() for path, text in files.items()})
        self.objects.extend(made)
        # A committer's clock is read at the same moment as the author's, each in their own zone.
        author, keeper = act.author.stamp(act.when), act.committer
        committer = Stamp(Person(keeper.name, keeper.email), author.at, keeper.offset)
        text = commit_text(made[-1].id, parents, author, committer, act.message)
        if keeper.email in self.signers:
            text = with_signature(text, sign(keeper.email, text))
        commit = self._keep(GitObject("commit", text.encode()))
        self._files[commit] = files
        self.references[f"refs/heads/{self.branch}"] = commit
        return commit

    def _keep(self, thing: GitObject) -> str:
        self.objects.append(thing)
        return thing.id

    def _commit(self, name: str) -> str:
        found = self.references.get(f"refs/tags/{name}") or self.references.get(f"refs/heads/{name}") or name
        tags = {thing.id: thing for thing in self.objects if thing.type == "tag"}
        return tags[found].content[7:47].decode() if found in tags else found


def merged(base: Files, ours: Files, theirs: Files) -> Files:
    """The three-way merge of two sets of files, line by line where both changed one file without adding lines."""
    result: Files = {}
    for path in {**ours, **theirs}:
        old, mine, other = base.get(path), ours.get(path), theirs.get(path)
        text = other if mine == old else mine
        if mine is not None and other is not None and old not in (mine, other) and mine != other:
            text = _merged_lines(path, old or "", mine, other)
        if text is not None:
            result[path] = text
    return result


def write(path: str, text: str) -> Edit:
    """Write a whole file."""
    return lambda files: files.__setitem__(path, text)


def append(path: str, text: str) -> Edit:
    """Add text to the end of a file, which is made when it is not there."""
    return lambda files: files.__setitem__(path, files.get(path, "") + text)


def remove(path: str) -> Edit:
    """Delete a file."""
    return lambda files: files.__delitem__(path)


def replace(path: str, old: str, new: str) -> Edit:
    """Replace text that stands exactly once in a file."""

    def edit(files: Files) -> None:
        if files[path].count(old) != 1:
            raise InvariantError(f"the demo's {path} holds {old!r} {files[path].count(old)} times, not once")
        files[path] = files[path].replace(old, new)

    return edit


def copy(source: str, path: str, fill: dict[str, str]) -> Edit:
    """Copy a file and fill its placeholders."""

    def edit(files: Files) -> None:
        text = files[source]
        for hole, value in fill.items():
            text = text.replace(hole, value)
        files[path] = text

    return edit


def tick(path: str, *items: str) -> Edit:
    """Tick the items whose lines begin with these texts."""
    return _all([replace(path, f"- [ ] {item}", f"- [x] {item}") for item in items])


def untick(path: str, *items: str) -> Edit:
    """Untick the items whose lines begin with these texts."""
    return _all([replace(path, f"- [x] {item}", f"- [ ] {item}") for item in items])


def waive(path: str, item: str, reason: str) -> Edit:
    """Mark an open item as not applicable, in the form that every Markdown reader shows."""
    return replace(path, f"- [ ] {item}\n", f"- [ ] ~~{item}~~ (N/A: {reason})\n")


def reset(path: str) -> Edit:
    """Untick everything and take the not-applicable marks off: the next cycle of a living checklist begins."""

    def edit(files: Files) -> None:
        lines = files[path].replace("- [x] ", "- [ ] ").split("\n")
        files[path] = "\n".join(_unwaived(line) for line in lines)

    return edit


def _all(edits: list[Edit]) -> Edit:
    def edit(files: Files) -> None:
        for each in edits:
            each(files)

    return edit


def _edited(files: Files, edits: tuple[Edit, ...]) -> Files:
    for edit in edits:
        edit(files)
    return files


def _unwaived(line: str) -> str:
    head, mark, rest = line.partition("- [ ] ~~")
    return f"{head}- [ ] {rest.partition('~~ (N/A: ')[0]}" if mark else line


def _merged_lines(path: str, base: str, ours: str, theirs: str) -> str:
    versions = [text.split("\n") for text in (base, ours, theirs)]
    if len({len(lines) for lines in versions}) != 1:
        raise InvariantError(f"the demo's two versions of {path} have different numbers of lines")
    return "\n".join(other if mine == old else mine for old, mine, other in zip(*versions, strict=True))
