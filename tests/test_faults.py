"""When things go wrong around a run: nothing is lost or half-written, one clear sentence, and the next run is right.

`CHECKTRAIL_KILLS` says how often runs are killed at random moments; five times when it says nothing.
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

from amounts import THOROUGH, amount_of
from checktrail.cli import run as command
from forked import Forked, Run
from hostile import Forge
from story import Story

KILLS = amount_of("CHECKTRAIL_KILLS", whole=200, quick=5)
FAR = 10**17
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


class Checktrail:
    """Runs of the command line in one folder and, unless another is named, with one cache."""

    def __init__(self, forked: Forked, cwd: Path, cache: Path) -> None:
        self._forked, self._cwd, self._cache = forked, cwd, cache

    def __call__(
        self, *arguments: str | Path, cache: Path | None = None, dies_before: int = -1, **more: str
    ) -> subprocess.CompletedProcess[str]:
        return self.ended(self.start(*arguments, cache=cache, dies_before=dies_before, **more))

    def start(self, *arguments: str | Path, cache: Path | None = None, dies_before: int = -1, **more: str) -> Run:
        surroundings = environment(cache or self._cache, **more)
        return self._forked.start(
            *map(str, arguments), cwd=self._cwd, environment=surroundings, dies_before=dies_before
        )

    def ended(self, run: Run) -> subprocess.CompletedProcess[str]:
        return self._forked.ended(run)

    def itself(
        self, *arguments: str | Path, before: tuple[str, ...] = (), cache: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """A run that is no fork: Python, and what it imports, begin in this environment, too."""
        return subprocess.run(
            [*before, sys.executable, "-m", "checktrail", *map(str, arguments)],
            cwd="/" if before else self._cwd, capture_output=True, text=True, check=False,
            env=environment(cache or self._cache, **more),
        )  # fmt: skip


@pytest.fixture
def checktrail(forked: Forked, tmp_path: Path, cache: Path) -> Checktrail:
    return Checktrail(forked, tmp_path, cache)


# --- killed -----------------------------------------------------------------------------------------------------------


class Killed:
    """Runs of one command, each killed with all it started at a moment drawn by the seed."""

    def __init__(self, checktrail: Checktrail, seed: int) -> None:
        self._checktrail = checktrail
        self._random = random.Random(seed)  # noqa: S311 (moments, no secrets)
        self._whole = 0.0
        self.killed = 0

    def whole(self, *arguments: str) -> None:
        """A run left alone; how long it takes is where the others are killed."""
        started = time.monotonic()
        assert self._checktrail(*arguments).returncode in {0, 1}
        self._whole = time.monotonic() - started

    def times(self, least: int) -> Iterator[int]:
        """Numbers from 0, as many as asked for, and more until one run was killed: some end before their moment."""
        for number in range(least + 50):
            if number >= least and self.killed:
                return
            yield number
        assert self.killed

    def one(self, *arguments: str) -> None:
        run = self._checktrail.start(*arguments)
        time.sleep(self._random.uniform(0, self._whole))
        try:
            os.killpg(run.process, signal.SIGKILL)
        except ProcessLookupError:  # it has no group of its own yet, or was faster
            os.kill(run.process, signal.SIGKILL)  # which is there until its end is waited for
        found = self._checktrail.ended(run)
        assert found.returncode in {0, 1, -signal.SIGKILL}, found
        assert "Traceback" not in found.stderr
        self.killed += found.returncode < 0


@pytest.mark.build
def test_a_build_that_is_killed_leaves_a_whole_site(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    target = tmp_path / "out" / "site"
    heads = (story.git("rev-parse", "v1.0.0^{commit}"), story.git("rev-parse", "main"))
    build = ("-q", "-C", str(story.root), "build", "--site-dir", str(target))
    killed = Killed(checktrail, 1)
    sites = []
    for head in heads:
        story.git("checkout", "-q", "--detach", head)
        killed.whole(*build)
        sites.append(content(target))
    assert sites[0] != sites[1]
    for number in killed.times(max(2, KILLS * 2 // 5)):
        story.git("checkout", "-q", "--detach", heads[number % 2])
        killed.one(*build)
        assert min((differing(content(target), site) for site in sites), key=len) == []
    for head, site in zip(heads, sites, strict=True):
        story.git("checkout", "-q", "--detach", head)
        killed.whole(*build)
        assert differing(content(target), site) == []
    assert [path.name for path in target.parent.iterdir()] == ["site"], "what killed runs left is swept away"


def stages(checktrail: Checktrail, cache: Path, *arguments: str) -> list[int]:
    """The steps at which a run that remembers nothing begins to do something else; only some, unless all are asked for.

    A step is a program that is started, or a change of files; it does something else when no step before it was of its
    kind in a folder of that name. The last step is one, too.
    """
    shutil.rmtree(cache, ignore_errors=True)
    run = checktrail.start(*arguments, dies_before=0)
    fine(checktrail.ended(run))
    kinds: dict[str, int] = {}
    steps = run.steps.read_text().splitlines()
    for number, step in enumerate(steps, 1):
        event, _, what = step.partition(" ")
        kinds.setdefault(f"{event} {what if event == 'subprocess.Popen' else Path(what).parent.name}", number)
    found = sorted({*kinds.values(), len(steps)})
    return found if THOROUGH else [found[len(found) // 3], found[len(found) * 2 // 3], len(steps)]


@pytest.mark.parametrize("command", ["log --events --format json", "audit --format json", "notes --format json v1.1.0"])
def test_a_reading_that_dies_before_any_stage_spoils_nothing(
    command: str, story: Story, cache: Path, checktrail: Checktrail
) -> None:
    reading = ("-q", "-C", str(story.root), *command.split())
    expected = fine(checktrail(*reading, CHECKTRAIL_NO_STORE="1"))
    before = content(story.root)
    for number in stages(checktrail, cache, *reading):
        shutil.rmtree(cache, ignore_errors=True)
        assert checktrail(*reading, dies_before=number).returncode == -signal.SIGKILL
        assert fine(checktrail(*reading)) == expected, number
    assert content(story.root) == before


@pytest.mark.build
def test_a_build_that_dies_before_any_stage_leaves_a_whole_site(
    story: Story, tmp_path: Path, cache: Path, checktrail: Checktrail
) -> None:
    target = tmp_path / "out" / "site"
    build = ("-q", "-C", str(story.root), "build", "--site-dir", str(target))
    fine(checktrail(*build))
    older = content(target)
    shutil.copytree(target, tmp_path / "older")
    story.tick("RELEASE_CHECKLIST.md", "Packages").commit("More", on="2024-01-07")
    numbers = stages(checktrail, cache, *build)
    newer = content(target)
    assert older != newer
    for number in numbers:
        shutil.rmtree(cache)
        shutil.rmtree(target)
        shutil.copytree(tmp_path / "older", target)
        assert checktrail(*build, dies_before=number).returncode == -signal.SIGKILL
        assert content(target) in (older, newer), number
        fine(checktrail(*build))
        assert content(target) == newer, number
        assert [path.name for path in target.parent.iterdir()] == ["site"], "what the dead run left is swept away"


def test_an_export_that_is_killed_leaves_whole_files(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    target = tmp_path / "out"
    target.mkdir()
    export = ("-q", "-C", str(story.root), "export", "--to", f"{target}/")
    story.tick("RELEASE_CHECKLIST.md", "Packages").commit("More", on="2024-01-07")
    killed = Killed(checktrail, 2)
    states = []
    for head in ("main~1", "main"):
        story.git("checkout", "-q", "--detach", head)
        killed.whole(*export)
        states.append(content(target))
    after = states[1]
    assert states[0] != after
    for number in killed.times(max(2, KILLS * 2 // 5)):
        story.git("checkout", "-q", "--detach", "main" if number % 2 else "main~1")
        killed.one(*export)
        for name, held in content(target).items():
            assert name.startswith(".") or held in {state[name] for state in states}, name
    story.git("checkout", "-q", "--detach", "main")
    killed.whole(*export)
    assert content(target) == after, "what killed runs left is swept away"


def test_a_reading_that_is_killed_leaves_a_sound_store(story: Story, cache: Path, checktrail: Checktrail) -> None:
    log = ("-C", str(story.root), "log", "--events", "--format", "json")
    expected = fine(checktrail(*log, CHECKTRAIL_NO_STORE="1"))
    killed = Killed(checktrail, 3)
    killed.whole("-q", *log)
    for number in killed.times(max(2, KILLS // 5)):
        shutil.rmtree(cache, ignore_errors=True)
        killed.one("-q", *(log if number % 2 else ("-C", str(story.root), "status")))
        if number % 2:
            assert fine(checktrail(*log)) == expected
    assert fine(checktrail(*log)) == expected


def test_a_store_that_rots_or_comes_from_elsewhere_is_made_anew(
    story: Story, cache: Path, checktrail: Checktrail
) -> None:
    log = ("-C", str(story.root), "log", "--events", "--format", "json")
    expected = fine(checktrail(*log, CHECKTRAIL_NO_STORE="1"))
    for damage in (_cut, _flip, _replace_values, _future):
        fine(checktrail(*log))
        (file,) = cache.glob("store-*.sqlite")
        damage(file)
        assert fine(checktrail(*log)) == expected, damage.__name__
        assert fine(checktrail(*log)) == expected, damage.__name__


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
def test_a_full_disk_leaves_what_stood_there(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    with mounted(tmp_path / "small", "size=24m") as small:
        target, out = small / "site", small / "out"
        build = ("-C", story.root, "build", "--site-dir", target)
        export = ("-C", story.root, "export", "--to", f"{out}/")
        fine(checktrail(*build))
        fine(checktrail(*export))
        story.tick("RELEASE_CHECKLIST.md", "Packages").commit("More", on="2024-01-07")
        before = content(small)
        for leave in (0, 1_000_000):
            fill(small, leave=leave)
            refused(checktrail(*build), "No space left", "still stands")
            (small / "filler").unlink()
            assert content(small) == before
        for leave in (0, 100_000, 250_000):
            fill(small, leave=leave)
            refused(checktrail(*export), "cannot be written")
            (small / "filler").unlink()
            assert content(small) == before
        fine(checktrail(*build))
        fine(checktrail(*export))
        assert content(small) != before


def test_a_full_cache_changes_no_answer(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    log = ("-C", story.root, "log", "--events", "--format", "json")
    expected = fine(checktrail(*log))
    with mounted(tmp_path / "small", "size=1m") as small:
        for leave in (0, 4096, 30_000, 100_000):
            fill(small, leave=leave)
            assert fine(checktrail(*log, cache=small)) == expected
            fine(checktrail("-C", story.root, "status", cache=small))
            shutil.rmtree(small / "site", ignore_errors=True)
        target = tmp_path / "site"
        refused(
            checktrail("-C", story.root, "build", "--site-dir", target, cache=small),
            "CHECKTRAIL_CACHE_DIR",
        )
        assert not target.exists()


def test_a_full_disk_loses_no_checklist_and_no_ledger(tmp_path: Path, checktrail: Checktrail) -> None:
    with mounted(tmp_path / "small", "size=4m") as small:
        story = Story(small)
        story.write("RELEASE_CHECKLIST.md", CHECKLIST).commit("Start")
        story.tag("v1.0.0")
        fill(small)
        for arguments in (("tick", "RELEASE_CHECKLIST.md:5"), ("new", "v1.1.0"), ("ledger", "update"), ("init",)):
            refused(checktrail("-C", story.root, *arguments), "No space left")
        assert (story.root / "RELEASE_CHECKLIST.md").read_text() == CHECKLIST
        assert sorted(path.name for path in story.root.iterdir() if path.is_file()) == ["RELEASE_CHECKLIST.md"]
        (small / "filler").unlink()
        fine(checktrail("-C", story.root, "tick", "RELEASE_CHECKLIST.md:5"))


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


def test_somebody_who_may_only_read_gets_every_answer(story: Story, checktrail: Checktrail) -> None:
    nobody = as_nobody()
    with for_anyone(story.root) as folder:
        root = folder / "repository"
        before = content(root)
        closed = folder / "closed" / "cache"
        for name in ("status", "releases", "log", "audit", "metrics", "lint"):
            asked = ("-C", root, name, "--format", "json")
            expected = checktrail(*asked)
            found = checktrail.itself(*asked, before=nobody, cache=closed, HOME="/nonexistent")
            assert (found.returncode, found.stdout) == (expected.returncode, expected.stdout), (name, found.stderr)
            assert "Traceback" not in found.stderr
        writing: tuple[tuple[str | Path, ...], ...] = (
            ("build", "--site-dir", folder / "site"), ("export", "--to", folder / "out.zip"), ("ledger", "update"),
            ("tick", "RELEASE_CHECKLIST.md:7"), ("new", "v2.0.0"), ("init",),
        )  # fmt: skip
        for arguments in writing:
            found = checktrail.itself("-C", root, *arguments, before=nobody, cache=closed)
            refused(found, "ermission denied")
        assert content(root) == before


def test_a_read_only_file_system_is_read(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    log = ("log", "--events", "--format", "json")
    expected = fine(checktrail("-C", story.root, *log))
    with mounted(tmp_path / "small", "size=24m") as small:
        shutil.copytree(story.root, small / "repository")
        (small / "cache").mkdir()
        fine(checktrail("-C", story.root, "status", cache=small / "cache"))
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        root, shut = small / "repository", small / "cache"
        assert fine(checktrail("-C", root, *log, cache=shut)) == expected
        assert "running without a store" in checktrail("-v", "-C", root, *log, cache=shut / "new").stderr
        fine(checktrail("-C", root, "status", cache=shut))
        fine(checktrail("-C", root, "build", "--site-dir", tmp_path / "site"))
        refused(checktrail("-C", root, "build"), "Read-only file system")
        refused(checktrail("-C", root, "tick", "RELEASE_CHECKLIST.md:7"), "Read-only file system")
        refused(
            checktrail("-C", root, "build", "--site-dir", tmp_path / "site", cache=shut),
            "CHECKTRAIL_CACHE_DIR",
        )


# --- clocks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seconds", [0, 4_102_444_800, 2**32, 253_402_300_800, FAR], ids=["1970", "2100", "2106", "10000", "far"]
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
        # Git itself shows 1970 for a time so far ahead: it is not what the commit says, and the evidence is not whole.
        expected = 3 if seconds == FAR and arguments[0] == "audit" else 0
        assert command(["-C", str(story.root), *arguments]) == expected, (arguments, capsys.readouterr())
        assert json.loads(capsys.readouterr().out) if "json" in arguments else capsys.readouterr()
    assert (target / "index.html").is_file()


def test_a_time_from_outside_that_is_none_is_not_heeded(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    export = ("-C", story.root, "export", "--to", tmp_path / "record.json")
    fine(checktrail(*export))
    expected = (tmp_path / "record.json").read_bytes()
    for time_of_nobody in ("yesterday", "-1"):
        fine(checktrail(*export, SOURCE_DATE_EPOCH=time_of_nobody))
        assert (tmp_path / "record.json").read_bytes() == expected
    for wanted in (export, ("-C", story.root, "build", "--site-dir", tmp_path / "site")):
        fine(checktrail(*wanted, SOURCE_DATE_EPOCH="9" * 30))  # a time after all, which no calendar holds


# --- git and gpg ------------------------------------------------------------------------------------------------------


def program(folder: Path, name: str, script: str) -> str:
    """A search path on which a program of ours comes first."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


