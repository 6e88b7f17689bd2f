"""Failed releases: what is declared, what is only inferred, and what nobody could say."""

from __future__ import annotations

import pytest

from checktrail.metrics import Metrics
from checktrail.metrics.cycles import Cycle, Said
from checktrail.metrics.failures import Sign, yanked_versions
from checktrail.metrics.figures import Grade
from checktrail.metrics.stability import NO_ROLLBACK_LIST, OPEN, UNDECLARED, UNOBSERVED, YOUNG
from checktrail.model import Phase
from past import DAY, HOUR, Past, at, cycle, figure, item, left_out, tick

ROLLBACK = ("Rollback Procedure",)


def three_releases() -> Past:
    past = Past()
    past.release("v1.0", "2024-01-01")
    past.release("v1.1", "2024-02-01")
    past.release("v1.2", "2024-03-01")
    return past


def untouched(tag: str) -> Cycle:
    return cycle(tag, item("Redeploy the previous version", None, Phase.CONTINGENCY, section=ROLLBACK))


def rolled_back(tag: str, on: str) -> Cycle:
    done = tick(on, before_tag=False)
    return cycle(tag, item("Redeploy the previous version", done, Phase.CONTINGENCY, section=ROLLBACK))


def signs(found: Metrics) -> dict[str, list[Sign]]:
    return {failure.tag: [one.sign for one in failure.evidence] for failure in found.failures}


def test_where_nobody_could_have_declared_a_failure_there_is_no_rate() -> None:
    found = three_releases().metrics(as_of="2024-06-01")
    for name in ("change-fail-rate", "rework-rate", "rollback-frequency", "failed-deployment-recovery-time-median"):
        assert figure(found, name).value is None, name
    assert left_out(figure(found, "change-fail-rate")) == {UNOBSERVED: 3}
    assert left_out(figure(found, "rework-rate")) == {UNDECLARED: 3}
    assert left_out(figure(found, "rollback-frequency")) == {NO_ROLLBACK_LIST: 3}
    assert figure(found, "change-fail-rate-proxy").value == 0
    assert figure(found, "change-fail-rate-proxy").grade is Grade.PROXY


def test_an_untouched_rollback_list_declares_that_nothing_failed() -> None:
    found = three_releases().metrics(untouched("v1.0"), untouched("v1.1"), as_of="2024-06-01")
    rate = figure(found, "change-fail-rate")
    assert (rate.value, rate.grade, rate.n, left_out(rate)) == (0, Grade.DECLARED, 2, {UNOBSERVED: 1})


def test_a_ticked_rollback_list_is_a_failure_and_its_restoring_tick_the_recovery() -> None:
    past = three_releases()
    list_ = cycle(
        "v1.1",
        item("Stop the deployment", tick("2024-02-02T10:00", before_tag=False), Phase.CONTINGENCY, section=ROLLBACK),
        item(
            "Redeploy the previous version",
            tick("2024-02-02T11:00", before_tag=False),
            Phase.CONTINGENCY,
            section=ROLLBACK,
        ),
        item("Restore the database (if needed)", None, Phase.CONTINGENCY, section=ROLLBACK, conditional=True),
        item("Find out why", tick("2024-02-09", before_tag=False), Phase.CONTINGENCY, section=ROLLBACK),
    )
    found = past.metrics(untouched("v1.0"), list_, untouched("v1.2"), as_of="2024-06-01")
    assert signs(found) == {"v1.1": [Sign.ROLLED_BACK]}
    assert figure(found, "change-fail-rate").value == pytest.approx(1 / 3)
    assert figure(found, "rollback-frequency").value == pytest.approx(100 / 3)
    recovery = figure(found, "failed-deployment-recovery-time-median")
    assert recovery.value == at("2024-02-02T11:00") - at("2024-02-01") - HOUR
    assert recovery.grade is Grade.DECLARED


def test_a_rollback_half_done_is_open() -> None:
    half = cycle(
        "v1.1",
        item("Decide to roll back", tick("2024-02-02", before_tag=False), Phase.CONTINGENCY, section=ROLLBACK),
        item("Redeploy the previous version", None, Phase.CONTINGENCY, section=ROLLBACK),
    )
    found = three_releases().metrics(half, as_of="2024-06-01")
    recovery = figure(found, "failed-deployment-recovery-time-median")
    assert (recovery.value, left_out(recovery)) == (None, {OPEN: 1})
    assert [failure.mended_at for failure in found.failures] == [None]


