"""Releases: what a tag's name says, the order, the bases, and the document."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from checktrail.cli import group
from checktrail.config import Settings
from checktrail.errors import ConfigError, InvariantError, ShallowCloneError
from checktrail.exports.releases import releases_document
from checktrail.exports.wire import moment
from checktrail.git import Repository
from checktrail.model import Commit, Person, Release, Tag, TagKind
from checktrail.releases import Membership, Version, check_page, check_partition, parse_version, releases
from checktrail.releases.versions import version_of
from story import Story

BUNDLES = sorted((Path(__file__).parents[2] / "shared" / "corpus" / "bundles").glob("*.bundle"))


def read(story: Story, **settings: object) -> Membership:
    repository = Repository.open(story.root)
    wanted = replace(Settings(), releases=replace(Settings().releases, **settings))  # type: ignore[arg-type]
    return releases(repository.tags(), repository.commits(), wanted, repository.head.commit)


def release(found: Membership, tag: str) -> Release:
    known = found.release(tag)
    assert known is not None, tag
    return known


def tags(found: Membership) -> list[str]:
    return [release.tag for release in found.releases]


# --- versions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "component", "text", "prerelease"),
    [
        ("v1.2.0", None, "1.2.0", False),
        ("1.2", None, "1.2", False),
        ("V2", None, "2", False),
        ("v.1.2.0", None, "1.2.0", False),
        ("release-1.2.0", None, "1.2.0", False),
        ("releases/v1.2.0", None, "1.2.0", False),
        ("pkg-a/v1.2.0", "pkg-a", "1.2.0", False),
        ("pkg/release-1.2.0", "pkg", "1.2.0", False),
        ("tools/cli/v1.2.0", "tools/cli", "1.2.0", False),
        ("pkg@1.2.0", "pkg", "1.2.0", False),
        ("@scope/pkg@1.2.0-rc.1", "@scope/pkg", "1.2.0-rc.1", True),
        ("name-1.2.0", "name", "1.2.0", False),
        ("pkg-2-1.0.0", "pkg-2", "1.0.0", False),
        ("pkg/v3", "pkg", "3", False),
        ("v1.0rc1", None, "1.0rc1", True),
        ("v1.0.0-alpha.beta", None, "1.0.0-alpha.beta", True),
        ("v1.0.0-SNAPSHOT", None, "1.0.0-SNAPSHOT", True),
        ("1.0.dev3", None, "1.0.dev3", True),
        ("1.0.post1", None, "1.0.post1", False),
        ("v2.4.0.0-0.1.rc1x", None, "2.4.0.0-0.1.rc1x", True),
        ("1!2.0", None, "1!2.0", False),
        ("2024.01.15", None, "2024.01.15", False),
        ("2024-01-15", None, "2024-01-15", False),
        ("22.03", None, "22.03", False),
        ("nightly-2024-01-15", "nightly", "2024-01-15", False),
    ],
)
def test_a_tag_says_its_version(name: str, component: str | None, text: str, prerelease: bool) -> None:  # noqa: FBT001
    version = version_of(name)
    assert version is not None
    assert (version.component, version.text, version.prerelease) == (component, text, prerelease)


@pytest.mark.parametrize(
    "name",
    [
        "latest", "nightly", "issue-12", "backup-2024", "diablo-eol", "2024.2-eol", "v1.x", "v", "1.2.3.4.", "v1..2",
        "x" * 300, "v" + "1" * 100, "v1.0\N{ARABIC-INDIC DIGIT ONE}", "pkg/", "/v", "v1.0 ",
    ],
)  # fmt: skip
def test_what_is_no_version_is_none(name: str) -> None:
    assert version_of(name) is None


def precedence(*names: str) -> list[Version]:
    return [version for name in names if (version := version_of(name)) is not None]


@pytest.mark.parametrize(
    "rising",
    [
        # SemVer 2.0.0, section 11
        ("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
         "1.0.0-rc.1", "1.0.0"),
        # PEP 440, "Summary of permitted suffixes and relative ordering"
        ("1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2", "1.0rc1.dev456",
         "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1"),
        ("2023-12-31", "2024-01-15", "2024-02", "2025.1"),
        ("9.0", "10.0", "1!1.0"),
    ],
)  # fmt: skip
def test_precedence_rises_as_the_schemes_say(rising: tuple[str, ...]) -> None:
    versions = precedence(*rising)
    assert len(versions) == len(rising)
    assert all(low < high for low, high in pairwise(versions))


def test_trailing_zeros_do_not_order() -> None:
    one, two = precedence("v1.0", "1.0.0")
    assert not one < two
    assert not two < one


def test_a_line_is_the_first_two_numbers() -> None:
    assert [version.line for version in precedence("v2.4.7", "v3", "2024-01-15")] == ["2.4", "3.0", "2024.1"]


@given(st.text(max_size=40))
def test_no_name_breaks_the_reader(name: str) -> None:
    version = version_of(name)
    assert version is None or version.text in name


def test_settings_choose_the_tags() -> None:
    def parsed(name: str, **settings: object) -> Version | None:
        wanted = replace(Settings(), releases=replace(Settings().releases, **settings))  # type: ignore[arg-type]
        return parse_version(name, wanted)

    underscores = parsed("REL_14_2", tags=r"REL_(?P<version>\d+_\d+)")
    assert underscores is not None
    assert underscores.text == "14.2"
    glued = parsed("go1.21.0", components=("go",))
    assert glued is not None
    assert (glued.component, glued.text) == ("go", "1.21.0")
    assert parsed("other/v1.0", components=("go",)) is None
    assert parsed("v1.0-test.1", exclude=("*-test*",)) is None
    assert parsed("v1.0", tags=r"release-.*") is None
    with pytest.raises(ConfigError, match="regular expression"):
        parsed("v1.0", tags="(")


# --- order, bases, aliases --------------------------------------------------------------------------------------------


def test_a_clock_that_runs_backwards_changes_nothing(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("One", on="2024-06-01")
    story.tag("v1.0", message="One", on="2024-06-01")
    story.commit("Two", on="2020-01-01")
    story.tag("v2.0", message="Two", on="2020-01-01")
    found = read(story)
    assert tags(found) == ["v1.0", "v2.0"]
    assert [release.order_basis for release in found.releases] == ["ancestry", "ancestry"]
    assert release(found, "v2.0").base == "v1.0"


def test_a_hotfix_and_its_forward_port(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("v1.0.0")
    feature = story.commit("Feature", on="2024-01-02")
    story.branch("maint", "v1.0.0")
    fix = story.commit("Fix", on="2024-01-03")
    story.tag("v1.0.1", message="Hotfix", on="2024-01-03")
    story.checkout("main")
    merge = story.merge("maint", on="2024-01-04")
    story.tag("v1.1.0", message="Minor", on="2024-01-05")
    found = read(story)
    assert tags(found) == ["v1.0.0", "v1.0.1", "v1.1.0"]
    assert release(found, "v1.0.1").new == (fix,)
    assert set(release(found, "v1.1.0").new) == {merge, feature}
    assert release(found, "v1.1.0").base == "v1.0.1"
    assert found.containing(fix) == ("v1.0.1", "v1.1.0")
    assert found.containing("0" * 40) == ()


def test_parallel_lines_are_compared_with_their_own(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("v1.0.0")
    story.commit("Feature", on="2024-01-02")
    story.tag("v2.0.0", message="Two", on="2024-01-02")
    story.branch("maint", "v1.0.0")
    fix = story.commit("Fix", on="2024-01-03")
    story.tag("v1.0.1", message="Later, and lower", on="2024-01-03")
    story.checkout("main")
    story.git("cherry-pick", "--allow-empty", fix)
    story.tag("v2.0.1", message="Two again", on="2024-01-05")
    found = read(story)
    assert tags(found) == ["v1.0.0", "v2.0.0", "v1.0.1", "v2.0.1"]
    assert [release(found, tag).base for tag in ("v1.0.1", "v2.0.1")] == ["v1.0.0", "v2.0.0"]
    assert {release.tag: release.order_basis for release in found.releases}["v1.0.1"] == "date"


def test_a_base_need_not_be_an_ancestor(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("v1.0.0")
    story.branch("maint")
    story.commit("Fix", on="2024-01-02")
    story.tag("v1.0.1", message="Fix", on="2024-01-02")
    story.checkout("main")
    feature = story.commit("Feature", on="2024-01-03")
    story.tag("v1.1.0", message="Minor", on="2024-01-03")
    minor = release(read(story), "v1.1.0")
    assert (minor.base, minor.base_is_ancestor, minor.new) == ("v1.0.1", False, (feature,))


def test_a_final_is_compared_with_finals_and_unites_its_candidates(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("v1.0")
    one = story.commit("One", on="2024-01-02")
    story.tag("v1.1-rc1")
    two = story.commit("Two", on="2024-01-03")
    story.tag("v1.1-rc2")
    three = story.commit("Three", on="2024-01-04")
    story.tag("v1.1")
    found = read(story)
    assert [release(found, tag).base for tag in ("v1.1-rc1", "v1.1-rc2", "v1.1")] == ["v1.0", "v1.1-rc1", "v1.0"]
    final = release(found, "v1.1")
    assert final.new == (three,)
    assert [(also.commit, also.first_release) for also in final.also_included] == [(two, "v1.1-rc2"), (one, "v1.1-rc1")]


def test_tags_on_one_commit_are_aliases_of_the_final_one(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("v1.0")
    two = story.commit("Two", on="2024-02-01")
    story.tag("v1.1-rc1", message="Candidate", on="2024-02-01")
    story.tag("v1.1", message="Final", on="2024-02-09")
    found = read(story)
    assert tags(found) == ["v1.0", "v1.1-rc1", "v1.1"]
    candidate, final = release(found, "v1.1-rc1"), release(found, "v1.1")
    assert (candidate.alias_of, candidate.new, candidate.aliases) == ("v1.1", (), ("v1.1",))
    assert [(also.commit, also.first_release) for also in candidate.also_included] == [(two, "v1.1")]
    assert (final.alias_of, final.new, final.aliases) == (None, (two,), ("v1.1-rc1",))


def test_the_canonical_tag_is_not_compared_with_its_own_alias(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("v1.8.0")
    two = story.commit("Two", on="2024-02-01")
    story.tag("v1.9.0")
    story.tag("v1.10.0")
    found = read(story)
    assert release(found, "v1.9.0").alias_of == "v1.10.0"
    assert (release(found, "v1.10.0").base, release(found, "v1.10.0").new) == ("v1.8.0", (two,))


def test_of_two_names_of_one_base_the_canonical_one_is_told(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("1.0.0")
    story.tag("v1.0.0", message="The same", on="2024-01-02")
    story.commit("Two", on="2024-02-01")
    story.tag("v1.1.0")
    found = read(story)
    assert release(found, "v1.0.0").alias_of == "1.0.0"
    assert release(found, "v1.1.0").base == "1.0.0"


def test_components_are_lines_of_their_own(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("pkg-a/v1.0.0")
    story.tag("pkg-b@3.0.0")
    story.commit("More", on="2024-01-02")
    story.tag("pkg-b@3.1.0")
    story.tag("pkg-a/v0.9.1")
    found = read(story)
    assert release(found, "pkg-b@3.1.0").base == "pkg-b@3.0.0"
    assert release(found, "pkg-a/v0.9.1").base is None
    assert "of pkg-a" in release(found, "pkg-a/v0.9.1").base_reason


def test_a_base_can_be_set_by_hand(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number in range(3):
        story.commit(str(number))
        story.tag(f"v{number}.0")
    chosen = release(read(story, base={"v2.0": "v0.0"}), "v2.0")
    assert (chosen.base, len(chosen.new), len(chosen.also_included)) == ("v0.0", 1, 1)
    assert "configuration" in chosen.base_reason
    with pytest.raises(ConfigError, match=r"v9\.0"):
        read(story, base={"v2.0": "v9.0"})


def test_tags_that_are_no_releases_are_listed_with_a_reason(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("a.txt", "a")
    story.commit("Start")
    story.tag("on-a-tree", at="HEAD^{tree}")
    story.tag("v9.9", at="HEAD:a.txt")
    story.tag("latest")
    story.tag("v1.0", message="Inner")
    story.tag("v1.1", message="Nested", at="v1.0")
    found = read(story)
    assert tags(found) == ["v1.0", "v1.1"]
    reasons = {ignored.tag: ignored.reason for ignored in found.ignored}
    assert set(reasons) == {"on-a-tree", "v9.9", "latest"}
    assert "tree" in reasons["on-a-tree"]
    assert "blob" in reasons["v9.9"]
    assert "version" in reasons["latest"]


def test_a_commit_that_only_an_ignored_tag_reaches_is_unreleased(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start")
    story.tag("v1.0")
    story.branch("side")
    stray = story.commit("Stray")
    story.tag("stray")
    story.checkout("main")
    story.git("branch", "-D", "side")
    assert read(story).unreleased == (stray,)


def test_a_branch_that_head_does_not_reach_is_not_counted(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start")
    story.tag("v1.0")
    story.branch("side")
    story.commit("Elsewhere")
    story.checkout("main")
    assert read(story).unreleased == ()


def test_no_tags_and_no_commits(tmp_path: Path) -> None:
    story = Story(tmp_path)
    assert read(story) == read(story)
    assert read(story).releases == ()
    one = story.commit("Start")
    assert read(story).unreleased == (one,)


def test_a_hundred_thousand_commits_in_reasonable_time() -> None:
    person = Person("Ada", "ada@example.org")
    commits = [
        Commit(f"{number:040x}", () if not number else (f"{number - 1:040x}",), person, number, person, number, "Work")
        for number in range(100_000)
    ]
    every = [
        Tag(f"v{number}.0", TagKind.LIGHTWEIGHT, commits[number * 100 + 99].id, "commit") for number in range(1000)
    ]
    found = releases(every, commits, Settings(), commits[-1].id)
    assert [len(release.new) for release in found.releases] == [100] * 1000


# --- the document and the command -------------------------------------------------------------------------------------


def valid(document: object) -> None:
    schema = json.loads(files("checktrail").joinpath("schemas/releases-1.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)


def test_the_document_fits_its_schema(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start", on="2024-01-01")
    story.tag("v1.0", message="One", by="Ben", on="2024-01-02")
    story.tag("latest")
    two = story.commit("Two", on="2024-01-03")
    run = CliRunner().invoke(group, ["-C", str(story.root), "releases", "--format", "json"])
    document = json.loads(run.stdout)
    valid(document)
    assert list(document) == ["schema", "releases", "unreleased", "ignored_tags"]
    assert document["unreleased"] == [two]
    assert document["ignored_tags"][0]["tag"] == "latest"
    one = document["releases"][0]
    assert (one["tagger"], one["at"], one["at_basis"], one["kind"]) == (
        "Ben",
        "2024-01-02T12:00:00Z",
        "tagger",
        "annotated",
    )


def test_times_outside_the_calendar_are_held_to_it() -> None:
    assert moment(0) == "1970-01-01T00:00:00Z"
    assert moment(10**15) == "9999-12-31T23:59:59Z"
    assert moment(-(10**15)) == "0001-01-01T00:00:00Z"


def test_the_command_lists_newest_first_and_no_escape_reaches_the_terminal(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("Start")
    story.tag("v1.0")
    story.commit("Two")
    story.tag("evil\N{RIGHT-TO-LEFT OVERRIDE}/v2.0")
    run = CliRunner().invoke(group, ["-C", str(story.root), "releases"])
    assert run.exit_code == 0
    assert run.stdout.index("v2.0") < run.stdout.index("v1.0")
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in run.stdout


def test_a_shallow_clone_is_refused_unless_allowed(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number in range(3):
        story.commit(str(number))
        story.tag(f"v{number}.0")
    story.git("clone", "--quiet", "--depth=1", f"file://{story.root}", str(tmp_path / "shallow"))
    arguments = ["-C", str(tmp_path / "shallow"), "releases"]
    with pytest.raises(ShallowCloneError):
        CliRunner().invoke(group, arguments, catch_exceptions=False)
    run = CliRunner().invoke(group, [*arguments, "--allow-shallow"])
    assert run.exit_code == 0
    assert "v2.0" in run.stdout


@pytest.mark.skipif(not BUNDLES, reason="no real histories beside the checkout")
@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: f"bundle{BUNDLES.index(bundle)}")
def test_real_histories(bundle: Path, tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.git("clone", "--quiet", "--mirror", str(bundle), str(tmp_path / "clone"))
    repository = Repository.open(tmp_path / "clone")
    found = releases(repository.tags(), repository.commits(), Settings(), repository.head.commit)
    valid(releases_document(found))
    assert len(found.releases) == len(repository.tags())
    for one in found.releases:
        base = [f"^refs/tags/{one.base}"] if one.base else []
        listed = story.git("-C", str(repository.git_dir), "rev-list", *base, f"refs/tags/{one.tag}").split()
        assert sorted([*one.new, *(also.commit for also in one.also_included)]) == sorted(listed)


# --- promises that every run checks -----------------------------------------------------------------------------------


def test_a_page_that_is_not_its_range_stops_the_run() -> None:
    check_page("v1.0", [3, 2], [1], [1, 2, 3])
    for new, also in (([3], [1]), ([3, 2, 1], [1]), ([9, 2], [1])):
        with pytest.raises(InvariantError, match=r"v1\.0"):
            check_page("v1.0", new, also, [1, 2, 3])


def test_a_commit_in_two_releases_or_in_none_stops_the_run(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commit("One")
    story.tag("v1.0")
    (one,) = read(story).releases
    check_partition([one], [], bytearray(b"\1"))
    for found, unreleased, reachable in (
        ([one, one], [], b"\1\1"),
        ([one], [0], b"\1"),
        ([one], [], b"\1\1"),
        ([], [], b"\1"),
    ):
        with pytest.raises(InvariantError, match="reachable"):
            check_partition(found, unreleased, bytearray(reachable))
