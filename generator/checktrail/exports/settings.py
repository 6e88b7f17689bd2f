"""Settings → a JSON Schema of `checktrail.toml`, for editors. Pure.

Made from the fields of `config.Settings`, as the reader is: what the schema takes, the reader takes, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, get_args, get_origin, get_type_hints

from checktrail.config import CHOICES, PATTERNS, Settings, key_of


def settings_schema() -> dict[str, Any]:
    """The schema (2020-12) of a whole `checktrail.toml`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "checktrail.settings/1",
        "title": "Settings of checktrail (checktrail.toml)",
        "description": "None is needed: `checktrail config show` prints what holds without any.",
        **_object({key_of(table.name): _table(table.name) for table in fields(Settings)}),
    }


def _table(name: str) -> dict[str, Any]:
    kind = get_type_hints(Settings)[name]
    hints = get_type_hints(kind)
    settings = {
        key_of(setting.name): {
            "description": str(setting.metadata["about"]),
            **_type(hints[setting.name], f"{key_of(name)}.{key_of(setting.name)}"),
            "default": _default(setting),
        }
        for setting in fields(kind)
    }
    return {"description": " ".join((kind.__doc__ or "").split()), **_object(settings)}


def _type(kind: Any, key: str) -> dict[str, Any]:
    """What a setting of a type takes, as JSON Schema says it."""
    if get_origin(kind) is tuple:
        return {"type": "array", "items": {"type": "string"}}
    if get_origin(kind) is Mapping:
        return {"type": "object", "additionalProperties": _type(get_args(kind)[1], key)}
    if key in CHOICES:
        return {"enum": list(CHOICES[key])}
    if key in PATTERNS:
        return {"type": "string", "pattern": f"^(?:{PATTERNS[key][0]})$"}
    return {"type": {str: "string", int: "integer", bool: "boolean"}[kind]}


def _default(setting: Field[Any]) -> Any:
    if setting.default_factory is not MISSING:
        return dict(setting.default_factory())
    return list(setting.default) if isinstance(setting.default, tuple) else setting.default


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}
