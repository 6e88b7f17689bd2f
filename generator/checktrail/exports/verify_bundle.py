"""Check an evidence bundle offline: nothing is needed but Python 3.11 or later and the bundle.

Run as `python3 verify.py [BUNDLE]`, where BUNDLE is the zip or the folder it was unpacked into; without one, the folder
that this file lies in. Nothing is unpacked, written, fetched or run. What is checked, in this order:

    container    names that stay inside, no links, sane sizes, and the seal over the zip's bytes
    manifests    every file is there with its SHA-256, and none besides (RFC 8493)
    objects      the id of every git object, made anew from its bytes
    tags         every tag's object leads to its release's commit
    files        every checklist, policy and trust file stands in its commit's tree under its path
    ancestry     a chain of parents from each release to the ticks before it
    boxes        every item of every release, in the file it stands in
    sign-offs    the boxes at tick, tag and now, and who the commits say ticked them
    counts       the sums of the record, made anew
    forms        JSON, CSV, SQLite, in-toto, OSCAL and SARIF say the same
    evidence     what was missing when it was made: no fault, but it should be known

It shows that the files belong together and to these commits; whether the verdicts follow from them, `checktrail audit`
tells on a clone. Whoever made the bundle could have made another one: compare its tags' ids with those of the remote.
"""

# One file on purpose, however long: a copy of it lies in every bundle and must need nothing beside it.
from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import sqlite3
import stat
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, NamedTuple

SEAL = b"checktrail-seal sha256:"
SEAL_LENGTH = len(SEAL) + 64
MOST_FILES = 1_000_000
MOST_BYTES = 4 * 1024**3
MOST_AT_ONCE = 1024**3
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MOST_TOLD = 20
_REMEMBERED = 256
_CHUNK = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_BOX = re.compile(r"[\s>]*(?:(?:[-*+]|[0-9]{1,9}[.)])[\s>]+)+\[([ \txX~/-])\](?!\S)(.*)", re.DOTALL)
_LINE_END = re.compile(r"\r\n|\n|\r")
_ID = re.compile(r"\{:?\s*#[\w.:-]+(?:\s[^{}]*)?\}")
# A name ends at the first `<`, an address at the next `>`, as git reads them.
_CLAIM = re.compile(rb"(?:author|committer) ([^<\n]*)<([^>\n]*)> (-?[0-9]+) [+-][0-9]+")
_PICTURES = frozenset(map(chr, (*range(0x2400, 0x2420), 0x2421, 0xFFFD)))
# What malformed content makes the standard library raise: the bundle's fault, not this script's.
_MALFORMED = (LookupError, ValueError, TypeError, AttributeError, RecursionError, sqlite3.Error, csv.Error, zlib.error)
_UNREADABLE = (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, MemoryError)
Faults = Iterator[str | None]


class FaultyError(Exception):
    """The bundle cannot be what it says it is."""


class Outcome(NamedTuple):
    """One check: its name, how much it looked at, what is wrong, and what is no fault but should be known."""

    name: str
    looked_at: int
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Bag(NamedTuple):
    """A bag's files by name, below its own folder; `read` gives one's bytes."""

    names: frozenset[str]
    read: Callable[[str], bytes]

    def json(self, name: str) -> Any:
        """A file's JSON, read once: it is never changed."""
        return _parsed(self, name)

    def object(self, kind: str, identity: str) -> bytes:
        """A git object's bytes.

        Raises:
            FaultyError: it is not in the bundle.
        """
        name = f"data/objects/{kind}/{identity}"
        if name not in self.names:
            raise FaultyError(f"the {kind} {identity} is not in the bundle")
        return self.read(name)


Checks = tuple[tuple[str, Callable[[Bag], Faults]], ...]


@lru_cache(maxsize=4)
def _parsed(bag: Bag, name: str) -> Any:
    return json.loads(bag.read(f"data/{name}"))


