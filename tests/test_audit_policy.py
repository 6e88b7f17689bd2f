"""What the policy asks is held against each release, and why it holds or fails is said."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit_story import CHECKLIST, HAS_SSH_KEYGEN, POLICY, AuditStory, codes, release_of
from checktrail.audit.acts import Relation, Status
from checktrail.audit.policy import Meaning
from checktrail.audit.verdict import Verdict
from checktrail.model import Severity
from story import Story

pytestmark = pytest.mark.skipif(not HAS_SSH_KEYGEN, reason="ssh-keygen is not installed, and the stories sign")

TAG = "v1.0.0"
PATH = "checklists/v1.0.0.md"


def asking(requirement: str, more: str = "") -> str:
    """The policy with its QA requirement changed, and more at its end."""
    whole = POLICY.replace("{id: qa, match: {text: QA lead sign-off}, role: qa-lead}", requirement)
    assert requirement in whole
    return whole + more


@pytest.fixture
def story(tmp_path: Path) -> AuditStory:
    return AuditStory(tmp_path)


def verdict(story: AuditStory, policy: str) -> tuple[Verdict, list[str]]:
    found = story.inquiry(policy=policy)
    return release_of(found, TAG).verdict, codes(found, TAG)


# --- requirements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("{id: qa, match: {text: qa LEAD}, role: qa-lead}", ""),
        ("{id: qa, match: {regex: '^QA lead'}, role: qa-lead}", ""),
        ("{id: qa, match: {section: Sign-off}}", "ID312 SO216"),
        ("{id: qa, match: {section: Nowhere}}", "SO201"),
        ("{id: qa, match: {path: 'checklists/*.md', text: QA lead}}", ""),
        ("{id: qa, match: {path: 'docs/*.md', text: QA lead}}", "SO201"),
        ("{id: qa, match: {text: QA lead}, quorum: 2}", "SO203"),
        ("{id: qa, match: {text: sign-off obtained}, quorum: 3}", "ID312 SO216"),
        ("{id: qa, match: {text: QA lead}, when: before-tag-commit}", ""),
        ("{id: qa, match: {text: Release manager}, when: before-tag-commit}", "ID312 SO204 SO216"),
        ("{id: qa, match: {text: QA lead}, min_lead: 1h}", ""),
        ("{id: qa, match: {text: QA lead}, min_lead: 2d}", "SO204"),
        ("{id: qa, match: {text: QA lead}, max_age: 2d}", ""),
        ("{id: qa, match: {text: QA lead}, max_age: 1h}", "SO221"),
        ("{id: qa, match: {text: QA lead}, signed: required}", ""),
        ("{id: qa, match: {text: QA lead}, attribution: signer}", ""),
        ("{id: qa, match: {text: QA lead}, attribution: committer}", ""),
        ("{id: qa, match: {text: QA lead}, evidence: ['src/*.py']}", ""),
        ("{id: qa, match: {text: QA lead}, evidence: ['reports/{tag}.xml']}", "SO201"),
    ],
)
def test_each_key_of_a_requirement(requirement: str, expected: str, whole_release: AuditStory) -> None:
    found, seen = verdict(whole_release, asking(requirement))
    assert seen == expected.split()
    hard = {"SO201", "SO203", "SO204", "SO221"} & set(seen)
    assert found is (Verdict.FAIL if hard else Verdict.PASS)


@pytest.fixture(scope="module")
def whole_release(tmp_path_factory: pytest.TempPathFactory) -> AuditStory:
    """One clean release that nobody changes; the release manager's tick is in the tagged commit."""
    story = AuditStory(tmp_path_factory.mktemp("whole"))
    story.whole("1.0.0", "2024-02-01")
    return story


def test_a_deputy_is_told(whole_release: AuditStory) -> None:
    policy = POLICY.replace("members: [{person: dana}]", "members: [{person: dana, deputy: true}]")
    told = [one.reason for one in release_of(whole_release.inquiry(policy=policy), TAG).requirements]
    assert told == ["signed by Ben", "signed by Cleo", "signed by Dana (deputy)"]


