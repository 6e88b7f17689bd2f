"""The audit's pages in a real browser: on paper a document, on a phone readable, for a screen reader in order."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browsers import axe, chromium, opened, why_not
from checktrail.demo import write_demo
from checktrail.site.build import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is a browser")]

AUDIT = "audit/releases/v2.0.0.html"
KINDS = (
    AUDIT,
    "audit/index.html",
    "audit/findings.html",
    "audit/rules.html",
    "audit/population.html",
    "audit/people.html",
)
INTERNAL = '[site]\naudience = "internal"\n'
ROWS = """
    const body = document.querySelector("#audit-findings tbody")
    const row = body.rows[0]
    for (let number = 0; number < 80; number++) {
      const copy = row.cloneNode(true)
      copy.cells[2].textContent = `begin${number}x ${"words that fill more than one line ".repeat(9)} end${number}x`
      body.append(copy)
    }
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit-browser")
    write_demo(folder / "demo")
    (folder / "demo" / "checktrail.toml").write_text(INTERNAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKTRAIL_CACHE_DIR", str(folder / "cache"))
        build(folder / "demo", folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


# --- on paper -------------------------------------------------------------------------------------------------------


def printed(browser: Browser, out: Path, target: Path, change: str = "") -> bytes:
    page = browser.new_page()
    page.goto((out / AUDIT).as_uri())
    if change:
        page.evaluate(f"(() => {{ {change} }})()")
    target.write_bytes(page.pdf(format="A4", prefer_css_page_size=True))
    page.close()
    return target.read_bytes()


def test_paper_shows_the_page_without_what_is_for_screens(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / AUDIT).as_uri())
    page.emulate_media(media="print")
    for screen_only in (".md-header", ".md-tabs", ".md-sidebar", ".md-footer", ".ct-copy", ".ct-filter", ".headerlink"):
        assert page.locator(f"{screen_only}:visible").count() == 0, screen_only
    assert page.locator("article h1").inner_text() == "Audit of v2.0.0"
    cut = "[...document.querySelectorAll('pre code')].filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
    rows = "[...document.querySelectorAll('article tr')].filter(row => getComputedStyle(row).breakInside !== 'avoid')"
    assert page.evaluate(f"{rows}.length") == 0
    page.close()


def test_every_sheet_names_the_release_and_its_number(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / AUDIT).as_uri())
    rules = "[...document.adoptedStyleSheets].flatMap(sheet => [...sheet.cssRules]).map(rule => rule.cssText).join()"
    header = page.evaluate(rules)
    assert re.search(
        r'@top-left \{ content: "demo v2\.0\.0 at [0-9a-f]{12}: audit as of 2026-02-21, checktrail ', header
    )
    sheet = (out / "assets" / "checktrail" / "checktrail.css").read_text()
    assert 'content: counter(page) " / " counter(pages)' in sheet
    page.close()


def test_a_header_holds_a_hostile_name_as_text(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / AUDIT).as_uri())
    name = '"; } * { display: none } @page { x: "\\\u202e\n'
    page.evaluate("name => { document.querySelector('.ct-running').textContent = name }", name)
    page.add_script_tag(url=(out / "assets" / "checktrail" / "checktrail.js").as_uri())
    assert page.locator("article h1").is_visible()
    rules = page.evaluate("document.adoptedStyleSheets.at(-1).cssRules.length")
    assert rules == 1
    page.close()


@pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext is not installed: apt-get install poppler-utils"
)
def test_no_row_is_cut_by_the_end_of_a_sheet_and_every_sheet_repeats_the_table_head(
    browser: Browser, out: Path, tmp_path: Path
) -> None:
    pdf = printed(browser, out, tmp_path / "audit.pdf", ROWS)
    assert pdf.startswith(b"%PDF")
    run = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "audit.pdf", "-"], capture_output=True, text=True, check=True
    )
    sheets = run.stdout.split("\f")[:-1]
    begun = [set(re.findall(r"begin(\d+)x", sheet)) for sheet in sheets]
    ended = [set(re.findall(r"end(\d+)x", sheet)) for sheet in sheets]
    assert sum(map(len, begun)) == 80
    assert begun == ended
    inside = [sheet for sheet, rows in zip(sheets, begun, strict=True) if rows]
    assert len(inside) > 2
    for sheet in inside:
        assert re.search(r"Severity\s+Code\s+What\s+Where", sheet)
    for number, sheet in enumerate(sheets, 1):
        assert re.search(rf"\b{number}\s*/\s*{len(sheets)}\s*$", sheet)
        assert re.match(r"\s*demo v2\.0\.0 at [0-9a-f]{12}: audit as of 2026-02-21", sheet)
        assert not re.search(r"Search|Table of contents", sheet)


# --- on screens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_ask_nothing_elsewhere_and_complain_of_nothing(
    browser: Browser, out: Path, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type] # one of two
    for name, watched in opened(context, "file://", [(out / name).as_uri() for name in KINDS], 100):
        assert (watched.outside, watched.complaints) == ([], []), name
        root = "document.documentElement"
        assert watched.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0, name
    context.close()


@pytest.mark.parametrize("name", KINDS)
def test_headings_descend_tables_have_heads_and_fields_have_labels(browser: Browser, out: Path, name: str) -> None:
    page = browser.new_page()
    page.goto((out / name).as_uri())
    levels = page.evaluate(
        "[...document.querySelectorAll('article :is(h1,h2,h3,h4,h5,h6)')].map(each => +each.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("article th:not([scope])").count() == 0
    assert page.locator("article table:not(:has(thead th))").count() == 0
    unnamed = "[...document.querySelectorAll('article input')].filter(each => !each.labels.length).length"
    assert page.evaluate(unnamed) == 0
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, out: Path, scheme: str) -> None:
    source = axe()
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type] # one of two
    # What fades in has no contrast yet.
    for name, watched in opened(context, "file://", [(out / name).as_uri() for name in KINDS], 250):
        watched.page.evaluate(source)
        found = watched.page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(run => run.violations)")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], name
    context.close()


def test_a_code_leads_to_its_rule(browser: Browser, out: Path) -> None:
    page = browser.new_page()
    page.goto((out / "audit" / "findings.html").as_uri())
    link = page.locator("#all-findings a").first
    code = link.inner_text()
    page.locator("#all-findings tbody tr").first.get_by_role("link", name=code).click()
    assert page.url.endswith(f"rules.html#{code.lower()}")
    assert page.locator(f"h3#{code.lower()}").inner_text().startswith(code)
    page.close()
