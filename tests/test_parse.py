"""What is an item, where it stands, and what its words say."""

from __future__ import annotations

import json

import pytest

from checktrail.model import OddityKind, State
from checktrail.parse import decode, parse, read
from seeds import CORPUS, SEEDS, needs_corpus, needs_seeds


def states(text: str) -> list[tuple[int, str]]:
    return [(item.line, item.marker) for item in parse(text).items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] a", [(1, " ")]),
        ("* [x] a", [(1, "x")]),
        ("+ [X] a", [(1, "X")]),
        ("1. [ ] a\n2. [x] b", [(1, " "), (2, "x")]),
        ("1) [ ] a", [(1, " ")]),
        ("> - [x] quoted", [(1, "x")]),
        ("- - [ ] inner", [(1, " ")]),
        ("- [ ] a\n  - [x] b\n    1. [ ] c", [(1, " "), (2, "x"), (3, " ")]),
        ("<details>\n\n- [x] folded\n\n</details>", [(3, "x")]),
        ("-\n  [ ] box on the next line", [(1, " ")]),
        ("- [ref]: /url\n  [x] after a definition", [(1, "x")]),
        ("- [\t] tab", [(1, "\t")]),
        ("- [\n] line end", [(1, "\n")]),
        ("- [\n    ] line end, indented", [(1, "\n")]),
        ("- [x]\n  text below", [(1, "x")]),
        ("- [ ]\ttab after", [(1, " ")]),
        ("text\n- [ ] interrupts a paragraph", [(2, " ")]),
        ("# T\r\n- [ ] a\r\n- [x] b\r\n", [(2, " "), (3, "x")]),
        ("- [ ] a\r- [x] b", [(1, " "), (2, "x")]),
        ("- [\r  ] an old line end", [(1, "\n")]),
        ("- [ ] a | b\n--- | ---\n", [(1, " ")]),
        ("text\n- [ ] a | b\n--- | ---\n", [(2, " ")]),
        ("> 1. [x] a | b\n> --- | ---\n> 2. [ ] c", [(1, "x"), (3, " ")]),
        ("text\na | b\n--- | ---\n- [ ] below a table", [(4, " ")]),
        ("- [-] skipped\n- [~] skipped\n- [/] skipped", [(1, "-"), (2, "~"), (3, "/")]),
    ],
)
def test_a_list_item_that_begins_with_a_box_is_an_item(text: str, expected: list[tuple[int, str]]) -> None:
    assert states(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<!-- a | b\n--- | ---\n\n- [x] in a comment\n-->",
        "``` a | b\n--- | ---\n- [x] in code\n```",
        "text\n2. [ ] a | b\n--- | ---\n",
        "- [ ] a | b\n  --- | ---\n",
        "- [ ]",
        "- [] a",
        "- [ ]a",
        "- [x]",
        "- [  ] a",
        "- [ ] \u00a0",
        "- \u00a0[x] behind a no-break space",
        "- \u3000[x] behind an ideographic space",
        "- \x0c[x] behind a form feed",
        "- [xx] a",
        "-[ ] a",
        "- \\[ ] a",
        "[ ] no list",
        "# [ ] heading",
        "- # [ ] heading",
        "- text\n\n  [ ] second paragraph",
        "```\n- [ ] code\n```",
        "    - [ ] indented code",
        "<!--\n- [ ] comment\n-->",
        "<div>\n- [ ] html\n</div>",
        "| a |\n|---|\n| - [ ] cell |",
        "---\nlist: |\n  - [ ] front matter\n---\n",
        "- `[ ]` code span",
        "- [ ](link)",
        "- [ ]: x",
    ],
)
def test_what_github_shows_as_no_box_is_no_item(text: str) -> None:
    assert parse(text).items == ()


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert states("---\n\n- [ ] a\n\n---\n") == [(3, " ")]


def test_line_end_column_and_text_of_an_item() -> None:
    items = parse("# T\n\n> 1. [x] Ship **it**\n>    on `main`\n>    - [ ] child\n").items
    assert [(item.line, item.end_line, item.column, item.text) for item in items] == [
        (3, 4, 5, "Ship **it** on `main`"),
        (5, 5, 7, "child"),
    ]
    assert [(item.depth, item.parent) for item in items] == [(0, None), (1, 0)]


def test_items_nest_through_bullets_without_a_box() -> None:
    items = parse("1. **Now**\n   - [ ] a\n     - plain\n       - [ ] b\n").items
    assert [(item.text, item.depth, item.parent) for item in items] == [("a", 0, None), ("b", 1, 0)]


def test_two_hundred_levels_are_read_and_deeper_ones_are_named() -> None:
    def nested(levels: int) -> str:
        return "".join(f"{'  ' * level}- [ ] level {level}\n" for level in range(levels))

    assert len(parse(nested(200)).items) == 200
    deep = parse(nested(700))
    assert 200 < len(deep.items) < 700
    assert [oddity.kind for oddity in deep.oddities] == [OddityKind.TOO_DEEP]


