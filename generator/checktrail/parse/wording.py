"""What the words of one item say: applicable or not, conditional, whose, signed and dated by whom. Pure."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TICKS: Final = re.compile(r"`+")
_LONG: Final = 1000
_ID: Final = re.compile(r"\s*(?:<!--\s*id:\s*([\w.:/-]+)\s*-->|\{:?\s*#([\w.:-]+)(?:\s[^{}]*)?\})\s*")

# "(if they fail, stop)" says what follows from the item, not when it may be left out; "(if anything breaks)" does not.
_CONSEQUENCE: Final = (
    r"\s+(?:not\s*[,:]|(?:it|they|this|these|that|those|any|one|anything|something)\b[^()\[\]]*"
    r"\b(?:fails?|failed|breaks?|broken|wrong|red|missing|errors?|do(?:es)? not|don't|doesn't)\b(?!\s*[)\]]))"
)
# "(if needed)", "(optional: …)", "(Docker, if used)"; a trailing "as needed" without brackets is plain prose.
_IN_BRACKETS: Final = re.compile(
    rf"[(\[]\s*(?:(?:only\s+)?if\b(?!{_CONSEQUENCE})"
    r"|optional\b|unless\b|only\s+(?:for|when|on)\b"
    r"|(?:when|where|as)\s+(?:applicable|needed|required|necessary|appropriate|relevant)\b"
    r"|[^()\[\]]*\bif\s+(?:applicable|needed|required|necessary|appropriate|any|used|present|relevant)\s*[)\]])",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(
    r"[*_]*(?:(?:optional(?:ly)?|(?:if|when|where|as)\s+(?:applicable|needed|required|necessary|appropriate))"
    r"[*_]*\s*[:,\u2013\u2014-]"
    r"|(?:if|in\s+case\s+of|in\s+the\s+event\s+of)\s[^.]*?[:,](?:[*_]*$|\s))",
    re.IGNORECASE,
)
_ALTERNATIVE: Final = re.compile(
    r"[*_]*(?:if|in\s+case\s+of|in\s+the\s+event\s+of|otherwise|else)\b.*:[*_]*$", re.IGNORECASE | re.DOTALL
)

_STRUCK: Final = re.compile(
    r"[*_]*(?:~~(?:(?!~~).)+~~|~[^~]+~|<(del|s|strike)>(?:(?!</\1>).)+</\1>)[*_]*"
    r"\s*(?:[-\u2013\u2014:(\[]*\s*(?:n/?a\b|not\s+applicable\b).*)?",
    re.IGNORECASE | re.DOTALL,
)
_OPENERS: Final = "*_([nN~<"
"""What the first character must be for either of these two, which are slow to say no."""
_NOT_APPLICABLE: Final = re.compile(r"[*_(\[]*(?:n/a|not\s+applicable)(?=$|[\s:;,.)\]*_\u2013\u2014-])", re.IGNORECASE)

_SIGNOFF: Final = re.compile(
    r"\bsign(?:ed|ing|s)?[- ]?off(?:s)?\b(?!-by)|\bapproved\s+by\b|\bapprovals?\b|\bready\s+for\s+release\b"
    r"|\bgo\s*[/-]\s*no[- ]?go\b",
    re.IGNORECASE,
)
_BLANK: Final = re.compile(r"(?:\\?_){3,}")
_HANDLE: Final = re.compile(r"(?<![\w.@/`+-])@([A-Za-z][\w-]*(?:/[A-Za-z\d][\w-]*)?)(?![\w@]|\.\w)")
_OWNER: Final = re.compile(
    r"[(\[]\s*(?:owners?|assignees?|assigned\s+to|responsible)\s*:\s*([^()\[\]]+?)\s*[)\]]", re.IGNORECASE
)

_SEVERAL: Final = re.compile(r"[,;&]|\band\b")

_NAME: Final = r"@?[^\W\d_][\w.'\u2019-]*(?:\s+(?-i:[^\W\d_a-z])[\w.'\u2019-]*){0,3}"
_BY: Final = re.compile(
    r"\b(?:signed(?:[- ]?off)?|approved|reviewed|verified|tested|checked|confirmed|completed|done|accepted)"
    rf"\s+by:?\s+({_NAME})",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(rf"\b(?:name|signature|signed|initials|approver|reviewer)\s*:\s*({_NAME})", re.IGNORECASE)
_AFTER_ROLE: Final = re.compile(
    r"\b(?:lead|manager|owner|officer|director|engineer|architect|representative|stakeholder|sponsor|team|cto|ceo"
    rf"|ciso|qa|admin|developer)\s*[*_]*:[*_]*\s*({_NAME})",
    re.IGNORECASE,
)
_WITH_DATE: Final = re.compile(rf"(?:[(\[]|[\u2013\u2014-]\s+|:\s*)\s*({_NAME})\s*[,;/|]?\s*(?:on\s+)?\x00")
_NOT_A_NAME: Final = re.compile(
    r"(?:an?|and|any|as|at|be|by|date|done|due|for|from|in|is|n/a|na|name|none?|not?|of|on|or|pending|qa|ready|role"
    r"|sign-?off|signature|signed|target|tb[adc]|team|the|to|todo|until|version|with|x|yes)",
    re.IGNORECASE,
)

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATES: Final = re.compile(
    r"(?<![\w.-])(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?[ -](?P<n2>{_MONTH})[ -]?,?[ -]?(?P<y2>\d{{4}})"
    rf"|(?P<n3>{_MONTH})[ ](?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,?[ ](?P<y3>\d{{4}})"
    r"|(?P<d4>\d{1,2})\.(?P<m4>\d{1,2})\.(?P<y4>\d{4}))(?![\w-])",
    re.IGNORECASE,
)


class Wording(NamedTuple):
    """What an item's words say, under the names of `Item`; `is_alternative`: an "If …:" that heads its children."""

    text: str
    id: str | None
    not_applicable: bool
    conditional: bool
    is_alternative: bool
    signoff: bool
    owners: tuple[str, ...]
    blanks: int
    typed_names: tuple[str, ...]
    typed_dates: tuple[str, ...]


