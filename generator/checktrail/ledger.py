"""The ledger of tags seen, kept beside the repository's files: what to append to it, and whether it still holds.

In: the ledger's text and an audit. Out: the entries to append, and what today's tags contradict. It is trust on first
use: what was already false when a tag was first seen stays unseen, and whoever can rewrite the file together with its
history can write another chain. On a protected branch it makes a silent move of a tag cost as much as a rewrite.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from checktrail import __version__
from checktrail.audit.auditing import Audit
from checktrail.audit.evidence import Evidence, LedgerEntry
from checktrail.audit.rules.registry import rules_digest
from checktrail.audit.rules.release_rules import lost_head
from checktrail.audit.times import iso_time
from checktrail.model import Tag

WATCHED = frozenset({"EV007", "RL104", "RL105", "RL109"})


class Contradiction(NamedTuple):
    """What the ledger saw and the repository no longer shows: the finding's code, the tag, and a sentence."""

    code: str
    tag: str
    sentence: str


def entries(evidence: Evidence, audit: Audit) -> tuple[LedgerEntry, ...]:
    """An entry for every tag that the ledger has not seen as it is now, in the order of their names.

    `first_seen` is the run's "now" (HEAD's committer date), so that the same repository makes the same line. `previous`
    is filled in where the line is written.
    """
    audited = {one.release.tag: one for one in audit.releases}
    seen = {entry.tag: entry for entry in evidence.ledger.entries}
    found: list[LedgerEntry] = []
    for tag in evidence.tags:
        one = audited.get(tag.name)
        scene = evidence.scenes[one.release.commit] if one else None
        policy = scene.policy.blob if scene and scene.policy else None
        verdict = one.verdict.value if one else None
        last = seen.get(tag.name)
        if last is not None and (last.tag_object, last.commit) == _target(tag) and last.verdict == verdict:
            continue
        found.append(
            LedgerEntry(
                tag=tag.name,
                tag_object=_target(tag)[0],
                commit=_target(tag)[1],
                checklists=tuple((path, scene.sheets[path].blob) for path in sorted(one.tagged.paths))
                if one and scene
                else (),
                policy=policy,
                verdict=verdict,
                tool_version=__version__,
                rules_digest=rules_digest(),
                first_seen=iso_time(evidence.as_of),
                head=evidence.head if evidence.branch else None,
                previous="",
            )
        )
    return tuple(found)


def _target(tag: Tag) -> tuple[str | None, str | None]:
    return tag.tag_object, tag.commit


def contradictions(evidence: Evidence) -> Iterator[Contradiction]:
    """Where today's tags are not what the ledger saw, and where the ledger's own chain is broken."""
    now = {tag.name: tag for tag in evidence.tags}
    for fault in evidence.ledger.faults:
        yield Contradiction("EV007", "", f"the ledger's chain is broken: {fault}")
    for entry in evidence.ledger.lost:
        yield Contradiction("EV007", entry.tag, f"an earlier commit of the ledger told of it {_as_told(entry)}")
    rewritten = lost_head(evidence)
    if rewritten is not None:
        head = (rewritten.head or "")[:12]
        yield Contradiction("EV007", rewritten.tag, f"it was seen on a branch at {head}, which no branch holds now")
    told: set[tuple[str, str]] = set()
    for entry in evidence.ledger.seen:
        for code, sentence in _of(entry, now.get(entry.tag), evidence):
            if (entry.tag, sentence) not in told:
                told.add((entry.tag, sentence))
                yield Contradiction(code, entry.tag, sentence)


def _as_told(entry: LedgerEntry) -> str:
    where = f"at {entry.commit[:12]}" if entry.commit else "at no commit"
    verdict = f", with the verdict {entry.verdict}" if entry.verdict else ""
    return f"{where}{verdict}; that line is gone"


def _of(entry: LedgerEntry, tag: Tag | None, evidence: Evidence) -> Iterator[tuple[str, str]]:
    if entry.commit is not None and entry.commit not in evidence.commits:
        yield "EV007", f"it was seen at {entry.commit[:12]}, which is no longer in the history"
    if tag is None:
        yield "RL109", f"it was seen on {entry.first_seen[:10]} and is gone"
    elif entry.commit != tag.commit:
        yield (
            "RL104",
            f"it was seen at {(entry.commit or 'no commit')[:12]} and is at {(tag.commit or 'none')[:12]} now",
        )
    elif entry.tag_object != tag.tag_object:
        yield "RL105", "it was seen as another tag object at the same commit"
