"""checktrail lint at work: rules in their context, suppression, selection, and the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from checktrail.cli import group
from checktrail.config import Settings
from checktrail.lint.driver import check, mended
from checktrail.lint.page import exact_bytes
from checktrail.lint.selection import Selection
from checktrail.model import Repair, Severity
from checktrail.parse import read
from lint_examples import codes, found, page_of
from said import said
from story import Story

HEAD = "# Release checklist\n\n## Testing\n\n"


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def lint(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(group, ["-C", str(folder), "lint", *arguments], standalone_mode=False)


def code_of(run: Result) -> int:
    """The exit code that the command line's own `run` would choose."""
    from checktrail.errors import ChecktrailError

    if isinstance(run.exception, ChecktrailError):
        return run.exception.exit_code
    if run.exception is not None and run.exception.__class__.__module__.startswith("click"):
        return 2
    assert run.exception is None, run.exception
    return int(run.return_value or 0)


# --- boxes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- [] a", ["CL101"]),
        ("- []string is a type", []),
        ("- [] [Contents](#contents)", []),
        ("- [] [Report](report.md)", ["CL101"]),
        ("- [](address) a link", []),
        ("- [][name] a link", []),
        ("- [x](address) a link", []),
        ("- [x][name] a link", []),
        ("- [x]: address", []),
        ("- [1] a citation", []),
        ("- [a] an answer", []),
        ("- [ ] a", []),
        ("- [x] a", []),
        ("- [X] a", ["CL108"]),
        ("- [ ]  a", ["CL108"]),
        ("- [ x] a", ["CL103"]),
        ("- [x ] a", ["CL103"]),
        ("- [  ] a", ["CL103"]),
        ("- [ ]a", ["CL104"]),
        ("- [x]a", ["CL104"]),
        ("- [ ]*a*", ["CL104"]),
        ("- [ ]\\* 1.4 a", []),
        ("- [v] a", ["CL105"]),
        ("- [✓] a", ["CL105"]),
        ("- [\u0445] a", ["CL105"]),
        ("- [-] a", ["CL105"]),
        ("- \\[ \\] a", ["CL106"]),
        ("- \\[x] a", ["CL106"]),
        ("- [\\] a", []),
        ("- [ ]", ["CL107"]),
        ("- [x]   ", ["CL107"]),
        ("- []", ["CL107"]),
        ("- [ ]\u00a0a", ["CL109"]),
        ("- [\u00a0] a", ["CL109"]),
        ("- [ ]\ta", ["CL109"]),
        ("- [x]\u200ba", ["CL109"]),
        ("-\u00a0[ ] a", ["CL109"]),
        ("- ☐ a", ["CL110"]),
        ("- ☑ a", ["CL110"]),
        ("- ✅ a", []),
        ("text\n-[ ] a", ["CL102"]),
        ("text\n1.[x] a", ["CL102"]),
        ("text\n-[ ]a", ["CL102"]),
        ("text\n-[x]a", []),
        ("*[x]: an abbreviation", []),
        ("use `-[ ]` here", []),
        ("    - [] code", []),
        ("```\n- [] code\n```", []),
        ("<!--\n- [] comment\n-->", []),
        ("| - [] | table |\n|---|---|\n| a | b |", []),
        ("> - [] quoted", ["CL101"]),
        ("- - [] twice", ["CL101"]),
        ("1) [] numbered", ["CL101"]),
    ],
)
def test_a_line_has_one_fault_or_none(line: str, expected: list[str]) -> None:
    assert codes(f"{line}\n", "notes.md") == expected


def test_a_green_tick_is_decoration_until_it_stands_among_boxes() -> None:
    assert codes("- ✅ fast\n- ✅ small\n", "README.md") == []
    assert codes("- [ ] fast\n- ✅ small\n", "README.md") == ["CL110"]
    assert codes("- 🔲 fast\n- ✅ small\n", "README.md") == ["CL110", "CL110"]


def test_a_green_tick_with_a_label_tells_how_a_step_went() -> None:
    assert codes("- [x] Linted\n- ✅ **Status**: clean\n", "README.md") == []


def test_emphasis_is_no_glued_bullet() -> None:
    assert codes("*[ ] Proposed, [x] agreed.*\n", "notes.md") == []
    assert codes("*[] means optional*<br>\n", "notes.md") == []
    assert codes("* [ ] a\n*[ ] b\n", "notes.md") == ["CL102"]
    assert codes("* [ ] a\n*[ ] see *all* of it\n", "notes.md") == ["CL102"]


def test_brackets_in_prose_are_no_box() -> None:
    assert codes("- [] and {} instead of [ ]\n", "notes.md") == []
    assert codes("- [] Ask Dana\n", "notes.md") == ["CL101"]
    assert codes("- 0 - reset\n- [] - raise the threshold\n- x - leave\n", "keys.md") == []
    assert codes("- [] <https://example.org/>\n- [] https://example.com/\n", "links.md") == []
    assert codes("* [] warn ([4f1c2d9](https://example.org/4f1c2d9))\n", "CHANGELOG.md") == []
    assert codes("The result:\n*[] = nothing was found\n", "notes.md") == []
    assert codes("# Links\n-[] [Guide](guide.md)\n", "links.md") == []


