"""View models to pages: each through its Jinja template.

In: a site. Out: drafts, which make HTML with its headings of the outline at the start of a line (the tree turns those
into Markdown headings) when they are asked to: a page that is kept is not made. Templates escape by default; where a
repository brings its own, all run in Jinja's sandbox.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Final, TypeAlias

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from checktrail.audit.auditing import Audit, ReleaseAudit
from checktrail.errors import ConfigError
from checktrail.notes.upgrade import Upgrade
from checktrail.record import ReleaseRecord, Revision, in_flight
from checktrail.site.addresses import CHECKLISTS, MADE, RELEASES
from checktrail.site.audience import document_without_addresses, page_without_addresses, without_addresses
from checktrail.site.compiled import Beside
from checktrail.site.documents import Documents
from checktrail.site.drafts import Content, Draft, Make, Page, Slots, document_filled, mark
from checktrail.site.folders import shipped
from checktrail.site.shelf import Keys, Sources
from checktrail.site.views.audit import Facts, audit_page, origin, provenance, running
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
from checktrail.site.views.rules import rules_page, times_found
from checktrail.site.views.shared import Site, shown, title
from checktrail.site.views.uncommitted import uncommitted
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


@dataclass(frozen=True, slots=True)
class _Desk:
    """What drafts are made at: the site, its templates, its documents, and the keys.

    `has_slots`: templates of one's own may do anything with what is put in at last, so that their pages have none.
    """

    site: Site
    write: Write
    papers: Documents
    keys: Keys
    sources: Sources
    has_slots: bool


def pages(site: Site, templates: jinja2.Environment) -> Iterator[Page]:
    """Every page that has something to say, with the JSON beside it; a public site's without e-mail addresses."""
    return (draft.page() for draft in drafts(site, templates, Keys(site, ""), Sources(Store(None))))


def drafts(site: Site, templates: jinja2.Environment, keys: Keys, sources: Sources) -> Iterator[Draft]:
    """The same pages, yet to be made."""
    warning = CUT_OFF if site.record.facts.is_shallow else ""
    has_slots = not isinstance(templates, ImmutableSandboxedEnvironment)
    desk = _Desk(site, partial(written, templates, warning), Documents.of(site), keys, sources, has_slots)
    write = partial(written, templates, "")
    for part in (
        _first_pages,
        _release_pages,
        _checklist_pages,
        _way_pages,
        _figure_pages,
        _audit_pages,
        _finding_pages,
        _last_pages,
    ):
        for draft in part(desk):
            yield _finished(site, write, draft)


def _finished(site: Site, write: Write, draft: Draft) -> Draft:
    """A draft whose pages say what is not committed, have a foot, and on a public site no e-mail addresses."""
    open_to = _public if site.is_public else _as_it_is
    edits = uncommitted(site, draft.name)
    if edits is not None:
        draft = replace(draft, key="")  # what is in no commit is nothing to remember a page by
    head = write("uncommitted", edits) if edits is not None else ""

    def whole(make: Make) -> Content:
        html, document = make()
        return open_to(
            Content(head + html + write("foot", foot(site, draft.name, has_document=draft.has_document)), document)
        )

    made = replace(
        draft, make=partial(whole, draft.make), hollow=partial(whole, draft.hollow) if draft.hollow else None
    )
    if not site.is_public:
        return made
    title, description = without_addresses(draft.title), without_addresses(draft.description)
    # An address in what is put in at last is for the whole page to leave out.
    has_addresses = any("@" in value for value in (*draft.slots.html, *draft.slots.json))
    return replace(made, title=title, description=description, key="" if has_addresses else draft.key)


def _public(content: Content) -> Content:
    return Content(page_without_addresses(content.html), document_without_addresses(content.document))


def _as_it_is(content: Content) -> Content:
    return content


def _first_pages(desk: _Desk) -> Iterator[Draft]:
    site, name = desk.site, site_title(desk.site)
    about, bare = f"Where the releases of {name} stand", ("navigation", "toc")

    def make() -> Content:
        return Content(desk.write("home", home(site)), desk.papers.checklists(in_flight(site.record)))

    yield Draft(site.addresses.home, name, about, make, bare, has_document=True)


def _release_pages(desk: _Desk) -> Iterator[Draft]:
    site, write, papers = desk.site, desk.write, desk.papers
    if site.record.releases:
        about = f"All releases of {site_title(site)}: dates, completion, sign-offs"

        def make() -> Content:
            return Content(write("releases", releases(site)), papers.releases())

        yield Draft(RELEASES, "Releases", about, make, ("toc",), has_document=True)
    yield from (_release(desk, recorded) for recorded in site.record.releases)


