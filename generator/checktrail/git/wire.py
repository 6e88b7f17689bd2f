"""What git prints, to commits, changes and tags. Pure."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import IO, NamedTuple

from checktrail.git.process import CHUNK
from checktrail.model import Commit, Node, Person, Tag, TagKind

REGULAR_MODES = (b"100644", b"100755", b"100664")
_COMMIT_FIELDS = 7
_BATCH = 500
# An address stands in the line under its name: neither can hold the end of a line, and a pair is looked up as one.
COMMIT_FORMAT = "--format=%H%x00%P%x00%an%n%ae%x00%at%x00%cn%n%ce%x00%ct%x00%B%x00"
TIME_FORMAT = "--format=%H %ct"
TAG_FORMAT = (
    "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
    "%00%(taggername)%00%(taggeremail)%00%(taggerdate:unix)%00%(contents)%00"
)


class FileChange(NamedTuple):
    """A file that a commit changed against its first parent; `blob` is None when it is gone (or no regular file)."""

    path: str
    blob: str | None
    mode: str


_Row = tuple[list[bytes], list[FileChange]]


def between_nuls(stream: IO[bytes]) -> Iterator[bytes]:
    """What stands between NULs."""
    rest = b""
    while chunk := stream.read(CHUNK):
        first, *others = chunk.split(b"\0")
        rest += first
        if others:
            yield rest
            yield from others[:-1]
            rest = others[-1]
    if rest:
        yield rest


def read_commits(stream: IO[bytes]) -> Iterator[Commit]:
    """The commits of `git log -z --no-patch` with `COMMIT_FORMAT`: seven fields and an empty token each."""
    reader = _Commits()
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    width = _COMMIT_FIELDS + 1
    rest = ""
    while chunk := stream.read(CHUNK):
        # Decoded as a whole and taken apart by column: a step of Python for each field would cost three times as much.
        tokens = (rest + decode(chunk)).split("\0")
        whole = (len(tokens) - 1) // width * width  # the last token may go on in the next chunk, even an empty one
        rest = "\0".join(tokens[whole:])
        yield from reader.read([tokens[field:whole:width] for field in range(_COMMIT_FIELDS)])
    tokens = (rest + decode(b"", final=True)).split("\0")
    if len(tokens) >= _COMMIT_FIELDS:
        yield from reader.read([[token] for token in tokens[:_COMMIT_FIELDS]])


def read_log(stream: IO[bytes]) -> Iterator[tuple[Commit, Sequence[FileChange]]]:
    """The commits of `git log -z` with `COMMIT_FORMAT`: seven fields, an empty token, raw entries with paths."""
    reader = _Commits()
    for rows in _batches(_rows(stream)):
        columns = [
            [field.decode("utf-8", "replace") for field in column]
            for column in zip(*(fields for fields, _ in rows), strict=True)
        ]
        yield from zip(reader.read(columns), (changes for _, changes in rows), strict=True)


def _rows(stream: IO[bytes]) -> Iterator[_Row]:
    """The fields of each commit, and what it changed."""
    fields: list[bytes] = []
    changes: list[FileChange] = []
    entry = b""
    for token in between_nuls(stream):
        if len(fields) < _COMMIT_FIELDS:
            fields.append(token)
        elif entry:
            changes.append(_change(entry, token))
            entry = b""
        elif token.startswith((b":", b"\n:")):
            entry = token
        elif token:
            yield fields, changes
            fields, changes = [token], []
    if len(fields) == _COMMIT_FIELDS:
        yield fields, changes


def _batches(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Rows in lists of some hundreds."""
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        yield batch


