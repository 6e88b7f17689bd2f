"""A release as it should be, told step by step, so that a story of a threat changes one step and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from checktrail.audit.auditing import ReleaseAudit
from checktrail.audit.evidence import Ledger
from checktrail.audit.reading import read_policy
from checktrail.config import read_settings
from checktrail.git import Repository
from checktrail.inquiry import Inquiry, inquire
from checktrail.record import read_record
from checktrail.store import Store
from story import Story, email

SIGNERS = ("Ada", "Ben", "Cleo", "Dana")
HAS_SSH_KEYGEN = shutil.which("ssh-keygen") is not None

CHECKLIST = """\
# Release checklist {version}

## Preparation
- [ ] Tests pass
- [ ] Change log is written

## Sign-off

- [ ] QA lead sign-off obtained
- [ ] Security lead sign-off obtained
- [ ] Release manager sign-off obtained

## Release
- [ ] Packages are published

## Follow-up
- [ ] Users are told
"""
POLICY = """\
version: 1
people:
  ada: {name: Ada, emails: [ada@example.org]}
  ben: {name: Ben, emails: [ben@example.org]}
  cleo: {name: Cleo, emails: [cleo@example.org]}
  dana: {name: Dana, emails: [dana@example.org]}
  eli: {name: Eli, emails: [eli@example.org], active_until: 2023-12-31}
roles:
  qa-lead: {title: QA lead, members: [{person: ben}, {person: ada, until: 2023-12-31}, {person: eli}]}
  security-lead: {title: Security lead, members: [{person: cleo}]}
  release-manager: {title: Release manager, members: [{person: dana}]}
requirements:
  - {id: qa, match: {text: QA lead sign-off}, role: qa-lead}
  - {id: security, match: {text: Security lead sign-off}, role: security-lead}
  - {id: release, match: {text: Release manager sign-off}, role: release-manager}
signatures:
  allowed_signers: keys/allowed
"""
ROLES = {"QA lead": "Ben", "Security lead": "Cleo", "Release manager": "Dana"}


class AuditStory(Story):
    """A repository in which everybody signs with a key of their own."""

    def __init__(self, folder: Path, *, policy: str | None = POLICY) -> None:
        super().__init__(folder)
        self.keys = folder / "keys"
        self.keys.mkdir()
        for name in SIGNERS:
            self.make_key(name)
        self.git("config", "gpg.format", "ssh")
        self.write("src/app.py", "one\n").write("keys/allowed", self.allowed())
        if policy is not None:
            self.write("checktrail-policy.yml", policy)
        self.signed("Start", by="Ada", on="2024-01-02")

    @classmethod
    def copied(cls, folder: Path, target: Path) -> AuditStory:
        """A story as it was told so far, to be told on elsewhere; its clock stands at 2024-02-20."""
        shutil.copytree(folder, target)
        copy = cls.__new__(cls)
        copy.root, copy.keys = target / "repository", target / "keys"
        copy.at("2024-02-20")
        return copy

    def make_key(self, name: str) -> None:
        """A new key for somebody."""
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", email(name), "-f", str(self.keys / name)]
        subprocess.run(command, check=True, env={"PATH": os.environ["PATH"]})

    def public(self, name: str) -> str:
        """Somebody's public key without its comment."""
        return " ".join((self.keys / f"{name}.pub").read_text().split()[:2])

    def allowed(self, *options: tuple[str, str]) -> str:
        """The allowed signers, with options before some people's keys."""
        given = dict(options)
        lines = (f"{email(name)} {given.get(name, '')} {self.public(name)}" for name in SIGNERS)
        return "".join(f"{' '.join(line.split())}\n" for line in lines)

    def fingerprint(self, name: str) -> str:
        """The fingerprint of somebody's key."""
        command = ["ssh-keygen", "-l", "-f", str(self.keys / f"{name}.pub")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]

    def signed(self, message: str, *, by: str, on: str | None = None, key: str | None = None) -> str:
        """A commit signed by its author's key, or by another's."""
        self.at(on)
        options = ("--quiet", "--allow-empty", "--no-verify", f"--message={message}")
        self.git("-c", f"user.signingkey={self.keys / (key or by)}", "commit", "--gpg-sign", *options, by=by)
        return self.git("rev-parse", "HEAD")

    def signed_tag(self, name: str, *, by: str = "Dana", on: str | None = None, at: str = "HEAD") -> str:
        """An annotated tag signed by its tagger."""
        self.at(on)
        key = f"user.signingkey={self.keys / by}"
        self.git("-c", key, "tag", "--sign", f"--message={name}", "--end-of-options", name, at, by=by)
        return self.git("rev-parse", f"refs/tags/{name}")

    # --- the steps of a release --------------------------------------------------------------------------------------

    def path(self, version: str) -> str:
        """Where a release's checklist is."""
        return f"checklists/v{version}.md"

    def draft(self, version: str, on: str, text: str = CHECKLIST) -> None:
        """The checklist of a release, with the code it is for."""
        self.write("src/app.py", f"{version}\n").write(self.path(version), text.format(version=version))
        self.signed(f"Prepare {version}", by="Ada", on=on)

    def prepare(self, version: str, on: str | None = None) -> None:
        """What is due before the sign-offs."""
        self.tick(self.path(version), "Tests pass", "Change log is written")
        self.signed("Ready for sign-off", by="Ada", on=on)

    def sign_off(self, version: str, *roles: str, on: str | None = None) -> None:
        """Sign-offs, each by who holds the role."""
        for role in roles or ROLES:
            self.tick(self.path(version), f"{role} sign-off")
            self.signed(f"{role} signs {version} off", by=ROLES[role], on=on)
            on = None

    def finish(self, version: str, on: str | None = None) -> None:
        """What is due after the tag."""
        self.tick(self.path(version), "Packages are published", "Users are told")
        self.signed(f"After {version}", by="Ada", on=on)

    def whole(self, version: str, on: str) -> None:
        """A release as it should be."""
        self.draft(version, on)
        self.prepare(version)
        self.sign_off(version)
        self.signed_tag(f"v{version}")
        self.finish(version)

    # --- the audit of it ---------------------------------------------------------------------------------------------

    def inquiry(self, *, policy: str | None = None, ledger: Ledger | None = None) -> Inquiry:
        """The audit of all its releases."""
        repository = Repository.open(self.root)
        settings = read_settings(repository.worktree)
        override = read_policy(policy, "given.yml") if policy is not None else None
        record = read_record(repository, settings, Store(None, "a test keeps nothing"))
        return inquire(repository, record, override=override, ledger=ledger)


def release_of(found: Inquiry, tag: str) -> ReleaseAudit:
    """One release's audit."""
    return next(one for one in found.audit.releases if one.release.tag == tag)


def codes(found: Inquiry, tag: str) -> list[str]:
    """The codes found about a release and about the repository, each once."""
    judged = (*release_of(found, tag).findings, *found.audit.findings)
    return sorted({one.finding.code for one in judged})
