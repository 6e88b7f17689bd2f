"""The pictures of the README and the docs are made by the test run, and those that are kept have their shapes."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from browsers import why_not
from doc_pictures import FOLDER, PICTURES, take

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is a browser")]


def size(picture: Path) -> tuple[int, int]:
    """Width and height from a PNG's own header."""
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def test_the_pictures_are_made_from_the_demo(tmp_path: Path) -> None:
    take(tmp_path)
    for name, shot in PICTURES.items():
        assert size(tmp_path / name) == (shot.width, shot.height), name
        assert (tmp_path / name).stat().st_size > 20_000, name  # a blank page packs to far less
        assert size(FOLDER / name) == (shot.width, shot.height), name
    assert {path.name for path in FOLDER.glob("*.png")} == set(PICTURES)
