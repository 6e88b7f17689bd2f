"""One box, byte for byte; which item is meant; the completion table between its markers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checktrail.completion import declared
from checktrail.edit.boxes import not_applicable, tick, untick
from checktrail.edit.selection import Source, choose
from checktrail.edit.table import CLOSING, OPENING, counted, is_kept, rewritten
from checktrail.errors import UsageError
from checktrail.model import Binding, State
from checktrail.parse import parse, read

SHARED = Path(__file__).parents[2] / "shared"
REAL_FILES = sorted((SHARED / "seeds").glob("*.txt")) + sorted((SHARED / "corpus" / "md").rglob("*.md"))


def one_difference(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    assert len(before) == len(after)
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(pairs) == 1
    return bytes(pairs[0][:1]), bytes(pairs[0][1:])


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"- [ ] a\n", 1),
        (b"- [ ] a", 1),
        (b"* [ ] a\r\n* [ ] b\r\n", 2),
        (b"- [ ] a\r- [ ] b\r", 2),
        (b"\xef\xbb\xbf- [ ] a\n", 1),
        (b"\xef\xbb\xbf# T\n\n- [ ] a\n", 3),
        (b"> - [ ] quoted\n", 1),
        (b"- - [ ] twice a list\n", 1),
        (b"1. plain\n   - [ ] nested\n", 2),
        (b"4. [ ] If rollback:\n   - [ ] nested\n", 2),
        (b"-\t[ ] after a tab\n", 1),
        (b"- [ ] caf\xe9 in Latin-1\n", 1),
        (b"- [\t] tab in the box, seen as text\n- [ ] b\n", 2),
        ("- [ ] ünïcödé ✅\n".encode(), 1),
        (b"---\ntitle: x\n---\n\n- [ ] a\n", 5),
        (b"-\n  [ ] below its bullet\n", 1),
    ],
)
def test_a_tick_changes_one_character_and_undo_gives_the_old_bytes(content: bytes, line: int) -> None:
    edited = tick(content, line)
    assert one_difference(content, edited.content) == (b" ", b"x")
    assert edited.after.state is State.TICKED
    assert untick(edited.content, line).content == content


def test_a_capital_mark_is_unticked_and_a_dash_is_ticked() -> None:
    assert untick(b"- [X] a\n", 1).content == b"- [ ] a\n"
    assert tick(b"- [-] a\n", 1).content == b"- [x] a\n"


def test_what_is_so_already_keeps_its_bytes() -> None:
    assert tick(b"- [X] a\n", 1).content == b"- [X] a\n"
    assert untick(b"- [ ] a\n", 1).content == b"- [ ] a\n"
    assert not_applicable(b"- [ ] ~~a~~ (N/A: b)\n", 1, "other").content == b"- [ ] ~~a~~ (N/A: b)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"- [ ] Charts\n", b"- [ ] ~~Charts~~ (N/A: none here)\n"),
        (b"- [x] Charts\r\n- [ ] b\r\n", b"- [ ] ~~Charts~~ (N/A: none here)\r\n- [ ] b\r\n"),
        (b"- [-]   Charts  \n", b"- [ ]   ~~Charts~~ (N/A: none here)  \n"),
        (b"- [ ] **Charts**", b"- [ ] ~~**Charts**~~ (N/A: none here)"),
        (b"- [ ] Charts\n  of all kinds\n", b"- [ ] ~~Charts\n  of all kinds~~ (N/A: none here)\n"),
        (b"- [ ] Charts <!-- id: helm -->\n", b"- [ ] ~~Charts~~ (N/A: none here) <!-- id: helm -->\n"),
        (b"- [ ] Charts\n  - [x] child\n", b"- [ ] ~~Charts~~ (N/A: none here)\n  - [x] child\n"),
    ],
)
def test_not_applicable_wraps_the_words_and_gives_the_reason(before: bytes, after: bytes) -> None:
    edited = not_applicable(before, 1, " none\n here ")
    assert edited.content == after
    assert edited.after.state is State.NOT_APPLICABLE


@pytest.mark.parametrize("reason", ["", "  \n ", "a\x1b[2Jb"])
def test_a_reason_must_be_there_and_be_readable(reason: str) -> None:
    with pytest.raises(UsageError, match="reason"):
        not_applicable(b"- [ ] a\n", 1, reason)


def test_a_reason_that_would_change_how_the_text_reads_is_refused() -> None:
    with pytest.raises(UsageError, match="without changing"):
        not_applicable(b"- [ ] ends in a backslash\\\n", 1, "x")


@pytest.mark.parametrize(
    "content",
    [
        b"<<<<<<< ours\n- [ ] a\n=======\n- [x] a\n>>>>>>> theirs\n",
        b"- [ ] a\n\n>>>>>>> theirs\n",
        b"- [ ] a\r\n<<<<<<<\r\n",
    ],
)
def test_a_file_with_conflict_markers_is_refused(content: bytes) -> None:
    line = next(item.line for item in read(content).items)
    with pytest.raises(UsageError, match="conflict marker"):
        tick(content, line)


def test_a_heading_underlined_with_seven_signs_is_no_conflict() -> None:
    assert tick(b"Release\n=======\n\n- [ ] a\n", 4).content.endswith(b"- [x] a\n")


@pytest.mark.parametrize("line", [0, 2, 99])
def test_a_line_without_an_item_is_refused(line: int) -> None:
    with pytest.raises(UsageError, match="holds no item"):
        tick(b"- [ ] a\n- b\n", line)


def test_a_tab_in_the_box_gives_way_to_the_mark() -> None:
    assert tick(b"- [\t] a\n", 1).content == b"- [x] a\n"


def test_a_box_over_two_lines_is_refused() -> None:
    with pytest.raises(UsageError, match="plain piece"):
        tick(b"- [\n  ] a\n", 1)


def test_a_struck_item_is_not_ticked_nor_unticked() -> None:
    for edit in (tick, untick):
        with pytest.raises(UsageError, match="not applicable"):
            edit(b"- [ ] ~~a~~ (N/A: b)\n", 1)


boxes = st.sampled_from(
    ["- [ ] {}", "- [x] {}", "* [X] {}", "1. [ ] {}", "  - [ ] {}", "> - [ ] {}", "- {}", "## {}", ""]
)
words = st.text("ab ~*_`[]()<>\\é✅|#-x", min_size=1, max_size=12)
texts = st.lists(st.builds(str.format, boxes, words), max_size=12)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


@settings(deadline=None)
@given(texts, line_ends, st.data())
def test_every_item_of_every_text_can_be_ticked_or_is_refused(lines: list[str], end: str, data: st.DataObject) -> None:
    content = end.join(lines).encode()
    items = read(content).items
    if not items:
        return
    item = data.draw(st.sampled_from(items))
    if item.state is State.NOT_APPLICABLE:
        return
    edited = untick(content, item.line) if item.state is State.TICKED else tick(content, item.line)
    assert sum(a != b for a, b in zip(content, edited.content, strict=True)) == 1
    states = [now.state is not was.state for was, now in zip(items, read(edited.content).items, strict=True)]
    assert sum(states) == 1


@settings(deadline=None)
@given(texts, line_ends, words, st.data())
def test_not_applicable_never_touches_another_item(
    lines: list[str], end: str, reason: str, data: st.DataObject
) -> None:
    content = end.join(lines).encode()
    items = read(content).items
    if not items:
        return
    item = data.draw(st.sampled_from(items))
    try:
        edited = not_applicable(content, item.line, reason)
    except UsageError:
        return
    now = read(edited.content).items
    assert [(other.line, other.text) for other in items if other.line != item.line] == [
        (other.line, other.text) for other in now if other.line != item.line
    ]
    assert edited.after.state is State.NOT_APPLICABLE
    if edited.content != content:
        assert edited.content.count(b"~~") >= content.count(b"~~")


@pytest.mark.skipif(not REAL_FILES, reason="the real files are not here")
def test_every_item_of_the_real_files_can_be_ticked_and_unticked() -> None:
    done = 0
    for file in REAL_FILES[:60]:
        content = file.read_bytes()
        if b"<<<<<<<" in content or b">>>>>>>" in content:
            continue
        for item in read(content).items[:3]:
            if item.state is State.NOT_APPLICABLE or item.column < 0:
                continue
            edit, back = (tick, untick) if item.state is State.OPEN else (untick, tick)
            changed = edit(content, item.line).content
            assert len(changed) == len(content)
            assert back(changed, item.line).content.lower() == content.lower()
            done += 1
    assert done > 50


CHECKLIST = """\
# Release

