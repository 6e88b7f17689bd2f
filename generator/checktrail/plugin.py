"""MkDocs and ProperDocs: hands the source tree's pages over; writes nothing into `docs/`.

The same middle as the command line's: read the record, write the tree into the cache folder, and add its files to the
site that is being built, beside the site's own pages.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import jinja2
from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import nest_paths
from mkdocs.utils.templates import TemplateContext

from checktrail.binder import Binder, OurFile
from checktrail.blocks import filled
from checktrail.errors import ChecktrailError, shown
from checktrail.site.compiled import Compiled, Visible
from checktrail.site.folders import shipped
from checktrail.site.frames import is_known
from checktrail.site.places import put_aside, put_back
from checktrail.site.searched import words
from checktrail.site.source import Made, make
from checktrail.site.tree import ASSETS

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

Nav: TypeAlias = list[Any]

# `file:` stands beside 'self' for readers who open the site from a folder; over the web it allows nothing.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file: data:; "
    "font-src 'self' file:; connect-src 'self' file:; worker-src 'self' file:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""What a page of ours may load and run: its own site's files, and pictures that stand in its own style sheet."""

_log = get_plugin_logger("checktrail")


class Options(Config):  # type: ignore[no-untyped-call]  # MkDocs leaves its base class untyped
    """The plugin's options in `mkdocs.yml`."""

    repository = config_options.Type(str, default="")
    """The repository, relative to the configuration file; empty: the one that holds it."""
    portfolio = config_options.Type(str, default="")
    """A `checktrail.portfolio/1` file whose pages are added in place of a repository's; empty: none."""
    navigation = config_options.Type(bool, default=True)
    """Whether our pages are added to the navigation, where that names none of them."""
    policy = config_options.Type(bool, default=False)
    """Whether every page carries a strict Content-Security-Policy; scripts of the site's own must then be files."""
    accessible = config_options.Type(bool, default=True)
    """Whether Material's known faults for keyboards and screen readers are mended on every page."""
    allow_shallow = config_options.Type(bool, default=False)
    """Whether a clone whose history is cut off has pages too, each of which says so."""


class ChecktrailPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]  # MkDocs leaves it untyped
    """Adds the release pages of a repository to a site."""

    made: Made | None = None
    stands: Path | None = None
    """Where a finished site is, of which unchanged files are taken over."""
    _skeleton: str | None = None
    _is_dirty = False
    _is_live = False
    _site_dir = Path()
    _compiled = Compiled()
    _binder: Binder | None = None

    def on_startup(self, *, command: str = "", dirty: bool = False, **_: Any) -> None:
        """Being here keeps this object, and what it remembers, alive between the rebuilds of `serve`."""
        self._is_dirty, self._is_live = dirty, command == "serve"

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Make the source tree, and let the builder know our extension, style and script."""
        docs = Path(config.docs_dir)
        home = "status" if (docs / "index.md").exists() or (docs / "README.md").exists() else "index"
        try:
            self.made = self._made(config, home)
        except ChecktrailError as error:
            raise PluginError(shown(f"{error.sentence}{f' ({error.hint})' if error.hint else ''}")) from error
        config.markdown_extensions.append("checktrail.blocks")
        config.mdx_configs["checktrail.blocks"] = {"folder": str(self.made.tree.blocks), "keep": True}
        config.extra_css.append(f"{ASSETS}/checktrail.css")
        config.extra_javascript.append(f"{ASSETS}/checktrail.js")
        config.extra["checktrail"] = {
            "policy": POLICY if self.config.policy else "",
            "feeds": [path for path in ("feed.xml", "feed.json") if path in self.made.tree.assets],
        }
        if config.theme.name == "material":
            self._adapt_material(config)
        return config

    def _made(self, config: MkDocsConfig, home: str) -> Made:
        start = Path(config.config_file_path).parent if config.config_file_path else Path.cwd()
        if self.config.portfolio:
            from checktrail.portfolio.source import make_portfolio  # only few sites are of one

            return make_portfolio(start / self.config.portfolio, folders=config.use_directory_urls, home=home)
        return make(
            start / self.config.repository,
            folders=config.use_directory_urls,
            home=home,
            allow_shallow=self.config.allow_shallow,
            files_too=self._is_live,
        )

    def _adapt_material(self, config: MkDocsConfig) -> None:
        make = config.theme.get_env

        def get_env() -> jinja2.Environment:
            env = make()
            env.loader, env.bytecode_cache = Visible(config.theme.dirs), self._compiled
            return env

        config.theme.get_env = get_env  # type: ignore[method-assign]  # MkDocs has no event before it lists the theme
        theme = str(shipped() / "theme")
        if self.config.policy and theme not in config.theme.dirs:
            # Behind the site's own overrides, before Material itself.
            config.theme.dirs.insert(1 if config.theme.custom_dir else 0, theme)
        if not config.use_directory_urls:
            # Material's offline plugin would fetch a polyfill of this name from elsewhere.
            config.extra.setdefault("polyfills", []).append(f"{ASSETS}/iframe-worker.js")
            config.extra.setdefault("homepage", "index.html")  # without a server a folder opens no page
        if not config.site_url:
            # Both hold absolute addresses only, and there are none.
            config.theme.static_templates -= {"404.html", "sitemap.xml"}

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """`serve` builds in place: what stands there is put aside, for unchanged files to be taken over from it."""
        if self._is_live and not self._is_dirty:
            self._site_dir = Path(config.site_dir)
            self.stands = put_aside(self._site_dir)

    @event_priority(100)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add our files; a page of the site's own under the same name stays and is said."""
        assert self.made is not None  # noqa: S101 (MkDocs calls on_config first)
        if not is_known(config):
            self.made.tree.settle()  # others may read it from here on
        theirs = [file.src_uri for file in files.documentation_pages()]
        for uri in (*(f"{name}.md" for name in self.made.tree.pages), *self.made.tree.assets):
            if files.get_file_from_path(uri) is not None:
                if uri.endswith(".md"):
                    _log.warning(f"{uri} is there already; the page of that name is left out")
                continue
            file = OurFile.generated(config, uri, abs_src_path=str(self.made.tree.docs / uri))
            file.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(file)
        if self.config.navigation:
            config.nav = _navigation(config.nav, theirs, self.made.navigation)
        sitemap = files.get_file_from_path("sitemap.xml")
        if sitemap is not None and not config.site_url:
            files.remove(sitemap)  # a template of the theme that nothing renders without an address
        for uri in _named(config.nav):
            found = files.get_file_from_path(uri)
            if found is not None and found.inclusion is InclusionLevel.NOT_IN_NAV:
                found.inclusion = InclusionLevel.INCLUDED
        return files

    @event_priority(-100)
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Keep from the builder what it would make as before."""
        self._end()
        if self.made is not None and not self._is_dirty:
            self._binder = Binder.of(self.made.tree, config, nav, files, self.stands)
        if self.made is not None:
            made_here = (file.src_uri.removesuffix(".md") for file in files.documentation_pages())
            self.made.tree.settle(made_here if self._binder is not None else None)
        return nav

    def on_env(self, env: jinja2.Environment, **_: Any) -> jinja2.Environment:
        """Let the theme's templates be compiled once, however often the site is made."""
        if env.bytecode_cache is None:
            env.bytecode_cache = self._compiled
        return env

    @event_priority(100)
    def on_pre_page(self, page: Page, **_: Any) -> Page:
        """From here on what is warned of is this page's."""
        if self._binder is not None:
            self._binder.begin(page)
        return page

    @event_priority(100)
    def _lighten(self, context: TemplateContext, *, page: Page, **_: Any) -> TemplateContext:
        """Let the search see only the words it is to find: reading our HTML would take most of the time of a build."""
        if self._binder is not None:
            self._binder.begin(page)
        if self.made is not None and page.content and self._is_ours(page):
            self._skeleton = page.content
            page.content = filled(page.content, self.made.tree.blocks, words)
        return context

    @event_priority(-100)
    def _restore(self, context: TemplateContext, **_: Any) -> TemplateContext:
        """Whole from here on: for the theme, and for whoever looks at the page that it makes."""
        page = context["page"]
        if self._binder is not None and page is not None:
            self._binder.searched(page)
        if self.made is not None and self._skeleton is not None and page is not None:
            page.content, self._skeleton = self._skeleton, None
            if self._binder is None:
                page.content = filled(page.content, self.made.tree.blocks)
        return context

    on_page_context = CombinedEvent(_lighten, _restore)

    def _is_ours(self, page: Page) -> bool:
        return self.made is not None and page.file.src_uri.removesuffix(".md") in self.made.tree.pages

    @event_priority(100)
    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Mend what Material leaves unnamed or named wrongly; where frames are kept, put the blocks in at last."""
        mend = self.config.accessible and config.theme.name == "material"
        html = mended(output) if mend else output
        if not self._is_ours(page):
            return html
        whole = self._binder.bound(page, html) if self._binder else html
        page.content = None  # all pages at once would not fit into some machines' memory
        return whole

    def on_template_context(self, context: TemplateContext, **_: Any) -> TemplateContext:
        """Let the site's map and other templates see every page."""
        if self._binder is not None:
            context["pages"] = self._binder.pages
        return context

    @event_priority(100)
    def on_post_build(self, **_: Any) -> None:
        """Before the search writes its index: complete it."""
        if self._binder is not None:
            self._binder.complete_search()
        self._end()
        if self._is_live and self.stands is not None:
            shutil.rmtree(self.stands, ignore_errors=True)

    def on_build_error(self, **_: Any) -> None:
        """Nothing stays open; what is served stays whole."""
        self._end()
        if self._is_live and self.stands is not None:
            put_back(self.stands, self._site_dir)

    def _end(self) -> None:
        if self._binder is not None:
            self._binder.close()
        self._binder = None

    @event_priority(-100)
    def on_serve(self, server: LiveReloadServer, **_: Any) -> LiveReloadServer:
        """Watch what our pages are made from: the checklists and the references; serve on when a rebuild fails."""
        server.builder = partial(_rebuilt, server.builder)
        if self.made is not None:
            _watch_closely(server, self.made.watched)
        return server


