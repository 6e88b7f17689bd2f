"""What a large repository costs: 100,000 commits, 2,000 tags, 500 checklists with 50,000 items, on two cores.

    python benchmarks/scale.py                      the whole curve, from an eighth of that size up
    python benchmarks/scale.py --commits 12500      one size
    python benchmarks/scale.py --command build      one command; --once leaves out its second run
    python benchmarks/scale.py --write              put the figures into docs/explanation/performance.md, too: those of
                                                    sizes and commands that were not measured stay

Every command runs in a process of its own with nothing remembered, then again with all remembered. CPU seconds are
those of the process and of the git processes it starts; memory is the peak of the process. Promised: every command
within 1 GB. Exit 1 when that does not hold. What is being done is told on standard error.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from installed import compiled

COMMITS = 100_000
CURVE = (12_500, 25_000, 50_000, 100_000)
A_TAG_EVERY = 50
A_CHECKLIST_EVERY = 200
A_TICK_EVERY = 4
A_MERGE_EVERY = 20
ITEMS = 100
MEGABYTES = 1024
PAGE = Path(__file__).resolve().parent.parent / "docs" / "explanation" / "performance.md"
START, END = "<!-- scale -->", "<!-- /scale -->"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("releases",),
    ("log", "--events", "--format", "json"),
    ("metrics",),
    ("audit", "--format", "concise"),
    ("export", "--to", "{out}/"),
    ("build", "--site-dir", "{out}"),
)


class Cost(NamedTuple):
    """CPU seconds, and the peak of memory in MB."""

    seconds: float
    megabytes: float


class Row(NamedTuple):
    """One command at one size: the first run, and the next if there was one."""

    commits: int
    command: str
    costs: tuple[Cost, ...]

    def peak(self) -> float:
        """The most memory of its runs, in MB."""
        return max(cost.megabytes for cost in self.costs)


def main() -> None:
    compiled()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, action="append", help="a size; may be given more than once")
    names = [command[0] for command in COMMANDS]
    parser.add_argument("--command", action="append", choices=names, help="a command; may be given more than once")
    parser.add_argument("--once", action="store_true", help="leave out the runs that find all remembered")
    parser.add_argument("--write", action="store_true", help="put the figures into the page")
    asked = parser.parse_args()
    commands = [command for command in COMMANDS if command[0] in (asked.command or names)]
    rows: list[Row] = []
    for commits in asked.commits or CURVE:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            for row in measured(Path(folder), commits, commands, 1 if asked.once else 2):
                rows.append(row)
                if asked.write:
                    write(rows)
    print("\n".join((*HEAD, *map(shown, rows))))
    sys.exit(int(any(row.peak() > MEGABYTES for row in rows)))


def measured(folder: Path, commits: int, commands: list[tuple[str, ...]], runs: int) -> Iterator[Row]:
    """The commands at one size."""
    say(f"{commits:,} commits: writing the repository")
    repository = folder / "repository"
    written(repository, commits)
    for command in commands:
        costs = []
        for name in ("cache", "out"):
            shutil.rmtree(folder / name, ignore_errors=True)
        arguments = [part.format(out=folder / "out") for part in command]
        for which in ("first run", "next run")[:runs]:
            say(f"{commits:,} commits: {command[0]}, {which}")
            run = [sys.executable, "-m", "checktrail", "-q", "-C", str(repository), *arguments]
            costs.append(cost(run, folder / "cache"))
            say(f"    {costs[-1].seconds:.1f} s, {costs[-1].megabytes:.0f} MB")
        yield Row(commits, command[0], tuple(costs))


def cost(command: list[str], cache: Path) -> Cost:
    """What a command takes whose output goes nowhere."""
    environment = {**os.environ, "CHECKTRAIL_CACHE_DIR": str(cache)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    judges = "audit" in command  # what is found is no failure of its
    if process.returncode not in ({0, 1, 3} if judges else {0}):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


# --- the page ---------------------------------------------------------------------------------------------------------


HEAD = (
    "| commits | tags | checklists | items | command | first run | next run | peak |",
    "|---|---|---|---|---|---|---|---|",
)


def shown(row: Row) -> str:
    """A row of the table."""
    lists = row.commits // A_CHECKLIST_EVERY
    size = f"| {row.commits:,} | {row.commits // A_TAG_EVERY:,} | {lists:,} | {lists * ITEMS:,} | `{row.command}` "
    seconds = [f"{cost.seconds:.1f} s" for cost in row.costs] + ["not measured"] * (2 - len(row.costs))
    kept = "" if row.peak() <= MEGABYTES else ": **over 1 GB**"
    return f"{size}| {' | '.join(seconds)} | {row.peak():.0f} MB{kept} |"


def place(line: str) -> tuple[int, int]:
    """Where a row of the table stands: by its size, then in the order of the commands."""
    cells = line.split("|")
    return int(cells[1].replace(",", "")), [command[0] for command in COMMANDS].index(cells[5].strip(" `"))


def write(rows: list[Row]) -> None:
    """Put the figures between their marks, in the place of those of the same size and command."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    old, _, after = rest.partition(END)
    lines = {place(line): line for line in (*re.findall(r"^\| [0-9].*$", old, re.MULTILINE), *map(shown, rows))}
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.split()[2]
    made = f"Made with Python {platform.python_version()} and git {git}."
    table = "\n".join((*HEAD, *(lines[key] for key in sorted(lines))))
    PAGE.write_text(f"{before}{START}\n\n{made}\n\n{table}\n\n{END}{after}", encoding="utf-8")


