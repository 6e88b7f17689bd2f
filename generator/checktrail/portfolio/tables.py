"""A portfolio as tables, for spreadsheets and DuckDB. Pure.

In: a `checktrail.portfolio/1` document. Out: tables whose columns never change their order or meaning; new ones are
added at the end. What a document does not say is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from checktrail.exports.rows import Row
from checktrail.exports.tables import FIGURES, Table, table

_TOTALS: Final = (
    "items:integer items_ticked:integer items_open:integer items_not_applicable:integer items_conditional:integer"
    " required:integer required_ticked:integer"
)
# A table's name to its columns; in the order of the functions that make their rows.
MODEL: Final = {
    "repositories": (
        "repository title site head as_of version indeterminate:integer commits:integer commits_unreleased:integer"
        " tags:integer ignored_tags:integer"
    ),
    "releases": (
        "repository_id>repositories repository tag version component prerelease:integer alias_of commit_id at at_basis"
        " base commits:integer verdict signoffs:integer signoffs_recorded:integer errors:integer warnings:integer"
        f" infos:integer waived:integer {_TOTALS}"
    ),
    "flights": f"repository_id>repositories repository path path_bytes title release {_TOTALS}",
    "figures": f"repository_id>repositories repository {FIGURES.replace(' of ', ' ', 1)}",
    "broken": "repository slug sentence",
}


def portfolio_tables(document: Mapping[str, Any]) -> tuple[Table, ...]:
    """Every table of a document, in the order in which they lead to each other."""
    makers = (_repositories, _releases, _flights, _figures, _broken)
    models = zip(MODEL.items(), makers, strict=True)
    return tuple(table(name, spec, partial(rows, document)) for (name, spec), rows in models)


def _each(document: Mapping[str, Any], part: str) -> Iterator[tuple[Row, Mapping[str, Any]]]:
    """The members of a part of every repository, with what says whose they are."""
    for number, form in enumerate(document["repositories"], 1):
        for each in form[part] or ():
            yield {"repository_id": number, "repository": form["name"]}, each


def _repositories(document: Mapping[str, Any]) -> Iterator[Row]:
    for form in document["repositories"]:
        counts = {name: form["counts"][name] for name in ("commits", "commits_unreleased", "tags", "ignored_tags")}
        yield {**form, "repository": form["name"], **counts}


def _releases(document: Mapping[str, Any]) -> Iterator[Row]:
    for whose, form in _each(document, "releases"):
        signoffs, findings = form["signoffs"] or {}, form["findings"] or {}
        yield {
            **form,
            **whose,
            "commit_id": form["commit"],
            "signoffs": signoffs.get("asked"),
            "signoffs_recorded": signoffs.get("recorded"),
            "errors": findings.get("error"),
            "warnings": findings.get("warning"),
            "infos": findings.get("info"),
            "waived": findings.get("waived"),
            **_totals(form["totals"] or {}),
        }


def _flights(document: Mapping[str, Any]) -> Iterator[Row]:
    for whose, form in _each(document, "in_flight"):
        yield {"path_bytes": None, **form, **whose, **_totals(form["totals"])}


def _figures(document: Mapping[str, Any]) -> Iterator[Row]:
    for whose, form in _each(document, "figures"):
        window = form["window"]
        yield {**form, **whose, "figure": form["name"], "window_from": window["from"], "window_to": window["to"]}


def _broken(document: Mapping[str, Any]) -> Iterator[Row]:
    for form in document["broken"]:
        yield {**form, "repository": form["name"]}


def _totals(totals: Mapping[str, int]) -> Row:
    kept = {"items": totals.get("items"), **{key: totals.get(key) for key in ("required", "required_ticked")}}
    counted = ("ticked", "open", "not_applicable", "conditional")
    return {**kept, **{f"items_{name}": totals.get(name) for name in counted}}
