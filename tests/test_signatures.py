"""SSH signatures checked in process, compared with what `ssh-keygen` and `git verify-commit` say of the same bytes."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import amount
from checktrail.signatures.armor import signed_parts
from checktrail.signatures.check import verify
from checktrail.signatures.ssh import fault, read_signature
from checktrail.signatures.trust import Trust, read_allowed_signers, read_revoked_keys
from checktrail.signatures.verification import Armor, Outcome, Verification
from checktrail.signatures.wire import MalformedError, string

needs_ssh_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
KINDS = {
    "ed25519": ("-t", "ed25519"),
    "rsa": ("-t", "rsa", "-b", "2048"),
    "ecdsa256": ("-t", "ecdsa", "-b", "256"),
    "ecdsa384": ("-t", "ecdsa", "-b", "384"),
    "ecdsa521": ("-t", "ecdsa", "-b", "521"),
}
NO_TRUST = Trust()
COMMIT = (
    b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
    b"author Ana <ana@example.org> 1700000000 +0000\n"
    b"committer Ana <ana@example.org> 1700000000 +0000\n"
)


def ssh_keygen(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C"}
    return subprocess.run(
        ["ssh-keygen", *map(str, arguments)], input=stdin, capture_output=True, check=False, env=environment
    )


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name, options in KINDS.items():
        made = ssh_keygen("-q", *options, "-N", "", "-C", f"{name}@example.org", "-f", folder / name)
        assert made.returncode == 0, made.stderr
    return {name: folder / name for name in KINDS}


def sign(key: Path, payload: bytes, namespace: str = "git", digest: str = "sha512") -> bytes:
    made = ssh_keygen("-Y", "sign", "-n", namespace, "-O", f"hashalg={digest}", "-f", key, stdin=payload)
    assert made.returncode == 0, made.stderr
    return made.stdout


def signed_commit(head: bytes, message: bytes, signature: bytes) -> bytes:
    lines = signature.rstrip(b"\n").replace(b"\n", b"\n ")
    return head + b"gpgsig " + lines + b"\n\n" + message


def public(key: Path) -> str:
    kind, blob = key.with_name(key.name + ".pub").read_text().split()[:2]
    return f"{kind} {blob}"


def one(raw: bytes, trust: Trust = NO_TRUST, kind: str = "commit") -> Verification:
    (found,) = verify([("0" * 40, kind, raw)], trust)
    return found


class Token(NamedTuple):
    """A security key made of software: its public line and what it makes of a payload."""

    public_line: str
    armored: bytes


def mpint(number: int) -> bytes:
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def soft_token(kind: str, payload: bytes, *, flags: int = 1) -> Token:
    application = b"ssh:"
    signed = b"SSHSIG" + string(b"git") + string(b"") + string(b"sha256") + string(hashlib.sha256(payload).digest())
    tail = struct.pack(">BI", flags, 7)
    message = hashlib.sha256(application).digest() + tail + hashlib.sha256(signed).digest()
    if kind == "sk-ssh-ed25519@openssh.com":
        edwards = ed25519.Ed25519PrivateKey.generate()
        raw = edwards.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        blob = string(kind.encode()) + string(raw) + string(application)
        proof = edwards.sign(message)
    else:
        elliptic = ec.generate_private_key(ec.SECP256R1())
        point = elliptic.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        blob = string(kind.encode()) + string(b"nistp256") + string(point) + string(application)
        r, s = utils.decode_dss_signature(elliptic.sign(message, ec.ECDSA(hashes.SHA256())))
        proof = mpint(r) + mpint(s)
    wire = b"SSHSIG" + struct.pack(">I", 1) + string(blob) + string(b"git") + string(b"") + string(b"sha256")
    wire += string(string(kind.encode()) + string(proof) + tail)
    body = base64.encodebytes(wire)
    line = f"{kind} {base64.b64encode(blob).decode()}"
    return Token(line, b"-----BEGIN SSH SIGNATURE-----\n" + body + b"-----END SSH SIGNATURE-----\n")


# --- the grid --------------------------------------------------------------------------------------------------------

TAMPERED = ("untouched", "payload", "signature", "cut off", "other key", "trailing bytes")


def tamper(how: str, payload: bytes, armored: bytes, other: bytes) -> tuple[bytes, bytes]:
    lines = armored.splitlines(keepends=True)
    if how == "payload":
        return payload + b"!", armored
    if how == "other key":
        return payload, other
    wire = bytearray(base64.b64decode(b"".join(lines[1:-1])))
    if how == "signature":
        wire[-3] ^= 1
    elif how == "cut off":
        del wire[-4:]
    elif how == "trailing bytes":
        wire += b"more"
    return payload, lines[0] + base64.encodebytes(bytes(wire)) + lines[-1]


@needs_ssh_keygen
@pytest.mark.parametrize("digest", ["sha256", "sha512"])
@pytest.mark.parametrize("kind", KINDS)
def test_agrees_with_ssh_keygen_over_tampering(kind: str, digest: str, keys: dict[str, Path], tmp_path: Path) -> None:
    payload = b"a statement\nof two lines\n"
    armored = sign(keys[kind], payload, digest=digest)
    other = sign(keys["ed25519" if kind != "ed25519" else "rsa"], payload)
    allowed = tmp_path / "allowed"
    allowed.write_text(f"ana@example.org {public(keys[kind])}\n")
    trust = Trust(allowed=read_allowed_signers(allowed.read_text()))
    for how in TAMPERED:
        seen, signature = tamper(how, payload, armored, other)
        path = tmp_path / "signature"
        path.write_bytes(signature)
        judge = ssh_keygen("-Y", "verify", "-f", allowed, "-I", "ana@example.org", "-n", "git", "-s", path, stdin=seen)
        raw = signed_commit(COMMIT, b"", signature)
        ours = _verdict(seen, signature, trust)
        assert ours is (judge.returncode == 0), (kind, how, judge.stdout, judge.stderr)
        assert raw.startswith(b"tree")


def _verdict(payload: bytes, signature: bytes, trust: Trust) -> bool:
    try:
        found = read_signature(signature)
        holds = not fault(found, payload)
    except MalformedError:
        return False
    assert trust.allowed is not None
    return holds and bool(trust.allowed.vouchers(found.public_key, "git"))


@needs_ssh_keygen
@pytest.mark.parametrize("namespace", ["git", "file", "git-lookalike"])
def test_a_signature_for_another_purpose_does_not_hold(namespace: str, keys: dict[str, Path]) -> None:
    head = COMMIT
    found = one(signed_commit(head, b"m\n", sign(keys["ed25519"], head + b"\nm\n", namespace)))
    assert found.outcome is (Outcome.VALID if namespace == "git" else Outcome.BAD)


@needs_ssh_keygen
@pytest.mark.parametrize("kind", ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"])
@pytest.mark.parametrize("how", TAMPERED[:-3])
def test_agrees_with_ssh_keygen_on_security_keys(kind: str, how: str, tmp_path: Path) -> None:
    payload = b"by a token\n"
    token = soft_token(kind, payload)
    allowed, path = tmp_path / "allowed", tmp_path / "signature"
    allowed.write_text(f"ana@example.org {token.public_line}\n")
    seen, signature = tamper(how, payload, token.armored, b"")
    path.write_bytes(signature)
    judge = ssh_keygen("-Y", "verify", "-f", allowed, "-I", "ana@example.org", "-n", "git", "-s", path, stdin=seen)
    ours = _verdict(seen, signature, Trust(allowed=read_allowed_signers(allowed.read_text())))
    assert ours is (judge.returncode == 0) is (how == "untouched"), judge.stderr


WINDOWS = (
    "",
    'namespaces="git"',
    'namespaces="file"',
    'namespaces="file,git"',
    'namespaces="g*"',
    'namespaces="*,!git"',
    'namespaces=""',
    'namespaces="[g]it"',
    'namespaces="g?t,"',
    'valid-after="20240101Z"',
    'valid-before="20240101Z"',
    'valid-after="20240101Z",valid-before="20250101Z"',
    'valid-after="202406010000Z"',
    'valid-before="20240601000000Z"',
    'namespaces="git",valid-after="20240101"',
    "cert-authority",
    'VALID-AFTER="20240101Z"',
)


@needs_ssh_keygen
@pytest.mark.parametrize("options", WINDOWS)
def test_agrees_with_ssh_keygen_over_windows_and_namespaces(
    options: str, keys: dict[str, Path], tmp_path: Path
) -> None:
    payload = b"content\n"
    path, allowed = tmp_path / "signature", tmp_path / "allowed"
    path.write_bytes(sign(keys["ed25519"], payload))
    allowed.write_text(" ".join(part for part in ("ana@example.org", options, public(keys["ed25519"])) if part) + "\n")
    signers = read_allowed_signers(allowed.read_text())
    key = read_signature(path.read_bytes()).public_key
    for written, at in (
        ("20231231235959Z", 1704067199),
        ("20240101000000Z", 1704067200),
        ("20240101000001Z", 1704067201),
        ("20240601000000Z", 1717200000),
        ("20240601000001Z", 1717200001),
        ("20250601000000Z", 1748736000),
    ):
        judge = ssh_keygen(
            "-Y", "verify", "-f", allowed, "-I", "ana@example.org", "-n", "git",
            "-s", path, f"-Overify-time={written}", stdin=payload,
        )  # fmt: skip
        ours = [voucher for voucher in signers.vouchers(key, "git") if voucher.window.holds(at)]
        assert bool(ours) is (judge.returncode == 0), (options, written, judge.stderr)


@needs_ssh_keygen
@pytest.mark.parametrize("form", ["plain", "list", "fingerprint"])
@pytest.mark.parametrize("revoked", ["ed25519", "rsa"])
def test_agrees_with_ssh_keygen_on_revoked_keys(form: str, revoked: str, keys: dict[str, Path], tmp_path: Path) -> None:
    payload = b"content\n"
    path, allowed, file = tmp_path / "signature", tmp_path / "allowed", tmp_path / "revoked"
    path.write_bytes(sign(keys["ed25519"], payload))
    allowed.write_text(f"ana@example.org {public(keys['ed25519'])}\n")
    if form == "plain":
        file.write_text(f"# gone\n{public(keys[revoked])} a comment\n")
    else:
        source = keys[revoked].with_name(revoked + ".pub")
        if form == "fingerprint":
            printed = ssh_keygen("-l", "-f", source).stdout.decode().split()[1]
            source = tmp_path / "specification"
            source.write_text(f"hash: {printed}\n")
        assert ssh_keygen("-q", "-k", "-f", file, source).returncode == 0
    judge = ssh_keygen(
        "-Y", "verify", "-f", allowed, "-I", "ana@example.org", "-n", "git", "-s", path, "-r", file, stdin=payload
    )
    ours = read_revoked_keys(file.read_bytes())
    assert ours.faults == ()
    holds = ours.holds(read_signature(path.read_bytes()).public_key)
    assert holds is (judge.returncode != 0) is (revoked == "ed25519")


# --- beside git ------------------------------------------------------------------------------------------------------


class GitRepository:
    """A repository whose commits and tags are signed with SSH keys."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.allowed = folder / "allowed"
        folder.mkdir(parents=True)
        self.run("init", "-q", "-b", "main", *options)
        self.run("config", "gpg.format", "ssh")
        self.run("config", "gpg.ssh.allowedSignersFile", str(self.allowed))

    def run(self, *arguments: str, check: bool = True, at: int = 1717200000) -> str:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "TZ": "UTC", "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@example.org", "GIT_AUTHOR_DATE": f"{at} +0000",
            "GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "ana@example.org", "GIT_COMMITTER_DATE": f"{at} +0000",
        }  # fmt: skip
        run = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], capture_output=True, check=False, env=environment
        )
        assert not check or run.returncode == 0, run.stderr
        return run.stdout.decode("utf-8", "replace").strip()

    def object(self, revision: str) -> tuple[str, str, bytes]:
        found = self.run("rev-parse", revision)
        kind = self.run("cat-file", "-t", found)
        raw = subprocess.run(["git", "-C", str(self.folder), "cat-file", kind, found], capture_output=True, check=True)
        return found, kind, raw.stdout


