"""`checktrail log`: what it answers, in which form, and what it says when it cannot."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from checktrail.cli import run
from story import Story

LIST = "# Release\n\n## Testing\n\n- [ ] Unit tests pass\n- [ ] Load tests pass {#load}\n"
SCHEMA = json.loads(files("checktrail").joinpath("schemas/log-1.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    story = Story(tmp_path)
    story.write("list.md", LIST).commit("Begin", by="Ada", on="2024-01-02")
    story.tag("v1.0.0")
    story.replace("list.md", "- [ ] Unit tests pass", "- [x] Unit tests pass on Windows").commit(
        "Tick", by="Ben", committer="Cleo", on="2024-02-03"
    )
    return story


def asked(story: Story, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run(["-C", str(story.root), "log", *arguments]) == 0
    return capsys.readouterr().out


def document(story: Story, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked(story, capsys, *arguments, "--format", "json"))
    Draft202012Validator(SCHEMA).validate(found)
    return found


def test_the_document_to_the_letter(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(story, capsys)
    first, second = (story.git("rev-parse", name) for name in ("HEAD~1", "HEAD"))
    assert found["schema"] == "checktrail.log/1"
    unit, load = found["items"]
    assert {key: value for key, value in unit.items() if key not in ("id", "events", "since")} == {
        "path": "list.md",
        "line": 5,
        "text": "Unit tests pass on Windows",
        "section": ["Testing"],
        "state": "ticked",
        "created": {"commit": first, "author": "Ada", "email": "ada@example.org", "at": "2024-01-02T12:00:00Z"},
        "derived_from": None,
    }
    assert unit["since"].pop("confidence") < 1
    assert unit["since"] == {
        "kind": "ticked",
        "commit": second,
        "author": "Ben",
        "email": "ben@example.org",
        "at": "2024-02-03T12:00:00Z",
        "reached": second,
    }
    assert [event["kind"] for event in unit["events"]] == ["created", "reworded", "ticked"]
    assert unit["events"][2] | {"confidence": 0} == {
        "kind": "ticked",
        "item": unit["id"],
        "commit": second,
        "subject": "Tick",
        "author": "Ben",
        "email": "ben@example.org",
        "committer": "Cleo",
        "authored_at": "2024-02-03T12:00:00Z",
        "committed_at": "2024-02-03T12:00:00Z",
        "path": "list.md",
        "old_path": "list.md",
        "line": 5,
        "section": ["Testing"],
        "old_section": ["Testing"],
        "old_state": "open",
        "new_state": "ticked",
        "old_text": "Unit tests pass",
        "new_text": "Unit tests pass on Windows",
        "confidence": 0,
        "reached": second,
    }
    assert load["id"] == "load"
    assert {event["item"] for event in load["events"]} == {"load"}


def test_at_a_revision_nothing_later_is_told(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(story, capsys, "--at", "v1.0.0")
    assert [item["state"] for item in found["items"]] == ["open", "open"]
    assert {event["kind"] for item in found["items"] for event in item["events"]} == {"created"}


def test_every_event_of_every_branch(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.branch("side").tick("list.md", "Load").commit("On the side", by="Eli")
    story.checkout("main")
    found = document(story, capsys, "--events")
    assert [event["kind"] for event in found["events"]] == ["created", "created", "reworded", "ticked", "ticked"]
    assert [item["state"] for item in found["items"]] == ["ticked", "open"]


@pytest.mark.parametrize("what", ["list.md:5", "Unit", "load", "list.md"])
def test_what_can_be_asked_for(story: Story, capsys: pytest.CaptureFixture[str], what: str) -> None:
    name = document(story, capsys)["items"][0]["id"] if what == "Unit" else what
    texts = [item["text"] for item in document(story, capsys, name)["items"]]
    assert (
        texts
        == {
            "list.md:5": ["Unit tests pass on Windows"],
            "Unit": ["Unit tests pass on Windows"],
            "load": ["Load tests pass"],
            "list.md": ["Unit tests pass on Windows", "Load tests pass"],
        }[what]
    )


def test_an_item_is_found_by_its_words(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.write("list.md", LIST.replace("Unit tests", "Smoke tests")).commit("More")
    (item,) = document(story, capsys, "smoke TESTS")["items"]
    assert item["text"] == "Smoke tests pass"
    assert run(["-C", str(story.root), "log", "tests pass"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "means 2 items" in said.err
    assert "list.md:5" in said.err
    assert "list.md:6" in said.err


def test_past_releases_give_way_to_the_next(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    for version in ("v1.0.0", "v2.0.0"):
        story.write(f"checklists/{version}.md", f"# {version}\n\n- [ ] Images signed\n")
    story.commit("Lists")
    (item,) = document(story, capsys, "images")["items"]
    assert item["path"] == "checklists/v2.0.0.md"


@pytest.mark.parametrize("color", ["always", "never"])
@pytest.mark.parametrize("arguments", [(), ("--events",), ("list.md:5",)])
def test_no_line_ends_in_blanks(
    story: Story, capsys: pytest.CaptureFixture[str], color: str, arguments: tuple[str, ...]
) -> None:
    assert run(["--color", color, "-C", str(story.root), "log", *arguments]) == 0
    said = capsys.readouterr().out
    assert ("\x1b" in said) == (color == "always")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    assert "Unit tests pass on Windows" in plain
    assert [line for line in plain.splitlines() if line != line.rstrip()] == []


def test_a_folder_narrows(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.write("docs/qa.md", "- [ ] Guide read\n").commit()
    assert [item["path"] for item in document(story, capsys, "docs")["items"]] == ["docs/qa.md"]


def test_the_story_of_an_item_reads_well(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(story, capsys, "list.md:5")
    assert told.startswith("[x] Unit tests pass on Windows\nlist.md:5 / Testing\n")
    assert "reworded ?" in told
    assert "Unit tests pass\n  -> Unit tests pass on Windows" in told
    assert "Ben (committed by Cleo): Tick" in told


def test_a_checklist_is_told_with_since_when(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(story, capsys)
    assert "5 [x] Unit tests pass on Windows" in told
    assert "2024-02-03 by Ben" in told
    assert "created 2024-01-02 by Ada" in told


def test_a_tick_from_a_side_branch_says_which_merge_brought_it_in(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    story.branch("side")
    tick = story.tick("list.md", "Load").commit("On the side", by="Eli")
    story.checkout("main").write("x.txt", "x").commit()
    merge = story.merge("side", by="Dana")
    assert f"{tick[:10]}, reached main in {merge[:10]}; id load" in re.sub(r"\s+", " ", asked(story, capsys))
    told = re.sub(r"\s+", " ", asked(story, capsys, "load"))
    assert f"{tick[:10]} Eli: On the side, reached main in {merge[:10]}" in told
    assert told.count("reached") == 1
    assert "reached" not in asked(story, capsys, "load", "--at", "side")
    (item,) = document(story, capsys, "load")["items"]
    assert (item["since"]["commit"], item["since"]["reached"]) == (tick, merge)
    assert [event["reached"] for event in item["events"]] == [story.git("rev-parse", "v1.0.0"), merge]
    every = document(story, capsys, "--events", "--at", "v1.0.0")["events"]
    assert [event["reached"] for event in every if event["commit"] == tick] == [None]


def test_an_item_that_is_gone_still_has_a_trail(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.replace("list.md", "- [ ] Load tests pass {#load}\n", "").commit("Drop")
    found = document(story, capsys, "load")
    assert found["items"] == []
    assert [event["kind"] for event in found["events"]] == ["created", "removed"]
    assert "does not stand there" in asked(story, capsys, "load")


def test_hostile_words_do_not_reach_the_terminal(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.write("list.md", LIST + "- [ ] Beep\x1b[31m red [bold]x[/bold]\n").commit("Esc\x1b[2J", by="Ev\x1b[0mil")
    told = asked(story, capsys) + asked(story, capsys, "--events")
    assert "\x1b[31m" not in told
    assert "\x1b[2J" not in told
    assert "[bold]x[/bold]" in told


def test_a_path_that_does_not_decode_keeps_its_bytes(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    blob = story.git("hash-object", "-w", "--stdin", feed=b"- [ ] odd\n")
    listing = b"100644 blob " + blob.encode() + b"\t\xffodd.md\0"
    commit = story.git("commit-tree", story.git("mktree", "-z", feed=listing), "-m", "odd")
    assert run(["-C", str(story.root), "log", "--at", commit]) == 2
    assert "is on no branch" in capsys.readouterr().err
    story.git("branch", "odd", commit)
    (item,) = document(story, capsys, "--at", "odd")["items"]
    assert (item["path"], item["path_bytes"]) == ("\N{REPLACEMENT CHARACTER}odd.md", "/29kZC5tZA==")


def test_what_means_nothing_is_one_sentence(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("nothing.md", "list.md:1", "zzzz", "--at=nowhere"):
        assert run(["-C", str(story.root), "log", what]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("checktrail: ")
        assert "Traceback" not in said.err


def test_an_empty_repository_has_no_trails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path)
    assert document(story, capsys) == {"schema": "checktrail.log/1", "revision": None, "items": [], "unread": []}
    assert "No checklist there" in asked(story, capsys)
