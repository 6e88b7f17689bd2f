"""Headings and what stands under them to phases. Pure.

The order of the rules is the policy. A heading's own pre-, post-, rollback and sign-off words are strong: they decide
for it and beat the bare nouns of everything below it ("Performance Verification" under "Pre-Release" prepares). A bare
noun ("Monitoring", "Tagging") decides only where nothing strong stands above. What no word decides takes its parent's
phase, and without a parent it prepares: that is due at the tag, so not knowing never makes a wrong pass.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.model import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence


class Headed(NamedTuple):
    """A heading as the rules see it: its words, its parent's index, its own and its subsections' items.

    `names_it` is False for what gives no phase: the preamble and the document's title.
    """

    text: str
    parent: int | None
    names_it: bool
    items: tuple[str, ...]


def phases(headings: Sequence[Headed]) -> tuple[Phase, ...]:
    """The phase of each heading, parents before their children."""
    verdicts: list[_Verdict] = []
    after_release = False
    for headed in _without_what_is_released(headings):
        above = verdicts[headed.parent] if headed.parent is not None else _NOTHING_ABOVE
        verdicts.append(_verdict(headed, above, after_release=after_release) if headed.names_it else _NOTHING_ABOVE)
        after_release = after_release or verdicts[-1].phase is Phase.RELEASE
    return tuple(verdict.phase for verdict in verdicts)


def _without_what_is_released(headings: Sequence[Headed]) -> Sequence[Headed]:
    """The headings; in the list of a hotfix the word names what is released, and "Hotfix testing" is due as any."""
    if not any(_HOTFIX.search(headed.text) for headed in headings if not headed.names_it):
        return headings
    return [headed._replace(text=_HOTFIX.sub("", headed.text)) for headed in headings]


def says_prepare(heading: str) -> bool:
    """Whether a heading's own words mean `prepare`, rather than only not meaning anything else."""
    words = _words(heading)
    return words.pre or words.preparation or words.quality


class _Hold(Enum):
    """What strong word stands over a section."""

    NOTHING = auto()
    PRE = auto()
    POST = auto()
    SIGNOFF = auto()
    CONTINGENCY = auto()


class _Verdict(NamedTuple):
    phase: Phase
    hold: _Hold


_NOTHING_ABOVE: Final = _Verdict(Phase.PREPARE, _Hold.NOTHING)
_PREPARES: Final = _Verdict(Phase.PREPARE, _Hold.PRE)


def _verdict(headed: Headed, above: _Verdict, *, after_release: bool) -> _Verdict:
    words = _words(headed.text)
    if above.hold in (_Hold.CONTINGENCY, _Hold.SIGNOFF):
        return above
    return _by_strong_word(words, headed.items, above) or _Verdict(
        _by_bare_noun(words, above, after_release=after_release), above.hold
    )


def _by_strong_word(words: _Words, items: Sequence[str], above: _Verdict) -> _Verdict | None:
    if words.pre:
        return _PREPARES
    if words.contingency:
        return _by_rollback(words, items, above)
    if words.post:
        checks = words.verify or (words.deploy and not words.follow_up)
        return _Verdict(Phase.VERIFY if checks else Phase.FOLLOW_UP, _Hold.POST)
    if above.hold is _Hold.POST:
        return None
    if words.preparation:
        return _PREPARES
    return _Verdict(Phase.SIGNOFF, _Hold.SIGNOFF) if words.signoff else None


def _by_rollback(words: _Words, items: Sequence[str], above: _Verdict) -> _Verdict:
    """A rollback that is written down, tried and at hand is preparation; one that is carried out is an emergency's."""
    prepares = words.preparation or words.tries_rollback or is_prepared(items)
    if prepares or (above.hold is _Hold.PRE and not is_acted_on(items)):
        return _PREPARES
    return _Verdict(Phase.CONTINGENCY, _Hold.CONTINGENCY)


