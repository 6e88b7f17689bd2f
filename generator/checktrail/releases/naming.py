"""Which tags the settings let be releases, and what version each says. Pure."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from checktrail.config import ReleaseSettings, Settings
from checktrail.errors import ConfigError
from checktrail.releases.versions import Version, version_of, version_with

UNPARSABLE = "it does not read as a version (PEP 440, SemVer or CalVer, with or without a component)"


def parse_version(tag_name: str, settings: Settings) -> Version | None:
    """The version that a tag's name says under the settings; None when it is no release's.

    A `releases.tags` expression may name the groups `version` and `component`; underscores in such a version stand
    for dots where it does not read as a version otherwise (`REL_14_2`).

    Raises:
        ConfigError: `releases.tags` is no regular expression.
    """
    wanted = settings.releases
    if refusal(tag_name, settings) is not None:
        return None
    for component in wanted.components:
        rest = tag_name.removeprefix(component).lstrip("/@_-") if tag_name.startswith(component) else ""
        if rest and (version := version_with(component, rest)):
            return version
    named = _named(tag_name, wanted)
    version = named if named is not None else version_of(tag_name)
    if version is None or (wanted.components and version.component is not None):
        return None
    return version


def refusal(tag_name: str, settings: Settings) -> str | None:
    """Why the settings keep a tag from being a release; None when they do not.

    Raises:
        ConfigError: `releases.tags` is no regular expression.
    """
    wanted = settings.releases
    if wanted.tags and not _expression(wanted.tags).fullmatch(tag_name):
        return "it does not match releases.tags"
    pattern = next((pattern for pattern in wanted.exclude if fnmatchcase(tag_name, pattern)), None)
    if pattern is not None:
        return f"releases.exclude names it ({pattern})"
    if wanted.components and not any(tag_name.startswith(component) for component in wanted.components):
        version = version_of(tag_name)
        if version is not None and version.component is not None:
            return f"releases.components does not name {version.component}"
    return None


def _named(tag_name: str, wanted: ReleaseSettings) -> Version | None:
    """The version that the expression's own groups point at."""
    expression = _expression(wanted.tags)
    if "version" not in expression.groupindex or not (found := expression.fullmatch(tag_name)):
        return None
    component = (found["component"] or None) if "component" in expression.groupindex else None
    text = found["version"] or ""
    return version_with(component, text) or version_with(component, text.replace("_", "."))


@lru_cache(maxsize=16)
def _expression(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ConfigError(
            f"releases.tags is no regular expression: {error}", hint="write it as for Python's re.fullmatch"
        ) from None
