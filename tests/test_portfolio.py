"""Many repositories as one site: each read by itself, what is wrong named, the others there."""

from __future__ import annotations

import copy
import json
import os
import re
import signal
from collections.abc import Iterator, Mapping
from importlib.resources import files as resources
from multiprocessing import active_children
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from amounts import amount
from checktrail.errors import ChecktrailError, ConfigError, InputError
from checktrail.portfolio import foreign
from checktrail.portfolio.foreign import read_export
from checktrail.portfolio.gathering import gathered
from checktrail.portfolio.listing import read_listing
from checktrail.portfolio.processes import read_in_processes
from checktrail.portfolio.reading import Failed, Read, read_place
from checktrail.portfolio.summary import portfolio
from checktrail.site.drafts import Page
from export_story import export
from portfolio_story import HOSTILE, MAIL, cached, document_of, files, head, made, many, pages_of, several
from site_story import harbour, words
from story import Story


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("portfolio")
    with cached(folder / "cache"):
        yield several(folder)


@pytest.fixture(scope="module")
def document(listing: Path) -> dict[str, Any]:
    return document_of(listing)


@pytest.fixture(scope="module")
def made_pages(document: Mapping[str, Any]) -> dict[str, Page]:
    return pages_of(document)


# --- what is read -----------------------------------------------------------------------------------------------------


