"""What must hold of every history, tried on random ones."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.history import Tracked, Trails, read_trails
from checktrail.history import trails as trails_of
from checktrail.model import Change, State
from checktrail.parse import read
from checktrail.store import Store
from random_history import random_history

SEEDS = st.integers(0, 10_000)
NO_STORE = Store(None)
FEW = settings(max_examples=8, deadline=None)
CONFIGURATION = """
[core]
    quotePath = true
    abbrev = 4
[log]
    date = relative
    follow = true
    showRoot = false
    decorate = full
[diff]
    renames = copies
    external = false
    noprefix = true
[color]
    ui = always
[i18n]
    logOutputEncoding = latin1
"""
"""A user's own, with all in it that could change what git prints."""


@contextmanager
def history(seed: int) -> Iterator[Repository]:
    with TemporaryDirectory() as folder:
        yield Repository.open(random_history(Path(folder) / "repository.git", seed))


def told(repository: Repository, store: Store = NO_STORE) -> Trails:
    return read_trails(repository, Settings(), store)


def all_of(trails: Trails, commits: list[str]) -> tuple[object, ...]:
    """Everything that trails say, to compare."""
    trees = [[(path, tracked) for path, tracked in trails.at(commit).items()] for commit in commits]
    return list(trails.commits.items()), trails.events, trails.resets, trails.unread, dict(trails.names), trees


def commits_of(repository: Repository) -> list[str]:
    return [commit.id for commit in repository.commits()]


def states(repository: Repository, tree: dict[str, Tracked]) -> dict[str, tuple[str, str, State, str]]:
    """Each item's path, section, state and text, from a plain parse of a tree's blobs."""
    contents = dict(repository.blobs({tracked.blob for tracked in tree.values()}))
    found = {}
    for path, tracked in tree.items():
        checklist = read(contents[tracked.blob])
        assert len(checklist.items) == len(tracked.items)
        for item, standing in zip(checklist.items, tracked.items, strict=True):
            assert standing.item not in found, "an identity stands twice in one tree"
            found[standing.item] = (path, "", item.state, item.text)
    return found


@FEW
@given(SEEDS)
def test_every_tree_holds_what_a_plain_parse_of_it_holds(seed: int) -> None:
    with history(seed) as repository:
        trails = told(repository)
        for commit in commits_of(repository):
            blobs = {blob.path: blob.id for blob in repository.tree(commit) if blob.path.endswith(".md")}
            contents = dict(repository.blobs(blobs.values()))
            holding = {path: blob for path, blob in blobs.items() if read(contents[blob]).items}
            tree = dict(trails.at(commit))
            assert {path: tracked.blob for path, tracked in tree.items()} == holding
            states(repository, tree)


@FEW
@given(SEEDS)
def test_events_replayed_over_the_parent_give_each_commit(seed: int) -> None:
    with history(seed) as repository:
        trails = told(repository)
        for commit in repository.commits():
            if len(commit.parents) > 1:
                continue
            before = states(repository, dict(trails.at(commit.parents[0]))) if commit.parents else {}
            replayed = {item: (path, state, text) for item, (path, _, state, text) in before.items()}
            for event in trails.events:
                if event.commit != commit.id or event.item is None:
                    continue
                if event.kind is Change.REMOVED:
                    assert replayed.pop(event.item)[1] is event.old_state
                else:
                    if event.kind in (Change.CREATED, Change.COPIED, Change.RESTORED):
                        assert event.item not in replayed
                    assert event.new_state is not None
                    assert event.new_text is not None
                    replayed[event.item] = (event.path, event.new_state, event.new_text)
            after = states(repository, dict(trails.at(commit.id)))
            assert replayed == {item: (path, state, text) for item, (path, _, state, text) in after.items()}


@FEW
@given(SEEDS)
def test_at_a_merge_every_state_is_a_parents_or_an_event(seed: int) -> None:
    with history(seed) as repository:
        trails = told(repository)
        for commit in repository.commits():
            if len(commit.parents) < 2:
                continue
            sides = [states(repository, dict(trails.at(parent))) for parent in commit.parents]
            said = {event.item for event in trails.events if event.commit == commit.id}
            tree = dict(trails.at(commit.id))
            after = states(repository, tree)
            also = {standing.item: standing.also for tracked in tree.values() for standing in tracked.items}
            for item, (_, _, state, _) in after.items():
                known = [side[name][2] for side in sides for name in (item, *also[item]) if name in side]
                assert state in known or item in said


@FEW
@given(SEEDS)
def test_since_and_created_are_ancestors_and_events_say_so(seed: int) -> None:
    with history(seed) as repository:
        trails = told(repository)
        for commit in commits_of(repository):
            for tracked in trails.at(commit).values():
                for standing in tracked.items:
                    assert trails.is_ancestor(standing.created, commit)
                    assert trails.is_ancestor(standing.since.commit, commit)
                    since = [
                        event.kind for event in trails.events_of(standing) if event.commit == standing.since.commit
                    ]
                    assert standing.since.kind in since


