"""A small evidence bundle, and what somebody could make of it who wants to deceive or to stop the reader."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from functools import cache, lru_cache
from pathlib import Path

from checktrail.exports.verify_bundle import Bag
from export_story import export
from story import Story

_WRITTEN = ("bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt")


@cache
def small_bundle() -> bytes:
    """A release with one sign-off, sealed."""
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder))
        story.write("RELEASE.md", "# Release checklist\n\n## Sign-off\n- [ ] QA lead sign-off\n").commit("Start")
        story.tick("RELEASE.md", "QA lead").commit("Sign off", by="Ben")
        story.tag("v1.0.0", message="v1.0.0")
        target = Path(folder, "small.zip")
        assert export(story.root, target) == 0
        return target.read_bytes()


@cache
def _files() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(small_bundle())) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def mutated(content: bytes, where: bytes) -> bytes:
    """Bytes with some put in the place of others: two say where, one how many go, the rest are put there."""
    at = int.from_bytes(where[:2]) * max(1, len(content)) // 65536
    return content[:at] + where[3:] + content[at + int.from_bytes(where[2:3]) :]


def deceiving(data: bytes) -> Bag:
    """The bundle's bag with one file changed, named by the first byte, and every sum in it made anew."""
    files = dict(_files())
    names = sorted(name for name in files if name.startswith("data/") and "schemas/" not in name)
    name = names[data[0] % len(names)] if data else names[0]
    files[name] = mutated(files[name], data[1:])
    payload = {each: content for each, content in files.items() if each.startswith("data/")}
    info = files["bag-info.txt"].decode().split("Payload-Oxum")[0]
    files["bag-info.txt"] = f"{info}Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n".encode()
    files["manifest-sha256.txt"] = _sums(payload)
    tags = {each: content for each, content in files.items() if each not in payload and each != _WRITTEN[2]}
    files["tagmanifest-sha256.txt"] = _sums(tags)
    return Bag(frozenset(files), files.__getitem__)


def _sums(files: dict[str, bytes]) -> bytes:
    rows = (f"{_sum(files[name])}  {name}\n" for name in sorted(files))
    return "".join(rows).encode()


@lru_cache(maxsize=256)  # one file differs from input to input
def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
