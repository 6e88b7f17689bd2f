"""Page names, links between pages, anchors, and where a host shows a commit or a file."""

from __future__ import annotations

import posixpath
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checktrail.site.addresses import Addresses, Anchors, addresses, item_anchor, page_name
from checktrail.site.hosts import host

NAMES = st.text(min_size=1, max_size=120)
PAGES = st.sampled_from(["index", "made", "releases/index", "releases/v1.0", "checklists/a", "releases/by-year/2024"])


@given(NAMES)
def test_a_page_name_is_one_safe_part_of_a_path_and_always_the_same(name: str) -> None:
    page = page_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", page)
    assert page_name(name) == page
    assert page.casefold() not in {"index", "readme", "con", "nul"}
    assert len(page) < 100


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("v1.2.0", "v1.2.0"),
        ("pkg-a/v1.2.0", "pkg-a-v1.2.0"),
        ("pkg@1.2.0", "pkg-1.2.0"),
        ("v1.0+build.7", "v1.0-build.7"),
    ],
)
def test_ordinary_tags_keep_their_look(name: str, page: str) -> None:
    assert page_name(name) == page


@pytest.mark.parametrize("name", ["index", "README", "con", "<script>", "..", "…", "v1?", "%2e%2e", "a#b", "nul.v1"])
def test_odd_names_get_a_hash(name: str) -> None:
    assert re.search(r"-[0-9a-f]{8}$", page_name(name))


@given(st.lists(NAMES, unique=True, max_size=12))
def test_no_two_names_share_a_page_on_any_file_system(names: list[str]) -> None:
    pages = [page.casefold() for page in addresses(names, []).releases.values()]
    assert len(set(pages)) == len(names)


def test_the_oldest_keeps_the_plain_name() -> None:
    before = addresses(["V1", "v2"], []).releases
    after = addresses(["V1", "v2", "v1"], []).releases
    assert {tag: after[tag] for tag in before} == before
    assert after["v1"].startswith("releases/v1-")


def test_checklists_are_named_by_their_path_without_what_is_plain_anyway() -> None:
    pages = addresses([], ["checklists/v1.2.0.md", "docs/RELEASE.markdown", "README.md", "v1.2.0.md"]).checklists
    assert pages["checklists/v1.2.0.md"] == "checklists/v1.2.0"
    assert pages["docs/RELEASE.markdown"] == "checklists/docs-RELEASE"
    assert pages["README.md"].startswith("checklists/README-")
    assert pages["v1.2.0.md"].startswith("checklists/v1.2.0-")


@given(here=PAGES, there=PAGES, folders=st.booleans())
def test_a_link_leads_from_its_page_to_the_other(here: str, there: str, folders: bool) -> None:  # noqa: FBT001
    where = Addresses({}, {}, folders)
    base = "/site/" + where.url(here)
    start = base if base.endswith("/") else posixpath.dirname(base)
    reached = posixpath.normpath(posixpath.join(start, where.link(here, there).split("#")[0]))
    assert reached == posixpath.normpath("/site/" + where.url(there))
    assert where.link(here, here, "a") == "#a"
    if here != there:
        assert where.link(here, there, "a").endswith("#a")


def test_links_of_both_styles() -> None:
    assert Addresses({}, {}).link("releases/v1", "checklists/a", "b") == "../checklists/a.html#b"
    assert Addresses({}, {}, folders=True).link("releases/v1", "checklists/a", "b") == "../../checklists/a/#b"
    assert Addresses({}, {}, folders=True).link("releases/index", "index") == "../"
    assert Addresses({}, {}, folders=True).asset("releases/v1", "assets/x.css") == "../../assets/x.css"


@given(st.lists(st.text(max_size=20), max_size=10))
def test_heading_anchors_are_given_once(texts: list[str]) -> None:
    anchors = Anchors()
    given_ = [anchors.give(text) for text in texts]
    assert len(set(given_)) == len(texts)
    assert all(re.fullmatch(r"s-[a-z0-9-]+", anchor) for anchor in given_)


def test_item_anchors() -> None:
    assert item_anchor("9f86d081884c", 7) == "item-9f86d081884c"
    assert item_anchor(None, 7, within="2-") == "item-2-line-7"
    assert item_anchor('"><script>', 7) == "item-script"
    assert item_anchor("…", 7) == "item-line-7"


@pytest.mark.parametrize(
    ("remote", "commit"),
    [
        ("git@github.com:org/repo.git", "https://github.com/org/repo/commit/abc"),
        ("https://user:secret@github.com/org/repo.git", "https://github.com/org/repo/commit/abc"),
        (
            "ssh://git@gitlab.example.com:2222/group/sub/repo.git",
            "https://gitlab.example.com/group/sub/repo/-/commit/abc",
        ),
        ("https://bitbucket.org/org/repo", "https://bitbucket.org/org/repo/commits/abc"),
        ("https://codeberg.org/org/repo.git", "https://codeberg.org/org/repo/commit/abc"),
        ("https://gitea.example.com:3000/org/repo", "https://gitea.example.com:3000/org/repo/commit/abc"),
    ],
)
def test_a_known_host_shows_a_commit(remote: str, commit: str) -> None:
    found = host(remote)
    assert found is not None
    assert found.commit("abc") == commit


@pytest.mark.parametrize(
    "remote",
    [
        None,
        "",
        "/srv/git/repo.git",
        "../repo",
        "file:///srv/git",
        "https://example.com/org/repo",
        "C:/repo",
        "https://github.com",
        "javascript://github.com/a/b",
        'https://github.com"onclick=x/a/b',
        "https://[github.com/a/b",
        "ext::sh -c id",
    ],
)
def test_any_other_remote_gives_no_links(remote: str | None) -> None:
    assert host(remote) is None


def test_files_and_lines() -> None:
    found = host("git@github.com:org/repo.git")
    assert found is not None
    assert (
        found.file("v1.0", "docs/a b#c.md", 7) == "https://github.com/org/repo/blob/v1.0/docs/a%20b%23c.md?plain=1#L7"
    )
    assert found.edit("main", "a.md") == "https://github.com/org/repo/edit/main/a.md"
    assert found.tag("pkg/v1") == "https://github.com/org/repo/releases/tag/pkg/v1"
    assert found.file("main", "bytes\udcff.md").endswith("bytes%FF.md")
    assert found.tag("bytes\udcff").endswith("bytes%FF")
    assert found.edit("bytes\udcff", "a.md").endswith("bytes%FF/a.md")