def test_a_rollback_rehearsed_before_the_tag_is_no_failure() -> None:
    rehearsed = cycle(
        "v1.1", item("Redeploy the previous version", tick("2024-01-20"), Phase.CONTINGENCY, section=ROLLBACK)
    )
    found = three_releases().metrics(rehearsed, as_of="2024-06-01")
    assert signs(found) == {}


def test_a_preparing_rollback_section_is_no_rollback_list() -> None:
    prepared = cycle("v1.1", item("Rollback documented", tick("2024-01-20"), Phase.PREPARE, section=("Rollback Plan",)))
    assert figure(three_releases().metrics(prepared, as_of="2024-06-01"), "change-fail-rate").value is None


@pytest.mark.parametrize("target", ["v1.0", "1.0"])
@pytest.mark.parametrize("place", ["commit", "tag", "checklist"])
def test_a_hotfix_names_the_release_it_mends(target: str, place: str) -> None:
    past = Past()
    past.release("v1.0", "2024-01-01")
    trailer = f"\n\nHotfix-For: {target}"
    past.commit("Mend the login" + (trailer if place == "commit" else ""), "2024-01-02")
    past.tag("v1.0.1", "2024-01-03", message="v1.0.1" + (trailer if place == "tag" else ""))
    said = (Said("Hotfix for", target, ()),) if place == "checklist" else ()
    found = past.metrics(cycle("v1.0.1", said=said), as_of="2024-06-01")
    assert [sign for sign in signs(found)["v1.0"] if sign.is_declared] == [Sign.HOTFIXED]
    assert "v1.0.1" not in signs(found)
    assert figure(found, "change-fail-rate").value == 0.5
    assert figure(found, "rework-rate").value == 0.5
    assert figure(found, "failed-deployment-recovery-time-median").value == 2 * DAY - HOUR


def test_a_hotfix_that_is_not_released_yet_leaves_the_failure_open() -> None:
    past = three_releases()
    past.commit("Mend\n\nHotfix-For: v1.2", "2024-03-02")
    found = past.metrics(as_of="2024-06-01")
    assert signs(found) == {"v1.2": [Sign.HOTFIXED]}
    assert left_out(figure(found, "failed-deployment-recovery-time-p90")) == {OPEN: 1}


def test_a_hotfix_for_itself_or_for_nothing_known_is_no_failure() -> None:
    past = Past()
    past.commit("Mend\n\nHotfix-For: v1.0\nHotfix-For: v9.9", "2024-01-01")
    past.tag("v1.0", "2024-01-02")
    assert signs(past.metrics(as_of="2024-06-01")) == {}


def test_a_hotfix_carried_on_to_another_line_makes_no_second_hotfix_release() -> None:
    past = Past()
    base = past.release("v1.0", "2024-01-01")
    fix = past.commit("Mend\n\nHotfix-For: v1.0", "2024-01-02")
    past.tag("v1.0.1", "2024-01-03")
    past.commit(f"Mend\n\nHotfix-For: v1.0\n(cherry picked from commit {fix})", "2024-01-04", parents=(base,))
    past.release("v1.1", "2024-03-01")
    found = past.metrics(as_of="2024-06-01")
    assert figure(found, "rework-rate").value == pytest.approx(1 / 3)
    assert signs(found)["v1.0"].count(Sign.HOTFIXED) == 1


def test_the_quickest_remedy_counts() -> None:
    past = three_releases()
    past.commit("Mend\n\nHotfix-For: v1.2", "2024-03-04")
    past.tag("v1.2.1", "2024-03-05")
    found = past.metrics(rolled_back("v1.2", "2024-03-02"), as_of="2024-06-01")
    assert figure(found, "failed-deployment-recovery-time-median").value == DAY - HOUR


def test_yanked_versions_are_read_from_the_headings_of_a_changelog() -> None:
    changelog = (
        "# Changes\n\n## [1.2.0] - 2024-03-01 [YANKED]\n- [YANKED] is a word here\n\n## v1.1 [yanked]\n\n## 1.0\n"
    )
    assert yanked_versions(changelog) == {"1.2.0", "1.1"}
    found = three_releases().metrics(yanked=frozenset({"1.1"}), as_of="2024-06-01")
    assert signs(found) == {"v1.1": [Sign.YANKED]}
    assert figure(found, "change-fail-rate").value == pytest.approx(1 / 3)  # a project that yanks declares failures


def test_an_incident_block_counts_when_it_is_filled_in() -> None:
    section = ("Incident",)
    filled = cycle(
        "v1.1",
        item("Incident resolved", tick("2024-02-03", before_tag=False), Phase.FOLLOW_UP, section=section),
    )
    blank = cycle("v1.2", item("Incident resolved", None, Phase.FOLLOW_UP, section=section))
    found = three_releases().metrics(filled, blank, as_of="2024-06-01")
    assert signs(found) == {"v1.1": [Sign.INCIDENT]}
    assert figure(found, "failed-deployment-recovery-time-median").value == 2 * DAY - HOUR


