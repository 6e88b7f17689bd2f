"""The law of safe fixes: never more ticks, nobody's words lost, twice as once, and every byte outside a fix kept."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amounts import amount
from checktrail.lint.driver import check, mended
from checktrail.lint.page import exact_bytes, exact_text, lines_of
from checktrail.lint.selection import Selection
from checktrail.model import Repair
from checktrail.parse import read
from lint_examples import SAFE, check_law, page_of

SHARED = Path(__file__).parent.parent.parent / "shared"
REAL = sorted([*SHARED.glob("seeds/*.txt"), *SHARED.glob("corpus/md/*.md")])
PATHS = ("checklists/release-checklist.md", "docs/checklists/v1.0.0.md", "notes.md")

_MARKS = [
    *("[ ]", "[x]", "[X]", "[]", "[ x]", "[x ]", "[  ]", "[-]", "[v]", "[\t]", "[\u00a0]"),
    *(r"\[ \]", r"\[x\]", "☐", "☑"),
]
_BULLETS = ["-", "*", "+", "1.", "2)", "- -", "> -", "  -", "    -", "   1."]
_GAPS = [" ", "", "  ", "\u00a0", "\t"]
_WORDS = [
    "Tests pass",
    "Tests pass",
    "~~Charts~~",
    "[VERSION]",
    "by 2026-02-30",
    "TBD",
    "",
    "(link: x)",
    "â€” done",
    "x",
]
_LINES = [
    *(
        "",
        "# Release checklist",
        "## 1. Test",
        "## 3. Ship",
        "#### Deep",
        "```",
        "    code",
        "Prose:",
        "---",
        "<!--",
        "-->",
    ),
    *("| Category | Items | Completed |", "|---|---|---|", "| 1. Test | 3 | 1 |", "<details>", "> quoted"),
    *("<!-- checktrail:completion -->", "<!-- /checktrail:completion -->"),
    "<!-- checktrail: ignore CL101 because why -->",
]

marks, gaps = st.sampled_from(_MARKS), st.sampled_from(_GAPS)
boxes = st.builds(
    lambda bullet, gap, mark, after, word: f"{bullet}{gap}{mark}{after}{word}",
    st.sampled_from(_BULLETS),
    gaps,
    marks,
    gaps,
    st.sampled_from(_WORDS),
)
lines = st.one_of(boxes, boxes, st.sampled_from(_LINES), st.text(max_size=12))
ended = st.builds(lambda line, end: line + end, lines, st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]))
texts = st.builds(
    lambda mark, parts: mark + "".join(parts), st.sampled_from(["", "\ufeff"]), st.lists(ended, max_size=14)
)


@given(texts, st.sampled_from(PATHS))
@settings(max_examples=amount(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_safe_fix_keeps_the_law(text: str, path: str) -> None:
    check_law(page_of(path, text))


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_come_back_as_they_were(content: bytes) -> None:
    text = exact_text(content)
    assert exact_bytes(text) == content
    assert "".join(line.text + line.end for line in lines_of(text)) == text.removeprefix("\ufeff")
    assert all(text.startswith(line.text + line.end, line.start) for line in lines_of(text))
    assert not any("\n" in line.text or "\r" in line.text for line in lines_of(text))


@given(st.lists(boxes, max_size=5), st.binary(min_size=1, max_size=30))
def test_bytes_outside_a_fix_are_kept(parts: list[str], strange: bytes) -> None:
    tail = b"\n\nProse \xff\xfe" + strange.replace(b"\r", b"").replace(b"\n", b"") + b"."
    content = ("- [ ] one\n- [] two\n" + "".join(f"{part}\n" for part in parts)).encode() + tail
    after = exact_bytes(mended(page_of(PATHS[0], content), Selection(), read, repairs=SAFE).text)
    assert after.startswith(b"- [ ] one\n- [ ] two\n")
    assert after.endswith(tail)


@given(texts)
@settings(max_examples=amount(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_unsafe_fixes_come_to_an_end_too(text: str) -> None:
    every = frozenset(Repair)
    once = mended(page_of(PATHS[0], text), Selection(), read, repairs=every)
    assert mended(once, Selection(), read, repairs=every).text == once.text


@pytest.mark.skipif(not REAL, reason="the real checklists are not beside the project")
@pytest.mark.parametrize("path", PATHS)
def test_the_law_holds_on_every_real_file(path: str) -> None:
    for file in REAL:
        check_law(page_of(path, file.read_bytes()))


def test_a_windows_file_with_a_byte_order_mark_keeps_its_line_ends() -> None:
    content = b"\xef\xbb\xbf# Release checklist\r\n\r\n- [ ] one\r\n- [] two\r\n"
    page = mended(page_of(PATHS[0], content), Selection(ignore=("CL702",)), read, repairs=SAFE)
    assert exact_bytes(page.text) == b"\xef\xbb\xbf# Release checklist\r\n\r\n- [ ] one\r\n- [ ] two\r\n"
    page = mended(page, Selection(), read, repairs=SAFE)
    assert exact_bytes(page.text) == b"# Release checklist\r\n\r\n- [ ] one\r\n- [ ] two\r\n"


def test_mixed_line_ends_become_what_most_lines_have() -> None:
    page = mended(
        page_of(PATHS[0], b"# Release checklist\n\n- [ ] one\r\n- [ ] two\n"), Selection(), read, repairs=SAFE
    )
    assert exact_bytes(page.text) == b"# Release checklist\n\n- [ ] one\n- [ ] two\n"


HUGE = 4_000


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"- [] item {number}\n" for number in range(HUGE)),
        "".join(f"- [ ] same\n  - name: {number}\n" for number in range(HUGE // 2)),
        "- [x] same\n" * HUGE,
        "".join(f"- [ ] item {number}\n-[ ] swallowed {number}\n" for number in range(HUGE // 4)),
        f"- [x] ~~gone~~ ({'a' * 200_000}\n- [x] {'all items ' * 20_000}\n",
        f"- [ ] a <!-- checktrail: ignore CL101 because{' ' * 200_000}x\n",
        "- " * HUGE + "[] deep\n",
        f"-{' ' * 200_000}[]\n{' ' * 200_000}- []\n",
    ],
    ids=["malformed", "bodies", "duplicates", "swallowed", "long-items", "long-comment", "bullets", "blanks"],
)
def test_no_text_keeps_the_linter_busy(text: str) -> None:
    start = time.process_time()
    read(text.encode())
    reading = time.process_time() - start
    page = page_of("checklists/release-checklist.md", text)
    start = time.process_time()
    check(page, Selection())
    assert time.process_time() - start < 1 + 5 * reading
