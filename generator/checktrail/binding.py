"""A checklist and where it stands in, which releases it belongs to out. Pure.

The first rule that holds decides: what the settings say; the version in the path; the version in the text; a
template's name; else the file is living. A file that is no release checklist at all is `other`, whatever it holds.
The reason is said in words, since people ask.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from checktrail.model import Binding, Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from checktrail.config import Settings
    from checktrail.model import Checklist, Release
    from checktrail.releases.versions import Precedence, Version


_OWN, _LIVING = Binding.OWN, Binding.LIVING  # asked of each file of each tag: looked up by their names once


class Bound(NamedTuple):
    """Which releases a checklist belongs to and why; `release` is a version without leading v, only with `OWN`.

    `components` are those that it names: it speaks for no release of another one. Empty means for all.
    """

    binding: Binding
    release: str | None
    reason: str
    components: frozenset[str] = frozenset()


def bind(path: str, checklist: Checklist, settings: Settings, components: Iterable[str] = ()) -> Bound:
    """Which release a checklist at a path belongs to: one of its own, all of them, or none.

    `components` are those that the repository releases apart from each other; a checklist may name one.
    """
    if said := _by_settings(path, settings):
        return said
    is_ours, why = _release_like(path, checklist, settings)
    if not is_ours:
        return Bound(Binding.OTHER, None, why)
    found = _own(path, checklist) or _shared(path, checklist, why)
    named = _components(path, checklist, components)
    if not named:
        return found
    return found._replace(reason=f"{found.reason}; it is for {', '.join(sorted(named))}", components=named)


def belongs(bound: Bound, release: Release) -> bool:
    """Whether a checklist in a release's tree speaks for that release: its own one, or a living one.

    A candidate has the checklist of the release it is a candidate for; `1.2` and `1.2.0` are one version. One that
    names a component speaks for that component's releases alone.
    """
    binding, named, _, components = bound
    if components and release.component not in components:
        return False
    if binding is not _OWN or named is None:
        return binding is _LIVING
    return named in (release.tag, release.version) or _precedence(named) in _answered(release.version)


def closes_as(bound: Bound, at_head: Bound | None, release: Release) -> Binding:
    """How a release's checklist closes, given what its file is bound to at HEAD, None where it is gone.

    One file whose text names each release in turn serves them one after the other, as a living one does.
    """
    is_reused = at_head is not None and at_head.binding is Binding.OWN and not belongs(at_head, release)
    return Binding.LIVING if is_reused else bound.binding


@lru_cache(maxsize=1 << 14)
def _answered(released: str) -> tuple[Precedence, ...]:
    """The versions whose checklists speak for a release: its own, and the final one that a candidate leads to."""
    version = _named(released)
    if version is None:
        return ()
    final = _precedence(".".join(str(number) for number in version.numbers)) if version.prerelease else None
    return (version.precedence,) if final is None else (version.precedence, final)


@lru_cache(maxsize=1 << 14)
def _precedence(text: str) -> Precedence | None:
    """The version that a text says, to compare; a thousand releases ask it of each other's thousand checklists."""
    version = _named(text)
    return None if version is None else version.precedence


def _named(text: str) -> Version | None:
    from checktrail.releases.versions import version_with

    return version_with(None, text)


def _own(path: str, checklist: Checklist) -> Bound | None:
    if (version := _path_version(path)) is not None:
        return Bound(Binding.OWN, version, f"its path names {version}")
    if checklist.version is None:
        return None
    where = "title" if checklist.version in checklist.title else "text"
    return Bound(Binding.OWN, checklist.version, f"its {where} names {checklist.version}")


def _shared(path: str, checklist: Checklist, why: str) -> Bound:
    if (named := _template_name(path, checklist)) is not None:
        return Bound(Binding.TEMPLATE, None, named)
    return Bound(Binding.LIVING, None, f"it names no version, and {why}")


def is_release_like(path: str, checklist: Checklist, settings: Settings) -> bool:
    """Whether a file with boxes is a release checklist: by its name, its title, or two phases and more."""
    return _release_like(path, checklist, settings)[0]


def excluded(path: str, settings: Settings) -> bool:
    """Whether the settings say that a file is no checklist at all."""
    return any(fnmatchcase(path, glob) for glob in settings.checklists.exclude)


