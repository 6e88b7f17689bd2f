"""Bytes to checklists, each content parsed once in its life.

In: contents by the blob id that git gives them, and the store. Out: a `Checklist` for each. What the store remembers is
not parsed again; many that it does not are shared out among processes, for parsing is all computing.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from checktrail.garbage import uncollected
from checktrail.model import Checklist
from checktrail.parse import PARSER_VERSION, read
from checktrail.store import Store, pack, unpack

_KIND = "checklist"
# Below this many bytes a second process costs more than it brings.
WORTH_SHARING = 400_000
_SHARE = 100

In = TypeVar("In")
Out = TypeVar("Out")


def checklists(contents: Mapping[str, bytes], store: Store) -> dict[str, Checklist]:
    """The checklist that each content is, by the content's key."""
    with uncollected():
        return _checklists(contents, store)


def known(keys: Iterable[str], store: Store) -> dict[str, bytes]:
    """The packed checklists that the store remembers, by their contents' keys."""
    return store.get(_KIND, PARSER_VERSION, keys)


def remember(packed: Mapping[str, bytes], store: Store) -> None:
    """Have the store remember packed checklists by their contents' keys."""
    store.put(_KIND, PARSER_VERSION, packed)


def checklist_in(content: bytes, packed: bytes | None) -> Checklist:
    """The checklist that a content is, unpacked where that is known and sound."""
    if packed is not None:
        with contextlib.suppress(ValueError, TypeError, KeyError, IndexError):  # a damaged value is made again
            return unpack(packed, Checklist)
    return read(content)


def _checklists(contents: Mapping[str, bytes], store: Store) -> dict[str, Checklist]:
    found: dict[str, Checklist] = {}
    for key, packed in known(contents, store).items():
        with contextlib.suppress(ValueError, TypeError, KeyError, IndexError):  # a damaged value is made again
            found[key] = unpack(packed, Checklist)
    missing = [(key, content) for key, content in contents.items() if key not in found]
    for share in shared(_share, missing, sum(len(content) for _, content in missing)):
        remember(share, store)
        found.update((key, unpack(packed, Checklist)) for key, packed in share.items())
    return found


def _share(contents: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    return {key: pack(read(content)) for key, content in contents}


def shared(work: Callable[[Sequence[In]], Out], pieces: Sequence[In], size: int) -> Iterator[Out]:
    """What some work makes of pieces, a share of them at a time and in their order.

    Many (`size`: their bytes) are shared out among processes; the pieces and what is made of them must then be such as
    can be sent to another process. The work itself need not.
    """
    shares = [pieces[start : start + _SHARE] for start in range(0, len(pieces), _SHARE)]
    workers = min(_processors(), len(shares)) if size > WORTH_SHARING else 1
    # A fork of a process with threads may hang; without a fork, starting a process costs more than it brings.
    if workers > 1 and threading.active_count() == 1 and _can_fork():
        yield from _among(workers, work, shares)
    else:
        yield from map(work, shares)


def _can_fork() -> bool:
    import multiprocessing

    return "fork" in multiprocessing.get_all_start_methods()


def _among(workers: int, work: Callable[[Sequence[In]], Out], shares: Sequence[Sequence[In]]) -> Iterator[Out]:
    # Most runs have little to read, and these two take longer to import than they do.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_take_up, initargs=(work,)) as pool:
        yield from pool.map(_do, shares)


_work: Callable[[Any], Any] | None = None
"""What a process of ours does: handed over by the fork, so that it need not be such as can be sent."""


def _take_up(work: Callable[[Any], Any]) -> None:
    global _work  # noqa: PLW0603 -- each process of the pool has its own, set once
    _work = work


def _do(share: Any) -> Any:
    assert _work is not None  # noqa: S101 -- every process of the pool takes it up first
    return _work(share)


def _processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every platform
        return os.cpu_count() or 1
