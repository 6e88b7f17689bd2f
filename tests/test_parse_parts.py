"""Everything a checklist holds beside its items: steps, tables, metadata, contacts, holes, oddities."""

from __future__ import annotations

import pytest

from checktrail.completion import declared, totals_that_do_not_add_up, uncovered
from checktrail.model import OddityKind, Phase
from checktrail.parse import parse, read, with_phases
from seeds import SEEDS, needs_seeds

RUNBOOK = """# Deploy the gateway

## Deployment

1. Stop the old one

   ```bash
   gatewayctl stop
   ```

2. Start the new one
   - on the canary

     ```sh
     gatewayctl start --canary
     ```
   - everywhere

         gatewayctl start

3. [ ] Watch it

   ```bash
   gatewayctl tail
   ```
"""


def test_steps_keep_their_commands_and_items_theirs() -> None:
    checklist = parse(RUNBOOK)
    assert [(step.line, step.number, step.text) for step in checklist.steps] == [
        (5, 1, "Stop the old one"),
        (11, 2, "Start the new one"),
    ]
    assert [[tuple(command) for command in step.commands] for step in checklist.steps] == [
        [("bash", "gatewayctl stop")],
        [("sh", "gatewayctl start --canary"), ("", "gatewayctl start")],
    ]
    assert [command.text for command in checklist.items[0].commands] == ["gatewayctl tail"]


TABLED = """# Release

## Build
- [x] a
- [ ] b

## Ship
### Tag
- [ ] c
### Announce
- [ ] d

## Completion

| Category | Items | Completed | Notes |
|----------|------:|----------:|-------|
| Build | 2 | 1 | fine |
| [2. TAG](#tag) | 3 | x | |
| Nowhere | 1 | 0 | |
| **Total** | **9** | **1** | |
"""


def test_a_declared_table_is_set_beside_the_boxes() -> None:
    checklist = parse(TABLED)
    counts = declared(checklist)
    assert [
        (count.row.row, count.row.items, count.row.ticked, count.row.notes, count.row.line) for count in counts
    ] == [
        ("Build", 2, 1, "fine", 17),
        ("2. TAG", 3, None, "", 18),
        ("Nowhere", 1, 0, "", 19),
        ("Total", 9, 1, "", 20),
    ]
    assert [(count.counted_items, count.counted_ticked) for count in counts] == [(2, 1), (1, 0), (None, None), (4, 1)]
    assert [count.section.path if count.section else None for count in counts] == [
        ("Build",),
        ("Ship", "Tag"),
        None,
        None,
    ]
    assert [count.agrees for count in counts] == [True, False, False, False]
    assert [section.path for section in uncovered(checklist)] == [("Ship", "Announce")]
    assert [summed for _, summed in totals_that_do_not_add_up(checklist)] == [6]


def test_other_tables_declare_nothing() -> None:
    assert parse("# T\n- [ ] a\n\n| Name | Owner |\n|---|---|\n| x | y |\n").declared == ()


PARTED = """---
release: 2.4.0
owners: [ada, ben]
phases:
  Sweep up: follow-up
---
# Gateway checklist
Version: 2.4.0
Window: Tuesday night

Everything the gateway's release needs.

## Sweep up
- [ ] Close the ticket

## When to roll back
If one of these holds:
- errors above 1%
1. money is lost

## Contacts
- **On call**: [Contact]
- Manager: Ada

| Who | Phone |
|---|---|
| Desk | 12 |

## Notes
Read before you start.
- never on a Friday

## Metrics to track
- Change lead time

## Resources
- [Guide](GUIDE.md)

If nothing helps:

---

**Status**: In Progress
**Release Date:** TBD
"""


def test_the_parts_are_kept_in_their_places() -> None:
    checklist = parse(PARTED)
    facts = {fact.key: (fact.value, fact.line) for fact in checklist.facts}
    assert facts == {
        "release": ("2.4.0", 2),
        "owners": ("ada, ben", 3),
        "Version": ("2.4.0", 8),
        "Window": ("Tuesday night", 9),
        "Status": ("In Progress", 43),
        "Release Date": ("TBD", 44),
    }
    assert [remark.text for remark in checklist.purpose] == ["Everything the gateway's release needs."]
    assert [remark.text for remark in checklist.triggers] == [
        "If one of these holds:",
        "errors above 1%",
        "money is lost",
    ]
    assert [(contact.key, contact.value) for contact in checklist.contacts] == [
        ("On call", "[Contact]"),
        ("Manager", "Ada"),
        ("Desk", "12"),
    ]
    assert [remark.text for remark in checklist.notes] == ["Read before you start.", "never on a Friday"]
    assert [remark.text for remark in checklist.tracked_figures] == ["Change lead time"]
    assert [remark.text for remark in checklist.resources] == ["[Guide](GUIDE.md)", "If nothing helps:"]
    assert checklist.version == "2.4.0"
    assert checklist.phase_of(checklist.items[0]) is Phase.FOLLOW_UP


