"""The JSON beside the pages: what commands say, as the schemas say; and what a public site leaves out of everything."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from checktrail.cli import group
from checktrail.config import Settings, SiteSettings, read_settings
from checktrail.demo import write_demo
from checktrail.git import Repository
from checktrail.record import read_record
from checktrail.site.audience import (
    HIDDEN,
    document_without_addresses,
    page_without_addresses,
    without_addresses,
)
from checktrail.site.drafts import Page
from checktrail.site.pages import environment, pages
from checktrail.site.source import chapters
from checktrail.site.tree import write_tree
from checktrail.site.views.shared import site
from checktrail.store import Store
from site_story import harbour, pages_of
from story import Story

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}")


def schema(kind: str) -> Any:
    return json.loads((files("checktrail") / "schemas" / f"{kind}-1.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents") / "tidepool"
    write_demo(folder)
    return folder


def pages_for(demo: Path, audience: str) -> dict[str, Page]:
    chosen = read_settings(demo)
    repository = Repository.open(demo)
    record = read_record(repository, replace(chosen, site=replace(chosen.site, audience=audience)), Store(None))
    made_for = site(record, chapters(repository, record))
    return {page.name: page for page in pages(made_for, environment())}


@pytest.fixture(scope="module")
def internal(demo: Path) -> dict[str, Page]:
    return pages_for(demo, "internal")


@pytest.fixture(scope="module")
def public(demo: Path) -> dict[str, Page]:
    return pages_for(demo, "public")


def printed(demo: Path, *arguments: str) -> Any:
    ran = CliRunner().invoke(group, ["-C", str(demo), *arguments, "--format", "json"])
    return json.loads(ran.stdout)


# --- what they say --------------------------------------------------------------------------------------------------


def test_every_document_is_as_its_schema_says(internal: dict[str, Page], public: dict[str, Page]) -> None:
    kinds = set()
    for page in (*internal.values(), *public.values()):
        if page.document:
            document = json.loads(page.document)
            kind = document["schema"].removeprefix("checktrail.").removesuffix("/1")
            Draft202012Validator(schema(kind)).validate(document)
            kinds.add(kind)
    expected = {"status", "releases", "release", "notes", "backports", "metrics", "audit", "rules", "upgrades", "made"}
    assert kinds == expected


@pytest.mark.parametrize(
    ("page", "arguments"),
    [
        ("checklists/index", ("status",)),
        ("checklists/v2.2.0", ("status", "checklists/v2.2.0.md")),
        ("releases/index", ("releases",)),
        ("upgrades/back-ports", ("releases", "--backports")),
        ("upgrades/v1.2.0..v2.1.0", ("notes", "v1.2.0..v2.1.0")),
        ("metrics", ("metrics",)),
        ("audit/index", ("audit",)),
        ("audit/rules", ("rule",)),
        ("audit/releases/v2.0.0", ("audit", "v2.0.0")),
    ],
)
def test_a_document_says_what_the_command_says(
    demo: Path, internal: dict[str, Page], page: str, arguments: tuple[str, ...]
) -> None:
    found, said = json.loads(internal[page].document), printed(demo, *arguments)
    if page == "checklists/index":  # the command leaves other files with boxes to those who ask for them
        paths = {one["path"] for one in said["checklists"]}
        found["checklists"] = [one for one in found["checklists"] if one["path"] in paths]
        assert paths
    assert found == said


def test_a_release_is_as_in_the_record_and_its_notes_are_as_the_command_says(
    demo: Path, internal: dict[str, Page], tmp_path: Path
) -> None:
    ran = CliRunner().invoke(group, ["-C", str(demo), "export", "--to", str(tmp_path / "record.json")])
    assert ran.exit_code == 0
    record = json.loads((tmp_path / "record.json").read_bytes())
    (told,) = (one for one in record["releases"] if one["tag"] == "v2.1.0")
    found = json.loads(internal["releases/v2.1.0"].document)
    own = ["checklists/deployment.md", "checklists/v2.1.0.md"]
    assert found["release"] == told | {"checklists": [one for one in told["checklists"] if one["path"] in own]}
    notes = printed(demo, "notes", "v2.1.0")
    assert found["notes"] == {key: value for key, value in notes.items() if key != "schema"}


def test_the_schema_of_a_release_repeats_those_it_is_made_of() -> None:
    ours, record, notes = schema("release")["$defs"], schema("record")["$defs"], schema("notes")
    assert {name: text for name, text in ours.items() if name in record} == {
        name: text for name, text in record.items() if name != "run"
    }
    assert {name: ours[name] for name in notes["$defs"]} == notes["$defs"]
    kept = ours["notes"]["properties"]
    assert kept == {name: text for name, text in notes["properties"].items() if name in kept}
    assert set(ours["notes"]["required"]) == set(notes["required"]) - {"schema"}


# --- where they are -------------------------------------------------------------------------------------------------


def test_every_page_leads_to_its_document_and_to_how_it_was_counted(public: dict[str, Page]) -> None:
    elsewhere = {"audit/findings": "index.json", "audit/population": "index.json"}
    for name, page in public.items():
        foot = page.html.rpartition('<p class="ct-foot"')[2]
        own = elsewhere.get(name, f"{name.rpartition('/')[2]}.json")
        assert f'href="{own}">This page as JSON' in foot, name
        assert ("made.html#words" in foot) == (name != "made"), name
        assert bool(page.document) == (name not in elsewhere), name


def test_a_builder_is_told_of_the_document(public: dict[str, Page], tmp_path: Path) -> None:
    docs = write_tree([public["releases/v2.1.0"], public["audit/findings"]], tmp_path).docs
    head = (docs / "releases" / "v2.1.0.md").read_text(encoding="utf-8").split("---\n")[1]
    assert 'document: "releases/v2.1.0.json"' in head
    assert "document:" not in (docs / "audit" / "findings.md").read_text(encoding="utf-8")


# --- what is left out -----------------------------------------------------------------------------------------------


def test_the_demo_in_public_holds_no_address_and_inside_it_does(
    internal: dict[str, Page], public: dict[str, Page]
) -> None:
    assert not [name for name, page in public.items() if ADDRESS.search(page.html + page.document)]
    assert ADDRESS.search(internal["audit/releases/v2.0.0"].document)
    assert "audit/people" in internal
    assert "audit/people" not in public
    assert json.loads(public["audit/index"].document)["people"] == []


def test_wherever_an_address_stands_a_public_site_does_not_show_it(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    text = (
        "# Release checklist of ben@example.org\n\n- Version: cleo@example.org\n\n## Preparation <dana@example.org>\n\n"
        "- [ ] Mail o'neill@example.org (owner: eli@example.org)\n- [ ] Push with `git push git@host.example:harbour`\n"
        "- [ ] QA lead sign-off: ada@example.org\n\n| Category | Items | Completed | Notes |\n|---|---|---|---|\n"
        "| ben@example.org | 3 | 0 | cleo@example.org |\n"
    )
    path = "checklists/v1.3.0.md"
    story.write(path, text).write("CHANGELOG.md", "# Changelog\n\n## 1.3.0\n\n### Added\n\n- By dana@example.org\n")
    story.commit("feat: write to eli@example.org", by="Ben ben@example.org", on="2024-05-06")
    story.tick(path, "Mail", "QA lead").commit("Merge from ada@example.org", on="2024-05-07")
    story.tag("v1.3.0", message="By dana@example.org", by="Dana dana@example.org", on="2024-05-08")
    shown = pages_of(story, Settings())
    for name, page in shown.items():
        seen = f"{page.title}\n{page.description}\n{page.html}\n{page.document}"
        assert {each for each in ADDRESS.findall(seen) if each != "git@host.example"} == set(), name
    assert "git push git@host.example:harbour" in shown["checklists/v1.3.0"].html
    inside = pages_of(story, Settings(site=SiteSettings(audience="internal")))
    assert "eli@example.org" in inside["releases/v1.3.0"].html


def test_an_address_is_told_from_a_tag_a_handle_and_a_command() -> None:
    kept = "part@1.2.0 part@v2.0.0.dev1 @dana a @ b.org a@b 5@ user@localhost"
    assert without_addresses(kept) == kept
    assert without_addresses("a.b+c@mail.example.org, x@163.com.") == f"{HIDDEN}, {HIDDEN}."
    html = '<p title="a@b.org">a@b.org <code>git@b.org:x</code> <a href="https://b.org/a@b.org">x</a></p>'
    assert page_without_addresses(html) == (
        f'<p title="{HIDDEN}">{HIDDEN} <code>git@b.org:x</code> <a href="https://b.org/a@b.org">x</a></p>'
    )


def test_a_document_stays_json_whatever_stands_before_an_address() -> None:
    text = json.dumps({"a": "\ta@b.org\\c@d.org", "email": "e@f.org", "people": [{"id": "g@h.org"}], "n": [1, None]})
    assert json.loads(document_without_addresses(text)) == {
        "a": f"\t{HIDDEN}\\{HIDDEN}",
        "email": "",
        "people": [],
        "n": [1, None],
    }


def test_a_story_without_addresses_is_left_as_it_is(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("RELEASE.md", "# Release checklist\n\n## Preparation\n\n- [ ] Ask @dana\n").commit("Start")
    document = pages_of(story, Settings())["checklists/RELEASE"].document
    assert json.loads(document)["checklists"][0]["items"][0]["text"] == "Ask @dana"
