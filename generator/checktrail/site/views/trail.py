"""What happened to items: who ticked, when, and how that stands to the tag. Pure.

Names and times are what commits claim, and pages say so: nobody is said to have signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from checktrail.charts import Lane, Mark
from checktrail.history import Standing
from checktrail.model import Change, Due, Event, Item, Phase, Release, State
from checktrail.record import ReleaseRecord, Revision
from checktrail.site.markup import inline, plain_text
from checktrail.site.views.shared import PHASES, CommitRow, Site, commit_row, own, shown

WORDS: Mapping[Change, str] = {
    Change.CREATED: "created",
    Change.COPIED: "copied",
    Change.RESTORED: "restored",
    Change.TICKED: "ticked",
    Change.UNTICKED: "unticked",
    Change.TICKED_BY_MERGE: "ticked by a merge alone",
    Change.DROPPED_BY_MERGE: "tick dropped by a merge",
    Change.REWORDED: "reworded",
    Change.MOVED: "moved",
    Change.NOT_APPLICABLE: "marked as not applicable",
    Change.REMOVED: "removed",
    Change.SECTION_RENAMED: "section renamed",
    Change.RESET: "reset for the next cycle",
}
TURNS = frozenset({
    Change.TICKED,
    Change.TICKED_BY_MERGE,
    Change.UNTICKED,
    Change.DROPPED_BY_MERGE,
    Change.NOT_APPLICABLE,
    Change.REMOVED,
})  # fmt: skip
"""What changes the state of an item."""
_FEW = 16
TICKS = frozenset({Change.TICKED, Change.TICKED_BY_MERGE})
"""What turns a box from open to ticked."""
_BORN = frozenset({Change.CREATED, Change.COPIED, Change.RESTORED})


@dataclass(frozen=True, slots=True)
class Act:
    """One event of an item in words: `old` and `new` are the wordings where they differ, `reached` how it came in."""

    at: int
    day: str
    who: str
    commit: CommitRow
    what: str
    old: Markup
    new: Markup
    reached: Markup
    doubt: str


@dataclass(frozen=True, slots=True)
class Late:
    """What happened to an item after the tag, before the release closed; `is_turn`: its box was turned."""

    act: Act
    item: Markup
    href: str
    is_late: bool
    is_signoff: bool
    is_turn: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """Who put a ticked item into its state, in words: empty for an item that is not ticked."""

    who: str
    day: str
    commit: CommitRow | None
    words: str
    is_born_ticked: bool


SHOWN_ACTS = 20
"""So many of an item's events stand on its checklist's page; `checktrail log` has them all."""

NO_TICK = Tick("", "", None, "", is_born_ticked=False)


def standings(revision: Revision) -> Mapping[int, Standing]:
    """An item's standing by the line of its bullet; empty where history was not read."""
    if not revision.standings:
        return {}
    return {item.line: standing for item, standing in zip(revision.checklist.items, revision.standings, strict=True)}


def tick(site: Site, item: Item, standing: Standing | None) -> Tick:
    """Who ticked an item, as the history claims."""
    if standing is None or item.state is State.OPEN:
        return NO_TICK
    commit = site.record.commits.get(standing.since.commit)
    if commit is None:
        return NO_TICK
    row = commit_row(site, commit)
    born = standing.since.kind in _BORN
    done = "marked as not applicable" if item.state is State.NOT_APPLICABLE else "ticked"
    if born:
        words = f"{'copied' if standing.since.kind is Change.COPIED else 'born'} {done}"
    elif standing.since.kind is Change.TICKED_BY_MERGE:
        words = WORDS[Change.TICKED_BY_MERGE]
    else:
        words = done
    return Tick(row.author, row.day, row, words, is_born_ticked=born)


def tick_line(site: Site, item: Item, standing: Standing | None) -> Markup:
    """The same as a line behind the item."""
    found = tick(site, item, standing)
    if found.commit is None or standing is None:
        return Markup()
    doubt = ", not certain to be the same item" if standing.since.confidence < 1 else ""
    # Pieced together by hand: it stands behind every ticked item of every release.
    said = escape(f"{found.words} by {found.who}, {found.day}, ")
    by = said + _named(found.commit) + _reached(site, standing.since.commit) + doubt
    return Markup(f"<small>{by}</small>")  # noqa: S704 (escaped above)


