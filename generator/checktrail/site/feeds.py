"""What machines and other pages take from the site: feeds, badges, a list of pages. Pure.

In: a site and its pages. Out: files by their path below the site's root. Feeds hold absolute addresses and are made
only where the site's own is known (`site.url`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import urljoin

from checktrail.charts.badges import badge
from checktrail.charts.drawing import text
from checktrail.record import ReleaseRecord, in_flight
from checktrail.site.pages import Page, site_title
from checktrail.site.views.marks import VERDICTS
from checktrail.site.views.shared import Site, before_tag, iso, own, recorded_tally, shown

NEWEST = 50


def files(site: Site, pages: Iterable[Page]) -> Mapping[str, bytes]:
    """Every such file of a site."""
    found = {f"badges/{name}.svg": svg for name, svg in _badges(site).items()}
    found["llms.txt"] = _pages(site, pages)
    if site.record.settings.site.url and site.record.releases:
        found["feed.xml"] = _atom(site)
        found["feed.json"] = _json(site)
    return {path: content.encode("utf-8", "replace") for path, content in found.items()}


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


def _pages(site: Site, pages: Iterable[Page]) -> str:
    """The pages with what each is about, in the form that language models' readers look for."""
    lines = [f"# {site_title(site)}", "", "Releases, their checklists and sign-offs, made from git alone.", ""]
    for page in pages:
        name = page.title.replace("[", "(").replace("]", ")")
        lines.append(f"- [{name}]({site.addresses.url(page.name)}): {page.description}")
    return "\n".join(lines) + "\n"


def _entries(site: Site) -> Iterable[tuple[str, str, int, str]]:
    """Title, address, time and summary of the newest releases."""
    root = site.record.settings.site.url.rstrip("/") + "/"
    for recorded in site.record.releases[: -NEWEST - 1 : -1]:
        release = recorded.release
        address = urljoin(root, site.addresses.url(site.addresses.releases[release.tag]))
        due, signed = before_tag(site.total(own(recorded))), recorded_tally(site, recorded)
        summary = f"Before the tag {due.words}; sign-offs {signed.words}; {len(release.new)} commits"
        yield shown(release.tag), address, release.at, summary


def _atom(site: Site) -> str:
    root = site.record.settings.site.url.rstrip("/") + "/"
    entries = "".join(
        f'<entry><title>{text(title)}</title><id>{text(address)}</id><link href="{text(address)}"/>'
        f"<updated>{iso(at)}</updated><summary>{text(summary)}</summary></entry>\n"
        for title, address, at, summary in _entries(site)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<title>{text(f'Releases of {site_title(site)}')}</title><id>{text(root)}</id>"
        f'<link href="{text(root)}"/><link rel="self" href="{text(urljoin(root, "feed.xml"))}"/>'
        f"<updated>{iso(site.record.as_of)}</updated><author><name>{text(site_title(site))}</name></author>\n"
        f"{entries}</feed>\n"
    )


def _json(site: Site) -> str:
    root = site.record.settings.site.url.rstrip("/") + "/"
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"Releases of {site_title(site)}",
        "home_page_url": root,
        "feed_url": urljoin(root, "feed.json"),
        "items": [
            {"id": address, "url": address, "title": title, "content_text": summary, "date_published": iso(at)}
            for title, address, at, summary in _entries(site)
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
