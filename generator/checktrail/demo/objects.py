"""Git objects from values: blobs, trees, commits and tags in, ids and one pack file out. Pure.

Objects are made here rather than by a git process each, so that the whole repository is one pack, the same bytes on
every machine, and commits can carry signatures whatever git's version. Formats: gitformat-pack(5), git's object format.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from checktrail.model import Person

_PACK_TYPES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


class GitObject(NamedTuple):
    """One object: its type (`blob`, `tree`, `commit`, `tag`) and its content, without git's header."""

    type: str
    content: bytes

    @property
    def id(self) -> str:
        """The object's id: SHA-1 over header and content, as forty hexadecimal digits."""
        header = f"{self.type} {len(self.content)}\0".encode()
        return hashlib.sha1(header + self.content, usedforsecurity=False).hexdigest()


class Stamp(NamedTuple):
    """Who and when, as a commit or tag states it: seconds since 1970 and the minutes east of UTC."""

    person: Person
    at: int
    offset: int

    def __str__(self) -> str:
        sign = "-" if self.offset < 0 else "+"
        hours, minutes = divmod(abs(self.offset), 60)
        return f"{self.person.name} <{self.person.email}> {self.at} {sign}{hours:02}{minutes:02}"


def tree_objects(files: Mapping[str, bytes]) -> list[GitObject]:
    """The blobs and trees of a set of files (path to content), the root tree last."""
    folders: dict[str, dict[str, bytes]] = {}
    made: list[GitObject] = []
    rows: list[tuple[bytes, bytes]] = []
    for path, content in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = content
        else:
            blob = GitObject("blob", content)
            made.append(blob)
            rows.append((name.encode(), _row(b"100644", name, blob)))
    for name, inner in folders.items():
        made.extend(tree_objects(inner))
        # Git sorts a folder as if its name ended in a slash.
        rows.append((name.encode() + b"/", _row(b"40000", name, made[-1])))
    made.append(GitObject("tree", b"".join(row for _, row in sorted(rows))))
    return made


def commit_text(tree: str, parents: Iterable[str], author: Stamp, committer: Stamp, message: str) -> str:
    """The text of a commit object, unsigned."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents), f"author {author}", f"committer {committer}"]
    return "\n".join(lines) + f"\n\n{message.rstrip()}\n"


def with_signature(commit: str, signature: str) -> str:
    """A commit's text with an armored signature in its header, as git places it."""
    head, _, message = commit.partition("\n\n")
    folded = signature.rstrip("\n").replace("\n", "\n ")
    return f"{head}\ngpgsig {folded}\n\n{message}"


def tag_text(target: str, target_type: str, name: str, tagger: Stamp, message: str) -> str:
    """The text of an annotated tag's object, unsigned; a signature is appended to it as it is."""
    return f"object {target}\ntype {target_type}\ntag {name}\ntagger {tagger}\n\n{message.rstrip()}\n"


def pack(objects: Iterable[GitObject]) -> bytes:
    """One pack (version 2) that holds each object whole, in the order given, duplicates left out."""
    distinct = {thing.id: thing for thing in objects}
    body = b"PACK" + struct.pack(">II", 2, len(distinct)) + b"".join(_packed(thing) for thing in distinct.values())
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def _row(mode: bytes, name: str, thing: GitObject) -> bytes:
    return mode + b" " + name.encode() + b"\0" + bytes.fromhex(thing.id)


def _packed(thing: GitObject) -> bytes:
    size = len(thing.content)
    head = [(_PACK_TYPES[thing.type] << 4) | (size & 15)]
    size >>= 4
    while size:
        head[-1] |= 0x80
        head.append(size & 0x7F)
        size >>= 7
    return bytes(head) + zlib.compress(thing.content, 9)
