"""New checklists from templates, and the files that `init` makes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checktrail.audit.reading import read_policy
from checktrail.binding import bind
from checktrail.completion import declared
from checktrail.config import Settings, read_settings
from checktrail.errors import UsageError
from checktrail.model import Phase
from checktrail.parse import parse
from checktrail.starters.fill import filled, follow_ups, holes, loosened, reopened, values_of, with_follow_ups
from checktrail.starters.next import Held, asked_version, last_checklist, last_tag, next_version, own_template, place
from checktrail.starters.policy import Seen, Signer, policy_draft
from checktrail.starters.setup import Asked, SetupFile, setup_files
from checktrail.starters.shipped import ABOUT, setup_text, starter, starters
from story import Story

VALUES = {
    "VERSION": "v1.2.0",
    "PRODUCT": "Harbour",
    "PREVIOUS_VERSION": "v1.1.0",
    "RELEASE_DATE": "2026-03-31",
    "RELEASE_MANAGER": "@tomas",
    "CHANGE_RECORD": "CR 17",
    "INCIDENT_LINK": "INC 4",
    "CONTACT": "@ravi",
}


@pytest.mark.parametrize("name", ABOUT)
def test_a_filled_starter_has_no_hole_outside_its_notes_template(name: str) -> None:
    text = filled(starter(name).text, VALUES)
    assert holes(text) == ()
    assert "X.Y.Z" not in text
    assert parse(text).title.startswith("Harbour v1.2.0 ")


@pytest.mark.parametrize("name", ABOUT)
def test_a_starter_covers_the_ways_of_a_release(name: str) -> None:
    checklist = parse(starter(name).text)
    phases = {checklist.phase_of(item) for item in checklist.items}
    assert phases == set(Phase)
    assert any(item.signoff for item in checklist.items)
    assert any(item.conditional for item in checklist.items)
    assert all(count.agrees for count in declared(checklist))


def test_together_the_starters_have_every_shape() -> None:
    lists = [parse(each.text) for each in starters()]
    for part in ("steps", "contacts", "triggers", "notes", "resources", "tracked_figures", "purpose", "declared"):
        assert any(getattr(checklist, part) for checklist in lists), part
    assert any(item.depth for checklist in lists for item in checklist.items)
    assert any(section.role for checklist in lists for section in checklist.sections)
    assert any(section.is_template for checklist in lists for section in checklist.sections)
    assert any(step.commands for checklist in lists for step in checklist.steps)
    headings = [section.heading for checklist in lists for section in checklist.sections]
    assert any(heading[:1].isdigit() for heading in headings)


def test_holes_are_filled_in_every_spelling_and_links_are_left() -> None:
    text = "[VERSION] [Version] [version number] [NEW_VERSION] vX.Y.Z X.Y.Z [link](x) [ref][VERSION] [x] [VERSION]: a"
    assert filled(text, {"version": "v2.0.0"}) == (
        "v2.0.0 v2.0.0 v2.0.0 v2.0.0 v2.0.0 2.0.0 [link](x) [ref][VERSION] [x] [VERSION]: a"
    )


def test_a_component_stays_out_of_the_bare_number() -> None:
    assert filled("X.Y.Z of [VERSION]", {"VERSION": "core/v1.0.0"}) == "1.0.0 of core/v1.0.0"


@pytest.mark.parametrize("value", ["two\nlines", "a\x1b[0m", "\u202e"])
def test_a_value_is_one_readable_line(value: str) -> None:
    with pytest.raises(UsageError, match="control character"):
        filled("[A_B]", {"A_B": value})


@pytest.mark.parametrize("pair", ["novalue", "=x", " =x"])
def test_a_pair_has_a_key_and_a_value(pair: str) -> None:
    with pytest.raises(UsageError, match="KEY=VALUE"):
        values_of([pair])
    assert values_of(["a=b=c"]) == {"a": "b=c"}


@pytest.mark.parametrize(
    ("tight", "loose"),
    [
        ("- [ ] a\n- [ ] b\n", "- [ ] a\n\n- [ ] b\n"),
        ("- [ ] a\r\n- [ ] b\r\n", "- [ ] a\r\n\r\n- [ ] b\r\n"),
        ("- [ ] a\n  - [ ] b\n  - [ ] c\n- [ ] d\n", "- [ ] a\n\n  - [ ] b\n\n  - [ ] c\n\n- [ ] d\n"),
        ("Words:\n- [ ] a\n", "Words:\n\n- [ ] a\n"),
        ("- plain\n- bullets\n", "- plain\n- bullets\n"),
        ("```\n- [ ] a\n- [ ] b\n```\n", "```\n- [ ] a\n- [ ] b\n```\n"),
        ("> - [ ] a\n> - [ ] b\n", "> - [ ] a\n> - [ ] b\n"),
        ("- [ ] a\r- [ ] b\r", "- [ ] a\r- [ ] b\r"),
        ("- - [ ] a\n  - [ ] b\n", "- - [ ] a\n\n  - [ ] b\n"),
    ],
)
def test_lists_with_boxes_become_loose(tight: str, loose: str) -> None:
    assert loosened(tight) == loose


lines = st.lists(
    st.sampled_from(
        ["- [ ] a", "- [x] b", "  - [ ] c", "    - [ ] d", "1. [ ] e", "> - [ ] f", "- g", "words", "# H", "", "```",
         "- - [ ] h", "<div>", "  more", "\t- [ ] i", "---"]
    ),
    max_size=14,
)  # fmt: skip


@settings(deadline=None)
@given(lines, st.sampled_from(["\n", "\r\n", "\r"]))
def test_loosening_changes_no_item_and_nothing_the_second_time(rows: list[str], end: str) -> None:
    text = end.join(rows)
    once = loosened(text)
    told = [[(item.marker, item.text, item.depth) for item in parse(each).items] for each in (text, once)]
    assert told[0] == told[1]
    assert loosened(once) == once
    assert [line for line in once.split("\n") if line.strip()] == [line for line in text.split("\n") if line.strip()]


LAST = """\
# v1.0.0 release

