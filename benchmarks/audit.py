"""What the audit of a thousand releases adds to reading the record; the promise is a quarter at most.

    python benchmarks/audit.py [RELEASES]

Two shapes: one checklist per release, and one living checklist that is reset after each. Five sign-offs per release,
each in a commit of its own. CPU seconds of this process and of the git and parsing processes it starts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from checktrail.config import Settings
from checktrail.git import Repository
from checktrail.inquiry import inquire
from checktrail.record import read_record
from checktrail.store import Store

ROLES = ("QA lead", "Security lead", "Release manager", "Product owner", "Operations lead")
PROMISED = 0.25


def main() -> None:
    releases = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{releases} releases      record  audit  share (promised: at most {PROMISED:.0%})")
    for shape in ("own", "living"):
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), releases, shape)
            repository = Repository.open(folder)
            start = cpu()
            record = read_record(repository, Settings(), Store(None, "measured cold"))
            middle = cpu()
            found = inquire(repository, record)
            end = cpu()
        assert len(found.audit.releases) == releases
        read, audited = middle - start, end - middle
        print(f"{shape:>8} checklists  {read:6.2f} {audited:6.2f}  {audited / read:5.0%}")


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
