"""The lint rules' reference page, made from the registry and the definitions: run this file to write it.

python tests/lint_reference.py
"""

from __future__ import annotations

import re
from pathlib import Path

from checktrail.exports.rules import definition, rule_texts
from checktrail.lint.rules import NAMES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "lint-rules.md"
_INTRO = """# Lint rules

<!-- Made by `python tests/lint_reference.py`; edits here are lost. -->

`checktrail lint` checks the checklists of a repository. A safe fix (`--fix`) never makes a ticked box and never takes
a person's words away; whatever would is unsafe and asked for by name (`--unsafe-fixes`). An open item is no fault: a
checklist may be unfinished until its tag.

Rules about boxes and items hold in every Markdown file with items. Rules about sections, tables, placeholders and
sign-offs hold in the checklists of releases only, CL112 to CL114 only in files that MkDocs renders, and CL601 to CL606
only with `--base`. In a folder of tests (`test`, `tests`, `testdata`, `fixtures`) a malformed box may be what a test is
about: whatever is found there is a note, and nothing is mended. [How often they are wrong](lint-accuracy.md) was
counted.

A finding is answered with a comment, at the end of its line, on a line of its own above it, or for the whole file:

```markdown
- [ ] Call [Contact] <!-- checktrail: ignore CL401 because the office answers this -->
<!-- checktrail: ignore CL201 because both regions say the same -->
<!-- checktrail: ignore-file CL205 because the numbers are those of the standard -->
```

The settings `lint.select`, `lint.ignore`, `lint.per-file-ignores` and `lint.severity` decide which rules speak where
and how loud.
"""


def page() -> str:
    """The whole page."""
    texts = rule_texts(NAMES)
    rows = [
        f"| [{code}](#{code.lower()}-{name}) | {severity} | {texts[code].summary} |"
        for code, (name, severity) in sorted(NAMES.items())
    ]
    table = "\n".join(["| code | weight | what |", "|---|---|---|", *rows])
    return "\n".join([_INTRO, table, "", *(_part(code) for code in sorted(NAMES))])


def _part(code: str) -> str:
    """A definition one heading level lower; fenced examples stay as they are."""
    parts = re.split(r"(^(`{3,}).*?^\2$)", definition(code) or "", flags=re.MULTILINE | re.DOTALL)
    # A split on two groups gives text, fence, mark, text, fence, mark, …
    shown = "".join(
        re.sub(r"^#", "##", part, flags=re.MULTILINE) if index % 3 == 0 else part
        for index, part in enumerate(parts)
        if index % 3 != 2
    )
    # Words behind a fence's language are for the tests; Python-Markdown would show such a block as running text.
    return re.sub(r"^(`{3,}\w+) .*$", r"\1", shown, flags=re.MULTILINE)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
