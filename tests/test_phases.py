"""Which phase every section has, and why."""

from __future__ import annotations

import pytest

from checktrail.completion import section_totals, totals
from checktrail.model import Due, Phase
from checktrail.parse import parse, read
from seeds import SEEDS, needs_seeds

PREPARE, SIGNOFF, RELEASE = Phase.PREPARE, Phase.SIGNOFF, Phase.RELEASE
VERIFY, FOLLOW_UP, CONTINGENCY = Phase.VERIFY, Phase.FOLLOW_UP, Phase.CONTINGENCY

# The real checklists, file by file: line of the heading, phase, conditional items in it, why.
ARGUED: tuple[tuple[tuple[int, Phase, int, str], ...], ...] = (
    (
        (5, PREPARE, 0, "pre-release by name"),
        (7, PREPARE, 0, "under pre-release: reviewing documents is part of getting ready"),
        (15, PREPARE, 0, "under pre-release, and quality is a word of preparation"),
        (24, PREPARE, 0, "under pre-release, and testing is a word of preparation"),
        (34, PREPARE, 0, "under pre-release: 'validation' here is not of a release that is out"),
        (44, PREPARE, 5, "preparation by name, though the word release stands beside it"),
        (46, PREPARE, 0, "a bare noun of releasing, beaten by the preparation above: the version is decided before"),
        (53, PREPARE, 3, "no word of its own: as its parent"),
        (63, PREPARE, 2, "no word of its own: drafts and captures are made before"),
        (72, RELEASE, 3, "execution: nobody can tick a publication in the tag's own tree"),
        (74, RELEASE, 3, "publication by name"),
        (83, RELEASE, 0, "distribution by name, under execution"),
        (90, FOLLOW_UP, 0, "post-release by name, and nothing in it says verify"),
        (92, VERIFY, 0, "monitoring under post-release watches what is out"),
        (100, FOLLOW_UP, 0, "no word of its own: as its post-release parent"),
        (108, FOLLOW_UP, 0, "follow-up by name"),
        (116, SIGNOFF, 1, "sign-off by name"),
        (118, SIGNOFF, 0, "verification under sign-off attests: the strong word above beats the bare noun"),
        (127, SIGNOFF, 1, "approval by name, under sign-off; one of its five is conditional"),
        (134, PREPARE, 0, "emergency by name, but all ten items are documented, tested, prepared, defined, available"),
        (136, PREPARE, 0, "a rollback that is available, documented and tested is preparation"),
        (143, PREPARE, 0, "a hotfix process that is documented, defined and established is preparation"),
    ),
    (
        (5, PREPARE, 0, "pre-release beats verification in the same heading"),
        (7, PREPARE, 0, "under pre-release"),
        (15, PREPARE, 0, "the example of the rule: verification under pre-release prepares"),
        (23, PREPARE, 0, "under pre-release"),
        (31, PREPARE, 0, "under pre-release"),
        (39, RELEASE, 0, "deployment by name; half of it has words of its own"),
        (41, PREPARE, 0, "pre-deployment by name, even under a deployment"),
        (76, VERIFY, 0, "post-deployment by name, even under a deployment"),
        (84, CONTINGENCY, 0, "rollback by name, and its items act: verify, notify, run"),
        (115, CONTINGENCY, 0, "everything under a contingency, its post- word too"),
        (123, VERIFY, 0, "monitoring by name, with nothing strong above it"),
        (125, VERIFY, 0, "as its parent"),
        (133, VERIFY, 0, "as its parent"),
        (141, VERIFY, 0, "as its parent"),
        (148, SIGNOFF, 0, "sign-off by name"),
        (150, SIGNOFF, 0, "sign-off by name and by parent"),
        (156, SIGNOFF, 0, "sign-off by name and by parent"),
        (162, SIGNOFF, 0, "approval by name, sign-off by parent"),
        (167, FOLLOW_UP, 0, "post-release by name"),
        (169, VERIFY, 0, "monitoring under post-release"),
        (176, FOLLOW_UP, 0, "no word of its own: as its parent"),
        (183, FOLLOW_UP, 0, "no word of its own: as its parent"),
    ),
    (
        (3, PREPARE, 1, "pre-release beats verification in the same heading"),
        (5, PREPARE, 0, "under pre-release"),
        (14, PREPARE, 0, "under pre-release"),
        (23, PREPARE, 1, "under pre-release; the migration guide only if needed"),
        (31, PREPARE, 0, "under pre-release"),
        (38, PREPARE, 0, "under pre-release"),
        (46, RELEASE, 3, "the release process by name"),
        (48, RELEASE, 0, "a version bump is part of releasing, and so is its parent"),
        (53, RELEASE, 1, "no word of its own: as its parent; the branch is optional"),
        (60, RELEASE, 0, "tagging by name: cannot be ticked in the tag's own tree"),
        (65, RELEASE, 2, "deploying by name; two of eight only if needed"),
        (75, VERIFY, 2, "post-release and verification in one heading"),
        (77, VERIFY, 0, "the example of the rule: testing under post-release verifies"),
        (86, VERIFY, 0, "monitoring under post-release"),
        (95, VERIFY, 1, "no word of its own: as its verifying parent"),
        (102, PREPARE, 1, "documented, available, tested, defined: prepared, wherever it stands"),
        (108, FOLLOW_UP, 2, "post-release, and clean-up is no verification"),
        (116, CONTINGENCY, 11, "emergency by name, its items act; the two alternatives and all nine under them"),
    ),
    (
        (3, PREPARE, 2, "pre-release by name; two optional items"),
        (5, PREPARE, 0, "under pre-release"),
        (14, PREPARE, 1, "under pre-release; compressing is optional"),
        (22, PREPARE, 0, "under pre-release"),
        (32, PREPARE, 1, "under pre-release; charts are optional"),
        (39, PREPARE, 0, "under pre-release"),
        (48, PREPARE, 0, "under pre-release"),
        (56, PREPARE, 0, "under pre-release"),
        (64, PREPARE, 0, "monitoring under pre-release is being able to monitor"),
        (72, PREPARE, 0, "recovery under pre-release is being able to recover"),
        (79, RELEASE, 0, "the release process by name"),
        (81, RELEASE, 0, "version management, under the release process"),
        (87, RELEASE, 0, "no word of its own: as its parent"),
        (97, RELEASE, 0, "distribution by name"),
        (106, RELEASE, 0, "no word of its own: as its parent"),
        (113, FOLLOW_UP, 0, "post-release by name"),
        (115, VERIFY, 0, "verification under post-release"),
        (122, FOLLOW_UP, 0, "no word of its own: as its parent"),
        (129, VERIFY, 0, "monitoring under post-release"),
        (136, CONTINGENCY, 0, "rollback by name, and its items act: mark, post, notify, apply"),
        (156, SIGNOFF, 0, "sign-off by name"),
        (158, SIGNOFF, 0, "an office under sign-off"),
        (163, SIGNOFF, 0, "an office under sign-off"),
        (168, SIGNOFF, 0, "an office under sign-off"),
        (173, SIGNOFF, 0, "an office under sign-off"),
        (178, SIGNOFF, 0, "an office under sign-off, though the word release stands in it"),
    ),
    (
        (6, PREPARE, 5, "pre-release by name"),
        (8, PREPARE, 0, "planning under pre-release"),
        (16, PREPARE, 1, "under pre-release"),
        (23, PREPARE, 1, "under pre-release"),
        (31, PREPARE, 2, "under pre-release"),
        (38, PREPARE, 1, "under pre-release, and preparation by name"),
        (45, RELEASE, 3, "deployment by name"),
        (47, PREPARE, 1, "pre-deployment by name, even under a deployment"),
        (55, RELEASE, 1, "deployment and execution; a trailing 'as needed' makes nothing conditional"),
        (62, VERIFY, 1, "post-deployment by name, even under a deployment"),
        (70, FOLLOW_UP, 2, "post-release by name"),
        (72, FOLLOW_UP, 1, "no word of its own: as its parent"),
        (79, VERIFY, 0, "monitoring under post-release"),
        (85, FOLLOW_UP, 1, "closure is a word of following up, under post-release"),
        (92, CONTINGENCY, 1, "rollback by name, and its items act: initiated, redeployed, executed"),
        (102, CONTINGENCY, 1, "as its parent"),
    ),
)

