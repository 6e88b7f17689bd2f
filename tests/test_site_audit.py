"""The audit's pages: words that claim no more than is known, for any name that a repository has."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import suppress
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit_story import CHECKLIST, POLICY, AuditStory
from checktrail.audit.acts import Relation
from checktrail.audit.chain import appended
from checktrail.audit.evidence import Landed, LedgerEntry
from checktrail.audit.reading import read_policy
from checktrail.audit.rules import registry
from checktrail.charts.drawing import mark
from checktrail.cli import run
from checktrail.config import Settings, read_settings
from checktrail.demo import write_demo
from checktrail.exports.shell import diff_command, tag_word, word
from checktrail.git import Repository
from checktrail.inquiry import inquire
from checktrail.lint.rules import NAMES
from checktrail.record import read_record
from checktrail.site.folders import shipped
from checktrail.site.pages import environment, pages
from checktrail.site.source import chapters
from checktrail.site.views.marks import SEVERITIES, STATUSES, VERDICTS
from checktrail.site.views.shared import Site, site
from checktrail.site.views.signoff import relation_words, since
from checktrail.store import Store
from site_story import words
from story import Story

if TYPE_CHECKING:
    from pathlib import Path

    from checktrail.audit.signoffs import SignOff

INTERNAL = replace(Settings(), site=replace(Settings().site, audience="internal"))
BY = r'<section class="ct-card ct-signoff">.*?<dt>By</dt><dd>(.*?)</dd>'
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}")


def site_of(root: Path, chosen: Settings) -> Site:
    repository = Repository.open(root)
    record = read_record(repository, chosen, Store(None))
    return site(record, chapters(repository, record))


def test_every_state_has_a_mark_and_an_icon_of_its_own() -> None:
    style = (shipped() / "assets" / "checktrail.css").read_text(encoding="utf-8")
    kinds = {kind for kind, _ in STATUSES.values()}
    assert len({mark(kind, 7, 7) for kind in kinds}) == len(STATUSES)
    for kind in kinds | {kind for kind, _ in VERDICTS.values()} | set(SEVERITIES.values()):
        icons = [rule for rule in style.split("}") if f".ct-word--{kind}" in rule and "--ct-icon" in rule]
        assert len(icons) == 1, kind
    for kind in kinds:
        assert f".ct-p-{kind} " in style or f".ct-p-{kind}," in style, kind


def made_of(root: Path, chosen: Settings | None = None) -> dict[str, str]:
    """The HTML of every page of the audit, by its name."""
    made_for = site_of(root, chosen or Settings())
    return {page.name: page.html for page in pages(made_for, environment()) if page.name.startswith("audit/")}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "tidepool"
    write_demo(folder)
    return folder


@pytest.fixture(scope="module")
def made(demo: Path) -> dict[str, str]:
    return made_of(demo, read_settings(demo))


# --- one release ----------------------------------------------------------------------------------------------------


def test_the_verdict_comes_with_the_reason_and_the_rules_it_rests_on(made: dict[str, str]) -> None:
    waived = words(made["audit/releases/v2.0.0"])
    assert "Verdict: pass with waivers Every error was waived; 3 of 4 requirements are met. See ID309 ." in waived
    assert "No error was found; 4 of 4 requirements are met." in words(made["audit/releases/v2.1.0"])
    assert re.search(r"errors? stands? that nobody waived; \d of \d requirements", words(made["audit/releases/v1.2.0"]))
    assert "No policy speaks of this release, so there is nothing to pass" in words(made["audit/releases/v1.0.0"])


def test_the_policy_is_named_by_its_blob_at_the_tag_and_at_the_base(demo: Path, made: dict[str, str]) -> None:
    ask = ("git", "-C", str(demo), "rev-parse", "v1.2.0:checktrail-policy.yml", "v2.0.0:checktrail-policy.yml")
    blobs = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()
    page = words(made["audit/releases/v2.0.0"])
    assert f"Policy at the tag blob {blobs[1]} Policy at the base blob {blobs[0]} (another: it changed" in page
    assert "(the same)" in words(made["audit/releases/v2.1.0"])


def test_author_and_committer_stand_in_the_text_both(made: dict[str, str]) -> None:
    page = words(made["audit/releases/v2.0.0"])
    assert "Author Priya Nair, 2025-09-17 06:30 UTC Committer Forge, 2025-09-17 06:30 UTC Signature unsigned" in page


def test_only_a_personal_signature_is_called_a_signature(demo: Path) -> None:
    made_for = site_of(demo, read_settings(demo))
    html = {page.name: page.html for page in pages(made_for, environment())}
    seen = {True: 0, False: 0}
    for tag, audited in made_for.audits.items():
        cards = re.findall(BY, html[f"audit/releases/{tag}"], re.DOTALL)
        assert len(cards) == len(audited.signoffs)
        for card, signoff in zip(cards, audited.signoffs, strict=True):
            is_signed = "signed by" in card
            assert is_signed == (signoff.assurance >= 3), (tag, card)
            assert is_signed or "(claimed)" in card or card.startswith("nobody"), (tag, card)
            seen[is_signed] += 1
    assert min(seen.values()) > 0


def test_every_audit_page_says_what_a_tick_is_not_and_how_it_was_made(demo: Path, made: dict[str, str]) -> None:
    head = Repository.open(demo).head.commit
    releases = [name for name in made if name.startswith("audit/releases/")]
    assert len(releases) == 9
    for name in releases:
        page = words(made[name])
        assert "it is not by itself an electronic signature under 21 CFR Part 11." in page
        assert f"Head {head}" in page
        assert "9 releases + 2 that are no release = 11 tags" in page
        assert "checktrail audit v" in page


def test_the_ledgers_verdict_stands_beside_todays_with_what_is_new(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    story.whole("1.0.0", "2024-02-01")
    found = story.inquiry().audit.releases[0]
    assert found.verdict.value == "pass"
    entry = LedgerEntry(
        tag="v1.0.0",
        tag_object=found.release.tag_object,
        commit=found.release.commit,
        checklists=(),
        policy=None,
        verdict="pass",
        tool_version="0.0.9",
        rules_digest="0" * 64,
        first_seen="2024-02-01T00:00:00Z",
        head=None,
        previous="",
    )
    stricter = POLICY + "separation:\n  - {id: apart, rule: not-tagger, requirements: [release]}\n"
    repository = Repository.open(story.root)
    story.write(".checktrail/ledger.jsonl", appended("", [entry]))
    page = words(made_of(story.root)["audit/releases/v1.0.0"])
    assert re.search(
        r"as recorded recorded: pass \(0\.0\.9\); now: pass \([\w.]+\); the rules have changed since\.", page
    )
    # The same tag under another policy: what fails it now was no error then.
    story.write("checktrail-policy.yml", stricter)
    record = read_record(repository, Settings(), Store(None))
    inquiry = inquire(repository, record, override=read_policy(stricter, "given.yml"))
    base = chapters(repository, record)
    made_for = site(record, replace(base, audit=inquiry.audit, evidence=inquiry.evidence))
    page = words(next(each.html for each in pages(made_for, environment()) if each.name == "audit/releases/v1.0.0"))
    assert re.search(r"other than recorded recorded: pass \(0\.0\.9\); now: fail .*?; ID\d+ is new", page)


# --- what came after a tick -----------------------------------------------------------------------------------------


def record_of(tmp_path: Path) -> SignOff:
    story = AuditStory(tmp_path)
    story.whole("1.0.0", "2024-02-01")
    return story.inquiry().audit.releases[0].signoffs[0]


def test_nothing_landed_is_told_apart_from_not_looked_at(tmp_path: Path) -> None:
    signoff = record_of(tmp_path)
    landed = signoff.landed
    assert landed is not None
    assert landed.commits
    none = since(signoff._replace(landed=Landed((), ())), "v1.0.0")
    unseen = since(signoff._replace(landed=None), "v1.0.0")
    in_tag = since(signoff._replace(relation=Relation.IN_TAG_COMMIT), "v1.0.0")
    assert none is not None
    assert none.words == "nothing came between the tick and the tag"
    assert unseen is not None
    assert unseen.words.startswith("not looked at")
    assert in_tag is not None
    assert in_tag.words == "nothing can: the tick is in the tagged commit"
    assert since(signoff._replace(relation=Relation.AFTER_TAG), "v1.0.0") is None


def test_an_unknown_relation_claims_no_branch(tmp_path: Path) -> None:
    signoff = record_of(tmp_path)
    assert "branch" not in relation_words(signoff._replace(relation=Relation.UNKNOWN))
    assert "another branch" in relation_words(signoff._replace(relation=Relation.NOT_REACHABLE))


def test_many_paths_are_counted_and_the_command_then_shows_them_all(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    story.draft("1.0.0", "2024-02-01")
    story.sign_off("1.0.0", "QA lead")
    for number in range(9):
        story.write(f"src/part{number}.py", "new\n")
    story.signed("Nine parts", by="Ada")
    story.signed_tag("v1.0.0")
    page = words(made_of(story.root)["audit/releases/v1.0.0"])
    assert re.search(r"1 commit came between the tick and the tag, with 9 paths that differ: .* and 4 more\.", page)
    assert re.search(r"git diff [0-9a-f]{40} v1\.0\.0 -- (?!src)", page)


ODD = (
    "a b.py", "it's.py", "$(touch owned).py", "glob*[x]?.py", ":(top)magic.py", "-rf", "new\nline.py", "caf\u00e9.py",
    "\udcff\udcfe.py", "\u202eevil.py", 'q"uote.py',
)  # fmt: skip


def test_the_copied_command_shows_exactly_what_came_whatever_the_paths_are_called(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for name in ODD:
        story.write(name, "old\n")
    start = story.commit("Start", on="2024-01-01")
    for chosen in (ODD[:5], ODD[5:10], ODD[10:]):
        for name in chosen:
            story.write(name, "other\n")
        story.write("else.py", f"{chosen}\n".encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        story.commit("Change")
        story.git("tag", "--force", "v1.0")
        command = diff_command(start, "v1.0", chosen).replace("git diff", "git diff -z --name-only")
        assert "owned" not in {path.name for path in story.root.iterdir()}
        told = subprocess.run(["bash", "-c", command], cwd=story.root, capture_output=True, check=True)
        shown = told.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
        assert sorted(shown) == sorted(chosen)
        start = story.git("rev-parse", "HEAD")
    assert not (story.root / "owned").exists()


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(blacklist_characters="\0"), min_size=1))
def test_a_word_of_a_command_is_one_argument_and_nothing_else(name: str) -> None:
    surrogates = [sign for sign in name if "\ud800" <= sign <= "\udfff"]
    if any(not "\udc80" <= sign <= "\udcff" for sign in surrogates):
        return  # no bytes decode to these
    printed = subprocess.run(["bash", "-c", f"printf %s {word(name)}"], capture_output=True, check=True)
    assert printed.stdout == name.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("tag", ["-rf", "HEAD", "0" * 40, "heads/v1.0", "main", "v1"])
def test_a_tag_that_git_could_read_as_something_else_is_named_in_full(tag: str) -> None:
    assert tag_word(tag) == f"refs/tags/{tag}"


# --- the other pages ------------------------------------------------------------------------------------------------


def test_every_code_on_the_site_leads_to_its_rule_and_lints_rules_stand_there_too(
    demo: Path, made: dict[str, str]
) -> None:
    rules = made["audit/rules"]
    anchors = set(re.findall(r'<h3 id="([a-z]{2}\d{3})">', rules))
    assert anchors == {one.code.lower() for one in registry.codes()} | {code.lower() for code in NAMES}
    assert rules.count("Remedy") >= len(registry.codes())
    every = {page.name: page.html for page in pages(site_of(demo, read_settings(demo)), environment())}
    linked = 0
    for name, html in every.items():
        for target, code in re.findall(r'<a href="([^"]*)">((?:EV|RL|SO|ID|TM|CL)\d{3})</a>', html):
            assert target.endswith(f"rules.html#{code.lower()}"), name
            linked += 1
        if name != "audit/rules":
            text = re.sub(r"<a [^>]*>.*?</a>|<code>.*?</code>|<title>.*?</title>", "", html, flags=re.DOTALL)
            assert not re.search(r"\b(?:EV|RL|SO|ID|TM|CL)\d{3}\b", text), name
    assert linked > 50


def test_findings_are_counted_by_rule_and_add_up(made: dict[str, str]) -> None:
    page = made["audit/findings"]
    rows = re.findall(r'<tr><th scope="row"><a href="[^"]*">(\w+)</a></th>.*?<td class="ct-number">(\d+)</td>', page)
    every = page[page.index('id="all-findings"') :]
    assert sum(int(found) for _, found in rows) == every.count("<tr><td>")
    for code, found in rows:
        assert every.count(f">{code}</a>") == int(found)


def test_the_population_is_the_audits_by_year_count_and_digest(
    demo: Path, made: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    page = words(made["audit/population"])
    assert "9 releases + 2 that are no release = 11 tags in the repository. It adds up" in page
    assert "seen-by-the-harbour-board 2025-12-04 no release: it does not read as a version" in page
    assert "Without a date 0 releases + 1 that is no release" in page
    command = re.search(r"checktrail (audit --from 2025-01-01 --to 2025-12-31 --format json)", page)
    assert command is not None
    with suppress(SystemExit):
        run(["-C", str(demo), *command[1].split()])
    digest = json.loads(capsys.readouterr().out)["run"]["population_digest"]
    assert f"Digest {digest}" in page


def test_people_are_for_the_house_only(demo: Path, made: dict[str, str]) -> None:
    assert "audit/people" not in made
    assert "People" not in words(made["audit/index"])
    inside = made_of(demo, INTERNAL)
    page = words(inside["audit/people"])
    assert re.search(r"Dana Reyes [\w.]+@\S+ in the policy QA lead", page)
    assert re.search(r"Mei Chen Product owner \(approval\) v2\.1\.0 recorded 2025-12-02 12:00 UTC 1", page)
    assert "People" in words(inside["audit/index"])


def test_the_public_pages_of_the_audit_hold_no_address_and_the_internal_ones_do(tmp_path: Path) -> None:
    story = AuditStory(tmp_path)
    story.write(".mailmap", "Somebody <else@example.org> <ben@example.org>\n")
    more = "\n## Approval by ada@example.org\n\n- [x] Approved (ada@example.org)\n"
    story.draft("1.0.0", "2024-02-01", CHECKLIST + more)
    story.prepare("1.0.0")
    story.sign_off("1.0.0")
    story.signed_tag("v1.0.0")
    public = made_of(story.root)
    found = {name: ADDRESS.findall(unescape(html)) for name, html in public.items() if name != "audit/rules"}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}
    assert "EV008" in public["audit/findings"]
    inside = unescape(made_of(story.root, INTERNAL)["audit/releases/v1.0.0"])
    assert "Ben <ben@example.org>" in inside
    assert "else@example.org" in inside


class Owned(HTMLParser):
    """What of a page came to be an element or a handler that a repository's names asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.owned: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" or any(name == "data-owned" or name.startswith("on") for name, _ in attrs):
            self.owned.append(self.get_starttag_text() or tag)


