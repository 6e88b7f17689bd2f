"""Every door through which somebody else's names and links come in: nothing is read, written or run where they aim.

Names in bundles are tried in `test_bundle.py`, names of pages in `test_site_addresses.py`, text in `test_hostile.py`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from said import said
from story import Story

SECRET = "7d1f-what-lies-outside"
LIST = "# Release checklist\n\n## Sign-off\n\n- [ ] QA lead sign-off\n"
OPTION = "--output=owned"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the repository, with files that nobody may get at."""
    folder = tmp_path / "outside"
    (folder / "empty").mkdir(parents=True)
    (folder / "list.md").write_text(f"# {SECRET}\n\n- [ ] {SECRET}\n\n[x] {SECRET}\n")
    (folder / "settings.toml").write_text(f"[site]\n{SECRET} = 1\n")
    return folder


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    told = Story(tmp_path)
    monkeypatch.chdir(told.root)
    told.write("RELEASE.md", LIST).commit("Start")
    told.tag("v1.0.0")
    return told


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def linked(story: Story, name: str, target: Path) -> None:
    """A link that somebody committed."""
    path = story.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    story.git("add", "--all")
    story.git("commit", "--quiet", "--message", "A link")


@pytest.mark.parametrize(
    ("name", "target", "command"),
    [
        ("checklists/v9.md", "list.md", "tick checklists/v9.md:3"),
        ("checklists/v9.md", "list.md", "lint --fix checklists/v9.md"),
        ("checklists/v9.md", "list.md", "lint --fix --unsafe-fixes"),
        ("checklists", ".", "new v2.0.0 --from RELEASE.md --to checklists/v2.0.0.md"),
        ("docs", ".", "new v2.0.0 --from RELEASE.md --to docs/new.md"),
        ("checktrail.toml", "new.toml", "init"),
        ("checklists", ".", "init"),
        ("README.md", "list.md", "table"),
        (".checktrail", ".", "ledger update"),
        (".checktrail/ledger.jsonl", "ledger.jsonl", "ledger update"),
        ("site", ".", "build"),
        ("site", "new", "build"),
        ("out", ".", "export --to out/"),
        ("out/record.json", "record.json", "export --to out/"),
        ("evidence.zip", "evidence.zip", "export --to evidence.zip"),
        ("tidepool", "empty", "demo tidepool"),
        ("tidepool", "empty", "demo tidepool/deeper"),
        ("site", "new", "portfolio LIST --jobs 1"),
        ("site", "empty", "portfolio LIST --jobs 1"),
        ("tables", "empty", "portfolio LIST --jobs 1 --export-to tables"),
        ("tables/portfolio.json", "portfolio.json", "portfolio LIST --jobs 1 --export-to tables"),
    ],
)
def test_no_pen_follows_a_link_out_of_the_repository(
    name: str, target: str, command: str, story: Story, outside: Path
) -> None:
    linked(story, name, outside / target)
    (outside.parent / "list").write_text("repository\n")
    before = content(outside)
    found = said(story.root, *command.replace("LIST", "../list").split())
    assert "Traceback" not in found.err
    assert content(outside) == before
    assert sorted(path.name for path in outside.rglob("*")) == ["empty", "list.md", "settings.toml"]


READING = ("status", "status --format json", "lint", "lint --format json", "diff HEAD~1 --worktree", "table --check",
           "audit --format json", "log --events --format json", "config show", "new --list")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("checklists/v9.md", "list.md"), ("checklists", "."), ("checktrail.toml", "settings.toml"),
        ("checktrail-policy.yml", "list.md"), ("templates/checklists/release.md", "list.md"), ("README.md", "list.md"),
    ],
)  # fmt: skip
def test_no_reader_follows_a_link_out_of_the_repository(name: str, target: str, story: Story, outside: Path) -> None:
    linked(story, name, outside / target)
    for command in READING:
        found = said(story.root, *command.split())
        assert SECRET not in found.text + found.err, command
        assert "Traceback" not in found.err


@pytest.mark.parametrize(
    "command",
    [
        ("notes", "--", OPTION), ("audit", "--", OPTION), ("log", "--", OPTION), ("log", f"--at={OPTION}"),
        ("diff", "--", OPTION), ("diff", "--", "HEAD", OPTION), ("lint", f"--base={OPTION}"),
        ("status", "--", OPTION), ("releases", f"--contains={OPTION}"), ("new", "--", OPTION),
        ("new", "v2.0.0", f"--from={OPTION}"),
        ("audit", f"--from={OPTION}"), ("audit", f"--policy={OPTION}"), ("tick", "--", OPTION),
        ("verify", "--", OPTION), ("table", "--", OPTION), ("portfolio", "build", "--", OPTION),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_looks_like_an_option_of_gits_is_never_one(command: tuple[str, ...], story: Story, tmp_path: Path) -> None:
    found = said(story.root, *command)
    assert found.code == 2, found
    assert "Traceback" not in found.err
    assert [path for folder in (tmp_path, story.root) for path in folder.iterdir() if path.name == "owned"] == []


def test_a_demo_goes_into_a_folder_of_whatever_name(story: Story) -> None:
    assert said(story.root, "demo", "--", OPTION).code == 0
    assert story.git("-C", f"./{OPTION}", "rev-parse", "--show-toplevel") == str(story.root / OPTION)
    assert sorted(path.name for path in story.root.iterdir()) == [OPTION, ".git", "RELEASE.md"]


def test_a_list_names_places_and_nothing_else(story: Story, outside: Path, tmp_path: Path) -> None:
    clone = tmp_path / OPTION
    story.git("clone", "--quiet", str(story.root), str(clone))
    os.mkfifo(outside / "pipe")
    lines = [
        OPTION, "outside/list.md", "outside/settings.toml", "outside", "outside/pipe", "/dev/zero",
        "repository/.git/HEAD", "$(touch owned)", "`touch owned`", "ext::touch owned", "https://example.org/x.git",
        "~root", "\x1b[31m\u202e", "x" * 5000, "a\0b",
    ]  # fmt: skip
    (tmp_path / "list").write_text("\n".join(lines))
    before = {path: path.read_bytes() for path in outside.iterdir() if path.is_file()}
    found = said(story.root, "portfolio", "../list", "--jobs", "1", "--export-to", str(tmp_path / "tables"))
    document = json.loads((tmp_path / "tables" / "portfolio.json").read_text())
    assert found.code == 0
    assert [len(document[part]) for part in ("repositories", "broken")] == [1, len(lines) - 1]
    assert {each["slug"] for each in document["broken"]} <= {"missing", "input", "no-repository"}
    assert SECRET not in found.err + json.dumps(document)
    assert "\x1b" not in found.err
    assert {path: path.read_bytes() for path in outside.iterdir() if path.is_file()} == before
    assert not any(path.name == "owned" for path in (*tmp_path.rglob("owned"), *story.root.iterdir()))
