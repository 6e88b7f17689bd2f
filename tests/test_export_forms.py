"""In-toto Statements and OSCAL assessment results: as their specifications say, and the same as the audit."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from checktrail.demo import write_demo
from checktrail.exports.oscal import oscal_document
from checktrail.exports.tables import table
from export_story import exported

TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder / "tidepool")
    return exported(folder / "tidepool", folder / "out")


@pytest.fixture(scope="module")
def audit(files: Mapping[str, bytes]) -> Any:
    return json.loads(files["audit.json"])


@pytest.fixture(scope="module")
def results(files: Mapping[str, bytes]) -> Any:
    return json.loads(files["oscal-assessment-results.json"])["assessment-results"]


def test_a_statement_names_the_tag_and_its_commit(files: Mapping[str, bytes], audit: Any) -> None:
    statements = [json.loads(line) for line in files["releases.intoto.jsonl"].splitlines()]
    assert len(statements) == len(audit["releases"])
    for statement, release in zip(statements, audit["releases"], strict=True):
        assert set(statement) == {"_type", "subject", "predicateType", "predicate"}
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["predicateType"] == "urn:checktrail:release-signoff:1"
        digests = [subject["digest"] for subject in statement["subject"]]
        tag = [{"gitTag": release["tag_object"]}] if release["tag_object"] else []
        assert digests == [*tag, {"gitCommit": release["commit"]}]
        assert len({subject["name"] for subject in statement["subject"]}) == len(digests)
        assert statement["predicate"]["verdict"] == release["verdict"]
        assert statement["predicate"]["signoffs"] == release["signoffs"]
        assert statement["predicate"]["run"]["counts"]


def test_a_lightweight_tag_has_a_commit_alone(files: Mapping[str, bytes], audit: Any) -> None:
    light = [number for number, one in enumerate(audit["releases"]) if one["tag_object"] is None]
    lines = files["releases.intoto.jsonl"].splitlines()
    assert light
    assert all(len(json.loads(lines[number])["subject"]) == 1 for number in light)


def test_a_requirement_is_satisfied_or_not(results: Any, audit: Any) -> None:
    assert [one["title"].replace("\\", "") for one in results["results"]] == [one["tag"] for one in audit["releases"]]
    states = set()
    for result, release in zip(results["results"], audit["releases"], strict=True):
        found = [finding["target"]["status"]["state"] for finding in result.get("findings", ())]
        assert found == ["satisfied" if one["met"] else "not-satisfied" for one in release["requirements"]]
        assert len(result.get("observations", ())) == len(release["signoffs"]) + len(release["findings"])
        states |= set(found)
    assert states == {"satisfied", "not-satisfied"}


def test_every_uuid_is_made_of_the_tag_and_there_once(results: Any) -> None:
    made = [value for key, value in _pairs(results) if key == "uuid"]
    assert len(set(made)) == len(made)
    assert {uuid.UUID(value).version for value in made} == {5}
    referred = {value for key, value in _pairs(results) if key == "observation-uuid"}
    assert referred <= set(made)


def test_names_are_tokens_and_texts_are_never_empty(results: Any) -> None:
    for key, value in _pairs(results):
        if key in {"name", "target-id"}:
            assert TOKEN.fullmatch(value), value
        if isinstance(value, str):
            assert value.strip() == value
            assert value


def test_assessment_results_are_what_the_published_model_takes(files: Mapping[str, bytes]) -> None:
    """The models of compliance-trestle are generated from NIST's schema, and refuse what it does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependencies' own
        model = pytest.importorskip("trestle.oscal.assessment_results", reason="compliance-trestle is not installed")
    document = json.loads(files["oscal-assessment-results.json"])
    taken = model.Model.model_validate(document)
    assert len(taken.assessment_results.results) == len(document["assessment-results"]["results"])
    document["assessment-results"]["results"][0]["unknown"] = 1
    with pytest.raises(ValueError, match="unknown"):
        model.Model.model_validate(document)


def test_a_repository_without_releases_still_has_a_result(files: Mapping[str, bytes], audit: Any) -> None:
    record = json.loads(files["record.json"])
    document = oscal_document({**record, "releases": []}, {**audit, "releases": []})["assessment-results"]
    assert [one["title"] for one in document["results"]] == ["No release"]


@pytest.mark.parametrize("seconds", [10**20, -(10**20), 2**63 - 1])
def test_a_time_that_nobody_had_is_the_same_number_in_every_table(seconds: int) -> None:
    [(_, held)] = table("signoffs", "lead_seconds:integer", lambda: [{"lead_seconds": seconds}]).rows
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE signoffs (lead_seconds INTEGER)")
        database.execute("INSERT INTO signoffs VALUES (?)", (held,))
        assert database.execute("SELECT lead_seconds FROM signoffs").fetchone() == (held,)


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
        for part in value.values():
            yield from _pairs(part)
    elif isinstance(value, list):
        for part in value:
            yield from _pairs(part)
