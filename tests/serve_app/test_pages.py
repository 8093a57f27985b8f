"""The dashboard as a browser gets it: pages, assets, caching, compression, and a clone in which it is not built."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from serve_app import pages
from serve_app.security import HEADERS
from serve_app.services import Services
from tests.serve_app import studies
from tests.serve_app.conftest import Client, kept_applications
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


@pytest.fixture(scope="class")
def shared_serve(shared: Services) -> Callable[..., Client]:
    """As elsewhere; an application serves the dashboard that was there when it was first asked."""
    return kept_applications(shared)


@pytest.fixture(scope="class")
def shared_client(shared_serve: Callable[..., Client]) -> Client:
    return shared_serve()


@pytest.fixture(scope="class")
def static(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a built dashboard."""
    folder = tmp_path_factory.mktemp("dashboard") / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "theme.js").write_text(THEME)
    (folder / "manifest.json").write_text("{}")
    (folder / "sources.sha256").write_text("0")
    (folder / "assets/main-a1b2.js").write_text(SCRIPT)
    (folder / "assets/main-a1b2.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (folder / "assets/logo.png").write_bytes(b"\x89PNG")
    with served_from(folder):
        yield folder


@contextmanager
def served_from(folder: Path) -> Iterator[None]:
    """Context manager in which new applications serve the dashboard of this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "STATIC", folder)
        yield


def raw(client: Client, path: str, encoding: str, **headers: str) -> httpx.Response:
    return client.get(path, headers={"Accept-Encoding": encoding, **headers})


@pytest.mark.usefixtures("static")
class TestPages:
    @pytest.mark.parametrize("path", ADDRESSES)
    def test_a_browser_gets_the_page_without_a_token(self, shared_serve, path):
        answer = shared_serve(api_token="t").get(path, headers=BROWSER)
        assert (answer.status_code, answer.text) == (200, PAGE)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS

    def test_whoever_asks_for_no_html_gets_the_api(self, shared_client):
        for headers in ({}, {"Accept": "application/json"}, {"Accept": "*/*"}):
            assert shared_client.get("/", headers=headers).json()["name"] == "tuner"
        assert shared_client.get("/s/x").status_code == 404
        assert shared_client.get("/login").status_code == 405

    @pytest.mark.parametrize("path", ["/jobs", "/jobs/x", "/datasets", "/openapi.json", "/api/sessions", "/session"])
    def test_paths_of_the_api_stay_closed_to_browsers(self, shared_serve, path):
        expected = 200 if path == "/session" else 401
        assert shared_serve(api_token="t").get(path, headers=BROWSER).status_code == expected

    @pytest.mark.parametrize("path", ["/nowhere", "/studies/x", "/s", "/job"])
    def test_a_browser_gets_it_for_a_path_that_nobody_has(self, shared_serve, path):
        answer = shared_serve(api_token="t").get(path, headers=BROWSER)
        assert (answer.status_code, answer.text) == (404, PAGE)
        assert shared_serve(api_token="t").get(path).status_code == 401

    def test_only_get_and_head_are_for_pages(self, shared_client):
        assert shared_client.post("/", headers=BROWSER).status_code == 405
        head = shared_client("HEAD", "/new", headers=BROWSER)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PAGE)))

    def test_a_page_is_compared_at_each_use(self, shared_client):
        first = shared_client.get("/", headers=BROWSER)
        assert (first.headers["cache-control"], first.headers["vary"]) == ("no-cache", "Accept, Accept-Encoding")
        again = shared_client.get("/s/x", headers=BROWSER | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert shared_client.get("/", headers=BROWSER | {"If-None-Match": '"x"'}).status_code == 200

    def test_a_new_build_shows_without_a_restart(self, shared_client, static):
        etag = shared_client.get("/", headers=BROWSER).headers["etag"]
        (static / "index.html").write_text(PAGE + "!")
        try:
            assert shared_client.get("/", headers=BROWSER | {"If-None-Match": etag}).text == PAGE + "!"
        finally:
            (static / "index.html").write_text(PAGE)

    def test_from_a_foreign_name_there_is_none(self, shared_client):
        assert shared_client.get("/", headers=BROWSER | {"Host": "evil.example"}).status_code == 403

    def test_other_origins_can_embed_none(self, shared_client):
        headers = shared_client.get("/", headers=BROWSER).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.usefixtures("static")
class TestFiles:
    def test_an_asset_is_kept_and_never_asked_for_again(self, shared_serve):
        answer = shared_serve(api_token="t").get("/assets/main-a1b2.js")
        assert (answer.status_code, answer.text) == (200, SCRIPT)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"

    def test_it_was_compressed_when_it_was_built(self, shared_client, static):
        zipped = raw(shared_client, "/assets/main-a1b2.js", "gzip, br")
        assert zipped.headers["content-encoding"] == "gzip"
        assert int(zipped.headers["content-length"]) == (static / "assets/main-a1b2.js.gz").stat().st_size
        plain = raw(shared_client, "/assets/main-a1b2.js", "identity")
        assert "content-encoding" not in plain.headers
        assert plain.text == zipped.text == SCRIPT

    def test_other_files_are_compared_at_each_use(self, shared_client):
        answer = shared_client.get("/theme.js")
        assert (answer.text, answer.headers["cache-control"]) == (THEME, "no-cache")
        assert shared_client.get("/theme.js", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304

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
    def test_nothing_else_is_an_asset(self, shared_client, path):
        answer = shared_client.get(path, headers=BROWSER)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("path", ["/manifest.json", "/sources.sha256", "/..%2fsettings.py", "/x.js", "/assets"])
    def test_nothing_else_is_open(self, shared_serve, path):
        assert shared_serve(api_token="t").get(path).status_code == 401

    def test_no_file_hides_a_path_of_the_api(self, shared_client):
        paths = shared_client.get("/openapi.json").json()["paths"]
        at_the_top = [path for path in paths if path.count("/") == 1]  # where the files of the dashboard are
        assert not [path for path in at_the_top if Path(path).suffix in pages.MEDIA_TYPES]
        assert not [path for path in paths if path.startswith(pages.ASSETS)]
        assert [path for path in paths if pages.is_page(path)] == ["/", "/login"]


class TestWhereItIsNotBuilt:
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def missing(cls, tmp_path_factory):
        with served_from(tmp_path_factory.mktemp("dashboard") / "absent"):
            yield

    @pytest.mark.parametrize("path", ADDRESSES)
    def test_a_browser_is_told_the_one_command(self, shared_serve, path):
        answer = shared_serve(api_token="t").get(path, headers=BROWSER)
        assert answer.status_code == 200
        assert "<pre>make dashboard</pre>" in answer.text
        assert answer.headers["cache-control"] == "no-store"

    def test_the_api_works(self, shared_client):
        assert shared_client.get("/").json()["name"] == "tuner"
        assert shared_client.get("/jobs").json()["items"] == []


class TestCompression:
    def test_a_long_answer_is_compressed_for_whoever_takes_that(self, shared_client):
        zipped, plain = raw(shared_client, "/openapi.json", "gzip"), raw(shared_client, "/openapi.json", "identity")
        assert (zipped.headers["content-encoding"], zipped.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert "content-encoding" not in plain.headers
        assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"]) / 4
        assert zipped.json() == plain.json()

    def test_a_short_one_is_not(self, shared_client):
        assert "content-encoding" not in raw(shared_client, "/health", "gzip").headers

    def test_the_live_feed_never_is(self, listen, store, settings):
        """A browser would show events only once enough of them have come to fill a block."""
        studies.running(store, settings.results_dir)
        path = f"{listen().address}/jobs/running/events"
        with httpx.stream("GET", path, headers={"Accept-Encoding": "gzip"}, timeout=WAIT_S) as answer:
            assert "content-encoding" not in answer.headers
            assert next(answer.iter_raw()).startswith(b"retry: ")

    def test_head_has_the_headers_of_the_compressed_answer(self, shared_client):
        asked = {"Accept-Encoding": "gzip"}
        head, answer = (shared_client(method, "/openapi.json", headers=asked) for method in ("HEAD", "GET"))
        assert head.headers["content-encoding"] == "gzip"
        assert head.headers["content-length"] == answer.headers["content-length"]
        assert head.content == b""
