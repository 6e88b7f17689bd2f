"""`lint --base REV`: only what the change brings in fails, by item identity, from where the branch began."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from story import Story
from test_lint import HEAD, code_of, lint

PATH = "checklists/v2.0.0.md"
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
TEN = "".join(f"- [ ] Step {number} done\n" for number in _NUMBERS)


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def findings(story: Story, *arguments: str) -> list[dict[str, Any]]:
    run = lint(story.root, "--format", "json", "--base", "main", *arguments)
    code_of(run)
    found: list[dict[str, Any]] = json.loads(run.stdout)["findings"]
    return found


def told(story: Story, *arguments: str) -> list[tuple[str, str]]:
    return [(finding["code"], finding["severity"]) for finding in findings(story, *arguments)]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    story = Story(tmp_path)
    story.write(PATH, f"{HEAD}- [ ] Unit tests pass\n- [x] Load test run\n- [] Old fault\n").commit("Start", by="Ada")
    story.branch("work")
    return story


def test_old_findings_become_notes_and_new_ones_fail(story: Story) -> None:
    assert told(story) == [("CL101", "info")]
    assert code_of(lint(story.root, "--base", "main")) == 0
    story.replace(PATH, "- [] Old fault", "\nNew words above\n\n- [] Old fault\n- [] New fault").commit(
        "More", by="Ben"
    )
    assert told(story) == [("CL101", "info"), ("CL101", "error")]
    assert "(already in main)" in findings(story)[0]["message"]
    assert code_of(lint(story.root, "--base", "main")) == 1


def test_files_as_they_stand_are_what_is_compared(story: Story) -> None:
    (story.root / PATH).write_text(f"{HEAD}- [ ] Unit tests pass\n- [] Load test run\n- [] Old fault\n")
    assert ("CL101", "error") in told(story)


def test_what_others_brought_to_the_base_is_not_held_against_a_branch(story: Story) -> None:
    story.write("other.md", "- [ ] a\n").commit("Mine", by="Ben")
    story.checkout("main")
    story.tick(PATH, "Unit tests pass").commit("Theirs", by="Ada")
    story.checkout("work")
    assert told(story) == [("CL101", "info")]


def test_a_reword_a_loss_a_birth_and_an_untick_are_told(story: Story) -> None:
    story.replace(PATH, "- [x] Load test run", "- [x] A short load test run").commit("Reword", by="Ben")
    assert ("CL601", "warning") in told(story)
    story.replace(PATH, "- [x] A short load test run\n", "").commit("Delete", by="Ben")
    assert ("CL602", "warning") in told(story)
    story.replace(PATH, "- [] Old", "- [ ] Load test run\n- [x] Born done\n- [] Old").commit("Back", by="Ben")
    assert {("CL602", "warning"), ("CL603", "info")} <= set(told(story))


def test_an_item_that_moves_to_another_file_is_neither_lost_nor_born(story: Story) -> None:
    story.replace(PATH, "- [x] Load test run\n", "")
    story.write("checklists/v2.1.0.md", f"{HEAD}- [x] Load test run\n").commit("Move", by="Ben")
    assert [code for code, _ in told(story) if code == "CL602"] == []


def test_a_renamed_file_keeps_its_old_findings_old(story: Story) -> None:
    story.move(PATH, "checklists/v2.0.0-final.md").commit("Rename", by="Ben")
    assert told(story) == [("CL101", "info")]


def test_a_deleted_checklist_loses_its_ticks(story: Story) -> None:
    story.remove(PATH).commit("Delete", by="Ben")
    (finding,) = findings(story)
    assert (finding["code"], finding["path"]) == ("CL602", PATH)


def test_a_released_checklist_is_not_edited(story: Story) -> None:
    story.write("checklists/v1.0.0.md", f"{HEAD}- [ ] Late\n\n## Post-Release\n\n- [ ] Users told\n").commit(
        "One", by="Ada"
    )
    story.tag("v1.0.0")
    story.git("branch", "-f", "main")
    story.tick("checklists/v1.0.0.md", "Users told").commit("Close", by="Ben")
    assert "CL604" not in dict(told(story))
    story.tick("checklists/v1.0.0.md", "Late").commit("Cheat", by="Ben")
    assert dict(told(story))["CL604"] == "error"


def test_ticks_by_several_people_want_a_merge_commit(story: Story) -> None:
    story.tick(PATH, "Unit tests pass").commit("Mine", by="Ben")
    assert "CL606" not in dict(told(story))
    story.replace(PATH, "- [] Old", "- [ ] Images scanned\n- [] Old").commit("Add", by="Cleo")
    assert "CL606" not in dict(told(story))
    story.tick(PATH, "Images scanned").commit("Hers", by="Cleo")
    (finding,) = [one for one in findings(story) if one["code"] == "CL606"]
    assert finding["severity"] == "warning"
    assert "Ben, Cleo ticked items here; a squash keeps one author: merge with a merge commit" in finding["message"]
    assert finding["line"] == 7


def test_many_ticks_in_one_commit_are_remarked(story: Story) -> None:
    story.write(PATH, f"{HEAD}{TEN}").commit("Add", by="Ben")
    story.git("branch", "-f", "main")
    story.write(PATH, f"{HEAD}{TEN}".replace("[ ]", "[x]", 9)).commit("Nine", by="Ben")
    assert "CL605" not in dict(told(story))
    story.git("branch", "-f", "main", "HEAD~1")
    story.write(PATH, f"{HEAD}{TEN}").commit("Back", by="Ben")
    story.write(PATH, f"{HEAD}{TEN}".replace("[ ]", "[x]")).commit("Ten", by="Ben")
    (finding,) = [one for one in findings(story) if one["code"] == "CL605"]
    assert "by Ben ticks 10 items at once" in finding["message"]


def test_a_reset_of_a_living_list_is_said_once(tmp_path: Path) -> None:
    story = Story(tmp_path).write("checklists/release-checklist.md", f"{HEAD}{TEN}".replace("[ ]", "[x]"))
    story.commit("Start", by="Ada")
    story.branch("work")
    story.write("checklists/release-checklist.md", f"{HEAD}{TEN}").commit("Reset", by="Ada")
    (finding,) = findings(story)
    assert (finding["code"], finding["severity"]) == ("CL603", "info")
    assert finding["message"] == "reset: 10 of 10 ticked items are open again"


def test_a_change_can_be_answered_with_a_reason(story: Story) -> None:
    said = "- [x] Some load test run <!-- checktrail: ignore CL601 because Dana agreed -->"
    story.replace(PATH, "- [x] Load test run", said).commit("Reword", by="Ben")
    assert [code for code, _ in told(story)] == ["CL101"]


def test_a_missing_base_is_never_clean(story: Story, tmp_path: Path) -> None:
    assert code_of(lint(story.root, "--base", "nowhere")) == 2
    story.write("other.md", "- [ ] a\n").commit("More", by="Ben")
    clone = tmp_path / "clone"
    command = ["git", "clone", "-q", "--depth=1", "--branch=work", story.root.as_uri(), str(clone)]
    subprocess.run(command, check=True, capture_output=True)
    assert code_of(lint(clone, "--base", "main")) == 2
    fetch = ["git", "-C", str(clone), "fetch", "-q", "--depth=1", "origin", "main:main"]
    subprocess.run(fetch, check=True, capture_output=True)
    run = lint(clone, "--base", "main")
    assert code_of(run) == 2
    assert "too shallow" in str(run.exception)
    assert code_of(lint(clone)) == 1
