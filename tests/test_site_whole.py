"""A whole site in files with every kind of page: its HTML is valid, its links and anchors lead on, its policy holds."""

from __future__ import annotations

import json
import posixpath
import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from checktrail.site.build import build
from page_checks import anchors, faults
from site_story import every_kind, kind_of, whole_harbour

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.build


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKTRAIL_CACHE_DIR", str(folder / "cache"))
        assert build(whole_harbour(folder).root, folder / "site", strict=True).warnings == ()
    return folder / "site"


@pytest.fixture(scope="module")
def made(out: Path) -> Mapping[str, str]:
    return {str(path.relative_to(out)): path.read_text(encoding="utf-8") for path in sorted(out.rglob("*.html"))}


def test_the_story_has_every_kind_of_page(made: Mapping[str, str]) -> None:
    assert {kind_of(name.removesuffix(".html")) for name in made} == every_kind()


def test_every_page_is_valid_html(made: Mapping[str, str]) -> None:
    assert {name: found for name, html in made.items() if (found := faults(html))} == {}


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p><div></div></p>", "Unexpected end tag"),
        ('<i id="a"></i><b id="a"></b>', "the id 'a' is given 2 times"),
        ('<p aria-labelledby="x">', "aria-labelledby='x' of <p> leads nowhere"),
        ('<p id="x"></p><label for="x"></label>', "a label is for <p>"),
        ("<ul><p>x</p></ul>", "<ul> holds <p>"),
        ('<a href="#"><button>x</button></a>', "<a> holds <button>"),
        ("<details><p>x</p></details>", "does not begin with its <summary>"),
        ("<figure><p></p><figcaption></figcaption><p></p></figure>", "in the middle of its <figure>"),
        ('<svg role="img"><desc>x</desc></svg>', "does not begin with its title"),
        ('<input type="checkbox" autocomplete="off">', "a box is to be completed"),
        ('<p tabindex="">', "is no number"),
        ('<img src="x">', "a picture has no words"),
        ('<p class="a" class="b">', "duplicate"),
    ],
)
def test_the_validator_sees_what_is_wrong(html: str, fault: str) -> None:
    page = f'<!doctype html><html lang="en"><head><title>x</title></head><body>{html}</body></html>'
    assert any(fault.lower() in each.lower() for each in faults(page)), faults(page)


def test_every_link_leads_to_a_file_and_an_anchor_that_are_there(out: Path, made: Mapping[str, str]) -> None:
    places, bad = {name: anchors(html) for name, html in made.items()}, []
    for name, html in made.items():
        for link in re.findall(r'\s(?:href|src)="([^"]*)"', html):
            path, _, anchor = unquote(unescape(link)).partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if not (out / target).is_file() or (anchor and anchor not in places.get(target, ())):
                bad.append(f"{name}: {link}")
    assert bad == []


def test_every_page_carries_a_policy_that_nothing_in_it_breaks(made: Mapping[str, str]) -> None:
    for name, html in made.items():
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
        rules = dict(rule.strip().split(" ", 1) for rule in unescape(policy).split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'", name
        assert "unsafe" not in policy, name
        assert all("http:" not in rule and "https:" not in rule and "*" not in rule for rule in rules.values()), name
        scripts = re.findall(r"<script(?![^>]*\ssrc=)([^>]*)>", html)
        assert all('type="application/json"' in attributes for attributes in scripts), name
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", html), name


def test_every_page_describes_itself_for_those_who_link_to_it(made: Mapping[str, str]) -> None:
    seen = set()
    for html in made.values():
        for kind in ("og:title", "og:description", "og:site_name"):
            (words,) = re.findall(rf'<meta property="{kind}" content="([^"]+)">', html)
            seen.add((kind, words))
    assert ("og:site_name", "harbour") in seen
    assert ("og:description", "Release metrics of harbour, each with its grade") in seen


def test_the_search_holds_items_in_flight_releases_people_and_findings_at_their_anchors(out: Path) -> None:
    held = {
        one["location"]: one["text"] for one in json.loads((out / "search" / "search_index.json").read_text())["docs"]
    }
    assert "Product owner sign-off obtained" in held["checklists/v1.2.0.html#s-sign-off"]
    assert "Product owner sign-off obtained" not in held["checklists/v1.0.0.html#s-sign-off"]
    assert "Cleo" in held["audit/people.html#everybody"]
    assert "SO204" in held["releases/v1.0.0.html#findings"]
    assert "releases/v1.0.0.html" in held
    assert "audit/rules.html#so204" in held
