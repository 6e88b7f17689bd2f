"""CL101 to CL111: the box itself. Pure.

Every suspicious line has exactly one fault, the first that keeps it from being a box; `_fault` decides which.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

from checktrail.lint.page import Edit, Fix, Flaw, Page, lines_of, safe, unsafe
from checktrail.lint.shapes import DONE_SIGNS, INVISIBLE, ODD_SPACES, Shape, shapes
from checktrail.model import Binding, OddityKind, Severity

_ODD: Final = re.compile(f"[{ODD_SPACES}{INVISIBLE}]")
_ODD_OR_TAB: Final = re.compile(f"[\t{ODD_SPACES}{INVISIBLE}]")
# Marks that people type for "done" where GitHub wants an x; the Cyrillic and Greek letters look like one.
_DONE_MARKS: Final = frozenset("✓✔✅☑vVyYхХχΧ×✗✘*ⅹⅩ𝐱")  # noqa: RUF001 -- the look-alikes themselves
_ABANDONED_MARKS: Final = frozenset("-~/")
_KNOWN_MARKS: Final = _DONE_MARKS | _ABANDONED_MARKS | frozenset("oO.>!?•_")
_CONTENTS: Final = re.compile(r"\s*\[[^\]]*\]\(#[^)]*\)\s*")
_IN_PROSE: Final = re.compile(r"\s+(?:and|are|as|in|instead|is|or|to|vs\.?|was|were|with)\b|\s+[=,;:+]|\s+[-–—]+[\s>]")  # noqa: RUF001 -- dashes
# A change log that a program wrote ends each line with the commit; its empty brackets are an empty scope.
_CHANGE: Final = re.compile(r".*\(\[[0-9a-f]{7,40}\]\([^()\s]*\)\)\s*")
_ADDRESS: Final = re.compile(r"\s*<?https?://")
# "-[] [Guide](…)" is a list of links, and "-[] anything -[A] first" tells of a notation.
_REFERENCE: Final = re.compile(r"\s*(?:\[[^\]]*\]\(|<?https?://)|.{0,200}?\s-\[\w")
# Task lists of other programs: `--[ ]` is a step below `-[ ]`, `?[…]` asks the question that boxes answer, and
# `+++…+++` is what the reader of a lab is to type.
_OTHER_NOTATION: Final = re.compile(r"^(?:--+\[[ xX/-]\] |\?\[)|\+\+\+[^+\n]{1,80}\+\+\+", re.MULTILINE)
_LABELLED: Final = re.compile(r"\ufe0f?\s*[*_]*[A-Z][\w ]{0,20}[*_]*:[*_]*\s")
_ROW: Final = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]*\[[ xX]{0,2}\]")
_LINK_OPENERS: Final = ("(", "[", ":")


def _fault(shape: Shape) -> str | None:  # noqa: PLR0911 -- one return for each fault, in the order of their weight
    """The code of the fault that keeps a line from being a box in order, None when it is something else after all."""
    if shape.sign:
        return "CL110" if _is_sign_box(shape) else None
    if shape.escaped or shape.box.endswith("\\]"):
        return "CL106" if _is_escaped_box(shape) else None
    if shape.after.startswith(_LINK_OPENERS):
        return None
    if shape.row is None:
        return _swallowed_fault(shape)
    if not (shape.row.content or "").startswith("["):
        return None
    if shape.inner == "":
        return _empty_brackets_fault(shape)
    if _ODD_OR_TAB.search(shape.inner):
        return "CL109" if not _ODD_OR_TAB.sub("", shape.inner).strip(" xX") else None
    if shape.inner.strip() in ("", "x", "X"):
        return _plain_fault(shape)
    is_mark = len(shape.inner) == 1 and (
        shape.inner in _KNOWN_MARKS or (shape.among_boxes and not shape.inner.isdigit())
    )
    return "CL105" if is_mark and shape.after[:1] in ("", " ", "\t") and shape.after.strip() else None


def _swallowed_fault(shape: Shape) -> str | None:
    words = shape.after.strip()
    if shape.inner.strip() not in ("", "x", "X") or not words:
        return None
    if shape.bullet == "*" and words.replace("**", "").count("*") % 2:
        return None  # "*[ ] proposed*" is emphasis
    if _ODD.search(shape.gap):
        return "CL109"
    if shape.inner == "" and (_REFERENCE.match(shape.after) or _IN_PROSE.match(shape.after)):
        return None
    # Text that touches a glued box too is rarely meant as one, unless the box is empty.
    is_box = shape.after[:1] in (" ", "\t") or shape.inner == " "
    return "CL102" if shape.gap == "" and is_box else None


def _empty_brackets_fault(shape: Shape) -> str | None:
    if shape.among_words:
        return None  # "* [] changes the threshold" between other keys, a link that lost its name
    if not shape.after.strip():
        return None if shape.goes_on else "CL107"
    if (_CHANGE.fullmatch(shape.after) or _ADDRESS.match(shape.after)) and not shape.among_boxes:
        return None
    if _CONTENTS.fullmatch(shape.after) and not shape.among_boxes:
        return None  # a line of a table of contents
    if _IN_PROSE.match(shape.after) and not shape.among_boxes:
        return None  # "[] and {} instead of [ ]" speaks of brackets
    # "- []string" is a type, "- []Text" among boxes a box.
    return "CL101" if shape.after[0] in " \t" or shape.among_boxes else None


def _plain_fault(shape: Shape) -> str | None:
    words = shape.after.strip()
    if len(shape.inner) > 1:
        if shape.among_words and not _is_open(shape):
            return None  # "* [x ] - delete" among "* [d] - move" is a key
        return "CL103" if words or shape.goes_on else "CL107"
    if not words:
        return None if shape.goes_on else "CL107"
    if _ODD_OR_TAB.match(shape.after.lstrip(" ")):
        return "CL109"
    if shape.after[0] != " ":
        # "- [ ]* 1.4 Write tests" is how a writer of plans marks what is optional; a formatter makes "\\*" of it.
        return None if shape.after.startswith(("* ", "\\* ")) else "CL104"
    return "CL108" if shape.inner == "X" or shape.after.startswith("  ") else None


def _is_sign_box(shape: Shape) -> bool:
    # A green tick before a line is decoration far more often than a box, and a white square may be a colour.
    if shape.row is None or not shape.after.strip():
        return False
    if shape.sign in "☐☑☒🔲🗹":
        return True
    # "✅ **Status**: all clean" under a ticked step tells how it went.
    return shape.among_boxes and not _LABELLED.match(shape.after)


def _is_escaped_box(shape: Shape) -> bool:
    is_box = shape.inner.strip(" \\") in ("", "x", "X") and shape.inner != ""
    return is_box and shape.row is not None and shape.after[:1] in (" ", "\t") and bool(shape.after.strip())


def _found(page: Page, code: str) -> Iterator[Shape]:
    return (shape for shape in shapes(page.text) if _fault(shape) == code)


def _is_open(shape: Shape) -> bool:
    return "x" not in shape.inner.lower()


def _rebuilt(shape: Shape) -> Edit:
    """The line from the bullet's end to its first word, as GitHub wants it."""
    mark = " " if _is_open(shape) else "x"
    gap_start = shape.start - len(shape.gap)
    gap = shape.gap if shape.gap and not _ODD.search(shape.gap) else " "
    after = len(shape.after) - len(re.sub(f"^[ \t{ODD_SPACES}{INVISIBLE}]+", "", shape.after))
    tail = " " if shape.after.strip() or after else ""
    return Edit(gap_start, shape.end + after, f"{gap}[{mark}]{tail}")