def test_a_requirement_that_does_not_apply(story: AuditStory) -> None:
    policy = asking("{id: qa, match: {text: Nowhere}, applies_if: {changed_paths: ['db/**']}}")
    story.whole("0.9.0", "2024-01-20")
    story.whole("1.0.0", "2024-02-01")
    assert verdict(story, policy) == (Verdict.PASS, [])
    one = release_of(story.inquiry(policy=policy), TAG)
    assert (one.requirements[0].applies, one.requirements[0].met) == (False, True)
    applies = asking("{id: qa, match: {text: Nowhere}, applies_if: {changed_paths: ['src/**']}}")
    assert verdict(story, applies) == (Verdict.FAIL, ["SO201"])


def test_a_role_heading_has_signed_when_all_its_items_are_ticked(story: AuditStory) -> None:
    text = """\
# Release checklist {version}

## Sign-off

### QA Lead
- [ ] All tests passing
- [ ] Edge cases verified
- [ ] Load test repeated (if applicable)

### Security Lead
- [ ] Security audit passed
"""
    story.draft("1.0.0", "2024-02-01", text)
    story.tick(PATH, "All tests")
    story.signed("One", by="Ben")
    story.tick(PATH, "Edge cases")
    last = story.signed("Two", by="Ada")
    story.signed_tag(TAG)
    policy = POLICY[: POLICY.index("requirements:")]
    found = story.inquiry(policy=policy + "requirements: [{id: qa, match: {section: QA Lead}}]\n")
    qa, security = release_of(found, TAG).signoffs
    assert (qa.role, qa.status, qa.name) == ("QA Lead", Status.RECORDED, "Ben, Ada")
    assert qa.commit is not None
    assert qa.commit.id == last
    assert (qa.relation, len(qa.acts)) == (Relation.IN_TAG_COMMIT, 3)
    assert (security.role, security.status, security.name) == ("Security Lead", Status.OPEN, None)
    assert release_of(found, TAG).verdict is Verdict.PASS


def test_conditional_signoffs_are_not_required(story: AuditStory) -> None:
    text = CHECKLIST.replace("QA lead sign-off obtained", "QA lead sign-off obtained (if applicable)")
    story.draft("1.0.0", "2024-02-01", text)
    story.prepare("1.0.0")
    story.sign_off("1.0.0", "Security lead", "Release manager")
    story.signed_tag(TAG)
    story.finish("1.0.0")
    found = story.inquiry()
    assert codes(found, TAG) == []
    assert release_of(found, TAG).signoffs[0].status is Status.NOT_REQUIRED
    assert release_of(found, TAG).verdict is Verdict.PASS


def test_a_living_checklist_that_is_not_reset_carries_ticks_over(story: AuditStory) -> None:
    policy = POLICY
    living = CHECKLIST.replace(" {version}", "")
    story.write("RELEASE.md", living)
    story.signed("Checklist", by="Ada", on="2024-02-01")
    story.tick("RELEASE.md", "Tests pass", "Change log", "Packages", "Users")
    story.signed("Ready", by="Ada")
    for role, name in (("QA lead", "Ben"), ("Security lead", "Cleo"), ("Release manager", "Dana")):
        story.tick("RELEASE.md", f"{role} sign-off")
        story.signed(role, by=name)
    story.signed_tag("v0.9.0")
    story.untick("RELEASE.md", "Release manager")
    story.signed("Next", by="Ada", on="2024-03-01")
    story.tick("RELEASE.md", "Release manager")
    story.signed("Release manager", by="Dana")
    story.signed_tag(TAG)
    seen, found = verdict(story, policy)
    assert (seen, found) == (Verdict.FAIL, ["SO219"])
    statuses = [one.status for one in release_of(story.inquiry(), TAG).signoffs]
    assert statuses == [Status.CARRIED_OVER, Status.CARRIED_OVER, Status.RECORDED]
    lenient = policy.replace("role: qa-lead}", "role: qa-lead, max_age: 90d}")
    lenient = lenient.replace("role: security-lead}", "role: security-lead, max_age: 90d}")
    assert verdict(story, lenient) == (Verdict.PASS, ["SO219"])
    strict = lenient.replace("90d", "9d")
    assert verdict(story, strict) == (Verdict.FAIL, ["SO219", "SO221"])