@needs_ssh_keygen
@pytest.mark.parametrize("form", ["sha1", "sha256"])
@pytest.mark.parametrize("kind", KINDS)
def test_agrees_with_git_on_commits_and_tags(kind: str, form: str, keys: dict[str, Path], tmp_path: Path) -> None:
    story = GitRepository(tmp_path / "repository", f"--object-format={form}")
    story.run("config", "user.signingkey", str(keys[kind]))
    story.allowed.write_text(f"ana@example.org {public(keys[kind])}\n")
    story.run("commit", "-q", "-S", "--allow-empty", "-m", "Signed\n\nwith a body\n")
    story.run("tag", "-s", "-m", "Release one\n", "v1.0")
    story.run("commit", "-q", "--allow-empty", "-m", "Unsigned")
    trust = Trust(allowed=read_allowed_signers(story.allowed.read_text()))
    commit, tag, unsigned = verify([story.object(r) for r in ("HEAD~1", "v1.0", "HEAD")], trust)
    assert story.run("log", "-1", "--format=%G?", "HEAD~1") == "G"
    assert (commit.armor, commit.outcome) == (Armor.SSH, Outcome.VALID)
    assert [voucher.principals for voucher in commit.vouchers] == [("ana@example.org",)]
    assert (tag.armor, tag.outcome) == (Armor.SSH, Outcome.VALID)
    assert (unsigned.armor, unsigned.outcome) == (Armor.NONE, Outcome.UNSIGNED)
    assert commit.fingerprint == story.run("log", "-1", "--format=%GF", "HEAD~1")


