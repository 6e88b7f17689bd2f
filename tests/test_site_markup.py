"""A checklist's text on a page: everything in place, nothing that could load, run or mislead."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from amounts import amount
from checktrail import parse
from checktrail.model import Checklist
from checktrail.site.addresses import item_anchor
from checktrail.site.markup import ItemMark, inline, plain_text, render

SEEDS = sorted((Path(__file__).parent.parent.parent / "shared" / "seeds").glob("*.txt"))
CORPUS = sorted((Path(__file__).parent.parent.parent / "shared" / "corpus" / "md").glob("*.md"))

VOID = {"br", "hr", "img", "input"}
# The only elements and attributes that a checklist's text can bring onto a page.
ALLOWED = {
    "a", "blockquote", "br", "button", "code", "div", "em", "hr", "i", "li", "ol", "p", "pre", "s", "span", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "aria-label", "class", "data-ct-copy", "hidden", "href", "id", "rel", "role", "scope", "start", "tabindex", "type",
}  # fmt: skip


class Reader(HTMLParser):
    """Walks HTML and fails on anything that is not allowed or not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            if name == "href":
                assert re.match(r"https?:|mailto:|#", value or "", re.IGNORECASE), value
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def marks(checklist: Checklist) -> dict[int, ItemMark]:
    return {item.line: ItemMark(item_anchor(item.id, item.line), item.state) for item in checklist.items}


def page(text: str) -> Reader:
    parts = render(text, marks(parse.parse(text)))
    reader = Reader()
    reader.feed("".join(part.body for part in parts))
    reader.close()
    assert reader.open == []
    return reader


def html(text: str) -> str:
    return "".join(part.body for part in render(text, marks(parse.parse(text))))


HOSTILE = [
    "<script>alert(1)</script>",
    "- [ ] <img src=x onerror=alert(1)>",
    "- [x] <svg/onload=alert(1)> and `<b>`",
    "[go](javascript:alert(1)) [go](JaVaScRiPt:alert(1)) [go](data:text/html,x) [go](vbscript:x)",
    "[go](&#106;avascript:alert(1)) [go](<java\nscript:x>)",
    "![p](https://example.com/p.png) ![p](data:image/png;base64,AAAA) [![p](x.png)](https://example.com)",
    '<javascript:alert(1)> <https://example.com/"onmouseover=x>',
    '[x](https://example.com "\\" onmouseover=alert(1) x=\\"")',
    '```"><script>alert(1)</script>\n</code></pre><script>\n```',
    "<!-- <script> -->\n<!-- unclosed <script>",
    "<details><summary>More</summary>\n\n- [ ] inside\n\n</details>",
    "| a |\n|:-:|\n| <script> |\n\n- [ ] a | b",
    "# <script>x</script>\n\n[x]: javascript:alert(1)\n\n[x]",
    "- [ ] \x00\x02wzxhzdk:0\x03 \ud800",
    "{{ 7 * 7 }} {% raw %} <? php ?>",
    "![" * 300 + "](x)" * 300,
    "> - [ ] a\n>   > - [x] b\n\n* [ ] c\n  # heading in an item",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_brings_nothing_but_text(text: str) -> None:
    page(text)


@settings(deadline=None, max_examples=amount(200))
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "- [ ] ",
                    "- [x] ",
                    "  ",
                    "1. ",
                    "> ",
                    "<b ",
                    "<!--",
                    "-->",
                    "](",
                    "[",
                    "![",
                    ")",
                    "```\n",
                    "\n",
                    "\n\n",
                ),
                *(
                    "javascript:",
                    "//example.com",
                    "a",
                    "`",
                    "*",
                    "**",
                    "~~",
                    "| ",
                    "|-|\n",
                    "# ",
                    "&lt;",
                    '"',
                    "'",
                    ">",
                ),
            ],
        ),
        max_size=30,
    ),
)
def test_no_text_brings_more_than_is_allowed(pieces: list[str]) -> None:
    page("".join(pieces))


@settings(deadline=None, max_examples=amount(100))
@given(st.text(alphabet="-[] x\n*1.>#`~<!|", max_size=60))
def test_every_item_stands_on_the_page_once_with_its_state(text: str) -> None:
    checklist = parse.parse(text)
    written = html(text)
    assert written.count('<li class="ct-item') == len(checklist.items)
    for item in checklist.items:
        assert written.count(f'ct-item--{item.state}" id="item-line-{item.line}"') == 1


@pytest.mark.skipif(not SEEDS, reason="the shared checklists are not beside this checkout")
@pytest.mark.parametrize("path", SEEDS + CORPUS, ids=lambda path: path.stem[:12])
def test_real_checklists_come_out_whole(path: Path) -> None:
    text, _ = parse.decode(path.read_bytes())
    checklist = parse.parse(text)
    reader = page(text)
    assert len([each for each in reader.ids if each.startswith("item-")]) == len(checklist.items)
    headings = [part for part in render(text, marks(checklist)) if part.level]
    assert [part.line for part in headings] == [section.line for section in checklist.sections[1:]]


def test_a_state_is_an_icon_with_a_hidden_word_and_never_an_input() -> None:
    written = html("- [x] Tests\n- [ ] Docs\n- [-] Demo\n")
    assert 'class="ct-item--ticked" id="item-line-1"><i>done: </i>Tests' in written
    assert "<i>open: </i>Docs" in written
    assert "<i>not applicable: </i>Demo" in written
    assert "<input" not in written


def test_steps_keep_their_commands_and_each_can_be_copied() -> None:
    written = html("1. Stop it\n   ```bash\n   systemctl stop api && echo <done>\n   ```\n2. Start it\n")
    assert "<ol>" in written
    assert "systemctl stop api &amp;&amp; echo &lt;done&gt;" in written
    assert written.count("data-ct-copy") == 1


def test_relative_links_go_to_where_the_file_is_seen_or_nowhere() -> None:
    text = "See [guide](docs/guide.md) and [top](#top)."
    assert 'href="https://host/docs/guide.md"' in "".join(
        part.body for part in render(text, {}, resolve=lambda path: None if path[0] == "#" else f"https://host/{path}")
    )
    assert "href" not in html(text)
    assert "guide" in html(text)


def test_comments_are_not_shown() -> None:
    written = html("- [ ] Tests <!-- see: sec -->\n\n<!-- sec\n- [ ] hidden -->\n\nEnd")
    assert "sec" not in written
    assert "hidden -" not in written


def test_what_stands_behind_an_item_is_put_behind_its_own_text() -> None:
    mark = ItemMark("item-a", parse.parse("- [x] a").items[0].state, Markup("<span>by Ben</span>"))
    written = "".join(part.body for part in render("- [x] a\n  - b\n", {1: mark}))
    assert written.index("by Ben") < written.index("<ul>", written.index("ct-item"))


def test_headings_come_out_as_plain_words() -> None:
    parts = render("# A *b* `c` <i>d</i>\n\nText\n\n### E\n", {})
    assert [(part.line, part.level, part.heading) for part in parts] == [
        (1, 0, ""),
        (1, 1, "A b c <i>d</i>"),
        (5, 3, "E"),
    ]


def test_two_hundred_levels_are_shown() -> None:
    text = "".join(f"{'  ' * depth}- [ ] level {depth}\n" for depth in range(200))
    assert html(text).count('<li class="ct-item') == 200


def test_one_line_of_markdown() -> None:
    assert inline("`pytest` & **all** <b>") == "<code>pytest</code> &amp; <strong>all</strong> &lt;b&gt;"
    assert plain_text("`pytest` & **all** [x](https://example.com)") == "pytest & all x"
