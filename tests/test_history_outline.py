"""An outline says what a whole parse says: on real files, and on texts made to tell them apart."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import amount
from checktrail.history.comparison import compared
from checktrail.history.outline import NOTHING, Outline, Reader
from checktrail.identity import CERTAIN, pair
from checktrail.parse import read
from markdown_lines import LINES

CORPUS = Path(__file__).parents[2] / "shared"
READER = Reader(1 << 30)

Told = list[tuple[int, tuple[str, ...], str, str, str | None]]


def outlined(content: bytes, like: Outline = NOTHING) -> Told:
    return told(READER.read(content, like))


def told(outline: Outline) -> Told:
    spots = [outline.spot("", index) for index in range(outline.size)]
    return [(spot.line, spot.section, spot.row.state.value, spot.row.text, spot.row.id) for spot in spots]


def parsed(content: bytes) -> Told:
    checklist = read(content)
    return [
        (item.line, checklist.section_of(item).path, item.state.value, item.text, item.id) for item in checklist.items
    ]


def test_on_every_real_file() -> None:
    files = [*CORPUS.glob("corpus/md/*.md"), *CORPUS.glob("seeds/*.txt")]
    if not files:
        pytest.skip("the corpus of real files is not beside this checkout")
    for file in files:
        assert outlined(file.read_bytes()) == parsed(file.read_bytes()), file.name


@settings(max_examples=amount(600))
@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_on_whatever_lines(lines: list[str], end: str) -> None:
    content = end.join(lines).encode()
    assert outlined(content) == parsed(content)


@given(st.lists(LINES, min_size=1, max_size=8), st.lists(LINES, max_size=4), st.integers(0, 7))
def test_a_change_in_the_middle_is_read_as_a_whole_parse_reads_it(old: list[str], new: list[str], at: int) -> None:
    before = READER.read("\n".join(old).encode())
    content = "\n".join([*old[:at], *new, *old[at + 1 :]]).encode()
    assert outlined(content, before) == parsed(content)


SHORT = st.sampled_from(
    ["# T", "## A", "## A", "### B", "#", "#x", "", "- [ ] a", "- [x] b", "  - [ ] c", "prose", "```", "<!--"]
)


@settings(max_examples=400)
@given(st.lists(st.lists(SHORT, max_size=5), min_size=1, max_size=5), st.integers(0, 30), st.integers(0, 3))
def test_one_version_after_another_is_read_as_if_alone(edits: list[list[str]], at: int, taken: int) -> None:
    lines = ["# Title", "## A", "- [ ] a", "## B", "- [x] b", "  - [ ] c", "### C", "- [ ] a", "## D", "- [ ] d", ""]
    reader = Reader(1 << 30)
    outline = reader.read("\n".join(lines).encode())
    for edit in edits:
        place = at % (len(lines) + 1)
        lines[place : place + taken] = edit
        content = "\n".join(lines).encode()
        outline = reader.read(content, outline)
        whole = Reader(1 << 30).read(content)
        assert told(outline) == told(whole) == parsed(content)
        assert [block.part.text for block in outline.blocks] == [block.part.text for block in whole.blocks]
        assert outline.is_distinct == whole.is_distinct
        at += 7


def test_one_changed_line_is_read_as_a_whole_parse_reads_it() -> None:
    lines = ["- [ ] a", "- [x] a b", "- [-] c {#q}", "- a", "* [ ] a", "  - [ ] a", "1. [ ] a", "2. [x] a", "text", ""]
    for before in ("- [ ] z", "1. [ ] z", "```"):
        for behind in ("", "goes on", "---", "      - [ ] y", "3. [ ] y", "<!-- - [ ] y -->"):
            texts = [f"# T\n## A\n{before}\n{line}\n{behind}\n\n## B\n- [ ] b".encode() for line in lines]
            alone = {text: parsed(text) for text in texts}
            for old, new in permutations(texts, 2):
                reader = Reader(1 << 30)
                assert told(reader.read(new, reader.read(old))) == alone[new], (old, new)


def test_a_file_too_long_holds_nothing() -> None:
    assert Reader(10).read(b"- [ ] one\n- [ ] two\n").size == 0


@settings(max_examples=amount(200))
@given(st.lists(LINES, max_size=10), st.lists(LINES, max_size=4), st.integers(0, 9))
def test_matching_the_middle_alone_says_what_matching_the_whole_says(old: list[str], new: list[str], at: int) -> None:
    before = READER.read("\n".join(old).encode())
    after = READER.read("\n".join([*old[:at], *new, *old[at + 1 :]]).encode())
    found = compared(before, after)
    whole = pair(before.rows(), after.rows())
    certain = {(link.old, link.new) for link in whole.links if link.confidence == CERTAIN}
    assert certain <= {*found.certain(), *((link[0], new) for new, link in enumerate(found.links, found.head) if link)}
