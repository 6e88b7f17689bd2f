"""The audit as OSCAL assessment results: a result per release, its requirements satisfied or not. Pure.

Sign-offs and findings are observations; a requirement is a finding whose target is satisfied or not-satisfied and which
names the sign-offs it rests on. Every uuid is made from the tag's object (a lightweight tag's commit), so that the same
release has the same one in every export. OSCAL's titles, descriptions and remarks are Markdown: what comes from outside
is escaped. Source: https://pages.nist.gov/OSCAL/concepts/layer/assessment/assessment-results/
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

from checktrail.exports.markdown import escaped

VERSION: Final = "1.1.2"
_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:checktrail:oscal:1")
_NAMESPACE: Final = "urn:checktrail:oscal:1"
_NO_TOKEN: Final = re.compile(r"[^\w.-]", re.ASCII)
_NOTHING: Final = "(nothing)"
_POLICY: Final = "policy"


def oscal_document(frozen: Mapping[str, Any], audited: Mapping[str, Any]) -> dict[str, Any]:
    """The assessment results of all releases.

    Args:
        frozen: a `checktrail.record/1` document, for how it was produced.
        audited: the `checktrail.audit/1` document of all its releases.
    """
    run = frozen["run"]
    seed = f"{run['references_digest']} {run['head']}"
    results = [_result(audit, run) for audit in audited["releases"]]
    return {
        "assessment-results": {
            "uuid": _uuid("assessment", seed),
            "metadata": {
                "title": f"Release sign-offs of {_line(run['repository'])}",
                "last-modified": run["as_of"],
                "version": run["head"] or "none",
                "oscal-version": VERSION,
                "props": _run(run),
            },
            "import-ap": {"href": f"#{_uuid(_POLICY, seed)}"},
            "results": results or [_empty(seed, run)],
            "back-matter": {"resources": [_policy(seed, run)]},
        }
    }


def _run(run: Mapping[str, Any]) -> list[dict[str, str]]:
    """How it was produced, flattened; the record's `run` has it whole."""
    plain = {key: value for key, value in run.items() if isinstance(value, str | bool)}
    plain |= {f"count-{key}": value for key, value in run["counts"].items()}
    return [_prop(key.replace("_", "-"), _word(value)) for key, value in plain.items()]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _policy(seed: str, run: Mapping[str, Any]) -> dict[str, Any]:
    """What stands for the assessment plan: the policy at HEAD, or the fact that there is none."""
    found = next((file for file in run["files"] if file["use"] == _POLICY), None)
    if found is None:
        return {
            "uuid": _uuid(_POLICY, seed),
            "title": "No policy",
            "description": "No policy says what a release needs; sign-offs were recorded and nothing was required.",
        }
    return {
        "uuid": _uuid(_POLICY, seed),
        "title": "The policy",
        "description": f"The policy at HEAD: {_line(found['path'])}",
        "rlinks": [
            {"href": f"objects/{found['blob']}", "hashes": [{"algorithm": "SHA-256", "value": found["sha256"]}]}
        ],
    }