# --- a made history ---------------------------------------------------------------------------------------------------


def written(folder: Path, commits: int) -> None:
    """A bare repository: a line with merges, a tag every fifty commits, a checklist every two hundred."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(folder)], check=True)
    with subprocess.Popen(["git", "-C", str(folder), "fast-import", "--quiet"], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for part in stream(commits):
            process.stdin.write(part.encode())
    if process.returncode:
        sys.exit("git fast-import failed")


def stream(commits: int) -> Iterator[str]:
    """What fast-import reads; the same for the same number."""
    chance = random.Random(commits)
    lists: list[list[str]] = []
    for number in range(1, commits + 1):
        files = []
        if number % A_CHECKLIST_EVERY == 1:
            lists.append(checklist(len(lists)))
            files.append(len(lists) - 1)
        elif number % A_TICK_EVERY == 0:
            files.append(ticked(lists, chance))
        yield from commit(number, [(f"checklists/v1.{at}.0.md", lists[at]) for at in files])
        if number % A_TAG_EVERY == 0:
            tag = number // A_TAG_EVERY
            name = f"v1.{tag // 4}.{tag % 4}"
            yield f"tag {name}\nfrom :{number}\ntagger Ada <a@example.org> {at_time(number)} +0000\ndata 0\n\n"
            if number % (A_TAG_EVERY * 100) == 0:
                say(f"    {number:,} commits written")


def checklist(number: int) -> list[str]:
    """A checklist's lines: ten sections of ten items."""
    lines = [f"# Release checklist 1.{number}.0", ""]
    for section in range(10):
        title = "Sign-off" if section == 9 else f"{section + 1}. Testing part {section}"  # noqa: PLR2004 -- the last
        lines += [f"## {title}", ""]
        lines += [f"- [ ] Check thing {section}.{item} of release {number}" for item in range(ITEMS // 10)]
        lines.append("")
    return lines


def ticked(lists: list[list[str]], chance: random.Random) -> int:
    """Tick a box of one of the newest checklists; which it was."""
    at = len(lists) - 1 - min(len(lists) - 1, int(chance.expovariate(1)))
    lines = lists[at]
    open_ones = [index for index, line in enumerate(lines) if line.startswith("- [ ]")]
    if open_ones:
        line = chance.choice(open_ones)
        lines[line] = lines[line].replace("[ ]", "[x]")
    else:
        lines[-2] += " once more"
    return at


def commit(number: int, files: list[tuple[str, list[str]]]) -> Iterator[str]:
    person = f"Person {number % 97} <p{number % 97}@example.org> {at_time(number)} +0000"
    message = f"feat: part {number}\n\nWhy it is done, in a sentence as long as such sentences are.\n"
    yield f"commit refs/heads/main\nmark :{number}\nauthor {person}\ncommitter {person}\n"
    yield f"data {len(message)}\n{message}"
    if number > 1:
        yield f"from :{number - 1}\n"
    if number % A_MERGE_EVERY == 0:
        yield f"merge :{number - A_MERGE_EVERY // 2}\n"
    yield f"M 100644 inline src/part-{number % 50}.py\ndata {len(str(number))}\n{number}\n"
    for path, lines in files:
        text = "\n".join(lines)
        yield f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
    yield "\n"


def at_time(number: int) -> int:
    return 1_400_000_000 + number * 3000


if __name__ == "__main__":
    main()