def _fix(shape: Shape) -> Fix:
    return safe(_rebuilt(shape)) if _is_open(shape) else unsafe(_rebuilt(shape))


def _in_quiz(page: Page, shape: Shape) -> Severity | None:
    """What a flaw weighs right under a question: there a box may be an answer to choose, of whatever form."""
    return Severity.WARNING if shape.line.number in _answers(page.text) else None


@lru_cache(maxsize=8)
def _answers(text: str) -> frozenset[int]:
    """The lines that look like boxes and stand under a question, with nothing but such and blank lines between."""
    found: list[int] = []
    is_asked = False
    for line in lines_of(text):
        if _ROW.match(line.text):
            found += [line.number] if is_asked else []
        elif line.text.strip():
            is_asked = line.text.rstrip(" *_:").endswith("?")
    return frozenset(found)


def empty_brackets(page: Page) -> Iterator[Flaw]:
    """CL101: `- []` is no box."""
    if _OTHER_NOTATION.search(page.text):
        return
    for shape in _found(page, "CL101"):
        yield Flaw(
            "`[]` is no box: GitHub wants a blank in it, `[ ]`",
            shape.line.number,
            shape.column,
            safe(_rebuilt(shape)),
            severity=_in_quiz(page, shape),
        )


def glued_bullet(page: Page) -> Iterator[Flaw]:
    """CL102: `-[ ]` is no list item, and the line before swallows it."""
    if _OTHER_NOTATION.search(page.text):
        return
    for shape in _found(page, "CL102"):
        message = f"no blank between `{shape.bullet}` and the box: the line is plain text, not an item"
        yield Flaw(message, shape.line.number, shape.column, _fix(shape), severity=_in_quiz(page, shape))