def test_prose_before_a_list_stays() -> None:
    checklist = parse("# T\n## Rollback\nIf it burns:\n\n1. [ ] Stop\n")
    assert [(remark.text, remark.line) for remark in checklist.prose] == [("If it burns:", 3)]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("# Gateway v1.4.0 checklist\n", "1.4.0"),
        ("# Release 2024.10\n", "2024.10"),
        ("# Python 3.11 checklist\n", None),
        ("# Checklist (e.g., v1.0.0)\n", None),
        ("# Release vX.Y.Z\n", None),
        ("# Checklist\nVersion: 1.0.0\n", "1.0.0"),
        ("# Checklist\nVersion: 1.0.0\nLast Updated: 2024-01-01\n", None),
        ("# Checklist\n\n- [ ] Version number determined (e.g., v1.0.0)\n", None),
        ("# Checklist\n- [ ] a\n\n---\n\n**Version**: v2.0.0-rc.1\n", "2.0.0-rc.1"),
        ("---\nrelease: v3.1\n---\n# Checklist v2.0.0\n", "3.1"),
    ],
)
def test_the_release_a_text_binds_to(text: str, version: str | None) -> None:
    assert parse(text).version == version


def test_holes_are_found_with_their_item_and_links_are_none() -> None:
    checklist = parse(
        "# [PROJECT_NAME]\n- [ ] Tag `vX.Y.Z` [JIRA-123] [docs](x) [ref][y] [WIP]\n- [x] Sent to [Contact]\n"
        "\nDate: TBD\n\n<!-- [HIDDEN_HOLE] -->\n"
    )
    assert [(hole.text, hole.line, hole.item) for hole in checklist.placeholders] == [
        ("[PROJECT_NAME]", 1, None),
        ("vX.Y.Z", 2, 0),
        ("[Contact]", 3, 1),
        ("TBD", 5, None),
    ]


def test_a_template_section_is_marked_with_what_stands_under_it() -> None:
    checklist = parse("# T\n## Release Notes Template\n### Highlights\n- [KEY_FEATURE]\n## Else\n")
    assert [section.is_template for section in checklist.sections] == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        ("# T\n\n```\n- [ ] code\n```\n", OddityKind.BOX_IN_CODE, 4),
        ("# T\n\n    - [x] code\n", OddityKind.BOX_IN_CODE, 3),
        ("# T\n<!--\n- [ ] later\n-->\n", OddityKind.BOX_IN_COMMENT, 3),
        ("<div>\n- [ ] flat\n</div>\n", OddityKind.BOX_IN_HTML, 2),
        ("| a | b |\n|---|---|\n| x | [x] |\n", OddityKind.BOX_IN_TABLE, 3),
        ("# Ready \u00e2\u0153\u2026\n", OddityKind.MOJIBAKE, 1),
        ("a\nb \u00e2\u20ac\u201d c\n", OddityKind.MOJIBAKE, 2),
        ("- [ ] a\u202e b\n", OddityKind.BIDI_CONTROL, 1),
        ("a\r\nb\n", OddityKind.MIXED_LINE_ENDS, 1),
        ("a\n<<<<<<< HEAD\n- [ ] a\n", OddityKind.CONFLICT_MARKER, 2),
        ("---\na: [\n---\n- [ ] x\n", OddityKind.BAD_FRONT_MATTER, 3),
        ("---\nphases: {A: soon}\n---\n- [ ] x\n", OddityKind.BAD_FRONT_MATTER, 2),
    ],
)
def test_oddities_are_named_with_their_line(text: str, kind: OddityKind, line: int) -> None:
    assert (kind, line) in [(oddity.kind, oddity.line) for oddity in parse(text).oddities]


@pytest.mark.parametrize(
    "text", ["CAF\u00c9\u201d \u00e9t\u00e9 \u2014 \u00fc\u00df\n", "```\n<<<<<<< HEAD\n```\n", "na\u00efve \u2705\n"]
)
def test_honest_text_is_not_odd(text: str) -> None:
    assert parse(text).oddities == ()


def test_a_configuration_gives_phases_to_headings_and_what_stands_under_them() -> None:
    checklist = parse("# T\n## 1. Sweep\n### Deep\n- [ ] a\n## Other\n- [ ] b\n")
    changed = with_phases(checklist, {"sweep": Phase.VERIFY})
    assert [changed.phase_of(item) for item in changed.items] == [Phase.VERIFY, Phase.PREPARE]
    assert with_phases(checklist, {}) is checklist


@needs_seeds
def test_the_real_checklists_keep_every_part() -> None:
    first, second, third, fourth, fifth = (read(file.read_bytes()) for file in SEEDS)
    assert [count.counted_items for count in declared(first)] == [29, 20, 12, 18, 7, 10, 101]
    assert [summed for _, summed in totals_that_do_not_add_up(first)] == [80]
    assert [section.line for section in uncovered(first)] == [127]
    assert len(first.placeholders) == 17
    assert all(first.sections[hole.section].is_template for hole in first.placeholders)
    assert (len(second.steps), len(second.contacts), len(second.triggers)) == (9, 10, 5)
    assert all(len(step.commands) == 1 for step in second.steps)
    assert second.version is None, "a version beside the date of the last update is the document's own"
    assert (len(third.notes), [remark.line for remark in third.prose]) == (5, [118])
    assert (fourth.version, len(fourth.facts), len(fourth.resources)) == ("1.0.0", 4, 4)
    assert [(oddity.kind, oddity.line) for oddity in fourth.oddities] == [(OddityKind.MOJIBAKE, 182)]
    assert (len(fifth.tracked_figures), len(fifth.triggers), len(fifth.purpose)) == (6, 6, 1)
    assert [(oddity.kind, oddity.line) for oddity in fifth.oddities] == [(OddityKind.MOJIBAKE, 1)]
