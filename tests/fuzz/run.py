"""Feed a target with what coverage leads to: python tests/fuzz/run.py TARGET [OPTION of libFuzzer]…

Begins with the corpus beside this file; what it finds of interest goes to .fuzz/TARGET at the repository's root, which
git does not see. An input that breaks a law is left as `.fuzz/TARGET/crash-…`: mend the fault, put it into the corpus.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
# Bytes of the longest input where the options say nothing: what makes a reader take another way is short, and a reader
# of Markdown takes milliseconds for a page.
LONGEST = {"parser": 200, "fixes": 96, "policy": 1000, "configuration": 1000, "git_objects": 1500, "bundle": 600}
sys.path.insert(0, str(HERE.parent))

with atheris.instrument_imports(include=["checktrail"]):
    from fuzz.targets import TARGETS


def main() -> None:
    """Run until libFuzzer's options say to stop."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: {sys.argv[0]} {{{'|'.join(TARGETS)}}} [OPTION of libFuzzer]...")
    name, options = sys.argv[1], sys.argv[2:]
    found = HERE.parent.parent / ".fuzz" / name
    found.mkdir(parents=True, exist_ok=True)
    wanted = [f"-dict={HERE / 'words.dict'}", f"-artifact_prefix={found}/", "-timeout=20", "-rss_limit_mb=1500"]
    wanted.append(f"-max_len={LONGEST[name]}")
    atheris.Setup([sys.argv[0], *wanted, *options, str(found), str(HERE / "corpus" / name)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
