"""View models to pages, through the site's templates in `portfolio/`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import jinja2

from checktrail.portfolio.views.atlas import MADE, METRIC_PAGE, RELEASES, VERDICT_PAGE, Atlas
from checktrail.portfolio.views.figures import side_by_side
from checktrail.portfolio.views.home import home
from checktrail.portfolio.views.made import made
from checktrail.portfolio.views.releases import newest, of_year, year_page, years
from checktrail.portfolio.views.repository import repository_page
from checktrail.portfolio.views.verdicts import verdicts
from checktrail.site.drafts import Page
from checktrail.site.pages import written


def pages(it: Atlas, templates: jinja2.Environment) -> Iterator[Page]:
    """Every page that has something to say."""
    write = partial(written, templates, "")
    name, found = it.told(it.portfolio.title), it.portfolio.repositories
    wide = ("navigation", "toc")
    yield Page(it.to.home, name, f"Where the repositories of {name} stand", write("portfolio/home", home(it)), wide)
    if any(each.releases for each in found):
        yield Page(
            RELEASES, "Releases", f"The latest releases of {name}", write("portfolio/releases", newest(it)), wide
        )
        for year in years(it):
            html = write("portfolio/releases", of_year(it, year))
            yield Page(year_page(year), f"Releases of {year}", f"All releases of {year} in {name}", html, wide)
        about = f"What the audit made of the releases of {name}"
        yield Page(VERDICT_PAGE, "Verdicts", about, write("portfolio/verdicts", verdicts(it)), wide)
    if (figures := side_by_side(it)).columns:
        about = f"Release metrics of {name} side by side, each with its grade"
        yield Page(METRIC_PAGE, "Metrics", about, write("portfolio/metrics", figures), wide)
    for each in found:
        about = f"{it.told(each.name)}: releases, verdicts, completion, figures"
        html = write("portfolio/repository", repository_page(it, each))
        yield Page(it.page(each), it.told(each.name), about, html, ("navigation",), boost=2)
    about = f"What the pages of {name} were made from"
    yield Page(MADE, "Where this comes from", about, write("portfolio/made", made(it)), wide)
