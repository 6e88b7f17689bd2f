"""Which checklist belongs to which release."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checktrail.binding import belongs, bind, excluded, is_release_like
from checktrail.config import ChecklistSettings, Settings
from checktrail.model import Binding, Release, TagKind
from checktrail.parse import parse

PLAIN = Settings()
RELEASE = "# Release checklist\n- [ ] a\n"


def bound(path: str, text: str = RELEASE, settings: Settings = PLAIN) -> tuple[str, str | None]:
    found = bind(path, parse(text), settings)
    assert found.reason
    return found.binding.value, found.release


def released(version: str, *, prerelease: bool) -> Release:
    return Release(
        tag=f"v{version}", version=version, component=None, prerelease=prerelease, commit="c", tag_object=None,
        kind=TagKind.LIGHTWEIGHT, tagger=None, at=0, at_basis="commit", order_basis="ancestry", base=None,
        base_reason="", base_is_ancestor=False, alias_of=None, aliases=(), new=(), also_included=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("checklists/v1.2.0.md", "1.2.0"),
        ("releases/1.2.0/qa.md", "1.2.0"),
        ("checklists/release-v2.0.0-rc.1.md", "2.0.0-rc.1"),
        ("docs/release_1.4.md", "1.4"),
        ("v3.md", "3"),
        ("releases/v3/qa.md", "3"),
        ("plans/release-v3/release-qa.md", "3"),
        ("v2-rc1/release.md", "2-rc1"),
        ("api-v2-1.0.3/release.md", "1.0.3"),
        ("releases/2024.10/v2.1.0/ops.md", "2.1.0"),
        ("templates/release-1.0.0.md", "1.0.0"),
    ],
)
def test_a_version_in_the_path_binds(path: str, version: str) -> None:
    assert bound(path, "# Checks\n- [ ] a\n") == ("own", version)


@pytest.mark.parametrize(
    "text",
    [
        "---\nrelease: v1.2.0\n---\n- [ ] a\n",
        "# Gateway v1.2.0 release\n- [ ] a\n",
        "# Release\nVersion: 1.2.0\n\n- [ ] a\n",
        "# Release\n## Facts\n**Version**: v1.2.0\n\n## Tests\n- [ ] a\n",
        "# Release\n## Tests\n- [ ] a\n\n---\n**Version**: v1.2.0\n",
    ],
)
def test_a_version_in_the_text_binds(text: str) -> None:
    assert bound("docs/checks.md", text) == ("own", "1.2.0")


@pytest.mark.parametrize(
    "text",
    [
        "# Release\nVersion: 1.2.0\nLast Updated: 2024-01-01\n\n- [ ] a\n",
        "# Release (e.g., v1.0.0)\n- [ ] a\n",
        "# Release vX.Y.Z\n- [ ] a\n",
        "# Release\n- [ ] a\n## Database\n**Version**: 14.2\n\n- [ ] b\n",
    ],
)
def test_the_document_s_own_version_and_examples_do_not(text: str) -> None:
    assert bound("docs/checks.md", text) == ("living", None)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("templates/release.md", RELEASE),
        ("docs/release-template.md", RELEASE),
        (".github/ISSUE_TEMPLATE/release.md", RELEASE),
        ("docs/a.md", "# Release checklist template\n- [ ] a\n"),
        (".gitlab/issue_templates/Release.md", RELEASE),
        (".github/PULL_REQUEST_TEMPLATE/release.md", RELEASE),
        ("docs/checklist-templates/release.md", RELEASE),
    ],
)
def test_templates(path: str, text: str) -> None:
    assert bound(path, text) == ("template", None)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ROADMAP.md", RELEASE),
        ("TODO.md", RELEASE),
        ("RELEASE_NOTES.md", RELEASE),
        (".github/PULL_REQUEST_TEMPLATE.md", RELEASE),
        ("tests/release.md", RELEASE),
        ("web/node_modules/x/RELEASE.md", RELEASE),
        ("docs/plan.md", "# Plan\n## Ideas\n- [ ] a\n## Monitoring\n- [ ] b\n"),
        ("docs/1.2/plan.md", "# Plan\n- [ ] a\n"),
    ],
)
def test_other_files_with_boxes_are_not_counted(path: str, text: str) -> None:
    assert bound(path, text) == ("other", None)


def test_two_phases_by_their_own_words_make_a_release_checklist() -> None:
    assert is_release_like("CHECKLIST.md", parse("# Steps\n## Testing\n- [ ] a\n## Deployment\n- [ ] b\n"), PLAIN)
    assert not is_release_like("CHECKLIST.md", parse("# Steps\n## Testing\n- [ ] a\n## Deployment\n"), PLAIN)


def test_folders_outside_the_repository_say_nothing() -> None:
    assert bound("/home/ada/tests/python-3.11/release.md") == ("living", None)
    assert bound("../vendor/1.2.3/release.md") == ("living", None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("own:v9.0.0", ("own", "9.0.0")),
        ("own", ("own", "1.2.0")),
        ("living", ("living", None)),
        ("template", ("template", None)),
        ("other", ("other", None)),
    ],
)
def test_the_settings_have_the_first_word(value: str, expected: tuple[str, str | None]) -> None:
    settings = Settings(checklists=ChecklistSettings(bindings={"checklists/*.md": value}))
    assert bound("checklists/v1.2.0.md", settings=settings) == expected


def test_include_and_exclude() -> None:
    settings = Settings(checklists=ChecklistSettings(include=("ROADMAP.md",), exclude=("docs/*",)))
    assert bound("ROADMAP.md", settings=settings) == ("living", None)
    assert bound("docs/release.md", settings=settings) == ("other", None)
    assert excluded("docs/release.md", settings)
    assert not excluded("release.md", settings)


@pytest.mark.parametrize(
    "path",
    [
        "RELEASE_TODO.md",
        "docs/todo-for-release.md",
        "checklists/test/service.md",
        "v2/RELEASE_CHECKLIST.md",
        "docs/v2/release-checklist.md",
        "market-v2-migration/release-checklist.md",
    ],
)
def test_no_release_checklist_is_passed_over_for_where_it_stands(path: str) -> None:
    assert bound(path) == ("living", None)


@pytest.mark.parametrize(
    ("path", "version", "expected"),
    [
        ("checklists/v1.2.md", "1.2.0", True),
        ("checklists/v1.2.0.md", "1.2", True),
        ("checklists/v1.2.0.md", "1.2.0-rc.1", True),
        ("checklists/v1.2.md", "1.2.0rc1", True),
        ("checklists/v1.2.0-rc.1.md", "1.2.0rc1", True),
        ("checklists/v1.2.0-rc.1.md", "1.2.0", False),
        ("checklists/v1.2.0-rc.1.md", "1.2.0-rc.2", False),
        ("checklists/v1.2.md", "1.2.1", False),
        ("checklists/v1.2.0.md", "1.2.1-rc.1", False),
        ("checklists/v1.2.0.md", "nightly", False),
    ],
)
def test_versions_and_not_their_spelling_say_which_release_a_checklist_belongs_to(
    path: str,
    version: str,
    expected: bool,  # noqa: FBT001 -- a case's column
) -> None:
    assert belongs(bind(path, parse(RELEASE), PLAIN), released(version, prerelease="rc" in version)) is expected


def test_a_list_nobody_has_ticked_yet_is_no_template() -> None:
    assert bind("checklists/service.md", parse(RELEASE), PLAIN).binding is Binding.LIVING


APART = ("pkg", "pkg-a", "pkg-b", "@scope/ui")


@pytest.mark.parametrize(
    ("path", "text", "named"),
    [
        ("checklists/pkg-b-v1.2.0.md", RELEASE, {"pkg-b"}),
        ("checklists/pkg-b_1.2.0.md", RELEASE, {"pkg-b"}),
        ("packages/pkg-a/RELEASE.md", RELEASE, {"pkg-a"}),
        ("pkg-a/docs/release-checklist.md", RELEASE, {"pkg-a"}),
        ("packages/ui/release.md", RELEASE, {"@scope/ui"}),
        ("checklists/v1.2.0.md", "# pkg-b 1.2.0: release checklist\n- [ ] a\n", {"pkg-b"}),
        ("checklists/pkg-v1.2.0.md", RELEASE, {"pkg"}),
        ("pkg-a/pkg-b-v1.2.0.md", RELEASE, {"pkg-b"}),
        ("checklists/v1.2.0.md", "# pkg-a and pkg-b 1.2.0 release\n- [ ] a\n", {"pkg-a", "pkg-b"}),
        ("checklists/v1.2.0.md", RELEASE, set()),
        ("checklists/pkgs-1.2.0.md", RELEASE, set()),
    ],
)
def test_a_component_that_path_or_title_names(path: str, text: str, named: set[str]) -> None:
    found = bind(path, parse(text), PLAIN, APART)
    assert found.components == named
    for component in (*APART, None):
        release = replace(released("1.2.0", prerelease=False), component=component)
        assert belongs(found, release) is (not named or component in named)


def test_settings_win_over_a_component_and_without_components_none_is_named() -> None:
    settings = Settings(checklists=ChecklistSettings(bindings={"pkg-b/*": "living"}))
    assert bind("pkg-b/RELEASE.md", parse(RELEASE), settings, APART).components == frozenset()
    assert bind("pkg-b/RELEASE.md", parse(RELEASE), PLAIN).components == frozenset()
