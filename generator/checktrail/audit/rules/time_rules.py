"""TMxxx: claimed times that cannot be true. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from checktrail.audit.case import Case, Remark, Rule, Topic, on
from checktrail.audit.times import iso_time
from checktrail.model import Place, Severity

_SIGNATURES: Final = frozenset((Topic.SIGNATURES,))


def _skew(case: Case) -> int:
    return case.rules.signatures.max_clock_skew


def signed_at_another_time(case: Case) -> Iterator[Remark]:
    """TM401: the time inside a signature is not the commit's, or the tag's."""
    tag = case.tagged.release
    for one, commit in case.ticking:
        found = case.proof.verifications.get((commit.id, tag.commit))
        signed_at = found.signed_at if found else None
        if signed_at is not None and abs(signed_at - commit.committed_at) > _skew(case):
            message = f"signed at {iso_time(signed_at)}, committed at {iso_time(commit.committed_at)}"
            yield on(case, one, "TM401", message, commit.id)
    found = case.proof.verifications.get((tag.tag_object or "", tag.commit))
    signed_at = found.signed_at if found else None
    if signed_at is not None and tag.at_basis == "tagger" and abs(signed_at - tag.at) > _skew(case):
        place = Place(commit=tag.commit, release=tag.tag)
        yield Remark(f"the tag was signed at {iso_time(signed_at)} and says {iso_time(tag.at)}", place)


def older_than_parent(case: Case) -> Iterator[Remark]:
    """TM402: a ticking commit claims to be older than its parent."""
    commits, skew = case.evidence.commits, _skew(case)
    for one, commit in case.ticking:
        at = commit.committed_at
        newest = max([commits[parent].committed_at for parent in commit.parents if parent in commits], default=at)
        if newest - at > skew:
            message = f"its commit is of {iso_time(at)}, its parent of {iso_time(newest)}"
            yield on(case, one, "TM402", message, commit.id)


def in_the_future(case: Case) -> Iterator[Remark]:
    """TM404: a ticking commit claims a time that has not come yet.

    Tags are left out: one made today on yesterday's HEAD is later than the only "now" there is, and rightly so.
    """
    limit = case.evidence.as_of + _skew(case)
    for one, commit in case.ticking:
        at = max(commit.committed_at, commit.authored_at)
        if at > limit:
            yield on(case, one, "TM404", f"its commit is of {iso_time(at)}, which has not come yet", commit.id)


RULES: Final = (
    Rule("TM401", "signed-at-another-time", Severity.WARNING, signed_at_another_time, _SIGNATURES),
    Rule("TM402", "older-than-parent", Severity.WARNING, older_than_parent),
    Rule("TM404", "in-the-future", Severity.WARNING, in_the_future),
)
