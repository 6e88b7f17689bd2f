"""Sign-off records as in-toto Statements, one line per release. Pure.

Subject are the tag and the commit it leads to; the predicate says what the release froze and who took responsibility
for it. The statements are not signed here: whoever signs them vouches for having run this on this repository.
Source: https://github.com/in-toto/attestation/tree/main/spec/v1
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:checktrail:release-signoff:1"


def encoded_statements(frozen: Mapping[str, Any], audited: Mapping[str, Any]) -> Iterator[str]:
    """The statements of all releases as JSON lines; ASCII only."""
    for statement in statements(frozen, audited):
        yield json.dumps(statement, ensure_ascii=True) + "\n"


def statements(frozen: Mapping[str, Any], audited: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A Statement v1 per release, in the order of releases.

    Args:
        frozen: a `checktrail.record/1` document.
        audited: the `checktrail.audit/1` document of all its releases.
    """
    for release, audit in zip(frozen["releases"], audited["releases"], strict=True):
        yield {
            "_type": STATEMENT,
            "subject": subject(release),
            "predicateType": PREDICATE,
            "predicate": {
                "run": frozen["run"],
                "release": {key: value for key, value in release.items() if key not in _ELSEWHERE},
                "checklists": [_checklist(sheet) for sheet in release["checklists"]],
                "closed": release["closed"],
                **{
                    key: audit[key] for key in ("verdict", "recorded", "policy", "requirements", "signoffs", "findings")
                },
            },
        }


# What stands in the subject or below the predicate in its own place, or in the record alone.
_ELSEWHERE: Final = frozenset({"commit", "tag_object", "new", "also_included", "checklists", "closed"})


def subject(release: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tag's own object, where it has one, and the commit; digests by the names that in-toto gives git's ids."""
    name = f"refs/tags/{release['tag']}"
    commit = {"name": f"{name}^{{commit}}", "digest": {"gitCommit": release["commit"]}}
    if release["tag_object"] is None:
        return [commit]
    return [{"name": name, "digest": {"gitTag": release["tag_object"]}}, commit]


def _checklist(sheet: Mapping[str, Any]) -> dict[str, Any]:
    """A checklist by what identifies it, and its counts; the boxes stand in the record."""
    kept = ("path", "path_bytes", "title", "binding", "totals")
    return {**{key: sheet[key] for key in kept if key in sheet}, "digest": {"gitBlob": sheet["blob"]}}