COMMANDS = ("status", "releases", "log", "audit", "metrics", "build", "lint", "diff HEAD~1", "notes v1.0.0")


@pytest.mark.parametrize("command", COMMANDS)
def test_without_git_the_way_out_is_told(command: str, story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    (tmp_path / "empty").mkdir()
    found = checktrail.itself("-C", story.root, *command.split(), PATH=str(tmp_path / "empty"))
    refused(found, "git is not installed", "install git")


OLD = """
case "$*" in
  *--diff-merges=*) echo 'fatal: unrecognized argument: --diff-merges=first-parent' >&2; exit 128;;
  *--show-object-format*) echo "--show-object-format"; exit 0;;
  *version*) echo 'git version 2.17.1'; exit 0;;
esac
exec {git} "$@"
"""


def test_a_git_that_is_too_old_is_said(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    path = program(tmp_path / "bin", "git", OLD.format(git=shutil.which("git")))
    refused(checktrail("-C", story.root, "log", PATH=path), "2.31")


@pytest.mark.parametrize("verb", ["log", "cat-file", "for-each-ref"])
def test_a_git_that_dies_in_the_middle_spoils_nothing(
    verb: str, story: Story, tmp_path: Path, checktrail: Checktrail
) -> None:
    git = shutil.which("git")
    script = f'case " $* " in *" {verb} "*) {git} "$@" | head -c 300; kill -9 $$;; esac\nexec {git} "$@"'
    path = program(tmp_path / "bin", "git", script)
    refused(checktrail("-C", story.root, "audit", PATH=path), f"git {verb}")
    expected = checktrail("-C", story.root, "audit", cache=tmp_path / "other").stdout
    assert checktrail("-C", story.root, "audit").stdout == expected


@pytest.mark.parametrize("gpg", ["missing", "broken", "silent"])
def test_without_a_working_gpg_signatures_are_unverifiable(
    gpg: str, story: Story, tmp_path: Path, checktrail: Checktrail
) -> None:
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
    found = checktrail("-C", story.root, "audit", "--format", "json", "v1.2.0", PATH=path)
    assert "Traceback" not in found.stderr
    assert found.returncode in {0, 3}, found.stderr
    signatures = [one["signature"] for release in json.loads(found.stdout)["releases"] for one in release["signoffs"]]
    assert "valid" not in signatures


# --- at the same time -------------------------------------------------------------------------------------------------


def at_once(checktrail: Checktrail, *runs: tuple[str | Path, ...]) -> list[tuple[int, str]]:
    """Several runs at the same time; their exit codes and what they said."""
    started = [checktrail.start(*arguments) for arguments in runs]
    ends = [checktrail.ended(run) for run in started]
    assert not any("Traceback" in end.stderr for end in ends), ends
    return [(end.returncode, end.stdout + end.stderr) for end in ends]


@pytest.mark.build
def test_builds_at_the_same_time_make_one_whole_site(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    target = tmp_path / "out" / "site"
    build = ("-C", story.root, "build", "--site-dir", target)
    ends = at_once(checktrail, *[build] * 4)
    assert [code for code, _ in ends] == [0] * 4, ends
    made = content(target)
    assert [path.name for path in target.parent.iterdir()] == ["site"]
    fine(checktrail("-C", story.root, "build", "--site-dir", tmp_path / "alone", cache=tmp_path / "other"))
    assert made == content(tmp_path / "alone")


def test_exports_at_the_same_time_make_one_whole_file(story: Story, tmp_path: Path, checktrail: Checktrail) -> None:
    file = tmp_path / "evidence.zip"
    ends = at_once(checktrail, *[("-C", story.root, "export", "--to", file)] * 3)
    assert [code for code, _ in ends] == [0] * 3, ends
    fine(checktrail("verify", file))
    assert not list(tmp_path.glob(".evidence*"))


def test_what_is_ticked_at_the_same_time_is_ticked_or_said(story: Story, checktrail: Checktrail) -> None:
    path = "RELEASE_CHECKLIST.md"
    story.write(path, "# Release checklist\n\n" + "".join(f"- [ ] Item {number}\n" for number in range(8)))
    ends = at_once(checktrail, *(("-C", story.root, "tick", f"{path}:{3 + number}") for number in range(8)))
    lines = (story.root / path).read_text().splitlines()[2:]
    for (code, words), line in zip(ends, lines, strict=True):
        assert (code == 0) is line.startswith("- [x]"), (words, line)
        assert code in {0, 2}
        assert code == 0 or "changed" in words
    assert any(code == 0 for code, _ in ends)


def test_ledgers_written_at_the_same_time_stay_a_chain(story: Story, checktrail: Checktrail) -> None:
    ends = at_once(checktrail, *[("-C", story.root, "ledger", "update")] * 4)
    assert {code for code, _ in ends} <= {0, 2}, ends
    assert 0 in {code for code, _ in ends}
    fine(checktrail("-C", story.root, "ledger", "verify"))
    assert len((story.root / ".checktrail" / "ledger.jsonl").read_text().splitlines()) == 2
