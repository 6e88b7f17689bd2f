"""What a change does to the checklists, by item identity; the same as text, JSON and Markdown."""

from __future__ import annotations

import json
import time
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from checktrail.cli import group, run
from checktrail.demo import write_demo
from checktrail.diff import ItemChange, Kind, changes, summary
from checktrail.exports.diff import as_markdown, as_text, code, document, headline
from checktrail.model import State
from checktrail.parse import parse
from story import Story

BASE = """\
# Release

## Prepare

- [ ] Unit tests pass
- [x] Load test meets the budget (p95 below 200 ms)
- [ ] User guide matches the new pages
- [ ] Charts published

## Sign-off

- [x] QA lead sign-off
- [ ] Release manager sign-off
"""


def found(old: str, new: str) -> tuple[ItemChange, ...]:
    return changes({"a.md": parse(old)}, {"a.md": parse(new)})


def told(old: str, new: str) -> list[tuple[str, str | None]]:
    return [(change.kind.value, change.new_text or change.old_text) for change in found(old, new)]


def test_nothing_changed_says_nothing() -> None:
    assert found(BASE, BASE) == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("- [ ] Unit", "- [x] Unit", [("ticked", "Unit tests pass")]),
        ("- [x] QA", "- [ ] QA", [("unticked", "QA lead sign-off")]),
        ("- [ ] Charts published", "- [ ] ~~Charts published~~ (N/A: none)", [
            ("not-applicable", "~~Charts published~~ (N/A: none)"),
        ]),
        ("- [ ] Charts published\n", "", [("removed", "Charts published")]),
        ("- [ ] Charts published\n", "- [ ] Charts published\n- [x] Weather looked at\n", [
            ("added", "Weather looked at"),
        ]),
        ("200 ms", "350 ms", [("reworded", "Load test meets the budget (p95 below 350 ms)")]),
        ("- [ ] User guide matches the new pages", "- [x] User guide matches all new pages", [
            ("ticked", "User guide matches all new pages"),
            ("reworded", "User guide matches all new pages"),
        ]),
    ],
)  # fmt: skip
def test_each_kind_of_change(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert told(BASE, BASE.replace(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Unit tests pass", "**Unit tests** pass."),
        ("## Prepare", "## 1. Preparation of everything"),
        ("# Release", "# Release\n\nA new paragraph.\n"),
        ("- [ ] Unit", "*   [ ] Unit"),
    ],
)
def test_what_is_no_change_of_an_item(old: str, new: str) -> None:
    assert told(BASE, BASE.replace(old, new)) == []


def test_an_item_in_another_section_has_moved_and_keeps_its_tick() -> None:
    without = BASE.replace("- [x] Load test meets the budget (p95 below 200 ms)\n", "")
    new = f"{without}- [x] Load test meets the budget (p95 below 200 ms)\n"
    (moved,) = found(BASE, new)
    assert moved.kind is Kind.MOVED
    assert moved.section == ("Sign-off",)
    assert moved.old_line == 6


def test_a_renamed_file_is_no_removal_and_a_copy_is_new() -> None:
    checklist = parse(BASE)
    assert changes({"old.md": checklist}, {"new.md": checklist}) == ()
    copied = changes({"t.md": checklist}, {"t.md": checklist, "v1.md": checklist})
    assert {change.kind for change in copied} == {Kind.ADDED}
    assert len(copied) == 6


def test_files_that_only_change_places_change_nothing() -> None:
    done, bare = parse(BASE.replace("[ ]", "[x]")), parse(BASE.replace("[x]", "[ ]"))
    assert changes({"a.md": done, "b.md": bare}, {"c.md": bare, "d.md": done}) == ()
    moved = {f"old/v1.{number}.md": parse(BASE.replace("budget", f"budget {number}")) for number in range(150)}
    begun = time.perf_counter()
    assert changes(moved, {path.replace("old", "new"): checklist for path, checklist in moved.items()}) == ()
    assert time.perf_counter() - begun < 2


def test_of_files_that_share_as_much_the_one_of_the_same_name_is_meant() -> None:
    one = parse(BASE)
    (ticked,) = changes(
        {"a/x.md": one, "a/y.md": one}, {"b/y.md": one, "b/x.md": parse(BASE.replace("- [ ] Unit", "- [x] Unit"))}
    )
    assert (ticked.kind, ticked.old_path, ticked.path) == (Kind.TICKED, "a/x.md", "b/x.md")


def test_an_item_that_went_to_another_file_has_moved() -> None:
    line = "- [x] QA lead sign-off\n"
    old = {"a.md": parse(BASE), "b.md": parse("# B\n\n- [ ] other\n")}
    new = {"a.md": parse(BASE.replace(line, "")), "b.md": parse(f"# B\n\n- [ ] other\n{line}")}
    (moved,) = changes(old, new)
    assert (moved.kind, moved.old_path, moved.path, moved.line) == (Kind.MOVED, "a.md", "b.md", 4)


def test_reworded_while_ticked_is_counted_apart() -> None:
    counted = summary(found(BASE, BASE.replace("200 ms", "350 ms").replace("Unit tests", "All unit tests")))
    assert (counted.reworded, counted.reworded_ticked) == (2, 1)
    assert headline(found(BASE, BASE.replace("200 ms", "350 ms"))) == (
        "0 ticked, 0 unticked, 1 reworded while ticked, 0 added, 0 removed"
    )


def test_a_replacement_is_less_than_certain() -> None:
    old = "# R\n\n## A\n\n- [ ] one thing\n- [ ] Deploy to the staging cluster\n- [ ] third thing\n"
    new = old.replace("Deploy to the staging cluster", "Roll out on staging hosts")
    assert all(change.confidence < 1 for change in found(old, new))


states = st.sampled_from("  xX-")
items = st.lists(st.tuples(states, st.sampled_from("abcdefgh")), max_size=8)


def text_of(rows: list[tuple[str, str]]) -> str:
    lines = (f"- [{mark}] {letter * 9} stands for {letter}" for mark, letter in rows)
    return "# R\n\n" + "\n".join(lines)


@settings(deadline=None)
@given(items, items)
def test_the_changes_account_for_every_item_and_every_tick(
    old: list[tuple[str, str]], new: list[tuple[str, str]]
) -> None:
    was, now = parse(text_of(old)), parse(text_of(new))
    made = changes({"a.md": was}, {"a.md": now})
    counted = summary(made)
    assert len(now.items) == len(was.items) + counted.added - counted.removed

    def gain(change: ItemChange) -> int:
        if change.kind in (Kind.REWORDED, Kind.MOVED):
            return 0
        return (change.new_state is State.TICKED) - (change.old_state is State.TICKED)

    ticked = [sum(item.state is State.TICKED for item in checklist.items) for checklist in (was, now)]
    assert ticked[1] == ticked[0] + sum(map(gain, made))


@settings(deadline=None)
@given(items, items)
def test_the_document_is_as_its_schema_says(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> None:
    SCHEMA.validate(document(found(text_of(old), text_of(new))))


SCHEMA = Draft202012Validator(
    json.loads((resources.files("checktrail") / "schemas" / "diff-1.schema.json").read_text(encoding="utf-8"))
)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_a_code_span_holds_any_text(text: str) -> None:
    span = code(text)
    fence = len(span) - len(span.lstrip("`"))
    assert span.endswith("`" * fence)
    assert "`" * fence not in span[fence:-fence]
    assert "\n" not in span
    assert span.isprintable()


def test_a_comment_lets_no_text_speak_for_itself() -> None:
    evil = "- [x] `` @everyone ![x](https://evil.example/p.png) <img src=x> [a](javascript:alert(1)) | \x1b[31m\n"
    made = as_markdown(found("# R\n\n- [ ] a\n", f"# R\n\n- [ ] a\n{evil}"))
    assert "``` `` @everyone ![x](https://evil.example/p.png) <img src=x>" in made
    assert "\x1b" not in made
    assert "\x1b" not in as_text(found("# R\n", f"# R\n{evil}"))


def test_a_very_long_diff_is_cut_in_a_comment_alone() -> None:
    many = "# R\n\n" + "".join(f"- [ ] item number {number}\n" for number in range(300))
    made = found("# R\n", many)
    assert len(as_markdown(made)) < 60_000
    assert "… and 100 more changes" in as_markdown(made)
    assert as_text(made).count("(added") == 300


@pytest.fixture
def story(tmp_path: Path) -> Story:
    story = Story(tmp_path)
    story.write("checklists/release.md", BASE).commit("Start", by="Ben", on="2024-01-01")
    story.tag("v1.0.0")
    story.branch("work")
    story.write("checklists/release.md", BASE.replace("- [ ] Unit", "- [x] Unit"))
    story.commit("Tick", by="Dana", on="2024-01-02")
    story.checkout("main")
    story.write("checklists/release.md", BASE.replace("- [ ] User", "- [x] User"))
    story.commit("Tick another", by="Ben", on="2024-01-03")
    return story


def ran(story: Story, *arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(group, ["-C", str(story.root), "diff", *arguments])
    return outcome.exit_code, outcome.stdout


def test_two_revisions(story: Story) -> None:
    code_, text = ran(story, "v1.0.0", "work")
    assert code_ == 0
    assert text.startswith("1 ticked, 0 unticked, 0 added, 0 removed\n\nchecklists/release.md\n  [x] Unit tests pass")


def test_the_merge_base_leaves_out_what_the_other_branch_did(story: Story) -> None:
    assert ran(story, "main", "work")[1].startswith("1 ticked, 1 unticked")
    for arguments in (("main", "work", "--merge-base"), ("main...work",), ("main..work", "--merge-base")):
        assert ran(story, *arguments)[1].startswith("1 ticked, 0 unticked")


def test_head_and_the_files_on_disk(story: Story) -> None:
    assert "User guide" in ran(story, "v1.0.0")[1]
    (story.root / "checklists/release.md").write_text(BASE.replace("[x] QA", "[ ] QA"))
    assert "User guide" in ran(story, "v1.0.0")[1]
    assert ran(story, "v1.0.0", "--worktree")[1].startswith("0 ticked, 1 unticked")


def test_two_dots_join_two_revisions_and_what_is_no_checklist_is_left_out(story: Story) -> None:
    assert ran(story, "main..work") == ran(story, "main", "work")
    (story.root / "checktrail.toml").write_text('[checklists]\nexclude = ["checklists/*"]\n')
    assert ran(story, "main..work")[1].startswith("0 ticked, 0 unticked")
    assert ran(story, "v1.0.0", "--worktree")[1].startswith("0 ticked, 0 unticked")


def test_the_exit_code_tells_on_request(story: Story) -> None:
    assert ran(story, "v1.0.0", "work", "--exit-code")[0] == 1
    assert ran(story, "work", "work", "--exit-code")[0] == 0


def test_two_files_without_a_repository(tmp_path: Path) -> None:
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text(BASE)
    new.write_text(BASE.replace("- [ ] Unit", "- [x] Unit"))
    outcome = CliRunner().invoke(group, ["diff", str(old), str(new), "--format", "json"])
    assert json.loads(outcome.stdout)["summary"]["ticked"] == 1
    outcome = CliRunner().invoke(group, ["diff", "/dev/null", str(new)])
    assert outcome.stdout.startswith("0 ticked, 0 unticked, 6 added")


@pytest.mark.parametrize(
    "arguments", [["nowhere"], ["v1.0.0", "nowhere"], ["v1.0.0", "work", "--worktree"], ["--exit-code"], ["-x"]]
)
def test_what_cannot_be_compared_is_exit_2(
    story: Story, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["-C", str(story.root), "diff", *arguments]) == 2
    assert capsys.readouterr().err.startswith("checktrail: ")


def test_json_by_the_command_line_is_as_its_schema_says(story: Story) -> None:
    told = json.loads(ran(story, "v1.0.0", "work", "--format", "json")[1])
    SCHEMA.validate(told)
    assert told["changes"][0] | {"confidence": 1.0} == {
        "kind": "ticked",
        "path": "checklists/release.md",
        "old_path": "checklists/release.md",
        "line": 5,
        "old_line": 5,
        "old_text": "Unit tests pass",
        "new_text": "Unit tests pass",
        "section": ["Prepare"],
        "confidence": 1.0,
    }


def test_a_comment_says_who_usually_ticks_what_is_still_open(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    write_demo(folder)
    ran_ = CliRunner().invoke(group, ["-C", str(folder), "diff", "main...ticks-of-the-week", "--format", "markdown"])
    still_open = ran_.stdout.partition("Still open:")[2]
    assert "`Annotated tag created and pushed` (`checklists/v2.2.0.md:64`): `usually Tomas Lind, within" in still_open
    assert "Dependencies scanned" not in still_open
    assert "Guide read by a harbour master" not in still_open
