"""Trees → scenes: the checklists, policy, trust files and mailmap of each, and what HEAD alone has.

Policies and trust files are read from the trees of tags, never from the folder where this runs; the ledger alone is
read from the working tree where there is one, since it is what CI appends to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from checktrail.audit.chain import read_ledger
from checktrail.audit.evidence import NO_LEDGER, Ledger, PolicyFile, Scene
from checktrail.audit.policy import Policy
from checktrail.audit.reading import read_policy
from checktrail.config import Settings
from checktrail.errors import ConfigError
from checktrail.git import RawObject, Repository
from checktrail.inquiry.sheets import Sheets
from checktrail.record import Record

_VERSION_HEADING: Final = re.compile(r"^#{1,4}\s*\[?v?(\d+\.\d+[\w.+-]*)\]?", re.MULTILINE)
_MAILMAP: Final = ".mailmap"
_MOST_VERSIONS: Final = 20


Tops = Mapping[str, RawObject]
"""The tree at the top of some commits, as git keeps it; of the kind `missing` where that is not there to be read."""


def tops(repository: Repository, commits: Sequence[str]) -> Tops:
    """The top of each commit's tree: what begins with a name that is not there need not be looked for."""
    trees = repository.objects(f"{commit}^{{tree}}" for commit in commits)
    return dict(zip(commits, trees, strict=True))


def _may_have(tops: Tops, path: str) -> list[str]:
    """The commits in whose trees something begins with the name with which a path does."""
    name = path.partition("/")[0]
    if name in {"", ".", ".."}:
        return list(tops)
    entry = b" %b\0" % name.encode("utf-8", "surrogateescape")
    return [commit for commit, (_, kind, content) in tops.items() if entry in content or kind != "tree"]


def scenes(
    repository: Repository, record: Record, tops: Tops, closes: Iterable[str], override: Policy | None
) -> dict[str, Scene]:
    """The tree of each commit in `tops` as the audit sees it; of one where checklists merely close, nothing but these.

    Raises:
        ConfigError: HEAD's policy cannot be read.
    """
    wanted = (record.settings.audit.policy, _MAILMAP) if override is None else (_MAILMAP,)
    places = [(commit, path) for path in wanted for commit in _may_have(tops, path)]
    files = _many_files(repository, places)
    policies = _policies(repository, files, record, tops) if override is None else {}
    named: dict[str, list[str]] = {}
    for commit in tops:
        policy = override or (policies[commit].policy if commit in policies else None)
        named[commit] = [path for path in _trust_paths(policy) if path]
    blobs = _many_files(repository, [(commit, path) for commit, paths in named.items() for path in paths])
    # A policy given by hand may be younger than a release; so may the trust files it names.
    fallback = record.facts.head if override is not None else None
    sheets = Sheets(record)
    made = {commit: Scene(commit, sheets.at(commit)) for commit in closes}
    for commit, top in tops.items():
        mailmap = files.get((commit, _MAILMAP))
        made[commit] = Scene(
            commit=commit,
            sheets=sheets.at(commit),
            policy=policies.get(commit),
            trust=tuple((path, _trusted(blobs, commit, path, fallback)) for path in named[commit]),
            mailmap=mailmap.content.decode("utf-8", "replace") if mailmap else "",
            tree=top.id if top.kind == "tree" else "",
        )
    return made


def _trusted(blobs: Mapping[tuple[str, str], RawObject], commit: str, path: str, fallback: str | None) -> str | None:
    file = blobs.get((commit, path)) or blobs.get((fallback or "", path))
    return file.id if file else None


def _trust_paths(policy: Policy | None) -> tuple[str | None, ...]:
    return (policy.signatures.allowed_signers, policy.signatures.revocation_file) if policy else ()


def _policies(
    repository: Repository, files: Mapping[tuple[str, str], RawObject], record: Record, tops: Tops
) -> dict[str, PolicyFile]:
    """Each tree's policy. One that cannot be read stops the run at HEAD, and is a gap in the evidence elsewhere."""
    path, head = record.settings.audit.policy, record.facts.head
    found = {commit: file for commit in tops if (file := files.get((commit, path))) is not None}
    by_blob: dict[str, PolicyFile] = {}
    for commit, file in found.items():
        if file.id not in by_blob or commit == head:
            by_blob[file.id] = _policy(file, path, is_head=commit == head)
    asked = [commit for commit in _may_have(tops, path) if commit not in found]
    lost = _lost(repository, asked, path)
    return {commit: by_blob[file.id] for commit, file in found.items()} | lost


