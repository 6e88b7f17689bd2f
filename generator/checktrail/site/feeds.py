"""What machines and other pages take from the site: feeds, badges, a list of pages. Pure.

In: a site and its pages. Out: files by their path below the site's root. Feeds hold absolute addresses and are made
only where the site's own is known (`site.url`). What leaves the site has no page around it that says how certain it is,
so that a clone whose history is cut off has neither feeds nor badges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from checktrail.charts.badges import badge
from checktrail.exports.feeds import Channel, atom, json_feed
from checktrail.record import ReleaseRecord, in_flight
from checktrail.site.drafts import Draft
from checktrail.site.pages import site_title
from checktrail.site.views.marks import VERDICTS
from checktrail.site.views.shared import Site, before_tag, own, recorded_tally, shown

ATOM_PATH: Final = "feed.xml"
JSON_PATH: Final = "feed.json"


def files(site: Site, pages: Iterable[Draft]) -> Mapping[str, bytes]:
    """Every such file of a site."""
    found = {"llms.txt": _pages(site, pages)}
    if not site.record.facts.is_shallow:
        found |= {f"badges/{name}.svg": svg for name, svg in _badges(site).items()}
        found |= _feeds(site)
    return {path: content.encode("utf-8", "replace") for path, content in found.items()}


def _feeds(site: Site) -> Mapping[str, str]:
    if not (site.record.settings.site.url and site.record.releases):
        return {}
    channel, notes = _channel(site), site.chapters.notes
    releases = site.record.membership.releases
    return {ATOM_PATH: atom(channel, releases, notes), JSON_PATH: json_feed(channel, releases, notes)}


def _badges(site: Site) -> Mapping[str, str]:
    """How far the next release is, what the latest is, and how its sign-offs stand; each only where there is one."""
    found: dict[str, str] = {}
    flights = in_flight(site.record)
    if flights:
        due = before_tag(site.total(flights[:1]))
        found["completion"] = badge("before the tag", due.words, due.state if due.all else "none")
    finals = [each for each in site.record.releases if not each.release.prerelease]
    if finals:
        latest = finals[-1]
        found["latest"] = badge("latest release", shown(latest.release.tag))
        found["sign-offs"] = _signoff_badge(site, latest)
    return found


def _signoff_badge(site: Site, recorded: ReleaseRecord) -> str:
    audited, audit = site.audits.get(recorded.release.tag), site.chapters.audit
    if audited is not None and audit is not None and audit.has_policy:
        kind, word = VERDICTS[audited.verdict]
        return badge("audit", word, kind)
    counts = recorded_tally(site, recorded)
    return badge("sign-offs", counts.words if counts.all else "none asked for", counts.state if counts.all else "none")


def _pages(site: Site, pages: Iterable[Draft]) -> str:
    """The pages with what each is about, in the form that language models' readers look for."""
    lines = [f"# {site_title(site)}", "", "Releases, their checklists and sign-offs, made from git alone.", ""]
    for page in pages:
        name = page.title.replace("[", "(").replace("]", ")")
        beside = f" ([JSON]({page.name}.json))" if page.has_document else ""
        lines.append(f"- [{name}]({site.addresses.url(page.name)}): {page.description}{beside}")
    return "\n".join(lines) + "\n"


def _channel(site: Site) -> Channel:
    """The site as its feeds know it."""
    recorded = {each.release.tag: each for each in site.record.releases}
    return Channel(
        title=f"Releases of {site_title(site)}",
        url=site.record.settings.site.url,
        atom_path=ATOM_PATH,
        json_path=JSON_PATH,
        page_of=lambda tag: site.addresses.url(site.addresses.releases[tag]),
        summary_of=lambda tag: _summary(site, recorded[tag]),
        as_of=site.record.as_of,
    )


def _summary(site: Site, recorded: ReleaseRecord) -> str:
    due, signed = before_tag(site.total(own(recorded))), recorded_tally(site, recorded)
    return f"Before the tag {due.words}; sign-offs {signed.words}; {len(recorded.release.new)} commits"
