"""`checktrail config show|schema`: the settings, and where each comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from checktrail.cli.door import door

if TYPE_CHECKING:
    from checktrail.config import Origin


@click.group(short_help="The settings and where each comes from.")
def command() -> None:
    """The settings and where each comes from.

    Settings stand in checktrail.toml at the repository's root, or in pyproject.toml under [tool.checktrail]. None is
    needed: `config show` prints what holds without any.
    """


@command.command(short_help="Every setting with its value and its source.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print them.")
@click.option("--changed", is_flag=True, help="Only the settings that a file sets.")
def show(form: str, *, changed: bool) -> None:
    r"""Every setting with its value and its source.

    The text is TOML: what it prints can be put into checktrail.toml.

    \b
    Examples:
      checktrail config show
      checktrail config show --changed --format json
    """
    from checktrail.config import origins

    found = [origin for origin in origins(_root()) if origin.source is not None or not changed]
    click.echo(_as_json(found) if form == "json" else _as_toml(found))


@command.command(short_help="A JSON Schema of checktrail.toml, for editors.")
def schema() -> None:
    r"""A JSON Schema of checktrail.toml, for editors.

    An editor that knows TOML (with Taplo or Even Better TOML) then completes settings, says what each is about, and
    marks what checktrail would refuse. It asks no server: the schema is a file beside the settings.

    \b
    Example:
      checktrail config schema > checktrail.schema.json
      (first line of checktrail.toml:  #:schema ./checktrail.schema.json)
    """
    from checktrail.exports.settings import settings_schema

    click.echo(json.dumps(settings_schema(), indent=2, ensure_ascii=False))


def _root() -> Path | None:
    """The folder whose settings hold: the repository's root, else where we are."""
    from checktrail.errors import NoRepositoryError

    try:
        return door().repository().worktree
    except NoRepositoryError:
        return Path(door().directory)


def _as_json(found: list[Origin]) -> str:
    settings = [
        {"about": origin.about, "key": origin.key, "source": origin.source, "value": _plain(origin.value)}
        for origin in found
    ]
    return json.dumps({"schema": "checktrail.config/1", "settings": settings}, indent=2, ensure_ascii=False)


def _as_toml(found: list[Origin]) -> str:
    lines: list[str] = []
    table = ""
    for origin in found:
        head, _, name = origin.key.partition(".")
        if head != table:
            lines += [""] * bool(lines) + [f"[{head}]"]
            table = head
        lines += [f"# {origin.about}", f"{name} = {_toml(origin.value)}  # {origin.source or 'default'}"]
    return "\n".join(lines)


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Mapping():
            pairs = ", ".join(
                f"{json.dumps(str(key), ensure_ascii=False)} = {_toml(part)}" for key, part in value.items()
            )
            return f"{{ {pairs} }}" if pairs else "{}"
        case tuple() | list():
            return f"[{', '.join(_toml(part) for part in value)}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _plain(value: object) -> object:
    """A setting's value as JSON holds it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return list(value) if isinstance(value, tuple) else value
