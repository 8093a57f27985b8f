"""The dashboard as a browser gets it: pages, assets, caching, compression, and a clone in which it is not built."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx
import pytest

from serve_app import pages
from serve_app.security import HEADERS
from serve_app.settings import ServeSettings
from tests.serve_app import studies
from tests.serve_app.conftest import Client
from tests.serve_app.replicas import WAIT_S

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
"""What browsers send when they open an address."""
PAGE, SCRIPT, THEME = "<!doctype html><title>Tuner</title>", "export const x = 1;\n" * 200, "document"
ADDRESSES = [
    "/",
    "/login",
    "/new",
    "/history",
    "/data",
    "/compare",
    "/s/digits-1",
    "/s/digits-1/trials",
    "/s/x/network",
]


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a built dashboard."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "theme.js").write_text(THEME)
    (folder / "manifest.json").write_text("{}")
    (folder / "sources.sha256").write_text("0")
    (folder / "assets/main-a1b2.js").write_text(SCRIPT)
    (folder / "assets/main-a1b2.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (folder / "assets/logo.png").write_bytes(b"\x89PNG")
    _serve_from(folder, monkeypatch)
    return folder


def _serve_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "STATIC", folder)


@pytest.fixture
def closed(settings) -> ServeSettings:
    return ServeSettings.model_validate(settings.model_dump() | {"api_token": "t"})


def raw(client: Client, path: str, encoding: str, **headers: str) -> httpx.Response:
    return client.get(path, headers={"Accept-Encoding": encoding, **headers})


@pytest.mark.usefixtures("static")
class TestPages:
    @pytest.mark.parametrize("path", ADDRESSES)
    def test_a_browser_gets_the_page_without_a_token(self, serve, closed, path):
        answer = serve(settings=closed).get(path, headers=BROWSER)
        assert (answer.status_code, answer.text) == (200, PAGE)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS

    def test_whoever_asks_for_no_html_gets_the_api(self, client):
        for headers in ({}, {"Accept": "application/json"}, {"Accept": "*/*"}):
            assert client.get("/", headers=headers).json()["name"] == "tuner"
        assert client.get("/s/x").status_code == 404
        assert client.get("/login").status_code == 405

    @pytest.mark.parametrize("path", ["/jobs", "/jobs/x", "/datasets", "/openapi.json", "/api/sessions", "/session"])
    def test_paths_of_the_api_stay_closed_to_browsers(self, serve, closed, path):
        expected = 200 if path == "/session" else 401
        assert serve(settings=closed).get(path, headers=BROWSER).status_code == expected

    @pytest.mark.parametrize("path", ["/nowhere", "/studies/x", "/s", "/job"])
    def test_a_browser_gets_it_for_a_path_that_nobody_has(self, serve, closed, path):
        answer = serve(settings=closed).get(path, headers=BROWSER)
        assert (answer.status_code, answer.text) == (404, PAGE)
        assert serve(settings=closed).get(path).status_code == 401

    def test_only_get_and_head_are_for_pages(self, client):
        assert client.post("/", headers=BROWSER).status_code == 405
        head = client("HEAD", "/new", headers=BROWSER)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PAGE)))

    def test_a_page_is_compared_at_each_use(self, client):
        first = client.get("/", headers=BROWSER)
        assert (first.headers["cache-control"], first.headers["vary"]) == ("no-cache", "Accept, Accept-Encoding")
        again = client.get("/s/x", headers=BROWSER | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert client.get("/", headers=BROWSER | {"If-None-Match": '"x"'}).status_code == 200

    def test_a_new_build_shows_without_a_restart(self, client, static):
        etag = client.get("/", headers=BROWSER).headers["etag"]
        (static / "index.html").write_text(PAGE + "!")
        assert client.get("/", headers=BROWSER | {"If-None-Match": etag}).text == PAGE + "!"

    def test_from_a_foreign_name_there_is_none(self, client):
        assert client.get("/", headers=BROWSER | {"Host": "evil.example"}).status_code == 403

    def test_other_origins_can_embed_none(self, client):
        headers = client.get("/", headers=BROWSER).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.usefixtures("static")
class TestFiles:
    def test_an_asset_is_kept_and_never_asked_for_again(self, serve, closed):
        answer = serve(settings=closed).get("/assets/main-a1b2.js")
        assert (answer.status_code, answer.text) == (200, SCRIPT)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"

    def test_it_was_compressed_when_it_was_built(self, client, static):
        zipped = raw(client, "/assets/main-a1b2.js", "gzip, br")
        assert zipped.headers["content-encoding"] == "gzip"
        assert int(zipped.headers["content-length"]) == (static / "assets/main-a1b2.js.gz").stat().st_size
        plain = raw(client, "/assets/main-a1b2.js", "identity")
        assert "content-encoding" not in plain.headers
        assert plain.text == zipped.text == SCRIPT

    def test_other_files_are_compared_at_each_use(self, client):
        answer = client.get("/theme.js")
        assert (answer.text, answer.headers["cache-control"]) == (THEME, "no-cache")
        assert client.get("/theme.js", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304

    @pytest.mark.parametrize(
        "path",
        [
            "/assets/",
            "/assets/absent.js",
            "/assets/..%2findex.html",
            "/assets/%2e%2e/theme.js",
            "/assets/main-a1b2.js.gz",
            "/assets/a/b.js",
            "/assets/x%00.js",
            "/assets//etc/passwd",
            "/assets/.main.js",
        ],
    )
    def test_nothing_else_is_an_asset(self, client, path):
        answer = client.get(path, headers=BROWSER)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("path", ["/manifest.json", "/sources.sha256", "/..%2fsettings.py", "/x.js", "/assets"])
    def test_nothing_else_is_open(self, serve, closed, path):
        assert serve(settings=closed).get(path).status_code == 401

    def test_no_file_hides_a_path_of_the_api(self, client):
        paths = client.get("/openapi.json").json()["paths"]
        at_the_top = [path for path in paths if path.count("/") == 1]  # where the files of the dashboard are
        assert not [path for path in at_the_top if Path(path).suffix in pages.MEDIA_TYPES]
        assert not [path for path in paths if path.startswith(pages.ASSETS)]
        assert [path for path in paths if pages.is_page(path)] == ["/", "/login"]


class TestWhereItIsNotBuilt:
    @pytest.fixture(autouse=True)
    def missing(self, tmp_path, monkeypatch):
        _serve_from(tmp_path / "absent", monkeypatch)

    @pytest.mark.parametrize("path", ADDRESSES)
    def test_a_browser_is_told_the_one_command(self, serve, closed, path):
        answer = serve(settings=closed).get(path, headers=BROWSER)
        assert answer.status_code == 200
        assert "<pre>make dashboard</pre>" in answer.text
        assert answer.headers["cache-control"] == "no-store"

    def test_the_api_works(self, client):
        assert client.get("/").json()["name"] == "tuner"
        assert client.get("/jobs").json()["items"] == []


class TestCompression:
    def test_a_long_answer_is_compressed_for_whoever_takes_that(self, client):
        zipped, plain = raw(client, "/openapi.json", "gzip"), raw(client, "/openapi.json", "identity")
        assert (zipped.headers["content-encoding"], zipped.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert "content-encoding" not in plain.headers
        assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 4
        assert zipped.json() == plain.json()

    def test_a_short_one_is_not(self, client):
        assert "content-encoding" not in raw(client, "/health", "gzip").headers

    def test_the_live_feed_never_is(self, listen, store, settings):
        """A browser would show events only once enough of them have come to fill a block."""
        studies.running(store, settings.results_dir)
        path = f"{listen().address}/jobs/running/events"
        with httpx.stream("GET", path, headers={"Accept-Encoding": "gzip"}, timeout=WAIT_S) as answer:
            assert "content-encoding" not in answer.headers
            assert next(answer.iter_raw()).startswith(b"retry: ")

    def test_head_has_the_headers_of_the_compressed_answer(self, client):
        asked = {"Accept-Encoding": "gzip"}
        head, answer = (client(method, "/openapi.json", headers=asked) for method in ("HEAD", "GET"))
        assert head.headers["content-encoding"] == "gzip"
        assert head.headers["content-length"] == answer.headers["content-length"]
        assert head.content == b""
