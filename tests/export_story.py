"""Repositories to export, and exports by the command line; nothing is remembered between them."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from checktrail.cli import run
from story import Story

FORMULA = '=HYPERLINK("http://x.example","y")'
MARKUP = '<script>alert(1)</script><img src=x onerror="alert(1)">[a](javascript:alert(1))'
SQL = "'); DROP TABLE releases; --"
ESCAPE = "\x1b[31m\x1b]0;owned\x07\u202e"
PATH = b"ops/=release-\xff-<b>\x1b-checklist.md"

_HOSTILE = f"""\
# {MARKUP}

## Sign-off {MARKUP}

- [ ] {FORMULA} QA lead sign-off {SQL} {ESCAPE}
- [ ] +1 Security lead sign-off {MARKUP} `a|b`
- [ ] @Release manager sign-off {ESCAPE}
- [x] -2+3 Product owner approval

### {FORMULA} {ESCAPE}

- [ ] \u0000 a line | of a | table
"""


def hostile(folder: Path) -> Story:
    """A repository in which everything that has a name tries to be something else."""
    story = Story(folder, bare_name="=cmd <b> repository")
    story.write("RELEASE_CHECKLIST.md", _HOSTILE).commit(f"{FORMULA} {MARKUP}\n\n{ESCAPE}", by=FORMULA)
    os.makedirs(story.root / "ops", exist_ok=True)  # noqa: PTH103 -- beside a path of bytes
    with open(os.path.join(os.fsencode(story.root), PATH), "wb") as file:  # noqa: PTH118, PTH123 -- no text names it
        file.write(_HOSTILE.encode())
    story.git("add", "--all")
    story.commit("Another", by="+Mallory <b>")
    for words, by in (("QA lead", FORMULA), ("Security lead", "@SUM(1)"), ("Release manager", "-Mallory\x1b[31m")):
        story.tick("RELEASE_CHECKLIST.md", words).commit(f"{SQL} {ESCAPE} {words}", by=by)
    story.tag("v1.0.0", message=f"{FORMULA}\n{MARKUP}\n{ESCAPE}", by=FORMULA)
    story.tag("=cmd|'x'!A0/v1.1.0", message=MARKUP, by="@x")
    story.tag("<script>alert(1)</script>", by="=x")
    story.replace("RELEASE_CHECKLIST.md", "+1 Security", "+2 Security").commit("Reword", by="=x")
    return story


@contextmanager
def nothing_remembered() -> Iterator[None]:
    """Run without a store, and without a time from outside."""
    kept = {name: os.environ.pop(name, None) for name in ("CHECKTRAIL_NO_STORE", "SOURCE_DATE_EPOCH")}
    os.environ["CHECKTRAIL_NO_STORE"] = "1"
    try:
        yield
    finally:
        del os.environ["CHECKTRAIL_NO_STORE"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})


def export(repository: Path, target: Path | str, *options: str) -> int:
    """Run `checktrail export`; its exit code."""
    with nothing_remembered():
        return run(["--quiet", "-C", str(repository), "export", "--to", str(target), *options])


def exported(repository: Path, folder: Path) -> dict[str, bytes]:
    """Every form, by file name."""
    assert export(repository, f"{folder}/") == 0
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def unzipped(content: bytes) -> dict[str, bytes]:
    """A bundle's files by their names in the bag."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files as a plain zip."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()
