"""Debian's Chromium, driven by Playwright, and what tests ask of a page.

`page.wait_for_function` cannot be used: it evaluates text in the page, which the content security policy forbids. Use
`until` or Playwright's own `expect`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page, Request, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "serve_app/static"
AXE = ROOT / "serve_app/dashboard/node_modules/axe-core/axe.min.js"
CHROMIUM = os.environ.get("TUNER_TEST_CHROMIUM") or shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
)
"""WebGL on a machine without a graphics card, where all else is drawn at a tenth of the cost without it; no sandbox,
since tests may run as root."""
WITHIN_S = float(os.environ.get("TUNER_TEST_WITHIN_S", "120"))
"""Longest wait for anything: a busy machine is slow, not wrong."""
expect.set_options(timeout=WITHIN_S * 1000)
_LOOK_MS = 50
_STILL_LOOKS = 4
"""Looks in a row at which nothing loads until a page counts as settled."""
NONSENSE = re.compile(r"\b(NaN|Infinity|null|undefined|\[object \w+\])\b")
"""What no page may show."""
_EXPECTED_ERRORS = re.compile(
    r"Failed to load resource|WebSocket connection to|GPU stall|GL Driver Message"
    r"|THREE.Clock: This module has been deprecated|WEBGL_lose_context extension not supported"
)
"""Messages of the browser itself about requests that a test lets fail, and about its slow graphics; and of three about
the clock that fiber still uses, and about a context that was lost already."""
_OBSERVERS = """
window.__tuner = { shift: 0, paint: 0, tasks: [] };
const observe = (type, each) =>
  new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
observe("layout-shift", (entry) => { if (!entry.hadRecentInput) window.__tuner.shift += entry.value; });
observe("largest-contentful-paint", (entry) => { window.__tuner.paint = entry.startTime; });
observe("longtask", (entry) => { window.__tuner.tasks.push([entry.startTime, entry.duration]); });
"""
_LEAVE = "() => { localStorage.clear(); sessionStorage.clear(); location.replace('about:blank'); }"
"""Asked by the page itself, unlike by Playwright, the next page keeps the process."""
_MOVES = "document.getAnimations().some((one) => one instanceof CSSTransition)"
PHONE: ViewportSize = {"width": 360, "height": 740}
MOST_SHIFT = 0.05
Theme = Literal["light", "dark"]
T = TypeVar("T")


def why_not() -> str | None:
    """Why there can be no browser tests here; None: there can."""
    if CHROMIUM is None:
        return "no Chromium: apt-get install chromium"
    return None if (STATIC / "index.html").is_file() else "the dashboard is not built: make dashboard"


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


class Pages:
    """Pages, each as in a browser of its own, that are used again: a new one costs more than most tests do with it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Page] = []

    def take(self) -> Page:
        return self._free.pop() if self._free else new_page(self._browser)

    def give_back(self, page: Page) -> None:
        """Make a page as new, but for its process and its HTTP cache."""
        try:
            for other in page.context.pages:
                if other is not page:
                    other.close()
            page.context.clear_cookies()
            if page.url.startswith("http"):
                page.evaluate(_LEAVE)
                page.wait_for_url("about:blank")
            page.mouse.move(0, 0)
        except Error:  # it crashed, or shows a page of the browser itself
            page.context.close()
        else:
            self._free.append(page)


def new_page(browser: Browser) -> Page:
    """A page with cookies, storage and cache of its own."""
    context = browser.new_context(
        reduced_motion="no-preference", accept_downloads=True, locale="en-GB", timezone_id="UTC"
    )
    context.set_default_timeout(WITHIN_S * 1000)
    context.add_init_script(_OBSERVERS)
    return context.new_page()


