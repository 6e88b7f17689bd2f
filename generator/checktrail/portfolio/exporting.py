"""A portfolio in the forms asked for: the document itself, and its tables as CSV or Parquet.

In: the document. Out: file names, each with what puts its bytes at a path.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import partial
from typing import Any

from checktrail.exports.csv import encoded_csv
from checktrail.exports.forms import PORTFOLIO, File, in_pieces
from checktrail.exports.parquet import write_parquet
from checktrail.exports.wire import encoded
from checktrail.portfolio.tables import portfolio_tables


def portfolio_files(document: Mapping[str, Any], forms: Container[str]) -> Iterator[File]:
    """The files of some of `json`, `csv` and `parquet`.

    Raises:
        UsageError: Parquet is asked for and pyarrow is not installed.
    """
    tables = portfolio_tables(document)
    if "json" in forms:
        yield PORTFOLIO, in_pieces([encoded(dict(document)).encode("ascii")])
    if "csv" in forms:
        yield from ((f"{table.name}.csv", in_pieces(encoded_csv(table))) for table in tables)
    if "parquet" in forms:
        yield from ((f"{table.name}.parquet", partial(write_parquet, table, None)) for table in tables)
