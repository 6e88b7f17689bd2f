"""Documents that were exported elsewhere, bounded and held against their schemas.

In: a JSON file, or a folder that an export filled. Out: repositories as `checktrail.portfolio/1` has them. Whoever made
a document may have made it wrong: what is too large, no JSON, not as its schema says or of another commit is refused
with a sentence.
"""

from __future__ import annotations

import json
import stat
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NoReturn

from checktrail.errors import InputError, shown
from checktrail.exports.forms import PORTFOLIO, RECORD
from checktrail.exports.portfolio import Documents, documents_form, portfolio_document
from checktrail.portfolio.summary import portfolio

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a document."""

AUDIT: Final = "audit.json"
METRICS: Final = "metrics.json"
_SAID = 160


def is_export(folder: Path) -> bool:
    """Whether a folder holds a document that a portfolio can be made from."""
    return any((folder / name).is_file() for name in (PORTFOLIO, RECORD))


def read_export(place: Path) -> dict[str, Any]:
    """The `checktrail.portfolio/1` document of a file, or of a folder with a record and what stands beside it.

    Raises:
        InputError: it cannot be read or is not as its schema says.
    """
    if not place.is_dir():
        found = _loaded(place)
        kind = _kind(found, place)
        if kind == "record":
            return _condensed(Documents(_valid(found, kind, place)), place)
        return _checked(_valid(found, "portfolio", place), place)
    if (place / PORTFOLIO).is_file():
        return read_export(place / PORTFOLIO)
    record, audit, metrics = (_valid_if_there(place / f"{kind}.json", kind) for kind in ("record", "audit", "metrics"))
    if record is None:
        raise InputError(f"{shown(place)} holds neither {PORTFOLIO} nor {RECORD}")
    if audit is not None and any(audit["run"][key] != record["run"][key] for key in ("head", "references_digest")):
        raise InputError(f"{shown(place / AUDIT)} is not of the commit and tags that {RECORD} is of")
    return _condensed(Documents(record, audit, metrics), place)


def _condensed(documents: Documents, place: Path) -> dict[str, Any]:
    return _checked(portfolio_document([documents_form(documents)]), place)


def _checked(document: dict[str, Any], place: Path) -> dict[str, Any]:
    """A document whose counts add up."""
    try:
        portfolio(document)
    except InputError as error:
        raise InputError(f"{shown(place)}: {error.sentence}", hint=error.hint) from None
    return document


def _valid_if_there(path: Path, kind: str) -> dict[str, Any] | None:
    return _valid(_loaded(path), kind, path) if path.exists() else None


def _kind(found: Any, path: Path) -> str:
    """What kind of document it says it is."""
    named = found.get("schema") if isinstance(found, dict) else None
    kinds = {f"checktrail.{kind}/1": kind for kind in ("portfolio", "record")}
    if not isinstance(named, str) or named not in kinds:
        said = f"a {shown(named)[:_SAID]} document" if isinstance(named, str) else "no document of checktrail's"
        raise InputError(
            f"{shown(path)} is {said}",
            hint=f"export one with `checktrail export --to {PORTFOLIO}`, of the same version",
        )
    return kinds[named]


def _valid(found: Any, kind: str, path: Path) -> dict[str, Any]:
    """A value that is as the schema of a kind says."""
    error = next(_validator(kind).iter_errors(found), None)
    if error is not None:
        raise InputError(
            f"{shown(path)} is no checktrail.{kind}/1 document: {shown(error.json_path)[:_SAID]}:"
            f" {shown(error.message)[:_SAID]}",
            hint="export it again with the version that reads it",
        )
    valid: dict[str, Any] = found
    return valid


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    schema = files("checktrail") / "schemas" / f"{kind}-1.schema.json"
    return Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))


def _loaded(path: Path) -> Any:
    """The JSON value that a regular file of bounded size holds."""
    try:
        is_regular = stat.S_ISREG(path.stat().st_mode)  # a pipe would never end
        content = b""
        if is_regular:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read: {error.strerror or error}") from None
    if not is_regular:
        raise InputError(f"{shown(path)} is no file")
    if len(content) > LARGEST:
        raise InputError(
            f"{shown(path)} is larger than {LARGEST // 1024 // 1024} MiB",
            hint=f"export {PORTFOLIO} in its place, which holds no more than a portfolio needs",
        )
    try:
        value = json.loads(content.decode("utf-8-sig"), parse_constant=_refused)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
    except RecursionError:
        raise InputError(f"{shown(path)} is nested too deep") from None
    except ValueError as error:
        raise InputError(f"{shown(path)} is not JSON: {shown(error)[:_SAID]}") from None
    return value


def _refused(name: str) -> NoReturn:
    message = f"{name} is no number"
    raise ValueError(message)
