"""One story per threat: each repository yields exactly its findings, and a clean one yields none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit_story import CHECKLIST, HAS_SSH_KEYGEN, POLICY, AuditStory, codes, release_of
from checktrail.audit.verdict import Verdict

pytestmark = pytest.mark.skipif(not HAS_SSH_KEYGEN, reason="ssh-keygen is not installed, and the stories sign")

NEXT = "1.1.0"
TAG = "v1.1.0"
PATH = "checklists/v1.1.0.md"


@pytest.fixture(scope="session")
def first_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one clean release, made once."""
    folder = tmp_path_factory.mktemp("first")
    AuditStory(folder).whole("1.0.0", "2024-02-01")
    return folder


@pytest.fixture
def story(first_release: Path, tmp_path: Path) -> AuditStory:
    """The second release is about to be made."""
    return AuditStory.copied(first_release, tmp_path / "copy")


def test_a_clean_repository_yields_nothing(story: AuditStory) -> None:
    story.whole(NEXT, "2024-03-01")
    found = story.inquiry()
    assert codes(found, "v1.0.0") == codes(found, TAG) == []
    assert [one.verdict for one in found.audit.releases] == [Verdict.PASS, Verdict.PASS]
    signoffs = release_of(found, TAG).signoffs
    assert [(one.role, one.name, one.assurance) for one in signoffs] == [
        ("QA lead", "Ben", 3),
        ("Security lead", "Cleo", 3),
        ("Release manager", "Dana", 3),
    ]


# --- what becomes of the checklist ----------------------------------------------------------------------------------


