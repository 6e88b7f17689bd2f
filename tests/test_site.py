"""The pages: what each says, that all links lead somewhere, that hostile names stay names; and the tree they are in."""

from __future__ import annotations

import json
import posixpath
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import markdown
import pytest
import yaml

from checktrail.comparing import against_files
from checktrail.config import Settings, SiteSettings
from checktrail.diff import changes
from checktrail.errors import ConfigError
from checktrail.git import Repository
from checktrail.site.drafts import Page
from checktrail.site.feeds import files
from checktrail.site.pages import drafts, environment, pages
from checktrail.site.shelf import Keys, Sources
from checktrail.site.source import chapters
from checktrail.site.tree import write_tree
from checktrail.site.views.shared import site
from checktrail.store import Store
from site_story import CHECKLIST, harbour, pages_of, record_of, words
from story import Story

PLAIN = Settings()
INTERNAL = Settings(site=SiteSettings(audience="internal"))
HOSTILE = "<img src=x onerror=alert(1)>\"'&"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    return pages_of(harbour(tmp_path_factory.mktemp("story")), PLAIN)


# --- what the pages say -----------------------------------------------------------------------------------------------


def test_home_says_where_the_release_in_flight_stands_and_what_is_open(made: dict[str, Page]) -> None:
    home = words(made["index"].html)
    assert "for 1.2.0" in home
    assert "Before the tag 1 of 4" in home
    assert "All boxes 1 of 6" in home
    assert "open: Changelog is written (owner: Ben)" in home
    assert "QA lead sign-off obtained" in home
    assert "Migration guide" not in home  # conditional items wait for nobody
    assert "0 of 2 sign-offs" in home
    assert "All 2 releases" in home
    assert "1 other file" in home


def test_the_index_of_releases_counts_what_the_tags_hold(made: dict[str, Page]) -> None:
    index = words(made["releases/index"].html)
    rows = re.findall(r"(v1\.\d\.0) (2024-\d\d-\d\d) (\d of \d)", index)
    assert rows == [("v1.1.0", "2024-04-09", "4 of 4"), ("v1.0.0", "2024-03-06", "3 of 4")]
    assert "1 of 2" in index


def test_a_release_shows_its_checklist_as_at_the_tag_not_as_now(made: dict[str, Page]) -> None:
    release = words(made["releases/v1.0.0"].html)
    assert "Before the tag 3 of 4" in release
    assert "1 of 2 sign-offs before the tag" in release
    assert "done: QA lead sign-off obtained" in release
    assert "open: Product owner sign-off obtained" in release
    assert "annotated by Dana" in release
    assert "3 commits first released here" in release


def test_a_release_is_compared_with_its_base(made: dict[str, Page]) -> None:
    html = made["releases/v1.1.0"].html
    assert 'href="v1.0.0.html"' in html
    assert "Late, but done" in html
    assert "QA has looked" not in html.split('id="commits"')[1]
    assert "lightweight" in words(html)


def test_a_release_names_who_ticked_as_a_claim_and_what_came_late(made: dict[str, Page]) -> None:
    signoffs = words(made["releases/v1.0.0"].html).split("Sign-offs at the tag")[1]
    assert "Recorded as ticked by (claimed)" in signoffs
    assert re.search(r"done QA lead sign-off obtained Sign-off QA lead Cleo, 2024-03-05 [0-9a-f]{10}", signoffs)
    assert "after the tag ticked by Dana, 2024-03-08" in signoffs.split("After the tag")[0]
    later = signoffs.split("What happened to this release")[1]
    assert re.search(r"2024-03-08 ticked late Product owner sign-off obtained Dana", later)
    assert re.search(r"2024-03-08 ticked Announcement sent Dana", later)
    assert "5 of 5" in later


