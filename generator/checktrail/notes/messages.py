"""What a commit message tells users: Conventional Commits, trailers, the titles that hosts give merges. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from checktrail.model import Commit
from checktrail.notes.parts import Kind

_SUBJECT = re.compile(r"(?P<type>[A-Za-z]{2,20})(?:\((?P<scope>[^()\r\n]{1,80})\))?(?P<mark>!)?:[ \t]+(?P<text>\S.*)")
_BREAKING = re.compile(r"^BREAKING[ -]CHANGE(?::[ \t]+| #)(?P<text>.+(?:\n(?![A-Za-z-]+: |\n).+)*)", re.MULTILINE)
_TRAILER = re.compile(r"(?:[A-Za-z]+(?:-[A-Za-z]+)+|Fixes|Closes|Refs|Cc|Bug|Issue):[ \t]+\S")
_NOTE = re.compile(
    r"^(?P<key>Changelog|Release-Note|Highlight|Upgrade-Notes?|Known-Issues?|Security-Note):[ \t]+"
    r"(?P<text>\S.*(?:\n[ \t]+\S.*)*)$",
    re.MULTILINE | re.IGNORECASE,
)
_CVE = re.compile(r"\bCVE-[0-9]{4}-[0-9]{4,}\b")
_LONGEST = 400
_USUAL: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(("feat", "feature", "features"), Kind.FEATURES),
        **dict.fromkeys(("fix", "bugfix", "hotfix", "fixes"), Kind.FIXES),
        **dict.fromkeys(("perf", "improvement", "improve", "enhancement", "enhance"), Kind.IMPROVEMENTS),
        **dict.fromkeys(("security", "sec"), Kind.SECURITY),
        **dict.fromkeys(
            ("docs", "doc", "style", "refactor", "test", "tests", "build", "ci", "chore", "revert", "deps", "release",
             "wip", "misc", "lint", "types"),
            Kind.OTHER,
        ),
    }
)  # fmt: skip
# GitLab's `Changelog:` trailer, and its words in other keys.
_CATEGORIES: Mapping[str, Kind] = MappingProxyType(
    {
        "added": Kind.FEATURES, "feature": Kind.FEATURES, "fixed": Kind.FIXES, "bugfix": Kind.FIXES,
        "changed": Kind.IMPROVEMENTS, "performance": Kind.IMPROVEMENTS, "improvement": Kind.IMPROVEMENTS,
        "deprecated": Kind.UPGRADE, "removed": Kind.BREAKING, "breaking": Kind.BREAKING, "security": Kind.SECURITY,
        "other": Kind.OTHER,
    }
)  # fmt: skip
_OWN_PARTS: Mapping[str, Kind] = MappingProxyType(
    {
        "highlight": Kind.HIGHLIGHTS, "upgrade-note": Kind.UPGRADE, "upgrade-notes": Kind.UPGRADE,
        "known-issue": Kind.KNOWN_ISSUES, "known-issues": Kind.KNOWN_ISSUES, "security-note": Kind.SECURITY,
    }
)  # fmt: skip
_SILENT = {"none", "n/a", "no", "-", '""'}

_HOSTED_MERGE = re.compile(
    r"Merge pull request #(?P<github>\d+) from |Auto merge of #(?P<homu>\d+) |"
    r"Merged in \S+ \(pull request #(?P<bitbucket>\d+)\)|Merged PR (?P<azure>\d+): (?P<title>.+)"
)
_MERGE_REQUEST = re.compile(r"^See merge request (?:\S*)!(?P<number>\d+)\s*$", re.MULTILINE)
_MERGE = re.compile(r"(?:Merge|Merged|Auto merge|Automerge)\b", re.IGNORECASE)


class Message(NamedTuple):
    """What a message says. A NamedTuple, since a history has a hundred thousand of them.

    `kind` is None when neither type nor trailer says one. `is_title` is False for a merge that says nothing but what it
    merged. `extra` are further notes that trailers give, each for its own part; `is_silent`: its author wants no note.
    """

    text: str
    kind: Kind | None
    scope: str | None
    breaking: bool
    is_title: bool = True
    extra: tuple[tuple[Kind, str], ...] = ()
    is_silent: bool = False

    @property
    def is_user_facing(self) -> bool:
        """Whether users would notice, as far as the message says."""
        return not self.is_silent and (self.breaking or self.kind not in (None, Kind.OTHER))


def message(commit: Commit) -> Message:
    """What a commit's message says; a merge speaks by the title that the host wrote into it, if any."""
    text = commit.message
    title, is_title = (commit.subject, True) if len(commit.parents) <= 1 else _merge_title(commit)
    kind, scope, breaking = None, None, False
    found = _SUBJECT.fullmatch(title) if ":" in title else None
    if found:
        word, named_scope, mark, rest = found.groups()
        kind = _USUAL.get(word.lower())
        if kind is not None:
            title, scope, breaking = rest, named_scope, bool(mark)
            if scope and scope.lower() == "security":
                kind = Kind.SECURITY
    trailers = _trailers(text)
    category = next((value for key, value in reversed(trailers) if key == "changelog"), "") if trailers else ""
    if category:
        kind = _CATEGORIES.get(category.lower(), kind)
    if (kind is None or kind is Kind.FIXES) and "CVE-" in title and _CVE.search(title):
        kind = Kind.SECURITY
    if not trailers and "BREAKING" not in text:
        return Message(_folded(title), kind, scope, breaking, is_title)  # as nearly every message
    return _noted(Message(title, kind, scope, breaking, is_title), trailers, text)


