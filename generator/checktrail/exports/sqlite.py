"""Tables as one SQLite file, with views on the questions auditors ask first.

The same tables give the same bytes: rows go in by their ids, nothing of a deleted page stays, and the header's fields
that count writes or name the library are set to fixed values. Source: https://www.sqlite.org/fileformat2.html, 1.3.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from checktrail.errors import OutputError
from checktrail.exports.tables import Table

APPLICATION_ID: Final = 0x43545231
"""`CTR1`: what `file` can tell a record's database by."""

_CHANGES, _VALID_FOR, _LIBRARY = 24, 92, 96  # where the header has them, four bytes each
_OF_THE_DISK: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}

VIEWS: Final = {
    # A row for each release and each role that anybody ever had; empty where the role did not sign.
    "signoff_matrix": """
        SELECT releases.id AS release_id, releases.tag AS release, releases.verdict, offices.role,
               count(signoffs.id) AS signoffs, sum(signoffs.status = 'recorded') AS recorded,
               group_concat(signoffs.status, ', ') AS statuses, group_concat(signoffs.name, ', ') AS names,
               min(signoffs.assurance) AS least_assurance, max(signoffs.at) AS last_at
        FROM releases
        CROSS JOIN (SELECT DISTINCT role FROM signoffs WHERE role IS NOT NULL) AS offices
        LEFT JOIN signoffs ON signoffs.release_id = releases.id AND signoffs.role = offices.role
        GROUP BY releases.id, offices.role
        ORDER BY releases.id, offices.role""",
    # Releases for which nobody was seen to sign anything off before the tag.
    "releases_without_signoff": """
        SELECT releases.id AS release_id, releases.tag AS release, releases.at, releases.verdict,
               count(signoffs.id) AS signoffs, sum(signoffs.status = 'open') AS open,
               sum(signoffs.status = 'late') AS late, sum(signoffs.status = 'born-ticked') AS born_ticked,
               sum(signoffs.status = 'carried-over') AS carried_over
        FROM releases
        LEFT JOIN signoffs ON signoffs.release_id = releases.id
        GROUP BY releases.id
        HAVING coalesce(sum(signoffs.status = 'recorded'), 0) = 0
        ORDER BY releases.id""",
    # People who signed off one release in more than one role.
    "one_person_many_roles": """
        SELECT release_id, release, person, min(name) AS name, count(DISTINCT role) AS roles,
               group_concat(DISTINCT role) AS which
        FROM signers
        WHERE role IS NOT NULL
        GROUP BY release_id, person
        HAVING count(DISTINCT role) > 1
        ORDER BY release_id, person""",
}


def write_sqlite(tables: Sequence[Table], path: Path) -> None:
    """A database of the tables and the views on them, at a path where nothing stands.

    Raises:
        OutputError: the disk is full, or cannot be written.
    """
    filled = path.with_name(f"{path.name}.filled")
    with _unwritable(path), closing(sqlite3.connect(filled, isolation_level=None)) as database:
        # Nobody else sees this file, and what stops the run takes it away: it needs no journal and no waiting.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA secure_delete = ON")
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute("BEGIN")
        for table in tables:
            _fill(database, table)
        for name, query in VIEWS.items():
            database.execute(f"CREATE VIEW {name} AS{query}")
        database.execute("COMMIT")
        database.execute("VACUUM INTO ?", (str(path),))
    filled.unlink()
    # What differs between two libraries and says nothing about the content.
    with path.open("r+b") as file:
        for field in (_CHANGES, _VALID_FOR):
            file.seek(field)
            file.write((1).to_bytes(4, "big"))
        file.seek(_LIBRARY)
        file.write((3_040_000).to_bytes(4, "big"))


@contextmanager
def _unwritable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _OF_THE_DISK:
            raise
        hint = "check that the folder can be written and the disk is not full"
        raise OutputError(f"{path.name} cannot be written: {error}", hint=hint) from None


def _fill(database: sqlite3.Connection, table: Table) -> None:
    # Names of tables and columns are the model's own; every value is bound, never written into a statement.
    columns = ", ".join(
        f"{column.name} {column.holds.upper()}"
        + (" PRIMARY KEY" if column.name == "id" else "")
        + (f" REFERENCES {column.leads_to}(id)" if column.leads_to else "")
        for column in table.columns
    )
    database.execute(f"CREATE TABLE {table.name} ({columns})")
    marks = ", ".join("?" * len(table.columns))
    database.executemany(f"INSERT INTO {table.name} VALUES ({marks})", table.rows)  # noqa: S608 -- the model's name
    for column in table.columns:
        if column.leads_to:
            database.execute(f"CREATE INDEX {table.name}_{column.name} ON {table.name} ({column.name})")
