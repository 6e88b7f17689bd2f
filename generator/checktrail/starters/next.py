"""What a repository holds in, where the next release's checklist goes and what came before it out. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.errors import UsageError, shown
from checktrail.model import Binding
from checktrail.releases.versions import version_of

if TYPE_CHECKING:
    from checktrail.binding import Bound
    from checktrail.model import Checklist
    from checktrail.releases.versions import Version

FOLDER: Final = "checklists"
_FIRST: Final = "v0.1.0"
_ODD: Final = re.compile(r"[^\w./@+-]")


class Held(NamedTuple):
    """A checklist that the repository holds, and which release it belongs to."""

    path: str
    checklist: Checklist
    bound: Bound


def asked_version(text: str) -> Version:
    """The version that somebody typed.

    Raises:
        UsageError: it reads as no version.
    """
    found = version_of(text)
    if found is None or _ODD.search(text) or ".." in text:
        raise UsageError(f"{shown(text)} is no version", hint="write it as its tag will be named, such as v1.2.0")
    return found


def last_checklist(version: Version, held: Sequence[Held]) -> Held | None:
    """The checklist of the highest release below a version, of those that belong to one release."""
    ranked = [
        (below, each.path, each)
        for each in held
        if each.bound.binding is Binding.OWN and each.bound.release and (below := version_of(each.bound.release))
        if below < version
    ]
    return max(ranked, key=lambda entry: entry[:2])[2] if ranked else None


def last_tag(version: Version, tags: Sequence[str]) -> str | None:
    """The tag of the highest final release below a version, of the same component."""
    ranked = [
        (below, tag)
        for tag in tags
        if (below := version_of(tag)) and not below.prerelease and below.component == version.component
        if below < version
    ]
    return max(ranked)[1] if ranked else None


def next_version(tags: Sequence[str]) -> str:
    """What the next release may be called: the next minor version after the highest tag, in its own spelling."""
    known = [(version, tag) for tag in tags if (version := version_of(tag)) and not version.component]
    if not known:
        return _FIRST
    highest, tag = max(known)
    if highest.prerelease:
        return tag.partition("-")[0]
    numbers = [*highest.numbers, 0, 0][: max(2, len(highest.numbers))]
    raised = ".".join(str(number) for number in (numbers[0], numbers[1] + 1, *(0 for _ in numbers[2:])))
    return tag.replace(highest.text, raised)


def place(typed: str, version: Version, last: Held | None) -> str:
    """Where the checklist of a version goes: beside the last one under the same kind of name, else `checklists/`."""
    if last is not None and last.bound.release and last.path.count(last.bound.release) == 1:
        return last.path.replace(last.bound.release, version.text)
    return posixpath.join(FOLDER, f"{typed}.md")


def own_template(held: Sequence[Held]) -> Held | None:
    """The repository's own template, where it has exactly one with items."""
    found = [each for each in held if each.bound.binding is Binding.TEMPLATE and each.checklist.items]
    return found[0] if len(found) == 1 else None