def test_boxes_of_other_programs_are_theirs() -> None:
    assert codes("?[What is two and two?]\n-[ ] 3\n-[x] 4\n", "quiz.md") == []
    assert codes("Tasks\n-[ ] NAME:a\n--[ ] NAME:b\n", "tasks.md") == []
    assert codes("1. [] Type +++admin+++ into it\n", "lab.md") == []
    assert codes("- [ ] 1.1 Write it\n- [ ]* 1.2 Write tests\n", "tasks.md") == []


def test_a_white_square_is_a_colour_until_it_stands_among_boxes() -> None:
    assert codes("- 🟩 current\n- ⬜ unsupported\n", "README.md") == []
    assert codes("- ☑ current\n- ⬜ unsupported\n", "README.md") == ["CL110", "CL110"]


def test_an_empty_box_in_a_form_is_where_others_write() -> None:
    assert codes("- [ ] a\n- [ ]\n", ".github/ISSUE_TEMPLATE/idea.md") == []
    weights = [one.finding.severity for one in found("- [ ] a\n\n## Ideas\n\n- [ ]\n- [ ]\n", "week.md")]
    assert weights == [Severity.INFO, Severity.INFO]
    weights = [one.finding.severity for one in found("- [ ] a\n- [ ]\n\n## Ideas\n\n- b\n", "week.md")]
    assert weights == [Severity.ERROR]
    assert codes("- []\n- Orders\n", "api.md") == []


def test_an_unknown_letter_is_a_mark_only_among_boxes() -> None:
    assert codes("- [p] partly\n- [q] other\n", "notes.md") == []
    assert codes("- [ ] open\n- [p] partly\n", "notes.md") == ["CL105"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [] a\r\n- [ ]b\r\n", "- [ ] a\r\n- [ ] b\r\n"),
        ("* [ ] a\n*[ ] b", "* [ ] a\n* [ ] b"),
        ("> - [ ] a\n> - \\[ \\] b\n", "> - [ ] a\n> - [ ] b\n"),
        ("- [X] a\n", "- [x] a\n"),
        ("- [x]\ta\n", "- [x] a\n"),
        ("- [ ]\u00a0\u200ba\n", "- [ ] a\n"),
        ("- [x]a\n", "- [x]a\n"),
        ("- [ x] a\n", "- [ x] a\n"),
        ("- \\[x\\] a\n", "- \\[x\\] a\n"),
        ("- [x]\u00a0a\n", "- [x]\u00a0a\n"),
    ],
)
def test_safe_fixes_mend_open_boxes_and_leave_ticked_ones(before: str, after: str) -> None:
    page = mended(page_of("notes.md", before), Selection(), read, repairs=frozenset({Repair.SAFE}))
    assert page.text == after


def test_a_fix_that_would_bring_a_hidden_tick_to_light_is_not_laid_on() -> None:
    # The second line makes a list of the paragraph, and the third line's tick would appear.
    text = "Prose\n-[ ] a\n2) [x] b\n"
    page = mended(page_of("notes.md", text), Selection(), read, repairs=frozenset({Repair.SAFE}))
    assert page.text == text


def test_fixes_for_the_site_make_python_markdown_see_every_item() -> None:
    import markdown

    first = "# Release checklist\n\nBefore:\n- [ ] a\n  - [x] b\n    - [ ] c\n      ```\n      code\n      ```\n"
    text = f"{first}\n1) [ ] d\n   - [ ] e\n"
    page = mended(page_of("docs/release-checklist.md", text), Selection(), read, repairs=frozenset({Repair.SAFE}))
    shown = markdown.markdown(page.text, extensions=["pymdownx.tasklist", "pymdownx.superfences"])
    assert shown.count("task-list-item") >= len(read(text.encode()).items) == len(page.checklist.items) == 5
    assert [one.finding.code for one in check(page, Selection(select=("CL1",)))] == []


# --- severity -------------------------------------------------------------------------------------------------------


def weights(text: str, path: str = "checklists/release-checklist.md") -> dict[str, Severity]:
    return {one.finding.code: one.finding.severity for one in found(text, path)}


def test_a_placeholder_weighs_more_once_its_item_is_ticked() -> None:
    assert weights(f"{HEAD}- [ ] Call [Contact]\n") == {"CL401": Severity.WARNING}
    assert weights(f"{HEAD}- [x] Call [Contact]\n") == {"CL401": Severity.ERROR}


def test_a_placeholder_weighs_more_once_the_list_says_complete() -> None:
    text = f"{HEAD}- [x] Tests pass\n\n**Status**: Complete\n**Release Date**: TBD\n"
    assert weights(text) == {"CL402": Severity.ERROR}


