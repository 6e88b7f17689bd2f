"""A repository in which everything is hostile, through every output: nothing of it becomes more than text."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from browsers import Watched, chromium, served, why_not
from hostile import ELSEWHERE, HTML, LINKS, MARKDOWN, SECRET, Hostile, hostile
from said import Said
from said import said as said_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Controls but the newline, marks that turn or hide text, ends of lines that are none, tags, what is no character.
CONTROL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TAG = "<script/data-owned>alert('owned')</script>/v1.0.0"
LAST = "v9.0.0"


def said(repository: Hostile, *arguments: str) -> Said:
    return said_in(repository.root, *arguments)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKTRAIL_CACHE_DIR", str(folder / "cache"))
        patch.setenv("COLUMNS", "120")
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        yield hostile(folder)


@pytest.fixture(scope="module")
def exports(repository: Hostile, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("exports")
    assert said(repository, "export", "--to", f"{folder}/").code == 0
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def schema(kind: str) -> Draft202012Validator:
    read = json.loads((files("checktrail") / "schemas" / f"{kind}-1.schema.json").read_text("utf-8"))
    return Draft202012Validator(read)


# --- the terminal -----------------------------------------------------------------------------------------------------

TEXTS: tuple[tuple[str, ...], ...] = (
    ("status",), ("status", "RELEASE_CHECKLIST.md"), ("releases",), ("releases", "--contains", "HEAD~9"),
    ("releases", "--backports"), ("metrics", "--explain"), ("audit",), ("audit", "--format", "concise"),
    ("audit", "--sample", "3", "--seed", "\x1b[31m"), ("log",), ("log", "--events"), ("log", "RELEASE_CHECKLIST.md:12"),
    ("ledger", "update", "--dry-run"), ("diff", "HEAD~30", "HEAD"), ("diff", "HEAD~3", "--worktree"),
    ("lint",), ("lint", "--format", "concise"), ("lint", "--base", "HEAD~30"), ("table",), ("table", "--check"),
    ("config", "show"), ("new", "--list"),
    ("rule", "SO201"), ("log", "--at", LAST), ("notes", LAST), ("init", "--help"),
)  # fmt: skip


@pytest.mark.parametrize("arguments", TEXTS, ids=" ".join)
def test_what_is_said_moves_no_cursor_and_hides_nothing(repository: Hostile, arguments: tuple[str, ...]) -> None:
    found = said(repository, *arguments)
    assert found.code in {0, 1, 3}, found.err
    for text in (found.text, found.err):
        assert not CONTROL.search(text), near(text)
        assert SECRET not in text


@pytest.mark.parametrize("command", ["status", "releases", "metrics", "log", "lint"])
def test_the_only_colours_are_ours(repository: Hostile, command: str) -> None:
    found = said(repository, "--color", "always", command)
    assert COLOUR.search(found.text)
    plain = COLOUR.sub("", found.text)
    assert not CONTROL.search(plain), near(plain)


def near(text: str) -> str:
    """Where the first sign stands that must not."""
    hit = CONTROL.search(text)
    return "" if hit is None else repr(text[max(0, hit.start() - 80) : hit.end() + 40])


def test_a_question_about_what_is_not_there_is_answered_in_plain_words(repository: Hostile) -> None:
    bad = "\x1b]0;owned\x07\u202e"
    for arguments in (
        ("notes", bad), ("status", bad), ("log", bad), ("diff", bad), ("tick", bad), ("rule", bad), ("verify", bad),
        (bad,),
        ("lint", bad), ("audit", bad), ("audit", "--explain", bad, bad), ("releases", "--contains", bad), ("new", bad),
        ("table", bad), ("status", "--format", bad), (f"--{bad}",), ("-C", bad, "status"), ("audit", "--policy", bad),
        ("new", "1.0", "--from", bad), ("audit", "--from", bad), ("lint", "--select", bad), ("lint", "--set", bad),
        ("export", "--to", f"/dev/null/{bad}.json"), ("build", "--site-dir", f"/dev/null/{bad}"),
    ):  # fmt: skip
        found = said(repository, *arguments)
        assert found.code == 2, (arguments, found)
        assert found.out == b"", arguments
        assert not CONTROL.search(found.err), (arguments, near(found.err))
        assert found.err.startswith("checktrail: "), arguments
        assert found.err.count("\n") <= 2, found.err


def test_a_name_that_begins_like_an_option_is_a_name(repository: Hostile, tmp_path: Path) -> None:
    for tag in (tag for tag in repository.tags if tag.startswith("-")):
        for arguments in (("notes", "--", tag), ("audit", "--", tag), ("diff", "--", tag), ("log", f"--at={tag}")):
            assert said(repository, *arguments).code in {0, 1}, arguments
    assert not any(
        path.name == "owned" for folder in (Path.cwd(), repository.root, tmp_path) for path in folder.iterdir()
    )


# --- JSON -------------------------------------------------------------------------------------------------------------

DOCUMENTS: tuple[tuple[str, ...], ...] = (
    ("status",), ("releases",), ("metrics",), ("audit",), ("log",), ("log", "--events"), ("diff", "HEAD~30"), ("lint",),
    ("notes", LAST), ("notes", TAG),
)  # fmt: skip


@pytest.mark.parametrize("arguments", DOCUMENTS, ids=" ".join)
def test_documents_are_ascii_and_keep_their_schema(repository: Hostile, arguments: tuple[str, ...]) -> None:
    found = said(repository, *arguments, "--format", "json")
    assert found.code in {0, 1, 3}, found.err
    holds(found.out, arguments[0])


def test_every_tag_has_its_notes(repository: Hostile) -> None:
    for tag in repository.tags:
        found = said(repository, "-q", "notes", "--format", "json", "--", tag)
        assert found.code == 0, (tag, found.err)
        holds(found.out, "notes")
        in_words = said(repository, "-q", "notes", "--", tag)
        assert in_words.code == 0, tag
        harmless(in_words.text, pictures=True)  # a curated text is Markdown, and may hold a picture


def holds(content: bytes, kind: str) -> None:
    assert content.isascii()
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", content)
    assert SECRET.encode() not in content
    document = json.loads(content)
    assert document["schema"] == f"checktrail.{kind}/1"
    errors = [f"{error.json_path}: {error.message[:200]}" for error in schema(kind).iter_errors(document)]
    assert errors == []


def test_the_corpus_comes_through_whole(repository: Hostile) -> None:
    document = json.loads(said(repository, "status", "--format", "json", "RELEASE_CHECKLIST.md").out)
    texts = {item["text"] for sheet in document["checklists"] for item in sheet["items"]}
    for words in ("=HYPERLINK(", "<script data-owned>", "\x1b[31mred", "{{ 7*7 }}", "'); DROP TABLE", "]]><owned/>"):
        assert any(words in text for text in texts), words


# --- exported files ---------------------------------------------------------------------------------------------------


def test_exported_documents_keep_their_schemas(exports: Mapping[str, bytes]) -> None:
    holds(exports["record.json"], "record")
    holds(exports["audit.json"], "audit")
    for name in ("oscal-assessment-results.json", "releases.intoto.jsonl"):
        assert exports[name].isascii()
        for text in exports[name].splitlines() if name.endswith("l") else [exports[name]]:
            assert json.loads(text)
    assert not any(SECRET.encode() in content for content in exports.values())


def test_no_cell_is_a_formula(exports: Mapping[str, bytes]) -> None:
    guarded = 0
    for name, content in exports.items():
        if name.endswith(".csv"):
            text = content.decode()
            assert not CONTROL.search(text.replace("\r\n", "\n")), (name, near(text.replace("\r\n", "\n")))
            for row in csv.reader(io.StringIO(text, newline=""), strict=True):
                for value in row:
                    assert not value.lstrip().startswith(
                        ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
                    ), value
                    guarded += value.startswith("'")
    assert guarded > 100


def test_the_database_is_whole_and_its_views_run(exports: Mapping[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "exported.sqlite"
    path.write_bytes(exports["checktrail.sqlite"])
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        kinds = database.execute("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        views = [name for kind, name in kinds if kind == "view"]
        assert {"signoff_matrix", "releases_without_signoff", "one_person_many_roles"} <= set(views)
        for _, name in kinds:
            database.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 (names of our own)
        assert "releases" in {name for kind, name in kinds if kind == "table"}
    assert not (Path.cwd() / "owned.db").exists()


def test_the_bundle_is_verified(repository: Hostile, exports: Mapping[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "evidence.zip").write_bytes(exports["evidence.zip"])
    found = said(repository, "verify", str(tmp_path / "evidence.zip"))
    assert found.code == 0, found.text
    assert not CONTROL.search(found.text)


# --- what pipelines and hosts read ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["lint", "audit"])
def test_reports_for_pipelines_hold_findings_and_no_command(repository: Hostile, command: str) -> None:
    document = json.loads(said(repository, command, "--format", "json").out)
    releases = document.get("releases", ())
    findings = [*document["findings"], *(finding for release in releases for finding in release["findings"])]
    *commands, summary, _ = said(repository, command, "--format", "github").text.split("\n")
    assert all(re.match(r"::(?:error|warning|notice) [^:]*::", line) for line in commands)
    assert len(commands) == len(findings) > 0
    assert summary.startswith(f"checktrail {command}: ")
    assert not any(CONTROL.search(line) for line in commands)

    sarif = said(repository, command, "--format", "sarif").out
    assert len(json.loads(sarif)["runs"][0]["results"]) == len(findings)
    assert sarif.isascii()
    junit = ET.fromstring(said(repository, command, "--format", "junit").out)  # noqa: S314 (made by us, no entities)
    assert not list(junit.iter("owned"))
    assert len(list(junit.iter("testcase"))) > 0


def test_a_quality_report_is_a_list_of_findings(repository: Hostile) -> None:
    found = json.loads(said(repository, "lint", "--format", "gitlab").out)
    assert len(found) == len(json.loads(said(repository, "lint", "--format", "json").out)["findings"])
    assert len({one["fingerprint"] for one in found}) == len(found)


def test_markdown_for_hosts_shows_words_and_does_nothing(repository: Hostile) -> None:
    for command in (("diff", "HEAD~30"), ("lint",), ("audit",)):
        found = said(repository, *command, "--format", "markdown")
        assert found.code in {0, 1}, found.err
        harmless(found.text)


# Elements that Markdown itself makes, and the few that our own words hold.
_PLAIN = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "a", "code", "pre", "em", "strong", "s", "blockquote"}
    | {"hr", "br", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"}
)


def harmless(markdown: str, *, pictures: bool = False) -> None:
    """Rendered with raw HTML let through, nothing of hostile origin is an element, a picture or a dangerous link.

    With `pictures`, those that Markdown itself may show, from the web.
    """
    assert not CONTROL.search(markdown), near(markdown)
    markdown = markdown.removeprefix("<!-- checktrail:diff -->")  # by which a pipeline finds its own comment again
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    seen = Elements(reader.render(markdown))
    shown = {element.attributes["src"] for element in seen.all if element.name == "img" and pictures}
    assert [fault for fault in seen.faults if fault.partition(" leads to ")[2].strip("'") not in shown] == []
    assert all(source.startswith("https://") for source in shown)
    names = {element.name for element in seen.all}
    assert names <= (_PLAIN | {"img"} if shown else _PLAIN), names - _PLAIN
    assert seen.comments == []


# --- the site ---------------------------------------------------------------------------------------------------------


class Element(NamedTuple):
    name: str
    attributes: dict[str, str]


class Elements(HTMLParser):
    """A page's elements, and what of them must not be there."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.all: list[Element] = []
        self.comments: list[str] = []
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self._script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.all.append(Element(tag, attributes))
        self._script = tag == "script"
        if "id" in attributes:
            self.ids[attributes["id"]] += 1
        for name, value in attributes.items():
            if name.startswith("on") or name in {"data-owned", "srcdoc", "formaction", "style"}:
                self.faults.append(f"{tag} has {name}={value[:80]!r}")
            if name in {"href", "src", "action", "data", "poster", "xlink:href", "srcset"} and not _leads_well(
                tag, value
            ):
                self.faults.append(f"{tag} leads to {value[:80]!r}")

    def handle_endtag(self, tag: str) -> None:
        self._script = self._script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._script and "owned" in data:
            self.faults.append(f"a script holds {data[:80]!r}")

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def _leads_well(tag: str, value: str) -> bool:
    """Whether a link leads into the site or, behind a click, to the web."""
    parts = urlsplit(value)
    if not parts.scheme and not parts.netloc:
        return True
    return tag == "a" and parts.scheme in {"http", "https", "mailto", ""}


