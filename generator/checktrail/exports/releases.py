"""Releases as JSON: `checktrail.releases/1`, and what was carried between their lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checktrail.exports.wire import document, moment, text
from checktrail.model import Release
from checktrail.notes.backports import Matrix
from checktrail.releases import Membership


def releases_document(membership: Membership, *, is_cut_off: bool = False) -> dict[str, Any]:
    """All releases in order, what is unreleased, and the tags that are no releases, each with its reason."""
    return document(
        "releases",
        {
            "releases": [release_form(release) for release in membership.releases],
            "unreleased": list(membership.unreleased),
            "ignored_tags": [
                {"tag": text(ignored.tag), "reason": text(ignored.reason)} for ignored in membership.ignored
            ],
        },
        is_cut_off=is_cut_off,
    )


def release_form(release: Release) -> dict[str, Any]:
    """One release as it stands in every document."""
    return {
        "tag": text(release.tag),
        "version": release.version,
        "component": None if release.component is None else text(release.component),
        "prerelease": release.prerelease,
        "commit": release.commit,
        "tag_object": release.tag_object,
        "kind": release.kind.value,
        "tagger": None if release.tagger is None else text(release.tagger.name),
        "at": moment(release.at),
        "at_basis": release.at_basis,
        "order_basis": release.order_basis,
        "base": None if release.base is None else text(release.base),
        "base_reason": text(release.base_reason),
        "base_is_ancestor": release.base_is_ancestor,
        "alias_of": None if release.alias_of is None else text(release.alias_of),
        "aliases": [text(alias) for alias in release.aliases],
        "new": list(release.new),
        "also_included": [
            {"commit": also.commit, "first_release": text(also.first_release)} for also in release.also_included
        ],
    }


def backports_document(matrices: Iterable[Matrix]) -> dict[str, Any]:
    """Changes against release lines: `checktrail.backports/1`."""
    return document(
        "backports",
        {
            "components": [
                {
                    "component": None if matrix.component is None else text(matrix.component),
                    "lines": list(matrix.lines),
                    "changes": [
                        {
                            "text": text(row.text),
                            "commit": row.commit,
                            "shipped": [
                                {"line": line, "tag": text(cell.tag), "commit": cell.commit}
                                for line, cell in zip(matrix.lines, row.shipped, strict=True)
                                if cell is not None
                            ],
                        }
                        for row in matrix.rows
                    ],
                }
                for matrix in matrices
            ]
        },
    )
