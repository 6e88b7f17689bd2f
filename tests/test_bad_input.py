"""Bad input: one clear sentence, the right exit code, no traceback, and an existing site left whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from forked import Forked
from story import Story

CHECKLIST = "# Release checklist\n\n## Testing\n\n- [x] Tests pass\n- [ ] Notes written\n"


Checktrail = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checktrail(forked: Forked) -> Checktrail:
    """The command as a person runs it, with a cache of its own."""

    def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = kept | {"CHECKTRAIL_CACHE_DIR": str(cwd / ".cache-of-test"), "COLUMNS": "100"}
        return forked.ended(forked.start(*arguments, cwd=cwd, environment=environment))

    return run


def refused(run: subprocess.CompletedProcess[str], *said: str) -> None:
    """It could not run, and said so in one sentence, with a way out at most beneath it."""
    assert run.returncode == 2, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""
    lines = [line for line in run.stderr.splitlines() if line.strip()]
    assert lines[0].startswith("checktrail: ")
    assert len(lines) <= 2, run.stderr
    for words in said:
        assert words in run.stderr


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


@pytest.mark.parametrize("command", ["status", "lint", "releases", "build", "log", "notes", "audit", "metrics"])
def test_no_repository(command: str, tmp_path: Path, checktrail: Checktrail) -> None:
    arguments = [command, *(["v1"] if command == "notes" else [])]
    run = checktrail(*arguments, cwd=tmp_path)
    refused(run, "no git repository", "-C DIR")
    # Only who can do without a repository is told to name files.
    assert (f"give `checktrail {command}` the files" in run.stderr) == (command in ("status", "lint"))


def test_a_file_needs_no_repository(tmp_path: Path, checktrail: Checktrail) -> None:
    (tmp_path / "a.md").write_text(CHECKLIST)
    run = checktrail("status", "--format", "json", "a.md", cwd=tmp_path)
    assert run.returncode == 0
    assert json.loads(run.stdout)["checklists"][0]["totals"]["items"] == 2
    refused(checktrail("status", "b.md", cwd=tmp_path), "b.md", "cannot be read")


@pytest.mark.parametrize("command", ["status", "releases", "log", "audit", "metrics"])
def test_an_empty_repository_is_fine(command: str, story: Story, checktrail: Checktrail) -> None:
    run = checktrail(command, cwd=story.root)
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr


def test_no_tags_and_no_checklists_still_make_a_site(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    story.write("README.md", "# A project\n").commit()
    run = checktrail("build", "--site-dir", str(tmp_path / "out"), cwd=story.root)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out" / "index.html").is_file()
    listing = checktrail("releases", cwd=story.root)
    assert listing.returncode == 0
    assert "a release is a tag that reads as a version" in listing.stderr


@pytest.mark.parametrize("command", ["releases", "log", "audit", "metrics", "build"])
def test_a_shallow_clone_is_refused_where_history_is_needed(
    command: str, story: Story, tmp_path: Path, checktrail: Checktrail
) -> None:
    story.write("RELEASE.md", CHECKLIST).commit()
    story.tick("RELEASE.md", "Notes").commit()
    clone = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", story.root.as_uri(), str(clone)], check=True)
    refused(checktrail(command, cwd=clone), "shallow clone", "fetch-depth: 0")
    assert checktrail("status", cwd=clone).returncode == 0


def test_a_bare_repository_and_a_detached_head_build(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    story.write("RELEASE.md", CHECKLIST).commit()
    story.tag("v1.0")
    story.tick("RELEASE.md", "Notes").commit()
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(story.root), str(bare)], check=True)
    assert checktrail("-C", str(bare), "build", "--site-dir", str(tmp_path / "one"), cwd=tmp_path).returncode == 0
    assert checktrail("-C", str(bare), "status", cwd=tmp_path).returncode == 0
    story.git("checkout", "-q", "--detach", "v1.0")
    run = checktrail("build", "--site-dir", str(tmp_path / "two"), cwd=story.root)
    assert run.returncode == 0, run.stderr


def test_what_is_not_utf8_is_read_and_said(tmp_path: Path, checktrail: Checktrail) -> None:
    (tmp_path / "a.md").write_bytes(b"# Release\n\n- [x] caf\xe9 tested\n")
    run = checktrail("status", "--format", "json", "a.md", cwd=tmp_path)
    assert run.returncode == 0
    (item,) = json.loads(run.stdout)["checklists"][0]["items"]
    assert item["text"] == "caf\ufffd tested"
    assert "a.md:3" in run.stderr
    assert "not UTF-8" in run.stderr


def test_a_very_large_file_is_refused_by_name_and_passed_over_with_a_word(story: Story, checktrail: Checktrail) -> None:
    story.write("large.md", "# Large\n\n- [ ] one\n\n" + "Some words that fill a line of prose.\n\n" * 520_000)
    story.write("RELEASE.md", CHECKLIST).commit()
    refused(checktrail("status", "large.md", cwd=story.root), "large.md", "20,280,020 bytes", "raise the setting")
    refused(checktrail("lint", "large.md", cwd=story.root), "large.md", "20,280,020 bytes", "raise the setting")
    passed_over = checktrail("lint", cwd=story.root)
    assert passed_over.returncode == 0
    assert "large.md is 20,280,020 bytes" in passed_over.stderr
    assert "was not checked" in passed_over.stderr
    run = checktrail("status", cwd=story.root)
    assert run.returncode == 0
    assert "large.md" in run.stdout + run.stderr


def test_many_items_and_deep_nesting_are_read(tmp_path: Path, checktrail: Checktrail) -> None:
    (tmp_path / "many.md").write_text("# Many\n\n" + "".join(f"- [x] item {n}\n" for n in range(10_000)))
    (tmp_path / "deep.md").write_text("# Deep\n\n" + "".join(f"{'  ' * n}- [ ] level {n}\n" for n in range(200)))
    run = checktrail("status", "--format", "json", "many.md", "deep.md", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    many, deep = json.loads(run.stdout)["checklists"]
    assert many["totals"]["ticked"] == 10_000
    assert deep["totals"]["items"] == 200


def test_a_tag_on_a_tree_is_ignored_with_its_reason(story: Story, checktrail: Checktrail) -> None:
    story.write("RELEASE.md", CHECKLIST).commit()
    story.tag("v1.0", at="HEAD^{tree}")
    found = json.loads(checktrail("releases", "--format", "json", cwd=story.root).stdout)
    assert found["releases"] == []
    ((ignored),) = found["ignored_tags"]
    assert ignored["tag"] == "v1.0"
    assert "tree" in ignored["reason"]


def test_hostile_paths_build(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    for name in ("-rf/RELEASE.md", "sp ace/RELEASE.md", 'quo"te/RELEASE.md', "new\nline/RELEASE.md", "<b>/RELEASE.md"):
        story.write(name, CHECKLIST)
    story.commit()
    story.tag("v1.0")
    run = checktrail("build", "--site-dir", str(tmp_path / "out"), cwd=story.root)
    assert run.returncode == 0, run.stderr
    found = json.loads(checktrail("status", "--format", "json", cwd=story.root).stdout)
    assert len(found["checklists"]) == 5


def test_an_unknown_setting_names_the_nearest(story: Story, checktrail: Checktrail) -> None:
    story.write("checktrail.toml", '[site]\ntitel = "x"\n').commit()
    refused(checktrail("status", cwd=story.root), "there is no setting site.titel", "did you mean site.title?")


def test_an_unknown_command_or_option_names_the_nearest(tmp_path: Path, checktrail: Checktrail) -> None:
    refused(checktrail("statsu", cwd=tmp_path), "did you mean status?")
    refused(checktrail("status", "--formt", "json", cwd=tmp_path), "--format")


def test_an_output_folder_that_cannot_be_written_leaves_the_old_site_whole(
    story: Story, tmp_path: Path, checktrail: Checktrail
) -> None:
    story.write("RELEASE.md", CHECKLIST).commit()
    story.tag("v1.0")
    (tmp_path / "file").write_text("in the way")
    refused(checktrail("build", "--site-dir", str(tmp_path / "file" / "out"), cwd=story.root), "out")
    out = tmp_path / "out"
    assert checktrail("build", "--site-dir", str(out), cwd=story.root).returncode == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    story.write("checktrail.toml", "[nonsense]\n")
    refused(checktrail("build", "--site-dir", str(out), cwd=story.root), "nonsense")
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("arguments", [["status"], ["lint"], ["log", "--format", "json"], ["build", "--help"]])
def test_a_reader_that_goes_away_is_no_pass_and_no_finding(story: Story, arguments: list[str]) -> None:
    story.write("RELEASE.md", CHECKLIST).commit()
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "checktrail", *arguments]
    try:
        run = subprocess.run(command, cwd=story.root, stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert (run.returncode, run.stderr) == (141, b"")
