"""A policy file → `Policy`. Pure.

In: YAML text. Out: the frozen policy. Strict: an unknown key is an error that names the nearest known one, and so is an
id that nothing has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from checktrail.audit.nodes import Node, read_yaml
from checktrail.audit.policy import (
    DEFAULT_SKEW,
    HOSTING_KEYS,
    Attribution,
    Freeze,
    Key,
    Match,
    Meaning,
    Member,
    Policy,
    PolicyPerson,
    Requirement,
    Role,
    Rule,
    Scope,
    Separation,
    SignaturePolicy,
    Signed,
    Waiver,
    When,
)
from checktrail.model import Severity
from checktrail.signatures.verification import Window

VERSION: Final = 1
_KEY_TYPES: Final = {"ssh": "ssh", "openpgp": "openpgp", "gpg": "openpgp", "pgp": "openpgp", "x509": "x509"}
_CODE: Final = re.compile(r"[A-Z]{2}\d{3}", re.ASCII)
_TOP: Final = (
    "version",
    "effective_from",
    "releases",
    "people",
    "roles",
    "requirements",
    "separation",
    "signatures",
    "freeze",
    "severity",
    "waivers",
)


def read_policy(text: str, source: str) -> Policy:
    """The policy that a YAML text says; `source` names the file in errors.

    Raises:
        ConfigError: it is no YAML, has an unknown key, a value of another kind, or an id that nothing has.
    """
    root = read_yaml(text, source)
    top = root.keyed(*_TOP)
    if top["version"].value != VERSION:
        raise top["version"].fault(f"must be {VERSION}", "the policy's format has a version of its own")
    people = tuple(_person(person_id, node) for person_id, node in top["people"].entries())
    _apart(top["people"], people)
    roles = tuple(_role(role_id, node, people) for role_id, node in top["roles"].entries())
    requirements = tuple(_requirement(node, roles) for node in top["requirements"].each())
    _once(top["requirements"], [requirement.id for requirement in requirements])
    return Policy(
        effective_from=top["effective_from"].moment(),
        scope=_scope(top["releases"]),
        people=people,
        roles=roles,
        requirements=requirements,
        separation=tuple(_separation(node, requirements) for node in top["separation"].each()),
        signatures=_signatures(top["signatures"]),
        freeze=_freeze(top["freeze"]),
        severity=MappingProxyType({code: _severity(code, node) for code, node in top["severity"].entries()}),
        waivers=tuple(_waiver(node) for node in top["waivers"].each()),
    )


def _term(start: Node, end: Node) -> Window:
    term = Window(start.moment(), end.moment(is_end=True))
    if term.start is not None and term.end is not None and term.end < term.start:
        raise end.fault("lies before its beginning")
    return term


def _scope(node: Node) -> Scope:
    keys = node.keyed("tags", "exclude_tags", "exception_tags", "checklists")
    return Scope(*(keys[name].texts() for name in ("tags", "exclude_tags", "exception_tags", "checklists")))


def _person(person_id: str, node: Node) -> PolicyPerson:
    keys = node.keyed("name", "emails", "keys", "active_from", "active_until", "bot")
    return PolicyPerson(
        person_id,
        keys["name"].optional_text() or person_id,
        tuple(email.lower() for email in keys["emails"].texts()),
        tuple(_key(key) for key in keys["keys"].each()),
        _term(keys["active_from"], keys["active_until"]),
        keys["bot"].flag(default=False),
    )


def _apart(node: Node, people: tuple[PolicyPerson, ...]) -> None:
    """Refuse an address or a key that is two people's: nobody could tell whose act it was."""
    owner: dict[str, str] = {}
    for person in people:
        marks = {*person.emails, *(key.fingerprint for key in person.keys if key.fingerprint)}
        for mark in sorted(marks):
            if owner.setdefault(mark, person.id) != person.id:
                raise node.fault(f"give {mark} to both {owner[mark]} and {person.id}", "it can be only one person's")


def _key(node: Node) -> Key:
    keys = node.keyed("type", "fingerprint", "identity", "issuer", "valid_from", "valid_until", "revoked")
    kind = _KEY_TYPES.get(keys["type"].text())
    if kind is None:
        raise keys["type"].fault(f"is {keys['type'].value!r}", "one of ssh, openpgp, x509")
    fingerprint, identity = keys["fingerprint"].optional_text(), keys["identity"].optional_text()
    if kind == "x509" and identity is None and fingerprint is None:
        raise node.fault("names neither a fingerprint nor an identity")
    if kind != "x509" and fingerprint is None:
        raise keys["fingerprint"].fault("is missing")
    if kind == "ssh" and not str(fingerprint).startswith("SHA256:"):
        raise keys["fingerprint"].fault("must begin with SHA256:", "print it with `ssh-keygen -l -f KEY.pub`")
    if kind == "openpgp":
        fingerprint = "".join(str(fingerprint).split()).upper().removeprefix("0X")
    return Key(
        kind,
        fingerprint,
        identity,
        keys["issuer"].optional_text(),
        _term(keys["valid_from"], keys["valid_until"]),
        _revoked(keys["revoked"]),
    )


