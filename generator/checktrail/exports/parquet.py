"""Tables as Parquet, for DuckDB and the like. Pure but for the library, which is an extra.

Each table begins with the column `repository`, so that the files of many repositories are read as one. The same tables
give the same bytes: one thread writes, in order, and nothing names the time.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any, Final

from checktrail.errors import UsageError
from checktrail.exports.tables import Cell, Table

REPOSITORY: Final = "repository"


def encoded_parquet(tables: Iterable[Table], repository: str | None = None) -> dict[str, bytes]:
    """The tables as files by name; `repository` is put before every row, None where the tables name it themselves.

    Raises:
        UsageError: pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        raise UsageError(
            "Parquet is written by pyarrow, which is not installed", hint="pip install 'checktrail[parquet]'"
        )
    return {f"{table.name}.parquet": _encoded(table, repository) for table in tables}


def _encoded(table: Table, repository: str | None) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64()}
    names = [column.name for column in table.columns]
    columns = [
        pa.array([_held(row[place], column.holds) for row in table.rows], kinds[column.holds])
        for place, column in enumerate(table.columns)
    ]
    if repository is not None:
        names.insert(0, REPOSITORY)
        columns.insert(0, pa.array([repository] * len(table.rows), kinds["text"]))
    written = io.BytesIO()
    parquet.write_table(
        pa.table(dict(zip(names, columns, strict=True))), written, compression="zstd", store_schema=False
    )
    return written.getvalue()


def _held(cell: Cell, holds: str) -> Any:
    """A cell as its column's type; a number that the type cannot hold, and text that is none, as nothing else."""
    if cell is None or holds == "text":
        return None if cell is None else str(cell).encode("utf-8", "replace").decode("utf-8")
    return cell if not isinstance(cell, str) else None