# --- sections -------------------------------------------------------------------------------------------------------


def test_the_title_is_no_part_of_a_path() -> None:
    checklist = parse("# Release\n\n- [ ] top\n\n## Before\n\n### 1. Code\n- [ ] a\n\n## After\n- [ ] b\n")
    assert checklist.title == "Release"
    assert [checklist.section_of(item).path for item in checklist.items] == [(), ("Before", "1. Code"), ("After",)]


def test_a_first_heading_among_equals_is_title_and_section() -> None:
    checklist = parse("## Before\n- [ ] a\n## After\n- [ ] b\n")
    assert checklist.title == "Before"
    assert [checklist.section_of(item).path for item in checklist.items] == [("Before",), ("After",)]


def test_setext_headings_anchors_and_comments() -> None:
    checklist = parse("Title\n=====\n\nPart {#part}\n----\n- [ ] a\n\n## Other <!-- note -->\n- [ ] b\n")
    assert checklist.title == "Title"
    assert [section.path for section in checklist.sections[2:]] == [("Part",), ("Other",)]


def test_the_same_name_under_two_parents_is_two_sections() -> None:
    checklist = parse("# T\n## A\n### Docs\n- [ ] a\n## B\n### Docs\n- [x] b\n")
    assert [checklist.section_of(item).path for item in checklist.items] == [("A", "Docs"), ("B", "Docs")]


def test_a_heading_in_a_quote_or_list_is_no_section() -> None:
    assert len(parse("# T\n> ## quoted\n\n- ## listed\n").sections) == 2


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Image built (if applicable)",
        "Notes written (if needed)",
        "Migrated (if the schema changed)",
        "Packed (optional)",
        "Branch (optional: `git switch -c rel`)",
        "Mirrors told (when applicable)",
        "Mirrors told (as applicable)",
        "Mirrors told (unless internal)",
        "Optional: packed",
        "If applicable, told partners",
        "**If rollback:**",
        "If rollback:",
        "Docs moved (site, if used)",
        "Upgrade notes written (if anything breaks)",
    ],
)
def test_words_that_make_an_item_conditional(text: str) -> None:
    assert parse(f"- [ ] {text}").items[0].conditional


@pytest.mark.parametrize(
    "text",
    [
        "Services restarted as needed",
        "Decision: fix forward or roll back?",
        "Checked `f(x) (if y)`",
        "Coordinate with on-call if incidents occur",
        "Optional features tested",
        "Errors (5xx, timeouts) watched",
        "Run the tests (if they fail, stop the release)",
        "Backup is readable (if not, abort)",
        "Licences (if one is missing, add it)",
    ],
)
def test_words_that_do_not(text: str) -> None:
    assert not parse(f"- [ ] {text}").items[0].conditional


def test_everything_under_an_alternative_is_conditional() -> None:
    items = parse(
        "1. [ ] Assess\n2. [ ] If rollback:\n   - [ ] Deploy the last image\n     - [ ] Check it\n3. [ ] Report\n"
    ).items
    assert [item.conditional for item in items] == [False, True, True, True, False]


def test_a_plain_alternative_and_a_conditional_heading_count_too() -> None:
    checklist = parse("# T\n## Docker (if applicable)\n- [ ] a\n## Else\n- If hotfix:\n  - [ ] b\n- [ ] c\n")
    assert [item.conditional for item in checklist.items] == [True, True, False]


@pytest.mark.parametrize(
    ("line", "marker"),
    [
        ("- [ ] ~~Deploy~~ (N/A: no service)", " "),
        ("- [x] ~~Deploy~~", "x"),
        ("- [X] ~~Deploy `it`~~", "X"),
        ("- [ ] N/A: no schema", " "),
        ("- [ ] (N/A) no schema", " "),
        ("- [-] Deploy", "-"),
        ("- [x] <del>Deploy</del>", "x"),
    ],
)
def test_not_applicable_keeps_its_marker(line: str, marker: str) -> None:
    item = parse(line).items[0]
    assert (item.state, item.marker) == (State.NOT_APPLICABLE, marker)


@pytest.mark.parametrize("text", ["~~Old~~ new", "~~a~~ and ~~b~~ c", "Nanny", "N/Avail", "`~~code~~`"])
def test_a_part_struck_through_is_still_asked_for(text: str) -> None:
    assert parse(f"- [x] {text}").items[0].state is State.TICKED


