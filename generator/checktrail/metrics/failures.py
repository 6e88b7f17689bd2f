"""Which releases failed, what shows it, and when each was mended. Pure.

Declared: a rollback list ticked after the tag, a `Hotfix-For:` trailer, `[YANKED]` in the changelog, an incident block.
Proxy, kept apart: a later release reverts a commit first shipped in this one, or the next patch comes within days and
holds only fixes. Only what was shipped and then reverted is a sign: a revert within one release is ordinary work.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from checktrail.metrics.cycles import Asked, Cycle, CycleItem, Said
from checktrail.metrics.hints import hints
from checktrail.metrics.scope import Dated, Scope
from checktrail.model import Commit, Phase, State
from checktrail.releases.picks import twins

_HOTFIX_FOR = re.compile(r"^Hotfix-For:[ \t]*(\S+)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_YANKED = re.compile(r"^#{1,6}[ \t]*\[?v?(?P<version>[0-9][^\]\s]*)\]?[^\n]*\[YANKED\]", re.MULTILINE | re.IGNORECASE)
_ROLLBACK = re.compile(r"\broll(?:ed|ing|s)?[ -]?back\b", re.IGNORECASE)
_RESTORED = re.compile(
    r"redeploy|re-deploy|previous|restor(?:e|ed)\b|verif(?:y|ied)|roll(?:ed)?[ -]?back\s+(?:complete|done|executed)",
    re.IGNORECASE,
)
_LET_OFF = re.compile(r"\((?:if|optional)\b", re.IGNORECASE)
_INCIDENT = re.compile(r"\b(?:incident|outage)\b", re.IGNORECASE)
_RESOLVED = re.compile(r"\b(?:resolved|mitigated|recovered|closed)\b", re.IGNORECASE)
_UNFILLED = re.compile(r"(?:|none|n/?a|no|tbd|-+|_+|\[[^\]]*\])\.?", re.IGNORECASE)


class Sign(StrEnum):
    """What says that a release failed; the last two are inferred, not declared."""

    ROLLED_BACK = "rolled back"
    HOTFIXED = "hotfix"
    YANKED = "yanked"
    INCIDENT = "incident"
    REVERTED = "reverted later"
    PATCHED = "patched at once"

    @property
    def is_declared(self) -> bool:
        """Whether somebody wrote it down."""
        return self not in (Sign.REVERTED, Sign.PATCHED)


class Evidence(NamedTuple):
    """One sign of failure and what shows it: an item's text, a commit's id, a tag. `at` is when a remedy was done."""

    sign: Sign
    told: str
    commit: str | None = None
    mended_at: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed release with its evidence; `mended_at` is the earliest recovery, None while none is known."""

    dated: Dated
    evidence: tuple[Evidence, ...]

    @property
    def tag(self) -> str:
        """The failed release's tag."""
        return self.dated.tag

    @property
    def is_declared(self) -> bool:
        """Whether anybody wrote it down; else it is only inferred."""
        return any(one.sign.is_declared for one in self.evidence)

    @property
    def is_hinted(self) -> bool:
        """Whether it is (also) inferred."""
        return any(not one.sign.is_declared for one in self.evidence)

    @property
    def is_rolled_back(self) -> bool:
        """Whether its rollback list was ticked."""
        return any(one.sign is Sign.ROLLED_BACK for one in self.evidence)

    @property
    def mended_at(self) -> int | None:
        """When it was first mended, by declared evidence."""
        return min((one.mended_at for one in self.evidence if one.mended_at is not None), default=None)


@dataclass(frozen=True, slots=True)
class Failures:
    """The failed releases in order of time; which releases are hotfixes; and where a failure would have been seen.

    `observed` are the releases about which nothing said means that nothing failed: their checklists hold a list for
    failure, or the project declares hotfixes, yanks or incidents at all.
    """

    failed: tuple[Failure, ...]
    hotfixes: frozenset[str]
    observed: frozenset[str]
    with_rollback_list: frozenset[str]


class Hotfix(NamedTuple):
    """A release that says which release it mends; `commit` is None where its tag or its checklist says so.

    `carrier` is None while the commit that says so is in no release.
    """

    carrier: Dated | None
    mends: str
    commit: str | None


@dataclass(frozen=True, slots=True)
class Shipment:
    """What failures are read from: commits, which release shipped each, what the changelog calls yanked."""

    commits: Mapping[str, Commit]
    shipped: Mapping[str, Dated]
    yanked: Collection[str]
    fix_days: int


def failures(scope: Scope, shipment: Shipment) -> Failures:
    """The failed releases among those in scope."""
    hotfixes = tuple(_hotfixes(scope, shipment))
    inferred = hints(scope.releases, shipment.commits, shipment.shipped, shipment.fix_days)
    failed: list[Failure] = []
    for dated in scope.releases:
        evidence = (
            *_ticked(dated.cycle),
            *_mended_by(dated, hotfixes),
            *_yanked(dated, shipment.yanked),
            *(Evidence(Sign.REVERTED, hint.by, hint.commit) for hint in inferred.reverted.get(dated.tag, ())),
            *(Evidence(Sign.PATCHED, by) for by in inferred.patched.get(dated.tag, ())),
        )
        if evidence:
            failed.append(Failure(dated, evidence))
    said = bool(hotfixes or shipment.yanked or any(_incident_said(one.cycle) for one in scope.releases))
    lists = frozenset(one.tag for one in scope.releases if one.cycle and one.cycle.roll.places(_is_rollback))
    watched = {one.tag for one in scope.releases if one.cycle and one.cycle.roll.places(_is_for_failures)}
    return Failures(
        tuple(failed),
        frozenset(one.carrier.tag for one in hotfixes if one.carrier is not None),
        frozenset(one.tag for one in scope.releases) if said else frozenset(watched),
        lists,
    )


