"""All rules of the audit by family, and a digest by which two runs can tell that they used the same. Pure."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final, NamedTuple

from checktrail.audit.case import GeneralRule, Rule
from checktrail.audit.rules import evidence_rules, identity_rules, release_rules, signoff_rules, time_rules
from checktrail.model import Severity

RULES: Final[tuple[Rule, ...]] = (
    *evidence_rules.RULES,
    *release_rules.RULES,
    *signoff_rules.RULES,
    *identity_rules.RULES,
    *time_rules.RULES,
)
GENERAL_RULES: Final[tuple[GeneralRule, ...]] = (*evidence_rules.GENERAL, *release_rules.GENERAL)

# What any of these says makes the evidence incomplete, and no waiver makes it whole.
INCOMPLETE: Final = frozenset({"EV001", "EV002", "EV003", "EV004", "EV005", "EV006"})

# What it weighs is said by the policy before the change, which cannot so belittle itself.
POLICY_CHANGED: Final = "RL110"


class CodeName(NamedTuple):
    """A code with its name and its weight where nothing makes it weigh more."""

    code: str
    name: str
    severity: Severity


def codes() -> tuple[CodeName, ...]:
    """Every code once, in order."""
    every: tuple[Rule | GeneralRule, ...] = (*GENERAL_RULES, *RULES)
    found = {rule.code: CodeName(rule.code, rule.name, rule.severity) for rule in every}
    return tuple(found[code] for code in sorted(found))


@cache
def rules_digest() -> str:
    """SHA-256 over every code, name and severity: it changes when a rule is added, dropped or weighs otherwise."""
    lines = "".join(f"{one.code} {one.name} {one.severity}\n" for one in codes())
    return hashlib.sha256(lines.encode()).hexdigest()
