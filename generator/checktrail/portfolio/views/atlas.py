"""The portfolio with where every page is, and what several pages show. Pure.

Names, tags, titles and paths come from anybody: they are text that the templates escape, page names are made safe, and
a public site shows no e-mail address.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from checktrail.charts.drawing import calendar, day
from checktrail.portfolio.summary import Broken, Portfolio, ReleaseLine, Summary
from checktrail.site.addresses import HOME, Addresses, addresses, named
from checktrail.site.audience import without_addresses
from checktrail.site.views.marks import VERDICTS, Mark
from checktrail.site.views.shared import Link, Tally, before_tag, shown, tally

RELEASES = "releases/index"
VERDICT_PAGE = "verdicts"
METRIC_PAGE = "metrics"
MADE = "made"

FAULTS: Mapping[str, str] = {
    "missing": "it is not there",
    "no-repository": "it is no git repository",
    "shallow-clone": "its history is cut off",
    "git": "git cannot read it",
    "input": "its document cannot be read",
    "configuration": "its configuration cannot be read",
    "crash": "reading it failed",
    "timeout": "reading it took too long",
}
"""What is said of each kind of fault where the whole sentence, with its paths, is not for everybody."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """A portfolio, where its pages are, and the pages of each repository's own site by name."""

    portfolio: Portfolio
    to: Addresses
    own: Mapping[str, Addresses]

    def told(self, text: str) -> str:
        """Text for this site's readers."""
        plain = shown(text)
        return without_addresses(plain) if self.portfolio.is_public else plain

    def page(self, repository: Summary) -> str:
        """A repository's page."""
        return self.to.releases[repository.name]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A repository that is not there: its name and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release as a line: of which repository, with what its audit and its checklists say."""

    repository: Link
    link: Link
    day: str
    at: int
    kind: str
    before_tag: Tally | None
    signoffs: Tally | None
    verdict: Mark
    commits: int


def atlas(portfolio: Portfolio, *, folders: bool = False, home: str = HOME) -> Atlas:
    """The atlas of a portfolio, for one style of addresses."""
    names = [each.name for each in portfolio.repositories]
    to = Addresses(named("repositories", names, lambda name: name), {}, folders, home)
    own = {
        each.name: addresses([release.tag for release in each.releases], (), folders=each.addresses == "folders")
        for each in portfolio.repositories
    }
    return Atlas(portfolio, to, own)


def repository_link(it: Atlas, here: str, repository: Summary) -> Link:
    """A repository by its name, linked to its page here."""
    return Link(it.told(repository.name), it.to.link(here, it.page(repository)))


def own_link(it: Atlas, here: str, repository: Summary, page: str, words: str) -> Link:
    """Words that lead to a page of the repository's own site; nowhere where nobody said where that is."""
    if not repository.site:
        return Link(words)
    target = it.own[repository.name].url(page)
    base = f"{repository.site.rstrip('/')}/" if repository.site.strip("./") else repository.site
    if urlsplit(base).scheme:
        return Link(words, f"{base}{quote(target)}")
    there = posixpath.normpath(f"{base}{target}" or ".")
    return Link(words, it.to.asset(here, quote(there) + ("/" if not target or target.endswith("/") else "")))


def tag_link(it: Atlas, here: str, repository: Summary, release: ReleaseLine) -> Link:
    """A release by its tag, linked to its page in the repository's own site, else to the repository's page here."""
    page = it.own[repository.name].releases[release.tag]
    # The own site names a page by the tag's bytes, which a document does not hold when they are no text.
    found = own_link(it, here, repository, page, it.told(release.tag)) if "\ufffd" not in release.tag else None
    return (
        found if found is not None and found.href else Link(it.told(release.tag), it.to.link(here, it.page(repository)))
    )


def release_row(it: Atlas, here: str, repository: Summary, release: ReleaseLine) -> ReleaseRow:
    """A release as a line on some page."""
    return ReleaseRow(
        repository=repository_link(it, here, repository),
        link=tag_link(it, here, repository, release),
        day=day(release.at),
        at=release.at,
        kind=kind(it, release),
        before_tag=before_tag(release.totals) if release.totals is not None else None,
        signoffs=signoffs(release),
        verdict=verdict(release),
        commits=release.commits,
    )


def kind(it: Atlas, release: ReleaseLine) -> str:
    """What sort of release it is, in a word or two; empty for an ordinary one."""
    if release.alias_of:
        return f"same commit as {it.told(release.alias_of)}"
    return "candidate" if release.is_prerelease else ""


def verdict(release: ReleaseLine | None) -> Mark:
    """A release's verdict as icon, word and colour; what was not audited says so."""
    if release is None or release.verdict is None:
        return Mark("note", "not audited")
    return Mark(*VERDICTS[release.verdict])


def signoffs(release: ReleaseLine) -> Tally | None:
    """Sign-offs before the tag, of those that were asked for."""
    return tally("Sign-offs", release.signoffs.recorded, release.signoffs.asked) if release.signoffs else None


def broken_row(it: Atlas, broken: Broken) -> BrokenRow:
    """Why a repository is not there; in full for readers of the house alone, since it names paths."""
    why = FAULTS.get(broken.slug, "it could not be read")
    return BrokenRow(it.told(broken.name), why if it.portfolio.is_public else f"{why}: {shown(broken.sentence)}")


def latest_first(it: Atlas) -> list[tuple[Summary, ReleaseLine]]:
    """Every release of every repository, the newest first; those of one commit once."""
    every = [(each, release) for each in it.portfolio.repositories for release in each.releases if not release.alias_of]
    return sorted(every, key=lambda pair: -pair[1].at)


def year_of(at: int) -> str:
    """The year of a moment, as a page's name."""
    found = calendar(at)
    return f"{found:%Y}" if found else "undated"
