"""What must hold of any text whatever, and what hostile ones may cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import amount
from checktrail.model import State
from checktrail.parse import parse, read
from checktrail.parse.blocks import tokens
from checktrail.parse.layout import layout
from checktrail.parse.source import decode, source
from checktrail.parse.walk import walk
from checktrail.store import pack, unpack
from markdown_lines import LINES

_CORPUS = Path(__file__).parents[2] / "shared"

_PIECES = st.sampled_from(
    [
        "- ", "* ", "1. ", "1) ", "> ", "    ", "  ", "\t", "[ ]", "[x]", "[X]", "[\n]", "[-]", " ", "\n", "\n\n",
        "\r\n", "\r", "# ", "## Rollback\n", "### Lead\n", "---\n", "===\n", "```", "`", "``", "~~", "<!--", "-->",
        "<!-- id: a -->", "{#b}",
        "<div>\n", "|a|b|\n", "|-|-|\n", "| Items | Completed |\n",
        "(if ", ")", "If a:", "N/A", "@dana", "2024-02-30",
        "____",
        "[VERSION_NUMBER]", "TBD", "X.Y.Z",
        "**K**: v", "a: b\n", "word", "\0", "\ufeff", "\u202e", "\u00e2\u20ac\u201d",
    ]
)  # fmt: skip
_TEXTS = st.lists(_PIECES | st.text(max_size=5), max_size=60).map("".join)


@given(_TEXTS)
@settings(max_examples=amount(400), deadline=None)
def test_no_text_stops_the_reader_and_every_item_shows_where_it_stands(text: str) -> None:
    checklist = parse(text)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert checklist.lines == len(lines)
    for index, item in enumerate(checklist.items):
        assert 1 <= item.line <= item.end_line <= len(lines)
        assert "[" in "".join(lines[item.line - 1 : item.end_line])
        assert item.column == -1 or any(
            line[item.column : item.column + 1] == "[" for line in lines[item.line - 1 : item.end_line]
        )
        assert item.parent is None or item.parent < index
        assert item.depth == (0 if item.parent is None else checklist.items[item.parent].depth + 1)
        assert checklist.sections[item.section].line <= item.line
        assert (item.state is State.TICKED) <= (item.marker in "xX")
    assert [item.line for item in checklist.items] == sorted(item.line for item in checklist.items)
    assert checklist.sections[0].path == ()
    assert parse(text) == checklist


def _is_read_alike(body: str) -> bool:
    """Whether reading a text part by part, plain ones line by line, finds what Markdown's rules find in the whole."""
    return layout(body) == walk(tokens(body), body.split("\n"))


def test_every_real_file_is_read_in_parts_as_in_one() -> None:
    files = [*_CORPUS.glob("corpus/md/*.md"), *_CORPUS.glob("seeds/*.txt")]
    if not files:
        pytest.skip("the corpus of real files is not beside this checkout")
    for file in files:
        assert _is_read_alike(source(decode(file.read_bytes())[0]).body), file.name


@settings(max_examples=600, deadline=None)
@given(st.lists(LINES, max_size=12))
def test_whatever_lines_are_read_in_parts_as_in_one(lines: list[str]) -> None:
    assert _is_read_alike(source("\n".join(lines)).body)


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_reader(content: bytes) -> None:
    read(content)


@given(_TEXTS)
@settings(max_examples=amount(50), deadline=None)
def test_a_checklist_survives_the_store(text: str) -> None:
    checklist = parse(text.encode("utf-8", "replace").decode())
    assert unpack(pack(checklist), type(checklist)) == checklist


# Each grows by one number; linear ones take twice as long for twice as much, quadratic ones four times.
_HOSTILE: dict[str, Callable[[int], str]] = {
    "many items": lambda n: "# T\n" + "- [ ] item\n" * n,
    "many sections": lambda n: "## Release\n- [ ] a\n" * n,
    "many headings": lambda n: "# a\n" * n,
    "one long line": lambda n: "- [ ] " + "word (if " * n,
    "backticks": lambda n: "- [ ] " + "".join("`" * (i % 50 + 1) + "a" for i in range(n)),
    "struck": lambda n: "- [ ] " + "~~a " * n,
    "many pairs": lambda n: "**A**: b\n" * n,
    "boxes in a comment": lambda n: "<!--\n" + "- [ ] a\n" * n + "-->\n",
    "ids": lambda n: "- [ ] " + "<!-- id: " * n,
    "names": lambda n: "- [ ] " + "approved by Ada " * n,
    "dashes": lambda n: "- " * n + "[ ] a\n",
    "quotes": lambda n: ">" * n + " - [ ] a\n",
    "open brackets": lambda n: "[a" * n,
    "mojibake": lambda n: "\u00e2\u20ac\u201d" * n,
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_texts_cost_no_more_than_their_length(name: str) -> None:
    make = _HOSTILE[name]

    def cost(n: int) -> float:
        text = make(n)
        start = time.process_time()
        parse(text)
        return time.process_time() - start

    # Eight times as much: linear is eight, quadratic sixty-four. A machine that was busy elsewhere is asked again.
    assert any(cost(8000) < 0.05 + 24 * cost(1000) for _ in range(3))


def test_ten_thousand_items() -> None:
    checklist = parse("# T\n" + "".join(f"- [{'x' if n % 3 == 0 else ' '}] item {n}\n" for n in range(10_000)))
    assert len(checklist.items) == 10_000
    assert checklist.items[-1].line == 10_001