def test_a_reset_checklist_does_not_look_revoked(story: AuditStory) -> None:
    story.write("RELEASE.md", CHECKLIST.replace(" {version}", ""))
    story.signed("Checklist", by="Ada", on="2024-02-01")
    for tag in ("v0.9.0", TAG):
        story.tick("RELEASE.md", "Tests pass", "Change log")
        story.signed("Ready", by="Ada")
        for role, name in (("QA lead", "Ben"), ("Security lead", "Cleo"), ("Release manager", "Dana")):
            story.tick("RELEASE.md", f"{role} sign-off")
            story.signed(role, by=name)
        story.signed_tag(tag)
        story.tick("RELEASE.md", "Packages", "Users")
        story.signed("Out", by="Ada")
        story.untick("RELEASE.md", "Tests", "Change log", "QA", "Security", "Release manager", "Packages", "Users")
        story.signed("Reset for the next release", by="Ada")
    found = story.inquiry()
    assert codes(found, "v0.9.0") == codes(found, TAG) == []


def test_a_components_checklist_signs_for_its_own_releases_alone(story: AuditStory) -> None:
    """`pkg-a` and `pkg-b` are both released as 1.0.0; only the checklist of `pkg-b` is signed off."""
    for component in ("pkg-a", "pkg-b"):
        story.write(f"checklists/{component}-v1.0.0.md", CHECKLIST.format(version="1.0.0"))
    story.signed("Two checklists", by="Ada", on="2024-02-01")
    for role, name in (("QA lead", "Ben"), ("Security lead", "Cleo"), ("Release manager", "Dana")):
        story.tick("checklists/pkg-b-v1.0.0.md", f"{role} sign-off")
        story.signed(role, by=name)
    story.signed_tag("pkg-a/v1.0.0")
    story.signed("Between the two", by="Ada")
    story.signed_tag("pkg-b/v1.0.0")
    found = story.inquiry()
    one, other = (release_of(found, f"pkg-{letter}/v1.0.0") for letter in "ab")
    assert (one.tagged.paths, one.verdict) == (("checklists/pkg-a-v1.0.0.md",), Verdict.FAIL)
    assert (other.tagged.paths, other.verdict) == (("checklists/pkg-b-v1.0.0.md",), Verdict.PASS)


# --- separation of duties --------------------------------------------------------------------------------------------

SEPARATION = "separation: [{id: apart, rule: %s}]\n"


def several(story: AuditStory) -> str:
    """Dana signs for security too, in a commit of its own, and the policy lets her hold both roles."""
    story.draft("1.0.0", "2024-02-01")
    story.prepare("1.0.0")
    story.sign_off("1.0.0", "QA lead")
    story.tick(PATH, "Security lead")
    story.signed("Security lead", by="Dana")
    story.sign_off("1.0.0", "Release manager")
    story.signed_tag(TAG)
    story.finish("1.0.0")
    return POLICY.replace("members: [{person: cleo}]", "members: [{person: dana}]")