def is_vendored(path: str) -> bool:
    """Whether a file stands in a folder of installed or copied software: nobody here is to mend it."""
    return not _INSTALLED.isdisjoint(path.casefold().split("/")[:-1])


def is_tried(path: str, settings: Settings) -> bool:
    """Whether a file stands in a folder of tests, where what looks wrong may be meant, and no setting includes it."""
    if any(fnmatchcase(path, glob) for glob in settings.checklists.include):
        return False
    return _foreign(_parts(path.casefold())[0]) in _TRIED


def _by_settings(path: str, settings: Settings) -> Bound | None:
    for glob, value in settings.checklists.bindings.items():
        if not fnmatchcase(path, glob):
            continue
        name, _, tag = value.partition(":")
        reason = f"`checklists.bindings` says so for {glob}"
        if name == Binding.OWN:
            return Bound(Binding.OWN, tag.removeprefix("v") or _path_version(path), reason)
        return Bound(Binding(name), None, reason)
    return None


# --- is it one of ours ----------------------------------------------------------------------------------------------

_NAMES: Final = re.compile(
    r"(?<![a-z])(?:pre-?)?(?:releas(?:e|es|ing)|deploy(?:s|ment|ments|ing)?|sign-?offs?|go-?live|launch|roll-?out"
    r"|ship(?:ping)?)(?![a-z])"
)
_NO_CHECKLIST: Final = re.compile(
    r"release[-_ ]?notes|change-?log|pull[-_]?request|road-?map|(?<![a-z])(?:todos?|news)(?![a-z])"
)
_TODO_FOR_RELEASE: Final = re.compile(
    r"releas(?:e|es|ing)[-_ ]?todos?(?![a-z])|(?<![a-z])todos?[-_ ](?:for[-_ ])?releas"
)
_OUR_FOLDERS: Final = frozenset(("checklist", "checklists", "release", "releases", "release-checklists"))
_VENDORED: Final = frozenset(("node_modules", "vendor", "vendored", "third_party", "third-party", "thirdparty"))
_INSTALLED: Final = _VENDORED | {"site-packages", "venv", ".venv"}
_TRIED: Final = frozenset(("test", "tests", "testdata", "fixtures"))
_ENOUGH_PHASES: Final = 2


def _release_like(path: str, checklist: Checklist, settings: Settings) -> tuple[bool, str]:
    """Whether a file is a release checklist, and why or why not."""
    if any(fnmatchcase(path, glob) for glob in settings.checklists.include):
        return True, "`checklists.include` names it"
    if excluded(path, settings):
        return False, "`checklists.exclude` leaves it out"
    folders, name = _parts(path.casefold())
    if foreign := _foreign(folders):
        return False, f"it stands in {foreign}/"
    stem = name.rpartition(".")[0] or name
    if (found := _NO_CHECKLIST.search(stem)) and not _TODO_FOR_RELEASE.search(stem):
        return False, f"its name says {found.group()}"
    why = next(_reasons(stem, folders, checklist), None)
    return (True, why) if why else (False, "neither name, title nor sections speak of a release")


def _foreign(folders: Sequence[str]) -> str | None:
    """The folder that makes a file somebody else's or a test's; `checklists/test/` is a step of ours, no test."""
    for folder in folders:
        if folder in _INSTALLED:
            return folder
    first = next((folder for folder in folders if folder in _TRIED or folder in _OUR_FOLDERS), None)
    return first if first in _TRIED else None


def _parts(path: str) -> tuple[list[str], str]:
    """Folders and name; of a file outside the repository the folders are somebody's machine and say nothing."""
    *folders, name = path.split("/")
    return ([] if path.startswith(("/", "../")) else folders), name


def _reasons(stem: str, folders: Sequence[str], checklist: Checklist) -> Iterator[str]:
    """Each reason to take a file for a release checklist, the plainest first."""
    if found := _NAMES.search(stem):
        yield f"its name says {found.group()}"
    if _IN_NAME.fullmatch(stem):
        yield "its name is a version"
    yield from (f"it stands in {folder}/" for folder in reversed(folders) if folder in _OUR_FOLDERS)
    title = checklist.title.casefold()
    if (found := _NAMES.search(title)) and not _NO_CHECKLIST.search(title):
        yield f"its title says {found.group()}"
    if checklist.version is not None and any(fact.key.casefold() == "release" for fact in checklist.facts):
        yield f"it says that it is for {checklist.version}"
    phases = _phases_by_words(checklist)
    if len(phases) >= _ENOUGH_PHASES:
        yield f"it has sections to {' and to '.join(phases)}"


