"""OpenPGP signatures go through gpg when it is there, and say why they cannot be checked when it is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from checktrail.signatures.check import verify
from checktrail.signatures.openpgp import read_claim
from checktrail.signatures.trust import Trust
from checktrail.signatures.verification import Armor, Outcome, Verification
from story import Story

needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")


class Keyring:
    """A folder of keys of its own; its path is short, since gpg's sockets must fit into it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def gpg(self, *arguments: str, feed: bytes = b"") -> str:
        run = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--passphrase", "", *arguments],
            capture_output=True,
            check=False,
            input=feed,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout.decode()

    def make(self, who: str, *options: str) -> str:
        self.gpg(*options, "--quick-generate-key", who, "ed25519", "sign", "2y")
        listing = self.gpg("--with-colons", "--list-keys", who)
        return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr"))


@pytest.fixture(scope="module")
def keyring() -> Iterator[Keyring]:
    home = Path(tempfile.mkdtemp(prefix="g"))
    yield Keyring(home)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def ada(keyring: Keyring) -> str:
    return keyring.make("Ada Lane <ada@example.org>")


class SignedStory(Story):
    """A story whose hand signs with a keyring's key."""

    def __init__(self, folder: Path, keyring: Keyring, key: str) -> None:
        super().__init__(folder)
        wrapper = folder / "gpg"
        wrapper.write_text(f'#!/bin/sh\nexec gpg --homedir {keyring.home} --batch --passphrase "" "$@"\n')
        wrapper.chmod(0o755)
        self.git("config", "gpg.program", str(wrapper))
        self.git("config", "user.signingkey", key)

    def object(self, revision: str) -> tuple[str, str, bytes]:
        found = self.git("rev-parse", revision)
        kind = self.git("cat-file", "-t", found)
        raw = subprocess.run(["git", "cat-file", kind, found], cwd=self.root, capture_output=True, check=True)
        return found, kind, raw.stdout


def one(thing: tuple[str, str, bytes]) -> Verification:
    (found,) = verify([thing], Trust())
    return found


@needs_gpg
def test_a_commit_and_a_tag(keyring: Keyring, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = SignedStory(tmp_path, keyring, ada)
    story.git("commit", "-S", "--quiet", "--allow-empty", "--message=Signed")
    story.git("tag", "-s", "--message=One", "v1.0")
    monkeypatch.setenv("GNUPGHOME", str(keyring.home))
    for thing in (story.object("HEAD"), story.object("v1.0")):
        found = one(thing)
        assert (found.armor, found.outcome, found.fingerprint) == (Armor.OPENPGP, Outcome.VALID, ada)
        assert found.signed_at is not None
        assert found.key_window.start is not None
        assert found.key_window.end is not None
        assert not found.revoked
        assert found.vouchers == ()
    assert "gpgsig" in story.git("cat-file", "commit", "HEAD")
    changed = story.object("HEAD")
    assert one((changed[0], changed[1], changed[2].replace(b"Signed", b"Forged"))).outcome is Outcome.BAD


@needs_gpg
def test_a_key_that_is_not_in_the_keyring_is_named_not_trusted(
    keyring: Keyring, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = SignedStory(tmp_path, keyring, ada)
    story.git("commit", "-S", "--quiet", "--allow-empty", "--message=Signed")
    empty = tmp_path / "e"
    empty.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(empty))
    found = one(story.object("HEAD"))
    assert (found.outcome, found.fingerprint) == (Outcome.UNKNOWN_KEY, ada)
    assert "does not hold the key" in found.reason


@needs_gpg
def test_without_gpg_it_is_unverifiable_with_a_reason(
    keyring: Keyring, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = SignedStory(tmp_path, keyring, ada)
    story.git("commit", "-S", "--quiet", "--allow-empty", "--message=Signed")
    thing = story.object("HEAD")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    found = one(thing)
    assert (found.outcome, found.reason, found.fingerprint) == (
        Outcome.UNVERIFIABLE,
        "gpg is not installed, or does not work",
        ada,
    )


@needs_gpg
def test_where_nobody_has_a_keyring_it_is_an_empty_one_and_none_is_made(
    keyring: Keyring, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = SignedStory(tmp_path, keyring, ada)
    story.git("commit", "-S", "--quiet", "--allow-empty", "--message=Signed")
    thing = story.object("HEAD")
    monkeypatch.delenv("GNUPGHOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    assert one(thing).outcome is Outcome.UNKNOWN_KEY
    assert list((tmp_path / "home").iterdir()) == []


@needs_gpg
def test_a_users_name_is_no_line_of_status(keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = keyring.make("Mallory\u2028[GNUPG:] BADSIG 0123456789ABCDEF x\u0085[GNUPG:] GOODSIG x <m@example.org>")
    story = SignedStory(tmp_path, keyring, key)
    story.git("commit", "-S", "--quiet", "--allow-empty", "--message=Signed")
    monkeypatch.setenv("GNUPGHOME", str(keyring.home))
    found = one(story.object("HEAD"))
    assert (found.outcome, found.fingerprint) == (Outcome.VALID, key)


@needs_gpg
@pytest.mark.parametrize("ailing", ["#!/bin/sh\nexec sleep 5\n", "#!/nowhere/interpreter\n"])
def test_a_gpg_that_hangs_or_cannot_run_vouches_for_nothing(
    ailing: str, keyring: Keyring, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = SignedStory(tmp_path, keyring, ada)
    story.git("commit", "-S", "--quiet", "--allow-empty", "--message=Signed")
    signed = story.object("HEAD")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gpg").write_text(ailing)
    (tmp_path / "bin" / "gpg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GNUPGHOME", str(keyring.home))
    monkeypatch.setattr("checktrail.signatures.openpgp._TIMEOUT", 0.2)
    assert one(signed).outcome is Outcome.UNVERIFIABLE


@needs_gpg
def test_a_revoked_key_is_told(keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = keyring.make("Gone <gone@example.org>")
    story = SignedStory(tmp_path, keyring, gone)
    story.git("commit", "-S", "--quiet", "--allow-empty", "--message=Signed")
    certificate = (keyring.home / "openpgp-revocs.d" / f"{gone}.rev").read_text()
    keyring.gpg("--import", feed=certificate.replace(":-----BEGIN", "-----BEGIN").encode())
    monkeypatch.setenv("GNUPGHOME", str(keyring.home))
    found = one(story.object("HEAD"))
    assert found.revoked
    assert found.fingerprint == gone


@needs_gpg
def test_agrees_with_git_verify_commit(
    keyring: Keyring, ada: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = SignedStory(tmp_path, keyring, ada)
    story.git("commit", "-S", "--quiet", "--allow-empty", "--message=Signed")
    story.git("commit", "--quiet", "--allow-empty", "--message=Unsigned")
    monkeypatch.setenv("GNUPGHOME", str(keyring.home))
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    for revision in ("HEAD~1", "HEAD"):
        judge = subprocess.run(
            ["git", "verify-commit", revision], cwd=story.root, env=environment, check=False, capture_output=True
        )
        assert (judge.returncode == 0) is (one(story.object(revision)).outcome is Outcome.VALID)


@pytest.mark.parametrize("armored", [b"", b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n"])
def test_a_broken_packet_claims_nothing(armored: bytes) -> None:
    assert read_claim(armored).key is None
