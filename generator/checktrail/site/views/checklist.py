"""One checklist as it stands now: state, runbook, what its own table says, the whole text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from checktrail.completion import declared, uncovered
from checktrail.model import Binding, Oddity
from checktrail.record import Revision
from checktrail.site.addresses import CHECKLISTS
from checktrail.site.markup import inline, plain_text
from checktrail.site.views.release import phase_rows
from checktrail.site.views.shared import (
    Link,
    OpenItem,
    PhaseRow,
    Site,
    Tally,
    all_boxes,
    before_close,
    before_tag,
    edit_link,
    headings,
    item_text,
    open_before_tag,
    release_link,
    shown,
    signoff_tally,
    title,
    where,
)
from checktrail.site.views.text import TextPart, anchors_of, text_parts
from checktrail.site.views.trail import standings, tick_line, trail_fold

BINDINGS = {
    Binding.OWN: "belongs to {}",
    Binding.LIVING: "living: one file serves every release",
    Binding.TEMPLATE: "a template: not counted",
    Binding.OTHER: "holds boxes, but is no release checklist: not counted",
}
BELONGS_TO = {
    Binding.OWN: "{}",
    Binding.LIVING: "every release: a living checklist",
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a procedure with the commands to copy."""

    number: int
    text: Markup
    commands: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """The steps under one heading, in order."""

    heading: str
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class DeclaredLine:
    """A row of the completion table in the text beside what the boxes say."""

    row: str
    items: str
    ticked: str
    counted_items: str
    counted_ticked: str
    agrees: bool
    notes: Markup


@dataclass(frozen=True, slots=True)
class ChecklistPage:
    """The page of one checklist. `is_searched`: the site's search finds its items."""

    title: str
    path: str
    binding: str
    reason: str
    edit: Link
    file: Link
    before_tag: Tally
    before_close: Tally
    all_boxes: Tally
    signoffs: Tally
    phases: tuple[PhaseRow, ...]
    open: tuple[OpenItem, ...]
    facts: tuple[tuple[str, Markup], ...]
    runbook: tuple[Procedure, ...]
    declared: tuple[DeclaredLine, ...]
    uncovered: tuple[str, ...]
    oddities: tuple[Oddity, ...]
    parts: tuple[TextPart, ...]
    releases: tuple[Link, ...]
    is_searched: bool


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """A checklist as a line of the index."""

    link: Link
    path: str
    belongs_to: str
    before_tag: Tally
    all_boxes: Tally


@dataclass(frozen=True, slots=True)
class ChecklistIndex:
    """All checklists: those that count, templates, and other files with boxes."""

    counted: tuple[ChecklistRow, ...]
    templates: tuple[ChecklistRow, ...]
    others: tuple[ChecklistRow, ...]


def checklist_page(site: Site, revision: Revision) -> ChecklistPage:
    """The page of a checklist at HEAD."""
    record, checklist = site.record, revision.checklist
    here, counts = site.addresses.checklists[revision.path], site.totals[revision.blob]
    standing = standings(revision)
    hides = {fact.key for fact in checklist.contacts} if site.is_public else set()
    return ChecklistPage(
        title=title(revision),
        path=shown(revision.path),
        binding=_bound(BINDINGS, revision),
        reason=revision.bound.reason,
        edit=edit_link(site, revision.path),
        file=Link("See the file", site.host.file(record.facts.head or "HEAD", revision.path) if site.host else ""),
        before_tag=before_tag(counts),
        before_close=before_close(counts),
        all_boxes=all_boxes(counts),
        signoffs=signoff_tally((revision,)),
        phases=phase_rows(revision),
        open=_open_items(revision),
        facts=tuple(
            (plain_text(fact.key), inline(fact.value))
            for fact in checklist.facts
            if fact.value.strip() and fact.key not in hides
        ),
        runbook=_runbook(revision),
        declared=_declared(revision),
        uncovered=tuple(headings(section) for section in uncovered(checklist)),
        oddities=checklist.oddities,
        parts=text_parts(
            site,
            revision,
            at=record.facts.head or "HEAD",
            after=lambda item: (
                tick_line(site, item, standing.get(item.line)) + trail_fold(site, standing.get(item.line))
            ),
        ),
        releases=tuple(release_link(site, here, tag) for tag in site.releases_of.get(revision.path, ())),
        is_searched=revision.path in site.searched,
    )


def _open_items(revision: Revision) -> tuple[OpenItem, ...]:
    """What the tag still waits for, each with its place on the page."""
    checklist, anchors = revision.checklist, anchors_of(revision)
    return tuple(
        OpenItem(item_text(item), f"#{anchors[item.line]}", where(checklist, item), tuple(map(plain_text, item.owners)))
        for item in open_before_tag(checklist)
    )


def checklist_index(site: Site) -> ChecklistIndex:
    """The index of all checklists at HEAD; versions stand in paths, so that the newest mostly comes first."""
    rows = [(each.bound.binding, _row(site, each)) for each in reversed(site.record.checklists)]
    return ChecklistIndex(
        counted=tuple(row for kind in (Binding.OWN, Binding.LIVING) for binding, row in rows if binding is kind),
        templates=tuple(row for binding, row in rows if binding is Binding.TEMPLATE),
        others=tuple(row for binding, row in rows if binding is Binding.OTHER),
    )


def _bound(words: Mapping[Binding, str], revision: Revision) -> str:
    """Which release a checklist belongs to, in words."""
    return words[revision.bound.binding].format(shown(revision.bound.release or "a release"))


def _row(site: Site, revision: Revision) -> ChecklistRow:
    counts = site.totals[revision.blob]
    return ChecklistRow(
        Link(title(revision), site.addresses.link(CHECKLISTS, site.addresses.checklists[revision.path])),
        shown(revision.path),
        _bound(BELONGS_TO, revision) if revision.bound.binding in BELONGS_TO else "",
        before_tag(counts),
        all_boxes(counts),
    )


def _runbook(revision: Revision) -> tuple[Procedure, ...]:
    """The steps with commands, by heading; a numbered list without any command is prose and stays in the text only."""
    checklist = revision.checklist
    by_section: dict[int, list[StepRow]] = {}
    for step in checklist.steps:
        row = StepRow(
            step.number, inline(step.text), tuple((each.language, each.text.rstrip("\n")) for each in step.commands)
        )
        by_section.setdefault(step.section, []).append(row)
    return tuple(
        Procedure(headings(checklist.sections[section]) or title(revision), tuple(steps))
        for section, steps in by_section.items()
        if any(step.commands for step in steps)
    )


def _declared(revision: Revision) -> tuple[DeclaredLine, ...]:
    return tuple(
        DeclaredLine(
            plain_text(each.row.row),
            _cell(each.row.items),
            _cell(each.row.ticked),
            _cell(each.counted_items),
            _cell(each.counted_ticked),
            each.agrees,
            inline(each.row.notes),
        )
        for each in declared(revision.checklist)
    )


def _cell(number: int | None) -> str:
    return "none" if number is None else str(number)