## Preparation

- [ ] never done

## Follow-up

- [x] Retrospective held
- [ ] Guide corrected <!-- id: guide -->
- [ ] Party (optional)
"""


def test_open_follow_ups_are_carried_over_and_nothing_else() -> None:
    assert [item.text for item in follow_ups(parse(LAST))] == ["Guide corrected"]
    text = with_follow_ups("# v1.1.0\r\n\r\n- [ ] a\r\n", parse(LAST), "v1.0.0")
    assert text == "# v1.1.0\r\n\r\n- [ ] a\r\n\r\n## Follow-up from v1.0.0\r\n\r\n- [ ] Guide corrected\r\n"
    assert with_follow_ups("x\n", parse("# nothing\n"), "v1.0.0") == "x\n"


def held(*paths: str) -> list[Held]:
    checklist = parse("# Release\n\n## Sign-off\n\n- [ ] QA lead sign-off\n")
    return [Held(path, checklist, bind(path, checklist, Settings())) for path in paths]


def test_the_last_checklist_is_of_the_highest_version_below() -> None:
    found = held("checklists/v1.9.0.md", "checklists/v1.10.0.md", "checklists/v2.0.0.md", "checklists/release.md")
    last = last_checklist(asked_version("v1.11.0"), found)
    assert last is not None
    assert last.path == "checklists/v1.10.0.md"
    assert last_checklist(asked_version("v1.0.0"), found) is None


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("checklists/v1.1.0.md", "checklists/v1.2.0.md"),
        ("docs/releases/1.1.0/qa.md", "docs/releases/1.2.0/qa.md"),
        ("releases/release-1.1.0.md", "releases/release-1.2.0.md"),
        ("checklists/release.md", "checklists/v1.2.0.md"),
    ],
)
def test_a_new_checklist_goes_where_the_last_one_is(last: str, expected: str) -> None:
    version = asked_version("v1.2.0")
    assert place("v1.2.0", version, last_checklist(version, held(last))) == expected


def test_the_last_tag_is_final_and_of_the_same_component() -> None:
    tags = ["v1.0.0", "v1.1.0", "v1.2.0-rc.1", "core/v1.1.9", "nightly"]
    assert last_tag(asked_version("v1.2.0"), tags) == "v1.1.0"
    assert last_tag(asked_version("core/v1.2.0"), tags) == "core/v1.1.9"
    assert last_tag(asked_version("v0.1.0"), tags) is None


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([], "v0.1.0"),
        (["nightly"], "v0.1.0"),
        (["v1.2.3", "v1.10.0"], "v1.11.0"),
        (["1.2"], "1.3"),
        (["v2.0.0-rc.1", "v1.0.0"], "v2.0.0"),
        (["core/v3.0.0"], "v0.1.0"),
        (["release-1.4.2"], "release-1.5.0"),
    ],
)
def test_the_next_version_keeps_the_spelling(tags: list[str], expected: str) -> None:
    assert next_version(tags) == expected


@pytest.mark.parametrize("text", ["", "next", "../v1.0", "v1.0.0\n", "v1 0", "-v1.0.0 --x", "v1.0.0;ls", "a" * 300])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no version"):
        asked_version(text)


def test_the_own_template_counts_when_it_is_the_only_one() -> None:
    one = held("templates/release.md", "checklists/v1.0.0.md")
    found = own_template(one)
    assert found is not None
    assert found.path == "templates/release.md"
    assert own_template([*one, *held("templates/other.md")]) is None


def test_an_unknown_template_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="no template hotfx") as refused:
        starter("hotfx")
    assert "hotfix" in refused.value.hint


def asked(ci: str = "github", product: str = "Harbour", *, comment: bool = False) -> Asked:
    return Asked(product, "main", ci, comment, SetupFile("checklists/v0.1.0.md", "x\n"), "0.1.0")


def test_init_makes_what_the_host_needs_and_no_more() -> None:
    paths = [file.path for file in setup_files(asked(), setup_text, has_docs=False)]
    assert paths == [
        "checklists/v0.1.0.md",
        "checktrail.toml",
        "mkdocs.yml",
        "docs/about.md",
        ".gitignore",
        ".github/workflows/checklists.yml",
        ".github/workflows/release-site.yml",
    ]
    with_docs = {file.path for file in setup_files(asked("gitlab"), setup_text, has_docs=True)}
    assert ".gitlab-ci.yml" in with_docs
    assert not with_docs & {"docs/about.md", ".github/workflows/checklists.yml"}
    assert ".github/workflows/checklists-comment.yml" in {
        file.path for file in setup_files(asked(comment=True), setup_text, has_docs=True)
    }
    assert all(".github" not in file.path for file in setup_files(asked("none"), setup_text, has_docs=True))


@pytest.mark.parametrize("product", ["Harbour", 'a "quoted" \\ name', "tab\there", "ünïcödé", "x: y # z"])
def test_a_repositorys_name_stays_a_name_in_yaml(product: str) -> None:
    files = {file.path: file.text for file in setup_files(asked(product=product), setup_text, has_docs=True)}
    loaded = yaml.safe_load(files["mkdocs.yml"])
    assert loaded["site_name"] == f"{product} releases"
    assert "checktrail" in loaded["plugins"]
    assert not any("__" in text for text in files.values())


def test_the_configuration_that_init_makes_is_read(tmp_path: Path) -> None:
    (tmp_path / "checktrail.toml").write_text(setup_text("checktrail.toml"))
    assert read_settings(tmp_path) == Settings()


def seen(role: str, name: str = "Dana Reyes", email: str = "dana@example.org", section: str | None = None) -> Seen:
    return Seen(role, "review", section, f"{role} sign-off", (Signer(name, email),))


def test_a_drafted_policy_asks_for_what_the_last_release_had() -> None:
    found = [
        seen("QA lead"),
        seen("QA lead", email="dana@home.example", section="QA lead"),
        seen("Owner", "Mei", "m@x"),
    ]
    text = policy_draft(found, effective_from="2026-01-01")
    assert text is not None
    policy = read_policy(text, "policy")
    assert [(person.id, person.emails) for person in policy.people] == [
        ("dana-reyes", ("dana@example.org", "dana@home.example")),
        ("mei", ("m@x",)),
    ]
    assert [(each.id, each.match.section, each.match.text) for each in policy.requirements] == [
        ("qa-lead", "QA lead", None),
        ("owner", None, "Owner sign-off"),
    ]
    assert policy.roles[0].members[0].person == "dana-reyes"


def test_no_office_and_no_signer_make_no_policy() -> None:
    assert policy_draft([], effective_from="2026-01-01") is None
    assert policy_draft([seen("\N{CHECK MARK}")], effective_from="2026-01-01") is None
    assert policy_draft([Seen("QA lead", "review", None, "x", ())], effective_from="2026-01-01") is None


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(str.strip)


@settings(deadline=None)
@given(st.lists(st.builds(seen, names.map(lambda name: f"QA {name}"), names), min_size=1, max_size=4))
def test_whatever_people_are_called_the_draft_is_a_policy(found: list[Seen]) -> None:
    called = [one.signers[0].name.strip() for one in found]
    theirs = [
        one._replace(signers=(Signer(name, f"{called.index(name)}@x"),))
        for one, name in zip(found, called, strict=True)
    ]
    text = policy_draft(theirs, effective_from="2026-01-01")
    assert text is not None
    policy = read_policy(text, "policy")
    assert {person.name for person in policy.people} == set(called)


def test_who_shares_an_address_in_whatever_case_is_one_person_in_the_draft() -> None:
    found = [seen("QA lead", "Dana R."), seen("Owner", "Dana Reyes", "Dana@Example.org"), seen("QA lead", "Mei", "m@x")]
    text = policy_draft(found, effective_from="2026-01-01")
    assert text is not None
    policy = read_policy(text, "policy")
    assert [(person.name, person.emails) for person in policy.people] == [
        ("Dana R.", ("dana@example.org",)),
        ("Mei", ("m@x",)),
    ]
    assert [[member.person for member in role.members] for role in policy.roles] == [["dana-r", "mei"], ["dana-r"]]


def merged_by_git(tmp_path: Path, text: str, *, union: bool = False) -> tuple[bool, str]:
    """Two branches tick one box each; whether git merges them, and what the file then holds."""
    story = Story(tmp_path)
    if union:
        story.write(".gitattributes", "*.md merge=union\n")
    story.write("list.md", text).commit("Start")
    story.branch("second").tick("list.md", "second").commit("Second", by="Dana")
    story.checkout("main").tick("list.md", "first").commit("First", by="Ben")
    try:
        story.merge("second")
    except AssertionError:
        return False, ""
    return True, (story.root / "list.md").read_text(encoding="utf-8")


def test_parallel_ticks_merge_in_a_loose_list_and_conflict_in_a_tight_one(tmp_path: Path) -> None:
    tight = "- [ ] first\n- [ ] second\n"
    assert merged_by_git(tmp_path / "tight", tight) == (False, "")
    assert merged_by_git(tmp_path / "loose", loosened(tight)) == (True, "- [x] first\n\n- [x] second\n")


def test_a_union_merge_keeps_both_states_of_an_item(tmp_path: Path) -> None:
    done, text = merged_by_git(tmp_path, "- [ ] first\n- [ ] second\n", union=True)
    assert done
    assert "- [ ] first" in text
    assert "- [x] first" in text


def test_nothing_is_done_yet_in_a_list_made_from_a_ticked_one() -> None:
    ticked = (
        "# T\r\n- [x] a\r\n- [ ] b\r\n  - [X] c [x] d\r\n> - [x] q\n- [x] ~~n~~ (N/A: no)\n-\n  [x] e\n\n"
        "```\n- [x] f\n```\n"
    )
    text, opened = reopened(ticked)
    assert opened == 4
    assert text == ticked.replace("[x] a", "[ ] a").replace("[X] c", "[ ] c").replace("[x] q", "[ ] q").replace(
        "[x] e", "[ ] e"
    )
    assert reopened(text) == (text, 0)


def test_a_date_behind_a_box_is_for_whoever_signs() -> None:
    text = "Release date: [Date]\n- [ ] QA lead: [Name] [Date]\n"
    assert filled(text, {"RELEASE_DATE": "2026-03-31"}) == text.replace("date: [Date]", "date: 2026-03-31")
    assert filled(text, {"DATE": "today"}) == text.replace("[Date]", "today")
