"""One release: what was done when it went out. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from checktrail.audit.auditing import ReleaseAudit
from checktrail.charts import figure, release_timeline
from checktrail.charts.drawing import day, moment
from checktrail.closing import CloseReason
from checktrail.completion import phase_totals
from checktrail.model import Binding, Phase, Release, State, TagKind
from checktrail.record import ReleaseRecord, Revision
from checktrail.site.markup import WORDS, plain_text
from checktrail.site.views.findings import FindingRow, finding_rows
from checktrail.site.views.marks import Mark, audit_name, verdict_mark
from checktrail.site.views.notes import NotesView, notes_view
from checktrail.site.views.releases import kind
from checktrail.site.views.shared import (
    DUE,
    PHASES,
    CommitRow,
    Link,
    PhaseRow,
    Site,
    Tally,
    all_boxes,
    before_close,
    before_tag,
    commit_row,
    counted,
    edit_link,
    own,
    recorded_tally,
    release_link,
    role,
    shown,
    tally,
    title,
    when,
    where,
)
from checktrail.site.views.text import TextPart, anchors_of, text_parts
from checktrail.site.views.trail import Act, Late, Tick, after_tag, lanes, standings, tick, tick_line

SHOWN_COMMITS = 500


@dataclass(frozen=True, slots=True)
class Signoff:
    """A sign-off as it stood in the tag's tree, with who put it there; `later` says what became of an open one."""

    role: str
    statement: str
    href: str
    state: State
    word: str
    where: str
    tick: Tick
    later: Act | None


