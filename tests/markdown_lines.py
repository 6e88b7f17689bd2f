"""Lines of Markdown that readers may take for one thing or another, to make texts of."""

from __future__ import annotations

from hypothesis import strategies as st

LINES = st.sampled_from([
    "", "# T", "## A", "### B", "## C ##", "####### x", "#no", "# ", "- [ ] one", "- [x] two", "* [X] three `a`",
    "+ [ ] four", " - [ ] indented", "  - [ ] nest", "    - [x] four deep", "      - [ ] six", "1. [ ] first",
    "2. [ ] second", "2) [x] other", "   - [ ] under", "  2. [ ] sub", "  1. [ ] sub", "- plain", "- **bold**",
    "1. **Steps**", "text", "  goes on", "     far on", "- [ ]", "- [ ] ", "-   [ ] spaced", "- [ ]  two",
    "-\t[ ] tab", "- [ ]\ttab", "---", "***", "===", "```", "~~~", "```sh", "<div>", "</div>", "<!-- c", "-->",
    "<!-- id: qa -->", "> quote", "> - [ ] q", "a - b", "    code", "[x]: http://e.org", "- [x]: def", "- [-] na",
    "- [~] na", "- [/] na", "- [ ] N/A: no", "- [x] ~~struck~~", "- [ ] t {#id1}", "- [ ] é", "Ünï", "0. [ ] zero",
    "**Note**: x", "(aside)", "  (aside)", "\\- [ ] no", "1.[ ] no", "- - [ ] twice", "- 1. [ ] both", "-", "1.",
    "\x0c", "\x00", "\u2028", "- [ ]\xa0x", "title: x", "\r",
    "- [ ] one  ", "- two  ", "text  ", "   ", "  \t", " ```", "````", "  ~~~", "-->x", "<!-- a -->", "1. one",
    "2. two", "3. three", "10. ten", "  - sub", "   - sub", "1) p", "   1. n", "- [ ] a\x1c", "- [ ] a\x85", "text\xa0",
    "  text  ", "## H  ", "## H #", "#\tH", "| a | b |", "|---|---|", "a | b", "--|--", "  * star", " - one in",
    "- *e*", "- `c`", "- <!-- id: q -->", "  <!-- id: z -->", "  ```sh", "  ```", "**b** t", "**", "* * *", "- ___",
])  # fmt: skip
