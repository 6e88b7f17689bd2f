"""A record in the forms asked for; start reading here.

In: a repository, its record and an empty folder. Out: files in it, made one after the other: a long history fills
gigabytes, of which few megabytes are held at once. All forms rest on the record and on the audit of every release, and
a bundle on all of them and on git's own objects.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from checktrail.exports.audit import audit_document
from checktrail.exports.bundle import Member, TooLargeError, members_in_force, schemas, write_bundle
from checktrail.exports.evidence import Grounds, index_document
from checktrail.exports.forms import FORMS, MEASURED_FORMS, File, in_pieces, portfolio_form, record_file
from checktrail.exports.metrics import metrics_document
from checktrail.exports.objects import contents, files_in_force, objects_shown
from checktrail.exports.provenance import FileInForce, run_form
from checktrail.exports.record import record_outline
from checktrail.exports.rows import Sources
from checktrail.exports.wire import indented_in_parts
from checktrail.garbage import uncollected
from checktrail.git import Repository
from checktrail.inquiry import inquire
from checktrail.measuring import measured
from checktrail.record import Record

BUNDLE: Final = "evidence.zip"
EVERY_FORM: Final = (*FORMS, *MEASURED_FORMS, "bundle")
_PIECE: Final = 1 << 20
_NAME: Final = attrgetter("name")


class Exported(NamedTuple):
    """The names of the files that were made, and why there is no bundle among them though one was asked for."""

    names: tuple[str, ...]
    left_out: str = ""


def exported(
    repository: Repository, record: Record, forms: Container[str], folder: Path, *, is_given_epoch: bool = False
) -> Exported:
    """The files of some of `EVERY_FORM`, which are put into a folder.

    `is_given_epoch` says that SOURCE_DATE_EPOCH gave the record its moment. When something is raised, the folder holds
    what was made until then. A bundle that would be too large to be checked is left out where there are other forms.

    Raises:
        InvariantError: counts that must agree do not.
        ConfigError: HEAD's policy cannot be read.
        GitError: an object that a bundle has to show is missing.
        OutputError: the disk is full, or all that was asked for is a bundle that would be too large.
    """
    wanted = [form for form in EVERY_FORM if form in forms]
    return _made(_making(repository, record, wanted, is_given_epoch=is_given_epoch), wanted, folder)


def exported_portfolio(repository: Repository, record: Record) -> dict[str, Any]:
    """What a portfolio needs of a repository: the document that its export holds."""
    making = _making(repository, record, ["portfolio"], is_given_epoch=False)
    found: dict[str, Any] = json.loads(json.dumps(portfolio_form(_sources(making)[0], making.metrics())))
    return found


def arguments(wanted: Sequence[str]) -> list[str]:
    """What was asked for, without where it goes: a file's place changes none of its bytes."""
    return ["export", *(f"--as={form}" for form in wanted)]


class _Making(NamedTuple):
    """What everything is made from."""

    repository: Repository
    record: Record
    files: tuple[FileInForce, ...]
    outline: dict[str, Any]

    def metrics(self) -> dict[str, Any]:
        with uncollected():
            return metrics_document(measured(self.repository, self.record))


def _making(repository: Repository, record: Record, wanted: Sequence[str], *, is_given_epoch: bool) -> _Making:
    files = files_in_force(repository, record.settings)
    run = run_form(record, files, arguments(wanted), is_given_epoch=is_given_epoch)
    with uncollected():
        return _Making(repository, record, files, record_outline(record, run))


def _sources(making: _Making) -> tuple[Sources, Grounds]:
    record, outline = making.record, making.outline
    with uncollected():
        found = inquire(making.repository, record)
        audited = audit_document(found, outline["run"]["arguments"])
    return Sources(record, outline, found.audit, audited), Grounds(record, found, making.files)


def _made(making: _Making, wanted: Sequence[str], folder: Path) -> Exported:
    if wanted == ["json"]:
        return Exported(tuple(_put([record_file(making.outline, making.record)], folder)))
    told = making.metrics() if MEASURED_FORMS.keys() & set(wanted) else {}
    sources, grounds = _sources(making)
    names: list[str] = []
    for form in wanted:
        if form in FORMS:
            names += _put(FORMS[form](sources), folder)
        elif form in MEASURED_FORMS:
            names += _put(MEASURED_FORMS[form](sources, told), folder)
    if "bundle" not in wanted:
        return Exported(tuple(names))
    with TemporaryDirectory(dir=folder) as apart:
        try:
            _write_bundle(making, grounds, _exports(sources, wanted, folder, Path(apart)), folder / BUNDLE)
        except TooLargeError as error:
            if not names:
                raise
            return Exported(tuple(names), error.sentence)
    return Exported((*names, BUNDLE))


def _put(files: Iterable[File], folder: Path) -> Iterator[str]:
    for name, put in files:
        put(folder / name)
        yield name


def _exports(sources: Sources, wanted: Sequence[str], folder: Path, apart: Path) -> dict[str, Path]:
    """All exports that stand in a bundle, by their names there: some lie in the folder, the others are made apart."""
    found: dict[str, Path] = {}
    for form, make in FORMS.items():
        for name, put in make(sources):
            place = (folder if form in wanted else apart) / name
            if form not in wanted:
                put(place)
            found[f"data/csv/{name}" if form == "csv" else f"data/{name}"] = place
    return found


def _write_bundle(making: _Making, grounds: Grounds, exports: Mapping[str, Path], path: Path) -> None:
    """A bundle of exports, beside them their index and the objects that it speaks of.

    Raises:
        TooLargeError: nobody could check it.
    """
    run, named = making.outline["run"], objects_shown(making.repository, grounds)
    with TemporaryDirectory(dir=path.parent) as apart:
        index = Path(apart, "index.json")
        in_pieces(piece.encode("ascii") for piece in indented_in_parts(index_document(grounds, run)))(index)
        places = {**exports, "data/index.json": index}
        made = [Member(name, place.stat().st_size, partial(_pieces, place)) for name, place in places.items()]
        others = sorted([*made, *members_in_force(making.files), *schemas()], key=_NAME)
        found = contents(making.repository, named)
        objects = [Member(f"data/objects/{one.kind}/{one.id}", one.size, lambda: [next(found)]) for one in named]
        with path.open("x+b") as stream:
            write_bundle(stream, list(heapq.merge(others, objects, key=_NAME)), run)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
