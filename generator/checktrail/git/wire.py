"""What git prints, to commits, changes and tags. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, NamedTuple

from checktrail.git.process import CHUNK
from checktrail.model import Commit, Person, Tag, TagKind

REGULAR_MODES = (b"100644", b"100755", b"100664")
_COMMIT_FIELDS = 9
COMMIT_FORMAT = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B%x00"
TAG_FORMAT = (
    "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
    "%00%(taggername)%00%(taggeremail)%00%(taggerdate:unix)%00%(contents)%00"
)


class FileChange(NamedTuple):
    """A file that a commit changed against its first parent; `blob` is None when it is gone (or no regular file)."""

    path: str
    blob: str | None
    mode: str


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


def read_log(stream: IO[bytes]) -> Iterator[tuple[Commit, Sequence[FileChange]]]:
    """The commits of `git log -z` with `COMMIT_FORMAT`: nine fields, an empty token, raw entries with paths."""
    people: dict[tuple[bytes, bytes], Person] = {}
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
            yield _commit(fields, people), changes
            fields, changes = [token], []
    if len(fields) == _COMMIT_FIELDS:
        yield _commit(fields, people), changes


def _change(entry: bytes, path: bytes) -> FileChange:
    _, mode, _, blob, _ = entry.split(b" ", 4)
    regular = mode in REGULAR_MODES
    return FileChange(path.decode("utf-8", "surrogateescape"), blob.decode() if regular else None, mode.decode())


def _commit(fields: list[bytes], people: dict[tuple[bytes, bytes], Person]) -> Commit:
    identity, parents, name, email, authored, committer, committer_email, committed, message = fields
    return Commit(
        identity.decode(),
        tuple(parents.decode().split()),
        people.get((name, email)) or people.setdefault((name, email), _person(name, email)),
        _seconds(authored),
        people.get((committer, committer_email))
        or people.setdefault((committer, committer_email), _person(committer, committer_email)),
        _seconds(committed),
        message.decode("utf-8", "replace"),
    )


def _person(name: bytes, email: bytes) -> Person:
    return Person(name.decode("utf-8", "replace"), email.decode("utf-8", "replace"))


def _seconds(text: bytes) -> int:
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