@pytest.mark.parametrize(
    ("value", "is_failure"), [("2024-02-02, login down", True), ("TBD", False), ("none", False), ("[Contact]", False)]
)
def test_an_incident_line_counts_when_it_is_filled_in(value: str, is_failure: bool) -> None:  # noqa: FBT001 -- the expected answer
    said = cycle("v1.1", said=(Said("Incident", value, ()),))
    assert bool(signs(three_releases().metrics(said, as_of="2024-06-01"))) is is_failure


def test_the_newest_are_too_young_to_judge_failed_or_not() -> None:
    past = three_releases()
    found = past.metrics(untouched("v1.0"), untouched("v1.1"), rolled_back("v1.2", "2024-03-02"), as_of="2024-03-03")
    rate = figure(found, "change-fail-rate")
    assert (rate.value, rate.n, left_out(rate)) == (0, 2, {YOUNG: 1})
    assert [release.tag for release in found.releases if release.is_young] == ["v1.2"]
    assert signs(found) == {"v1.2": [Sign.ROLLED_BACK]}  # it is shown all the same


# --- inferred ---------------------------------------------------------------------------------------------------------


def revert(past: Past, target: str, on: str, of: str = "Work") -> str:
    return past.commit(f'Revert "{of}"\n\nThis reverts commit {target}.', on)


def test_what_was_shipped_and_then_reverted_hints_at_a_failure() -> None:
    past = Past()
    bad = past.release("v1.0", "2024-01-01")
    revert(past, bad[:12], "2024-02-01")
    past.tag("v1.1", "2024-02-02")
    found = past.metrics(as_of="2024-06-01")
    assert signs(found) == {"v1.0": [Sign.REVERTED]}
    assert not found.failures[0].is_declared
    assert figure(found, "change-fail-rate-proxy").value == 0.5
    assert figure(found, "change-fail-rate").value is None  # a hint is never the headline


def test_a_revert_before_the_release_is_ordinary_work() -> None:
    past = Past()
    bad = past.commit("Try it", "2024-01-01")
    revert(past, bad, "2024-01-02")
    past.tag("v1.0", "2024-01-03")
    assert signs(past.metrics(as_of="2024-06-01")) == {}


def test_a_revert_that_was_taken_back_never_shipped() -> None:
    past = Past()
    bad = past.release("v1.0", "2024-01-01")
    mistaken = revert(past, bad, "2024-02-01")
    revert(past, mistaken, "2024-02-02", 'Revert "Work"')
    past.tag("v1.1", "2024-02-03")
    assert signs(past.metrics(as_of="2024-06-01")) == {}


def test_taking_a_revert_back_later_says_nothing_of_the_release_that_reverted() -> None:
    past = Past()
    bad = past.release("v1.0", "2024-01-01")
    first = revert(past, bad, "2024-02-01")
    past.tag("v1.1", "2024-02-02")
    revert(past, first, "2024-03-01")
    past.tag("v1.2", "2024-03-02")
    assert signs(past.metrics(as_of="2024-06-01")) == {"v1.0": [Sign.REVERTED]}


@pytest.mark.parametrize(
    ("subjects", "on", "is_hint"),
    [
        (("Fix the login", "Bump version to 1.0.1"), "2024-01-05", True),
        (("fix(login): again", "chore: release"), "2024-01-05", True),
        (("Fix the login",), "2024-01-20", False),
        (("Fix the login", "Add a thing"), "2024-01-05", False),
        (("Bump version to 1.0.1",), "2024-01-05", False),
        (("Fixture for the tests",), "2024-01-05", False),
    ],
)
def test_a_next_patch_of_fixes_alone_within_days_hints_at_a_failure(
    subjects: tuple[str, ...],
    on: str,
    is_hint: bool,  # noqa: FBT001 -- the expected answer
) -> None:
    past = Past()
    past.release("v1.0.0", "2024-01-01")
    for subject in subjects:
        past.commit(subject, "2024-01-03")
    past.tag("v1.0.1", on)
    assert signs(past.metrics(as_of="2024-06-01")) == ({"v1.0.0": [Sign.PATCHED]} if is_hint else {})


def test_a_quick_minor_release_is_no_patch() -> None:
    past = Past()
    past.release("v1.0.0", "2024-01-01")
    past.commit("Fix the login", "2024-01-03")
    past.tag("v1.1.0", "2024-01-05")
    assert signs(past.metrics(as_of="2024-06-01")) == {}
