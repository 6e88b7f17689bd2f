"""What stands at the end of every page: the same for programs, and how it was counted and made. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checktrail.site.addresses import MADE
from checktrail.site.views.marks import AUDIT, FINDINGS, PEOPLE, POPULATION
from checktrail.site.views.shared import Link, Site

COUNTED = "words"
"""The anchor on the page of how this was made under which every figure's meaning stands."""
_OF_THE_AUDIT = frozenset({FINDINGS, POPULATION, PEOPLE})


@dataclass(frozen=True, slots=True)
class Foot:
    """The links at the end of a page."""

    links: tuple[Link, ...]


def foot(site: Site, here: str, *, has_document: bool) -> Foot:
    """The end of the page `here`; a page whose facts stand in the whole audit's document leads there."""
    document = here if has_document else AUDIT if here in _OF_THE_AUDIT else ""
    links = [Link("This page as JSON", site.addresses.asset(here, f"{document}.json"))] if document else []
    if here != MADE:
        links.append(Link("How this is counted and made", site.addresses.link(here, MADE, COUNTED)))
    return Foot(tuple(links))
