"""Every surface that takes in what others wrote holds its laws: on the kept inputs, and on what chance makes of them.

`CHECKTRAIL_FUZZ` says how many inputs chance makes for each surface; `make fuzz` goes on with coverage as its guide.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from amounts import amount_of
from checktrail.parse import parse
from fuzz.targets import TARGETS
from reference_rule import ReferenceItem, reference_items

HERE = Path(__file__).parent / "fuzz"
INPUTS = amount_of("CHECKTRAIL_FUZZ", whole=5000, quick=60)
WORDS = [
    word.encode().decode("unicode_escape").encode("latin-1")
    for word in re.findall(r'^"(.*)"$', (HERE / "words.dict").read_text(), re.MULTILINE)
]


@pytest.mark.parametrize("name", TARGETS)
def test_the_kept_inputs_hold_every_law(name: str) -> None:
    kept = sorted((HERE / "corpus" / name).iterdir())
    assert kept
    for file in kept:
        TARGETS[name](file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_what_chance_makes_of_them_holds_every_law(name: str) -> None:
    kept = [file.read_bytes() for file in sorted((HERE / "corpus" / name).iterdir())]
    dice = random.Random(name)  # noqa: S311 -- dice, no secret
    for _ in range(INPUTS):
        made = changed(dice, kept)
        try:
            TARGETS[name](made)
        except Exception as error:
            error.add_note(f"the input: {made!r}")
            raise


def changed(dice: random.Random, kept: list[bytes]) -> bytes:
    """One of the kept inputs after a few changes: pieces of others, words, single bytes, parts left out or repeated."""
    made = dice.choice(kept)
    for _ in range(dice.randint(1, 6)):
        at = dice.randint(0, len(made))
        other = dice.choice(kept)
        start = dice.randint(0, len(other))
        piece = dice.choice((dice.choice(WORDS), other[start : start + dice.randint(1, 40)], dice.randbytes(1), b""))
        made = made[:at] + piece + made[at + dice.choice((0, 0, 1, 3, 20)) :]
    return made


# --- the reference rule -----------------------------------------------------------------------------------------------

SHARED = Path(__file__).parents[2] / "shared"
REAL = sorted((*SHARED.glob("corpus/md/*.md"), *SHARED.glob("seeds/*.txt")))


@pytest.mark.skipif(not REAL, reason="the real checklists are not beside the project")
def test_two_readings_of_real_files_find_the_same_items() -> None:
    differing = []
    for file in REAL:
        text = file.read_text("utf-8", "replace")
        if text.startswith("---\n"):
            text = "\n" * text.partition("\n---\n")[0].count("\n") + "\n\n" + text.partition("\n---\n")[2]
        found = [
            ReferenceItem(item.line, item.marker in "xX") for item in parse(text).items if item.marker in " \txX\n"
        ]
        if sorted(found) != sorted(reference_items(text)):
            differing.append(file.name)
    assert differing == []


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        # Both come from one thing: for us a link definition is a block that ends before its next line, for the other
        # reading it is the beginning of a paragraph, which only lists that start with 1 may interrupt (by the letter of
        # GFM 0.29, 4.7 and 5.3, a definition is no paragraph) ...
        ("[a]: b\n2. [ ] Second\n", [ReferenceItem(2, is_ticked=False)], []),
        # ... and which a line without indent continues (by the letter, 5.2, it may not begin one so).
        ("- [a]: b\n[ ] Not indented\n", [], [ReferenceItem(1, is_ticked=False)]),
        # A table is no CommonMark; GitHub reads it, and so do we: what stands in its head is no item ...
        ("- [ ] a | b\n  --- | ---\n", [], [ReferenceItem(1, is_ticked=False)]),
        # ... and a list right behind it interrupts no paragraph, with whatever number it starts.
        ("| a |\n| - |\n| b |\n2. [ ] Second\n", [ReferenceItem(4, is_ticked=False)], []),
        # A list that starts with 1 may interrupt a paragraph (5.3), and so may 01: for us, and for GitHub.
        ("Text\n01. [ ] First\n", [ReferenceItem(2, is_ticked=False)], []),
        # A tag alone in its line interrupts no paragraph (4.6); where the line continues one without its indent, the
        # other reading lets it, and so does GitHub, so that the box has no words there.
        ("- [ ]\n <tag>\n", [ReferenceItem(1, is_ticked=False)], []),
    ],
)
def test_where_two_readings_differ_is_known(text: str, ours: list[ReferenceItem], theirs: list[ReferenceItem]) -> None:
    assert [ReferenceItem(item.line, item.marker in "xX") for item in parse(text).items] == ours
    assert reference_items(text) == theirs
