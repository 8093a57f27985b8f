"""Weights on their way back: whole, or not at all."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from tuner.remote_protocol import WeightsAddress, WeightsUnavailable, digest, pack, parts_of
from tuner.runners.runpod.weights import NoWeightsError, received

WEIGHTS = [np.random.default_rng(0).random((500, 500)).astype(np.float32), np.zeros((), np.float64)]
PACKED = pack(WEIGHTS)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Nothing."""


@pytest.fixture
def bucket(tmp_path):
    """The address of a bucket that holds the weights."""
    (tmp_path / "weights").write_bytes(PACKED)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def same(arrays):
    return all(np.array_equal(*pair) and pair[0].dtype == pair[1].dtype for pair in zip(arrays, WEIGHTS, strict=True))


def test_parts_are_joined_whatever_their_order():
    parts = list(parts_of(PACKED))
    assert len(parts) > 1
    assert same(received(parts[::-1]))


def test_a_missing_part_is_told():
    with pytest.raises(NoWeightsError, match="parts"):
        received(list(parts_of(PACKED))[1:])


def test_parts_that_were_changed_on_the_way_are_refused():
    first, *others = parts_of(PACKED)
    with pytest.raises(NoWeightsError, match="SHA-256 differs"):
        received([first.model_copy(update={"data": others[0].data}), *others])


def test_weights_in_a_bucket_are_fetched(bucket):
    assert same(received([WeightsAddress(url=f"{bucket}/weights", sha256=digest(PACKED), bytes=len(PACKED))]))


@pytest.mark.parametrize(
    ("path", "sha256", "size", "why"),
    [
        ("weights", "0" * 64, len(PACKED), "other bytes than announced"),
        ("weights", digest(PACKED), 10, "more bytes than announced"),
        ("gone", digest(PACKED), len(PACKED), "the bucket answers with HTTP 404"),
    ],
)
def test_a_bucket_that_holds_something_else_is_told(bucket, path, sha256, size, why):
    with pytest.raises(NoWeightsError, match=why):
        received([WeightsAddress(url=f"{bucket}/{path}", sha256=sha256, bytes=size)])


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x?signature=secret", "file:///etc/passwd", "secret"])
def test_a_bucket_that_is_away_is_told_without_its_address(url):
    with pytest.raises(NoWeightsError, match="the bucket cannot be reached: ") as caught:
        received([WeightsAddress(url=url, sha256="", bytes=1)])
    assert "secret" not in str(caught.value)


def test_why_there_are_none_is_told_in_one_line():
    with pytest.raises(NoWeightsError, match=r"^no bucket, and 9 MB are too much$"):
        received([WeightsUnavailable(unavailable="no bucket,\nand 9 MB are too much")])