def main(arguments: list[str]) -> int:
    """Check the bundle that is named and say what came of it: 0 when nothing differs, 1 when something does."""
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    if not path.exists():
        sys.stdout.write(f"there is no {shown(str(path))}\n")
        return 2
    outcomes = outcomes_of(path)
    sys.stdout.writelines(f"{line}\n" for line in told(outcomes))
    return 1 if any(outcome.faults for outcome in outcomes) else 0


def told(outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    """What came of it: a line for each check and one for each fault."""
    for outcome in outcomes:
        yield f"{outcome.name:<10} {'DIFFERS' if outcome.faults else 'ok':<8} {outcome.looked_at} looked at"
        yield from (f"    {shown(fault)}" for fault in (*outcome.notes, *outcome.faults[:_MOST_TOLD]))
        if len(outcome.faults) > _MOST_TOLD:
            yield f"    and {len(outcome.faults) - _MOST_TOLD} more"
    faults = sum(len(outcome.faults) for outcome in outcomes)
    yield f"the bundle is refused: {faults} fault{'' if faults == 1 else 's'}" if faults else "the bundle is whole"


def shown(text: str) -> str:
    """Text from the bundle, safe in a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def outcomes_of(path: Path, more: Checks = ()) -> tuple[Outcome, ...]:
    """What came of every check and of some more; all but the first two are left out when the files are not whole."""
    try:
        if path.is_dir():
            return outcomes_of_bag(_folder(path), more)
        with path.open("rb") as stream:
            return outcomes_of_zip(stream, more)
    except (FaultyError, *_UNREADABLE) as error:
        return (Outcome("container", 1, (str(error),)),)


def outcomes_of_zip(stream: IO[bytes], more: Checks = ()) -> tuple[Outcome, ...]:
    """The same for the bytes of a zip."""
    try:
        _check_seal(stream)
        with zipfile.ZipFile(stream) as archive:
            return outcomes_of_bag(_zipped(archive), more)
    except (FaultyError, *_UNREADABLE, *_MALFORMED) as error:
        return (Outcome("container", 1, (str(error) or type(error).__name__,)),)


def outcomes_of_bag(bag: Bag, more: Checks = ()) -> tuple[Outcome, ...]:
    """The same for a bag's files."""
    try:
        return _checked(bag, (*CHECKS, *more))
    finally:
        _parsed.cache_clear()


def _checked(bag: Bag, checks: Checks) -> tuple[Outcome, ...]:
    first = (Outcome("container", len(bag.names), ()), _outcome("manifests", manifests, bag))
    if first[1].faults:
        return first
    later = [_outcome(name, check, bag) for name, check in checks]
    if not any(outcome.faults for outcome in later):
        later.append(_evidence(bag))
    return (*first, *later)


def _evidence(bag: Bag) -> Outcome:
    try:
        return Outcome("evidence", 1, (), tuple(_gaps(bag)))
    except _MALFORMED as error:
        return Outcome("evidence", 1, (_unreadable(error),))


def _gaps(bag: Bag) -> Iterator[str]:
    """What the bundle could not show when it was made; the verdicts say so too."""
    record = bag.json("record.json")
    words = {
        "shallow": "the clone was shallow, so that earlier history is missing",
        "partial": "the clone was partial, so that files may be missing",
        "replacements": "the repository had replace references or grafts, which were not followed",
    }
    yield from (sentence for flag, sentence in words.items() if record["run"][flag])
    if record["unread"]:
        yield f"{len(record['unread'])} checklists could not be read at some commit"


def _outcome(name: str, check: Callable[[Bag], Faults], bag: Bag) -> Outcome:
    """A check's outcome; it yields None for what is right and a sentence for what is not."""
    looked_at, faults = 0, []
    try:
        for fault in check(bag):
            looked_at += 1
            if fault is not None:
                faults.append(fault)
    except FaultyError as error:
        faults.append(str(error))
    except (*_MALFORMED, *_UNREADABLE) as error:
        faults.append(_unreadable(error))
    return Outcome(name, looked_at, tuple(faults))


def _unreadable(error: Exception) -> str:
    return f"it cannot be read: {type(error).__name__}: {error}"


# --- the container ----------------------------------------------------------------------------------------------------


def _check_seal(stream: IO[bytes]) -> None:
    """The seal is the zip's comment: a digest of every byte before it, so that none can change unseen."""
    size = stream.seek(0, io.SEEK_END)
    if not SEAL_LENGTH < size <= MOST_BYTES:
        raise FaultyError(f"{size} bytes are no bundle")
    stream.seek(0)
    digest, left = hashlib.sha256(), size - SEAL_LENGTH
    while left:
        chunk = stream.read(min(left, _CHUNK))
        if not chunk:
            raise FaultyError("it was cut off while it was read")
        digest.update(chunk)
        left -= len(chunk)
    if stream.read() != SEAL + digest.hexdigest().encode():
        raise FaultyError("the seal is missing, or does not fit the bytes before it")
    stream.seek(0)


def _zipped(archive: zipfile.ZipFile) -> Bag:
    entries = archive.infolist()
    _check_sizes([entry.file_size for entry in entries])
    for entry in entries:
        mode = entry.external_attr >> 16
        if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FaultyError(f"{entry.filename!r} is packed in a way that bundles are not")
        if entry.is_dir() or not stat.S_ISREG(mode):
            raise FaultyError(f"{entry.filename!r} is no plain file")
    names = [entry.orig_filename for entry in entries]
    _check_names(names)
    roots = {name.partition("/")[0] for name in names}
    if len(roots) != 1:
        raise FaultyError("a bag lies in one folder")
    prefix = f"{roots.pop()}/"
    return Bag(frozenset(name.removeprefix(prefix) for name in names), lambda name: archive.read(prefix + name))


def _folder(root: Path) -> Bag:
    names, sizes = [], []
    for path in root.rglob("*"):
        found = path.lstat()
        if stat.S_ISDIR(found.st_mode):
            continue
        if not stat.S_ISREG(found.st_mode):
            raise FaultyError(f"{path.name!r} is no plain file")
        names.append(path.relative_to(root).as_posix())
        sizes.append(found.st_size)
        if len(names) > MOST_FILES:
            break
    _check_sizes(sizes)
    _check_names(names)
    return Bag(frozenset(names), lambda name: (root / name).read_bytes())


def _check_sizes(sizes: list[int]) -> None:
    if len(sizes) > MOST_FILES or sum(sizes) > MOST_BYTES or max(sizes, default=0) > MOST_AT_ONCE:
        raise FaultyError(f"{len(sizes)} files of {sum(sizes)} bytes are more than a bundle holds")


def _check_names(names: list[str]) -> None:
    """Every name stays inside on every system, and no two are one where case does not count."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise FaultyError(f"{name[:200]!r} is no name of a bundle's file")
    if len({name.casefold() for name in names}) != len(names):
        raise FaultyError("two files have one name")


# --- the bag ----------------------------------------------------------------------------------------------------------


def manifests(bag: Bag) -> Faults:
    """Every file is listed once with its digest, and every listed one is there."""
    yield None if bag.read("bagit.txt") == DECLARATION else "bagit.txt is not a bag's"
    listed: dict[str, str] = {}
    for manifest, is_payload in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
        found = _manifest(bag.read(manifest))
        if any(name.startswith("data/") is not is_payload for name in found):
            yield f"{manifest} lists what it should not"
        listed |= found
    for name in sorted(bag.names - {"tagmanifest-sha256.txt"} - listed.keys()):
        yield f"{name} is in no manifest"
    payload = [0, 0]
    for name, digest in sorted(listed.items()):
        if name not in bag.names:
            yield f"{name} is missing"
            continue
        content = bag.read(name)
        if name.startswith("data/"):
            payload = [payload[0] + len(content), payload[1] + 1]
        yield None if hashlib.sha256(content).hexdigest() == digest else f"{name} is not what it was"
    if f"Payload-Oxum: {payload[0]}.{payload[1]}\n" not in bag.read("bag-info.txt").decode():
        yield "bag-info.txt tells of another payload"


def _manifest(content: bytes) -> dict[str, str]:
    pairs = [line.split("  ", 1) for line in content.decode("ascii").splitlines()]
    found = {name: digest for digest, name in pairs}
    if "".join(f"{found[name]}  {name}\n" for name in sorted(found)).encode() != content:
        raise FaultyError("a manifest is not written as manifests are")
    return found


# --- git's objects ----------------------------------------------------------------------------------------------------


def objects(bag: Bag) -> Faults:
    """The id of each object is the digest of its bytes."""
    for name in sorted(bag.names):
        if name.startswith("data/objects/"):
            _, _, kind, identity = name.split("/")
            made = object_id(kind, bag.read(name), len(identity))
            yield None if made == identity else f"{name} holds the object {made}"


def object_id(kind: str, content: bytes, length: int) -> str:
    """What git calls an object: the SHA-1 (40 digits) or SHA-256 (64) of its kind, size and bytes."""
    digest = hashlib.sha256() if length == hashlib.sha256().digest_size * 2 else hashlib.sha1(usedforsecurity=False)
    digest.update(f"{kind} {len(content)}\0".encode() + content)
    return digest.hexdigest()


def tags(bag: Bag) -> Faults:
    """Each tag leads to its commit, and the record knows the same tags."""
    references = bag.json("index.json")["references"]
    told_of = [[one["tag"], one["tag_object"], one["commit"]] for one in bag.json("record.json")["releases"]]
    if [[one["tag"], one["tag_object"], one["commit"]] for one in references] != told_of:
        yield "the record tells of other tags"
    for one in references:
        kind, identity = ("tag", one["tag_object"]) if one["tag_object"] else ("commit", one["commit"])
        while kind == "tag":
            fields = _fields(bag.object("tag", identity))
            kind, identity = fields["type"], fields["object"]
        bag.object("commit", one["commit"])
        yield None if (kind, identity) == ("commit", one["commit"]) else f"{one['tag']} leads to {kind} {identity}"


def _fields(content: bytes) -> dict[str, str]:
    """The one-line fields of a tag or commit; of several with one name, the first."""
    found: dict[str, str] = {}
    for line in content.split(b"\n\n", 1)[0].decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition(" ")
        found.setdefault(name, value)
    return found


def files(bag: Bag) -> Faults:
    """Each file stands in its commit's tree under its path."""

    @lru_cache(maxsize=_REMEMBERED)
    def entries(tree: str) -> dict[bytes, str]:
        return tree_entries(bag.object("tree", tree), len(tree))

    for one in bag.json("index.json")["files"]:
        identity = _fields(bag.object("commit", one["commit"]))["tree"]
        *folders, last = path_bytes(one).split(b"/")
        for folder in folders:
            identity = entries(identity).get(folder, "")
        bag.object("blob", one["blob"])
        yield (
            None if entries(identity).get(last) == one["blob"] else f"{one['path']} is another file in {one['commit']}"
        )


def path_bytes(form: dict[str, Any]) -> bytes:
    """A path as git has it."""
    encoded = form.get("path_bytes")
    return base64.b64decode(encoded) if encoded else form["path"].encode()


def tree_entries(content: bytes, length: int) -> dict[bytes, str]:
    """The names in a tree and the ids they stand for; `length` is that of an id in hexadecimal digits."""
    found, start, width = {}, 0, length // 2
    while start < len(content):
        end = content.index(b"\0", start)
        _, _, name = content[start:end].partition(b" ")
        found[name] = content[end + 1 : end + 1 + width].hex()
        start = end + 1 + width
    return found


def ancestry(bag: Bag) -> Faults:
    """Each chain goes from commit to parent, from its first to its last."""
    for chain in bag.json("index.json")["chains"]:
        ends = (chain["commits"][0], chain["commits"][-1])
        broken = [
            child
            for child, parent in zip(chain["commits"], chain["commits"][1:], strict=False)
            if parent not in commit_parents(bag.object("commit", child))
        ]
        is_whole = ends == (chain["descendant"], chain["ancestor"]) and not broken
        yield None if is_whole else f"{chain['ancestor']} is not shown to be an ancestor of {chain['descendant']}"


def commit_parents(content: bytes) -> list[str]:
    """The ids of a commit's parents."""
    head = content.split(b"\n\n", 1)[0].split(b"\n")
    return [line[7:].decode() for line in head if line.startswith(b"parent ")]


# --- what is said about them ------------------------------------------------------------------------------------------


def boxes(bag: Bag) -> Faults:
    """Each checklist of a release is one that is shown, and its items are what its boxes say."""
    there = _files_shown(bag)
    known: dict[str, dict[str, Any]] = {}
    for release in bag.json("record.json")["releases"]:
        for sheet in release["checklists"]:
            if (release["commit"], path_bytes(sheet), sheet["blob"]) not in there:
                yield f"{release['tag']}: {sheet['path']} is not shown to be in it"
            if known.setdefault(sheet["blob"], sheet)["items"] == sheet["items"] and known[sheet["blob"]] is not sheet:
                continue
            lines = _lines(bag, sheet["blob"])
            for item in sheet["items"]:
                box = _BOX.match(lines[item["line"] - 1])
                # A box that its line does not show plainly; the parser knows it from the whole text.
                is_right = box is None or (box[1] == item["marker"] and _holds(item["text"], box[2]))
                yield None if is_right else f"{release['tag']}: {sheet['path']}:{item['line']} says something else"


def _files_shown(bag: Bag) -> set[tuple[str, bytes, str]]:
    return {(one["commit"], path_bytes(one), one["blob"]) for one in bag.json("index.json")["files"]}


def _lines(bag: Bag, blob: str) -> list[str]:
    return _LINE_END.split(bag.object("blob", blob).decode("utf-8", "replace"))


def _holds(text: str, written: str) -> bool:
    """Whether an item's text has the words of its first line, comments and ids left out."""
    return _told(_ID.sub("", written.split("<!--", 1)[0])) in _told(text)


def signoffs(bag: Bag) -> Faults:
    """Each sign-off is what the boxes and the commits say."""
    index, releases = bag.json("index.json"), bag.json("audit.json")["releases"]
    there, lines = _files_shown(bag), lru_cache(maxsize=_REMEMBERED)(lambda blob: _lines(bag, blob))
    chains = {(one["descendant"], one["ancestor"]) for one in index["chains"]}
    covered = set()
    for tick in index["ticks"]:
        audit = releases[tick["release"]]
        said = audit["signoffs"][tick["signoff"]]
        covered.add((tick["release"], tick["signoff"]))
        for name in ("tick", "tag", "now"):
            place = tick[name]
            if place is not None:
                if (place["commit"], path_bytes(place), place["blob"]) not in there:
                    yield f"{audit['tag']}: {place['path']} is not shown to be in {place['commit']}"
                fault = _box_fault(lines(place["blob"]), place, name, tick["status"])
                yield f"{audit['tag']}: {place['path']}:{place['line']} ({name}) {fault}" if fault else None
        if tick["tag"]["commit"] != audit["commit"]:
            yield f"{audit['tag']}: the box is read elsewhere"
        if tick["dates"]:
            yield from _who(bag, tick, said, chains)
    if covered != {(number, k) for number, audit in enumerate(releases) for k in range(len(audit["signoffs"]))}:
        yield "a sign-off has no evidence, or evidence no sign-off"


def _box_fault(lines: list[str], place: dict[str, Any], name: str, status: str) -> str | None:
    """What is wrong with a box: at its tick it is ticked, at the tag as its status says, with the words told of."""
    box = _BOX.match(lines[place["line"] - 1])
    if box is None:
        return None
    is_ticked = box[1] in "xX"
    if name == "tick" and not is_ticked:
        return "is not ticked"
    if name == "tag" and status != "not-required" and is_ticked is (status in {"open", "late"}):
        return f"is not as {status}"
    return None if _holds(place["text"], box[2]) else "says something else"


def _who(bag: Bag, tick: dict[str, Any], said: dict[str, Any], chains: set[tuple[str, str]]) -> Faults:
    """Whether the ticking commit is the one told of, by whom, and where it lies from the tag."""
    if not tick["tick"]:
        yield None if said["event"] is None else "an event is told of that is not shown"
        return
    commit, tagged = tick["tick"]["commit"], tick["tag"]["commit"]
    yield None if said["event"]["commit"] == commit else f"{commit} is not the commit told of"
    shown_by = {
        "in-tag-commit": commit == tagged,
        "before-tag": commit != tagged and (tagged, commit) in chains,
        "after-tag": commit != tagged and (commit, tagged) in chains,
    }
    yield None if shown_by.get(said["relation"], True) else f"{commit} is not shown to be {said['relation']}"
    content = bag.object("commit", commit).split(b"\n\n", 1)[0]
    is_signed = b"\ngpgsig" in content
    yield None if is_signed is (said["signature"] != "unsigned") else f"{commit} is not {said['signature']}"
    if b"\nencoding " not in content:
        for key, line in zip(("author", "committer"), _claims(content), strict=True):
            names = (said[key]["name"], said[key]["email"])
            yield None if line is None or line[:2] == names else f"{commit} has another {key}"
            if key == "committer" and line is not None and moment(line[2]) != said["at"]:
                yield f"{commit} has another date"


def _claims(head: bytes) -> list[tuple[str, str, int] | None]:
    """Author and committer of a commit with their times; None where git writes no such line, or not just one."""
    found: list[tuple[str, str, int] | None] = []
    for key in (b"author ", b"committer "):
        lines = [line for line in head.split(b"\n") if line.startswith(key)]
        match = _CLAIM.fullmatch(lines[0]) if len(lines) == 1 else None
        decoded = [part.strip(b" \t\r").decode("utf-8", "replace") for part in match.groups()[:2]] if match else []
        found.append((decoded[0], decoded[1], int(match[3])) if match else None)
    return found


def moment(seconds: int) -> str:
    """Seconds since 1970 as UTC with `Z`, held to the years 1 to 9999."""
    held = min(max(seconds, -62_135_596_800), 253_402_300_799)
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=held)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def counts(bag: Bag) -> Faults:
    """The record's counts and sums, made anew from what it lists."""
    record = bag.json("record.json")
    run, releases = record["run"], record["releases"]
    states = {"items_ticked": "ticked", "items_open": "open", "items_not_applicable": "not-applicable"}
    made = dict.fromkeys(states, 0)
    sheets = [sheet for release in releases for sheet in release["checklists"]]
    for sheet in sheets:
        there = Counter(item["state"] for item in sheet["items"])
        own = {key: there[state] for key, state in states.items()}
        totals = sheet["totals"]
        told_of = {f"items_{key}": totals[key] for key in ("ticked", "open", "not_applicable")}
        is_right = own == told_of and totals["items"] == len(sheet["items"])
        yield None if is_right else f"{sheet['path']} adds up to something else"
        made = {key: made[key] + own[key] for key in made}
    made |= {
        "items": sum(made.values()),
        "checklists": len(sheets),
        "releases": len(releases),
        "ignored_tags": len(record["ignored_tags"]),
        "commits_released": sum(len(release["new"]) for release in releases),
        "commits_unreleased": len(record["unreleased"]),
    }
    for key, count in made.items():
        yield None if run["counts"][key] == count else f"there are {count} {key}, not {run['counts'][key]}"
    for one in run["reconciled"]:
        yield None if one["left"] == one["right"] else f"{one['says']} does not hold"
    yield None if bag.json("index.json")["run"] == run else "two files tell of two runs"


