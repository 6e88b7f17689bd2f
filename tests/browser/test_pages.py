"""The site in a real browser: nothing from elsewhere, no complaint, readable and usable on a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browsers import Watched, axe, chromium, served, why_not
from checktrail.site.build import build
from site_story import harbour
from story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is a browser")]

KINDS = (
    "index.html",
    "releases/index.html",
    "releases/v1.0.0.html",
    "checklists/index.html",
    "checklists/v1.2.0.html",
    "made.html",
    "metrics.html",
    "audit/index.html",
    "audit/findings.html",
    "audit/releases/v1.0.0.html",
)
HOSTILE = '<img src="https://elsewhere.example/x.png" onerror="document.title=1">'


def story(folder: Path) -> Story:
    told = harbour(folder)
    text = f"# Release {HOSTILE}\n\n## Preparation {HOSTILE}\n\n- [ ] {HOSTILE}\n- [ ] ![x](https://elsewhere.example/y.png)\n"
    told.write("checklists/hostile-release.md", text + "".join(f"- [x] a very-{'long-' * 30}word\n" for _ in range(3)))
    told.commit(HOSTILE, on="2024-05-03")
    return told


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKTRAIL_CACHE_DIR", str(folder / "cache"))
        build(story(folder).root, folder / "web" / "sub" / "site")
    return folder / "web" / "sub" / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def pages(out: Path) -> list[str]:
    return sorted(str(path.relative_to(out)) for path in out.rglob("*.html"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_opens_from_a_folder_without_a_request_elsewhere_or_a_complaint(
    browser: Browser, out: Path, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type] # one of two
    for name in pages(out):
        watched = Watched(context, "file://")
        watched.page.goto((out / name).as_uri())
        watched.page.wait_for_timeout(100)
        assert watched.outside == [], name
        assert watched.complaints == [], name
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, (
            f"{name} is wider than the screen"
        )
        assert watched.page.title() != "1"
        watched.page.close()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser: Browser, out: Path, width: int, scheme: str) -> None:
    source = axe()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type] # one of two
    for name in KINDS:
        page = context.new_page()
        page.goto((out / name).as_uri())
        page.wait_for_timeout(250)  # what fades in has no contrast yet
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(run => run.violations)")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], name
        page.close()
    context.close()


def test_under_a_subpath_every_page_loads_whole(browser: Browser, out: Path) -> None:
    with served(out.parent.parent) as address:
        context = browser.new_context()
        for name in KINDS:
            watched = Watched(context, address)
            answer = watched.page.goto(f"{address}sub/site/{name}")
            watched.page.wait_for_load_state("networkidle")
            assert answer is not None
            assert answer.ok
            assert (watched.outside, watched.complaints) == ([], []), name
            watched.page.close()
        context.close()


@pytest.mark.parametrize("from_folder", [True, False])
def test_the_search_finds_releases_from_a_folder_and_over_http(browser: Browser, out: Path, from_folder: bool) -> None:  # noqa: FBT001
    with served(out) as address:
        home = (out / "index.html").as_uri() if from_folder else f"{address}index.html"
        watched = Watched(browser.new_context(), "file://" if from_folder else address)
        watched.page.goto(home)
        watched.page.locator("[data-md-component=search-query]").click()
        watched.page.keyboard.type("v1.1.0")
        link = watched.page.locator(".md-search-result__link").first
        link.wait_for(timeout=10_000)
        assert "releases/v1.1.0.html" in (link.get_attribute("href") or "")
        assert (watched.outside, watched.complaints) == ([], [])
        watched.page.context.close()


def test_a_table_sorts_by_keyboard_and_says_so(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "releases" / "index.html").as_uri())
    button = page.get_by_role("button", name="Before the tag")
    button.focus()
    page.keyboard.press("Enter")
    head = page.locator("th[aria-sort]")
    assert head.count() == 1
    assert head.get_attribute("aria-sort") == "ascending"
    assert page.locator("table[data-ct-sort] tbody th").all_inner_texts() == ["v1.0.0", "v1.1.0"]
    page.keyboard.press("Enter")
    assert page.locator("table[data-ct-sort] tbody th").all_inner_texts() == ["v1.1.0", "v1.0.0"]
    page.close()


def test_a_table_filters_and_says_how_many(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "releases" / "index.html").as_uri())
    page.get_by_label("Filter").fill("v1.0")
    assert page.locator("table[data-ct-sort] tbody tr:visible").count() == 1
    assert page.locator(".ct-filter [role=status]").inner_text() == "1 of 2 shown"
    page.close()


def test_commands_are_copied_as_they_are(browser: Browser, out: Path) -> None:
    with served(out) as address:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(f"{address}checklists/v1.2.0.html")
        button = page.locator(".ct-steps .ct-copy").first
        button.click()
        page.get_by_text("Copied").first.wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == "systemctl stop harbour"
        context.close()


def test_without_script_everything_can_be_read(browser: Browser, out: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((out / "releases" / "v1.0.0.html").as_uri())
    text = page.locator("article").inner_text()
    assert re.search(r"Before the tag\s+3 of 4", text)
    assert "Product owner sign-off obtained" in text
    assert page.locator(".ct-copy:visible").count() == 0
    context.close()


def test_the_first_tab_stop_leads_past_the_navigation(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "releases" / "v1.0.0.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.classList.contains('md-skip')")
    page.close()


def test_on_paper_there_is_no_navigation(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "releases" / "v1.0.0.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator(".md-header").is_visible()
    assert not page.locator(".md-sidebar--primary").is_visible()
    assert page.locator("article h1").is_visible()
    assert page.pdf().startswith(b"%PDF")
    page.close()
