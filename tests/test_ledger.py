"""The ledger: what it saw it keeps, in a chain that shows where it was changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_story import AuditStory, codes, release_of
from checktrail.audit.chain import appended, read_ledger
from checktrail.audit.evidence import Ledger, LedgerEntry
from checktrail.audit.verdict import Verdict
from checktrail.cli import run
from checktrail.ledger import contradictions, entries
from story import Story

LEDGER = ".checktrail/ledger.jsonl"
ENTRY = LedgerEntry(
    tag="v1.0",
    tag_object="b" * 40,
    commit="a" * 40,
    checklists=(("RELEASE.md", "c" * 40),),
    policy=None,
    verdict="pass",
    tool_version="1.2",
    rules_digest="d" * 64,
    first_seen="2024-01-02T00:00:00Z",
    head=None,
    previous="",
)


class Tagged(AuditStory):
    """Two releases by hand, nothing signed, so that it runs anywhere."""

    def __init__(self, folder: Path) -> None:
        Story.__init__(self, folder)
        self.write("RELEASE.md", "# Release checklist\n\n- [ ] Tests pass\n")
        self.commit("Start", on="2024-01-02")
        self.tick("RELEASE.md", "Tests pass")
        self.commit("Ready")
        self.tag("v1.0", message="One")
        self.untick("RELEASE.md", "Tests pass")
        self.commit("Next")
        self.tag("v1.1", message="Two")

    def seen(self) -> Ledger:
        found = self.inquiry(ledger=Ledger())
        return read_ledger(appended("", entries(found.evidence, found.audit)))


@pytest.fixture
def story(tmp_path: Path) -> Tagged:
    return Tagged(tmp_path)


def told(story: Tagged, ledger: Ledger) -> list[tuple[str, str]]:
    return [(one.code, one.tag) for one in contradictions(story.inquiry(ledger=ledger).evidence)]


def test_what_did_not_change_contradicts_nothing(story: Tagged) -> None:
    ledger = story.seen()
    assert [entry.tag for entry in ledger.entries] == ["v1.0", "v1.1"]
    assert told(story, ledger) == []
    assert entries(story.inquiry(ledger=ledger).evidence, story.inquiry(ledger=ledger).audit) == ()


def test_a_moved_tag(story: Tagged) -> None:
    ledger = story.seen()
    story.git("tag", "--force", "--annotate", "--message=One", "v1.0", "HEAD")
    assert told(story, ledger) == [("RL104", "v1.0")]
    found = story.inquiry(ledger=ledger)
    assert "RL104" in codes(found, "v1.0")


def test_a_recreated_tag(story: Tagged) -> None:
    ledger = story.seen()
    story.git("tag", "--force", "--annotate", "--message=Another", "v1.1", "v1.1^{}")
    assert told(story, ledger) == [("RL105", "v1.1")]
    assert "RL105" in codes(story.inquiry(ledger=ledger), "v1.1")


def test_a_deleted_tag(story: Tagged) -> None:
    ledger = story.seen()
    story.git("tag", "--delete", "v1.0")
    assert told(story, ledger) == [("RL109", "v1.0")]
    found = story.inquiry(ledger=ledger, policy="version: 1\n")
    assert [one.finding.code for one in found.audit.findings] == ["RL109"]
    assert found.audit.fails


def test_rewritten_history(story: Tagged) -> None:
    ledger = story.seen()
    story.git("commit", "--amend", "--quiet", "--message=Another past")
    story.git("tag", "--force", "--annotate", "--message=Two", "v1.1", "HEAD")
    story.git("reflog", "expire", "--expire=now", "--all")
    assert told(story, ledger) == [("EV007", "v1.1"), ("EV007", "v1.1"), ("RL104", "v1.1")]
    assert {"EV007", "RL104"} <= set(codes(story.inquiry(ledger=ledger), "v1.1"))


def test_a_rewritten_branch_whose_tags_stayed(story: Tagged) -> None:
    ledger = story.seen()
    story.git("checkout", "--quiet", "--orphan", "fresh")
    story.commit("All in one", by="Eli")
    story.git("branch", "--quiet", "--delete", "--force", "main")
    story.git("branch", "--quiet", "--move", "main")
    assert told(story, ledger) == [("EV007", "v1.1")]
    assert [one.finding.code for one in story.inquiry(ledger=ledger).audit.findings] == ["EV007"]


def test_a_branch_that_only_grew(story: Tagged) -> None:
    ledger = story.seen()
    story.commit("More")
    story.branch("side", "HEAD~1")
    assert told(story, ledger) == []


def test_a_recorded_verdict_is_compared(story: Tagged) -> None:
    one = story.seen().entries[0]._replace(verdict="pass", tool_version="0.0.1", rules_digest="e" * 64)
    found = story.inquiry(ledger=Ledger((one,)))
    assert release_of(found, "v1.0").recorded == one
    assert release_of(found, "v1.0").verdict is Verdict.NO_POLICY


def test_the_chain_shows_a_changed_line() -> None:
    text = appended("", [ENTRY, ENTRY._replace(tag="v1.1"), ENTRY._replace(tag="v1.2")])
    assert read_ledger(text).faults == ()
    assert read_ledger(text.replace('"v1.1"', '"v1.9"')).faults == ("line 3 does not follow from the line before",)
    lines = text.splitlines(keepends=True)
    assert read_ledger(lines[0] + lines[2]).faults == ("line 2 does not follow from the line before",)
    assert read_ledger("".join(lines[1:])).faults == ("line 1 does not follow from the line before",)
    assert read_ledger(lines[0] + "{}\n" + lines[1]).faults[0] == "line 2 is no entry"


def test_appending_goes_on_where_the_chain_ends() -> None:
    first = appended("", [ENTRY])
    whole = first + appended(first, [ENTRY._replace(tag="v1.1")])
    assert read_ledger(whole).faults == ()
    cut = first.rstrip("\n")
    assert read_ledger(cut + appended(cut, [ENTRY._replace(tag="v1.1")])).faults == ()


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_names_come_back_as_they_were(names: list[str]) -> None:
    text = appended("", [ENTRY._replace(tag=name) for name in names])
    assert [entry.tag for entry in read_ledger(text).entries] == names
    assert read_ledger(text).faults == ()
    assert text.isascii()
    assert all(set(json.loads(line)) == set(LedgerEntry._fields) for line in text.splitlines())


@given(st.text(max_size=100))
def test_no_text_makes_it_fall_over(noise: str) -> None:
    found = read_ledger(noise)
    assert found.entries == () or not found.faults


def test_the_commands(story: Tagged, capsys: pytest.CaptureFixture[str]) -> None:
    here = ["-C", str(story.root), "ledger"]
    assert run([*here, "verify"]) == 0
    assert "has seen no tag yet" in capsys.readouterr().err
    assert run([*here, "update"]) == 0
    first = (story.root / LEDGER).read_text()
    assert run([*here, "update"]) == 0
    assert (story.root / LEDGER).read_text() == first
    assert run([*here, "verify"]) == 0
    assert "2 lines hold" in capsys.readouterr().out
    story.git("tag", "--force", "v1.0", "HEAD")
    assert run([*here, "verify"]) == 1
    assert "RL104  v1.0" in capsys.readouterr().out
    (story.root / LEDGER).write_text(first.replace("v1.0", "v9.9"))
    assert run([*here, "verify"]) == 1
    assert "chain is broken" in capsys.readouterr().out
    assert run([*here, "update"]) == 2


# --- what git's own history says of the ledger ----------------------------------------------------------------------


def kept(story: Tagged) -> str:
    """The ledger's text, written and committed."""
    assert run(["-C", str(story.root), "ledger", "update"]) == 0
    text = (story.root / LEDGER).read_text()
    story.write(LEDGER, text).commit("See the tags")
    return text


