"""A tiny S3: takes signed PUTs, gives what it took to presigned GETs, refuses on demand."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit


class TinyBucket:
    """One bucket on a port of this machine, within `with`. `objects` holds what was put, by path."""

    access_key_id, secret_access_key = "AKIATEST", "bucket-secret"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.refuse_with: int | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """What a worker is given."""
        return {
            "BUCKET_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_port}",
            "BUCKET_ACCESS_KEY_ID": self.access_key_id,
            "BUCKET_SECRET_ACCESS_KEY": self.secret_access_key,
        }

    def __enter__(self) -> Self:
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if bucket.refuse_with or f"Credential={bucket.access_key_id}/" not in self.headers["Authorization"]:
                    self._answer(bucket.refuse_with or 403, b"<Error><Code>AccessDenied</Code></Error>")
                    return
                bucket.objects[urlsplit(self.path).path] = content
                self._answer(200, b"")

            def do_GET(self) -> None:
                path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
                signed = {"X-Amz-Signature", "X-Amz-Expires", "X-Amz-Credential"} <= set(query)
                if not signed or path not in bucket.objects:
                    self._answer(403 if not signed else 404, b"")
                    return
                self._answer(200, bucket.objects[path])

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="bucket", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
