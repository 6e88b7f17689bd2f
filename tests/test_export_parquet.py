"""The record as Parquet, asked with DuckDB; what a portfolio needs of a repository."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from checktrail.demo import write_demo
from checktrail.exports import parquet
from checktrail.exports.tables import MODEL
from export_story import export, hostile
from story import Story

duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
pytest.importorskip("pyarrow", reason="pyarrow is not installed")

FORMS = ("--as=parquet", "--as=csv", "--as=portfolio", "--as=json", "--as=audit")


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "tidepool"
    write_demo(folder)
    return folder


@pytest.fixture(scope="module")
def out(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's export, and a small repository's beside it."""
    folder = tmp_path_factory.mktemp("artifacts")
    assert export(demo, f"{folder / 'tidepool'}/", *FORMS) == 0
    pier = Story(tmp_path_factory.mktemp("pier"), bare_name="pier")
    pier.write("checklists/v1.0.0.md", "# Release checklist v1.0.0\n\n## Preparation\n- [x] Tests pass\n- [ ] Docs\n")
    pier.commit("Start")
    pier.tag("v1.0.0")
    assert export(pier.root, f"{folder / 'pier'}/", *FORMS) == 0
    return folder


def asked(question: str, out: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as database:
        found: list[tuple[Any, ...]] = database.execute(question.replace("OUT", str(out))).fetchall()
    return found


def test_duckdb_reads_many_repositories_as_one(out: Path) -> None:
    found = asked(
        "SELECT repository, count(*), sum(new_commits) FROM 'OUT/*/releases.parquet' GROUP BY 1 ORDER BY 1", out
    )
    record = json.loads((out / "tidepool" / "record.json").read_bytes())
    assert found == [
        ("pier", 1, 1),
        ("tidepool", len(record["releases"]), sum(len(r["new"]) for r in record["releases"])),
    ]


def test_signoffs_findings_events_and_figures_are_there_to_be_joined(out: Path) -> None:
    audit = json.loads((out / "tidepool" / "audit.json").read_bytes())
    by_release = {each["tag"]: (len(each["signoffs"]), len(each["findings"])) for each in audit["releases"]}
    found = asked(
        "SELECT r.tag, (SELECT count(*) FROM 'OUT/tidepool/signoffs.parquet' s WHERE s.release_id = r.id),"
        " (SELECT count(*) FROM 'OUT/tidepool/findings.parquet' f WHERE f.release_id = r.id)"
        " FROM 'OUT/tidepool/releases.parquet' r",
        out,
    )
    assert {tag: (signoffs, findings) for tag, signoffs, findings in found} == by_release
    ((ticks,),) = asked("SELECT count(*) FROM 'OUT/tidepool/events.parquet' WHERE kind LIKE 'ticked%'", out)
    ((counted,),) = asked("SELECT sum(ticks) FROM 'OUT/tidepool/items.parquet'", out)
    assert ticks == counted > 0
    graded = asked("SELECT figure, value, grade, n FROM 'OUT/tidepool/figures.parquet' WHERE of IS NULL", out)
    assert [name for name, value, grade, _ in graded if (value is None) is not (grade == "n/a")] == []
    assert "change-lead-time-median" in {name for name, *_ in graded}


@pytest.mark.parametrize("table", MODEL)
def test_a_table_has_the_columns_and_rows_that_csv_has(out: Path, table: str) -> None:
    rows = list(csv.reader(io.StringIO((out / "tidepool" / f"{table}.csv").read_text(encoding="utf-8"), newline="")))
    columns = [
        name for name, *_ in asked("DESCRIBE SELECT * FROM 'OUT/tidepool/TABLE.parquet'".replace("TABLE", table), out)
    ]
    assert columns == ["repository", *rows[0]]
    assert asked("SELECT count(*) FROM 'OUT/tidepool/TABLE.parquet'".replace("TABLE", table), out) == [(len(rows) - 1,)]


def test_the_same_repository_gives_the_same_bytes(out: Path, demo: Path, tmp_path: Path) -> None:
    assert export(demo, f"{tmp_path}/", *FORMS) == 0
    assert files(tmp_path) == files(out / "tidepool")


def test_a_hostile_repository_is_text_and_nothing_else(tmp_path: Path) -> None:
    assert export(hostile(tmp_path).root, f"{tmp_path / 'out'}/", "--as=parquet") == 0
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {*MODEL, "figures"}
    rows = asked("SELECT DISTINCT repository FROM 'OUT/commits.parquet'", tmp_path / "out")
    assert rows == [("=cmd <b> repository",)]


def test_without_pyarrow_one_sentence_says_what_to_install(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parquet, "find_spec", lambda _: None)
    assert export(demo, f"{tmp_path}/", "--as=parquet") == 2
    assert "pip install 'checktrail[parquet]'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_a_portfolio_needs_agrees_with_record_and_audit(out: Path) -> None:
    schema = json.loads((resources.files("checktrail") / "schemas" / "portfolio-1.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    read = {
        name: json.loads((out / "tidepool" / f"{name}.json").read_bytes()) for name in ("portfolio", "record", "audit")
    }
    Draft202012Validator(schema).validate(read["portfolio"])
    (own,) = read["portfolio"]["repositories"]
    assert (own["name"], own["head"], own["indeterminate"]) == ("tidepool", read["record"]["run"]["head"], False)
    for told, record, audit in zip(own["releases"], read["record"]["releases"], read["audit"]["releases"], strict=True):
        assert (told["tag"], told["commits"], told["verdict"]) == (record["tag"], len(record["new"]), audit["verdict"])
        assert told["signoffs"] == _asked(audit)
        assert (told["totals"] is None) is (record["closed"] is None)
        assert told["totals"] is None or told["totals"]["items"] == _items(record)
    assert own["in_flight"]
    assert {each["name"] for each in own["figures"]} >= {"change-lead-time-median", "change-fail-rate"}
    assert "@" not in json.dumps(read["portfolio"])


def _asked(audit: Mapping[str, Any]) -> dict[str, int]:
    statuses = [each["status"] for each in audit["signoffs"] if each["status"] != "not-required"]
    return {"asked": len(statuses), "recorded": statuses.count("recorded")}


def _items(record: Mapping[str, Any]) -> int:
    own = {each["path"] for each in record["closed"]["checklists"]}
    return sum(each["totals"]["items"] for each in record["checklists"] if each["path"] in own)


def test_the_file_asked_for_tells_the_form(out: Path, demo: Path, tmp_path: Path) -> None:
    for name in ("portfolio.json", "audit.json"):
        assert export(demo, tmp_path / name) == 0
        assert json.loads((tmp_path / name).read_bytes())["schema"] == f"checktrail.{name.split('.')[0]}/1"
    assert (
        json.loads((out / "tidepool" / "portfolio.json").read_bytes())["repositories"]
        == (json.loads((tmp_path / "portfolio.json").read_bytes())["repositories"])
    )
