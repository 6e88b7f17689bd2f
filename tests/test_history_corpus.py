"""Trails against known truth: events of real histories, and generated ones whose every edit is known."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.history import Trails, read_trails
from checktrail.model import Change, Event, State
from checktrail.store import Store

SHARED = Path(__file__).resolve().parents[2] / "shared"
BUNDLES = sorted(SHARED.glob("corpus/bundles/*.bundle"))
MAKER = SHARED / "identity" / "synth.py"

needs_bundles = pytest.mark.skipif(not BUNDLES, reason="the real histories do not stand beside this checkout")
needs_maker = pytest.mark.skipif(not MAKER.is_file(), reason="what makes histories does not stand beside this checkout")


def told(repository: Repository) -> Trails:
    return read_trails(repository, Settings(), Store(None))


def counted(trails: Trails) -> Counter[tuple[str, str, str]]:
    """Events as tree states tell them: who compares texts alone sees a rewording as one gone and one born."""
    reworded = {(event.commit, event.item) for event in trails.events if event.kind is Change.REWORDED}
    found: Counter[tuple[str, str, str]] = Counter()
    for event in trails.events:
        if event.kind is Change.REWORDED:
            found[event.commit, event.path, f"gone_{_mark(event.old_state)}"] += 1
            found[event.commit, event.path, f"born_{_mark(event.new_state)}"] += 1
        elif (event.commit, event.item) not in reworded and (word := _word(event)):
            found[event.commit, event.path, word] += 1
    return found


def _word(event: Event) -> str | None:
    match event.kind:
        case Change.TICKED | Change.TICKED_BY_MERGE:
            return "tick"
        case Change.UNTICKED | Change.RESET:
            return "untick"
        case Change.CREATED | Change.COPIED | Change.RESTORED:
            return f"born_{_mark(event.new_state)}"
        case Change.REMOVED:
            return f"gone_{_mark(event.old_state)}"
    return None


def _mark(state: State | None) -> str:
    return "x" if state is State.TICKED else "o"


@needs_bundles
@pytest.mark.parametrize("number", range(len(BUNDLES)))
def test_events_and_tags_of_a_real_history(tmp_path: Path, number: int) -> None:
    bundle = BUNDLES[number]
    clone = tmp_path / "clone.git"
    subprocess.run(["git", "clone", "--quiet", "--mirror", str(bundle), str(clone)], check=True)
    repository = Repository.open(clone)
    trails = told(repository)
    facts = bundle.parents[1] / "facts"
    with (facts / f"{bundle.stem}.events.csv").open(encoding="utf-8") as file:
        want = Counter({(row["commit"], row["path"], row["kind"]): int(row["n"]) for row in csv.DictReader(file)})
    assert counted(trails) == want
    commits = {tag.name: tag.commit for tag in repository.tags()}
    with (facts / f"{bundle.stem}.tags.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            tree = trails.at(commits[row["tag"]] or "")
            assert sum(len(tracked.items) for tracked in tree.values()) == int(row["items"])


def made(folder: Path, profile: str, seed: int) -> tuple[Repository, dict[str, dict[str, list[dict[str, object]]]]]:
    """A generated history with the truth about its items: by commit and path, each item in document order."""
    arguments = ["--out", str(folder), "--seed", str(seed), "--commits", "250", "--docs", "4", "--profile", profile]
    subprocess.run([sys.executable, str(MAKER), *arguments], check=True, capture_output=True)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["refs"]
    return Repository.open(folder / "repo.git"), {ref["commit"]: ref["files"] for ref in truth.values()}


@needs_maker
@pytest.mark.parametrize(
    ("profile", "seed"), [("calm", 31), ("calm", 32), ("normal", 33), ("normal", 36), ("hostile", 35)]
)
def test_the_ticking_commit_is_right_and_what_is_wrong_is_never_sure(tmp_path: Path, profile: str, seed: int) -> None:
    repository, truth = made(tmp_path, profile, seed)
    trails = told(repository)
    ticked = wrong = created = miscreated = 0
    for commit, files in truth.items():
        tree = trails.at(commit)
        for path, records in files.items():
            standings = tree[path].items if path in tree else ()
            assert len(standings) == len(records)
            for record, standing in zip(records, standings, strict=True):
                edits = set(map(str, record["kinds"]))  # type: ignore[call-overload]
                is_right = standing.since.commit == record["state_since"]
                if "reword_large" in edits:
                    assert is_right or standing.since.confidence < 1
                elif record["state"] == "x":
                    ticked += 1
                    wrong += not is_right
                if not edits & {"reword_large", "replace", "copy_file"}:
                    created += 1
                    miscreated += standing.created != record["created"]
    assert ticked > 100
    assert wrong <= (0.0005 * ticked if profile == "hostile" else 0)
    assert miscreated <= (0.005 if profile == "hostile" else 0.001) * created