def test_clones_and_documents_are_read_and_what_cannot_be_is_named(listing: Path, document: dict[str, Any]) -> None:
    schema = json.loads((resources("checktrail") / "schemas" / "portfolio-1.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    own = {each["name"]: each for each in document["repositories"]}
    assert set(own) == {"tidepool", "harbour", f"../../../{HOSTILE}"}
    assert own["tidepool"]["head"] == head(listing.parent / "tidepool")
    assert [each["tag"] for each in own["harbour"]["releases"]] == ["v1.0.0", "v1.1.0"]
    broken = {each["name"]: each["slug"] for each in document["broken"]}
    assert broken == {"broken.json": "input", "cut": "shallow-clone", "nowhere": "missing"}


def test_a_clone_and_its_exported_document_say_the_same(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    assert export(story.root, f"{tmp_path / 'whole'}/") == 0
    with cached(tmp_path / "cache"):
        clone, whole = read_place(str(story.root)), read_place(str(tmp_path / "whole"))
        assert isinstance(clone, Read)
        assert clone == whole
        (tmp_path / "whole" / "portfolio.json").unlink()
        of_record = read_place(str(tmp_path / "whole"))
    assert isinstance(of_record, Read)
    (own,), (told,) = clone.document["repositories"], of_record.document["repositories"]
    assert told == {**own, "in_flight": None, "figures": None}


def test_an_audit_of_another_commit_is_refused(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    assert export(story.root, f"{tmp_path / 'out'}/", "--as=json", "--as=audit") == 0
    story.commit("More")
    assert export(story.root, tmp_path / "out" / "record.json", "--as=json") == 0
    with pytest.raises(InputError, match="not of the commit"):
        read_export(tmp_path / "out")


def test_a_folder_inside_another_repository_is_not_taken_for_it(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    (story.root / "artifacts" / "lost").mkdir(parents=True)
    found = read_place(str(story.root / "artifacts" / "lost"))
    assert isinstance(found, Failed)
    assert found.slug == "no-repository"


def test_a_record_without_policy_or_metrics_claims_none(tmp_path: Path) -> None:
    story = harbour(tmp_path)
    assert export(story.root, tmp_path / "record.json", "--as=json") == 0
    html = {name: page.html for name, page in pages_of(document_of(_list(tmp_path, "record.json"))).items()}
    assert "not audited" in words(html["verdicts"])
    assert "pass" not in words(html["verdicts"]).replace("nothing to pass", "")
    assert "metrics" not in html
    assert "does not say which checklists are on their way" in html["repositories/harbour"]


def test_a_release_without_a_checklist_has_no_counts(tmp_path: Path) -> None:
    story = Story(tmp_path, bare_name="bare")
    story.write("README.md", "# Bare\n").commit("Start")
    story.tag("v1.0.0")
    told = document_of(_list(tmp_path, "bare"))
    (release,) = told["repositories"][0]["releases"]
    assert release["totals"] is None
    release["totals"] = {}
    for document in (told, document_of(_list(tmp_path, "bare"))):
        assert "v1.0.0" in words(pages_of(document)["repositories/bare"].html)


def test_on_half_a_history_nothing_passes(document: dict[str, Any]) -> None:
    told = copy.deepcopy(document)
    tidepool = next(each for each in told["repositories"] if each["name"] == "tidepool")
    assert "pass" in {each["verdict"] for each in tidepool["releases"]}
    tidepool["indeterminate"] = True
    verdicts = {
        str(each.verdict) for own in portfolio(told).repositories if own.name == "tidepool" for each in own.releases
    }
    assert verdicts <= {"indeterminate", "fail", "no-policy"}
    assert "history cut off" in words(pages_of(told)["index"].html)


# --- documents from elsewhere -----------------------------------------------------------------------------------------


def _set(*path: Any) -> Any:
    """A change to a document: the value at the end of a path."""
    *way, key, value = path

    def change(document: dict[str, Any]) -> None:
        found: Any = document
        for step in way:
            found = found[step]
        found[key] = value

    return change


OWN = ("repositories", 0)
FIRST = (*OWN, "releases", 0)
WRONG = {
    "verdict": (_set(*FIRST, "verdict", "passed"), "verdict"),
    "time": (_set(*FIRST, "at", "2024-13-01T00:00:00Z"), "no moment of the calendar"),
    "commit": (_set(*FIRST, "commit", "; rm -rf"), "commit"),
    "sum": (_set(*FIRST, "totals", "open", 99), "are not what is ticked"),
    "due": (_set(*FIRST, "totals", "required_ticked", 9), "do not fit"),
    "signoffs": (_set(*FIRST, "signoffs", {"asked": 1, "recorded": 2}), "more sign-offs"),
    "twice": (_set(*OWN, "releases", 1, "tag", "v1.0.0"), "there twice"),
    "bare number": (_set(*OWN, "figures", 0, "grade", "n/a"), "without a grade"),
    "no n": (_set(*OWN, "figures", 0, "n", 0), "without a grade or n"),
    "endless": (_set(*OWN, "figures", 0, "value", 1e300), "value"),
    "no name": (_set(*OWN, "name", ""), "name"),
    "long name": (_set(*OWN, "name", "x" * 5000), "name"),
    "kind": (_set("schema", "checktrail.portfolio/2"), "portfolio/2"),
    "half a pair": (_set(*OWN, "title", "\ud800"), "not JSON"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("sound")
    assert export(harbour(folder).root, folder / "portfolio.json") == 0
    return (folder / "portfolio.json").read_bytes()


@pytest.mark.parametrize("fault", WRONG)
def test_a_document_that_is_not_right_is_refused_with_a_sentence(sound: bytes, tmp_path: Path, fault: str) -> None:
    change, sentence = WRONG[fault]
    document = json.loads(sound)
    (tmp_path / "portfolio.json").write_text(json.dumps(document), encoding="utf-8")
    read_export(tmp_path / "portfolio.json")
    change(document)
    (tmp_path / "portfolio.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_export(tmp_path)
    assert sentence in raised.value.sentence
    assert "portfolio.json" in raised.value.sentence
    assert len(raised.value.sentence) < 600


TEXTS = {
    "nothing": b"", "cut": b'{"schema": "checktrail.portfolio/1", "repos', "deep": b"[" * 100_000,
    "latin": b'{"schema": "\xff"}', "list": b"[]", "endless": b'{"schema": NaN}', "digits": b"1" * 10_000,
    "other": b'{"schema": "checktrail.lint/1"}',
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "portfolio.json").write_bytes(TEXTS[text])
    found = read_place(str(tmp_path / "portfolio.json"))
    assert isinstance(found, Failed)
    assert found.slug == "input"
    assert "portfolio.json" in found.sentence


def test_a_document_that_is_too_large_is_not_read_whole(
    sound: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "portfolio.json").write_bytes(sound)
    monkeypatch.setattr(foreign, "LARGEST", len(sound))
    read_export(tmp_path)
    monkeypatch.setattr(foreign, "LARGEST", len(sound) - 1)
    with pytest.raises(InputError, match="larger than"):
        read_export(tmp_path)


def test_a_pipe_is_no_document(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "portfolio.json")
    with pytest.raises(InputError, match="is no file"):
        read_export(tmp_path / "portfolio.json")


# --- apart from each other --------------------------------------------------------------------------------------------


@pytest.fixture
def hung(tmp_path: Path) -> Path:
    """A clone at which git waits for ever."""
    story = Story(tmp_path, bare_name="hung")
    story.write("a.md", "# a\n").commit()
    os.mkfifo(story.root / ".git" / "objects" / "info" / "alternates")
    return story.root


def test_one_that_hangs_is_given_up_and_leaves_nothing_behind(hung: Path, sound: bytes, tmp_path: Path) -> None:
    (tmp_path / "portfolio.json").write_bytes(sound)
    found = dict(read_in_processes([str(hung), str(tmp_path / "portfolio.json")], 2, 15))
    assert found[0] == Failed("timeout", "no answer in 15 seconds")
    assert isinstance(found[1], Read)
    waiting = [path for path in Path("/proc").glob("[0-9]*/cwd") if _leads_to(path, hung)]
    assert waiting == []


def _leads_to(link: Path, folder: Path) -> bool:
    try:
        return link.resolve().is_relative_to(folder)
    except OSError:
        return False


def test_one_that_is_killed_takes_nothing_along(hung: Path, sound: bytes, tmp_path: Path) -> None:
    (tmp_path / "portfolio.json").write_bytes(sound)

    def kill() -> None:
        while not (running := active_children()):
            sleep(0.05)
        for process in running:
            os.kill(process.pid or 0, signal.SIGKILL)

    killer = Thread(target=kill)
    killer.start()
    # One at a time: the second starts when the first was killed.
    found = dict(read_in_processes([str(hung), str(tmp_path / "portfolio.json")], 1, 120))
    killer.join()
    assert found[0] == Failed("crash", "its process ended by signal 9 before it answered")
    assert isinstance(found[1], Read)


def test_of_many_with_one_broken_all_others_are_there_and_that_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = amount(100, 12)
    clones = many(tmp_path, number, 7)
    monkeypatch.chdir(tmp_path)
    with cached(Path("cache")):
        assert (
            made(str(clones), "--site-dir", str(tmp_path / "site"), "--jobs", "2", "--export-to", str(tmp_path / "out"))
            == 0
        )
    said = capfd.readouterr().err
    assert [line for line in said.splitlines() if line.startswith("checktrail: ")] == [
        line for line in said.splitlines() if "clone-007" in line
    ]
    assert f"{number - 1} repositories read, 1 not" in said
    assert len(list((tmp_path / "site" / "repositories").glob("clone-*.html"))) == number - 1
    home = words((tmp_path / "site" / "index.html").read_text(encoding="utf-8"))
    assert re.search(
        r"not read: 1 .{0,20}clone-007 ?: git cannot read it|not read: 1 .{0,20}clone-007 ?: it is no git", home
    )
    assert all(f"clone-{index:03}" in home for index in range(number))
    told = json.loads((tmp_path / "out" / "portfolio.json").read_bytes())
    assert (len(told["repositories"]), [each["name"] for each in told["broken"]]) == (number - 1, ["clone-007"])


def test_strictly_one_that_is_not_read_leaves_the_site_that_is_there(
    listing: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert made(str(listing), "--site-dir", str(tmp_path / "site"), "--strict") == 1
    assert not (tmp_path / "site").exists()
    said = capfd.readouterr().err
    assert all(f"checktrail: {name}: " in said for name in ("broken.json", "cut", "nowhere"))


def test_when_not_one_can_be_read_nothing_is_built(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert made(str(_list(tmp_path, "a", "b")), "--site-dir", str(tmp_path / "site")) == 2
    assert "none of the 2 places could be read: a: " in capfd.readouterr().err
    assert not (tmp_path / "site").exists()


# --- the list ---------------------------------------------------------------------------------------------------------


def _list(folder: Path, *lines: str) -> Path:
    path = folder / "repositories.txt"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_a_list_is_paths_patterns_and_comments(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / "x" / name).mkdir(parents=True)
    found = read_listing(_list(tmp_path, "# ours", "", "  x/*  ", "with space/c"))
    assert [each.place for each in found.members] == [tmp_path / "x/a", tmp_path / "x/b", tmp_path / "with space/c"]


def test_a_folder_is_a_list_of_its_folders_and_documents(tmp_path: Path) -> None:
    for name in ("b", "a", "site", ".hidden"):
        (tmp_path / name).mkdir()
    for name in ("c.json", "notes.txt"):
        (tmp_path / name).touch()
    found = read_listing(tmp_path, [tmp_path / "site"])
    assert [each.place.name for each in found.members] == ["a", "b", "c.json"]


LISTS = {
    'titel = "x"\n': "did you mean title",
    "title = 3\n": "should be a string",
    'audience = "all"\n': "public or internal",
    'url = "ftp://x"\n': "no address",
    'site = "javascript:alert(1)"\n[[repository]]\npath = "x"\n': "no address",
    'site = "https://ada:secret@x/"\n': "no address",
    '[[repository]]\nname = "x"\n': "has no path",
    '[[repository]]\npath = "x"\nfolder = "y"\n': "there is no folder",
    "repository = 3\n": "no list of tables",
    "title = \n": "not TOML",
    "": "lists no repository",
}


@pytest.mark.parametrize("text", LISTS)
def test_a_list_that_is_not_right_says_what_is_wrong(tmp_path: Path, text: str) -> None:
    (tmp_path / "portfolio.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ChecktrailError) as raised:
        read_listing(tmp_path / "portfolio.toml")
    assert LISTS[text] in f"{raised.value.sentence} {raised.value.hint}"
    assert "portfolio.toml" in raised.value.sentence


def test_a_list_that_is_not_there_or_no_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        read_listing(tmp_path / "list.txt")
    assert made(str(tmp_path / "nowhere.toml")) == 2
    assert "write portfolio.toml" in capfd.readouterr().err
    (tmp_path / "portfolio.toml").write_text('[[repository]]\npath = "*"\nname = "x"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="all would be called"):
        read_listing(tmp_path / "portfolio.toml")


def test_two_of_one_name_are_told_apart(sound: bytes, tmp_path: Path) -> None:
    for name in ("a.json", "b.json", "c.json"):
        (tmp_path / name).write_bytes(sound)
    (tmp_path / "c.json").write_bytes(sound.replace(b'"name": "harbour"', b'"name": "harbour (2)"'))
    found = gathered(read_listing(tmp_path), lambda places: ((n, read_place(each)) for n, each in enumerate(places)))
    assert [each["name"] for each in found["repositories"]] == ["harbour", "harbour (2)", "harbour (2) (2)"]
    assert len([name for name in pages_of(found) if name.startswith("repositories/")]) == 3


# --- the pages --------------------------------------------------------------------------------------------------------


def test_the_first_page_says_where_each_stands_and_what_is_missing(made_pages: dict[str, Page]) -> None:
    text = words(made_pages["index"].html)
    assert "3 repositories" in text
    assert "not read: 3" in text
    assert "cut : its history is cut off" in text
    assert re.search(r"tidepool v2\.1\.0 2025-12-02 pass 23 of 23 \(100%\).* 6 of 6 4 of 19 \(21%\)", text)
    assert re.search(r"harbour v1\.1\.0 2024-04-09 no policy 4 of 4 ", text)


def test_every_metric_stands_with_its_grade_and_n(made_pages: dict[str, Page]) -> None:
    html = made_pages["metrics"].html
    cells = re.findall(r"<td data-ct-value=\"([^\"]*)\">(.*?)</td>", html)
    assert len(cells) > 10
    for value, cell in cells:
        told = words(cell)
        assert (
            re.fullmatch(r".+ (measured|declared|proxy) n\xa0\d+|.+ (measured|declared|proxy) n \d+", told)
            if value
            else told in {"n/a", "not said"}
        )


def test_the_calendar_is_a_picture_and_a_table(made_pages: dict[str, Page]) -> None:
    html = made_pages["releases/year-2025"].html
    assert '<svg class="ct-chart ct-chart--grid"' in html
    assert 'role="img"' in html
    assert "tidepool, 2025-09: 3: v2.0.0-rc.1, v2.0.0" in html or "tidepool, 2025-09: 2: v2.0.0-rc.1, v2.0.0" in html
    assert "The same as a table" in html
    rows = re.findall(r'<tr><th scope="row">', html)
    assert len(rows) == 8


def test_every_release_is_on_the_page_of_its_year(document: dict[str, Any], made_pages: dict[str, Page]) -> None:
    listed = sum(
        len(re.findall(r'<tr><th scope="row">', page.html)) for name, page in made_pages.items() if "year-" in name
    )
    assert listed == sum(not each["alias_of"] for own in document["repositories"] for each in own["releases"])


def test_links_lead_into_each_repositorys_own_site(made_pages: dict[str, Page]) -> None:
    assert 'href="https://harbour.example/site/releases/v1.1.0.html"' in made_pages["index"].html
    assert 'href="sites/tidepool/releases/v2.1.0.html"' in made_pages["index"].html
    assert 'href="../sites/tidepool/index.html"' in made_pages["repositories/tidepool"].html
    assert "javascript:" not in "".join(page.html for page in made_pages.values())


def test_a_public_site_shows_no_address_and_no_path_of_the_machine(
    listing: Path, document: dict[str, Any], made_pages: dict[str, Page]
) -> None:
    for page in made_pages.values():
        whole = f"{page.title} {page.description} {page.html}"
        assert MAIL not in whole, page.name
        assert str(listing.parent) not in whole, page.name
    internal = pages_of({**document, "audience": "internal"})
    assert str(listing.parent) in internal["made"].html


def test_an_address_that_is_none_is_no_link(document: dict[str, Any]) -> None:
    told = copy.deepcopy(document)
    for address in ("javascript:alert(1)", "//elsewhere.example/", 'x" onclick="alert(1)', "data:text/html,x"):
        told["repositories"][0]["site"] = told["url"] = address
        assert (portfolio(told).url, {each.site for each in portfolio(told).repositories}) == (
            "",
            {"", "https://harbour.example/site/"},
        )


def test_hostile_names_are_text_and_stay_in_the_site(made_pages: dict[str, Page]) -> None:
    for name, page in made_pages.items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?", name)
        assert ".." not in name.split("/")
        assert "<img" not in page.html
        assert not re.search(r'(?:href|src)="[^"]*//elsewhere', page.html)


# --- the whole way ----------------------------------------------------------------------------------------------------


@pytest.mark.build
def test_the_same_list_gives_the_same_bytes_whoever_reads_first(listing: Path, tmp_path: Path) -> None:
    for name, jobs in (("one", "1"), ("two", "4")):
        out = ["--site-dir", str(tmp_path / name / "site"), "--export-to", str(tmp_path / name / "out")]
        assert made(str(listing), "--jobs", jobs, *out, *(f"--as={form}" for form in ("json", "csv"))) == 0
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert "Harbour Works" in (tmp_path / "one" / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.build
def test_a_document_of_many_is_a_member_and_a_part_of_a_site_with_pages_of_its_own(
    document: dict[str, Any], tmp_path: Path
) -> None:
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    (tmp_path / "portfolio.json").write_text(json.dumps(document), encoding="utf-8")
    again = document_of(_list(tmp_path, "portfolio.json"))
    assert [each["name"] for each in again["repositories"]] == [each["name"] for each in document["repositories"]]
    assert again["broken"] == document["broken"]
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# Ours\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Ours\nplugins:\n  - checktrail: {portfolio: portfolio.json}\n", encoding="utf-8"
    )
    with cached(tmp_path / "cache"):
        build(load_config(str(tmp_path / "mkdocs.yml")))
    assert (tmp_path / "site" / "status" / "index.html").exists()
    assert (tmp_path / "site" / "repositories" / "tidepool" / "index.html").exists()


def test_what_stands_where_the_site_shall_be_is_left_alone(listing: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    assert made(str(listing), "--site-dir", str(tmp_path)) == 2
    assert files(tmp_path) == {"thesis.txt": b"mine"}


def test_tables_are_queried_with_duckdb(listing: Path, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    for name in ("one", "two"):
        assert made(str(listing), "--export-to", str(tmp_path / name), "--as", "parquet") == 0
    assert files(tmp_path / "one") == files(tmp_path / "two")
    with duckdb.connect() as database:
        found = database.execute(
            "SELECT p.repository, count(r.id), count(*) FILTER (r.verdict = 'fail') FROM 'ONE/repositories.parquet' p"
            " LEFT JOIN 'ONE/releases.parquet' r ON r.repository_id = p.id GROUP BY ALL ORDER BY 1".replace(
                "ONE", str(tmp_path / "one")
            )
        ).fetchall()
        broken = (
            database.read_parquet(str(tmp_path / "one" / "broken.parquet")).order("1").project("repository").fetchall()
        )
    assert found == [(f"../../../{HOSTILE}", 2, 0), ("harbour", 2, 0), ("tidepool", 9, 1)]
    assert broken == [("broken.json",), ("cut",), ("nowhere",)]