def test_a_hole_outside_items_and_facts_weighs_no_more_once_it_is_over() -> None:
    done = f"{HEAD}- [x] Tests pass\n\n**Status**: Complete\n\n"
    assert weights(f"{done}Watching is built, its wiring TBD.\n") == {"CL402": Severity.WARNING}
    assert weights(f"{done}| Metric | Actual |\n|---|---|\n| Errors | TBD |\n") == {"CL402": Severity.WARNING}
    plan = "# Harbour 1.0.0\n\n**Date**: TBD\n\n- [ ] Faster (TBD)\n\n## Tagging\n\n**Started**: TBD\n"
    assert {one.finding.severity for one in found(plan, "releases/v1.0.0.md")} == {Severity.WARNING}
    started = f"{HEAD}- [ ] Tagged\n\n**Started**: TBD\n"
    assert weights(started, "releases/v1.0.0-checklist.md") == {"CL402": Severity.WARNING}
    at_its_head = "# Release checklist\n\n**Date**: TBD\n\n## Testing\n\n- [ ] Tests pass\n"
    assert weights(at_its_head, "releases/v1.0.0.md") == {"CL402": Severity.ERROR}


def test_a_word_in_quotes_or_said_to_be_absent_is_spoken_of() -> None:
    assert codes(f"{HEAD}- [x] No [NEEDS_CLARIFICATION] markers remain\n- [x] No TODO is left\n") == []
    assert codes(f'{HEAD}- [x] No "TBD" is left\n- [x] No “TODO” either\n') == []


def test_a_placeholder_weighs_more_once_its_release_is_tagged() -> None:
    text = f"{HEAD}- [ ] Call [Contact]\n"
    assert weights(text, "checklists/v1.0.0.md") == {"CL401": Severity.ERROR}
    assert weights(text, "checklists/v1.1.0.md") == {"CL401": Severity.WARNING}


def test_an_impossible_date_weighs_more_once_it_is_no_draft_any_more() -> None:
    text = f"{HEAD}- [ ] Signed on 2026-02-30\n"
    assert weights(text) == {"CL403": Severity.WARNING}
    assert weights(text.replace("[ ]", "[x]")) == {"CL403": Severity.ERROR}
    assert weights(text, "checklists/v1.0.0.md") == {"CL403": Severity.ERROR}
    complete = f"{HEAD}- [x] Tests pass\n\n**Status**: Complete\n**Release Date**: 2026-02-30\n"
    assert weights(complete) == {"CL403": Severity.ERROR}


def test_a_date_weighs_more_in_the_section_that_says_complete_alone() -> None:
    done = "- [x] Tests pass\n\n**Status**: Complete\n\nDone on 2026-02-28.\n"
    text = f"{HEAD}{done}\n## Release\n\n- [ ] Announced on 2026-02-30\n\n## Later\n\n- [ ] Looked back\n"
    assert weights(text) == {"CL403": Severity.WARNING}
    assert weights(text.replace("02-28", "02-31").replace("02-30", "02-28")) == {"CL403": Severity.ERROR}


def test_a_command_of_a_living_list_says_how_each_time_anew() -> None:
    assert weights(f"{HEAD}- [x] Tag (`git tag vX.Y.Z`)\n") == {"CL401": Severity.INFO}
    assert weights(f"{HEAD}- [x] Tag (`git tag vX.Y.Z`) by [Contact]\n") == {"CL401": Severity.ERROR}
    assert weights(f"{HEAD}- [x] Tag (`git tag vX.Y.Z`)\n", "checklists/v2.0.0.md") == {"CL401": Severity.ERROR}


def test_a_living_list_may_say_what_a_version_looks_like() -> None:
    assert weights(f"{HEAD}- [ ] Select the tag vX.Y.Z\n") == {"CL401": Severity.INFO}
    assert weights(f"{HEAD}- [x] Tagged vX.Y.Z\n") == {"CL401": Severity.ERROR}
    assert weights(f"{HEAD}- [ ] Select the tag vX.Y.Z\n", "checklists/v2.0.0.md") == {"CL401": Severity.WARNING}


def test_code_that_says_what_to_replace_is_no_hole() -> None:
    text = f"{HEAD}- [x] Change `## 1.0 - TBD` to `## 1.0 - YYYY-MM-DD`\n"
    assert weights(text, "checklists/v1.0.0.md") == {"CL401": Severity.INFO, "CL402": Severity.INFO}
    assert codes(f"{HEAD}- [ ] Wiki links (`[[link]]`) work\n") == []


def test_a_template_with_a_version_in_its_name_may_have_holes() -> None:
    assert codes(f"{HEAD}- [ ] Call [Contact]\n", "checklists/release-template-v1.0.0.md") == []