class Tab:
    """A page of the browser, what it asked of the server, and its errors."""

    def __init__(
        self,
        browser: Browser | Pages,
        address: str,
        *,
        theme: Theme = "light",
        width: int = 1440,
        height: int = 900,
    ) -> None:
        self.address = address
        self._pages = browser if isinstance(browser, Pages) else None
        self.page: Page = browser.take() if isinstance(browser, Pages) else new_page(browser)
        self.context = self.page.context
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=theme, reduced_motion="no-preference", media="screen")
        self.requests: list[str] = []
        """Method, path and query of all requests, in order."""
        self.errors: list[str] = []
        self._loading: set[Request] = set()
        self._handlers: dict[str, Callable[[Any], None]] = {
            "request": self._requested,
            "requestfinished": self._loaded,
            "requestfailed": self._loaded,
            "pageerror": self._failed,
            "console": self._console,
        }
        for event, handler in self._handlers.items():
            self.page.on(event, handler)  # type: ignore[call-overload]

    def close(self) -> None:
        for event, handler in self._handlers.items():
            self.page.remove_listener(event, handler)
        if self._pages is None:
            self.context.close()
        else:
            self._pages.give_back(self.page)

    def go(self, path: str, page: str | None = None) -> Page:
        """Open an address of the dashboard and wait until the page of this name shows its content."""
        self._loading.clear()  # what the page before still asked for ends with it
        self.page.goto(f"{self.address}{path}")
        if page is not None:
            self.page.wait_for_selector(f"[data-page={page}]")
        return self.page

    def settled(self, page: str | None = None) -> Page:
        """Wait until nothing is loading any more."""
        if page is not None:
            self.page.wait_for_selector(f"[data-page={page}]")
        looks = 0

        def still() -> bool:
            nonlocal looks
            loads = self._loading or self.page.locator("[aria-busy=true]:visible").count()
            looks = 0 if loads else looks + 1
            return looks >= _STILL_LOOKS

        self.until(still, "nothing loads any more")
        return self.page

    def until(self, found: Callable[[], T], what: str, within_s: float = WITHIN_S) -> T:
        """What the function returns, as soon as that is true."""
        end = time.monotonic() + within_s
        while True:
            value = found()
            if value:
                return value
            assert time.monotonic() < end, f"waited {within_s:g} s until {what}; the page says: {self.text()[:2000]}"
            self.page.wait_for_timeout(_LOOK_MS)

    def text(self) -> str:
        """What a person reads on the page. Spaces that break no line are spaces."""
        shown: str = self.page.evaluate("document.body.innerText")
        return shown.replace("\N{NO-BREAK SPACE}", " ")

    def panel(self, name: str) -> Any:
        return self.page.locator(f"[data-panel={name}]")

    def card(self, trial: int) -> Any:
        return self.page.locator(f"article[data-trial='{trial}']")

    def gets(self) -> list[str]:
        """The data that the page asked for: no assets, no pages, no WebSockets."""
        data = ("GET /jobs", "GET /api", "GET /datasets", "GET /options", "GET /session", "GET /devices")
        return [asked for asked in self.requests if asked.startswith(data)]

    def nonsense(self) -> list[str]:
        """Words on the page that no person understands."""
        return NONSENSE.findall(self.text())

    def overflow(self) -> int:
        """Pixels that the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide

    def measured(self) -> dict[str, Any]:
        """Layout shift, largest contentful paint (ms) and long tasks (start, duration in ms) since the page began."""
        found: dict[str, Any] = self.page.evaluate("window.__tuner")
        return found

    def violations(self) -> list[str]:
        """What axe finds: rule, elements and how to fix it."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((ran) => ran.violations)")
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: {json.dumps([node['html'][:160] for node in one['nodes']])}"
            for one in found
        ]

    def darken(self) -> None:
        """Change to the dark theme, until all colours have changed."""
        self.page.emulate_media(color_scheme="dark")
        self.until(lambda: self.page.locator("html[data-theme=dark]").count(), "the theme is dark")
        self.until(lambda: not self.page.evaluate(_MOVES), "the colours have changed")

    def check(self, path: str, page: str | None) -> None:
        """Assert that a page is accessible, light on a screen and dark on a phone, steady, and fits both.

        Args:
            page: Its name; None: a note shows that there is no such page.
        """
        self.page.emulate_media(color_scheme="light")
        self.go(path)
        self.settled(page)
        if page is None:
            self.until(lambda: "There is no such" in self.text(), "the note shows")
        self._expect_nothing(self.violations())
        self._expect_nothing(self.nonsense())
        assert self.overflow() <= 0, f"the page is {self.overflow()} pixels too wide"
        shift = self.measured()["shift"]
        assert shift < MOST_SHIFT, f"its parts moved: {shift:.3f}"
        self.page.set_viewport_size(PHONE)
        self.darken()
        self.until(lambda: self.overflow() <= 0, "no sideways scrolling")
        self._expect_nothing(self.violations())

    @staticmethod
    def _expect_nothing(found: list[str]) -> None:
        """Pytest shows values only of assertions in tests."""
        assert not found, "\n".join(found)

    def _requested(self, request: Request) -> None:
        self.requests.append(_asked(request.method, request.url))
        self._loading.add(request)

    def _loaded(self, request: Request) -> None:
        self._loading.discard(request)

    def _failed(self, error: Any) -> None:
        self.errors.append(str(error))

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and not _EXPECTED_ERRORS.search(message.text):
            self.errors.append(message.text)


def _asked(method: str, url: str) -> str:
    parts = urlsplit(url)
    return f"{method} {parts.path}" + (f"?{parts.query}" if parts.query else "")