@pytest.fixture(scope="module")
def site(repository: Hostile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site") / "out"
    found = said(repository, "build", "--site-dir", str(target), "--strict")
    assert found.code == 0, found.err
    assert not CONTROL.search(found.err)
    return target


EVERY_EXTENSION = """\
site_name: Owned
theme: {name: material, font: false}
plugins: [search, checktrail]
markdown_extensions:
  - abbr
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - meta
  - tables
  - toc: {permalink: true}
  - pymdownx.betterem
  - pymdownx.blocks.html
  - pymdownx.caret
  - pymdownx.details
  - pymdownx.emoji
  - pymdownx.highlight
  - pymdownx.inlinehilite
  - pymdownx.keys
  - pymdownx.magiclink
  - pymdownx.mark
  - pymdownx.smartsymbols
  - pymdownx.snippets: {check_paths: true}
  - pymdownx.superfences
  - pymdownx.tabbed
  - pymdownx.tasklist
  - pymdownx.tilde
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a repository whose own configuration reads everything into Markdown that can be read into it."""
    folder = tmp_path_factory.mktemp("extended")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKTRAIL_CACHE_DIR", str(folder / "cache"))
        made = hostile(
            folder, corpus=(*HTML[:8], *LINKS[:4], *MARKDOWN), tags=tuple(f"t{number}" for number in range(5))
        )
        (made.root / "mkdocs.yml").write_text(EVERY_EXTENSION)
        (made.root / "docs").mkdir()
        (made.root / "docs" / "about.md").write_text("# About\n")
        found = said(made, "build", "--site-dir", str(folder / "out"))
        assert found.code == 0, found.err
    return folder / "out"


@pytest.mark.build
@pytest.mark.parametrize("which", ["site", "extended"])
def test_no_page_has_an_element_of_hostile_origin(which: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(which)
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        seen = Elements(page.read_text("utf-8"))
        if which == "extended":  # the theme's own permalinks and styles are not ours to judge
            seen.faults = [fault for fault in seen.faults if "owned" in fault or "javascript" in fault]
        assert seen.faults == [], page.name
        assert [name for name, count in seen.ids.items() if count > 1] == [], page.name
        policies = [
            each.attributes.get("content", "")
            for each in seen.all
            if each.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        assert which == "extended" or any(
            "script-src 'self'" in policy and "unsafe" not in policy for policy in policies
        )


@pytest.mark.build
def test_what_else_the_site_holds_can_be_read(site: Path) -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9_.@-]+", path.name) for path in site.rglob("*"))
    assert not any(
        part.casefold().partition(".")[0] in {"con", "aux", "nul"}
        for path in site.rglob("*")
        for part in path.parts[-1:]
    )
    for path in site.rglob("*"):
        if path.suffix in {".json", ".map"}:
            assert json.loads(path.read_bytes()) is not None
        elif path.suffix in {".xml", ".svg"}:
            assert ET.fromstring(path.read_bytes()) is not None  # noqa: S314 (made by us)
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


_NO_PAGES = '{"config": {"lang": ["en"], "separator": "[ ]+", "pipeline": [], "fields": {}}, "docs": []}'
_INIT = """
for (const name of ["alert", "confirm", "prompt"]) window[name] = (words) => window.owned(`${name}: ${words}`);
document.addEventListener("securitypolicyviolation", (event) =>
  window.owned(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile || ""}`));
"""
_LOOK = """
() => {
  const faults = [];
  for (const each of document.querySelectorAll("*")) {
    for (const { name, value } of each.attributes) {
      if (name.startsWith("on") || name === "data-owned") faults.push(`${each.tagName} ${name}=${value}`.slice(0, 99));
      if (["href", "src", "action"].includes(name) && /^\\s*(javascript|data|vbscript|file):/i.test(value))
        faults.push(`${each.tagName} leads to ${value}`.slice(0, 99));
    }
    if (["IFRAME", "OBJECT", "EMBED", "MATH", "BASE", "PORTAL", "MARQUEE"].includes(each.tagName) && !each.hidden)
      faults.push(each.outerHTML.slice(0, 99));
  }
  return faults;
}
"""


@pytest.mark.browser
@pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is a browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_nothing_runs_and_nothing_is_asked_for(site: Path, scheme: str) -> None:
    pages = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    owned: list[str] = []
    with served(site) as address, chromium() as browser:
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type] # one of two
        context.expose_function("owned", lambda words: owned.append(words))  # noqa: PLW0108 (it wants a function of Python)
        context.add_init_script(_INIT)
        watched = Watched(context, address)
        # The tour does without the index of all pages, which each page would read anew; the search below has it.
        context.route("**/search/search_index.*", lambda route: route.fulfill(body=_NO_PAGES))
        for name in pages if scheme == "light" else ["checklists/RELEASE_CHECKLIST.html"]:
            watched.page.goto(address + name)
            assert watched.page.evaluate(_LOOK) == [], name
            assert (owned, watched.outside, complaints(watched, address)) == ([], [], []), name
        context.unroute("**/search/search_index.*")
        watched.page.goto(f"{address}index.html")
        for words in ("owned", "img onerror"):
            assert _searched(watched.page, words) > 0
        assert watched.page.evaluate(_LOOK) == []
        assert (owned, watched.outside, complaints(watched, address)) == ([], [], [])


def complaints(watched: Watched, address: str) -> list[str]:
    """What pages complained of, but for what was still on its way when the next page was opened."""
    return [words for words in watched.complaints if not words.startswith(f"failed: {address}")]


def _searched(page: Page, words: str) -> int:
    """What the search shows of some words, each result read by the theme's own script as HTML."""
    query = page.locator("[data-md-component=search-query]")
    query.fill(words)
    query.press("End")  # the theme looks when a key comes up
    page.locator(".md-search-result__link").first.wait_for(timeout=60_000)
    page.wait_for_timeout(300)
    return page.locator(".md-search-result__link").count()


def test_a_link_to_the_host_leads_to_the_host(site: Path) -> None:
    home = (site / "checklists" / "RELEASE_CHECKLIST.html").read_text("utf-8")
    edits = [each.attributes["href"] for each in Elements(home).all if "/edit/" in each.attributes.get("href", "")]
    assert edits
    assert all(href.startswith("https://github.com/%22%3Cimg") and ELSEWHERE not in href for href in edits)
