"""Repositories of every form that git allows: odd histories and odd contents as chapters told by dice.

A chapter continues a random history (`random_history.py`) on the branch `main`, by one fast import; each ends in a
release. The same seed and object format give the same repository.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from random_history import random_history

# Names that people, branches and files have somewhere in the world.
NAMES = (
    "Ägidius Öhlßen", "Ægir Þórsson", "Łukasz Żółw", "Ωμέγα Άλφα", "Юлия Щукина", "שָׁלוֹם כהן", "محمد علي", "नमस्ते कुमार",
    "สมชาย ใจดี", "山田 太郎", "김철수", "Nguyễn Thị Ánh", "გიორგი", "Ժաննա", "አበበ", "ཏེན་ཛིན", "\U0001d49c \U00010348",
    "🦊 Fox", "e\u0301 é", "I İ \u0131",
)  # fmt: skip
BOXES = """\
# Release checklist

## Testing

- [x] Unit tests pass
- [ ] Notes are written

## Sign-off

- [ ] QA lead sign-off
"""


class Link(NamedTuple):
    """A symbolic link."""

    target: str


class Module(NamedTuple):
    """A submodule at some commit of another repository; `digit` makes its id."""

    digit: str


Content = str | bytes | Link | Module | None


@dataclass
class Teller:
    """A fast-import stream in the making; `head` is the mark (or name) that `main` stands at."""

    dice: random.Random
    id_length: int
    head: str
    clock: int = 1_710_000_000
    marks: int = 0
    releases: int = 0
    parts: list[bytes] = field(default_factory=list)

    def commit(
        self, files: dict[str, Content] | None = None, *, parents: Sequence[str] | None = None, message: str = "Work"
    ) -> str:
        """A commit on `main`'s head, or on the parents given; its mark."""
        self.marks += 1
        self.clock += self.dice.randint(-4000, 9000)
        who = self.dice.choice(NAMES)
        lines = [f"commit refs/heads/made\nmark :{self.marks}\n"]
        lines += [
            f"{kind} {who} <p{self.marks % 7}@example.org> {self.clock} +0930\n" for kind in ("author", "committer")
        ]
        lines.append(f"data {len(message.encode())}\n{message}\n")
        for number, parent in enumerate([self.head] if parents is None else parents):
            lines.append(f"{'merge' if number else 'from'} {parent}\n")
        if parents == ():
            lines.insert(0, "reset refs/heads/made\n")
        stream = "".join(lines).encode() + b"".join(self._file(*each) for each in (files or {}).items())
        self.parts.append(stream + b"\n")
        return f":{self.marks}"

    def _file(self, path: str, content: Content) -> bytes:
        quoted = quote(path)
        match content:
            case None:
                return b"D %s\n" % quoted
            case Module(digit):
                return b"M 160000 %s %s\n" % (digit.encode() * self.id_length, quoted)
            case Link(target):
                mode, held = b"120000", target.encode()
            case str():
                mode, held = b"100644", content.encode("utf-8", "surrogateescape")
            case _:
                mode, held = b"100644", content
        return b"M %s inline %s\ndata %d\n%s\n" % (mode, quoted, len(held), held)

    def go(self, files: dict[str, Content] | None = None, message: str = "Work") -> str:
        """A commit on `main`, which moves there."""
        self.head = self.commit(files, message=message)
        return self.head

    def branch(self, name: str, at: str) -> None:
        """A branch at a commit."""
        self.parts.append(b"reset refs/heads/%s\nfrom %s\n\n" % (name.encode(), at.encode()))

    def release(self, at: str | None = None) -> None:
        """A tag for the next version, annotated or not."""
        self.releases += 1
        name, where = f"v2.{self.releases}.0", at or self.head
        if self.dice.random() < 0.5:
            self.parts.append(f"reset refs/tags/{name}\nfrom {where}\n\n".encode())
        else:
            who = self.dice.choice(NAMES)
            self.parts.append(
                f"tag {name}\nfrom {where}\ntagger {who} <t@example.org> {self.clock} -0200\ndata 4\nSome\n".encode()
            )


