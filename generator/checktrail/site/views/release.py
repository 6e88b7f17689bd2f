"""One release: what was done when it went out. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from checktrail.charts import Lane, Mark, figure, release_timeline
from checktrail.charts.drawing import day, moment
from checktrail.completion import phase_totals
from checktrail.model import Phase, Release, State, TagKind
from checktrail.record import ReleaseRecord, Revision
from checktrail.site.markup import WORDS, plain_text
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
    item_text,
    own,
    role,
    shown,
    signoff_tally,
    tally,
    title,
    when,
    where,
)
from checktrail.site.views.text import TextPart, anchors_of, text_parts

SHOWN_COMMITS = 500


@dataclass(frozen=True, slots=True)
class Signoff:
    """A sign-off as it stood in the tag's tree."""

    role: str
    statement: Markup
    href: str
    state: State
    word: str
    where: str


@dataclass(frozen=True, slots=True)
class FrozenChecklist:
    """A checklist as it was in the tag's tree."""

    title: str
    path: str
    anchor: str
    reason: str
    file: Link
    now: Link
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
    when: Markup
    facts: tuple[tuple[str, Markup], ...]
    before_tag: Tally
    before_close: Tally
    all_boxes: Tally
    signoff_tally: Tally
    has_checklists: bool
    timeline: Markup
    signoffs: tuple[Signoff, ...]
    checklists: tuple[FrozenChecklist, ...]
    neighbours: tuple[Neighbour, ...]
    commits: tuple[CommitRow, ...]
    commit_count: str
    more_commits: str
    also: tuple[tuple[CommitRow, Link], ...]
    base: Link
    base_reason: str


def release_page(site: Site, recorded: ReleaseRecord) -> ReleasePage:
    """The page of a release."""
    release = recorded.release
    here = site.addresses.releases[release.tag]
    held = own(recorded)
    counts = site.total(held)
    return ReleasePage(
        tag=shown(release.tag),
        kind=kind(release),
        when=when(release.at),
        facts=_facts(site, release, here),
        before_tag=before_tag(counts),
        before_close=before_close(counts),
        all_boxes=all_boxes(counts),
        signoff_tally=signoff_tally(held),
        has_checklists=bool(held),
        timeline=_timeline(site, release),
        signoffs=tuple(_signoffs(held)),
        checklists=tuple(_frozen(site, release, each, index, here) for index, each in enumerate(held, 1)),
        neighbours=tuple(
            Neighbour(shown(each.path), each.bound.reason, all_boxes(site.totals[each.blob]).words)
            for each in recorded.checklists
            if each not in held
        ),
        commits=tuple(commit_row(site, site.record.commits[each]) for each in release.new[:SHOWN_COMMITS]),
        commit_count=counted(len(release.new), "commit"),
        more_commits=f"and {len(release.new) - SHOWN_COMMITS:,} older ones" if len(release.new) > SHOWN_COMMITS else "",
        also=tuple(
            (commit_row(site, site.record.commits[each.commit]), _release_link(site, here, each.first_release))
            for each in release.also_included[:SHOWN_COMMITS]
        ),
        base=_release_link(site, here, release.base) if release.base else Link(""),
        base_reason=release.base_reason,
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
        link = _release_link(site, here, release.base)
        facts.append(
            ("Compared with", Markup('<a href="{}">{}</a> ({})').format(link.href, link.text, release.base_reason))
        )
    others = [release.alias_of] if release.alias_of else []
    for other in (*others, *release.aliases):
        link = _release_link(site, here, other)
        facts.append(("Same commit as", Markup('<a href="{}">{}</a>').format(link.href, link.text)))
    return tuple(facts)


def _release_link(site: Site, here: str, tag: str) -> Link:
    page = site.addresses.releases.get(tag)
    return Link(shown(tag), site.addresses.link(here, page) if page else "")


def _timeline(site: Site, release: Release) -> Markup:
    """The way to the tag: its commits on one axis."""
    commits = [site.record.commits[each] for each in release.new]
    if not commits:
        return Markup()
    marks = tuple(
        Mark(each.committed_at, "commit", f"{shown(each.subject)} ({shown(each.author.name)})") for each in commits
    )
    first = min(mark.at for mark in marks)
    told = f"{counted(len(marks), 'commit')} from {day(first)} to the tag on {moment(release.at)}"
    picture = release_timeline(
        f"The way to {shown(release.tag)}", told, (Lane("Commits", marks),), release.at, shown(release.tag)
    )
    return Markup(figure(picture))  # noqa: S704 (drawn by us, escaped there)


def _signoffs(held: Iterable[Revision]) -> Iterable[Signoff]:
    for index, revision in enumerate(held, 1):
        checklist = revision.checklist
        anchors = anchors_of(checklist, within=f"{index}-")
        for item in checklist.items:
            if item.signoff:
                not_asked = item.conditional and item.state is State.OPEN
                yield Signoff(
                    plain_text(role(checklist, item)),
                    item_text(item),
                    f"#{anchors[item.line]}",
                    State.NOT_APPLICABLE if not_asked else item.state,
                    "not required" if not_asked else WORDS[item.state],
                    where(checklist, item),
                )


def _frozen(site: Site, release: Release, revision: Revision, index: int, here: str) -> FrozenChecklist:
    counts = site.totals[revision.blob]
    file = site.host.file(release.commit, revision.path) if site.host else ""
    now = site.addresses.checklists.get(revision.path)
    return FrozenChecklist(
        title=title(revision),
        path=shown(revision.path),
        anchor=f"checklist-{index}",
        reason=revision.bound.reason,
        file=Link("the file as it was", file),
        now=Link("as it stands now", site.addresses.link(here, now) if now else ""),
        before_tag=before_tag(counts),
        all_boxes=all_boxes(counts),
        phases=phase_rows(revision),
        parts=text_parts(site, revision, at=release.commit, within=f"{index}-"),
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