def _release(desk: _Desk, recorded: ReleaseRecord) -> Draft:
    """A release's page. While a cycle is open, its document says where the head is, which every commit changes."""
    site, papers, tag = desk.site, desk.papers, shown(recorded.release.tag)

    def html() -> str:
        return desk.write("release", release_page(site, recorded))

    return Draft(
        site.addresses.releases[recorded.release.tag],
        tag,
        f"Release {tag} of {site_title(site)}: completion, sign-offs, checklist as at the tag, commits",
        lambda: Content(html(), papers.release(recorded)),
        boost=2,
        has_document=True,
        key=desk.keys.release(recorded),
        hollow=lambda: Content(html(), papers.hollow_release(recorded)),
        slots=Slots(json=(json.dumps(site.record.facts.head),), times=papers.heads(recorded)),
    )


def _checklist_pages(desk: _Desk) -> Iterator[Draft]:
    site, write, papers = desk.site, desk.write, desk.papers
    found = site.record.checklists

    def index() -> Content:
        return Content(write("checklists", checklist_index(site)), papers.checklists(found))

    def make(revision: Revision) -> Content:
        return Content(write("checklist", checklist_page(site, revision)), papers.checklists((revision,)))

    if found:
        about = f"All checklists of {site_title(site)} as they stand now"
        yield Draft(CHECKLISTS, "Checklists", about, index, ("toc",), has_document=True)
    for revision in found:
        about = f"{shown(revision.path)} as it stands now"
        page = site.addresses.checklists[revision.path]
        yield Draft(page, title(revision), about, partial(make, revision), has_document=True)


def _way_pages(desk: _Desk) -> Iterator[Draft]:
    site, write, papers = desk.site, desk.write, desk.papers
    name, past, to_upgrade = site_title(site), site.chapters.past, upgrades(site)

    def make(each: Upgrade) -> Content:
        return Content(write("upgrade", upgrade_page(site, each)), papers.upgrade(each))

    if to_upgrade:
        about = f"What to read before an upgrade of {name}"

        def index() -> Content:
            return Content(write("upgrades", upgrade_index(site, to_upgrade)), papers.upgrades(reversed(to_upgrade)))

        yield Draft(UPGRADES, "Upgrades", about, index, ("toc",), has_document=True)
    for each in to_upgrade:
        heading = f"From {shown(each.old)} to {shown(each.new)}"
        about = f"{heading}: breaking changes, upgrade notes, known issues, security"
        key = desk.keys.upgrade(each)
        yield Draft(upgrade_name(each), heading, about, partial(make, each), has_document=True, key=key)
    if past is not None and (carried := backport_page(site, past)).matrices:
        about = f"Which release lines of {name} hold which fixes"

        def matrices() -> Content:
            return Content(write("backports", carried), papers.backports(past))

        yield Draft(BACKPORTS, "Back-ports", about, matrices, ("toc",), has_document=True)


def _figure_pages(desk: _Desk) -> Iterator[Draft]:
    found, site = desk.site.chapters.metrics, desk.site
    if found is not None and found.releases:
        about = f"Release metrics of {site_title(site)}, each with its grade"

        def make() -> Content:
            return Content(desk.write("metrics", metrics_page(site, found)), desk.papers.metrics(found))

        yield Draft(METRICS, "Metrics", about, make, ("navigation",), has_document=True)


def _audit_pages(desk: _Desk) -> Iterator[Draft]:
    site, audit, has_document = desk.site, desk.site.chapters.audit, desk.site.chapters.evidence is not None
    if audit is None or not audit.releases:
        return

    def make() -> Content:
        desk.sources.find(draft.key for draft in each)
        documents = (_audit_document(desk, draft, audit, one) for draft, one in zip(each, audit.releases, strict=True))
        return Content(desk.write("audits", audit_index(site, audit)), desk.papers.audit(audit, documents))

    alike = origin(site)
    about = f"Verdicts and sign-offs of all releases of {site_title(site)}"
    each = [_audit(desk, audit, one, alike) for one in audit.releases]
    yield Draft(AUDIT, "Audit", about, make, ("toc",), has_document=has_document)
    yield from each


def _audit_document(desk: _Desk, draft: Draft, audit: Audit, one: ReleaseAudit) -> str:
    """The document beside the page of an audit, as it is kept or made."""
    kept = desk.sources.document(draft.key)
    if kept is not None:
        return document_filled(kept, draft.slots)
    document = desk.papers.audit_of(audit, one)
    return document_without_addresses(document) if desk.site.is_public else document