@FEW
@given(SEEDS, st.randoms(use_true_random=False))
def test_ancestry_is_gits(seed: int, chance: random.Random) -> None:
    with history(seed) as repository:
        trails, commits = told(repository), commits_of(repository)
        for _ in range(8):
            one, other = chance.choice(commits), chance.choice(commits)
            assert trails.is_ancestor(one, other) == repository.is_ancestor(one, other)


@FEW
@given(SEEDS)
def test_a_commit_lands_with_the_first_commit_of_the_line_that_has_it(seed: int) -> None:
    with history(seed) as repository:
        trails, commits = told(repository), commits_of(repository)
        line = git(repository, "rev-list", "--first-parent", "--reverse", commits[-1]).split()
        for commit in commits:
            having = [one for one in line if repository.is_ancestor(commit, one)]
            assert trails.landing(commit, commits[-1]) == (having[0] if having else None)


@FEW
@given(SEEDS, SEEDS)
def test_an_unrelated_branch_changes_nothing(seed: int, other: int) -> None:
    with history(seed) as repository, history(other + 20_000) as stranger:
        commits = commits_of(repository)
        before = [list(told(repository).at(commit).items()) for commit in commits]
        events = list(told(repository).events)
        git(repository, "fetch", "--quiet", str(stranger.git_dir), "+refs/heads/*:refs/heads/stranger/*")
        after = told(Repository.open(repository.git_dir))
        assert [list(after.at(commit).items()) for commit in commits] == before
        strangers = set(commits_of(stranger))
        assert [event for event in after.events if event.commit not in strangers - set(commits)] == events


@FEW
@given(SEEDS)
def test_repacking_cloning_time_zone_locale_and_configuration_change_nothing(seed: int) -> None:
    with history(seed) as repository, TemporaryDirectory() as folder:
        commits = commits_of(repository)
        before = all_of(told(repository), commits)
        git(repository, "repack", "-a", "-d", "-q", "--depth=1")
        git(repository, "config", "diff.renames", "copies")
        git(repository, "config", "log.showSignature", "true")
        git(repository, "config", "i18n.logOutputEncoding", "latin1")
        home = Path(folder) / "home"
        home.mkdir()
        (home / ".gitconfig").write_text(CONFIGURATION)
        clone = Path(folder) / "clone.git"
        subprocess.run(["git", "clone", "--quiet", "--mirror", str(repository.git_dir), str(clone)], check=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TZ", "Asia/Kathmandu")
            patch.setenv("LC_ALL", "tr_TR.UTF-8")
            patch.setenv("HOME", str(home))
            patch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
            patch.setenv("GIT_DIFF_OPTS", "--unified=9")
            assert all_of(told(Repository.open(repository.git_dir)), commits) == before
            assert all_of(told(Repository.open(clone)), commits) == before


@FEW
@given(SEEDS, st.integers(1, 24), st.integers(1, 24))
@example(747, 1, 10)
@example(747, 1, 19)
def test_with_and_without_the_store_all_is_the_same(seed: int, first: int, second: int) -> None:
    with history(seed) as repository, TemporaryDirectory() as folder:
        references = {one.name: one.target for one in repository.references()}
        commits = commits_of(repository)
        for upto in sorted((first, second)):
            git(repository, "update-ref", "refs/heads/part", commits[upto % len(commits)])
            hide(repository, references)
            told(Repository.open(repository.git_dir), Store.open(Path(folder)))
            restore(repository, references)
        git(repository, "update-ref", "-d", "refs/heads/part")
        kept = told(Repository.open(repository.git_dir), Store.open(Path(folder)))
        again = told(Repository.open(repository.git_dir), Store.open(Path(folder)))
        without = all_of(told(Repository.open(repository.git_dir)), commits)
        assert all_of(kept, commits) == without
        assert all_of(again, commits) == without


def test_a_rewritten_history_is_walked_anew(tmp_path: Path) -> None:
    repository = Repository.open(random_history(tmp_path / "one.git", 3))
    told(repository, Store.open(tmp_path / "cache"))
    references = {one.name: one.target for one in repository.references()}
    hide(repository, references)
    git(repository, "update-ref", "refs/heads/kept", commits_of_target(repository, next(iter(references.values())))[0])
    again = Repository.open(repository.git_dir)
    commits = commits_of(again)
    assert all_of(told(again, Store.open(tmp_path / "cache")), commits) == all_of(told(again), commits)


@contextmanager
def memories(cache: Path) -> Iterator[sqlite3.Connection]:
    """The table that the store keeps in its file."""
    base = sqlite3.connect(cache / "store-1.sqlite")
    with base:
        yield base
    base.close()


def summed(value: bytes) -> bytes:
    return zlib.crc32(value).to_bytes(4, "big") + value


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1, 2]", b"\xff\xfe", b'[["x"], ["y"]]'])
def test_damaged_memories_do_not_matter(tmp_path: Path, damage: bytes) -> None:
    repository = Repository.open(random_history(tmp_path / "one.git", 5))
    expected = all_of(told(repository, Store.open(tmp_path / "cache")), commits_of(repository))
    for kind, value in (("trails", damage), ("trail-segment", damage), ("trails", summed(damage)),
                        ("trail-segment", summed(damage))):  # fmt: skip
        with memories(tmp_path / "cache") as base:
            assert base.execute("UPDATE remembered SET value = ? WHERE kind = ?", (value, kind)).rowcount
        assert all_of(told(repository, Store.open(tmp_path / "cache")), commits_of(repository)) == expected