def _result(audit: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    seed = f"{audit['tag_object'] or audit['commit']} {audit['tag']}"
    signoffs = {number: _signoff(seed, number, one) for number, one in enumerate(audit["signoffs"])}
    remarks = [_finding(seed, number, one, audit) for number, one in enumerate(audit["findings"])]
    findings = [_requirement(seed, one, audit, signoffs) for one in audit["requirements"]]
    result: dict[str, Any] = {
        "uuid": _uuid("result", seed),
        "title": _line(audit["tag"]),
        "description": f"Sign-offs of the release {_line(audit['tag'])}: the verdict is {audit['verdict']}.",
        "start": audit["at"],
        "end": _later(audit["at"], run["as_of"]),
        "props": [
            _prop("verdict", audit["verdict"]),
            _prop("commit", audit["commit"]),
            *([_prop("tag-object", audit["tag_object"])] if audit["tag_object"] else []),
            *([_prop("policy-blob", audit["policy"])] if audit["policy"] else []),
        ],
        "reviewed-controls": _controls(audit["requirements"]),
    }
    observations = [*signoffs.values(), *remarks]
    if observations:
        result["observations"] = observations
    if findings:
        result["findings"] = findings
    return result


def _empty(seed: str, run: Mapping[str, Any]) -> dict[str, Any]:
    """What stands where there is no release: OSCAL asks for one result at least."""
    return {
        "uuid": _uuid("result", seed),
        "title": "No release",
        "description": "No tag of this repository reads as a version, so there is nothing to assess.",
        "start": run["as_of"],
        "reviewed-controls": _controls(()),
    }


def _controls(requirements: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(control for one in requirements for control in one["controls"])
    described = (
        f"Controls that the policy names: {_line(', '.join(names))}." if names else "The policy names no controls."
    )
    return {"control-selections": [{"description": described, "include-all": {}}]}


def _signoff(seed: str, number: int, one: Mapping[str, Any]) -> dict[str, Any]:
    words = _line(one["text_tick"] or one["text_tag"] or _NOTHING)
    props = {
        "status": one["status"],
        "meaning": one["meaning"],
        "relation": one["relation"],
        "assurance": str(one["assurance"]),
        "role": one["role"],
        "name": one["name"],
        "item": one["item"],
        "commit": one["event"]["commit"] if one["event"] else None,
    }
    return {
        "uuid": _uuid("signoff", f"{seed} {number} {one['item']} {one['requirement']}"),
        "title": _line(one["role"] or "Attestation"),
        "description": f"{words} ({_line(one['path'])}, line {one['line']})",
        "props": [_prop(key, value) for key, value in props.items() if value],
        "methods": ["EXAMINE"],
        "types": ["control-objective"],
        "collected": one["at"] or _EPOCH,
    }


_EPOCH: Final = "1970-01-01T00:00:00Z"
"""Stands where nobody was seen to act: OSCAL wants a time, and no other would be less untrue."""


def _finding(seed: str, number: int, one: Mapping[str, Any], audit: Mapping[str, Any]) -> dict[str, Any]:
    remark = {
        "uuid": _uuid("finding", f"{seed} {number} {one['code']}"),
        "title": f"{one['code']} {one['name']}",
        "description": _line(one["message"]),
        "props": [_prop("severity", one["severity"]), _prop("waived", str(one["waiver"] is not None).lower())],
        "methods": ["EXAMINE"],
        "types": ["finding"],
        "collected": audit["at"],
    }
    return remark | ({"remarks": f"Waived: {_line(one['waiver']['reason'])}"} if one["waiver"] else {})


def _requirement(
    seed: str, one: Mapping[str, Any], audit: Mapping[str, Any], signoffs: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    resting = [
        {"observation-uuid": signoffs[number]["uuid"]}
        for number, signoff in enumerate(audit["signoffs"])
        if signoff["requirement"] == one["id"]
    ]
    finding = {
        "uuid": _uuid("requirement", f"{seed} {one['id']}"),
        "title": _line(one["id"]),
        "description": _line(one["reason"]),
        "target": {
            "type": "objective-id",
            "target-id": _token(one["id"]),
            "status": {"state": "satisfied" if one["met"] else "not-satisfied"},
        },
    }
    return finding | ({"related-observations": resting} if resting else {})


def _later(start: str, end: str) -> str:
    return max(start, end)


def _prop(name: str, value: Any) -> dict[str, str]:
    # A property's value has no white space at its ends and is never empty.
    written = " ".join(str(value).split()) or _NOTHING
    return {"name": _token(name), "ns": _NAMESPACE, "value": "".join(map(_visible, written))}


def _visible(character: str) -> str:
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def _token(name: str) -> str:
    """A name as OSCAL has tokens: a letter or `_`, then letters, digits, `.`, `-`, `_`; all else becomes `_`."""
    plain = _NO_TOKEN.sub("_", name)
    return plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"


def _line(words: str) -> str:
    """Text from outside as one line of Markdown that shows exactly it; never empty."""
    return escaped(words).strip() or _NOTHING


def _uuid(kind: str, seed: str) -> str:
    return str(uuid.uuid5(_SPACE, f"{kind} {seed}"))