# Due at the tag and at close, from the table: items neither conditional nor of a contingency.
REQUIRED = ((65, 92), (41, 79), (33, 70), (70, 109), (27, 48))


@needs_seeds
@pytest.mark.parametrize("number", range(len(ARGUED)))
def test_every_section_of_the_real_checklists(number: int) -> None:
    checklist = read(SEEDS[number].read_bytes())
    found = [
        (section.line, section.phase, count.conditional)
        for section, count in zip(checklist.sections, section_totals(checklist), strict=True)
        if count.items and section.path
    ]
    assert found == [(line, phase, conditional) for line, phase, conditional, _ in ARGUED[number]]


@needs_seeds
@pytest.mark.parametrize("number", range(len(REQUIRED)))
def test_what_the_real_checklists_require(number: int) -> None:
    count = totals(read(SEEDS[number].read_bytes()))
    assert (count.required, count.required_at_close) == REQUIRED[number]


def phase(*headings: str, item: str = "Do it") -> Phase:
    lines = [f"{'#' * level} {heading}" for level, heading in enumerate(headings, 2)]
    return parse("\n".join(["# Release checklist", *lines, f"- [ ] {item}", ""])).sections[-1].phase


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (("Before the release",), PREPARE),
        (("Release readiness",), PREPARE),
        (("Odds and ends",), PREPARE),
        (("Go/No-Go",), SIGNOFF),
        (("Stakeholders",), SIGNOFF),
        (("Release",), RELEASE),
        (("Release notes",), PREPARE),
        (("Go-live",), RELEASE),
        (("3. Tagging",), RELEASE),
        (("After the deployment",), VERIFY),
        (("Clean-up",), FOLLOW_UP),
        (("Post-mortem",), FOLLOW_UP),
        (("Pre-release", "Deploy to staging"), PREPARE),
        (("Pre-release", "Sign-off"), SIGNOFF),
        (("Deployment", "Smoke tests"), VERIFY),
        (("Deployment", "Verification"), VERIFY),
        (("Deployment", "Odds"), RELEASE),
        (("Post-release", "Stakeholder news"), FOLLOW_UP),
        (("Post-release", "Preparing the next one"), FOLLOW_UP),
        (("Post-release verification", "Cleanup"), FOLLOW_UP),
        (("Sign-off", "Post-release"), SIGNOFF),
        (("Emergency", "Sign-off"), CONTINGENCY),
        (("Deployment and rollback",), RELEASE),
        (("\u2705 Pre\u2010release",), PREPARE),
    ],
)
def test_words_and_their_order(headings: tuple[str, ...], expected: Phase) -> None:
    assert phase(*headings) is expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("Deploy the previous image", CONTINGENCY),
        ("Identify the cause", CONTINGENCY),
        ("Test thoroughly", CONTINGENCY),
        ("Rollback procedure documented", PREPARE),
        ("Document the rollback", PREPARE),
        ("Previous image available", PREPARE),
        ("Rollback plan reviewed", PREPARE),
        ("Verify that the rollback script works", PREPARE),
        ("Take a backup", PREPARE),
        ("No open P1 incidents", PREPARE),
        ("Database restored from the backup and verified", CONTINGENCY),
        ("Rollback verified", CONTINGENCY),
        ("Verify system health", CONTINGENCY),
    ],
)
def test_a_rollback_is_a_contingency_only_when_its_items_act(item: str, expected: Phase) -> None:
    assert phase("Rollback", item=item) is expected
    assert phase("Post-Release Verification", "Rollback", item=item) is expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("Feature flags cover it", PREPARE),
        ("Execute the rollback drill on staging", PREPARE),
        ("Redeploy the previous image", CONTINGENCY),
    ],
)
def test_under_a_pre_release_a_rollback_prepares_unless_its_items_plainly_act(item: str, expected: Phase) -> None:
    assert phase("Pre-release", "Rollback", item=item) is expected


