"""Numbers in sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import checktrail
from checktrail.cli.wording import counted


@pytest.mark.parametrize(
    ("number", "nouns", "said"),
    [
        (0, ("line",), "0 lines"),
        (1, ("curated change",), "1 curated change"),
        (2, ("curated change",), "2 curated changes"),
        (1, ("tag is", "tags are"), "1 tag is"),
        (3, ("tag is", "tags are"), "3 tags are"),
    ],
)
def test_a_number_and_its_noun_agree(number: int, nouns: tuple[str, ...], said: str) -> None:
    assert counted(number, *nouns) == said


def test_no_sentence_leaves_the_plural_to_the_reader() -> None:
    sources = Path(checktrail.__file__).parent.rglob("*.py")
    # A letter, "(s)" and a blank: a call such as `str(s)` ends otherwise.
    assert [
        file.name for file in sources if re.search(r"[} ][a-z]+\(s\)[ \"',]", file.read_text(encoding="utf-8"))
    ] == []
