"""A list's document to a finished site, put in place in one step.

In: a document, and the list that it is of. Out: the site. The document goes into the cache, where the plugin finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from checktrail.errors import OutputError
from checktrail.exports.forms import PORTFOLIO
from checktrail.exports.wire import encoded
from checktrail.portfolio.summary import portfolio
from checktrail.site.build import Built, built
from checktrail.site.engine import made_config
from checktrail.site.places import free_place
from checktrail.store import cache_folder
from checktrail.writing import replace_file


def build_portfolio(document: Mapping[str, Any], listing: Path, site_dir: Path, *, strict: bool = False) -> Built:
    """Build the site of a document and put it in place; with `strict`, only where the builder warned of nothing.

    Raises:
        OutputError: the place cannot be written or holds something that is no site; it is left as it was.
    """
    target = free_place(site_dir, [listing])
    found = portfolio(document)
    name = sha256(str(listing.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    folder = (cache_folder() / "portfolio" / name).absolute()  # the plugin looks from the configuration's folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the cache cannot be written: {folder}: {error.strerror or error}",
            hint="set CHECKTRAIL_CACHE_DIR to a folder that can be written",
        ) from error
    replace_file(folder, PORTFOLIO, encoded(dict(document)).encode("ascii"))
    config = made_config(folder, found.title, found.url, {"portfolio": str(folder / PORTFOLIO)})
    return built(config, target, found.as_of, strict=strict)
