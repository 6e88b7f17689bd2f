"""CL501 to CL504: sign-off sections, and what a checklist claims about itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from checktrail.lint.items import is_settled, plain, shown
from checktrail.lint.page import LONGEST, Edit, Fix, Flaw, Page, unsafe
from checktrail.model import Binding, Checklist, Due, Fact, Item, Phase, Severity, State

_STATUS: Final = re.compile(r"(?:(?:checklist|completion|current|final|overall|release) )?status", re.IGNORECASE)
_OF_BOXES: Final = re.compile(r"\W*(?:checklist|completion) status\b", re.IGNORECASE)
_FINISHED: Final = re.compile(
    r"\W*(?:(?:all )?completed?|done|released|shipped|closed|finished|signed[ -]off)\b(?! \w* *(?:by|in|%))",
    re.IGNORECASE,
)
# "Complete, alerts deferred" says itself what is open.
_PARTLY: Final = re.compile(
    r"\d+ ?%|\d+/\d+|\b(?:except|partial\w*|deferred|remaining|pending|awaiting|follow-?ups?|ready for|not yet"
    r"|but|with)\b",
    re.IGNORECASE,
)
# What stands under a heading of such words alone is said of the whole document: "Release status", not "Test status".
_OF_THE_WHOLE: Final = frozenset(
    ("about", "details", "info", "information", "metadata", "overview", "status", "summary")
)
_THE_WHOLE: Final = frozenset(
    ("and", "checklist", "current", "document", "executive", "final", "general", "overall", "project", "release", "the")
)
_WORD: Final = re.compile(r"[^\W\d_]+")
# What is left for another day is not claimed to be done.
_FOR_LATER: Final = re.compile(
    r"\b(?:backlog|deferred|future|gaps?|known issues|later|missing|next (?:steps?|releases?)|nice[- ]to[- ]have"
    r"|optional|out of scope|outstanding|recommendations?|remaining)\b",
    re.IGNORECASE,
)
# "All checklist items in the design are complete" is said of another document.
_ALL_DONE: Final = re.compile(
    r"\ball (?:of )?(?:the )?(?:(?:checklist|check list|release|required|above) )*(?:items|tasks|steps|boxes)\b"
    r"(?!\s+(?:in|of|from)\s+(?!this\b|the (?:check)?list\b)).*"
    r"\b(?:completed?|done|ticked|checked|closed)\b"
    r"|^\W*(?:(?:the|this|release|launch|deployment|go-live) )*checklist (?:is )?(?:fully )?completed?\b",
    re.IGNORECASE,
)
# A filled placeholder or a light rewording stays above this; two different items of real checklists stay below.
_SAME: Final = 72


class Claim(NamedTuple):
    """A place where the checklist says that it is complete; `item` is the item that says so, if an item does.

    `section` is what it speaks for with everything below it, None where it speaks for the whole document.
    """

    line: int
    words: str
    item: Item | None
    section: int | None

    def covers(self, checklist: Checklist, section: int | None) -> bool:
        """Whether the claim is made about a section too."""
        while self.section is not None and section is not None and section != self.section:
            section = checklist.sections[section].parent
        return section is not None


def completion_claims(checklist: Checklist) -> tuple[Claim, ...]:
    """Every ticked "All checklist items completed" and every `Status: Complete`."""
    facts = (
        Claim(fact.line, f"{fact.key}: {fact.value}", None, _spoken_for(checklist, fact))
        for fact in checklist.facts
        if _STATUS.fullmatch(fact.key.strip("* ")) and _FINISHED.match(fact.value) and not _PARTLY.search(fact.value)
    )
    items = (
        Claim(item.line, item.text, item, None)
        for item in checklist.items
        if item.state is State.TICKED and _ALL_DONE.search(item.text[:LONGEST])
    )
    return (*facts, *items)


def claims_of(page: Page) -> tuple[Claim, ...]:
    """The claims that a page makes about its boxes: a status speaks of them only in what calls itself a checklist.

    A report or a guide that says "Status: Complete" speaks of the work or of itself.
    """
    is_checklist = page.calls_itself_a_checklist
    return tuple(claim for claim in completion_claims(page.checklist) if is_checklist or claim.item is not None)


def _spoken_for(checklist: Checklist, fact: Fact) -> int | None:
    """The section that a status speaks for: its own, unless it heads the document, closes it, or sums it up."""
    section = checklist.sections[fact.section]
    is_empty = all(item.section != fact.section for item in checklist.items)
    closes = is_empty and section.line == checklist.sections[-1].line
    words = _WORD.findall(section.heading.casefold())
    sums_up = not _OF_THE_WHOLE.isdisjoint(words) and all(word in _OF_THE_WHOLE | _THE_WHOLE for word in words)
    return None if not section.path or closes or sums_up else fact.section


def no_signoff(page: Page) -> Iterator[Flaw]:
    """CL501: a release checklist without the sign-off that its template or the configuration asks for."""
    wanted = page.signoff_required or (page.template is not None and _has_signoff(page.template.checklist))
    if not wanted or _has_signoff(page.checklist):
        return
    whose = f"the template {page.template.path} has one" if page.template else "the configuration asks for one"
    yield Flaw(f"no sign-off section, and {whose}", page.checklist.title_line or 1, fix=_appended_signoff(page))


def _has_signoff(checklist: Checklist) -> bool:
    return any(item.signoff for item in checklist.items) or any(
        checklist.sections[item.section].phase is Phase.SIGNOFF for item in checklist.items
    )


def _appended_signoff(page: Page) -> Fix:
    end = page.line_end
    words = ["## Sign-Off", "", "- [ ] Release manager sign-off obtained"]
    if page.template is not None:
        source = page.template.checklist
        signing = [item for item in source.items if item.signoff or source.phase_of(item) is Phase.SIGNOFF]
        words = ["## Sign-Off", "", *(f"- [ ] {item.text}" for item in signing)] if signing else words
    last = page.lines[-1]
    lead = "" if last.text == "" and last.end == "" else end
    return unsafe(Edit(len(page.text), len(page.text), f"{lead if not last.end else ''}{end}{end.join(words)}{end}"))


def drift(page: Page) -> Iterator[Flaw]:
    """CL502: sections and items of the template that the checklist has lost."""
    if page.template is None:
        return
    source = page.template.checklist
    here = tuple(plain(item.text) for item in page.checklist.items)
    headings = {plain(section.heading): section for section in page.checklist.sections}
    for index, section in enumerate(source.sections):
        lost = [item for item in source.items if item.section == index and not _stands_in(here, plain(item.text))]
        if not lost:
            continue
        found = headings.get(plain(section.heading))
        line = found.line if found else page.checklist.title_line or 1
        where = f"“{section.heading}”" if section.heading else "its first part"
        if found is None and len(lost) == sum(item.section == index for item in source.items):
            yield Flaw(f"section {where} of the template {page.template.path} is not here", line)
        else:
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            yield Flaw(f"of the template's {where} is not here: {shown(lost[0].text)}{more}", line)


def _stands_in(texts: Sequence[str], wanted: str) -> bool:
    """Whether one of the texts says it: word for word, with its placeholders filled, or lightly reworded."""
    if wanted in texts:
        return True
    best = process.extractOne(wanted, texts, scorer=fuzz.ratio, score_cutoff=_SAME)
    return best is not None


def blank_signature(page: Page) -> Iterator[Flaw]:
    """CL503: a sign-off is ticked while its blanks are empty."""
    for item in page.checklist.items:
        if item.signoff and item.state is State.TICKED and item.blanks:
            blanks = f"{item.blanks} blank{'' if item.blanks == 1 else 's'}"
            yield Flaw(f"signed off with {blanks} unfilled: {shown(item.text)}", item.line)


def false_claim(page: Page) -> Iterator[Flaw]:
    """CL504: the checklist says that it is complete, and required items are open."""
    for claim in claims_of(page):
        lacking = [item for item in page.checklist.items if _is_lacking(page.checklist, item, claim)]
        if lacking:
            first = lacking[0]
            what = f"{len(lacking)} required items are open" if len(lacking) > 1 else "a required item is open"
            message = f"“{shown(claim.words, 40)}”, but {what} (line {first.line}: {shown(first.text, 40)})"
            yield Flaw(message, claim.line, severity=None if _is_of_boxes(page, claim) else Severity.WARNING)


def _is_of_boxes(page: Page, claim: Claim) -> bool:
    """Whether a claim is surely about the boxes: an item says so, or the head of a release's own checklist does.

    Elsewhere a status often tells of the work or of the document, and the boxes are for whoever takes it up.
    """
    if claim.item is not None or _OF_BOXES.match(claim.words):
        return True
    return page.binding is Binding.OWN and _line_of_first_section(page.checklist) > claim.line


def _line_of_first_section(checklist: Checklist) -> int:
    return next((section.line for section in checklist.sections if section.path), checklist.sections[-1].line + 1)


def _is_lacking(checklist: Checklist, item: Item, claim: Claim) -> bool:
    """Whether an item should have been ticked before the claim was made: what is due at the tag, and no later step.

    Sign-offs beside a ticked claim wait for it, so they are not counted against it.
    """
    if item.state is not State.OPEN or is_settled(item) or checklist.phase_of(item).due is not Due.AT_TAG:
        return False
    if not claim.covers(checklist, item.section) or _FOR_LATER.search(
        " / ".join(checklist.sections[item.section].path)
    ):
        return False
    return claim.item is None or not (item.signoff or checklist.phase_of(item) is Phase.SIGNOFF)
