"""What an upload may consist of: refused before it is made in memory. Users' own files have no limits."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tuner.datasets.catalogue import read_dataset
from tuner.datasets.inspection import inspect_dataset
from tuner.datasets.limits import ReadLimits, limited_to
from tuner.datasets.samples import checked_samples
from tuner.datasets.uploads import FOLDER
from tuner.errors import FixInputError

LIMITS = ReadLimits(decoded_bytes=20_000, columns=100, rows=1_000, cells=5_000, classes=5, label_length=10)
MIB = 2**20


def rows(count: int) -> list[dict[str, str]]:
    return [{"text": f"text {number}", "label": "good" if number % 2 else "bad"} for number in range(count)]


def csv(count: int) -> bytes:
    return ("text,label\n" + "".join(f"{row['text']},{row['label']}\n" for row in rows(count))).encode()


def wide(columns: int) -> bytes:
    header = ",".join(f"c{number}" for number in range(columns))
    return f"{header}\n{','.join('1' * columns)}\n".encode()


def lines(objects: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, objects)).encode()


def parquet(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def promised(shape: tuple[int, ...]) -> bytes:
    """An .npz file whose first array is nothing but a header."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        with archive.open("x.npy", "w") as x:
            np.lib.format.write_array_header_1_0(x, {"descr": "|u1", "fortran_order": False, "shape": shape})
        with archive.open("y.npy", "w") as y:
            np.lib.format.write_array(y, np.arange(4) % 2)
    return file.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(suffix: str, content: bytes) -> Path:
        path = tmp_path / f"own.{suffix}"
        path.write_bytes(content)
        return path

    return write


DECODED = "has more than 20,000 bytes when it is decompressed"
MANY_ROWS = "has more than 1,000 rows of 2 columns"
CASES: dict[str, tuple[str, bytes, str]] = {
    "a gzipped table": ("csv.gz", gzip.compress(csv(40) + b" " * MIB), DECODED),
    "columns": ("csv", wide(101), "has 101 columns"),
    "rows": ("csv", csv(1_001), MANY_ROWS),
    "cells": (
        "csv",
        wide(100) + b",".join([b"1"] * 100) + b"\n" + (b"1," * 99 + b"1\n") * 60,
        "more than 50 rows of 100",
    ),
    "rows of JSON": ("json", json.dumps(rows(1_001)).encode(), MANY_ROWS),
    "columns of JSON": ("json", json.dumps({f"c{n}": [1] for n in range(101)}).encode(), "has 101 columns"),
    "keys of columns": (
        "json",
        json.dumps({f"c{n}": {f"r{n}": 1} for n in range(90)}).encode(),
        "has more than 55 rows of 90 columns",
    ),
    "lines of JSON": ("jsonl", lines(rows(1_001)), MANY_ROWS),
    "keys of lines": ("jsonl", lines([{f"c{n}": 1} for n in range(101)]), "has 101 columns"),
    "keys of lines as cells": (
        "jsonl",
        lines([{f"c{n}": 1} for n in range(90)]),
        "has more than 55 rows of 90 columns",
    ),
    "rows of Parquet": ("parquet", parquet(pd.DataFrame({"text": "a", "label": ["b"] * 1_001})), MANY_ROWS),
    "columns of Parquet": ("parquet", parquet(pd.DataFrame({f"c{n}": [1] for n in range(101)})), "has 101 columns"),
    "texts of Parquet": (
        "parquet",
        parquet(pd.DataFrame({"text": ["a" * 1_000] * 100, "label": ["b"] * 100})),
        DECODED,
    ),
    "arrays": ("npz", npz(x=np.zeros((600, 6, 6), np.uint8), y=np.arange(600) % 3), DECODED),
    "promised arrays": ("npz", promised((40_000, 200, 200)), DECODED),
    "samples": ("npz", npz(x=np.zeros((1_001, 1, 1), np.uint8), y=np.arange(1_001, dtype=np.int8) % 3), "1,000 rows"),
    "word indices": (
        "npz",
        npz(
            x=np.tile(np.r_[np.arange(1, 91), np.zeros(10)].astype(np.uint8), (60, 1)),
            y=np.arange(60, dtype=np.int8) % 3,
        ),
        "more than 50 rows of 100 columns",
    ),
    "classes": ("csv", b"text,label\n" + b"".join(b"a,%d\n" % (n % 6) for n in range(60)), "has 6 classes"),
    "a label": (
        "csv",
        b"text,label\n" + b"".join(b"a,%s\n" % (b"x" * (10 + n % 2)) for n in range(60)),
        "has a label of 11 characters",
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_what_is_beyond_a_limit_is_refused_with_it(file: Callable[[str, bytes], Path], kind: str) -> None:
    suffix, content, said = CASES[kind]
    path = file(suffix, content)
    with limited_to(LIMITS), pytest.raises(FixInputError, match=said) as error:
        checked_samples(read_dataset(str(path), None))
    assert error.value.remedy.startswith("use ")


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        ("csv", csv(400)),
        ("csv.gz", gzip.compress(csv(400))),
        ("json", json.dumps(rows(300)).encode()),
        ("json", json.dumps({"text": ["a", "b"] * 200, "label": ["x", "y"] * 200}).encode()),
        ("jsonl", lines(rows(300))),
        ("parquet", parquet(pd.DataFrame(rows(300)))),
        ("npz", npz(x=np.zeros((300, 6, 6), np.uint8), y=np.arange(300) % 3)),
    ],
)
def test_what_is_within_them_is_read_as_without_them(
    file: Callable[[str, bytes], Path], suffix: str, content: bytes
) -> None:
    path = str(file(suffix, content))
    with limited_to(LIMITS):
        limited = checked_samples(read_dataset(path, None))
    free = checked_samples(read_dataset(path, None))
    assert limited.labels == free.labels
    assert limited.notes == free.notes
    assert limited.parts["train"].x.tolist() == free.parts["train"].x.tolist()