@needs_ssh_keygen
def test_a_merge_of_a_signed_tag_is_not_signed_by_it(keys: dict[str, Path], tmp_path: Path) -> None:
    story = GitRepository(tmp_path / "repository")
    story.run("config", "user.signingkey", str(keys["ed25519"]))
    story.run("commit", "-q", "--allow-empty", "-m", "Base")
    story.run("switch", "-q", "-c", "side")
    story.run("commit", "-q", "--allow-empty", "-m", "Side")
    story.run("tag", "-s", "-m", "Pull me", "pull")
    story.run("switch", "-q", "main")
    story.run("commit", "-q", "--allow-empty", "-m", "Main")
    story.run("merge", "-q", "--no-ff", "-m", "Merge", "pull")
    found, kind, raw = story.object("HEAD")
    assert b"mergetag" in raw
    assert next(verify([(found, kind, raw)], NO_TRUST)).outcome is Outcome.UNSIGNED


@needs_ssh_keygen
def test_a_changed_message_or_tree_is_bad(keys: dict[str, Path]) -> None:
    good = signed_commit(COMMIT, b"Release\n", sign(keys["ed25519"], COMMIT + b"\nRelease\n"))
    assert one(good).outcome is Outcome.VALID
    assert one(good.replace(b"Release", b"Unlease")).outcome is Outcome.BAD
    assert one(good.replace(b"tree 4b", b"tree 5b")).outcome is Outcome.BAD
    assert one(good.replace(b"1700000000", b"1600000000")).outcome is Outcome.BAD