@pytest.mark.parametrize(
    ("text", "left", "id_"),
    [
        ("Tests pass <!-- id: qa -->", "Tests pass", "qa"),
        ("Tests pass {#qa.1}", "Tests pass", "qa.1"),
        ("<!-- id: a --> Tests pass", "Tests pass", "a"),
        ("Tests `{#no}` pass", "Tests `{#no}` pass", None),
        ("Tests pass\n  <!-- id: below -->", "Tests pass", "below"),
    ],
)
def test_explicit_ids_are_read_and_no_part_of_the_text(text: str, left: str, id_: str | None) -> None:
    item = parse(f"- [ ] {text}").items[0]
    assert (item.text, item.id) == (left, id_)


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("Ask @dana", ("dana",)),
        ("Ask (owner: Ben Fox)", ("Ben Fox",)),
        ("Ask (owner: @ben, @ada)", ("ben", "ada")),
        ("Ask @dana, then @cleo (owners: Ben and Ada)", ("dana", "cleo", "Ben", "Ada")),
        ("Mail x@example.org", ()),
        ("Run `npm i @scope/pkg`", ()),
        ("Ask @org/team.", ("org/team",)),
        ("Add @2x pictures", ()),
    ],
)
def test_owners(text: str, owners: tuple[str, ...]) -> None:
    assert parse(f"- [ ] {text}").items[0].owners == owners


def test_a_role_heading_owns_its_items() -> None:
    checklist = parse("# T\n## Sign-off\n### 2. Security Lead Approval\n- [ ] Scan clean\n- [ ] Keys rotated @ada\n")
    assert checklist.sections[-1].role == "Security Lead"
    assert [item.owners for item in checklist.items] == [("Security Lead",), ("ada",)]


@pytest.mark.parametrize("heading", ["Stakeholder Approval", "Release Management", "Lead time", "Team leads", "Code"])
def test_headings_that_name_no_office(heading: str) -> None:
    assert parse(f"# T\n## {heading}\n- [ ] a\n").sections[-1].role is None


@pytest.mark.parametrize(
    ("text", "blanks", "names", "dates"),
    [
        ("Security lead: ____ Date: ____", 2, (), ()),
        ("QA lead sign-off obtained (@dana, 2025-03-02)", 0, ("dana",), ("2025-03-02",)),
        ("Approved by Dana Smith on March 2, 2025", 0, ("Dana Smith",), ("2025-03-02",)),
        ("Product Owner: Ben Fox 2 March 2025", 0, ("Ben Fox",), ("2025-03-02",)),
        ("Owner: TBD", 0, (), ()),
        ("Freeze until 2025-02-30", 0, (), ()),
        ("Upgrade to 1.2.3", 0, (), ()),
    ],
)
def test_blanks_typed_names_and_dates(text: str, blanks: int, names: tuple[str, ...], dates: tuple[str, ...]) -> None:
    item = parse(f"- [x] {text}").items[0]
    assert (item.blanks, item.typed_names, item.typed_dates) == (blanks, names, dates)


@pytest.mark.parametrize(
    ("text", "signoff"),
    [
        ("QA lead sign-off obtained", True),
        ("**READY FOR RELEASE**", True),
        ("Go/No-Go held", True),
        ("Approved by the board", True),
        ("Commits are Signed-off-by", False),
        ("Tests pass", False),
    ],
)
def test_words_of_responsibility(text: str, signoff: bool) -> None:  # noqa: FBT001 -- a table's column
    assert parse(f"- [ ] {text}").items[0].signoff is signoff


# --- bytes ----------------------------------------------------------------------------------------------------------


def test_bytes_that_are_not_utf8_are_read_and_named() -> None:
    text, oddities = decode(b"# T\n- [x] caf\xe9\n")
    assert text.endswith("caf\ufffd\n")
    assert [(oddity.kind, oddity.line) for oddity in oddities] == [(OddityKind.NOT_UTF8, 2)]
    assert read(b"# T\n- [x] caf\xe9\n").items[0].state is State.TICKED


def test_a_byte_order_mark_does_not_hide_the_first_line() -> None:
    checklist = read(b"\xef\xbb\xbf- [ ] a\n")
    assert len(checklist.items) == 1
    assert [oddity.kind for oddity in checklist.oddities] == [OddityKind.BYTE_ORDER_MARK]


# --- real files -----------------------------------------------------------------------------------------------------


@needs_corpus
def test_real_files_agree_with_the_reference() -> None:
    facts = json.loads((CORPUS / "facts.json").read_text(encoding="utf-8"))
    for name, fact in facts.items():
        checklist = read((CORPUS / "md" / f"{name}.md").read_bytes())
        found = [[item.line, int(item.marker in "xX")] for item in checklist.items if item.marker not in "-~/"]
        assert found == fact["items"], name


@needs_seeds
def test_real_checklists_have_the_counted_items_and_sections() -> None:
    from checktrail.completion import section_totals, totals

    truth = json.loads((SEEDS[0].parent / "truth.json").read_text(encoding="utf-8"))["files"]
    for file in SEEDS:
        checklist, fact = read(file.read_bytes()), truth[file.name]
        count = totals(checklist)
        assert (count.items, count.ticked) == (fact["items"], fact["ticked"])
        counted = {
            " / ".join(section.path): {"items": each.items, "ticked": each.ticked}
            for section, each in zip(checklist.sections, section_totals(checklist), strict=True)
            if section.path and each.items
        }
        assert counted == fact["sections"]
