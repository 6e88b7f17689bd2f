"""Tag names to versions that can be compared: PEP 440, SemVer, CalVer, with component prefixes. Pure.

In: a tag's name. Out: a `Version` with one order for all three schemes, so that a repository may change from one to
another. What fits none of them is no version, and the caller says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from packaging.version import InvalidVersion
from packaging.version import Version as Pep440

# One identifier of a pre-release or local part: numbers come before words, as in SemVer section 11.
Identifier = tuple[int, int, str]
Precedence = tuple[
    int, tuple[int, ...], tuple[int, tuple[Identifier, ...]], int, tuple[int, int], tuple[Identifier, ...]
]

_LONGEST = 200  # a version is short; a hostile tag name must not cost time
_DIGITS = 18
_WORDS = re.compile(r"(?:version|ver|releases|release|rel)[-_/.]?(?=v?\.?[0-9])", re.IGNORECASE)
_SEPARATOR = re.compile(r"[/@_-]")
_MARK = re.compile(r"[vV][.-]?(?=[0-9])")
_DATE = re.compile(r"(?P<year>(?:19|20)[0-9]{2})[-_](?P<month>0[1-9]|1[0-2])(?:[-_](?P<day>0[1-9]|[12][0-9]|3[01]))?")
_SEMVER = re.compile(
    r"(?P<core>[0-9]+(?:\.[0-9]+){2,})(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)
_PRE_WORDS = {"a": "alpha", "b": "beta", "rc": "rc"}
_FINAL = (1, ())
_NO_DEV = (1, 0)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version: ordered by precedence alone, so that `1.0` and `1.0.0` are neither below the other.

    `text` is as written, without component and mark (`v`, `release-`). `component` is None where the tag names none.
    `numbers` are those of the release part, as written.
    """

    precedence: Precedence
    text: str = field(compare=False)
    component: str | None = field(compare=False)
    prerelease: bool = field(compare=False)
    numbers: tuple[int, ...] = field(compare=False)

    @property
    def line(self) -> str:
        """The release line it belongs to: its first two numbers (`2.4` for 2.4.7)."""
        return ".".join(str(number) for number in (*self.numbers, 0)[:2])


@lru_cache(maxsize=1 << 14)
def version_of(name: str) -> Version | None:
    """The version that a tag's name says, with its component; None when it says none.

    The component is the shortest head that leaves a version: `pkg-a/v1.2.0`, `pkg@1.2.0`, `name-1.2.0`. After a
    component a bare number is no version (`issue-12` is none); it takes a dot, a date or the mark `v`.
    """
    if len(name) > _LONGEST:
        return None
    for component, rest in _splits(name):
        unmarked = _MARK.sub("", rest, count=1) if _MARK.match(rest) else rest
        if component and unmarked == rest and "." not in rest and not _DATE.fullmatch(rest):
            continue
        version = _version(unmarked, component)
        if version is not None:
            return version
    return None


def version_with(component: str | None, text: str) -> Version | None:
    """The version that a text says for a component already known; None when it says none."""
    if len(text) > _LONGEST:
        return None
    plain = _WORDS.match(text)
    unworded = text[plain.end() :] if plain else text
    mark = _MARK.match(unworded)
    return _version(unworded[mark.end() :] if mark else unworded, component)


def _splits(name: str) -> Iterator[tuple[str | None, str]]:
    """Each way to read a name as component and version, the shortest component first."""
    plain = _WORDS.match(name)
    yield None, name[plain.end() :] if plain else name
    for separator in _SEPARATOR.finditer(name):
        if separator.start() and _WORDS.match(name, separator.end()):
            # `pkg/release-1.0`: the word is a mark here too.
            yield name[: separator.start()], _WORDS.sub("", name[separator.end() :], count=1)
        elif separator.start():
            yield name[: separator.start()], name[separator.end() :]


def _version(text: str, component: str | None) -> Version | None:
    if (
        not text[:1].isdigit()
        or not text.isascii()
        or text[-1:].isspace()
        or re.search(rf"[0-9]{{{_DIGITS + 1}}}", text)
    ):
        return None
    return _calendar(text, component) or _pep440(text, component) or _semver(text, component)


def _calendar(text: str, component: str | None) -> Version | None:
    """A date with dashes; one with dots is in the reach of PEP 440, which would read `2024-01` as a post-release."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    numbers = tuple(int(part) for part in found.groups() if part)
    return Version(
        (0, _significant(numbers), _FINAL, -1, _NO_DEV, ()), text, component, prerelease=False, numbers=numbers
    )


def _pep440(text: str, component: str | None) -> Version | None:
    try:
        parsed = Pep440(text)
    except InvalidVersion:
        return None
    pre: tuple[int, tuple[Identifier, ...]] = _FINAL
    if parsed.pre:
        pre = (0, ((1, 0, _PRE_WORDS[parsed.pre[0]]), (0, parsed.pre[1], "")))
    elif parsed.dev is not None and parsed.post is None:
        pre = (-1, ())
    post = -1 if parsed.post is None else parsed.post
    dev = _NO_DEV if parsed.dev is None else (0, parsed.dev)
    # Here words come before numbers: PEP 440, "Local version identifiers".
    local = tuple(
        (2, int(part), "") if part.isdigit() else (1, 0, part) for part in (parsed.local or "").split(".") if part
    )
    precedence = (parsed.epoch, _significant(parsed.release), pre, post, dev, local)
    return Version(precedence, text, component, parsed.is_prerelease, parsed.release)


def _semver(text: str, component: str | None) -> Version | None:
    """SemVer 2.0.0, also with more than three numbers; build metadata does not order."""
    found = _SEMVER.fullmatch(text)
    if found is None:
        return None
    numbers = tuple(int(part) for part in found["core"].split("."))
    pre = _FINAL if found["pre"] is None else (0, tuple(_identifier(part) for part in found["pre"].split(".")))
    precedence = (0, _significant(numbers), pre, -1, _NO_DEV, ())
    return Version(precedence, text, component, found["pre"] is not None, numbers)


def _identifier(part: str) -> Identifier:
    return (0, int(part), "") if part.isdigit() else (1, 0, part)


def _significant(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Numbers without trailing zeros, so that 1.0 equals 1.0.0."""
    end = len(numbers)
    while end and numbers[end - 1] == 0:
        end -= 1
    return numbers[:end]
