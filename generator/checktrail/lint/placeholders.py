"""CL401 to CL406: holes, dates, versions, reasons and evidence. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from packaging.version import InvalidVersion, Version

from checktrail.lint.blocks import Kind, blocks, fenced
from checktrail.lint.items import shown
from checktrail.lint.page import LONGEST, Edit, Flaw, Page
from checktrail.lint.signoffs import Claim, claims_of
from checktrail.model import Binding, Item, Placeholder, Severity, State

_TO_BE_DONE: Final = re.compile(
    r"\W*(?:TBD|TBA|TBC|TODO|FIXME|\?\?\?+|to be (?:determined|decided|done|announced|confirmed))\W*", re.IGNORECASE
)
_NOTATION: Final = re.compile(r"v?X\.Y(?:\.Z)?|YYYY-MM-DD")
_DATE: Final = re.compile(r"(?<![\w./=&#-])((?:19|20|21)\d\d)-(\d\d)-(\d\d)(?![\w/-])")
_PATH_VERSION: Final = re.compile(
    r"(?<![\w.])(?:v|release[-_]?)?(\d+\.\d+(?:\.\d+)*(?:[-.]?(?:a|b|rc|alpha|beta|pre)[-.]?\d+)?)(?!\w)", re.IGNORECASE
)
_STRUCK: Final = re.compile(r"~~.*?~~")
_NOT_APPLICABLE: Final = re.compile(r"\bn/?a\b|\bnot applicable\b", re.IGNORECASE)
_REASON: Final = re.compile(
    r"\([^()]*\w{3}[^()]*\)"
    r"|\b(?:because|since|as|due to|no longer|not needed|see|superseded|replaced|handled)\b"
    r"|(?:[–—:]|\s-)\s*\w{2}",  # noqa: RUF001 -- dashes as people type them
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"\(\s*(?:please )?(?:attach|link to|add (?:a )?link|paste|provide|include)\b[^)]*\)"
    r"|\(\s*(?:evidence|link|proof|ticket|url|report)\s*:?\s*_*\s*\)"
    r"|\b(?:evidence|link|proof|ticket|url)\s*:\s*_*$",
    re.IGNORECASE,
)
_PROOF: Final = re.compile(
    r"https?://|\]\([^)\s]+\)|#\d+|\b[A-Z][A-Z0-9]+-\d+\b|\b[0-9a-f]{7,40}\b|\S+\.(?:pdf|png|txt|log|html?|md|xml|json)\b"
)


def unfilled(page: Page) -> Iterator[Flaw]:
    """CL401: a placeholder that nobody filled, once per section."""
    yield from _holes(page, to_be_done=False)


def to_be_done(page: Page) -> Iterator[Flaw]:
    """CL402: TBD and its like, once per section."""
    yield from _holes(page, to_be_done=True)


def _holes(page: Page, *, to_be_done: bool) -> Iterator[Flaw]:
    sections: dict[int, list[Placeholder]] = {}
    if page.is_named_template:
        return
    for hole in page.checklist.placeholders:
        if bool(_TO_BE_DONE.fullmatch(hole.text)) is not to_be_done or page.section(hole.section).is_template:
            continue
        # In code, brackets are the language's own.
        if hole.line not in fenced(page.text) and not _is_spoken_of(page, hole):
            sections.setdefault(hole.section, []).append(hole)
    claims = claims_of(page) if sections else ()
    for holes in sections.values():
        open_ones = [hole for hole in holes if not _is_instruction(page, hole)]
        grave = [hole for hole in open_ones if _is_ticked(page, hole) or _is_owed(page, hole, claims)]
        # The finding stands where it weighs most.
        first = (grave or holes)[0]
        names = list(dict.fromkeys(hole.text for hole in holes))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 -- three names fit a line
        what = "still to be determined" if to_be_done else "not filled in"
        yield Flaw(
            f"{what}: {', '.join(names[:3])}{more}",
            first.line,
            grave=bool(grave),
            severity=None if open_ones else Severity.INFO,
        )


def _is_instruction(page: Page, hole: Placeholder) -> bool:
    """Whether it says how and is no hole: a date's form or a TBD in code, or a version in a living list.

    A list that serves every release says `git tag vX.Y.Z` each time anew; one of a release's own should know better.
    """
    text = page.line(hole.line).text
    at = text.find(hole.text)
    in_code = at >= 0 and text[:at].count("`") % 2 == 1
    if in_code and (hole.text == "YYYY-MM-DD" or _TO_BE_DONE.fullmatch(hole.text)):
        return True
    is_notation = bool(_NOTATION.fullmatch(hole.text)) and not _is_ticked(page, hole)
    return page.binding is Binding.LIVING and (in_code or is_notation)


def _is_spoken_of(page: Page, hole: Placeholder) -> bool:
    """Whether the text is about the word: `No "TBD" is left`, "no [NEEDS_CLARIFICATION] markers remain"."""
    word = re.escape(hole.text)
    spoken = rf"[\"“']{word}[\"”']|\bno {word}|{word} (?:markers?|placeholders?|tags?)\b"
    return re.search(spoken, page.line(hole.line).text, re.IGNORECASE) is not None


def _is_over(page: Page, claims: Sequence[Claim], section: int) -> bool:
    """Whether a section is no draft any more: its release is out, or the checklist says that it is complete."""
    return _is_out(page) or any(claim.covers(page.checklist, section) for claim in claims)


def _is_out(page: Page) -> bool:
    """Whether the file's own release is tagged: the one that its name, folder or title names, not one of the text."""
    if not page.tagged or page.release is None:
        return False
    near = " ".join((*page.path.split("/")[-2:], page.checklist.title))
    return re.search(rf"(?<![\d.]){re.escape(page.release)}(?!\d)", near) is not None


