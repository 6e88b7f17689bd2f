"""The site that stands where the next one goes: files of it that would be the same are taken over, not made again.

In: a site's place, and for each of its files what it was made from, as a digest. Out: hard links in the next site,
until the earlier one is gone. A file that was touched since it was put there, or that the file system does not let us
link, is made. What each was made from is noted in a store, and may be lost at any time.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from checktrail.site.leaves import stamp_at
from checktrail.store import Store

_KIND, _VERSION = "site", "1"


class EarlierSite:
    """The site in a place, and the notes of the one that takes its place; without a place nothing is taken over.

    `address` is the site's on the web. One note is kept for each: who builds two by turns takes over nothing.
    """

    def __init__(self, store: Store, place: Path | None, address: str) -> None:
        self._store, self._place = store, place
        self._key = sha256(address.encode("utf-8", "surrogateescape")).hexdigest()
        self._files = self._read() if place else {}
        self._next: dict[str, list[str]] = {}

    def _read(self) -> dict[str, list[str]]:
        """Path to what a file was made from, and its stamp."""
        try:
            return dict(json.loads(self._store.get(_KIND, _VERSION, [self._key]).get(self._key, b"{}")))
        except (ValueError, TypeError):
            return {}

    def take_over(self, path: str, source: str, target: str) -> bool:
        """Link a file that was made from the same into the next site; whether it is there now."""
        known = self._files.get(path)
        if not source or known is None or known[0] != source or not _linked(f"{self._place}/{path}", target):
            return False
        if stamp_at(target) != known[1]:
            os.unlink(target)  # noqa: PTH108 -- a thousand at a time
            return False
        self._next[path] = known
        return True

    def note(self, path: str, source: str, target: str) -> None:
        """Note what a file of the next site was made from."""
        self._next[path] = [source, stamp_at(target)]

    def close(self) -> None:
        """Have all in the store that was noted."""
        if self._place:
            self._store.put(_KIND, _VERSION, {self._key: json.dumps(self._next).encode("ascii")})


def _linked(old: str, new: str) -> bool:
    """Give a file a second name, where that can be."""
    with suppress(OSError):
        try:
            os.link(old, new, follow_symlinks=False)
        except FileNotFoundError:  # of a thousand, only the first in a folder
            os.makedirs(os.path.dirname(new), exist_ok=True)  # noqa: PTH103, PTH120 -- as above
            os.link(old, new, follow_symlinks=False)
        return True
    return False
