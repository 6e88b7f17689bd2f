"""Where every release in flight stands: the first page. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from checktrail.charts.drawing import moment
from checktrail.history import Standing
from checktrail.model import Binding
from checktrail.record import Revision, in_flight
from checktrail.site.addresses import CHECKLISTS, MADE, RELEASES
from checktrail.site.markup import inline, plain_text
from checktrail.site.views.releases import ReleaseRow, release_row
from checktrail.site.views.shared import (
    Link,
    OpenItem,
    Site,
    Tally,
    all_boxes,
    before_tag,
    counted,
    edit_link,
    item_text,
    open_before_tag,
    shown,
    signoff_tally,
    title,
    where,
)
from checktrail.site.views.text import anchors_of
from checktrail.site.views.trail import TURNS, Act, act, standings

SHOWN_OPEN = 8
SHOWN_RELEASES = 6
SHOWN_MOVED = 12
WEEK = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Flight:
    """A checklist on its way to its release."""

    name: str
    release: str
    link: Link
    edit: Link
    before_tag: Tally
    all_boxes: Tally
    signoffs: Tally
    open: tuple[OpenItem, ...]
    more_open: str


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that happened to an item in the last seven days before the head."""

    act: Act
    item: Markup
    link: Link


@dataclass(frozen=True, slots=True)
class Home:
    """The first page."""

    title: str
    as_of: str
    flights: tuple[Flight, ...]
    releases: tuple[ReleaseRow, ...]
    releases_page: Link
    checklists_page: Link
    made_page: Link
    unreleased: str
    others: str
    moved: tuple[Moved, ...]
    more_moved: str


def home(site: Site) -> Home:
    """The first page of a site."""
    record, here = site.record, site.addresses.home
    latest = tuple(reversed(record.releases))[:SHOWN_RELEASES]
    others = sum(each.bound.binding is Binding.OTHER for each in record.checklists)
    to, moved = site.addresses.link, tuple(_moved(site, here))
    return Home(
        title=site.record.settings.site.title or record.facts.name,
        as_of=moment(record.as_of),
        flights=tuple(_flight(site, each, here) for each in in_flight(record)),
        releases=tuple(release_row(site, each, here) for each in latest),
        releases_page=Link(f"All {counted(len(record.releases), 'release')}", to(here, RELEASES) if latest else ""),
        checklists_page=Link("All checklists", to(here, CHECKLISTS) if record.checklists else ""),
        made_page=Link("How this was made", to(here, MADE)),
        unreleased=counted(len(record.membership.unreleased), "commit"),
        others=counted(
            others,
            "other file with boxes stands apart and is not counted",
            "other files with boxes stand apart and are not counted",
        )
        if others
        else "",
        moved=moved[:SHOWN_MOVED],
        more_moved=f"and {len(moved) - SHOWN_MOVED} more" if len(moved) > SHOWN_MOVED else "",
    )


def _flight(site: Site, revision: Revision, here: str) -> Flight:
    counts = site.totals[revision.blob]
    page = site.addresses.checklists[revision.path]
    anchors, standing = anchors_of(revision), standings(revision)
    waiting = open_before_tag(revision.checklist)
    return Flight(
        name=title(revision),
        release=revision.bound.release or "the next release",
        link=Link("The checklist", site.addresses.link(here, page)),
        edit=edit_link(site, revision.path),
        before_tag=before_tag(counts),
        all_boxes=all_boxes(counts),
        signoffs=signoff_tally((revision,)),
        open=tuple(
            OpenItem(
                item_text(item),
                site.addresses.link(here, page, anchors[item.line]),
                where(revision.checklist, item),
                tuple(plain_text(owner) for owner in item.owners),
                _habit(site, standing.get(item.line)),
            )
            for item in waiting[:SHOWN_OPEN]
        ),
        more_open=f"and {len(waiting) - SHOWN_OPEN} more" if len(waiting) > SHOWN_OPEN else "",
    )


def _habit(site: Site, standing: Standing | None) -> str:
    """Who usually ticks an item and when, where past releases show it."""
    metrics = site.chapters.metrics
    found = metrics.habits.get(standing.item) if metrics is not None and standing is not None else None
    if found is None:
        return ""
    return shown(found.sentence if found.who is None else f"{found.sentence} past cycles")


def _moved(site: Site, here: str) -> Iterator[Moved]:
    """The turns of boxes in the last seven days before the head, the latest first; other files with boxes left out."""
    record, pages = site.record, site.addresses.checklists
    head = record.facts.head
    counting = {each.path for each in record.checklists if each.bound.binding in (Binding.OWN, Binding.LIVING)}
    recent = [
        commit
        for commit in site.events
        if head is not None
        and record.as_of - WEEK <= record.commits[commit].committed_at <= record.as_of
        and record.trails.is_ancestor(commit, head)
    ]
    for commit in sorted(recent, key=record.trails.places.__getitem__, reverse=True):
        for event in site.events[commit]:
            if event.kind in TURNS and event.path in counting:
                link = Link(shown(event.path), site.addresses.link(here, pages[event.path]))
                yield Moved(act(site, event), inline(event.new_text or event.old_text or ""), link)