def read_differences(stream: IO[bytes]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The paths of each pair of `git diff-tree --stdin --raw -z --always`, with git's own head of it.

    The head of two commits is a token of its own; that of two trees a line before the first entry, or the next head.
    """
    head, found = "", list[str]()
    tokens = between_nuls(stream)
    for token in tokens:
        entry = token
        if not token.startswith(b":"):
            *heads, entry = token.split(b"\n")
            for words in heads if entry.startswith(b":") or not entry else (*heads, entry):
                if head:
                    yield head, tuple(found)
                head, found = words.decode(), []
        if entry.startswith(b":"):
            found.append(next(tokens).decode("utf-8", "surrogateescape"))
    if head:
        yield head, tuple(found)


def read_graph(stream: IO[bytes], committed_at: Mapping[str, int]) -> Iterator[Node]:
    """The commits of `git rev-list --parents --timestamp`; where a time is given, that one and not git's reading."""
    ids: dict[str, str] = {}
    same = ids.setdefault
    for line in stream:
        time, identity, *above = line.decode("ascii").split()
        parents = (same(above[0], above[0]),) if len(above) == 1 else tuple([same(one, one) for one in above])
        yield Node(same(identity, identity), parents, committed_at.get(identity, int(time)))


def read_times(stream: IO[bytes]) -> dict[str, int]:
    """The committers' times of `git log` with `TIME_FORMAT`, by commit."""
    lines = stream.read().decode("ascii", "replace").split("\n")
    return {identity: _second(text) for identity, _, text in (line.partition(" ") for line in lines) if identity}


class _Commits:
    """Makes commits of their fields; what many share (ids of parents, people) is one object, and hashed once."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._people: dict[str, Person] = {}

    def read(self, columns: Sequence[Sequence[str]]) -> Iterator[Commit]:
        """Commits from the columns of `COMMIT_FORMAT`."""
        ids, parents, authors, authored, committers, committed, messages = columns
        same = self._ids.setdefault
        ids = list(map(same, ids, ids))
        above = [tuple([same(one, one) for one in line.split()]) for line in parents]
        people = self._people
        for person in set(chain(authors, committers)) - people.keys():
            name, _, email = person.partition("\n")
            people[person] = Person(name, email)
        known = people.__getitem__
        rows = zip(ids, above, map(known, authors), _seconds(authored), map(known, committers), _seconds(committed),
                   messages, strict=True)  # fmt: skip
        return map(Commit._make, rows)


def _change(entry: bytes, path: bytes) -> FileChange:
    _, mode, _, blob, _ = entry.split(b" ", 4)
    regular = mode in REGULAR_MODES
    return FileChange(path.decode("utf-8", "surrogateescape"), blob.decode() if regular else None, mode.decode())


def _seconds(column: Sequence[str]) -> list[int]:
    try:
        return list(map(int, column))
    except ValueError:  # a commit without a date, or with one that is no number
        return list(map(_second, column))


def _second(text: str) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0


def read_tag(row: Sequence[str]) -> Tag:
    """A tag from the nine fields of `TAG_FORMAT`; a nested one still leads to a tag."""
    name, kind, identity, target_kind, target, tagger, email, date, message = row
    name = name.lstrip("\n").removeprefix("refs/tags/")
    if kind != "tag":
        return Tag(name, TagKind.LIGHTWEIGHT, identity if kind == "commit" else None, kind)
    person = Person(_clean(tagger), _clean(email).removeprefix("<").removesuffix(">")) if tagger or email else None
    return Tag(
        name, TagKind.ANNOTATED, target if target_kind == "commit" else None, target_kind,
        tag_object=identity, tagger=person, tagged_at=int(date) if date.lstrip("-").isdigit() else None,
        message=_clean(message),
    )  # fmt: skip


def repeeled(tag: Tag, ends: Mapping[str, tuple[str, str]]) -> Tag:
    """A nested tag with what it leads to in the end, by the tag object's id."""
    kind, target = ends.get(tag.tag_object or "", ("missing", ""))
    return Tag(
        tag.name, tag.kind, target if kind == "commit" else None, kind,
        tag_object=tag.tag_object, tagger=tag.tagger, tagged_at=tag.tagged_at, message=tag.message,
    )  # fmt: skip


def _clean(text: str) -> str:
    """Text with U+FFFD for bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
