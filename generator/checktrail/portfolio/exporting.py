"""A portfolio in the forms asked for: the document itself, and its tables as CSV or Parquet.

In: the document. Out: file names with their bytes.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from checktrail.exports.csv import encoded_csv
from checktrail.exports.forms import PORTFOLIO
from checktrail.exports.parquet import encoded_parquet
from checktrail.exports.wire import encoded
from checktrail.portfolio.tables import portfolio_tables


def portfolio_files(document: Mapping[str, Any], forms: Container[str]) -> dict[str, bytes]:
    """The files of some of `json`, `csv` and `parquet`, by name.

    Raises:
        UsageError: Parquet is asked for and pyarrow is not installed.
    """
    tables = portfolio_tables(document)
    made = {PORTFOLIO: encoded(dict(document)).encode("ascii")} if "json" in forms else {}
    if "csv" in forms:
        made |= {f"{table.name}.csv": encoded_csv(table) for table in tables}
    if "parquet" in forms:
        made |= encoded_parquet(tables)
    return made
