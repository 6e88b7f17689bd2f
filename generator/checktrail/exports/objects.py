"""The git objects an export shows as evidence: a door to git, which reads only.

In: a repository and what is to be shown. Out: objects as git keeps them, byte for byte, so that anybody can make their
ids anew from their bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from checktrail.audit.reading import read_policy
from checktrail.config import Settings
from checktrail.errors import ConfigError, GitError
from checktrail.exports.evidence import Grounds, chains, shown
from checktrail.exports.provenance import FileInForce, Use
from checktrail.exports.verify_bundle import tree_entries
from checktrail.git import RawObject, Repository

Places = dict[str, set[tuple[bytes, ...]]]
"""Trees, and the ways through folders below each."""


def files_in_force(repository: Repository, settings: Settings) -> tuple[FileInForce, ...]:
    """Policy, trust files and ledger in HEAD's tree, those that are there, in this order."""
    head = repository.head.commit
    if head is None:
        return ()
    blobs = {blob.path: blob.id for blob in repository.tree(head)}
    policy = _files(repository, blobs, Use.POLICY, (settings.audit.policy,))
    trusted = _trusted(policy[0].content, settings) if policy else ()
    trust = _files(repository, blobs, Use.TRUST, trusted)
    return (*policy, *trust, *_files(repository, blobs, Use.LEDGER, (settings.audit.ledger,)))


def _trusted(policy: bytes, settings: Settings) -> tuple[str, ...]:
    """The trust files that a policy names; one that cannot be read names none, and the audit says why."""
    try:
        signatures = read_policy(policy.decode("utf-8", "replace"), settings.audit.policy).signatures
    except ConfigError:
        return ()
    return tuple(path for path in (signatures.allowed_signers, signatures.revocation_file) if path)


def _files(repository: Repository, blobs: dict[str, str], use: Use, paths: tuple[str, ...]) -> tuple[FileInForce, ...]:
    ids = {path: blobs[path] for path in paths if path in blobs}
    contents = dict(repository.blobs(ids.values()))
    return tuple(FileInForce(use, path, blob, contents[blob]) for path, blob in ids.items() if blob in contents)


class Named(NamedTuple):
    """A git object by what it is called, and how long it is."""

    kind: str
    id: str
    size: int


def objects_shown(repository: Repository, grounds: Grounds) -> tuple[Named, ...]:
    """Every object that a bundle's index speaks of, with the trees on the way to its files; sorted by kind and id.

    Raises:
        GitError: one is missing here.
    """
    record = grounds.record
    found = _tags(repository, [one.release.tag_object for one in record.releases if one.release.tag_object])
    blobs: dict[str, None] = {}
    folders: dict[str, set[tuple[bytes, ...]]] = {}  # of each commit, those on the way to its files
    for one in shown(grounds):
        blobs[one.blob] = None
        folders.setdefault(one.commit, set()).add(tuple(one.path.encode("utf-8", "surrogateescape").split(b"/")[:-1]))
    commits = chain((one.release.commit for one in record.releases), folders, *chains(record, grounds.found))
    places: Places = {}
    for commit in _each(repository, commits):
        found[commit.id] = _named(commit)
        if commit.id in folders:
            places.setdefault(tree_of(commit.content), set()).update(folders[commit.id])
    found |= {one.id: _named(one) for one in _each(repository, blobs)}
    _add_trees(repository, places, found)
    return tuple(sorted(found.values()))


def contents(repository: Repository, named: Sequence[Named]) -> Iterator[bytes]:
    """The bytes of some objects, in their order.

    Raises:
        GitError: one is no longer what it was.
    """
    for one, there in zip(named, repository.objects([one.id for one in named]), strict=True):
        if _named(there) != one:
            raise _missing(one.id)
        yield there.content


def _named(one: RawObject) -> Named:
    return Named(one.kind, one.id, len(one.content))


def tree_of(commit: bytes) -> str:
    """The id of a commit's tree."""
    return commit.split(b"\n", 1)[0].removeprefix(b"tree ").decode("ascii")


def _tags(repository: Repository, ids: Iterable[str]) -> dict[str, Named]:
    """Tag objects, and those that they lead to."""
    found: dict[str, Named] = {}
    wanted = list(dict.fromkeys(ids))
    while wanted:
        leads = []
        for one in _each(repository, wanted):
            if one.kind == "tag":
                found[one.id] = _named(one)
                ends = one.content.split(b"\n", 2)[:2]
                leads += [ends[0].removeprefix(b"object ").decode("ascii")] if ends[1] == b"type tag" else []
        wanted = [identity for identity in dict.fromkeys(leads) if identity not in found]
    return found


def _add_trees(repository: Repository, places: Places, found: dict[str, Named]) -> None:
    """The trees on the way from some roots through some folders, a level at a time."""
    while places:
        below: Places = {}
        for one in _each(repository, places):
            found[one.id] = _named(one)
            entries = tree_entries(one.content, len(one.id))
            for folder, *rest in filter(None, places[one.id]):
                below.setdefault(entries[folder], set()).add(tuple(rest))
        places = below


def _each(repository: Repository, ids: Iterable[str]) -> Iterator[RawObject]:
    """Some objects, each once, one at a time."""
    for one in repository.objects(dict.fromkeys(ids)):
        if one.kind == "missing":
            raise _missing(one.id)
        yield one


def _missing(identity: str) -> GitError:
    return GitError(f"the object {identity} is missing", hint="fetch it first: a bundle shows every object it names")
