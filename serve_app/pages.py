"""Serves the dashboard: middleware that answers what a browser asks for to show it, before a token is required.

- A page is the same file, `index.html`, at every address of the dashboard; its script shows the right one. The page
  holds no data of studies: its script asks the API for them, which requires a login.
- Only what asks for HTML gets a page: `GET /` is also a path of the API. A path that neither has is a page too, with
  status 404, on which the script says so.
- The names of the files in /assets contain their hash, so browsers keep them without asking again. All other files are
  compared by ETag at each use.
- Files are read when they are asked for: a dashboard that is built while the server runs needs no restart.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from http import HTTPStatus
from pathlib import Path

from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from serve_app.scopes import accepts_html, header, headers, refuse

STATIC = Path(__file__).with_name("static")
PAGES = ("/", "/login", "/new", "/history", "/data", "/compare")
BELOW = "/s/"
"""Every address that begins with this is a page too: those of one study."""
ASSETS = "/assets/"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Media types of the files that are served; all others are not."""
UNCHANGING = "public, max-age=31536000, immutable"
COMPARED = "no-cache"

MISSING = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tuner</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 15vh auto; padding: 0 16px }
pre { border: 1px solid; border-radius: 8px; padding: 12px 16px; font-size: 16px }
</style>
</head>
<body>
<main>
<h1>The dashboard is not built</h1>
<p>Run this in the folder of the repository, then reload this page:</p>
<pre>make dashboard</pre>
<p>The command line and the HTTP API work without the dashboard.</p>
</main>
</body>
</html>
"""
"""The page where `static` is missing."""

_FILE_NAME = re.compile(r"[\w-][\w.-]*")


class DashboardPages:
    """Answers requests for pages and files of the dashboard, and passes on all others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._folder = app, STATIC

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith(ASSETS):
            if not await self._sent(scope, send, path.removeprefix("/"), cached=UNCHANGING):
                await refuse(scope, send, HTTPStatus.NOT_FOUND, "the dashboard has no such file: reload the page")
        elif is_page(path) and accepts_html(scope):
            if not await self._sent(scope, send, "index.html"):
                await _send(scope, send, MISSING.encode(), {"content-type": MEDIA_TYPES[".html"]})
        elif not await self._sent(scope, send, path.removeprefix("/")):
            nowhere = accepts_html(scope) and not _is_of_api(scope)
            if not nowhere or not await self._sent(scope, send, "index.html", status=HTTPStatus.NOT_FOUND):
                await self._app(scope, receive, send)

    async def _sent(
        self, scope: Scope, send: Send, name: str, *, cached: str = COMPARED, status: HTTPStatus = HTTPStatus.OK
    ) -> bool:
        """Whether the dashboard has this file; it was sent then."""
        *folder, last = name.split("/")
        media_type = MEDIA_TYPES.get(Path(last).suffix)
        if media_type is None or folder not in ([], ["assets"]) or not _FILE_NAME.fullmatch(last):
            return False
        file = self._folder.joinpath(*folder, last)
        zipped = _accepts_gzip(scope) and await _read(file.with_name(f"{last}.gz"))
        body = zipped or await _read(file)
        if body is None:
            return False
        described = {"content-type": media_type, "cache-control": cached, "vary": "Accept-Encoding"}
        if zipped:
            described["content-encoding"] = "gzip"
        if is_page(scope["path"]):
            described["vary"] = "Accept, Accept-Encoding"
        if cached == COMPARED:
            # Of what is sent: a compressed file and the file itself are two representations.
            described["etag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            if described["etag"] in header(scope, b"if-none-match"):
                await _send(scope, send, b"", described, HTTPStatus.NOT_MODIFIED)
                return True
        await _send(scope, send, body, described, status)
        return True


def is_page(path: str) -> bool:
    """Whether the dashboard has a page at this path. A page of a study that does not exist says so itself."""
    return path in PAGES or path.startswith(BELOW)


def _is_of_api(scope: Scope) -> bool:
    return any(route.matches(scope)[0] is not Match.NONE for route in scope["app"].routes)


def _accepts_gzip(scope: Scope) -> bool:
    return any("gzip" in line.lower() for line in headers(scope, b"accept-encoding"))


async def _read(file: Path) -> bytes | None:
    """The contents of a file; None: there is none."""

    def read() -> bytes | None:
        try:
            return file.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    return await asyncio.to_thread(read)


async def _send(
    scope: Scope, send: Send, body: bytes, described: dict[str, str], status: HTTPStatus = HTTPStatus.OK
) -> None:
    length = {} if status == HTTPStatus.NOT_MODIFIED else {"content-length": str(len(body))}
    encoded = [(name.encode(), value.encode()) for name, value in {**described, **length}.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
