"""Attempts to get a `pass`, or a "signed by", that nobody earned; each is told, and the worst fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audit_story import CHECKLIST, HAS_SSH_KEYGEN, POLICY, AuditStory, codes, release_of
from checktrail.audit.verdict import Verdict
from checktrail.errors import ConfigError

pytestmark = pytest.mark.skipif(not HAS_SSH_KEYGEN, reason="ssh-keygen is not installed, and the stories sign")

NEXT = "1.1.0"
TAG = "v1.1.0"
PATH = "checklists/v1.1.0.md"
SECURITY = "- [ ] Security lead sign-off obtained\n"
HEADED = """\
# Release checklist {version}

## Sign-off

### QA lead
- [ ] Everything is in order

### Security lead
- [ ] All is well
"""
BY_HEADING = "{id: security, match: {section: Security lead}}"


@pytest.fixture(scope="module")
def first_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one clean release, made once."""
    folder = tmp_path_factory.mktemp("first")
    AuditStory(folder).whole("1.0.0", "2024-02-01")
    return folder


@pytest.fixture
def story(first_release: Path, tmp_path: Path) -> AuditStory:
    """The second release is about to be made."""
    return AuditStory.copied(first_release, tmp_path / "copy")


def ready(story: AuditStory, *roles: str, text: str = CHECKLIST) -> None:
    """The next release's checklist, prepared, with some roles signed off."""
    story.draft(NEXT, "2024-03-01", text)
    story.prepare(NEXT)
    if roles:
        story.sign_off(NEXT, *roles)


def out(story: AuditStory) -> None:
    """The tag, and what is due after it."""
    story.signed_tag(TAG)
    story.finish(NEXT)


def rewritten(story: AuditStory, old: str, new: str, *, message: str = "Tidy up") -> None:
    story.replace(PATH, old, new)
    story.signed(message, by="Ada")


def asking(requirement: str) -> str:
    """The policy with one requirement alone."""
    return f"{POLICY[: POLICY.index('requirements:')]}requirements: [{requirement}]\n"


# --- keys that are nobody's in particular ---------------------------------------------------------------------------


def signed_as_cleo(story: AuditStory, key: str, allowed: str) -> None:
    """Somebody else's key signs a commit that claims to be Cleo's; what the trust file says of the key is given."""
    story.write("keys/allowed", allowed)
    story.signed("Trust", by="Ada")
    story.signed_tag("v1.0.1")
    ready(story, "QA lead")
    story.tick(PATH, "Security lead")
    story.signed("Security lead", by="Cleo", key=key)
    story.sign_off(NEXT, "Release manager")
    out(story)


@pytest.mark.parametrize("principal", ["*@example.org", "*", "ada@example.or?", "!eve@example.org,*"])
def test_a_key_for_a_pattern_signs_for_nobody(principal: str, story: AuditStory) -> None:
    signed_as_cleo(story, "Ada", story.allowed().replace("ada@example.org", principal))
    found = story.inquiry()
    assert codes(found, TAG) == ["ID302"]
    assert [one.assurance for one in release_of(found, TAG).signoffs] == [3, 2, 3]


def test_a_key_of_several_people_signs_for_none_of_them(story: AuditStory) -> None:
    listed_twice = f"{story.allowed()}cleo@example.org {story.public('Ada')}\n"
    signed_as_cleo(story, "Ada", listed_twice)
    found = story.inquiry()
    assert codes(found, TAG) == ["ID302"]
    judged = release_of(found, TAG)
    assert [one.assurance for one in judged.signoffs] == [3, 2, 3]
    assert "several people: Ada, Cleo" in judged.findings[0].finding.message
    needed = POLICY.replace("role: security-lead}", "role: security-lead, signed: required}")
    assert release_of(story.inquiry(policy=needed), TAG).verdict is Verdict.FAIL


def test_two_addresses_of_one_person_are_one_person(story: AuditStory) -> None:
    both = "{name: Cleo, emails: [cleo@example.org, cleo@home.example]}"
    story.write("checktrail-policy.yml", POLICY.replace("{name: Cleo, emails: [cleo@example.org]}", both))
    signed_as_cleo(story, "Cleo", story.allowed().replace("cleo@", "cleo@home.example,cleo@"))
    found = story.inquiry()
    assert codes(found, TAG) == []
    assert [one.assurance for one in release_of(found, TAG).signoffs] == [3, 3, 3]


