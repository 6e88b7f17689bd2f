"""The plugin: the navigation it leaves or extends, what it mends, live rebuilds, and the Markdown extension alone."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import markdown
import pytest
from jinja2 import TemplateNotFound
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from checktrail.blocks import filled
from checktrail.plugin import POLICY, ChecktrailPlugin, _rebuilt, mended
from checktrail.site.searched import words
from site_story import harbour

if TYPE_CHECKING:
    from collections.abc import Iterator

NAV = '<nav class="md-nav" data-md-level="1" aria-labelledby="__nav_2_label" aria-expanded="true">'
TITLE = (
    '\n <label class="md-nav__title" for="__nav_2">\n<span class="md-nav__icon md-icon"></span>\n Releases\n</label>'
)


def test_a_section_is_named_by_its_title_and_claims_no_state() -> None:
    html = mended(NAV + TITLE)
    assert 'aria-label="Releases"' in html
    assert "aria-labelledby" not in html
    assert "aria-expanded" not in html


def test_the_search_has_a_name_and_no_two_landmarks_share_one() -> None:
    contents = '<nav class="md-nav md-nav--secondary" aria-label="Table of contents">'
    html = mended('<div class="md-search" data-md-component="search" role="dialog">' + contents + contents)
    assert 'role="dialog" aria-label="Search">' in html
    assert html.count('aria-label="Table of contents"') == 1


def test_what_has_nothing_to_mend_stays_as_it_is() -> None:
    page = "<main><p>aria-expanded</p></main>"
    assert mended(page) == page


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    assert "http" not in POLICY
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY


def test_the_package_loads_no_builder() -> None:
    program = "import sys, checktrail, checktrail.blocks, checktrail.site.source; sys.exit('mkdocs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_repository_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nplugins: [checktrail]\n")
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build"],
        cwd=tmp_path,
        env={
            **os.environ,
            "GIT_CEILING_DIRECTORIES": str(tmp_path.parent),
            "CHECKTRAIL_CACHE_DIR": str(tmp_path / "c"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode != 0
    assert "there is no git repository" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_options_are_checked(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: x\nplugins: [{checktrail: {polisy: true}}]\n")
    config = load_config(str(tmp_path / "mkdocs.yml"))
    plugin = config.plugins["checktrail"]
    assert isinstance(plugin, ChecktrailPlugin)
    _, warnings = plugin.load_config({"polisy": True})
    assert any("polisy" in str(warning) for warning in warnings)


# --- the Markdown extension alone -----------------------------------------------------------------------------------


def rendered(text: str, folder: Path, *more: str) -> str:
    return markdown.markdown(
        text,
        extensions=["checktrail.blocks", *more],
        extension_configs={"checktrail.blocks": {"folder": str(folder)}},
    )


def test_a_block_that_is_not_there_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert rendered("<!-- checktrail:0123456789abcdef-0 -->", tmp_path) == ""
    assert "0123456789abcdef-0" in caplog.text


def test_in_code_such_a_line_is_shown(tmp_path: Path) -> None:
    (tmp_path / "0123456789abcdef.html").write_text("<p>block</p>")
    line = "<!-- checktrail:0123456789abcdef-0 -->"
    assert "<p>block</p>" in rendered(line, tmp_path)
    assert "block</p>" not in rendered(f"```\n{line}\n```", tmp_path, "fenced_code")
    assert "block</p>" not in rendered(f"    {line}", tmp_path)


def test_pages_of_others_keep_their_braces(tmp_path: Path) -> None:
    assert rendered("## A {: #b }", tmp_path) == "<h2>A {: #b }</h2>"


def test_names_of_blocks_lead_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "blocks").mkdir()
    assert "secret" not in rendered("<!-- checktrail:../secret-0 -->", tmp_path / "blocks").replace("../secret", "")


def test_lines_that_are_kept_are_filled_later(tmp_path: Path) -> None:
    (tmp_path / "0123456789abcdef.html").write_text("<p>a</p>\x1e\n<p>b</p>")
    kept = markdown.markdown(
        "<!-- checktrail:0123456789abcdef-0 -->\n\n## Part {: #part }\n\n<!-- checktrail:0123456789abcdef-1 -->",
        extensions=["checktrail.blocks"],
        extension_configs={"checktrail.blocks": {"folder": str(tmp_path), "keep": True}},
    )
    assert "<p>" not in kept
    whole = '<p>a</p>\n\n<h2 id="part">Part</h2>\n<p>b</p>'
    assert filled(kept, tmp_path).replace("\n\n", "\n") == whole.replace("\n\n", "\n")
    assert filled(kept, tmp_path, lambda _: "x").count("x") == 2


def test_the_search_sees_words_and_neither_pictures_nor_what_is_kept_from_it() -> None:
    html = (
        '<p class="ct-running" data-search-exclude="">head</p><p>A <code>b</code>&amp;</p><figure class="ct-figure">'
        '<svg><text>bar</text></svg></figure><table><tr><td>one</td><td>two</td></tr></table><button type="button">'
        'Copy</button><section class="ct-text" data-search-exclude=""><p>item</p></section>'
    )
    assert words(html) == "<p>A b&amp; one two</p>"
    assert words('<figure class="ct-figure">x</figure>') == ""


# --- live -----------------------------------------------------------------------------------------------------------


PATIENCE = 600
"""Seconds after which nothing is expected any more, on a machine that is busy with other things, too."""


@contextmanager
def serving(root: Path, cache: Path, log: Path) -> Iterator[str]:
    """`checktrail serve` in a repository, which says what it does in a log; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "checktrail", "-C", str(root), "serve", "--address", address]
    environment = {**os.environ, "CHECKTRAIL_CACHE_DIR": str(cache)}
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors) as process,
    ):
        try:
            yield f"http://{address}/"
        finally:
            process.terminate()


