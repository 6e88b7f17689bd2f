"""The git objects an export shows as evidence: a door to git, which reads only.

In: a repository and what is to be shown. Out: objects as git keeps them, byte for byte, so that anybody can make their
ids anew from their bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from checktrail.audit.reading import read_policy
from checktrail.config import Settings
from checktrail.errors import ConfigError, GitError
from checktrail.exports.provenance import FileInForce, Use
from checktrail.exports.verify_bundle import path_bytes, tree_entries
from checktrail.git import RawObject, Repository

Places = dict[str, set[tuple[bytes, ...]]]


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


def objects_shown(repository: Repository, index: Mapping[str, Any]) -> tuple[RawObject, ...]:
    """Every object that a bundle's index speaks of, with the trees on the way to its files; sorted by kind and id.

    Raises:
        GitError: one is missing here.
    """
    tags = _tags(repository, [one["tag_object"] for one in index["references"] if one["tag_object"]])
    commits = _all(repository, _commits(index))
    blobs = _all(repository, [one["blob"] for one in index["files"]])
    places: Places = {}
    for one in index["files"]:
        tree = tree_of(commits[one["commit"]].content)
        places.setdefault(tree, set()).add(tuple(path_bytes(one).split(b"/")))
    trees = _trees(repository, places)
    found = {**tags, **commits, **trees, **blobs}
    return tuple(sorted(found.values(), key=lambda one: (one.kind, one.id)))


def tree_of(commit: bytes) -> str:
    """The id of a commit's tree."""
    return commit.split(b"\n", 1)[0].removeprefix(b"tree ").decode("ascii")


def _commits(index: Mapping[str, Any]) -> Iterator[str]:
    yield from (one["commit"] for one in index["references"])
    yield from (one["commit"] for one in index["files"])
    for chain in index["chains"]:
        yield from chain["commits"]


def _tags(repository: Repository, ids: Iterable[str]) -> dict[str, RawObject]:
    """Tag objects, and those that they lead to."""
    found: dict[str, RawObject] = {}
    wanted = list(dict.fromkeys(ids))
    while wanted:
        read = _all(repository, wanted)
        found |= {identity: one for identity, one in read.items() if one.kind == "tag"}
        ends = (one.content.split(b"\n", 2)[:2] for one in read.values() if one.kind == "tag")
        leads = [end[0].removeprefix(b"object ").decode("ascii") for end in ends if end[1] == b"type tag"]
        wanted = [identity for identity in dict.fromkeys(leads) if identity not in found]
    return found


def _trees(repository: Repository, places: Places) -> dict[str, RawObject]:
    """The trees on the way from some roots to some paths, a level at a time."""
    found: dict[str, RawObject] = {}
    while places:
        read = _all(repository, places)
        found |= read
        below: Places = {}
        for identity, paths in places.items():
            entries = tree_entries(read[identity].content, len(identity))
            for folder, *rest in paths:
                if rest:
                    below.setdefault(entries[folder], set()).add(tuple(rest))
        places = below
    return found


def _all(repository: Repository, ids: Iterable[str]) -> dict[str, RawObject]:
    wanted = list(dict.fromkeys(ids))
    found = dict(zip(wanted, repository.objects(wanted), strict=True))
    missing = next((identity for identity, one in found.items() if one.kind == "missing"), None)
    if missing is not None:
        raise GitError(f"the object {missing} is missing", hint="fetch it first: a bundle shows every object it names")
    return found