def padded_mark(page: Page) -> Iterator[Flaw]:
    """CL103: `[ x]` and `[x ]` are no boxes."""
    for shape in _found(page, "CL103"):
        message = f"`{shape.box}` is no box: exactly one character stands between the brackets"
        yield Flaw(message, shape.line.number, shape.column, _fix(shape), severity=_in_quiz(page, shape))


def glued_text(page: Page) -> Iterator[Flaw]:
    """CL104: text that touches the box makes it plain text."""
    for shape in _found(page, "CL104"):
        message = "no blank after the box: GitHub shows it as text"
        yield Flaw(message, shape.line.number, shape.column, _fix(shape), severity=_in_quiz(page, shape))


def unknown_mark(page: Page) -> Iterator[Flaw]:
    """CL105: only a blank and an x are marks."""
    for shape in _found(page, "CL105"):
        fix = None
        if shape.inner in _DONE_MARKS:
            fix = unsafe(Edit(shape.start, shape.end, "[x]"))
        if shape.inner in _ABANDONED_MARKS:
            message = f"`{shape.box}` is read as not applicable here, but GitHub shows it as text"
        else:
            message = f"`{shape.box}` is no box: the mark is a blank or the Latin letter x"
        yield Flaw(message, shape.line.number, shape.column, fix)


def escaped_box(page: Page) -> Iterator[Flaw]:
    r"""CL106: `\[ \]` is text that shows brackets."""
    for shape in _found(page, "CL106"):
        yield Flaw("the brackets are escaped: this is text, not a box", shape.line.number, shape.column, _fix(shape))


def empty_item(page: Page) -> Iterator[Flaw]:
    """CL107: a box without words is no item; in a form it is where somebody is to write, which is only a note."""
    if page.binding is Binding.TEMPLATE or "template" in page.path.casefold():
        return
    for shape in _found(page, "CL107"):
        severity = Severity.INFO if shape.in_form else None
        message = "a box without text is no item: say what is to be done"
        yield Flaw(message, shape.line.number, shape.column, severity=severity)


def untidy_box(page: Page) -> Iterator[Flaw]:
    """CL108: `[X]`, and more than one blank after the box."""
    for shape in _found(page, "CL108"):
        message = "the mark is a capital X" if shape.inner == "X" else "more than one blank after the box"
        yield Flaw(message, shape.line.number, shape.column, safe(_rebuilt(shape)))


def odd_space(page: Page) -> Iterator[Flaw]:
    """CL109: a no-break space, a tab or a character without width in or after the box."""
    counted = {item.line for item in page.checklist.items}
    for shape in _found(page, "CL109"):
        odd = _ODD_OR_TAB.search(f"{shape.gap if shape.row is None else ''}{shape.inner}{shape.after}")
        shown = f"U+{ord(odd[0]):04X}" if odd else "a character"
        counts = shape.line.number in counted
        fate = "other readers may not see the box" if counts else "GitHub shows the box as text"
        fix = safe(_rebuilt(shape)) if counts or _is_open(shape) else unsafe(_rebuilt(shape))
        yield Flaw(f"{shown} in or after the box: {fate}", shape.line.number, shape.column, fix)


def sign_as_box(page: Page) -> Iterator[Flaw]:
    """CL110: a picture of a box counts for nothing."""
    for shape in _found(page, "CL110"):
        mark = "x" if shape.sign in DONE_SIGNS else " "
        after = len(shape.after) - len(shape.after.lstrip(" \t\u00a0"))
        fix = unsafe(Edit(shape.start, shape.end + after, f"[{mark}] "))
        yield Flaw(
            f"`{shape.sign}` is a picture, not a box: it counts for nothing", shape.line.number, shape.column, fix
        )


_HIDDEN: Final = {
    OddityKind.BOX_IN_CODE: "code",
    OddityKind.BOX_IN_COMMENT: "a comment",
    OddityKind.BOX_IN_HTML: "an HTML block",
    OddityKind.BOX_IN_TABLE: "a table",
}


def hidden_box(page: Page) -> Iterator[Flaw]:
    """CL111: a box inside code or a comment does not count; said once for all of them up to the next item.

    The driver keeps it out of files without any item: those are no checklists, and their examples are examples.
    """
    lines = [item.line for item in page.checklist.items]
    hidden = sorted((oddity for oddity in page.checklist.oddities if oddity.kind in _HIDDEN), key=lambda one: one.line)
    groups = groupby(hidden, key=lambda one: (one.kind, bisect(lines, one.line)))
    runs = [list(group) for _, group in groups]
    for run in runs:
        what = "a box in {} does not count" if len(run) == 1 else f"{len(run)} boxes in {{}} do not count"
        yield Flaw(what.format(_HIDDEN[run[0].kind]), run[0].line)
