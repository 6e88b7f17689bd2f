"""Two revisions of the checklists in, what changed out: ticked, unticked, reworded, added, removed, moved. Pure.

Items are followed by their identity (`checktrail.identity`), never by line. Within a file every item is matched; a file
that is gone and one that is new are first paired by the items they share, so that a rename is no removal; an item that
left one file and appears word for word in another has moved. A copy whose source still stands is new.

A tick with a reword is two changes. A section's new name is none of its items' moves. Emphasis, letter case and a full
stop at the end are no words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from posixpath import basename
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.identity import CERTAIN, pair
from checktrail.identity.rows import Row, forms, plain_path, row, worded
from checktrail.model import State

if TYPE_CHECKING:
    from checktrail.model import Checklist, Item

# A renamed file shares at least this part of the smaller file's items with what it was.
_SHARED: Final = 0.5


class Kind(StrEnum):
    """What a change does to one item."""

    TICKED = "ticked"
    UNTICKED = "unticked"
    REWORDED = "reworded"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One change of one item, with where it stands and stood; the side where it is not has None.

    `section` is the path of headings in the new revision, for a removed item in the old one. `confidence` is that of
    the link between the two sides; for an added or removed item, that of there being none.
    """

    kind: Kind
    path: str
    old_path: str | None
    line: int | None
    old_line: int | None
    old_text: str | None
    new_text: str | None
    old_state: State | None
    new_state: State | None
    section: tuple[str, ...]
    confidence: float = CERTAIN

    @property
    def is_under_tick(self) -> bool:
        """Whether the words changed while the box stayed ticked."""
        return self.kind is Kind.REWORDED and self.old_state is State.TICKED and self.new_state is State.TICKED


class Summary(NamedTuple):
    """How many changes of each kind; `reworded_ticked` are those of `reworded` whose box stayed ticked."""

    ticked: int
    unticked: int
    reworded: int
    reworded_ticked: int
    added: int
    removed: int
    moved: int
    not_applicable: int


class Place(NamedTuple):
    """An item of one revision: its file, that file's checklist, and its position there."""

    path: str
    checklist: Checklist
    position: int

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from every other item of the revision, cheaply."""
        return self.path, self.position

    @property
    def item(self) -> Item:
        """The item itself."""
        return self.checklist.items[self.position]

    @property
    def section(self) -> tuple[str, ...]:
        """The headings it stands under, from the outermost in."""
        return self.checklist.sections[self.item.section].path


class _Same(NamedTuple):
    """One item in both revisions; `renamed` says what each old section of its file is called now, if it is there."""

    old: Place
    new: Place
    confidence: float
    renamed: Mapping[int, tuple[str, ...]]


def changes(old: Mapping[str, Checklist], new: Mapping[str, Checklist]) -> tuple[ItemChange, ...]:
    """What happened between two revisions, each a map of paths to checklists; by path and line, removals behind.

    Files that are the same on both sides may be left out of both maps.
    """
    kept = old.keys() & new.keys()
    gone_files = {path: old[path] for path in old.keys() - kept}
    new_files = {path: new[path] for path in new.keys() - kept}
    pairs = [(path, path) for path in kept] + _renames(gone_files, new_files)
    same: list[_Same] = []
    newness: dict[tuple[str, int], float] = {}
    for was, now in sorted(pairs):
        found, births = _matched(was, old[was], now, new[now])
        same += found
        newness |= births
    same += _moved_between_files(_left(old, [link.old for link in same]), _left(new, [link.new for link in same]))
    gone, come = _left(old, [link.old for link in same]), _left(new, [link.new for link in same])
    doubt: dict[str, float] = {}
    for place in come:
        doubt[place.path] = min(doubt.get(place.path, CERTAIN), newness.get(place.key, CERTAIN))
    found_changes = [
        *(change for link in same for change in _of_same(link)),
        *(_added(place, newness.get(place.key, CERTAIN)) for place in come),
        *(_removed(place, doubt.get(place.path, CERTAIN)) for place in gone),
    ]
    return tuple(sorted(found_changes, key=_order))


def summary(found: Sequence[ItemChange]) -> Summary:
    """The counts of changes by kind."""
    count = Counter(change.kind for change in found)
    return Summary(
        ticked=count[Kind.TICKED],
        unticked=count[Kind.UNTICKED],
        reworded=count[Kind.REWORDED],
        reworded_ticked=sum(change.is_under_tick for change in found),
        added=count[Kind.ADDED],
        removed=count[Kind.REMOVED],
        moved=count[Kind.MOVED],
        not_applicable=count[Kind.NOT_APPLICABLE],
    )


def _renames(gone: Mapping[str, Checklist], come: Mapping[str, Checklist]) -> list[tuple[str, str]]:
    """Which file that is gone became which new one, each file once: the same content first, then most shared items."""
    old, new = ({path: _lines(checklist) for path, checklist in side.items()} for side in (gone, come))
    pairs = _unchanged(old, new)
    taken = {path for pair in pairs for path in pair}
    old, new = ({path: lines for path, lines in side.items() if path not in taken} for side in (old, new))
    return pairs + _alike(old, new)


_Lines = tuple[tuple[str, State], ...]


def _lines(checklist: Checklist) -> _Lines:
    """What a list asks, and what of it is done."""
    return tuple((forms(worded(item.text, item.state))[0], item.state) for item in checklist.items)


def _unchanged(old: Mapping[str, _Lines], new: Mapping[str, _Lines]) -> list[tuple[str, str]]:
    """Files that only changed their names; of several alike those that kept the last part of it."""
    by_lines: dict[_Lines, list[str]] = {}
    for now, lines in sorted(new.items()):
        by_lines.setdefault(lines, []).append(now)
    pairs: list[tuple[str, str]] = []
    for keeps_name in (True, False):
        left = old.keys() - {was for was, _ in pairs}
        for was in sorted(left):
            there = by_lines.get(old[was], []) if old[was] else []
            found = next((path for path in there if not keeps_name or basename(path) == basename(was)), None)
            if found is not None:
                there.remove(found)
                pairs.append((was, found))
    return pairs


def _alike(old: Mapping[str, _Lines], new: Mapping[str, _Lines]) -> list[tuple[str, str]]:
    """The pairs that share most words; where several share as many, those that share more states, then the name."""
    olds, news = ({path: _Shared.of(lines) for path, lines in side.items()} for side in (old, new))
    scored = []
    for was, one in olds.items():
        for now, other in news.items():
            words = (one.words & other.words).total()
            if words and words >= _SHARED * min(one.size, other.size):
                states = (one.states & other.states).total()
                scored.append((-words, -states, basename(was) != basename(now), was, now))
    pairs: list[tuple[str, str]] = []
    taken: set[tuple[str, bool]] = set()
    for *_, was, now in sorted(scored):
        if (was, False) not in taken and (now, True) not in taken:
            taken |= {(was, False), (now, True)}
            pairs.append((was, now))
    return pairs


class _Shared(NamedTuple):
    """A file's items to be counted against another's: by their words, and by words and state."""

    words: Counter[str]
    states: Counter[tuple[str, State]]
    size: int

    @classmethod
    def of(cls, lines: _Lines) -> _Shared:
        return cls(Counter(words for words, _ in lines), Counter(lines), len(lines))


def _matched(was: str, old: Checklist, now: str, new: Checklist) -> tuple[list[_Same], dict[tuple[str, int], float]]:
    """The items that two files share, and how certain the others' newness is."""
    pairing = pair(_rows(old), _rows(new))
    renamed = _section_names(old, new, [(link.old, link.new) for link in pairing.links])
    same = [
        _Same(Place(was, old, link.old), Place(now, new, link.new), link.confidence, renamed) for link in pairing.links
    ]
    return same, {(now, position): certainty for position, certainty in pairing.births.items()}


