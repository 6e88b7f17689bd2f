"""The curated notes of a release: the first source that says something, and how it was edited since. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

from checktrail.model import Release
from checktrail.notes.fragments import fragment_changes
from checktrail.notes.markdown import changes, section
from checktrail.notes.parts import Change, Source, SourceKind
from checktrail.notes.texts import File, Texts
from checktrail.releases.versions import Precedence, version_of

_SIGNATURE = re.compile(r"^-----BEGIN [A-Z ]*SIGNATURE-----.*\Z", re.DOTALL | re.MULTILINE)
_TRIVIAL_WORDS = re.compile(r"[^\W\d_]{2,}")
_FEW_WORDS = 4


@dataclass(frozen=True, slots=True)
class Curated:
    """Curated changes in the order of their source, and the source; both empty where nobody curated."""

    changes: tuple[Change, ...] = ()
    source: Source | None = None


def curated(release: Release, texts: Texts) -> Curated:
    """A release's own file, else its section of the changelog, else fragments, else the tag's message."""
    found = (
        _from_file(SourceKind.FILE, texts.own, texts.own_now, None)
        or _from_changelog(release, texts)
        or _from_fragments(texts)
        or _from_tag(release)
    )
    return found or Curated()


def _from_changelog(release: Release, texts: Texts) -> Curated | None:
    version = version_of(release.version)
    if version is None or not (texts.changelog or texts.changelog_now):
        return None
    return _from_file(SourceKind.CHANGELOG, texts.changelog, texts.changelog_now, version.precedence)


def _from_file(kind: SourceKind, then: File | None, now: File | None, wanted: Precedence | None) -> Curated | None:
    """What a file says at the tag; where it said nothing then, what it says now.

    Args:
        kind: the source.
        then: the file in the tag's tree.
        now: the file at HEAD.
        wanted: the version whose section counts; None for the whole file.
    """
    before, after = _wanted(then, wanted), _wanted(now, wanted)
    text = before if before is not None else after
    file = then if before is not None else now
    if text is None or file is None:
        return None
    found = changes(text)
    if not found:
        return None
    added, removed = _edits(before, after)
    return Curated(found, Source(kind, file.path, is_later=before is None, added=added, removed=removed))


def _wanted(file: File | None, version: Precedence | None) -> str | None:
    if file is None:
        return None
    return file.text if version is None else section(file.text, version)


def _edits(before: str | None, after: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that were added and removed since. A text that is gone by now is no edit."""
    if before is None or after is None or before == after:
        return (), ()
    marked = list(unified_diff(_lines(before), _lines(after), n=0, lineterm=""))[2:]
    return _marked("+", marked), _marked("-", marked)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _marked(mark: str, lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(line[1:] for line in lines if line.startswith(mark))


def _from_fragments(texts: Texts) -> Curated | None:
    told = {file.path: fragment_changes(file.path, file.text) for file in texts.fragments}
    found = tuple(change for each in told.values() for change in each)
    if not found:
        return None
    folder = next(path for path, each in told.items() if each).rsplit("/", 1)[0]
    return Curated(found, Source(SourceKind.FRAGMENTS, folder))


def _from_tag(release: Release) -> Curated | None:
    """The tag's message, unless it only says which release this is."""
    message = _SIGNATURE.sub("", release.message or "").strip()
    subject, _, body = message.partition("\n")
    if not body.strip() and len(_TRIVIAL_WORDS.findall(subject)) < _FEW_WORDS:
        return None
    if release.version in subject or len(_TRIVIAL_WORDS.findall(subject)) < _FEW_WORDS:
        message = body.strip() or message
    found = changes(message, is_markdown=False)
    return Curated(found, Source(SourceKind.TAG)) if found else None