def test_in_the_list_of_a_hotfix_the_word_names_what_is_released() -> None:
    text = "# Hotfix v1.2.1\n## Hotfix testing\n- [ ] a\n## Hotfix deployment\n- [ ] b\n## Rollback\n- [ ] Redeploy\n"
    checklist = parse(text)
    assert [checklist.phase_of(item) for item in checklist.items] == [PREPARE, RELEASE, CONTINGENCY]
    assert phase("Hotfix testing") is CONTINGENCY
    assert phase("Rollback testing") is PREPARE


def test_verification_after_the_release_verifies_and_before_it_prepares() -> None:
    checklist = parse("# T\n## Verification\n- [ ] a\n## Deployment\n- [ ] b\n## Final verification\n- [ ] c\n")
    assert [checklist.phase_of(item) for item in checklist.items] == [PREPARE, RELEASE, VERIFY]


def test_the_title_gives_no_phase() -> None:
    assert parse("# Rollback\n- [ ] a\n").phase_of(parse("# Rollback\n- [ ] a\n").items[0]) is PREPARE


def test_front_matter_overrides() -> None:
    checklist = parse("---\nphases:\n  ship it: release\n---\n# T\n## 2. Ship it\n### Deep\n- [ ] a\n")
    assert checklist.phase_of(checklist.items[0]) is RELEASE


def test_when_each_phase_is_due() -> None:
    assert {each: each.due for each in Phase} == {
        PREPARE: Due.AT_TAG,
        SIGNOFF: Due.AT_TAG,
        RELEASE: Due.AT_CLOSE,
        VERIFY: Due.AT_CLOSE,
        FOLLOW_UP: Due.AT_CLOSE,
        CONTINGENCY: Due.NEVER,
    }
