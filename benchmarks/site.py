"""What the site costs, against MkDocs with Material over the same content as plain Markdown.

    python benchmarks/site.py                   500 releases of a checklist with 120 items
    python benchmarks/site.py --releases 2000   more of them

CPU seconds of one process and the git processes it starts, each run in a process of its own: our whole site, cold
(empty cache); again with nothing new; three times again, each with one more box ticked, of which the median counts; and
MkDocs over plain Markdown. The plain site is made from ours, page for page: the words, tables, lists and links that a
reader sees, with the same navigation; pictures are left out. A second plain site holds the checklists alone, one page
per release, as somebody would write it by hand. Memory is the peak of our cold process. Aimed at: cold at most half of
MkDocs, nothing new at most 10% of cold, one checklist changed at most 15%, under 700 MB of memory and 500 MB of site at
2,000 releases. Exit code 1 when an aim is missed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

import yaml
from installed import compiled
from markdownify import markdownify

SECTIONS = ("Preparation", "Testing", "Documentation", "Security", "Sign-off", "Release", "Monitoring", "Clean-up")
ITEMS = 15
NEWEST = 20
TICKS = 3
MOST_MEGABYTES, LARGEST_SITE = 700, 500


class Cost(NamedTuple):
    """CPU seconds and the peak of memory in MB."""

    seconds: float
    megabytes: float


def main() -> None:
    compiled()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="site-") as place:
        sys.exit(measure(Path(place), asked.releases))


def measure(place: Path, releases: int) -> int:
    repository, out = place / "repository", place / "out"
    write_history(repository, releases)
    environment = {**os.environ, "CHECKTRAIL_CACHE_DIR": str(place / "cache"), "NO_MKDOCS_2_WARNING": "1"}
    ours = [sys.executable, "-m", "checktrail", "-q", "-C", str(repository), "build", "--site-dir", str(out)]
    cold, warm = cost(ours, environment), cost(ours, environment)
    write_plain(place / "plain", {file.relative_to(out): as_markdown(file) for file in out.rglob("*.html")}, releases)
    bare = {Path("index.md"): "# Releases\n"} | {Path(f"v1.{number}.0.md"): text(105) for number in range(releases)}
    write_plain(place / "bare", bare, releases)
    changed = median(ticked(repository, number, ours, environment) for number in range(1, 1 + TICKS))
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file()) / 1e6
    plain, by_hand = (
        cost([sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(place / name / "mkdocs.yml")], environment)
        for name in ("plain", "bare")
    )
    aims = (
        ("MkDocs, the same as plain Markdown", plain.seconds, ""),
        ("MkDocs, the checklists alone", by_hand.seconds, ""),
        ("ours, cold", cold.seconds, aim(cold.seconds / plain.seconds, 0.5, "of MkDocs")),
        ("ours, nothing new", warm.seconds, aim(warm.seconds / cold.seconds, 0.1, "of cold")),
        ("ours, one box ticked", changed, aim(changed / cold.seconds, 0.15, "of cold")),
    )
    print(f"{releases} releases of {len(SECTIONS) * ITEMS} items, CPU seconds")
    for name, seconds, said in aims:
        print(f"  {name:<36}{seconds:8.1f}  {said}")
    print(f"  memory {cold.megabytes:.0f} MB (at most {MOST_MEGABYTES}), site {size:.0f} MB (at most {LARGEST_SITE})")
    is_large = cold.megabytes > MOST_MEGABYTES or size > LARGEST_SITE
    return 1 if is_large or any("missed" in said for _, _, said in aims) else 0


def aim(share: float, limit: float, of: str) -> str:
    return f"{share:.0%} {of} (at most {limit:.0%}){'' if share <= limit else ', missed'}"


def cost(command: list[str], environment: dict[str, str]) -> Cost:
    with subprocess.Popen(command, env=environment) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1024))


def text(ticked: int) -> str:
    lines = ["# Release checklist", ""]
    for place, section in enumerate(SECTIONS):
        lines += [f"## {section}", ""]
        for number in range(place * ITEMS, (place + 1) * ITEMS):
            box = "x" if number < ticked else " "
            lines.append(f"- [{box}] Step {number} is done (`make step-{number}`) and **somebody** has looked at it")
        lines.append("")
    return "\n".join(lines)


def write_history(repository: Path, releases: int) -> None:
    """A living checklist, ticked in four commits and tagged, over and over."""
    subprocess.run(["git", "init", "-q", "--initial-branch=main", str(repository)], check=True)
    stream, at, mark = bytearray(), 1_500_000_000, 0
    for number in range(releases):
        for ticked in (0, 40, 80, 105):
            at, mark, content = at + 40_000, mark + 1, text(ticked).encode()
            who = f"Person {ticked} <p{ticked}@example.org> {at} +0000".encode()
            stream += b"commit refs/heads/main\nmark :%d\nauthor %s\ncommitter %s\n" % (mark, who, who)
            stream += b"data 4\nWork\nM 100644 inline RELEASE.md\ndata %d\n%s\n" % (len(content), content)
        stream += b"tag v1.%d.0\nfrom :%d\ntagger %s\ndata 7\nRelease\n" % (number, mark, who)
    subprocess.run(["git", "-C", str(repository), "fast-import", "--quiet"], input=bytes(stream), check=True)
    subprocess.run(["git", "-C", str(repository), "reset", "-q", "--hard", "main"], check=True)


def as_markdown(page: Path) -> str:
    """What a reader sees of a page of ours, as somebody would write it."""
    html = page.read_text()
    body = html[html.find("<article") : html.rfind("</article>")]
    body = re.sub(r"<(svg|button)\b.*?</\1>", "", body, flags=re.DOTALL)
    return str(markdownify(body, heading_style="ATX", bullets="-"))


def write_plain(folder: Path, pages: dict[Path, str], releases: int) -> None:
    """A plain site of some pages by their path, with the home page and the newest releases in its navigation."""
    newest = {f"v1.{number}.0" for number in range(releases)[: -NEWEST - 1 : -1]}
    found = {path.with_suffix(".md"): content for path, content in pages.items()}
    for path, content in found.items():
        (folder / "docs" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / path).write_text(content)
    # A page with "index" in its name leads a folder; those without a version are the few that stand in ours, too.
    named = [str(path) for path in found if path.stem in newest or not path.stem.startswith(("v1.", "404"))]
    config = {
        "site_name": "x",
        "theme": {"name": "material", "font": False},
        "plugins": ["search"],
        "markdown_extensions": ["pymdownx.tasklist", "def_list"],
        "not_in_nav": "*",
        "nav": ["index.md", {"All": sorted(set(named) - {"index.md"})}],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config))


def ticked(repository: Path, number: int, command: list[str], environment: dict[str, str]) -> float:
    """What a run costs once one more box is ticked."""
    (repository / "RELEASE.md").write_text(text(105 + number))
    person = ["-c", "user.name=P", "-c", "user.email=p@example.org"]
    subprocess.run(["git", "-C", str(repository), *person, "commit", "-qam", "One more"], check=True)
    return cost(command, environment).seconds


if __name__ == "__main__":
    main()
