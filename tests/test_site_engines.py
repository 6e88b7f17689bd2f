"""The same pages under MkDocs with Material, ProperDocs and Zensical: what a reader sees is the same."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from checktrail.cli import run
from checktrail.errors import UsageError
from checktrail.site import builders
from checktrail.site.build import build
from checktrail.site.builders import need
from checktrail.site.source import Made, make
from site_story import harbour
from story import Story

pytestmark = pytest.mark.build
OTHERS = [
    pytest.param(
        name,
        marks=pytest.mark.skipif(
            importlib.util.find_spec(name) is None, reason=f"{name} is not installed: `pip install {name}`"
        ),
    )
    for name in ("properdocs", "zensical")
]


class Seen(NamedTuple):
    """What a reader has before them: the words, the headings with their anchors, where links lead, tables and rows."""

    words: str
    headings: tuple[tuple[str, str], ...]
    links: tuple[str, ...]
    tables: tuple[int, int]


class Reader(HTMLParser):
    """Reads the article of a page; a permalink to a heading is the theme's own, and so is what hides it."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.tables = self.rows = 0
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._skipped or given.get("class") == "headerlink":
            self._skipped += 1
            return
        self.text.append(" ")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((tag, given.get("id") or ""))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        self.tables += tag == "table"
        self.rows += tag == "tr"

    def handle_endtag(self, _tag: str) -> None:
        self._skipped = max(0, self._skipped - 1)
        self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.text.append(data)


def seen(page: Path) -> Seen:
    html = page.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(html[html.index("<article") : html.rindex("</article>")])
    reader.close()
    # The first heading's anchor is the builder's own: nothing of ours leads to it.
    headings = tuple((tag, "" if tag == "h1" else anchor) for tag, anchor in reader.headings)
    words = " ".join("".join(reader.text).split())
    return Seen(words, headings, tuple(reader.links), (reader.tables, reader.rows))


def pages(site: Path) -> Iterator[str]:
    return (str(path.relative_to(site)) for path in sorted(site.rglob("*.html")) if path.name != "404.html")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, Path]]:
    folder = tmp_path_factory.mktemp("engines")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHECKTRAIL_CACHE_DIR", str(folder / "cache"))
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        made = harbour(folder)
        assert build(made.root, folder / "mkdocs", strict=True).warnings == ()
        yield made, folder


@pytest.mark.parametrize("engine", OTHERS)
def test_a_reader_sees_the_same(story: tuple[Story, Path], engine: str) -> None:
    made, folder = story
    found = build(made.root, folder / engine, strict=True, engine=engine)
    assert found.warnings == ()
    assert (folder / engine / ".checktrail-site").exists()
    assert list(pages(folder / engine)) == list(pages(folder / "mkdocs"))
    for name in pages(folder / "mkdocs"):
        assert seen(folder / engine / name) == seen(folder / "mkdocs" / name), name
    for page in (folder / engine).rglob("*.html"):
        outside = re.findall(r'(?:src|href)="((?:https?:)?//[^"]*)"', page.read_text(encoding="utf-8"))
        assert outside == []
    assert made.git("status", "--porcelain", "--", ".checktrail") == ""


@pytest.mark.parametrize("engine", OTHERS)
def test_what_a_builder_warns_of_is_told(
    story: tuple[Story, Path], engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made, _ = story
    lost = "[lost](nowhere.md)\n"
    if engine == "zensical":  # it is given our pages alone

        def make_with_lost(*places: Any, **options: Any) -> Made:
            found = make(*places, **options)
            with (found.tree.docs / "index.md").open("a", encoding="utf-8") as page:
                page.write(lost)
            return found

        monkeypatch.setattr(builders, "make", make_with_lost)
    else:
        made.write("mkdocs.yml", "site_name: x\ntheme: {name: material}\nplugins: [checktrail]\n").write(
            "docs/index.md", lost
        )
    try:
        found = build(made.root, tmp_path / "out", engine=engine)
        assert any("nowhere.md" in each or "page does not exist" in each for each in found.warnings)
        assert build(made.root, tmp_path / "strict", engine=engine, strict=True).warnings
    finally:
        for name in ("mkdocs.yml", "docs/index.md"):
            (made.root / name).unlink(missing_ok=True)
    assert not (tmp_path / "strict").exists()


def test_an_engine_that_is_not_installed_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="the site builder no_such_builder is not installed"):
        need("no_such_builder")


def test_the_setting_names_the_engine(story: tuple[Story, Path], capsys: pytest.CaptureFixture[str]) -> None:
    made, folder = story
    (made.root / "checktrail.toml").write_text('[site]\nengine = "hugo"\n')
    try:
        assert run(["-C", str(made.root), "build", "--site-dir", str(folder / "never")]) == 2
    finally:
        (made.root / "checktrail.toml").unlink()
    assert "site.engine should be one of mkdocs, properdocs, zensical" in capsys.readouterr().err