def forms(bag: Bag) -> Faults:
    """Every form says the same of every release, sign-off and finding."""
    record, audit = bag.json("record.json"), bag.json("audit.json")
    told_of = [(one["tag"], one["commit"]) for one in record["releases"]]
    yield None if [(one["tag"], one["commit"]) for one in audit["releases"]] == told_of else "audit.json differs"
    yield from _tables(bag, record, audit)
    lines = [json.loads(line) for line in bag.read("data/releases.intoto.jsonl").splitlines()]
    for release, one, line in zip(record["releases"], audit["releases"], lines, strict=True):
        predicate = line["predicate"]
        kept = ("verdict", "recorded", "policy", "requirements", "signoffs", "findings")
        is_same = all(predicate[key] == one[key] for key in kept) and predicate["closed"] == release["closed"]
        is_subject = line["subject"][-1]["digest"]["gitCommit"] == one["commit"]
        yield None if is_same and is_subject else f"the statement on {one['tag']} differs"
    codes = [one["code"] for part in (audit, *audit["releases"]) for one in part["findings"]]
    (log,) = json.loads(bag.read("data/audit.sarif"))["runs"]
    yield None if [one["ruleId"] for one in log["results"]] == codes else "audit.sarif has other findings"
    results = bag.json("oscal-assessment-results.json")["assessment-results"]["results"]
    for one, result in zip(audit["releases"], results, strict=False):
        verdict = next(prop["value"] for prop in result["props"] if prop["name"] == "verdict")
        met = [finding["target"]["status"]["state"] == "satisfied" for finding in result.get("findings", ())]
        is_same = verdict == one["verdict"] and met == [answer["met"] for answer in one["requirements"]]
        yield None if is_same else f"the assessment result of {one['tag']} differs"


