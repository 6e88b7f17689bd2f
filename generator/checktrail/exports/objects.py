"""The git objects an export shows as evidence: a door to git, which reads only.

In: a repository and what is to be shown. Out: objects as git keeps them, byte for byte, so that anybody can make their
ids anew from their bytes.
"""

from __future__ import annotations

from checktrail.audit.reading import read_policy
from checktrail.config import Settings
from checktrail.errors import ConfigError
from checktrail.exports.provenance import FileInForce, Use
from checktrail.git import Repository


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
    there = [path for path in paths if path in blobs]
    contents = dict(repository.blobs(blobs[path] for path in there))
    return tuple(
        FileInForce(use, path, blobs[path], contents[blobs[path]]) for path in there if blobs[path] in contents
    )
