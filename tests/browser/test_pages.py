"""The site in a real browser: nothing from elsewhere, no complaint, readable and usable on a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browsers import Watched, axe, chromium, opened, served, why_not
from checktrail.site.build import build
from site_story import every_kind, kind_of, whole_harbour
from story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from playwright.sync_api import Page as BrowserPage

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is a browser")]

HOSTILE = '<img src="https://elsewhere.example/x.png" onerror="document.title=1">'


def story(folder: Path) -> Story:
    told = whole_harbour(folder)
    text = f"# Release {HOSTILE}\n\n## Preparation {HOSTILE}\n\n- [ ] {HOSTILE}\n- [ ] ![x](https://elsewhere.example/y.png)\n"
    told.write("checklists/hostile-release.md", text + "".join(f"- [x] a very-{'long-' * 30}word\n" for _ in range(3)))
    told.commit(HOSTILE, on="2024-05-12")
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


def kinds(out: Path) -> list[str]:
    """One page of every kind there is."""
    found = {kind_of(name.removesuffix(".html")): name for name in pages(out)}
    assert set(found) == every_kind()
    return sorted(found.values())


# Colours change neither what is loaded nor how wide it is, so that half of the four combinations say as much.
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_opens_from_a_folder_without_a_request_elsewhere_or_a_complaint(
    browser: Browser, out: Path, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type] # one of two
    for name, watched in opened(context, "file://", [(out / name).as_uri() for name in pages(out)], 100):
        assert watched.outside == [], name
        assert watched.complaints == [], name
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, (
            f"{name} is wider than the screen"
        )
        assert watched.page.title() != "1"
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_kind_of_page_in_light_and_in_dark(browser: Browser, out: Path, width: int) -> None:
    source = axe()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="light", bypass_csp=True)
    # What fades in has no contrast yet.
    for name, watched in opened(context, "file://", [(out / name).as_uri() for name in kinds(out)], 250):
        page = watched.page
        page.evaluate(source)
        assert violations(page, "resultTypes: ['violations']") == [], f"{name}, light"
        page.add_style_tag(content="* { transition: none !important }")  # colours fade from one scheme into the other
        page.evaluate("document.getElementById('__palette_1').click()")
        page.locator("body[data-md-color-scheme=slate]").wait_for()
        # Nothing but colours has changed.
        assert violations(page, "runOnly: ['color-contrast', 'link-in-text-block']") == [], f"{name}, dark"
    context.close()


def violations(page: BrowserPage, options: str) -> list[tuple[str, str]]:
    found = page.evaluate(f"axe.run(document, {{{options}}}).then(run => run.violations)")
    return [(each["id"], each["nodes"][0]["html"]) for each in found]


def test_under_a_subpath_every_page_loads_whole(browser: Browser, out: Path) -> None:
    with served(out.parent.parent) as address:
        context = browser.new_context()
        for name in kinds(out):
            watched = Watched(context, address)
            answer = watched.page.goto(f"{address}sub/site/{name}")
            watched.page.wait_for_load_state("networkidle")
            assert answer is not None
            assert answer.ok
            assert (watched.outside, watched.complaints) == ([], []), name
            watched.page.close()
        context.close()


SEARCHED = {
    "a release": ("v1.1.0", "releases/v1.1.0.html", "v1.1.0"),
    "an item": ("Product owner sign-off obtained", "checklists/v1.2.0.html#s-sign-off", "Sign-off"),
    "a person": ("Cleo", "audit/people.html#everybody", "Everybody"),
    "a finding": ("SO204 ticked-late", "audit/rules.html#so204", "SO204 ticked-late"),
}


@pytest.mark.parametrize("from_folder", [True, False])
def test_the_search_leads_to_releases_items_people_and_findings(browser: Browser, out: Path, from_folder: bool) -> None:  # noqa: FBT001
    with served(out) as address:
        root = f"{out.as_uri()}/" if from_folder else address
        context = browser.new_context()
        for words, target, heading in SEARCHED.values():
            watched = Watched(context, "file://" if from_folder else address)
            watched.page.goto(f"{root}index.html")
            watched.page.locator("[data-md-component=search-query]").click()
            watched.page.keyboard.type(words)
            link = watched.page.locator(f".md-search-result__link[href*='{target.partition('#')[0]}']").first
            link.wait_for(timeout=20_000)
            hrefs = watched.page.locator(".md-search-result__link").evaluate_all("all => all.map(one => one.href)")
            (found, *_) = [href for href in hrefs if re.sub(r"\?h=[^#]*", "", href) == f"{root}{target}"]
            watched.page.goto(found)
            place = watched.page.locator(f"[id='{target.partition('#')[2]}']" if "#" in target else "article h1")
            assert heading in place.first.inner_text()
            assert (watched.outside, watched.complaints) == ([], [])
            watched.page.close()
        context.close()


def test_every_link_and_button_of_a_page_is_reached_by_keyboard(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "releases" / "v1.0.0.html").as_uri())
    page.wait_for_timeout(100)
    seen = "article :is(a[href], button, input, summary, [tabindex='0'])"
    page.evaluate(
        f"document.querySelectorAll({seen!r}).forEach(each => {{ if (each.checkVisibility()) each.dataset.due = '1' }})"
    )
    assert page.locator("[data-due]").count() > 20
    for _ in range(400):
        page.keyboard.press("Tab")
        if (
            page.evaluate("(delete document.activeElement.dataset.due, document.querySelectorAll('[data-due]').length)")
            == 0
        ):
            break
    assert page.locator("[data-due]").evaluate_all("all => all.map(one => one.outerHTML)") == []
    page.close()


def test_on_a_phone_no_value_of_a_row_is_cut_off(browser: Browser, out: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto((out / "releases" / "index.html").as_uri())
    row = page.locator(".ct-stacked tbody tr").first
    row.wait_for()
    assert row.evaluate("one => one.cells[0].clientWidth === one.clientWidth")  # its name stands on a line of its own
    assert page.evaluate(
        "[...document.querySelectorAll('.ct-stacked')].every(one => one.scrollWidth <= one.parentElement.clientWidth)"
    )
    bars = page.locator(".ct-stacked svg.ct-bar").evaluate_all("all => all.map(one => one.clientWidth)")
    assert len(bars) > 1
    assert len(set(bars)) == 1  # what is done can be compared by length
    sections = page.locator(".md-tabs__link:visible").all_inner_texts()
    assert sections == ["Status", "Releases", "Checklists", "Metrics", "Audit"]
    named = "each => getComputedStyle(each, '::before').content + each.textContent.trim()"
    assert '"Commits: "1' in row.locator("td").evaluate_all(f"all => all.map({named})")
    page.close()


def test_a_table_sorts_by_keyboard_and_says_so(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "releases" / "index.html").as_uri())
    button = page.get_by_role("button", name="Before the tag")
    button.focus()
    page.keyboard.press("Enter")
    head = page.locator("th[aria-sort]")
    assert head.count() == 1
    assert head.get_attribute("aria-sort") == "ascending"
    without = ["v1.1.1", "v2.0.0"]
    assert page.locator("table[data-ct-sort] tbody th").all_inner_texts() == [*without, "v1.0.0", "v1.1.0"]
    page.keyboard.press("Enter")
    assert page.locator("table[data-ct-sort] tbody th").all_inner_texts() == ["v1.1.0", "v1.0.0", *without]
    page.close()


def test_a_table_filters_and_says_how_many(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "releases" / "index.html").as_uri())
    page.get_by_label("Filter").fill("v1.0")
    assert page.locator("table[data-ct-sort] tbody tr:visible").count() == 1
    assert page.locator(".ct-filter [role=status]").inner_text() == "1 of 4 shown"
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
