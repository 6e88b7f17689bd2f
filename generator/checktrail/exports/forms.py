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
from checktrail.exports.parquet import encoded_parquet
from checktrail.exports.portfolio import Documents, own_form, portfolio_document
from checktrail.exports.record import encoded_record
from checktrail.exports.reports import FORMATS as REPORTS
from checktrail.exports.rows import Sources
from checktrail.exports.sqlite import encoded_sqlite
from checktrail.exports.tables import Table, figures_table, tables
from checktrail.exports.wire import encoded

RECORD: Final = "record.json"
PORTFOLIO: Final = "portfolio.json"


def record_file(frozen: Mapping[str, Any]) -> dict[str, bytes]:
    """The record alone, which needs no audit."""
    return {RECORD: "".join(encoded_record(frozen)).encode("ascii")}


def files_by_form(sources: Sources, wanted: Container[str]) -> dict[str, dict[str, bytes]]:
    """The files of some forms; tables are made once for all that hold them."""
    made = tables(sources) if "csv" in wanted or "sqlite" in wanted else ()
    return {form: make(sources, made) for form, make in FORMS.items() if form in wanted}


def _audit(sources: Sources, _: tuple[Table, ...]) -> dict[str, bytes]:
    return {"audit.json": encoded(dict(sources.audited)).encode("ascii")}


def measured_files(
    sources: Sources, measured: Mapping[str, Any], wanted: Container[str]
) -> dict[str, dict[str, bytes]]:
    """The files of some of `MEASURED_FORMS`, which tell of metrics too; `measured` is the metrics' document."""
    return {form: make(sources, measured) for form, make in MEASURED_FORMS.items() if form in wanted}


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
"""The forms that rest on record and audit, which is what stands in a bundle."""


def _portfolio(sources: Sources, measured: Mapping[str, Any]) -> dict[str, bytes]:
    own = own_form(sources.record, Documents(sources.frozen, sources.audited, measured))
    about = portfolio_document([own], audience=sources.record.settings.site.audience)
    return {PORTFOLIO: encoded(about).encode("ascii")}


def _parquet(sources: Sources, measured: Mapping[str, Any]) -> dict[str, bytes]:
    return encoded_parquet((*tables(sources), figures_table(measured)), sources.frozen["run"]["repository"])


MEASURED_FORMS: Final[Mapping[str, Callable[[Sources, Mapping[str, Any]], dict[str, bytes]]]] = {
    "portfolio": _portfolio,
    "parquet": _parquet,
}
