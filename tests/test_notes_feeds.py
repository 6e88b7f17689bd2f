"""Feeds and badges: well-formed, escaped, the same bytes each time."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.charts.badges import COLOURS, badge
from checktrail.config import Settings
from checktrail.exports.feeds import ATOM, Channel, atom, json_feed
from checktrail.git import Repository
from checktrail.noting import notes_of, past_of
from checktrail.releases import releases
from story import Story

SVG = "{http://www.w3.org/2000/svg}"


def channel(url: str = "https://releases.example.org/thing/") -> Channel:
    return Channel(
        title="thing",
        url=url,
        atom_path="feed.xml",
        json_path="feed.json",
        page_of=lambda tag: f"releases/{tag}/",
        summary_of=lambda tag: f"{tag} & how it stands",
        as_of=1_700_000_000,
    )


@pytest.fixture
def made(tmp_path: Path) -> tuple[str, str, str]:
    """An Atom feed, a JSON feed, and an Atom feed of a site whose address nobody knows."""
    story = Story(tmp_path)
    story.commit("feat(ui): <b>dark</b> & \x1b[31mlight", on="2024-01-01")
    story.tag("v1.0", message="One", on="2024-01-02")
    story.commit("fix: crash", on="2024-02-01")
    story.tag("v1.1-rc1", message="Next", on="2024-02-02")
    repository = Repository.open(story.root)
    commits = tuple(repository.commits())
    found = releases(repository.tags(), commits, Settings(), repository.head.commit)
    past = past_of(repository, found, commits, None)
    notes = notes_of(repository, past, found.releases, Settings().notes)
    return (
        atom(channel(), found.releases, notes),
        json_feed(channel(), found.releases, notes),
        atom(channel(""), found.releases, notes),
    )


def test_atom_has_what_the_format_demands(made: tuple[str, str, str]) -> None:
    feed = ET.fromstring(made[0])  # noqa: S314 -- our own text
    assert feed.findtext(f"{{{ATOM}}}title") == "thing"
    assert feed.findtext(f"{{{ATOM}}}updated") == "2024-02-02T12:00:00Z"
    entries = feed.findall(f"{{{ATOM}}}entry")
    assert [entry.findtext(f"{{{ATOM}}}title") for entry in entries] == ["v1.1-rc1", "v1.0"]
    for entry in entries:
        assert entry.findtext(f"{{{ATOM}}}id")
        assert entry.findtext(f"{{{ATOM}}}updated")
        assert entry.findtext(f"{{{ATOM}}}summary") == f"{entry.findtext(f'{{{ATOM}}}title')} & how it stands"
        link = entry.find(f"{{{ATOM}}}link")
        assert link is not None
        assert link.get("href", "").startswith("https://releases.example.org/thing/releases/v1")


def test_feed_content_is_escaped_twice_over(made: tuple[str, str, str]) -> None:
    content = ET.fromstring(made[0]).findall(f"{{{ATOM}}}entry/{{{ATOM}}}content")[1].text or ""  # noqa: S314 -- our own
    assert content == (
        "<h3>New features</h3><ul><li><b>ui:</b> "
        "&lt;b&gt;dark&lt;/b&gt; &amp; \N{REPLACEMENT CHARACTER}[31mlight</li></ul>"
    )


def test_entries_keep_their_names_when_the_site_moves(made: tuple[str, str, str]) -> None:
    with_address, _, without = made
    names = [
        [entry.findtext(f"{{{ATOM}}}id") for entry in ET.fromstring(feed).findall(f"{{{ATOM}}}entry")]  # noqa: S314 -- ours
        for feed in (with_address, without)
    ]
    assert names[0] == names[1]
    assert ET.fromstring(without).findall(f".//{{{ATOM}}}link") == []  # noqa: S314 -- our own text


def test_json_feed_has_what_the_format_demands(made: tuple[str, str, str]) -> None:
    feed = json.loads(made[1])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://releases.example.org/thing/feed.json"
    assert [item["tags"] for item in feed["items"]] == [["pre-release"], ["release"]]
    assert all(item["id"] and item["content_html"] and item["date_published"] for item in feed["items"])


def test_an_empty_feed_is_a_feed() -> None:
    assert ET.fromstring(atom(channel(), (), {})).findtext(f"{{{ATOM}}}updated")  # noqa: S314 -- our own text
    assert json.loads(json_feed(channel(), (), {}))["items"] == []


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_badge_is_well_formed_whatever_it_says(name: str, value: str) -> None:
    picture = ET.fromstring(badge(name, value))  # noqa: S314 -- our own text
    assert {child.tag for child in picture.iter()} == {f"{SVG}{name}" for name in ("svg", "title", "rect", "g", "text")}
    assert picture.get("aria-label") == picture.findtext(f"{SVG}title")


def test_white_on_every_badge_can_be_read() -> None:
    def channel_light(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    for colour in COLOURS.values():
        red, green, blue = (channel_light(int(colour[start : start + 2], 16)) for start in (1, 3, 5))
        light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        assert 1.05 / (light + 0.05) >= 4.5, colour