def _rows(checklist: Checklist) -> list[Row]:
    """The items as the matcher sees them, without what says that one is not applicable."""
    return [
        row(item.text, item.state, item.id, checklist.sections[item.section].path, item.section)
        for item in checklist.items
    ]


def _section_names(old: Checklist, new: Checklist, links: Sequence[tuple[int, int]]) -> Mapping[int, tuple[str, ...]]:
    """What each old section is called now: the same where that name still stands, else where most of its items are."""
    standing = {plain_path(section.path) for section in new.sections}
    votes: dict[int, Counter[tuple[str, ...]]] = {}
    for was, now in links:
        path = plain_path(new.sections[new.items[now].section].path)
        votes.setdefault(old.items[was].section, Counter())[path] += 1
    return {
        index: name if (name := plain_path(old.sections[index].path)) in standing else count.most_common(1)[0][0]
        for index, count in votes.items()
    }


def _left(side: Mapping[str, Checklist], taken: Sequence[Place]) -> list[Place]:
    """The items of a revision that are not taken."""
    known = {place.key for place in taken}
    return [
        Place(path, checklist, position)
        for path, checklist in sorted(side.items())
        for position in range(len(checklist.items))
        if (path, position) not in known
    ]


def _moved_between_files(gone: Sequence[Place], come: Sequence[Place]) -> list[_Same]:
    """Items that left one file and stand in another with the same words, where nothing else could be meant."""
    old, new = _by_words(gone), _by_words(come)
    return [
        _Same(places[0], new[words][0], CERTAIN, {})
        for words, places in old.items()
        if len(places) == 1 and len(new.get(words, ())) == 1 and places[0].path != new[words][0].path
    ]


def _by_words(places: Sequence[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        found.setdefault(forms(worded(place.item.text, place.item.state))[0], []).append(place)
    return found


def _of_same(link: _Same) -> Iterator[ItemChange]:
    """The changes of an item that stands in both revisions."""
    old, new = link.old.item, link.new.item
    if old.state is not new.state:
        yield _changed(_TURNS[new.state], link)
    if forms(worded(old.text, old.state))[0] != forms(worded(new.text, new.state))[0]:
        yield _changed(Kind.REWORDED, link)
    if plain_path(link.new.section) != link.renamed.get(old.section):
        yield _changed(Kind.MOVED, link)


_TURNS: Final = {
    State.TICKED: Kind.TICKED,
    State.OPEN: Kind.UNTICKED,
    State.NOT_APPLICABLE: Kind.NOT_APPLICABLE,
}


def _changed(kind: Kind, link: _Same) -> ItemChange:
    old, new = link.old.item, link.new.item
    return ItemChange(
        kind=kind,
        path=link.new.path,
        old_path=link.old.path,
        line=new.line,
        old_line=old.line,
        old_text=old.text,
        new_text=new.text,
        old_state=old.state,
        new_state=new.state,
        section=link.new.section,
        confidence=link.confidence,
    )


def _added(place: Place, confidence: float) -> ItemChange:
    item = place.item
    return ItemChange(
        Kind.ADDED, place.path, None, item.line, None, None, item.text, None, item.state, place.section, confidence
    )


def _removed(place: Place, confidence: float) -> ItemChange:
    item = place.item
    return ItemChange(
        Kind.REMOVED,
        place.path,
        place.path,
        None,
        item.line,
        item.text,
        None,
        item.state,
        None,
        place.section,
        confidence,
    )


def _order(change: ItemChange) -> tuple[str, bool, int, int]:
    """By path; what stands in the new revision by its line, then what is gone by its old one."""
    line = change.line if change.line is not None else change.old_line or 0
    return change.path, change.line is None, line, list(Kind).index(change.kind)
