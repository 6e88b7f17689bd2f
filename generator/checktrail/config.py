"""Every setting and its default, once.

In: `checktrail.toml`, or `[tool.checktrail]` in `pyproject.toml`, at the repository's root; neither is needed. Out: one
frozen `Settings`. A field's type is the setting's type, its default the setting's default, and the sentence beside it
is what `config show` and the reference say. An unknown key is an error that names the nearest known one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

from checktrail.errors import ConfigError
from checktrail.model import Phase, Severity

FILE_NAME = "checktrail.toml"
_NONE: Mapping[str, str] = MappingProxyType({})


def _setting(default: Any, about: str) -> Any:
    """A dataclass field that knows what it is about."""
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, metadata={"about": about})
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True)
class ChecklistSettings:
    """Which files are checklists, and which release each belongs to."""

    include: tuple[str, ...] = _setting((), "Globs of files that are release checklists, whatever they look like.")
    exclude: tuple[str, ...] = _setting((), "Globs of files that are no checklists at all.")
    bindings: Mapping[str, str] = _setting(
        _NONE,
        "Glob to `own`, `living`, `template`, `other`, or `own:TAG`; the first that fits wins over our reading.",
    )
    phases: Mapping[str, str] = _setting(_NONE, "Heading text to the phase its section is for.")
    max_bytes: int = _setting(4 * 1024 * 1024, "Larger files are reported and not read.")


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """Which tags are releases, and what each is compared with."""

    tags: str = _setting(
        "", "A regular expression that release tags match in whole; empty: every tag that reads as a version."
    )
    exclude: tuple[str, ...] = _setting((), "Globs of tags that are no releases.")
    components: tuple[str, ...] = _setting((), "Component prefixes to read; empty: every prefix that is found.")
    base: Mapping[str, str] = _setting(
        _NONE, "Tag to the tag it is compared with, where the rule's choice is not the wanted one."
    )


@dataclass(frozen=True, slots=True)
class NotesSettings:
    """Where release notes come from."""

    folder: str = _setting("releases", "Folder that may hold one curated `TAG.md` per release.")
    changelog: tuple[str, ...] = _setting(
        ("CHANGELOG.md", "CHANGES.md", "HISTORY.md", "NEWS.md", "NEWS", "CHANGELOG"),
        "Changelog files, the first that is there counts.",
    )
    fragments: tuple[str, ...] = _setting(
        ("changelog.d", "newsfragments", "changes", "news", "releasenotes/notes", ".changeset"),
        "Folders of change fragments.",
    )
    generated: bool = _setting(True, "Whether the list made from commits stands under the curated notes.")  # noqa: FBT003
    template: str = _setting("", "A Jinja template of your own for `notes TAG`, relative to the repository.")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """How the published site looks."""

    title: str = _setting("", "The site's title; empty: the repository's name.")
    url: str = _setting("", "The address the site will have, for canonical links, feeds and the sitemap.")
    audience: str = _setting(
        "public", "`public`: names only; `internal`: also e-mail addresses, contacts and the People page."
    )
    templates: str = _setting("", "Folder of page templates of your own, relative to the repository.")
    engine: str = _setting("mkdocs", "The site builder that `build` runs; one other than MkDocs must be installed.")
    recent: int = _setting(20, "How many of the newest releases stand in the navigation.")


@dataclass(frozen=True, slots=True)
class LintSettings:
    """Which lint rules speak."""

    select: tuple[str, ...] = _setting((), "Codes or prefixes of codes to check; empty: all.")
    ignore: tuple[str, ...] = _setting((), "Codes or prefixes of codes to leave out.")
    per_file_ignores: Mapping[str, tuple[str, ...]] = _setting(
        _NONE, "Glob to codes that are left out in the files it fits."
    )
    severity: Mapping[str, str] = _setting(_NONE, "Code to `error`, `warning` or `info`.")
    template: str = _setting("", "The checklist that release checklists are measured against; empty: none.")
    require_signoff: bool = _setting(False, "Whether every release checklist must have a sign-off section.")  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """What the audit holds releases against."""

    policy: str = _setting(
        "checktrail-policy.yml", "The policy file, relative to the repository; it need not be there."
    )
    ledger: str = _setting(".checktrail/ledger.jsonl", "The ledger of tags seen, relative to the repository.")


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """How release metrics are taken."""

    window_days: int = _setting(0, "Only releases of the last so many days before HEAD count; 0: all.")
    maturity_days: int = _setting(14, "Releases younger than this are too young to be called free of failure.")
    prereleases: bool = _setting(False, "Whether release candidates count as releases in figures.")  # noqa: FBT003
    fix_days: int = _setting(7, "A next patch of fixes alone within so many days hints at a failed release.")
    bulk_ticks: int = _setting(5, "A commit that ticks so many boxes or more ticks them in bulk.")
    habit_cycles: int = _setting(3, "Habits of items are silent with fewer past cycles.")
    forecast_cycles: int = _setting(5, "The forecast is silent with fewer past cycles that reached this readiness.")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, by table."""

    checklists: ChecklistSettings = field(default_factory=ChecklistSettings)
    releases: ReleaseSettings = field(default_factory=ReleaseSettings)
    notes: NotesSettings = field(default_factory=NotesSettings)
    site: SiteSettings = field(default_factory=SiteSettings)
    lint: LintSettings = field(default_factory=LintSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)


