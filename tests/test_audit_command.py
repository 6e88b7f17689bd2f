"""`checktrail audit` as people and pipelines meet it: words, documents, exit codes, selections, hostile text."""

from __future__ import annotations

import base64
import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from checktrail.cli import run
from story import Story

POLICY = """\
version: 1
people:
  ben: {name: Ben, emails: [ben@example.org]}
roles:
  qa-lead: {title: QA lead, members: [{person: ben}]}
requirements:
  - {id: qa, match: {text: QA lead sign-off}, role: qa-lead, controls: [SOC 2 CC8.1]}
"""
TEXT = "# Release checklist {}\n\n## Sign-off\n- [ ] QA lead sign-off obtained\n- [ ] Final verification\n"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Three releases: one as asked for, one signed by another, one signed too late."""
    story = Story(tmp_path)
    story.write("checktrail-policy.yml", POLICY)
    story.commit("Policy", on="2024-01-01")
    for version, by, on in (
        ("1.0.0", "Ben", "2024-02-01"),
        ("1.1.0", "Cleo", "2024-03-01"),
        ("1.2.0", "", "2024-04-01"),
    ):
        path = f"checklists/v{version}.md"
        story.write("app.py", version).write(path, TEXT.format(version))
        story.commit(f"Prepare {version}", on=on)
        if by:
            story.tick(path, "QA lead", "Final")
            story.commit("QA", by=by)
        story.tag(f"v{version}", message=version)
        if not by:
            story.tick(path, "QA lead", "Final")
            story.commit("QA", by="Ben")
    return story


def audit(story: Story, *arguments: str) -> int:
    return run(["-C", str(story.root), "audit", *arguments])


def document(story: Story, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    audit(story, "--format", "json", *arguments)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def tags(found: dict[str, Any]) -> list[str]:
    return [one["tag"] for one in found["releases"]]


def test_the_gate(story: Story) -> None:
    assert audit(story, "v1.0.0") == 0
    assert audit(story, "v1.1.0") == 1
    assert audit(story, "v1.2.0") == 1
    assert audit(story) == 1


@pytest.mark.parametrize("form", ["text", "json", "concise", "github", "gitlab", "junit", "sarif", "markdown"])
def test_every_form_has_the_same_exit_code(form: str, story: Story) -> None:
    assert audit(story, "v1.0.0", "--format", form) == 0
    assert audit(story, "v1.1.0", "--format", form) == 1


def test_an_auditor_can_read_it(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    audit(story)
    seen = capsys.readouterr().out
    assert "v1.0.0  2024-02-01  PASS" in seen
    assert "met    qa: recorded as ticked by Ben (claimed)" in seen
    assert "UNMET  qa: Cleo is not QA lead" in seen
    assert "QA lead (approval) [qa]: open at the tag; later recorded as ticked by Ben (claimed)" in seen
    assert "3 releases: 2 fail, 1 pass" in seen
    assert "not by itself an electronic signature under 21 CFR Part 11" in seen
    assert "signed by" not in seen


def test_nothing_unsigned_is_called_signed(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    audit(story)
    text = capsys.readouterr().out
    assert not re.search(r"(?<!un)signed by", text)
    found = document(story, capsys)
    for release in found["releases"]:
        assert {one["signature"] for one in release["signoffs"]} <= {"unsigned", None}
        assert {one["assurance"] for one in release["signoffs"]} <= {0, 1}


def test_the_document_keeps_its_schema_and_its_bytes(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads((files("checktrail") / "schemas" / "audit-1.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    capsys.readouterr()
    audit(story, "--format", "json")
    first = capsys.readouterr().out
    audit(story, "--format", "json")
    assert capsys.readouterr().out == first
    found = json.loads(first)
    Draft202012Validator(schema).validate(found)
    counts = found["run"]["counts"]
    assert counts["tags"] == counts["releases"] + counts["ignored_tags"]
    assert counts["signoffs"] == sum(len(one["signoffs"]) for one in found["releases"])
    listed = [*found["findings"], *(finding for one in found["releases"] for finding in one["findings"])]
    assert counts["findings"] == len(listed)


def test_what_a_sign_off_says(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    (release,) = document(story, capsys, "v1.2.0")["releases"]
    qa, final = release["signoffs"]
    assert (qa["requirement"], qa["role"], qa["status"], qa["name"]) == ("qa", "QA lead", "late", "Ben")
    assert (qa["relation"], qa["lead_seconds"], qa["line"]) == ("after-tag", -3600, 4)
    assert qa["event"]["kind"] == "ticked"
    assert qa["text_tick"] == qa["text_tag"] == qa["text_now"] == "QA lead sign-off obtained"
    assert (final["requirement"], final["role"], final["meaning"]) == (None, None, "approval")
    assert release["verdict"] == "fail"
    assert release["requirements"][0]["met"] is False
    assert release["requirements"][0]["controls"] == ["SOC 2 CC8.1"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--from", "2024-02-15"), ["v1.1.0", "v1.2.0"]),
        (("--to", "2024-03-01"), ["v1.0.0", "v1.1.0"]),
        (("--from", "2024-03-01", "--to", "2024-03-01"), ["v1.1.0"]),
        (("v1.2.0", "v1.0.0"), ["v1.0.0", "v1.2.0"]),
        (("--from", "2030-01-01"), []),
    ],
)
def test_periods(
    arguments: tuple[str, ...], expected: list[str], story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tags(document(story, capsys, *arguments)) == expected


def test_a_sample_can_be_drawn_again(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    drawn = {
        seed: tags(document(story, capsys, "--sample", "1", "--seed", seed)) for seed in ("one", "two", "three", "four")
    }
    assert all(len(sample) == 1 for sample in drawn.values())
    assert len({sample[0] for sample in drawn.values()}) > 1
    assert tags(document(story, capsys, "--sample", "1", "--seed", "one")) == drawn["one"]
    found = document(story, capsys, "--sample", "2", "--seed", "one")
    assert found["run"]["sample"] == {"size": 2, "seed": "one", "population": 3}
    assert set(drawn["one"]) <= set(tags(found))


def test_a_policy_given_by_hand(story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lenient = tmp_path / "lenient.yml"
    lenient.write_text("version: 1\n")
    assert audit(story, "--policy", str(lenient)) == 0
    assert audit(story, "--policy", str(tmp_path / "nowhere.yml")) == 2
    lenient.write_text("version: 1\nwaiver: []\n")
    assert audit(story, "--policy", str(lenient)) == 2
    assert "did you mean waivers?" in capsys.readouterr().err


def test_a_broken_policy_stops_the_run(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    story.replace("checktrail-policy.yml", "requirements:", "requirement:")
    story.commit("Misspell")
    assert audit(story) == 2
    error = capsys.readouterr().err
    assert "there is no key requirement" in error
    assert "did you mean requirements?" in error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("v1.0.1",), "did you mean v1."),
        (("nightly",), "is no release"),
        (("--from", "yesterday"), "is no date"),
        (("--explain", "nothing", "v1.0.0"), "has no requirement nothing"),
        (("--explain", "qa", "v9"), "there is no release v9"),
        (("--sample", "0"), "0"),
    ],
)
def test_what_cannot_be_asked(
    arguments: tuple[str, ...], says: str, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    story.tag("nightly")
    assert audit(story, *arguments) == 2
    assert says in capsys.readouterr().err


def test_explain_says_why(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(story, "--explain", "qa", "v1.1.0") == 0
    seen = capsys.readouterr().out
    assert "qa does not hold for v1.1.0: Cleo is not QA lead" in seen
    assert "it looks for text 'QA lead sign-off' in checklists/v1.1.0.md" in seen
    assert "ID309" in seen
    assert "controls: SOC 2 CC8.1" in seen
    assert audit(story, "--explain", "qa", "v1.0.0") == 0
    assert "qa holds for v1.0.0: recorded as ticked by Ben (claimed)" in capsys.readouterr().out
    waiver = "waivers: [{code: ID309, release: v1.1.0, subject: qa, reason: Ben was ill, approved_by: Dana}]"
    story.write("checktrail-policy.yml", f"{POLICY}{waiver}\n").commit("Waive")
    assert audit(story, "--explain", "qa", "v1.1.0") == 0
    assert "ID309  Cleo is not QA lead" in (seen := capsys.readouterr().out)
    assert "waived by Dana, granted after the release: Ben was ill" in seen


def test_reports_name_release_and_rule(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    audit(story, "v1.1.0", "--format", "sarif")
    sarif = json.loads(capsys.readouterr().out)
    (one,) = [found for found in sarif["runs"][0]["results"] if found["ruleId"] == "ID309"]
    assert one["level"] == "error"
    assert "v1.1.0" in one["message"]["text"]
    audit(story, "v1.1.0", "--format", "junit")
    suites = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - our own output
    assert any("ID309" in str(case.get("name")) for case in suites.iter("testcase"))


HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\x1b[31mred\x1b[0m\x07",
    "a\u202eb",
    "'; DROP TABLE signoffs; --",
    "${jndi:ldap://x}",
    "]]> &amp; <!--",
    "%0a::error::x",
)


def test_hostile_text_reaches_nobody_raw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path)
    items = "".join(f"- [ ] {text} sign-off\n" for text in HOSTILE)
    story.write("RELEASE.md", f"# Release checklist\n\n## Sign-off\n{items}")
    story.commit("Start")
    for number, text in enumerate(HOSTILE):
        story.write("RELEASE.md", (story.root / "RELEASE.md").read_text().replace("- [ ]", "- [x]", 1))
        story.git(
            "commit", "--quiet", f"--message={text}\n\nReviewed-by: {text} <x@example.org>", by=f"N{number} {text}"
        )
    story.tag("v1.0.0", message="\x1b]0;title\x07")
    for form in ("text", "json", "concise", "github", "gitlab", "junit", "sarif", "markdown"):
        capsys.readouterr()
        assert audit(story, "--format", form) == 0
        seen = capsys.readouterr().out
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", seen), form
        if form in ("json", "sarif", "gitlab"):
            json.loads(seen)
        if form == "junit":
            ET.fromstring(seen)  # noqa: S314 - our own output
        if form == "markdown":
            assert "<script>" not in seen
        if form == "github":
            assert not re.search(r"^::error::x", seen, re.MULTILINE)


def test_the_users_own_git_configuration_changes_no_byte(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    capsys.readouterr()
    audit(story, "--format", "json")
    plain = capsys.readouterr().out
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[core]\n\tquotepath = true\n[log]\n\tshowSignature = true\n\tmailmap = true\n[diff]\n\trenames = copies\n"
        "[gpg]\n\tformat = ssh\n[mailmap]\n\tfile = /nowhere\n[i18n]\n\tlogOutputEncoding = latin1\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    audit(story, "--format", "json")
    assert capsys.readouterr().out == plain


def test_a_repository_without_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path)
    assert audit(story) == 0
    story.write("README.md", "nothing\n")
    story.commit("Start")
    assert audit(story) == 0
    assert "0 releases: none in scope" in capsys.readouterr().out


def test_a_path_that_is_no_text_keeps_its_bytes_wherever_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = os.fsdecode(b"checklists/caf\xe9-v1.0.0.md")
    story = Story(tmp_path).write(path, TEXT.format("1.0.0") + "- [x] CHANGELOG.md updated\n")
    story.commit("Prepare")
    story.tick(path, "QA lead", "Final").commit("QA", by="Ben")
    story.tag("v1.0.0", message="1.0.0")
    found = document(story, capsys)
    Draft202012Validator(json.loads((files("checktrail") / "schemas" / "audit-1.schema.json").read_text())).validate(
        found
    )
    (release,) = found["releases"]
    events = [one["event"] for one in release["signoffs"] if one["event"]]
    placed = [one for one in release["findings"] if one["path"]]
    assert release["signoffs"]
    assert events
    assert placed
    assert release["witness"]
    for one in (*release["signoffs"], *events, *placed, *release["witness"]):
        assert one["path"] == "checklists/caf\ufffd-v1.0.0.md"
        assert base64.b64decode(one["path_bytes"]) == os.fsencode(path)


def test_a_broken_policy_at_head_stops_the_build_and_leaves_the_site(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    site = story.root.parent / "site"
    build = ["-C", str(story.root), "build", "--site-dir", str(site)]
    assert run(build) == 0
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    story.write("checktrail-policy.yml", "version: 1\nroles: [\n").commit("Break the policy", by="Ada")
    capsys.readouterr()
    assert run(build) == 2
    said = capsys.readouterr().err
    assert [line for line in said.splitlines() if line.startswith("checktrail: ")] == said.splitlines()[:1]
    assert "checktrail-policy.yml" in said
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    assert not [path for path in site.parent.iterdir() if path not in (site, story.root)]
