"""The whole way in, on histories that hold what people and editors really leave behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.record import Record, read_record
from checktrail.store import Store
from story import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def record_of(story: Story) -> Record:
    return read_record(Repository.open(story.root), Settings(), Store.open())


@pytest.mark.parametrize(
    "line", ["- [ ] \u00a0", "- [x] \u3000", "- \u00a0[x] text", "- [x] \x0c", "- [\r  ] text", "- [ ] \u00a0text"]
)
def test_odd_white_space_is_read_alike_by_the_record_and_by_the_trails(story: Story, line: str) -> None:
    story.write("checklists/v1.0.0.md", f"# Release\n\n- [x] Tests\n{line}\n").commit("Begin")
    story.tag("v1.0.0")
    (revision,) = record_of(story).checklists
    assert len(revision.standings) == len(revision.checklist.items)
