"""What each rule of lint and audit is about: one Markdown file per code, read by everyone who explains a finding.

A file opens with `# CODE name`, then one sentence or two; `## Why` gives the motive, and the rest what that kind of
rule needs: examples that the tests run, what is computed from what, the remedy.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from checktrail.exports.reports.report import RuleText
from checktrail.exports.wire import document
from checktrail.model import Severity

_SUFFIX = ".md"


def codes() -> tuple[str, ...]:
    """Every code that has a definition, sorted."""
    found = (file.name.removesuffix(_SUFFIX) for folder in _folders() for file in folder.iterdir() if _is_rule(file))
    return tuple(sorted(found))


def definition(code: str) -> str | None:
    """The definition of a rule as Markdown; None when no rule has that code."""
    if not code.isalnum():
        return None
    for folder in _folders():
        file = folder / f"{code}{_SUFFIX}"
        if file.is_file():
            return file.read_text("utf-8")
    return None


def title(code: str) -> str:
    """The rule's code and name, as its definition opens."""
    return (definition(code) or f"# {code}").split("\n", 1)[0].removeprefix("# ").strip()


def rule_texts(wanted: Iterable[str]) -> dict[str, RuleText]:
    """What some rules are about: the first paragraph, and the whole definition."""
    found = {code: definition(code) for code in sorted(set(wanted))}
    return {code: RuleText(_opening(text), text) for code, text in found.items() if text}


def rules_document(wanted: Iterable[str] | None = None) -> dict[str, Any]:
    """Some rules, all by default, with their names, severities and definitions: `checktrail.rules/1`.

    The severity is what a finding has where nothing says otherwise.
    """
    known = catalogue()
    rows = [
        {
            "code": code,
            "name": known[code][0],
            "severity": known[code][1].value,
            "summary": words.summary,
            "definition": words.help,
        }
        for code, words in rule_texts(codes() if wanted is None else wanted).items()
    ]
    return document("rules", {"rules": rows})


def catalogue() -> dict[str, tuple[str, Severity]]:
    """Name and severity of every rule by its code: the audit's in their order, then lint's sorted."""
    from checktrail.audit.rules import registry  # only who shows the catalogue needs all rules
    from checktrail.lint import rules as lint

    audit = {code: (name, severity) for code, name, severity in registry.codes()}
    return audit | {code: lint.NAMES[code] for code in sorted(lint.NAMES)}


def _opening(text: str) -> str:
    paragraphs = [part for part in text.split("\n\n") if not part.startswith("#")]
    return " ".join(paragraphs[0].split()) if paragraphs else ""


def _folders() -> list[Traversable]:
    roots = (files("checktrail.lint") / "definitions", files("checktrail.audit") / "definitions")
    return [root for root in roots if root.is_dir()]


def _is_rule(file: Traversable) -> bool:
    return file.name.endswith(_SUFFIX) and file.name[:2].isupper() and file.name[2:-3].isdigit()
