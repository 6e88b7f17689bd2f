"""The registry: every rule with its code, its name, how much it weighs, and where it holds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checktrail.lint import boxes, changes, encoding, items, layout, placeholders, signoffs, tables
from checktrail.lint.changes import On, Proposal
from checktrail.lint.page import Flaw, Page
from checktrail.model import Severity

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741 -- the letters of the table in the reference


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that looks at one file.

    `everywhere` is true for rules about boxes, which hold in any file; the others hold only in checklists of a release,
    since a roadmap or a pull-request template owes nobody a reason or a date.
    """

    code: str
    name: str
    severity: Severity
    check: Callable[[Page], Iterator[Flaw]]
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """A rule that looks at what a change does to one file."""

    code: str
    name: str
    severity: Severity
    check: Callable[[Proposal], Iterator[On]]


RULES: tuple[Rule, ...] = (
    Rule("CL101", "empty-brackets", E, boxes.empty_brackets, everywhere=True),
    Rule("CL102", "glued-bullet", E, boxes.glued_bullet, everywhere=True),
    Rule("CL103", "padded-mark", E, boxes.padded_mark, everywhere=True),
    Rule("CL104", "glued-text", E, boxes.glued_text, everywhere=True),
    Rule("CL105", "unknown-mark", W, boxes.unknown_mark, everywhere=True),
    Rule("CL106", "escaped-box", E, boxes.escaped_box, everywhere=True),
    Rule("CL107", "empty-item", E, boxes.empty_item, everywhere=True),
    Rule("CL108", "untidy-box", I, boxes.untidy_box, everywhere=True),
    Rule("CL109", "odd-space", E, boxes.odd_space, everywhere=True),
    Rule("CL110", "sign-as-box", W, boxes.sign_as_box, everywhere=True),
    Rule("CL111", "hidden-box", I, boxes.hidden_box, everywhere=True),
    Rule("CL112", "not-set-off", E, layout.not_set_off, everywhere=True),
    Rule("CL113", "shallow-nesting", E, layout.shallow_nesting, everywhere=True),
    Rule("CL114", "round-delimiter", W, layout.round_delimiter, everywhere=True),
    Rule("CL201", "duplicate-item", W, items.duplicate, everywhere=True),
    Rule("CL202", "contradiction", E, items.contradiction, everywhere=True),
    Rule("CL203", "open-child", E, items.open_child, everywhere=True),
    Rule("CL204", "open-parent", I, items.open_parent, everywhere=True),
    Rule("CL205", "number-skips", W, items.number_skips),
    Rule("CL206", "empty-section", W, items.empty_section),
    Rule("CL207", "level-jump", W, items.level_jump),
    Rule("CL301", "wrong-row", E, tables.wrong_row),
    Rule("CL302", "wrong-total", E, tables.wrong_total),
    Rule("CL303", "unknown-row", E, tables.unknown_row),
    Rule("CL304", "broken-markers", E, tables.broken_markers, everywhere=True),
    Rule("CL401", "unfilled-placeholder", W, placeholders.unfilled),
    Rule("CL402", "to-be-determined", W, placeholders.to_be_done),
    Rule("CL403", "impossible-date", W, placeholders.impossible_date),
    Rule("CL404", "other-version", E, placeholders.other_version),
    Rule("CL405", "no-reason", W, placeholders.no_reason),
    Rule("CL406", "no-evidence", W, placeholders.no_evidence),
    Rule("CL501", "no-sign-off", E, signoffs.no_signoff),
    Rule("CL502", "template-drift", W, signoffs.drift),
    Rule("CL503", "blank-signature", E, signoffs.blank_signature),
    Rule("CL504", "false-claim", E, signoffs.false_claim),
    Rule("CL701", "mojibake", W, encoding.mojibake, everywhere=True),
    Rule("CL702", "odd-characters", W, encoding.odd_characters, everywhere=True),
)

CHANGE_RULES: tuple[ChangeRule, ...] = (
    ChangeRule("CL601", "reworded-while-ticked", W, changes.reworded_while_ticked),
    ChangeRule("CL602", "ticked-item-lost-or-born", W, changes.lost_or_born_ticked),
    ChangeRule("CL603", "unticked", I, changes.unticked),
    ChangeRule("CL604", "released-checklist-edited", E, changes.released_edited),
    ChangeRule("CL605", "many-ticks-at-once", I, changes.many_at_once),
    ChangeRule("CL606", "squash-would-merge-people", W, changes.several_people),
)

UNUSED_SUPPRESSION = ("CL001", "unused-suppression", W)
REASONLESS_SUPPRESSION = ("CL002", "reasonless-suppression", W)

NAMES: dict[str, tuple[str, Severity]] = {
    **{rule.code: (rule.name, rule.severity) for rule in RULES},
    **{rule.code: (rule.name, rule.severity) for rule in CHANGE_RULES},
    **{code: (name, severity) for code, name, severity in (UNUSED_SUPPRESSION, REASONLESS_SUPPRESSION)},
}
"""Every code with its rule's name and severity."""
