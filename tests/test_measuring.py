"""Metrics of real repositories: from tags, commits and ticks in git to figures, the document and the command."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from checktrail.cli import group, run
from checktrail.config import Settings
from checktrail.demo import write_demo
from checktrail.exports.metrics import metrics_document
from checktrail.git import Repository
from checktrail.measuring import measured, record_cycles
from checktrail.metrics import Metrics
from checktrail.metrics.cycles import Cycle, CycleItem
from checktrail.metrics.failures import Sign
from checktrail.metrics.figures import Grade
from checktrail.metrics.scope import Clue
from checktrail.metrics.worth import Judgement
from checktrail.model import State
from checktrail.record import Record, read_record
from checktrail.store import Store
from past import DAY, at, figure, left_out
from story import Story

BUNDLES = sorted((Path(__file__).parents[2] / "shared" / "corpus" / "bundles").glob("*.bundle"))
SCHEMA = json.loads(files("checktrail.schemas").joinpath("metrics-1.schema.json").read_text(encoding="utf-8"))

LIST = """\
# Release checklist

## Preparation

- [ ] Tests pass
- [ ] Change log written
- [ ] Old platform tried (if applicable)

## Sign-off

- [ ] QA lead sign-off

## Deployment

- [ ] Deployed to production

## Rollback procedure

