"""When things go wrong around a run: nothing is lost or half-written, one clear sentence, and the next run is right.

`CHECKTRAIL_KILLS` says how often runs are killed at random moments; 15 times when it says nothing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from amounts import amount_of
from checktrail.cli import run as command
from forked import Forked
from hostile import Forge
from story import Story

KILLS = amount_of("CHECKTRAIL_KILLS", whole=200, quick=15)
IS_ROOT = os.geteuid() == 0
CHECKLIST = """\
# Release checklist

## Testing

- [ ] Unit tests pass
- [ ] Notes are written
- [ ] Packages are built

## Sign-off

- [ ] QA lead sign-off obtained
- [ ] Release manager sign-off obtained
"""


def environment(cache: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"CHECKTRAIL_CACHE_DIR": str(cache), "COLUMNS": "100"} | more


def checktrail(
    *arguments: str | Path, cwd: Path, cache: Path, before: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-m", "checktrail", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False, env=environment(cache, **more),
    )  # fmt: skip


def fine(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    return run.stdout


def refused(run: subprocess.CompletedProcess[str], *words: str) -> None:
    assert run.returncode == 2, (run.returncode, run.stdout[:500], run.stderr)
    assert "Traceback" not in run.stderr
    assert run.stdout == ""
    lines = run.stderr.splitlines()
    assert lines[0].startswith("checktrail: "), run.stderr
    assert len(lines) <= 2, run.stderr
    for word in words:
        assert word in run.stderr, run.stderr


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """The names under which two folders hold different bytes."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


@pytest.fixture
def story(tmp_path: Path) -> Story:
    told = Story(tmp_path)
    told.write("RELEASE_CHECKLIST.md", CHECKLIST).commit("Start", on="2024-01-02")
    told.tick("RELEASE_CHECKLIST.md", "Unit tests", "QA lead").commit("feat: tests", by="Ben", on="2024-01-03")
    told.tag("v1.0.0", message="One", on="2024-01-04")
    told.tick("RELEASE_CHECKLIST.md", "Notes").commit("docs: notes", by="Cleo", on="2024-01-05")
    told.tag("v1.1.0", message="Two", on="2024-01-06")
    return told


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


# --- killed -----------------------------------------------------------------------------------------------------------


class Killed:
    """Runs of one command, each killed with all it started at a moment drawn by the seed."""

    def __init__(self, forked: Forked, seed: int) -> None:
        self._forked = forked
        self._random = random.Random(seed)  # noqa: S311 (moments, no secrets)
        self._whole = 0.0
        self.killed = 0

    def whole(self, *arguments: str) -> None:
        """A run left alone; how long it takes is where the others are killed."""
        started = time.monotonic()
        self._forked.start(*arguments)
        assert self._forked.ended() in {0, 1}
        self._whole = time.monotonic() - started

    def one(self, *arguments: str) -> None:
        process = self._forked.start(*arguments)
        time.sleep(self._random.uniform(0, self._whole))
        try:
            os.killpg(process, signal.SIGKILL)
        except ProcessLookupError:  # it was faster, or has no group of its own yet
            _kill(process)
        code = self._forked.ended()
        assert code in {0, 1, -signal.SIGKILL}, code
        self.killed += code < 0


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture
def forked(tmp_path: Path, cache: Path) -> Iterator[Forked]:
    with Forked(environment(cache, FORKED_LOG=str(tmp_path / "log"))) as running:
        yield running


