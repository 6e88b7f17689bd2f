"""The whole trail of a history beside what git itself needs to read the same, and beside `git blame`.

    python benchmarks/history.py [--commits 5000] [--curve 10000 20000 50000]

In CPU seconds of one run, git's own processes among it. Promised for 5,000 commits, 50 checklists and 100 tags: at most
ten times `git log --raw` plus `git cat-file --batch` of the same blobs; thirty times less than blame of every checklist
at every tag; a second run at most 0.3 s over start-up, ten new commits under 15 % of the first. The curve keeps the
number of commits that touch checklists and adds others. Exit 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from installed import compiled

MEMORY_MB = 400
_WORDS = (
    "tests",
    "images",
    "notes",
    "charts",
    "backups",
    "alerts",
    "limits",
    "keys",
    "docs",
    "guides",
    "plans",
    "scans",
)
_VERBS = ("Check", "Update", "Review", "Ship", "Verify", "Publish", "Measure", "Archive", "Confirm", "Rotate")
_LEAST_LINES = 60
TIMES_GIT, TIMES_BLAME, SECONDS_AGAIN, SHARE_NEW = 10, 30, 0.3, 0.15
_TAGS = 100
_BLAMED = 40


class Writer:
    """A history as one fast import: every commit ticks, rewords, adds or drops a line in one checklist or two."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.files = {f"checklists/v1.{number}.0.md": self.text(number) for number in range(50)}
        self.number = 0
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(folder)], check=True)

    def text(self, number: int) -> list[str]:
        """A checklist's lines, about 5 kB."""
        lines = [f"# Release 1.{number}.0", ""]
        for section in range(12):
            lines += [f"## {section + 1}. Part {section}", "", *(self.item() for _ in range(9)), ""]
        return lines

    def item(self) -> str:
        """One line with a box."""
        return f"- [ ] {self.chance.choice(_VERBS)} {self.chance.choice(_WORDS)} and {self.chance.choice(_WORDS)}"

    def edit(self) -> str:
        """Change a line of some checklist; its path."""
        path = self.chance.choice(list(self.files))
        lines = self.files[path]
        at = self.chance.choice([index for index, line in enumerate(lines) if line.startswith("- ")])
        kind = self.chance.choices(("tick", "reword", "add", "drop"), (70, 15, 10, 5))[0]
        if kind == "tick":
            lines[at] = lines[at].replace("[ ]", "[x]") if "[ ]" in lines[at] else lines[at].replace("[x]", "[ ]")
        elif kind == "reword":
            lines[at] += f" {self.chance.choice(_WORDS)}"
        elif kind == "add":
            lines.insert(at, self.item())
        elif len(lines) > _LEAST_LINES:
            del lines[at]
        return path

    def write(self, commits: int, touching: float = 1.0) -> None:
        """Add commits to main; of those a share touches checklists."""
        stream, first = [], self.number
        for _ in range(commits):
            paths = list(self.files) if self.number == 0 else []
            if not paths and self.chance.random() < touching:
                paths = sorted({self.edit() for _ in range(self.chance.choice((1, 1, 1, 2)))})
            head = f"commit refs/heads/main\nmark :{self.number + 1}\n"
            head += f"committer Ada <ada@example.org> {1_600_000_000 + 600 * self.number} +0000\ndata 4\nWork\n"
            if self.number == first and first:
                head += "from refs/heads/main^0\n"
            stream.append(head.encode())
            for path in paths:
                content = ("\n".join(self.files[path]) + "\n").encode()
                stream.append(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content)
            if not paths:
                stream.append(f"M 100644 inline src/f{self.number % 200}.txt\ndata 6\n{self.number:06}".encode())
            stream.append(b"\n")
            self.number += 1
        if first == 0:
            marks = range(commits // _TAGS, commits, commits // _TAGS)
            stream += [f"reset refs/tags/v0.{mark}.0\nfrom :{mark}\n\n".encode() for mark in marks]
        command = ["git", "-C", str(self.folder), "fast-import", "--quiet"]
        subprocess.run(command, input=b"".join(stream), check=True)


def cpu(command: list[str], **options: object) -> float:
    """CPU seconds of a command with all it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


_TRAILS = """
import resource, sys
from pathlib import Path
from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.store import Store
from checktrail.history import read_trails
repository = Repository.open(sys.argv[1])
if sys.argv[2] != "start":
    trails = read_trails(repository, Settings(), Store.open(Path(sys.argv[2])))
    print(len(trails.events), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


def ours(repository: Path, cache: Path | str) -> tuple[float, str]:
    """CPU seconds of the whole trail, and what it says: events, and megabytes at most."""
    with tempfile.TemporaryFile() as said:
        seconds = cpu([sys.executable, "-c", _TRAILS, str(repository), str(cache)], stderr=said)
        said.seek(0)
        return seconds, said.read().decode().strip()


def gits(repository: Path) -> float:
    """CPU seconds that git needs to tell the same commits and blobs."""
    git = ["git", "-C", str(repository)]
    raw = [*git, "log", "--all", "--raw", "-z", "--no-renames", "--no-abbrev", "--root", "--topo-order", "--reverse"]
    listing = subprocess.run([*raw, "--format=", "--", "*.md"], capture_output=True, check=True).stdout.split(b"\0")
    blobs = {entry.split(b" ")[3] for entry in listing if entry.startswith(b":")}
    feed = b"".join(blob + b"\n" for blob in blobs)
    return cpu([*raw, "--diff-merges=first-parent"]) + cpu([*git, "cat-file", "--batch", "--buffer"], input=feed)


def blames(repository: Path, writer: Writer) -> float:
    """CPU seconds of blame for every checklist at every tag, from a sample of both."""
    git = ["git", "-C", str(repository)]
    tags = subprocess.run([*git, "tag"], capture_output=True, text=True, check=True).stdout.split()
    pairs = [(writer.chance.choice(tags), writer.chance.choice(list(writer.files))) for _ in range(_BLAMED)]
    sample = sum(cpu([*git, "blame", "-w", "-M", "-C", "--porcelain", tag, "--", path]) for tag, path in pairs)
    return sample / len(pairs) * len(tags) * len(writer.files)


def main() -> int:
    compiled()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=5000)
    parser.add_argument("--curve", type=int, nargs="*", default=[10_000, 20_000, 50_000])
    arguments = parser.parse_args()
    os.environ.pop("CHECKTRAIL_NO_STORE", None)
    kept = True
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        repository = folder / "history.git"
        writer = Writer(repository)
        writer.write(arguments.commits)
        start, _ = ours(repository, "start")
        git = gits(repository)
        first, said = ours(repository, folder / "cache")
        second, _ = ours(repository, folder / "cache")
        writer.write(10)
        new, _ = ours(repository, folder / "cache")
        blame = blames(repository, writer)
        rows = [
            ("git log --raw + cat-file", git, "", True),
            ("the whole trail", first, f"{first / git:.1f} times git (10)", first <= TIMES_GIT * git),
            (
                "git blame, from a sample",
                blame,
                f"{blame / first:.0f} times the trail (30)",
                blame >= TIMES_BLAME * first,
            ),
            ("nothing new", second, f"{second - start:.2f} s over start-up (0.3)", second - start <= SECONDS_AGAIN),
            (
                "ten new commits",
                new,
                f"{100 * (new - start) / (first - start):.0f} % of the first run, both over start-up (15)",
                new - start <= SHARE_NEW * (first - start),
            ),
        ]
        print(f"{arguments.commits} commits, 50 checklists, {_TAGS} tags; {said.split()[0]} events; CPU seconds")
        for name, seconds, ratio, held in rows:
            print(f"  {name:28}{seconds:9.2f}   {ratio}{'' if held else '   BROKEN'}")
            kept = kept and held
        for commits in arguments.curve:
            long = Writer(folder / f"{commits}.git")
            long.write(commits, touching=arguments.commits / commits)
            seconds, said = ours(long.folder, folder / f"cache-{commits}")
            held = int(said.split()[1]) <= MEMORY_MB
            memory = f"{said.split()[1]} MB ({MEMORY_MB}){'' if held else '   BROKEN'}"
            print(f"  {commits:6} commits{seconds:23.2f}   {memory}")
            kept = kept and held
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