@dataclass(frozen=True, slots=True)
class FrozenChecklist:
    """A checklist as it was in the tag's tree."""

    title: str
    path: str
    anchor: str
    reason: str
    file: Link
    now: Link
    edit: Link
    before_tag: Tally
    all_boxes: Tally
    phases: tuple[PhaseRow, ...]
    parts: tuple[TextPart, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another checklist of the tag's tree that does not count for this release, and why."""

    path: str
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """The page of one release."""

    tag: str
    kind: str
    is_candidate: bool
    when: Markup
    facts: tuple[tuple[str, Markup], ...]
    before_tag: Tally
    before_close: Tally
    all_boxes: Tally
    signoff_tally: Tally
    has_checklists: bool
    notes: NotesView | None
    timeline: Markup
    after: tuple[Late, ...]
    close: str
    signoffs: tuple[Signoff, ...]
    checklists: tuple[FrozenChecklist, ...]
    neighbours: tuple[Neighbour, ...]
    of_others: str
    commits: tuple[CommitRow, ...]
    commit_count: str
    more_commits: str
    also: tuple[tuple[CommitRow, Link], ...]
    base: Link
    base_reason: str
    audit: Link
    verdict: Mark | None
    findings: tuple[FindingRow, ...]


def release_page(site: Site, recorded: ReleaseRecord) -> ReleasePage:
    """The page of a release."""
    release = recorded.release
    here = site.addresses.releases[release.tag]
    held = own(recorded)
    counts = site.total(held)
    anchors = {each.path: anchors_of(each, within=f"{index}-") for index, each in enumerate(held, 1)}
    after = after_tag(site, recorded, anchors)
    others = sum(each.bound.binding is Binding.OWN and each not in held for each in recorded.checklists)
    audited, to_audit = site.audits.get(release.tag), site.addresses.link(here, audit_name(site, release.tag))
    closed = [each.revision for each in recorded.closed if each.revision is not None]
    return ReleasePage(
        tag=shown(release.tag),
        kind=kind(release),
        is_candidate=release.prerelease,
        when=when(release.at),
        facts=_facts(site, release, here),
        before_tag=before_tag(counts),
        before_close=before_close(site.total(closed)),
        all_boxes=all_boxes(counts),
        signoff_tally=recorded_tally(site, recorded),
        has_checklists=bool(held),
        notes=notes_view(site, site.chapters.notes[release.tag], here) if release.tag in site.chapters.notes else None,
        timeline=_timeline(site, recorded),
        after=after,
        close=_close(recorded),
        signoffs=tuple(_signoffs(site, held, anchors, _Beside(after, _roles(audited)))),
        checklists=tuple(_frozen(site, release, each, index, here) for index, each in enumerate(held, 1)),
        neighbours=_neighbours(site, recorded, held),
        of_others=counted(others, "checklist of another release", "checklists of other releases") if others else "",
        commits=tuple(commit_row(site, site.record.commits[each]) for each in release.new[:SHOWN_COMMITS]),
        commit_count=counted(len(release.new), "commit"),
        more_commits=f"and {len(release.new) - SHOWN_COMMITS:,} older ones" if len(release.new) > SHOWN_COMMITS else "",
        also=_also(site, release, here),
        base=release_link(site, here, release.base) if release.base else Link(""),
        base_reason=release.base_reason[:1].upper() + release.base_reason[1:],
        audit=Link("The audit of this release", to_audit if audited else ""),
        verdict=verdict_mark(audited) if audited else None,
        findings=finding_rows(site, audited.findings, here) if audited else (),
    )


def _neighbours(site: Site, recorded: ReleaseRecord, held: Collection[Revision]) -> tuple[Neighbour, ...]:
    return tuple(
        Neighbour(shown(each.path), each.bound.reason, all_boxes(site.totals[each.blob]).words)
        for each in recorded.checklists
        if each not in held and each.bound.binding is not Binding.OWN
    )


def _also(site: Site, release: Release, here: str) -> tuple[tuple[CommitRow, Link], ...]:
    """The commits that it shipped as well, each with the release that shipped it first."""
    return tuple(
        (commit_row(site, site.record.commits[each.commit]), release_link(site, here, each.first_release))
        for each in release.also_included[:SHOWN_COMMITS]
    )


def _facts(site: Site, release: Release, here: str) -> tuple[tuple[str, Markup], ...]:
    """What is known of the tag itself, as name and value."""
    commit = site.record.commits[release.commit]
    facts = [
        (
            "Released",
            when(release.at) + (" (by the tagger)" if release.at_basis == "tagger" else " (the commit's date)"),
        )
    ]
    annotated = release.kind is TagKind.ANNOTATED
    by = f" by {shown(release.tagger.name)}" if release.tagger else ""
    facts.append(("Tag", Markup("{}{}").format("annotated" if annotated else "lightweight: it names no tagger", by)))
    row = commit_row(site, commit)
    name = (
        Markup('<a href="{}"><code>{}</code></a>').format(row.href, row.short)
        if row.href
        else Markup("<code>{}</code>").format(row.short)
    )
    facts.append(("Commit", Markup("{} {}").format(name, row.subject)))
    if release.base:
        link = release_link(site, here, release.base)
        facts.append(
            ("Compared with", Markup('<a href="{}">{}</a> ({})').format(link.href, link.text, release.base_reason))
        )
    others = [release.alias_of] if release.alias_of else []
    for other in (*others, *release.aliases):
        link = release_link(site, here, other)
        facts.append(("Same commit as", Markup('<a href="{}">{}</a>').format(link.href, link.text)))
    return tuple(facts)


def _timeline(site: Site, recorded: ReleaseRecord) -> Markup:
    """The way to the tag and from there to the close: every turn of a box, and the commits."""
    release, found = recorded.release, lanes(site, recorded)
    times = [mark.at for lane in found for mark in lane.marks]
    if not times:
        return Markup()
    told = f"From {day(min(times))} to {day(max(*times, release.at))}, tagged on {moment(release.at)}"
    picture = release_timeline(f"The way of {shown(release.tag)}", told, found, release.at, shown(release.tag))
    return Markup(figure(picture))  # noqa: S704 (drawn by us, escaped there)


CLOSES = {
    CloseReason.RESET: "closed when the checklist was reset for the next cycle.",
    CloseReason.RELEASE: "closed at the next release.",
    CloseReason.HEAD: "has not closed: what stands now counts.",
}


def _close(recorded: ReleaseRecord) -> str:
    """When the release closed, in sentences; one for each checklist, by its title, where they closed differently."""
    reasons = list(dict.fromkeys(each.close.reason for each in recorded.closed))
    if len(reasons) == 1:
        return f"It {CLOSES[reasons[0]]}"
    titles = {each.path: title(each) for each in own(recorded)}
    return " ".join(
        f"“{titles.get(each.path, shown(each.path))}” {CLOSES[each.close.reason]}" for each in recorded.closed
    )


class _Beside(NamedTuple):
    """What is known of sign-offs beside the checklist: what came later, and roles by path and line."""

    after: tuple[Late, ...]
    roles: Mapping[tuple[str, int], str]


def _roles(audited: ReleaseAudit | None) -> Mapping[tuple[str, int], str]:
    """The role that the audit reads from an item's own words or from its heading."""
    signoffs = audited.signoffs if audited is not None else ()
    acts = ((one, act.spot) for one in signoffs for act in (one.act, *one.acts))
    return {(spot.sheet.path, spot.item.line): one.role or "" for one, spot in acts}


def _signoffs(
    site: Site, held: Iterable[Revision], anchors: Mapping[str, Mapping[int, str]], beside: _Beside
) -> Iterable[Signoff]:
    # A rewording is told only of a box that nobody turned: the last turn is what became of it.
    later = {late.href: late.act for late in sorted(beside.after, key=lambda late: late.is_turn)}
    for revision in held:
        checklist, standing = revision.checklist, standings(revision)
        for item in checklist.items:
            if item.signoff:
                not_asked = item.conditional and item.state is State.OPEN
                href = f"#{anchors[revision.path][item.line]}"
                yield Signoff(
                    plain_text(role(checklist, item) or beside.roles.get((revision.path, item.line), "")),
                    plain_text(item.text),
                    href,
                    State.NOT_APPLICABLE if not_asked else item.state,
                    "not required" if not_asked else WORDS[item.state],
                    where(checklist, item),
                    tick(site, item, standing.get(item.line)),
                    later.get(href),
                )


def _frozen(site: Site, release: Release, revision: Revision, index: int, here: str) -> FrozenChecklist:
    counts = site.totals[revision.blob]
    file = site.host.file(release.commit, revision.path) if site.host else ""
    now, standing = site.addresses.checklists.get(revision.path), standings(revision)
    return FrozenChecklist(
        title=title(revision),
        path=shown(revision.path),
        anchor=f"checklist-{index}",
        reason=revision.bound.reason,
        file=Link("the file as it was", file),
        now=Link("as it stands now", site.addresses.link(here, now) if now else ""),
        edit=edit_link(site, revision.path) if now else Link(""),
        before_tag=before_tag(counts),
        all_boxes=all_boxes(counts),
        phases=phase_rows(revision),
        parts=text_parts(
            site,
            revision,
            at=release.commit,
            within=f"{index}-",
            after=lambda item: tick_line(site, item, standing.get(item.line)),
        ),
    )


def phase_rows(revision: Revision) -> tuple[PhaseRow, ...]:
    """The counts of a checklist by phase, in the order of a release; phases without items are left out."""
    by_phase = phase_totals(revision.checklist)
    return tuple(
        PhaseRow(
            PHASES[phase],
            DUE[phase.due],
            tally(PHASES[phase], by_phase[phase].ticked, by_phase[phase].items, by_phase[phase].not_applicable),
            by_phase[phase].conditional,
        )
        for phase in Phase
        if phase in by_phase and by_phase[phase].items
    )