@pytest.mark.parametrize(
    ("rule", "verdict_of", "expected"),
    [
        ("", Verdict.PASS, "ID312"),
        (SEPARATION % "distinct-people", Verdict.FAIL, "ID312"),
        (SEPARATION % "max-roles-per-person, limit: 2", Verdict.PASS, ""),
        (SEPARATION % "max-roles-per-person", Verdict.FAIL, "ID312"),
        (SEPARATION % "'not-tagger', requirements: [qa]", Verdict.PASS, "ID312"),
        (SEPARATION % "'not-tagger', requirements: [release]", Verdict.FAIL, "ID312 ID313"),
        (SEPARATION % "not-contributor", Verdict.PASS, "ID312"),
    ],
)
def test_separation_of_duties(rule: str, verdict_of: Verdict, expected: str, story: AuditStory) -> None:
    policy = several(story) + rule
    assert verdict(story, policy) == (verdict_of, expected.split())


def test_who_wrote_it_may_not_approve_it(story: AuditStory) -> None:
    story.draft("1.0.0", "2024-02-01")
    story.write("src/app.py", "by Ben\n")
    story.signed("Ben's own code", by="Ben")
    story.prepare("1.0.0")
    story.sign_off("1.0.0")
    story.signed_tag(TAG)
    story.finish("1.0.0")
    assert verdict(story, POLICY) == (Verdict.PASS, [])
    assert verdict(story, POLICY + SEPARATION % "not-contributor") == (Verdict.FAIL, ["ID313"])


def test_the_committer_counts_as_well_as_the_author(story: AuditStory) -> None:
    story.draft("1.0.0", "2024-02-01")
    story.prepare("1.0.0")
    story.sign_off("1.0.0", "QA lead")
    story.tick(PATH, "Security lead")
    story.at(None)
    story.git(
        "-c", f"user.signingkey={story.keys / 'Dana'}", "commit", "--gpg-sign", "--quiet", "--message=For Cleo",
        by="Cleo", committer="Dana",
    )  # fmt: skip
    story.sign_off("1.0.0", "Release manager")
    story.signed_tag(TAG)
    story.finish("1.0.0")
    assert verdict(story, POLICY) == (Verdict.PASS, [])
    assert verdict(story, POLICY + SEPARATION % "distinct-people") == (Verdict.FAIL, ["ID312"])


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ('valid-before="20240101Z"', "ID304"),
        ('valid-after="20240301Z"', "ID304"),
        ('valid-after="20240101Z",valid-before="20250101Z"', ""),
        ('namespaces="file"', "ID302"),
        ('namespaces="git"', ""),
        ("cert-authority", "ID302"),
    ],
)
def test_a_key_is_judged_at_the_tags_time(option: str, expected: str, story: AuditStory) -> None:
    story.write("keys/allowed", story.allowed(("Cleo", option)))
    story.signed("Trust", by="Ada")
    story.whole("1.0.0", "2024-02-01")
    assert codes(story.inquiry(), TAG) == expected.split()


def test_a_key_that_expired_before_the_tag_is_told_whatever_the_commit_claims(story: AuditStory) -> None:
    story.write("keys/allowed", story.allowed(("Cleo", 'valid-before="20240215Z"')))
    story.signed("Trust", by="Ada")
    story.draft("1.0.0", "2024-02-01")
    story.prepare("1.0.0")
    story.sign_off("1.0.0")
    story.signed_tag(TAG, on="2024-03-01")
    story.finish("1.0.0")
    assert codes(story.inquiry(), TAG) == ["ID304"]
    signed = asking("{id: qa, match: {text: Security lead}, signed: required}")
    assert verdict(story, signed)[0] is Verdict.FAIL


def test_a_revoked_key(story: AuditStory) -> None:
    policy = POLICY + "  revocation_file: keys/revoked\n"
    story.write("keys/revoked", f"{story.public('Cleo')} stolen\n").write("checktrail-policy.yml", policy)
    story.signed("Cleo's key was stolen", by="Ada")
    story.whole("1.0.0", "2024-02-01")
    assert verdict(story, policy) == (Verdict.FAIL, ["ID305"])
    assert release_of(story.inquiry(), TAG).signoffs[1].assurance == 2


