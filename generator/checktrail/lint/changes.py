"""CL601 to CL606: what a change does to the boxes. Pure.

The change is given as pairs of items that are one and the same (history.md's identity, never lines), and as the commits
that lie between the base and here with what each of them ticked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from checktrail.identity import match
from checktrail.lint.items import plain, shown
from checktrail.lint.page import LONGEST, Flaw, Page
from checktrail.model import Binding, Checklist, Due, Item, Person, State

MANY: Final = 10
"""So many ticks in one commit are worth a remark: nobody checks ten things at one moment."""
_RESET_SHARE: Final = 0.6
_RESET_LEAST: Final = 5
_ANNOTATION: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]\([^()]*\)|@[\w-]+|https?://\S+|<!--.*?-->")
_STRUCK: Final = re.compile(r"~~(.*?)~~")


class Pair(NamedTuple):
    """An item before and after; None on the side where it is not."""

    old: Item | None
    new: Item | None


@dataclass(frozen=True, slots=True)
class Changed:
    """One file that the change touches: how it stands now, the checklist it was (None: the file is new), the pairs."""

    page: Page
    old: Checklist | None
    pairs: tuple[Pair, ...]

    @property
    def is_judged(self) -> bool:
        """Templates and lists of no release may be edited freely."""
        return self.page.is_release_checklist


def pairs(old: Checklist, new: Checklist) -> tuple[Pair, ...]:
    """The items of two revisions of one checklist, those that are one and the same together."""
    links = match(old, new)
    kept_old, kept_new = {link.old for link in links}, {link.new for link in links}
    return (
        *(Pair(old.items[link.old], new.items[link.new]) for link in links),
        *(Pair(item, None) for index, item in enumerate(old.items) if index not in kept_old),
        *(Pair(None, item) for index, item in enumerate(new.items) if index not in kept_new),
    )


def with_moves(changed: Sequence[Changed]) -> tuple[Changed, ...]:
    """The same files, items that went from one to another seen as moved: neither lost there nor born here."""
    lost = {plain(pair.old.text): pair.old for one in changed for pair in one.pairs if pair.old and not pair.new}
    born = {plain(pair.new.text) for one in changed for pair in one.pairs if pair.new and not pair.old}
    moved = {words: old for words, old in lost.items() if words in born}
    return tuple(replace(one, pairs=tuple(_moved(one.pairs, moved))) for one in changed) if moved else tuple(changed)


def _moved(found: Sequence[Pair], moved: Mapping[str, Item]) -> Iterator[Pair]:
    for pair in found:
        if pair.new and not pair.old:
            yield Pair(moved.get(plain(pair.new.text)), pair.new)
        elif pair.new or not pair.old or plain(pair.old.text) not in moved:
            yield pair


class Tick(NamedTuple):
    """A commit between the base and here that turned an item from open to ticked."""

    commit: str
    person: Person
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A whole change: its files, and its ticks commit by commit in the order they were made."""

    changed: tuple[Changed, ...]
    ticks: tuple[Tick, ...] = ()


On = tuple[Page, Flaw]


def _words(text: str) -> str:
    """What an item says, without what people add to it when they do it: names, links, evidence, a strike."""
    return plain(_ANNOTATION.sub(" ", _STRUCK.sub(r"\1", text[:LONGEST])) + text[LONGEST:])


def reworded_while_ticked(proposal: Proposal) -> Iterator[On]:
    """CL601: whoever ticked it ticked other words."""
    for one in proposal.changed:
        for old, new in one.pairs:
            if not (one.is_judged and old and new and old.state is new.state is State.TICKED):
                continue
            if _words(old.text) != _words(new.text):
                message = f"reworded while ticked; it said “{shown(old.text)}” when it was ticked"
                yield one.page, Flaw(message, new.line)


