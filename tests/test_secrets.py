"""What a run knows and nobody should read: passwords in addresses, tokens in the environment."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from said import said
from story import Story

SECRET = "gh0_s3cret"
NAMES = ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "AWS_SECRET_ACCESS_KEY", "SSH_PASSPHRASE")


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A repository whose remotes hold passwords, on a machine whose environment holds tokens."""
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(tmp_path / "cache"))
    for name in NAMES:
        monkeypatch.setenv(name, SECRET)
    told = Story(tmp_path)
    told.write("RELEASE.md", "# Release checklist\n\n- [x] Tests\n- [ ] QA lead sign-off\n").commit("feat: start")
    told.tag("v1.0.0", message="One")
    told.git("remote", "add", "origin", f"https://ada:{SECRET}@example.org/team/service.git?private_token={SECRET}")
    told.git("remote", "add", "other", f"https://{SECRET}@example.org/team/service.git")
    told.git("config", "http.extraHeader", f"AUTHORIZATION: basic {SECRET}")
    return told


def test_no_output_holds_a_secret(story: Story, tmp_path: Path) -> None:
    for arguments in (
        ("status",), ("releases",), ("log",), ("audit",), ("metrics",), ("notes", "v1.0.0"), ("config", "show"),
        ("audit", "--format", "json"), ("releases", "--format", "json"), ("lint",), ("diff", "nothing"),
        ("-v", "status"), ("verify", "nowhere.zip"), ("export", "--to", f"{tmp_path / 'out'}/"),
    ):  # fmt: skip
        found = said(story.root, *arguments)
        assert SECRET not in found.text + found.err, arguments
    for file in (tmp_path / "out").iterdir():
        assert SECRET.encode() not in file.read_bytes(), file
    with zipfile.ZipFile(tmp_path / "out" / "evidence.zip") as bundle:
        assert not any(SECRET.encode() in bundle.read(name) for name in bundle.namelist())


@pytest.mark.build
def test_no_page_holds_a_secret(story: Story, tmp_path: Path) -> None:
    built = said(story.root, "build", "--site-dir", str(tmp_path / "site"))
    assert built.code == 0
    assert SECRET not in built.text + built.err
    for file in (*(tmp_path / "site").rglob("*"), *(tmp_path / "cache").rglob("*")):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_an_object_that_a_remote_keeps_is_missed_without_its_address(story: Story) -> None:
    story.git("config", "remote.origin.promisor", "true")
    story.git("config", "core.repositoryFormatVersion", "1")
    story.git("config", "extensions.partialClone", "origin")
    tree = story.git("rev-parse", "HEAD^{tree}")
    (story.root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    found = said(story.root, "audit")
    assert found.code == 2
    assert SECRET not in found.err
