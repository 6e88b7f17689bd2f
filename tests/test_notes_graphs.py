"""Notes on random graphs: every commit of a release is told once, whatever the shape of its history."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import amount
from checktrail.config import NotesSettings, Settings
from checktrail.model import Commit, Person, Tag, TagKind
from checktrail.notes import Past, notes
from checktrail.notes.landings import entries
from checktrail.releases import Membership, releases
from checktrail.releases.picks import twins

ADA = Person("Ada", "ada@example.org")
MESSAGES = ("feat: add", "fix: mend", "Work", "wip", "Merge branch 'x'", "Merge branch 'y'\n\nA title", "chore: tidy")


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Commit], list[Tag]]:
    """Commits, parents first, with merges of any width, and tags on any of them."""
    count = draw(st.integers(1, 16))
    commits: list[Commit] = []
    for number in range(count):
        ids = [commit.id for commit in commits]
        parents = draw(st.lists(st.sampled_from(ids), max_size=3, unique=True)) if ids else []
        message = draw(st.sampled_from(MESSAGES))
        commits.append(Commit(f"{number:040x}", tuple(parents), ADA, number, ADA, number, f"{message}\n"))
    names = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()), max_size=6, unique=True))
    tags = [
        Tag(
            f"v{major}.{minor}.0{'-rc1' if candidate else ''}",
            TagKind.LIGHTWEIGHT,
            draw(st.sampled_from(commits)).id,
            "commit",
        )
        for major, minor, candidate in names
    ]
    return commits, tags


def membership(commits: list[Commit], tags: list[Tag]) -> Membership:
    return releases(tags, commits, Settings(), commits[-1].id)


@given(histories())
@settings(max_examples=amount(300))
def test_entries_partition_the_work_of_a_release(history: tuple[list[Commit], list[Tag]]) -> None:
    commits, tags = history
    found = membership(commits, tags)
    past = Past(found, commits)
    for release in found.releases:
        reach = set(found.between(release.base, release.tag))
        told = Counter(
            commit
            for entry in entries(release.commit, set(release.new), reach, past.commits, past.say)
            for commit in entry.commits
        )
        work = {commit for commit in release.new if len(past.commits[commit].parents) <= 1}
        assert set(told) <= set(release.new)
        assert work <= set(told)
        assert not told or max(told.values()) == 1


@given(histories())
@settings(max_examples=amount(200))
def test_notes_are_made_of_any_history_and_the_same_each_time(history: tuple[list[Commit], list[Tag]]) -> None:
    commits, tags = history
    found = membership(commits, tags)
    one = [notes(release, Past(found, commits), NotesSettings()) for release in found.releases]
    two = [notes(release, Past(found, commits), NotesSettings()) for release in found.releases]
    assert one == two


@given(histories())
@settings(max_examples=amount(200))
def test_work_is_new_in_the_notes_of_one_canonical_release_at_most_but_for_candidates(
    history: tuple[list[Commit], list[Tag]],
) -> None:
    commits, tags = history
    finals = [tag for tag in tags if "-rc" not in tag.name]
    found = membership(commits, finals)
    past = Past(found, commits)
    told = Counter(
        commit
        for release in found.releases
        if release.alias_of is None
        for part in notes(release, past, NotesSettings()).parts
        for change in part.changes
        for commit in change.commits
    )
    assert not told or max(told.values()) == 1


@given(histories())
def test_twins_are_classes(history: tuple[list[Commit], list[Tag]]) -> None:
    commits, _ = history
    found = twins(commits)
    for commit, group in found.items():
        assert commit in group
        assert len(group) > 1
        assert all(found[other] == group for other in group)
