"""Sizes of what a browser loads, compressed. They need no browser and no luck."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.serve_app.dashboard.browser import STATIC

MANIFEST = STATIC / "manifest.json"
KB = 1000
FIRST_LOAD, THREE, SCENE, LATER = 200 * KB, 200 * KB, 30 * KB, 60 * KB

pytestmark = pytest.mark.skipif(not MANIFEST.is_file(), reason="the dashboard is not built: make dashboard")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MANIFEST.read_text())
    return found


def size(file: str) -> int:
    """Bytes of a file as `gzip -9` makes them."""
    return len(gzip.compress((STATIC / file).read_bytes(), 9))


def loaded(manifest: dict[str, Any], *chunks: str) -> set[str]:
    """The files that a browser loads with these chunks: their imports and styles too."""
    files: set[str] = set()
    waiting = list(chunks)
    while waiting:
        chunk = manifest[waiting.pop()]
        if chunk["file"] not in files:
            files |= {chunk["file"], *chunk.get("css", ())}
            waiting += chunk.get("imports", ())
    return files


def test_the_first_load(manifest: dict[str, Any]) -> None:
    """The page with the list of studies: what `/` needs until it shows them."""
    pages = [name for name in manifest if name.endswith(("studies/StudiesPage.tsx", "index.html"))]
    assert len(pages) == 2
    workers = {file.relative_to(STATIC).as_posix() for file in (STATIC / "assets").glob("worker-*.js")}
    files = loaded(manifest, *pages) | workers | {"index.html", "theme.js"}
    sizes = {file: size(file) for file in sorted(files)}
    assert sum(sizes.values()) <= FIRST_LOAD, sizes
    assert not [file for file in files if "three" in file or "uPlot" in file]


def test_three_with_fiber_and_controls(manifest: dict[str, Any]) -> None:
    files = list((STATIC / "assets").glob("three-*.js"))
    assert files
    assert sum(size(f"assets/{file.name}") for file in files) <= THREE


def test_every_part_that_is_loaded_later() -> None:
    parts = [file.name for file in (STATIC / "assets").glob("*.js") if not file.name.startswith(("index-", "three-"))]
    assert len(parts) > 10
    assert {part: bytes_ for part in parts if (bytes_ := size(f"assets/{part}")) > LATER} == {}


def test_our_scene(manifest: dict[str, Any]) -> None:
    files = [*(STATIC / "assets").glob("Scene3d-*.js"), *(STATIC / "assets").glob("NetworkView-*.js")]
    assert len(files) >= 2
    assert sum(size(f"assets/{file.name}") for file in files) <= SCENE


def test_every_asset_is_stored_compressed_too() -> None:
    for file in (STATIC / "assets").glob("*.js"):
        stored = file.with_name(f"{file.name}.gz")
        if file.stat().st_size > 2 * KB:
            assert gzip.decompress(stored.read_bytes()) == file.read_bytes()
