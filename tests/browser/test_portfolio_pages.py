"""A portfolio of hostile and broken repositories in a real browser: readable, usable, and nothing of it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browsers import axe, chromium, opened, why_not
from portfolio_story import cached, made, several

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is a browser")]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portfolio")
    with cached(folder / "cache"):
        assert made(str(several(folder)), "--site-dir", str(folder / "web" / "site")) == 0
    return folder / "web" / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def pages(out: Path) -> list[str]:
    return sorted(str(path.relative_to(out)) for path in out.rglob("*.html"))


def test_everything_that_was_written_lies_in_the_site(out: Path) -> None:
    assert [path.name for path in out.parent.iterdir()] == ["site"]
    assert len(pages(out)) == 10


# Each width and each scheme once: a colour does not hang on the width.
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_every_page_is_quiet_fits_and_is_accessible(browser: Browser, out: Path, width: int, scheme: str) -> None:
    source = axe()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type] # one of two
    addresses = [(out / name).as_uri() for name in pages(out)]
    for name, watched in opened(context, "file://", addresses, 100):
        assert (watched.outside, watched.complaints) == ([], []), name
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, (
            f"{name} is wider than the screen"
        )
        assert watched.page.title() != "1"
        assert watched.page.locator("img").count() == 0, name
    context.close()
    free = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type] # one of two
    for name, watched in opened(free, "file://", addresses, 250):  # what fades in has no contrast yet
        watched.page.evaluate(source)
        found = watched.page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(run => run.violations)")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], name
    free.close()


def test_the_search_goes_across_repositories(browser: Browser, out: Path) -> None:
    for asked, there in (("v2.1.0", "repositories/tidepool.html"), ("harbour", "repositories/harbour.html")):
        page = browser.new_page()
        page.goto((out / "index.html").as_uri())
        page.locator("[data-md-component=search-query]").click()
        page.keyboard.type(asked)
        page.locator(f".md-search-result__link[href*='{there}']").first.wait_for(state="attached", timeout=20_000)
        page.close()


def test_the_table_of_repositories_sorts_and_filters(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "index.html").as_uri())
    page.get_by_label("Filter").first.fill("tide")
    assert page.locator("#repositories-table tbody tr:visible").count() == 1
    page.get_by_label("Filter").first.fill("")
    page.locator("#repositories-table").get_by_role("button", name="Date").click()
    names = page.locator("#repositories-table tbody th a").all_inner_texts()
    assert names.index("harbour") < names.index("tidepool")
    page.close()