def _by_bare_noun(words: _Words, above: _Verdict, *, after_release: bool) -> Phase:
    if above.hold is _Hold.PRE:
        return above.phase
    by_noun: tuple[tuple[bool, Phase], ...]
    if above.hold is _Hold.POST:
        by_noun = ((words.verify, Phase.VERIFY), (words.follow_up, Phase.FOLLOW_UP))
    else:
        checks_release = words.verification and (after_release or above.phase is Phase.RELEASE)
        by_noun = (
            (words.follow_up, Phase.FOLLOW_UP),
            (words.release, Phase.RELEASE),
            (words.monitoring or checks_release, Phase.VERIFY),
            (words.stakeholders, Phase.SIGNOFF),
            (words.quality or words.verification, Phase.PREPARE),
        )
    return next((phase for holds, phase in by_noun if holds), above.phase)


# --- words ----------------------------------------------------------------------------------------------------------

_PRE: Final = re.compile(
    r"\bpre-\w|\bpre ?(?:release|deploy|launch|flight|publish|publication|production|tag)|\bprerequisites?\b|\bbefore\b"
    r"|\bprior to\b"
)
_POST: Final = re.compile(r"\bpost-\w|\bpost ?(?:release|deploy|launch|publish|publication|production|tag)|\bafter\b")
_PREPARATION: Final = re.compile(r"\b(?:preparations?|prepare|preparing|prep|readiness)\b")
_CONTINGENCY: Final = re.compile(
    r"\b(?:emergency|emergencies|roll(?:ing)?[- ]?backs?|hot[- ]?fix(?:es)?|contingency|back[- ]?out|abort(?:ing)?"
    r"|incidents?)\b"
)
_HOTFIX: Final = re.compile(r"\b(?:emergency\s+)?hot[- ]?fix(?:es)?\b", re.IGNORECASE)
_TRIES_ROLLBACK: Final = re.compile(
    r"\broll[- ]?back (?:tests?|testing|drill|rehearsal)\b|\btest(?:ing)? (?:the )?roll[- ]?back"
)
_SIGNOFF: Final = re.compile(r"\bsign(?:ed|ing)?[- ]?offs?\b|\bapprov(?:al|als|ers?)\b|\bgo ?[/-] ?no[- ]?go\b")
_STAKEHOLDERS: Final = re.compile(r"\bstakeholders?\b")
_DEPLOY: Final = re.compile(r"deploy|\blaunch")
_MONITORING: Final = re.compile(r"\bmonitor(?:ing)?\b|\bsmoke\b|\bhealth[- ]?checks?\b")
_VERIFICATION: Final = re.compile(r"\b(?:verif(?:y|ication|ications)|validat(?:e|ion|ions))\b")
_TESTING: Final = re.compile(r"\b(?:test|tests|testing)\b")
_QUALITY: Final = re.compile(r"\b(?:quality|qa|test|tests|testing|planning)\b")
_FOLLOW_UP: Final = re.compile(
    r"\b(?:follow[- ]?ups?|clean[- ]?ups?|retrospectives?|retro|lessons|closure|close[- ]?out|wrap[- ]?up"
    r"|post-?mortems?)\b"
)
_RELEASE: Final = re.compile(
    r"\b(?:deploy(?:ment|ments|ing)?|execution|publish(?:ing)?|publications?|distribution|versioning|bump(?:ing)?"
    r"|version (?:bump|management)|tags?|tagging|roll-?out|launch|go[- ]?live|ship(?:ping)?"
    r"|announce(?:ments?)?|releasing"
    r"|release (?:process|procedures?|execution|steps?|day|tasks?|phase|actions?|activities|workflow)"
    r"|during (?:the )?release)\b"
    r"|^(?:(?:create|make|do|perform|cut|run) (?:the |a )?)?release$"
)
_JOINED: Final = re.compile(r"[&/+,]|\band\b")


class _Words(NamedTuple):
    pre: bool
    post: bool
    preparation: bool
    contingency: bool
    tries_rollback: bool
    signoff: bool
    stakeholders: bool
    deploy: bool
    monitoring: bool
    verification: bool
    verify: bool
    quality: bool
    follow_up: bool
    release: bool