def _phases_by_words(checklist: Checklist) -> list[str]:
    """The phases that sections with items have by their own words; what only defaults to `prepare` proves nothing."""
    from checktrail.parse.phases import says_prepare  # its words are compiled only where they are asked

    holding = {item.section for item in checklist.items}
    phases = {
        section.phase
        for section in map(checklist.sections.__getitem__, holding)
        if section.phase is not Phase.PREPARE or any(says_prepare(heading) for heading in section.path)
    }
    return [phase.value for phase in Phase if phase in phases]


# --- which release --------------------------------------------------------------------------------------------------

_STAGE: Final = r"[-._]?(?:rc|alpha|beta|a|b|dev|post|pre|preview)[-._]?\d*"
_PRE: Final = rf"(?:{_STAGE})?"
_IN_NAME: Final = re.compile(rf"(?:^|[-_ @])(?:v(\d+(?:\.\d+)*{_PRE})|(\d+(?:\.\d+)+{_PRE}))(?=$|[-_ ])", re.IGNORECASE)
_ANYBODYS: Final = _OUR_FOLDERS | {"doc", "docs", ".github", ".gitlab"}
_LINE: Final = re.compile(rf"(?:^|[-_ @])v\d+(?=$|[-_ ])(?!{_STAGE}(?:$|[-_ ]))", re.IGNORECASE)
_TEMPLATE_FOLDER: Final = re.compile(r"(?:[._]|(?:issue|pull_request|merge_request|release|checklist)[-_]?)?templates?")
_TEMPLATE: Final = re.compile(r"(?<![a-z])templates?(?![a-z])")


def _path_version(path: str) -> str | None:
    """The version that a path names, the innermost part first: `checklists/v1.2.0.md`, `releases/1.2.0/qa.md`."""
    from checktrail.releases.versions import version_with  # what versions are is loaded only where one may stand

    folders, name = _parts(path)
    stem = name.rpartition(".")[0] if name.casefold().endswith((".md", ".markdown", ".mdown", ".mkd")) else name
    for part in (stem, *_release_folders(folders)):
        for found in _IN_NAME.finditer(part):
            if version := version_with(None, found.group(1) or found.group(2)):
                return version.text
    return None


def release_in(path: str) -> str | None:
    """The version of the release that a path names, without a leading v; None when it names none."""
    return _path_version(path)


def _release_folders(folders: Sequence[str]) -> Iterator[str]:
    """The folders that may name a release, the innermost first, without what names a line of releases.

    `docs/v2` and `move-to-v2` are about a line; `releases/v2` and `release-v2` are one release's.
    """
    for depth, folder in reversed(tuple(enumerate(folders))):
        is_ours = not _OUR_FOLDERS.isdisjoint(above.casefold() for above in folders[:depth])
        yield folder if is_ours or _NAMES.search(folder.casefold()) else _LINE.sub(" ", folder)


def _components(path: str, checklist: Checklist, components: Iterable[str]) -> frozenset[str]:
    """The components that a path names, in its file's name or the folder it stands in, else those of its title."""
    known = {component.rpartition("/")[2].casefold(): component for component in components}
    if not known:
        return frozenset()
    folders, name = _parts(path.casefold())
    folder = next((folder for folder in reversed(folders) if folder not in _ANYBODYS), "")
    places = (name.rpartition(".")[0] or name, folder, checklist.title.casefold())
    found = (_named_in(place, known) for place in places)
    return next((names for names in found if names), frozenset())


def _named_in(text: str, known: Mapping[str, str]) -> frozenset[str]:
    """The components that a text names as whole words, versions aside; one within the name of another counts not."""
    bare = _IN_NAME.sub(" ", text)
    hits = [name for name in known if re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", bare)]
    return frozenset(known[name] for name in hits if not any(name != other and name in other for other in hits))


def _template_name(path: str, checklist: Checklist) -> str | None:
    """In words what makes a file a template; None when nothing does."""
    folders, name = _parts(path.casefold())
    if folder := next((folder for folder in folders if _TEMPLATE_FOLDER.fullmatch(folder)), None):
        return f"it stands in {folder}/"
    if _TEMPLATE.search(name):
        return "its name says template"
    return "its title says template" if _TEMPLATE.search(checklist.title.casefold()) else None
