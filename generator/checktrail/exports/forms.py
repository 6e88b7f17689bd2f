"""The forms that a record is exported in: each makes one file or several. Pure.

In: the record, its audit and their documents. Out: file names with their bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any, Final

from checktrail.exports.audit_report import audit_report
from checktrail.exports.csv import encoded_csv
from checktrail.exports.intoto import encoded_statements
from checktrail.exports.oscal import oscal_document
from checktrail.exports.record import encoded_record
from checktrail.exports.reports import FORMATS as REPORTS
from checktrail.exports.rows import Sources
from checktrail.exports.sqlite import encoded_sqlite
from checktrail.exports.tables import Table, tables
from checktrail.exports.wire import encoded

RECORD: Final = "record.json"


def record_file(frozen: Mapping[str, Any]) -> dict[str, bytes]:
    """The record alone, which needs no audit."""
    return {RECORD: "".join(encoded_record(frozen)).encode("ascii")}


def files_by_form(sources: Sources, wanted: Container[str]) -> dict[str, dict[str, bytes]]:
    """The files of some forms; tables are made once for all that hold them."""
    made = tables(sources) if "csv" in wanted or "sqlite" in wanted else ()
    return {form: make(sources, made) for form, make in FORMS.items() if form in wanted}


def _audit(sources: Sources, _: tuple[Table, ...]) -> dict[str, bytes]:
    return {"audit.json": encoded(dict(sources.audited)).encode("ascii")}


def _csv(_: Sources, made: tuple[Table, ...]) -> dict[str, bytes]:
    return {f"{table.name}.csv": encoded_csv(table) for table in made}


def _sqlite(_: Sources, made: tuple[Table, ...]) -> dict[str, bytes]:
    return {"checktrail.sqlite": encoded_sqlite(made)}


def _intoto(sources: Sources, _: tuple[Table, ...]) -> dict[str, bytes]:
    return {"releases.intoto.jsonl": "".join(encoded_statements(sources.frozen, sources.audited)).encode("ascii")}


def _oscal(sources: Sources, _: tuple[Table, ...]) -> dict[str, bytes]:
    return {"oscal-assessment-results.json": encoded(oscal_document(sources.frozen, sources.audited)).encode("ascii")}


def _sarif(sources: Sources, _: tuple[Table, ...]) -> dict[str, bytes]:
    return {"audit.sarif": REPORTS["sarif"](audit_report(sources.audit)).encode()}


def _junit(sources: Sources, _: tuple[Table, ...]) -> dict[str, bytes]:
    return {"audit.junit.xml": REPORTS["junit"](audit_report(sources.audit)).encode()}


FORMS: Final[Mapping[str, Callable[[Sources, tuple[Table, ...]], dict[str, bytes]]]] = {
    "json": lambda sources, _: record_file(sources.frozen),
    "audit": _audit,
    "csv": _csv,
    "sqlite": _sqlite,
    "in-toto": _intoto,
    "oscal": _oscal,
    "sarif": _sarif,
    "junit": _junit,
}
