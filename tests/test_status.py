"""`checktrail status`: tables in the terminal, checktrail.status/1, the gate."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.cli import run
from seeds import SEEDS, needs_seeds
from story import Story

LIST = """# Gateway release v1.2.0

## Pre-release
- [x] Tests pass
- [ ] Notes written @ada
  - [ ] Proofread (if long) <!-- id: proof -->
- [X] ~~Drivers signed~~ (N/A: none)

## Release process
- [ ] Push the tag

## Sign-off
### QA Lead
- [ ] All checked

| Part | Items | Done |
|---|---|---|
| Pre-release | 3 | 1 |
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path).write("checklists/v1.2.0.md", LIST)


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run([*arguments, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    schema = json.loads(files("checktrail").joinpath("schemas/status-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(found, schema)
    return found


def test_the_document(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.commit("Start")
    (checklist,) = document(capsys, "-C", str(story.root), "status")["checklists"]
    assert {key: checklist[key] for key in ("path", "title", "release", "binding")} == {
        "path": "checklists/v1.2.0.md",
        "title": "Gateway release v1.2.0",
        "release": "1.2.0",
        "binding": "own",
    }
    assert checklist["totals"] == {
        "items": 6,
        "ticked": 1,
        "open": 4,
        "not_applicable": 1,
        "conditional": 1,
        "required": 3,
        "required_ticked": 1,
    }
    assert [(section["path"], section["line"], section["phase"]) for section in checklist["sections"]] == [
        (["Pre-release"], 3, "prepare"),
        (["Release process"], 9, "release"),
        (["Sign-off"], 12, "signoff"),
        (["Sign-off", "QA Lead"], 13, "signoff"),
    ]
    assert checklist["items"][2] == {
        "line": 6,
        "state": "open",
        "text": "Proofread (if long)",
        "section": ["Pre-release"],
        "depth": 1,
        "parent_line": 5,
        "conditional": True,
        "phase": "prepare",
        "signoff": False,
        "owners": [],
        "id": "proof",
        "marker": " ",
    }
    assert [(item["state"], item["marker"]) for item in checklist["items"]][3] == ("not-applicable", "X")
    assert checklist["items"][5]["owners"] == ["QA Lead"]
    assert checklist["declared"] == [
        {
            "row": "Pre-release",
            "section": ["Pre-release"],
            "items": 3,
            "ticked": 1,
            "counted_items": 4,
            "counted_ticked": 1,
            "notes": "",
            "line": 18,
        }
    ]
    assert checklist["uncovered"] == [["Release process"], ["Sign-off", "QA Lead"]]


def test_the_terminal_says_where_it_stands_and_what_is_next(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.write("ROADMAP.md", "- [ ] fly\n").commit("Start")
    assert run(["-C", str(story.root), "status"]) == 0
    said = capsys.readouterr().out
    assert "1 of 3" in said
    assert "33%" in said
    assert "checktrail tick checklists/v1.2.0.md:5" in said
    assert "checklists/v1.2.0.md:5  Notes written @ada (ada)" in said
    assert "1 other file with boxes not counted: ROADMAP.md" in said
    assert "the table says 3 items" in said


def test_no_line_is_wider_than_a_narrow_terminal(
    story: Story, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    story.write("checklists/a-long-name-for-a-checklist-of-the-release.md", LIST).commit("Start")
    assert run(["-C", str(story.root), "status"]) == 0
    said = capsys.readouterr().out
    assert "before the tag 1 of 3 33%" in said
    assert max(map(len, said.splitlines())) <= 40


def test_text_from_outside_cannot_drive_the_terminal(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.write("checklists/v1.2.0.md", "# Release \x1b[31mred v1.2.0\n\n- [ ] [bold]a[/bold] \x1b]0;title\x07 b\n")
    story.commit("Start")
    assert run(["-C", str(story.root), "status"]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[bold]a[/bold]" in said


def test_files_outside_any_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "-odd name.txt").write_text("- [x] a\n", encoding="utf-8")
    (tmp_path / "empty.md").write_text("nothing\n", encoding="utf-8")
    found = document(capsys, "status", str(tmp_path / "-odd name.txt"), str(tmp_path / "empty.md"))
    assert [(len(each["items"]), each["binding"]) for each in found["checklists"]] == [(1, "other"), (0, "other")]
    assert run(["-C", str(tmp_path), "status", "--", "-odd name.txt"]) == 0
    assert "1 of 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (LIST, 1),
        ("# Release\n- [x] a\n- [ ] b (optional)\n## Deployment\n- [ ] c\n", 0),
        ("# Release\nno item\n", 1),
    ],
)
def test_the_gate(tmp_path: Path, text: str, code: int) -> None:
    story = Story(tmp_path).write("release.md", text)
    story.commit("Start")
    assert run(["-C", str(story.root), "status", "--require-complete"]) == code
    assert run(["-C", str(story.root), "status", "--require-complete", "--format", "json"]) == code
    assert run(["-C", str(story.root), "status"]) == 0


DONE = "# Release\n- [x] a\n"


@pytest.mark.parametrize(
    "unread",
    [
        "# Release\n" + "- [ ] a line of some length\n" * 160_000,
        "# Release\n- [ ] a\n".encode("utf-16"),
        "# Release\n<<<<<<< ours\n- [x] a\n=======\n- [x] b\n>>>>>>> theirs\n",
        "# Release\n" + "\n".join(" " * 2 * depth + "- [x] a" for depth in range(600)) + "\n",
    ],
)
def test_the_gate_never_passes_for_what_was_not_read(
    tmp_path: Path, unread: str | bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    story = Story(tmp_path).write("checklists/a.md", DONE).write("checklists/b.md", unread)
    story.commit("Start")
    assert run(["-C", str(story.root), "status", "--require-complete"]) == 1
    assert "checklists/b.md could not be read whole" in capsys.readouterr().err


def test_the_gate_asks_nothing_of_files_that_are_no_release_checklists(tmp_path: Path) -> None:
    story = Story(tmp_path).write("checklists/a.md", DONE)
    story.write("CHANGELOG.md", "- [ ] a line of some length\n" * 160_000)
    story.commit("Start")
    assert run(["-C", str(story.root), "status", "--require-complete"]) == 0


def test_a_sparse_checkout_is_no_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path).write("checklists/a.md", DONE).write("service/checklists/b.md", LIST)
    story.commit("Start")
    story.git("sparse-checkout", "set", "checklists")
    assert not (story.root / "service").exists()
    assert run(["-C", str(story.root), "status", "--require-complete"]) == 1
    assert "service/checklists/b.md is kept away by the sparse checkout" in capsys.readouterr().err


def test_a_file_counts_once_however_it_is_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path).write("checklists/a.md", DONE).write(".github/release.md", LIST)
    (story.root / "checklists" / "link.md").symlink_to("a.md")
    (story.root / ".cache").mkdir()
    (story.root / ".cache" / "c.md").write_text(DONE, encoding="utf-8")
    story.commit("Start")
    folder = str(story.root)
    again = f"{folder}/checklists/../checklists/a.md"
    found = document(capsys, "-C", folder, "status", folder, f"{folder}/checklists/link.md", again)["checklists"]
    assert sorted(each["path"] for each in found) == [".github/release.md", "checklists/a.md"]


def test_where_there_is_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bare").mkdir()
    assert run(["-C", str(tmp_path / "bare"), "status"]) == 2
    story = Story(tmp_path)
    assert run(["-C", str(story.root), "status"]) == 0
    assert "No checklist here" in capsys.readouterr().out
    assert document(capsys, "-C", str(story.root), "status")["checklists"] == []
    assert run(["-C", str(story.root), "status", "gone.md"]) == 2
    assert "gone.md cannot be read" in capsys.readouterr().err


def test_a_bare_repository_shows_what_its_head_holds(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story.commit("Start")
    story.git("clone", "--quiet", "--bare", str(story.root), str(tmp_path / "bare.git"))
    (checklist,) = document(capsys, "-C", str(tmp_path / "bare.git"), "status")["checklists"]
    assert checklist["totals"]["items"] == 6


def test_a_file_that_is_too_large_is_named_and_not_read(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.write("checklists/huge.md", "- [ ] a line of some length\n" * 160_000).commit("Start")
    found = document(capsys, "-C", str(story.root), "status")
    assert [each["path"] for each in found["checklists"]] == ["checklists/v1.2.0.md"]
    run(["-C", str(story.root), "status"])
    assert "checklists/huge.md is 4,480,000 bytes" in capsys.readouterr().err
    assert run(["-C", str(story.root), "status", "checklists/huge.md"]) == 2
    assert "more than `checklists.max-bytes`" in capsys.readouterr().err


def test_what_could_not_be_read_is_said(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.write("checklists/b.md", b"# Release\n- [x] caf\xe9\n").commit("Start")
    assert run(["-C", str(story.root), "status"]) == 0
    assert "checklists/b.md:2 is not UTF-8" in capsys.readouterr().err
    run(["-C", str(story.root), "-q", "status"])
    assert capsys.readouterr().err == ""


def test_the_second_run_says_the_same(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.commit("Start")
    first = document(capsys, "-C", str(story.root), "status")
    assert document(capsys, "-C", str(story.root), "status") == first


def test_what_is_remembered_follows_the_settings_and_is_never_needed(
    story: Story, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    story.commit("Start")

    def said() -> tuple[str, str]:
        run(["-C", str(story.root), "status"])
        text = capsys.readouterr().out
        run(["-C", str(story.root), "status", "--format", "json"])
        return text, capsys.readouterr().out

    first = said()
    assert said() == first
    (story.root / "checktrail.toml").write_text(
        '[checklists.bindings]\n"*" = "template"\n"checklists/*" = "living"\n', encoding="utf-8"
    )
    template = said()
    assert template != first
    (story.root / "checktrail.toml").write_text(
        '[checklists.bindings]\n"checklists/*" = "living"\n"*" = "template"\n', encoding="utf-8"
    )
    living = said()
    assert living != template
    assert said() == living
    monkeypatch.setenv("CHECKTRAIL_NO_STORE", "1")
    assert said() == living


def test_many_are_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(60):
        box = " " if number == 59 else "x"
        (tmp_path / f"release-{number:02}.md").write_text(f"# Release\n- [{box}] item {number}\n", encoding="utf-8")
    assert run(["status", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "20 more are not shown; of all 60, 59 are complete." in said
    assert "59 of 60" in said
    assert "release-59.md:2" in said


def test_many_files_are_read_alike_by_one_process_and_by_two(tmp_path: Path) -> None:
    from checktrail import reading
    from checktrail.parse import read
    from checktrail.store import Store

    contents = {str(n): LIST.encode() + b"- [ ] %d\n" % n + b"word " * 500 for n in range(250)}
    assert sum(map(len, contents.values())) > reading.WORTH_SHARING
    found = reading.checklists(contents, Store.open(tmp_path / "store"))
    assert found == {key: read(content) for key, content in contents.items()}


# --- past releases, habits, paths -----------------------------------------------------------------------------------


@pytest.fixture
def past(tmp_path: Path) -> Story:
    """Three releases, each with a list of its own that Dana ticked the day before, and a fourth on its way."""
    story = Story(tmp_path)
    for number in (1, 2, 3, 4):
        path = f"checklists/v{number}.0.0.md"
        story.write(path, f"# Release v{number}.0.0\n\n- [ ] Images signed\n- [ ] Notes read\n")
        story.commit("Start", on=f"2024-0{number}-01")
        if number < 4:
            story.tick(path, "Images").commit("Tick", by="Dana", on=f"2024-0{number}-09")
            story.tag(f"v{number}.0.0", message="Release", on=f"2024-0{number}-10")
    return story


def test_past_releases_stand_apart_in_the_text_alone(past: Story, capsys: pytest.CaptureFixture[str]) -> None:
    past.tag("v4.0.0-rc.1")  # a candidate does not make its release past
    assert run(["-C", str(past.root), "status"]) == 0
    said = capsys.readouterr().out
    assert "3 checklists of past releases stand apart: v3.0.0, v2.0.0, v1.0.0\n" in said
    assert "0 of 2" in said
    assert "checklists/v1.0.0.md" not in said
    assert "checktrail tick checklists/v4.0.0.md:3" in said
    assert len(document(capsys, "-C", str(past.root), "status")["checklists"]) == 4
    assert run(["-C", str(past.root), "status", str(past.root / "checklists/v1.0.0.md")]) == 0
    assert "checklists/v1.0.0.md:4  Notes read" in capsys.readouterr().out


def test_the_gate_judges_past_releases_too(past: Story, capsys: pytest.CaptureFixture[str]) -> None:
    past.tick("checklists/v4.0.0.md", "Images", "Notes").commit("Done")
    assert run(["-C", str(past.root), "status", "--require-complete"]) == 1
    said = capsys.readouterr()
    assert "Everything due before the tag is done." in said.out
    assert "Not complete: checklists/v1.0.0.md, checklists/v2.0.0.md, checklists/v3.0.0.md" in said.err


def test_when_all_is_past_the_next_one_is_advised(past: Story, capsys: pytest.CaptureFixture[str]) -> None:
    past.tag("v4.0.0")
    assert run(["-C", str(past.root), "status"]) == 0
    said = capsys.readouterr().out
    assert "checktrail new VERSION" in said
    assert "4 checklists of past releases stand apart: v4.0.0" in said


def test_a_tag_of_another_component_makes_nothing_past(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path).write("api/checklists/v1.2.0.md", LIST).write("web/checklists/v1.2.0.md", LIST)
    story.commit("Start")
    story.tag("api/v1.2.0")
    story.tag("web/v1.1.0")
    assert run(["-C", str(story.root), "status"]) == 0
    said = capsys.readouterr().out
    assert "1 checklist of a past release stands apart: api/v1.2.0" in said
    assert "web/checklists/v1.2.0.md:5" in said


def test_open_items_show_their_habit(past: Story, capsys: pytest.CaptureFixture[str]) -> None:
    past.replace("checklists/v4.0.0.md", "- [ ] Images", "- [ ] Added since\n- [ ] Images")
    assert run(["-C", str(past.root), "status"]) == 0
    said = capsys.readouterr().out
    assert "checklists/v4.0.0.md:4  Images signed\n      usually Dana, 1 day before the tag, 3 of 3\n" in said
    assert said.count("usually") == 1


@pytest.mark.parametrize("missing", ["a release", "history", "text"])
def test_no_history_is_read_where_it_shows_no_habit(
    past: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    def unwanted(*_: object) -> None:
        pytest.fail("history was read")

    monkeypatch.setattr("checktrail.record.read_record", unwanted)
    root = past.root
    if missing == "a release":
        past.git("tag", "--delete", "v2.0.0")
    if missing == "history":
        root = tmp_path / "shallow"
        past.git("clone", "--quiet", "--depth=2", f"file://{past.root}", str(root))
        past.git("-C", str(root), "fetch", "--quiet", "--tags", "--depth=2")
    form = "json" if missing == "text" else "text"
    assert run(["-C", str(root), "status", "--format", form]) == 0
    said = capsys.readouterr()
    assert "usually" not in said.out
    assert said.err == ""


LONG = "checklists/a-long-name-for-a-checklist-of-the-release/and-another-long-name.md"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_path_is_never_broken_in_mid_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    story = (
        Story(tmp_path).write(LONG, LIST).write("checklists/second.md", DONE).write("docs/todo/plans.md", "- [ ] a\n")
    )
    story.commit("Start")
    assert run(["-C", str(story.root), "status"]) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= width
    words = {word for part in LONG.split("/") for word in part.replace(".", "-").split("-")}
    assert words <= set(re.split(r"[^a-z]+", said))
    assert (said.count(LONG) >= 3) == (width == 200)


@given(st.text("ab/-.é漢", max_size=40), st.integers(min_value=2, max_value=30))
def test_the_lines_of_a_broken_path_are_the_path(path: str, width: int) -> None:
    from checktrail.cli.paths import broken

    assert "".join(broken(path, width).split("\n")) == path


def test_no_checklist_names_the_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path).write("README.md", "# Readme\n")
    story.commit("Start")
    for _ in range(2):
        assert run(["-C", str(story.root), "status"]) == 0
        said = capsys.readouterr().out
        assert "checktrail init" in said
        assert "checktrail new VERSION" in said
        story.write("ROADMAP.md", "- [ ] fly\n").commit("Plan")


@needs_seeds
def test_the_real_checklists_as_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "status", *map(str, SEEDS))
    assert [len(each["items"]) for each in found["checklists"]] == [101, 85, 92, 121, 66]
    assert found["checklists"][0]["uncovered"] == [found["checklists"][0]["items"][86]["section"]]


@pytest.mark.parametrize("command", ["status", "lint"])
def test_several_processes_say_what_one_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    for number in range(7):
        (tmp_path / f"release-{number % 5}-{number}.md").write_text(
            f"# Release\n- [ ] item {number % 5}\n-[ ] glued\n- [X] untidy\n", encoding="utf-8"
        )

    def said() -> tuple[str, str]:
        run([command, str(tmp_path), "--format", "json"])
        return capsys.readouterr()

    monkeypatch.setattr("checktrail.reading._SHARE", 2)
    monkeypatch.setattr("checktrail.reading.WORTH_SHARING", 0)
    by_several = said()
    assert said() == by_several
    monkeypatch.setenv("CHECKTRAIL_NO_STORE", "1")
    monkeypatch.setattr("checktrail.reading.WORTH_SHARING", 10**9)
    assert said() == by_several
    assert "release-4-4.md" in by_several[0]
