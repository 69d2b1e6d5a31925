"""A browser, and the built site on a port of this machine."""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator

import pytest
from built_site import CHAPTERS, SITE
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """Serve the built site and return its origin, `http://127.0.0.1:PORT/`."""
    assert CHAPTERS, f"no chapter in {SITE}: run `make book` first"
    handler = functools.partial(_Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium: Debian's, Chrome, or Playwright's own."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


class Visitor:
    """One reader: opens pages, and remembers what went wrong on the way."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin, self.context = origin, context
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("request", self._note_request)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note_console)

    def _note_request(self, request: object) -> None:
        url = request.url
        if not url.startswith((self.origin, "data:", "blob:")):
            self.foreign.append(url)

    def _note_console(self, message: object) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, page: str, *, at_rest: bool = False) -> Page:
        """Open a page of the site and wait until it has loaded, with its scripts.

        Args:
            page: Its path.
            at_rest: Whether to wait until nothing was requested for half a second, too:
                for tests of what a page asks for or complains about.
        """
        until = "networkidle" if at_rest else "load"
        self.page.goto(self.origin + page, wait_until=until)
        return self.page


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(
    request: pytest.FixtureRequest, browser: Browser, origin: str
) -> Iterator[tuple[str, Page]]:
    """A chapter's path and its page, loaded once for tests that only read it."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield request.param, Visitor(context, origin).open(request.param)


@pytest.fixture(scope="module")
def enlarged(browser: Browser, origin: str) -> Iterator[Visitor]:
    """One reader of many pages, at 400 % and in the system's own colours.

    1280 x 1024 at 400 % is what WCAG 2.2 asks for, 1.4.10:
    https://www.w3.org/WAI/WCAG22/Understanding/reflow
    """
    size = {"width": 320, "height": 256}
    with browser.new_context(viewport=size, forced_colors="active") as context:
        yield Visitor(context, origin)


@pytest.fixture
def visit(browser: Browser, origin: str) -> Iterator[object]:
    """Return a function that makes a fresh `Visitor` with the given settings."""
    contexts = []

    def make(width: int = 1280, height: int = 900, **settings: object) -> Visitor:
        size = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=size, **settings))
        return Visitor(contexts[-1], origin)

    yield make
    for context in contexts:
        context.close()