def _policy(file: RawObject, path: str, *, is_head: bool) -> PolicyFile:
    if not file.is_intact:
        return PolicyFile(file.id, None, f"{path} holds something else than its name {file.id} says", is_lost=True)
    try:
        return PolicyFile(file.id, read_policy(file.content.decode("utf-8", "replace"), path))
    except ConfigError as error:
        if is_head:
            raise
        return PolicyFile(file.id, None, error.sentence)


def _lost(repository: Repository, commits: Sequence[str], path: str) -> dict[str, PolicyFile]:
    """The trees that name a policy whose blob is not there; git calls that missing as it calls a path that is not."""
    folder, _, name = path.rpartition("/")
    trees = (f"{commit}:{folder}" if folder else f"{commit}^{{tree}}" for commit in commits)
    line = re.compile(rb"10(?:0644|0755|0664) " + re.escape(name.encode("utf-8", "surrogateescape")) + rb"\0")
    found: dict[str, PolicyFile] = {}
    for commit, tree in zip(commits, repository.objects(trees), strict=True):
        match = line.search(tree.content) if tree.kind == "tree" else None
        if match is not None:
            blob = tree.content[match.end() : match.end() + len(commit) // 2].hex()
            found[commit] = PolicyFile(blob, None, f"{path} ({blob}) is missing from this repository", is_lost=True)
    return found


def _files(repository: Repository, commits: Iterable[str], path: str) -> dict[str, RawObject]:
    """A path's file in each tree that has it."""
    return {commit: file for (commit, _), file in _many_files(repository, [(one, path) for one in commits]).items()}


def _many_files(repository: Repository, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], RawObject]:
    """The files at some paths of some trees that are there; through one process where git can be asked by path."""
    by_path = [] if repository.is_partial else [place for place in places if place[1].split() == [place[1]]]
    found = zip(by_path, repository.objects(f"{commit}:{path}" for commit, path in by_path), strict=True)
    files = {place: file for place, file in found if file.kind == "blob"}
    # Elsewhere the tree is listed: a path with white space cannot be told apart in the answer, and in a partial clone
    # git would have to fetch to say that a path is missing.
    asked = set(by_path)
    trees: dict[str, dict[str, str]] = {}
    for commit, path in (place for place in places if place not in asked):
        if commit not in trees:
            trees[commit] = {blob.path: blob.id for blob in repository.tree(commit)}
        for file in repository.objects([trees[commit][path]] if path in trees[commit] else []):
            if file.kind == "blob":
                files[commit, path] = file
    return files


def seen_tags(repository: Repository, settings: Settings, tops: Tops, head: str | None) -> Ledger:
    """The ledger of the working tree, else the one at HEAD; and what it told at commits before HEAD and tells no more.

    `tops` are those of HEAD and of the releases: where none of their trees has a ledger, none was kept.
    """
    path = settings.audit.ledger
    text = _in_worktree(repository, path)
    if head is None or not _is_kept(repository, _may_have(tops, path), path):
        return NO_LEDGER if text is None else read_ledger(text)
    if text is None:
        committed = _files(repository, [head], path).get(head)
        text = _plain(committed.content) if committed else ""
    earlier = (_plain(content) for _, content in repository.blobs(repository.versions(path, head)))
    return read_ledger(text, earlier)


def _is_kept(repository: Repository, commits: Sequence[str], path: str) -> bool:
    """Whether a tree has the file; where git cannot be asked by path (see `_many_files`), its history must be."""
    if not commits:
        return False
    if repository.is_partial or path.split() != [path]:
        return True
    return any(file.kind == "blob" for file in repository.objects(f"{commit}:{path}" for commit in commits))


def _in_worktree(repository: Repository, path: str) -> str | None:
    file = None if repository.worktree is None else repository.worktree / path
    return _plain(file.read_bytes()) if file is not None and file.is_file() else None


def _plain(content: bytes) -> str:
    """A ledger's text; a checkout may have given its lines other ends."""
    return content.decode("utf-8", "replace").replace("\r\n", "\n")


def changelog_versions(repository: Repository, settings: Settings, head: str | None) -> tuple[str, ...]:
    """The versions that the headings of a changelog at HEAD name."""
    places = [(head, path) for path in settings.notes.changelog] if head else []
    for file in _many_files(repository, places).values():
        found = _VERSION_HEADING.findall(file.content.decode("utf-8", "replace"))
        if found:
            return tuple(found[:_MOST_VERSIONS])
    return ()