def _tables(bag: Bag, record: dict[str, Any], audit: dict[str, Any]) -> Faults:
    """CSV and SQLite hold the same rows, and those of record and audit."""
    names = sorted(name[9:-4] for name in bag.names if name.startswith("data/csv/"))
    sheets = [sheet for release in record["releases"] for sheet in release["checklists"]]
    wanted = {
        "states": [item["state"] for sheet in sheets for item in sheet["items"]],
        "releases": [one["verdict"] for one in audit["releases"]],
        "signoffs": [one["status"] for release in audit["releases"] for one in release["signoffs"]],
        "findings": [one["code"] for part in (audit, *audit["releases"]) for one in part["findings"]],
    }
    columns = {"states": "state", "releases": "verdict", "signoffs": "status", "findings": "code"}
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(bag.read("data/checktrail.sqlite"))
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA query_only = ON")
        query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        yield None if names == [name for (name,) in database.execute(query)] else "the tables are not the CSV files"
        for name in names:
            found = database.execute(f'SELECT * FROM "{name}" ORDER BY id')  # noqa: S608 -- a name that was checked
            head = [column[0] for column in found.description]
            heading, *lines = csv.reader(io.StringIO(bag.read(f"data/csv/{name}.csv").decode(), newline=""))
            stored = (["" if value is None else str(value) for value in row] for row in found)
            is_same = heading == head and all(
                line is not None
                and row is not None
                and (line == row or list(map(_told, line)) == list(map(_told, row)))
                for line, row in zip_longest(lines, stored)
            )
            yield None if is_same else f"{name}.csv is not the table {name}"
            if name in wanted:
                place = head.index(columns[name])
                is_same = [line[place] for line in lines] == wanted[name]
                yield None if is_same else f"{name}.csv is not what the documents say"


def _told(text: str) -> str:
    """Text without what forms write in their own ways: guards, white space, and characters that do not print."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(one for one in text if one.isprintable() and one not in _PICTURES)
    return "".join(text.split()).lstrip("'")


CHECKS: Checks = (
    ("objects", objects),
    ("tags", tags),
    ("files", files),
    ("ancestry", ancestry),
    ("boxes", boxes),
    ("sign-offs", signoffs),
    ("counts", counts),
    ("forms", forms),
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
