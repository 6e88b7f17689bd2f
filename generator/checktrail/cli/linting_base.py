"""What `checktrail lint --base REV` adds: the findings about the change, and which of the others are old.

The change is what lies between the point where the branch left REV and the files as they stand, so that what others
have brought to REV since is not held against it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

from checktrail.cli.linting import Ground, found_in
from checktrail.errors import ShallowCloneError, UsageError, shown
from checktrail.git import MARKDOWN_SUFFIXES, FileChange, Repository
from checktrail.lint.changes import Changed, Pair, Proposal, Tick, pairs, with_moves
from checktrail.lint.driver import check_change
from checktrail.model import Checklist, Commit, Finding, Severity, State
from checktrail.parse import PARSER_VERSION, read
from checktrail.worktree import WorkingFile

_SAME_FILE = 0.5
_MOST_CANDIDATES = 20
Lines = Mapping[str, frozenset[int]]


class Side(NamedTuple):
    """A file as it stood where the branch began."""

    path: str
    content: bytes


class Past(NamedTuple):
    """The Markdown files where the branch began: path to blob, and which of them each file of today was."""

    blobs: Mapping[str, str]
    sides: Mapping[str, Side]

    def holds(self, file: WorkingFile) -> bool:
        """Whether a file stood there already, as it is and where it is."""
        return self.blobs.get(file.path) == file.blob


def since(
    here: Ground, files: Sequence[WorkingFile], found: Sequence[Finding], base: str, *, all_files: bool
) -> tuple[tuple[Finding, ...], Lines]:
    """The findings with old ones made notes and those about the change added; and the lines that it touched.

    Raises:
        UsageError: there is no such revision.
        ShallowCloneError: the clone is too shallow to tell where the branch began.
    """
    repository = here.repository
    if repository is None or repository.head.commit is None:
        raise UsageError("there is no commit to compare", hint="leave --base out")
    branch = _branch(repository, base)
    before = {blob.path: blob.id for blob in repository.tree(branch.fork) if _is_markdown(blob.path)}
    past = Past(before, _sides(repository, files, before))
    gone = _gone(here, repository, past) if all_files else {}
    changed = with_moves([*_changed(here, files, past), *_lost(here, gone)])
    proposal = Proposal(changed, tuple(_ticks(here, repository, branch)))
    about = [one.finding for one in check_change(proposal, here.selection)]
    aged = _aged(here, files, found, past, base)
    ordered = sorted([*aged, *about], key=_order)
    return tuple(ordered), {file.path: _touched(past.sides.get(file.path), file) for file in files}


def _order(finding: Finding) -> tuple[str, int, int, str]:
    place = finding.place
    return place.path or "", place.line or 0, place.column or 0, finding.code


# --- where the branch began -----------------------------------------------------------------------------------------


class Branch(NamedTuple):
    """Where a branch began (`fork`), and its own commits, parents first."""

    fork: str
    commits: tuple[Commit, ...]


def _branch(repository: Repository, base: str) -> Branch:
    tip, head = repository.resolve(base), repository.head.commit or ""
    commits = {commit.id: commit for commit in repository.commits()}
    on_base, on_head = _ancestry(commits, tip), _ancestry(commits, head)
    common = on_base & on_head
    if not common and repository.is_shallow:
        raise ShallowCloneError(
            f"this clone is too shallow to tell where the branch left {shown(base)}",
            hint="fetch more of its history; in CI, check out with `fetch-depth: 0`",
        )
    inner = {parent for commit in common for parent in commits[commit].parents}
    # Parents come first, so that the last of the common commits nobody builds on is the newest.
    forks = [commit for commit in commits if commit in common and commit not in inner]
    own = tuple(commit for commit in commits.values() if commit.id in on_head and commit.id not in on_base)
    return Branch(forks[-1] if forks else tip, own)


def _ancestry(commits: Mapping[str, Commit], tip: str) -> set[str]:
    found: set[str] = set()
    waiting = [tip]
    while waiting:
        commit = waiting.pop()
        if commit in commits and commit not in found:
            found.add(commit)
            waiting += commits[commit].parents
    return found


# --- files then and now ---------------------------------------------------------------------------------------------


def _is_markdown(path: str) -> bool:
    return path.lower().endswith(MARKDOWN_SUFFIXES)


def _sides(repository: Repository, files: Sequence[WorkingFile], before: Mapping[str, str]) -> dict[str, Side]:
    """Each file that was there before, under the same name or another, with what it held."""
    paths = {file.path for file in files}
    free = {blob: path for path, blob in before.items() if path not in paths}
    origins = {file.path: file.path if file.path in before else free.get(file.blob) for file in files}
    new = [file for file in files if origins[file.path] is None]
    left = {path: blob for path, blob in before.items() if path not in paths and path not in origins.values()}
    contents = repository.contents(
        {*(before[path] for path in origins.values() if path), *(left.values() if new else ())}
    )
    for file in new:
        origins[file.path] = _likeliest(file.content, {path: contents[blob] for path, blob in left.items()})
    return {file: Side(path, contents[before[path]]) for file, path in origins.items() if path}


def _likeliest(content: bytes, candidates: Mapping[str, bytes]) -> str | None:
    """The file that went away and holds most of the lines of a new one; only those of like size are looked at."""
    lines = Counter(content.splitlines())
    total = sum(lines.values()) or 1
    near = sorted(candidates, key=lambda path: (abs(len(candidates[path]) - len(content)), path))[:_MOST_CANDIDATES]
    shares = {path: sum((Counter(candidates[path].splitlines()) & lines).values()) / total for path in near}
    best = max(shares, key=lambda path: shares[path], default=None)
    return best if best is not None and shares[best] >= _SAME_FILE else None


def _gone(here: Ground, repository: Repository, past: Past) -> dict[str, bytes]:
    kept = {side.path for side in past.sides.values()}
    gone = {path: blob for path, blob in past.blobs.items() if path not in kept and not (here.root / path).exists()}
    contents = repository.contents(gone.values())
    return {path: contents[blob] for path, blob in gone.items()}


def _changed(here: Ground, files: Sequence[WorkingFile], past: Past) -> Iterator[Changed]:
    for file in files:
        if past.holds(file):
            continue
        page = here.page(file.path, file.content)
        side = past.sides.get(file.path)
        old = here.read(side.content) if side else None
        found = pairs(old, page.checklist) if old else tuple(Pair(None, item) for item in page.checklist.items)
        yield Changed(page, old, found)


def _lost(here: Ground, gone: Mapping[str, bytes]) -> Iterator[Changed]:
    """Files that went away: nothing of them is left, and they are judged as what they were."""
    for path, content in gone.items():
        was = here.page(path, content)
        if was.checklist.items:
            empty = replace(here.page(path, b""), binding=was.binding, release=was.release, tagged=was.tagged)
            yield Changed(empty, was.checklist, tuple(Pair(item, None) for item in was.checklist.items))


def _touched(side: Side | None, file: WorkingFile) -> frozenset[int]:
    """The lines of a file that its change added or altered."""
    new = file.content.splitlines()
    if side is None:
        return frozenset(range(1, len(new) + 1))
    if side.content == file.content:
        return frozenset()
    old = side.content.splitlines()
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    tails = zip(reversed(old[head:]), reversed(new[head:]), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], tails))
    blocks = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail]).get_opcodes()
    return frozenset(
        line + head + 1 for kind, _, _, start, end in blocks if kind != "equal" for line in range(start, end)
    )


# --- old findings ---------------------------------------------------------------------------------------------------


def _aged(
    here: Ground, files: Sequence[WorkingFile], found: Sequence[Finding], past: Past, base: str
) -> Iterator[Finding]:
    """The findings, those that stood there before made notes."""
    by_path = {file.path: file for file in files}
    known: dict[str, Counter[tuple[str, str]]] = {}
    for finding in found:
        path = finding.place.path or ""
        file = by_path[path]
        if past.holds(file):
            yield _note(finding, base)
            continue
        if path not in known:
            known[path] = _known(here, past.sides.get(path))
        key = _likeness(finding, file.content)
        if known[path][key] > 0:
            known[path][key] -= 1
            yield _note(finding, base)
        else:
            yield finding


def _known(here: Ground, side: Side | None) -> Counter[tuple[str, str]]:
    if side is None:
        return Counter()
    found = found_in(here, side.path, side.content)
    # A warning that the change made grave is new, whatever stood there before.
    return Counter(_likeness(one.finding, side.content) for one in found)


def _likeness(finding: Finding, content: bytes) -> tuple[str, str]:
    """What makes a finding the same one when lines have moved: its code, its weight and the words of its line."""
    lines = re.split(rb"\r\n|\r|\n", content)
    line = finding.place.line or 1
    words = lines[line - 1].strip() if line <= len(lines) else b""
    return f"{finding.code} {finding.severity}", words.decode("utf-8", "replace")


def _note(finding: Finding, base: str) -> Finding:
    return finding._replace(severity=Severity.INFO, message=f"{finding.message} (already in {shown(base)})")


# --- ticks, commit by commit ----------------------------------------------------------------------------------------


def _ticks(here: Ground, repository: Repository, branch: Branch) -> Iterator[Tick]:
    """What each of the branch's own commits ticked; a merge ticks nothing itself, it brings in."""
    own = {commit.id for commit in branch.commits if len(commit.parents) == 1}
    steps = (
        [(commit, changes) for commit, changes in repository.history() if commit.id in own and changes] if own else []
    )
    parents = {commit.parents[0]: _blobs(repository, commit.parents[0]) for commit, _ in steps}
    checklists = _checklists(here, repository, _wanted(steps, parents))
    for commit, changes in steps:
        before = parents[commit.parents[0]]
        for change in changes:
            old, new = checklists.get(before.get(change.path, "")), checklists.get(change.blob or "")
            for one in pairs(old, new) if old and new else ():
                if one.old and one.new and one.old.state is State.OPEN and one.new.state is State.TICKED:
                    yield Tick(commit.id, commit.author, change.path, one.new.text)


def _blobs(repository: Repository, commit: str) -> dict[str, str]:
    return {blob.path: blob.id for blob in repository.tree(commit)}


def _wanted(
    steps: Iterable[tuple[Commit, Sequence[FileChange]]], parents: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """The blobs on both sides of every changed file that was there before and is there after."""
    found: list[str] = []
    for commit, changes in steps:
        for change in changes:
            old = parents[commit.parents[0]].get(change.path)
            if old and change.blob:
                found += [old, change.blob]
    return list(dict.fromkeys(found))


def _checklists(here: Ground, repository: Repository, blobs: Sequence[str]) -> dict[str, Checklist]:
    return here.store.remembered(
        "checklist",
        PARSER_VERSION,
        blobs,
        lambda missing: ((blob, read(content)) for blob, content in repository.blobs(missing)),
        Checklist,
    )
