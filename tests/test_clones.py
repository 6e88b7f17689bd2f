"""What commands say in clones that lack something: history, files, or both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checktrail.cli import run
from story import Story

LIST = "# Release\n\n- [x] Tests\n"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Three releases, the last compared with the first by configuration."""
    made = Story(tmp_path)
    made.write("checktrail.toml", '[releases.base]\n"v1.2.0" = "v1.0.0"\n').write("checklists/release.md", LIST)
    for version in ("v1.0.0", "v1.1.0", "v1.2.0"):
        made.commit(f"feat: what {version} brings")
        made.tag(version)
    return made


@pytest.fixture
def shallow(story: Story, tmp_path: Path) -> Path:
    story.git("clone", "--quiet", "--depth=1", "--branch=v1.2.0", f"file://{story.root}", str(tmp_path / "shallow"))
    return tmp_path / "shallow"


def answer(folder: Path, *arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run(["-C", str(folder), *arguments, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_bare_repository_keeps_its_own_settings(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story.git("clone", "--quiet", "--bare", str(story.root), str(tmp_path / "bare.git"))
    bare = tmp_path / "bare.git"
    assert answer(bare, "releases", capsys=capsys)["releases"][-1]["base"] == "v1.0.0"
    assert answer(bare, "notes", "v1.2.0", capsys=capsys)["base"] == "v1.0.0"
    assert answer(bare, "metrics", capsys=capsys)["figures"]


@pytest.mark.parametrize("command", [["releases"], ["notes"], ["metrics"], ["log"]])
def test_history_that_is_cut_off_is_refused_or_called_indeterminate(
    shallow: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (shallow / "checktrail.toml").unlink()
    assert run(["-C", str(shallow), *command]) == 2
    assert "fetch-depth: 0" in capsys.readouterr().err
    assert run(["-C", str(shallow), *command, "--allow-shallow", "--format", "json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["indeterminate"] is True
    assert "indeterminate" in shown.err


def test_no_figure_is_said_of_a_history_that_is_cut_off(shallow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shallow / "checktrail.toml").unlink()
    for figure in answer(shallow, "metrics", "--allow-shallow", capsys=capsys)["figures"]:
        assert (figure["value"], figure["grade"], figure["n"]) == (None, "n/a", 0)


@pytest.mark.parametrize("command", [["status"], ["tick", "Tests"], ["new", "v1.3.0"]])
def test_what_needs_no_history_works_without_it(shallow: Path, command: list[str]) -> None:
    assert run(["-C", str(shallow), *command]) == 0