def test_a_claim_speaks_for_its_section_or_for_the_whole_where_it_heads_or_closes() -> None:
    built, testing = "## Build\n\n{}- [x] Built\n\n", "## Testing\n\n- [ ] Tests pass\n"
    claim, head = "**Status**: Complete\n\n", "# Release checklist\n\n"
    assert codes(head + built.format(claim) + testing) == []
    assert codes(head + claim + built.format("") + testing) == ["CL504"]
    assert codes(head + built.format("") + testing + "\n" + claim) == ["CL504"]
    assert codes(head + "## Summary\n\n" + claim + built.format("") + testing) == ["CL504"]
    assert codes(head + built.format("") + testing + "\n## Notes\n\n" + claim) == ["CL504"]
    assert codes("# Summary of phase 2\n\n" + claim + built.format("") + testing, "docs/phase-2.md") == []
    assert codes("# Release readiness 1.0\n\n" + claim + built.format("") + testing, "docs/1.0.md") == ["CL504"]
    assert codes("# Release 1.0\n\n" + claim + built.format("") + testing, "docs/1.0.md") == []
    assert codes(head + "## Change log status\n\n" + claim + built.format("") + testing) == []
    assert codes(head + built.format("") + testing + "\n## Close\n\n- [x] Closed\n\n" + claim) == []


@pytest.mark.parametrize(
    "claim",
    [
        "**Research Status**: Complete",
        "**Plan Status**: Done",
        "**Status**: Complete, alerts deferred",
        "**Status**: Approved",
        "**Status**: Ready for release",
        "**Status**: 80% complete",
    ],
)
def test_what_does_not_say_that_all_is_done_claims_nothing(claim: str) -> None:
    assert codes(f"# Release checklist\n\n{claim}\n\n## Testing\n\n- [ ] Tests pass\n") == []


@pytest.mark.parametrize(
    "left", ["## Known gaps\n\n- [ ] Fuzzing", "- [ ] Load test (blocked)", "- [ ] Fuzzing - future enhancement"]
)
def test_what_is_left_for_later_is_not_claimed_to_be_done(left: str) -> None:
    done = "# Release checklist\n\n**Status**: Complete\n\n## Testing\n\n- [x] Tests pass\n\n"
    assert codes(f"{done}{left}\n") == []


def test_a_document_that_is_written_does_not_say_that_its_boxes_are_done() -> None:
    text = "# Release checklist\n\n## Testing\n\n- [ ] Tests pass\n- [x] {}\n"
    assert codes(text.format("Rollback checklist complete")) == []
    assert codes(text.format("Checklist complete")) == ["CL504"]
    assert codes(text.format("All checklist items in the design are complete")) == []
    assert codes(text.format("All items of this checklist are complete")) == ["CL504"]


def test_a_title_may_name_other_versions_beside_its_own() -> None:
    text = "# Release checklist: from v1.1.0 to v1.2.0\n\n## Testing\n\n- [ ] Tests pass\n"
    assert codes(text, "checklists/v1.2.0.md") == []
    assert codes(text, "checklists/v1.3.0.md") == ["CL404"]


def test_placeholders_are_said_once_per_section_and_not_in_templates() -> None:
    text = f"{HEAD}- [ ] Call [Contact]\n- [ ] Mail [Contact]\n\n## Security\n\n- [ ] Ask [Contact]\n"
    assert codes(text) == ["CL401", "CL401"]
    assert codes(text, "templates/release-checklist.md") == []


def test_a_roadmap_owes_nobody_a_date() -> None:
    assert codes("# Roadmap\n\n## Later\n\n## Soon\n\n- [ ] Faster (TBD)\n", "ROADMAP.md") == []


# --- items and tables -----------------------------------------------------------------------------------------------


def test_the_same_words_under_other_parents_or_labels_are_other_items() -> None:
    assert codes("- [ ] Linux\n    - [ ] Built\n- [ ] Windows\n    - [ ] Built\n", "notes.md") == []
    assert codes("Linux:\n\n- [ ] Built\n\nWindows:\n\n- [x] Built\n", "notes.md") == []
    assert codes("1. Linux\n    - [ ] Built\n2. Windows\n    - [x] Built\n", "notes.md") == []
    assert codes("- [x] Gate\n    - name: a\n- [x] Gate\n    - name: b\n", "notes.md") == []


def test_a_command_may_be_run_again_after_other_steps() -> None:
    assert codes("- [ ] Run `make check`\n- [ ] Merge\n- [ ] Run `make check`\n", "notes.md") == []
    assert codes("- [ ] Run `make check`\n- [ ] Run `make check`\n", "notes.md") == ["CL201"]
    assert codes("- [ ] Run `make check`\n- [ ] Merge\n- [x] Run `make check`\n", "notes.md") == ["CL202"]


def test_alternatives_may_stay_open() -> None:
    assert codes("1. [x] If rollback:\n    - [ ] Deploy the previous image\n", "notes.md") == []
    assert codes("- [x] Announce\n    - [ ] Blog post (optional)\n", "notes.md") == []
    assert codes("- [x] Announce\n    - [ ] ~~Blog post~~ nobody reads it\n", "notes.md") == []
    assert codes("- [x] Announce\n    - [ ] Blog post (skipped this time)\n", "notes.md") == []
    assert codes("- [x] Announce\n    - [ ] Blog post [I chose not to]\n", "notes.md") == []
    assert codes("- [x] Announce\n    - [ ] Blog post (once we are live)\n", "notes.md") == []
    assert codes("- [x] Announce\n    - [ ] 博客（待补充）\n", "notes.md") == []  # noqa: RUF001 -- as people type them
    assert codes("- [x] Announce\n    - [ ] And answered\n", "notes.md") == []
    assert codes("- [x] Annoncer\n    - [ ] Article de blog reporté\n", "notes.md") == []
    assert codes("- [x] Protect\n    - [ ] Allow bypass — **leave unchecked**\n", "notes.md") == []
    assert codes("# Task lists\n\n## Examples\n\n- [x] foo\n    - [ ] bar\n", "notes.md") == []
    assert codes("- [x] Announce\n    - [ ] Confirm that no test is skipped\n", "notes.md") == ["CL203"]
    assert codes("- [x] Announce\n    - [ ] Read by [Dana](https://example.org/dana)\n", "notes.md") == ["CL203"]


