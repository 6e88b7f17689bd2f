"""What the audit asks to see, looked at: objects verified, spans compared."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from types import MappingProxyType

from checktrail.audit.auditing import Draft, wanted
from checktrail.audit.evidence import Evidence, Landed, Proof, Span, Wanted
from checktrail.git import RawObject, Repository
from checktrail.git.form import malformed
from checktrail.inquiry.ways import ways
from checktrail.releases.graph import Graph
from checktrail.signatures.check import verify
from checktrail.signatures.trust import Trust, read_allowed_signers, read_revoked_keys
from checktrail.signatures.verification import Verification


def prove(repository: Repository, graph: Graph, evidence: Evidence, drafted: Sequence[Draft]) -> Proof:
    """What came of everything the audit asked for."""
    asked = wanted(evidence, drafted)
    trusts, faults = _trusts(repository, evidence, drafted)
    read = {found.id: found for found in repository.objects(dict.fromkeys([one for one, _ in asked.objects]))}
    lost = {found.id: reason for found in read.values() if (reason := _loss(found))}
    raw = {identity: found for identity, found in read.items() if identity not in lost} if lost else read
    odd = _malformed(raw)
    return Proof(
        verifications=MappingProxyType(_verifications(raw, asked, trusts)),
        landed=MappingProxyType(_landed(repository, graph, asked.spans, _trees(evidence, raw, odd))),
        changed=MappingProxyType(
            dict(zip(asked.commits, repository.differences([(one, one) for one in asked.commits]), strict=True))
        ),
        trees=MappingProxyType(
            {commit: frozenset(blob.path for blob in repository.tree(commit)) for commit in asked.trees}
        ),
        faults=MappingProxyType(faults),
        named=MappingProxyType({found.id: _tag_name(found.content) for found in raw.values() if found.kind == "tag"}),
        lost=MappingProxyType(lost | odd),
    )


def _loss(found: RawObject) -> str:
    """In words why an object cannot be relied on; empty when it can."""
    if found.kind not in {"commit", "tag"}:
        return "is missing from this repository"
    return "" if found.is_intact else "holds something else than its name says"


def _malformed(raw: Mapping[str, RawObject]) -> dict[str, str]:
    """In words what is wrong with the form of some objects, and of which; their signatures are told all the same."""
    faults = {identity: malformed(found.kind, found.content) for identity, found in raw.items()}
    return {identity: f"is malformed: {fault}" for identity, fault in faults.items() if fault}


def _tag_name(content: bytes) -> str:
    """The name in a tag object's own head."""
    lines = content.partition(b"\n\n")[0].split(b"\n")
    found = next((line for line in lines if line.startswith(b"tag ")), b"tag ")
    return found[4:].decode("utf-8", "surrogateescape")


def _trusts(
    repository: Repository, evidence: Evidence, drafted: Sequence[Draft]
) -> tuple[dict[str, Trust], dict[str, tuple[str, ...]]]:
    """Whom each release's tree trusts, and what is wrong with its trust files."""
    commits = {draft.tagged.release.commit for draft in drafted}
    blobs = {blob for commit in commits for _, blob in evidence.scenes[commit].trust if blob}
    contents = dict(repository.blobs(sorted(blobs)))
    trusts, faults = {}, {}
    for draft in drafted:
        commit = draft.tagged.release.commit
        policy = draft.policy
        if policy is None:
            continue
        here = dict(evidence.scenes[commit].trust)
        signers, revoked = policy.signatures.allowed_signers, policy.signatures.revocation_file
        trust = Trust(
            read_allowed_signers(_text(contents, here.get(signers))) if signers and here.get(signers) else None,
            read_revoked_keys(contents.get(here[revoked] or "", b"")) if revoked and here.get(revoked) else None,
        )
        trusts[commit] = trust
        faults[commit] = tuple(_trust_faults(trust, signers, revoked))
    return trusts, {commit: found for commit, found in faults.items() if found}


def _text(contents: Mapping[str, bytes], blob: str | None) -> str:
    return contents.get(blob or "", b"").decode("utf-8", "replace")


def _trust_faults(trust: Trust, signers: str | None, revoked: str | None) -> Iterator[str]:
    for path, read_file in ((signers, trust.allowed), (revoked, trust.revoked)):
        if path is None:
            continue
        if read_file is None:
            yield f"{path}, which the policy names, is not in the tag's tree"
            continue
        for fault in read_file.faults:
            yield f"{path}:{fault.line}: {fault.reason}" if fault.line else f"{path}: {fault.reason}"


def _verifications(
    raw: Mapping[str, RawObject], asked: Wanted, trusts: Mapping[str, Trust]
) -> dict[tuple[str, str], Verification]:
    """What came of each object under the trust of its release's tree."""
    # Most trees trust alike, and a trust is long to compare: each goes by a number.
    nobody = Trust()
    numbers: dict[Trust, int] = {nobody: 0}
    commits = dict.fromkeys([commit for _, commit in asked.objects])
    number_of = {
        commit: numbers.setdefault(trusts[commit], len(numbers)) if commit in trusts else 0 for commit in commits
    }
    mine: list[dict[str, None]] = [{} for _ in numbers]
    for identity, commit in asked.objects:
        if identity in raw:
            mine[number_of[commit]][identity] = None
    checked: list[dict[str, Verification]] = []
    for trust, number in numbers.items():
        checked.append({found.object_id: found for found in verify([raw[one] for one in mine[number]], trust)})
    by_commit = {commit: checked[number] for commit, number in number_of.items()}
    return {pair: by_commit[pair[1]][pair[0]] for pair in asked.objects if pair[0] in raw}


def _trees(evidence: Evidence, raw: Mapping[str, RawObject], malformed: Container[str]) -> Mapping[str, str]:
    """Commit to tree, where that is known: git compares trees without a look at their commits."""
    named = {
        identity: found.content[5 : 5 + len(identity)].decode()  # after "tree "
        for identity, found in raw.items()
        if found.kind == "commit" and identity not in malformed
    }
    return named | {commit: scene.tree for commit, scene in evidence.scenes.items() if scene.tree}


def _landed(
    repository: Repository, graph: Graph, spans: Sequence[Span], trees: Mapping[str, str]
) -> dict[Span, Landed]:
    pairs = [(trees[start], trees[end]) if start in trees and end in trees else (start, end) for start, end in spans]
    paths = repository.differences([(one, other) for one, other in pairs if one != other])
    commits = ways(graph, spans)
    return {
        span: Landed(commits[span], next(paths) if one != other else ())
        for span, (one, other) in zip(spans, pairs, strict=True)
    }
