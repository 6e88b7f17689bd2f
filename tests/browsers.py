"""A real browser for the tests: Debian's chromium through playwright, or the reason why there is none.

Built without windows it is the same engine and takes a third of the processor's time.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice
from threading import Thread
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
TOGETHER = 8
"""How many pages are open at the same time."""


def why_not() -> str:
    """Why no browser test can run here; empty when they can."""
    if find_spec("playwright") is None:
        return "playwright is not installed"
    return "" if CHROMIUM else "there is no chromium: on Debian, `apt-get install chromium-headless-shell`"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running chromium; skips the test, with the reason, where there is none."""
    if why_not():
        pytest.skip(why_not())
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page that remembers what it asked for from elsewhere and what it complained about."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.page: Page = context.new_page()
        self.outside: list[str] = []
        self.complaints: list[str] = []
        inside = (home, "data:", "about:", "blob:")
        self.page.on(
            "request", lambda request: None if request.url.startswith(inside) else self.outside.append(request.url)
        )
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))


def opened(context: BrowserContext, home: str, addresses: Iterable[str], wait: int) -> Iterator[tuple[str, Watched]]:
    """Each address with its page, `wait` milliseconds after it was loaded; several wait at the same time."""
    rest = iter(addresses)
    while together := [(address, Watched(context, home)) for address in islice(rest, TOGETHER)]:
        for address, watched in together:
            watched.page.goto(address)
        watched.page.wait_for_timeout(wait)
        yield from together
        for _, watched in together:
            watched.page.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder over http on this machine; its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is http.server's)
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def axe() -> str:
    """The source of axe-core; skips the test where it is not installed."""
    if find_spec("axe_playwright_python") is None:
        pytest.skip("axe-playwright-python is not installed")
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