def quote(path: str) -> bytes:
    """A path as fast-import wants it when it holds anything unusual."""
    raw = path.encode("utf-8", "surrogateescape")
    return (
        b'"'
        + b"".join(b"\\%03o" % byte if byte < 33 or byte > 126 or byte in b'"\\' else bytes([byte]) for byte in raw)
        + b'"'
    )


# --- histories --------------------------------------------------------------------------------------------------------


def orphans(told: Teller) -> None:
    """Lines without a common ancestor: one stays apart, one is merged in."""
    apart = told.commit({"apart.md": BOXES}, parents=())
    told.branch(f"apart-{told.marks}", apart)
    told.release(apart)
    other = told.commit({"other/list.md": BOXES, "list.md": BOXES}, parents=())
    told.head = told.commit({"other/list.md": BOXES}, parents=(told.head, other), message="Merge unrelated")


def octopus(told: Teller) -> None:
    """A merge of several branches, some of which changed the same list."""
    start = told.go({"octopus.md": BOXES})
    arms = [
        told.commit({f"arm-{arm}.md": BOXES, "octopus.md": BOXES.replace("[ ]", "[x]", arm)}, parents=(start,))
        for arm in range(told.dice.randint(3, 6))
    ]
    arms += [told.commit({}, parents=(start,), message="Nothing")]
    merged: dict[str, Content] = {f"arm-{arm}.md": BOXES for arm in range(len(arms) - 1)}
    told.head = told.commit(merged | {"octopus.md": BOXES.replace("[ ]", "[x]")}, parents=arms, message="Octopus")


def criss_cross(told: Teller) -> None:
    """Two branches that merge each other, and then merge again."""
    start = told.go({"cross.md": BOXES})
    left = told.commit({"cross.md": BOXES.replace("[ ] Notes", "[x] Notes")}, parents=(start,))
    right = told.commit({"cross.md": BOXES.replace("[ ] QA", "[x] QA")}, parents=(start,))
    both = BOXES.replace("[ ]", "[x]")
    one = told.commit({"cross.md": both}, parents=(left, right))
    two = told.commit({"cross.md": told.dice.choice((both, BOXES))}, parents=(right, left))
    told.branch(f"cross-{told.marks}", two)
    told.head = told.commit({"cross.md": both}, parents=(one, two))


def rewritten(told: Teller) -> None:
    """A release on a line that was forced away afterwards."""
    start = told.head
    told.go({"list.md": BOXES})
    told.release(told.go({"list.md": BOXES.replace("[ ]", "[x]")}))
    told.head = told.commit({"list.md": BOXES.replace("Unit", "All")}, parents=(start,), message="Again")


def empty_commits(told: Teller) -> None:
    """Commits that change nothing, and one that says nothing."""
    for message in ("", "Nothing", "\n\n", "é" * 300):
        told.go(message=message)
    same = told.commit({}, parents=(told.head,))
    told.head = told.commit({}, parents=(told.head, same), message="Merge nothing")


def modules(told: Teller) -> None:
    """A submodule that moves, is named like a list, and takes the place of one."""
    told.go({"sub": Module("1"), "module.md": Module("2"), "turned.md": BOXES})
    told.go({"sub": Module("3"), "turned.md": Module("4")})
    told.go({"sub": None, "moved/sub": Module("3"), "turned.md": BOXES, "module.md": None})


def skewed_clocks(told: Teller) -> None:
    """Commits before their parents, before 1970's first day was over, and in the far future."""
    kept = told.clock
    for clock in (1, 4_102_444_800, kept - 10**8, 2**33):
        told.clock = max(clock, 4001)
        told.go({"clock.md": BOXES if clock == 1 else BOXES.replace("[ ]", "[x]", clock % 3)})
        told.release()
    told.clock = kept