def wording(raw: str) -> Wording:
    """What a text says; raw Markdown, its box already off."""
    return _remembered(raw) if len(raw) < _LONG else _wording(raw)


class Essence(NamedTuple):
    """What a trail needs of an item's words; the fields are those of `Wording`, which would say the same."""

    text: str
    id: str | None
    not_applicable: bool


@lru_cache(maxsize=1 << 15)
def essence(raw: str) -> Essence:
    """The text, the explicit id and whether it applies, and nothing that takes longer to find out."""
    text, id_ = _without_id(" ".join(raw.split()))
    return Essence(text, id_, _does_not_apply(text if "`" not in text else without_code(text)))


def _wording(raw: str) -> Wording:
    text, id_ = _without_id(" ".join(raw.split()))
    plain = without_code(text)
    dated, dates = _dates(plain)
    return Wording(
        text=text,
        id=id_,
        not_applicable=_does_not_apply(plain),
        conditional=is_conditional(plain),
        is_alternative=bool(_ALTERNATIVE.match(plain)),
        signoff=bool(_SIGNOFF.search(plain)),
        owners=tuple(dict.fromkeys(_owners(plain))),
        blanks=len(_BLANK.findall(plain)),
        typed_names=tuple(dict.fromkeys(_names(plain, dated))),
        typed_dates=dates,
    )


# Most items recur from file to file and from commit to commit.
_remembered = lru_cache(maxsize=1 << 14)(_wording)


def without_code(text: str) -> str:
    """A text with every code span's inside blanked, so that its words are nobody's claim; the length stays.

    A run of backticks closes at the next run of the same length (CommonMark 0.31, "Code spans"); in linear time.
    """
    if "`" not in text:
        return text
    runs = [found.span() for found in _TICKS.finditer(text)]
    later: dict[int, list[int]] = {}
    for start, end in reversed(runs):
        later.setdefault(end - start, []).append(start)
    parts, done = [], 0
    for start, end in runs:
        same = later[end - start]
        while same and same[-1] <= start:
            same.pop()
        if start < done or not same:
            continue
        close = same[-1] + end - start
        parts += [text[done:start], "`" * (close - start)]
        done = close
    return "".join([*parts, text[done:]])


def is_conditional(plain: str) -> bool:
    """Whether the words say that something need not be done in every release."""
    return bool(_IN_BRACKETS.search(plain) or _LEADING.match(plain) or _ALTERNATIVE.match(plain))


def explicit_id(comment: str) -> str | None:
    """The id that an HTML comment of its own gives to the item it stands under."""
    found = _ID.fullmatch(comment.strip())
    return (found.group(1) or found.group(2)) if found else None


def _does_not_apply(plain: str) -> bool:
    return plain[:1] in _OPENERS and bool(_NOT_APPLICABLE.match(plain) or _STRUCK.fullmatch(plain))


def _without_id(text: str) -> tuple[str, str | None]:
    if "<!--" not in text and "#" not in text:
        return text, None
    found = _ID.search(without_code(text))
    if found is None:
        return text, None
    left, right = text[: found.start()], text[found.end() :]
    return (f"{left} {right}" if left and right else left + right), found.group(1) or found.group(2)


def _owners(plain: str) -> Iterator[str]:
    """Who is named as an owner, in the order of the text."""
    found = [(owner.start(), name) for owner in _OWNER.finditer(plain) for name in _SEVERAL.split(owner.group(1))]
    if "@" in plain:
        found += [(handle.start(), handle.group(1)) for handle in _HANDLE.finditer(plain)]
    yield from (name.strip().removeprefix("@") for _, name in sorted(found, key=itemgetter(0)) if name.strip())


def _names(plain: str, dated: str) -> Iterator[str]:
    """Names somebody wrote as an act: by, behind a label or role, or beside a date."""
    for pattern, text in ((_BY, plain), (_LABEL, plain), (_AFTER_ROLE, plain), (_WITH_DATE, dated)):
        for found in pattern.finditer(text):
            name = found.group(1).strip(" .-")
            if name and not _NOT_A_NAME.fullmatch(name.split()[0]):
                yield name.removeprefix("@")


def _dates(plain: str) -> tuple[str, tuple[str, ...]]:
    """The text with a NUL for every date, and the dates; a day that no calendar has is left to lint."""
    if not any(character.isdigit() for character in plain):
        return plain, ()
    dates = [day for found in _DATES.finditer(plain) if (day := _iso(found)) is not None]
    return _DATES.sub("\0", plain), tuple(dict.fromkeys(dates))


def _iso(found: re.Match[str]) -> str | None:
    part = found.groupdict()
    year = part["y"] or part["y2"] or part["y3"] or part["y4"]
    day = part["d"] or part["d2"] or part["d3"] or part["d4"]
    named = part["n2"] or part["n3"]
    month = _MONTHS.index(named[:3].casefold()) + 1 if named else int(part["m"] or part["m4"])
    try:
        return dt.date(int(year), month, int(day)).isoformat()
    except ValueError:
        return None
