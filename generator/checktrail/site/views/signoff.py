"""One sign-off of a release as the audit's page prints it, everything inline. Pure.

Nothing unsigned is called signed: a tick below assurance 3 is "recorded as ticked by … (claimed)". What was not looked
at is never shown as nothing found.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from checktrail.audit.acts import Act, Relation, Status
from checktrail.audit.auditing import ReleaseAudit
from checktrail.audit.requirements import spoken
from checktrail.audit.signoffs import PERSONAL, SignOff
from checktrail.audit.times import iso_time
from checktrail.exports.shell import diff_command
from checktrail.model import Commit
from checktrail.site.markup import inline
from checktrail.site.views.marks import STATUSES, Mark, person, told
from checktrail.site.views.shared import CommitRow, Link, Site, commit_row, counted, shown, when

ASSURANCES = (
    "none: no observable act",
    "claimed: an unsigned commit claims it",
    "unvouched: signed by the platform, or by a key nobody vouches for",
    "personal: signed by a key bound to that person at that time",
    "timestamped: an independent time agrees",
)
_FEW_PATHS = 5
_BY_THE_TAG = (Relation.BEFORE_TAG, Relation.IN_TAG_COMMIT)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One of several items that make a sign-off together."""

    text: Markup
    mark: Mark
    when: Markup
    commit: CommitRow | None


@dataclass(frozen=True, slots=True)
class Since:
    """What came between a tick and the tag: a sentence, the paths it names, and the command that shows it."""

    words: str
    paths: tuple[str, ...] = ()
    more: int = 0
    command: str = ""


@dataclass(frozen=True, slots=True)
class SignoffRecord:
    """One sign-off, everything inline."""

    role: str
    meaning: str
    requirement: str
    mark: Mark
    who: str
    when: Markup
    relation: str
    statement: Markup
    ticked_as: Markup
    now: Markup
    place: Link
    commit: CommitRow | None
    author: str
    authored: Markup
    committer: str
    committed: Markup
    assurance: str
    signature: str
    items: tuple[ItemRow, ...]
    since: Since | None
    corroboration: tuple[str, ...]


def role_of(one: SignOff) -> str:
    """The role of a sign-off; one without is an attestation."""
    return shown(one.role or "Attestation")


def signoff_record(site: Site, one: ReleaseAudit, signoff: SignOff) -> SignoffRecord:
    """One sign-off of a release."""
    spot, commit = signoff.act.spot, signoff.commit
    ticked = signoff.event.new_text if signoff.event else None
    file = site.host.file(one.release.commit, spot.sheet.path, spot.item.line) if site.host else ""
    return SignoffRecord(
        role=told(site, role_of(signoff)),
        meaning=signoff.meaning.value,
        requirement=shown(signoff.requirement.id) if signoff.requirement else "",
        mark=Mark(*STATUSES[signoff.status]),
        who=_who(site, signoff),
        when=when(commit.committed_at) if commit else Markup(),
        relation=relation_words(signoff) if commit else "",
        statement=inline(spot.item.text),
        ticked_as=inline(ticked) if ticked is not None and ticked != spot.item.text else Markup(),
        now=_now(signoff),
        place=Link(f"{told(site, spot.sheet.path)}:{spot.item.line}", file),
        commit=_row(site, commit) if commit else None,
        author=person(site, commit.author) if commit else "",
        authored=when(commit.authored_at) if commit else Markup(),
        committer=person(site, commit.committer) if commit else "",
        committed=when(commit.committed_at) if commit else Markup(),
        assurance=f"{signoff.assurance}, {ASSURANCES[signoff.assurance]}{_stamped(signoff)}",
        signature=_signature(site, signoff),
        items=tuple(_item(site, each) for each in signoff.acts) if len(signoff.acts) > 1 else (),
        since=since(signoff, one.release.tag),
        corroboration=tuple(f"{each.kind}: {person(site, each.person)}" for each in signoff.corroboration),
    )


