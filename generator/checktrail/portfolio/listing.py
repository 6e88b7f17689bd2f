"""A list of repositories to where each is and what it is called.

In: a TOML file, a file with a path a line, or a folder whose members are the list. Out: a `Listing`. Paths are relative
to the list; one with `*`, `?` or `[` stands for everything that fits. Whether anything is there is not asked here.
"""

from __future__ import annotations

import glob
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from checktrail.errors import ConfigError, InputError, shown

DEFAULT: Final = "portfolio.toml"
LARGEST: Final = 1024 * 1024
MOST: Final = 10_000
"""Bytes of a list, and repositories in it."""

TITLE, URL, AUDIENCE, SITE, ADDRESSES, PATH, NAME = "title", "url", "audience", "site", "addresses", "path", "name"
WHOLE: Final = (TITLE, URL, AUDIENCE, SITE, ADDRESSES)
EACH: Final = (PATH, NAME, SITE, ADDRESSES)
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {AUDIENCE: ("public", "internal"), ADDRESSES: ("files", "folders")}
_REPOSITORIES = "repository"
_NAME_MARK = "{name}"


@dataclass(frozen=True, slots=True)
class Member:
    """A place that a list names: a clone, or what was exported elsewhere; what the list does not say is empty.

    `site` is where its own site is: an address, or a path from the root of the portfolio's; `{name}` is its name.
    """

    place: Path
    name: str = ""
    site: str = ""
    addresses: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list's members in its order, and what it says of the whole."""

    members: tuple[Member, ...]
    title: str = ""
    url: str = ""
    audience: str = "public"


def read_listing(path: Path, leave_out: Iterable[Path] = ()) -> Listing:
    """The list that stands in a file, or that a folder is; `leave_out` are members of a folder that are none.

    Raises:
        InputError: it is not there or cannot be read.
        ConfigError: it says what it cannot say.
    """
    listing = _of_folder(path, leave_out) if path.is_dir() else _of_file(path)
    if not listing.members:
        raise InputError(f"{shown(path)} lists no repository", hint="see `checktrail portfolio --help`")
    if len(listing.members) > MOST:
        raise InputError(f"{shown(path)} lists {len(listing.members)} repositories, more than {MOST}")
    return listing


def _of_folder(folder: Path, leave_out: Iterable[Path]) -> Listing:
    """Every folder and JSON document right in a folder; none is passed over, or an empty one would not be missed."""
    apart = {each.resolve() for each in leave_out}
    try:
        there = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    except OSError as error:
        raise _unreadable(folder, error) from None
    return Listing(
        tuple(
            Member(each)
            for each in there
            if (each.is_dir() or each.suffix.lower() == ".json") and each.resolve() not in apart
        )
    )


def _of_file(path: Path) -> Listing:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(content) > LARGEST:
        raise InputError(f"{shown(path)} is larger than {LARGEST} bytes, too large for a list")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{shown(path)} is not UTF-8", hint="a list is TOML, or a path a line") from None
    if path.suffix.lower() == ".toml":
        return _of_toml(text, path)
    lines = [line.strip() for line in text.splitlines()]
    members = [Member(path.parent / line) for line in lines if line and not line.startswith("#")]
    return Listing(_each_place(members))


def _of_toml(text: str, path: Path) -> Listing:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown(path)} is not TOML: {error}", hint="see `checktrail portfolio --help`") from None
    tables = values.pop(_REPOSITORIES, [])
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        raise ConfigError(f"{shown(path)}: {_REPOSITORIES} is no list of tables", hint="write [[repository]] for each")
    whole = _words(values, WHOLE, shown(path))
    members = [
        _member(_words(table, EACH, f"{shown(path)}: repository {number}"), whole, path, number)
        for number, table in enumerate(tables, 1)
    ]
    return Listing(
        _each_place(members), whole.get(TITLE, ""), whole.get(URL, ""), whole.get(AUDIENCE, CHOICES[AUDIENCE][0])
    )


def _member(words: Mapping[str, str], whole: Mapping[str, str], path: Path, number: int) -> Member:
    if not words.get(PATH):
        raise ConfigError(f"{shown(path)}: repository {number} has no path", hint='write path = "../service"')
    merged = {**{key: whole[key] for key in (SITE, ADDRESSES) if key in whole}, **words}
    site = merged.get(SITE, "")
    return Member(path.parent / words[PATH], words.get(NAME, ""), site, merged.get(ADDRESSES, ""))


def _words(values: Mapping[str, Any], known: tuple[str, ...], place: str) -> dict[str, str]:
    """The values by key: strings, each of which may stand where it does."""
    for key, value in values.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            raise ConfigError(
                f"{place}: there is no {shown(key)}",
                hint=f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}",
            )
        if not isinstance(value, str):
            raise ConfigError(f"{place}: {key} should be a string, not {shown(repr(value)[:60])}")
        if key in CHOICES and value not in CHOICES[key]:
            raise ConfigError(f"{place}: {key} should be {' or '.join(CHOICES[key])}, not {shown(value)!r}")
        if key in (SITE, URL) and not is_address(value, relative=key == SITE):
            raise ConfigError(
                f"{place}: {key} is no address: {shown(value)!r}",
                hint="write https://… or, for a site, a path from the root of the portfolio's",
            )
    return dict(values)


def is_address(text: str, *, relative: bool) -> bool:
    """Whether a link may lead there: the web, or where `relative` is allowed a path."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if not text.isprintable() or set(text) & set('\\"<>` ') or "@" in parts.netloc:
        return False  # a name and password in an address are nobody's to read
    return (parts.scheme in {"http", "https"} and bool(parts.netloc)) or (
        relative and not parts.scheme and not parts.netloc
    )


def _each_place(members: Iterable[Member]) -> tuple[Member, ...]:
    """Members whose path is a pattern, one for each place that fits; one that nothing fits stays, to be missed."""
    found: list[Member] = []
    for member in members:
        pattern = str(member.place)
        fits = sorted(glob.glob(pattern)) if glob.has_magic(pattern) and not member.place.exists() else []  # noqa: PTH207 -- the pattern is a whole path
        if len(fits) > 1 and member.name:
            raise ConfigError(f"{shown(pattern)} fits {len(fits)} places, and all would be called {shown(member.name)}")
        found += [replace(member, place=Path(fit)) for fit in fits] or [member]
    return tuple(found)


def site_of(member: Member, name: str) -> str:
    """Where a member's own site is, its name put into the pattern; empty where the list does not say."""
    from urllib.parse import quote

    return member.site.replace(_NAME_MARK, quote(name, safe=""))


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{shown(path)} cannot be read: {error.strerror or error}",
        hint=f"name a list of repositories, or write {DEFAULT}; see `checktrail portfolio --help`",
    )
