"""The README's picture, taken anew from the demo's site: run this file where there is a chromium.

python tests/readme_picture.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from browsers import chromium
from checktrail.demo import write_demo
from checktrail.site.build import build

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "release.png"
SIZE = {"width": 1280, "height": 860}


def take(picture: Path) -> None:
    """Write the top of the page of release 2.1.0."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        write_demo(Path(folder) / "tidepool")
        build(Path(folder) / "tidepool", Path(folder) / "site")
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]  # a plain dict is what it takes
        page.goto((Path(folder) / "site" / "releases" / "v2.1.0.html").as_uri())
        page.wait_for_load_state("networkidle")
        page.screenshot(path=picture)


if __name__ == "__main__":
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    take(PICTURE)
