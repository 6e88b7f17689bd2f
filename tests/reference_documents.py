"""The reference page of the JSON documents: each with its schema, its keys, and an example that the demo gives.

An example is what a command really prints, shortened: of a list the first member is shown, of a long text its
beginning. What is shown stays valid JSON.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from zipfile import ZipFile

from checktrail.cli import run
from checktrail.demo import write_demo

_LONG = 60
_FEW = 3
_OF_THIS_RUN = frozenset({"git_version", "rules_digest", "settings_digest"})
_WIDTH = 100


class Document(NamedTuple):
    """A kind of document, the arguments that make one about the demo, and what it is for.

    Where `file` is given the arguments write it, else they print the document; after a `!` stands a zip's member.
    """

    kind: str
    arguments: str
    about: str
    file: str = ""


DOCUMENTS = (
    Document("status", "status checklists/v2.2.0.md", "Checklists as they stand: totals, sections, every item."),
    Document("releases", "releases", "Releases with their commits, and the tags that are none."),
    Document("log", "log checklists/v2.1.0.md --at v2.1.0", "Every item's trail at a revision."),
    Document("notes", "notes v2.1.0", "A release's notes, part by part, each change with its commits."),
    Document("audit", "audit v2.1.0", "Verdicts, requirements, sign-offs and findings of releases."),
    Document(
        "record",
        "export --to record.json",
        "The whole record: releases, each with its checklists at the tag and how they closed.",
        file="record.json",
    ),
    Document(
        "portfolio",
        "export --to portfolio.json",
        "What `checktrail portfolio` needs of a repository; the same for many, with those that could not be read.",
        file="portfolio.json",
    ),
    Document(
        "release",
        "build --site-dir site",
        "One release, as it stands beside its page: what it froze, and its notes.",
        file="site/releases/v2.1.0.json",
    ),
    Document(
        "evidence",
        "export --to evidence.zip",
        "What of an evidence bundle shows what: its `data/index.json`.",
        file="evidence.zip!tidepool-evidence/data/index.json",
    ),
    Document("lint", "lint checklists/v2.2.0.md", "Lint findings with their places and fixes."),
    Document("diff", "diff v2.1.0", "What a change does to the checklists."),
    Document("metrics", "metrics", "Release metrics, each with its grade and how many cases it rests on."),
    Document("rules", "rule SO204", "Rules with their severities and definitions; without a code all of them."),
    Document(
        "upgrades",
        "build --site-dir site",
        "The upgrades that have a page, as they stand beside the index.",
        file="site/upgrades/index.json",
    ),
    Document(
        "made",
        "build --site-dir site",
        "What the pages were made from, and that it adds up.",
        file="site/made.json",
    ),
    Document("backports", "releases --backports", "Changes carried between release lines."),
)


def schemas_page() -> str:
    """Every JSON document: what it is for, its schema file, its keys, a shortened example."""
    return "\n".join((_HEAD, *_parts()))


_HEAD = """# JSON documents

<!-- Made by `python tests/reference_pages.py`; edits here are lost. -->

Every document opens with `"schema": "checktrail.<kind>/1"`. Within `/1` nothing changes its meaning; keys may be added.
Object ids are full, times are UTC with `Z`, and keys are sorted where their order carries nothing. The same
repository and settings give the same bytes.

The schemas (JSON Schema, 2020-12) are in the installed package, in `checktrail/schemas/`. A path that is no UTF-8 has
U+FFFD in `path` and its bytes, as base64, in `path_bytes`.

The examples are about the demo (`checktrail demo`). Of each list one member is shown, of long texts the beginning.
"""


def _parts() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, _settled(Path(folder)):
        demo = Path(folder) / "tidepool"
        write_demo(demo)
        for document in DOCUMENTS:
            yield _part(document, _printed(document, demo))


def _part(document: Document, printed: Mapping[str, Any]) -> str:
    example = _laid_out(_short(printed))
    keys = ", ".join(f"`{key}`" for key in printed if key != "schema")
    command = f"{document.arguments}{'' if document.file else ' --format json'}"
    return (
        f"## {document.kind}\n\n{document.about} From `checktrail {command}`; schema"
        f" `{schema_name(document.kind)}`; keys: {keys}.\n\n```json\n{example}\n```\n"
    )


def schema_name(kind: str) -> str:
    """The file that holds a kind's schema."""
    return f"{kind}-1.schema.json"


def schema_kinds() -> set[str]:
    """The kinds of document that the package has a schema of."""
    suffix = schema_name("")
    names = (file.name for file in (files("checktrail") / "schemas").iterdir() if file.is_file())
    return {name.removesuffix(suffix) for name in names if name.endswith(suffix)}


def _printed(document: Document, demo: Path) -> Mapping[str, Any]:
    out, words = StringIO(), document.arguments.split()
    with redirect_stdout(out), redirect_stderr(StringIO()):
        if document.file:
            run(["-C", str(demo), *words[:-1], str(demo.parent / words[-1])])
        else:
            run(["-C", str(demo), *words, "--format", "json"])
    path, _, member = document.file.partition("!")
    if member:
        with ZipFile(demo.parent / path) as bundle:
            text = bundle.read(member).decode("utf-8")
    else:
        text = (demo.parent / path).read_text(encoding="utf-8") if path else out.getvalue()
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


def _short(value: Any) -> Any:
    """One member of each list, the fullest, and the beginning of long texts; a few short words stay whole."""
    if isinstance(value, Mapping):
        return {key: "…" if key in _OF_THIS_RUN else _short(inner) for key, inner in value.items()}
    if isinstance(value, list):
        if len(value) <= _FEW and all(isinstance(inner, str) for inner in value):
            return [_short(inner) for inner in value]
        return [_short(max(value, key=lambda inner: len(json.dumps(inner))))] if value else []
    if isinstance(value, str) and len(value) > _LONG:
        return value[: _LONG - 1] + "…"
    return value


def _laid_out(value: Any, indent: str = "") -> str:
    """JSON with whatever fits into a line on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= _WIDTH or not isinstance(value, (Mapping, list)) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, list):
        rows = [f"{inner}{_laid_out(member, inner)}" for member in value]
        return "[\n" + ",\n".join(rows) + f"\n{indent}]"
    rows = [f"{inner}{json.dumps(key)}: {_laid_out(member, inner)}" for key, member in value.items()]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


@contextmanager
def _settled(folder: Path) -> Iterator[None]:
    """An environment in which a run gives the same everywhere."""
    clean = {"PATH": os.environ["PATH"], "CHECKTRAIL_CACHE_DIR": str(folder / "cache"), "NO_COLOR": "1"}
    with patch.dict(os.environ, clean, clear=True):
        yield