def _reached(site: Site, commit: str) -> Markup:
    """The merge that brought a commit into HEAD's own line; nothing for one that was made there or never came."""
    facts = site.record.facts
    landed = site.record.trails.landing(commit, facts.head) if facts.head else None
    if landed is None or landed == commit:
        return Markup()
    row = commit_row(site, site.record.commits[landed])
    return Markup(f", reached {escape(shown(facts.branch or 'HEAD'))} in {linked(row)}")  # noqa: S704 (escaped here)


def linked(row: CommitRow) -> Markup:
    """A commit's short name, linked where its page is known."""
    if row.href:
        return Markup(f'<a class="ct-hash" href="{escape(row.href)}">{row.short}</a>')  # noqa: S704 (a hash, an escape)
    return Markup(f'<code class="ct-hash">{row.short}</code>')  # noqa: S704 (a hash)


def _named(row: CommitRow) -> Markup:
    """The same behind an item, where the style knows it by its place."""
    if row.href:
        return Markup(f'<a href="{escape(row.href)}">{row.short}</a>')  # noqa: S704 (a hash, an escape)
    return Markup(f"<code>{row.short}</code>")  # noqa: S704 (a hash)


def act(site: Site, event: Event) -> Act:
    """An event in words."""
    commit = site.record.commits[event.commit]
    row = commit_row(site, commit)
    reworded = event.old_text is not None and event.new_text is not None and event.old_text != event.new_text
    what = WORDS[event.kind]
    if event.kind in _BORN and event.new_state is State.TICKED:
        what += ", ticked already"
    if event.kind is Change.MOVED and event.old_path not in (None, event.path):
        what += f" from {shown(event.old_path or '')}"
    return Act(
        commit.committed_at,
        row.day,
        row.author,
        row,
        what,
        inline(event.old_text or "") if reworded else Markup(),
        inline(event.new_text or "") if reworded else Markup(),
        _reached(site, event.commit),
        f"{event.confidence:.0%} certain to be the same item" if event.confidence < 1 else "",
    )


def trail_fold(site: Site, standing: Standing | None) -> Markup:
    """The trail of an item in a fold; nothing where it was only made and ticked."""
    found = site.record.trails.events_of(standing) if standing is not None else ()
    if len(found) < 3:  # noqa: PLR2004 (made and ticked: the line before says so)
        return Markup()
    lines = "".join(_act_line(act(site, each)) for each in found[-SHOWN_ACTS:])
    earlier = f", the last {SHOWN_ACTS}" if len(found) > SHOWN_ACTS else ""
    summary = f"<summary>Trail: {len(found)} events{earlier}</summary>"
    return Markup(f'<details class="ct-fold ct-trail">{summary}<ol>{lines}</ol></details>')  # noqa: S704 (escaped there)


def _act_line(one: Act) -> str:
    # Pieced together by hand: a living list's page has twenty of these behind each item.
    wording = f" from “{one.old}” to “{one.new}”" if one.old or one.new else ""
    doubt = f" ({one.doubt})" if one.doubt else ""
    said = f"{escape(f'{one.day}: {one.what}')}{wording} by {escape(one.who)}"
    return f"<li>{said}, {linked(one.commit)}{one.reached}{doubt}</li>"


def after_tag(site: Site, recorded: ReleaseRecord, anchors: Mapping[str, Mapping[int, str]]) -> tuple[Late, ...]:
    """What happened to a release's items after its tag and before it closed, oldest first.

    `anchors` are the items' on the page, by path and line. Nothing is late for a candidate: there is time until its
    release.
    """
    ends, found, is_final = _ends(recorded), [], not recorded.release.prerelease
    for revision in own(recorded):
        for item, event in _acts_of(site, revision, (recorded.release.commit,), ends[revision.path]):
            if event.kind in TURNS or event.kind is Change.REWORDED:
                is_late = is_final and event.kind in TICKS and _due_at_tag(revision, item)
                href = f"#{anchors[revision.path][item.line]}"
                is_turn = event.kind in TURNS
                found.append(Late(act(site, event), inline(item.text), href, is_late, item.signoff, is_turn))
    return tuple(sorted(found, key=lambda late: late.act.at))