- [ ] Redeploy the previous version
"""
PATH = "checklists/release.md"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    return Store.open()


def record_of(story: Story, store: Store) -> Record:
    return read_record(Repository.open(story.root), Settings(), store)


def metrics_of(story: Story, store: Store) -> Metrics:
    return measured(Repository.open(story.root), record_of(story, store))


def of_tag(record: Record, tag: str) -> Cycle:
    return next(cycle for cycle in record_cycles(record)[0] if cycle.tag == tag)


def items_of(cycle: Cycle) -> list[CycleItem]:
    return cycle.those(lambda _: True)


def living(tmp_path: Path) -> Story:
    """A living list through three releases, reset between them; the second one is rolled back; a third cycle is on."""
    story = Story(tmp_path)
    story.write(PATH, LIST).commit("Begin", on="2024-01-01")
    for number, month in enumerate(("01", "02", "03")):
        story.tick(PATH, "Tests pass").commit("Tests", by="Ben", on=f"2024-{month}-10")
        story.tick(PATH, "Change log").commit("Log", by="Ben", on=f"2024-{month}-11")
        story.tick(PATH, "QA lead").commit("Sign", by="Dana", on=f"2024-{month}-12")
        story.tag(f"v1.{number}", message="Release", on=f"2024-{month}-13")
        story.tick(PATH, "Deployed").commit("Deployed", by="Eli", on=f"2024-{month}-14")
        if number == 1:
            story.tick(PATH, "Redeploy").commit("Roll back", by="Eli", on=f"2024-{month}-16")
        story.write(PATH, LIST).commit("Reset", on=f"2024-{month}-25")
    story.tick(PATH, "Tests pass").commit("Tests", by="Ben", on="2024-04-02")
    return story


def test_a_living_list_gives_each_release_its_own_ticks(tmp_path: Path, store: Store) -> None:
    found = metrics_of(living(tmp_path), store)
    assert [(release.tag, release.clue, release.at) for release in found.releases] == [
        (f"v1.{number}", Clue.DEPLOYED, at(f"2024-0{number + 1}-14")) for number in range(3)
    ]
    assert {release.process_time for release in found.releases} == {4 * DAY}
    assert figure(found, "signoff-latency-median", "QA lead").value == DAY
    assert figure(found, "late-signoffs").value == 0


def test_a_rollback_belongs_to_the_release_it_rolled_back(tmp_path: Path, store: Store) -> None:
    found = metrics_of(living(tmp_path), store)
    assert [(one.tag, [sign.sign for sign in one.evidence]) for one in found.failures] == [("v1.1", [Sign.ROLLED_BACK])]
    assert figure(found, "failed-deployment-recovery-time-median").value == 2 * DAY
    assert figure(found, "change-fail-rate").value == pytest.approx(1 / 3)
    assert figure(found, "change-fail-rate").grade is Grade.DECLARED


def test_without_a_reset_a_tick_after_the_tag_counts_for_one_release_only(tmp_path: Path, store: Store) -> None:
    story = Story(tmp_path)
    story.write(PATH, LIST).commit("Begin", on="2024-01-01")
    story.tag("v1.0", message="Release", on="2024-01-02")
    story.tick(PATH, "Redeploy").commit("Roll back", on="2024-01-03")
    story.tick(PATH, "Deployed").commit("Deployed again", on="2024-01-04")
    story.tag("v1.1", message="Release", on="2024-02-01")
    found = metrics_of(story, store)
    assert [one.tag for one in found.failures] == ["v1.0"]
    assert [release.clue for release in found.releases] == [Clue.DEPLOYED, Clue.TAGGED]


def test_habits_and_worth_run_through_the_resets_of_a_living_list(tmp_path: Path, store: Store) -> None:
    story = living(tmp_path)
    record, found = record_of(story, store), metrics_of(story, store)
    by_text = {item.asked.text: found.habits.get(item.item) for item in items_of(record_cycles(record)[1][0])}
    tests = by_text["Tests pass"]
    assert tests is not None
    assert tests.sentence == "usually Ben, 3 days before the tag, 3 of 3"
    assert by_text["Old platform tried (if applicable)"] is None
    worth = {one.text: one.judgement for one in found.worth}
    assert worth["Tests pass"] is Judgement.SOUND
    assert worth["Old platform tried (if applicable)"] is Judgement.NEVER_APPLIES
    assert worth["Redeploy the previous version"] is Judgement.UNKNOWN


def test_releases_that_ask_the_same_share_what_they_ask(tmp_path: Path, store: Store) -> None:
    story = living(tmp_path)
    story.tag("v1.3", message="Release", on="2024-04-03")
    story.write(PATH, LIST.replace("Tests pass", "Tests pass twice")).commit("Reword", on="2024-04-04")
    story.tag("v1.4", message="Release", on="2024-04-05")
    *alike, reworded = (cycle.roll for cycle in record_cycles(record_of(story, store))[0])
    assert len(alike) == 4
    assert len(set(alike)) == 1
    assert reworded.asked[0].text == "Tests pass twice"


def test_the_burn_up_is_that_of_the_cycle_since_the_reset(tmp_path: Path, store: Store) -> None:
    found = metrics_of(living(tmp_path), store)
    assert [(step.at, step.required, step.ticked) for step in found.burn_up] == [(at("2024-04-02"), 3, 1)]


def test_a_patch_of_an_older_line_begins_no_cycle_here(tmp_path: Path, store: Store) -> None:
    story = Story(tmp_path)
    story.write(PATH, LIST).commit("Begin", on="2024-01-01")
    story.tag("v1.0", message="Release", on="2024-01-02")
    story.tick(PATH, "Tests pass").commit("Tests", on="2024-01-03")
    story.write(PATH, LIST).commit("Reset", on="2024-01-10")
    story.tick(PATH, "Tests pass").commit("Tests", on="2024-02-01")
    story.tag("v2.0", message="Release", on="2024-02-02")
    story.branch("one", "v1.0").commit("Fix", on="2024-03-01")
    story.tag("v1.0.1", message="Release", on="2024-03-02")
    story.checkout("main")
    assert record_cycles(record_of(story, store))[1] == ()
    assert metrics_of(story, store).burn_up == ()


@pytest.mark.parametrize("path", ["checklists/v{}.md", "checklists/release.md"])
def test_items_of_one_list_that_differ_in_a_number_are_two(tmp_path: Path, store: Store, path: str) -> None:
    story = Story(tmp_path)
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        boxes = "- [x] Tests pass on Python 3.11\n- [ ] Tests pass on Python 3.12\n"
        story.write(path.format(version), f"# Release\n\n## Preparation\n\n{boxes}\nRelease {version}\n")
        story.commit("Start")
        story.tag(f"v{version}", message="Release")
    found = {one.text[-4:]: (one.releases, one.open) for one in metrics_of(story, store).worth}
    assert found == {"3.11": (3, 0), "3.12": (3, 3)}


def test_lists_of_their_own_are_kin_by_copy_and_by_words(tmp_path: Path, store: Store) -> None:
    story = Story(tmp_path)
    for number in range(4):
        path = f"checklists/v1.{number}.0.md"
        text = LIST.replace("Release checklist", f"Release v1.{number}.0").replace(
            "Tests pass", f"Tests of 1.{number}.0 pass"
        )
        story.write(path, text).commit("Start", on=f"2024-0{number + 1}-01")
        story.tick(path, "Tests of").commit("Tests", by="Ben", on=f"2024-0{number + 1}-05")
        story.tick(path, "QA lead").commit("Sign", by="Dana", on=f"2024-0{number + 1}-06")
        if number < 3:
            story.tag(f"v1.{number}.0", message="Release", on=f"2024-0{number + 1}-07")
            story.tick(path, "Change log").commit("Late", by="Ben", on=f"2024-0{number + 1}-09")
    story.write("checklists/v2.0.0.md", LIST.replace("Release checklist", "Release v2.0.0")).commit(
        "Plan", on="2024-05-01"
    )
    found = metrics_of(story, store)
    rows = {one.text: one for one in found.worth}
    assert rows["Tests of 1.2.0 pass"].releases == 3
    assert rows["Change log written"].judgement is Judgement.ALWAYS_LATE
    current, later = record_cycles(record_of(story, store))[1]
    assert {item.asked.path for item in items_of(later)} == {"checklists/v2.0.0.md"}
    assert [found.habits[item.item].who for item in items_of(later) if "QA lead" in item.asked.text] == ["Dana"]
    assert {item.asked.path for item in items_of(current)} == {"checklists/v1.3.0.md"}
    habits = {
        item.asked.text: found.habits[item.item].sentence for item in items_of(current) if item.item in found.habits
    }
    assert habits == {
        "Tests of 1.3.0 pass": "usually Ben, 2 days before the tag, 3 of 3",
        "Change log written": "usually Ben, 2 days after the tag, 3 of 3",
        "QA lead sign-off": "usually Dana, 1 day before the tag, 3 of 3",
    }


def test_boxes_born_ticked_have_no_act(tmp_path: Path, store: Store) -> None:
    story = Story(tmp_path)
    story.write(PATH, LIST.replace("[ ]", "[x]", 2)).commit("Begin", on="2024-01-01")
    story.tag("v1.0", message="Release", on="2024-01-02")
    items = items_of(of_tag(record_of(story, store), "v1.0"))
    assert [item.at_tag for item in items[:2]] == [State.TICKED, State.TICKED]
    assert all(item.tick is None for item in items)
    assert figure(metrics_of(story, store), "process-time-median").value is None


def test_a_changelog_yanks(tmp_path: Path, store: Store) -> None:
    story = Story(tmp_path)
    story.write("CHANGELOG.md", "# Changes\n\n## 1.0 [YANKED]\n").commit("Begin", on="2024-01-01")
    story.tag("v1.0", message="Release", on="2024-01-02")
    assert [one.tag for one in metrics_of(story, store).failures] == ["v1.0"]


def test_an_unrelated_branch_changes_not_a_byte(tmp_path: Path, store: Store) -> None:
    story = living(tmp_path)
    before = metrics_document(metrics_of(story, store))
    story.branch("other", "v1.0").write("notes.md", "# Notes\n\n- [ ] One\n").commit(
        "Hotfix-For: v1.0", on="2024-05-01"
    )
    story.tick(PATH, "Deployed").commit("Elsewhere", by="Cleo", on="2024-05-02")
    story.checkout("main")
    assert metrics_document(metrics_of(story, store)) == before


# --- the document and the command -------------------------------------------------------------------------------------


def document(folder: Path, *options: str) -> dict[str, Any]:
    done = CliRunner().invoke(
        group, ["-C", str(folder), "metrics", "--format", "json", *options], standalone_mode=False
    )
    assert done.exception is None, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(found)
    return found


def test_the_document_holds_to_its_schema_and_its_promises(tmp_path: Path, store: Store) -> None:
    del store
    story = living(tmp_path)
    found = document(story.root)
    assert found["schema"] == "checktrail.metrics/1"
    names = [(one["name"], one["of"]) for one in found["figures"]]
    assert len(names) == len(set(names))
    for one in found["figures"]:
        assert (one["value"] is None) is (one["grade"] == "n/a")
        assert one["window"] == found["window"] or one["name"] == "deployment-frequency"
    assert found["forecast"]["silent"]
    assert document(story.root) == found


def test_the_command_takes_a_window(tmp_path: Path, store: Store) -> None:
    del store
    story = living(tmp_path)
    found = document(story.root, "--days", "45")
    assert [one["tag"] for one in found["releases"]] == ["v1.2"]
    assert found["excluded_releases"] == [{"reason": "outside the window", "n": 2}]


def test_the_command_speaks(tmp_path: Path, store: Store) -> None:
    del store
    write_demo(tmp_path / "demo")
    done = CliRunner().invoke(group, ["-C", str(tmp_path / "demo"), "metrics", "--explain"], standalone_mode=False)
    assert done.exception is None
    for words in (
        "Change lead time",
        "declared",
        "proxy",
        "Failed releases:",
        "rolled back",
        "Items worth a look:",
        "probability",
    ):
        assert words in done.stdout


@pytest.mark.parametrize("has_commit", [True, False])
def test_a_repository_without_releases(tmp_path: Path, store: Store, has_commit: bool) -> None:  # noqa: FBT001 -- two cases
    del store
    story = Story(tmp_path)
    if has_commit:
        story.write(PATH, LIST).commit("Begin")
    found = document(story.root)
    assert all(one["value"] is None for one in found["figures"])
    assert run(["-C", str(story.root), "metrics"]) == 0


def test_a_shallow_clone_is_refused(tmp_path: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    del store
    story = living(tmp_path)
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{story.root}", str(tmp_path / "shallow")], check=True
    )
    assert run(["-C", str(tmp_path / "shallow"), "metrics"]) == 2
    assert "fetch-depth" in capsys.readouterr().err


def test_names_from_outside_do_not_reach_the_terminal_raw(tmp_path: Path, store: Store) -> None:
    del store
    story = Story(tmp_path)
    evil = LIST.replace("Tests pass", "Tests \x1b[31mpass [bold]")
    for number in range(3):
        story.write(PATH, evil).commit("Begin", by="\x1b[2JEve", on=f"2024-0{number + 1}-01")
        story.tag(f"v1.{number}", message="Release", on=f"2024-0{number + 1}-02")
    done = CliRunner().invoke(group, ["-C", str(story.root), "metrics"], standalone_mode=False)
    assert done.exception is None
    assert "\x1b" not in done.stdout
    assert "[bold]" in done.stdout


@pytest.mark.skipif(not BUNDLES, reason="the corpus of real histories is not beside this checkout")
@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: str(bundle.stem))
def test_real_histories_lose_nothing(bundle: Path, tmp_path: Path, store: Store) -> None:
    subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(tmp_path / "it")], check=True)
    repository = Repository.open(tmp_path / "it")
    record = read_record(repository, Settings(), store)
    found = measured(repository, record)
    Draft202012Validator(SCHEMA).validate(metrics_document(found))
    assert len(found.releases) + sum(one.n for one in found.excluded) == len(record.membership.releases)
    lead = figure(found, "change-lead-time-median")
    reached = sum(len(release.new) for release in record.membership.releases) + len(record.membership.unreleased)
    assert lead.n + sum(left_out(lead).values()) == reached
    assert sum(len(release.lead_times) for release in found.releases) == lead.n
