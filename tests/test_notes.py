"""Release notes, told as stories: sources, landings, reverts, picks, drift, people, links, upgrades."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from checktrail.cli import group
from checktrail.config import Settings
from checktrail.errors import UsageError
from checktrail.exports.markdown import curated, escaped, linked
from checktrail.git import Repository
from checktrail.model import Commit, Person
from checktrail.notes.links import links
from checktrail.notes.markdown import changes, kind_of_heading, section
from checktrail.notes.messages import message
from checktrail.notes.parts import Kind
from checktrail.notes.upgrade import pairs
from checktrail.releases import releases
from checktrail.releases.versions import version_of
from checktrail.site.hosts import host
from story import Story

GITHUB = "https://github.com/example/thing"


def story_at(folder: Path) -> Story:
    story = Story(folder)
    story.commit("Start", by="Ada", on="2024-01-01")
    story.tag("v1.0.0")
    return story


def told(story: Story, *arguments: str) -> dict[str, Any]:
    run = CliRunner().invoke(
        group, ["-C", str(story.root), "notes", *arguments, "--format", "json"], catch_exceptions=False
    )
    assert run.exit_code == 0, run.output
    document: dict[str, Any] = json.loads(run.stdout)
    schema = json.loads(files("checktrail").joinpath("schemas/notes-1.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    return document


def markdown(story: Story, *arguments: str) -> str:
    run = CliRunner().invoke(group, ["-C", str(story.root), "notes", *arguments], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    return run.stdout


def lines(document: dict[str, Any], key: str = "parts") -> dict[str, list[str]]:
    return {part["kind"]: [change["text"] for change in part["changes"]] for part in document[key]}


def commit(text: str, parents: int = 1) -> Commit:
    ada = Person("Ada", "ada@example.org")
    return Commit("0" * 40, tuple(str(number) * 40 for number in range(1, parents + 1)), ada, 0, ada, 0, text)


# --- from commits -----------------------------------------------------------------------------------------------------


def test_types_make_the_parts_in_the_fixed_order(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    for text in (
        "chore: tidy",
        "feat!: drop the old API\n\nBREAKING CHANGE: call v2\nof everything",
        "fix(parser): read tabs",
        "perf: read faster",
        "feat: export",
        "security: check names",
        "Update the manual",
        "feat: limits\n\nKnown-Issue: large files are slow\nUpgrade-Note: run migrate",
    ):
        story.commit(text)
    story.tag("v2.0.0")
    document = told(story, "v2.0.0")
    assert lines(document) == {
        "features": ["limits", "export"],
        "improvements": ["read faster"],
        "fixes": ["read tabs"],
        "breaking": ["drop the old API: call v2 of everything"],
        "upgrade": ["run migrate"],
        "known-issues": ["large files are slow"],
        "security": ["check names"],
        "other": ["Update the manual", "tidy"],
    }
    assert [part["title"] for part in document["parts"]] == [
        "New features", "Improvements", "Bug fixes", "Breaking changes", "Upgrade notes", "Known issues", "Security",
        "Other changes",
    ]  # fmt: skip
    assert [source["kind"] for source in document["sources"]] == ["commits"]
    assert document["generated"] == []


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("feat(ui): dark mode", Kind.FEATURES, "dark mode"),
        ("Fix: a crash", Kind.FIXES, "a crash"),
        ("diff: speed up", None, "diff: speed up"),
        ("Fix CVE-2024-12345 in the parser", Kind.SECURITY, "Fix CVE-2024-12345 in the parser"),
        ("Change it\n\nChangelog: added", Kind.FEATURES, "Change it"),
        ("Change it\n\nRelease-Note: You can export now", Kind.IMPROVEMENTS, "You can export now"),
        ("fix: x\n\nNothing: here", Kind.FIXES, "x"),
        ("", None, ""),
    ],
)
def test_a_message_says_its_kind(text: str, kind: Kind | None, said: str) -> None:
    found = message(commit(text))
    assert (found.kind, found.text) == (kind, said)


def test_every_note_that_a_message_gives_is_told() -> None:
    text = "feat: x\n\nRelease-Note: One\nKnown-Issue: A\nRelease-Note: Two\nKnown-Issue: B\n"
    found = message(commit(text))
    assert (found.text, found.is_silent) == ("One", False)
    assert found.extra == ((Kind.KNOWN_ISSUES, "A"), (Kind.KNOWN_ISSUES, "B"), (Kind.FEATURES, "Two"))


def test_release_note_none_keeps_silent(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: internal\n\nRelease-Note: none")
    story.tag("v1.1.0")
    assert told(story, "v1.1.0")["parts"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Merge pull request #12 from ada/topic\n\nAdd export", "Add export (#12)"),
        ("Merge branch 'topic' into 'main'\n\nAdd export\n\nSee merge request group/thing!7", "Add export (!7)"),
        ("Merged in topic (pull request #3)\n\nAdd export", "Add export (#3)"),
        ("Merged PR 44: Add export", "Add export (#44)"),
        ("Auto merge of #99 - ada:topic, r=ben\n\nAdd export\n\nLong words.", "Add export (#99)"),
        ("Merge branch 'ab/topic'\n\nThe command learned\nto export.", "The command learned to export."),
    ],
)
def test_a_merge_speaks_by_the_title_in_it(text: str, said: str) -> None:
    found = message(commit(text, parents=2))
    assert (found.text, found.is_title) == (said, True)


def test_a_merge_that_says_nothing_has_no_title() -> None:
    for text in ("Merge branch 'topic'", "Merge branch 'a'\n\n* a:\n  one", "Merge x\n\nSigned-off-by: Ada <a@b.c>"):
        assert not message(commit(text, parents=2)).is_title


def test_a_landing_folds_its_branch(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.branch("topic")
    work = [story.commit("wip"), story.commit("fix: a detail")]
    story.checkout("main")
    merge = story.merge("topic", message="Merge pull request #5 from ada/topic\n\nfeat: export")
    story.tag("v1.1.0")
    document = told(story, "v1.1.0")
    assert lines(document) == {"features": ["export (#5)"]}
    assert document["parts"][0]["changes"][0]["commits"] == [merge, *reversed(work)]


def test_a_silent_merge_lets_its_branch_speak(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.branch("topic")
    story.commit("feat: export")
    story.commit("fix: import")
    story.commit("wip")
    story.checkout("main")
    story.merge("topic", message="Merge branch 'topic'")
    story.tag("v1.1.0")
    document = told(story, "v1.1.0")
    assert lines(document) == {"features": ["export"], "fixes": ["import"], "other": ["wip"]}
    every = [commit for part in document["parts"] for change in part["changes"] for commit in change["commits"]]
    assert len(every) == len(set(every)) == 4


def test_a_back_merge_tells_nothing_twice(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: export")
    story.branch("maint", "v1.0.0")
    fix = story.commit("fix: crash")
    story.tag("v1.0.1", message="Hotfix")
    story.checkout("main")
    story.merge("maint", message="Merge branch 'maint'")
    story.tag("v1.1.0", message="Minor")
    assert lines(told(story, "v1.0.1")) == {"fixes": ["crash"]}
    document = told(story, "v1.1.0")
    assert lines(document) == {"features": ["export"]}
    assert document["base"] == "v1.0.1"
    assert fix not in json.dumps(document)


def test_a_final_unites_its_candidates(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: one", by="Ben")
    story.tag("v1.1.0-rc1")
    story.commit("fix: two")
    story.tag("v1.1.0")
    document = told(story, "v1.1.0")
    assert lines(document) == {"features": ["one"], "fixes": ["two"]}
    assert document["parts"][0]["changes"][0]["first_release"] == "v1.1.0-rc1"
    assert {"name": "Ben", "first_time": True} in document["contributors"]
    assert "since v1.1.0-rc1" in markdown(story, "v1.1.0")
    assert lines(told(story, "v1.1.0-rc1")) == {"features": ["one"]}


# --- reverts and picks ------------------------------------------------------------------------------------------------


def test_a_revert_before_release_folds_both_away(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    one = story.commit("feat: one")
    story.commit("feat: two")
    back = story.commit(f'Revert "feat: one"\n\nThis reverts commit {one}.')
    story.tag("v1.1.0")
    document = told(story, "v1.1.0")
    assert lines(document) == {"features": ["two"]}
    assert document["reverted"] == [{"text": "one", "commits": [one, back]}]
    assert "Reverted before release" in markdown(story, "v1.1.0")


def test_a_revert_of_a_revert_leaves_the_change(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    one = story.commit("feat: one")
    back = story.commit(f'Revert "feat: one"\n\nThis reverts commit {one[:12]}.')
    again = story.commit(f'Reapply "feat: one"\n\nThis reverts commit {back}.')
    story.tag("v1.1.0")
    document = told(story, "v1.1.0")
    assert lines(document) == {"features": ["one"]}
    assert document["parts"][0]["changes"][0]["commits"] == [one, back, again]
    assert document["reverted"] == []


def test_a_revert_of_what_was_shipped_is_named(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    one = story.commit("feat: one")
    story.tag("v1.1.0")
    back = story.commit(f'Revert "feat: one"\n\nThis reverts commit {one}.')
    story.tag("v1.1.1")
    story.commit(f'Reapply "feat: one"\n\nThis reverts commit {back}.')
    story.tag("v1.2.0")
    assert lines(told(story, "v1.1.1")) == {"fixes": ['Reverts "one" (shipped in v1.1.0)']}
    assert lines(told(story, "v1.2.0")) == {"features": ['Reinstates "one" (reverted in v1.1.1)']}


def test_what_was_shipped_is_named_by_its_final_release(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    one = story.commit("feat: one")
    story.tag("v1.1.0-rc1")
    story.commit("Ready")
    story.tag("v1.1.0")
    story.commit(f'Revert "feat: one"\n\nThis reverts commit {one}.')
    story.tag("v1.1.1")
    assert lines(told(story, "v1.1.1")) == {"fixes": ['Reverts "one" (shipped in v1.1.0)']}


def test_a_revert_that_only_quotes_the_subject_is_understood(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: one (#3)")
    story.commit('Revert "feat: one (#3)" (#4)')
    story.tag("v1.1.0")
    document = told(story, "v1.1.0")
    assert document["parts"] == []
    assert [reverted["text"] for reverted in document["reverted"]] == ["one (#3)"]


def test_a_revert_of_something_unknown_stands_as_it_is(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit(f'Revert "gone"\n\nThis reverts commit {"9" * 40}.')
    story.tag("v1.1.0")
    assert lines(told(story, "v1.1.0")) == {"other": ['Revert "gone"']}


def test_cherry_picks_are_shown_as_also_in(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write("a.txt", "a")
    fix = story.commit("fix: crash")
    story.branch("maint", "v1.0.0")
    story.git("cherry-pick", "-x", fix)
    story.tag("v1.0.1", message="Hotfix")
    story.checkout("main")
    story.commit("feat: more")
    story.tag("v1.1.0", message="Minor")
    change = told(story, "v1.1.0")["parts"][1]["changes"][0]
    assert (change["text"], change["also_in"]) == ("crash", ["v1.0.1"])
    assert "(also in v1.0.1)" in markdown(story, "v1.1.0")


# --- curated ----------------------------------------------------------------------------------------------------------

CHANGELOG = """# Changes

