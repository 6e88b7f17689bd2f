"""The reference on releases and notes says what is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from checktrail.config import settings_from
from checktrail.notes.messages import message
from checktrail.notes.parts import TITLES, Kind
from checktrail.releases import parse_version
from test_notes import commit, markdown, story_at

DOCS = Path(__file__).parents[1] / "docs" / "reference"
NOTES = (DOCS / "notes.md").read_text("utf-8")
RELEASES = (DOCS / "releases.md").read_text("utf-8")


def block(text: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_template_in_the_reference_works(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: export")
    story.tag("v1.1.0")
    template = tmp_path / "own.j2"
    template.write_text(block(NOTES, "text"), "utf-8")
    text = markdown(story, "v1.1.0", "--template", str(template))
    assert text.startswith("# 1.1.0\n## New features\n* export (")


def test_the_settings_in_the_reference_work() -> None:
    settings = settings_from(tomllib.loads(block(RELEASES, "toml")), "the reference")
    version = parse_version("REL_14_2", settings)
    assert version is not None
    assert version.text == "14.2"


def test_every_part_is_named_in_its_order() -> None:
    order = ", ".join(TITLES[kind] for kind in Kind)
    assert f"Parts stand in one order: {order}." in " ".join(NOTES.split())


def test_the_table_of_types_is_so() -> None:
    rows = dict(re.findall(r"^\| `([a-z]+):`.*? \| (.+) \|$", NOTES, re.MULTILINE))
    assert len(rows) == 4
    for word, title in rows.items():
        kind = message(commit(f"{word}: a change")).kind
        assert kind is not None
        assert TITLES[kind] == title
