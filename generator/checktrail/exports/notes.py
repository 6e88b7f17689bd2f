"""Release notes as JSON (`checktrail.notes/1`) and as Markdown, through a template in a sandbox. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from checktrail.errors import UsageError, shown
from checktrail.exports.markdown import curated, escaped, linked
from checktrail.exports.wire import document, moment, text
from checktrail.model import AlsoIncluded, Release
from checktrail.notes.links import Web
from checktrail.notes.parts import Change, Notes, Part
from checktrail.notes.upgrade import Upgrade

_SHORT = 8
_BLANK_LINES = re.compile(r"\n{3,}")


def notes_document(notes: Notes, *, is_cut_off: bool = False) -> dict[str, Any]:
    """The notes of one release."""
    return document("notes", notes_form(notes), is_cut_off=is_cut_off)


def notes_form(notes: Notes) -> dict[str, Any]:
    """The notes of one release as they stand in every document."""
    return {
        "tag": text(notes.tag),
        "base": None if notes.base is None else text(notes.base),
        "base_reason": text(notes.base_reason),
        "sources": [
            {
                "kind": source.kind.value,
                "path": None if source.path is None else text(source.path),
                "written_after_release": source.is_later,
                "added_after_release": [text(line) for line in source.added],
                "removed_after_release": [text(line) for line in source.removed],
            }
            for source in notes.sources
        ],
        "parts": _parts(notes.parts),
        "generated": _parts(notes.generated),
        "contributors": [{"name": text(one.name), "first_time": one.first_time} for one in notes.contributors],
        "drift": {
            "changes_without_commit": [text(line) for line in notes.drift.changes_without_commit],
            "commits_without_change": list(notes.drift.commits_without_change),
        },
        "reverted": [{"text": text(one.text), "commits": list(one.commits)} for one in notes.reverted],
        "also_included": _also(notes.also_included),
    }


def upgrade_document(upgrade: Upgrade, new: Notes, *, is_cut_off: bool = False) -> dict[str, Any]:
    """What lies between two releases, in the form of one release's notes."""
    form = notes_form(new)
    return document(
        "notes",
        {
            **form,
            "base": text(upgrade.old),
            "base_reason": "asked for",
            "releases": [text(tag) for tag in upgrade.releases],
            "parts": _parts(upgrade.parts),
            "generated": [],
        },
        is_cut_off=is_cut_off,
    )


def _parts(parts: Iterable[Part]) -> list[dict[str, Any]]:
    return [
        {"kind": part.kind.value, "title": text(part.title), "changes": [_change(change) for change in part.changes]}
        for part in parts
    ]


def _change(change: Change) -> dict[str, Any]:
    return {
        "text": text(change.text),
        "scope": None if change.scope is None else text(change.scope),
        "commits": list(change.commits),
        "links": [{"text": text(link.text), "url": link.url} for link in change.links],
        "breaking": change.breaking,
        "first_release": None if change.first_release is None else text(change.first_release),
        "also_in": [text(tag) for tag in change.also_in],
        "release": None if change.release is None else text(change.release),
    }


def _also(also: Iterable[AlsoIncluded]) -> list[dict[str, str]]:
    return [{"commit": one.commit, "first_release": text(one.first_release)} for one in also]


# --- Markdown ---------------------------------------------------------------------------------------------------------


def notes_markdown(notes: Notes, release: Release, template: str, web: Web | None = None) -> str:
    """The notes of one release through a template.

    Args:
        notes: the notes.
        release: their release, for its date.
        template: the template's text; it runs in a sandbox and is handed only text that is escaped already.
        web: where commits are seen, None when unknown.

    Raises:
        UsageError: the template is none, or asks for what there is not.
    """
    counts = Counter(also.first_release for also in notes.also_included)
    told = {change.first_release for part in (*notes.parts, *notes.generated) for change in part.changes}
    return _rendered(
        template,
        {
            "tag": escaped(notes.tag),
            "version": escaped(release.version),
            "date": moment(release.at)[:10],
            "base": escaped(notes.base) if notes.base else None,
            "base_reason": escaped(notes.base_reason),
            "releases": [],
            "parts": _views(notes.parts, web),
            "generated": _views(notes.generated, web),
            "reverted": [{"line": f"{escaped(one.text)}{_commit(one.commits[:1], web)}"} for one in notes.reverted],
            "also_included": [
                {"first_release": escaped(tag), "count": count} for tag, count in counts.items() if tag not in told
            ],
            "contributors": [{"name": escaped(one.name), "first_time": one.first_time} for one in notes.contributors],
        },
    )


def upgrade_markdown(upgrade: Upgrade, new: Release, template: str, web: Web | None = None) -> str:
    """What lies between two releases through a template.

    Raises:
        UsageError: the template is none, or asks for what there is not.
    """
    return _rendered(
        template,
        {
            "tag": f"{escaped(upgrade.old)} to {escaped(upgrade.new)}",
            "version": escaped(new.version),
            "date": moment(new.at)[:10],
            "base": escaped(upgrade.old),
            "base_reason": "asked for",
            "releases": [escaped(tag) for tag in upgrade.releases],
            "parts": _views(upgrade.parts, web),
            "generated": [],
            "reverted": [],
            "also_included": [],
            "contributors": [],
        },
    )


def _rendered(template: str, values: Mapping[str, Any]) -> str:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, autoescape=False
    )
    try:
        found = environment.from_string(template).render(values)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise UsageError(
            f"the notes template cannot be rendered: {shown(error)}",
            hint="what a template is given is in the reference under `notes`",
        ) from None
    return _BLANK_LINES.sub("\n\n", found.strip()) + "\n"


def _views(parts: Iterable[Part], web: Web | None) -> list[dict[str, Any]]:
    return [
        {
            "kind": part.kind.value,
            "title": escaped(part.title),
            "changes": [
                {
                    "line": change_line(change, web),
                    "text": _text(change),
                    "commits": list(change.commits),
                    "links": [{"text": escaped(link.text), "url": link.url} for link in change.links],
                    "breaking": change.breaking,
                    "scope": escaped(change.scope) if change.scope else None,
                    "release": escaped(change.release) if change.release else None,
                }
                for change in part.changes
            ],
        }
        for part in parts
    ]


def change_line(change: Change, web: Web | None) -> str:
    """One change as one line of Markdown: its text, where else it is, and its commit."""
    scope = f"**{escaped(change.scope)}:** " if change.scope else ""
    marks = [
        *([f"since {escaped(change.first_release)}"] if change.first_release else []),
        *([f"also in {', '.join(escaped(tag) for tag in change.also_in)}"] if change.also_in else []),
        *([escaped(change.release)] if change.release else []),
    ]
    where = f" ({'; '.join(marks)})" if marks else ""
    return f"{scope}{_text(change)}{where}{_commit(change.commits[:1], web)}"


def _text(change: Change) -> str:
    return curated(change.text) if change.is_markdown else linked(change.text, change.links)


def _commit(commits: Sequence[str], web: Web | None) -> str:
    if not commits:
        return ""
    short = commits[0][:_SHORT]
    return f" ([`{short}`]({web.commit(commits[0])}))" if web else f" (`{short}`)"