@pytest.mark.parametrize("people", ["emails: [ada@example.org, BEN@example.org]", "{key}"])
def test_nobody_can_share_an_address_or_a_key_in_the_policy(people: str, story: AuditStory) -> None:
    key = f"keys: [{{type: ssh, fingerprint: '{story.fingerprint('Ada')}'}}]"
    shared = POLICY.replace("emails: [ada@example.org]", people.replace("{key}", key))
    shared = shared.replace("emails: [dana@example.org]", key) if "{key}" in people else shared
    with pytest.raises(ConfigError, match="to both ada and"):
        story.inquiry(policy=shared)


# --- words under a tick that were not ticked ------------------------------------------------------------------------


def another_tick_reworded(story: AuditStory) -> None:
    ready(story, text=CHECKLIST.replace("QA lead sign-off obtained", "QA smoke tests are done"))
    story.tick(PATH, "QA smoke")
    story.signed("Smoke tests", by="Ben")
    rewritten(story, "QA smoke tests are done", "QA lead sign-off obtained")
    story.sign_off(NEXT, "Security lead", "Release manager")
    out(story)


def condition_added(story: AuditStory) -> None:
    ready(story, "QA lead", "Release manager")
    rewritten(story, "Security lead sign-off obtained", "Security lead sign-off obtained (if applicable)")
    out(story)


def put_where_nothing_is_due(story: AuditStory) -> None:
    ready(story, "QA lead", "Release manager")
    story.replace(PATH, SECURITY, "")
    story.write(PATH, f"{(story.root / PATH).read_text()}\n## Rollback\n{SECURITY}")
    story.signed("Tidy up", by="Ada")
    out(story)


def renamed_from_another_release(story: AuditStory) -> None:
    story.draft("1.0.9", "2024-03-01")
    story.prepare("1.0.9")
    story.sign_off("1.0.9")
    story.move("checklists/v1.0.9.md", PATH)
    rewritten(story, "1.0.9", NEXT)
    out(story)


# --- ticks that were taken back -------------------------------------------------------------------------------------


def withdrawn(story: AuditStory) -> None:
    """Two lines of history: on `main` Cleo took her sign-off back, on `side` nobody has heard of it."""
    ready(story, "QA lead", "Security lead")
    story.branch("side")
    story.signed("On the side", by="Ada")
    story.checkout("main")
    story.untick(PATH, "Security lead")
    story.signed("Not so fast", by="Cleo")


def put_back_by_a_merge(story: AuditStory) -> None:
    withdrawn(story)
    story.merge_with("side", {PATH: (story.root / PATH).read_text().replace("[ ] Security", "[x] Security")}, by="Dana")
    story.sign_off(NEXT, "Release manager")
    out(story)


def put_back_by_a_strategy(story: AuditStory) -> None:
    withdrawn(story)
    story.checkout("side")
    story.merge("main", by="Dana", strategy="ours")
    story.sign_off(NEXT, "Release manager")
    out(story)


# --- a policy that exempts its own release --------------------------------------------------------------------------


def excluded_by_its_own_policy(story: AuditStory) -> None:
    story.write("checktrail-policy.yml", f"{POLICY}releases: {{exclude_tags: [v1.1.*]}}\n")
    ready(story, "QA lead", "Release manager")
    out(story)


def effective_later(story: AuditStory) -> None:
    story.write("checktrail-policy.yml", f"{POLICY}effective_from: 2099-01-01\n")
    ready(story, "QA lead", "Release manager")
    out(story)


def policy_belittles_its_own_change(story: AuditStory) -> None:
    story.write("checktrail-policy.yml", f"{POLICY}severity: {{RL110: error}}\n")
    story.signed("Strict", by="Ada")
    story.signed_tag("v1.0.1")
    story.write("checktrail-policy.yml", f"{POLICY}severity: {{RL110: info}}\n")
    ready(story, "QA lead", "Security lead", "Release manager")
    out(story)


# --- a tag that is not what it says ---------------------------------------------------------------------------------


def signed_under_another_name(story: AuditStory) -> None:
    ready(story, "QA lead", "Security lead", "Release manager")
    made = story.signed_tag("nightly")
    story.git("update-ref", f"refs/tags/{TAG}", made)
    story.finish(NEXT)


def named_otherwise(story: AuditStory) -> None:
    ready(story, "QA lead", "Security lead", "Release manager")
    made = story.tag("nightly", message="Tonight's", by="Dana")
    story.git("update-ref", f"refs/tags/{TAG}", made)
    story.finish(NEXT)


