"""What happened to items: who ticked, when, and how that stands to the tag. Pure.

Names and times are what commits claim, and pages say so: nobody is said to have signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from checktrail.charts import Lane, Mark
from checktrail.history import Standing
from checktrail.model import Change, Due, Event, Item, Phase, Release, State
from checktrail.record import Closed, ReleaseRecord, Revision
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
_TICKS = frozenset({Change.TICKED, Change.TICKED_BY_MERGE})
_BORN = frozenset({Change.CREATED, Change.COPIED, Change.RESTORED})


@dataclass(frozen=True, slots=True)
class Act:
    """One event of an item in words. `old` and `new` are the wordings where they differ."""

    at: int
    day: str
    who: str
    commit: CommitRow
    what: str
    old: Markup
    new: Markup
    doubt: str


@dataclass(frozen=True, slots=True)
class Late:
    """What happened to an item after the tag, before the release closed."""

    act: Act
    item: Markup
    href: str
    is_late: bool
    is_signoff: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """Who put a ticked item into its state, in words: empty for an item that is not ticked."""

    who: str
    day: str
    commit: CommitRow | None
    words: str
    is_born_ticked: bool


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
    return Markup('<span class="ct-by">{} by {}, {}, {}{}</span>').format(
        found.words, found.who, found.day, linked(found.commit), doubt
    )


def linked(row: CommitRow) -> Markup:
    """A commit's short name, linked where its page is known."""
    if row.href:
        return Markup('<a class="ct-hash" href="{}">{}</a>').format(row.href, row.short)
    return Markup('<code class="ct-hash">{}</code>').format(row.short)


def acts(site: Site, standing: Standing) -> tuple[Act, ...]:
    """Everything that happened to an item, oldest first."""
    return tuple(act(site, event) for event in site.record.trails.events_of(standing))


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
        f"{event.confidence:.0%} certain to be the same item" if event.confidence < 1 else "",
    )


def trail_fold(site: Site, standing: Standing | None) -> Markup:
    """The trail of an item in a fold; nothing where nothing happened but its making."""
    found = acts(site, standing) if standing is not None else ()
    if len(found) < 2:  # noqa: PLR2004 (its creation alone)
        return Markup()
    lines = Markup().join(_act_line(each) for each in found)
    return Markup('<details class="ct-fold ct-trail"><summary>Trail: {} events</summary><ol>{}</ol></details>').format(
        len(found), lines
    )


def _act_line(one: Act) -> Markup:
    wording = Markup(" from “{}” to “{}”").format(one.old, one.new) if one.old or one.new else ""
    doubt = f" ({one.doubt})" if one.doubt else ""
    return Markup("<li>{}: {}{} by {}, {}{}</li>").format(
        one.day, one.what, wording, one.who, linked(one.commit), doubt
    )


def after_tag(site: Site, recorded: ReleaseRecord, anchors: Mapping[str, Mapping[int, str]]) -> tuple[Late, ...]:
    """What happened to a release's items after its tag and before it closed, oldest first.

    `anchors` are the items' on the page, by path and line.
    """
    found = [
        Late(
            act(site, event),
            inline(item.text),
            f"#{anchors[revision.path][item.line]}",
            is_late=event.kind in _TICKS and _due_at_tag(revision, item),
            is_signoff=item.signoff,
        )
        for revision, item, event in _later_events(site, recorded)
    ]
    return tuple(sorted(found, key=lambda late: late.act.at))


def _later_events(site: Site, recorded: ReleaseRecord) -> Iterator[tuple[Revision, Item, Event]]:
    release, trails = recorded.release, site.record.trails
    closes = {closed.path: closed for closed in recorded.closed}
    for revision in own(recorded):
        closed = closes.get(revision.path)
        if closed is None:
            continue
        for item, standing in zip(revision.checklist.items, revision.standings, strict=False):
            for event in trails.events_of(standing):
                wanted = event.kind in TURNS or event.kind is Change.REWORDED
                if wanted and _between(site, release, closed, event.commit):
                    yield revision, item, event


def _between(site: Site, release: Release, closed: Closed, commit: str) -> bool:
    """After the tag and no later than the close."""
    trails = site.record.trails
    return trails.is_ancestor(commit, closed.close.commit) and not trails.is_ancestor(commit, release.commit)


def _due_at_tag(revision: Revision, item: Item) -> bool:
    return not item.conditional and revision.checklist.phase_of(item).due is Due.AT_TAG


# --- the picture ----------------------------------------------------------------------------------------------------


def lanes(site: Site, recorded: ReleaseRecord) -> tuple[Lane, ...]:
    """The acts of a release by phase, from after its base to its close, and its commits."""
    by_phase: dict[Phase, list[Mark]] = {}
    release, trails = recorded.release, site.record.trails
    base = next((each.release.commit for each in site.record.releases if each.release.tag == release.base), None)
    starts = tuple(each for each in (base,) if each is not None)
    closes = {closed.path: closed for closed in recorded.closed}
    for revision in own(recorded):
        end = closes[revision.path].close.commit if revision.path in closes else release.commit
        # What a living checklist's last cycle did before its reset is the follow-up of the release before.
        resets = tuple(each.commit for each in trails.resets_of(revision.path, release.commit)[-1:])
        for item, standing in zip(revision.checklist.items, revision.standings, strict=False):
            for event in trails.events_of(standing):
                if event.kind not in TURNS or not trails.is_ancestor(event.commit, end):
                    continue
                if any(trails.is_ancestor(event.commit, start) for start in (*starts, *resets)):
                    continue
                phase = revision.checklist.phase_of(item)
                by_phase.setdefault(phase, []).append(_mark(site, release, revision, item, event))
    found = [Lane(PHASES[phase], tuple(by_phase[phase])) for phase in Phase if phase in by_phase]
    commits = tuple(
        Mark(commit.committed_at, "commit", f"{shown(commit.subject)} ({shown(commit.author.name)})")
        for commit in (site.record.commits[each] for each in release.new)
    )
    return (*found, Lane("Commits", commits)) if commits else tuple(found)


def _mark(site: Site, release: Release, revision: Revision, item: Item, event: Event) -> Mark:
    commit = site.record.commits[event.commit]
    before = site.record.trails.is_ancestor(event.commit, release.commit)
    told = f"{WORDS[event.kind]}: {plain_text(item.text)} ({shown(commit.author.name)})"
    if event.kind is Change.NOT_APPLICABLE:
        kind = "na"
    elif event.kind not in _TICKS:
        kind = "untick"
    elif not before:
        kind = "late" if _due_at_tag(revision, item) else "follow-up"
    else:
        kind = "signoff" if item.signoff else "ticked"
    return Mark(commit.committed_at, kind, told)