def from_history(story: Tagged) -> list[tuple[str, str]]:
    return [(one.code, one.tag) for one in contradictions(story.inquiry().evidence)]


def test_a_chain_written_anew_does_not_hide_a_moved_tag(story: Tagged, capsys: pytest.CaptureFixture[str]) -> None:
    kept(story)
    story.git("tag", "--force", "--annotate", "--message=One", "v1.0", "HEAD")
    empty = story.inquiry(ledger=Ledger())
    anew = appended("", entries(empty.evidence, empty.audit))
    assert read_ledger(anew).faults == ()
    story.write(LEDGER, anew).commit("Tidy up")
    assert from_history(story) == [("EV007", "v1.0"), ("RL104", "v1.0")]
    assert "RL104" in codes(story.inquiry(), "v1.0")
    assert [one.finding.code for one in story.inquiry().audit.findings] == ["EV007"]
    assert run(["-C", str(story.root), "ledger", "verify"]) == 1
    assert "that line is gone" in capsys.readouterr().out
    story.tag("v1.2")
    assert run(["-C", str(story.root), "ledger", "update"]) == 2


def test_a_ledger_that_was_deleted_is_missed_until_it_is_back(story: Tagged) -> None:
    text = kept(story)
    story.tag("v1.2", message="Three")
    story.remove(LEDGER).commit("Tidy up")
    assert from_history(story) == [("EV007", "v1.0"), ("EV007", "v1.1")]
    story.write(LEDGER, text)
    assert from_history(story) == []


def test_what_a_merge_takes_out_of_the_ledger_is_missed(story: Tagged) -> None:
    kept(story)
    story.branch("side")
    story.checkout("side")
    story.tag("v1.2", message="Three")
    kept(story)
    story.checkout("main")
    story.write("src/app.py", "two\n").commit("Go on")
    story.git("merge", "--quiet", "--strategy=ours", "--message=Merge", "side")
    assert from_history(story) == [("EV007", "v1.2")]
    story.git("checkout", "side", "--", LEDGER)
    assert from_history(story) == []


def test_lines_of_two_branches_may_be_chained_anew() -> None:
    """After a conflict one branch's lines are taken and the other's told again: nothing that was told is lost."""
    one, two, three = (ENTRY._replace(tag=tag) for tag in ("v1.0", "v1.1", "v1.2"))
    base = appended("", [one])
    ours, theirs = base + appended(base, [two]), base + appended(base, [three])
    merged = ours + appended(ours, [three._replace(first_seen="2024-03-02T00:00:00Z")])
    assert read_ledger(merged, [base, ours, theirs]).lost == ()
    assert [entry.tag for entry in read_ledger(ours, [base, ours, theirs]).lost] == ["v1.2"]
    other = three._replace(verdict="fail")
    assert read_ledger(ours + appended(ours, [other]), [theirs]).lost == (read_ledger(theirs).entries[-1],)
