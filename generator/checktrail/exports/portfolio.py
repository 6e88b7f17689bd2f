"""What a portfolio needs of a repository, as JSON: `checktrail.portfolio/1`. Pure.

Made from the documents of the record, the audit and the metrics alone, so that a record exported elsewhere gives the
same as the repository does, but for what those documents do not hold. Counts stand in it and nobody's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from checktrail.completion import totals
from checktrail.exports.status import path_form, totals_form
from checktrail.exports.wire import document, text
from checktrail.model import Severity
from checktrail.record import Record, in_flight

Form = Mapping[str, Any]

_OF_A_RELEASE = ("tag", "version", "component", "prerelease", "commit", "at", "at_basis", "base", "alias_of")
_NOT_ASKED_FOR = "not-required"
_IN_TIME = "recorded"


class Documents(NamedTuple):
    """The documents of one repository: its record, and its audit and metrics where they are there."""

    record: Form
    audit: Form | None = None
    metrics: Form | None = None


def portfolio_document(repositories: Sequence[Form], broken: Sequence[Form] = (), **about: Any) -> dict[str, Any]:
    """Repositories, and those that could not be read, as one document; `about` is what a list says of the whole."""
    return document(
        "portfolio",
        {
            "title": None,
            "url": None,
            "audience": "public",
            **about,
            "repositories": [*repositories],
            "broken": [*broken],
        },
    )


def own_form(record: Record, documents: Documents) -> dict[str, Any]:
    """A repository at hand: what its documents say, its settings, and its checklists on their way."""
    settings = record.settings.site
    return {
        **documents_form(documents),
        "title": text(settings.title) or None,
        "site": text(settings.url) if settings.url.startswith(("https://", "http://")) else None,
        "in_flight": [
            {
                **path_form(each.path),
                "title": text(each.checklist.title),
                "release": None if each.bound.release is None else text(each.bound.release),
                "totals": totals_form(totals(each.checklist)),
            }
            for each in in_flight(record)
        ],
    }


def documents_form(documents: Documents) -> dict[str, Any]:
    """A repository from its documents alone; what they do not hold is null."""
    run = documents.record["run"]
    audits = {each["tag"]: each for each in documents.audit["releases"]} if documents.audit is not None else {}
    return {
        "name": run["repository"],
        "title": None,
        "site": None,
        "addresses": "files",
        "version": run["version"],
        "head": run["head"],
        "as_of": run["as_of"],
        "indeterminate": run["shallow"] or run["partial"] or run["replacements"],
        "counts": {name: run["counts"][name] for name in ("commits", "commits_unreleased", "tags", "ignored_tags")},
        "releases": [_release(each, audits.get(each["tag"])) for each in documents.record["releases"]],
        "in_flight": None,
        "figures": None if documents.metrics is None else _figures(documents.metrics["figures"]),
    }


def _release(release: Form, audit: Form | None) -> dict[str, Any]:
    """A release with its counts at the tag, and with its verdict where it was audited."""
    return {
        **{key: release[key] for key in _OF_A_RELEASE},
        "commits": len(release["new"]),
        "totals": _at_tag(release),
        "verdict": None if audit is None else audit["verdict"],
        "signoffs": None if audit is None else _signoffs(audit["signoffs"]),
        "findings": None if audit is None else _findings(audit["findings"]),
    }


def _at_tag(release: Form) -> dict[str, int] | None:
    """The counts, at the tag, of the checklists that belong to a release; null where none does."""
    if release["closed"] is None:
        return None
    # Paths that do not decode may read alike; their bytes tell them apart.
    own = {_place(each) for each in release["closed"]["checklists"]}
    whole: Counter[str] = Counter()
    for checklist in release["checklists"]:
        if _place(checklist) in own:
            whole.update(checklist["totals"])
    return dict(whole) if own else None


def _place(form: Form) -> tuple[str, str | None]:
    return form["path"], form.get("path_bytes")


def _signoffs(signoffs: Iterable[Form]) -> dict[str, int]:
    asked = [each["status"] for each in signoffs if each["status"] != _NOT_ASKED_FOR]
    return {"asked": len(asked), "recorded": asked.count(_IN_TIME)}


def _findings(findings: Sequence[Form]) -> dict[str, int]:
    """Findings by weight, those that somebody waived apart."""
    weights = Counter(each["severity"] for each in findings if each["waiver"] is None)
    waived = sum(each["waiver"] is not None for each in findings)
    return {**{severity.value: weights[severity.value] for severity in Severity}, "waived": waived}


def _figures(figures: Iterable[Form]) -> list[dict[str, Any]]:
    """The figures over all; those of a role alone are for the repository's own pages."""
    return [{key: value for key, value in each.items() if key != "of"} for each in figures if each["of"] is None]
