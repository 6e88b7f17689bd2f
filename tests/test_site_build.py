"""Whole builds: a repository that never heard of us, one with a `mkdocs.yml`, and the swap that leaves the old site."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from checktrail.cli import group, run
from checktrail.errors import OutputError
from checktrail.site import places
from checktrail.site.build import build
from site_story import harbour
from story import Story

pytestmark = pytest.mark.build


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return tmp_path / "cache"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def checktrail(*arguments: str) -> Result:
    return CliRunner().invoke(group, arguments)


def test_a_repository_without_any_configuration_becomes_a_site(tmp_path: Path) -> None:
    story, out = harbour(tmp_path), tmp_path / "out"
    before = files(story.root)
    built = build(story.root, out)
    assert built.warnings == ()
    assert {"index.html", "made.html", "releases/index.html", "releases/v1.0.0.html", "checklists/v1.2.0.html"} <= set(
        files(out)
    )
    assert files(story.root) == before
    html = (out / "releases" / "v1.0.0.html").read_text()
    assert "<i>done: </i>QA lead sign-off obtained" in html
    assert html.count("<h1") == 1
    assert '<link rel="alternate describedby" type="application/json" href="v1.0.0.json">' in html
    assert (out / "releases" / "v1.0.0.json").read_bytes().startswith(b'{"schema":"checktrail.release/1"')
    assert '<meta property="og:title" content="v1.0.0">' in html
    assert '<meta property="og:description" content="Release v1.0.0 of harbour' in html
    assert "checktrail:" not in html.replace("checktrail:hash", "")


def test_pages_load_nothing_from_elsewhere_and_hold_no_script(tmp_path: Path) -> None:
    build(harbour(tmp_path).root, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.html"):
        html = path.read_text()
        assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', html)
        assert "Content-Security-Policy" in html
        inline = re.findall(r"<script(?![^>]* src=)([^>]*)>", html)
        assert all('type="application/json"' in attributes for attributes in inline)
        assert " style=" not in html
        assert "<style" not in html


def test_same_repository_same_bytes(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    build(story.root, tmp_path / "a")
    build(story.root, tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_the_new_site_replaces_the_old_whole(tmp_path: Path) -> None:
    story, out = harbour(tmp_path), tmp_path / "out"
    build(story.root, out)
    (out / "stale.html").write_text("old")
    story.git("tag", "--delete", "v1.1.0")
    build(story.root, out)
    assert not (out / "stale.html").exists()
    assert not (out / "releases" / "v1.1.0.html").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []


def test_where_names_cannot_be_exchanged_the_site_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story, out = harbour(tmp_path), tmp_path / "out"
    build(story.root, out)
    (out / "stale.html").write_text("old")
    monkeypatch.setattr(places, "_exchanged", lambda *_: False)
    build(story.root, out)
    assert (out / "index.html").exists()
    assert not (out / "stale.html").exists()


def test_a_killed_run_leaves_the_old_site_and_the_next_sweeps_up(tmp_path: Path) -> None:
    story, out = harbour(tmp_path), tmp_path / "out"
    build(story.root, out)
    before = files(out)
    story.git("tag", "v1.2.0")
    program = (
        "import os, checktrail.site.build as b, pathlib, sys\n"
        "b.swap = lambda *_: os._exit(9)\n"
        "b.build(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))\n"
    )
    died = subprocess.run([sys.executable, "-c", program, str(story.root), str(out)], check=False, capture_output=True)
    assert died.returncode == 9
    assert files(out) == before
    left = [path for path in tmp_path.iterdir() if path.name.startswith(".out.")]
    assert len(left) == 1
    story.git("tag", "--delete", "v1.2.0")
    build(story.root, out)
    assert not left[0].exists()
    assert files(out) == before


@pytest.mark.parametrize("kind", ["file", "precious", "repository", "git"])
def test_what_is_no_site_is_never_replaced(tmp_path: Path, kind: str) -> None:
    story = harbour(tmp_path)
    out = {
        "file": tmp_path / "out",
        "precious": tmp_path / "out",
        "repository": story.root,
        "git": story.root / ".git" / "x",
    }[kind]
    if kind == "file":
        out.write_text("mine")
    if kind == "precious":
        out.mkdir()
        (out / "thesis.txt").write_text("mine")
    before = files(tmp_path)
    with pytest.raises(OutputError):
        build(story.root, out)
    assert {name: data for name, data in files(tmp_path).items() if not name.startswith("cache/")} == before


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable for root")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(OutputError):
        build(harbour(tmp_path).root, locked / "out")


def test_a_place_below_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        build(harbour(tmp_path).root, tmp_path / "file" / "out")


def test_a_site_that_mkdocs_made_may_be_replaced(tmp_path: Path) -> None:
    story, out = harbour(tmp_path), tmp_path / "out"
    build(story.root, out)
    (out / ".checktrail-site").unlink()
    build(story.root, out)
    assert (out / ".checktrail-site").exists()


# --- with a configuration of the repository's own -------------------------------------------------------------------

OWN = """\
site_name: Harbour docs
use_directory_urls: {folders}
theme: {{name: {theme}}}
plugins: [checktrail{more}]
{rest}
"""


def documented(folder: Path, *, theme: str = "mkdocs", folders: str = "true", more: str = "", rest: str = "") -> Story:
    story = harbour(folder)
    story.write("mkdocs.yml", OWN.format(theme=theme, folders=folders, more=more, rest=rest))
    story.write("docs/index.md", "# Harbour\n\n```\n<!-- checktrail:0123456789abcdef-0 -->\n```\n")
    story.write("docs/guide.md", "# Guide\n\n## Part {: #x }\n")
    story.commit("Docs")
    return story


@pytest.mark.parametrize("theme", ["mkdocs", "readthedocs", "material"])
def test_a_site_with_the_plugin_has_its_own_pages_and_ours(tmp_path: Path, theme: str) -> None:
    story = documented(tmp_path, theme=theme)
    before = files(story.root)
    built = build(story.root, tmp_path / "out", strict=True)
    assert built.warnings == ()
    made = files(tmp_path / "out")
    assert {"index.html", "guide/index.html", "status/index.html", "releases/v1.0.0/index.html"} <= set(made)
    assert b"checktrail:0123456789abcdef-0" in made["index.html"]
    assert b"{: #x }" in made["guide/index.html"]
    assert b'id="commits"' in made["releases/v1.0.0/index.html"]
    assert files(story.root) == before
    assert b"How this was made" in made["guide/index.html"]


def test_plain_mkdocs_gives_the_same_pages(tmp_path: Path) -> None:
    story = documented(tmp_path, theme="material", folders="false")
    build(story.root, tmp_path / "ours")
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(tmp_path / "plain")],
        cwd=story.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    ours, plain = files(tmp_path / "ours"), files(tmp_path / "plain")
    assert set(ours) - {".checktrail-site"} == set(plain)
    for name in plain:
        if name.endswith(".html"):
            assert ours[name] == plain[name], name


def test_a_navigation_that_names_our_pages_is_left_as_it_is(tmp_path: Path) -> None:
    story = documented(tmp_path, rest="nav: [index.md, {Versions: releases/index.md}]")
    build(story.root, tmp_path / "out", strict=True)
    html = (tmp_path / "out" / "index.html").read_text()
    assert "Versions" in html
    assert "How this was made" not in html


def test_a_page_of_the_same_name_stays_and_is_said(tmp_path: Path) -> None:
    story = documented(tmp_path)
    story.write("docs/made.md", "# Made by hand\n").commit("Own page")
    built = build(story.root, tmp_path / "out")
    assert any("made.md" in warning for warning in built.warnings)
    assert "Made by hand" in (tmp_path / "out" / "made" / "index.html").read_text()
    assert run(["-C", str(story.root), "build", "--strict", "--site-dir", str(tmp_path / "strict")]) == 1
    assert not (tmp_path / "strict").exists()


def test_tags_in_a_mkdocs_file_run_nothing(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    marker = tmp_path / "ran"
    story.write(
        "mkdocs.yml", f"site_name: x\nhooks: !!python/object/apply:os.system ['touch {marker}']\nplugins: [search]\n"
    )
    story.commit("Config")
    build(story.root, tmp_path / "out")  # it does not name our plugin, so it is not used
    assert not marker.exists()


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    ran = checktrail("-C", str(story.root), "build", "--site-dir", str(tmp_path / "out"))
    assert ran.exit_code == 0
    assert re.search(r"\d+ pages in", ran.stderr)


def test_no_repository_and_a_broken_configuration_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["-C", str(tmp_path), "build", "--site-dir", str(tmp_path / "out")]) == 2
    story = documented(tmp_path, rest="no_such_setting: {")
    assert run(["-C", str(story.root), "build", "--site-dir", str(tmp_path / "out")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_our_own_errors_come_through_the_builder_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = harbour(tmp_path)
    (story.root / "checktrail.toml").write_text('[site]\ntemplates = "pages"\n')
    (story.root / "pages").mkdir()
    (story.root / "pages" / "made.j2").write_text("{{ page.nothing }}")
    assert run(["-C", str(story.root), "build", "--site-dir", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "the page template made.j2 failed" in said
    assert "BuildError" not in said
    assert not (tmp_path / "out").exists()


def test_a_shallow_clone_is_refused_or_every_page_calls_it_indeterminate(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    shallow, out = tmp_path / "shallow", tmp_path / "out"
    story.git("clone", "--quiet", "--depth=1", "--branch=v1.1.0", f"file://{story.root}", str(shallow))
    asked = ["-C", str(shallow), "build", "--site-dir", str(out)]
    assert run(asked) == 2
    assert not out.exists()
    (shallow / "docs").mkdir()
    (shallow / "mkdocs.yml").write_text("site_name: Own\nsite_url: https://x.example/\nplugins: [checktrail]\n")
    assert run([*asked, "--allow-shallow"]) == 0
    pages = [html for path in out.rglob("*.html") if "ct-" in (html := path.read_text())]
    assert len(pages) > 5
    assert all("Indeterminate:" in html for html in pages)
    assert not (out / "badges").exists()
    assert not (out / "feed.xml").exists()


def test_a_bare_repository_becomes_a_site(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(story.root), str(tmp_path / "bare.git")], check=True)
    build(tmp_path / "bare.git", tmp_path / "out")
    assert (tmp_path / "out" / "releases" / "v1.0.0.html").exists()
