"""1,000 checklists the size of a real one: `status` and `lint`, cold (nothing remembered) and warm.

    python benchmarks/many_checklists.py [--files 1000]

Promised on two cores: under 5 s cold and 1 s warm, process start and git among it. Exit 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from installed import compiled

PROMISED = {"cold": 5.0, "warm": 1.0}
_PARTS = ("Quality", "Testing", "Security", "Documentation", "Packaging", "Deployment", "Monitoring", "Communication")
_THINGS = ("tests", "limits", "dashboards", "images", "notes", "licences", "migrations", "alerts", "backups", "keys")


def checklist(number: int) -> str:
    """About 4.5 kB with eighty items: other title and ticks in every file, the same words in all, as copies have."""
    lines = [f"# Release checklist {number}", ""]
    for place, part in enumerate(_PARTS, start=1):
        lines += [f"## {place}. {part}", ""]
        for row, thing in enumerate(_THINGS):
            mark = " x"[(number + row) % 2]
            lines.append(f"- [{mark}] The {thing} of part {place} are reviewed and signed")
        lines.append("")
    return "\n".join(lines)


def seconds(command_name: str, repository: Path, cache: Path) -> tuple[float, float]:
    """Wall and CPU seconds of one run of a command."""
    environment = {**os.environ, "CHECKTRAIL_CACHE_DIR": str(cache)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "checktrail", "-C", str(repository), command_name, "--format", "json"]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    compiled()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as scratch:
        repository, cache = Path(scratch, "repository"), Path(scratch, "cache")
        (repository / "checklists").mkdir(parents=True)
        for number in range(files):
            (repository / "checklists" / f"list-{number}.md").write_text(checklist(number))
        subprocess.run(["git", "-C", str(repository), "init", "--quiet"], check=True)
        subprocess.run(["git", "-C", str(repository), "add", "."], check=True)
        runs = {
            (name, state): seconds(name, repository, cache / name)
            for name in ("status", "lint")
            for state in ("cold", "warm")
        }
    print(f"{files} files of {len(checklist(1))} bytes")
    for (name, state), (wall, cpu) in runs.items():
        print(f"{name:<6} {state} {wall:6.2f} s wall {cpu:6.2f} s CPU   promised {PROMISED[state]:.0f} s")
    return int(any(wall > PROMISED[state] for (_, state), (wall, _) in runs.items()))


if __name__ == "__main__":
    sys.exit(main())
