"""Every rule's own examples: the bad one is found by exactly that rule, the good one by none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import UsageError
from click.testing import CliRunner

from checktrail.cli import group
from checktrail.exports.rules import codes, definition, rule_texts, title
from checktrail.lint.changes import Changed, Proposal, pairs
from checktrail.lint.driver import check, check_change, mended
from checktrail.lint.rules import CHANGE_RULES, NAMES, RULES
from checktrail.lint.selection import Selection
from checktrail.model import Repair
from checktrail.parse import read
from lint_examples import examples, page_of, template_of

FILE_CODES = ["CL001", "CL002", *(rule.code for rule in RULES)]
STORY_CODES = {"CL605", "CL606"}  # they look at commits: test_lint_base.py
CHANGE_CODES = [rule.code for rule in CHANGE_RULES if rule.code not in STORY_CODES]


def found(code: str, heading: str) -> list[str]:
    pages = [page_of(example.path, example.text, template_of(code)) for example in examples(code, heading)]
    assert pages
    return [one.finding.code for page in pages for one in check(page, Selection())]


@pytest.mark.parametrize("code", FILE_CODES)
def test_the_bad_example_is_found_by_its_rule_alone(code: str) -> None:
    seen = set(found(code, "Bad"))
    allowed = {"CL101"} if code == "CL002" else {"CL502"} if code == "CL501" else set()
    assert code in seen
    assert seen - allowed == {code}


@pytest.mark.parametrize("code", FILE_CODES)
def test_the_good_example_is_clean(code: str) -> None:
    assert found(code, "Good") == []


@pytest.mark.parametrize("code", FILE_CODES)
def test_the_promised_fix_is_there_and_leads_to_a_clean_file(code: str) -> None:
    (example,) = examples(code, "Bad")
    fixes = [
        one.fix
        for one in check(page_of(example.path, example.text, template_of(code)), Selection())
        if one.finding.code == code
    ]
    said = (definition(code) or "").split("## Fix\n")[1].strip()
    if said.startswith(("None", "By ")) or code == "CL702":
        return
    assert any(fixes), f"{code} promises a fix"
    start = page_of(example.path, example.text, template_of(code))
    after = mended(start, Selection(), read, repairs=frozenset(Repair))
    assert code not in [one.finding.code for one in check(after, Selection())]


def changed(code: str, heading: str) -> list[str]:
    before, after = examples(code, heading)
    old, new = read(before.text.encode()), page_of(after.path, after.text)
    proposal = Proposal((Changed(new, old, pairs(old, new.checklist)),))
    return [one.finding.code for one in check_change(proposal, Selection())]


@pytest.mark.parametrize("code", CHANGE_CODES)
def test_the_bad_change_is_found_by_its_rule_alone(code: str) -> None:
    assert set(changed(code, "Bad")) == {code}


@pytest.mark.parametrize("code", CHANGE_CODES)
def test_the_good_change_is_clean(code: str) -> None:
    assert changed(code, "Good") == []


def test_every_rule_has_a_definition_and_every_definition_a_rule() -> None:
    assert {code for code in codes() if code.startswith("CL")} == set(NAMES)


@pytest.mark.parametrize("code", sorted(NAMES))
def test_a_definition_opens_with_its_code_and_name_and_one_paragraph(code: str) -> None:
    assert title(code) == f"{code} {NAMES[code][0]}"
    assert rule_texts([code])[code].summary.endswith(".")
    headings = re.findall(r"^## (\w+)$", definition(code) or "", re.MULTILINE)
    assert {"Why", "Bad", "Good", "Fix"} <= set(headings)


def test_the_reference_page_is_what_the_registry_makes() -> None:
    from lint_reference import PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page(), "run `python tests/lint_reference.py`"


def test_the_accuracy_page_speaks_of_every_rule() -> None:
    text = (Path(__file__).parent.parent / "docs/reference/lint-accuracy.md").read_text(encoding="utf-8")
    told = set(re.findall(r"CL\d{3}", text))
    for first, last in re.findall(r"(CL\d{3}) to (CL\d{3})", text):
        told |= {code for code in NAMES if first <= code <= last}
    assert set(NAMES) - told == {"CL001", "CL002"}


def test_a_rule_is_told_on_the_command_line() -> None:
    def rule(*arguments: str) -> str:
        return CliRunner().invoke(group, ["rule", *arguments], standalone_mode=False).output

    assert rule("cl101") == definition("CL101")
    assert "CL606  squash-would-merge-people" in rule()
    wrong = CliRunner().invoke(group, ["rule", "CL999"], standalone_mode=False)
    assert isinstance(wrong.exception, UsageError)
    assert "did you mean" in wrong.exception.message
    assert CliRunner().invoke(group, ["rule", "../../x"], standalone_mode=False).exception is not None
