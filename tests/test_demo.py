"""The scripted repository: sound, the same everywhere, and with something to show for every feature."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checktrail.cli import run
from checktrail.completion import declared
from checktrail.demo import write_demo
from checktrail.demo.cast import BEN
from checktrail.demo.chapters import story
from checktrail.demo.keys import public_key, sign
from checktrail.demo.objects import GitObject, tree_objects
from checktrail.demo.scribe import Scribe, merged, replace, write
from checktrail.edit.table import rewritten
from checktrail.errors import InvariantError, OutputError
from checktrail.git import Repository
from checktrail.model import State, TagKind
from checktrail.parse import read


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "tidepool"
    write_demo(folder)
    return folder


def git(folder: Path, *arguments: str) -> str:
    clean = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    run = subprocess.run(["git", *arguments], cwd=folder, env=clean, capture_output=True, check=True, text=True)
    return run.stdout


def test_the_repository_is_sound_and_its_files_are_checked_out(demo: Path) -> None:
    assert git(demo, "fsck", "--strict", "--full") == ""
    assert git(demo, "status", "--porcelain") == ""
    assert (demo / "checklists/deployment.md").is_file()


def test_two_demos_are_the_same_repository_whatever_the_user_has_configured(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text("[core]\n\tautocrlf = true\n[init]\n\tdefaultBranch = trunk\n[user]\n\tname = Somebody\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    again = tmp_path / "again"
    write_demo(again)
    assert git(again, "for-each-ref") == git(demo, "for-each-ref")
    assert git(again, "symbolic-ref", "HEAD") == "refs/heads/main\n"
    assert (again / "README.md").read_bytes() == (demo / "README.md").read_bytes()
    packs = [sorted((folder / ".git/objects/pack").glob("*.pack")) for folder in (again, demo)]
    assert [pack.name for pack in packs[0]] == [pack.name for pack in packs[1]]
    assert packs[0][0].read_bytes() == packs[1][0].read_bytes()


def test_six_releases_with_candidates_aliases_and_every_kind_of_tag(demo: Path) -> None:
    tags = {tag.name: tag for tag in Repository.open(demo).tags()}
    finals = {"v1.0.0", "v1.1.0", "v1.1.1", "v1.2.0", "v2.0.0", "v2.1.0"}
    assert finals < set(tags)
    assert {"v1.2.0-rc.1", "v2.0.0-rc.1", "v2.0.0-rc.2"} < set(tags)
    assert tags["v1.0.0"].kind is TagKind.LIGHTWEIGHT
    assert tags["v2.1.0"].kind is TagKind.ANNOTATED
    assert tags["v2.0.0"].commit == tags["v2.0.0-rc.2"].commit
    assert tags["sources-2025"].commit is None


def test_one_clock_alone_runs_backwards(demo: Path) -> None:
    commits = {commit.id: commit for commit in Repository.open(demo).commits()}
    back = [
        commit.subject
        for commit in commits.values()
        for parent in commit.parents
        if commits[parent].committed_at >= commit.committed_at
    ]
    assert back == ["Security signs"]


def test_the_hotfix_is_a_cherry_pick_beside_the_main_line(demo: Path) -> None:
    picked = git(demo, "log", "--format=%B", "v1.1.0..v1.1.1", "--grep=cherry picked from commit")
    origin = picked.partition("cherry picked from commit ")[2][:40]
    assert "main" in git(demo, "branch", "--contains", origin)
    assert git(demo, "merge-base", "main", "v1.1.1") == git(demo, "rev-parse", "v1.1.0^{commit}")


@pytest.mark.parametrize("release", ["v1.2.0", "v2.1.0"])
def test_reverts_name_the_commit_they_take_back(demo: Path, release: str) -> None:
    text = git(demo, "log", "--format=%B", "--grep=This reverts commit", "-1", release)
    reverted = text.partition("This reverts commit ")[2][:40]
    assert git(demo, "cat-file", "-t", reverted) == "commit\n"


def test_a_merge_alone_ticks_two_boxes(demo: Path) -> None:
    merge = git(demo, "log", "--merges", "--format=%H", "--grep=upgrade notes", "-1").strip()
    changed = git(demo, "diff-tree", "--cc", merge, "--", "checklists/v1.2.0.md")
    assert "++- [x] Product owner sign-off" in changed


def test_a_statement_is_reworded_under_its_tick(demo: Path) -> None:
    changed = git(demo, "log", "-1", "-p", "--grep=Put the budget right", "--format=")
    assert "-- [x] Load test meets the budget (p95 below 200 ms)" in changed
    assert "+- [x] Load test meets the budget (p95 below 350 ms)" in changed


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_signatures_verify_with_git_itself(demo: Path) -> None:
    trust = f"gpg.ssh.allowedSignersFile={demo / 'security/allowed_signers'}"
    git(demo, "-c", trust, "verify-tag", "v2.0.0")
    signed = git(demo, "-c", trust, "log", "-1", "--format=%G? %GS", "--grep=^Ready$", "v2.0.0")
    assert signed == "G tomas@tidepool.example\n"


def test_one_table_was_counted_by_hand_and_another_is_kept(demo: Path) -> None:
    wrong = read((demo / "checklists/v2.1.0.md").read_bytes())
    assert [count.row.row for count in declared(wrong) if not count.agrees] == [
        "Preparation", "Sign-off", "Release process", "After the release", "Total",
    ]  # fmt: skip
    kept = (demo / "checklists/v2.2.0.md").read_bytes()
    assert rewritten(kept) == kept


def test_every_cycle_of_the_living_list_ends_empty(demo: Path) -> None:
    resets = git(demo, "log", "--format=%H", "--grep=Empty the deployment checklist").split()
    assert len(resets) == 5
    for commit in resets:
        items = read(git(demo, "show", f"{commit}:checklists/deployment.md").encode()).items
        assert {item.state for item in items} == {State.OPEN}


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        write_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_story_that_edits_what_is_not_there_stops() -> None:
    scribe = Scribe()
    with pytest.raises(InvariantError, match="0 times"):
        scribe.commit(BEN, "2025-01-01 10:00", "x", write("a.md", "text\n"), replace("a.md", "absent", "x"))


def test_telling_the_story_twice_gives_the_same_objects() -> None:
    assert [thing.id for thing in story().objects] == [thing.id for thing in story().objects]


def test_object_ids_are_gits_own() -> None:
    assert GitObject("blob", b"").id == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert tree_objects({})[-1].id == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def test_a_signature_depends_on_its_text_and_its_owner() -> None:
    assert sign("a@x", "text") == sign("a@x", "text") != sign("a@x", "texts")
    assert public_key("a@x") != public_key("b@x")


lines = st.lists(st.sampled_from(["- [ ] a", "- [x] a", "b", ""]), min_size=3, max_size=3).map("\n".join)


@settings(deadline=None)
@given(lines, lines)
def test_merging_with_an_unchanged_side_gives_the_other(base: str, theirs: str) -> None:
    assert merged({"f": base}, {"f": base}, {"f": theirs}) == {"f": theirs}
    assert merged({"f": base}, {"f": theirs}, {"f": base}) == {"f": theirs}


def test_the_audit_finds_what_each_chapter_is_there_to_show(demo: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(demo), "audit", "--format", "json"]) == 1
    releases = {release["tag"]: release for release in json.loads(capfd.readouterr().out)["releases"]}
    assert {tag: release["verdict"] for tag, release in releases.items() if "rc" not in tag} == {
        "v1.0.0": "no-policy",
        "v1.1.0": "pass",
        "v1.1.1": "pass-with-waivers",
        "v1.2.0": "fail",
        "v2.0.0": "pass-with-waivers",
        "v2.1.0": "pass",
    }
    expected = {
        "v1.0.0": {"RL101", "SO205"},
        "v1.2.0": {"SO202", "SO204", "SO206"},
        "v2.0.0": {"ID309", "ID314", "RL110", "SO209", "SO215", "SO216"},
        "v2.1.0": {"SO208", "TM402"},
    }
    for tag, codes in expected.items():
        assert codes <= {finding["code"] for finding in releases[tag]["findings"]}, tag
    assert max(signoff["assurance"] for signoff in releases["v2.0.0"]["signoffs"]) == 3