@pytest.mark.parametrize(
    "child",
    [
        "Optionally the whole suite: `npm test`",
        "**REQUIRED if this patch touches the proxy:** run it against the real one",
        "**Relay (when a key is at hand):** `npm run relay`",
        "When the key is available: run `npm run relay`",
    ],
)
def test_a_child_that_waits_for_something_may_stay_open(child: str) -> None:
    assert codes(f"{HEAD}- [x] Tests pass\n    - [ ] {child}\n") == []


def test_a_child_that_says_more_below_or_another_way_that_was_gone_fails_nobody() -> None:
    told = "- [x] Deployment\n    - [ ] Hook to the build server\n        - it is not open to the public\n"
    other = "- [x] Tests\n    - [ ] Automated\n    - [x] If there is no runner, checked by hand\n"
    assert weights(HEAD + told) == {"CL203": Severity.WARNING}
    assert codes(HEAD + other) == []


def test_answers_to_a_question_fail_nobody() -> None:
    quiz = "## **What is a black-box test?**\n\n-[ ] One by the specification\n-[ ] One by the code\n"
    assert weights(quiz, "quiz.md") == {"CL102": Severity.WARNING}
    assert weights(quiz.replace("?", ""), "quiz.md") == {"CL102": Severity.ERROR}


def test_a_key_among_keys_is_no_padded_mark() -> None:
    assert (
        codes("* [d] - move the state\n* [shift] + [d] - move it by ten\n* [x ] - delete the state\n", "keys.md") == []
    )
    assert codes("* [ ] Move\n* [x ] Delete\n", "tasks.md") == ["CL103"]


def test_a_heading_right_below_the_title_is_its_second_line() -> None:
    text = "# Deployment guide\n## From the laptop to the cloud\n\n## Build\n\n- [ ] Built\n{}\n"
    assert codes(text.format("")) == codes(text.format("\n## Stop here until it is green.\n")) == []
    assert codes(text.format("\n## Notes\n")) == ["CL206"]


def test_states_weigh_less_where_nobody_signs_by_them() -> None:
    halves = "# Provider strategy\n\n- [x] Identifier field\n    - [ ] Same on input and output\n"
    twice = "# Provider strategy\n\n- [x] Identifier field\n- [ ] Identifier field\n"
    assert weights(halves, "design/provider.md") == {"CL203": Severity.WARNING}
    assert weights(halves) == weights(halves, "docs/qa-checklist.md") == {"CL203": Severity.ERROR}
    assert weights(twice, "design/provider.md") == {"CL202": Severity.WARNING}
    assert weights(twice) == {"CL202": Severity.ERROR}


def test_a_status_weighs_most_where_it_is_surely_of_the_boxes() -> None:
    claim, rest = "**{}**: Complete\n\n", "## Testing\n\n- [ ] Tests pass\n"
    head = f"# Release checklist\n\n{claim}{rest}"
    own = "checklists/v2.0.0.md"
    assert weights(head.format("Status"), own) == {"CL504": Severity.ERROR}
    assert weights(head.format("Status")) == {"CL504": Severity.WARNING}
    assert weights(head.format("Checklist status")) == {"CL504": Severity.ERROR}
    assert weights(f"# Release checklist\n\n{rest}\n{claim}".format("Status"), own) == {"CL504": Severity.WARNING}


def test_numbers_of_a_kept_table_are_mended_safely_and_its_notes_stay() -> None:
    table = "| Category | Items | Completed | Notes |\n|---|---|---|---|\n| Testing | 9 | 9 | ask Ben \\| Dana |\n"
    marked = f"{HEAD}- [x] a\n- [ ] b\n\n<!-- checktrail:completion -->\n{table}<!-- /checktrail:completion -->\n"
    page = page_of("checklists/release-checklist.md", marked)
    after = mended(page, Selection(), read, repairs=frozenset({Repair.SAFE}))
    assert "| Testing | 2 | 1 | ask Ben \\| Dana |" in after.text
    loose = page_of("checklists/release-checklist.md", f"{HEAD}- [x] a\n- [ ] b\n\n{table}")
    assert mended(loose, Selection(), read, repairs=frozenset({Repair.SAFE})).text == loose.text
    assert "| 2 | 1 |" in mended(loose, Selection(), read, repairs=frozenset(Repair)).text


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("| Testing | 9 | 9 |", ["CL301"]),
        ("| Testing | 1 | 1 |\n| Apps | 4 | 0 |", ["CL303"]),
        ("| Testing | 1 | 1 |\n| 1. Build | 9 | 9 |", []),
        ("| Testing | 9 | 9 |\n| Android | 4 | 0 |\n| iOS | 4 | 0 |\n| Total | 17 | 9 |", []),
    ],
)
def test_a_table_counts_boxes_when_most_of_its_rows_name_sections_that_hold_some(
    rows: str, expected: list[str]
) -> None:
    table = f"\n## 1. Build & tools\n\nBy hand.\n\n## Summary\n\n| Part | Items | Completed |\n|---|---|---|\n{rows}\n"
    assert codes(f"{HEAD}- [x] Unit tests pass\n{table}") == expected