def absent(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01", CHECKLIST.replace("- [ ] Security lead sign-off obtained\n", ""))
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead", "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def open_at_the_tag(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead", "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def ticked_after_the_tag(story: AuditStory) -> None:
    open_at_the_tag(story)
    story.sign_off(NEXT, "Security lead")


def born_ticked(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01", CHECKLIST.replace("- [ ] Security", "- [x] Security"))
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead", "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def no_checklist(story: AuditStory) -> None:
    story.write("src/app.py", "1.1.0\n")
    story.signed("Work", by="Ada", on="2024-03-01")
    story.signed_tag(TAG)


def item_open_at_the_tag(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.tick(PATH, "Tests pass")
    story.signed("Half ready", by="Ada")
    story.sign_off(NEXT)
    story.signed_tag(TAG)
    story.finish(NEXT)


def item_open_at_the_close(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT)
    story.signed_tag(TAG)


def ticked_by_a_merge(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead", "Security lead")
    text = (story.root / PATH).read_text().replace("- [ ] Release manager", "- [x] Release manager")
    story.branch("side", "HEAD~1")
    story.signed("On the side", by="Ada")
    story.checkout("main")
    story.git("config", "commit.gpgsign", "true")
    story.git("config", "user.signingkey", str(story.keys / "Dana"))
    story.merge_with("side", {PATH: text}, by="Dana")
    story.git("config", "commit.gpgsign", "false")
    story.signed_tag(TAG)
    story.finish(NEXT)


def dropped_by_a_merge(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.branch("side")
    story.sign_off(NEXT, "Security lead")
    story.checkout("main")
    story.sign_off(NEXT, "QA lead")
    story.merge("side", by="Dana", strategy="ours")
    story.sign_off(NEXT, "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def revoked_after_the_release(story: AuditStory) -> None:
    story.whole(NEXT, "2024-03-01")
    story.untick(PATH, "Security lead")
    story.signed("Not after all", by="Cleo")


def reworded_before_the_tag(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead", "Security lead")
    story.replace(PATH, "Security lead sign-off obtained", "Security lead sign-off obtained for the API alone")
    story.signed("Narrow it down", by="Ada")
    story.sign_off(NEXT, "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def reworded_after_the_tag(story: AuditStory) -> None:
    story.whole(NEXT, "2024-03-01")
    story.replace(PATH, "Security lead sign-off obtained", "Security lead sign-off obtained for the API alone")
    story.signed("Narrow it down", by="Ada")


def open_item_removed(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01", CHECKLIST.replace("- [ ] Change", "- [ ] Load test is repeated\n- [ ] Change"))
    story.prepare(NEXT)
    story.replace(PATH, "- [ ] Load test is repeated\n", "")
    story.signed("Tidy up", by="Ada")
    story.sign_off(NEXT)
    story.signed_tag(TAG)
    story.finish(NEXT)


def checklist_renamed(story: AuditStory) -> None:
    story.whole(NEXT, "2024-03-01")
    story.move(PATH, "archive/v1.1.0.md")
    story.signed("Put it away", by="Ada")


def checklist_deleted(story: AuditStory) -> None:
    story.whole(NEXT, "2024-03-01")
    story.remove(PATH)
    story.signed("Throw it away", by="Ada")


def flip_flop(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "Security lead")
    story.untick(PATH, "Security lead")
    story.signed("Wait", by="Cleo")
    story.sign_off(NEXT)
    story.signed_tag(TAG)
    story.finish(NEXT)


def code_changed_after_the_signoff(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT)
    story.write("src/app.py", "sneaked in\n")
    story.signed("One more thing", by="Ada")
    story.signed_tag(TAG)
    story.finish(NEXT)


def roles_in_one_commit(story: AuditStory) -> None:
    story.write("checktrail-policy.yml", POLICY.replace("{person: cleo}", "{person: cleo}, {person: dana}"))
    story.signed("Dana may stand in", by="Ada")
    story.signed_tag("v1.0.1", on="2024-02-21")
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead")
    story.tick(PATH, "Security lead", "Release manager")
    story.signed("Both", by="Dana")
    story.signed_tag(TAG)
    story.finish(NEXT)


def typed_name_of_another(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.replace(PATH, "- [ ] QA lead sign-off obtained", "- [x] QA lead sign-off obtained (Hugo, 2024-03-01)")
    story.signed("QA lead", by="Ben")
    story.sign_off(NEXT, "Security lead", "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def typed_date_of_another_day(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.replace(PATH, "- [ ] QA lead sign-off obtained", "- [x] QA lead sign-off obtained (Ben, 2024-02-11)")
    story.signed("QA lead", by="Ben")
    story.sign_off(NEXT, "Security lead", "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def ticked_with_blanks(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01", CHECKLIST.replace("QA lead sign-off obtained", "QA lead sign-off: ____ on ____"))
    story.prepare(NEXT)
    story.sign_off(NEXT)
    story.signed_tag(TAG)
    story.finish(NEXT)


def hidden_in_a_comment(story: AuditStory) -> None:
    story.draft(
        NEXT, "2024-03-01", CHECKLIST.replace("## Release\n", "<!--\n- [ ] Hidden from view\n-->\n\n## Release\n")
    )
    story.prepare(NEXT)
    story.sign_off(NEXT)
    story.signed_tag(TAG)
    story.finish(NEXT)


def look_alike_box(story: AuditStory) -> None:
    cyrillic = "- [\N{CYRILLIC SMALL LETTER HA}] Load test is repeated\n- [ ] Change"
    story.draft(NEXT, "2024-03-01", CHECKLIST.replace("- [ ] Change", cyrillic))
    story.prepare(NEXT)
    story.sign_off(NEXT)
    story.signed_tag(TAG)
    story.finish(NEXT)


def struck_out(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead", "Release manager")
    story.replace(
        PATH, "- [ ] Security lead sign-off obtained", "- [ ] ~~Security lead sign-off obtained~~ (N/A: late)"
    )
    story.signed("No need", by="Ada")
    story.signed_tag(TAG)
    story.finish(NEXT)


def copied_ticked(story: AuditStory) -> None:
    text = (story.root / "checklists/v1.0.0.md").read_text().replace("1.0.0", "1.1.0")
    story.write("src/app.py", "1.1.0\n").write(PATH, text)
    story.signed("Copy the last one", by="Ada", on="2024-03-01")
    story.signed_tag(TAG)


# --- the tag and the policy -----------------------------------------------------------------------------------------


def until_the_tag(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT)


def lightweight_tag(story: AuditStory) -> None:
    until_the_tag(story)
    story.tag(TAG)
    story.finish(NEXT)


def unsigned_tag(story: AuditStory) -> None:
    until_the_tag(story)
    story.tag(TAG, message="One", by="Dana")
    story.finish(NEXT)


def badly_signed_tag(story: AuditStory) -> None:
    until_the_tag(story)
    story.signed_tag(TAG)
    raw = story.git("cat-file", "tag", TAG).replace(f"\n{TAG}\n", f"\n{TAG} for all\n")
    forged = story.git("hash-object", "-t", "tag", "-w", "--stdin", feed=f"{raw}\n".encode())
    story.git("update-ref", f"refs/tags/{TAG}", forged)
    story.finish(NEXT)


def tagged_before_its_commit(story: AuditStory) -> None:
    until_the_tag(story)
    story.signed_tag(TAG, on="2024-02-25")
    story.finish(NEXT, on="2024-03-02")


def policy_changed(story: AuditStory) -> None:
    story.write("checktrail-policy.yml", POLICY.replace("role: qa-lead}", "role: qa-lead, quorum: 1}"))
    story.signed("Loosen", by="Ada")
    story.whole(NEXT, "2024-03-01")


def keys_changed(story: AuditStory) -> None:
    story.make_key("Eli")
    story.write("keys/allowed", story.allowed() + f"eli@example.org {story.public('Eli')}\n")
    story.signed("One more key", by="Ada")
    story.whole(NEXT, "2024-03-01")


# --- who, and with whose key ----------------------------------------------------------------------------------------


def security_by(story: AuditStory, act: Callable[[], object]) -> None:
    """A release whose security sign-off is made by something else."""
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead")
    story.tick(PATH, "Security lead")
    act()
    story.sign_off(NEXT, "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def unsigned(story: AuditStory) -> None:
    security_by(story, lambda: story.commit("Security lead", by="Cleo"))


def untrusted_key(story: AuditStory) -> None:
    story.make_key("Stranger")
    security_by(story, lambda: story.signed("Security lead", by="Cleo", key="Stranger"))


def bad_signature(story: AuditStory) -> None:
    def forge() -> None:
        story.signed("Security lead", by="Cleo")
        raw = story.git("cat-file", "commit", "HEAD").replace("\nSecurity lead", "\nSecurity head")
        story.git("reset", "--quiet", story.git("hash-object", "-t", "commit", "-w", "--stdin", feed=raw.encode()))

    security_by(story, forge)


def other_signer(story: AuditStory) -> None:
    security_by(story, lambda: story.signed("Security lead", by="Cleo", key="Ada"))


def not_in_the_role(story: AuditStory) -> None:
    security_by(story, lambda: story.signed("Security lead", by="Ada"))


def no_longer_in_the_role(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.tick(PATH, "QA lead")
    story.signed("QA lead", by="Ada")
    story.sign_off(NEXT, "Security lead", "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)


def back_dated(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead")
    story.sign_off(NEXT, "Security lead", on="2024-02-11")
    story.sign_off(NEXT, "Release manager", on="2024-03-02")
    story.signed_tag(TAG)
    story.finish(NEXT)


def from_the_future(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead", "Security lead")
    story.sign_off(NEXT, "Release manager", on="2031-01-01")
    story.signed_tag(TAG, on="2031-01-02")
    story.finish(NEXT, on="2024-03-02")


def squashed(story: AuditStory) -> None:
    message = (
        "Release sign-offs (#7)\n\nCo-authored-by: Cleo <cleo@example.org>\nCo-authored-by: Dana <dana@example.org>"
    )
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead")
    story.tick(PATH, "Security lead", "Release manager")
    story.signed(message, by="Dana")
    story.signed_tag(TAG)
    story.finish(NEXT)


def mailmapped(story: AuditStory) -> None:
    story.write(".mailmap", "Ada <ada@example.org> <cleo@example.org>\n")
    story.signed("Who is who", by="Ada")
    story.whole(NEXT, "2024-03-01")


STORIES: tuple[tuple[Callable[[AuditStory], None], str, Verdict], ...] = (
    (absent, "SO201", Verdict.FAIL),
    (open_at_the_tag, "RL108 SO202", Verdict.FAIL),
    (ticked_after_the_tag, "RL108 SO202 SO204", Verdict.FAIL),
    (born_ticked, "SO205", Verdict.FAIL),
    (no_checklist, "RL107 SO201", Verdict.FAIL),
    (item_open_at_the_tag, "RL108", Verdict.PASS),
    (item_open_at_the_close, "RL113", Verdict.PASS),
    (ticked_by_a_merge, "SO206", Verdict.PASS),
    (dropped_by_a_merge, "RL108 SO202 SO207", Verdict.FAIL),
    (revoked_after_the_release, "SO208", Verdict.PASS),
    (reworded_before_the_tag, "SO209", Verdict.PASS),
    (reworded_after_the_tag, "SO209", Verdict.PASS),
    (open_item_removed, "SO211", Verdict.PASS),
    (checklist_renamed, "SO212", Verdict.PASS),
    (checklist_deleted, "SO213", Verdict.PASS),
    (flip_flop, "SO214", Verdict.PASS),
    (code_changed_after_the_signoff, "SO215", Verdict.PASS),
    (roles_in_one_commit, "ID312 SO216", Verdict.PASS),
    (typed_name_of_another, "SO217", Verdict.PASS),
    (typed_date_of_another_day, "SO217", Verdict.PASS),
    (ticked_with_blanks, "SO218", Verdict.PASS),
    (hidden_in_a_comment, "EV009", Verdict.PASS),
    (look_alike_box, "EV009", Verdict.PASS),
    (struck_out, "SO202", Verdict.FAIL),
    (copied_ticked, "SO205", Verdict.FAIL),
    (lightweight_tag, "RL101", Verdict.PASS),
    (unsigned_tag, "RL102", Verdict.PASS),
    (badly_signed_tag, "RL103", Verdict.FAIL),
    (tagged_before_its_commit, "RL105", Verdict.PASS),
    (policy_changed, "RL110", Verdict.PASS),
    (keys_changed, "RL110", Verdict.PASS),
    (unsigned, "ID301", Verdict.PASS),
    (untrusted_key, "ID302", Verdict.PASS),
    (bad_signature, "ID303", Verdict.FAIL),
    (other_signer, "ID306", Verdict.PASS),
    (not_in_the_role, "ID309", Verdict.FAIL),
    (no_longer_in_the_role, "ID310", Verdict.FAIL),
    (back_dated, "TM402", Verdict.PASS),
    (from_the_future, "TM404", Verdict.PASS),
    (squashed, "ID309 ID314 SO216", Verdict.FAIL),
    (mailmapped, "EV008", Verdict.PASS),
)


@pytest.mark.parametrize(("tell", "expected", "verdict"), STORIES, ids=[one[0].__name__ for one in STORIES])
def test_a_threat_yields_exactly_its_findings(
    tell: Callable[[AuditStory], None], expected: str, verdict: Verdict, story: AuditStory
) -> None:
    tell(story)
    found = story.inquiry()
    assert codes(found, TAG) == expected.split()
    assert release_of(found, TAG).verdict is verdict


def test_what_is_open_in_a_candidate_is_a_note_unless_the_policy_asks_for_it(story: AuditStory) -> None:
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.signed_tag(f"{TAG}-rc.1")
    story.sign_off(NEXT, "QA lead", "Security lead", "Release manager")
    story.signed_tag(TAG)
    story.finish(NEXT)
    kept = POLICY.partition("requirements:")
    without = kept[0] + kept[2][kept[2].index("signatures:") :]

    def weighed(policy: str) -> set[tuple[str, str]]:
        audit = release_of(story.inquiry(policy=policy), f"{TAG}-rc.1")
        return {(one.finding.code, str(one.finding.severity)) for one in audit.findings}

    assert weighed(without) == {("RL108", "info"), ("SO204", "info")}
    assert weighed(POLICY) == {("RL108", "info"), ("SO202", "error"), ("SO204", "error")}
    assert codes(story.inquiry(), TAG) == []
