"""What releases and notes cost, against `git log` over the same history and the tools one would use instead.

    python benchmarks/releases.py                        a made history: 80,000 commits, 1,000 tags
    python benchmarks/releases.py REPOSITORY             a real one
    python benchmarks/releases.py REPOSITORY --rivals    beside git-cliff and reno, where they are on PATH

CPU seconds of the process and of the git processes it starts, without start-up; memory is the peak of one process that
does everything. Promised: membership of all tags at most 3 times `git log`, with all notes at most 6 times, and 80,000
commits with 1,000 tags in less than 600 MB. Exit code 1 when a promise does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from installed import compiled

COMMITS = 80_000
TAGS = 1_000
MEMBERSHIP_LIMIT = 3.0
NOTES_LIMIT = 6.0
MEMORY_LIMIT = 600
REPEATS = 3
RIVAL_SECONDS = 900


def main() -> None:
    compiled()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", nargs="?", type=Path)
    parser.add_argument("--rivals", action="store_true", help="also run git-cliff and reno")
    parser.add_argument("--measure", choices=["membership", "notes"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measured(asked.repository, asked.measure)))
        return
    if asked.repository is not None:
        sys.exit(compared(asked.repository.resolve(), rivals=asked.rivals))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(compared(made(Path(folder)), rivals=asked.rivals))


def compared(repository: Path, *, rivals: bool) -> int:
    """Print the table; 1 when a promise does not hold."""
    log = min(cpu_of(["git", "log", "--branches", "--remotes", "--tags", "HEAD"], repository) for _ in range(REPEATS))
    membership = min((own(repository, "membership") for _ in range(REPEATS)), key=lambda figures: figures["cpu"])
    notes = min((own(repository, "notes") for _ in range(REPEATS)), key=lambda figures: figures["cpu"])
    print(f"{notes['commits']:.0f} commits, {notes['tags']:.0f} tags, {notes['releases']:.0f} releases")
    rows = [
        ("git log, full messages", log, None, None),
        ("membership of all tags", membership["cpu"], MEMBERSHIP_LIMIT, membership["peak"]),
        ("with all notes", notes["cpu"], NOTES_LIMIT, notes["peak"]),
    ]
    for name, seconds, limit, peak in rows:
        ratio = f"{seconds / log:6.2f} x" + (f" (at most {limit:g})" if limit else "")
        print(f"{name:28} {seconds:8.2f} s {ratio:20} {f'{peak:.0f} MB' if peak else ''}")
    if rivals:
        beside(repository)
    kept = membership["cpu"] <= MEMBERSHIP_LIMIT * log and notes["cpu"] <= NOTES_LIMIT * log
    return 0 if kept and notes["peak"] <= MEMORY_LIMIT else 1


def own(repository: Path, what: str) -> dict[str, float]:
    """The figures of a fresh process."""
    run = subprocess.run(
        [sys.executable, __file__, str(repository), "--measure", what], capture_output=True, text=True, check=True
    )
    figures: dict[str, float] = json.loads(run.stdout)
    return figures


def measured(repository: Path, what: str) -> dict[str, float]:
    """In a process of its own: CPU seconds after the imports, children with them, and the peak in megabytes."""
    from checktrail.config import Settings
    from checktrail.git import Repository
    from checktrail.noting import notes_of, read_past
    from checktrail.releasing import read_releases

    start = time.process_time()
    settings, opened = Settings(), Repository.open(repository)
    if what == "notes":
        past = read_past(opened, settings, None)
        found = past.membership
        notes_of(opened, past, found.releases, settings.notes)
    else:
        found = read_releases(opened, settings)
    own_cpu = time.process_time() - start
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "cpu": own_cpu + children.ru_utime + children.ru_stime,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "commits": len(found.unreleased) + sum(len(release.new) for release in found.releases),
        "tags": len(opened.tags()),
        "releases": len(found.releases),
    }


def cpu_of(command: Sequence[str], folder: Path) -> float:
    """CPU seconds of a command whose output goes nowhere."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# --- what a user would pick instead -----------------------------------------------------------------------------------


def _git_cliff(repository: Path) -> list[str]:
    return ["git-cliff", "--repository", str(repository), "--no-exec", "--output", os.devnull]


def _reno(repository: Path) -> list[str]:
    return ["reno", "--quiet", "report", str(repository), "--output", os.devnull]


RIVALS: tuple[tuple[str, Callable[[Path], list[str]]], ...] = (("git-cliff", _git_cliff), ("reno", _reno))


def beside(repository: Path) -> None:
    """Print what the others take, in a clone with its files, which one of them cannot do without."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", "--shared", str(repository), str(clone)], check=True)
        for name, command in RIVALS:
            print(f"{name:28} {rival(command, clone)}", flush=True)


def rival(command: Callable[[Path], list[str]], repository: Path) -> str:
    """What a rival takes, or why it has no figure."""
    words = command(repository)
    if shutil.which(words[0]) is None:
        return "not on PATH"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        run = subprocess.run(words, cwd=repository, capture_output=True, check=False, timeout=RIVAL_SECONDS)
    except subprocess.TimeoutExpired:
        return f"stopped after {RIVAL_SECONDS} s"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    last = run.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
    return f"{cpu:8.2f} s" if run.returncode == 0 else f"failed after {cpu:.2f} s: {last}"


# --- a made history ---------------------------------------------------------------------------------------------------


def made(folder: Path) -> Path:
    """A bare repository with a main line, topics that merge into it, and a maintenance line per twenty releases."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    stream = "\n".join(_stream()).encode() + b"\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True)
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=folder, check=True)
    return folder


def _stream() -> Iterator[str]:
    between = COMMITS // TAGS
    kinds = ("feat: add", "fix: mend", "Improve", "perf: speed up", "docs: tell of")
    for number in range(1, COMMITS + 1):
        is_merge = number % 8 == 0 and number > 8  # noqa: PLR2004 -- every eighth commit lands a topic
        subject = f"Merge branch 'topic-{number}'" if is_merge else f"{kinds[number % 5]} part {number}"
        message = f"{subject}\n\nWhy it is done, in a sentence or two that make it as long as messages are.\n"
        yield from (
            "commit refs/heads/main",
            f"mark :{number}",
            f"author Person {number % 97} <p{number % 97}@example.org> {1_400_000_000 + number * 300} +0000",
            f"committer Person {number % 97} <p{number % 97}@example.org> {1_400_000_000 + number * 300} +0000",
            f"data {len(message)}",
            message,
        )
        if number > 1:
            # A topic starts from the commit that its predecessor on the line started from.
            yield f"from :{number - 2 if number % 8 == 7 else number - 1}"  # noqa: PLR2004 -- as above
        if is_merge:
            yield f"merge :{number - 2}"
        yield ""
        if number % between == 0:
            tag = number // between
            yield from (
                f"tag v{tag // 20}.{tag % 20}.0",
                f"from :{number}",
                f"tagger Ada <ada@example.org> {1_400_000_000 + number * 300} +0000",
                "data 0",
                "",
            )


if __name__ == "__main__":
    main()
