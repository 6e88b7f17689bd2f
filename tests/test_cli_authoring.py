"""The author's commands from the outside: tick, new, init, table, demo, completion, config."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from checktrail.audit.reading import read_policy
from checktrail.cli import COMMANDS, group, run
from checktrail.parse import read
from story import Story

LIST = """\
# Release

## Prepare

- [ ] Unit tests pass
- [x] Load test done
- [ ] Charts published

## Sign-off

- [ ] QA lead sign-off
"""
PATH = "checklists/release.md"
Run = Callable[..., "Outcome"]


class Outcome:
    """What a run of the command line gave."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def checktrail(capfd: pytest.CaptureFixture[str]) -> Run:
    def ran(*arguments: str) -> Outcome:
        capfd.readouterr()
        code = run(list(arguments))
        return Outcome(code, *capfd.readouterr())

    return ran


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    for key, value in {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Dana",
        "GIT_AUTHOR_EMAIL": "dana@example.org",
        "GIT_COMMITTER_NAME": "Dana",
        "GIT_COMMITTER_EMAIL": "dana@example.org",
    }.items():
        monkeypatch.setenv(key, value)
    story = Story(tmp_path)
    story.write(PATH, LIST).write("README.md", "# Readme\n").commit("Start", by="Ben", on="2024-01-01")
    return story


def content(story: Story, path: str = PATH) -> str:
    return (story.root / path).read_bytes().decode()


# --- tick -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", [f"{PATH}:5", "1.1", "unit tests", f"{PATH}:Unit"])
def test_tick_changes_one_character(story: Story, checktrail: Run, item: str) -> None:
    outcome = checktrail("-C", str(story.root), "tick", item)
    assert (outcome.code, outcome.out) == (0, f"{PATH}:5  [x] Unit tests pass\n")
    assert content(story) == LIST.replace("- [ ] Unit", "- [x] Unit")
    assert story.git("log", "--format=%s") == "Start"


def test_tick_undo_and_not_applicable(story: Story, checktrail: Run) -> None:
    assert checktrail("-C", str(story.root), "tick", "Load test", "--undo").code == 0
    assert "- [ ] Load test done\n" in content(story)
    assert checktrail("-C", str(story.root), "tick", "Charts", "--na", "no charts yet").code == 0
    assert "- [ ] ~~Charts published~~ (N/A: no charts yet)\n" in content(story)
    assert checktrail("-C", str(story.root), "tick", "Charts").code == 2


def test_a_tick_that_is_there_already_writes_nothing(story: Story, checktrail: Run) -> None:
    before = (story.root / PATH).stat().st_mtime_ns
    outcome = checktrail("-C", str(story.root), "tick", "Load test")
    assert outcome.code == 0
    assert "already" in outcome.out
    assert (story.root / PATH).stat().st_mtime_ns == before


def test_commit_makes_a_commit_of_that_file_alone_by_the_user(story: Story, checktrail: Run) -> None:
    story.write("README.md", "# Staged\n")
    outcome = checktrail("-C", str(story.root), "tick", "QA lead", "--commit")
    assert outcome.code == 0
    assert story.git("log", "-1", "--format=%an %s", "--name-only") == f"Dana Tick “QA lead sign-off”\n\n{PATH}"
    assert story.git("diff", "--cached", "--name-only") == "README.md"
    outcome = checktrail("-C", str(story.root), "tick", "QA lead", "--undo", "--commit", "-m", "Not yet")
    assert story.git("log", "-1", "--format=%s") == "Not yet"


def test_commit_takes_no_other_change_of_the_file_along(story: Story, checktrail: Run) -> None:
    edited = LIST.replace("Charts published", "Charts drawn")
    (story.root / PATH).write_text(edited)
    outcome = checktrail("-C", str(story.root), "tick", "QA lead", "--commit")
    assert outcome.code == 2
    assert "other changes" in outcome.err
    assert content(story) == edited


def test_a_hook_that_refuses_is_said_and_the_tick_stays(story: Story, checktrail: Run) -> None:
    hook = story.root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not on Fridays >&2\nexit 1\n")
    hook.chmod(0o755)
    outcome = checktrail("-C", str(story.root), "tick", "QA lead", "--commit")
    assert outcome.code == 2
    assert "not on Fridays" in outcome.err
    assert "- [x] QA lead" in content(story)