def _noted(said: Message, trailers: Sequence[tuple[str, str]], text: str) -> Message:
    """What a message says by its title, with what it says below that."""
    title, kind, is_title = said.text, said.kind, said.is_title
    breaking_notes = [_folded(note["text"]) for note in _BREAKING.finditer(text)]
    notes = [value for key, value in trailers if key == "release-note"]
    told = [note for note in notes if note.lower() not in _SILENT]
    if told:
        title, kind, is_title = told[0], (Kind.IMPROVEMENTS if kind in (None, Kind.OTHER) else kind), True
    if breaking_notes:
        title = f"{title}: {' '.join(breaking_notes)}"
    return Message(
        text=_folded(title),
        kind=kind,
        scope=said.scope,
        breaking=said.breaking or bool(breaking_notes) or kind is Kind.BREAKING,
        is_title=is_title,
        extra=(
            *((_OWN_PARTS[key], value) for key, value in trailers if key in _OWN_PARTS),
            *((kind or Kind.IMPROVEMENTS, note) for note in told[1:]),
        ),
        is_silent=bool(notes) and not told,
    )


def _trailers(text: str) -> tuple[tuple[str, str], ...]:
    """The `Key: value` lines that are about notes, keys in lower case."""
    # Looking for a part of each key first is ten times faster, and nearly every message has none of them.
    if not (
        "hangelog:" in text or "ighlight:" in text or "-Note" in text or "-note" in text or "-Issue" in text
        or "-issue" in text
    ):  # fmt: skip
        return ()
    notes = _NOTE.finditer(text, text.find("\n") + 1)
    return tuple((found["key"].lower(), _folded(found["text"])) for found in notes)


def _merge_title(commit: Commit) -> tuple[str, bool]:
    """The title of a merge and whether it says more than what was merged."""
    subject = commit.subject
    if not _MERGE.match(subject):
        return subject, True
    hosted = _HOSTED_MERGE.match(subject)
    number = (
        next((value for name, value in hosted.groupdict().items() if value and name != "title"), "") if hosted else ""
    )
    if hosted and hosted["title"]:
        return _numbered(hosted["title"], f"#{number}"), True
    paragraph = _first_paragraph(commit.message)
    if not paragraph:
        return subject, False
    request = _MERGE_REQUEST.search(commit.message) if "See merge request" in commit.message else None
    sign = f"!{request['number']}" if request else (f"#{number}" if number else "")
    return _numbered(paragraph, sign), True


def _first_paragraph(text: str) -> str:
    """The first prose under the subject: its one line, or its lines joined; empty when there is none."""
    for paragraph in text.split("\n\n")[1:]:
        lines = [line.strip() for line in paragraph.strip().split("\n")]
        if not lines[0] or _TRAILER.match(lines[0]) or lines[0].startswith(("See merge request", "(cherry picked")):
            continue
        if lines[0].startswith(("*", "#", "-", "Conflicts", "This reverts", "Merge:")):
            return ""
        return _folded(" ".join(lines))
    return ""


def _numbered(title: str, sign: str) -> str:
    return title if not sign or sign in title else f"{title} ({sign})"


def _folded(text: str) -> str:
    """One line of bounded length."""
    if len(text) <= _LONGEST and "  " not in text and text.isprintable() and text.strip() == text:
        return text  # no white space but single blanks: folding it would leave it as it is
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
