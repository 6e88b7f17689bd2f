"""The forms that a record is exported in: each makes one file or several.

In: the record, its audit and their documents. Out: file names, each with what puts its bytes at a path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from checktrail.exports.audit_report import audit_report
from checktrail.exports.csv import encoded_csv
from checktrail.exports.intoto import encoded_statements
from checktrail.exports.oscal import oscal_document
from checktrail.exports.parquet import write_parquet
from checktrail.exports.portfolio import Documents, own_form, portfolio_document
from checktrail.exports.record import encoded_record
from checktrail.exports.reports import FORMATS as REPORTS
from checktrail.exports.rows import Sources
from checktrail.exports.sqlite import write_sqlite
from checktrail.exports.tables import figures_table, tables
from checktrail.exports.wire import encoded
from checktrail.record import Record

RECORD: Final = "record.json"
PORTFOLIO: Final = "portfolio.json"


Put = Callable[[Path], object]
"""Puts a file's bytes at a path where nothing stands; however many there are, few are held at once."""
File = tuple[str, Put]
"""A file's name, and what makes it."""


def record_file(frozen: Mapping[str, Any], record: Record) -> File:
    """The record alone, which needs no audit."""
    return RECORD, in_pieces(piece.encode("ascii") for piece in encoded_record(frozen, record))


def in_pieces(pieces: Iterable[bytes]) -> Put:
    """Puts pieces one behind the other."""

    def put(path: Path) -> None:
        with path.open("xb") as file:
            file.writelines(pieces)

    return put


def _audit(sources: Sources) -> Iterator[File]:
    yield "audit.json", in_pieces([encoded(dict(sources.audited)).encode("ascii")])


def _csv(sources: Sources) -> Iterator[File]:
    for table in tables(sources):
        yield f"{table.name}.csv", in_pieces(encoded_csv(table))


def _sqlite(sources: Sources) -> Iterator[File]:
    yield "checktrail.sqlite", partial(write_sqlite, tables(sources))


def _intoto(sources: Sources) -> Iterator[File]:
    statements = encoded_statements(sources.frozen, sources.audited)
    yield "releases.intoto.jsonl", in_pieces(statement.encode("ascii") for statement in statements)


def _oscal(sources: Sources) -> Iterator[File]:
    found = oscal_document(sources.frozen, sources.audited)
    yield "oscal-assessment-results.json", in_pieces([encoded(found).encode("ascii")])


def _sarif(sources: Sources) -> Iterator[File]:
    yield "audit.sarif", in_pieces([REPORTS["sarif"](audit_report(sources.audit)).encode()])


def _junit(sources: Sources) -> Iterator[File]:
    yield "audit.junit.xml", in_pieces([REPORTS["junit"](audit_report(sources.audit)).encode()])


FORMS: Final[Mapping[str, Callable[[Sources], Iterable[File]]]] = {
    "json": lambda sources: [record_file(sources.frozen, sources.record)],
    "audit": _audit,
    "csv": _csv,
    "sqlite": _sqlite,
    "in-toto": _intoto,
    "oscal": _oscal,
    "sarif": _sarif,
    "junit": _junit,
}
"""The forms that rest on record and audit, which is what stands in a bundle."""


def portfolio_form(sources: Sources, measured: Mapping[str, Any]) -> dict[str, Any]:
    """What a portfolio needs of a repository at hand; `measured` is the metrics' document."""
    own = own_form(sources.record, Documents(sources.frozen, sources.audited, measured))
    return portfolio_document([own], audience=sources.record.settings.site.audience)


def _portfolio(sources: Sources, measured: Mapping[str, Any]) -> Iterator[File]:
    yield PORTFOLIO, in_pieces([encoded(portfolio_form(sources, measured)).encode("ascii")])


def _parquet(sources: Sources, measured: Mapping[str, Any]) -> Iterator[File]:
    for table in (*tables(sources), figures_table(measured)):
        yield f"{table.name}.parquet", partial(write_parquet, table, sources.frozen["run"]["repository"])


MEASURED_FORMS: Final[Mapping[str, Callable[[Sources, Mapping[str, Any]], Iterable[File]]]] = {
    "portfolio": _portfolio,
    "parquet": _parquet,
}
"""The forms that tell of metrics, too."""
