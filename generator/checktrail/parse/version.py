"""Which release a text says it belongs to. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checktrail.model import Fact

_NUMBER: Final = r"\d+(?:\.\d+)*(?:[-._]?(?:rc|alpha|beta|a|b|c|dev|post|pre|preview)[-.]?\d*)?(?:\+[\w.]+)?"
_VERSION: Final = re.compile(rf"v?({_NUMBER})", re.IGNORECASE)
# In a title a bare "3.11" is anybody's: a leading v, a third part or a word before it make it this release's.
_IN_TITLE: Final = re.compile(
    rf"(?<![\w.-])(?:v(?={_NUMBER}(?![\w.]*\w))({_NUMBER})|(\d+\.\d+\.\d+(?:{_NUMBER[3:]})?)|(?:release|version)\s+v?({_NUMBER}))"
    r"(?![\w-]|\.\d)",
    re.IGNORECASE,
)
_EXAMPLE: Final = re.compile(r"\be\.?g\b|\bfor example\b|\bexample\b|\bsuch as\b", re.IGNORECASE)
_RELEASE_KEYS: Final = frozenset(
    ("release", "release version", "target release", "target version", "release tag", "tag")
)
_OWN_DATES: Final = re.compile(
    r"last (?:updated?|modified|reviewed|revised|edited|change)|(?:document|template) version|revision"
)


def bound_version(title: str, facts: Sequence[Fact], everything: Sequence[Fact]) -> str | None:
    """The version that a text itself binds to, without a leading v: by front matter, title, or metadata, in that order.

    `facts` are those about the whole text. A `Version` beside a "Last Updated", wherever that stands in `everything`,
    is the document's own and binds nothing, nor does an example.
    """
    by_key = {_key(fact): fact for fact in reversed(facts)}
    named = next((version for key in sorted(_RELEASE_KEYS & by_key.keys()) if (version := _whole(by_key[key]))), None)
    if named is not None:
        return named
    if not _EXAMPLE.search(title) and (found := _IN_TITLE.search(title)):
        return found.group(1) or found.group(2) or found.group(3)
    if any(_OWN_DATES.search(_key(fact)) for fact in everything) or "version" not in by_key:
        return None
    return _whole(by_key["version"])


def _key(fact: Fact) -> str:
    return fact.key.casefold().replace("_", " ").replace("-", " ").strip()


def _whole(fact: Fact) -> str | None:
    found = _VERSION.fullmatch(fact.value.strip("`*_ "))
    return found.group(1) if found else None
