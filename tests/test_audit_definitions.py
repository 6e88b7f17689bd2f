"""Every code of the audit is explained, and what is explained is true of the registry."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from checktrail.audit.rules.registry import INCOMPLETE, CodeName, codes, rules_digest
from checktrail.exports.rules import definition, rule_texts

PARTS = ("Why", "How it is computed", "What it looks at", "Limits", "Remedy", "Severity", "Controls")


def test_every_code_has_a_definition_and_every_definition_a_code() -> None:
    folder = files("checktrail.audit") / "definitions"
    written = sorted(file.name.removesuffix(".md") for file in folder.iterdir() if file.name.endswith(".md"))
    assert written == [one.code for one in codes()]
    assert len(written) >= 40


@pytest.mark.parametrize("one", codes(), ids=[one.code for one in codes()])
def test_a_definition_says_all_there_is_to_say(one: CodeName) -> None:
    text = definition(one.code)
    assert text is not None
    assert text.startswith(f"# {one.code} {one.name}\n\n")
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == PARTS
    assert all(part.strip() for part in re.split(r"^## .+$", text, flags=re.MULTILINE))
    severity = text.split("## Severity\n\n")[1].split("\n")[0]
    assert severity.lower().startswith((one.severity.value, "error, since"))
    assert (one.code in INCOMPLETE) is ("indeterminate" in severity)
    assert rule_texts([one.code])[one.code].summary


def test_names_are_told_apart() -> None:
    names = [one.name for one in codes()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(?:-[a-z]+)*", name) for name in names)


def test_the_digest_is_of_what_the_rules_weigh() -> None:
    assert rules_digest() == rules_digest()
    assert re.fullmatch(r"[0-9a-f]{64}", rules_digest())
