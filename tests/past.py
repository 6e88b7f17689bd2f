"""A past made of values, for what is pure: commits and tags without a repository, cycles without checklists."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from checktrail.config import MetricsSettings, Settings
from checktrail.metrics import Metrics, Sources, metrics
from checktrail.metrics.cycles import Asked, Cycle, CycleItem, Roll, Said, Tick
from checktrail.metrics.figures import Figure
from checktrail.model import Commit, Person, Phase, State, Tag, TagKind
from checktrail.releases import releases

HOUR = 3600
DAY = 24 * HOUR


def at(on: str) -> int:
    """A day (noon) or a moment (`2024-01-02T10:00`) as seconds since 1970 UTC."""
    moment = datetime.fromisoformat(on).replace(tzinfo=UTC)
    return int((moment if "T" in on else moment.replace(hour=12)).timestamp())


class Past:
    """Commits in a row (or with the parents given), and tags on them."""

    def __init__(self) -> None:
        self.commits: dict[str, Commit] = {}
        self.tags: list[Tag] = []
        self.head: str | None = None

    def commit(
        self, message: str, on: str | int, *, parents: tuple[str, ...] | None = None, by: str = "Ada", authored: int = 0
    ) -> str:
        """One commit on top of the last one, or on the parents given; its id."""
        when = at(on) if isinstance(on, str) else on
        known = parents if parents is not None else (self.head,) if self.head else ()
        name = hashlib.sha1(f"{len(self.commits)}{message}{known}".encode(), usedforsecurity=False).hexdigest()
        who = Person(by, f"{by.lower()}@example.org")
        self.commits[name] = Commit(name, known, who, authored or when, who, when, message)
        self.head = name
        return name

    def tag(self, name: str, on: str | int | None = None, *, commit: str | None = None, message: str = "") -> None:
        """A tag: annotated when it has a date, a bare reference without one."""
        target = commit or self.head
        if on is None:
            self.tags.append(Tag(name, TagKind.LIGHTWEIGHT, target, "commit"))
            return
        when = at(on) if isinstance(on, str) else on
        tagger = Person("Ada", "ada@example.org")
        self.tags.append(Tag(name, TagKind.ANNOTATED, target, "commit", "f" * 40, tagger, when, message or name))

    def release(self, name: str, on: str, message: str = "Work") -> str:
        """A commit at noon of a day and a tag on it an hour later; the commit."""
        made = self.commit(f"{message} {name}", at(on))
        self.tag(name, at(on) + HOUR)
        return made

    def sources(
        self,
        *cycles: Cycle,
        current: Cycle | None = None,
        yanked: frozenset[str] = frozenset(),
        as_of: str | int | None = None,
    ) -> Sources:
        """What metrics are taken from."""
        now = at(as_of) if isinstance(as_of, str) else as_of
        if now is None:
            now = self.commits[self.head].committed_at if self.head else 0
        membership = releases(self.tags, self.commits.values(), Settings(), self.head)
        return Sources(membership, dict(self.commits), cycles, (current,) if current else (), yanked, now)

    def metrics(
        self,
        *cycles: Cycle,
        current: Cycle | None = None,
        yanked: frozenset[str] = frozenset(),
        as_of: str | int | None = None,
        **settings: int | bool,
    ) -> Metrics:
        """Its metrics."""
        wanted = replace(MetricsSettings(), **settings)  # type: ignore[arg-type]
        return metrics(self.sources(*cycles, current=current, yanked=yanked, as_of=as_of), wanted)


def figure(found: Metrics, name: str, of: str | None = None) -> Figure:
    """One figure by name."""
    return next(one for one in found.figures if one.name == name and one.of == of)


def left_out(one: Figure) -> dict[str, int]:
    """A figure's exclusions by reason."""
    return {excluded.reason: excluded.n for excluded in one.excluded}


def tick(on: str | int, *, by: str = "Ada", commit: str = "", boxes: int = 1, before_tag: bool = True) -> Tick:
    """An act; a commit of its own unless one is named."""
    when = at(on) if isinstance(on, str) else on
    return Tick(by, when, commit or f"commit of {when}", boxes, before_tag)


def item(  # noqa: PLR0913 -- what an item is, by name
    text: str,
    ticked: Tick | None = None,
    phase: Phase = Phase.PREPARE,
    *,
    section: tuple[str, ...] = ("Work",),
    state: State | None = None,
    conditional: bool = False,
    role: str | None = None,
    created_at: int = 0,
    path: str = "checklists/release.md",
) -> CycleItem:
    """An item as a cycle has it; its states follow from its tick unless one is given."""
    known = state or (State.TICKED if ticked else State.OPEN)
    is_late = ticked is not None and not ticked.before_tag
    return CycleItem(
        item=text,
        kin=text,
        asked=Asked(path, 1, text, section, phase, conditional, role),
        at_tag=State.OPEN if is_late else known,
        at_close=known,
        tick=ticked,
        created_at=created_at,
    )


def cycle(tag: str | None, *items: CycleItem, said: tuple[Said, ...] = ()) -> Cycle:
    """One release's cycle; the current one's items stand at no tag."""
    known = items if tag is not None else tuple(one._replace(at_tag=None) for one in items)
    return Cycle(
        tag,
        Roll(tuple(one.asked for one in known)),
        tuple(one.item for one in known),
        tuple(one.kin for one in known),
        tuple(one.at_tag for one in known),
        tuple(one.at_close for one in known),
        tuple(one.tick for one in known),
        tuple(one.created_at for one in known),
        said,
    )