def test_several_candidates_are_listed_and_none_is_ticked(story: Story, checktrail: Run) -> None:
    story.write("checklists/v1.0.0.md", LIST).commit("Copy")
    outcome = checktrail("-C", str(story.root), "tick", "unit tests")
    assert outcome.code == 2
    assert outcome.out == ""
    assert f"{PATH}:5" in outcome.err
    assert "checklists/v1.0.0.md:5" in outcome.err
    assert content(story) == LIST


def test_a_past_release_gives_way_and_the_ticked_file_is_said(story: Story, checktrail: Run) -> None:
    story.write("checklists/v1.0.0.md", LIST).commit("Copy")
    story.tag("v1.0.0")
    outcome = checktrail("-C", str(story.root), "tick", "unit tests")
    assert (outcome.code, outcome.out) == (0, f"{PATH}:5  [x] Unit tests pass\n")
    assert f"In {PATH}; left alone: 1 more item" in outcome.err
    assert content(story, "checklists/v1.0.0.md") == LIST


def test_a_path_is_typed_from_where_one_stands(story: Story, checktrail: Run) -> None:
    folder = story.root / "checklists"
    assert checktrail("-C", str(folder), "tick", "release.md:5").code == 0
    assert checktrail("-C", str(folder), "tick", f"{story.root / PATH}:11").code == 0
    assert content(story).count("[x]") == 3


def test_a_new_file_that_git_does_not_know_is_found(story: Story, checktrail: Run) -> None:
    (story.root / "checklists/v2.0.0.md").write_text("# v2.0.0\n\n- [ ] Fresh item\n")
    assert checktrail("-C", str(story.root), "tick", "fresh item").code == 0
    outcome = checktrail("-C", str(story.root), "tick", "fresh item", "--undo", "--commit")
    assert outcome.code == 2
    assert "not in git yet" in outcome.err


def test_an_id_from_the_log_finds_its_item_after_edits_too(story: Story, checktrail: Run) -> None:
    told = json.loads(checktrail("-C", str(story.root), "log", "--format", "json").out)
    name = next(item["id"] for item in told["items"] if item["text"] == "QA lead sign-off")
    (story.root / PATH).write_text(LIST.replace("- [ ] Unit", "- [ ] New above\n- [ ] Unit"))
    assert checktrail("-C", str(story.root), "tick", name).out == f"{PATH}:12  [x] QA lead sign-off\n"
    (story.root / PATH).write_text("# Release\n")
    outcome = checktrail("-C", str(story.root), "tick", name)
    assert outcome.code == 2
    assert "has changed" in outcome.err
    assert checktrail("-C", str(story.root), "tick", "0123456789ab").code == 2


def test_the_beginning_of_an_id_will_do_where_it_is_one_items_alone(tmp_path: Path, checktrail: Run) -> None:
    story = Story(tmp_path)
    story.write(PATH, "# Release\n" + "".join(f"- [ ] Harbour no. {number}\n" for number in range(700))).commit("Many")
    told = json.loads(checktrail("-C", str(story.root), "log", "--format", "json").out)
    alike = Counter(item["id"][:4] for item in told["items"])
    shared = next(begin for begin, count in alike.items() if count > 1)
    alone = next(item for item in told["items"] if alike[item["id"][:4]] == 1)
    outcome = checktrail("-C", str(story.root), "tick", shared)
    assert outcome.code == 2
    assert f"{shared} begins the ids of {alike[shared]} items" in outcome.err
    assert outcome.err.count(f"    {shared}") == alike[shared]
    outcome = checktrail("-C", str(story.root), "tick", alone["id"][:4])
    assert outcome.out == f"{PATH}:{alone['line']}  [x] {alone['text']}\n"
    assert checktrail("-C", str(story.root), "tick", alone["id"][:3]).code == 2


def test_a_file_is_ticked_without_a_repository(tmp_path: Path, checktrail: Run) -> None:
    (tmp_path / "list.md").write_text("- [ ] a\n")
    assert checktrail("-C", str(tmp_path), "tick", "list.md:1").out == "list.md:1  [x] a\n"
    assert checktrail("-C", str(tmp_path), "tick", "a").code == 2