@needs_ssh_keygen
def test_two_signatures_are_never_one_good_one(keys: dict[str, Path]) -> None:
    signature = sign(keys["ed25519"], COMMIT + b"\nm\n").rstrip(b"\n").replace(b"\n", b"\n ")
    twice = COMMIT + b"gpgsig " + signature + b"\ngpgsig " + signature + b"\n\nm\n"
    assert one(twice).outcome is Outcome.BAD


def test_a_sha1_rsa_scheme_is_refused() -> None:
    blob = string(b"ssh-rsa") + string(b"\x01\x00\x01") + string(b"\0" + b"\xff" * 256)
    wire = b"SSHSIG" + struct.pack(">I", 1) + string(blob) + string(b"git") + string(b"") + string(b"sha512")
    wire += string(string(b"ssh-rsa") + string(b"\x01" * 256))
    armored = b"-----BEGIN SSH SIGNATURE-----\n" + base64.encodebytes(wire) + b"-----END SSH SIGNATURE-----\n"
    found = one(signed_commit(COMMIT, b"m\n", armored))
    assert found.outcome is Outcome.BAD
    assert "not safe" in found.reason


@pytest.mark.parametrize(
    ("first_line", "armor"),
    [
        (b"-----BEGIN SSH SIGNATURE-----", Armor.SSH),
        (b"-----BEGIN PGP SIGNATURE-----", Armor.OPENPGP),
        (b"-----BEGIN PGP MESSAGE-----", Armor.OPENPGP),
        (b"-----BEGIN SIGNED MESSAGE-----", Armor.X509),
        (b"-----BEGIN QUANTUM SIGNATURE-----", Armor.UNKNOWN),
        (b"nonsense", Armor.UNKNOWN),
    ],
)
def test_each_armor_is_told_by_its_first_line(first_line: bytes, armor: Armor) -> None:
    found = signed_parts("0" * 40, "commit", signed_commit(COMMIT, b"m\n", first_line + b"\nabc\n"))
    assert found.armor is armor
    assert found.payload == COMMIT + b"\nm\n"
    assert one(signed_commit(COMMIT, b"m\n", first_line + b"\nabc\n")).outcome is not Outcome.VALID