ENGINES = ("mkdocs", "properdocs", "zensical")
# Settings that hold one of a few words, or whose tables hold them.
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "checklists.phases": tuple(phase.value for phase in Phase),
        "lint.severity": tuple(severity.value for severity in Severity),
        "site.audience": ("public", "internal"),
        "site.engine": ENGINES,
    }
)
# Settings whose words have a form: the expression they match in whole, and the form in words.
PATTERNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"checklists.bindings": ("own|living|template|other|own:[^\n]+", "own, living, template, other or own:TAG")}
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting's value and the file that set it, None for the default."""

    key: str
    value: Any
    about: str
    source: str | None


def read_settings(root: Path | None) -> Settings:
    """The settings of the project at a folder; the defaults where it has none.

    Raises:
        ConfigError: a file is no TOML, a key is unknown, or a value cannot be what it is set to.
    """
    source, tables = _tables(root)
    return settings_from(tables, source)


def settings_from(tables: Mapping[str, Any], source: str) -> Settings:
    """Settings from parsed tables; `source` names the file in errors.

    Raises:
        ConfigError: a key is unknown, or a value cannot be what it is set to.
    """
    settings: Settings = _fill(Settings, tables, source, "")
    return settings


def origins(root: Path | None) -> tuple[Origin, ...]:
    """Every setting with its value and where it came from, in the order of this module."""
    source, tables = _tables(root)
    settings = settings_from(tables, source)
    return tuple(
        Origin(
            f"{table.name}.{key_of(setting.name)}",
            getattr(getattr(settings, table.name), setting.name),
            str(setting.metadata["about"]),
            source if key_of(setting.name) in tables.get(table.name, {}) else None,
        )
        for table in fields(Settings)
        for setting in fields(getattr(settings, table.name))
    )


def _tables(root: Path | None) -> tuple[str, Mapping[str, Any]]:
    """The configuration file that is there, and its tables."""
    if root is None:
        return FILE_NAME, {}
    own = root / FILE_NAME
    if own.is_file():
        return FILE_NAME, _toml(own)
    project = root / "pyproject.toml"
    if project.is_file():
        try:
            found = _toml(project).get("tool", {})
        except ConfigError:
            return FILE_NAME, {}  # another tool's broken file is not ours to judge
        tables = found.get("checktrail", {}) if isinstance(found, Mapping) else {}
        if not isinstance(tables, Mapping):
            raise ConfigError(
                "pyproject.toml: tool.checktrail is not a table", hint="write [tool.checktrail.site] and the like"
            )
        return "pyproject.toml [tool.checktrail]", tables
    return FILE_NAME, {}


