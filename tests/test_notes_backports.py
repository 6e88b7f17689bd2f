"""Back-ports: is this fix in 2.4.7?"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from checktrail.cli import group
from story import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Three lines; a fix on main is carried to one of the other two, and another change to none."""
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("v2.4.0")
    story.commit("feat: more", on="2024-01-02")
    story.tag("v2.5.0")
    story.write("fix.txt", "fix")
    story.commit("fix: crash", on="2024-01-03")
    story.tag("v2.6.0")
    story.tag("fixed")
    story.branch("maint-2.4", "v2.4.0")
    story.git("cherry-pick", "-x", "fixed")
    story.tag("v2.4.1")
    return story


def run(story: Story, *arguments: str) -> str:
    answer = CliRunner().invoke(group, ["-C", str(story.root), "releases", *arguments], catch_exceptions=False)
    assert answer.exit_code == 0
    return answer.stdout


def test_the_matrix_says_which_line_has_it_since_when(story: Story) -> None:
    document = json.loads(run(story, "--backports", "--format", "json"))
    schema = json.loads(files("checktrail").joinpath("schemas/backports-1.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    (component,) = document["components"]
    assert component["lines"] == ["2.6", "2.5", "2.4"]
    (change,) = component["changes"]
    assert change["text"] == "crash"
    assert [(cell["line"], cell["tag"]) for cell in change["shipped"]] == [("2.6", "v2.6.0"), ("2.4", "v2.4.1")]
    commits = {cell["commit"] for cell in change["shipped"]}
    assert commits == {story.git("rev-parse", "fixed"), story.git("rev-parse", "v2.4.1")}


def test_one_commit_is_looked_for_in_every_line(story: Story) -> None:
    lines = [" ".join(line.split()) for line in run(story, "--contains", "fixed").splitlines()]
    pick = story.git("rev-parse", "v2.4.1")[:10]
    assert lines == [
        f"{story.git('rev-parse', 'fixed')[:10]} crash", "2.6 since v2.6.0", "2.5 no", f"2.4 since v2.4.1 as {pick}",
    ]  # fmt: skip


def test_a_change_that_was_never_carried_is_in_no_matrix(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("One")
    story.tag("v1.0")
    assert run(story, "--backports") == ""
    assert json.loads(run(story, "--backports", "--format", "json"))["components"] == []