@pytest.mark.build
def test_a_build_that_is_killed_leaves_a_whole_site(story: Story, tmp_path: Path, forked: Forked) -> None:
    target = tmp_path / "out" / "site"
    heads = (story.git("rev-parse", "v1.0.0^{commit}"), story.git("rev-parse", "main"))
    build = ("-q", "-C", str(story.root), "build", "--site-dir", str(target))
    killed = Killed(forked, 1)
    sites = []
    for head in heads:
        story.git("checkout", "-q", "--detach", head)
        killed.whole(*build)
        sites.append(content(target))
    assert sites[0] != sites[1]
    for number in range(max(2, KILLS * 2 // 5)):
        story.git("checkout", "-q", "--detach", heads[number % 2])
        killed.one(*build)
        assert min((differing(content(target), site) for site in sites), key=len) == []
    assert killed.killed
    for head, site in zip(heads, sites, strict=True):
        story.git("checkout", "-q", "--detach", head)
        killed.whole(*build)
        assert differing(content(target), site) == []
    assert [path.name for path in target.parent.iterdir()] == ["site"], "what killed runs left is swept away"
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_an_export_that_is_killed_leaves_whole_files(story: Story, tmp_path: Path, forked: Forked) -> None:
    target = tmp_path / "out"
    target.mkdir()
    export = ("-q", "-C", str(story.root), "export", "--to", f"{target}/")
    story.tick("RELEASE_CHECKLIST.md", "Packages").commit("More", on="2024-01-07")
    killed = Killed(forked, 2)
    states = []
    for head in ("main~1", "main"):
        story.git("checkout", "-q", "--detach", head)
        killed.whole(*export)
        states.append(content(target))
    after = states[1]
    assert states[0] != after
    for number in range(max(2, KILLS * 2 // 5)):
        story.git("checkout", "-q", "--detach", "main" if number % 2 else "main~1")
        killed.one(*export)
        for name, held in content(target).items():
            assert name.startswith(".") or held in {state[name] for state in states}, name
    assert killed.killed
    story.git("checkout", "-q", "--detach", "main")
    killed.whole(*export)
    assert {name: held for name, held in content(target).items() if not name.startswith(".")} == after
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_reading_that_is_killed_leaves_a_sound_store(
    story: Story, tmp_path: Path, cache: Path, forked: Forked
) -> None:
    log = ("-C", str(story.root), "log", "--events", "--format", "json")
    expected = fine(checktrail(*log, cwd=tmp_path, cache=cache, CHECKTRAIL_NO_STORE="1"))
    killed = Killed(forked, 3)
    killed.whole("-q", *log)
    for number in range(max(2, KILLS // 5)):
        shutil.rmtree(cache, ignore_errors=True)
        killed.one("-q", *(log if number % 2 else ("-C", str(story.root), "status")))
        if number % 2:
            assert fine(checktrail(*log, cwd=tmp_path, cache=cache)) == expected
    assert fine(checktrail(*log, cwd=tmp_path, cache=cache)) == expected


def test_a_store_that_rots_or_comes_from_elsewhere_is_made_anew(story: Story, tmp_path: Path, cache: Path) -> None:
    log = ("-C", str(story.root), "log", "--events", "--format", "json")
    expected = fine(checktrail(*log, cwd=tmp_path, cache=cache, CHECKTRAIL_NO_STORE="1"))
    for damage in (_cut, _flip, _replace_values, _future):
        fine(checktrail(*log, cwd=tmp_path, cache=cache))
        (file,) = cache.glob("store-*.sqlite")
        damage(file)
        assert fine(checktrail(*log, cwd=tmp_path, cache=cache)) == expected, damage.__name__
        assert fine(checktrail(*log, cwd=tmp_path, cache=cache)) == expected, damage.__name__


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _flip(file: Path) -> None:
    held = bytearray(file.read_bytes())
    for place in range(5000, len(held), 997):
        held[place] ^= 0x01
    file.write_bytes(held)


def _replace_values(file: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE remembered SET value = CAST(replace(CAST(value AS TEXT), 'Unit', 'Onit') AS BLOB)")


def _future(file: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(file)) as database, database:
        database.execute("DROP TABLE remembered")
        database.execute("CREATE TABLE remembered (kind TEXT, something_else BLOB)")


# --- a full disk ------------------------------------------------------------------------------------------------------


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small file system of its own; skips the test, with the reason, where none may be mounted."""
    folder.mkdir()
    if not IS_ROOT:
        pytest.skip("only root may mount a small file system")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, *, leave: int = 0) -> None:
    """Fill a file system but for some bytes."""
    (folder / "filler").unlink(missing_ok=True)
    free = shutil.disk_usage(folder).free - leave
    (folder / "filler").write_bytes(b"\0" * free)


@pytest.mark.build
def test_a_full_disk_leaves_what_stood_there(story: Story, tmp_path: Path, cache: Path) -> None:
    with mounted(tmp_path / "small", "size=24m") as small:
        target, out = small / "site", small / "out"
        build = ("-C", story.root, "build", "--site-dir", target)
        export = ("-C", story.root, "export", "--to", f"{out}/")
        fine(checktrail(*build, cwd=tmp_path, cache=cache))
        fine(checktrail(*export, cwd=tmp_path, cache=cache))
        story.tick("RELEASE_CHECKLIST.md", "Packages").commit("More", on="2024-01-07")
        before = content(small)
        for leave in (0, 100_000, 1_000_000):
            fill(small, leave=leave)
            refused(checktrail(*build, cwd=tmp_path, cache=cache), "No space left", "still stands")
            (small / "filler").unlink()
            assert content(small) == before
        fill(small)
        refused(checktrail(*export, cwd=tmp_path, cache=cache), "No space left")
        (small / "filler").unlink()
        assert content(small) == before
        fine(checktrail(*build, cwd=tmp_path, cache=cache))
        fine(checktrail(*export, cwd=tmp_path, cache=cache))
        assert content(small) != before


def test_a_full_cache_changes_no_answer(story: Story, tmp_path: Path, cache: Path) -> None:
    log = ("-C", story.root, "log", "--events", "--format", "json")
    expected = fine(checktrail(*log, cwd=tmp_path, cache=cache))
    with mounted(tmp_path / "small", "size=1m") as small:
        for leave in (0, 4096, 30_000, 100_000):
            fill(small, leave=leave)
            assert fine(checktrail(*log, cwd=tmp_path, cache=small)) == expected
            fine(checktrail("-C", story.root, "status", cwd=tmp_path, cache=small))
            shutil.rmtree(small / "site", ignore_errors=True)
        target = tmp_path / "site"
        refused(
            checktrail("-C", story.root, "build", "--site-dir", target, cwd=tmp_path, cache=small),
            "CHECKTRAIL_CACHE_DIR",
        )
        assert not target.exists()


def test_a_full_disk_loses_no_checklist_and_no_ledger(tmp_path: Path, cache: Path) -> None:
    with mounted(tmp_path / "small", "size=4m") as small:
        story = Story(small)
        story.write("RELEASE_CHECKLIST.md", CHECKLIST).commit("Start")
        story.tag("v1.0.0")
        fill(small)
        for arguments in (("tick", "RELEASE_CHECKLIST.md:5"), ("new", "v1.1.0"), ("ledger", "update"), ("init",)):
            refused(checktrail("-C", story.root, *arguments, cwd=tmp_path, cache=cache), "No space left")
        assert (story.root / "RELEASE_CHECKLIST.md").read_text() == CHECKLIST
        assert sorted(path.name for path in story.root.iterdir() if path.is_file()) == ["RELEASE_CHECKLIST.md"]
        (small / "filler").unlink()
        fine(checktrail("-C", story.root, "tick", "RELEASE_CHECKLIST.md:5", cwd=tmp_path, cache=cache))


# --- what may be read and not written ---------------------------------------------------------------------------------


@contextmanager
def for_anyone(root: Path) -> Iterator[Path]:
    """A copy of a repository that everyone may read and nobody but root write, in a folder of the same kind."""
    folder = Path(tempfile.mkdtemp(prefix="checktrail-"))
    try:
        folder.chmod(0o755)
        shutil.copytree(root, folder / "repository")
        for path in (*folder.rglob("*"), folder):
            path.chmod(path.stat().st_mode & 0o555)
        yield folder
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode | 0o700)
        shutil.rmtree(folder)


def as_nobody() -> tuple[str, ...]:
    """How to run as somebody who may write nothing; skips the test where that cannot be."""
    if not IS_ROOT:
        return ()
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv")
    probe = [*nobody, sys.executable, "-c", "import checktrail"]
    if subprocess.run(probe, capture_output=True, check=False, cwd="/").returncode:
        pytest.skip("somebody else may not read this installation")
    return nobody


def test_somebody_who_may_only_read_gets_every_answer(story: Story, tmp_path: Path, cache: Path) -> None:
    nobody = as_nobody()
    with for_anyone(story.root) as folder:
        root = folder / "repository"
        before = content(root)
        closed = folder / "closed" / "cache"
        for name in ("status", "releases", "log", "audit", "metrics", "lint"):
            asked = ("-C", root, name, "--format", "json")
            expected = checktrail(*asked, cwd=tmp_path, cache=cache)
            found = checktrail(*asked, cwd=Path("/"), cache=closed, before=nobody, HOME="/nonexistent")
            assert (found.returncode, found.stdout) == (expected.returncode, expected.stdout), (name, found.stderr)
            assert "Traceback" not in found.stderr
        writing: tuple[tuple[str | Path, ...], ...] = (
            ("build", "--site-dir", folder / "site"), ("export", "--to", folder / "out.zip"), ("ledger", "update"),
            ("tick", "RELEASE_CHECKLIST.md:7"), ("new", "v2.0.0"), ("init",),
        )  # fmt: skip
        for arguments in writing:
            found = checktrail("-C", root, *arguments, cwd=Path("/"), cache=closed, before=nobody)
            refused(found, "ermission denied")
        assert content(root) == before


def test_a_read_only_file_system_is_read(story: Story, tmp_path: Path, cache: Path) -> None:
    log = ("log", "--events", "--format", "json")
    expected = fine(checktrail("-C", story.root, *log, cwd=tmp_path, cache=cache))
    with mounted(tmp_path / "small", "size=24m") as small:
        shutil.copytree(story.root, small / "repository")
        (small / "cache").mkdir()
        fine(checktrail("-C", story.root, "status", cwd=tmp_path, cache=small / "cache"))
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        root, shut = small / "repository", small / "cache"
        assert fine(checktrail("-C", root, *log, cwd=tmp_path, cache=shut)) == expected
        assert "running without a store" in checktrail("-v", "-C", root, *log, cwd=tmp_path, cache=shut / "new").stderr
        fine(checktrail("-C", root, "status", cwd=tmp_path, cache=shut))
        fine(checktrail("-C", root, "build", "--site-dir", tmp_path / "site", cwd=tmp_path, cache=cache))
        refused(checktrail("-C", root, "build", cwd=tmp_path, cache=cache), "Read-only file system")
        refused(
            checktrail("-C", root, "tick", "RELEASE_CHECKLIST.md:7", cwd=tmp_path, cache=cache), "Read-only file system"
        )
        refused(
            checktrail("-C", root, "build", "--site-dir", tmp_path / "site", cwd=tmp_path, cache=shut),
            "CHECKTRAIL_CACHE_DIR",
        )


# --- clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seconds", [0, 4_102_444_800, 2**32, 253_402_300_800, 10**17], ids=["1970", "2100", "2106", "10000", "far"]
)
def test_any_clock_gives_every_answer(
    seconds: int, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story = Story(tmp_path)
    forge = Forge(story, tick=seconds - 3600)
    text = CHECKLIST.encode()
    ticked = text.replace(b"- [ ] QA", b"- [x] QA")
    first = forge.commit({b"RELEASE_CHECKLIST.md": text}, (), b"Ada <ada@example.org>", b"feat: one\n")
    second = forge.commit({b"RELEASE_CHECKLIST.md": ticked}, (first,), b"Ben <ben@example.org>", b"fix: two\n")
    tag = forge.tag(b"v1.0.0", second, b"Dana <dana@example.org>", b"One\n")
    story.git("update-ref", "refs/heads/main", second)
    story.git("update-ref", "refs/tags/v1.0.0", tag)
    story.git("reset", "-q", "--hard")
    monkeypatch.setenv("CHECKTRAIL_CACHE_DIR", str(cache))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
    target, out = tmp_path / "site", tmp_path / "out"
    for arguments in (
        ("releases",), ("metrics",), ("audit",), ("log",), ("notes", "v1.0.0"), ("ledger", "update", "--dry-run"),
        ("releases", "--format", "json"), ("audit", "--format", "json"), ("log", "--format", "json"),
        ("build", "--site-dir", str(target)), ("export", "--to", f"{out}/"), ("verify", str(out / "evidence.zip")),
    ):  # fmt: skip
        assert command(["-C", str(story.root), *arguments]) == 0, (arguments, capsys.readouterr())
        assert json.loads(capsys.readouterr().out) if "json" in arguments else capsys.readouterr()
    assert (target / "index.html").is_file()


def test_a_time_from_outside_that_is_none_is_not_heeded(story: Story, tmp_path: Path, cache: Path) -> None:
    for number, time_of_nobody in enumerate(("yesterday", "-1", "9" * 30)):
        build = ("-C", story.root, "build", "--site-dir", tmp_path / str(number))
        fine(checktrail(*build, cwd=tmp_path, cache=cache, SOURCE_DATE_EPOCH=time_of_nobody))


# --- git and gpg ------------------------------------------------------------------------------------------------------


def program(folder: Path, name: str, script: str) -> str:
    """A search path on which a program of ours comes first."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


COMMANDS = ("status", "releases", "log", "audit", "metrics", "build", "lint", "diff HEAD~1", "notes v1.0.0")


@pytest.mark.parametrize("command", COMMANDS)
def test_without_git_the_way_out_is_told(command: str, story: Story, tmp_path: Path, cache: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = checktrail("-C", story.root, *command.split(), cwd=tmp_path, cache=cache, PATH=str(tmp_path / "empty"))
    refused(found, "git is not installed", "install git")


OLD = """
case "$*" in
  *--diff-merges=*) echo 'fatal: unrecognized argument: --diff-merges=first-parent' >&2; exit 128;;
  *--show-object-format*) echo "--show-object-format"; exit 0;;
  *version*) echo 'git version 2.17.1'; exit 0;;
esac
exec {git} "$@"
"""


def test_a_git_that_is_too_old_is_said(story: Story, tmp_path: Path, cache: Path) -> None:
    path = program(tmp_path / "bin", "git", OLD.format(git=shutil.which("git")))
    refused(checktrail("-C", story.root, "log", cwd=tmp_path, cache=cache, PATH=path), "2.31")


@pytest.mark.parametrize("verb", ["log", "cat-file", "for-each-ref"])
def test_a_git_that_dies_in_the_middle_spoils_nothing(verb: str, story: Story, tmp_path: Path, cache: Path) -> None:
    git = shutil.which("git")
    script = f'case " $* " in *" {verb} "*) {git} "$@" | head -c 300; kill -9 $$;; esac\nexec {git} "$@"'
    path = program(tmp_path / "bin", "git", script)
    refused(checktrail("-C", story.root, "audit", cwd=tmp_path, cache=cache, PATH=path), f"git {verb}")
    expected = checktrail("-C", story.root, "audit", cwd=tmp_path, cache=tmp_path / "other").stdout
    assert checktrail("-C", story.root, "audit", cwd=tmp_path, cache=cache).stdout == expected


@pytest.mark.parametrize("gpg", ["missing", "broken", "silent"])
def test_without_a_working_gpg_signatures_are_unverifiable(gpg: str, story: Story, tmp_path: Path, cache: Path) -> None:
    commit = story.git("cat-file", "commit", "HEAD")
    armor = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEzBAABCAAdFiEE=\n =abcd\n -----END PGP SIGNATURE-----"
    head, _, message = commit.partition("\n\n")
    ticked = story.git("hash-object", "-t", "commit", "-w", "--stdin", feed=f"{head}\n{armor}\n\n{message}\n".encode())
    story.git("update-ref", "HEAD", ticked)
    story.tag("v1.2.0", message="Three")
    git = shutil.which("git")
    if gpg == "missing":
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "git").symlink_to(git or "")
        path = str(tmp_path / "bin")
    else:
        path = program(tmp_path / "bin", "gpg", "exit 2" if gpg == "broken" else "exit 0")
    found = checktrail("-C", story.root, "audit", "--format", "json", "v1.2.0", cwd=tmp_path, cache=cache, PATH=path)
    assert "Traceback" not in found.stderr
    assert found.returncode in {0, 3}, found.stderr
    signatures = [one["signature"] for release in json.loads(found.stdout)["releases"] for one in release["signoffs"]]
    assert "valid" not in signatures


# --- at the same time -------------------------------------------------------------------------------------------------


def at_once(*runs: tuple[str | Path, ...], cwd: Path, cache: Path) -> list[tuple[int, str]]:
    """Several runs at the same time; their exit codes and what they said."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "checktrail", *map(str, arguments)],
            cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(cache),
        )
        for arguments in runs
    ]  # fmt: skip
    said = [run.communicate()[0] for run in started]
    assert not any("Traceback" in words for words in said), said
    return [(run.returncode, words) for run, words in zip(started, said, strict=True)]


@pytest.mark.build
def test_builds_at_the_same_time_make_one_whole_site(story: Story, tmp_path: Path, cache: Path) -> None:
    target = tmp_path / "out" / "site"
    build = ("-C", story.root, "build", "--site-dir", target)
    ends = at_once(*[build] * 4, cwd=tmp_path, cache=cache)
    assert [code for code, _ in ends] == [0] * 4, ends
    made = content(target)
    assert [path.name for path in target.parent.iterdir()] == ["site"]
    fine(
        checktrail("-C", story.root, "build", "--site-dir", tmp_path / "alone", cwd=tmp_path, cache=tmp_path / "other")
    )
    assert made == content(tmp_path / "alone")


def test_exports_at_the_same_time_make_one_whole_file(story: Story, tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "evidence.zip"
    ends = at_once(*[("-C", story.root, "export", "--to", file)] * 3, cwd=tmp_path, cache=cache)
    assert [code for code, _ in ends] == [0] * 3, ends
    fine(checktrail("verify", file, cwd=tmp_path, cache=cache))
    assert not list(tmp_path.glob(".evidence*"))


def test_what_is_ticked_at_the_same_time_is_ticked_or_said(story: Story, tmp_path: Path, cache: Path) -> None:
    path = "RELEASE_CHECKLIST.md"
    story.write(path, "# Release checklist\n\n" + "".join(f"- [ ] Item {number}\n" for number in range(8)))
    ends = at_once(
        *(("-C", story.root, "tick", f"{path}:{3 + number}") for number in range(8)), cwd=tmp_path, cache=cache
    )
    lines = (story.root / path).read_text().splitlines()[2:]
    for (code, words), line in zip(ends, lines, strict=True):
        assert (code == 0) is line.startswith("- [x]"), (words, line)
        assert code in {0, 2}
        assert code == 0 or "changed" in words
    assert any(code == 0 for code, _ in ends)


def test_ledgers_written_at_the_same_time_stay_a_chain(story: Story, tmp_path: Path, cache: Path) -> None:
    ends = at_once(*[("-C", story.root, "ledger", "update")] * 4, cwd=tmp_path, cache=cache)
    assert {code for code, _ in ends} <= {0, 2}, ends
    assert 0 in {code for code, _ in ends}
    fine(checktrail("-C", story.root, "ledger", "verify", cwd=tmp_path, cache=cache))
    assert len((story.root / ".checktrail" / "ledger.jsonl").read_text().splitlines()) == 2