def _audit(desk: _Desk, audit: Audit, one: ReleaseAudit, alike: Facts) -> Draft:
    """The page of a release's audit. How it was made changes with every commit and is put in at last."""
    site, papers = desk.site, desk.papers
    facts = provenance(site, one, alike)
    names, said = [name for name, _ in facts], (*(value for _, value in facts), running(site, one))
    heading = f"Audit of {shown(one.release.tag)}"

    def hollow() -> Content:
        marks = tuple((name, Markup(mark(number))) for number, name in enumerate(names))  # noqa: S704 (ours)
        page = replace(audit_page(site, one), provenance=marks, running=mark(len(names)))
        return Content(desk.write("audit", page), papers.hollow_audit(audit, one))

    run, head = papers.audit_run(audit, one), site.record.facts.head
    heads = sum(each.finding.place.commit == head for each in (*one.findings, *audit.findings))
    return Draft(
        audit_name(site, one.release.tag),
        heading,
        f"{heading}: who took responsibility for what, when, and what looks wrong",
        lambda: Content(desk.write("audit", audit_page(site, one)), papers.audit_of(audit, one)),
        ("navigation",),
        has_document=bool(run),
        key=desk.keys.audit(one, names) if desk.has_slots else "",
        hollow=hollow,
        slots=Slots(tuple(str(escape(each)) for each in said), (json.dumps(head), run), 1 + heads if run else 0),
    )


def _finding_pages(desk: _Desk) -> Iterator[Draft]:
    site, write, audit = desk.site, desk.write, desk.site.chapters.audit
    if audit is None or not audit.releases:
        return
    name, bare = site_title(site), ("navigation", "toc")
    evidence = site.chapters.evidence
    if audit.findings or any(each.findings for each in audit.releases):
        found, about = partial(findings_page, site, audit), f"Everything that looks wrong in {name}"
        key = desk.keys.findings(audit)
        yield Draft(FINDINGS, "Findings", about, lambda: Content(write("findings", found())), bare, key=key)
    about = f"All tags of {name} by year, with verdicts, counts and digests"
    population, key = partial(population_page, site, audit), desk.keys.population(audit)
    yield Draft(
        POPULATION, "Population", about, lambda: Content(write("population", population())), ("navigation",), key=key
    )
    if not site.is_public and evidence is not None:
        everybody = partial(people_page, site, audit, evidence)
        yield Draft(PEOPLE, "People", f"Who did what in {name}", lambda: Content(write("people", everybody())), bare)
    yield _rules(desk, times_found(audit))


def _rules(desk: _Desk, times: Mapping[str, str]) -> Draft:
    """The catalogue of rules. How often each was found is put in at last."""

    def content(found: Mapping[str, str]) -> Content:
        return Content(desk.write("rules", rules_page(found, desk.site.chapters.definitions)), desk.papers.rules())

    marks = {code: Markup(mark(number)) for number, code in enumerate(times)}  # noqa: S704 (ours)
    return Draft(
        RULES,
        "Rules",
        "What each finding means, how it is computed, and the remedy",
        lambda: content(times),
        has_document=True,
        key=desk.keys.rules(tuple(times)) if desk.has_slots else "",
        hollow=lambda: content(marks),
        slots=Slots(tuple(times.values())),
    )


def _last_pages(desk: _Desk) -> Iterator[Draft]:
    about = f"What the pages of {site_title(desk.site)} were made from"

    def make() -> Content:
        return Content(desk.write("made", made(desk.site)), desk.papers.made())

    yield Draft(MADE, "How this was made", about, make, has_document=True)


def site_title(site: Site) -> str:
    """The site's title: what the settings say, else the repository's name."""
    return site.record.settings.site.title or shown(site.record.facts.name)


def environment(own: Path | None = None) -> jinja2.Environment:
    """The templates; those of a folder of the repository's own come first.

    Raises:
        ConfigError: the folder is not there.
    """
    if own is None:
        return _shipped_templates()
    if not own.is_dir():
        raise ConfigError(f"site.templates names {own}, which is no folder", hint="name a folder of the repository")
    return _templates(ImmutableSandboxedEnvironment, own, shipped())


@cache
def _shipped_templates() -> jinja2.Environment:
    """The templates that come with the program, which are compiled once however often a site is made."""
    return _templates(jinja2.Environment, shipped(), kept=Beside())


def _templates(
    kind: type[jinja2.Environment], *folders: Path, kept: jinja2.BytecodeCache | None = None
) -> jinja2.Environment:
    return kind(
        bytecode_cache=kept,
        loader=jinja2.FileSystemLoader(list(map(str, folders))),
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
