"""The README's picture is made by the test run, and the one that is kept has its shape."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from browsers import why_not
from readme_picture import PICTURE, SIZE, take

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is a browser")]


def size(picture: Path) -> dict[str, int]:
    """Width and height from a PNG's own header."""
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return {"width": width, "height": height}


def test_the_picture_of_the_readme_is_made_from_the_demo(tmp_path: Path) -> None:
    take(tmp_path / "release.png")
    assert size(tmp_path / "release.png") == SIZE
    assert (tmp_path / "release.png").stat().st_size > 20_000  # a blank page packs to far less
    assert size(PICTURE) == SIZE