def test_a_signature_quoted_in_a_message_signs_nothing() -> None:
    quoted = COMMIT + b"\nSee:\n\n-----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n"
    assert one(quoted).outcome is Outcome.UNSIGNED


@given(st.binary(max_size=400))
@settings(max_examples=amount(200), deadline=None)
def test_no_bytes_make_it_fall_over(noise: bytes) -> None:
    for kind in ("commit", "tag"):
        armored = b"-----BEGIN SSH SIGNATURE-----\n" + base64.encodebytes(b"SSHSIG" + noise)
        for raw in (
            noise,
            signed_commit(COMMIT, b"", armored + b"-----END SSH SIGNATURE-----\n"),
            COMMIT + b"\n" + armored,
        ):
            assert one(raw, kind=kind).outcome is not Outcome.VALID


@pytest.fixture
def many_signed(keys: dict[str, Path], tmp_path: Path) -> GitRepository:
    story = GitRepository(tmp_path / "many")
    story.run("config", "user.signingkey", str(keys["ed25519"]))
    story.allowed.write_text(f"ana@example.org {public(keys['ed25519'])}\n")
    for number in range(20):
        story.run("commit", "-q", "-S", "--allow-empty", "-m", f"Commit {number}")
    return story


@needs_ssh_keygen
def test_many_at_once_are_as_git_has_them(many_signed: GitRepository) -> None:
    objects = [many_signed.object(f"HEAD~{number}") for number in range(20)]
    assert set(many_signed.run("log", "--format=%G?").split()) == {"G"}
    trust = Trust(allowed=read_allowed_signers(many_signed.allowed.read_text()))
    assert {found.outcome for found in verify(objects, trust)} == {Outcome.VALID}
