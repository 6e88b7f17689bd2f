"""Evidence bundles: whole as they are made, and refused when anything in them is another."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from checktrail.cli import run
from checktrail.demo import write_demo
from checktrail.exports import verify_bundle
from checktrail.exports.bundle import held, write_bundle
from checktrail.exports.verify_bundle import SEAL, Bag, Outcome, object_id, outcomes_of, outcomes_of_zip, tree_entries
from checktrail.exports.verify_signatures import signatures
from export_story import export, hostile, unzipped
from random_story import RandomStory
from story import Story

Files = dict[str, bytes]
SHARED = Path(__file__).parents[2] / "shared"
REAL = sorted((*SHARED.glob("corpus/md/*.md"), *SHARED.glob("seeds/*.txt")))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "tidepool"
    write_demo(folder)
    return folder


@pytest.fixture(scope="module")
def bundle(demo: Path) -> bytes:
    assert export(demo, demo.parent / "evidence.zip") == 0
    return (demo.parent / "evidence.zip").read_bytes()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("small")
    story = Story(folder)
    story.write("RELEASE.md", "# Release checklist\n\n## Sign-off\n- [ ] QA lead sign-off\n").commit("Start")
    story.tick("RELEASE.md", "QA lead").commit("Sign off", by="Ben")
    story.tag("v1.0.0", message="v1.0.0")
    assert export(story.root, folder / "small.zip") == 0
    return (folder / "small.zip").read_bytes()


def verify(content: bytes) -> tuple[Outcome, ...]:
    return outcomes_of_zip(io.BytesIO(content))


def refused_by(content: bytes) -> list[str]:
    """The checks that refuse a bundle."""
    return [outcome.name for outcome in verify(content) if outcome.faults]


def remade(bundle: bytes, change: Callable[[Files], None]) -> bytes:
    """The bundle after a change, with new manifests and a new seal: what somebody would make who wants to deceive."""
    files = {name: content for name, content in unzipped(bundle).items() if name.startswith("data/")}
    record = json.loads(files["data/record.json"])
    change(files)
    written = io.BytesIO()
    write_bundle(written, [held(name, files[name]) for name in sorted(files)], record["run"])
    return written.getvalue()


def edited(files: Files, name: str, change: Callable[[Any], object]) -> None:
    """Change a JSON file of the bundle."""
    document = json.loads(files[f"data/{name}"])
    change(document)
    files[f"data/{name}"] = json.dumps(document).encode()


def sealed(written: bytes) -> bytes:
    """A zip, sealed as bundles are."""
    with_comment = bytearray(written)
    length = len(SEAL) + 64
    with_comment[-2:] = length.to_bytes(2, "little")
    return bytes(with_comment) + SEAL + hashlib.sha256(with_comment).hexdigest().encode()


# --- a bundle as it is made -------------------------------------------------------------------------------------------


def test_a_bundle_is_whole(bundle: bytes) -> None:
    outcomes = verify(bundle)
    assert [outcome for outcome in outcomes if outcome.faults] == []
    names = [outcome.name for outcome in outcomes]
    assert names == ["container", "manifests", *(name for name, _ in verify_bundle.CHECKS), "evidence"]
    assert all(outcome.looked_at for outcome in outcomes)
    assert outcomes[-1].notes == ()


def test_a_bundle_of_odd_lists_is_whole(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.write("RELEASE.md", ODD).write("crlf.md", ODD.replace("\n", "\r\n")).write("cr.md", ODD.replace("\n", "\r"))
    story.write("latin.md", "# Liste\n- [x] geprüft\n".encode("latin-1")).commit("Start")
    story.tag("v1.0.0")
    assert export(story.root, tmp_path / "e.zip") == 0
    content = (tmp_path / "e.zip").read_bytes()
    record = json.loads(unzipped(content)["data/record.json"])
    assert sum(sheet["totals"]["items"] for sheet in record["releases"][0]["checklists"]) > 30
    assert [outcome for outcome in verify(content) if outcome.faults] == []


@pytest.mark.skipif(not REAL, reason="there are no real checklists here")
def test_a_bundle_of_real_checklists_is_whole(tmp_path: Path) -> None:
    story = Story(tmp_path)
    for number, path in enumerate(REAL):
        story.write(f"{number}.md", path.read_bytes())
    story.commit("Start")
    story.tag("v1.0.0")
    assert export(story.root, tmp_path / "e.zip") == 0
    assert [outcome for outcome in verify((tmp_path / "e.zip").read_bytes()) if outcome.faults] == []


ODD = """\
# Release checklist

