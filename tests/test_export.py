"""The record as JSON and as tables: what stands in it, that it adds up, and where it goes."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from checktrail.cli import run
from checktrail.demo import write_demo
from checktrail.errors import InvariantError
from checktrail.exports.csv import cell
from checktrail.exports.provenance import Sum, reconciled
from checktrail.exports.remembered import Remembered
from checktrail.exports.tables import MODEL
from export_story import export, exported, nothing_remembered
from story import Story

BUNDLES = sorted((Path(__file__).parents[2] / "shared" / "corpus" / "bundles").glob("*.bundle"))
OPENERS = "=+-@\t\r"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "tidepool"
    write_demo(folder)
    return folder


@pytest.fixture(scope="module")
def files(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    return exported(demo, tmp_path_factory.mktemp("exported"))


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def record_of(story: Story, *options: str) -> Any:
    target = story.root.parent / "record.json"
    assert export(story.root, target, "--as=json", *options) == 0
    return json.loads(target.read_bytes())


def schema(kind: str) -> Draft202012Validator:
    text = (resources.files("checktrail") / "schemas" / f"{kind}-1.schema.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(text))
    return Draft202012Validator(json.loads(text))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


LIVING = "# Release checklist\n\n## Preparation\n- [ ] Tests pass\n- [ ] Docs\n\n## Follow-up\n- [ ] Users are told\n"


# --- the record -------------------------------------------------------------------------------------------------------


def test_the_record_is_as_its_schema_says(files: Mapping[str, bytes]) -> None:
    schema("record").validate(json.loads(files["record.json"]))
    assert files["record.json"].isascii()


def test_a_release_has_its_checklists_as_the_tag_froze_them_and_as_they_closed(story: Story) -> None:
    story.write("RELEASE.md", LIVING).commit("Start")
    ticked = story.tick("RELEASE.md", "Tests", "Docs").commit("Ready", by="Ben")
    story.tag("v1.0.0", message="v1.0.0")
    told = story.tick("RELEASE.md", "Users").commit("Told")
    story.write("RELEASE.md", LIVING).commit("Start again")
    record = record_of(story)
    (release,) = record["releases"]
    (sheet,) = release["checklists"]
    assert (sheet["path"], sheet["title"], sheet["binding"]) == ("RELEASE.md", "Release checklist", "living")
    assert [item["state"] for item in sheet["items"]] == ["ticked", "ticked", "open"]
    assert sheet["items"][0]["since"] == {"kind": "ticked", "commit": ticked, "confidence": 1.0}
    assert sheet["totals"]["required"] == sheet["totals"]["required_ticked"] == 2
    closed = release["closed"]
    assert (closed["commit"], closed["reason"]) == (told, "reset")
    assert closed["totals"]["ticked"] == closed["totals"]["required_at_close_ticked"] == 3
    assert release["new"][0] == ticked


def test_a_living_checklist_closes_at_the_next_release_and_an_own_one_at_head(story: Story) -> None:
    own = "# Release checklist v1.0.0\n\n## Preparation\n- [ ] Tests pass\n\n## Follow-up\n- [ ] Users are told\n"
    story.write("RELEASE.md", LIVING).write("checklists/v1.0.0.md", own).commit("Start")
    story.tag("v1.0.0")
    second = story.tick("RELEASE.md", "Tests").commit("Tests")
    story.tag("v1.1.0")
    head = story.tick("checklists/v1.0.0.md", "Tests", "Users").commit("Done")
    first, following = record_of(story)["releases"]
    places = {one["path"]: (one["commit"], one["reason"]) for one in first["closed"]["checklists"]}
    assert places == {"RELEASE.md": (second, "release"), "checklists/v1.0.0.md": (head, "head")}
    assert (first["closed"]["commit"], first["closed"]["reason"]) == (head, "head")
    assert first["closed"]["totals"]["ticked"] == 3
    assert first["closed"]["totals"]["items"] == 5
    assert (following["closed"]["commit"], following["closed"]["reason"]) == (head, "head")


def test_a_checklist_that_is_gone_at_its_close_has_no_counts_there(story: Story) -> None:
    story.write("RELEASE.md", LIVING).commit("Start")
    story.tag("v1.0.0")
    story.remove("RELEASE.md").commit("Gone")
    record = record_of(story)
    schema("record").validate(record)
    (closed,) = record["releases"][0]["closed"]["checklists"]
    assert closed["totals"] is closed["blob"] is None
    assert record["releases"][0]["closed"]["totals"]["items"] == 0


def test_a_release_without_a_checklist_closes_where_its_cycle_ends(story: Story) -> None:
    story.write("a.txt", "a").commit("Start")
    story.tag("v1.0.0")
    second = story.commit("More")
    story.tag("v1.1.0")
    record = record_of(story)
    schema("record").validate(record)
    first, following = record["releases"]
    assert first["checklists"] == following["checklists"] == []
    ends = [(each["closed"]["commit"], each["closed"]["reason"]) for each in (first, following)]
    assert ends == [(second, "release"), (second, "head")]
    assert first["closed"]["totals"]["items"] == 0


def test_a_list_whose_text_names_each_release_in_turn_closes_before_the_next_one_takes_it(story: Story) -> None:
    story.write("RELEASE.md", LIVING.replace("# Release", "# Release 1.0.0")).commit("Start")
    story.tick("RELEASE.md", "Tests", "Docs").commit("Ready")
    story.tag("v1.0.0")
    told = story.tick("RELEASE.md", "Users").commit("Told")
    story.write("RELEASE.md", LIVING.replace("# Release", "# Release 1.1.0")).commit("Start again")
    head = story.tick("RELEASE.md", "Tests", "Docs", "Users").commit("All at once")
    story.tag("v1.1.0")
    first, following = record_of(story)["releases"]
    assert [each["checklists"][0]["binding"] for each in (first, following)] == ["own", "own"]
    assert (first["closed"]["commit"], first["closed"]["reason"]) == (told, "reset")
    assert (following["closed"]["commit"], following["closed"]["reason"]) == (head, "head")
    assert (first["closed"]["totals"]["ticked"], following["closed"]["totals"]["ticked"]) == (3, 3)


def test_what_another_release_took_over_without_a_reset_counts_for_that_one_alone(story: Story) -> None:
    story.write("RELEASE.md", "# Release 1.0.0\n\n- [ ] Tests pass\n").commit("Start")
    story.tag("v1.0.0")
    story.write("RELEASE.md", "# Release 1.1.0\n\n- [x] Tests pass\n").commit("Next")
    story.tag("v1.1.0")
    first, following = record_of(story)["releases"]
    assert first["closed"]["reason"] == "release"
    assert (first["closed"]["totals"]["items"], following["closed"]["totals"]["ticked"]) == (0, 1)


def test_a_list_that_was_put_away_closes_where_it_stands_now(story: Story) -> None:
    story.write("checklists/v1.0.0.md", LIVING).write("checklists/v1.1.0.md", LIVING + "- [ ] More\n").commit("Start")
    story.tag("v1.0.0")
    story.move("checklists/v1.0.0.md", "archive/2024/first.md").commit("Put away")
    head = story.tick("archive/2024/first.md", "Tests").commit("Late")
    closed = record_of(story)["releases"][0]["closed"]
    assert (closed["commit"], closed["reason"], closed["totals"]["ticked"]) == (head, "head", 1)
    assert closed["checklists"][0]["path"] == "checklists/v1.0.0.md"


def test_a_tag_is_recorded_though_head_has_no_commit_yet(story: Story) -> None:
    story.write("RELEASE.md", LIVING).commit("Start")
    story.tag("v1.0.0")
    tagged = story.git("rev-parse", "v1.0.0")
    story.git("checkout", "--quiet", "--orphan", "fresh")
    story.git("rm", "-rfq", ".")
    record = record_of(story)
    schema("record").validate(record)
    closed = record["releases"][0]["closed"]
    assert (closed["commit"], closed["reason"], closed["totals"]["items"]) == (tagged, "head", 3)


def test_every_markdown_file_with_items_is_in_the_record_whatever_it_is(story: Story) -> None:
    for path in ("a.md", "b.MARKDOWN", "c.mdown", "d/e.mkd"):
        story.write(path, "# Roadmap\n- [ ] One\n")
    story.write("f.txt", "- [ ] no").write("g.md", "no items").commit("Start")
    story.tag("v1.0.0")
    (release,) = record_of(story)["releases"]
    assert [sheet["path"] for sheet in release["checklists"]] == ["a.md", "b.MARKDOWN", "c.mdown", "d/e.mkd"]


def test_the_run_says_how_it_was_made(demo: Path, files: Mapping[str, bytes]) -> None:
    run_ = json.loads(files["record.json"])["run"]
    head = subprocess.run(["git", "-C", demo, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert run_["head"] == head.stdout.strip()
    assert run_["tool"] == "checktrail"
    assert [file["use"] for file in run_["files"]] == ["policy", "trust"]
    assert run_["arguments"] == ["export", *(f"--as={form}" for form in ALL)]
    counts = run_["counts"]
    assert counts["tags"] == counts["releases"] + counts["ignored_tags"]
    listing = subprocess.run(["git", "-C", demo, "rev-list", "--all"], capture_output=True, text=True, check=True)
    assert counts["commits"] == len(listing.stdout.split())


ALL = ("json", "audit", "csv", "sqlite", "in-toto", "oscal", "sarif", "junit", "portfolio", "bundle")


def test_the_time_is_heads_or_the_given_one_and_stands_in_run_alone(story: Story, tmp_path: Path) -> None:
    story.write("RELEASE.md", LIVING).commit("Start", on="2024-03-01T10:00")
    story.tag("v1.0.0")
    assert record_of(story)["run"]["generated_at"] == "2024-03-01T10:00:00Z"
    with nothing_remembered():
        os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
        assert run(["-q", "-C", str(story.root), "export", "--as=json", "--to", str(tmp_path / "b.json")]) == 0
        del os.environ["SOURCE_DATE_EPOCH"]
    given = json.loads((tmp_path / "b.json").read_bytes())
    assert given["run"]["generated_at"] == given["run"]["as_of"] == "2023-11-14T22:13:20Z"
    assert given["run"]["generated_at_basis"] == "source-date-epoch"
    body = {key: value for key, value in given.items() if key != "run"}
    assert "2023-11-14T22:13:20Z" not in json.dumps(body)


def test_counts_that_do_not_reconcile_stop_the_export() -> None:
    assert reconciled([Sum("one is one", 1, 1)])
    with pytest.raises(InvariantError, match="one is two, but 1 is not 2"):
        reconciled([Sum("one is two", 1, 2)])


def test_an_empty_repository_has_an_empty_record(story: Story, tmp_path: Path) -> None:
    schema("record").validate(record_of(story))
    assert exported(story.root, tmp_path / "all")["evidence.zip"]
    assert run(["verify", str(tmp_path / "all" / "evidence.zip")]) == 0


def test_other_branches_and_settings_show_in_the_run(story: Story) -> None:
    story.write("RELEASE.md", LIVING).commit("Start")
    story.tag("v1.0.0")
    before = record_of(story)
    story.branch("side").write("x.txt", "x").commit("Aside")
    story.checkout("main")
    (story.root / "checktrail.toml").write_text('[releases]\nexclude = ["v0*"]\n')
    after = record_of(story)
    assert after["run"]["counts"]["commits_elsewhere"] == before["run"]["counts"]["commits_elsewhere"] + 1
    assert after["run"]["settings_digest"] != before["run"]["settings_digest"]
    assert after["run"]["references_digest"] != before["run"]["references_digest"]
    assert after["releases"] == before["releases"]


# --- every form -------------------------------------------------------------------------------------------------------


def test_a_second_run_gives_the_same_bytes(
    demo: Path, files: Mapping[str, bytes], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "import sys; from checktrail.cli import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "-C", str(demo), "export", "--to", f"{tmp_path}/again/"]
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": str(tmp_path)}
    environment["CHECKTRAIL_CACHE_DIR"] = str(tmp_path / "cache")
    for name in ("SOURCE_DATE_EPOCH", "CHECKTRAIL_NO_STORE"):
        environment.pop(name, None)
    for _ in range(2):  # the second finds what the first remembered
        subprocess.run(command, check=True, env=environment)
        again = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
        assert again.keys() == files.keys()
        assert [name for name, content in files.items() if again[name] != content] == []
    assert "wrote" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("target", "form"), [("a.json", "json"), ("a.sqlite", "sqlite"), ("a.jsonl", "in-toto"), ("a.zip", "bundle")]
)
def test_a_files_ending_tells_the_form(story: Story, tmp_path: Path, target: str, form: str) -> None:
    story.write("RELEASE.md", LIVING).commit("Start")
    story.tag("v1.0.0")
    assert export(story.root, tmp_path / target) == 0
    assert export(story.root, tmp_path / "named", f"--as={form}") == 0
    assert (tmp_path / target).read_bytes() == (tmp_path / "named").read_bytes()


def test_a_table_goes_into_a_file_of_its_name(demo: Path, files: Mapping[str, bytes], tmp_path: Path) -> None:
    assert export(demo, tmp_path / "signoffs.csv") == 0
    assert (tmp_path / "signoffs.csv").read_bytes() == files["signoffs.csv"]


def test_several_files_never_go_into_one(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(demo, tmp_path / "all.csv", "--as=csv") == 2
    assert "name a folder" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_one_file_goes_to_standard_output(story: Story, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    story.write("RELEASE.md", LIVING).commit("Start")
    assert export(story.root, "-", "--as=json") == 0
    assert json.loads(capfdbinary.readouterr().out)["schema"] == "checktrail.record/1"


def test_a_shallow_clone_is_refused_unless_it_is_allowed(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["git", "clone", "-q", "--depth=30", f"file://{demo}", tmp_path / "shallow"], check=True)
    assert export(tmp_path / "shallow", tmp_path / "r.json", "--as=json") == 2
    assert "fetch-depth" in capsys.readouterr().err
    assert export(tmp_path / "shallow", tmp_path / "e.zip", "--allow-shallow") == 0
    assert run(["verify", str(tmp_path / "e.zip")]) == 0
    assert export(tmp_path / "shallow", tmp_path / "a.json", "--as=audit", "--allow-shallow") == 0
    verdicts = {one["verdict"] for one in json.loads((tmp_path / "a.json").read_bytes())["releases"]}
    assert verdicts <= {"indeterminate", "fail"}
    assert verdicts


# --- tables -----------------------------------------------------------------------------------------------------------


def test_the_tables_hold_what_the_documents_say(files: Mapping[str, bytes]) -> None:
    record, audit = json.loads(files["record.json"]), json.loads(files["audit.json"])
    releases = rows(files["releases.csv"])
    assert [row["tag"] for row in releases] == [one["tag"] for one in record["releases"]]
    assert [row["verdict"] for row in releases] == [one["verdict"] for one in audit["releases"]]
    states = [item["state"] for one in record["releases"] for sheet in one["checklists"] for item in sheet["items"]]
    assert [row["state"] for row in rows(files["states.csv"])] == states
    assert len(rows(files["events.csv"])) == record["run"]["counts"]["events"]
    assert len(rows(files["commits.csv"])) == record["run"]["counts"]["commits"]
    findings = [one["code"] for part in (audit, *audit["releases"]) for one in part["findings"]]
    assert [row["code"] for row in rows(files["findings.csv"])] == findings


def test_nothing_unsigned_is_called_signed(files: Mapping[str, bytes]) -> None:
    found = rows(files["signoffs.csv"])
    claimed = [row for row in found if row["name"] and row["status"] == "recorded" and int(row["assurance"]) < 3]
    assert claimed
    assert all(row["recorded_as"] == f"recorded as ticked by {row['name']} (claimed)" for row in claimed)
    assert all(int(row["assurance"]) >= 3 for row in found if row["recorded_as"].startswith("signed"))


@given(st.text())
def test_no_cell_is_a_formula_and_every_cell_is_one_line(text: str) -> None:
    written = cell(text)
    assert written[:1] not in tuple(OPENERS)
    assert written.lstrip()[:1] not in tuple(OPENERS)
    assert written.isprintable()


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"])))
def test_a_guarded_cell_has_a_way_back(text: str) -> None:
    written = cell(text)
    assert written in (text, f"'{text}")
    assert (written[1:] if written != text else written) == text
    bare = text.lstrip("'")
    assert (written != text) is (bare[:1] in tuple("=+-@＝＋－＠"))  # noqa: RUF001 -- the wide forms


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\t=1", "'\u2409=1"), ("\ra", "'\u240da"),
        (" =1", "' =1"), ("'=1", "''=1"), ("it's", "it's"), ("a\nb", "a\u240ab"), ("\x1b[31m", "\u241b[31m"),
    ],
)  # fmt: skip
def test_a_cell_is_written_so(text: str, written: str) -> None:
    assert cell(text) == written


@pytest.mark.parametrize(("value", "written"), [(None, ""), (3, "3"), (-5, "'-5"), (0.5, "0.5")])
def test_a_number_is_written_so(value: float | None, written: str) -> None:
    assert cell(value) == written


def test_the_database_opens_whole_with_its_views(files: Mapping[str, bytes]) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(files["checktrail.sqlite"])
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert names == set(MODEL)
        audit = json.loads(files["audit.json"])
        recorded = {
            one["tag"] for one in audit["releases"] if any(sign["status"] == "recorded" for sign in one["signoffs"])
        }
        without = [tag for (tag,) in database.execute("SELECT release FROM releases_without_signoff")]
        assert without == [one["tag"] for one in audit["releases"] if one["tag"] not in recorded]
        assert without
        roles = {sign["role"] for one in audit["releases"] for sign in one["signoffs"] if sign["role"]}
        matrix = database.execute("SELECT release, role, statuses FROM signoff_matrix").fetchall()
        assert [(release, role) for release, role, _ in matrix] == [
            (one["tag"], role) for one in audit["releases"] for role in sorted(roles)
        ]
        several = database.execute("SELECT release, person, roles FROM one_person_many_roles").fetchall()
        assert several
        assert all(count > 1 for _, _, count in several)


def test_datasette_opens_the_database(files: Mapping[str, bytes], tmp_path: Path) -> None:
    pytest.importorskip("datasette", reason="datasette is not installed")
    path = tmp_path / "checktrail.sqlite"
    path.write_bytes(files["checktrail.sqlite"])
    for page, word in (
        ("/checktrail", b"signoff_matrix"),
        ("/checktrail/signoff_matrix.json?_shape=array", b'"release": "v1.0.0"'),
        ("/checktrail/releases_without_signoff", b"<table"),
    ):
        command = [sys.executable, "-m", "datasette", str(path), "--get", page]
        done = subprocess.run(
            command, capture_output=True, check=False, cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)}
        )
        assert done.returncode == 0, done.stderr
        assert word in done.stdout


@pytest.mark.skipif(not BUNDLES, reason="there are no real histories here")
@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.stem)
def test_real_histories_are_exported_whole_and_verified(bundle: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", "--bare", bundle, tmp_path / "bare"], check=True, capture_output=True)
    found = exported(tmp_path / "bare", tmp_path / "out")
    schema("record").validate(json.loads(found["record.json"]))
    assert run(["verify", str(tmp_path / "out" / "evidence.zip")]) == 0


# --- in pieces --------------------------------------------------------------------------------------------------------


def test_what_is_held_at_once_shows_in_no_byte(
    demo: Path, files: Mapping[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checktrail.exports.record._MOST_TEXT", 0)
    monkeypatch.setattr("checktrail.exports.rows._MOST_STATES", 30)
    for held in ("csv._AT_ONCE", "exporting._PIECE", "bundle._CHUNK"):
        monkeypatch.setattr(f"checktrail.exports.{held}", 7)
    assert exported(demo, tmp_path) == files


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(0, 20))
def test_what_was_asked_for_last_is_remembered_as_far_as_there_is_room(asked: list[int], most: int) -> None:
    remembered: Remembered[int] = Remembered(most, lambda value: value)
    for place, key in enumerate(asked):
        before = asked[:place]
        since = set(before[len(before) - before[::-1].index(key) :]) if key in before else None
        made: list[int] = []
        assert remembered.get(key, lambda key=key, made=made: (made.append(key), key)[1]) == key  # type: ignore[misc]
        is_known = since is not None and sum(since) + key <= most
        assert made == ([] if is_known else [key])


def test_a_bundle_that_nobody_could_check_is_left_out(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    story.write("RELEASE.md", "# Release checklist\n\n## Sign-off\n- [x] QA lead sign-off\n").commit("Start")
    story.tag("v1.0.0")
    alone, folder = tmp_path / "alone.zip", tmp_path / "all"
    alone.write_bytes(b"older")
    monkeypatch.setattr("checktrail.exports.bundle.MOST_AT_ONCE", 50_000)
    assert export(story.root, alone) == 2
    assert alone.read_bytes() == b"older"
    assert "could not be checked" in capfd.readouterr().err
    assert export(story.root, f"{folder}/") == 0
    assert "there is no evidence.zip: " in capfd.readouterr().err
    names = {path.name for path in folder.iterdir()}
    assert {"record.json", "signoffs.csv", "portfolio.json"} <= names
    assert "evidence.zip" not in names