def test_conflict_markers_are_found() -> None:
    text = f"{HEAD}<<<<<<< HEAD\n- [ ] Tests pass\n=======\n- [x] Tests pass\n>>>>>>> branch\n"
    assert "CL202" in codes(text)


# --- suppression ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "- [] a <!-- checktrail: ignore CL101 because we say so -->\n",
        "<!-- checktrail: ignore CL101 because we say so -->\n\n- [] a\n",
        "<!-- checktrail: ignore CL1, CL2 because y -->\n- [] a\n-[ ] b <!-- checktrail: ignore CL1 because z -->\n",
        "<!-- checktrail: ignore-file CL101 because we say so -->\n\n- [ ] a\n- [] b\n- [] c\n",
    ],
)
def test_a_finding_is_answered_with_a_reason(text: str) -> None:
    assert [code for code in codes(text, "notes.md") if code != "CL001"] == []


def test_a_suppression_speaks_for_its_place_alone() -> None:
    assert codes("- [] a <!-- checktrail: ignore CL101 because why -->\n- [] b\n", "notes.md") == ["CL101"]
    assert codes("- [] a\n\n`<!-- checktrail: ignore CL101 because why -->`\n", "notes.md") == ["CL101"]


def test_unused_is_said_only_of_rules_that_ran() -> None:
    page = page_of("notes.md", "- [ ] a <!-- checktrail: ignore CL101 because why -->\n")
    assert [one.finding.code for one in check(page, Selection())] == ["CL001"]
    assert check(page, Selection(ignore=("CL101",))) == ()
    page = page_of("notes.md", "- [ ] a <!-- checktrail: ignore CL601 because why -->\n")
    assert check(page, Selection()) == ()


# --- the command line -----------------------------------------------------------------------------------------------


