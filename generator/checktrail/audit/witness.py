"""Git as witness: beside a ticked item, what git shows, contradicts or cannot tell. Pure.

Informative: no verdict hangs on it. A rule reads an item's words and looks at what is known of the tag: each is a
function in `WITNESSES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from checktrail.audit.case import Case
from checktrail.audit.evidence import Asked, Evidence, Landed, Span, Spot, Tagged
from checktrail.audit.requirements import spoken
from checktrail.model import Change, Due, TagKind


class Voice(StrEnum):
    """What git has to say to a claim."""

    SHOWS = "shows"
    CONTRADICTS = "contradicts"
    CANNOT_TELL = "cannot-tell"


class Testimony(NamedTuple):
    """What git says to one ticked item: the item's path and line, its words, and a sentence."""

    voice: Voice
    path: str
    line: int
    text: str
    sentence: str


_FILE: Final = re.compile(
    r"(?<![\w/.-])((?:[\w.-]+/)*[A-Za-z][\w-]*\.(?:md|toml|json|lock|ya?ml|cfg|txt|xml|py|gradle))\b"
)
_CHANGED: Final = re.compile(
    r"\b(?:updated?|written|added|bumped|changed|drafted|created|edited|revised)\b", re.IGNORECASE
)
_NAMES: Final = re.compile(r"\b(changelog|readme|release notes)\b", re.IGNORECASE)
_ANNOTATED: Final = re.compile(r"\b(?:annotated|signed)\s+(?:git\s+)?tag\b", re.IGNORECASE)
_SHARE: Final = re.compile(r"\((\d{1,6})\s*/\s*(\d{1,6})\b[^)]*\)")
_HOURS: Final = re.compile(
    r"\bfor\s+(?:at\s+least\s+)?(\d{1,4})(?:\s*[-–]\s*\d{1,4})?\s*(minute|hour|day|week)s?\b",  # noqa: RUF001 - a dash
    re.IGNORECASE,
)
_LONGEST: Final = 500
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}


def makes_claims(evidence: Evidence, tagged: Tagged) -> bool:
    """Whether a release's checklists say anything that git may know of."""
    sheets, claims = evidence.scenes[tagged.release.commit].sheets, _CLAIMS.of(evidence)
    return any(claims(sheets[path]) for path in tagged.paths)


def testimonies(case: Case) -> tuple[Testimony, ...]:
    """What git says to the ticked items of a release's checklists, in their order."""
    landed = case.proof.landed.get(Span(case.tagged.base, case.tagged.release.commit)) if case.tagged.base else None
    found: list[Testimony] = []
    claims = _CLAIMS.of(case.evidence)
    for path in case.tagged.paths:
        close = case.evidence.scenes[case.tagged.closes[path].commit]
        sheet = case.scene.sheets[path]
        for spot in sheet.spots(claims(sheet)):
            later = close.spot_of(spot) if spot.phase.due is Due.AT_CLOSE else None
            shown = later if later is not None else spot
            if shown.is_ticked:
                found.extend(word for witness in WITNESSES for word in witness(case, shown, landed))
    return tuple(found)


@lru_cache(maxsize=1 << 13)
def _is_claim(text: str) -> bool:
    """Whether an item's words say anything that git may know of; most say nothing, and recur in other texts."""
    short = text[:_LONGEST]
    return any(pattern.search(short) for pattern in (_CHANGED, _ANNOTATED, _SHARE, _HOURS))


_CLAIMS: Final = Asked(lambda text: [nth for nth, item in enumerate(text.items) if _is_claim(item.text)])


def _says(spot: Spot, voice: Voice, sentence: str) -> Testimony:
    return Testimony(voice, spot.sheet.path, spot.item.line, spot.item.text, sentence)


def file_changed(case: Case, spot: Spot, landed: Landed | None) -> Iterator[Testimony]:
    """As "CHANGELOG.md updated": whether the file differs between base and tag."""
    text = spot.item.text[:_LONGEST]
    if not _CHANGED.search(text):
        return
    base = case.tagged.release.base
    names = [match[1] for match in _FILE.finditer(text)]
    names += [] if names else [match[1].replace(" ", "").upper() for match in _NAMES.finditer(text)][:1]
    for name in names:
        if landed is None:
            yield _says(spot, Voice.CANNOT_TELL, f"{name}: there is no earlier release to compare with")
            continue
        wanted = name.casefold().rsplit("/", 1)[-1].split(".")[0]
        hits = [path for path in landed.paths if wanted in path.casefold().rsplit("/", 1)[-1].replace("_", "")]
        if hits:
            yield _says(spot, Voice.SHOWS, f"{hits[0]} differs from {base}")
        elif "." in name:
            yield _says(spot, Voice.CONTRADICTS, f"{name} is unchanged since {base}")
        else:
            yield _says(spot, Voice.CANNOT_TELL, f"no file named like {name.lower()} differs from {base}")


def annotated_tag(case: Case, spot: Spot, landed: Landed | None) -> Iterator[Testimony]:
    """As "Annotated tag created": which kind of tag it is."""
    del landed
    if _ANNOTATED.search(spot.item.text):
        kind = case.tagged.release.kind
        voice = Voice.SHOWS if kind is TagKind.ANNOTATED else Voice.CONTRADICTS
        yield _says(spot, voice, f"{case.tagged.release.tag} is {kind.value}")


def share_done(case: Case, spot: Spot, landed: Landed | None) -> Iterator[Testimony]:
    """As "(30/31 core tests)": ticked though its own numbers say it is not all."""
    del case, landed
    for match in _SHARE.finditer(spot.item.text):
        done, whole = int(match[1]), int(match[2])
        if whole and done < whole:
            yield _says(spot, Voice.CONTRADICTS, f"its own words say {done} of {whole}")


def waited_long_enough(case: Case, spot: Spot, landed: Landed | None) -> Iterator[Testimony]:
    """As "Monitor for 24-48 hours": how long after the tag it was ticked."""
    del landed
    match = _HOURS.search(spot.item.text)
    since = spot.standing.since
    commit = case.evidence.commits.get(since.commit)
    if match is None or commit is None or since.kind not in (Change.TICKED, Change.TICKED_BY_MERGE):
        return
    asked, waited = int(match[1]) * _SECONDS[match[2].lower()], commit.committed_at - case.tagged.release.at
    voice = Voice.SHOWS if waited >= asked else Voice.CONTRADICTS
    when = f"{spoken(waited)} after the tag" if waited >= 0 else f"{spoken(-waited)} before the tag"
    yield _says(spot, voice, f"ticked {when} (claimed)")


WITNESSES: Final[tuple[Callable[[Case, Spot, Landed | None], Iterator[Testimony]], ...]] = (
    file_changed,
    annotated_tag,
    share_done,
    waited_long_enough,
)