def _ends(recorded: ReleaseRecord) -> Mapping[str, str]:
    """Where each checklist of a release closed; at its tag when nobody knows."""
    closes = {closed.path: closed.close.commit for closed in recorded.closed}
    return {each.path: closes.get(each.path, recorded.release.commit) for each in recorded.checklists}


def _window(site: Site, starts: Sequence[str], end: str) -> Mapping[str, list[Event]]:
    """The events of each item among the ancestors of a commit that are ancestors of no start, oldest first.

    Walks back from the end no further than the starts, so that all releases together cost one history.
    """
    record, seen, heap = site.record, {end}, [end]
    touched = []
    while heap:
        commit = heap.pop()
        if commit not in record.commits or any(record.trails.is_ancestor(commit, start) for start in starts):
            continue
        if commit in site.events:
            touched.append(commit)
        fresh = [parent for parent in record.commits[commit].parents if parent not in seen]
        seen.update(fresh)
        heap += fresh
    found: dict[str, list[Event]] = {}
    for commit in sorted(touched, key=record.trails.places.__getitem__):
        for event in site.events[commit]:
            if event.item is not None:
                found.setdefault(event.item, []).append(event)
    return found


def _acts_of(site: Site, revision: Revision, starts: Sequence[str], end: str) -> Iterator[tuple[Item, Event]]:
    """What happened to each item of a checklist in the window from the starts to the end, item by item."""
    trails, window = site.record.trails, None
    for item, standing in zip(revision.checklist.items, revision.standings, strict=False):
        for identity in (standing.item, *standing.also):
            events = trails.by_item.get(identity, ())
            if len(events) > _FEW:
                # A living list's item has a history as long as the project; of that, only the window is looked at.
                window = _window(site, starts, end) if window is None else window
                yield from ((item, event) for event in window.get(identity, ()))
                continue
            for event in events:
                if trails.is_ancestor(event.commit, end) and not any(
                    trails.is_ancestor(event.commit, start) for start in starts
                ):
                    yield item, event


def _due_at_tag(revision: Revision, item: Item) -> bool:
    return not item.conditional and revision.checklist.phase_of(item).due is Due.AT_TAG


# --- the picture ----------------------------------------------------------------------------------------------------


def lanes(site: Site, recorded: ReleaseRecord) -> tuple[Lane, ...]:
    """The turns of a release's boxes by phase, from after its base to its close, and its commits."""
    by_phase: dict[Phase, list[Mark]] = {}
    release, ends = recorded.release, _ends(recorded)
    base = site.record.membership.release(release.base) if release.base else None
    for revision in own(recorded):
        # What a living checklist's last cycle did before its reset is the follow-up of the release before.
        resets = site.record.trails.resets_of(revision.path, release.commit)[-1:]
        starts = [*((base.commit,) if base else ()), *(each.commit for each in resets)]
        for item, event in _acts_of(site, revision, starts, ends[revision.path]):
            if event.kind in TURNS:
                phase = revision.checklist.phase_of(item)
                by_phase.setdefault(phase, []).append(_mark(site, release, revision, item, event))
    found = [Lane(PHASES[phase], tuple(by_phase[phase])) for phase in Phase if phase in by_phase]
    commits = tuple(
        Mark(commit.committed_at, "commit", shown(commit.subject), shown(commit.author.name))
        for commit in (site.record.commits[each] for each in release.new)
    )
    return (*found, Lane("Commits", commits)) if commits else tuple(found)


def _mark(site: Site, release: Release, revision: Revision, item: Item, event: Event) -> Mark:
    commit = site.record.commits[event.commit]
    before = site.record.trails.is_ancestor(event.commit, release.commit)
    told = f"{WORDS[event.kind]}: {plain_text(item.text)}"
    if event.kind is Change.NOT_APPLICABLE:
        kind = "na"
    elif event.kind not in TICKS:
        kind = "untick"
    elif not before:
        kind = "late" if _due_at_tag(revision, item) and not release.prerelease else "follow-up"
    else:
        kind = "signoff" if item.signoff else "ticked"
    return Mark(commit.committed_at, kind, told, shown(commit.author.name))