def _stamped(one: SignOff) -> str:
    """Whose clock says so, at assurance 4."""
    if one.stamp is None:
        return ""
    return f": there by {iso_time(one.stamp.at)}, when the platform signed {one.stamp.commit[:12]} on top of it"


def _who(site: Site, one: SignOff) -> str:
    unseen = {
        Status.OPEN: "nobody: open at the tag",
        Status.BORN_TICKED: "nobody was seen to: it was there ticked from the start",
        Status.NOT_REQUIRED: "nobody has to: not required",
    }
    if one.name is None or one.status in unseen:
        return unseen.get(one.status, "nobody can be named")
    name = told(site, one.name)
    words = f"signed by {name}" if one.assurance >= PERSONAL else f"recorded as ticked by {name} (claimed)"
    if one.status is Status.LATE:
        return f"open at the tag; later {words}"
    return f"{words}, carried over from an earlier release" if one.status is Status.CARRIED_OVER else words


def relation_words(one: SignOff) -> str:
    """Where the ticking commit lies from the tag: by history, the length of time by what the commits claim."""
    lead = one.lead_seconds or 0
    match one.relation:
        case Relation.IN_TAG_COMMIT:
            return "in the tagged commit itself"
        case Relation.BEFORE_TAG:
            return f"{spoken(lead)} before the tag" if lead >= 0 else "before the tag, though its date says after"
        case Relation.AFTER_TAG:
            return f"{spoken(-lead)} after the tag" if lead <= 0 else "after the tag, though its date says before"
        case Relation.NOT_REACHABLE:
            return "on another branch than the tag"
        case Relation.UNKNOWN:
            return "where it lies from the tag is not known"


def _now(one: SignOff) -> Markup:
    """The statement at HEAD where it is another than at the tag, and whether its tick was taken back."""
    now, act = one.act.text_now, one.act
    if now is None:
        return Markup("gone from the checklist")
    words = Markup("“{}”").format(inline(now)) if now != act.spot.item.text else Markup()
    is_undone = act.spot.is_ticked and act.later is not None and not act.later.is_ticked
    return words + Markup(" its box was open when the release closed") if is_undone else words


def _row(site: Site, commit: Commit) -> CommitRow:
    row = commit_row(site, commit)
    return CommitRow(row.id, row.short, row.href, told(site, row.subject), told(site, row.author), row.day)


def _signature(site: Site, one: SignOff) -> str:
    if one.signing is None:
        return ""
    reason = f" ({told(site, one.signing.reason)})" if one.signing.reason else ""
    return f"{one.signing.worth.value}{reason}"


def _item(site: Site, act: Act) -> ItemRow:
    commit = site.record.commits.get(act.event.commit) if act.event else None
    return ItemRow(
        inline(act.spot.item.text),
        Mark(*STATUSES[act.status]),
        when(commit.committed_at) if commit else Markup(),
        _row(site, commit) if commit else None,
    )


def since(one: SignOff, tag: str) -> Since | None:
    """What came between a tick by the tag and the tag; None where there is no such tick."""
    if one.commit is None or one.relation not in _BY_THE_TAG:
        return None
    if one.relation is Relation.IN_TAG_COMMIT:
        return Since("nothing can: the tick is in the tagged commit")
    if one.landed is None:
        return Since("not looked at: what came between the tick and the tag is not known")
    commits, paths = one.landed.commits, one.landed.paths
    if not commits:
        return Since("nothing came between the tick and the tag")
    named = paths if len(paths) <= _FEW_PATHS else ()
    came = f"{counted(len(commits), 'commit')} came between the tick and the tag"
    words = f"{came}, with {counted(len(paths), 'path')} that differ{'s' if len(paths) == 1 else ''}"
    return Since(
        words=words if paths else f"{came}; no path differs",
        paths=tuple(shown(path) for path in paths[:_FEW_PATHS]),
        more=max(0, len(paths) - _FEW_PATHS),
        command=diff_command(one.commit.id, tag, named),
    )
