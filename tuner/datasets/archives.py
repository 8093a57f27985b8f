"""Readers of the downloadable data sets' file formats: IDX, CIFAR batches, GTSRB zips and Keras's pickled .npz."""

from __future__ import annotations

import csv
import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from tuner.data import Array
from tuner.datasets import unpickling
from tuner.datasets.npz import from_arrays
from tuner.datasets.raw_samples import EncodedImages, ImageSample, RawSamples, read_errors

_IDX_IMAGES, _IDX_LABELS = 2051, 2049
_IDX_NAMES = ("train-images?idx3", "train-labels?idx1", "t10k-images?idx3", "t10k-labels?idx1")
_GTSRB_TRAINING = re.compile(r"(?:^|/)(\d{5})/[^/]+\.ppm$")


def read_pickled_npz(paths: Sequence[Path]) -> RawSamples:
    """Return Keras's imdb.npz or reuters.npz: rows of word indices in pickled lists, which are unpickled safely."""
    (path,) = paths
    with read_errors(path, "an .npz file in Keras's format"):
        arrays = unpickling.read_npz(path)
    return from_arrays(path, list(arrays), arrays.__getitem__)


def idx_files(folder: Path) -> list[Path]:
    """Return the four IDX files in a folder, or in `raw` inside as torchvision stores them; none if one is missing."""
    for inside in (folder, folder / "raw"):
        found = [sorted(file for file in inside.glob(f"{name}-ubyte*") if file.is_file()) for name in _IDX_NAMES]
        if all(found):
            return [files[0] for files in found]
    return []


def read_idx(paths: Sequence[Path]) -> RawSamples:
    """Return the samples of training images, training labels, test images and test labels in IDX format, or gzipped."""
    x, y, x_test, y_test = (_idx(path) for path in paths)
    return RawSamples(str(paths[0].parent), x, y, x_test, y_test)


def _idx(path: Path) -> npt.NDArray[np.uint8]:
    with read_errors(path, "an IDX file of images or labels"):
        data = path.read_bytes()
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        magic = int.from_bytes(data[:4], "big")
        if magic not in (_IDX_IMAGES, _IDX_LABELS):
            raise ValueError(f"its magic number is {magic}")
        axes = magic & 0xFF
        shape = [int(size) for size in np.frombuffer(data, ">u4", axes, offset=4)]
        return np.frombuffer(data, np.uint8, offset=4 * (1 + axes)).reshape(shape)


def read_cifar10(paths: Sequence[Path]) -> RawSamples:
    """Return CIFAR-10 from its archive or the folder inside: 32 x 32 RGB images in channels-first pickled batches."""
    return _cifar(paths, [f"data_batch_{i}" for i in range(1, 6)], "test_batch", "labels")


def read_cifar100(paths: Sequence[Path]) -> RawSamples:
    """Return CIFAR-100 with its 100 fine classes, from its archive or the folder inside."""
    return _cifar(paths, ["train"], "test", "fine_labels")


def _cifar(paths: Sequence[Path], train: Sequence[str], test: str, key: str) -> RawSamples:
    (path,) = paths
    with read_errors(path, "the Python version of CIFAR"):
        batches = {name: _batch(file, key) for name, file in _members(path, {*train, test})}
        missing = [name for name in (*train, test) if name not in batches]
        if missing:
            raise ValueError(f"missing {', '.join(missing)}")
        x = np.concatenate([batches[name][0] for name in train])
        y = np.concatenate([batches[name][1] for name in train])
        return RawSamples(str(path), x, y, *batches[test])


def _members(path: Path, names: set[str]) -> Iterator[tuple[str, IO[bytes]]]:
    """The files of these names in a folder or a tar archive, read without unpacking it."""
    if path.is_dir():
        for name in sorted(names):
            with (path / name).open("rb") as file:
                yield name, file
        return
    with tarfile.open(path) as archive:
        for member in archive:
            name = Path(member.name).name
            content = archive.extractfile(member) if name in names else None
            if content is not None:
                yield name, content


def _batch(file: IO[bytes], key: str) -> tuple[Array, Array]:
    content: dict[Any, Any] = unpickling.unpickle(file)
    named = {name.decode() if isinstance(name, bytes) else name: value for name, value in content.items()}
    images = np.asarray(named["data"], np.uint8).reshape(-1, 3, 32, 32)
    return images.transpose(0, 2, 3, 1), np.asarray(named[key], np.int64)


def read_gtsrb(paths: Sequence[Path]) -> EncodedImages:
    """Return GTSRB's traffic signs from three zips: training images, test images and classes."""
    training, testing, test_classes = paths
    with read_errors(training, "the zip of GTSRB's training images"):
        matches = [(file, _GTSRB_TRAINING.search(file.at)) for file in _zipped(training)]
        train = [ImageSample(file.at, file, int(match[1])) for file, match in matches if match]
        if not train:
            raise ValueError("no .ppm images in folders named by five digits")
    with read_errors(test_classes, "the zip of GTSRB's test classes"), zipfile.ZipFile(test_classes) as archive:
        names = [name for name in archive.namelist() if name.endswith(".csv")]
        rows = list(csv.DictReader(io.StringIO(archive.read(names[0]).decode()), delimiter=";"))
        class_of = {row["Filename"]: int(row["ClassId"]) for row in rows}
    with read_errors(testing, "the zip of GTSRB's test images"):
        files = [file for file in _zipped(testing) if file.name.endswith(".ppm")]
        test = [ImageSample(file.at, file, class_of[file.name]) for file in files]
        if not test:
            raise ValueError("no .ppm images")
    return EncodedImages(str(training.parent), {"train": train, "test": test})


def _zipped(path: Path) -> list[zipfile.Path]:
    """Return the files in a zip, by name; they are read when they are opened."""
    archive = zipfile.ZipFile(path)
    return [zipfile.Path(archive, name) for name in sorted(archive.namelist())]
