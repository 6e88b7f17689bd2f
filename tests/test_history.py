"""Trails as stories: who did what to an item, through everything that git can do to a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.history import Standing, Trails, read_trails
from checktrail.model import Change, Event, State
from checktrail.parse import read
from checktrail.store import Store
from story import Story

LIST = "# Release\n\n## Testing\n\n- [ ] Unit tests pass\n- [ ] Load tests pass\n\n## Docs\n\n- [ ] Changelog updated\n"

STATES = (Change.TICKED, Change.UNTICKED, Change.NOT_APPLICABLE)


def told(story: Story) -> Trails:
    return read_trails(Repository.open(story.root), Settings(), Store(None))


def standing(story: Story, trails: Trails, text: str, at: str = "HEAD", path: str = "list.md") -> Standing:
    commit = story.git("rev-parse", at)
    checklist = read(story.git("show", f"{at}:{path}").encode())
    index = next(index for index, item in enumerate(checklist.items) if text in item.text)
    return trails.at(commit)[path].items[index]


def kinds(trails: Trails, item: Standing, at: str | None = None) -> list[Change]:
    return [event.kind for event in trails.events_of(item, at)]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    story = Story(tmp_path)
    story.write("list.md", LIST).commit("Begin", by="Ada")
    return story


def test_a_tick_is_the_commit_that_made_it(story: Story) -> None:
    tick = story.tick("list.md", "Unit").commit("Tick", by="Ben")
    story.write("other.txt", "x").commit("Something else", by="Cleo")
    trails = told(story)
    unit = standing(story, trails, "Unit")
    assert unit.since == (Change.TICKED, tick, 1.0)
    assert kinds(trails, unit) == [Change.CREATED, Change.TICKED]
    assert trails.commits[tick].author.name == "Ben"


def test_a_tick_on_a_branch_is_not_the_mergers(story: Story) -> None:
    story.branch("feature")
    tick = story.tick("list.md", "Unit").commit("Tick", by="Ben")
    story.checkout("main")
    story.tick("list.md", "Changelog").commit("Other tick", by="Cleo")
    merge = story.merge("feature", by="Dana")
    trails = told(story)
    assert standing(story, trails, "Unit").since.commit == tick
    assert not [event for event in trails.events if event.commit == merge]


def test_a_conflict_resolved_with_the_line_reworded_keeps_the_tick(story: Story) -> None:
    story.branch("feature")
    tick = story.tick("list.md", "Unit").commit("Tick", by="Ben")
    story.checkout("main")
    story.replace("list.md", "Unit tests pass", "All unit tests pass").commit("Reword", by="Cleo")
    text = LIST.replace("- [ ] Unit tests pass", "- [x] All the unit tests pass")
    merge = story.merge_with("feature", {"list.md": text}, by="Dana")
    trails = told(story)
    unit = standing(story, trails, "unit tests")
    assert (unit.since.kind, unit.since.commit) == (Change.TICKED, tick)
    assert [event.kind for event in trails.events if event.commit == merge] == [Change.REWORDED]


def test_a_box_ticked_by_the_merge_itself(story: Story) -> None:
    story.branch("feature")
    story.write("list.md", LIST + "- [ ] Guide updated\n").commit("More", by="Ben")
    story.checkout("main")
    story.write("x.txt", "x").commit()
    merge = story.merge_with("feature", {"list.md": LIST.replace("[ ] Unit", "[x] Unit")}, by="Dana")
    trails = told(story)
    assert standing(story, trails, "Unit").since == (Change.TICKED_BY_MERGE, merge, 1.0)
    gone = [event for event in trails.events if event.kind is Change.REMOVED]
    assert [(event.commit, event.old_text) for event in gone] == [(merge, "Guide updated")]


def test_an_item_picked_to_both_sides_is_one_also_where_one_side_renamed_the_file(story: Story) -> None:
    more = LIST.replace("- [ ] Load", "- [ ] Images signed\n- [ ] Load")
    story.branch("release").move("list.md", "docs/qa.md").commit("Rename", by="Cleo")
    story.write("docs/qa.md", more).commit("One more", by="Cleo")
    story.checkout("main")
    own = story.write("list.md", more).commit("One more", by="Ben")
    merge = story.merge_with("release", {"docs/qa.md": more}, by="Dana")
    trails = told(story)
    images = standing(story, trails, "Images", path="docs/qa.md")
    assert (images.created, len(images.also)) == (own, 1)
    assert Change.REMOVED not in [event.kind for event in trails.events if event.commit == merge]


def test_an_item_that_moves_and_is_reworded_leaves_a_doubt_in_its_new_file(story: Story) -> None:
    story.write("docs.md", "# Docs\n\n- [ ] Guide read\n").commit()
    story.write("list.md", LIST.replace("## Docs\n\n- [ ] Changelog updated\n", ""))
    commit = story.write("docs.md", "# Docs\n\n- [ ] Guide read\n\n## More\n\n- [ ] Changelog update\n").commit("Move")
    since = standing(story, told(story), "Changelog", path="docs.md").since
    assert since.confidence < 1, "it may be the item that left the other file"
    assert since.commit in (commit, story.git("rev-parse", "HEAD~2"))


def test_what_a_merge_did_is_as_doubtful_as_that_the_item_is_new(story: Story) -> None:
    story.tick("list.md", "Unit").commit("Tick", by="Ben")
    text = LIST.replace("- [ ] Unit tests pass", "- [ ] Images signed by Zoe")
    story.branch("feature").write("list.md", text).commit("Another item, or other words for it", by="Cleo")
    story.checkout("main").write("x.txt", "x").commit()
    merge = story.merge_with("feature", {"list.md": text.replace("[ ] Images", "[x] Images")}, by="Dana")
    since = standing(story, told(story), "Images").since
    assert (since.kind, since.commit) == (Change.TICKED_BY_MERGE, merge)
    assert since.confidence < 1, "if it is the same item, then main had it ticked before"


def test_a_tick_that_a_merge_drops(story: Story) -> None:
    story.branch("feature")
    tick = story.tick("list.md", "Unit").commit("Tick", by="Ben")
    story.checkout("main")
    story.write("x.txt", "x").commit()
    merge = story.merge("feature", by="Dana", strategy="ours")
    trails = told(story)
    unit = standing(story, trails, "Unit")
    assert unit.since.kind is Change.CREATED
    assert [(event.kind, event.commit) for event in trails.events_of(unit)][1:] == [
        (Change.TICKED, tick),
        (Change.DROPPED_BY_MERGE, merge),
    ]


def test_a_merge_that_all_but_took_one_side_has_the_items_of_that_side(story: Story) -> None:
    console, probe = (
        "### Console\n\n- [ ] Alerts\n- [ ] Page\n- [ ] Probe\n\n",
        "## Ship\n\n### Console\n\n- [ ] Logs\n- [x] {}\n\n",
    )
    undo = "## Undo\n\n- [ ] Back\n\n"
    story.write("list.md", probe.format("Probe").replace("[x]", "[ ]") + undo + console).commit("Longer")
    tick = story.write("list.md", probe.format("Probe") + undo + console).commit("Tick", by="Ben")
    story.branch("feature")
    story.write("list.md", probe.format("Proobe") + undo + console).commit("Slip", by="Cleo")
    story.write("list.md", probe.format("Proobe") + console + undo).commit("Move", by="Cleo")
    story.checkout("main")
    story.replace("list.md", "Back", "Back again").commit("Reword", by="Dana")
    story.merge("feature", strategy="ours")
    story.write("list.md", (probe.format("Proobe") + console + undo).replace("Back", "Back again"))
    story.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    trails = told(story)
    assert standing(story, trails, "Proobe").since.commit == tick
    assert kinds(trails, standing(story, trails, "Probe"))[1:] == [Change.MOVED]


def test_an_untick_beats_the_older_tick_it_undoes(story: Story) -> None:
    story.tick("list.md", "Unit").commit("Tick", by="Ben")
    story.branch("feature")
    story.replace("list.md", "Changelog updated", "Changelog is updated").commit("Reword", by="Cleo")
    story.checkout("main")
    untick = story.untick("list.md", "Unit").commit("Untick", by="Dana")
    story.merge("feature")
    trails = told(story)
    unit = standing(story, trails, "Unit")
    assert unit.since == (Change.UNTICKED, untick, 1.0)
    assert Change.DROPPED_BY_MERGE not in kinds(trails, unit)


def test_ticked_on_both_sides_the_later_by_ancestry_counts_else_the_first_parents(story: Story) -> None:
    story.branch("feature")
    story.tick("list.md", "Unit").commit("Tick on the branch", by="Ben")
    story.checkout("main")
    ours = story.tick("list.md", "Unit").commit("Tick on main", by="Cleo")
    story.merge("feature")
    assert standing(story, told(story), "Unit").since.commit == ours


def test_renamed_on_one_branch_and_ticked_on_the_other(story: Story) -> None:
    story.branch("feature")
    tick = story.tick("list.md", "Unit").commit("Tick", by="Ben")
    story.checkout("main")
    story.move("list.md", "docs/list.md").commit("Rename", by="Cleo")
    merged = LIST.replace("[ ] Unit", "[x] Unit")
    story.merge_with("feature", {"docs/list.md": merged}, by="Dana")
    trails = told(story)
    assert standing(story, trails, "Unit", path="docs/list.md").since == (Change.TICKED, tick, 1.0)


def test_a_cherry_picked_tick_is_the_pick_where_only_that_is_reached(story: Story) -> None:
    story.branch("release")
    tick = story.tick("list.md", "Unit").commit("Tick", by="Ben")
    story.checkout("main")
    story.write("x.txt", "x").commit()
    story.git("cherry-pick", "-x", tick)
    pick = story.git("rev-parse", "HEAD")
    trails = told(story)
    assert standing(story, trails, "Unit").since.commit == pick
    assert standing(story, trails, "Unit", at="release").since.commit == tick


def test_a_copy_is_new_and_says_what_it_was_made_from(story: Story) -> None:
    story.tick("list.md", "Unit").commit("Tick", by="Ben")
    text = (story.root / "list.md").read_text(encoding="utf-8")
    copy = story.write("v1.2.0.md", text.replace("# Release", "# 1.2.0")).commit("Copy", by="Cleo")
    trails = told(story)
    source, made = standing(story, trails, "Unit"), standing(story, trails, "Unit", path="v1.2.0.md")
    assert made.derived_from == source.item
    assert made.since == (Change.COPIED, copy, 1.0)
    assert trails.events_of(made)[0].new_state is State.TICKED


def test_a_renamed_file_keeps_its_items(story: Story) -> None:
    before = standing(story, told(story), "Unit")
    story.move("list.md", "docs/qa.md").commit("Rename")
    trails = told(story)
    after = standing(story, trails, "Unit", path="docs/qa.md")
    assert after == before
    moved = [event for event in trails.events if event.kind is Change.MOVED]
    assert {(event.old_path, event.path) for event in moved} == {("list.md", "docs/qa.md")}
    assert len(moved) == 3


def test_a_section_that_moves_to_another_file_keeps_its_items(story: Story) -> None:
    story.write("docs.md", "# Docs\n\n- [ ] Guide read\n").commit()
    before = standing(story, told(story), "Load")
    testing = "## Testing\n\n- [ ] Unit tests pass\n- [x] Load tests pass\n"
    story.write("list.md", "# Release\n\n## Docs\n\n- [ ] Changelog updated\n")
    commit = story.write("docs.md", f"# Docs\n\n- [ ] Guide read\n\n{testing}").commit("Move", by="Ben")
    trails = told(story)
    after = standing(story, trails, "Load", path="docs.md")
    assert (after.item, after.since.kind, after.since.commit) == (before.item, Change.TICKED, commit)


def test_a_section_that_moves_while_its_file_is_copied_is_the_one_that_moved(story: Story) -> None:
    text = LIST + "- [ ] Guide read\n\n## Last\n\n- [ ] Images signed\n- [ ] Notes sent\n"
    story.write("list.md", text).write("docs.md", "# Docs\n\n- [ ] Site built\n").commit("More")
    before = standing(story, told(story), "Load")
    testing = "## Testing\n\n- [ ] Unit tests pass\n- [ ] Load tests pass\n"
    story.write("v1.0.0.md", text.replace("# Release", "# 1.0.0", 1))
    story.write("list.md", text.replace(testing + "\n", ""))
    story.write("docs.md", f"# Docs\n\n- [ ] Site built\n\n{testing}").commit("Copy and move", by="Ben")
    trails = told(story)
    moved, copied = (standing(story, trails, "Load", path=path) for path in ("docs.md", "v1.0.0.md"))
    assert (moved.item, copied.derived_from) == (before.item, before.item)
    assert moved.since.confidence < 1, "the copy might be the one that went on"
    assert copied.since.confidence < 1
    assert standing(story, trails, "Notes", path="v1.0.0.md").since.confidence == 1


def test_a_section_that_moves_into_a_copy_of_its_file_keeps_its_ticks(story: Story) -> None:
    fonts = "## Fonts\n\n- [ ] Kerning checked\n- [ ] Licence bought\n\n"
    story.write("v1.md", LIST + "\n" + fonts + "## Last\n\n- [ ] Flag down\n").commit("Longer")
    tick = story.tick("v1.md", "Kerning").tick("v1.md", "Licence").commit("Tick", by="Ben")
    copy = (
        LIST + "\n" + fonts + "## Last\n\n- [ ] Flag down\n\n### Fonts\n\n- [x] Kerning checked\n- [x] Licence bought\n"
    )
    story.write("v1.md", LIST + "\n## Last\n\n- [ ] Flag down\n").write("v2.md", copy)
    made = story.commit("Copy, and move the fonts", by="Cleo")
    trails = told(story)
    checklist = read(copy.encode())
    items = trails.at(made)["v2.md"].items
    since = {(item.text, item.state): items[nth].since for nth, item in enumerate(checklist.items)}
    assert since["Kerning checked", State.TICKED].commit == since["Licence bought", State.TICKED].commit == tick
    assert since["Kerning checked", State.TICKED].confidence < 1
    assert since["Kerning checked", State.OPEN][:2] == (Change.COPIED, made)


def test_a_section_that_goes_while_its_file_is_copied_was_copied_with_it(story: Story) -> None:
    own = LIST.replace("Unit", "Smoke").replace("Load", "Soak")
    story.write("v1.md", own).commit("Version 1", by="Ben")
    story.write("v1.md", own.partition("## Docs")[0]).write("v2.md", own)
    made = story.commit("Copy, and drop the docs from the old one", by="Cleo")
    trails = told(story)
    assert standing(story, trails, "Changelog", path="v2.md").since == (Change.COPIED, made, 0.8)
    assert standing(story, trails, "Smoke", path="v2.md").since == (Change.COPIED, made, 1.0)


def test_a_copy_has_its_sections_from_its_source_though_a_third_file_drops_the_same(story: Story) -> None:
    story.write("v2.md", LIST.replace("# Release", "# 2", 1)).commit("Version 2", by="Ben")
    source = standing(story, told(story), "Changelog", path="list.md")
    story.write("v2.md", LIST.partition("## Docs")[0]).write("v3.md", LIST.replace("# Release", "# 3", 1))
    made = story.commit("Version 3 from the list, and no docs for version 2", by="Cleo")
    copy = standing(story, told(story), "Changelog", path="v3.md")
    assert copy.since[:2] == (Change.COPIED, made)
    assert copy.derived_from == source.item


def test_a_file_that_is_renamed_is_no_copy_of_another_that_says_the_same(story: Story) -> None:
    story.write("v2.md", LIST.replace("# Release", "# 2", 1)).commit("Version 2", by="Ben")
    before = standing(story, told(story), "Changelog", path="v2.md")
    story.move("v2.md", "v3.md").commit("Call it 3", by="Cleo")
    assert standing(story, told(story), "Changelog", path="v3.md").item == before.item


def test_the_merge_that_brought_a_tick_in_is_where_it_landed(story: Story) -> None:
    story.branch("feature")
    story.branch("deeper")
    tick = story.tick("list.md", "Unit").commit("Tick", by="Ben")
    story.checkout("feature")
    story.write("x.txt", "x").commit()
    inner = story.merge("deeper")
    story.checkout("main")
    own = story.tick("list.md", "Changelog").commit("On main", by="Cleo")
    before, merge = story.git("rev-parse", "main"), story.merge("feature", by="Dana")
    trails = told(story)
    assert trails.landing(tick, merge) == merge
    assert trails.landing(own, merge) == own
    assert trails.landing(tick, before) is None
    assert trails.landing(tick, inner) == inner


def test_a_deletion_reverted_is_a_new_item_marked_restored(story: Story) -> None:
    before = standing(story, told(story), "Load")
    story.replace("list.md", "- [ ] Load tests pass\n", "").commit("Drop")
    back = story.write("list.md", LIST).commit("Bring back", by="Ben")
    trails = told(story)
    after = standing(story, trails, "Load")
    assert after.item != before.item
    assert after.since == (Change.RESTORED, back, 1.0)


def test_a_section_rename_is_one_event(story: Story) -> None:
    commit = story.replace("list.md", "## Testing", "## 2. Quality").commit("Rename", by="Ben")
    trails = told(story)
    found = [event for event in trails.events if event.commit == commit]
    assert [(event.kind, event.item, event.old_section, event.section) for event in found] == [
        (Change.SECTION_RENAMED, None, ("Testing",), ("2. Quality",))
    ]


@pytest.mark.parametrize(
    "formatted",
    [
        LIST.replace("- [ ]", "* [ ]"),
        LIST.replace("\n", "\r\n"),
        LIST.replace("- [ ] Unit tests pass", "- [ ] Unit\n  tests\n  pass"),
        LIST.replace("## Testing", "## 1. Testing").replace("## Docs", "## 2. Docs"),
        LIST.replace("- [", "\n- ["),
    ],
)
def test_a_formatters_rewrite_is_no_event(story: Story, formatted: str) -> None:
    commit = story.write("list.md", formatted).commit("Format")
    assert not [event for event in told(story).events if event.commit == commit]


def test_a_tick_with_a_reword_is_both(story: Story) -> None:
    commit = story.replace("list.md", "- [ ] Unit tests pass", "- [x] Unit tests pass on Windows").commit("Both")
    found = [event.kind for event in told(story).events if event.commit == commit]
    assert found == [Change.REWORDED, Change.TICKED]


def test_a_reset_begins_a_cycle_and_is_no_revocation(story: Story) -> None:
    story.tick("list.md", "Unit", "Load", "Changelog").commit("All done")
    before = story.git("rev-parse", "HEAD")
    commit = story.write("list.md", LIST).commit("Next release", by="Ben")
    trails = told(story)
    assert [tuple(reset) for reset in trails.resets_of("list.md")] == [("list.md", commit, before, 3)]
    assert {event.kind for event in trails.events if event.commit == commit} == {Change.RESET}
    assert standing(story, trails, "Unit").since.kind is Change.RESET


def test_unticking_the_list_of_one_release_is_a_revocation(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("v1.2.0.md", LIST.replace("[ ]", "[x]")).commit("Done")
    commit = story.write("v1.2.0.md", LIST).commit("Undone")
    trails = told(story)
    assert {event.kind for event in trails.events if event.commit == commit} == {Change.UNTICKED}
    assert not trails.resets


def test_marked_not_applicable_and_back(story: Story) -> None:
    story.replace("list.md", "[ ] Load", "[-] Load").commit()
    story.replace("list.md", "[-] Load", "[x] Load").commit()
    trails = told(story)
    assert kinds(trails, standing(story, trails, "Load")) == [Change.CREATED, Change.NOT_APPLICABLE, Change.TICKED]


@pytest.mark.parametrize("struck", ["[ ] ~~Load tests~~ (N/A: none)", "[x] **~~Load tests~~**", "[ ] N/A: Load tests"])
def test_to_strike_an_item_out_is_no_rewording(story: Story, struck: str) -> None:
    story.write("list.md", "## Testing\n\n- [ ] Load tests\n- [ ] Unit tests\n").commit()
    story.replace("list.md", "[ ] Load tests", struck).commit()
    story.replace("list.md", struck, "[x] Load tests").commit()
    trails = told(story)
    item = standing(story, trails, "Load tests")
    turns = [event for event in trails.events_of(item) if event.kind in (Change.REWORDED, *STATES)]
    assert [event.kind for event in turns] == [Change.NOT_APPLICABLE, Change.TICKED]
    assert [event.confidence for event in turns] == [1, 1]
    assert (turns[0].old_text, turns[0].new_text) == ("Load tests", struck[4:])


def test_at_a_revision_only_its_ancestors_speak(story: Story) -> None:
    story.tag("v1.0.0")
    tick = story.tick("list.md", "Unit").commit("Late tick", by="Ben")
    trails = told(story)
    item, tag = standing(story, trails, "Unit", at="v1.0.0"), story.git("rev-parse", "v1.0.0")
    assert item.since.kind is Change.CREATED
    assert kinds(trails, item, tag) == [Change.CREATED]
    assert [event.commit for event in trails.events_of(item)][-1] == tick
    assert trails.is_ancestor(tag, tick)
    assert not trails.is_ancestor(tick, tag)


def test_an_octopus_asks_every_parent(story: Story) -> None:
    ticks = {}
    for name, text in (("one", "Unit"), ("two", "Changelog")):
        story.git("checkout", "--quiet", "-b", name, "main")
        ticks[text] = story.tick("list.md", text).commit(f"Tick {text}", by="Ben")
    story.checkout("main")
    story.merge("one", "two")
    trails = told(story)
    assert {text: standing(story, trails, text).since.commit for text in ticks} == ticks


def test_paths_that_are_odd_and_files_that_are_none(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write('a "b"\n-c.md', LIST).write("list.md", LIST)
    (story.root / "link.md").symlink_to("list.md")
    story.git("add", "link.md")
    story.commit()
    (story.root / "list.md").unlink()
    (story.root / "list.md").symlink_to("link.md")
    story.git("add", "list.md")
    story.commit("Now a link")
    trails = told(story)
    assert list(trails.at(story.git("rev-parse", "HEAD"))) == ['a "b"\n-c.md']
    assert {event.path for event in trails.events if event.kind is Change.REMOVED} == {"list.md"}


def test_a_missing_object_is_named_and_the_rest_goes_on(story: Story) -> None:
    story.tick("list.md", "Unit").commit("Tick")
    lost = story.git("rev-parse", "HEAD:list.md")
    after = story.tick("list.md", "Load").commit("Tick more")
    (story.root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    trails = told(story)
    assert [(one.path, one.blob) for one in trails.unread] == [("list.md", lost)]
    assert standing(story, trails, "Load").since == (Change.TICKED, after, 1.0)


def test_an_explicit_id_is_what_people_are_shown(story: Story) -> None:
    story.replace("list.md", "Unit tests pass", "Unit tests pass {#unit}").commit()
    trails = told(story)
    assert trails.name(standing(story, trails, "Unit").item) == "unit"


def test_events_stand_in_the_order_of_their_commits(story: Story) -> None:
    story.tick("list.md", "Unit").commit(on="2020-01-01")
    story.tick("list.md", "Load").commit(on="2019-01-01")
    trails = told(story)
    places = [trails.places[event.commit] for event in trails.events]
    assert places == sorted(places)
    assert [event.new_text for event in trails.events if event.kind is Change.TICKED] == [
        "Unit tests pass",
        "Load tests pass",
    ]


def test_nothing_is_said_of_an_empty_repository(tmp_path: Path) -> None:
    trails = told(Story(tmp_path))
    assert trails.events == ()
    assert trails.commits == {}


def removed(trails: Trails) -> list[Event]:
    return [event for event in trails.events if event.kind is Change.REMOVED]


def test_an_item_removed_on_one_side_is_not_removed_again_by_the_merge(story: Story) -> None:
    story.branch("feature")
    drop = story.replace("list.md", "- [ ] Load tests pass\n", "").commit("Drop", by="Ben")
    story.checkout("main")
    story.tick("list.md", "Changelog").commit("Tick")
    story.merge("feature")
    assert [event.commit for event in removed(told(story))] == [drop]
