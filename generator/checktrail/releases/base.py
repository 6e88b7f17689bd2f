"""What each release is compared with, and why. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from checktrail.errors import ConfigError
from checktrail.model import Tag
from checktrail.releases.versions import Precedence, Version


class Candidate(NamedTuple):
    """A tag that is a release: its commit, version, and claimed time (seconds since 1970) with where that is from."""

    tag: Tag
    commit: str
    version: Version
    at: int
    at_basis: str


class Base(NamedTuple):
    """The tag to compare with, None for all of history; why; and whether the configuration says so."""

    tag: str | None
    reason: str
    is_override: bool = False


# The releases so far of one component, lowest version first. Those of one version stand in their order, and of the
# tags on one commit the canonical one stands last, so that it is the one that is found.
_Place = tuple[int, bool, int]
_Below = list[tuple[Precedence, _Place, Candidate]]


def bases(nodes: Sequence[tuple[Sequence[Candidate], Candidate]], overrides: Mapping[str, str]) -> dict[str, Base]:
    """Every release's base, by tag.

    Args:
        nodes: per tagged commit, in order, its tags in order and the canonical one among them.
        overrides: tag to the tag it is compared with by configuration.

    Raises:
        ConfigError: an override names a tag that is no release.
    """
    _check(overrides, {one.tag.name for candidates, _ in nodes for one in candidates})
    finals: dict[str | None, _Below] = {}
    everything: dict[str | None, _Below] = {}
    found: dict[str, Base] = {}
    ordered = (
        (one, one is canonical, (number, one is canonical, place))
        for number, (candidates, canonical) in enumerate(nodes)
        for place, one in enumerate(candidates)
    )
    for one, is_canonical, place in ordered:
        component = one.version.component
        below = (everything if one.version.prerelease else finals).setdefault(component, [])
        if one.tag.name in overrides:
            reason = "set in the configuration (releases.base)"
            found[one.tag.name] = Base(overrides[one.tag.name], reason, is_override=True)
        else:
            found[one.tag.name] = _base(one, below, is_canonical=is_canonical)
        entry = (one.version.precedence, place, one)
        insort(everything.setdefault(component, []), entry, key=lambda entry: entry[:2])
        if not one.version.prerelease:
            insort(finals.setdefault(component, []), entry, key=lambda entry: entry[:2])
    return found


def _base(one: Candidate, below: _Below, *, is_canonical: bool) -> Base:
    for lower in _downwards(one, below):
        # The canonical tag's page tells what its commit shipped: an alias of it is no release before it.
        if not is_canonical or lower.commit != one.commit:
            return Base(lower.tag.name, _reason(one))
    of = f" of {one.version.component}" if one.version.component else ""
    kind = "release" if one.version.prerelease else "final release"
    return Base(None, f"no earlier {kind}{of} has a lower version: everything is new")


def _downwards(one: Candidate, below: _Below) -> Iterator[Candidate]:
    """The releases with a lower version, the highest first."""
    start = bisect_left(below, (one.version.precedence,), key=lambda entry: entry[:1])
    for index in range(start - 1, -1, -1):
        yield below[index][2]


def _reason(one: Candidate) -> str:
    of = f" of {one.version.component}" if one.version.component else ""
    kind = "version" if one.version.prerelease else "final version"
    return f"the highest {kind}{of} below {one.version.text} among the releases before it"


def _check(overrides: Mapping[str, str], known: set[str]) -> None:
    for tag, base in overrides.items():
        for name in (tag, base):
            if name not in known:
                raise ConfigError(
                    f"releases.base names {name}, which is no release here", hint="see `checktrail releases`"
                )
