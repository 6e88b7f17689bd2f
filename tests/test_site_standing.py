"""A site that stands already is not made again; whatever it is made from shows in one digest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checktrail.git import Repository
from checktrail.site import build as building
from checktrail.site.build import build, config_file
from checktrail.site.inputs import digest
from checktrail.worktree import repository_settings
from site_story import harbour
from story import Story


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "keys"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return tmp_path / "cache"


def inputs(story: Story) -> str | None:
    repository = Repository.open(story.root)
    config = config_file(repository)
    made = config.parent != story.root
    return digest(repository, repository_settings(repository), config, made=made)


def stamp(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_ino, found.st_mtime_ns


@pytest.mark.build
def test_what_stands_already_is_left_and_what_was_touched_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, out = harbour(tmp_path), tmp_path / "out"
    first = build(story.root, out)
    before, page = stamp(out), (out / "index.html").read_bytes()
    assert build(story.root, out) == first
    assert stamp(out) == before
    (out / "index.html").write_bytes(page.replace(b"Before", b"BEFORE"))
    build(story.root, out)
    assert (out / "index.html").read_bytes() == page
    after = stamp(out)
    assert after != before
    monkeypatch.setenv("CHECKTRAIL_NO_STORE", "1")
    build(story.root, out)
    assert stamp(out) != after


@pytest.mark.build
def test_what_changed_while_a_site_was_made_is_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story, out = harbour(tmp_path), tmp_path / "out"
    whole = building.built

    def slow(*arguments: object, **options: object) -> object:
        found = whole(*arguments, **options)  # type: ignore[arg-type]
        story.git("tag", "v9.9.9")
        return found

    monkeypatch.setattr(building, "built", slow)
    build(story.root, out)
    assert not (out / "releases" / "v9.9.9.html").exists()
    monkeypatch.setattr(building, "built", whole)
    build(story.root, out)
    assert (out / "releases" / "v9.9.9.html").exists()


def tick(story: Story) -> None:
    story.tick("checklists/v1.2.0.md", "Changelog").commit("Changelog", by="Ben", on="2024-05-04")


CHANGES: dict[str, Callable[[Story], object]] = {
    "commit": tick,
    "tag": lambda story: story.git("tag", "v1.2.0"),
    "branch": lambda story: story.git("branch", "other"),
    "checkout": lambda story: story.git("checkout", "--quiet", "-b", "other"),
    "remote": lambda story: story.git("remote", "add", "origin", "https://github.com/example/harbour"),
    "settings": lambda story: (story.root / "checktrail.toml").write_text('[site]\ntitle = "Piers"\n'),
    "ledger": lambda story: story.write(".checktrail/ledger.jsonl", "{}\n"),
    "key": lambda story: _key(story.root.parent / "keys" / "pubring.kbx"),
}


def _key(file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text("key")


@pytest.mark.parametrize("kind", list(CHANGES))
def test_whatever_a_site_is_made_from_shows(tmp_path: Path, kind: str) -> None:
    story = harbour(tmp_path)
    before = inputs(story)
    assert before is not None
    assert inputs(story) == before
    CHANGES[kind](story)
    assert inputs(story) not in {None, before}


def test_the_date_that_is_given_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = harbour(tmp_path)
    before = inputs(story)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert inputs(story) != before


def test_a_page_template_of_ones_own_shows(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    (story.root / "checktrail.toml").write_text('[site]\ntemplates = "pages"\n')
    (story.root / "pages").mkdir()
    before = inputs(story)
    (story.root / "pages" / "made.j2").write_text("x")
    assert inputs(story) != before


def test_a_clone_that_is_cut_off_is_never_known_whole(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    repository = Repository.open(story.root)
    config = config_file(repository)
    (story.root / ".git" / "shallow").write_text(f"{story.git('rev-parse', 'HEAD').strip()}\n")
    repository = Repository.open(story.root)
    assert digest(repository, repository_settings(repository), config, made=True) is None


@pytest.mark.parametrize(
    ("rest", "known"),
    [
        ("theme: {name: material}", True),
        ("markdown_extensions: [admonition, {toc: {permalink: true}}]", True),
        ("hooks: [hook.py]", False),
        ("INHERIT: base.yml", False),
        ("site_name: !ENV NAME", False),
        ("markdown_extensions: [pymdownx.snippets]", False),
        ("plugins: [checktrail, search, macros]", False),
        ("plugins: {checktrail: {}, blog: {}}", False),
        ("plugins: [{checktrail: {portfolio: portfolio.json}}, search]", False),
        ("plugins: {checktrail: {repository: ../other}}", False),
        ("plugins: [checktrail, {search: {jieba_dict: words.txt}}]", False),
        ("plugins: [{checktrail: {policy: true}}, search]", True),
    ],
)
def test_of_somebodys_own_site_only_what_reads_nothing_else_is_known(tmp_path: Path, rest: str, *, known: bool) -> None:
    story = harbour(tmp_path)
    plugins = "" if "plugins" in rest else "plugins: [checktrail, search]\n"
    name = "" if "site_name" in rest else "site_name: Harbour\n"
    story.write("mkdocs.yml", f"{name}{plugins}{rest}\n").write("docs/index.md", "# Harbour\n")
    before = inputs(story)
    assert (before is not None) == known
    story.write("docs/index.md", "# Harbor\n")
    assert before is None or inputs(story) != before