@pytest.mark.parametrize(
    "ended",
    [
        "DELETE FROM remembered WHERE kind = 'trails'",
        "DELETE FROM remembered WHERE kind = 'trail-segment'",
        "UPDATE remembered SET version = '0.' || version",
        "DELETE FROM remembered WHERE key = (SELECT MIN(key) FROM remembered WHERE kind = 'trail-segment')",
    ],
    ids=["killed-between", "segment-lost", "other-version", "half-lost"],
)
def test_whatever_an_earlier_run_left_behind_the_next_one_tells_all(tmp_path: Path, ended: str) -> None:
    repository = Repository.open(random_history(tmp_path / "one.git", 8))
    references = {one.name: one.target for one in repository.references()}
    commits = commits_of(repository)
    git(repository, "update-ref", "refs/heads/part", commits[len(commits) // 2])
    hide(repository, references)
    told(Repository.open(repository.git_dir), Store.open(tmp_path / "cache"))
    restore(repository, references)
    told(Repository.open(repository.git_dir), Store.open(tmp_path / "cache"))
    expected = all_of(told(Repository.open(repository.git_dir)), commits)
    with memories(tmp_path / "cache") as base:
        assert base.execute(ended).rowcount
    for _ in range(2):
        assert all_of(told(repository, Store.open(tmp_path / "cache")), commits) == expected


TELL = """\
import sys
from pathlib import Path
from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.history import read_trails
from checktrail.store import Store
for event in read_trails(Repository.open(Path(sys.argv[1])), Settings(), Store(None)).events:
    print(event)
"""


def test_a_merge_of_many_files_tells_the_same_in_every_process(tmp_path: Path) -> None:
    folder = random_history(tmp_path / "one.git", 5, 90)
    # Python gives strings another order in sets with each seed.
    zero, two = (
        subprocess.run(
            [sys.executable, "-c", TELL, str(folder)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "02"
    )
    assert zero == two


def test_runs_at_the_same_time_tell_the_same_and_leave_it_whole(tmp_path: Path) -> None:
    repository = Repository.open(random_history(tmp_path / "one.git", 9))
    commits = commits_of(repository)
    expected = all_of(told(repository), commits)
    together = threading.Barrier(3)

    def run() -> tuple[object, ...]:
        together.wait()
        return all_of(told(Repository.open(repository.git_dir), Store.open(tmp_path / "cache")), commits)

    with ThreadPoolExecutor(3) as pool:
        assert [found.result() for found in [pool.submit(run) for _ in range(3)]] == [expected] * 3
    assert all_of(told(repository, Store.open(tmp_path / "cache")), commits) == expected


@FEW
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_order_in_which_commits_and_texts_are_read_does_not_matter(seed: int, chance: random.Random) -> None:
    with history(seed) as repository:
        log = list(repository.history())
        names = [commit.id for commit, _ in log]
        contents = list(repository.blobs({change.blob for _, changes in log for change in changes if change.blob}))
        expected = all_of(trails_of(log, contents, 1 << 20), names)
        done: set[str] = set()
        order = []
        waiting = list(log)
        while waiting:
            chosen = chance.choice([entry for entry in waiting if done.issuperset(entry[0].parents)])
            waiting.remove(chosen)
            done.add(chosen[0].id)
            order.append(chosen)
        chance.shuffle(contents)
        assert all_of(trails_of(order, contents, 1 << 20), names) == expected


def git(repository: Repository, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", f"--git-dir={repository.git_dir}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout.strip()


def hide(repository: Repository, references: dict[str, str]) -> None:
    for name in references:
        if name != "refs/heads/part":
            git(repository, "update-ref", "-d", name)


def restore(repository: Repository, references: dict[str, str]) -> None:
    for name, target in references.items():
        git(repository, "update-ref", name, target)


def commits_of_target(repository: Repository, target: str) -> list[str]:
    return git(repository, "rev-list", "--reverse", target).split()
