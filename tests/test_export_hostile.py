"""What people write into names, messages, texts, tags and paths does nothing in any form it is exported to."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from checktrail.cli import run
from checktrail.exports.tables import MODEL
from export_story import ESCAPE, FORMULA, MARKUP, PATH, exported, hostile

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("hostile")
    return exported(hostile(folder).root, folder / "out")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def test_the_story_is_as_hostile_as_it_says(files: Mapping[str, bytes]) -> None:
    said = set(strings(json.loads(files["record.json"]))) | set(strings(json.loads(files["audit.json"])))
    for words in (FORMULA, MARKUP, "\x1b[31m"):
        assert any(words in one for one in said), words
    assert any(one.startswith("=cmd|") for one in said)


def test_json_is_ascii_and_opens(files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        if name.endswith((".json", ".jsonl")):
            assert content.isascii(), name
            assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", content), name
            for line in content.splitlines() if name.endswith(".jsonl") else (content,):
                json.loads(line)


def test_a_path_that_is_no_utf_8_leads_back_to_the_file(files: Mapping[str, bytes]) -> None:
    record = json.loads(files["record.json"])
    sheets = [sheet for release in record["releases"] for sheet in release["checklists"] if "path_bytes" in sheet]
    assert sheets
    assert {base64.b64decode(sheet["path_bytes"]) for sheet in sheets} == {PATH}
    assert {sheet["path"] for sheet in sheets} == {PATH.decode("utf-8", "replace")}
    for name in ("checklists.csv", "events.csv", "items.csv", "signoffs.csv"):
        rows = list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))
        assert base64.b64encode(PATH).decode() in {row["path_bytes"] for row in rows}, name


def test_no_cell_of_any_table_is_a_formula(files: Mapping[str, bytes]) -> None:
    guarded = 0
    for name, content in files.items():
        if name.endswith(".csv"):
            text = content.decode()
            assert not CONTROL.search(text.replace("\r\n", "\n")), name
            for row in csv.reader(io.StringIO(text, newline="")):
                for value in row:
                    assert not value.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")), (name, value)
                    guarded += value.startswith("'")
    assert guarded > 20


def test_the_database_keeps_every_word_and_runs_none(files: Mapping[str, bytes]) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(files["checktrail.sqlite"])
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert names == set(MODEL)
        authors = {name for (name,) in database.execute("SELECT author FROM commits")}
        assert FORMULA in authors
        record = json.loads(files["record.json"])
        tags = [tag for (tag,) in database.execute("SELECT tag FROM releases ORDER BY id")]
        assert tags == [release["tag"] for release in record["releases"]]


def test_the_markdown_of_assessment_results_shows_words_and_does_nothing(files: Mapping[str, bytes]) -> None:
    document = json.loads(files["oscal-assessment-results.json"])
    markdown = MarkdownIt("commonmark", {"html": True})

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (value[key] for key in ("title", "description", "remarks") if key in value)
            for part in value.values():
                yield from texts(part)
        elif isinstance(value, list):
            for part in value:
                yield from texts(part)

    found = list(texts(document))
    assert len(found) > 10
    for words in found:
        html = markdown.render(words)
        assert not CONTROL.search(words), words
        assert not re.search(r"<(?!/?(?:p|code)>)", html), html


def test_reports_open_and_hold_no_control_character(files: Mapping[str, bytes]) -> None:
    cases = ET.fromstring(files["audit.junit.xml"]).findall(".//testcase")  # noqa: S314 -- our own
    assert cases
    log = json.loads(files["audit.sarif"])
    assert len(log["runs"][0]["results"]) == len(list(csv.reader(io.StringIO(files["findings.csv"].decode())))) - 1
    for words in (files["audit.junit.xml"].decode(), *strings(log["runs"][0]["results"])):
        assert not CONTROL.search(words.replace("\n", ""))


def test_what_verify_says_moves_no_cursor(
    files: Mapping[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evidence.zip").write_bytes(files["evidence.zip"])
    assert run(["verify", str(tmp_path / "evidence.zip")]) == 0
    assert not CONTROL.search(capsys.readouterr().out.replace("\n", ""))
    assert run(["verify", str(tmp_path / f"{ESCAPE}.zip")]) == 2
    assert not CONTROL.search(capsys.readouterr().err.replace("\n", ""))


def test_no_name_in_the_bundle_comes_from_outside(files: Mapping[str, bytes]) -> None:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(files["evidence.zip"])) as archive:
        assert all(re.fullmatch(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+", name) for name in archive.namelist())
        info = next(archive.read(name) for name in archive.namelist() if name.endswith("bag-info.txt"))
    assert len(info.splitlines()) == 5
