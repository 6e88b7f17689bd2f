"""A release's notes for its page: curated parts first, the list made from commits in a fold. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from checktrail.notes import Notes
from checktrail.notes.parts import Change, Part, Source, SourceKind
from checktrail.site.markup import render
from checktrail.site.views.shared import CommitRow, Link, Site, commit_row, counted, release_link, shown

SOURCES: Mapping[SourceKind, str] = {
    SourceKind.FILE: "the file {}",
    SourceKind.CHANGELOG: "the changelog {}",
    SourceKind.FRAGMENTS: "the change fragments in {}",
    SourceKind.TAG: "the tag's message",
    SourceKind.COMMITS: "the commits",
}


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change: its words, the commits it stands for, the other releases that hold it."""

    text: Markup
    scope: str
    breaking: bool
    commits: tuple[CommitRow, ...]
    also_in: tuple[Link, ...]
    release: Link


@dataclass(frozen=True, slots=True)
class NotesPart:
    """Changes of one kind."""

    title: str
    changes: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True)
class NotesView:
    """The notes of a release as its page shows them."""

    parts: tuple[NotesPart, ...]
    generated: tuple[NotesPart, ...]
    sources: str
    contributors: tuple[str, ...]
    edited: tuple[str, ...]
    untold: tuple[CommitRow, ...]
    unmatched: tuple[Markup, ...]
    reverted: tuple[str, ...]


def notes_view(site: Site, notes: Notes, here: str) -> NotesView:
    """The notes as a page at `here` shows them."""
    return NotesView(
        parts=_parts(site, notes.parts, here),
        generated=_parts(site, notes.generated, here),
        sources=" and ".join(_source(source) for source in notes.sources),
        contributors=tuple(
            f"{shown(each.name)} (first time)" if each.first_time else shown(each.name) for each in notes.contributors
        ),
        edited=tuple(_edits(source) for source in notes.sources if source.added or source.removed or source.is_later),
        untold=tuple(commit_row(site, site.record.commits[each]) for each in notes.drift.commits_without_change),
        unmatched=tuple(prose(text) for text in notes.drift.changes_without_commit),
        reverted=tuple(shown(each.text) for each in notes.reverted),
    )


def parts_view(site: Site, parts: tuple[Part, ...], here: str) -> tuple[NotesPart, ...]:
    """Parts of notes on any page: an upgrade's, for one."""
    return _parts(site, parts, here)


def _parts(site: Site, parts: tuple[Part, ...], here: str) -> tuple[NotesPart, ...]:
    return tuple(NotesPart(part.title, tuple(_line(site, each, here) for each in part.changes)) for part in parts)


def _line(site: Site, change: Change, here: str) -> ChangeLine:
    tags = (*change.also_in, *((change.first_release,) if change.first_release else ()))
    return ChangeLine(
        text=prose(change.text) if change.is_markdown else _referenced(change),
        scope=shown(change.scope or ""),
        breaking=change.breaking,
        commits=tuple(commit_row(site, site.record.commits[each]) for each in change.commits[:1]),
        also_in=tuple(release_link(site, here, tag) for tag in tags),
        release=release_link(site, here, change.release) if change.release else Link(""),
    )


def prose(text: str) -> Markup:
    """Markdown of one or more lines as HTML; a lone paragraph goes without its tags, headings become bold words."""
    html = Markup()
    for part in render(shown(text), {}, public=True):
        if part.level:
            html += Markup("<p><strong>{}</strong></p>").format(part.heading)
        html += part.body
    bare = html.strip()
    alone = bare.startswith("<p>") and bare.endswith("</p>") and bare.count("<p>") == 1
    return Markup(bare[3:-4]) if alone else Markup(bare)  # noqa: S704 (rendered by our rules, only trimmed here)


def _referenced(change: Change) -> Markup:
    """Plain text with its references linked, each once."""
    rest, html = shown(change.text), Markup()
    for reference in change.links:
        before, found, after = rest.partition(reference.text)
        if not found:
            continue
        html += escape(before) + Markup('<a href="{}" rel="noopener nofollow">{}</a>').format(reference.url, found)
        rest = after
    return html + escape(rest)


def _source(source: Source) -> str:
    return SOURCES[source.kind].format(shown(source.path or ""))


def _edits(source: Source) -> str:
    """How a source differs from the tag's own tree, in words."""
    if source.is_later:
        return f"{_source(source)} came after the release"
    return (
        f"{_source(source)} was edited after the release: "
        f"{counted(len(source.added), 'line')} added, {len(source.removed):,} taken away"
    )