- [ ] Before everything

## Prepare

### Code

- [ ] Tests pass
- [x] **Lint** passes
  - [ ] nested

### Papers

- [ ] Guide written <!-- id: guide -->

## Sign-off

- [ ] QA lead sign-off
- [ ] Release manager sign-off
"""


def sources(**files: str) -> list[Source]:
    return [Source(f"checklists/{name}.md", parse(text), Binding.LIVING) for name, text in files.items()]


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ("guide", 15),
        ("#guide", 15),
        ("#gui", 15),
        ("checklists/a.md:9", 9),
        ("checklists/a.md:qa lead", 19),
        ("a.md:9", 9),
        ("1.2", 10),
        ("1.4", 15),
        ("1.2.1", 15),
        ("2.1", 19),
        ("checklists/a.md:2.2", 20),
        ("lint passes", 10),
        ("LINT", 10),
        ("Guide written", 15),
    ],
)
def test_an_item_is_found_by_id_line_number_and_text(wanted: str, line: int) -> None:
    assert choose(wanted, sources(a=CHECKLIST), here="checklists").item.line == line


def test_numbers_that_headings_carry_are_taken_at_their_word() -> None:
    text = "# R\n\n## Code\n\n- [ ] a\n\n## 2. Papers\n\n- [ ] b\n\n## 1. Tests\n\n- [ ] c\n"
    assert choose("2.1", sources(a=text)).item.text == "b"
    assert choose("1.1", sources(a=text)).item.text == "c"


@pytest.mark.parametrize("wanted", ["sign-off", "checklists/a.md:pass", "e"])
def test_several_items_are_refused_with_all_of_them(wanted: str) -> None:
    with pytest.raises(UsageError, match=r"means [0-9]+ items") as refused:
        choose(wanted, sources(a=CHECKLIST))
    assert refused.value.hint.count("checklists/a.md:") >= 2


def test_a_line_without_an_item_is_told_by_its_file_and_number() -> None:
    with pytest.raises(UsageError, match=r"^checklists/a\.md has no item on line 7$"):
        choose("a.md:7", sources(a=CHECKLIST), here="checklists")


def test_the_same_item_in_two_files_is_refused_and_its_path_decides() -> None:
    both = sources(a=CHECKLIST, b=CHECKLIST)
    with pytest.raises(UsageError, match="means 2 items"):
        choose("QA lead", both)
    assert choose("checklists/b.md:QA lead", both).source.path == "checklists/b.md"


def test_a_template_gives_way_to_the_real_list_and_is_found_when_named() -> None:
    template = Source("templates/t.md", parse(CHECKLIST), Binding.TEMPLATE)
    found = [template, *sources(a=CHECKLIST)]
    assert choose("QA lead", found).source.path == "checklists/a.md"
    assert choose("templates/t.md:QA lead", found).source is template
    assert choose("QA lead", [template]).source is template


def of(path: str, text: str, binding: Binding = Binding.OWN, *, is_past: bool = False) -> Source:
    return Source(path, parse(f"# Release\n\n{text}\n"), binding, is_past)


PAST = of("v1.md", "- [ ] Images signed", is_past=True)


def test_past_releases_and_templates_give_way_and_that_is_told() -> None:
    template = of("t.md", "- [ ] Images signed", Binding.TEMPLATE)
    own, living = of("v2.md", "- [ ] Images signed"), of("all.md", "- [ ] Images signed", Binding.LIVING)
    for current in (own, living):
        choice = choose("images", [PAST, template, current])
        assert (choice.source, choice.gave_way) == (current, 2)
    assert choose("v1.md:images", [PAST, own]).source is PAST
    assert choose("images", [PAST]) == (PAST, PAST.checklist.items[0], 0)


def test_of_copies_the_one_that_is_left_to_do_is_meant() -> None:
    done, left = of("v2.md", "- [x] Images signed"), of("v3.md", "- [ ] **Images** signed")
    assert choose("images", [PAST, done, left]).source is left
    assert choose("images", [PAST, done, left], state=State.TICKED).source is done
    with pytest.raises(UsageError, match="means 3 items"):
        choose("images", [PAST, done, left], state=None)


@pytest.mark.parametrize(
    "others",
    [
        [of("v2.md", "- [ ] Images signed"), of("v3.md", "- [ ] Images signed")],
        [of("v2.md", "- [x] Images signed"), of("v3.md", "- [x] Images signed")],
        [of("v2.md", "- [x] Images signed by QA\n- [ ] Images signed by security")],
        [of("t.md", "- [ ] Images signed", Binding.TEMPLATE)],
    ],
)
def test_what_is_not_certain_is_refused_with_the_current_ones_first(others: list[Source]) -> None:
    with pytest.raises(UsageError, match="means") as refused:
        choose("images", [PAST, *others])
    assert refused.value.hint.count("Images signed") == 1 + sum(len(one.checklist.items) for one in others)
    if others[0].is_current:
        assert refused.value.hint.index("v2.md") < refused.value.hint.index("v1.md")


@pytest.mark.parametrize(
    "wanted", ["absent", "9.9", "0.1", "1.0", "checklists/a.md:3.1", "checklists/a.md:2", "", "x.md:3"]
)
def test_what_means_no_item_is_refused(wanted: str) -> None:
    with pytest.raises(UsageError):
        choose(wanted, sources(a=CHECKLIST))


def kept(table: str, text: str = CHECKLIST) -> bytes:
    return f"{text}\n## Completion\n\n{OPENING}\n{table}\n{CLOSING}\n\nEnd.\n".encode()


def test_an_empty_region_gets_the_whole_table() -> None:
    made = rewritten(kept(""))
    lines = made.decode().split("\n")
    start = lines.index(OPENING)
    assert lines[start + 1 : lines.index(CLOSING)] == [
        "",
        "| Category | Items | Completed | Notes |",
        "| --- | --- | --- | --- |",
        "| Prepare | 4 | 1 | |",
        "| Sign-off | 2 | 0 | |",
        "| **Total** | **7** | **1** | |",
        "",
    ]
    assert made.endswith(f"\n{CLOSING}\n\nEnd.\n".encode())


def test_words_between_the_markers_stay() -> None:
    made = rewritten(kept("Counted by hand until May.\n\n"))
    assert f"{OPENING}\nCounted by hand until May.\n\n| Category |".encode() in made


def test_notes_order_and_other_columns_are_kept() -> None:
    table = (
        "| What | Done | Items | Owner | Notes |\n|:--|--:|--:|---|---|\n"
        "| Sign-off | 9 | 9 | @mei | waits for legal \\| audit |\n| Code | 0 | 0 | @ben | **late** |\n"
        "| Weather | 1 | 1 | @ravi | nice |\n| Total | 0 | 0 | | all |"
    )
    lines = rewritten(kept(table)).decode().split("\n")
    start = lines.index(OPENING)
    assert lines[start + 1 : lines.index(CLOSING)] == [
        "| What | Done | Items | Owner | Notes |",
        "| :-- | --: | --: | --- | --- |",
        "| Sign-off | 0 | 2 | @mei | waits for legal \\| audit |",
        "| Code | 1 | 3 | @ben | **late** |",
        "| Weather | 1 | 1 | @ravi | nice |",
        "| Papers | 0 | 1 | | |",
        "| Total | 1 | 7 | | all |",
    ]


def test_a_right_table_keeps_its_bytes_however_it_is_padded() -> None:
    made = rewritten(kept(""))
    padded = made.replace(b"| Prepare | 4 | 1 | |", b"| Prepare   |   4 | 1   |    |")
    assert rewritten(padded) == padded


def test_line_ends_are_kept() -> None:
    made = rewritten(kept("").replace(b"\n", b"\r\n"))
    assert made.count(b"\n") == made.count(b"\r\n")


@pytest.mark.parametrize("text", [f"{OPENING}\n", f"{CLOSING}\n", "- [ ] a\n", f"```\n{OPENING}\n{CLOSING}\n```\n"])
def test_markers_that_do_not_pair_up_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        rewritten(text.encode())


def test_prose_about_markers_keeps_nothing() -> None:
    assert not is_kept(f"Write `{OPENING}` before and `{CLOSING}` after it.\n".encode())
    assert not is_kept(f"{OPENING} {CLOSING}\n".encode())
    with pytest.raises(UsageError, match="no completion table"):
        rewritten(f"Between `{OPENING}`\nand `{CLOSING}`.\n".encode())


def test_markers_in_code_keep_nothing() -> None:
    assert not is_kept(f"```\n{OPENING}\n{CLOSING}\n```\n".encode())
    assert is_kept(kept(""))


@settings(deadline=None)
@given(texts)
def test_a_counted_table_is_stable_and_adds_up(lines: list[str]) -> None:
    content = ("\n".join(lines) + f"\n\n{OPENING}\n{CLOSING}\n").encode()
    if not is_kept(content):
        return
    once = rewritten(content)
    assert rewritten(once) == once
    rows = counted(content).rows
    checklist = read(content)
    loose = sum(not checklist.section_of(item).path for item in checklist.items)
    unnamed = sum(row.section is None and not row.is_total for row in read(once).declared)
    assert unnamed == 0
    assert int(rows[-1][1].strip("*")) == len(checklist.items)
    assert sum(int(row[1]) for row in rows[:-1]) <= len(checklist.items) - loose


@settings(deadline=None)
@given(texts)
def test_a_written_table_agrees_with_the_boxes(lines: list[str]) -> None:
    content = ("\n".join(lines) + f"\n\n{OPENING}\n{CLOSING}\n").encode()
    if is_kept(content):
        assert all(count.agrees for count in declared(read(rewritten(content))))