_CLOSELY, _FEW = 0.2, 50


def _watch_closely(server: LiveReloadServer, paths: Sequence[Path]) -> None:
    """Look at some paths five times a second, where MkDocs looks twice: who ticks a box waits for it.

    Each takes a thread, so that many are left to MkDocs.
    """
    theirs = server.observer
    if len(paths) <= _FEW:
        server.observer = type(theirs)(timeout=_CLOSELY)
    for path in paths:
        server.watch(str(path))
    if server.observer is not theirs:
        server.observer.start()  # it ends with the process; MkDocs stops its own
    server.observer = theirs


def _rebuilt(build: Callable[[], None]) -> None:
    """Make the site of a server anew. MkDocs' server would answer nobody until a rebuild that failed is mended."""
    try:
        build()
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever it is, the author mends it while we serve)
        _log.error(f"the site could not be made anew, and the one of before is served: {shown(error)}")


def mended(html: str) -> str:
    """A page of Material's whose landmarks and dialogs have names of their own and no attribute they may not have."""
    html = _EXPANDED.sub(r"\1", html)
    html = _COMPLETED.sub(r"\1", html).replace(' tabindex="">', ">")
    if _CONTENTS_TOGGLE not in html:
        html = html.replace(_CONTENTS_LABEL, _CONTENTS_LABEL.removesuffix(' for="__toc"'))
    html = _SECTION.sub(lambda found: f'{found[1]} aria-label="{_TAG.sub("", found[3]).strip()}">{found[2]}', html)
    html = html.replace(_SEARCH, f'{_SEARCH} aria-label="Search"', 1)
    if html.count(_CONTENTS) > 1:
        html = html.replace(_CONTENTS, f'{_CONTENTS[:-1]}, in the menu"', 1)
    return html


# Browsers complete words in a field, not in a box; a label is for a field that is there.
_COMPLETED = re.compile(r'(<input class="md-toggle"[^>]*?) autocomplete="off"')
_CONTENTS_TOGGLE = 'id="__toc"'
_CONTENTS_LABEL = '<label class="md-nav__title" for="__toc"'
_EXPANDED = re.compile(r'(<nav class="md-nav"[^>]*?) aria-expanded="[a-z]+"')
# A section with a page of its own is named by a label that holds an icon and no word; its title stands inside.
_SECTION = re.compile(
    r'(<nav class="md-nav" data-md-level="\d+") aria-labelledby="[^"]*">'
    r'(\s*<label class="md-nav__title" for="[^"]*">\s*<span class="md-nav__icon md-icon"></span>([^"]*?)</label>)'
)
_TAG = re.compile(r"<[^>]+>")
_SEARCH = '<div class="md-search" data-md-component="search" role="dialog"'
_CONTENTS = '<nav class="md-nav md-nav--secondary" aria-label="Table of contents"'


def _navigation(nav: Nav | None, theirs: list[str], ours: Nav) -> Nav:
    """The site's own navigation with ours behind it; as it is when it names a page of ours already."""
    known = set(_named(ours))
    if nav is not None:
        return nav if known & set(_named(nav)) else [*nav, *ours]
    nested = nest_paths(theirs)  # type: ignore[no-untyped-call]  # MkDocs leaves it untyped
    return [*nested, *ours]


def _named(nav: object) -> list[str]:
    """The pages that a navigation names, however deep."""
    if isinstance(nav, str):
        return [nav]
    if isinstance(nav, dict):
        return [name for part in nav.values() for name in _named(part)]
    return [name for part in nav for name in _named(part)] if isinstance(nav, list) else []