HOSTILE = '<img data-owned src=x onerror="alert(1)">{{ 7*7 }}'


def test_hostile_names_texts_paths_and_tags_stay_text(tmp_path: Path) -> None:
    story = Story(tmp_path)
    path = "checklists/v1.0.0 <b data-owned>.md"
    text = f"# Release v1.0.0\n\n## Sign-off\n\n### {HOSTILE} lead\n\n- [ ] Approved {HOSTILE}\n"
    story.write(path, text).commit("Start", on="2024-01-01")
    name = "</dd><script data-owned>alert(1)</script>"
    story.write(path, text.replace("[ ]", "[x]"))
    story.git("add", "--all")
    who = name.replace("<", "\u2039").replace(">", "\u203a")  # git drops angle brackets from names
    story.git("-c", f"user.name={who}", "commit", "--quiet", f"--message={name}", f"--author={who} <x@example.org>")
    story.write("src/$(touch owned)`touch owned`';.py", "x\n").commit("Change")
    tag = "v1.0.0"
    story.tag(tag, message=name)
    story.tag("<script/data-owned=1>/v2.0.0", message=name)
    for chosen in (Settings(), INTERNAL):
        made = made_of(story.root, chosen)
        assert len([page for page in made if page.startswith("audit/releases/")]) == 2
        for page, html in made.items():
            reader = Owned()
            reader.feed(html)
            assert reader.owned == [], page
        first = made["audit/releases/v1.0.0"]
        assert "&lt;/dd&gt;&lt;script data-owned&gt;alert(1)&lt;/script&gt;" in first
        assert "{{ 7*7 }}" in unescape(first)
        command = re.search(r"git diff [^\n]*", unescape(re.sub(r"<[^>]+>", "", first)))
        assert command is not None
        subprocess.run(["bash", "-c", command[0]], cwd=story.root, capture_output=True, check=True)
        assert not (story.root / "owned").exists()
