"""Settings: none needed, unknown ones answered with the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from checktrail.config import Settings, origins, read_settings, settings_from
from checktrail.errors import ConfigError


def test_no_configuration_is_needed(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == read_settings(None) == Settings()


def test_a_file_of_our_own_comes_before_the_projects(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.checktrail.site]\ntitle = "Theirs"\n')
    assert read_settings(tmp_path).site.title == "Theirs"
    (tmp_path / "checktrail.toml").write_text('[site]\ntitle = "Ours"\n[lint.per-file-ignores]\n"docs/*" = ["CL1"]\n')
    settings = read_settings(tmp_path)
    assert settings.site.title == "Ours"
    assert settings.lint.per_file_ignores == {"docs/*": ("CL1",)}


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
