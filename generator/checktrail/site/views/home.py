"""Where every release in flight stands: the first page. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checktrail.binding import belongs
from checktrail.charts.drawing import day
from checktrail.model import Binding
from checktrail.record import Revision
from checktrail.site.addresses import CHECKLISTS, MADE, RELEASES
from checktrail.site.markup import plain_text
from checktrail.site.views.releases import ReleaseRow, release_row
from checktrail.site.views.shared import (
    Link,
    OpenItem,
    Site,
    Tally,
    all_boxes,
    before_tag,
    counted,
    item_text,
    open_before_tag,
    signoff_tally,
    title,
    where,
)
from checktrail.site.views.text import anchors_of

SHOWN_OPEN = 8
SHOWN_RELEASES = 6


@dataclass(frozen=True, slots=True)
class Flight:
    """A checklist on its way to its release."""

    name: str
    release: str
    link: Link
    before_tag: Tally
    all_boxes: Tally
    signoffs: Tally
    open: tuple[OpenItem, ...]
    more_open: str


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


def home(site: Site) -> Home:
    """The first page of a site."""
    record, here = site.record, site.addresses.home
    latest = tuple(reversed(record.releases))[:SHOWN_RELEASES]
    others = sum(each.bound.binding is Binding.OTHER for each in record.checklists)
    to = site.addresses.link
    return Home(
        title=site.record.settings.site.title or record.facts.name,
        as_of=day(record.as_of),
        flights=tuple(_flight(site, each, here) for each in in_flight(site)),
        releases=tuple(release_row(site, each, here) for each in latest),
        releases_page=Link(f"All {counted(len(record.releases), 'release')}", to(here, RELEASES) if latest else ""),
        checklists_page=Link("All checklists", to(here, CHECKLISTS) if record.checklists else ""),
        made_page=Link("How this was made", to(here, MADE)),
        unreleased=counted(len(record.membership.unreleased), "commit"),
        others=counted(others, "other file") if others else "",
    )


def in_flight(site: Site) -> tuple[Revision, ...]:
    """The checklists that lead to a release still to come: living ones, and those of a release without a tag."""
    released = [each.release for each in site.record.releases if not each.release.prerelease]
    own = [
        each
        for each in site.record.checklists
        if each.bound.binding is Binding.OWN and not any(belongs(each.bound, release) for release in released)
    ]
    return (*own, *(each for each in site.record.checklists if each.bound.binding is Binding.LIVING))


def _flight(site: Site, revision: Revision, here: str) -> Flight:
    counts = site.totals[revision.blob]
    page = site.addresses.checklists[revision.path]
    anchors = anchors_of(revision)
    waiting = open_before_tag(revision.checklist)
    return Flight(
        name=title(revision),
        release=revision.bound.release or "the next release",
        link=Link("Open the checklist", site.addresses.link(here, page)),
        before_tag=before_tag(counts),
        all_boxes=all_boxes(counts),
        signoffs=signoff_tally((revision,)),
        open=tuple(
            OpenItem(
                item_text(item),
                site.addresses.link(here, page, anchors[item.line]),
                where(revision.checklist, item),
                tuple(plain_text(owner) for owner in item.owners),
            )
            for item in waiting[:SHOWN_OPEN]
        ),
        more_open=f"and {len(waiting) - SHOWN_OPEN} more" if len(waiting) > SHOWN_OPEN else "",
    )