def test_users_own_files_have_none(file: Callable[[str, bytes], Path]) -> None:
    assert len(checked_samples(read_dataset(str(file("csv", csv(1_001))), None)).parts["train"]) == 1_001


@pytest.mark.parametrize("cell", [b"1" * 200_000 + b"x", b" " * 200_000 + b"x", b"1 " * 8 + b" " * 200_000 + b"x"])
def test_no_cell_takes_long_to_understand(file: Callable[[str, bytes], Path], cell: bytes) -> None:
    path = file("csv", b"pixels,label\n" + b"".join(b"%s,%d\n" % (cell, n % 2) for n in range(4)))
    began_s = time.process_time()
    checked_samples(read_dataset(str(path), None))
    assert time.process_time() - began_s < 5


class TestUploadedTables:
    """A table that was uploaded names no files of this machine: neither their pixels nor their existence show."""

    @pytest.fixture
    def secret(self, tmp_path: Path) -> list[Path]:
        from PIL import Image

        files = [tmp_path / "secret" / f"{number}.png" for number in range(40)]
        files[0].parent.mkdir()
        for number, file in enumerate(files):
            Image.fromarray(np.full((8, 8), number, np.uint8)).save(file)
        return files

    def table(self, folder: Path, names: list[str]) -> Path:
        folder.mkdir(parents=True)
        path = folder / "own.csv"
        path.write_text("image,label\n" + "".join(f"{name},{n % 2}\n" for n, name in enumerate(names)))
        return path

    @pytest.mark.parametrize("folder", ["own", ".unfinished-0123"])
    @pytest.mark.parametrize("form", ["absolute", "relative"])
    def test_read_no_images_elsewhere(self, tmp_path: Path, secret: list[Path], folder: str, form: str) -> None:
        names = [str(file) if form == "absolute" else f"../../../secret/{file.name}" for file in secret]
        path = self.table(tmp_path / "results" / FOLDER / folder, names)
        with pytest.raises(FixInputError, match=r"40 of 40 images that own\.csv names do not exist") as error:
            inspect_dataset(path)
        assert error.value.remedy == "upload a zip file with the images of each class in a folder"
        with pytest.raises(FixInputError, match="do not exist"):
            read_dataset(str(path), None)

    def test_those_of_the_operator_do(self, tmp_path: Path, secret: list[Path]) -> None:
        found = read_dataset(str(self.table(tmp_path / "own", list(map(str, secret)))), None)
        assert len(found.parts["train"]) == 40
