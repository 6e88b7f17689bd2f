"""Reverts: what came and went within a release is folded away, what shipped before is named. Pure.

A revert of a revert counts: within one release an even number of them leaves things as they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from checktrail.model import Commit
from checktrail.notes.landings import Entry, Say
from checktrail.notes.parts import Kind, Reverted

_BY_ID = re.compile(r"\bThis reverts (?:merge )?commit[ \n]([0-9a-f]{7,64})\b")
_BY_SUBJECT = re.compile(r"(?:Revert|Reapply) \"(?P<subject>.+)\"(?: \([#!]\d+\))?")


def named_target(commit: Commit) -> str | None:
    """The id, perhaps shortened, that a reverting commit names; None when it names none."""
    found = _BY_ID.search(commit.message) if "This reverts" in commit.message else None
    return found[1] if found else None


def may_revert(commit: Commit) -> bool:
    """Whether a commit's message can name or quote another; a quick look, for nearly none does."""
    message = commit.message
    return message.startswith(("Revert", "Reapply")) or "This reverts" in message


def quoted_subject(commit: Commit) -> str | None:
    """The subject that a reverting commit quotes; None when it quotes none."""
    found = _BY_SUBJECT.fullmatch(commit.subject) if commit.message.startswith(("Revert", "Reapply")) else None
    return found["subject"] if found else None


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a chain of reverts leads: the commit it is about, what this one takes back itself, how many lie between."""

    root: str
    target: str
    depth: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The entries that stand when reverts are settled, newest first, and what was folded away."""

    entries: tuple[Entry, ...]
    reverted: tuple[Reverted, ...]


def settled(
    found: Sequence[Entry],
    trace: Callable[[str], Trace | None],
    shipped_in: Callable[[str], str | None],
    own: Collection[str],
    say: Say,
) -> Settled:
    """Settle the reverts among a release's entries.

    Args:
        found: the entries, newest first.
        trace: where a reverting commit leads, None for any other commit.
        shipped_in: the release that shipped a commit first.
        own: the commits that the release tells of.
        say: what a commit's message says.
    """
    kept: dict[Entry, Entry | None] = {}
    reverted: list[Reverted] = []
    for root, turns in _toggles(found, trace).items():
        first = next((entry for entry in found if _is_about(entry, root)), None)
        spent = tuple(commit for entry, _ in turns for commit in entry.commits)
        if first is not None:
            kept.update((entry, None) for entry, _ in turns)
            if len(turns) % 2:
                kept[first] = None
                reverted.append(Reverted(first.said.text, (*first.commits, *spent)))
            else:
                kept[first] = first._replace(commits=(*first.commits, *spent))
        elif root not in own:
            kept.update((entry, None) for entry, _ in turns[:-1])
            last, traced = turns[-1]
            if len(turns) % 2:
                kept[last] = _named(last._replace(commits=spent), traced, shipped_in, say)
            else:
                kept[last] = None
                reverted.append(Reverted(say(root).text, spent))
    if not kept:
        return Settled(tuple(found), ())
    standing = (kept.get(entry, entry) for entry in found)
    return Settled(tuple(entry for entry in standing if entry is not None), tuple(reverted))


def _toggles(found: Sequence[Entry], trace: Callable[[str], Trace | None]) -> dict[str, list[tuple[Entry, Trace]]]:
    """The entries that revert and reinstate, by the commit they are about, the oldest first."""
    toggles: dict[str, list[tuple[Entry, Trace]]] = {}
    for entry in reversed(found):
        traced = next((one for commit in entry.commits[:2] if (one := trace(commit))), None)
        if traced is not None:
            toggles.setdefault(traced.root, []).append((entry, traced))
    return toggles


def _is_about(entry: Entry, root: str) -> bool:
    """Whether an entry stands for a commit and nothing more than its merge."""
    return root == entry.commits[0] or (root in entry.commits and len(entry.commits) <= 2)  # noqa: PLR2004 -- the commit and its merge


def _named(entry: Entry, traced: Trace, shipped_in: Callable[[str], str | None], say: Say) -> Entry:
    about = say(traced.root)
    if traced.depth % 2:
        release = shipped_in(traced.root)
        where = f" (shipped in {release})" if release else ""
        said = about._replace(text=f'Reverts "{about.text}"{where}', kind=Kind.FIXES, breaking=False, extra=())
    else:
        release = shipped_in(traced.target)
        where = f" (reverted in {release})" if release else ""
        said = about._replace(text=f'Reinstates "{about.text}"{where}', extra=())
    return entry._replace(said=said)
