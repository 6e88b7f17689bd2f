"""Assurance 4: a platform's signature tells when a tick was there, and nothing that is in doubt does."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit_story import HAS_SSH_KEYGEN, POLICY, AuditStory, codes, release_of
from checktrail.audit.verdict import Verdict

pytestmark = pytest.mark.skipif(
    not HAS_SSH_KEYGEN or shutil.which("gpg") is None, reason="ssh-keygen and gpg are needed, since the stories sign"
)

NEXT = "1.1.0"
TAG = "v1.1.0"
PATH = "checklists/v1.1.0.md"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A keyring with the platform's key; its path is short, since gpg's sockets must fit into it."""
    folder = Path(tempfile.mkdtemp(prefix="g"))
    gpg(folder, "--faked-system-time", "20240101T000000", "--quick-generate-key", "GitHub <noreply@github.com>",
        "ed25519", "sign")  # fmt: skip
    yield folder
    subprocess.run(["gpgconf", "--homedir", str(folder), "--kill", "all"], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def gpg(folder: Path, *arguments: str) -> str:
    command = ["gpg", "--homedir", str(folder), "--batch", "--quiet", "--passphrase", "", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def key(home: Path) -> str:
    """The platform key's fingerprint."""
    return next(
        line.split(":")[9] for line in gpg(home, "--with-colons", "--list-keys").splitlines() if line[:3] == "fpr"
    )


@pytest.fixture(scope="module")
def first_release(tmp_path_factory: pytest.TempPathFactory, home: Path, key: str) -> Path:
    """One clean release; its policy knows the platform's key. All of the next one is signed off but the tag."""
    folder = tmp_path_factory.mktemp("first")
    story = AuditStory(folder, policy=f"{POLICY}  platform_keys: [{key}]\n")
    story.whole("1.0.0", "2024-02-01")
    wrapper = folder / "keys" / "gpg"
    wrapper.write_text(
        f'#!/bin/sh\nexec gpg --homedir {home} --batch --passphrase "" --faked-system-time "$SIGNED_AT" "$@"\n'
    )
    wrapper.chmod(0o755)
    return folder


@pytest.fixture
def story(first_release: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> AuditStory:
    monkeypatch.setenv("GNUPGHOME", str(home))
    story = AuditStory.copied(first_release, tmp_path / "copy")
    story.draft(NEXT, "2024-03-01")
    story.prepare(NEXT)
    story.sign_off(NEXT, "QA lead", "Security lead")
    return story


def manager(story: AuditStory, on: str = "2024-03-01T18:00") -> None:
    """The release manager's tick, by default at six in the evening."""
    story.sign_off(NEXT, "Release manager", on=on)


def platform(story: AuditStory, key: str, *, on: str, signed: str, committer: str = "GitHub") -> None:
    """A commit that the platform makes and signs, each at a time of its own."""
    story.at(on)
    wrapper = story.keys / "gpg"
    body = wrapper.read_text().replace("$SIGNED_AT", signed)
    wrapper.write_text(body)
    options = ("-c", "gpg.format=openpgp", "-c", f"gpg.openpgp.program={wrapper}", "-c", f"user.signingkey={key}")
    story.git(*options, "commit", "-S", "--quiet", "--allow-empty", "--message=Merge", by="Ada", committer=committer)


def out(story: AuditStory, on: str = "2024-03-02") -> None:
    story.signed_tag(TAG, on=on)
    story.finish(NEXT)


def assurances(story: AuditStory, policy: str | None = None) -> list[int]:
    return [one.assurance for one in release_of(story.inquiry(policy=policy), TAG).signoffs]


def test_a_platforms_signature_right_after_a_tick_tells_when(story: AuditStory, key: str) -> None:
    manager(story)
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203")
    out(story)
    found = story.inquiry()
    assert (codes(found, TAG), release_of(found, TAG).verdict) == ([], Verdict.PASS)
    signoffs = release_of(found, TAG).signoffs
    assert [one.assurance for one in signoffs] == [3, 3, 4]  # the other two were ticked hours before
    assert [one.stamp is not None for one in signoffs] == [False, False, True]
    assert signoffs[2].stamp == (story.git("rev-parse", f"{TAG}^{{commit}}"), 1709316123)


# --- attempts to be stamped, and doubts ------------------------------------------------------------------------------


def dated_back(story: AuditStory, key: str) -> None:
    """The tick claims to be of the day before."""
    manager(story, "2024-03-01T17:50")
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203")
    out(story)


def signed_later_than_it_says(story: AuditStory, key: str) -> None:
    manager(story)
    platform(story, key, on="2024-03-01T18:02", signed="20240301T193000")
    out(story)


def not_on_top_of_the_tick(story: AuditStory, key: str) -> None:
    story.branch("side")
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203")
    story.checkout("main")
    manager(story)
    story.merge("side", by="Ada")
    out(story)


def tagged_before_it(story: AuditStory, key: str) -> None:
    manager(story)
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203")
    out(story, "2024-03-01T18:01")


def lightweight(story: AuditStory, key: str) -> None:
    manager(story)
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203")
    story.tag(TAG)
    story.finish(NEXT)


def committed_by_a_person(story: AuditStory, key: str) -> None:
    """As in a hosted editor: the platform signs what somebody's own machine dates."""
    manager(story)
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203", committer="Dana")
    out(story)


def tampered(story: AuditStory, key: str) -> None:
    manager(story)
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203")
    raw = story.git("cat-file", "commit", "HEAD").replace("\n\nMerge", "\n\nAnother merge")
    forged = story.git("hash-object", "-t", "commit", "-w", "--stdin", feed=f"{raw}\n".encode())
    story.git("reset", "--quiet", forged)
    out(story)


def signed_by_an_ssh_key(story: AuditStory, key: str) -> None:
    """It holds no time, and the date beside it is whatever the client said."""
    del key
    manager(story)
    story.make_key("GitHub")
    story.signed("Merge", by="GitHub", on="2024-03-01T18:02")
    out(story)


def appointed_in_this_release(story: AuditStory, key: str) -> None:
    """The base's policy knows another platform's key alone."""
    policy = story.root / "checktrail-policy.yml"
    text = policy.read_text()
    story.write("checktrail-policy.yml", text.replace(key, "A" * 40))
    story.signed("Another platform", by="Ada")
    story.signed_tag("v1.0.1")
    story.write("checktrail-policy.yml", text)
    story.signed("And back", by="Ada")
    manager(story)
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203")
    out(story)


DOUBTS: tuple[Callable[[AuditStory, str], None], ...] = (
    dated_back,
    signed_later_than_it_says,
    not_on_top_of_the_tick,
    tagged_before_it,
    lightweight,
    committed_by_a_person,
    tampered,
    signed_by_an_ssh_key,
    appointed_in_this_release,
)


@pytest.mark.parametrize("tell", DOUBTS, ids=[one.__name__ for one in DOUBTS])
def test_a_doubt_leaves_it_at_three(tell: Callable[[AuditStory, str], None], story: AuditStory, key: str) -> None:
    tell(story, key)
    text = (story.root / "checktrail-policy.yml").read_text()
    also = f", '{story.fingerprint('GitHub')}'" if tell is signed_by_an_ssh_key else ""
    assert assurances(story, text.replace(key, f"'{key}'{also}") if also else None) == [3, 3, 3]


def test_whose_key_it_is_must_be_plain(
    story: AuditStory, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager(story)
    platform(story, key, on="2024-03-01T18:02", signed="20240301T180203")
    out(story)
    text = (story.root / "checktrail-policy.yml").read_text()
    owned = f"emails: [ada@example.org], keys: [{{type: openpgp, fingerprint: '{key}'}}]"
    assert assurances(story, text.replace("emails: [ada@example.org]", owned)) == [3, 3, 3]
    assert assurances(story, text.replace(key, "B" * 40)) == [3, 3, 3]
    assert assurances(story, f"{text}  max_clock_skew: 1m\n") == [3, 3, 3]
    assert assurances(story, f"{text}  max_clock_skew: 5h\n") == [4, 4, 4]
    monkeypatch.setenv("GNUPGHOME", str(tmp_path))  # an empty keyring: the signature's own word is none
    tmp_path.chmod(0o700)
    assert assurances(story) == [3, 3, 3]
