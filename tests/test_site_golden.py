"""The stories' sites as readers meet them, kept as text: a change of any page is a difference that somebody reads.

`pytest tests/test_site_golden.py --update-golden` keeps today's pages. The audit's own pages and what differs from one
machine to another are left out; they have tests of their own.
"""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checktrail.config import Settings, read_settings
from site_story import harbour, pages_of, whole_harbour

if TYPE_CHECKING:
    from collections.abc import Callable

    from checktrail.site.drafts import Page
    from story import Story

GOLDEN = Path(__file__).parent / "golden"
STORIES: tuple[Callable[[Path], Story], ...] = (harbour, whole_harbour)

_HEADING = re.compile(r"<h([2-6]) id=\"([^\"]*)\"[^>]*>(.*?)</h\1>", re.DOTALL)
_LINK = re.compile(r"<a [^>]*?href=\"([^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL)
_ITEM = re.compile(r"<li class=\"ct-item[^\"]*\" id=\"([^\"]*)\">")
_LINES = re.compile(
    r"</?(?:p|li|ul|ol|dl|dt|div|table|tr|section|details|summary|figure|figcaption|pre|caption)\b[^>]*>"
)
_CELLS = re.compile(r"</(?:td|th|dd)>")
_PICTURE = re.compile(r"<svg [^>]*>\s*<title>(.*?)</title>.*?</svg>", re.DOTALL)
_BUTTON = re.compile(r"<button .*?</button>|<svg class=\"ct-key\".*?</svg>", re.DOTALL)
_VARIES = (
    (re.compile(r"checktrail(?:==| )\d+\.[\w.]+"), "checktrail VERSION"),
    (re.compile(r"reading rules \d+"), "reading rules N"),
    (re.compile(r"git \d+\.[\w.]+"), "git VERSION"),
)


def told(page: Page) -> str:
    """A page as lines of text: headings with their anchors, links with their targets, pictures with their titles."""
    html = _BUTTON.sub("", page.html)
    html = _PICTURE.sub(r"{picture: \1} ", html)
    html = _LINK.sub(r"[\2](\1)", html)
    html = _ITEM.sub(r"\n* #\1 ", html)
    html = _HEADING.sub(lambda found: f"\n\n{'#' * int(found[1])} {found[3]} {{#{found[2]}}}\n", html)
    text = unescape(re.sub(r"<[^>]+>", "", _CELLS.sub(" | ", _LINES.sub("\n", html))))
    for varying, name in _VARIES:
        text = varying.sub(name, text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join((f"=== {page.name}", page.title, page.description, *(line for line in lines if line), ""))


def _is_kept(name: str) -> bool:
    return not name.startswith("audit/") or name == "audit/index"


@pytest.mark.parametrize("tell", STORIES, ids=lambda tell: tell.__name__)
def test_the_pages_of_a_story_are_those_that_are_kept(
    tell: Callable[[Path], Story], tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    story = tell(tmp_path)
    settings = read_settings(story.root) if (story.root / "checktrail.toml").exists() else Settings()
    now = "\n".join(told(page) for name, page in pages_of(story, settings).items() if _is_kept(name))
    kept = GOLDEN / f"{tell.__name__}.txt"
    if pytestconfig.getoption("update_golden"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(now, encoding="utf-8")
    assert now == kept.read_text(encoding="utf-8"), "read the difference; --update-golden keeps it"
