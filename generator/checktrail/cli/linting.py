"""What `checktrail lint` reads before its pure rules run, and what it writes after them.

In: a repository or paths. Out: findings per file, remembered by content, and for a fix the file's new bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from checktrail import __version__
from checktrail.binding import bind, excluded, is_tried, is_vendored
from checktrail.cli.checklists import small_enough
from checktrail.config import Settings, spelled
from checktrail.errors import UsageError, shown
from checktrail.git import MARKDOWN_SUFFIXES, Repository
from checktrail.lint import RULES_VERSION
from checktrail.lint.page import Page, Template, exact_bytes, exact_text, lines_of
from checktrail.lint.selection import Selection
from checktrail.model import Checklist, Finding, Phase, Repair
from checktrail.parse import PARSER_VERSION, may_hold_items, read, with_phases
from checktrail.reading import checklist_in, known, remember, shared
from checktrail.store import Store, pack, unpack
from checktrail.worktree import WorkingFile, named_files, repository_settings, working_files

if TYPE_CHECKING:
    from checktrail.lint.driver import Found

# A file without any of these has no box, nor anything that was meant as one.
_MAY_CONCERN = re.compile(
    rb"\[[^\[\]\r\n]{0,12}\]|\\\[|\[\r?\n|checktrail:"
    rb"|\xe2\x98[\x90-\x92]|\xe2\xac\x9c|\xe2\x96\xa2|\xf0\x9f\x94\xb2|\xf0\x9f\x97\xb9"
)
_SANE_LISTS = re.compile(
    r"^[ \t]*-?[ \t]*[\"']?mdx_truly_sane_lists[\"']?[ \t]*:?"
    r"(?:[ \t]*\r?\n[ \t]+(?:truly_sane:.*\r?\n[ \t]+)?nested_indent:[ \t]*(\d))?",
    re.MULTILINE,
)
_DOCS_DIR = re.compile(r"^docs_dir:[ \t]*[\"']?([^\"'#\r\n]+?)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The findings of one file, as they are kept in the store."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Ground:
    """Where the linter stands: the settings, the releases there are, the site's folder, the template."""

    settings: Settings
    selection: Selection
    repository: Repository | None
    directory: str
    store: Store

    @property
    def root(self) -> Path:
        """What paths are relative to: the repository's root, else the folder asked about."""
        worktree = self.repository.worktree if self.repository else None
        return worktree or Path(self.directory)

    def files(self, paths: Sequence[str]) -> tuple[tuple[WorkingFile, ...], dict[str, str]]:
        """The files to look at: those named, else every tracked file of ours; named ones are shown as named.

        And the tracked Markdown files that are not looked at though the settings leave them in: path to reason.

        Raises:
            InputError: a named one cannot be read, or is too large.
        """
        if paths:
            named = named_files([os.fspath(Path(self.directory, path)) for path in paths], self.repository)
            found = small_enough(named, self.settings)
            return tuple(file._replace(path=self._named(file.path)) for file in found), {}
        if self.repository is None:
            raise UsageError("there is no repository here", hint="name the files to check")
        if self.repository.worktree is None:
            return tuple(file for file in self._committed() if self._is_ours(file.path)), {}
        tracked, left_out = working_files(self.repository, self.settings)
        ours = tuple(file for file in tracked if self._is_ours(file.path))
        return ours, {path: why for path, why in left_out.items() if self._is_ours(path)}

    def not_added(self) -> tuple[str, ...]:
        """The files with items that git does not know yet: nobody sees them in a clone, and they are not looked at."""
        if self.repository is None:
            return ()
        new = (path for path in self.repository.untracked(*MARKDOWN_SUFFIXES) if self._is_ours(path))
        return tuple(path for path in new if _holds_items(self.root / path))

    def _is_ours(self, path: str) -> bool:
        return not is_vendored(path) and not excluded(path, self.settings)

    def _named(self, path: str) -> str:
        """A path as it was named: relative to the folder asked about, where there is no repository."""
        if self.repository is None and not Path(self.directory).is_absolute():
            return os.path.relpath(path, self.directory)
        return path

    def target(self, file: WorkingFile) -> Path:
        """The file on disk."""
        return self.root / file.path

    def _committed(self) -> tuple[WorkingFile, ...]:
        """The Markdown files of HEAD, for a repository without a working tree."""
        if self.repository is None or self.repository.head.commit is None:
            return ()
        blobs = [blob for blob in self.repository.tree("HEAD") if blob.path.lower().endswith(MARKDOWN_SUFFIXES)]
        contents = self.repository.contents(blob.id for blob in blobs)
        return tuple(WorkingFile(blob.path, contents[blob.id], blob.id) for blob in blobs)

    @cached_property
    def versions(self) -> frozenset[str]:
        """The precedence of every released version, as text: `v1.2` and `1.2.0` are the same."""
        if self.repository is None:
            return frozenset()
        tags = self.repository.tags()
        if not tags:
            return frozenset()
        from checktrail.releases import parse_version

        found = (parse_version(tag.name, self.settings) for tag in tags)
        return frozenset(_canonical(version.text) for version in found if version)

    @cached_property
    def _mkdocs(self) -> str | None:
        """What stands in MkDocs' configuration; None where there is no MkDocs site."""
        files = (self.root / name for name in ("mkdocs.yml", "mkdocs.yaml"))
        return next((file.read_text("utf-8", "replace") for file in files if file.is_file()), None)

    @cached_property
    def docs_dir(self) -> str | None:
        """The folder that MkDocs renders, relative to the root, ending in `/`; None where there is no MkDocs site."""
        if self._mkdocs is None:
            return None
        named = _DOCS_DIR.search(self._mkdocs)
        folder = (named[1].strip() if named else "docs").removeprefix("./").strip("/")
        return f"{folder}/"

    @cached_property
    def nested_indent(self) -> int:
        """By how many spaces MkDocs nests lists: four, unless an extension for that is switched on."""
        found = _SANE_LISTS.search(self._mkdocs or "")
        return int(found[1] or 2) if found else 4

    @cached_property
    def template(self) -> Template | None:
        """The checklist that others are measured against, if the settings name one."""
        name = self.settings.lint.template
        if not name:
            return None
        file = self.root / name
        if not file.is_file():
            hint = "set lint.template to a checklist, relative to the repository's root"
            raise UsageError(f"the template {shown(name)} is not there", hint=hint)
        content = file.read_bytes()
        return Template(name, self.read(content), exact_text(content))

    def read(self, content: bytes) -> Checklist:
        """A file's checklist with the phases of the settings."""
        return self._placed(read(content))

    def _placed(self, checklist: Checklist) -> Checklist:
        phases = {heading: Phase(phase) for heading, phase in self.settings.checklists.phases.items()}
        return with_phases(checklist, phases)

    def page(self, path: str, content: bytes, checklist: Checklist | None = None) -> Page:
        """A file as the rules see it; `checklist` is what the file holds, where that is known."""
        checklist = self.read(content) if checklist is None else self._placed(checklist)
        bound = bind(path, checklist, self.settings)
        template = self.template if self.template and self.template.path != path else None
        text = exact_text(content)
        return Page(
            path,
            text,
            lines_of(text),
            checklist,
            binding=bound.binding,
            release=bound.release,
            tagged=bound.release is not None and _canonical(bound.release) in self.versions,
            in_docs=self.docs_dir is not None and path.startswith(self.docs_dir),
            in_tests=is_tried(path, self.settings),
            nested_indent=self.nested_indent,
            template=template,
            signoff_required=self.settings.lint.require_signoff,
        )

    @cached_property
    def digest(self) -> str:
        """What findings hang on beside a file's own path and content."""
        facts = [
            sorted(self.versions),
            self.docs_dir,
            self.nested_indent,
            spelled(self.settings.checklists),
            spelled(self.settings.lint),
            spelled(self.selection),
            hashlib.sha256(self.template.text.encode("utf-8", "surrogateescape")).hexdigest() if self.template else "",
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def key(self, file: WorkingFile) -> str:
        """The name under which a file's findings are remembered."""
        return hashlib.sha256(f"{self.digest}\0{file.blob}\0{file.path}".encode("utf-8", "surrogateescape")).hexdigest()


def ground(
    directory: str, store: Store, repository: Repository | None, select: Sequence[str], ignore: Sequence[str]
) -> Ground:
    """The ground of a run; codes given on the command line stand in the place of those of the settings.

    Raises:
        UsageError: a code is no rule's, nor the beginning of one.
        ConfigError: a setting is unknown or holds what it cannot hold.
    """
    settings = repository_settings(repository) if repository else Settings()
    chosen = Selection(
        tuple(select) or settings.lint.select,
        (*settings.lint.ignore, *ignore),
        dict(settings.lint.per_file_ignores),
        dict(settings.lint.severity),
    )
    if named := (*chosen.select, *chosen.ignore, *chosen.severity):
        _refuse_unknown(named)
    return Ground(settings, chosen, repository, directory, store)


def _refuse_unknown(codes: Sequence[str]) -> None:
    from checktrail.lint.rules import NAMES

    for code in codes:
        if not any(known.startswith(code) for known in NAMES):
            raise UsageError(f"{shown(code)} is no rule", hint="see `checktrail rule` for all rules")


def findings(here: Ground, files: Sequence[WorkingFile]) -> dict[str, tuple[Finding, ...]]:
    """The findings of each file by its path; what was found once in the same content is not looked for again."""
    version = f"{__version__}/{PARSER_VERSION}/{RULES_VERSION}"
    keys = {here.key(file): file for file in files if _MAY_CONCERN.search(file.content)}
    found: dict[str, tuple[Finding, ...]] = {}
    for key, packed in here.store.get("lint", version, keys).items():
        with contextlib.suppress(ValueError, TypeError, KeyError, IndexError):  # a damaged value is made again
            found[key] = unpack(packed, Remembered).findings
    missing = [(key, file) for key, file in keys.items() if key not in found]
    for parsed, made in _made(here, missing):
        remember(parsed, here.store)
        here.store.put("lint", version, made)
        found.update((key, unpack(packed, Remembered).findings) for key, packed in made.items())
    return {file.path: found[key] for key, file in keys.items()}


class _Work(NamedTuple):
    """A file to judge, the key of its findings, and its packed checklist where that is known."""

    key: str
    file: WorkingFile
    packed: bytes | None


_Made = tuple[dict[str, bytes], dict[str, bytes]]
"""Packed checklists that were parsed just now, by blob, and packed findings, by key."""


def _made(here: Ground, missing: Sequence[tuple[str, WorkingFile]]) -> Iterator[_Made]:
    if not missing:
        return
    # Loaded here, so that processes that are forked off have it.
    from checktrail.lint import driver
    from checktrail.parse import whole

    del driver, whole
    packed = known([file.blob for _, file in missing], here.store)
    work = [_Work(key, file, packed.get(file.blob)) for key, file in missing]
    yield from shared(partial(_judged, here), work, sum(len(file.content) for _, file in missing))


def _judged(here: Ground, share: Sequence[_Work]) -> _Made:
    from checktrail.lint.driver import check

    parsed: dict[str, bytes] = {}
    made: dict[str, bytes] = {}
    for key, file, packed in share:
        checklist = checklist_in(file.content, packed)
        if packed is None:
            parsed[file.blob] = pack(checklist)
        found = check(here.page(file.path, file.content, checklist), here.selection)
        made[key] = pack(Remembered(tuple(one.finding for one in found)))
    return parsed, made


def mend(here: Ground, file: WorkingFile, values: Mapping[str, str], *, unsafe: bool) -> bytes:
    """A file's bytes with the placeholders filled that the user gave values for, and every wanted fix laid on."""
    from checktrail.lint.driver import edited, mended, with_text
    from checktrail.lint.placeholders import filled

    start = here.page(file.path, file.content)
    if values:
        start = with_text(start, edited(start.text, filled(start, values)), here.read)
    repairs = frozenset({Repair.SAFE, Repair.UNSAFE} if unsafe else {Repair.SAFE})
    return exact_bytes(mended(start, here.selection, here.read, repairs=repairs).text)


def found_in(here: Ground, path: str, content: bytes) -> tuple[Found, ...]:
    """The findings of one content, not remembered."""
    from checktrail.lint.driver import check

    return check(here.page(path, content), here.selection)


def _holds_items(file: Path) -> bool:
    with contextlib.suppress(OSError):
        return file.is_file() and not file.is_symlink() and may_hold_items(file.read_bytes())
    return False


def _canonical(version: str) -> str:
    """A version as a name that `v1.2` and `1.2.0` share."""
    from packaging.version import InvalidVersion, Version

    bare = version.removeprefix("v")
    try:
        parsed = Version(bare)
    except InvalidVersion:
        return bare
    numbers = ".".join(map(str, parsed.release)).removesuffix(".0").removesuffix(".0")
    return f"{parsed.epoch}!{numbers}{parsed.pre or ''}{parsed.post or ''}{parsed.dev or ''}"
