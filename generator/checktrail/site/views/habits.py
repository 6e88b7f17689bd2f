"""When boxes are ticked, release by release, as a heat map. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from markupsafe import Markup

from checktrail.charts import figure, heat_map
from checktrail.record import ReleaseRecord
from checktrail.site.views.shared import Site, counted, own, shown
from checktrail.site.views.trail import TICKS, standings

NEWEST = 20
"""So many releases are shown: more rows than fit on a screen are read by nobody."""

_DAY = 86400
# Days before the tag, from the farthest; a tick counts where it first fits.
_SPANS = ((28, "4 w+"), (14, "2 w+"), (7, "1 w+"), (4, "4 d+"), (3, "3 d"), (2, "2 d"), (1, "1 d"), (0, "day"))
_AFTER = "later"


def tick_map(site: Site) -> Markup:
    """How long before or after its tag each release's boxes were ticked; nothing where no tick was seen."""
    newest = [each for each in site.record.releases if own(each) and each.release.alias_of is None][-NEWEST:][::-1]
    counts: Counter[tuple[int, int]] = Counter()
    for row, recorded in enumerate(newest):
        counts.update((row, _column(recorded.release.at - at)) for at in _ticks(site, recorded))
    if not counts:
        return Markup()
    columns = (*(name for _, name in _SPANS), _AFTER)
    told = (
        f"{counted(sum(counts.values()), 'tick')} of {counted(len(newest), 'release')} by the time before the tag: "
        "weeks (w), days (d), the last day before it, and later than it. By what commits claim."
    )
    rows = tuple(shown(each.release.tag) for each in newest)
    return Markup(figure(heat_map("When boxes are ticked", told, rows, columns, counts)))  # noqa: S704 (ours)


def _column(lead: int) -> int:
    """The column of a tick so many seconds before the tag."""
    if lead < 0:
        return len(_SPANS)
    return next(index for index, (days, _) in enumerate(_SPANS) if lead >= days * _DAY)


def _ticks(site: Site, recorded: ReleaseRecord) -> Iterator[int]:
    """When each item that is ticked at the release's close got its tick, as its commit claims."""
    for closed in recorded.closed:
        if closed.revision is not None:
            for standing in standings(closed.revision).values():
                commit = site.record.commits.get(standing.since.commit)
                if commit is not None and standing.since.kind in TICKS:
                    yield commit.committed_at
