"""Random histories for laws: a few files and people, branches, merges, renames, copies, by one fast import."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

WORDS = ("tests", "notes", "images", "backup", "guide", "alerts", "keys", "charts")
VERBS = ("Check", "Update", "Review", "Ship", "Verify")
PATHS = ("list.md", "docs/qa.md", "v1.0.0.md", "v1.1.0.md", 'odd "name".md')
SECTIONS = ("## Testing", "## Docs", "### Details", "## 1. Deploy")

Tree = dict[str, str]


def random_history(folder: Path, seed: int, commits: int = 25, object_format: str = "sha1") -> Path:
    """A bare repository with a random history; the same seed gives the same one."""
    chance = random.Random(seed)  # noqa: S311 -- histories for tests
    trees: list[Tree] = []
    stream: list[bytes] = []
    heads: list[int] = []
    for number in range(commits):
        parents = _parents(chance, heads, number)
        tree = dict(trees[parents[0]]) if parents else {}
        if len(parents) > 1:
            for path, text in trees[parents[1]].items():
                if chance.random() < 0.5:
                    tree[path] = text
        for _ in range(chance.randint(0 if parents else 2, 2)):
            _edit(chance, tree)
        trees.append(tree)
        heads = [*(head for head in heads if head not in parents or chance.random() < 0.2), number]
        stream.append(_commit(chance, number, parents, tree))
    ends = [f"reset refs/heads/b{head}\nfrom :{head + 1}\n\n".encode() for head in heads]
    tags = [f"reset refs/tags/t{n}\nfrom :{n + 1}\n\n".encode() for n in range(0, commits, 7)]
    form = ("--bare", f"--object-format={object_format}", "--initial-branch", f"b{heads[-1]}")
    subprocess.run(["git", "init", "--quiet", *form, str(folder)], check=True)
    subprocess.run(
        ["git", "-C", str(folder), "fast-import", "--quiet"], input=b"".join([*stream, *ends, *tags]), check=True
    )
    return folder


def _parents(chance: random.Random, heads: list[int], number: int) -> list[int]:
    if not heads:
        return []
    if len(heads) > 1 and chance.random() < 0.4:
        return chance.sample(heads, 2)
    return [chance.choice(heads)] if chance.random() < 0.8 else [chance.randrange(number)]


def _edit(chance: random.Random, tree: Tree) -> None:
    path = chance.choice(PATHS)
    kind = chance.choice(
        ("tick", "tick", "untick", "add", "drop", "reword", "section", "rename", "copy", "delete", "new")
    )
    if kind == "new" or path not in tree:
        tree.setdefault(path, "\n".join(["# T", "", *(_line(chance) for _ in range(chance.randint(1, 5)))]) + "\n")
    elif kind == "delete" and len(tree) > 1:
        del tree[path]
    elif kind in ("rename", "copy"):
        tree[chance.choice(PATHS)] = tree.pop(path) if kind == "rename" else tree[path]
    else:
        tree[path] = _edited(chance, tree[path], kind)


def _edited(chance: random.Random, text: str, kind: str) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    if kind == "tick":
        return text.replace("- [ ]", "- [x]", chance.choice((1, 1, 9)))
    if kind == "untick":
        return text.replace("- [x]", "- [ ]", chance.choice((1, 1, 9)))
    if kind == "reword":
        return text.replace(chance.choice(WORDS), chance.choice(WORDS), 1)
    if kind == "drop":
        del lines[at]
    else:
        lines.insert(at, _line(chance) if kind == "add" else chance.choice(SECTIONS))
    return "\n".join(lines)


def _line(chance: random.Random) -> str:
    return f"- [{chance.choice(' x')}] {chance.choice(VERBS)} {chance.choice(WORDS)}"


def _commit(chance: random.Random, number: int, parents: list[int], tree: Tree) -> bytes:
    when = 1_700_000_000 + chance.randint(-5_000, 5_000) + 600 * number
    who = chance.choice(("Ada", "Ben", "Cleo"))
    head = f"commit refs/heads/x\nmark :{number + 1}\nauthor {who} <{who}@example.org> {when} +0100\n"
    head += f"committer {who} <{who}@example.org> {when} +0100\ndata 4\nWork\n"
    head += "".join(f"{'merge' if nth else 'from'} :{parent + 1}\n" for nth, parent in enumerate(parents))
    files = ["deleteall\n"]
    for path, text in tree.items():
        quoted = path.replace('"', '\\"')
        files.append(f'M 100644 inline "{quoted}"\ndata {len(text.encode())}\n{text}\n')
    return (head + "".join(files)).encode()