def tag_by_a_stranger(story: AuditStory) -> None:
    story.make_key("Stranger")
    ready(story, "QA lead", "Security lead", "Release manager")
    story.at(None)
    story.git("-c", f"user.signingkey={story.keys / 'Stranger'}", "tag", "--sign", "--message=x", TAG, by="Dana")
    story.finish(NEXT)


def tag_in_anothers_name(story: AuditStory) -> None:
    ready(story, "QA lead", "Security lead", "Release manager")
    story.at(None)
    story.git("-c", f"user.signingkey={story.keys / 'Cleo'}", "tag", "--sign", "--message=x", TAG, by="Ada")
    story.finish(NEXT)


ATTEMPTS: tuple[tuple[Callable[[AuditStory], None], str, Verdict], ...] = (
    (another_tick_reworded, "SO209", Verdict.FAIL),
    (condition_added, "SO202", Verdict.FAIL),
    (put_where_nothing_is_due, "SO202", Verdict.FAIL),
    (renamed_from_another_release, "SO209", Verdict.PASS),
    (put_back_by_a_merge, "SO206", Verdict.FAIL),
    (put_back_by_a_strategy, "SO206", Verdict.FAIL),
    (excluded_by_its_own_policy, "RL108 RL110 SO202", Verdict.FAIL),
    (effective_later, "RL108 RL110 SO202", Verdict.FAIL),
    (policy_belittles_its_own_change, "RL110", Verdict.FAIL),
    (signed_under_another_name, "RL103", Verdict.FAIL),
    (named_otherwise, "RL102 RL105", Verdict.PASS),
    (tag_by_a_stranger, "ID302", Verdict.PASS),
    (tag_in_anothers_name, "ID306", Verdict.PASS),
)


@pytest.mark.parametrize(("tell", "expected", "verdict"), ATTEMPTS, ids=[one[0].__name__ for one in ATTEMPTS])
def test_an_attempt_is_told(
    tell: Callable[[AuditStory], None], expected: str, verdict: Verdict, story: AuditStory
) -> None:
    tell(story)
    found = story.inquiry()
    assert codes(found, TAG) == expected.split()
    assert release_of(found, TAG).verdict is verdict


def test_a_tick_that_a_merge_put_back_is_nobodys(story: AuditStory) -> None:
    put_back_by_a_merge(story)
    security = release_of(story.inquiry(), TAG).signoffs[1]
    assert (security.name, security.assurance) == (None, 0)


def test_an_alias_may_carry_the_other_name(story: AuditStory) -> None:
    ready(story, "QA lead", "Security lead", "Release manager")
    story.git("update-ref", "refs/tags/v1.1", story.signed_tag(TAG))
    story.finish(NEXT)
    assert codes(story.inquiry(), "v1.1") == codes(story.inquiry(), TAG) == []


# --- headings, groups and hands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("### QA lead", "### Security lead"),
        ("### QA lead\n- [x] Everything is in order\n", "### Security lead\n- [x] Everything is in order\n"),
    ],
)
def test_a_tick_under_another_heading_signs_for_nobody_there(old: str, new: str, story: AuditStory) -> None:
    only = HEADED.replace("### Security lead\n- [ ] All is well\n", "")
    story.draft(NEXT, "2024-03-01", only)
    story.tick(PATH, "in order")
    story.signed("In order", by="Ben")
    rewritten(story, old, new)
    story.signed_tag(TAG)
    found = story.inquiry(policy=asking(BY_HEADING))
    assert (codes(found, TAG), release_of(found, TAG).verdict) == (["ID302", "SO209"], Verdict.FAIL)


