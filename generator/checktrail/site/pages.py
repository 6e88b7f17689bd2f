"""View models to pages: each through its Jinja template.

In: a site. Out: `Page` values, HTML with its headings of the outline at the start of a line (the tree turns those
into Markdown headings). Templates escape by default; where a repository brings its own, all run in Jinja's sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from checktrail.errors import ConfigError
from checktrail.site.addresses import CHECKLISTS, MADE, RELEASES
from checktrail.site.folders import shipped
from checktrail.site.views.audit import audit_page
from checktrail.site.views.checklist import checklist_index, checklist_page
from checktrail.site.views.findings import findings_page
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

CUT_OFF: Final = (
    '<p class="ct-cut-off"><span class="ct-state ct-state--failed" aria-hidden="true"></span> '
    "<strong>Indeterminate:</strong> these pages were made from a shallow clone. Earlier commits and tags are missing, "
    "so that nothing here is certain.</p>\n"
)
"""What stands at the head of every page where history is cut off."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name (`releases/v1.0`), its title as plain text, what it is about, its HTML.

    `hide` names what Material leaves out beside it (`navigation`, `toc`), to give wide tables their room; `boost` says
    how much before others the search shows it.
    """

    name: str
    title: str
    description: str
    html: str
    hide: tuple[str, ...] = ()
    boost: int = 1


def pages(site: Site, templates: jinja2.Environment) -> Iterator[Page]:
    """Every page that has something to say."""
    write = partial(_write, templates, CUT_OFF if site.record.facts.is_shallow else "")
    record, to = site.record, site.addresses
    name = site_title(site)
    yield Page(to.home, name, f"Where the releases of {name} stand", write("home", home(site)), ("navigation", "toc"))
    if record.releases:
        about = f"All releases of {name}: dates, completion, sign-offs"
        yield Page(RELEASES, "Releases", about, write("releases", releases(site)), ("toc",))
    for recorded in record.releases:
        tag = shown(recorded.release.tag)
        about = f"Release {tag} of {name}: completion, sign-offs, checklist as at the tag, commits"
        html = write("release", release_page(site, recorded))
        yield Page(to.releases[recorded.release.tag], tag, about, html, boost=2)
    if record.checklists:
        about = f"All checklists of {name} as they stand now"
        yield Page(CHECKLISTS, "Checklists", about, write("checklists", checklist_index(site)), ("toc",))
    for revision in record.checklists:
        about = f"{shown(revision.path)} as it stands now"
        html = write("checklist", checklist_page(site, revision))
        yield Page(to.checklists[revision.path], title(revision), about, html)
    if to_upgrade := upgrades(site):
        about = f"What to read before an upgrade of {name}"
        yield Page(UPGRADES, "Upgrades", about, write("upgrades", upgrade_index(site, to_upgrade)), ("toc",))
    for each in to_upgrade:
        heading = f"From {shown(each.old)} to {shown(each.new)}"
        about = f"{heading}: breaking changes, upgrade notes, known issues, security"
        yield Page(upgrade_name(each), heading, about, write("upgrade", upgrade_page(site, each)))
    past, found = site.chapters.past, site.chapters.metrics
    if past is not None and (carried := backport_page(site, past)).matrices:
        about = f"Which release lines of {name} hold which fixes"
        yield Page(BACKPORTS, "Back-ports", about, write("backports", carried), ("toc",))
    if found is not None and found.releases:
        about = f"Release metrics of {name}, each with its grade"
        yield Page(METRICS, "Metrics", about, write("metrics", metrics_page(site, found)), ("navigation",))
    yield from _audit_pages(site, write)
    yield Page(MADE, "How this was made", f"What the pages of {name} were made from", write("made", made(site)))


def _audit_pages(site: Site, write: Callable[[str, object], str]) -> Iterator[Page]:
    audit, name = site.chapters.audit, site_title(site)
    if audit is None or not audit.releases:
        return
    yield Page(
        AUDIT,
        "Audit",
        f"Verdicts and sign-offs of all releases of {name}",
        write("audits", audit_index(site, audit)),
        ("toc",),
    )
    for each in audit.releases:
        heading = f"Audit of {shown(each.release.tag)}"
        about = f"{heading}: who took responsibility for what, when, and what looks wrong"
        html = write("audit", audit_page(site, each))
        yield Page(audit_name(site, each.release.tag), heading, about, html, ("navigation",))
    found = findings_page(site, audit)
    if found.rows:
        yield Page(
            FINDINGS,
            "Findings",
            f"Everything that looks wrong in {name}",
            write("findings", found),
            ("navigation", "toc"),
        )
    about = f"All tags of {name} by year, with verdicts, counts and digests"
    yield Page(POPULATION, "Population", about, write("population", population_page(site, audit)), ("navigation",))
    if not site.is_public and site.chapters.evidence is not None:
        everybody = people_page(site, audit, site.chapters.evidence)
        yield Page(PEOPLE, "People", f"Who did what in {name}", write("people", everybody), ("navigation", "toc"))
    rules = rules_page(audit, site.chapters.definitions)
    yield Page(RULES, "Rules", "What each finding means, how it is computed, and the remedy", write("rules", rules))


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


def _write(templates: jinja2.Environment, warning: str, template: str, view: object) -> str:
    try:
        return warning + templates.get_template(f"{template}.j2").render(page=view)
    except jinja2.TemplateError as error:
        raise ConfigError(f"the page template {template}.j2 failed: {error}", hint="see site.templates") from error
