"""Gaps in the evidence are named, and never end in a pass."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from audit_story import HAS_SSH_KEYGEN, POLICY, AuditStory, codes, release_of
from checktrail.audit.verdict import Verdict
from checktrail.cli import run
from checktrail.config import read_settings
from checktrail.errors import ConfigError, ShallowCloneError
from checktrail.git import Repository
from checktrail.git.form import malformed
from checktrail.inquiry import Inquiry, inquire
from checktrail.record import read_record
from checktrail.store import Store
from story import Story

pytestmark = pytest.mark.skipif(not HAS_SSH_KEYGEN, reason="ssh-keygen is not installed, and the stories sign")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> AuditStory:
    """A clean release, which the tests clone and do not change."""
    story = AuditStory(tmp_path_factory.mktemp("released"))
    story.whole("1.0.0", "2024-02-01")
    return story


def cloned(story: Story, folder: Path, *options: str) -> Path:
    target = folder / "clone"
    command = ["git", "clone", "--quiet", *options, f"file://{story.root}", str(target)]
    subprocess.run(command, check=True, capture_output=True)
    return target


def audited(folder: Path) -> Inquiry:
    repository = Repository.open(folder)
    settings = read_settings(repository.worktree)
    record = read_record(repository, settings, Store(None, "a test keeps nothing"), allow_shallow=True)
    return inquire(repository, record)


def general(found: Inquiry) -> list[str]:
    return [one.finding.code for one in found.audit.findings]


def test_a_shallow_clone(released: AuditStory, tmp_path: Path) -> None:
    clone = cloned(released, tmp_path, "--depth=3")
    with pytest.raises(ShallowCloneError):
        Repository.open(clone).refuse_shallow()
    assert run(["-C", str(clone), "audit"]) == 2
    subprocess.run(["git", "-C", str(clone), "fetch", "--quiet", "--tags", "--depth=3"], check=True)
    assert run(["-C", str(clone), "audit", "--allow-shallow"]) == 3
    found = audited(clone)
    assert general(found) == ["EV001"]
    assert [one.verdict for one in found.audit.releases] == [Verdict.INDETERMINATE]


def test_a_partial_clone(released: AuditStory, tmp_path: Path) -> None:
    released.git("config", "uploadpack.allowFilter", "true")
    clone = cloned(released, tmp_path, "--filter=blob:none")
    found = audited(clone)
    assert "EV002" in general(found)
    assert [one.verdict for one in found.audit.releases] == [Verdict.INDETERMINATE]
    assert run(["-C", str(clone), "audit"]) == 3


def test_replaced_history(released: AuditStory, tmp_path: Path) -> None:
    clone = cloned(released, tmp_path)
    git = ["git", "-C", str(clone), "-c", "user.name=E", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "replace", "HEAD~1", "HEAD~2"], check=True)
    found = audited(clone)
    assert general(found) == ["EV003"]
    assert release_of(found, "v1.0.0").verdict is Verdict.INDETERMINATE
    assert codes(found, "v1.0.0") == ["EV003"]


def test_tags_that_were_not_fetched(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("CHANGELOG.md", "# Changes\n\n## [1.2.0] - 2024-01-01\n\n- First\n")
    story.commit("Start")
    found = audited(story.root)
    assert general(found) == ["EV004"]
    assert found.audit.releases == ()
    assert run(["-C", str(story.root), "audit"]) == 3


def test_a_trust_file_that_is_not_there(tmp_path: Path) -> None:
    story = AuditStory(tmp_path, policy=POLICY.replace("keys/allowed", "keys/missing"))
    story.whole("1.0.0", "2024-02-01")
    found = story.inquiry()
    assert codes(found, "v1.0.0") == ["EV006", "ID302"]
    assert release_of(found, "v1.0.0").verdict is Verdict.INDETERMINATE


def test_a_trust_file_with_a_broken_line(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    story.write("keys/allowed", "who knows\n" + story.allowed())
    story.whole("1.0.0", "2024-02-01")
    assert codes(story.inquiry(), "v1.0.0") == ["EV006"]


def test_a_policy_that_was_broken_at_the_tag(tmp_path: Path) -> None:
    story = AuditStory(tmp_path, policy="version: 1\nrequirement: []\n")
    story.whole("1.0.0", "2024-02-01")
    with pytest.raises(ConfigError, match="requirement"):
        story.inquiry()
    story.write("checktrail-policy.yml", POLICY)
    story.signed("Mend the policy", by="Ada")
    found = story.inquiry()
    assert "EV006" in codes(found, "v1.0.0")
    assert release_of(found, "v1.0.0").verdict is Verdict.INDETERMINATE


def last_sign_off(story: AuditStory, *, by: str) -> str:
    """The raw commit, unsigned, by which the last of a release's sign-offs is ticked; the others are signed."""
    story.draft("1.0.0", "2024-02-01")
    story.prepare("1.0.0")
    story.sign_off("1.0.0", "QA lead", "Security lead")
    story.tick(story.path("1.0.0"), "Release manager")
    story.commit("Release manager", by=by)
    return story.git("cat-file", "commit", "HEAD")