def yanked_versions(changelog: str) -> frozenset[str]:
    """The versions whose changelog heading says `[YANKED]` (Keep a Changelog 1.1.0), without a leading v."""
    return frozenset(found["version"] for found in _YANKED.finditer(changelog))


def _hotfixes(scope: Scope, shipment: Shipment) -> Iterator[Hotfix]:
    """Every `Hotfix-For:` of a commit, a tag's message or a checklist."""
    named = [commit for commit in shipment.commits.values() if "hotfix-for:" in commit.message.lower()]
    same = twins(shipment.commits.values()) if named else {}
    for commit in named:
        # Where the fix is carried on to another line, that line's next release is no hotfix: the first one was.
        carriers = [shipment.shipped[one] for one in same.get(commit.id, (commit.id,)) if one in shipment.shipped]
        carrier = min(carriers, key=lambda dated: dated.at, default=None)
        for target in _HOTFIX_FOR.findall(commit.message):
            yield Hotfix(carrier, target, commit.id)
    for dated in (*scope.earlier, *scope.releases):
        said = dated.cycle.said if dated.cycle is not None else ()
        keyed = [one.value for one in said if one.key.casefold().replace("-", " ") == "hotfix for" and _is_filled(one)]
        for target in (*_HOTFIX_FOR.findall(dated.release.message or ""), *keyed):
            yield Hotfix(dated, target, None)


def _mended_by(dated: Dated, hotfixes: Collection[Hotfix]) -> tuple[Evidence, ...]:
    """The releases that say that they mend this one, each once."""
    found: dict[str, Evidence] = {}
    for hotfix in hotfixes:
        carrier = hotfix.carrier
        # A release cannot mend itself: a slip of the pen is no failure.
        if (carrier is None or carrier.tag != dated.tag) and _is_named(dated, hotfix.mends):
            told = carrier.tag if carrier is not None else "not released yet"
            mended_at = carrier.at if carrier is not None else None
            found.setdefault(told, Evidence(Sign.HOTFIXED, told, hotfix.commit, mended_at))
    return tuple(found.values())


def _is_named(dated: Dated, target: str) -> bool:
    """Whether a tag or version names the release; a bare version means the one without a component."""
    release = dated.release
    if target in (release.tag, *release.aliases):
        return True
    return release.component is None and target.removeprefix("v") == release.version


def _yanked(dated: Dated, yanked: Collection[str]) -> Iterator[Evidence]:
    if dated.release.component is None and dated.release.version in yanked:
        yield Evidence(Sign.YANKED, "the changelog says so")
    elif "[YANKED]" in (dated.release.message or ""):
        yield Evidence(Sign.YANKED, "the tag's message says so")


def _ticked(cycle: Cycle | None) -> Iterator[Evidence]:
    """What the release's own checklists say after it went out."""
    if cycle is None:
        return
    rollback = _done(cycle.those(_is_rollback))
    if rollback:
        yield Evidence(Sign.ROLLED_BACK, rollback[0].asked.text, _commit(rollback[0]), _rolled_back_at(cycle))
    incident = [item for item in _done(cycle.those(_is_for_failures)) if item not in rollback]
    if incident:
        yield Evidence(Sign.INCIDENT, incident[0].asked.text, _commit(incident[0]), _resolved_at(incident))
    for one in _incident_said(cycle):
        yield Evidence(Sign.INCIDENT, f"{one.key}: {one.value}")


def _done(items: Iterable[CycleItem]) -> list[CycleItem]:
    """Those ticked after the tag: what is ticked before it belongs to the release before, or was never untouched."""
    return [item for item in items if item.tick is not None and not item.tick.before_tag]


def _is_rollback(asked: Asked) -> bool:
    return asked.phase is Phase.CONTINGENCY and _ROLLBACK.search(asked.words) is not None


def _is_for_failures(asked: Asked) -> bool:
    """Whether nobody ticks it unless something went wrong: contingency lists and incident blocks."""
    return asked.phase is Phase.CONTINGENCY or any(_INCIDENT.search(heading) for heading in asked.section)


def _incident_said(cycle: Cycle | None) -> tuple[Said, ...]:
    """What a filled-in incident block says: `incident: …`, or facts under an incident heading."""
    said = cycle.said if cycle is not None else ()
    return tuple(
        one
        for one in said
        if _is_filled(one) and (_INCIDENT.search(one.key) or _INCIDENT.search(" / ".join(one.section)))
    )


def _is_filled(said: Said) -> bool:
    return _UNFILLED.fullmatch(said.value.strip()) is None


def _rolled_back_at(cycle: Cycle) -> int | None:
    """When the rollback was done: the last tick that restores service; else the last of a list that is ticked whole."""
    items = cycle.those(_is_rollback)
    restoring = [item for item in items if _RESTORED.search(item.asked.text)]
    firm = [item for item in restoring or items if _must_be_done(item)]
    done = [item.tick.at for item in restoring or items if item.tick is not None and not item.tick.before_tag]
    return max(done) if done and all(item.tick is not None for item in firm) else None


def _must_be_done(item: CycleItem) -> bool:
    # "If rollback:" makes its children conditional; once it is a rollback, only their own "(if needed)" lets them off.
    return item.at_close is not State.NOT_APPLICABLE and _LET_OFF.search(item.asked.text) is None


def _resolved_at(incident: list[CycleItem]) -> int | None:
    done = [item.tick.at for item in incident if item.tick is not None and _RESOLVED.search(item.asked.text)]
    return min(done, default=None)


def _commit(item: CycleItem) -> str | None:
    return item.tick.commit if item.tick is not None else None
