"""The whole way in, on histories that hold what people and editors really leave behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checktrail.closing import Cycles
from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.model import Binding, State
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


# --- when a release's checklists close --------------------------------------------------------------------------------

LIST = "checklists/release.md"
BOXES = """\
# Release

## Preparation

- [ ] Tests
- [ ] Docs

## Sign-off

- [ ] Lead
- [ ] Security

## Follow-up

- [ ] Announce
- [ ] Retrospective
"""


def closes(story: Story) -> dict[str, tuple[str, str, int]]:
    """Of every release with one checklist: the reason of its close, the subject of its commit, the ticks there."""
    record = record_of(story)
    found = {}
    for one in record.releases:
        (closed,) = one.closed
        assert closed.revision is not None
        ticked = sum(item.state is State.TICKED for item in closed.revision.checklist.items)
        found[one.release.tag] = closed.close.reason.value, record.commits[closed.close.commit].subject, ticked
    return found


@pytest.fixture
def tagged(story: Story) -> Story:
    """A living list, ticked for v1.0.0; nothing of its follow-up is done."""
    story.write(LIST, BOXES).commit("Begin")
    story.tick(LIST, "Tests", "Docs", "Lead", "Security").commit("Ready")
    story.tag("v1.0.0")
    return story


def test_a_cycle_closes_just_before_the_reset(tagged: Story) -> None:
    tagged.tick(LIST, "Announce").commit("Announced")
    tagged.write(LIST, BOXES).commit("Start over")
    tagged.tick(LIST, "Retrospective").commit("For the next")
    assert closes(tagged) == {"v1.0.0": ("reset", "Announced", 5)}


def test_a_candidate_ends_the_cycle_of_the_release_before_it(tagged: Story) -> None:
    tagged.commit("Feature")
    tagged.tag("v1.1.0-rc.1")
    tagged.tick(LIST, "Announce", "Retrospective").commit("Ticked for 1.1.0")
    tagged.tag("v1.1.0")
    found = closes(tagged)
    assert found["v1.0.0"] == ("release", "Feature", 4)
    assert found["v1.1.0-rc.1"] == ("release", "Ticked for 1.1.0", 6)
    assert found["v1.1.0"] == ("head", "Ticked for 1.1.0", 6)


def test_a_branch_that_nothing_came_of_ends_no_cycle(tagged: Story) -> None:
    tagged.branch("experiment").write(LIST, BOXES).commit("Start over, elsewhere")
    tagged.checkout("main").tick(LIST, "Announce").commit("Announced")
    assert closes(tagged) == {"v1.0.0": ("head", "Announced", 5)}


def test_a_reset_on_the_next_line_ends_the_cycle_though_a_hotfix_follows(tagged: Story) -> None:
    tagged.tick(LIST, "Announce").commit("Announced")
    tagged.write(LIST, BOXES).commit("Start over")
    tagged.branch("line-1.0", "v1.0.0").commit("Fix")
    tagged.tag("v1.0.1")
    tagged.checkout("main")
    found = closes(tagged)
    assert found["v1.0.0"] == ("reset", "Announced", 5)
    assert found["v1.0.1"] == ("head", "Start over", 0)


def test_what_lies_behind_a_base_is_not_looked_at_again(story: Story) -> None:
    story.write(LIST, BOXES).commit("Begin")
    for minor in range(8):
        story.tick(LIST, "Tests", "Docs", "Lead", "Security").commit(f"Ready {minor}")
        story.tag(f"v1.{minor}.0")
        story.write(LIST, BOXES).commit(f"Start over {minor}")
    record, asked = record_of(story), list[tuple[str, str]]()

    def counted(ancestor: str, descendant: str) -> bool:
        asked.append((ancestor, descendant))
        return record.trails.is_ancestor(ancestor, descendant)

    cycles = Cycles(record.membership.releases, replace(record.trails, ancestry=counted), record.facts.head)
    found = [cycles.close(one.release, LIST, Binding.LIVING) for one in record.releases]
    assert [record.commits[close.commit].subject for close in found] == [f"Ready {minor}" for minor in range(8)]
    assert len(asked) < 6 * len(found)
