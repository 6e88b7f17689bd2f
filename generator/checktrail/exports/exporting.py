"""A record in the forms asked for; start reading here.

In: a repository and its record. Out: file names with their bytes. The record's document comes first; all other forms
rest on it and on the audit of every release, and a bundle on all of them and on git's own objects.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Final

from checktrail.exports.audit import audit_document
from checktrail.exports.bundle import encoded_bundle, payload
from checktrail.exports.evidence import index_document
from checktrail.exports.forms import FORMS, MEASURED_FORMS, files_by_form, measured_files, record_file
from checktrail.exports.metrics import metrics_document
from checktrail.exports.objects import files_in_force, objects_shown
from checktrail.exports.provenance import FileInForce, run_form
from checktrail.exports.record import record_document
from checktrail.exports.rows import Sources
from checktrail.exports.wire import encoded
from checktrail.garbage import uncollected
from checktrail.git import Repository
from checktrail.inquiry import Inquiry, inquire
from checktrail.measuring import measured
from checktrail.record import Record

BUNDLE: Final = "evidence.zip"
EVERY_FORM: Final = (*FORMS, *MEASURED_FORMS, "bundle")


def exported(
    repository: Repository, record: Record, forms: Container[str], *, is_given_epoch: bool = False
) -> dict[str, bytes]:
    """The files of some of `EVERY_FORM`, by name.

    `is_given_epoch` says that SOURCE_DATE_EPOCH gave the record its moment.

    Raises:
        InvariantError: counts that must agree do not.
        ConfigError: HEAD's policy cannot be read.
        GitError: an object that a bundle has to show is missing.
    """
    wanted = [form for form in EVERY_FORM if form in forms]
    files = files_in_force(repository, record.settings)
    run = run_form(record, files, arguments(wanted), is_given_epoch=is_given_epoch)
    with uncollected():
        return _made(repository, record, files, record_document(record, run), wanted)


def _made(
    repository: Repository,
    record: Record,
    files: tuple[FileInForce, ...],
    frozen: dict[str, Any],
    wanted: Sequence[str],
) -> dict[str, bytes]:
    if wanted == ["json"]:
        return record_file(frozen)
    found = inquire(repository, record)
    sources = Sources(record, frozen, found.audit, audit_document(found, frozen["run"]["arguments"]))
    others: dict[str, dict[str, bytes]] = {}
    if MEASURED_FORMS.keys() & set(wanted):
        others = measured_files(sources, metrics_document(measured(repository, record)), wanted)
    if "bundle" not in wanted:
        return _joined(files_by_form(sources, wanted) | others, wanted)
    made = files_by_form(sources, FORMS)
    return {**_joined(made | others, wanted), BUNDLE: _bundle(repository, sources, found, files, made)}


def arguments(wanted: Sequence[str]) -> list[str]:
    """What was asked for, without where it goes: a file's place changes none of its bytes."""
    return ["export", *(f"--as={form}" for form in wanted)]


def _joined(made: dict[str, dict[str, bytes]], wanted: Sequence[str]) -> dict[str, bytes]:
    return {name: content for form, files in made.items() if form in wanted for name, content in files.items()}


def _bundle(
    repository: Repository,
    sources: Sources,
    found: Inquiry,
    files: tuple[FileInForce, ...],
    made: dict[str, dict[str, bytes]],
) -> bytes:
    run: dict[str, Any] = sources.frozen["run"]
    index = index_document(sources.record, found, files, run)
    whole = {
        f"csv/{name}" if form == "csv" else name: content
        for form, exports in made.items()
        for name, content in exports.items()
    }
    whole["index.json"] = encoded(index).encode("ascii")
    return encoded_bundle(payload(whole, objects_shown(repository, index), files), run)
