"""The record and its audit as tables: one relational model for CSV, SQLite and Parquet. Pure.

In: the record, the audit and their documents. Out: tables whose columns never change their order or meaning; new ones
are added at the end. `id` counts a table's rows from 1, and `..._id` leads to another table's; texts are as the
documents have them, truth values 1 and 0, times UTC, lists JSON. Two tags may read alike where their bytes do not
decode, so that rows are joined by ids and never by names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from checktrail.exports import rows
from checktrail.exports.rows import Row, Sources

Cell = str | int | float | None
_LARGEST = 2**63 - 1


class Column(NamedTuple):
    """A column: its name, what it holds (`text`, `integer`, `real`), and the table that it leads to, if it does."""

    name: str
    holds: str
    leads_to: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, the first of which is `id`, and its rows in order, made when they are asked for."""

    name: str
    columns: tuple[Column, ...]
    source: Callable[[], Iterable[Row]]

    @property
    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Every row as its cells: there may be more of them than memory holds."""
        names = [column.name for column in self.columns[1:]]
        for number, row in enumerate(self.source(), 1):
            yield (number, *(_cell(row[name]) for name in names))


def tables(sources: Sources) -> tuple[Table, ...]:
    """Every table, in the order in which they lead to each other."""
    return tuple(table(name, spec, partial(getattr(rows, name), sources)) for name, spec in MODEL.items())


def figures_table(measured: Mapping[str, Any]) -> Table:
    """The figures of a `checktrail.metrics/1` document: a table beside the model, which rests on record and audit."""
    return table("figures", FIGURES, partial(rows.figures, measured))


def table(name: str, spec: str, source: Callable[[], Iterable[Row]]) -> Table:
    """Rows as a table; the columns are words of a specification: `name`, `name:integer`, `release_id>releases`."""
    return Table(name, (Column("id", "integer"), *(_column(word) for word in spec.split())), source)


def _column(word: str) -> Column:
    name, _, table = word.partition(">")
    if table:
        return Column(name, "integer", table)
    name, _, holds = word.partition(":")
    return Column(name, holds or "text")


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | float):
        return value
    if isinstance(value, int):
        # A database would make a fraction of what is larger: only a date that nobody had leads there.
        return max(-_LARGEST, min(_LARGEST, int(value)))
    return json.dumps(value, ensure_ascii=False)


_WHO = "author author_email authored_at committer committer_email committed_at parents:integer subject"
_COUNTS = (
    "items:integer items_ticked:integer items_open:integer items_not_applicable:integer items_conditional:integer"
    " required:integer required_ticked:integer"
)
# A table's name is that of the function in rows.py that makes its rows.
MODEL: Final = {
    "run": "key value",
    "tags": "tag kind tag_object commit_id is_release:integer ignored_because",
    "commits": f"commit_id first_release {_WHO}",
    "releases": (
        "tag version component prerelease:integer commit_id tag_object kind tagger at at_basis order_basis base"
        " base_reason base_is_ancestor:integer alias_of new_commits:integer also_included_commits:integer verdict"
        f" recorded_verdict checklists:integer {_COUNTS} closed_commit closed_because required_at_close:integer"
        " required_at_close_ticked:integer signoffs:integer findings:integer"
    ),
    "checklists": (
        f"release_id>releases release path path_bytes title binding belongs:integer blob {_COUNTS} closed_commit"
        " closed_because closed_blob"
    ),
    "states": (
        "release_id>releases release checklist_id>checklists path line:integer item state text section phase"
        " conditional:integer signoff:integer depth:integer owners since since_commit confidence:real"
    ),
    "items": (
        "item identity created_commit created_at path path_bytes section last_text last_state last_at events:integer"
        " ticks:integer"
    ),
    "events": (
        f"kind item identity commit_id release {_WHO} path path_bytes old_path old_path_bytes line:integer section"
        " old_state new_state old_text new_text confidence:real"
    ),
    "people": "person name bot:integer in_policy:integer roles signoffs:integer",
    "requirements": "release_id>releases release requirement role met:integer applies:integer reason controls",
    "signoffs": (
        "release_id>releases release requirement role meaning status name recorded_as item path path_bytes line:integer"
        " section text_tick text_tag text_now commit_id author author_email committer committer_email at relation"
        " lead_seconds:integer assurance:integer assurance_word signature commits_after:integer paths_after:integer"
    ),
    "signers": "signoff_id>signoffs release_id>releases release person name role status",
    "findings": (
        "release_id>releases release code name severity message requirement item path path_bytes line:integer commit_id"
        " evidence waived:integer waiver_reason waiver_approved_by waiver_expires waived_after_release:integer"
    ),
}
FIGURES: Final = "figure of value:real unit grade n:integer excluded window_from window_to"