def test_a_key_in_the_policy_itself(story: AuditStory) -> None:
    story.whole("1.0.0", "2024-02-01")
    own = "cleo: {name: Cleo, emails: [cleo@example.org], keys: [{type: ssh, fingerprint: '%s'%s}]}"
    plain = "cleo: {name: Cleo, emails: [cleo@example.org]}"
    print_of = story.fingerprint("Cleo")
    assert verdict(story, POLICY.replace(plain, own % (print_of, "")))[1] == []
    late = own % (print_of, ", valid_from: 2024-06-01")
    assert verdict(story, POLICY.replace(plain, late))[1] == ["ID304"]
    gone = own % (print_of, ", revoked: 2024-01-15")
    assert verdict(story, POLICY.replace(plain, gone)) == (Verdict.FAIL, ["ID305"])
    another = own % (story.fingerprint("Ben"), "")
    assert verdict(story, POLICY.replace(plain, another))[1] == ["ID306"]


def test_only_the_platform_signed(story: AuditStory) -> None:
    story.make_key("GitHub")
    story.draft("1.0.0", "2024-02-01")
    story.prepare("1.0.0")
    story.sign_off("1.0.0", "QA lead")
    story.tick(PATH, "Security lead")
    story.at(None)
    story.git(
        "-c", f"user.signingkey={story.keys / 'GitHub'}", "commit", "--gpg-sign", "--quiet", "--message=In the browser",
        by="Cleo", committer="GitHub",
    )  # fmt: skip
    story.sign_off("1.0.0", "Release manager")
    story.signed_tag(TAG)
    story.finish("1.0.0")
    policy = POLICY + f"  platform_keys: ['{story.fingerprint('GitHub')}']\n"
    assert verdict(story, policy) == (Verdict.PASS, ["ID307"])
    assert release_of(story.inquiry(policy=policy), TAG).signoffs[1].assurance == 2
    required = policy.replace("role: security-lead}", "role: security-lead, signed: required}")
    assert verdict(story, required) == (Verdict.FAIL, ["ID307"])


def test_a_bot_does_not_sign_off(story: AuditStory) -> None:
    policy = POLICY.replace("{name: Cleo, emails", "{bot: true, name: Cleo, emails")
    story.whole("1.0.0", "2024-02-01")
    assert verdict(story, policy) == (Verdict.FAIL, ["ID311"])


@pytest.mark.parametrize(
    ("signed", "severity", "outcome"),
    [("no", "info", Verdict.PASS), ("preferred", "warning", Verdict.PASS), ("required", "error", Verdict.FAIL)],
)
def test_what_an_unsigned_tick_weighs_is_the_policys_word(
    signed: str, severity: str, outcome: Verdict, story: AuditStory
) -> None:
    story.draft("1.0.0", "2024-02-01")
    story.prepare("1.0.0")
    story.tick(PATH, "QA lead")
    story.commit("QA lead", by="Ben")
    story.sign_off("1.0.0", "Security lead", "Release manager")
    story.signed_tag(TAG)
    story.finish("1.0.0")
    policy = asking(f"{{id: qa, match: {{text: QA lead}}, signed: {signed}}}")
    one = release_of(story.inquiry(policy=policy), TAG)
    assert [(judged.finding.code, judged.finding.severity.value) for judged in one.findings] == [("ID301", severity)]
    assert one.verdict is outcome


# --- waivers, scope, severity ----------------------------------------------------------------------------------------


def failing(story: AuditStory) -> None:
    story.draft("1.0.0", "2024-02-01")
    story.prepare("1.0.0")
    story.sign_off("1.0.0", "QA lead", "Release manager")
    story.signed_tag(TAG)
    story.tick(PATH, "Packages", "Users")
    story.signed("Out", by="Ada")


