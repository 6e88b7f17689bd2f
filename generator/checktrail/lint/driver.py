"""Pages → findings; fixes laid on until nothing more is to fix. Pure.

A safe fix never raises the ticked count and takes nobody's words away. Each rule is written so, and `mended` holds the
law over all of them at once: what would break it is not laid on.
"""

from __future__ import annotations

import re
from bisect import bisect, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from checktrail.lint.changes import Proposal
from checktrail.lint.page import Edit, Fix, Flaw, Page, exact_bytes, exact_text, lines_of
from checktrail.lint.rules import CHANGE_RULES, NAMES, REASONLESS_SUPPRESSION, RULES, UNUSED_SUPPRESSION, Rule
from checktrail.lint.selection import Selection
from checktrail.lint.suppression import Suppression, suppressions
from checktrail.lint.tables import regions
from checktrail.model import Checklist, Finding, Repair, Severity, State

_PASSES: Final = 200
_LAST_BOX_RULE: Final = "CL110"
# In a release checklist, what swallows the items themselves: a merge left unresolved, markers around a table.
_WITHOUT_ITEMS: Final = ("CL202", "CL304")
_BOX: Final = re.compile(r"\\?\[[^\w\]]{0,2}[xX]?[^\w\]]{0,2}\\?\]")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with the edits that mend it, if there are any."""

    finding: Finding
    fix: Fix | None


def page(path: str, content: bytes, checklist: Checklist) -> Page:
    """A file as the rules see it, with nothing known of it from outside yet."""
    text = exact_text(content)
    return Page(path, text, lines_of(text), checklist)


def check(page: Page, selection: Selection) -> tuple[Found, ...]:
    """Every finding of one file, in the order of its lines, suppressed ones left out and unused suppressions named."""
    flaws = [(rule.code, flaw) for rule in RULES if _applies(rule, page, selection) for flaw in rule.check(page)]
    return _answered(page, flaws, selection, {rule.code for rule in RULES})


def check_change(proposal: Proposal, selection: Selection) -> tuple[Found, ...]:
    """Every finding about a change, by file and line, suppressed ones left out."""
    pages: dict[str, Page] = {one.page.path: one.page for one in proposal.changed}
    flaws: dict[str, list[tuple[str, Flaw]]] = {}
    for rule in CHANGE_RULES:
        for on, flaw in rule.check(proposal):
            if selection.speaks(rule.code, on.path):
                flaws.setdefault(on.path, []).append((rule.code, flaw))
    codes = {rule.code for rule in CHANGE_RULES}
    return tuple(
        found for path in sorted(pages) for found in _answered(pages[path], flaws.get(path, []), selection, codes)
    )


def _applies(rule: Rule, page: Page, selection: Selection) -> bool:
    """Whether a rule has a say in a file; one without items may only hold what was meant as a box."""
    if page.checklist.items:
        holds = rule.everywhere or page.is_release_checklist
    else:
        holds = rule.code <= _LAST_BOX_RULE or (page.is_release_checklist and rule.code in _WITHOUT_ITEMS)
    return holds and selection.speaks(rule.code, page.path)


def _answered(page: Page, flaws: Sequence[tuple[str, Flaw]], selection: Selection, run: set[str]) -> tuple[Found, ...]:
    comments = suppressions(page)
    used: set[Suppression] = set()
    found: list[Found] = []
    for code, flaw in flaws:
        answers = [comment for comment in comments if comment.covers(code, flaw.line)]
        used.update(answers)
        if not answers:
            found.append(_found(page, code, flaw, selection))
    if RULES[0].code in run:
        found += [_found(page, code, flaw, selection) for code, flaw in _idle(comments, used, page, selection)]
    return tuple(sorted(found, key=_order))


def _found(page: Page, code: str, flaw: Flaw, selection: Selection) -> Found:
    if page.in_tests:
        flaw = replace(flaw, severity=Severity.INFO, grave=False, fix=None)
    return Found(page.finding(code, NAMES[code][0], selection.weight(code, flaw, NAMES[code][1]), flaw), flaw.fix)


def _idle(
    comments: Iterable[Suppression], used: set[Suppression], page: Page, selection: Selection
) -> Iterator[tuple[str, Flaw]]:
    """What is wrong with the suppressions themselves; one that names a rule which did not run may well be needed."""
    judged = [rule.code for rule in RULES if _applies(rule, page, selection)]
    for comment in comments:
        names = ", ".join(comment.codes)
        if not comment.reason:
            code = REASONLESS_SUPPRESSION[0]
            flaw = Flaw(f"{names} is not suppressed: write `because` and the reason", comment.line)
        elif comment not in used and all(any(code.startswith(named) for code in judged) for named in comment.codes):
            code = UNUSED_SUPPRESSION[0]
            flaw = Flaw(f"nothing here is found by {names}: the suppression can go", comment.line)
        else:
            continue
        if selection.speaks(code, page.path):
            yield code, flaw


def _order(found: Found) -> tuple[int, int, str, str]:
    place = found.finding.place
    return place.line or 0, place.column or 0, found.finding.code, found.finding.message


# --- fixes ----------------------------------------------------------------------------------------------------------

Reader = Callable[[bytes], Checklist]


def with_text(page: Page, text: str, read: Reader) -> Page:
    """The same file with another text."""
    return replace(page, text=text, lines=lines_of(text), checklist=read(exact_bytes(text)))


def mended(page: Page, selection: Selection, read: Reader, *, repairs: frozenset[Repair]) -> Page:
    """The page with every fix of the wanted kinds laid on, again and again until none is left.

    Doing it twice changes nothing more; what no fix touches keeps its bytes.
    """
    refused: set[tuple[Edit, ...]] = set()
    for _ in range(_PASSES):
        fixes = [
            found.fix
            for found in check(page, selection)
            if found.fix and found.fix.repair in repairs and found.fix.edits not in refused
        ]
        chosen = _compatible(fixes)
        if not chosen:
            return page
        after = _laid_on(page, chosen, read)
        if after is None:
            for fix in chosen:
                alone = _laid_on(page, [fix], read)
                if alone is not None:
                    after = alone
                    break
                refused.add(fix.edits)
        if after is None:
            continue
        if after.text == page.text:
            return page
        page = after
    return page


def _compatible(fixes: Sequence[Fix]) -> list[Fix]:
    """Fixes that touch different places, the first come being the first served."""
    taken: list[tuple[int, int]] = []
    chosen: list[Fix] = []
    for fix in fixes:
        if fix.edits and not any(_touches(taken, edit) for edit in fix.edits):
            chosen.append(fix)
            for edit in fix.edits:
                insort(taken, (edit.start, edit.end))
    return chosen


def _touches(taken: Sequence[tuple[int, int]], edit: Edit) -> bool:
    """Whether an edit meets one of the spans, which are sorted and apart from each other."""
    after = bisect(taken, (edit.end, len(taken) and taken[-1][1]))
    return after > 0 and taken[after - 1][1] >= edit.start


def _laid_on(page: Page, fixes: Sequence[Fix], read: Reader) -> Page | None:
    """The page with some fixes; None when safe ones among them would break the law."""
    after = with_text(page, edited(page.text, [edit for fix in fixes for edit in fix.edits]), read)
    if any(fix.repair is not Repair.SAFE for fix in fixes):
        return after
    return after if is_lawful(page, after) else None


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits laid on; they must not overlap."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits):
        parts += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, text[position:]])


def is_lawful(before: Page, after: Page) -> bool:
    """The law of safe fixes: no more ticked items than before, no item lost, and every word still there."""
    return (
        _ticked(after) <= _ticked(before)
        and len(after.checklist.items) >= len(before.checklist.items)
        and words(before) == words(after)
    )


def _ticked(page: Page) -> int:
    return sum(item.state is State.TICKED for item in page.checklist.items)


def words(page: Page) -> list[str]:
    """Every word of a page in order, boxes left out; the numbers in a kept table are the tool's and no person's."""
    found, _ = regions(page)
    kept = {number for region in found if region.end for number in range(region.start, region.end)}
    text = "\n".join(line.text for line in page.lines if line.number not in kept)
    return _WORD.findall(_BOX.sub(" ", text))
