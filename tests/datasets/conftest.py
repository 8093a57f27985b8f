"""Small real files to load, and the loopback server that stands in for the network."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tuner.data import Data, RawTest
from tuner.data_spec import DataSpec
from tuner.datasets import fetch, load

Load = Callable[..., tuple[Data, RawTest]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has an empty download cache of its own, and no test waits before it tries again."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(fetch, "RETRIES", 0)
    return tmp_path / "keras" / "datasets"


@pytest.fixture
def loads() -> Load:
    """load(DataSpec(...)) by plain arguments."""

    def of(dataset: str | Path, **fields: object) -> tuple[Data, RawTest]:
        return load(DataSpec.model_validate({"dataset": str(dataset), **fields}))

    return of


@pytest.fixture
def images() -> tuple[np.ndarray, np.ndarray]:
    """60 random greyscale images of 3 classes, 7 x 5 pixels."""
    random = np.random.default_rng(0)
    return random.integers(0, 256, (60, 7, 5), np.uint8), np.arange(60) % 3


@pytest.fixture
def npz(tmp_path: Path) -> Callable[..., Path]:
    """Writes arrays into own.npz and returns its path."""

    def write(**arrays: object) -> Path:
        np.savez(tmp_path / "own.npz", **arrays)
        return tmp_path / "own.npz"

    return write


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files that some machines have."""
    default = Path(__file__).parents[2] / ".." / "shared" / "data"
    folder = Path(os.environ.get("TUNER_SHARED_DATA", default))
    if not (folder / "mnist.npz").is_file():
        pytest.skip("no real mnist.npz and imdb.npz here: set TUNER_SHARED_DATA to their folder")
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Address of a web server on this machine, and the folder that it serves; /x?broken breaks off early."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(folder))

        def do_GET(self) -> None:
            if self.path.endswith("?broken"):
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"the first few bytes")
            else:
                super().do_GET()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/", folder
        listening.shutdown()
        thread.join()
