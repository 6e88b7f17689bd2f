"""What carries the commands to other places: pre-commit hooks, the action, workflows, the GitLab template."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from checktrail import __version__
from checktrail.cli import group, run
from checktrail.starters.setup import Asked, setup_files
from checktrail.starters.shipped import setup_text
from story import Story

ROOT = Path(__file__).parents[1]
ASKED = Asked("Harbour", "main", "github", comment=True, checklist=None, tool=__version__)
STARTERS = {
    f"starter {Path(file.path).name}": file.text
    for file in setup_files(ASKED, setup_text, has_docs=True)
    if file.path.startswith(".github/workflows/")
}
OURS = {file.name: file.read_text(encoding="utf-8") for file in sorted((ROOT / ".github/workflows").glob("*.yml"))}
WORKFLOWS = STARTERS | {name: OURS[name] for name in ("check.yml", "publish.yml", "comment.yml")}
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")


def tool(name: str) -> str:
    """A development tool beside the Python that runs the tests."""
    return str(Path(sys.executable).parent / name)


def jobs(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text)["jobs"]
    return loaded


def steps(text: str) -> Iterator[dict[str, Any]]:
    for job in jobs(text).values():
        yield from job["steps"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_asks_for_no_right_that_no_job_needs(name: str) -> None:
    assert yaml.safe_load(WORKFLOWS[name])["permissions"] == {}
    for job in jobs(WORKFLOWS[name]).values():
        asked = job["permissions"]
        assert "write" not in asked.get("contents", "")
        assert "write-all" not in str(asked)
        assert job["timeout-minutes"] <= 20


@pytest.mark.parametrize("name", [*WORKFLOWS, "action"])
def test_every_action_is_pinned_to_a_commit(name: str) -> None:
    text = ACTION if name == "action" else WORKFLOWS[name]
    for used in re.findall(r"uses: (.*)", text):
        assert used.startswith("./ #") or re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v[\d.]+", used), used


@pytest.mark.parametrize("name", [*WORKFLOWS, "action"])
def test_what_others_can_set_reaches_no_script_but_by_the_environment(name: str) -> None:
    found = yaml.safe_load(ACTION)["runs"]["steps"] if name == "action" else list(steps(WORKFLOWS[name]))
    scripts = [step.get("run", "") + str(step.get("with", {}).get("script", "")) for step in found]
    assert any(scripts)
    assert not any("${{" in script for script in scripts)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_checkout_keeps_no_credentials_and_has_the_whole_history(name: str) -> None:
    for step in steps(WORKFLOWS[name]):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
            assert step["with"]["fetch-depth"] == 0


@pytest.mark.parametrize("name", [name for name in WORKFLOWS if "comment" in name])
def test_the_comment_never_checks_the_pull_request_out(name: str) -> None:
    read, comment = (jobs(WORKFLOWS[name])[job] for job in ("read", "comment"))
    assert read["permissions"] == {"contents": "read"}
    assert comment["permissions"] == {"pull-requests": "write"}
    checkouts = [step for step in steps(WORKFLOWS[name]) if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == 1
    assert not {"ref", "repository"} & set(checkouts[0]["with"])
    assert "checkout" not in "".join(step.get("run", "") for step in steps(WORKFLOWS[name]))


@pytest.mark.parametrize("name", [*WORKFLOWS, "action", "hooks", "gitlab"])
def test_every_command_line_in_a_carrier_is_one_of_ours(name: str) -> None:
    text = {
        "action": ACTION,
        "hooks": (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"),
        "gitlab": setup_text("gitlab-ci.yml"),
    }.get(name) or WORKFLOWS[name]
    context = group.make_context("checktrail", ["status"], resilient_parsing=True)
    lines = re.findall(r'(?:^|[ /])checktrail"? ((?:lint|diff|build|table|status)\b[^\n]*)', text)
    for line in lines:
        arguments = shlex.split(line.partition(" > ")[0].partition(" >> ")[0])
        command = group.get_command(context, arguments[0])
        assert command is not None
        known = {option for parameter in command.params for option in parameter.opts}
        assert {argument.partition("=")[0] for argument in arguments if argument.startswith("--")} <= known
    assert lines or name == "action" or "publish" in name


def test_the_actions_options_are_the_linters(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path)
    story.write("checklists/release.md", "# Release\n\n- [ ] a\n").commit("Start")
    story.write("checklists/release.md", "# Release\n\n- [ ] a\n-[ ] b\n").commit("Mistake")
    script = yaml.safe_load(ACTION)["runs"]["steps"][2]["run"]
    binary = tmp_path / "checktrail/bin/checktrail"
    binary.parent.mkdir(parents=True)
    binary.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m checktrail "$@"\n')
    binary.chmod(0o755)

    def act(**given: str) -> int:
        inputs = {"BASE": "", "PATHS": "", "FORMAT": "github", "REPORT": "", "STRICT": "false"} | given
        environment = os.environ | {"RUNNER_TEMP": str(tmp_path)} | inputs
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
        return subprocess.run(command, cwd=story.root, env=environment, check=False).returncode

    assert act() == 1
    assert "::error file=checklists/release.md,line=4" in capfd.readouterr().out
    assert act(BASE="HEAD") == 0
    assert act(BASE="HEAD~1", REPORT=f"sarif={tmp_path / 'x.sarif'}") == 1
    assert (tmp_path / "x.sarif").is_file()
    assert act(PATHS="checklists/release.md\n") == 1
    assert act(PATHS=f"$(touch {tmp_path}/run)\n") == 2
    assert act(FORMAT=f'text"; touch {tmp_path}/run; "') == 2
    assert not (tmp_path / "run").exists()


HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def flawed(tmp_path: Path) -> Story:
    story = Story(tmp_path)
    kept = "<!-- checktrail:completion -->\n<!-- /checktrail:completion -->\n"
    story.write("checklists/release.md", f"# Release\n\n- [ ] a\n-[ ] b\n\n{kept}").commit("Start")
    return story


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_a_hook_fails_on_a_flaw_and_passes_once_it_is_mended(hook: dict[str, Any], flawed: Story) -> None:
    entry = shlex.split(hook["entry"])[1:]
    files = [str(flawed.root / "checklists/release.md")] if hook.get("pass_filenames", True) else []
    before = Path(flawed.root / "checklists/release.md").read_text()
    code = run(["-C", str(flawed.root), *entry, *files])
    changed = Path(flawed.root / "checklists/release.md").read_text() != before
    # pre-commit fails a hook that exits with a code and one that changes a file.
    assert code == 1 or changed
    run(["-C", str(flawed.root), "lint", "--fix"])
    run(["-C", str(flawed.root), "table", "--write"])
    assert run(["-C", str(flawed.root), *entry, *files]) == 0


def test_pre_commit_itself_runs_the_hooks(flawed: Story, tmp_path: Path) -> None:
    local = [hook | {"language": "system", "entry": f"{sys.executable} -m {hook['entry']}"} for hook in HOOKS]
    flawed.write(".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]}))
    flawed.commit("Use the hooks")
    environment = os.environ | {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    command = [tool("pre-commit"), "run", "--all-files", "--verbose"]
    done = subprocess.run(command, cwd=flawed.root, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "CL102" in done.stdout
    assert "- [ ] b\n" in (flawed.root / "checklists/release.md").read_text()


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the action and every workflow, ours and those that `init` writes."""
    root = tmp_path_factory.mktemp("carried")
    folder = root / ".github/workflows"
    folder.mkdir(parents=True)
    for name, text in WORKFLOWS.items():
        (folder / name.replace(" ", "-")).write_text(text)
    (root / "action.yml").write_text(ACTION)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


def test_zizmor_has_nothing_to_say(carried: Path) -> None:
    subprocess.run([tool("zizmor"), "--offline", "--persona", "pedantic", str(carried)], check=True)


@pytest.mark.skipif(
    not Path(tool("actionlint")).exists(), reason="actionlint's package has no binary for this platform"
)
def test_actionlint_has_nothing_to_say(carried: Path) -> None:
    done = subprocess.run([tool("actionlint")], cwd=carried, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    (carried / ".github/workflows/wrong.yml").write_text(OURS["check.yml"].replace("runs-on:", "runs-at:"))
    done = subprocess.run([tool("actionlint")], cwd=carried, check=False, capture_output=True, text=True)
    (carried / ".github/workflows/wrong.yml").unlink()
    assert done.returncode == 1
    assert '"runs-at"' in done.stdout


def test_the_gitlab_template_is_yaml_with_two_jobs_that_need_history() -> None:
    loaded = yaml.safe_load(setup_text("gitlab-ci.yml"))
    assert loaded[".checktrail"]["variables"]["GIT_DEPTH"] == "0"
    assert loaded["checklists"]["extends"] == loaded["pages"]["extends"] == ".checktrail"
