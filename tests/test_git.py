"""Git read in streams: what is there, and nothing that somebody's configuration would change."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import git
import pytest

from checktrail.errors import GitError, NoRepositoryError, ShallowCloneError, UsageError
from checktrail.git import Head, Repository
from checktrail.git.finding import plainly_found
from checktrail.git.wire import read_commits, read_log
from checktrail.model import Commit, Node, Person, TagKind
from checktrail.worktree import blob_id
from clone_forms import SAME
from story import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def clone(story: Story, target: Path, *options: str) -> Repository:
    subprocess.run(
        ["git", "clone", "--quiet", *options, story.root.as_uri(), str(target)], check=True, capture_output=True
    )
    return Repository.open(target)


class Cut(io.BytesIO):
    """A stream that gives all before a place, then the rest."""

    def __init__(self, content: bytes, place: int) -> None:
        super().__init__(content)
        self._places = [place, len(content)]

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        return super().read(self._places.pop(0) - self.tell()) if self._places else b""


@pytest.mark.parametrize("reader", [read_commits, lambda stream: (commit for commit, _ in read_log(stream))])
def test_commits_are_the_same_wherever_a_piece_of_what_git_prints_ends(
    reader: Callable[[IO[bytes]], Iterator[Commit]],
) -> None:
    fields = ["", "Ada\na@example.org", "1700000000", "Ben\nb@example.org", "1700000001", "caf\u00e9\n\nBody\n", ""]
    printed = "\0".join("\0".join([digit * 40, *fields]) for digit in "abc").encode()
    whole = list(reader(io.BytesIO(printed)))
    assert [commit.id[0] for commit in whole] == ["a", "b", "c"]
    assert all(list(reader(Cut(printed, place))) == whole for place in range(1, len(printed)))


def test_commits_come_parents_first_with_their_markdown_changes(story: Story) -> None:
    first = story.write("a.md", "- [ ] a\n").write("code.py", "x = 1\n").commit("first", by="Ben", on="2024-02-01")
    story.branch("side")
    side = story.write("docs/b.MD", "b").commit("side")
    story.checkout("main")
    second = story.remove("a.md").commit("second\n\nWith a body.", by="Dana", committer="GitHub")
    merge = story.merge("side")
    found = list(Repository.open(story.root).history())
    order = [commit.id for commit, _ in found]
    assert set(order) == {first, side, second, merge}
    for commit, _ in found:
        assert all(order.index(parent) < order.index(commit.id) for parent in commit.parents)
    changes = {commit.id: [(change.path, change.blob) for change in changed] for commit, changed in found}
    assert changes[first] == [("a.md", blob_id(b"- [ ] a\n"))]
    assert changes[second] == [("a.md", None)]
    assert changes[merge] == [("docs/b.MD", blob_id(b"b"))]
    commits = {commit.id: commit for commit, _ in found}
    assert commits[second].author == Person("Dana", "dana@example.org")
    assert commits[second].committer == Person("GitHub", "noreply@github.com")
    assert commits[second].subject == "second"
    assert commits[second].message == "second\n\nWith a body.\n"
    assert commits[merge].parents == (second, side)


def test_all_three_ways_to_read_a_history_tell_the_same_commits(story: Story) -> None:
    # Several chunks of git's output, words of four bytes across their ends, an empty message, a time that is none.
    for number in range(4):
        story.commit("\N{BRICK}" * 17_001 if number else "plain", by="Ünï <")
    head = story.git("cat-file", "commit", "HEAD").encode().partition(b"\n\n")[0]
    tree, people = head[: head.index(b"\n")], head[head.index(b"author ") :]
    for committer, message in ((b"", b""), (b"> odd", b"\xff odd")):
        parent = story.git("rev-parse", "HEAD").encode()
        written = people.replace(b"> ", b">" + committer + b"> " if committer else b"> ")
        content = tree + b"\nparent " + parent + b"\n" + written + b"\n\n" + message
        made = story.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", feed=content)
        story.git("update-ref", "HEAD", made)
    story.tag("v1.0")
    repository = Repository.open(story.root)
    commits = tuple(repository.commits())
    assert [commit.message for commit in commits[-2:]] == ["", "\ufffd odd"]
    assert len(commits) == 6
    assert [commit for commit, _ in repository.history()] == list(commits)
    graph = repository.graph(repository.tags())
    assert graph[-1].committed_at == graph[-2].committed_at > 0
    assert list(graph) == [Node(commit.id, commit.parents, commit.committed_at) for commit in commits]


def test_hostile_paths_and_messages_pass_through_whole(story: Story) -> None:
    names = ["-rf.md", "sp ace.md", 'quo"te.md', "new\nline.md", "ünï.md", ":100644.md"]
    for name in names:
        story.write(name, "- [ ] x\n")
    story.commit(":100644 100644 0 0 M\n\n\x01\x02 \x1b[31m --format=%H")
    ((commit, changes),) = Repository.open(story.root).history()
    assert sorted(change.path for change in changes) == sorted(names)
    assert commit.message.startswith(":100644 100644")
    assert [blob.path for blob in Repository.open(story.root).tree("HEAD")] == sorted(names, key=str.encode)
    assert set(Repository.open(story.root).tracked()) == set(names)


def test_a_path_that_is_not_utf8_leads_back_to_its_file(story: Story) -> None:
    blob = story.git("hash-object", "-w", "--stdin", feed=b"- [ ] x\n")
    story.git("update-index", "-z", "--index-info", feed=b"100644 " + blob.encode() + b"\t\xff\xfe.md\0")
    story.commit()
    ((_, changes),) = Repository.open(story.root).history()
    assert [change.path.encode("utf-8", "surrogateescape") for change in changes] == [b"\xff\xfe.md"]


def test_a_reference_may_hold_what_others_take_for_the_end_of_a_line(story: Story) -> None:
    story.commit()
    names = ("one\u2028two", "three\u0085four", "five\u2029six")
    for name in names:
        story.tag(name)
    found = Repository.open(story.root)
    assert {each.name for each in found.references()} == {"refs/heads/main", *(f"refs/tags/{name}" for name in names)}
    assert {tag.name for tag in found.tags()} == set(names)


def test_tags_are_peeled_and_those_that_lead_elsewhere_say_where(story: Story) -> None:
    commit = story.write("a.md", "x").commit()
    story.tag("v1.0")
    story.tag("v1.1", message="Release 1.1\n\nWith words.", by="Ben", on="2024-03-01")
    story.tag("v1.1-again", message="nested", at="v1.1")
    story.tag("tree", at="HEAD^{tree}")
    story.tag("on-a-tree", message="tree", at="HEAD^{tree}")
    tags = {tag.name: tag for tag in Repository.open(story.root).tags()}
    assert (tags["v1.0"].kind, tags["v1.0"].commit, tags["v1.0"].tag_object) == (TagKind.LIGHTWEIGHT, commit, None)
    annotated = tags["v1.1"]
    assert (annotated.kind, annotated.commit, annotated.tagger) == (
        TagKind.ANNOTATED,
        commit,
        Person("Ben", "ben@example.org"),
    )
    assert annotated.message == "Release 1.1\n\nWith words.\n"
    assert annotated.tagged_at == 1709294400
    assert tags["v1.1-again"].commit == commit
    assert (tags["tree"].commit, tags["tree"].target_type) == (None, "tree")
    assert (tags["on-a-tree"].commit, tags["on-a-tree"].target_type) == (None, "tree")


def test_nobodys_configuration_changes_anything(story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story.write("ä.md", "- [ ] x\n").write(".mailmap", "Somebody Else <else@example.org> <ada@example.org>\n").commit()
    story.move("ä.md", "ö.md").commit("renamed")
    story.tag("v1.0", message="one")
    before = (list(Repository.open(story.root).history()), Repository.open(story.root).tags())
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[core]\n quotePath = true\n[log]\n mailmap = true\n showSignature = true\n[diff]\n renames = copies\n"
        "[i18n]\n logOutputEncoding = latin1\n[format]\n pretty = oneline\n[color]\n ui = always\n",
        encoding="utf-8",
    )
    story.git("config", "log.showSignature", "true")
    story.git("config", "diff.renames", "copies")
    story.git("config", "color.ui", "always")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    after = (list(Repository.open(story.root).history()), Repository.open(story.root).tags())
    assert before == after


def test_replace_references_and_grafts_do_not_show_another_history(story: Story) -> None:
    first = story.write("a.md", "one").commit("first")
    second = story.write("a.md", "two").commit("second")
    plain = list(Repository.open(story.root).history())
    story.git("replace", second, first)
    repository = Repository.open(story.root)
    assert repository.has_replacements
    assert list(repository.history()) == plain
    assert all(not reference.name.startswith("refs/replace/") for reference in repository.references())


def test_objects_come_in_the_order_asked_and_missing_ones_say_so(story: Story) -> None:
    story.write("a.md", "a").write("b.md", "b\n" * 100_000).commit()
    ids = [blob_id(b"b\n" * 100_000), "0" * 40, blob_id(b"a")]
    found = list(Repository.open(story.root).objects(ids))
    assert [(one.id, one.kind, len(one.content)) for one in found] == [
        (ids[0], "blob", 200_000),
        (ids[1], "missing", 0),
        (ids[2], "blob", 1),
    ]
    assert [identity for identity, _ in Repository.open(story.root).blobs(ids)] == [ids[0], ids[2]]


def test_what_differs_between_commits_and_between_trees_is_what_git_lists(story: Story) -> None:
    one = story.write("a.md", "1").write("b\nc.md", "1").commit()
    two = story.write("a.md", "2").write("d/e f.md", "1").commit()
    three = story.write("a.md", "1").remove("b\nc.md").commit()
    trees = {commit: story.git("rev-parse", f"{commit}^{{tree}}") for commit in (one, two, three)}
    spans = [(one, three), (one, two), (two, two), (two, three), (three, one)]
    known = [(trees[start], trees[end]) for start, end in spans if start != end]
    expected = [("b\nc.md", "d/e f.md"), ("a.md", "d/e f.md"), ("a.md", "d/e f.md"), ("a.md", "b\nc.md")]
    repository = Repository.open(story.root)
    assert list(repository.differences(spans)) == [*expected, expected[0]]
    found = list(repository.differences([known[0], spans[1], *spans[2:4], known[3]]))
    assert found == [expected[0], expected[1], expected[2], expected[3], expected[0]]
    lost = story.root / ".git" / "objects" / trees[two][:2] / trees[two][2:]
    lost.unlink()
    with pytest.raises(GitError, match=f"cannot compare {trees[two]} with {trees[three]}"):
        list(repository.differences([known[0], known[2], known[0]]))


def test_symbolic_links_and_submodules_are_no_files(story: Story) -> None:
    commit = story.write("real.md", "x").commit()
    (story.root / "link.md").symlink_to("real.md")
    story.git("add", "link.md")
    story.git("update-index", "--add", "--cacheinfo", f"160000,{commit},module.md")
    story.commit()
    repository = Repository.open(story.root)
    assert [blob.path for blob in repository.tree("HEAD")] == ["real.md"]
    assert repository.tracked() == ("real.md",)
    last = list(repository.history())[-1][1]
    assert [(change.path, change.blob) for change in last] == [("link.md", None), ("module.md", None)]


def test_an_empty_repository_has_no_head_and_no_history(story: Story) -> None:
    repository = Repository.open(story.root)
    assert repository.head == Head(None, "main")
    assert list(repository.history()) == []
    assert repository.tags() == ()
    assert repository.graph(()) == ()


def test_bare_detached_and_worktree_repositories_read_alike(story: Story, tmp_path: Path) -> None:
    story.write("a.md", "- [ ] x\n").commit()
    story.tag("v1")
    plain = list(Repository.open(story.root).history())
    bare = clone(story, tmp_path / "bare.git", "--bare")
    assert bare.is_bare
    assert bare.name == "repository"
    assert list(bare.history()) == plain
    story.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    tree = Repository.open(tmp_path / "tree")
    assert tree.head.branch is None
    assert tree.worktree == tmp_path / "tree"
    assert list(tree.history()) == plain


@pytest.mark.parametrize("form", ["alternates", "bare", "worktree", "elsewhere", "submodule", "inside"])
def test_what_is_found_plainly_is_what_gitpython_finds(story: Story, tmp_path: Path, form: str) -> None:
    story.write("docs/a.md", "- [ ] x\n").commit()
    place = SAME[form](story.root, tmp_path / form)
    (tmp_path / "link").symlink_to(story.root)
    folders = [story.root, story.root / "docs", story.root / ".git", tmp_path / "link", tmp_path, place]
    for folder in folders:
        found = plainly_found(folder)
        assert found is None or found == _by_gitpython(folder), folder
    assert plainly_found(story.root / "docs") == (story.root / ".git", story.root, story.root / ".git")
    assert form != "bare" or plainly_found(place) == (place, None, place)
    story.git("config", "core.bare", "true")
    for folder in (story.root, story.root / ".git", story.root / ".git" / "refs"):
        found = plainly_found(folder)
        assert found is None or found == _by_gitpython(folder), folder
    assert plainly_found(story.root) is None


def _by_gitpython(folder: Path) -> tuple[Path, Path | None, Path]:
    with git.Repo(folder, search_parent_directories=True) as repo:
        worktree = Path(repo.working_tree_dir) if repo.working_tree_dir else None
        return Path(repo.git_dir), worktree, Path(repo.common_dir)


def test_a_shallow_clone_is_refused_with_the_way_out(story: Story, tmp_path: Path) -> None:
    story.write("a.md", "1").commit()
    story.write("a.md", "2").commit()
    shallow = clone(story, tmp_path / "shallow", "--depth=1")
    with pytest.raises(ShallowCloneError, match="shallow clone") as caught:
        shallow.refuse_shallow()
    assert "fetch-depth: 0" in caught.value.hint


def test_the_remotes_address_is_told_without_its_password(story: Story) -> None:
    story.git("remote", "add", "origin", "https://user:secret@example.org/team/service.git")
    repository = Repository.open(story.root)
    assert repository.remote_url == "https://example.org/team/service.git"
    assert repository.name == "service"


def test_a_repository_without_a_configuration_is_whole_and_has_no_remote(story: Story) -> None:
    (story.root / ".git" / "config").unlink()
    repository = Repository.open(story.root)
    assert (repository.is_partial, repository.remote_url) == (False, None)
    assert repository.name == story.root.name


@pytest.mark.parametrize(
    "address",
    [
        "https://s3cret@example.org/team/service.git", "https://ada:s3cret@example.org:8443/team/service.git",
        "ssh://ada:s3cret@example.org/team/service.git", "https://example.org/team/service.git?private_token=s3cret",
        "https://ada:x@s3cret@example.org/team/service.git", "https://example.org/team/service.git#s3cret",
        "https://ada:s3cret/more@example.org/team/service.git", "https://oauth2:s3cret@[::1]:80/team/service.git",
    ],
)  # fmt: skip
def test_no_address_tells_a_secret(address: str, story: Story) -> None:
    story.git("remote", "add", "origin", address)
    repository = Repository.open(story.root)
    assert "s3cret" not in f"{repository.remote_url} {repository.name}"
    assert repository.name in ("service", story.root.name)


def test_what_is_no_repository_or_revision_is_one_sentence(story: Story, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(NoRepositoryError, match="no git repository"):
        Repository.open(tmp_path / "plain")
    with pytest.raises(NoRepositoryError, match="not a folder"):
        Repository.open(tmp_path / "nowhere")
    story.commit()
    for wrong in ("nothing", "--output=x", "HEAD~7", "a\nb"):
        with pytest.raises(UsageError, match="names no commit"):
            Repository.open(story.root).resolve(wrong)


def test_a_damaged_repository_is_one_sentence(story: Story) -> None:
    story.write("a.md", "x").commit()
    for pack in (story.root / ".git" / "objects").rglob("*"):
        if pack.is_file():
            pack.chmod(0o644)
            pack.write_bytes(b"damaged")
    with pytest.raises(GitError, match=r"git [\w-]+ failed: \w"):
        list(Repository.open(story.root).history())


def test_git_that_is_missing_is_said(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(story.root))
    with pytest.raises(GitError, match="git is not installed"):
        Repository.open(story.root)