def test_each_checklist_says_how_it_closed_and_an_open_sign_off_who_ticked_it_later(tmp_path: Path) -> None:
    story, path = harbour(tmp_path), "checklists/v1.2.0.md"
    story.tag("v1.2.0-rc.1", on="2024-05-02")
    story.write("checklists/deployment.md", "# Deployment checklist\n\n## Deployment\n\n- [ ] Deployed\n")
    story.commit("A list for all", on="2024-05-03")
    story.tag("v1.2.0", on="2024-05-04")
    story.tick(path, "Product owner").commit("Late", by="Cleo", on="2024-05-05")
    story.replace(path, "Product owner sign-off obtained", "Product owner sign-off is obtained")
    story.commit("Say it better", by="Ben", on="2024-05-06")
    story.tag("v1.3.0", on="2024-05-07")
    made = pages_of(story, PLAIN)
    said = words(made["releases/v1.2.0"].html)
    assert "“Harbour v1.2.0 release checklist” has not closed" in said
    assert "“Deployment checklist” closed at the next release" in said
    signoff = said.split("Product owner sign-off obtained Sign-off Product owner after the tag")[1]
    assert signoff.startswith(" ticked by Cleo, 2024-05-05 ")
    candidate = words(made["releases/v1.2.0-rc.1"].html)
    assert "2024-05-05 ticked late" in said
    assert "2024-05-05 ticked Product owner" in candidate
    assert " late" not in candidate


def test_a_release_s_timeline_tells_in_time_from_late(made: dict[str, Page]) -> None:
    picture = made["releases/v1.0.0"].html.split('id="timeline"')[1].split("</figure>")[0]
    said = words(picture)
    for row in (
        "2024-03-04 12:00 UTC Commits Ben Tests and changelog Preparation Ben ticked: Changelog is written",
        "2024-03-06 12:00 UTC Tag v1.0.0 was tagged",
        "Sign-off Dana ticked: Product owner sign-off obtained",
    ):
        assert row in said
    assert 'class="ct-p-late"' in picture
    assert 'class="ct-p-follow-up"' in picture