def lost_or_born_ticked(proposal: Proposal) -> Iterator[On]:
    """CL602: a ticked item is gone, or one came into the world ticked."""
    for one in proposal.changed:
        if not one.is_judged:
            continue
        for old, new in one.pairs:
            if old and new is None and old.state is State.TICKED:
                message = f"a ticked item was deleted: {shown(old.text)}"
                yield one.page, Flaw(message, min(old.line, len(one.page.lines)))
        born = [new for old, new in one.pairs if new and old is None and new.state is State.TICKED]
        if one.old is None and len(born) > 1:
            yield one.page, Flaw(f"{len(born)} items of a new checklist are born ticked", born[0].line)
            continue
        for new in born:
            yield one.page, Flaw(f"born ticked, so that nothing shows who did it: {shown(new.text)}", new.line)


def unticked(proposal: Proposal) -> Iterator[On]:
    """CL603: what was ticked is open again; a whole list opened again is a reset, said once."""
    for one in proposal.changed:
        if not one.is_judged:
            continue
        reopened = [(old, new) for old, new in one.pairs if _is_unticked(old, new)]
        ticked = sum(old is not None and old.state is State.TICKED for old, _ in one.pairs)
        if len(reopened) >= max(_RESET_LEAST, _RESET_SHARE * ticked) and one.page.binding is Binding.LIVING:
            line = reopened[0][1].line if reopened[0][1] else 1
            yield one.page, Flaw(f"reset: {len(reopened)} of {ticked} ticked items are open again", line)
            continue
        for _, new in reopened:
            if new:
                yield one.page, Flaw(f"unticked: {shown(new.text)}", new.line)


def _is_unticked(old: Item | None, new: Item | None) -> bool:
    return old is not None and new is not None and old.state is State.TICKED and new.state is State.OPEN


def released_edited(proposal: Proposal) -> Iterator[On]:
    """CL604: the release is out, and what was due at its tag is edited; later phases may still be ticked."""
    for one in proposal.changed:
        page = one.page
        if page.binding is not Binding.OWN or not page.tagged or one.old is None:
            continue
        edits = [(old, new) for old, new in one.pairs if _is_late_edit(one, old, new)]
        if edits:
            old, new = edits[0]
            first = new or old
            many = f"{len(edits)} items that were" if len(edits) > 1 else "an item that was"
            line = new.line if new else 1
            words = shown(first.text) if first else ""
            yield page, Flaw(f"release {page.release} is out, and {many} due at its tag changed: {words}", line)


def _is_late_edit(one: Changed, old: Item | None, new: Item | None) -> bool:
    if old and new:
        if one.page.checklist.phase_of(new).due is not Due.AT_TAG:
            return old.state is State.TICKED and _words(old.text) != _words(new.text)
        return old.state is not new.state or _words(old.text) != _words(new.text)
    if old and one.old:
        return one.old.phase_of(old).due is Due.AT_TAG
    return bool(new) and one.page.checklist.phase_of(new).due is Due.AT_TAG if new else False


def many_at_once(proposal: Proposal) -> Iterator[On]:
    """CL605: many ticks in one commit."""
    judged = {one.page.path: one.page for one in proposal.changed if one.is_judged}
    counts = Counter((tick.commit, tick.person.name, tick.path) for tick in proposal.ticks if tick.path in judged)
    for (commit, name, path), count in counts.items():
        if count >= MANY:
            yield judged[path], Flaw(f"commit {commit[:10]} by {name} ticks {count} items at once", 1)


def several_people(proposal: Proposal) -> Iterator[On]:
    """CL606: ticks by several people, of whom a squash would leave one."""
    judged = {one.page.path: one for one in proposal.changed if one.is_judged}
    ticks = [tick for tick in proposal.ticks if tick.path in judged]
    people = list(dict.fromkeys(tick.person.email.casefold() for tick in ticks))
    if len(people) < 2:  # noqa: PLR2004 -- several
        return
    names = [next(tick.person.name for tick in ticks if tick.person.email.casefold() == email) for email in people]
    second = next(tick for tick in ticks if tick.person.email.casefold() == people[1])
    one = judged[second.path]
    line = next((new.line for _, new in one.pairs if new and plain(new.text) == plain(second.text)), 1)
    message = f"{', '.join(names)} ticked items here; a squash keeps one author: merge with a merge commit"
    yield one.page, Flaw(message, line)