@lru_cache(maxsize=4096)
def _words(heading: str) -> _Words:
    text = _NUMBER.sub("", heading.casefold().replace("\u2010", "-").replace("\u2011", "-").replace("\u2013", "-"))
    release = bool(_RELEASE.search(text))
    monitoring, verification = bool(_MONITORING.search(text)), bool(_VERIFICATION.search(text))
    return _Words(
        pre=bool(_PRE.search(text)),
        post=bool(_POST.search(text)),
        preparation=bool(_PREPARATION.search(text)),
        # "Deployment and rollback" also deploys: it stays due.
        contingency=bool(_CONTINGENCY.search(text)) and not (release and _JOINED.search(text)),
        tries_rollback=bool(_TRIES_ROLLBACK.search(text)),
        signoff=bool(_SIGNOFF.search(text)),
        stakeholders=bool(_STAKEHOLDERS.search(text)),
        deploy=bool(_DEPLOY.search(text)),
        monitoring=monitoring,
        verification=verification,
        verify=monitoring or verification or bool(_TESTING.search(text)),
        quality=bool(_QUALITY.search(text)),
        follow_up=bool(_FOLLOW_UP.search(text)),
        release=release,
    )


_NUMBER: Final = re.compile(r"^[\W\d_]*")

# --- prepared, or acted on ------------------------------------------------------------------------------------------

_AT_HAND: Final = re.compile(
    r"\b(?:documented|tested|prepared|defined|available|established|planned|ready|rehearsed|drafted|written|agreed"
    r"|identified|in place)\b"
)
_TO_PREPARE: Final = re.compile(r"\W*(?:document|test|prepare|define|establish|plan|rehearse|draft|write|agree)\b")
_ITS_MEANS: Final = re.compile(
    r"\b(?:roll[- ]?backs?|hot[- ]?fix|plans?|procedures?|runbooks?|scripts?|criteria|contacts?|backups?|process"
    r"|channels?)\b"
)


_LOOKED_AT: Final = re.compile(
    r"\b(?:reviewed|verified|validated|confirmed|approved|taken|exists?|created|checked|updated|current|works?|restores)\b"
    r"|\W*(?:verify|confirm|ensure|check|review|validate|make sure|take|create|update)\b"
)
_AT_REACH: Final = re.compile(
    r"\b(?:plans?|procedures?|runbooks?|scripts?|criteria|contacts?|backups?|snapshots?|thresholds?|channels?|on-?call)\b"
)
_CARRIED_OUT: Final = re.compile(
    r"\b(?:completed?|executed|done|followed|successful(?:ly)?|restored|re-?deployed|reverted|initiated)\b"
)
_NOTHING_OPEN: Final = re.compile(
    r"\W*no (?:open|known|unresolved|critical|active|pending|outstanding|blocking|new|p\d)\b"
)
_ACTS: Final = re.compile(
    r"\W*(?:(?:re-?)?deploy|revert|roll back|restore|switch|stop|halt|abort|disable|execute|trigger|initiate|page"
    r"|escalate|declare|shut)\b(?!.*\b(?:drill|rehears\w*|staging|dry[- ]run|test)\b)"
)


def is_prepared(items: Sequence[str]) -> bool:
    """Whether most of a section's items make ready for an emergency rather than act in one; never for none."""
    ready = sum(_is_ready(item.casefold()) for item in items)
    return 2 * ready > len(items)


def is_acted_on(items: Sequence[str]) -> bool:
    """Whether half of a section's items or more plainly act in an emergency; never for none."""
    acting = sum(bool(_ACTS.match(item.casefold())) for item in items)
    return acting > 0 and 2 * acting >= len(items)


def _is_ready(item: str) -> bool:
    if _AT_HAND.search(item) or _NOTHING_OPEN.match(item) or (_TO_PREPARE.match(item) and _ITS_MEANS.search(item)):
        return True
    return bool(_LOOKED_AT.search(item) and _AT_REACH.search(item) and not _CARRIED_OUT.search(item))
