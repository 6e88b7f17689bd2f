"""What the search of a site is to find of a page: its words, without most of its markup. Pure.

In: HTML of ours. Out: paragraphs. An indexer reads every tag, and would need more time for our pages than all the rest
of a build; it keeps little more than their text.
"""

from __future__ import annotations

import re

_NOT_SEARCHED = re.compile(
    r'<section class="ct-text".*?</section>|<figure class="ct-figure">.*?</figure>|<svg class="ct-bar".*?</svg>'
    r"|<button .*?</button>|<(p|dl) [^>]*data-search-exclude.*?</\1>",
    re.DOTALL,
)
_ENDS = re.compile(r"</(?:p|li|dt|dd|tr|div|pre|h[1-6]|summary|caption|th|td)>|<br>")
_TAG = re.compile(r"<[^>]*>")


def words(html: str) -> str:
    """One paragraph with the words that a reader sees, or nothing; signs stay escaped as they are."""
    said = _TAG.sub("", _ENDS.sub(" ", _NOT_SEARCHED.sub("", html)))
    folded = " ".join(said.split())
    return f"<p>{folded}</p>" if folded else ""
