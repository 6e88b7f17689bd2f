"""Which office a sign-off's words name. Pure.

"QA lead sign-off obtained" names the QA lead, "Development Team Lead" that one; "Final Verification" names nobody, so
it is an attestation. A heading's office is read by the parser; this is about the item's own words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from checktrail.audit.policy import Meaning
from checktrail.parse.sections import role as office

_MARKS: Final = re.compile(r"[*_`~]+|<[^<>]{0,200}>")
_TAIL: Final = re.compile(r"\s*(?:[:(\[|–—]|\s-\s|_{3,}).*$", re.DOTALL)  # noqa: RUF001 - dashes that people type
_SIGN_OFF: Final = re.compile(r"^(.*?)\W*\b(?:sign(?:ed)?[- ]?offs?|approvals?|approved|approves)\b", re.IGNORECASE)
_BY: Final = re.compile(
    r"\b(?:approved|signed[- ]?off|sign[- ]?off|reviewed|authori[sz]ed)\s+by\s*:?\s*(?:the\s+)?(.+)$", re.IGNORECASE
)
_BODY: Final = re.compile(r"^(?:[\w&/-]+\s+){1,3}(?:stakeholders?|committee|board|team)$", re.IGNORECASE)
_NO_OFFICE: Final = frozenset(
    ("a", "all", "an", "and", "any", "architecture", "budget", "change", "checklist", "code", "design", "document",
     "documentation", "each", "every", "final", "formal", "go", "is", "it", "management", "obtained", "other",
     "overall", "plan", "production", "release", "required", "stakeholder", "stakeholders", "team", "the", "this", "to",
     "uat", "version", "written")
)  # fmt: skip
_MOST_WORDS: Final = 4
_MEANINGS: Final = (
    (Meaning.AUTHORSHIP, re.compile(r"\b(?:author(?:ed|ship)?|prepared by|written by|drafted)\b", re.IGNORECASE)),
    (Meaning.REVIEW, re.compile(r"\b(?:review(?:ed|er|s)?|inspected|walk-?through)\b", re.IGNORECASE)),
    (
        Meaning.APPROVAL,
        re.compile(
            r"\b(?:approv\w*|sign(?:ed)?[- ]?offs?|ready for release|go\s*/\s*no[- ]?go|accept(?:ed|ance)|"
            r"authori[sz]ed)\b",
            re.IGNORECASE,
        ),
    ),
)


@lru_cache(maxsize=1 << 13)
def role_of(text: str) -> str | None:
    """The office that an item's text names, as written there; None when it names none."""
    plain = " ".join(_MARKS.sub(" ", text).split())
    by = _BY.search(plain)
    if by and (named := office(_TAIL.sub("", by[1]))):
        return named
    bare = _TAIL.sub("", plain).strip(" .,;")
    return office(bare) or (bare if _BODY.match(bare) else None) or _before_sign_off(bare)


def _before_sign_off(bare: str) -> str | None:
    """The few words before a sign-off, as "Security" of "Security sign-off", unless they are common ones."""
    match = _SIGN_OFF.match(bare)
    words = match[1].split() if match else []
    if not 0 < len(words) <= _MOST_WORDS or any(word.casefold() in _NO_OFFICE for word in words):
        return None
    return " ".join(words)


@lru_cache(maxsize=1 << 13)
def meaning_of(text: str, section: tuple[str, ...]) -> Meaning:
    """What a sign-off means by its own words, else by its headings' (21 CFR 11.50); responsibility when none say."""
    for words in (text, " / ".join(section)):
        for meaning, pattern in _MEANINGS:
            if pattern.search(words):
                return meaning
    return Meaning.RESPONSIBILITY