def test_a_signature_that_nobody_here_can_check(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    raw = last_sign_off(story, by="Dana")
    head, _, message = raw.partition("\n\n")
    x509 = "gpgsig -----BEGIN SIGNED MESSAGE-----\n MIIB\n -----END SIGNED MESSAGE-----"
    forged = story.git("hash-object", "-t", "commit", "-w", "--stdin", feed=f"{head}\n{x509}\n\n{message}\n".encode())
    story.git("reset", "--quiet", forged)
    story.signed_tag("v1.0.0")
    story.finish("1.0.0")
    found = story.inquiry()
    assert codes(found, "v1.0.0") == ["EV006"]
    assert release_of(found, "v1.0.0").verdict is Verdict.INDETERMINATE
    assert release_of(found, "v1.0.0").signoffs[2].assurance == 1


def test_a_commit_that_names_two_authors(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    raw = last_sign_off(story, by="Ada")
    author = next(line for line in raw.split("\n") if line.startswith("author "))
    forged = raw.replace(author, f"{author.replace('Ada', 'Dana').replace('ada@', 'dana@')}\n{author}")
    store = ("hash-object", "-t", "commit", "-w", "--stdin", "--literally")
    commit = story.git(*store, feed=f"{forged}\n".encode())
    story.git("reset", "--quiet", commit)
    story.signed_tag("v1.0.0")
    story.finish("1.0.0")
    found = release_of(story.inquiry(), "v1.0.0")
    told = [one.finding.message for one in found.findings if one.finding.code == "EV005"]
    assert told == [f"the object {commit} is malformed: it has 2 author lines"]
    assert found.verdict is Verdict.INDETERMINATE
    assert found.signoffs[2].assurance == 1


WHO = "Ada <ada@example.org> 1700000000 +0000"
FORM = f"tree {'a' * 40}\nparent {'b' * 40}\nauthor {WHO}\ncommitter {WHO}\n\nMessage\n"
TAG = f"object {'a' * 40}\ntype commit\ntag v1.0.0\ntagger {WHO}\n\nMessage\n"


@pytest.mark.parametrize(
    ("kind", "old", "new", "fault"),
    [
        ("commit", "", "", ""),
        ("commit", "+0000\n\n", "+0000\nencoding latin1\ngpgsig one\n author\n author\n\n", ""),
        ("commit", "+0000\n\n", f"+0000\nauthor {WHO}\n\n", "it has 2 author lines"),
        ("commit", f"tree {'a' * 40}\n", f"tree {'a' * 40}\ntree {'c' * 40}\n", "it has 2 tree lines"),
        ("commit", f"committer {WHO}\n", "", "it has no committer line"),
        ("commit", "Message", "Mess\0age", "it holds a NUL, at which git stops reading"),
        ("commit", "0000\n", "0000\r\n", "its headers end in carriage returns"),
        ("commit", "1700000000 ", "9" * 20 + " ", "its author line has no name, address and time that git can read"),
        ("commit", "+0000", "somewhere", "its author line has no name, address and time that git can read"),
        ("tag", "", "", ""),
        ("tag", f"tagger {WHO}\n", "", ""),
        ("tag", "tag v1.0.0\n", "tag v1.0.0\ntag v2.0.0\n", "it has 2 tag lines"),
    ],
)
def test_the_one_form_of_an_object(kind: str, old: str, new: str, fault: str) -> None:
    text = FORM if kind == "commit" else TAG
    assert malformed(kind, (text.replace(old, new) if old else text).encode()) == fault


def test_a_missing_object(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    story.whole("1.0.0", "2024-02-01")
    blob = story.git("rev-parse", "HEAD~2:checklists/v1.0.0.md")
    (story.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = story.inquiry()
    assert "EV005" in codes(found, "v1.0.0")
    assert release_of(found, "v1.0.0").verdict is Verdict.INDETERMINATE


# --- objects that are lost, or are not what their names say ----------------------------------------------------------


def loose(story: Story, identity: str) -> Path:
    """Where git keeps an object that is in no pack."""
    return story.root / ".git" / "objects" / identity[:2] / identity[2:]


def falsify(story: Story, identity: str, old: bytes, new: bytes) -> None:
    """Put other content behind an object's name, which git does not notice."""
    path = loose(story, identity)
    kind, _, content = zlib.decompress(path.read_bytes()).partition(b"\0")
    assert old in content
    changed = content.replace(old, new)
    path.unlink()
    path.write_bytes(zlib.compress(kind.split()[0] + f" {len(changed)}\0".encode() + changed))


def policy_lost(story: AuditStory) -> str:
    blob = story.git("rev-parse", "v1.0.0:checktrail-policy.yml")
    loose(story, blob).unlink()
    return blob


def policy_falsified(story: AuditStory) -> str:
    blob = story.git("rev-parse", "v1.0.0:checktrail-policy.yml")
    falsify(story, blob, b"requirements:", b"#equirements:")
    return blob


def tick_falsified(story: AuditStory) -> str:
    """The commit that ticked for security is Ada's now, as git tells it."""
    commit = story.git("rev-list", "-1", "--grep=Security lead signs", "v1.0.0")
    falsify(story, commit, b"author Cleo <cleo@", b"author Ada  <ada2@")
    return commit


def tag_falsified(story: AuditStory) -> str:
    tag = story.git("rev-parse", "refs/tags/v1.0.0")
    falsify(story, tag, b"tagger Dana", b"tagger Cleo")
    return tag


@pytest.mark.parametrize("spoil", [policy_lost, policy_falsified, tick_falsified, tag_falsified])
def test_an_object_that_cannot_be_relied_on_is_named(
    spoil: Callable[[AuditStory], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = AuditStory(tmp_path)
    story.whole("1.0.0", "2024-02-01")
    story.write("checktrail-policy.yml", f"{POLICY}freeze: {{after_tag: false}}\n")
    story.signed("HEAD has a policy of its own", by="Ada")
    identity = spoil(story)
    found = story.inquiry()
    told = [one.finding for one in release_of(found, "v1.0.0").findings if one.finding.code == "EV005"]
    assert [one.evidence for one in told] == [(identity,)]
    assert identity in told[0].message
    assert release_of(found, "v1.0.0").verdict is Verdict.INDETERMINATE
    assert run(["-C", str(story.root), "audit"]) == 3
    assert identity in capsys.readouterr().out


@pytest.mark.parametrize("revision", ["refs/tags/v1.0.0", "v1.0.0^{commit}~2"])
def test_a_lost_tag_or_commit_stops_the_run_by_its_name(
    revision: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    story = AuditStory(tmp_path)
    story.whole("1.0.0", "2024-02-01")
    identity = story.git("rev-parse", revision)
    loose(story, identity).unlink()
    assert run(["-C", str(story.root), "audit"]) == 2
    assert identity in capsys.readouterr().err


def test_without_a_policy_there_are_facts_and_no_verdict(tmp_path: Path) -> None:
    story = AuditStory(tmp_path, policy=None)
    story.whole("1.0.0", "2024-02-01")
    found = story.inquiry()
    one = release_of(found, "v1.0.0")
    assert one.verdict is Verdict.NO_POLICY
    assert codes(found, "v1.0.0") == ["ID302"]
    assert [(record.role, record.name, record.assurance) for record in one.signoffs] == [
        ("QA lead", "Ben", 2),
        ("Security lead", "Cleo", 2),
        ("Release manager", "Dana", 2),
    ]
    assert run(["-C", str(story.root), "audit"]) == 0
