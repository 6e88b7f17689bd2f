"""The pictures of the README and the docs, taken anew from the demo's site: run this file where there is a chromium.

python tests/doc_pictures.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from browsers import chromium
from checktrail.demo import write_demo
from checktrail.site.build import build

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"


class Shot(NamedTuple):
    """A page of the demo's site, how large the window is, and what stands at its top."""

    page: str
    width: int = 1280
    height: int = 860
    top: str = ""


PICTURES = {
    "release.png": Shot("releases/v2.1.0.html"),
    "home.png": Shot("index.html"),
    "audit.png": Shot("audit/releases/v2.0.0.html"),
    "matrix.png": Shot("audit/index.html", top="matrix"),
}


def take(folder: Path) -> None:
    """Write every picture into a folder."""
    with tempfile.TemporaryDirectory() as place, chromium() as browser:
        write_demo(Path(place) / "tidepool")
        build(Path(place) / "tidepool", Path(place) / "site")
        for name, shot in PICTURES.items():
            page = browser.new_page(viewport={"width": shot.width, "height": shot.height})
            page.goto((Path(place) / "site" / shot.page).as_uri())
            page.wait_for_timeout(300)  # what fades in is there
            if shot.top:
                page.evaluate("id => document.getElementById(id).scrollIntoView()", shot.top)
                page.wait_for_timeout(200)
            page.screenshot(path=folder / name)
            page.close()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    take(FOLDER)