def test_files_can_be_checked_without_a_repository(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("- [] a\n")
    run = lint(tmp_path, "a.md")
    assert code_of(run) == 1
    assert "CL101" in run.output
    assert code_of(lint(tmp_path)) == 2
    assert code_of(lint(tmp_path, "none.md")) == 2


def test_warnings_fail_only_when_strict(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("- [ ] a\n- [v] b\n")
    assert code_of(lint(tmp_path, "a.md")) == 0
    assert code_of(lint(tmp_path, "a.md", "--strict")) == 1
    assert code_of(lint(tmp_path, "a.md", "--strict", "--ignore", "CL105")) == 0
    assert code_of(lint(tmp_path, "a.md", "--select", "CL9")) == 2


@pytest.mark.parametrize("form", ["text", "concise", "json", "github", "gitlab", "junit", "sarif", "markdown"])
def test_the_exit_code_is_the_same_in_every_form(tmp_path: Path, form: str) -> None:
    (tmp_path / "bad.md").write_text("- [] a\n")
    (tmp_path / "good.md").write_text("- [ ] a\n")
    assert code_of(lint(tmp_path, "bad.md", "--format", form)) == 1
    assert code_of(lint(tmp_path, "good.md", "--format", form)) == 0


def test_weights_are_coloured_only_where_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    (tmp_path / "a.md").write_text("- [] a\n")
    plain = lint(tmp_path, "a.md").stdout
    assert "\x1b" not in plain
    runner = CliRunner()
    arguments = ["--color", "always", "-C", str(tmp_path), "lint", "a.md"]
    painted = runner.invoke(group, arguments, standalone_mode=False, color=True).stdout
    assert re.sub(r"\x1b\[\d*m", "", painted) == plain
    assert "\x1b[31merror\x1b[0m" in painted


def test_the_document_keeps_its_schema(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("- [] a\n- [x]b\n\n<!-- checktrail: ignore CL101 -->\n")
    document = json.loads(lint(tmp_path, "a.md", "--format", "json").stdout)
    schema = json.loads((Path(__file__).parent.parent / "generator/checktrail/schemas/lint-1.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["summary"] == {"errors": 2, "warnings": 1, "infos": 0, "fixable": 2}
    assert document["findings"][0] == {
        "code": "CL101",
        "name": "empty-brackets",
        "severity": "error",
        "path": str(tmp_path / "a.md"),
        "line": 1,
        "column": 3,
        "message": "`[]` is no box: GitHub wants a blank in it, `[ ]`",
        "fix": "safe",
    }


def test_fixes_are_written_and_shown(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    target.write_bytes(b"- [] a\r\n- [x]b\r\n- [ ] [NAME] c\r\n")
    run = lint(tmp_path, "a.md", "--diff")
    assert code_of(run) == 0
    assert "+- [ ] a" in run.output
    assert target.read_bytes() == b"- [] a\r\n- [x]b\r\n- [ ] [NAME] c\r\n"
    assert code_of(lint(tmp_path, "a.md", "--fix")) == 1
    assert target.read_bytes() == b"- [ ] a\r\n- [x]b\r\n- [ ] [NAME] c\r\n"
    assert code_of(lint(tmp_path, "a.md", "--fix", "--unsafe-fixes", "--set", "NAME=Dana")) == 0
    assert target.read_bytes() == b"- [ ] a\r\n- [x] b\r\n- [ ] Dana c\r\n"
    assert code_of(lint(tmp_path, "a.md", "--unsafe-fixes")) == 2
    assert code_of(lint(tmp_path, "a.md", "--set", "NAME=Dana")) == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", b"- [] a\r\n- [ ]b\r\n"),
        ("ä b.md", b"- [ ] \xff\x0b\x1b[31m\xe2\x80\xa8\n- [] b"),
        ('q"\t.md', b"\n\n\n- [ ] a\n\n- [ ] b\n- [] c\n\n\n\n- [X] d\n"),
        ("cr.md", b"- [ ] a\r- [] b\r- [ ] c"),
    ],
)
def test_what_diff_shows_can_be_applied(tmp_path: Path, name: str, content: bytes) -> None:
    story = Story(tmp_path).write(name, content)
    story.commit("Start", by="Ada")
    changes = lint(story.root, "--diff", "--select", "CL1").stdout_bytes
    (tmp_path / "changes").write_bytes(changes)
    story.git("apply", "--whitespace=nowarn", str(tmp_path / "changes"))
    applied = (story.root / name).read_bytes()
    (story.root / name).write_bytes(content)
    lint(story.root, "--fix", "--select", "CL1")
    assert applied == (story.root / name).read_bytes() != content


def test_reports_are_written_beside_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("- [] a\n")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run = lint(tmp_path, "a.md", "-o", "out.txt", "--report", "sarif=a.sarif", "--report", "junit=a.xml")
    assert run.stdout == ""
    assert "CL101" in (tmp_path / "out.txt").read_text()
    assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "a.xml").read_text().startswith("<?xml")
    assert summary.read_text().startswith("before\n### checktrail lint: 1 error")
    assert code_of(lint(tmp_path, "a.md", "--report", "sarif")) == 2
    assert code_of(lint(tmp_path, "a.md", "-o", "no/such/folder/out.txt")) == 2


def test_a_repository_is_checked_whole_with_its_settings(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("checklists/release-checklist.md", f"{HEAD}- [] a\n- [ ] Call [Contact]\n")
    story.write("docs/old.md", "- [] a\n").write("notes.md", "- [] a\n").commit("Start", by="Ada")
    (story.root / "untracked.md").write_text("- [] a\n")
    assert lint(story.root, "--format", "concise").output.count("CL101") == 3
    (story.root / "checktrail.toml").write_text(
        '[lint]\nignore = ["CL4"]\n[lint.per-file-ignores]\n"docs/*" = ["CL1"]\n[lint.severity]\nCL101 = "warning"\n'
        '[checklists]\nexclude = ["notes.md"]\n'
    )
    run = lint(story.root, "--format", "concise")
    (line,) = run.output.splitlines()
    assert line.startswith("checklists/release-checklist.md:5:3: warning CL101 ")
    assert code_of(run) == 0


def test_findings_are_the_same_from_the_store(tmp_path: Path) -> None:
    story = Story(tmp_path).write("checklists/release-checklist.md", f"{HEAD}- [] a\n- [x] [Contact]\n")
    story.commit("Start", by="Ada")
    first, second = lint(story.root, "--format", "json"), lint(story.root, "--format", "json")
    assert first.output == second.output
    assert (tmp_path / "cache").is_dir()
    story.tag("v1.0.0")
    story.write("checklists/v1.0.0.md", f"{HEAD}- [ ] Call [Contact]\n").commit("More", by="Ada")
    assert '"error"' in lint(story.root, "--format", "json", "--select", "CL401", "checklists").output


def test_files_are_named_as_they_were_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.md").write_text("- [] a\n")
    monkeypatch.chdir(tmp_path)
    assert lint(Path("sub"), "a.md", "--format", "concise").output.startswith("a.md:1:3:")
    assert code_of(lint(Path("sub"), "a.md", "--fix")) == 0
    assert (tmp_path / "sub" / "a.md").read_text() == "- [ ] a\n"


def test_an_attribute_that_keeps_both_states_is_warned_of(tmp_path: Path) -> None:
    story = Story(tmp_path).write("checklists/a.md", "- [ ] a\n").write(".gitattributes", "*.md merge=union\n")
    story.commit("Start", by="Ada")
    run = lint(story.root)
    assert "merge=union for *.md keeps both" in run.output
    assert code_of(run) == 0
    story.write(".gitattributes", "*.txt merge=union\n*.md text\n")
    assert "union" not in lint(story.root).output


def test_a_bare_repository_is_checked_at_its_head(tmp_path: Path) -> None:
    story = Story(tmp_path).write("a.md", "- [] a\n")
    story.commit("Start", by="Ada")
    story.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    run = lint(tmp_path / "bare.git", "--format", "concise")
    assert run.output.startswith("a.md:1:3:")
    assert code_of(lint(tmp_path / "bare.git", "--fix")) == 2


def test_installed_software_is_nobodys_to_mend(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("node_modules/a/TODO.md", "- [] a\n").write("notes.md", "- [] b\n").commit("Start")
    output = lint(story.root, "--format", "concise").output
    assert [line.partition(":")[0] for line in output.splitlines()] == ["notes.md"]


def test_what_a_test_is_about_fails_nobody_and_is_not_mended(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("tests/fixtures/tasks.md", "- [] a\n- [ ] b\n").commit("Start")
    run = lint(story.root, "--fix", "--format", "concise")
    assert (code_of(run), run.stdout.count("CL101")) == (0, 1)
    assert (story.root / "tests/fixtures/tasks.md").read_text("utf-8") == "- [] a\n- [ ] b\n"
    story.write("checktrail.toml", "[checklists]\ninclude = ['tests/fixtures/*']\n").commit("Ours")
    assert code_of(lint(story.root)) == 1


def test_a_checklist_that_git_does_not_know_yet_is_named(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("notes.md", "# Notes\n").write(".gitignore", "out/\n").commit("Start")
    for path in ("lists/a.MD", "out/b.md", "c.md"):
        (story.root / path).parent.mkdir(exist_ok=True)
        (story.root / path).write_text("words\n" if path == "c.md" else "- [ ] a\n", "utf-8")
    run = said(story.root / "lists", "lint")
    assert (run.code, run.text) == (0, "no checklist here\n")
    assert run.err == (
        "lists/a.MD was not checked: git does not know it yet\n"
        "  `git add` it first, or name it: `checktrail lint lists/a.MD`\n"
    )


def test_nesting_is_measured_by_the_indent_that_mkdocs_is_set_to(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("docs/a.md", "# A\n\n- [ ] a\n  - [ ] b\n").write("mkdocs.yml", "site_name: S\n").commit("Start")
    assert "CL113" in lint(story.root, "--format", "concise").output
    extension = "site_name: S\nmarkdown_extensions:\n  - mdx_truly_sane_lists"
    story.write("mkdocs.yml", f"{extension}\n")
    assert lint(story.root, "--format", "concise").output == ""
    story.write("mkdocs.yml", f"{extension}:\n      nested_indent: 4\n")
    assert "CL113" in lint(story.root, "--format", "concise").output


def test_a_template_of_the_settings_is_what_drift_is_measured_against(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("templates/release.md", f"{HEAD}- [ ] a test\n- [ ] another\n\n## Sign-Off\n\n- [ ] QA lead sign-off\n")
    story.write("checklists/v2.0.0.md", f"{HEAD}- [ ] a test\n").write(
        "checktrail.toml", '[lint]\ntemplate = "templates/release.md"\n'
    )
    story.commit("Start", by="Ada")
    output = lint(story.root, "--format", "concise").output
    assert [line.split()[2] for line in output.splitlines()] == ["CL501", "CL502", "CL502"]
    story.write("checktrail.toml", '[lint]\ntemplate = "nowhere.md"\n')
    assert code_of(lint(story.root)) == 2


def test_a_file_without_items_is_asked_only_for_what_was_meant_as_a_box() -> None:
    assert codes("# Notes\n\nA dash â€” here\n\n```\n- [ ] example\n```\n", "notes.md") == []
    assert codes("# Notes\n\nA dash â€” here\n\n- [] b\n", "notes.md") == ["CL101"]
    assert codes("# Notes\n\nA dash â€” here\n\n- [ ] b\n", "notes.md") == ["CL701"]


def test_what_holds_no_items_is_no_release_checklist() -> None:
    assert codes("# Changes in v1.0.0\n\n## Added\n\n#### Deep\n\nTBD\n", "releases/v0.9.0.md") == []
    assert codes("# Release checklist\n\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n") == ["CL202"] * 2
    assert codes("# Release checklist\n\n<<<<<<< GENERATED\na\n=======\nb\n>>>>>>> MANUAL\n") == []


def test_bytes_that_are_not_utf8_are_kept_by_a_fix() -> None:
    content = b"- [] a \xff\n- [ ] b \xc3\n"
    page = mended(page_of("notes.md", content), Selection(), read, repairs=frozenset({Repair.SAFE}))
    assert exact_bytes(page.text) == b"- [ ] a \xff\n- [ ] b \xc3\n"


def test_the_settings_of_the_linter_have_defaults_that_check_everything() -> None:
    assert Settings().lint.select == ()
    assert Settings().lint.ignore == ()