## Sign-off

- [x] QA lead sign-off <!-- id: qa --> obtained
  over two lines
* [ ] Security lead sign-off ~~gone~~
+ [X]\tTabs\there
1. [ ] One
   - - [x] Two deep
> - [ ] Quoted
> > 1) [x] Twice
- [n]: #
  [ ] After a definition
-
  [x] On the next line
- [\t] A tab in the box
- [x] <b>HTML</b> & `code` [link](https://x.example)

| a | b |
|---|---|
| - [ ] | no item |
"""


def test_a_bundle_of_hostile_names_is_whole(tmp_path: Path) -> None:
    story = hostile(tmp_path)
    assert export(story.root, tmp_path / "e.zip") == 0
    assert refused_by((tmp_path / "e.zip").read_bytes()) == []


@pytest.mark.parametrize("seed", range(6))
def test_a_bundle_of_any_history_is_whole(tmp_path: Path, seed: int) -> None:
    """The audit's walk and the script's way through raw objects are two readings of one history."""
    story = RandomStory(tmp_path, seed).story
    assert export(story.root, tmp_path / "e.zip") == 0
    outcomes = verify((tmp_path / "e.zip").read_bytes())
    assert [outcome for outcome in outcomes if outcome.faults] == []
    assert {outcome.name: outcome.looked_at for outcome in outcomes}["boxes"]


def test_a_bundle_of_a_partial_clone_says_what_is_missing(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served = tmp_path / "served"
    shutil.copytree(demo, served)
    subprocess.run(["git", "-C", served, "config", "uploadpack.allowFilter", "true"], check=True)
    command = ["git", "clone", "--quiet", "--bare", "--filter=blob:none", f"file://{served}", str(tmp_path / "partial")]
    subprocess.run(command, check=True)
    assert export(tmp_path / "partial", tmp_path / "e.zip") == 0
    content = (tmp_path / "e.zip").read_bytes()
    audit = json.loads(unzipped(content)["data/audit.json"])
    assert {release["verdict"] for release in audit["releases"]} == {"indeterminate"}
    assert run(["verify", str(tmp_path / "e.zip")]) == 0
    said = capsys.readouterr().out
    assert "the clone was partial" in said
    assert "checklists could not be read" in said


def test_a_bundle_of_a_sha256_repository_is_whole(tmp_path: Path) -> None:
    story = Story(tmp_path)
    shutil.rmtree(story.root / ".git")
    story.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    story.write("RELEASE.md", "# Release checklist\n\n## Sign-off\n- [ ] QA lead sign-off\n").commit("Start")
    story.tick("RELEASE.md", "QA lead").commit("Sign off", by="Ben")
    story.tag("v1.0.0", message="v1.0.0")
    assert export(story.root, tmp_path / "e.zip") == 0
    content = (tmp_path / "e.zip").read_bytes()
    assert refused_by(content) == []
    assert any(len(name) == len("data/objects/tag/") + 64 for name in unzipped(content))


def test_the_index_is_as_its_schema_says(bundle: bytes) -> None:
    files = unzipped(bundle)
    for kind, name in (("evidence", "index"), ("record", "record"), ("audit", "audit")):
        schema = json.loads(files[f"data/schemas/{kind}-1.schema.json"])
        Draft202012Validator(schema).validate(json.loads(files[f"data/{name}.json"]))


def test_a_bundle_is_a_bag_that_other_tools_read(bundle: bytes, tmp_path: Path) -> None:
    files = unzipped(bundle)
    assert files["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {"tidepool-evidence"}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())
        archive.extractall(tmp_path)
    if shutil.which("sha256sum"):
        command = ["sha256sum", "--quiet", "--strict", "--check", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
        subprocess.run(command, cwd=tmp_path / "tidepool-evidence", check=True)


def test_git_takes_the_objects_for_its_own(bundle: bytes, demo: Path) -> None:
    objects = [name.split("/")[2:] for name in unzipped(bundle) if name.startswith("data/objects/")]
    assert {kind for kind, _ in objects} == {"blob", "commit", "tag", "tree"}
    feed = "".join(f"{identity}\n" for _, identity in objects)
    command = ["git", "-C", str(demo), "cat-file", "--batch-check=%(objecttype) %(objectname)"]
    known = subprocess.run(command, input=feed, capture_output=True, text=True, check=True).stdout
    assert known.split("\n")[:-1] == [f"{kind} {identity}" for kind, identity in objects]


def test_the_policy_the_trust_file_and_every_box_are_in_it(bundle: bytes, demo: Path) -> None:
    files = unzipped(bundle)
    assert files["data/in-force/1-policy"] == (demo / "checktrail-policy.yml").read_bytes()
    assert files["data/in-force/2-trust"] == (demo / "security" / "allowed_signers").read_bytes()
    index = json.loads(files["data/index.json"])
    uses = {one["use"] for one in index["files"]}
    assert uses >= {"checklist-at-tag", "checklist-at-tick", "checklist-at-close", "checklist-now", "policy", "trust"}
    audit = json.loads(files["data/audit.json"])
    relations = {one["relation"] for release in audit["releases"] for one in release["signoffs"]}
    assert relations >= {"before-tag", "after-tag"}


def test_the_script_in_the_bundle_needs_nothing_else(bundle: bytes, tmp_path: Path) -> None:
    """No package, no repository, no git: an interpreter of its own and an empty environment."""
    (tmp_path / "evidence.zip").write_bytes(bundle)
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "tidepool-evidence"
    command = [sys.executable, "-I", "-S", "verify.py"]
    for arguments in ([], ["../evidence.zip"], ["."]):
        done = subprocess.run([*command, *arguments], cwd=folder, env={}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.endswith("the bundle is whole\n")
    (folder / "data" / "audit.json").write_bytes(b"{}")
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "data/audit.json is not what it was" in done.stdout


def test_exit_codes(bundle: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, torn, other = tmp_path / "whole.zip", tmp_path / "torn.zip", tmp_path / "other.txt"
    whole.write_bytes(bundle)
    torn.write_bytes(bundle[: len(bundle) // 2])
    other.write_bytes(b"hello")
    assert [run(["verify", str(path)]) for path in (whole, torn, other, tmp_path / "none.zip")] == [0, 1, 1, 2]
    assert "there is no bundle" in capsys.readouterr().err


# --- one byte ---------------------------------------------------------------------------------------------------------


def test_no_byte_of_a_bundle_can_change_unseen(small: bytes) -> None:
    """Every part of the zip: its local headers, its content, its directory, and the seal itself."""
    size = len(small)
    places = {*range(0, size, 61), *range(100), *range(size - 600, size)}
    for place in sorted(places):
        torn = bytearray(small)
        torn[place] ^= 1 << (place % 8)
        assert refused_by(bytes(torn)) == ["container"], place


def test_no_byte_of_an_unpacked_bundle_can_change_unseen(small: bytes) -> None:
    files = unzipped(small)
    for name, content in files.items():
        for place in {0, len(content) // 2, len(content) - 1} if content else ():
            torn = bytearray(content)
            torn[place] ^= 0x20
            changed = {**files, name: bytes(torn)}
            bag = verify_bundle.Bag(frozenset(changed), changed.__getitem__)
            outcome = verify_bundle.outcomes_of_bag(bag)
            assert [one.name for one in outcome if one.faults] == ["manifests"], (name, place)


def test_bytes_put_before_or_behind_are_seen(small: bytes) -> None:
    assert refused_by(small + b"x") == ["container"]
    assert refused_by(b"x" + small) == ["container"]
    assert refused_by(small[:-1]) == ["container"]
    assert refused_by(b"") == ["container"]


# --- more than a byte, with new manifests and a new seal --------------------------------------------------------------


def forged_verdict(files: Files) -> None:
    edited(files, "audit.json", lambda audit: audit["releases"][2].update(verdict="pass"))


def forged_requirement(files: Files) -> None:
    def change(document: Any) -> None:
        for finding in document["assessment-results"]["results"][2]["findings"]:
            finding["target"]["status"]["state"] = "satisfied"

    edited(files, "oscal-assessment-results.json", change)


def forged_everywhere(files: Files) -> None:
    """Another name in every form: the commit still says who it was."""
    for name, content in files.items():
        if not name.startswith("data/objects/"):
            files[name] = content.replace(b"Dana Reyes", b"Dana Royce")


def forged_time(files: Files) -> None:
    def change(document: Any) -> None:
        document["releases"][0]["signoffs"][0]["at"] = "2025-01-01T00:00:00Z"

    edited(files, "audit.json", change)


def forged_tick(files: Files) -> None:
    """An open box told of as ticked."""

    def change(document: Any) -> None:
        item = next(
            item
            for sheet in document["releases"][0]["checklists"]
            for item in sheet["items"]
            if item["state"] == "open"
        )
        item.update(state="ticked", marker="x")

    edited(files, "record.json", change)


def forged_words(files: Files) -> None:
    def change(index: Any) -> None:
        index["ticks"][0]["tag"]["text"] = "Something else was signed"

    edited(files, "index.json", change)


def forged_status(files: Files) -> None:
    def change(index: Any) -> None:
        next(one for one in index["ticks"] if one["status"] == "late")["status"] = "recorded"

    edited(files, "index.json", change)


def forged_commit(files: Files) -> None:
    name = next(name for name in files if name.startswith("data/objects/commit/"))
    files[name] = files[name].replace(b"\n\n", b"\n\nNot ", 1)


def other_blob(files: Files) -> None:
    """A checklist with another box, under its true id, told of as the one in the tree."""
    index = json.loads(files["data/index.json"])
    old = index["files"][0]["blob"]
    content = files[f"data/objects/blob/{old}"].replace(b"[ ]", b"[x]")
    new = object_id("blob", content, len(old))
    assert new != old
    files[f"data/objects/blob/{new}"] = content
    for name in ("data/index.json", "data/record.json"):
        files[name] = files[name].replace(old.encode(), new.encode())


def other_tag(files: Files) -> None:
    """A tag told to lead to another commit."""

    def change(document: Any) -> None:
        document["references"][1]["commit"] = document["references"][2]["commit"]

    edited(files, "index.json", change)
    edited(files, "record.json", lambda record: record["releases"][1].update(commit=record["releases"][2]["commit"]))


def broken_chain(files: Files) -> None:
    def change(index: Any) -> None:
        longest = max(index["chains"], key=lambda chain: len(chain["commits"]))
        del longest["commits"][1]

    edited(files, "index.json", change)


def no_chain(files: Files) -> None:
    edited(files, "index.json", lambda index: index.update(chains=[]))


def no_ticks(files: Files) -> None:
    edited(files, "index.json", lambda index: index.update(ticks=[]))


def fewer_commits(files: Files) -> None:
    edited(files, "record.json", lambda record: record["releases"][0].update(new=record["releases"][0]["new"][1:]))


def another_run(files: Files) -> None:
    edited(files, "index.json", lambda index: index["run"].update(version="9.9"))


def a_cell(files: Files) -> None:
    files["data/csv/findings.csv"] = files["data/csv/findings.csv"].replace(b'"info"', b'"note"', 1)


def a_row(files: Files) -> None:
    lines = files["data/csv/signoffs.csv"].splitlines(keepends=True)
    files["data/csv/signoffs.csv"] = b"".join(lines[:-1])


def a_table(files: Files) -> None:
    files["data/checktrail.sqlite"] = files["data/checktrail.sqlite"].replace(b"recorded", b"recalled")


def a_statement(files: Files) -> None:
    lines = files["data/releases.intoto.jsonl"].splitlines(keepends=True)
    files["data/releases.intoto.jsonl"] = b"".join(lines[:-1])


def a_report(files: Files) -> None:
    edited(files, "audit.sarif", lambda log: log["runs"][0]["results"].pop())


def no_json(files: Files) -> None:
    files["data/audit.json"] = b"[" * 100_000


def no_gaps(files: Files) -> None:
    edited(files, "record.json", lambda record: record.pop("unread"))


def no_object(files: Files) -> None:
    del files[next(name for name in files if name.startswith("data/objects/tree/"))]


@pytest.mark.parametrize(
    ("forgery", "check"),
    [
        (forged_verdict, "forms"), (forged_requirement, "forms"), (forged_everywhere, "sign-offs"),
        (forged_time, "sign-offs"), (forged_tick, "boxes"), (forged_words, "sign-offs"), (forged_status, "sign-offs"),
        (forged_commit, "objects"), (other_blob, "files"), (other_tag, "tags"), (broken_chain, "ancestry"),
        (no_chain, "sign-offs"), (no_ticks, "sign-offs"), (fewer_commits, "counts"), (another_run, "counts"),
        (a_cell, "forms"), (a_row, "forms"), (a_table, "forms"), (a_statement, "forms"), (a_report, "forms"),
        (no_json, "sign-offs"), (no_gaps, "evidence"), (no_object, "files"),
    ],
)  # fmt: skip
def test_a_forgery_is_refused_though_manifests_and_seal_are_made_anew(
    bundle: bytes, forgery: Callable[[Files], None], check: str
) -> None:
    assert check in refused_by(remade(bundle, forgery))


def test_remaking_alone_changes_nothing(bundle: bytes) -> None:
    assert remade(bundle, lambda _: None) == bundle


# --- signatures -------------------------------------------------------------------------------------------------------


def bag_of(files: Files) -> Bag:
    return Bag(frozenset(files), lambda name: files[name])


def faults_of_signatures(files: Files) -> list[str]:
    return [fault for fault in signatures(bag_of(files)) if fault is not None]


def test_signatures_are_checked_again(bundle: bytes) -> None:
    files = unzipped(bundle)
    audit = json.loads(files["data/audit.json"])
    said = [one["signature"] for release in audit["releases"] for one in release["signoffs"]]
    assert "personal" in said
    outcomes = list(signatures(bag_of(files)))
    assert len(outcomes) == sum(one not in {None, "unsigned"} for one in said)
    assert outcomes == [None] * len(outcomes)


def test_a_signature_over_other_words_is_bad(bundle: bytes) -> None:
    files = unzipped(bundle)
    for name in [name for name in files if name.startswith("data/objects/commit/")]:
        head, gap, message = files[name].partition(b"\n\n")
        files[name] = head + gap + b"Not " + message
    faults = faults_of_signatures(files)
    assert faults
    assert all("has a signature that is bad, not " in fault for fault in faults)


def test_a_key_that_nothing_in_the_bundle_vouches_for_is_nobodys(bundle: bytes) -> None:
    files = unzipped(bundle)
    edited(files, "index.json", lambda index: index.update(files=[]))
    faults = faults_of_signatures(files)
    assert faults
    assert all("nobody vouches for" in fault for fault in faults)


def test_an_unsigned_tick_told_of_as_signed_is_refused(bundle: bytes) -> None:
    def forgery(files: Files) -> None:
        for name in ("data/audit.json", "data/releases.intoto.jsonl", "data/csv/signoffs.csv"):
            files[name] = files[name].replace(b'"unsigned"', b'"personal"')

    assert "sign-offs" in refused_by(remade(bundle, forgery))


# --- zips that are no bundles -----------------------------------------------------------------------------------------


def entries(bundle: bytes) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        for entry in archive.infolist():
            yield entry, archive.read(entry)


def rezipped(bundle: bytes, *more: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in (*entries(bundle), *more):
            archive.writestr(entry, content)
    return sealed(written.getvalue())


def entry(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    found.create_system = 3
    found.external_attr = mode << 16
    return found


def test_a_zip_made_anew_and_sealed_is_read(small: bytes) -> None:
    assert refused_by(rezipped(small)) == []


@pytest.mark.parametrize(
    "name",
    [
        "../outside", "repository-evidence/../../outside", "/etc/passwd", "C:/windows", "repository-evidence\\data\\x",
        "repository-evidence/data/\u202e", "repository-evidence/data/a b", "repository-evidence//x",
        "repository-evidence/.hidden", "repository-evidence/data/-x", "repository-evidence/data/x:y",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(small: bytes, name: str) -> None:
    (outcome,) = verify(rezipped(small, (entry(name), b"x")))
    assert "is no name of a bundle's file" in outcome.faults[0]


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFDIR | 0o755, stat.S_IFIFO | 0o644, 0])
def test_links_folders_and_devices_are_refused(small: bytes, mode: int) -> None:
    (outcome,) = verify(rezipped(small, (entry("repository-evidence/data/link", mode), b"/etc/passwd")))
    assert "is no plain file" in outcome.faults[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["repository-evidence/bagit.txt", "repository-evidence/BAGIT.txt"])
def test_two_files_of_one_name_are_refused(small: bytes, name: str) -> None:
    (outcome,) = verify(rezipped(small, (entry(name), b"x")))
    assert outcome.faults == ("two files have one name",)


def test_a_second_folder_is_refused(small: bytes) -> None:
    (outcome,) = verify(rezipped(small, (entry("elsewhere/x"), b"x")))
    assert outcome.faults == ("a bag lies in one folder",)


def test_a_file_in_no_manifest_is_refused(small: bytes) -> None:
    outcomes = verify(rezipped(small, (entry("repository-evidence/data/more"), b"x")))
    assert "data/more is in no manifest" in outcomes[1].faults


def test_absurd_sizes_are_refused_before_anything_is_read(small: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    torn = bytearray(small[: -len(SEAL) - 64])
    start = torn.index(b"PK\x01\x02")
    torn[start + 24 : start + 28] = (2**32 - 2).to_bytes(4, "little")  # the size that the directory tells of
    (outcome,) = verify(sealed(bytes(torn)))
    assert "are more than a bundle holds" in outcome.faults[0]
    monkeypatch.setattr(verify_bundle, "MOST_FILES", 3)
    (outcome,) = verify(small)
    assert "are more than a bundle holds" in outcome.faults[0]


def test_a_small_file_that_unpacks_to_more_than_it_tells_is_refused(small: bytes) -> None:
    written = rezipped(small, (entry("repository-evidence/data/bomb"), b"0" * 10_000_000))
    torn = bytearray(written[: -len(SEAL) - 64])
    start = torn.rindex(b"PK\x01\x02")
    torn[start + 24 : start + 28] = (10).to_bytes(4, "little")
    assert refused_by(sealed(bytes(torn))) == ["manifests"]


def test_a_packed_secret_is_refused(small: bytes) -> None:
    torn = bytearray(small[: -len(SEAL) - 64])
    start = torn.index(b"PK\x01\x02")
    torn[start + 8] |= 1
    (outcome,) = verify(sealed(bytes(torn)))
    assert "is packed in a way that bundles are not" in outcome.faults[0]


def test_a_link_in_an_unpacked_bundle_is_refused(small: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "repository-evidence"
    assert [one for one in outcomes_of(folder) if one.faults] == []
    (folder / "data" / "link").symlink_to("/etc/passwd")
    (outcome,) = outcomes_of(folder)
    assert "is no plain file" in outcome.faults[0]


def test_a_tree_is_read_as_git_reads_it(demo: Path) -> None:
    listing = subprocess.run(["git", "-C", demo, "ls-tree", "-z", "HEAD"], capture_output=True, check=True).stdout
    tree = subprocess.run(
        ["git", "-C", demo, "cat-file", "tree", "HEAD^{tree}"], capture_output=True, check=True
    ).stdout
    entries_ = (line.split(b"\t") for line in listing.split(b"\0")[:-1])
    assert tree_entries(tree, 40) == {name: head.split()[2].decode() for head, name in entries_}
