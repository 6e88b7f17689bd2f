"""Whether a commit or a tag object has the one form that all of git's tools read alike. Pure.

Git makes no other, and reads others without a word: of two authors one command takes the first, another the last.
Source: the errors of git-fsck(1), less those that old programs made by the thousand and that everybody reads alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_IDENT: Final = rb"[^\n\r\0<>]*<[^\n\r\0<>]*> [0-9]{1,15} [+-][0-9]{2,6}"
_ID: Final = rb"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_COMMIT: Final = re.compile(rb"tree %b\n(?:parent %b\n)*author %b\ncommitter %b\n\n" % (_ID, _ID, _IDENT, _IDENT))
_TAG: Final = re.compile(rb"object %b\ntype [a-z]+\ntag [^\r\n\0]+\ntagger %b\n\n" % (_ID, _IDENT))
_WHO: Final = re.compile(_IDENT)
_ONCE: Final = {"commit": (b"tree", b"author", b"committer"), "tag": (b"object", b"type", b"tag", b"tagger")}
_NEEDED: Final = {
    "commit": frozenset((b"tree", b"author", b"committer")),
    "tag": frozenset((b"object", b"type", b"tag")),
}
_PEOPLE: Final = frozenset((b"author", b"committer", b"tagger"))


def malformed(kind: str, content: bytes) -> str:
    """In words what is wrong with the form of a commit or a tag object; empty when nothing is."""
    if (_COMMIT if kind == "commit" else _TAG).match(content):
        return _nul(content)  # nothing but the lines that all of its kind have, as mostly
    return next(_faults(kind, content), "")


def _nul(content: bytes) -> str:
    return "it holds a NUL, at which git stops reading" if b"\0" in content else ""


def _faults(kind: str, content: bytes) -> Iterator[str]:
    if fault := _nul(content):
        yield fault
    head = content.partition(b"\n\n")[0].split(b"\n")
    lines = [line for line in head if not line.startswith(b" ")]  # what begins with a space goes on with a line above
    if any(line.endswith(b"\r") for line in lines):
        yield "its headers end in carriage returns"
    counted = Counter(line.partition(b" ")[0] for line in lines)
    for name in _ONCE[kind]:
        if counted[name] > 1:
            yield f"it has {counted[name]} {name.decode()} lines"
        if not counted[name] and name in _NEEDED[kind]:
            yield f"it has no {name.decode()} line"
    for name, _, words in (line.partition(b" ") for line in lines):
        if name in _PEOPLE and not _WHO.fullmatch(words):
            yield f"its {name.decode()} line has no name, address and time that git can read"
