"""Bytes to checklists, each content parsed once in its life.

In: contents by the blob id that git gives them, and the store. Out: a `Checklist` for each. What the store remembers is
not parsed again; many that it does not are shared out among processes, for parsing is all computing.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor

from checktrail.garbage import uncollected
from checktrail.model import Checklist
from checktrail.parse import PARSER_VERSION, read
from checktrail.store import Store, pack, unpack

_KIND = "checklist"
# Below this many bytes a second process costs more than it brings.
WORTH_SHARING = 400_000
_SHARE = 100


def checklists(contents: Mapping[str, bytes], store: Store) -> dict[str, Checklist]:
    """The checklist that each content is, by the content's key."""
    with uncollected():
        return _checklists(contents, store)


def _checklists(contents: Mapping[str, bytes], store: Store) -> dict[str, Checklist]:
    found: dict[str, Checklist] = {}
    for key, packed in store.get(_KIND, PARSER_VERSION, contents).items():
        with contextlib.suppress(ValueError, TypeError, KeyError, IndexError):  # a damaged value is made again
            found[key] = unpack(packed, Checklist)
    missing = [(key, content) for key, content in contents.items() if key not in found]
    for share in _packed(missing):
        store.put(_KIND, PARSER_VERSION, share)
        found.update((key, unpack(packed, Checklist)) for key, packed in share.items())
    return found


def _packed(missing: Sequence[tuple[str, bytes]]) -> Iterator[dict[str, bytes]]:
    shares = [missing[start : start + _SHARE] for start in range(0, len(missing), _SHARE)]
    workers = min(_processors(), len(shares))
    # A fork of a process with threads may hang; without a fork, starting a process costs more than it brings.
    can_fork = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
    if workers > 1 and can_fork and sum(len(content) for _, content in missing) > WORTH_SHARING:
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
            yield from pool.map(_share, shares)
    else:
        yield from map(_share, shares)


def _share(contents: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    return {key: pack(read(content)) for key, content in contents}


def _processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every platform
        return os.cpu_count() or 1