def said(log: Path, wanted: str) -> bool:
    """Whether a log says something while we are patient."""
    end = time.monotonic() + PATIENCE
    while wanted not in log.read_text():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def fetched(url: str, wanted: str, seconds: float) -> bool:
    """Whether a page says something before the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310 (our own address)
                if wanted in answer.read().decode():
                    return True
        except (URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(0.2)
    return False


@pytest.mark.build
def test_a_tick_shows_while_it_is_served_and_counts_once_it_is_committed(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    log = tmp_path / "log"
    with serving(story.root, tmp_path / "cache", log) as address:
        assert fetched(address, "Before the tag: 1 of 4 done", PATIENCE)
        story.tick("checklists/v1.2.0.md", "Changelog")
        assert fetched(address, "not committed yet", PATIENCE)
        assert fetched(address, "Before the tag: 1 of 4 done", PATIENCE)
        story.commit("Changelog", by="Ben", on="2024-05-04")
        assert fetched(address, "Before the tag: 2 of 4 done", PATIENCE)
        assert not fetched(address, "not committed yet", 0.1)
        story.write("checktrail-policy.yml", "version: [").commit("No policy", on="2024-05-05")
        assert said(log, "the one of before is served")
        assert fetched(address, "Before the tag: 2 of 4 done", PATIENCE)
        story.write("checktrail-policy.yml", "version: 1\n").tick("checklists/v1.2.0.md", "QA lead")
        story.commit("A policy", on="2024-05-06")
        assert fetched(address, "Before the tag: 3 of 4 done", PATIENCE)


def test_a_rebuild_that_fails_leaves_the_site_that_is_served(tmp_path: Path) -> None:
    story = harbour(tmp_path / "harbour")
    story.write("mkdocs.yml", "site_name: Harbour\ntheme: {name: mkdocs}\nplugins: [checktrail]\n")
    story.write("docs/index.md", "# Harbour\n").commit("Docs", on="2024-05-04")
    out, page = tmp_path / "out", story.root / "docs" / "index.md"

    def rebuilt() -> dict[Path, bytes]:
        config = load_config(str(story.root / "mkdocs.yml"), site_dir=str(out))
        config.plugins.on_startup(command="serve", dirty=False)
        mkdocs_build(config)
        return {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    before = rebuilt()
    page.write_text("---\ntemplate: nowhere.html\n---\n# Harbour\n")
    with pytest.raises(TemplateNotFound):
        rebuilt()
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert list(tmp_path.glob("out*")) == [out]
    page.write_text("# The harbour\n")
    assert rebuilt().keys() == before.keys()


def test_what_went_wrong_while_a_site_is_served_does_nothing_to_the_terminal(caplog: pytest.LogCaptureFixture) -> None:
    def build() -> None:
        raise ValueError("a name \x1b[2J of somebody's")

    with caplog.at_level("ERROR", logger="mkdocs"):
        _rebuilt(build)
    assert "a name \N{REPLACEMENT CHARACTER}[2J of somebody's" in caplog.text
    assert "\x1b[2J" not in caplog.text