def test_a_link_that_leads_out_of_the_repository_is_not_followed(story: Story, checktrail: Run, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("- [ ] a\n")
    (story.root / "checklists/link.md").symlink_to(outside)
    (story.root / "folder").symlink_to(tmp_path)
    for path in ("checklists/link.md", "folder/outside.md"):
        outcome = checktrail("-C", str(story.root), "tick", f"{path}:1")
        assert outcome.code == 2
        assert "leads out of" in outcome.err
    assert outside.read_text() == "- [ ] a\n"


def test_the_mode_is_kept_and_no_draft_is_left(story: Story, checktrail: Run) -> None:
    (story.root / PATH).chmod(0o755)
    assert checktrail("-C", str(story.root), "tick", "QA lead").code == 0
    assert (story.root / PATH).stat().st_mode & 0o777 == 0o755
    assert [path.name for path in (story.root / "checklists").iterdir()] == ["release.md"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_sentence(story: Story, checktrail: Run) -> None:
    (story.root / "checklists").chmod(0o555)
    outcome = checktrail("-C", str(story.root), "tick", "QA lead")
    (story.root / "checklists").chmod(0o755)
    assert outcome.code == 2
    assert "cannot be written" in outcome.err
    assert content(story) == LIST


@pytest.mark.parametrize(
    "arguments", [("x",), ("5", "--undo", "--na", "b"), ("", ""), ("QA lead", "--na", " "), ("QA lead", "-m", "x")]
)
def test_what_cannot_be_ticked_is_exit_2_without_a_traceback(
    story: Story, checktrail: Run, arguments: tuple[str, ...]
) -> None:
    outcome = checktrail("-C", str(story.root), "tick", *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith("checktrail: ")
    assert content(story) == LIST


# --- table ----------------------------------------------------------------------------------------------------------

KEPT = f"{LIST}\n<!-- checktrail:completion -->\n<!-- /checktrail:completion -->\n"


def test_a_kept_table_is_checked_written_and_stays(story: Story, checktrail: Run) -> None:
    story.write(PATH, KEPT).commit("Keep a table")
    assert checktrail("-C", str(story.root), "table", "--check").code == 1
    assert checktrail("-C", str(story.root), "table", "--write").out == f"{PATH}: counted anew\n"
    assert "| **Total** | **4** | **1** | |\n" in content(story)
    assert checktrail("-C", str(story.root), "table", "--check").code == 0
    assert checktrail("-C", str(story.root), "tick", "QA lead").code == 0
    assert checktrail("-C", str(story.root), "table", "--check", PATH).code == 1


def test_a_file_without_markers_is_printed_and_not_written(story: Story, checktrail: Run) -> None:
    outcome = checktrail("-C", str(story.root), "table", PATH)
    assert outcome.out.startswith("| Category | Items | Completed | Notes |\n")
    assert "| Prepare | 3 | 1 | |" in outcome.out
    assert checktrail("-C", str(story.root), "table", "--write", PATH).code == 2
    assert checktrail("-C", str(story.root), "table", "--check").code == 0
    assert content(story) == LIST


# --- new ------------------------------------------------------------------------------------------------------------


def test_new_makes_a_loose_filled_checklist_and_never_overwrites(story: Story, checktrail: Run) -> None:
    story.tag("v1.0.0")
    outcome = checktrail("-C", str(story.root), "new", "v1.1.0", "--date", "2026-03-31")
    assert (outcome.code, outcome.out) == (0, "checklists/v1.1.0.md\n")
    made = content(story, "checklists/v1.1.0.md")
    assert made.startswith("# repository v1.1.0 release checklist\n")
    assert "Planned for: 2026-03-31\n" in made
    assert "Upgrades from v1.0.0 with" in made
    assert "- [ ] Unit tests pass\n\n- [ ]" in made
    again = checktrail("-C", str(story.root), "new", "v1.1.0", "--from", "hotfix")
    assert again.code == 2
    assert again.err.startswith("checktrail: checklists/v1.1.0.md is there already\n")
    assert content(story, "checklists/v1.1.0.md") == made


def test_new_takes_open_follow_ups_along(story: Story, checktrail: Run) -> None:
    story.write("checklists/v1.0.0.md", f"{LIST}\n## Follow-up\n\n- [ ] Guide corrected\n- [x] Party\n").commit("List")
    assert checktrail("-C", str(story.root), "new", "v1.1.0", "--carry-over").code == 0
    made = read((story.root / "checklists/v1.1.0.md").read_bytes())
    carried = [item.text for item in made.items if made.section_of(item).heading == "Follow-up from v1.0.0"]
    assert carried == ["Guide corrected"]


def test_new_uses_the_own_template_or_the_one_that_is_named(story: Story, checktrail: Run) -> None:
    story.write("templates/release.md", "# Our [VERSION] release\n\n- [ ] Ask [Contact] about X.Y.Z\n").commit("Own")
    assert checktrail("-C", str(story.root), "new", "v1.1.0", "--set", "contact=@mei").code == 0
    assert content(story, "checklists/v1.1.0.md") == "# Our v1.1.0 release\n\n- [ ] Ask @mei about 1.1.0\n"
    assert checktrail("-C", str(story.root), "new", "v1.2.0", "--from", PATH).code == 0
    assert checktrail("-C", str(story.root), "new", "v1.3.0", "--from", "hotfix", "--to", "a/b.md").out == "a/b.md\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("next",),
        ("../../v1.0",),
        ("v1.0.0", "--to", "../out.md"),
        ("v1.0.0", "--to", ".git/hooks/pre-commit"),
        ("v1.0.0", "--from", "nothing"),
        ("v1.0.0", "--date", "31.3.2026"),
        ("v1.0.0", "--set", "novalue"),
        (),
    ],
)
def test_what_new_cannot_do_is_exit_2_and_writes_nothing(
    story: Story, checktrail: Run, arguments: tuple[str, ...]
) -> None:
    outcome = checktrail("-C", str(story.root), "new", *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith("checktrail: ")
    assert story.git("status", "--porcelain") == ""


def test_new_lists_its_templates(checktrail: Run) -> None:
    outcome = checktrail("new", "--list")
    assert outcome.code == 0
    assert outcome.out.count("\n") == 6


# --- init -----------------------------------------------------------------------------------------------------------


def test_init_sets_a_bare_repository_up_and_leaves_what_is_there(tmp_path: Path, checktrail: Run) -> None:
    story = Story(tmp_path)
    story.write("README.md", "# Harbour\n").commit("Start")
    story.write("mkdocs.yml", "site_name: mine\n")
    outcome = checktrail("-C", str(story.root), "init")
    assert outcome.code == 0
    assert outcome.out.split("\n") == [
        "checklists/v0.1.0.md",
        "checktrail.toml",
        "docs/about.md",
        ".gitignore",
        ".github/workflows/checklists.yml",
        ".github/workflows/release-site.yml",
        "",
    ]
    assert content(story, "mkdocs.yml") == "site_name: mine\n"
    assert "mkdocs.yml is there already" in outcome.err
    assert checktrail("-C", str(story.root), "init").out == ""
    assert "Planned for: no day set yet\nLast release: the release before\n" in content(story, "checklists/v0.1.0.md")
    assert checktrail("-C", str(story.root), "lint", "--strict", "checklists").out == "nothing to remark in 1 file\n"
    assert checktrail("-C", str(story.root), "new", "v0.2.0").code == 0
    assert "Last release: v0.1.0\n" in content(story, "checklists/v0.2.0.md")


def test_init_says_what_only_people_can_fill(tmp_path: Path, checktrail: Run) -> None:
    story = Story(tmp_path)
    asked = ("--ci", "none", "--from", "service-deployment", "--date", "2026-03-31")
    assert "still to fill: [CONTACT]\n" in checktrail("-C", str(story.root), "init", *asked).err
    assert "Window: 2026-03-31\n" in content(story, "checklists/v0.1.0.md")


def test_init_makes_no_first_checklist_where_there_is_one(story: Story, checktrail: Run) -> None:
    outcome = checktrail("-C", str(story.root), "init", "--ci", "gitlab")
    assert "checklists/v0.1.0.md" not in outcome.out
    assert ".gitlab-ci.yml" in outcome.out


def test_init_drafts_a_policy_from_what_past_releases_had(tmp_path: Path, checktrail: Run) -> None:
    folder = tmp_path / "demo"
    assert checktrail("demo", str(folder)).code == 0
    (folder / "checktrail-policy.yml").unlink()
    outcome = checktrail("-C", str(folder), "init", "--ci", "none", "--policy")
    assert "checktrail-policy.yml\n" in outcome.out
    policy = read_policy((folder / "checktrail-policy.yml").read_text(encoding="utf-8"), "policy")
    assert {requirement.id for requirement in policy.requirements} >= {"qa-lead", "security-lead", "release-manager"}
    assert "stays as it is" in checktrail("-C", str(folder), "init", "--ci", "none", "--policy").err


def test_init_says_when_there_is_nothing_to_draft_a_policy_from(story: Story, checktrail: Run) -> None:
    outcome = checktrail("-C", str(story.root), "init", "--policy")
    assert outcome.code == 0
    assert "no policy is drafted" in outcome.err


@pytest.mark.build
def test_the_site_builds_at_once_after_init(tmp_path: Path, checktrail: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    story = Story(tmp_path)
    story.write("README.md", "# Harbour\n").commit("Start")
    assert checktrail("-C", str(story.root), "init").code == 0
    story.git("add", "--all")
    story.commit("Set up")
    site = tmp_path / "site"
    outcome = checktrail("-C", str(story.root), "build", "--site-dir", str(site), "--strict")
    assert outcome.code == 0, outcome.err
    assert "v0.1.0" in (site / "index.html").read_text(encoding="utf-8")


# --- demo, completion, config ---------------------------------------------------------------------------------------


def test_demo_writes_a_repository_that_the_commands_read(tmp_path: Path, checktrail: Run) -> None:
    folder = tmp_path / "demo"
    assert checktrail("demo", str(folder)).code == 0
    assert checktrail("-C", str(folder), "diff", "main...ticks-of-the-week").out.startswith("2 ticked")
    assert checktrail("demo", str(folder)).code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_its_shell_accepts(checktrail: Run, shell: str, tmp_path: Path) -> None:
    outcome = checktrail("completion", shell)
    assert outcome.code == 0
    assert "_CHECKTRAIL_COMPLETE" in outcome.out
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(outcome.out)
    subprocess.run([shell, "-n", str(script)], check=True, capture_output=True)


def test_config_shows_each_value_with_its_source_as_toml(story: Story, checktrail: Run) -> None:
    (story.root / "checktrail.toml").write_text('[site]\ntitle = "Our \\"site\\""\n')
    outcome = checktrail("-C", str(story.root), "config", "show")
    assert outcome.code == 0
    assert tomllib.loads(outcome.out)["site"]["title"] == 'Our "site"'
    assert 'title = "Our \\"site\\""  # checktrail.toml' in outcome.out
    told = json.loads(checktrail("-C", str(story.root), "config", "show", "--changed", "--format", "json").out)
    assert [(each["key"], each["source"]) for each in told["settings"]] == [("site.title", "checktrail.toml")]


def test_what_config_shows_can_be_put_into_the_file(story: Story, checktrail: Run) -> None:
    outcome = checktrail("-C", str(story.root), "config", "show")
    (story.root / "checktrail.toml").write_text(outcome.out)
    again = checktrail("-C", str(story.root), "config", "show")
    assert tomllib.loads(again.out) == tomllib.loads(outcome.out)


def test_the_settings_schema_takes_our_file_and_refuses_a_typing_error(checktrail: Run) -> None:
    schema = json.loads(checktrail("config", "schema").out)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"site": {"audience": "internal"}})
    assert not validator.is_valid({"site": {"audiense": "internal"}})
    assert not validator.is_valid({"site": {"audience": "everybody"}})


@pytest.mark.parametrize("name", ["tick", "new", "init", "table", "diff", "demo", "completion", "config"])
def test_the_list_of_commands_says_what_the_command_says(name: str) -> None:
    found = group.get_command(group.make_context("checktrail", ["status"], resilient_parsing=True), name)
    assert found is not None
    assert found.get_short_help_str(limit=200) == COMMANDS[name][1]
    assert found.help is not None
    assert found.help.strip().split("\n")[0] == COMMANDS[name][1]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_fits_a_terminal_of_eighty_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([name, "--help"]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []
