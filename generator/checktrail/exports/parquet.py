"""Tables as Parquet, for DuckDB and the like; the library is an extra.

Each table begins with the column `repository`, so that the files of many repositories are read as one. The same tables
give the same bytes: one thread writes, in order, and nothing names the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Final

from checktrail.errors import UsageError
from checktrail.exports.tables import Cell, Table

REPOSITORY: Final = "repository"
_GROUP: Final = 1 << 20
"""Rows to a row group: what pyarrow takes when nobody says anything."""
_AT_ONCE: Final = 1 << 14


def write_parquet(table: Table, repository: str | None, path: Path) -> None:
    """A table at a path; `repository` is put before every row, None where the table names it itself.

    Raises:
        UsageError: pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        raise UsageError(
            "Parquet is written by pyarrow, which is not installed", hint="pip install 'checktrail[parquet]'"
        )
    import pyarrow as pa
    from pyarrow import parquet

    rows, schema = table.rows, pa.schema(_fields(table, repository))
    with parquet.ParquetWriter(path, schema, compression="zstd", store_schema=False) as writer:
        group = _group(table, repository, rows)
        while True:
            writer.write_table(pa.table(group, schema), row_group_size=_GROUP)
            group = _group(table, repository, rows)
            if not len(group[0]):
                return


def _fields(table: Table, repository: str | None) -> list[tuple[str, Any]]:
    import pyarrow as pa

    kinds = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64()}
    fields = [(column.name, kinds[column.holds]) for column in table.columns]
    return fields if repository is None else [(REPOSITORY, kinds["text"]), *fields]


def _group(table: Table, repository: str | None, rows: Iterator[tuple[Cell, ...]]) -> list[Any]:
    """The next rows as columns, each in one piece: how long they were in memory must not show in the file."""
    import pyarrow as pa

    kinds = dict(_fields(table, None))
    pieces: list[list[Any]] = [[] for _ in table.columns]
    count = 0
    while some := list(islice(rows, min(_AT_ONCE, _GROUP - count))):
        count += len(some)
        for place, column in enumerate(table.columns):
            held = [_held(row[place], column.holds) for row in some]
            pieces[place].append(pa.array(held, kinds[column.name]))
    columns = [
        pa.chunked_array(each, kinds[column.name]).combine_chunks()
        for column, each in zip(table.columns, pieces, strict=True)
    ]
    return columns if repository is None else [pa.array([repository] * count, pa.string()), *columns]


def _held(cell: Cell, holds: str) -> Any:
    """A cell as its column's type; a number that the type cannot hold, and text that is none, as nothing else."""
    if cell is None or holds == "text":
        return None if cell is None else str(cell).encode("utf-8", "replace").decode("utf-8")
    return cell if not isinstance(cell, str) else None