def file_and_folder(told: Teller) -> None:
    """A list that becomes a folder, and a folder that becomes a list."""
    told.go({"both.md": BOXES, "folder/in.md": BOXES})
    told.go({"both.md": None, "both.md/in.md": BOXES, "folder/in.md": None})
    told.go({"both.md/in.md": None, "both.md": BOXES, "folder": BOXES})


# --- contents ---------------------------------------------------------------------------------------------------------


def links(told: Teller) -> None:
    """Symbolic links named like lists: to a list, to nothing, out of the repository, to a folder, to themselves."""
    told.go(
        {
            "real.md": BOXES, "link.md": Link("real.md"), "dangling.md": Link("nowhere.md"),
            "out.md": Link("../../../../etc/passwd"), "folder.md": Link("docs"), "self.md": Link("self.md"),
        }
    )  # fmt: skip
    told.go({"link.md": BOXES, "real.md": Link("link.md"), "out.md": None})


def cases(told: Teller) -> None:
    """Paths that differ in case only, or in how a letter is composed."""
    told.go({path: f"{BOXES}- [ ] {path}\n" for path in ("Release.md", "RELEASE.md", "release.MD", "ReLease.Md/x.md")})
    told.go({"e\u0301.md": BOXES, "\u00e9.md": BOXES.replace("[ ]", "[x]")})
    told.go({"Release.md": None, "release.md": BOXES})


def scripts(told: Teller) -> None:
    """Names in every script, as paths, branches, words of items and people."""
    for name in told.dice.sample(NAMES, 6):
        told.go({f"{name}/{name}.md": f"# {name}\n\n- [x] {name}\n- [ ] {name} 2\n"}, message=name)
        told.branch(name.replace(" ", "-"), told.head)


def bytes_of_any_kind(told: Teller) -> None:
    """What is no text: other encodings, nothing, zeros, paths that are not UTF-8."""
    told.go(
        {
            "utf16.md": BOXES.encode("utf-16"), "latin.md": "- [ ] Übung\n".encode("latin-1"), "empty.md": b"",
            "zeros.md": b"- [ ] a\0b\n", "noise.md": told.dice.randbytes(2000), "mac.md": BOXES.replace("\n", "\r"),
            "windows.md": b"\xef\xbb\xbf" + BOXES.replace("\n", "\r\n").encode(), "no-end.md": b"- [ ]",
            "\udcff\udcfe.md": BOXES, "new\nline\t\x1b[31m.md": BOXES, " .md": BOXES, "-rf.md": BOXES,
            ":(top).md": BOXES,
        }
    )  # fmt: skip
    told.go({"zeros.md": b"- [x] a\0b\n", "\udcff\udcfe.md": None, "\udcff.md": BOXES})


CHAPTERS: tuple[Callable[[Teller], None], ...] = (
    orphans, octopus, criss_cross, rewritten, empty_commits, modules, skewed_clocks, file_and_folder,
    links, cases, scripts, bytes_of_any_kind,
)  # fmt: skip


def odd_repository(folder: Path, seed: int, *, object_format: str = "sha1", chapters: int = 6) -> Path:
    """A bare repository with so many chapters after a random history."""
    dice = random.Random(seed)  # noqa: S311 -- dice, no secret
    random_history(folder, seed, object_format=object_format)
    git = ["git", "-C", str(folder)]
    first = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    told = Teller(dice, len(first), first)
    for chapter in dice.sample(CHAPTERS, chapters):
        chapter(told)
        told.release()
    told.branch("main", told.head)
    stream = b"feature done\n" + b"".join(told.parts) + b"done\n"
    subprocess.run([*git, "fast-import", "--quiet", "--force"], input=stream, check=True)
    for command in (
        ["branch", "-D", "made"], ["symbolic-ref", "HEAD", "refs/heads/main"],
        ["tag", "nested", "v2.1.0", "-m", "A tag of a tag or commit"],
    ):  # fmt: skip
        who = {
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "a@example.org",
            "GIT_COMMITTER_DATE": "1710000000 +0000",
        }
        subprocess.run([*git, *command], check=True, env=who | {"PATH": os.environ["PATH"]}, capture_output=True)
    return folder
