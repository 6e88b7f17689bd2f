"""A document to its source tree, as the plugin hands it over.

In: a `checktrail.portfolio/1` file. Out: the tree in the cache folder, its navigation, and what to watch.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from checktrail.portfolio.foreign import read_export
from checktrail.portfolio.pages import pages
from checktrail.portfolio.summary import portfolio
from checktrail.portfolio.views.atlas import MADE, METRIC_PAGE, RELEASES, VERDICT_PAGE, Atlas, atlas
from checktrail.site.pages import environment
from checktrail.site.source import Made
from checktrail.site.tree import Tree, write_tree
from checktrail.store import cache_folder


def make_portfolio(file: Path, *, folders: bool = False, home: str = "index") -> Made:
    """The source tree of a portfolio's document, written anew where something changed.

    Raises:
        InputError: the document cannot be read or is not as its schema says.
        OutputError: the tree cannot be written.
    """
    it = atlas(portfolio(read_export(file)), folders=folders, home=home)
    tree = write_tree(pages(it, environment()), tree_folder(file, folders=folders, home=home))
    return Made(tree, it.told(it.portfolio.title), it.portfolio.as_of, _navigation(it, tree), (file,))


def tree_folder(file: Path, *, folders: bool, home: str) -> Path:
    """Where the tree of a document is kept: one for each form of addresses."""
    name = sha256(str(file.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return cache_folder() / "portfolio" / f"{name}-{'folders' if folders else 'files'}-{home}"


def _navigation(it: Atlas, tree: Tree) -> list[Any]:
    """Five entries; repositories are reached through the first page, whose table has them all."""
    entries = {"Repositories": it.to.home, "Releases": RELEASES, "Verdicts": VERDICT_PAGE, "Metrics": METRIC_PAGE}
    entries["Sources"] = MADE
    return [{name: f"{page}.md"} for name, page in entries.items() if page in tree.pages]