WAIVER = "waivers: [{code: SO202, reason: Cleo was ill, approved_by: ada%s}]\n"


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ("", Verdict.PASS_WITH_WAIVERS),
        (", release: v1.0.0", Verdict.PASS_WITH_WAIVERS),
        (", release: v1.*", Verdict.PASS_WITH_WAIVERS),
        (", release: v2.0.0", Verdict.FAIL),
        (", subject: security", Verdict.PASS_WITH_WAIVERS),
        (", subject: qa", Verdict.FAIL),
        (", expires: 2024-02-29", Verdict.PASS_WITH_WAIVERS),
        (", expires: 2024-01-31", Verdict.FAIL),
    ],
)
def test_a_waiver_covers_what_it_names_at_the_tags_time(more: str, outcome: Verdict, story: AuditStory) -> None:
    failing(story)
    found = story.inquiry(policy=POLICY + WAIVER % more)
    one = release_of(found, TAG)
    assert one.verdict is outcome
    granted = [judged.granted for judged in one.findings if judged.finding.code == "SO202"]
    assert [waiver is not None for waiver in granted] == [outcome is Verdict.PASS_WITH_WAIVERS]


def test_a_waiver_granted_after_the_release_says_so(story: AuditStory) -> None:
    failing(story)
    assert release_of(story.inquiry(), TAG).verdict is Verdict.FAIL
    story.write("checktrail-policy.yml", POLICY + WAIVER % "")
    story.signed("Grant it now", by="Ada")
    one = release_of(story.inquiry(), TAG)
    assert one.verdict is Verdict.PASS_WITH_WAIVERS
    (granted,) = [judged.granted for judged in one.findings if judged.finding.code == "SO202"]
    assert granted is not None
    assert granted.after_release


def test_an_exception_release_passes_with_waivers(story: AuditStory) -> None:
    failing(story)
    assert verdict(story, POLICY + "releases: {exception_tags: [v1.0.0]}\n")[0] is Verdict.PASS_WITH_WAIVERS


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ("releases: {tags: ['v1.*']}", Verdict.FAIL),
        ("releases: {tags: ['v2.*']}", Verdict.NO_POLICY),
        ("releases: {exclude_tags: ['v1.*']}", Verdict.NO_POLICY),
        ("releases: {checklists: ['checklists/*.md']}", Verdict.FAIL),
        ("effective_from: 2024-06-01", Verdict.NO_POLICY),
        ("effective_from: 2024-01-01", Verdict.FAIL),
        ("severity: {SO202: warning}", Verdict.PASS),
    ],
)
def test_scope_and_severity(more: str, outcome: Verdict, story: AuditStory) -> None:
    failing(story)
    assert verdict(story, f"{POLICY}{more}\n")[0] is outcome


def test_a_frozen_checklist_may_change_for_as_long_as_the_policy_says(story: AuditStory) -> None:
    story.whole("1.0.0", "2024-02-01")
    story.untick(PATH, "Security lead")
    story.signed("Not after all", by="Cleo", on="2024-02-11")
    told = {
        freeze: "SO208" in verdict(story, f"{POLICY}freeze: {freeze}\n")[1]
        for freeze in ("{}", "{grace: 30d}", "{grace: 2d}", "{after_tag: false}")
    }
    assert told == {"{}": True, "{grace: 30d}": False, "{grace: 2d}": True, "{after_tag: false}": False}


def test_a_release_before_the_policy_has_none(story: AuditStory) -> None:
    plain = Story(story.root.parent, bare_name="plain")
    plain.write("RELEASE.md", "# Release checklist\n\n## Sign-off\n- [ ] QA lead sign-off\n")
    plain.commit("Start", on="2024-01-02")
    plain.tick("RELEASE.md", "QA lead")
    plain.commit("QA", by="Ben")
    plain.tag("v0.1.0", message="First")
    plain.write("checktrail-policy.yml", POLICY)
    plain.commit("A policy")
    story.root = plain.root
    assert release_of(story.inquiry(), "v0.1.0").verdict is Verdict.NO_POLICY
    assert release_of(story.inquiry(policy=POLICY), "v0.1.0").verdict is Verdict.INDETERMINATE


