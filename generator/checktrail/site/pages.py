"""View models to pages: each through its Jinja template.

In: a site. Out: `Page` values, HTML with its headings of the outline at the start of a line (the tree turns those
into Markdown headings). Templates escape by default; where a repository brings its own, all run in Jinja's sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from checktrail.audit.auditing import ReleaseAudit
from checktrail.errors import ConfigError
from checktrail.record import ReleaseRecord, in_flight
from checktrail.site.addresses import CHECKLISTS, MADE, RELEASES
from checktrail.site.audience import document_without_addresses, page_without_addresses, without_addresses
from checktrail.site.documents import Documents
from checktrail.site.folders import shipped
from checktrail.site.shelf import Shelf
from checktrail.site.views.audit import audit_page, provenance, running
from checktrail.site.views.checklist import checklist_index, checklist_page
from checktrail.site.views.findings import findings_page
from checktrail.site.views.foot import foot
from checktrail.site.views.home import home
from checktrail.site.views.made import made
from checktrail.site.views.marks import AUDIT, FINDINGS, PEOPLE, POPULATION, RULES, audit_name
from checktrail.site.views.metrics import METRICS, metrics_page
from checktrail.site.views.people import people_page
from checktrail.site.views.population import population_page
from checktrail.site.views.release import release_page
from checktrail.site.views.releases import releases
from checktrail.site.views.rules import rules_page
from checktrail.site.views.shared import Site, shown, title
from checktrail.site.views.verdicts import audit_index
from checktrail.site.views.ways import (
    BACKPORTS,
    UPGRADES,
    backport_page,
    upgrade_index,
    upgrade_name,
    upgrade_page,
    upgrades,
)
from checktrail.store import Store

CUT_OFF: Final = (
    '<p class="ct-cut-off"><span class="ct-state ct-state--failed" aria-hidden="true"></span> '
    "<strong>Indeterminate:</strong> these pages were made from a shallow clone. Earlier commits and tags are missing, "
    "so that nothing here is certain.</p>\n"
)
"""What stands at the head of every page where history is cut off."""


Write: TypeAlias = Callable[[str, object], str]
"""A template's name and a view to HTML."""
_SLOT = "\ue000"
_FILLED = re.compile(f"{_SLOT}([0-9]+);")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name (`releases/v1.0`), its title as plain text, what it is about, its HTML.

    `hide` names what Material leaves out beside it (`navigation`, `toc`), to give wide tables their room; `boost` says
    how much before others the search shows it. `document` is the JSON that stands beside it, empty for none.
    """

    name: str
    title: str
    description: str
    html: str
    hide: tuple[str, ...] = ()
    boost: int = 1
    document: str = ""


def pages(site: Site, templates: jinja2.Environment, shelf: Shelf | None = None) -> Iterator[Page]:
    """Every page that has something to say, with the JSON beside it; a public site's without e-mail addresses.

    Those of frozen releases are taken from the shelf where they lie there.
    """
    shelf = shelf or Shelf(site, Store(None), "")
    audits = site.chapters.audit.releases if site.chapters.audit else ()
    kept = (*map(shelf.release, site.record.releases), *(shelf.audit(each, _names(site, each)) for each in audits))
    shelf.fetch(kept)
    # Templates of one's own may do anything with what is put in at last.
    slotted = None if isinstance(templates, ImmutableSandboxedEnvironment) else shelf
    release_pages, audit_pages = partial(_release_pages, shelf=shelf), partial(_audit_pages, shelf=slotted)
    warning = CUT_OFF if site.record.facts.is_shallow else ""
    write, papers = partial(written, templates, warning), Documents.of(site)
    write_foot = partial(written, templates, "", "foot")
    for part in (_first_pages, release_pages, _checklist_pages, _way_pages, _figure_pages, audit_pages, _last_pages):
        for page in part(site, write, papers):
            whole = replace(page, html=page.html + write_foot(foot(site, page.name, has_document=bool(page.document))))
            yield _public(whole) if site.is_public else whole


def _public(page: Page) -> Page:
    return replace(
        page,
        title=without_addresses(page.title),
        description=without_addresses(page.description),
        html=page_without_addresses(page.html),
        document=document_without_addresses(page.document),
    )


def _first_pages(site: Site, write: Write, papers: Documents) -> Iterator[Page]:
    name = site_title(site)
    about, bare = f"Where the releases of {name} stand", ("navigation", "toc")
    yield Page(
        site.addresses.home,
        name,
        about,
        write("home", home(site)),
        bare,
        document=papers.checklists(in_flight(site.record)),
    )


def _release_pages(site: Site, write: Write, papers: Documents, *, shelf: Shelf) -> Iterator[Page]:
    record, name = site.record, site_title(site)
    if record.releases:
        about = f"All releases of {name}: dates, completion, sign-offs"
        yield Page(RELEASES, "Releases", about, write("releases", releases(site)), ("toc",), document=papers.releases())
    for recorded in record.releases:
        tag = shown(recorded.release.tag)
        about = f"Release {tag} of {name}: completion, sign-offs, checklist as at the tag, commits"
        page = site.addresses.releases[recorded.release.tag]
        html = shelf.html(shelf.release(recorded), partial(_release_html, write, site, recorded))
        yield Page(page, tag, about, html, boost=2, document=papers.release(recorded))


def _checklist_pages(site: Site, write: Write, papers: Documents) -> Iterator[Page]:
    found = site.record.checklists
    if found:
        about = f"All checklists of {site_title(site)} as they stand now"
        html = write("checklists", checklist_index(site))
        yield Page(CHECKLISTS, "Checklists", about, html, ("toc",), document=papers.checklists(found))
    for revision in found:
        about = f"{shown(revision.path)} as it stands now"
        page = site.addresses.checklists[revision.path]
        html = write("checklist", checklist_page(site, revision))
        yield Page(page, title(revision), about, html, document=papers.checklists((revision,)))


def _way_pages(site: Site, write: Write, papers: Documents) -> Iterator[Page]:
    name, past = site_title(site), site.chapters.past
    if to_upgrade := upgrades(site):
        about = f"What to read before an upgrade of {name}"
        yield Page(UPGRADES, "Upgrades", about, write("upgrades", upgrade_index(site, to_upgrade)), ("toc",))
    for each in to_upgrade:
        heading = f"From {shown(each.old)} to {shown(each.new)}"
        about = f"{heading}: breaking changes, upgrade notes, known issues, security"
        html = write("upgrade", upgrade_page(site, each))
        yield Page(upgrade_name(each), heading, about, html, document=papers.upgrade(each))
    if past is not None and (carried := backport_page(site, past)).matrices:
        about = f"Which release lines of {name} hold which fixes"
        html = write("backports", carried)
        yield Page(BACKPORTS, "Back-ports", about, html, ("toc",), document=papers.backports(past))


def _figure_pages(site: Site, write: Write, papers: Documents) -> Iterator[Page]:
    found = site.chapters.metrics
    if found is not None and found.releases:
        about = f"Release metrics of {site_title(site)}, each with its grade"
        html = write("metrics", metrics_page(site, found))
        yield Page(METRICS, "Metrics", about, html, ("navigation",), document=papers.metrics(found))


def _release_html(write: Write, site: Site, recorded: ReleaseRecord) -> str:
    return write("release", release_page(site, recorded))


def _audit_pages(site: Site, write: Write, papers: Documents, *, shelf: Shelf | None) -> Iterator[Page]:
    audit, name = site.chapters.audit, site_title(site)
    if audit is None or not audit.releases:
        return
    about = f"Verdicts and sign-offs of all releases of {name}"
    yield Page(AUDIT, "Audit", about, write("audits", audit_index(site, audit)), ("toc",), document=papers.audit(audit))
    for each in audit.releases:
        heading = f"Audit of {shown(each.release.tag)}"
        about = f"{heading}: who took responsibility for what, when, and what looks wrong"
        page = audit_name(site, each.release.tag)
        html = _audit_html(site, write, shelf, each) if shelf else write("audit", audit_page(site, each))
        yield Page(page, heading, about, html, ("navigation",), document=papers.audit(audit, each))
    found, bare = findings_page(site, audit), ("navigation", "toc")
    if found.rows:
        yield Page(FINDINGS, "Findings", f"Everything that looks wrong in {name}", write("findings", found), bare)
    about = f"All tags of {name} by year, with verdicts, counts and digests"
    yield Page(POPULATION, "Population", about, write("population", population_page(site, audit)), ("navigation",))
    if not site.is_public and site.chapters.evidence is not None:
        everybody = people_page(site, audit, site.chapters.evidence)
        yield Page(PEOPLE, "People", f"Who did what in {name}", write("people", everybody), bare)
    rules = rules_page(audit, site.chapters.definitions)
    yield Page(RULES, "Rules", "What each finding means, how it is computed, and the remedy", write("rules", rules))


def _last_pages(site: Site, write: Write, _papers: Documents) -> Iterator[Page]:
    about = f"What the pages of {site_title(site)} were made from"
    yield Page(MADE, "How this was made", about, write("made", made(site)))


def _audit_html(site: Site, write: Write, shelf: Shelf, one: ReleaseAudit) -> str:
    """An audit's page. What changes with every commit has slots in what lies on the shelf, and is put in at last."""
    said = [*(value for _, value in provenance(site, one)), running(site, one)]
    slots = [f"{_SLOT}{number};" for number in range(len(said))]

    def with_slots() -> str:
        pairs = zip(_names(site, one), slots, strict=False)
        facts = tuple((name, Markup(slot)) for name, slot in pairs)  # noqa: S704 (ours, and no markup)
        html = write("audit", replace(audit_page(site, one), provenance=facts, running=slots[-1]))
        return html if all(html.count(slot) == 1 for slot in slots) and html.count(_SLOT) == len(slots) else ""

    html = shelf.html(shelf.audit(one, _names(site, one)), with_slots)
    if not html:  # a text on it holds such signs itself
        return write("audit", audit_page(site, one))
    return _FILLED.sub(lambda slot: str(escape(said[int(slot[1])])), html)


def _names(site: Site, one: ReleaseAudit) -> list[str]:
    return [name for name, _ in provenance(site, one)]


def site_title(site: Site) -> str:
    """The site's title: what the settings say, else the repository's name."""
    return site.record.settings.site.title or shown(site.record.facts.name)


def environment(own: Path | None = None) -> jinja2.Environment:
    """The templates; those of a folder of the repository's own come first.

    Raises:
        ConfigError: the folder is not there.
    """
    if own is not None and not own.is_dir():
        raise ConfigError(f"site.templates names {own}, which is no folder", hint="name a folder of the repository")
    folders = [str(own)] if own else []
    kind = ImmutableSandboxedEnvironment if own else jinja2.Environment
    return kind(
        loader=jinja2.FileSystemLoader([*folders, str(shipped())]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def written(templates: jinja2.Environment, warning: str, template: str, view: object) -> str:
    """A view model through the template of a name, behind a warning where there is one.

    Raises:
        ConfigError: the template fails.
    """
    try:
        return warning + templates.get_template(f"{template}.j2").render(page=view)
    except jinja2.TemplateError as error:
        raise ConfigError(f"the page template {template}.j2 failed: {error}", hint="see site.templates") from error
