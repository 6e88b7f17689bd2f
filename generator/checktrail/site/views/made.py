"""How the pages were made: what was read, what was counted, that it adds up, and how to make them again. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from markupsafe import Markup

from checktrail import __version__
from checktrail.model import Binding
from checktrail.parse import PARSER_VERSION
from checktrail.site.views.shared import Site, shown, when


@dataclass(frozen=True, slots=True)
class Sum:
    """An account that must balance: its parts and the whole they are held against."""

    about: str
    parts: str
    whole: str
    balances: bool


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
        counts=_counts(site),
        sums=_sums(site),
        commands=_commands(site),
        audience=record.settings.site.audience,
    )


def _counts(site: Site) -> tuple[tuple[str, str], ...]:
    record = site.record
    total = site.total(each for each in record.checklists if each.bound.binding in (Binding.OWN, Binding.LIVING))
    return (
        ("Commits read, of all branches and tags", f"{len(record.commits):,}"),
        ("Tags read", f"{len(record.tags):,}"),
        ("Releases", f"{len(record.releases):,}"),
        ("Tags that are no release", f"{len(record.membership.ignored):,}"),
        ("Files with boxes now", f"{len(record.checklists):,}"),
        ("Items in release checklists now", f"{total.items:,}"),
        ("Distinct texts parsed", f"{len(site.totals):,}"),
        ("Objects git could not give", f"{len(record.trails.unread):,}"),
    )


def _sums(site: Site) -> tuple[Sum, ...]:
    """The accounts of every build; the command fails before it writes a page if the first does not balance."""
    record = site.record
    canonical = [each.release for each in record.releases if each.release.alias_of is None]
    new, unreleased = sum(len(release.new) for release in canonical), len(record.membership.unreleased)
    ignored = len(record.membership.ignored)
    totals = site.total(record.checklists)
    parts = totals.ticked + totals.open + totals.not_applicable
    reachable = len({commit for release in canonical for commit in release.new} | set(record.membership.unreleased))
    return (
        Sum(
            "Commits: new in a release + unreleased = reachable from the head and the releases, each counted once",
            f"{new:,} + {unreleased:,}",
            f"{reachable:,}",
            new + unreleased == reachable,
        ),
        Sum(
            "Tags: releases + those that are no release = all",
            f"{len(record.releases):,} + {ignored:,}",
            f"{len(record.tags):,}",
            len(record.releases) + ignored == len(record.tags),
        ),
        Sum(
            "Items in all files with boxes now: ticked + open + not applicable = all",
            f"{totals.ticked:,} + {totals.open:,} + {totals.not_applicable:,}",
            f"{totals.items:,}",
            parts == totals.items,
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