def _is_owed(page: Page, hole: Placeholder, claims: Sequence[Claim]) -> bool:
    """Whether an answer is owed there, and no prose or table speaks of what is to come.

    It is in an item or right after a key of what is claimed to be complete; and, once its release is tagged, in an item
    or right after a key at the head of what calls itself a checklist, which a plan or an announcement does not.
    """
    is_claimed = any(claim.covers(page.checklist, hole.section) for claim in claims)
    if not is_claimed and not (_is_out(page) and page.calls_itself_a_checklist):
        return False
    if hole.item is not None:
        return True
    is_near = is_claimed or not page.section(hole.section).path
    return is_near and any(
        fact.line == hole.line and fact.value.lstrip("*_` ").startswith(hole.text) for fact in page.checklist.facts
    )


def _is_ticked(page: Page, hole: Placeholder) -> bool:
    return hole.item is not None and page.checklist.items[hole.item].state is State.TICKED


def filled(page: Page, values: Mapping[str, str]) -> tuple[Edit, ...]:
    """The edits that put the user's values into the placeholders they name (`VERSION` fills `[VERSION]`)."""
    wanted = {key.strip("[]{}<> ").casefold(): value for key, value in values.items()}
    edits: list[Edit] = []
    for hole in dict.fromkeys((hole.text, hole.line) for hole in page.checklist.placeholders):
        text, number = hole
        value = wanted.get(text.strip("[]{}<> ").casefold())
        if value is None or number > len(page.lines):
            continue
        line = page.line(number)
        edits += [
            Edit(line.start + at.start(), line.start + at.end(), value)
            for at in re.finditer(re.escape(text), line.text)
        ]
    return tuple(edits)


def impossible_date(page: Page) -> Iterator[Flaw]:
    """CL403: a day that no calendar has."""
    if _DATE.search(page.text) is None:
        return
    claims = claims_of(page)
    for line in page.lines:
        for found in _DATE.finditer(line.text):
            year, month, day = (int(part) for part in found.groups())
            if _is_day(year, month, day) or blocks(page.text).kind(line.number) in (Kind.CODE, Kind.HTML):
                continue
            item = _item_at(page, line.number)
            is_ticked = item is not None and item.state is State.TICKED
            grave = is_ticked or _is_over(page, claims, _section_at(page, line.number))
            yield Flaw(f"there is no day {found[0]}", line.number, found.start() + 1, grave=grave)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _item_at(page: Page, line: int) -> Item | None:
    return next((item for item in page.checklist.items if item.line <= line <= item.end_line), None)


def _section_at(page: Page, line: int) -> int:
    return max((index for index, section in enumerate(page.checklist.sections) if section.line <= line), default=0)


def other_version(page: Page) -> Iterator[Flaw]:
    """CL404: the text binds itself to another version than its path."""
    said = _version(page.checklist.version or "")
    meant = _path_version(page.path)
    if meant is not None and any(_version(found[1]) == meant for found in _PATH_VERSION.finditer(page.checklist.title)):
        return  # "Migration from 0.2.1 to 0.3.0" names its own among others
    if said is None or meant is None or said.release == meant.release[: len(said.release)]:
        return
    if meant.release == said.release[: len(meant.release)] or page.binding is not Binding.OWN:
        return
    line = _version_line(page)
    yield Flaw(f"the text says version {page.checklist.version}, the path {meant}", line)


def _path_version(path: str) -> Version | None:
    for part in reversed(path.split("/")):
        stem = re.sub(r"\.(?:md|markdown|mdown|mkd)$", "", part, flags=re.IGNORECASE)
        if found := _PATH_VERSION.search(stem):
            return _version(found[1])
    return None


def _version(text: str) -> Version | None:
    try:
        return Version(text.removeprefix("v"))
    except InvalidVersion:
        return None


def _version_line(page: Page) -> int:
    version = (page.checklist.version or "").removeprefix("v")
    if page.checklist.title_line and version in page.checklist.title:
        return page.checklist.title_line
    return next((fact.line for fact in page.checklist.facts if version in fact.value), page.checklist.title_line or 1)


def no_reason(page: Page) -> Iterator[Flaw]:
    """CL405: not applicable, and nobody said why."""
    for item in page.checklist.items:
        if item.state is not State.NOT_APPLICABLE:
            continue
        words = _STRUCK.sub(" ", item.text[:LONGEST])
        if not _STRUCK.search(item.text) and not _NOT_APPLICABLE.sub("", words).strip(" .:;()-"):
            continue  # "N/A" alone is an answer to choose, not an item that was dropped
        if not _REASON.search(_NOT_APPLICABLE.sub("", words) if "(" not in words else words):
            yield Flaw(f"not applicable without a reason, `(N/A: …)`: {shown(item.text)}", item.line)


def no_evidence(page: Page) -> Iterator[Flaw]:
    """CL406: ticked, though the evidence that its own text asks for is not there."""
    for item in page.checklist.items:
        text = item.text[:LONGEST]
        if item.state is State.TICKED and _ASKS.search(text) and not _PROOF.search(text):
            yield Flaw(f"ticked without the evidence it asks for: {shown(item.text)}", item.line)
