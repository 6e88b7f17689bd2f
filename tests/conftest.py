"""How laws are tried: by as many examples as `amounts.py` says, by no clock, since a busy machine proves nothing false.

`--update-golden` writes the kept forms of pages anew; whoever does reads the difference before it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from amounts import amount

if TYPE_CHECKING:
    from forked import Forked

settings.register_profile(
    "no clock", settings(), max_examples=amount(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("no clock")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write the kept forms of pages anew.")


@pytest.fixture(scope="session")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forked]:
    """What runs the command line in forks, after it has built a small site itself."""
    from forked import Forked
    from story import Story

    folder = tmp_path_factory.mktemp("forked")
    story = Story(folder)
    story.write("RELEASE_CHECKLIST.md", "# Release checklist\n\n## Sign-off\n\n- [ ] QA lead sign-off\n").commit()
    story.tick("RELEASE_CHECKLIST.md", "QA lead").commit()
    story.tag("v1.0.0", message="One")
    build = ("-q", "-C", str(story.root), "build", "--site-dir", str(folder / "site"))
    environment = {**os.environ, "CHECKTRAIL_CACHE_DIR": str(folder / "cache")}
    with Forked(folder, *build, environment=environment) as running:
        yield running
