"""What `status` tells of a file, short enough that a thousand are read at once, and remembered by content.

In: files and settings. Out: for each a `Summary` and, where it is wanted, its checklist as `--format json` has it.
A summary hangs on the file's content and path and on the settings of checklists; all of that is in the key.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zlib
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail import __version__
from checktrail.completion import Totals, totals
from checktrail.config import spelled
from checktrail.model import Binding, Checklist, Due, Item, Oddity, OddityKind, Phase, State
from checktrail.parse import PARSER_VERSION, with_phases
from checktrail.reading import checklist_in, known, remember, shared
from checktrail.store import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from checktrail.config import Settings
    from checktrail.store import Store
    from checktrail.worktree import WorkingFile

SUMMARY_VERSION: Final = "2"
"""Changes whenever the same file would be told of otherwise, so that nothing remembered outlives its making."""

WAITING: Final = 5
"""As many of the open items that the tag waits for are kept; the first of them are what is to be done next."""

SERIOUS: Final = frozenset(
    (
        OddityKind.NOT_UTF8,
        OddityKind.TOO_DEEP,
        OddityKind.TOO_LARGE,
        OddityKind.CONFLICT_MARKER,
        OddityKind.BAD_FRONT_MATTER,
    )
)


@dataclass(frozen=True, slots=True)
class Summary:
    """One checklist: what it is bound to and why, its counts, the first items that its tag waits for.

    `oddities` are the first of each serious kind.
    """

    path: str
    blob: str
    binding: Binding
    release: str | None
    reason: str
    totals: Totals
    waiting: tuple[Item, ...]
    oddities: tuple[Oddity, ...]


class Told(NamedTuple):
    """A summary, and the checklist as JSON, packed; empty where that was not asked for."""

    summary: Summary
    json: bytes

    @property
    def line(self) -> str:
        """The checklist as JSON."""
        return zlib.decompress(self.json).decode("ascii")


def summaries(files: Sequence[WorkingFile], settings: Settings, store: Store, *, as_json: bool) -> list[Told]:
    """What is told of each file, in their order; what is remembered is neither read nor judged again."""
    kind = "status-json" if as_json else "status"
    version = f"{__version__}/{PARSER_VERSION}/{SUMMARY_VERSION}"
    keys = _keys(files, settings)
    found: dict[str, Told] = {}
    for key, value in store.get(kind, version, keys).items():
        with contextlib.suppress(ValueError, TypeError, KeyError, IndexError):  # a damaged value is made again
            found[key] = _unpacked(value)
    missing = [(key, file) for key, file in zip(keys, files, strict=True) if key not in found]
    for parsed, made in _made(missing, settings, store, as_json=as_json):
        remember(parsed, store)
        store.put(kind, version, made)
        found.update((key, _unpacked(value)) for key, value in made.items())
    return [found[key] for key in keys]


def checklist_of(content: bytes, packed: bytes | None, settings: Settings) -> Checklist:
    """A file's checklist with the phases of the settings, from its packed form where that is known and sound."""
    return with_phases(checklist_in(content, packed), _phases(settings))


def _keys(files: Sequence[WorkingFile], settings: Settings) -> list[str]:
    """The name under which each file's summary is remembered."""
    facts = json.dumps(spelled(settings.checklists))
    names = (f"{facts}\0{file.blob}\0{file.path}" for file in files)
    return [hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest() for name in names]


def _unpacked(value: bytes) -> Told:
    head, _, line = value.partition(b"\n")
    return Told(unpack(head, Summary), line)


# --- made -----------------------------------------------------------------------------------------------------------


class _Text(NamedTuple):
    """A content that is to be told of, its packed checklist where that is known, and its files by their keys."""

    blob: str
    content: bytes
    packed: bytes | None
    paths: Mapping[str, str]


_Made = tuple[dict[str, bytes], dict[str, bytes]]
"""Packed checklists that were parsed just now, by blob, and packed summaries, by key."""


def _made(
    missing: Sequence[tuple[str, WorkingFile]], settings: Settings, store: Store, *, as_json: bool
) -> Iterator[_Made]:
    if not missing:
        return
    # Loaded here, so that processes that are forked off have it.
    from checktrail import binding
    from checktrail.exports import status
    from checktrail.parse import whole

    del binding, status, whole
    packed = known([file.blob for _, file in missing], store)
    texts: dict[str, _Text] = {}
    for key, file in missing:
        text = texts.setdefault(file.blob, _Text(file.blob, file.content, packed.get(file.blob), {}))
        texts[file.blob] = text._replace(paths={**text.paths, key: file.path})
    work = partial(_share, settings=settings, as_json=as_json)
    yield from shared(work, list(texts.values()), sum(len(text.content) for text in texts.values()))


def _share(texts: Sequence[_Text], settings: Settings, *, as_json: bool) -> _Made:
    parsed: dict[str, bytes] = {}
    made: dict[str, bytes] = {}
    for text in texts:
        checklist = checklist_in(text.content, text.packed)
        if text.packed is None:
            parsed[text.blob] = pack(checklist)
        placed = with_phases(checklist, _phases(settings))
        for key, path in text.paths.items():
            made[key] = _told(path, text.blob, placed, settings, as_json=as_json)
    return parsed, made


def _phases(settings: Settings) -> dict[str, Phase]:
    return {heading: Phase(phase) for heading, phase in settings.checklists.phases.items()}


def _told(path: str, blob: str, checklist: Checklist, settings: Settings, *, as_json: bool) -> bytes:
    from checktrail.binding import bind
    from checktrail.exports.status import encoded_checklist

    bound = bind(path, checklist, settings)
    serious = {oddity.kind: oddity for oddity in reversed(checklist.oddities) if oddity.kind in SERIOUS}
    summary = Summary(
        path=path,
        blob=blob,
        binding=bound.binding,
        release=bound.release,
        reason=bound.reason,
        totals=totals(checklist),
        waiting=tuple(islice(_wanted(checklist), WAITING)),
        oddities=tuple(serious.values()),
    )
    line = encoded_checklist(path, checklist, bound) if as_json else ""
    return pack(summary) + b"\n" + (zlib.compress(line.encode("ascii"), 1) if as_json else b"")


def _wanted(checklist: Checklist) -> Iterator[Item]:
    """The items that the tag waits for."""
    for item in checklist.items:
        if item.state is State.OPEN and not item.conditional and checklist.phase_of(item).due is Due.AT_TAG:
            yield item