@pytest.fixture
def short_home() -> Iterator[Path]:
    """A folder of keys with a short path, since gpg's sockets must fit into it."""
    home = Path(tempfile.mkdtemp(prefix="g"))
    yield home
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)


# --- times inside signatures -----------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")
def test_a_signature_made_at_another_time_than_the_commit_says(
    story: AuditStory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_home: Path
) -> None:
    def gpg(*arguments: str) -> str:
        command = ["gpg", "--homedir", str(short_home), "--batch", "--quiet", "--passphrase", "", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    gpg("--faked-system-time", "20240101T000000", "--quick-generate-key", "Cleo <cleo@example.org>", "ed25519", "sign")
    key = next(line.split(":")[9] for line in gpg("--with-colons", "--list-keys").splitlines() if line[:3] == "fpr")
    wrapper = tmp_path / "gpg"
    story.git("config", "gpg.openpgp.program", str(wrapper))
    monkeypatch.setenv("GNUPGHOME", str(short_home))
    story.draft("1.0.0", "2024-02-01")
    story.prepare("1.0.0")
    story.sign_off("1.0.0", "QA lead")
    story.tick(PATH, "Security lead")
    story.at(None)
    wrapper.write_text(
        f'#!/bin/sh\nexec gpg --homedir {short_home} --batch --passphrase "" --faked-system-time 20240303T000000 "$@"\n'
    )
    wrapper.chmod(0o755)
    story.git(
        "-c", "gpg.format=openpgp", "-c", f"user.signingkey={key}", "commit", "-S", "--quiet", "--message=Back-dated",
        by="Cleo",
    )  # fmt: skip
    story.sign_off("1.0.0", "Release manager")
    story.signed_tag(TAG)
    story.finish("1.0.0")
    plain = "cleo: {name: Cleo, emails: [cleo@example.org]}"
    policy = POLICY.replace(plain, plain[:-1] + f", keys: [{{type: openpgp, fingerprint: {key}}}]}}")
    found = story.inquiry(policy=policy)
    assert codes(found, TAG) == ["TM401"]
    assert release_of(found, TAG).signoffs[1].assurance == 3


# --- records ---------------------------------------------------------------------------------------------------------


def test_records_say_what_was_ticked_what_stands_and_what_came_after(story: AuditStory) -> None:
    story.whole("1.0.0", "2024-02-01")
    story.replace(PATH, "Security lead sign-off obtained", "Security lead sign-off obtained in part")
    story.signed("Reword", by="Ada")
    qa, security, release = release_of(story.inquiry(), TAG).signoffs
    assert (qa.meaning, qa.relation) == (Meaning.APPROVAL, Relation.BEFORE_TAG)
    assert qa.lead_seconds == 3 * 3600
    assert qa.landed is not None
    assert (len(qa.landed.commits), qa.landed.paths) == (2, (PATH,))
    assert security.event is not None
    assert security.event.new_text == "Security lead sign-off obtained"
    assert security.act.text_now == "Security lead sign-off obtained in part"
    assert release.relation is Relation.IN_TAG_COMMIT
    assert {judged.finding.severity for judged in release_of(story.inquiry(), TAG).findings} == {Severity.WARNING}


def test_the_same_evidence_gives_the_same_audit_whatever_else_the_repository_holds(story: AuditStory) -> None:
    story.whole("1.0.0", "2024-02-01")
    before = release_of(story.inquiry(), TAG)
    story.branch("elsewhere", "HEAD~4")
    story.write("src/other.py", "unrelated\n")
    story.commit("Unrelated", by="Eli")
    story.checkout("main")
    after = release_of(story.inquiry(), TAG)
    assert [(one.name, one.status, one.assurance) for one in before.signoffs] == [
        (one.name, one.status, one.assurance) for one in after.signoffs
    ]
    assert before.findings == after.findings