def test_a_checklist_tells_each_item_s_trail(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    path = "checklists/v1.2.0.md"
    story.replace(path, "Changelog is written", "Changelog is written & read").commit(
        "Say more", by="Eli", on="2024-05-03"
    )
    story.tick(path, "Changelog").commit("Changelog", by="Ben", on="2024-05-04")
    story.branch("side").untick(path, "Changelog").commit("Not yet", by="Cleo", on="2024-05-05")
    story.checkout("main").write("x.txt", "x").commit()
    merge = story.merge("side", by="Dana")
    said = words(pages_of(story, PLAIN)["checklists/v1.2.0"].html)
    trail = said.split("Trail: 4 events")[1]
    assert re.search(r"reworded from “Changelog is written.*” to “Changelog is written & read.*” by Eli", trail)
    assert trail.index("ticked by Ben") < trail.index("unticked by Cleo")
    assert re.search(rf"unticked by Cleo, \w+ ?, reached main in {merge[:10]}", trail)
    assert trail.count("reached main") == 1


def test_a_release_shows_its_notes_and_where_they_differ_from_the_commits(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    story.write("CHANGELOG.md", "# Changelog\n\n## 1.2.0\n\n### Added\n\n- A *north* pier (#7)\n- Piers <script>\n")
    story.commit("feat: a north pier (#7)", by="Eli", on="2024-05-06")
    story.commit("feat!: no more anchors", by="Eli", on="2024-05-07")
    story.tag("v1.2.0", message="Harbour 1.2.0", on="2024-05-08")
    html = pages_of(story, PLAIN)["releases/v1.2.0"].html
    said = words(html.split('id="notes"')[1].split('id="completion"')[0])
    assert "From the changelog CHANGELOG.md and the commits" in said
    assert "A <em>north</em> pier" in html
    assert "&lt;script&gt;" in html
    assert "no more anchors" in said.split("Commits that users would notice")[1]
    assert "Eli (first time)" in said


def test_a_checklist_shows_state_runbook_and_declared_against_counted(made: dict[str, Page]) -> None:
    page = made["checklists/v1.0.0"]
    said = words(page.html)
    assert "Before the tag 4 of 4" in said
    assert "Late, but done" not in said
    assert "systemctl stop harbour" in said.split("Runbook")[1]
    declared = said.split("Declared against counted")[1]
    assert "Preparation 4 3 0 2 no one too many" in declared
    assert "Sign-off 2 2 0 2 no" in declared
    assert page.html.count('class="ct-item') == 6
    assert "At the tags: v1.0.0" in said


def test_how_it_was_made_adds_up(made: dict[str, Page]) -> None:
    said = words(made["made"].html)
    assert "6 + 1 7 yes" in said
    assert "2 + 0 2 yes" in said
    assert "10 + 9 + 0 19 yes" in said
    assert re.search(r"Head [0-9a-f]{40}", said)


def test_a_name_that_turns_the_direction_of_writing_turns_nothing_else(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    for number, name in enumerate(("\u05e9\u05dc\u05d5\u05dd", "Eve\u202e", "Eve\u2069\u202e"), 1):
        story.tick("checklists/v1.2.0.md", ("Changelog", "QA lead", "Product owner")[number - 1])
        story.commit(f"Tick {number}", by=name, on=f"2024-05-1{number}")
    said = words(pages_of(story, PLAIN)["checklists/v1.2.0"].html)
    assert "ticked by \u2068\u05e9\u05dc\u05d5\u05dd\u2069, 2024-05-11" in said
    assert "ticked by \u2068Eve\u202e\u2069, 2024-05-12" in said
    assert "ticked by \u2068Eve\u202e\u2069, 2024-05-13" in said
    assert "ticked by Ben, 2024-05-02" in said


def test_pages_with_nothing_to_say_are_not_made(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("README.md", "# Nothing\n").commit("Start")
    made = pages_of(story, PLAIN)
    assert set(made) == {"index", "made"}
    assert "no release yet" in words(made["index"].html)


def test_what_no_release_has_gets_no_column(tmp_path: Path, made: dict[str, Page]) -> None:
    story = Story(tmp_path)
    story.write("README.md", "# Nothing\n").commit("Start")
    story.tag("v1.0.0")
    bare = pages_of(story, PLAIN)
    for name in ("index", "releases/index"):
        for column in ("Before the tag", "Sign-offs"):
            assert f">{column}</th>" not in bare[name].html
            assert f">{column}</th>" in made[name].html
        for html in (bare[name].html, made[name].html):
            table = html.split('<table class="ct-table" id="')[1].split("</table>")[0]
            columns = table.split("<tbody>")[0].count("<th ")
            assert {len(re.findall(r"<t[hd] ", row + " ")) for row in table.split("<tbody>")[1].split("<tr>")[1:]} == {
                columns
            }


def test_an_empty_repository_has_a_home(tmp_path: Path) -> None:
    assert set(pages_of(Story(tmp_path), PLAIN)) == {"index", "made"}


def test_many_releases_stand_by_year(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number in range(61):
        story.commit("Work", on=f"20{20 + number // 20}-01-{1 + number % 20:02}")
        story.tag(f"v0.{number}.0", on=f"20{20 + number // 20}-01-{1 + number % 20:02}")
    made = pages_of(story, PLAIN)
    assert 'id="year-2020"' in made["releases/index"].html
    assert made["releases/index"].html.index('id="year-2023"') < made["releases/index"].html.index('id="year-2020"')


def test_metrics_come_with_grade_n_and_pictures(made: dict[str, Page]) -> None:
    html = made["metrics"].html
    said = words(html)
    assert "2 releases from 2024-03-06" in said
    assert re.search(r"Time between releases \d+ days .*?measured 1", said)
    assert html.count("<figure") >= 2
    assert "QA lead sign-off obtained Sign-off · checklists/v1.1.0.md 2 2 0" in said


def test_a_heat_map_tells_when_the_boxes_were_ticked(made: dict[str, Page]) -> None:
    table = words(made["metrics"].html.split("When boxes are ticked, table")[1].split("</table>")[0])
    assert "v1.0.0 0 0 0 0 0 2 1 0 2" in table  # twice two days before, once a day before, twice after it
    assert "v1.1.0 0 0 0 0 0 0 0 4 0" in table


def test_the_matrix_of_sign_offs_is_a_picture_and_a_table(made: dict[str, Page]) -> None:
    html = made["audit/index"].html.split('id="matrix"')[1]
    assert "<title>QA lead, v1.0.0: recorded</title>" in html
    assert "<title>Product owner, v1.0.0: late</title>" in html
    assert html.index("</svg>") < html.index('<th scope="col">QA lead</th>')


def test_upgrades_and_back_ports_are_told_where_there_are_any(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    story.commit("feat!: piers are numbered from 1", by="Eli", on="2024-05-06")
    story.write("pier", "fixed").commit("fix: the pier <b>", by="Eli", on="2024-05-07T08:00")
    fix = story.git("rev-parse", "HEAD")
    story.tag("v2.0.0", on="2024-05-08")
    story.branch("maintenance", "v1.1.0")
    story.at("2024-05-09")
    story.git("cherry-pick", "-x", fix)
    story.tag("v1.1.1", on="2024-05-10")
    story.checkout("main")
    made = pages_of(story, PLAIN)
    upgrade = words(made["upgrades/v1.1.0..v2.0.0"].html)
    assert "piers are numbered from 1" in upgrade
    assert "v1.1.0 to v2.0.0 1 release 1" in words(made["upgrades/index"].html)
    matrix = words(made["upgrades/back-ports"].html)
    assert "Change 2.0 1.1 1.0 the pier <b>" in matrix
    assert re.search(r"v2\.0\.0 v1\.1\.1 not in it", matrix)
    assert dead_links(made, folders=False) == []


POLICY = """\
version: 1
people:
  cleo: {name: Cleo, emails: [cleo@example.org]}
roles:
  qa: {title: QA lead, members: [{person: cleo}]}
requirements:
  - {id: qa, match: {text: QA lead}, role: qa, when: before-tag}
"""


def test_the_audit_has_a_page_per_release_that_never_calls_unsigned_signed(made: dict[str, Page]) -> None:
    page = words(made["audit/releases/v1.0.0"].html)
    assert "Verdict: no policy" in page
    assert "recorded as ticked by Cleo (claimed)" in page
    assert "open at the tag; later recorded as ticked by Dana (claimed)" in page
    assert "signed by" not in page
    assert "1, claimed: an unsigned commit claims it" in page
    assert "not by itself an electronic signature" in page
    assert "@example.org" not in made["audit/releases/v1.0.0"].html


def test_the_matrix_the_findings_and_the_rules_lead_to_each_other(made: dict[str, Page]) -> None:
    index = words(made["audit/index"].html)
    assert "2 releases audited 2 no policy" in index
    assert re.search(
        r"Release QA lead Product owner v1\.1\.0 recorded Ben recorded Ben v1\.0\.0 recorded Cleo late Dana", index
    )
    findings = made["audit/findings"].html
    assert 'href="rules.html#so204"' in findings
    assert 'id="so204"' in made["audit/rules"].html
    assert "Remedy" in made["audit/rules"].html


def test_with_a_policy_releases_show_their_verdict(tmp_path: Path) -> None:
    story = Story(tmp_path)
    text = CHECKLIST.format(version="v1.0.0")
    story.write("checktrail-policy.yml", POLICY).write("checklists/v1.0.0.md", text).commit("Start", on="2024-03-01")
    story.tag("v1.0.0", on="2024-03-02")
    made = pages_of(story, PLAIN)
    assert re.search(r"v1\.0\.0 2024-03-01 0 of 4 .*? 0 of 2 fail", words(made["releases/index"].html))
    assert "Verdict: fail" in words(made["releases/v1.0.0"].html)
    assert re.search(r"qa .*?unmet", words(made["audit/releases/v1.0.0"].html))


def test_home_tells_what_moved_in_the_last_seven_days(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    path = "checklists/v1.2.0.md"
    story.tick(path, "Changelog").commit("Changelog", by="Ben", on="2024-06-01")
    story.tick(path, "QA lead").tick("docs/roadmap.md", "More piers").commit("QA", by="Cleo", on="2024-06-07")
    moved = words(pages_of(story, PLAIN)["index"].html).split("What moved in the last seven days")[1]
    assert moved.index("ticked: QA lead sign-off obtained by Cleo") < moved.index("ticked: Changelog is written")
    assert "More piers" not in moved
    assert "Unit tests" not in moved.split("Latest releases")[0]


# --- links and hostile names ----------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Gathers links and ids, and fails on what no page of ours may hold."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "iframe", "object", "embed", "img", "link", "style", "form", "base", "meta"}
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name != "style"
            if name == "href":
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")


def read(page: Page) -> Reader:
    reader = Reader()
    reader.feed(page.html)
    return reader


def dead_links(made: dict[str, Page], *, folders: bool) -> list[str]:
    """Links that lead to no page or to no anchor of it; and ids given twice."""
    readers = {name: read(page) for name, page in made.items()}
    at = {
        (
            f"{name}/"
            if folders and not name.endswith("index")
            else f"{name.removesuffix('index')}"
            if folders
            else f"{name}.html"
        ): name
        for name in made
    }
    bad = [
        f"{name}: {each} twice" for name, reader in readers.items() for each in reader.ids if reader.ids.count(each) > 1
    ]
    documents = {f"{name}.json": name for name, page in made.items() if page.document}
    for url, name in at.items():
        for link in readers[name].links:
            if link.startswith("https://"):
                continue
            path, _, anchor = unquote(link).partition("#")
            start = url if folders else posixpath.dirname(url)
            target = posixpath.normpath(posixpath.join("/", start, path)).lstrip("/") if path else url
            if target in documents:
                continue
            found = at.get(f"{target}/" if folders and path and target else target)
            if found is None or (anchor and anchor not in readers[found].ids):
                bad.append(f"{name}: {link}")
    return bad


@pytest.mark.parametrize("folders", [False, True])
def test_every_link_leads_to_a_page_and_an_anchor(tmp_path: Path, folders: bool) -> None:  # noqa: FBT001
    assert dead_links(pages_of(harbour(tmp_path), PLAIN, folders=folders), folders=folders) == []


def hostile(folder: Path) -> Story:
    """Everything that somebody else names, named badly."""
    story = Story(folder, bare_name="hostile <b>&'")
    text = (
        CHECKLIST.format(version="v1.0.0")
        .replace("Unit tests", HOSTILE)
        .replace("## Sign-off", f"## Sign-off {HOSTILE}")
    )
    for path in (
        "checklists/v1.0.0.md",
        "checklists/<script>.md",
        "checklists/a b'\"&#?%.md",
        "checklists/-x\n.md",
        "Index.md",
    ):
        story.write(path, text.replace("# Harbour", f"# {HOSTILE} {{{{ 7 * 7 }}}} </title><script>"))
    story.write(b"checklists/v1.0.0-\xff.md".decode("utf-8", "surrogateescape"), text)
    story.commit(f"{HOSTILE} \x1b[31m </script>", by=HOSTILE.replace("<", "").replace(">", ""))
    for tag in ("v1.0.0", "V1.0.0", "<script>/v1.1.0", "a&b;'/v1.2.0", "index/v1.0.0"):
        story.tag(tag)
    return story


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    made = pages_of(hostile(tmp_path), PLAIN)
    assert dead_links(made, folders=False) == []
    assert len({name.casefold() for name in made}) == len(made)
    for page in made.values():
        assert "<img" not in page.html
        assert "<script" not in page.html


def test_hosts_are_linked_and_credentials_never(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    story.git("remote", "add", "origin", "https://ben:s3cret@github.com/harbour/harbour.git")
    made = pages_of(story, PLAIN)
    assert "https://github.com/harbour/harbour/edit/main/checklists/v1.2.0.md" in made["checklists/v1.2.0"].html
    assert "https://github.com/harbour/harbour/commit/" in made["releases/v1.0.0"].html
    file = f"https://github.com/harbour/harbour/blob/{story.git('rev-parse', 'v1.0.0^{}')}/checklists/v1.0.0.md?plain=1"
    for name in ("releases/v1.0.0", "audit/releases/v1.0.0", "audit/findings"):
        assert f'<a href="{file}#L12">checklists/v1.0.0.md:12</a>' in made[name].html, name
    assert not any("s3cret" in page.html for page in made.values())
    assert dead_links(made, folders=False) == []


def test_a_public_site_shows_no_addresses_and_no_contacts(tmp_path: Path) -> None:
    story = Story(tmp_path)
    text = "# Release checklist\n\n## Preparation\n\n- [ ] Ask ops@example.org\n\n"
    text += "## Contacts\n\n- On call: +41 44 000 00 00\n"
    story.write("RELEASE.md", text).commit("Start", by="Ben")
    public = "".join(page.html for page in pages_of(story, PLAIN).values())
    internal = "".join(page.html for page in pages_of(story, INTERNAL).values())
    assert "@example.org" not in public
    assert "+41 44" not in public
    assert "ops@example.org" in internal
    assert "+41 44" in internal


# --- feeds and badges -----------------------------------------------------------------------------------------------


def test_badges_say_how_things_stand(tmp_path: Path) -> None:
    record = record_of(harbour(tmp_path), PLAIN)
    found = files(site(record), ())
    assert b"before the tag: 1 of 4" in found["badges/completion.svg"]
    assert b"latest release: v1.1.0" in found["badges/latest.svg"]
    assert b"sign-offs: 2 of 2" in found["badges/sign-offs.svg"]
    assert "feed.xml" not in found  # no address, no feed


def test_feeds_hold_the_releases_with_their_addresses(tmp_path: Path) -> None:
    settings = Settings(site=SiteSettings(url="https://docs.example.org/harbour", title="Harbour <&>"))
    story = harbour(tmp_path)
    made_for = site(record_of(story, settings))
    found = files(made_for, drafts(made_for, environment(), Keys(made_for, ""), Sources(Store(None))))
    atom = ET.fromstring(found["feed.xml"])  # noqa: S314 (our own feed)
    name = "{http://www.w3.org/2005/Atom}"
    assert [entry.findtext(f"{name}title") for entry in atom.iter(f"{name}entry")] == ["v1.1.0", "v1.0.0"]
    assert atom.findtext(f"{name}title") == "Releases of Harbour <&>"
    items = json.loads(found["feed.json"])["items"]
    assert items[1]["url"] == "https://docs.example.org/harbour/releases/v1.0.0.html"
    assert items[1]["date_published"] == "2024-03-06T12:00:00Z"
    assert items[1]["summary"].startswith("Before the tag ")
    assert items[1]["id"].startswith("urn:checktrail:")
    assert "(releases/v1.0.0.html): Release v1.0.0" in found["llms.txt"].decode()


# --- templates and the tree -----------------------------------------------------------------------------------------


def test_a_repository_s_own_templates_come_first_and_run_in_a_sandbox(tmp_path: Path) -> None:
    story = harbour(tmp_path / "story")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "made.j2").write_text("<p>ours {{ page.audience }}</p>")
    made_for = site(record_of(story, PLAIN))
    found = {page.name: page.html for page in pages(made_for, environment(tmp_path / "own"))}
    assert found["made"].startswith("<p>ours public</p>")
    (tmp_path / "own" / "made.j2").write_text("{{ page.__class__.__mro__ }}")
    with pytest.raises(ConfigError, match=r"made\.j2"):
        list(pages(made_for, environment(tmp_path / "own")))
    with pytest.raises(ConfigError, match="no folder"):
        environment(tmp_path / "nowhere")


def rendered(page: Page, folder: Path) -> str:
    """A page as Python-Markdown renders it from the tree."""
    tree = write_tree([page], folder)
    text = (tree.docs / f"{page.name}.md").read_text(encoding="utf-8").split("---\n\n", 1)[1]
    return markdown.markdown(
        text,
        extensions=["toc", "checktrail.blocks"],
        extension_configs={"checktrail.blocks": {"folder": str(tree.blocks)}},
    )


def test_headings_become_markdown_and_the_rest_comes_back_as_it_was(tmp_path: Path) -> None:
    html = '<p>One</p>\n<h2 id="a-b">A &amp; *b* {{ x }} :smile: {: #c }</h2>\n'
    html += "<div>\n\n  <pre>- [ ] x\n\n# no</pre></div>\n"
    out = rendered(Page("p", "T <i> #1", "about", html), tmp_path)
    assert '<h2 id="a-b">A & *b* {{ x }} :smile: {: #c }</h2>' in unescape(out)
    assert "<div>\n\n  <pre>- [ ] x\n\n# no</pre></div>" in out
    assert re.search(r"<h1 id=[^>]*>T &#60;i&#62; &#35;1</h1>", out)


def test_no_text_reaches_into_markdown(tmp_path: Path) -> None:
    hostile_text = "\x02wzxhzdk:0\x03 \x02klzzwxh:0001\x03 \ud800 \x1e"
    out = rendered(
        Page("p", f"T {hostile_text}", "about", f'<p>{hostile_text}</p>\n<h2 id="x">{hostile_text}</h2>'), tmp_path
    )
    assert "\x02" not in out
    assert out.count("<h2") == 1


def test_the_front_matter_is_safe_to_put_out_as_it_is(tmp_path: Path) -> None:
    told = "x: [y \N{ROCKET} \u00e9 \u2028 \U0010ffff \u202e"
    tree = write_tree([Page("p", 'A "b": <i>\n---\n', told, "")], tmp_path)
    text = (tree.docs / "p.md").read_text(encoding="utf-8")
    head = text.split("---\n")[1]
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        found = yaml.load(head, loader)  # noqa: S506 -- both are safe
        assert found == {"title": "A &quot;b&quot;: &lt;i&gt;\n---\n", "description": told}


def test_only_what_changed_is_written_and_what_is_gone_is_taken_away(tmp_path: Path) -> None:
    one, two = Page("a", "A", "", "<p>1</p>"), Page("sub/b", "B", "", "<p>2</p>")
    tree = write_tree([one, two], tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    (tree.docs / "foreign.txt").write_text("not ours")
    write_tree([one, two], tmp_path)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    write_tree([one], tmp_path)
    assert not (tree.docs / "sub" / "b.md").exists()
    assert len(list(tree.blocks.iterdir())) == 1
    assert (tree.docs / "foreign.txt").exists()


def test_a_manifest_that_somebody_meddled_with_takes_nothing_away_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    folder = tmp_path / "tree"
    write_tree([Page("a", "A", "", "")], folder)
    (folder / "manifest.json").write_text(json.dumps(["docs/../../precious", "/etc/hostname", 7]))
    write_tree([Page("a", "A", "", "")], folder)
    assert (tmp_path / "precious").exists()


def test_same_repository_same_tree(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    trees = [write_tree(pages_of(story, PLAIN).values(), tmp_path / name) for name in "ab"]
    files = [
        {path.relative_to(tree.folder): path.read_bytes() for path in tree.folder.rglob("*") if path.is_file()}
        for tree in trees
    ]
    assert files[0] == files[1]


def test_what_no_commit_holds_is_said_apart_and_changes_nothing_else(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    file = story.root / "checklists" / "v1.2.0.md"
    text = file.read_text().replace("- [ ] Changelog", "- [x] Changelog")
    file.write_text(f"{text}\n- [ ] <script>alert(1)</script>\n")
    (story.root / "checklists" / "v1.3.0.md").write_text("# v1.3.0\n\n- [ ] Draft it\n")
    found = changes(*against_files(Repository.open(story.root), PLAIN, "HEAD"))
    record = record_of(story, PLAIN)
    told = chapters(Repository.open(story.root), record)
    known, live = (
        {page.name: page.html for page in pages(site(record, each), environment())}
        for each in (told, replace(told, uncommitted=found))
    )
    saying = {name for name in known if known[name] != live[name]}
    assert saying == {"index", "checklists/v1.2.0"}
    assert all(live[name].endswith(known[name]) and "not committed yet" in live[name] for name in saying)
    assert "ticked: Changelog is written (owner: Ben)" in words(live["checklists/v1.2.0"])
    assert "added: Draft it in checklists/v1.3.0.md" in words(live["index"])
    assert not any("<script" in html for html in live.values())
