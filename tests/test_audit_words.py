"""What the audit reads out of words: offices, meanings, names, mailmaps, claims that git can witness."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_story import HAS_SSH_KEYGEN, AuditStory, release_of
from checktrail.audit.evidence import Landed, Span
from checktrail.audit.lookalikes import look_alikes
from checktrail.audit.people import Trailer, mapped, trailers
from checktrail.audit.policy import Meaning
from checktrail.audit.requirements import spoken
from checktrail.audit.roles import meaning_of, role_of
from checktrail.audit.times import iso_time, moment, seconds_of_day
from checktrail.audit.witness import Voice
from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.inquiry import inquire
from checktrail.inquiry.ways import ways
from checktrail.model import Person
from checktrail.parse import parse
from checktrail.record import read_record
from checktrail.releases.graph import Graph
from checktrail.store import Store
from story import Story


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("QA lead sign-off obtained", "QA lead"),
        ("Community representative sign-off obtained (if applicable)", "Community representative"),
        ("Development Team Lead", "Development Team Lead"),
        ("CTO/Technical Director", "CTO/Technical Director"),
        ("Business Stakeholder", "Business Stakeholder"),
        ("**Security Team Lead**: ____ Date: ____", "Security Team Lead"),
        ("QA lead sign-off obtained (@dana, 2025-03-02)", "QA lead"),
        ("Security sign-off", "Security"),
        ("Legal approval", "Legal"),
        ("Approved by: the QA lead", "QA lead"),
        ("Final Verification", None),
        ("Release approved", None),
        ("Architecture approved", None),
        ("**READY FOR RELEASE**", None),
        ("Approved by @dana", None),
        ("GO/NO-GO", None),
        ("All checklist items completed", None),
        ("", None),
    ],
)
def test_offices(text: str, role: str | None) -> None:
    assert role_of(text) == role


@pytest.mark.parametrize(
    ("text", "section", "meaning"),
    [
        ("Code review completed", (), Meaning.REVIEW),
        ("Release approved", (), Meaning.APPROVAL),
        ("Notes written by the author", (), Meaning.AUTHORSHIP),
        ("QA lead", ("Release Sign-off",), Meaning.APPROVAL),
        ("All tests pass", ("QA lead",), Meaning.RESPONSIBILITY),
    ],
)
def test_meanings(text: str, section: tuple[str, ...], meaning: Meaning) -> None:
    assert meaning_of(text, section) is meaning


@given(st.text(max_size=300))
def test_no_words_make_it_fall_over(text: str) -> None:
    role_of(text)
    meaning_of(text, (text,))
    trailers(text)
    mapped(text, Person("Ana", "ana@example.org"))
    look_alikes(f"- {text}", parse(f"- {text}"))


def test_trailers_of_the_last_paragraph() -> None:
    above = "Sign off\n\nReviewed-by: Not Yet <n@example.org>\n\n"
    message = f"{above}Co-authored-by: Cleo <c@example.org>\nReviewed-by: Ben <b@x.y>\n"
    assert trailers(message) == (
        Trailer("co-authored-by", Person("Cleo", "c@example.org")),
        Trailer("reviewed-by", Person("Ben", "b@x.y")),
    )


def test_a_trailer_ends_with_its_line() -> None:
    assert trailers("Work\n\nSee: x\u2028Reviewed-by: Ben <b@x.y>\n") == ()


MAILMAP_LINES = (
    "Ana Proper <ana@example.org>",
    "<proper@example.org> <ana@example.org>",
    "Ana Proper <proper@example.org> <ana@example.org>",
    "Ana Proper <proper@example.org> Old Ana <ana@example.org>",
    "# Ana Proper <nobody@example.org> <ana@example.org>",
    "Ben <ben@example.org> # a comment",
    "nonsense",
)


@pytest.mark.parametrize("lines", list(itertools.permutations(MAILMAP_LINES, 2)))
def test_mailmaps_as_git_reads_them(lines: tuple[str, ...], mailmaps: Story) -> None:
    text = "\n".join(lines) + "\n"
    (mailmaps.root / ".mailmap").write_text(text)
    for person in (
        Person("Old Ana", "ana@example.org"),
        Person("Other", "Ana@Example.org"),
        Person("B", "ben@example.org"),
    ):
        judge = mailmaps.git("check-mailmap", f"{person.name} <{person.email}>")
        ours = mapped(text, person)
        assert f"{ours.name} <{ours.email}>" == judge, (lines, person)


@pytest.fixture(scope="module")
def mailmaps(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("mailmaps"))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (90, "1 minute"), (7200, "2 hours"), (200_000, "2 days"), (-3600, "-1 hour")],
)
def test_lengths_of_time_are_spoken(seconds: int, words: str) -> None:
    assert spoken(seconds) == words


def test_times_beyond_the_calendar_do_not_fall_over() -> None:
    assert moment(10**18).year == 9999
    assert moment(-(10**18)).year == 1
    assert iso_time(0) == "1970-01-01T00:00:00Z"
    assert seconds_of_day("1970-01-02") == 86400
    assert seconds_of_day("2025-13-45") is None


def test_what_lies_between_two_commits_is_what_git_lists(tmp_path: Path) -> None:
    story = Story(tmp_path)
    ids = [story.commit(f"c{number}") for number in range(3)]
    story.branch("side", ids[0])
    ids += [story.commit(f"s{number}") for number in range(2)]
    story.checkout("main")
    ids.append(story.merge("side"))
    story.branch("other", ids[1])
    ids.append(story.commit("o"))
    story.checkout("main")
    ids += [story.commit("last"), story.merge("other")]
    commits = tuple(Repository.open(story.root).commits())
    found = ways(Graph(commits), itertools.starmap(Span, itertools.product(ids, ids)))
    for (start, end), way in found.items():
        assert set(way) == set(story.git("rev-list", end, f"^{start}").split()), (start, end)


def test_what_a_ticking_commit_changes_itself_did_not_come_after_its_tick(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("RELEASE.md", "# Release checklist\n\n## Sign-off\n- [ ] QA lead sign-off\n").commit()
    story.write("src/app.py", "1.0\n").tick("RELEASE.md", "QA lead").commit()
    story.tag("v1.0.0")
    repository = Repository.open(story.root)
    (found,) = inquire(repository, read_record(repository, Settings(), Store(None))).audit.releases
    assert [one.landed for one in found.signoffs] == [Landed((), ())]
    assert "SO215" not in {one.finding.code for one in found.findings}


@pytest.mark.skipif(not HAS_SSH_KEYGEN, reason="ssh-keygen is not installed, and the story signs")
def test_git_as_witness(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    story.write("CHANGELOG.md", "# Changes\n").write("README.md", "# Product\n")
    story.whole("0.9.0", "2024-01-20")
    text = """\
# Release checklist {version}

## Preparation
- [x] CHANGELOG.md updated
- [x] README updated
- [x] docs/guide.md updated
- [x] Core suite run (30/31 core tests)
- [x] Annotated tag created
- [ ] package.json bumped

## Follow-up
- [ ] Monitor the error rate for 24-48 hours
- [ ] Watch for at least 1 hour
"""
    story.write("CHANGELOG.md", "# Changes\n\n## 1.0.0\n")
    story.draft("1.0.0", "2024-02-01", text)
    story.signed_tag("v1.0.0")
    story.tick("checklists/v1.0.0.md", "Monitor", "Watch")
    story.signed("After", by="Ada")
    told = [(word.voice, word.text[:16]) for word in release_of(story.inquiry(policy="version: 1\n"), "v1.0.0").witness]
    assert told == [
        (Voice.SHOWS, "CHANGELOG.md upd"),
        (Voice.CANNOT_TELL, "README updated"),
        (Voice.CONTRADICTS, "docs/guide.md up"),
        (Voice.CONTRADICTS, "Core suite run ("),
        (Voice.SHOWS, "Annotated tag cr"),
        (Voice.CONTRADICTS, "Monitor the erro"),
        (Voice.SHOWS, "Watch for at lea"),
    ]
