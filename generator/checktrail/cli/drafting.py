"""A repository's past sign-offs to the draft of a policy, for `checktrail init --policy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checktrail.cli.door import door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checktrail.audit.signoffs import SignOff
    from checktrail.git import Repository
    from checktrail.record import Record
    from checktrail.starters.policy import Seen
    from checktrail.starters.setup import SetupFile


def drafted_policy(repository: Repository) -> SetupFile | None:
    """The policy that asks for what past releases had; None where nobody was seen to sign.

    Raises:
        ShallowCloneError: history is cut off here.
    """
    from checktrail.audit.policy import NO_POLICY
    from checktrail.exports.wire import moment
    from checktrail.inquiry import inquire
    from checktrail.record import read_record
    from checktrail.starters.policy import policy_draft
    from checktrail.starters.setup import SetupFile
    from checktrail.worktree import repository_settings

    settings = repository_settings(repository)
    with door().working("Reading past sign-offs"):
        record = read_record(repository, settings, door().store())
        audit = inquire(repository, record, override=NO_POLICY).audit
    seen = [
        one
        for release in audit.releases
        if not release.release.prerelease
        for signoff in release.signoffs
        for one in _seen(signoff, record)
    ]
    text = policy_draft(seen, effective_from=moment(record.as_of)[:10])
    return SetupFile(settings.audit.policy, text) if text is not None else None


def _seen(signoff: SignOff, record: Record) -> Iterator[Seen]:
    """A sign-off as the draft needs it; nothing where it names no office or nobody was seen to tick it."""
    from checktrail.starters.policy import Seen, Signer

    authors = [record.commits[act.event.commit].author for act in signoff.acts if act.event is not None]
    if signoff.role is None or not authors:
        return
    spot = signoff.act.spot
    section = spot.sheet.checklist.section_of(spot.item)
    yield Seen(
        role=signoff.role,
        meaning=signoff.meaning.value,
        section=section.heading if section.role is not None else None,
        text=spot.item.text,
        signers=tuple(dict.fromkeys(Signer(author.name, author.email) for author in authors)),
    )
