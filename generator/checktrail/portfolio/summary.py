"""A portfolio's document to values that add up. Pure.

In: a `checktrail.portfolio/1` document that its schema holds for. Out: a `Portfolio`. What a schema cannot say is asked
here: times that are in the calendar, tags that are there once, counts that are no more than what they are of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from checktrail.audit.verdict import Verdict
from checktrail.completion import Totals
from checktrail.errors import InputError, shown
from checktrail.metrics.figures import Excluded, Figure, Grade, Unit, Window
from checktrail.portfolio.listing import is_address

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PASSED = (Verdict.PASS, Verdict.PASS_WITH_WAIVERS)


class Signoffs(NamedTuple):
    """Sign-offs asked for, and those that were recorded before the tag."""

    asked: int
    recorded: int


class Weights(NamedTuple):
    """Findings by weight, those that are waived apart."""

    error: int
    warning: int
    info: int
    waived: int


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release: `at` in seconds since 1970 UTC; totals, verdict, sign-offs and findings are None where nobody said."""

    tag: str
    component: str
    version: str
    is_prerelease: bool
    alias_of: str
    commit: str
    at: int
    commits: int
    totals: Totals | None
    verdict: Verdict | None
    signoffs: Signoffs | None
    findings: Weights | None


@dataclass(frozen=True, slots=True)
class Flight:
    """A checklist on its way to a release; `release` is empty for one that serves every release."""

    path: str
    title: str
    release: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class Summary:
    """What a portfolio knows of one repository.

    `releases` are the oldest first. `flights` and `figures`, which are by name, are None where the
    document it came from did not say.
    """

    name: str
    title: str
    site: str
    addresses: str
    version: str
    head: str
    as_of: int
    is_indeterminate: bool
    commits: int
    unreleased: int
    ignored_tags: int
    releases: tuple[ReleaseLine, ...]
    flights: tuple[Flight, ...] | None
    figures: Mapping[str, Figure] | None

    @property
    def latest(self) -> ReleaseLine | None:
        """The last final release; the last candidate where there is none."""
        canonical = [each for each in self.releases if not each.alias_of]
        finals = [each for each in canonical if not each.is_prerelease]
        known = finals or canonical
        return known[-1] if known else None


@dataclass(frozen=True, slots=True)
class Broken:
    """A repository that could not be read: its name, the kind of fault, and what was said of it."""

    name: str
    slug: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All of it, sorted by name; `as_of` is the latest moment that any repository was read at."""

    title: str
    url: str
    is_public: bool
    as_of: int
    repositories: tuple[Summary, ...]
    broken: tuple[Broken, ...]


def portfolio(document: Mapping[str, Any]) -> Portfolio:
    """The portfolio that a document describes.

    Raises:
        InputError: it says what cannot be.
    """
    found = tuple(_summary(form) for form in document["repositories"])
    return Portfolio(
        title=document["title"] or "Portfolio",
        url=_address(document["url"], relative=False),
        is_public=document["audience"] == "public",
        as_of=max((each.as_of for each in found), default=0),
        repositories=_by_name(found),
        broken=_by_name([Broken(each["name"], each["slug"], each["sentence"]) for each in document["broken"]]),
    )


def _by_name(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.name)))


def _summary(form: Mapping[str, Any]) -> Summary:
    name, counts = form["name"], form["counts"]
    try:
        releases = tuple(_release(each, is_certain=not form["indeterminate"]) for each in form["releases"])
        _refuse_twice([each.tag for each in releases])
        return Summary(
            name=name,
            title=form["title"] or name,
            site=_address(form["site"], relative=True),
            addresses=form["addresses"],
            version=form["version"],
            head=form["head"] or "",
            as_of=_seconds(form["as_of"]),
            is_indeterminate=form["indeterminate"],
            commits=counts["commits"],
            unreleased=counts["commits_unreleased"],
            ignored_tags=counts["ignored_tags"],
            releases=releases,
            flights=None if form["in_flight"] is None else tuple(_flight(each) for each in form["in_flight"]),
            figures=None if form["figures"] is None else {each["name"]: _figure(each) for each in form["figures"]},
        )
    except InputError as error:
        raise InputError(f"{shown(name)}: {error.sentence}") from None


def _address(text: str | None, *, relative: bool) -> str:
    """An address that a link may lead to; empty for none and for what is no such address."""
    return text if text is not None and is_address(text, relative=relative) else ""


def _refuse_twice(tags: Sequence[str]) -> None:
    seen: set[str] = set()
    for tag in tags:
        # Tags whose bytes do not decode may read alike.
        if tag in seen and "\ufffd" not in tag:
            raise InputError(f"the tag {shown(tag)} is there twice")
        seen.add(tag)


def _release(form: Mapping[str, Any], *, is_certain: bool) -> ReleaseLine:
    verdict = None if form["verdict"] is None else Verdict(form["verdict"])
    signoffs = None if form["signoffs"] is None else Signoffs(form["signoffs"]["asked"], form["signoffs"]["recorded"])
    if signoffs is not None and signoffs.recorded > signoffs.asked:
        raise InputError(f"{shown(form['tag'])} has more sign-offs than were asked for")
    return ReleaseLine(
        tag=form["tag"],
        component=form["component"] or "",
        version=form["version"],
        is_prerelease=form["prerelease"],
        alias_of=form["alias_of"] or "",
        commit=form["commit"],
        at=_seconds(form["at"]),
        commits=form["commits"],
        # There are documents that tell of a release without a checklist by an empty form.
        totals=_totals(form["totals"], form["tag"]) if form["totals"] else None,
        # Nothing passes for certain on half a history, whoever says so.
        verdict=verdict if is_certain or verdict not in _PASSED else Verdict.INDETERMINATE,
        signoffs=signoffs,
        findings=None
        if form["findings"] is None
        else Weights(**{key: form["findings"][key] for key in Weights._fields}),
    )


def _flight(form: Mapping[str, Any]) -> Flight:
    return Flight(form["path"], form["title"], form["release"] or "", _totals(form["totals"], form["path"]))


_COUNTS = ("items", "ticked", "open", "not_applicable", "conditional", "required", "required_ticked")


def _totals(form: Mapping[str, Any], place: str) -> Totals:
    count = Totals(**{key: int(form[key]) for key in _COUNTS})
    if count.items != count.ticked + count.open + count.not_applicable:
        raise InputError(f"{shown(place)}: {count.items} items are not what is ticked, open and not applicable")
    if count.required_ticked > count.required or count.required > count.items or count.conditional > count.items:
        raise InputError(f"{shown(place)}: the counts of what is due do not fit into each other")
    return count


def _figure(form: Mapping[str, Any]) -> Figure:
    grade, value = Grade(form["grade"]), form["value"]
    if (value is None) is not (grade is Grade.NOT_AVAILABLE) or (value is not None and not form["n"]):
        raise InputError(
            f"the figure {shown(form['name'])} has a value without a grade or n, or a grade without a value"
        )
    if form["unit"] == Unit.SHARE and value is not None and not 0 <= value <= 1:
        raise InputError(f"the figure {shown(form['name'])} is no share")
    window = form["window"]
    return Figure(
        form["name"],
        value,
        Unit(form["unit"]),
        grade,
        form["n"],
        tuple(Excluded(each["reason"], each["n"]) for each in form["excluded"]),
        Window(*(None if window[end] is None else _seconds(window[end]) for end in ("from", "to"))),
    )


def _seconds(text: str) -> int:
    try:
        at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise InputError(f"{shown(text)} is no moment of the calendar") from None
    return int((at - _EPOCH).total_seconds())