def spelled(value: Any) -> Any:
    """Settings as plain values in their order, which may carry meaning: what is remembered under them hangs on all."""
    if is_dataclass(value) and not isinstance(value, type):
        return [[part.name, spelled(getattr(value, part.name))] for part in fields(value)]
    if isinstance(value, Mapping):
        return [[str(key), spelled(part)] for key, part in value.items()]
    return [spelled(part) for part in value] if isinstance(value, tuple) else value


def _toml(path: Path) -> Mapping[str, Any]:
    import tomllib

    if path.is_symlink() and not path.resolve().is_relative_to(path.parent.resolve()):
        raise ConfigError(f"{path.name} leads out of the repository", hint="put the file itself there")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path.name} is not TOML: {error}", hint="see the settings with `checktrail config show`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}") from None


def key_of(name: str) -> str:
    """A field's name as the configuration spells it: `max_bytes` is `max-bytes`."""
    return name.replace("_", "-")


def _fill(kind: type[Any], values: object, source: str, prefix: str) -> Any:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{source}: {prefix.rstrip('.') or 'the configuration'} is not a table")
    hints = get_type_hints(kind)
    names = {key_of(setting.name): setting.name for setting in fields(kind)}
    for key in values:
        if key not in names:
            raise _unknown(f"{prefix}{key}", [f"{prefix}{name}" for name in names], source)
    return kind(
        **{
            names[key]: _fill(hints[names[key]], value, source, f"{prefix}{key}.")
            if is_dataclass(hints[names[key]])
            else _value(value, hints[names[key]], f"{prefix}{key}", source)
            for key, value in values.items()
        }
    )


def _unknown(key: str, known: list[str], source: str) -> ConfigError:
    from difflib import get_close_matches

    near = get_close_matches(key, known, n=1, cutoff=0.5) or get_close_matches(key, _all_keys(), n=1, cutoff=0.5)
    meant = f"did you mean {near[0]}? " if near else ""
    return ConfigError(f"{source}: there is no setting {key}", hint=f"{meant}see `checktrail config show`")


def _all_keys() -> list[str]:
    tables = get_type_hints(Settings)
    return [f"{table}.{key_of(setting.name)}" for table, kind in tables.items() for setting in fields(kind)]


def _value(value: object, kind: Any, key: str, source: str) -> Any:
    """A value as its setting's type, or an error that says what it should be."""
    converted = _converted(value, kind)
    if converted is None:
        raise ConfigError(f"{source}: {key} should be {_words(kind)}, not {value!r}")
    for word in converted.values() if isinstance(converted, Mapping) else (converted,):
        if key in CHOICES and word not in CHOICES[key]:
            raise ConfigError(f"{source}: {key} should be one of {', '.join(CHOICES[key])}, not {word!r}")
        if key in PATTERNS and not re.fullmatch(PATTERNS[key][0], word):
            raise ConfigError(f"{source}: {key} should be {PATTERNS[key][1]}, not {word!r}")
    return converted


def _converted(value: object, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        strings = isinstance(value, list) and all(isinstance(part, str) for part in value)
        return tuple(value) if strings and isinstance(value, list) else None
    if get_origin(kind) is Mapping:
        inner = get_args(kind)[1]
        if not isinstance(value, Mapping):
            return None
        converted = {str(name): _converted(part, inner) for name, part in value.items()}
        return None if None in converted.values() else MappingProxyType(converted)
    if kind is int:
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        return int(value) if is_whole and not isinstance(value, bool) and isinstance(value, int | float) else None
    return value if isinstance(value, kind) else None


def _words(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "a list of strings"
    if get_origin(kind) is Mapping:
        return "a table"
    return {str: "a string", int: "a whole number", bool: "true or false"}[kind]
