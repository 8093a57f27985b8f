"""A small S3 on a port of this machine, for clients that take it for the real one: objects in memory, no signatures.

It answers what pyarrow asks: one bucket, objects put whole or in parts, read, listed and deleted.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "bucket"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "somebody",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",  # else clients ask for a role, and wait
}
"""What those have who are let in."""


class TinyS3:
    """What is in the bucket, and what is refused."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.objects: dict[str, bytes] = {}
        """By key."""
        self.refuse_with: int | None = None
        """Status of all answers; None: none is refused."""

    def address(self, prefix: str) -> str:
        return f"s3://{BUCKET}/{prefix}?scheme=http&endpoint_override=127.0.0.1:{self.port}&region=here"


@contextmanager
def serving() -> Iterator[TinyS3]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.s3, server.parts = TinyS3(server.server_port), {}  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, name="s3", daemon=True)
    thread.start()
    try:
        yield server.s3  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _begin(self) -> bool:
        """Reads the request; False: it is refused."""
        parts = urlsplit(self.path)
        _, self.bucket, *key = unquote(parts.path).split("/", 2)
        self.key = key[0] if key else ""
        self.query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.content = self._content()
        self.s3: TinyS3 = self.server.s3  # type: ignore[attr-defined]
        self.parts: dict[str, dict[int, bytes]] = self.server.parts  # type: ignore[attr-defined]
        if self.s3.refuse_with is not None:
            denied = _xml("Error", Code="AccessDenied", Message="Access Denied")
            self._answer(self.s3.refuse_with, denied)
            return False
        if self.bucket != BUCKET:
            self._answer(404, _xml("Error", Code="NoSuchBucket", Message="no such bucket"))
            return False
        return True

    def _content(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            sent = _unchunked(self.rfile)
        else:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        # Amazon's own chunks, which carry a checksum at their end.
        return _unchunked(BytesIO(sent)) if "aws-chunked" in self.headers.get("Content-Encoding", "") else sent

    def do_HEAD(self) -> None:
        if self._begin():
            if self.key and self.key not in self.s3.objects:
                self._answer(404)
            else:
                self._object(self.s3.objects.get(self.key, b""), body=False)

    def do_GET(self) -> None:
        if not self._begin():
            return
        if "list-type" in self.query:
            self._list()
        elif self.key not in self.s3.objects:
            self._answer(404, _xml("Error", Code="NoSuchKey", Message="no such key"))
        else:
            self._object(self.s3.objects[self.key], body=True)

    def do_PUT(self) -> None:
        if not self._begin():
            return
        if "uploadId" in self.query:
            self.parts[self.query["uploadId"]][int(self.query["partNumber"])] = self.content
        else:
            self.s3.objects[self.key] = self.content
        self._answer(200, etag=self.content)

    def do_POST(self) -> None:
        if not self._begin():
            return
        if "delete" in self.query:
            for key in re.findall(r"<Key>(.*?)</Key>", self.content.decode()):
                self.s3.objects.pop(key, None)
            self._answer(200, "<DeleteResult/>")
        elif "uploads" in self.query:
            upload = f"upload-{len(self.parts)}"
            self.parts[upload] = {}
            self._answer(200, _xml("InitiateMultipartUploadResult", Bucket=BUCKET, Key=self.key, UploadId=upload))
        else:
            parts = self.parts.pop(self.query["uploadId"])
            self.s3.objects[self.key] = b"".join(parts[number] for number in sorted(parts))
            self._answer(200, _xml("CompleteMultipartUploadResult", Bucket=BUCKET, Key=self.key, ETag="whole"))

    def do_DELETE(self) -> None:
        if self._begin():
            self.s3.objects.pop(self.key, None)
            self._answer(204)

    def _list(self) -> None:
        prefix, delimiter = self.query.get("prefix", ""), self.query.get("delimiter")
        keys = sorted(key for key in self.s3.objects if key.startswith(prefix))
        folders: list[str] = []
        if delimiter is not None:
            deeper = [key for key in keys if delimiter in key[len(prefix) :]]
            folders = sorted({prefix + key[len(prefix) :].split(delimiter)[0] + delimiter for key in deeper})
            keys = [key for key in keys if key not in deeper]
        found = "".join(
            _xml("Contents", Key=key, Size=len(self.s3.objects[key]), ETag="e", LastModified="2100-01-01T00:00:00.000Z")
            for key in keys
        )
        found += "".join(_xml("CommonPrefixes", Prefix=folder) for folder in folders)
        self._answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>")

    def _object(self, content: bytes, *, body: bool) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), int(asked[2] or len(content) - 1)) if asked else (0, len(content) - 1)
        part = content[first : last + 1]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Last-Modified", formatdate(4102444800, usegmt=True))
        self.send_header("ETag", f'"{md5(content).hexdigest()}"')
        self.end_headers()
        if body:
            self.wfile.write(part)

    def _answer(self, status: int, text: str = "", etag: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("ETag", f'"{md5(etag).hexdigest()}"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def _unchunked(stream: BinaryIO) -> bytes:
    content = b""
    while size := int(stream.readline().split(b";")[0], 16):
        content += stream.read(size)
        stream.readline()
    while stream.readline().strip():
        pass  # what comes after the last chunk, up to an empty line
    return content


def _xml(tag: str, **values: object) -> str:
    return f"<{tag}>{''.join(f'<{name}>{escape(str(value))}</{name}>' for name, value in values.items())}</{tag}>"