## [Unreleased]

## [1.1.0] - 2024-02-01

### Added
- An export, at last (#5)

### Fixed
- A crash nobody saw

## 1.0.0
- First
"""


def test_the_changelog_section_comes_first_and_the_commits_stand_under_it(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    export = story.commit("feat: export (#5)")
    perf = story.commit("perf: read faster")
    story.write("CHANGELOG.md", CHANGELOG)
    story.commit("docs: changelog")
    story.tag("v1.1.0")
    document = told(story, "v1.1.0")
    assert [source["kind"] for source in document["sources"]] == ["changelog", "commits"]
    assert document["sources"][0]["path"] == "CHANGELOG.md"
    assert lines(document) == {"features": ["An export, at last (#5)"], "fixes": ["A crash nobody saw"]}
    assert document["parts"][0]["changes"][0]["commits"] == [export]
    assert lines(document, "generated")["improvements"] == ["read faster"]
    assert document["drift"] == {"changes_without_commit": ["A crash nobody saw"], "commits_without_change": [perf]}
    text = markdown(story, "v1.1.0")
    assert text.index("An export, at last") < text.index("<details>") < text.index("read faster")


def test_an_edit_after_the_release_is_shown_and_does_not_change_the_notes(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write("CHANGELOG.md", CHANGELOG)
    story.commit("docs: changelog")
    story.tag("v1.1.0")
    story.replace("CHANGELOG.md", "A crash nobody saw", "A crash that everybody saw")
    story.commit("docs: honesty")
    document = told(story, "v1.1.0")
    assert lines(document)["fixes"] == ["A crash nobody saw"]
    source = document["sources"][0]
    assert source["added_after_release"] == ["- A crash that everybody saw"]
    assert source["removed_after_release"] == ["- A crash nobody saw"]
    assert not source["written_after_release"]


def test_a_section_written_after_the_release_counts_and_says_so(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: export")
    story.tag("v1.1.0")
    story.write("CHANGELOG.md", CHANGELOG)
    story.commit("docs: changelog")
    source = told(story, "v1.1.0")["sources"][0]
    assert (source["kind"], source["written_after_release"]) == ("changelog", True)


def test_sources_have_a_precedence(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write("releases/v1.1.0.md", "Faster than ever.\n\n## Known issues\n\n- It is loud\n")
    story.write("CHANGELOG.md", CHANGELOG)
    story.write("newsfragments/5.feature.md", "An export")
    story.commit("feat: export")
    story.tag("v1.1.0", message="Version 1.1.0\n\n- From the tag")
    kinds: list[str] = []
    for path in ("releases/v1.1.0.md", "CHANGELOG.md", "newsfragments/5.feature.md", None):
        kinds.append(told(story, "v1.1.0")["sources"][0]["kind"])
        if path:
            story.remove(path)
            story.git("commit", "--quiet", "--amend", "--no-edit", "--allow-empty")
            story.git("tag", "-f", "-a", "-m", "Version 1.1.0\n\n- From the tag", "v1.1.0")
    assert kinds == ["file", "changelog", "fragments", "tag"]
    assert lines(told(story, "v1.1.0")) == {"other": ["From the tag"]}


def test_a_file_of_the_release_has_highlights_and_known_issues(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write("releases/v1.1.0.md", "# 1.1\n\nFaster than ever.\n\n## Known issues\n\n- It is loud\n  - at night\n")
    story.commit("Work")
    story.tag("v1.1.0")
    assert lines(told(story, "v1.1.0"))["known-issues"] == ["It is loud: at night"]


def test_a_tag_that_only_says_its_name_is_no_source(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: export")
    story.tag("v1.1.0", message="Release v1.1.0")
    assert [source["kind"] for source in told(story, "v1.1.0")["sources"]] == ["commits"]


def test_fragments_of_three_tools(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write("newsfragments/1.bugfix.rst", "Old")
    story.commit("Old")
    story.tag("v1.0.1")
    story.write("newsfragments/12.feature.md", "Export as *CSV*")
    story.write("changes/5.bugfix", "Crash")
    story.write("newsfragments/README.md", "How to")
    story.write("releasenotes/notes/slow-1234.yaml", "issues:\n  - It is slow.\nupgrade:\n  - Run it.\n")
    story.write("releasenotes/notes/broken.yaml", "features: [")
    story.write(".changeset/red-cats-run.md", '---\n"thing": major\n---\nThe old API is gone\n')
    story.commit("Work")
    story.tag("v1.1.0")
    assert lines(told(story, "v1.1.0")) == {
        "features": ["Export as *CSV* (#12)"],
        "fixes": ["Crash (#5)"],
        "breaking": ["The old API is gone"],
        "upgrade": ["Run it."],
        "known-issues": ["It is slow."],
    }


@pytest.mark.parametrize(
    "text",
    [
        "## 1.2.0\n- one\n## 1.1.0\n- two\n",
        "## [1.2.0](https://example.org) (2024-01-01)\n- one\n\n## [1.1.0]\n- two",
        "# v1.2.0 / 2024-01-01\n- one\n# v1.1.0\n",
        "1.2.0 (2024-01-01)\n==================\n\n- one\n\n1.1.0\n=====\n- two\n",
        "Thing 1.2.0\n-----------\n* one\n\nThing 1.1.0\n-----------\n* two\n",
        "* Noteworthy changes in release 1.2.0 (2024-01-01) [stable]\n\n- one\n\n* Changes in release 1.1.0\n",
        "Version 1.2.0\n\n- one\n\nVersion 1.1.0\n\n- two\n",
        "```\n## 1.2.0\n- wrong\n```\n## 1.2\n- one\n",
    ],
)
def test_a_changelog_in_any_form_gives_the_section(text: str) -> None:
    version = version_of("1.2.0")
    assert version is not None
    found = section(text, version.precedence)
    assert found is not None
    assert [change.text for change in changes(found)] == ["one"]


def test_a_changelog_without_the_version_gives_nothing() -> None:
    version = version_of("1.2.0")
    assert version is not None
    assert section("## 11.2.0\n- a\n\n## 1.2.0-rc1\n- b\n\nPlain 1.2.0 in a sentence.\n", version.precedence) is None


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Highlights", Kind.HIGHLIGHTS), ("New Features", Kind.FEATURES), ("Added", Kind.FEATURES),
        ("Improvements", Kind.IMPROVEMENTS), ("Changed", Kind.IMPROVEMENTS), ("Bug Fixes", Kind.FIXES),
        ("Breaking Changes", Kind.BREAKING), ("Removed", Kind.BREAKING), ("Upgrade Notes", Kind.UPGRADE),
        ("Deprecated", Kind.UPGRADE), ("Known Issues", Kind.KNOWN_ISSUES), ("Security", Kind.SECURITY),
        ("Thanks", Kind.OTHER),
    ],
)  # fmt: skip
def test_a_heading_says_its_part(heading: str, kind: Kind) -> None:
    assert kind_of_heading(heading) is kind


# --- people and links -------------------------------------------------------------------------------------------------


def test_contributors_by_mailmap_with_first_timers(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write(".mailmap", "Ben Real <ben@example.org> <benny@old.example>\nBen Real <ben@example.org>\n")
    story.commit("Map", by="Ada")
    story.commit("feat: one", by="Ben")
    story.tag("v1.1.0")
    helped = "Co-authored-by: Benny <benny@old.example>\nCo-Authored-By: Cleo <cleo@example.org>"
    story.commit(f"feat: two\n\n{helped}", by="Dana")
    story.commit("chore: deps", by="robot[bot]")
    story.tag("v1.2.0")
    assert told(story, "v1.1.0")["contributors"] == [
        {"name": "Ada", "first_time": False}, {"name": "Ben Real", "first_time": True},
    ]  # fmt: skip
    assert told(story, "v1.2.0")["contributors"] == [
        {"name": "Ben Real", "first_time": False}, {"name": "Cleo", "first_time": True},
        {"name": "Dana", "first_time": True},
    ]  # fmt: skip


def test_a_comment_in_a_mailmap_ends_with_its_line(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write(".mailmap", "# a note\u2028Ada <ada@example.org> <ben@example.org>\n").commit("feat: one", by="Ben")
    story.tag("v1.1.0")
    assert told(story, "v1.1.0")["contributors"] == [{"name": "Ben", "first_time": True}]


@pytest.mark.parametrize(
    ("text", "remote", "urls"),
    [
        ("See #12", GITHUB, [f"{GITHUB}/issues/12"]),
        ("See other/one#3", GITHUB, ["https://github.com/other/one/issues/3"]),
        ("See !7 and #8", "git@gitlab.com:a/b/c.git",
         ["https://gitlab.com/a/b/c/-/merge_requests/7", "https://gitlab.com/a/b/c/-/issues/8"]),
        ("See !7", GITHUB, []),
        ("See #12", "/srv/git/thing.git", []),
        ("See #12", None, []),
        ("CVE-2024-12345", None, ["https://www.cve.org/CVERecord?id=CVE-2024-12345"]),
        ("PEP 8, RFC 2119", None, ["https://peps.python.org/pep-0008/", "https://www.rfc-editor.org/rfc/rfc2119"]),
        ("colour #123abc, page#12, &#39; and #0", GITHUB, []),
    ],
)  # fmt: skip
def test_references_lead_where_the_host_is_known(text: str, remote: str | None, urls: list[str]) -> None:
    assert [link.url for link in links(text, host(remote))] == urls


def test_links_stand_in_the_notes(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.git("remote", "add", "origin", f"{GITHUB}.git")
    one = story.commit("fix: crash (#9)")
    story.tag("v1.1.0")
    assert told(story, "v1.1.0")["parts"][0]["changes"][0]["links"] == [{"text": "#9", "url": f"{GITHUB}/issues/9"}]
    assert f"crash ([#9]({GITHUB}/issues/9)) ([`{one[:8]}`]({GITHUB}/commit/{one}))" in markdown(story, "v1.1.0")


# --- hostile text -----------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "# heading",
    "1. list",
    "- [ ] box",
    "> quote | table | cell",
    "</details><img src=x onerror=alert(1)>",
    "\x1b[31mred\x9b0m \u202edesrever",
    "`unclosed <b>",
    "a *b* __c__ ~~d~~ $e$ \\<i>",
    "&lt;b&gt; &#60;i&#62;",
    "@everyone look",
    "--- +++ ===",
    "```",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_message_shows_and_does_nothing(text: str) -> None:
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(f"- {escaped(text)}\n")
    assert [token.type for token in tokens] == [
        "bullet_list_open", "list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close",
        "bullet_list_close",
    ]  # fmt: skip
    children = [child.type for child in tokens[3].children or []]
    assert set(children) <= {"text", "code_inline", "text_special"}
    assert "\x1b" not in escaped(text)
    assert "\u202e" not in escaped(text)


@given(st.text(max_size=80))
def test_any_text_comes_out_as_itself(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"- x{escaped(text)}\n")
    inlines = [token for token in tokens if token.type == "inline"]
    assert len(tokens) == 7
    assert {child.type for child in inlines[0].children or []} <= {"text", "code_inline", "text_special"}


def test_names_that_would_notify_somebody_are_code() -> None:
    assert escaped("thanks @ben and ada@example.org") == "thanks `@ben` and ada@example.org"


def test_code_stays_code() -> None:
    assert escaped("Add `--flag <x>` to *it*") == "Add `--flag <x>` to \\*it\\*"


def test_a_link_is_made_only_of_what_was_found() -> None:
    found = links("x](javascript:1) #12", host(GITHUB))
    assert linked("x](javascript:1) #12", found) == f"x\\](javascript:1) [#12]({GITHUB}/issues/12)"


def test_curated_markdown_keeps_its_marks_and_loses_html() -> None:
    assert curated("A **bold** `<b>` <b>x</b> <https://example.org>") == (
        "A **bold** `<b>` &lt;b>x&lt;/b> <https://example.org>"
    )
    assert curated("[x](JaVa&#115;cript:alert(1))").startswith("\\[x\\]")


def test_hostile_commits_in_whole_notes(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    for text in HOSTILE:
        story.commit(f"feat: {text}", by="<b>Eve</b>" if "<" in text else "Ada")
    story.tag("v1.1.0")
    html = MarkdownIt("commonmark", {"html": True}).render(markdown(story, "v1.1.0"))
    for sign in ("<script", "<img", "<b>", "<i>", 'javascript:alert(1)"', "<blockquote", "<hr"):
        assert sign not in html
    told(story, "v1.1.0")


@pytest.mark.parametrize(
    "text",
    [
        "feat: x\n\nCo-authored-by:" + " " * 200_000 + "x",
        "feat: x\n\nCo-authored-by: " + "a <" * 100_000,
        "feat: " + "(" * 200_000,
        "feat: x\n\nBREAKING CHANGE: " + "a\n" * 100_000,
        "feat: x\n\nRelease-Note: " + "a\n " * 100_000,
        "Merge x\n\nSee merge request " + "!1" * 100_000,
        "fix: " + "`" * 1000 + " `` " * 50_000,
    ],
)
def test_no_message_costs_more_than_its_length(tmp_path: Path, text: str) -> None:
    story = story_at(tmp_path)
    story.at(None)
    story.git("commit", "--quiet", "--allow-empty", "--file=-", "--cleanup=verbatim", feed=text.encode())
    story.tag("v1.1.0")
    told(story, "v1.1.0")
    markdown(story, "v1.1.0")


# --- upgrades ---------------------------------------------------------------------------------------------------------


def test_an_upgrade_is_the_union_of_what_lies_between(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat!: drop one")
    story.tag("v1.1.0")
    story.branch("maint", "v1.0.0")
    story.commit("fix: x\n\nSecurity-Note: patch at once")
    story.tag("v1.0.1", message="Hotfix")
    story.checkout("main")
    story.commit("feat: plain")
    story.commit("feat: y\n\nKnown-Issue: slow")
    story.tag("v1.2.0-rc1")
    story.commit("feat!: drop two")
    story.tag("v1.2.0")
    story.commit("feat!: too late")
    story.tag("v2.0.0")
    document = told(story, "v1.0.0..v1.2.0")
    assert document["releases"] == ["v1.1.0", "v1.0.1", "v1.2.0"]
    assert lines(document) == {
        "breaking": ["drop two", "drop one"], "known-issues": ["slow"], "security": ["patch at once"],
    }  # fmt: skip
    assert [change["release"] for change in document["parts"][0]["changes"]] == ["v1.2.0", "v1.1.0"]
    assert (document["base"], document["tag"]) == ("v1.0.0", "v1.2.0")
    assert "v1.0.0 to v1.2.0" in markdown(story, "v1.0.0..v1.2.0")


def test_an_upgrade_goes_up(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("More")
    story.tag("v1.1.0")
    with pytest.raises(UsageError) as caught:
        told(story, "v1.1.0..v1.0.0")
    assert "v1.0.0..v1.1.0" in caught.value.hint


def test_the_pairs_that_matter(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    for tag in ("v1.0.1", "v1.1.0", "v1.2.0-rc1", "v1.2.0", "v1.2.1"):
        story.commit(tag)
        story.tag(tag)
    repository = Repository.open(story.root)
    found = releases(repository.tags(), repository.commits(), Settings(), None)
    assert {(old.tag, new.tag) for old, new in pairs(found)} == {
        ("v1.0.0", "v1.0.1"), ("v1.0.1", "v1.1.0"), ("v1.1.0", "v1.2.0"), ("v1.2.0", "v1.2.1"),
        ("v1.0.1", "v1.2.1"), ("v1.1.0", "v1.2.1"),
    }  # fmt: skip


# --- the command ------------------------------------------------------------------------------------------------------


def test_an_own_template_runs_in_a_sandbox(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: one")
    story.tag("v1.1.0")
    template = tmp_path / "own.j2"
    template.write_text("{{ tag }}:{% for part in parts %} {{ part.title }}{% endfor %}", "utf-8")
    assert markdown(story, "v1.1.0", "--template", str(template)) == "v1.1.0: New features\n"
    for text in ("{{ ''.__class__.__mro__ }}", "{{ nothing }}", "{% for %}", "{{ parts.append(1) }}"):
        template.write_text(text, "utf-8")
        with pytest.raises(UsageError, match="template"):
            markdown(story, "v1.1.0", "--template", str(template))


def test_the_configuration_names_the_template(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write("look/notes.j2", "mine {{ version }}")
    story.write("checktrail.toml", '[notes]\ntemplate = "look/notes.j2"\n')
    story.commit("feat: one")
    story.tag("v1.1.0")
    assert markdown(story) == "mine 1.1.0\n"


@pytest.mark.parametrize(("asked", "sign"), [("v1.0", "v1.0.0"), ("latest", "version"), ("v1.0.0..nope", "nope")])
def test_a_tag_that_is_no_release_is_answered_with_the_way_out(tmp_path: Path, asked: str, sign: str) -> None:
    story = story_at(tmp_path)
    story.tag("latest")
    with pytest.raises(UsageError) as caught:
        told(story, asked)
    assert sign in f"{caught.value.sentence} {caught.value.hint}"


def test_without_tags_a_changelog_is_pointed_at(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("CHANGELOG.md", CHANGELOG)
    story.commit("Start")
    with pytest.raises(UsageError) as caught:
        told(story)
    assert "CHANGELOG.md tells of 2 versions, but" in caught.value.hint


def test_generated_lists_can_be_switched_off_but_not_the_only_source(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.write("checktrail.toml", "[notes]\ngenerated = false\n")
    story.commit("feat: one")
    story.tag("v1.0.1")
    story.write("CHANGELOG.md", CHANGELOG)
    story.commit("feat: two")
    story.tag("v1.1.0")
    assert lines(told(story, "v1.0.1")) == {"features": ["one"]}
    assert told(story, "v1.1.0")["generated"] == []


def test_the_same_history_gives_the_same_bytes(tmp_path: Path) -> None:
    story = story_at(tmp_path)
    story.commit("feat: one", by="Ben")
    story.tag("v1.1.0")
    assert markdown(story, "v1.1.0") == markdown(story, "v1.1.0")