def _revoked(node: Node) -> int | None:
    """`true` revokes a key for all time, a date from then on."""
    if isinstance(node.value, bool):
        return 0 if node.value else None
    return node.moment()


def _role(role_id: str, node: Node, people: tuple[PolicyPerson, ...]) -> Role:
    keys = node.keyed("title", "members")
    members = tuple(_member(member, people) for member in keys["members"].each())
    return Role(role_id, keys["title"].optional_text() or role_id.replace("-", " "), members)


def _member(node: Node, people: tuple[PolicyPerson, ...]) -> Member:
    keys = node.keyed("person", "from", "until", "deputy")
    person = _known(keys["person"], [person.id for person in people], "person")
    return Member(person, _term(keys["from"], keys["until"]), keys["deputy"].flag(default=False))


def _known(node: Node, ids: Iterable[str], kind: str) -> str:
    written, known = node.text(), list(ids)
    if written not in known:
        near = get_close_matches(written, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known) or 'none'}"
        raise node.fault(f"names {written!r}, and there is no such {kind}", hint)
    return written


def _once(node: Node, ids: list[str]) -> None:
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        raise node.fault(f"have the id {twice!r} twice")


def _requirement(node: Node, roles: tuple[Role, ...]) -> Requirement:
    keys = node.keyed(
        "id",
        "match",
        "meaning",
        "role",
        "quorum",
        "when",
        "min_lead",
        "max_age",
        "signed",
        "attribution",
        "evidence",
        "applies_if",
        "controls",
    )
    return Requirement(
        id=keys["id"].text(),
        match=_match(keys["match"]),
        meaning=None if keys["meaning"].is_missing else keys["meaning"].word(Meaning, Meaning.APPROVAL),
        role=None if keys["role"].is_missing else _known(keys["role"], [role.id for role in roles], "role"),
        quorum=None if keys["quorum"].is_missing else keys["quorum"].count(),
        when=keys["when"].word(When, When.BEFORE_TAG),
        min_lead=keys["min_lead"].duration(),
        max_age=keys["max_age"].duration(),
        signed=keys["signed"].word(Signed, Signed.NO),
        attribution=keys["attribution"].word(Attribution, Attribution.AUTHOR),
        evidence=keys["evidence"].texts(),
        changed_paths=keys["applies_if"].keyed("changed_paths")["changed_paths"].texts(),
        controls=keys["controls"].texts(),
    )


def _match(node: Node) -> Match:
    keys = node.keyed("text", "regex", "id", "section", "path")
    match = Match(*(keys[name].optional_text() for name in ("text", "regex", "id", "section", "path")))
    if match == Match():
        raise node.fault("says nothing to look for", "give text, regex, id, section or path")
    if match.regex is not None:
        try:
            re.compile(match.regex)
        except re.error as error:
            raise keys["regex"].fault(f"is no regular expression: {error}") from None
    return match


def _separation(node: Node, requirements: tuple[Requirement, ...]) -> Separation:
    keys = node.keyed("id", "rule", "requirements", "limit")
    if keys["rule"].is_missing:
        raise keys["rule"].fault("is missing", f"one of {', '.join(Rule)}")
    ids = [requirement.id for requirement in requirements]
    return Separation(
        id=keys["id"].text(),
        rule=keys["rule"].word(Rule, Rule.DISTINCT_PEOPLE),
        requirements=tuple(_known(one, ids, "requirement") for one in keys["requirements"].each()) or tuple(ids),
        limit=1 if keys["limit"].is_missing else keys["limit"].count(),
    )


def _signatures(node: Node) -> SignaturePolicy:
    keys = node.keyed("allowed_signers", "revocation_file", "platform_keys", "max_clock_skew")
    platform = keys["platform_keys"]
    skew = keys["max_clock_skew"].duration()
    return SignaturePolicy(
        keys["allowed_signers"].optional_text(),
        keys["revocation_file"].optional_text(),
        HOSTING_KEYS if platform.is_missing else platform.texts(),
        DEFAULT_SKEW if skew is None else skew,
    )


def _freeze(node: Node) -> Freeze:
    keys = node.keyed("after_tag", "grace")
    return Freeze(keys["after_tag"].flag(default=True), keys["grace"].duration() or 0)


def _severity(code: str, node: Node) -> Severity:
    if not _CODE.fullmatch(code):
        raise node.fault("is no code of a finding", "write a code like SO216")
    return node.word(Severity, Severity.WARNING)


def _waiver(node: Node) -> Waiver:
    keys = node.keyed("code", "release", "subject", "reason", "approved_by", "expires")
    code = keys["code"].text()
    if not _CODE.fullmatch(code):
        raise keys["code"].fault(f"is {code!r}, which is no code of a finding", "write a code like SO216")
    return Waiver(
        code,
        keys["release"].texts(),
        keys["subject"].optional_text(),
        keys["reason"].text(),
        keys["approved_by"].text(),
        keys["expires"].moment(is_end=True),
    )
