"""How the pages were made: what was read, what was counted, that it adds up, and how to make them again. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from checktrail import __version__
from checktrail.model import Binding
from checktrail.parse import PARSER_VERSION
from checktrail.site.views.shared import Site, shown, when


@dataclass(frozen=True, slots=True)
class Sum:
    """An account that must balance: its parts and the whole they are held against. `name` is for programs."""

    name: str
    about: str
    numbers: tuple[int, ...]
    total: int

    @property
    def parts(self) -> str:
        """The parts as a sum."""
        return " + ".join(f"{number:,}" for number in self.numbers)

    @property
    def whole(self) -> str:
        """The whole in figures."""
        return f"{self.total:,}"

    @property
    def balances(self) -> bool:
        """Whether the parts are the whole."""
        return sum(self.numbers) == self.total


class Count(NamedTuple):
    """So many of one thing that was read. `name` is for programs."""

    name: str
    about: str
    number: int


@dataclass(frozen=True, slots=True)
class Made:
    """The provenance page."""

    facts: tuple[tuple[str, Markup], ...]
    counts: tuple[tuple[str, str], ...]
    sums: tuple[Sum, ...]
    commands: str
    audience: str


def made(site: Site) -> Made:
    """The provenance of a site."""
    record, facts = site.record, site.record.facts
    head = facts.head or "none: there is no commit yet"
    flags = [
        word
        for flag, word in (
            (facts.is_shallow, "shallow"),
            (facts.is_partial, "partial"),
            (facts.has_replacements, "with replaced objects"),
        )
        if flag
    ]
    return Made(
        facts=(
            ("Made by", Markup("checktrail {} (reading rules {})").format(__version__, PARSER_VERSION)),
            ("With", Markup("git {}").format(facts.git_version)),
            ("Repository", Markup("{}").format(shown(facts.name))),
            ("Branch", Markup("{}").format(shown(facts.branch or "none: the head is detached"))),
            ("Head", Markup("<code>{}</code>").format(head)),
            ("As of", when(record.as_of) + " (the head's date: the only “now” on these pages)"),
            ("References", Markup("SHA-256 <code>{}</code> over all of them").format(facts.references_digest)),
            ("Clone", Markup("{}").format(", ".join(flags) or "complete")),
        ),
        counts=tuple((each.about, f"{each.number:,}") for each in counts(site)),
        sums=sums(site),
        commands=_commands(site),
        audience=record.settings.site.audience,
    )


def counts(site: Site) -> tuple[Count, ...]:
    """What was read."""
    record = site.record
    total = site.total(each for each in record.checklists if each.bound.binding in (Binding.OWN, Binding.LIVING))
    return (
        Count("commits", "Commits read, of all branches and tags", len(record.commits)),
        Count("tags", "Tags read", len(record.tags)),
        Count("releases", "Releases", len(record.releases)),
        Count("ignored_tags", "Tags that are no release", len(record.membership.ignored)),
        Count("files", "Files with boxes now", len(record.checklists)),
        Count("items", "Items in release checklists now", total.items),
        Count("texts", "Distinct texts parsed", len(site.totals)),
        Count("missing_objects", "Objects git could not give", len(record.trails.unread)),
    )


def sums(site: Site) -> tuple[Sum, ...]:
    """The accounts of every build; the command fails before it writes a page if the first does not balance."""
    record = site.record
    canonical = [each.release for each in record.releases if each.release.alias_of is None]
    new, unreleased = sum(len(release.new) for release in canonical), record.membership.unreleased
    reachable = {commit for release in canonical for commit in release.new} | set(unreleased)
    totals = site.total(record.checklists)
    return (
        Sum(
            "commits",
            "Commits: new in a release + unreleased = reachable from the head and the releases, each counted once",
            (new, len(unreleased)),
            len(reachable),
        ),
        Sum(
            "tags",
            "Tags: releases + those that are no release = all",
            (len(record.releases), len(record.membership.ignored)),
            len(record.tags),
        ),
        Sum(
            "items",
            "Items in all files with boxes now: ticked + open + not applicable = all",
            (totals.ticked, totals.open, totals.not_applicable),
            totals.items,
        ),
    )


def _commands(site: Site) -> str:
    facts = site.record.facts
    where = site.host.address if site.host else "REPOSITORY"
    lines = [f"git clone {shlex.quote(where)} again", "cd again"]
    if facts.head:
        lines.append(f"git checkout --quiet {facts.head}")
    lines += [f"pip install checktrail=={__version__}", "checktrail build --site-dir ../again-site"]
    return "\n".join(lines)
