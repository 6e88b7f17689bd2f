"""Policies are read strictly: what is misspelt is named with what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.audit.policy import HOSTING_KEYS, Attribution, Meaning, Policy, Rule, Signed, When
from checktrail.audit.reading import read_policy
from checktrail.errors import ConfigError
from checktrail.model import Severity

WHOLE = """\
version: 1
effective_from: 2024-01-01
releases:
  tags: ["v*"]
  exclude_tags: ["*-nightly"]
  exception_tags: ["*-hotfix"]
  checklists: ["checklists/*.md"]
people:
  ada:
    name: Ada Lane
    emails: [Ada@Example.org, ada@home.example]
    keys:
      - {type: ssh, fingerprint: "SHA256:abc", valid_from: 2024-01-01, valid_until: 2024-12-31}
      - {type: gpg, fingerprint: "aaaa bbbb", revoked: 2024-06-01T12:00:00Z}
      - {type: x509, identity: ada@example.org, issuer: https://issuer.example, revoked: true}
    active_from: 2023-01-01
    active_until: 2025-06-30
  robot: {name: Robot, emails: [robot@example.org], bot: true}
roles:
  qa-lead: {title: QA lead, members: [{person: ada, from: 2024-01-01, until: 2024-12-31, deputy: true}]}
requirements:
  - id: qa
    match: {text: QA lead sign-off, regex: "QA .* sign-?off", id: qa, section: Sign-off, path: "checklists/**"}
    meaning: review
    role: qa-lead
    quorum: 2
    when: before-tag-commit
    min_lead: 2h
    max_age: P30D
    signed: required
    attribution: signer
    evidence: ["reports/{tag}/*.xml"]
    applies_if: {changed_paths: ["src/**"]}
    controls: ["SOC 2 CC8.1"]
separation:
  - {id: two, rule: max-roles-per-person, requirements: [qa], limit: 2}
signatures:
  allowed_signers: security/allowed_signers
  revocation_file: security/revoked
  platform_keys: [ABCD]
  max_clock_skew: 1h
freeze: {after_tag: true, grace: 2d}
severity: {SO216: error, RL101: warning}
waivers:
  - {code: SO216, release: v1.0, subject: qa, reason: Two people were ill, approved_by: ada, expires: 2024-03-31}
"""


def read(text: str) -> Policy:
    return read_policy(text, "policy.yml")


def test_every_key_is_read() -> None:
    policy = read(WHOLE)
    assert policy.effective_from == 1704067200
    assert policy.scope.tags == ("v*",)
    assert (policy.scope.exclude, policy.scope.exception) == (("*-nightly",), ("*-hotfix",))
    ada = policy.person("ada")
    assert ada is not None
    assert ada.emails == ("ada@example.org", "ada@home.example")
    ssh, pgp, x509 = ada.keys
    assert (ssh.term.start, ssh.term.end) == (1704067200, 1735689599)
    assert (pgp.type, pgp.fingerprint, pgp.revoked) == ("openpgp", "AAAABBBB", 1717243200)
    assert (x509.identity, x509.revoked) == ("ada@example.org", 0)
    assert ada.active.end == 1751327999
    role = policy.role("qa-lead")
    assert role is not None
    assert role.members[0].deputy
    (requirement,) = policy.requirements
    assert requirement.meaning is Meaning.REVIEW
    assert (requirement.quorum, requirement.when) == (2, When.BEFORE_TAG_COMMIT)
    assert (requirement.min_lead, requirement.max_age) == (7200, 30 * 86400)
    assert (requirement.signed, requirement.attribution) == (Signed.REQUIRED, Attribution.SIGNER)
    assert requirement.changed_paths == ("src/**",)
    assert (policy.separation[0].rule, policy.separation[0].limit) == (Rule.MAX_ROLES_PER_PERSON, 2)
    assert policy.signatures.platform_keys == ("ABCD",)
    assert policy.signatures.max_clock_skew == 3600
    assert policy.freeze.grace == 172800
    assert policy.severity["SO216"] is Severity.ERROR
    assert policy.waivers[0].expires == 1711929599


def test_a_version_alone_is_a_policy() -> None:
    policy = read("version: 1\n")
    assert policy == Policy()
    assert policy.signatures.platform_keys == HOSTING_KEYS


def test_a_bare_no_is_the_word() -> None:
    policy = read("version: 1\nrequirements: [{id: a, match: {text: x}, signed: no}]\n")
    assert policy.requirements[0].signed is Signed.NO


@pytest.mark.parametrize(
    ("wrong", "right", "place"),
    [
        ("waiver:", "waivers", "there is no key waiver"),
        ("people: {ada: {nmae: Ada}}", "name", "there is no key nmae in people.ada"),
        ("people: {ada: {keys: [{type: ssh, fingerprnt: x}]}}", "fingerprint", "in people.ada.keys[0]"),
        ("roles: {qa: {membres: []}}", "members", "in roles.qa"),
        ("requirements: [{id: a, match: {txt: x}}]", "text", "in requirements[0].match"),
        ("requirements: [{id: a, match: {text: x}, qorum: 2}]", "quorum", "in requirements[0]"),
        ("requirements: [{id: a, match: {text: x}, applies_if: {changed_path: []}}]", "changed_paths", "applies_if"),
        ("signatures: {allowed_signer: x}", "allowed_signers", "in signatures"),
        ("freeze: {aftertag: true}", "after_tag", "in freeze"),
        ("releases: {exclude: []}", "exclude_tags", "in releases"),
        ("waivers: [{cod: SO1}]", "code", "in waivers[0]"),
        ("separation: [{id: a, rules: x}]", "rule", "in separation[0]"),
        ("separation: [{id: a, rule: distinct-poeple}]", "distinct-people", "separation[0].rule"),
        ("requirements: [{id: a, match: {text: x}, when: before}]", "before-tag", "requirements[0].when"),
        ("severity: {SO216: eror}", "error", "severity.SO216"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest(wrong: str, right: str, place: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(f"version: 1\n{wrong}\n")
    assert place in error.value.sentence
    assert f"did you mean {right}?" in error.value.hint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "version must be 1"),
        ("version: 2", "version must be 1"),
        ("[]", "must be a mapping"),
        ("version: 1\nversion: 1", "stands twice"),
        ("version: 1\npeople: {ada: {emails: [1, [2]]}}", "people.ada.emails[1] must be a text"),
        ("version: 1\npeople: [ada]", "people must be a map by id"),
        ("version: 1\neffective_from: 2024-13-45", "no"),
        ("version: 1\neffective_from: soon", "is no date"),
        ("version: 1\nroles: {qa: {members: [{person: bob}]}}", "there is no such person"),
        ("version: 1\nrequirements: [{id: a, match: {text: x}, role: qa}]", "there is no such role"),
        ("version: 1\nrequirements: [{id: a, match: {}}]", "says nothing to look for"),
        ("version: 1\nrequirements: [{id: a, match: {regex: '('}}]", "is no regular expression"),
        ("version: 1\nrequirements: [{id: a, match: {text: x}}, {id: a, match: {text: y}}]", "twice"),
        ("version: 1\nrequirements: [{id: a, match: {text: x}, quorum: 0}]", "whole number from 1"),
        ("version: 1\nrequirements: [{id: a, match: {text: x}, max_age: often}]", "no length of time"),
        ("version: 1\nseparation: [{id: a, rule: not-tagger, requirements: [b]}]", "there is no such requirement"),
        ("version: 1\nseverity: {loud: error}", "is no code"),
        ("version: 1\nwaivers: [{code: SO216, approved_by: ada}]", "reason is missing"),
        ("version: 1\npeople: {ada: {keys: [{type: ssh, fingerprint: abc}]}}", "must begin with SHA256:"),
        ("version: 1\npeople: {ada: {active_from: 2024-02-01, active_until: 2024-01-01}}", "before its beginning"),
        ("version: 1\npeople: {ada: &a {name: *a}}", "policy.yml"),
        ("version: 1\npeople: !!python/object:os.system {}", "policy.yml"),
        ("\t- : : [", "policy.yml"),
        ("[" * 5000, "policy.yml"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(text)
    assert error.value.sentence.startswith("policy.yml")
    assert says in error.value.sentence


@given(st.text(max_size=80))
def test_no_text_makes_it_fall_over(noise: str) -> None:
    for text in (noise, f"version: 1\n{noise}", f"version: 1\npeople: {{a: {noise}}}"):
        try:
            read(text)
        except ConfigError as error:
            assert error.sentence.startswith("policy.yml")  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30m", 1800), ("24h", 86400), ("7d", 604800), ("2 weeks", 1209600), ("P1DT2H", 93600), ("P2W", 1209600),
     ("3", 259200)],
)  # fmt: skip
def test_lengths_of_time(written: str, seconds: int) -> None:
    policy = read(f"version: 1\nrequirements: [{{id: a, match: {{text: x}}, max_age: {written}}}]")
    assert policy.requirements[0].max_age == seconds
