"""Settings: none needed, unknown ones answered with the nearest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from checktrail.config import Settings, origins, read_settings, settings_from
from checktrail.errors import ConfigError
from checktrail.exports.settings import settings_schema
from reference_pages import SETTINGS_SCHEMA, settings_schema_text

SCHEMA = Draft202012Validator(settings_schema())


def test_no_configuration_is_needed(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == read_settings(None) == Settings()


def test_a_file_of_our_own_comes_before_the_projects(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.checktrail.site]\ntitle = "Theirs"\n')
    assert read_settings(tmp_path).site.title == "Theirs"
    (tmp_path / "checktrail.toml").write_text('[site]\ntitle = "Ours"\n[lint.per-file-ignores]\n"docs/*" = ["CL1"]\n')
    read = read_settings(tmp_path)
    assert read.site.title == "Ours"
    assert read.lint.per_file_ignores == {"docs/*": ("CL1",)}


@pytest.mark.parametrize(
    ("tables", "said", "hint"),
    [
        ({"site": {"titel": "x"}}, "there is no setting site.titel", "did you mean site.title?"),
        ({"sites": {}}, "there is no setting sites", "did you mean site?"),
        ({"site": {"title": 3}}, "site.title should be a string, not 3", ""),
        ({"site": {"recent": True}}, "site.recent should be a whole number, not True", ""),
        ({"site": {"audience": "everybody"}}, "site.audience should be one of public, internal", ""),
        ({"lint": {"select": "CL1"}}, "lint.select should be a list of strings", ""),
        ({"lint": {"per-file-ignores": {"a": 1}}}, "lint.per-file-ignores should be a table", ""),
        ({"site": []}, "site is not a table", ""),
        ({"lint": {"severity": {"CL101": "loud"}}}, "lint.severity should be one of error, warning, info", ""),
        ({"checklists": {"phases": {"QA": "bake"}}}, "checklists.phases should be one of prepare, signoff,", ""),
        ({"checklists": {"bindings": {"*.md": "mine"}}}, "should be own, living, template, other or own:TAG", ""),
    ],
)
def test_a_wrong_setting_is_one_sentence(tables: dict[str, object], said: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_from(tables, "checktrail.toml")
    assert caught.value.sentence.startswith("checktrail.toml: ")
    assert said in caught.value.sentence
    assert hint in caught.value.hint


def test_what_is_no_toml_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "checktrail.toml").write_text("[site\n")
    with pytest.raises(ConfigError, match=r"checktrail\.toml is not TOML"):
        read_settings(tmp_path)
    (tmp_path / "checktrail.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_settings(tmp_path)


def test_another_tools_broken_file_is_not_ours_to_judge(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool\n")
    assert read_settings(tmp_path) == Settings()


def test_every_setting_says_what_it_is_about_and_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "checktrail.toml").write_text('[site]\ntitle = "Ours"\n')
    found = {origin.key: origin for origin in origins(tmp_path)}
    assert found["site.title"].source == "checktrail.toml"
    assert found["site.recent"].source is None
    assert all(origin.about.endswith(".") for origin in found.values())


# --- the schema for editors -----------------------------------------------------------------------------------------

_WORDS = st.sampled_from(["", "a", "internal", "error", "prepare", "own", "own:v1", "own:a\nb", "other", "CL101"])
_VALUES = st.recursive(
    st.booleans() | st.integers(-2, 9) | st.sampled_from([0.5, 2.0]) | _WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_WORDS, inner, max_size=2),
    max_leaves=4,
)


def _reads(tables: Mapping[str, object]) -> bool:
    try:
        settings_from(tables, "checktrail.toml")
    except ConfigError:
        return False
    return True


@pytest.mark.parametrize("key", [*(origin.key for origin in origins(None)), "site.titel", "sites.title"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(value=_VALUES)
def test_the_schema_takes_and_refuses_what_the_reader_does(key: str, value: object) -> None:
    table, _, name = key.partition(".")
    for tables in ({table: {name: value}}, {table: value}):
        assert SCHEMA.is_valid(tables) == _reads(tables), tables


def test_the_schema_takes_every_default_and_says_what_it_is_about() -> None:
    assert SCHEMA.is_valid({})
    for origin in origins(None):
        table, _, name = origin.key.partition(".")
        plain = dict(origin.value) if isinstance(origin.value, Mapping) else origin.value
        value = list(plain) if isinstance(plain, tuple) else plain
        described = settings_schema()["properties"][table]["properties"][name]
        assert (described["default"], described["description"]) == (value, origin.about)
        assert SCHEMA.is_valid({table: {name: value}})


@pytest.mark.parametrize("file", SETTINGS_SCHEMA, ids=lambda file: str(file.parent.name))
def test_the_published_schema_is_the_one_that_the_program_prints(file: Path) -> None:
    Draft202012Validator.check_schema(settings_schema())
    assert file.read_text(encoding="utf-8") == settings_schema_text(), "run `python tests/reference_pages.py`"
