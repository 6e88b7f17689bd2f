"""What the audit of a thousand releases adds to reading the record; the promise is a quarter at most.

    python benchmarks/audit.py                   1000 releases
    python benchmarks/audit.py --releases 100    fewer of them

Two shapes: one checklist per release, and one living checklist that is reset after each. Five sign-offs per release,
each in a commit of its own. CPU seconds of a process and of the git and parsing processes it starts. Each round is a
process of its own, which has read and audited a small history before, so that neither side pays for what is loaded
once; the record is read with nothing remembered, and the garbage of neither side is left to the other. The median of
five rounds, with the lowest and the highest. Ends with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.inquiry import inquire
from checktrail.record import read_record
from checktrail.store import Store

ROLES = ("QA lead", "Security lead", "Release manager", "Product owner", "Operations lead")
PROMISED = 0.25
ROUNDS = 5
SMALL = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=1000)
    parser.add_argument("--round", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.round:
        small, large = asked.round
        measured(small)
        print(json.dumps(measured(large)))
        return
    releases = asked.releases
    print(f"{releases} releases, {ROUNDS} rounds (promised: the audit takes at most {PROMISED:.0%} of the record)")
    shares = [share(releases, shape) for shape in ("own", "living")]
    sys.exit(max(shares) > PROMISED)


def share(releases: int, shape: str) -> float:
    """The audit's median share of the record's time for a shape, which is printed."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        make(small, SMALL, shape)
        make(large, releases, shape)
        command = [sys.executable, __file__, "--round", str(small), str(large)]
        rounds = [json.loads(subprocess.check_output(command)) for _ in range(ROUNDS)]
    reads, audits = zip(*rounds, strict=True)
    shares = [audit / read for read, audit in rounds]
    print(f"{shape:>8}  record {spread(reads)} s  audit {spread(audits)} s  share {spread(shares, 100, 0)} %")
    return median(shares)


def measured(folder: str) -> tuple[float, float]:
    """The CPU seconds of reading a record and of its audit."""
    repository = Repository.open(folder)
    gc.collect()
    start = cpu()
    record = read_record(repository, Settings(), Store(None, "measured cold"))
    middle = cpu()
    found = inquire(repository, record)
    end = cpu()
    assert len(found.audit.releases) == len(record.releases) > 0
    return middle - start, end - middle


def spread(values: Sequence[float], scale: int = 1, digits: int = 2) -> str:
    """The median, with the lowest and the highest."""
    found = (median(values), min(values), max(values))
    middle, lowest, highest = (f"{scale * value:.{digits}f}" for value in found)
    return f"{middle} ({lowest} to {highest})"


def cpu() -> float:
    return sum(os.times()[:4])


def make(folder: Path, releases: int, shape: str) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    stream = b"".join(part.encode() for part in history(releases, shape))
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream, check=True)


def history(releases: int, shape: str) -> Iterator[str]:
    mark = 0
    for number in range(releases):
        path = f"checklists/v1.{number}.0.md" if shape == "own" else "RELEASE.md"
        text = checklist(f"v1.{number}.0" if shape == "own" else "")
        states = [("dev", f"app {number}", "src/app.py"), ("dev", text, path)]
        text = text.replace("- [ ] Step", "- [x] Step")
        states.append(("dev", text, path))
        for role in ROLES:
            text = text.replace(f"- [ ] {role}", f"- [x] {role}")
            states.append((role.split()[0], text, path))
        for who, content, where in states:
            mark += 1
            yield commit(mark, who, content, where)
        yield f"tag v1.{number}.0\nfrom :{mark}\ntagger rm <rm@example.org> {1600000000 + mark * 3600} +0000\ndata 0\n"
        mark += 1
        yield commit(mark, "dev", text.replace("[ ]", "[x]"), path)


def checklist(version: str) -> str:
    steps = "".join(f"- [ ] Step {number} of the preparation is done\n" for number in range(30))
    signs = "".join(f"- [ ] {role} sign-off obtained\n" for role in ROLES)
    after = "".join(f"- [ ] Task {number} after the release\n" for number in range(5))
    return f"# Release checklist {version}\n\n## Preparation\n{steps}\n## Sign-off\n{signs}\n## Follow-up\n{after}"


def commit(mark: int, who: str, content: str, path: str) -> str:
    stamp = f"{who} <{who}@example.org> {1600000000 + mark * 3600} +0000"
    parent = f"from :{mark - 1}\n" if mark > 1 else ""
    head = f"commit refs/heads/main\nmark :{mark}\nauthor {stamp}\ncommitter {stamp}\ndata 1\nc\n{parent}"
    return f"{head}M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"


if __name__ == "__main__":
    main()
