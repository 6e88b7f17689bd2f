"""Releases as feeds: Atom (RFC 4287) and JSON Feed 1.1. Pure.

A feed holds the newest releases, newest first, each with its notes as HTML in which every text is escaped. Without an
address of the site, entries have names instead of links, so that a reader still tells them apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from checktrail.errors import shown
from checktrail.exports.wire import moment
from checktrail.model import Release
from checktrail.notes.parts import Change, Notes, Part

ATOM = "http://www.w3.org/2005/Atom"
_NEWEST = 30


@dataclass(frozen=True, slots=True)
class Channel:
    """What a feed is of.

    `title` names the repository; `url` is the site's address, empty when unknown; `atom_path` and `json_path` are the
    feeds' own paths on it; `page_of` gives the path of a release's page, `summary_of` says how a release
    stands. `as_of` is in seconds since 1970.
    """

    title: str
    url: str
    atom_path: str
    json_path: str
    page_of: Callable[[str], str]
    summary_of: Callable[[str], str]
    as_of: int

    def address(self, path: str) -> str | None:
        """Where a path of the site is; None when the site's own address is unknown."""
        return f"{self.url.rstrip('/')}/{path.lstrip('/')}" if self.url else None


def atom(channel: Channel, releases: Sequence[Release], notes: Mapping[str, Notes]) -> str:
    """The newest releases as an Atom feed."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _child(feed, "title", shown(channel.title))
    _child(feed, "id", channel.address("") or _name(channel, "feed"))
    newest = _newest(releases)
    _child(feed, "updated", moment(newest[0].at if newest else channel.as_of))
    author = _child(feed, "author", None)
    _child(author, "name", shown(channel.title))
    for relation, path in (("self", channel.atom_path), ("alternate", "")):
        if address := channel.address(path):
            _child(feed, "link", None, rel=relation, href=address)
    for release in newest:
        entry = _child(feed, "entry", None)
        _child(entry, "title", shown(release.tag))
        _child(entry, "id", _identity(channel, release))
        _child(entry, "updated", moment(release.at))
        _child(entry, "published", moment(release.at))
        if address := channel.address(channel.page_of(release.tag)):
            _child(entry, "link", None, rel="alternate", href=address)
        _child(entry, "summary", channel.summary_of(release.tag))
        _child(entry, "content", _html(notes.get(release.tag)), type="html")
    ET.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'


def json_feed(channel: Channel, releases: Sequence[Release], notes: Mapping[str, Notes]) -> str:
    """The newest releases as a JSON Feed."""
    own = channel.address(channel.json_path)
    home = channel.address("")
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": shown(channel.title),
        **({"home_page_url": home} if home else {}),
        **({"feed_url": own} if own else {}),
        "items": [_item(channel, release, notes.get(release.tag)) for release in _newest(releases)],
    }
    return json.dumps(feed, indent=2) + "\n"


def _item(channel: Channel, release: Release, notes: Notes | None) -> dict[str, Any]:
    address = channel.address(channel.page_of(release.tag))
    return {
        "id": _identity(channel, release),
        **({"url": address} if address else {}),
        "title": shown(release.tag),
        "summary": channel.summary_of(release.tag),
        "content_html": _html(notes),
        "date_published": moment(release.at),
        "tags": ["pre-release"] if release.prerelease else ["release"],
    }


def _newest(releases: Sequence[Release]) -> tuple[Release, ...]:
    return tuple(releases[::-1][:_NEWEST])


def _identity(channel: Channel, release: Release) -> str:
    """A name that a release keeps when the site moves: it depends on the repository's name and the tag alone."""
    return _name(channel, f"release:{release.tag}")


def _name(channel: Channel, what: str) -> str:
    """An address-free name (RFC 8141's form under a namespace of our own)."""
    parts = (quote(part.encode("utf-8", "surrogateescape"), safe="") for part in (channel.title, what))
    return f"urn:checktrail:{':'.join(parts)}"


def _html(notes: Notes | None) -> str:
    if notes is None or not notes.parts:
        return "<p>No notes.</p>"
    return "".join(_part(part) for part in notes.parts)


def _part(part: Part) -> str:
    lines = "".join(f"<li>{_change(change)}</li>" for change in part.changes)
    return f"<h3>{escape(shown(part.title))}</h3><ul>{lines}</ul>"


def _change(change: Change) -> str:
    """A change as text: curated Markdown stays as written, since a feed reader renders only HTML."""
    scope = f"<b>{escape(shown(change.scope))}:</b> " if change.scope else ""
    return f"{scope}{escape(shown(change.text))}"


def _child(parent: ET.Element, name: str, text: str | None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text
    return child