def test_one_item_of_a_group_that_was_carried_over_holds_all_of_it_back(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    text = HEADED.replace(" {version}", "").replace("- [ ] All is well", "- [ ] All is well\n- [ ] Nothing leaks")
    story.write("RELEASE.md", text)
    story.signed("Checklist", by="Ada", on="2024-02-01")
    story.tick("RELEASE.md", "All is well", "Nothing leaks")
    story.signed("Security", by="Cleo")
    story.signed_tag("v0.9.0")
    story.untick("RELEASE.md", "All is well")
    story.signed("Half a reset", by="Ada")
    story.tick("RELEASE.md", "All is well")
    story.signed("Security", by="Cleo")
    story.signed_tag("v1.0.0")
    found = story.inquiry(policy=asking(BY_HEADING))
    assert "SO219" in codes(found, "v1.0.0")
    assert release_of(found, "v1.0.0").verdict is Verdict.FAIL
    lenient = asking(BY_HEADING.replace("}}", "}, max_age: 30d}"))
    assert release_of(story.inquiry(policy=lenient), "v1.0.0").verdict is Verdict.PASS
    strict = lenient.replace("30d", "3h")  # the last tick is younger, the first one older
    assert "SO221" in codes(story.inquiry(policy=strict), "v1.0.0")


def test_two_names_at_one_address_are_one_person(story: AuditStory) -> None:
    ready(story)
    for role, name in (("QA lead", "Ben"), ("Security lead", "Benjamin")):
        story.tick(PATH, role)
        story.at(None)
        story.git("commit", "--quiet", f"--message={role}", f"--author={name} <ben@example.org>", by="Ben")
    story.sign_off(NEXT, "Release manager")
    out(story)
    requirements = "{id: qa, match: {text: QA lead}}, {id: security, match: {text: Security lead}}"
    apart = f"version: 1\nrequirements: [{requirements}]\nseparation: [{{id: apart, rule: distinct-people}}]\n"
    found = story.inquiry(policy=apart)
    assert "ID312" in codes(found, TAG)
    assert release_of(found, TAG).verdict is Verdict.FAIL


NOT_TAGGER = "separation: [{id: apart, rule: not-tagger, requirements: [security]}]\n"


@pytest.mark.parametrize(("tell", "code"), [(tag_in_anothers_name, "ID313"), (None, "RL101")])
def test_who_tagged_is_told_by_the_key_and_must_be_known(
    tell: Callable[[AuditStory], None] | None, code: str, story: AuditStory
) -> None:
    if tell is not None:
        tell(story)
    else:
        ready(story, "QA lead", "Security lead", "Release manager")
        story.tag(TAG)
        story.finish(NEXT)
    found = story.inquiry(policy=POLICY + NOT_TAGGER)
    assert code in codes(found, TAG)
    assert release_of(found, TAG).verdict is Verdict.FAIL


def test_who_wrote_with_others_contributed(story: AuditStory) -> None:
    ready(story)
    story.write("src/app.py", "two wrote this\n")
    story.signed("Work\n\nCo-authored-by: Cleo <cleo@example.org>", by="Ada")
    story.sign_off(NEXT)
    out(story)
    apart = "separation: [{id: apart, rule: not-contributor, requirements: [security]}]\n"
    found = story.inquiry(policy=POLICY + apart)
    assert (codes(found, TAG), release_of(found, TAG).verdict) == (["ID313"], Verdict.FAIL)


# --- time -----------------------------------------------------------------------------------------------------------


def test_a_tag_cannot_be_older_than_what_it_holds(story: AuditStory) -> None:
    story.write("keys/allowed", story.allowed(("Cleo", 'valid-before="20240220Z"')))
    story.write("checktrail-policy.yml", f"{POLICY}effective_from: 2024-01-15\n")
    ready(story, "QA lead", "Security lead", "Release manager")
    story.signed_tag(TAG, on="2024-01-10")
    story.finish(NEXT, on="2024-03-02")
    found = story.inquiry()
    assert codes(found, TAG) == ["ID304", "RL105", "RL110"]
    assert release_of(found, TAG).verdict is Verdict.PASS
    assert release_of(found, TAG).signoffs[1].assurance == 2


def test_a_condition_on_paths_sees_the_top_folder_too(story: AuditStory) -> None:
    story.write("setup.py", "1\n")
    ready(story, "QA lead", "Security lead", "Release manager")
    out(story)
    policy = POLICY.replace("role: qa-lead}", "role: qa-lead, quorum: 2, applies_if: {changed_paths: ['**/setup.py']}}")
    assert codes(story.inquiry(policy=policy), TAG) == ["SO203"]


@pytest.mark.parametrize(
    ("signed", "severity"), [("no", ["info", "info"]), ("required", ["warning", "warning"])], ids=["no", "required"]
)
def test_missing_tag_signatures_weigh_more_where_signatures_are_demanded(
    signed: str, severity: list[str], story: AuditStory
) -> None:
    ready(story, "QA lead", "Security lead", "Release manager")
    story.tag("v1.1.0", message="One", by="Dana")
    story.finish(NEXT)
    story.tag("v1.1.1")
    found = story.inquiry(policy=POLICY.replace("role: qa-lead}", f"role: qa-lead, signed: {signed}}}"))
    seen = {
        one.finding.code: one.finding.severity.value
        for tag in (TAG, "v1.1.1")
        for one in release_of(found, tag).findings
    }
    assert [seen["RL101"], seen["RL102"]] == severity
